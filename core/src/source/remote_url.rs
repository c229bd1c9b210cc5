//! A URL of a remote repository, without secrets.

use std::fmt;

use crate::printable::Printable;
use crate::source::error::SourceError;
use crate::source::{Host, Scheme, percent};

/// The URL of a remote repository: checked, in one spelling, and without credentials.
///
/// `Display` gives the canonical form: scheme and host in lowercase, no default port, no final
/// slash, one spelling of percent encoding. A user name stays only where it says whom to log in as
/// (`ssh`); of an `https` or `http` URL it is taken out, since many put a token there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RemoteUrl {
    scheme: Scheme,
    host: Host,
    port: Option<u16>,
    user: Option<String>,
    /// Percent-encoded. Begins with a slash unless it came from `host:path`, where it is relative
    /// to the home of the user who logs in.
    path: String,
    owner: String,
    repository: String,
}

impl RemoteUrl {
    /// Puts checked parts together; `path` is normalized.
    pub(crate) fn new(
        scheme: Scheme,
        host: Host,
        port: Option<u16>,
        user: Option<String>,
        path: &str,
    ) -> Result<Self, SourceError> {
        let trimmed = path.trim_end_matches('/');
        if trimmed.is_empty() {
            return Err(SourceError::NoPath);
        }
        let may_have_dots = scheme == Scheme::Ssh;
        if !may_have_dots && trimmed.split('/').any(|s| matches!(s, "." | "..")) {
            return Err(SourceError::DotSegment);
        }
        if percent::decode(trimmed)?.iter().any(u8::is_ascii_control) {
            return Err(SourceError::ControlCharacter);
        }
        let (owner, repository) = names(&host, trimmed);
        if repository.is_empty() {
            return Err(SourceError::NoPath);
        }
        Ok(RemoteUrl {
            scheme,
            port: port.filter(|&port| port != scheme.default_port()),
            host,
            user,
            path: trimmed.to_owned(),
            owner,
            repository,
        })
    }

    /// The root of a web server, which is no repository, to ask what it is. Its path is a slash.
    pub(crate) fn root(scheme: Scheme, host: Host, port: Option<u16>) -> Self {
        RemoteUrl {
            scheme,
            port: port.filter(|&port| port != scheme.default_port()),
            host,
            user: None,
            path: "/".to_owned(),
            owner: String::new(),
            repository: String::new(),
        }
    }

    /// How the remote is reached.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port that is dialled: the URL's, or the scheme's own.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(self.scheme.default_port())
    }

    /// Whom to log in as, for `ssh` only.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The path, percent-encoded and without a final slash. It begins with a slash, except for the
    /// `host:path` form, where it is relative to the home of the user who logs in.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path as `ssh` and `git` servers get it: decoded, and `/~user/…` without the slash, as in
    /// Git.
    pub(crate) fn server_path(&self) -> Vec<u8> {
        let path = match self.scheme {
            Scheme::Ssh | Scheme::Git if self.path.starts_with("/~") => &self.path[1..],
            _ => &self.path,
        };
        percent::decode(path).expect("because new() has decoded it")
    }

    /// Who the repository belongs to: all of the path but its last segment, such as `vercel` of
    /// `vercel/next.js`, or `group/subgroup`; empty if there is no more than one segment.
    ///
    /// Azure's `_git` segment is left out. A segment that does not decode to printable text stays
    /// encoded.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The repository's name: the path's last segment without `.git`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The same repository by `https`, on the default port, for the hosts that offer both; `None` if
    /// the path is one below somebody's home.
    ///
    /// The separate hosts on which GitHub, GitLab, Bitbucket and Azure take `ssh` become their
    /// `https` hosts.
    pub fn to_https(&self) -> Option<RemoteUrl> {
        let path = self.path.trim_start_matches('/');
        if path.starts_with('~') {
            return None;
        }
        let mut host = self.host.clone();
        let mut path = format!("/{path}");
        if let Host::Name(name) = &self.host {
            let other = match name.as_str() {
                "ssh.github.com" => Some("github.com"),
                "altssh.gitlab.com" => Some("gitlab.com"),
                "altssh.bitbucket.org" => Some("bitbucket.org"),
                "ssh.dev.azure.com" => {
                    path = format!("/{}/_git/{}", self.owner, self.repository);
                    path = percent::encode(path.as_bytes());
                    Some("dev.azure.com")
                }
                _ => None,
            };
            if let Some(other) = other {
                host = Host::Name(other.to_owned());
            }
        }
        let port = self.port.filter(|_| self.scheme == Scheme::Https);
        RemoteUrl::new(Scheme::Https, host, port, None, &path).ok()
    }
}

impl fmt::Display for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = match &self.user {
            Some(user) => format!("{}@", percent::encode(user.as_bytes()).replace('@', "%40")),
            None => String::new(),
        };
        let host = &self.host;
        if !self.path.starts_with('/') {
            let path = percent::decode(&self.path).map_err(|_| fmt::Error)?;
            let user = self.user.as_deref().map(|user| format!("{user}@"));
            let user = user.unwrap_or_default();
            return match self.port {
                Some(port) => write!(f, "{user}[{host}:{port}]:{}", Printable(&path)),
                None => write!(f, "{user}{host}:{}", Printable(&path)),
            };
        }
        write!(f, "{}://{user}{host}", self.scheme)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.path)
    }
}

/// Owner and repository, for people and databases.
fn names(host: &Host, path: &str) -> (String, String) {
    let mut segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    // The folder inside of a work tree.
    if segments.len() > 1 && segments.last() == Some(&".git") {
        segments.pop();
    }
    let last = segments.pop().unwrap_or_default();
    let repository = match last.strip_suffix(".git") {
        Some(name) if !name.is_empty() => name,
        _ => last,
    };
    // https://dev.azure.com/ORGANISATION/PROJECT/_git/NAME and
    // git@ssh.dev.azure.com:v3/ORGANISATION/PROJECT/NAME.
    if segments.last() == Some(&"_git") {
        segments.pop();
    }
    let is_azure_ssh = matches!(host, Host::Name(name) if name == "ssh.dev.azure.com");
    if is_azure_ssh && segments.first() == Some(&"v3") {
        segments.remove(0);
    }
    let owner: Vec<String> = segments.into_iter().map(shown).collect();
    (owner.join("/"), shown(repository))
}

/// Decodes a segment if what comes out is plain text.
fn shown(segment: &str) -> String {
    let decoded = percent::decode(segment)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded {
        Some(text)
            if !text.contains(['/', '\\']) && Printable(text.as_bytes()).to_string() == text =>
        {
            text
        }
        _ => segment.to_owned(),
    }
}
