//! What is imported: a path on this machine, or a URL.

mod authority;
mod error;
mod host;
mod parse;
pub(crate) mod percent;
mod remote_url;
mod scheme;
mod scp;
#[cfg(test)]
mod spellings;
mod system;

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

pub(crate) use authority::host_and_port;
pub use host::Host;
pub use parse::{ParsedSource, SourceOptions};
pub use remote_url::RemoteUrl;
pub use scheme::Scheme;
pub use system::OtherSystem;

use crate::error::{Error, display_path};

/// Where an import comes from: a path on this machine, or a remote.
///
/// ```
/// use gitlade::Source;
/// for text in ["https://github.com/vercel/next.js.git", "git@github.com:vercel/next.js.git"] {
///     let source = Source::parse(text)?;
///     assert_eq!(source.owner(), Some("vercel"));
///     assert_eq!(source.repository().as_deref(), Some("next.js"));
/// }
/// # Ok::<(), gitlade::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// A repository on this machine, or a folder inside of one.
    Local(PathBuf),
    /// A repository on another machine.
    Remote(RemoteUrl),
}

impl Source {
    /// Reads a path or a URL, by Git's rules where they are safe.
    ///
    /// - `https://`, `http://`, `ssh://` and `git://` are remotes, and so is `user@host:path`: a text
    ///   with a colon before its first slash. A path with such a colon is written `./a:b`.
    ///   `C:\path` and `C:/path` are paths.
    /// - A final slash and `.git` are optional.
    /// - A user name in an `https` or `http` URL is left out; with a password as well, the URL is
    ///   refused. [`SourceOptions::parse`] hands both over as credentials instead.
    ///
    /// Nothing is looked up, neither on the disk nor on the network.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidSource`](crate::ErrorKind::InvalidSource): control characters, white
    /// space around a URL, hosts and paths that look like options, remote helpers (`ext::…`),
    /// `file://`, IPv4 addresses in unusual forms, queries, and what else is no URL. The message
    /// never holds the text itself, because of what may stand in it.
    /// [`ErrorKind::OtherSystem`](crate::ErrorKind::OtherSystem) for `svn://` and `svn+ssh://`,
    /// and pages of TFVC with a query.
    pub fn parse(text: impl AsRef<[u8]>) -> Result<Self, Error> {
        let parsed = parse::parse(text.as_ref(), &SourceOptions::default())?;
        if parsed.has_password {
            return Err(error::SourceError::CredentialsInUrl.into());
        }
        Ok(parsed.source)
    }

    /// Who the repository belongs to, as in [`RemoteUrl::owner`]; `None` for a path.
    pub fn owner(&self) -> Option<&str> {
        match self {
            Source::Local(_) => None,
            Source::Remote(url) => Some(url.owner()),
        }
    }

    /// The repository's name: as in [`RemoteUrl::repository`], or the path's last component without
    /// `.git`; `None` for a path that does not end in a name.
    pub fn repository(&self) -> Option<Cow<'_, str>> {
        match self {
            Source::Remote(url) => Some(Cow::Borrowed(url.repository())),
            Source::Local(path) => {
                let path = match path.file_name() {
                    Some(name) if name == ".git" => path.parent()?,
                    _ => path,
                };
                let name = path.file_name()?.to_string_lossy();
                Some(match name.strip_suffix(".git") {
                    Some(stem) if !stem.is_empty() => Cow::Owned(stem.to_owned()),
                    _ => name,
                })
            }
        }
    }
}

impl From<RemoteUrl> for Source {
    fn from(url: RemoteUrl) -> Self {
        Source::Remote(url)
    }
}

/// The path in quotes, or the URL's canonical form. Neither holds control characters or secrets.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Local(path) => f.write_str(&display_path(path)),
            Source::Remote(url) => url.fmt(f),
        }
    }
}
