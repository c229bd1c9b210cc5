//! The version control systems that are not Git.

use std::fmt;
use std::path::Path;

use serde::Serialize;

use crate::source::error::SourceError;
use crate::source::parse::parse;
use crate::source::{Host, RemoteUrl, Source, SourceOptions};

/// Another version control system than Git, which is recognised to be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OtherSystem {
    /// Subversion, by `svn://`, `svn+ssh://` or WebDAV.
    Subversion,
    /// Mercurial, by http.
    Mercurial,
    /// Team Foundation Version Control, of Azure DevOps and Team Foundation Server.
    Tfvc,
}

impl OtherSystem {
    /// The name, for people.
    pub const fn name(self) -> &'static str {
        match self {
            OtherSystem::Subversion => "Subversion",
            OtherSystem::Mercurial => "Mercurial",
            OtherSystem::Tfvc => "Team Foundation Version Control",
        }
    }

    /// What to do about it, as a sentence.
    pub(crate) const fn advice(self) -> &'static str {
        match self {
            OtherSystem::Subversion => {
                "gitlade imports Git only: convert it, as with `git svn clone`, and import the result"
            }
            OtherSystem::Mercurial => {
                "gitlade imports Git only: convert it, as with `hg-fast-export`, and import the result"
            }
            OtherSystem::Tfvc => {
                "gitlade imports Git only: convert it, as with `git tfs clone`, and import the result"
            }
        }
    }

    /// The system that a scheme belongs to.
    pub(super) fn of_scheme(scheme: &str) -> Option<Self> {
        ["svn", "svn+ssh"]
            .iter()
            .any(|name| scheme.eq_ignore_ascii_case(name))
            .then_some(OtherSystem::Subversion)
    }

    /// The system that a text alone names, by its scheme or as a page of Azure DevOps.
    pub(crate) fn of_text(text: &[u8]) -> Option<Self> {
        match parse(text, &SourceOptions::default()) {
            Ok(parsed) => match parsed.source {
                Source::Remote(url) => Self::of_url(&url),
                Source::Local(_) => None,
            },
            Err(SourceError::OtherSystem(system)) => Some(system),
            Err(_) => None,
        }
    }

    /// The system of a page that no other one has.
    pub(crate) fn of_url(url: &RemoteUrl) -> Option<Self> {
        Self::of_page(url.host(), url.path())
    }

    /// The same, by host and path: `_versionControl` of Azure DevOps.
    pub(super) fn of_page(host: &Host, path: &str) -> Option<Self> {
        let host = match host {
            Host::Name(host) => host,
            Host::Address(_) => return None,
        };
        let is_azure = host == "dev.azure.com" || host.ends_with(".visualstudio.com");
        (is_azure && Self::is_tfvc_path(path)).then_some(OtherSystem::Tfvc)
    }

    /// Whether a server of Microsoft's would show TFVC at the path.
    pub(crate) fn is_tfvc_path(path: &str) -> bool {
        path.split('/').any(|segment| {
            segment.eq_ignore_ascii_case("_versionControl") || matches!(segment, "$" | "%24")
        })
    }

    /// The system of the working copy that `folder` is in, or of the repository that it is. Only
    /// names are looked at.
    pub(crate) fn of_folder(folder: &Path) -> Option<Self> {
        let folder = folder.canonicalize().ok()?;
        let holds = |folder: &Path, name: &str| folder.join(name).is_dir();
        // What `svnadmin create` makes.
        let is_svn_store = |folder: &Path| {
            ["db", "conf", "hooks", "locks"]
                .iter()
                .all(|name| holds(folder, name))
                && folder.join("format").is_file()
        };
        folder.ancestors().find_map(|folder| {
            if holds(folder, ".svn") || is_svn_store(folder) {
                Some(OtherSystem::Subversion)
            } else if holds(folder, ".hg") {
                Some(OtherSystem::Mercurial)
            } else if holds(folder, "$tf") {
                Some(OtherSystem::Tfvc)
            } else {
                None
            }
        })
    }
}

impl fmt::Display for OtherSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
