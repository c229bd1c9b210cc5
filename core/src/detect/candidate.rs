//! What could be meant by a URL: a repository, and what of it.

use serde::{Serialize, Serializer};

use crate::import::Options;
use crate::source::RemoteUrl;

/// What a path in a repository leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Target {
    /// The whole repository.
    Repository,
    /// A folder.
    Folder,
    /// One file.
    File,
    /// A folder or a file: the URL does not tell.
    Either,
}

/// Something that can be imported: a repository, and which part of which revision.
///
/// ```
/// use gitlade::{ForgePage, Options};
/// let page = ForgePage::parse("https://github.com/vercel/next.js/blob/v15.0.0/docs/index.md#L3");
/// let candidate = &page.expect("it is a page").candidates()[0];
/// assert_eq!(candidate.url.to_string(), "https://github.com/vercel/next.js");
/// let options = candidate.apply(Options::default());
/// assert_eq!(options.revision.as_deref(), Some("v15.0.0"));
/// assert_eq!(options.subdir.as_deref(), Some(&b"docs"[..]));
/// assert_eq!(options.include, ["/index.md"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Candidate {
    /// The repository.
    #[serde(serialize_with = "as_text")]
    pub url: RemoteUrl,
    /// A branch, tag or full commit id, as [`Options::revision`] takes it; `None` is `HEAD`.
    pub revision: Option<String>,
    /// The path inside of the repository; `None` is its root.
    pub path: Option<String>,
    /// What the path leads to.
    pub target: Target,
}

impl Candidate {
    /// The repository as a whole.
    pub(super) fn repository(url: RemoteUrl) -> Self {
        Candidate {
            url,
            revision: None,
            path: None,
            target: Target::Repository,
        }
    }

    /// Sets what of the repository is imported: revision, folder, and for a file, or what may be
    /// one, a pattern that only it matches. Paths in the manifest are then relative to the folder
    /// that it is in.
    pub fn apply(&self, mut options: Options) -> Options {
        options.revision = self.revision.clone();
        options.subdir = self.subdir().map(|path| path.as_bytes().to_vec());
        options.include.extend(self.include());
        options
    }

    /// The folder to import, as [`Options::subdir`] takes it.
    pub fn subdir(&self) -> Option<&str> {
        let path = self.path.as_deref()?;
        match self.target {
            Target::Repository => None,
            Target::Folder => Some(path),
            Target::File | Target::Either => Some(path.rsplit_once('/')?.0),
        }
    }

    /// The pattern of what is imported from that folder, as [`Options::include`] takes it; `None` is
    /// everything.
    pub fn include(&self) -> Option<String> {
        let path = self.path.as_deref()?;
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        match self.target {
            Target::Repository | Target::Folder => None,
            Target::File | Target::Either => Some(literal(name)),
        }
    }
}

/// A pattern in the syntax of `.gitignore` that matches this name in the root folder alone.
fn literal(name: &str) -> String {
    let mut pattern = "/".to_owned();
    for c in name.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '\\' | ' ' | '!' | '#') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

fn as_text<S: Serializer>(url: &RemoteUrl, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(url)
}
