//! What was found at a URL or a path.

use serde::Serialize;

use crate::detect::candidate::Candidate;
use crate::detect::page::ForgePage;
use crate::id::ObjectFormat;
use crate::source::OtherSystem;

/// What is at a URL or a path.
///
/// All texts in it that a server has said are cleaned of control characters and bounded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Detected {
    /// A Git server, which can be imported from: smart HTTP, `ssh` or `git`.
    #[non_exhaustive]
    GitSmart {
        /// The version of the protocol that it speaks with us: 2, or 0 for the older ones.
        protocol: u8,
        /// The hash function of its ids.
        #[serde(serialize_with = "as_text")]
        object_format: ObjectFormat,
        /// The branch that `HEAD` names.
        default_branch: Option<String>,
        /// Whether `HEAD` has no commit, as in a repository that has none yet.
        unborn: bool,
    },
    /// A Git repository that is served as static files, which cannot be imported from.
    #[non_exhaustive]
    GitDumb {
        /// The branch that `HEAD` names.
        default_branch: Option<String>,
    },
    /// A Git repository on this machine.
    #[non_exhaustive]
    GitFolder {
        /// The hash function of its ids.
        #[serde(serialize_with = "as_text")]
        object_format: ObjectFormat,
    },
    /// A Subversion repository or working copy.
    Subversion,
    /// A Mercurial repository.
    Mercurial,
    /// Team Foundation Version Control.
    Tfvc,
    /// A web page.
    #[non_exhaustive]
    WebPage {
        /// Its title.
        title: Option<String>,
    },
    /// Nothing, or something that the server hides from those who have no access.
    #[non_exhaustive]
    Nothing {
        /// The HTTP status that said so.
        status: Option<u16>,
    },
    /// Something that is shown to those who log in.
    #[non_exhaustive]
    NeedsAuthentication {
        /// How, as the server names it: `Basic`, `Bearer`.
        schemes: Vec<String>,
        /// What for, in the server's words.
        realm: Option<String>,
    },
    /// Something else.
    #[non_exhaustive]
    Unknown {
        /// The HTTP status.
        status: Option<u16>,
        /// Its content type.
        content_type: Option<String>,
    },
}

impl Detected {
    /// Whether it can be imported.
    pub fn is_importable(&self) -> bool {
        matches!(self, Detected::GitSmart { .. } | Detected::GitFolder { .. })
    }

    /// The other version control system that it is.
    pub fn other_system(&self) -> Option<OtherSystem> {
        match self {
            Detected::Subversion => Some(OtherSystem::Subversion),
            Detected::Mercurial => Some(OtherSystem::Mercurial),
            Detected::Tfvc => Some(OtherSystem::Tfvc),
            _ => None,
        }
    }
}

impl From<OtherSystem> for Detected {
    fn from(system: OtherSystem) -> Self {
        match system {
            OtherSystem::Subversion => Detected::Subversion,
            OtherSystem::Mercurial => Detected::Mercurial,
            OtherSystem::Tfvc => Detected::Tfvc,
        }
    }
}

/// What is at a URL or a path, and what of it may be meant.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Detection {
    /// What is there. For a page of a known forge that is the repository that the page belongs to;
    /// for what only looks like one, the page.
    #[serde(flatten)]
    pub kind: Detected,
    /// The forge's page that the URL is, unless it is the repository's own URL.
    pub page: Option<ForgePage>,
    /// What to import, the likeliest first; empty if there is nothing, and for a path, which is
    /// imported as it is.
    pub candidates: Vec<Candidate>,
    /// Whether the first of them is what is meant, beyond doubt.
    pub certain: bool,
}

impl Detection {
    pub(super) fn new(kind: Detected) -> Self {
        Detection {
            kind,
            page: None,
            candidates: Vec::new(),
            certain: false,
        }
    }

    /// What is to be imported, if that is beyond doubt.
    pub fn certain(&self) -> Option<&Candidate> {
        self.candidates.first().filter(|_| self.certain)
    }
}

fn as_text<S: serde::Serializer>(format: &ObjectFormat, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(format)
}
