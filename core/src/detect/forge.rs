//! The forges whose pages are known.

use std::fmt;

use serde::Serialize;

use crate::detect::address::Address;
use crate::detect::forges::{self, Read};

/// The software, or the service, that a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum Forge {
    /// GitHub, its raw files, archives and gists, and GitHub Enterprise.
    #[serde(rename = "github")]
    GitHub,
    /// GitLab, of any host.
    #[serde(rename = "gitlab")]
    GitLab,
    /// Bitbucket Cloud.
    #[serde(rename = "bitbucket")]
    Bitbucket,
    /// Bitbucket Server and Data Center.
    #[serde(rename = "bitbucket-server")]
    BitbucketServer,
    /// Forgejo and Gitea, such as Codeberg.
    #[serde(rename = "forgejo")]
    Forgejo,
    /// SourceHut.
    #[serde(rename = "sourcehut")]
    SourceHut,
    /// Azure DevOps.
    #[serde(rename = "azure-devops")]
    AzureDevOps,
    /// Gitiles, such as `googlesource.com`.
    #[serde(rename = "gitiles")]
    Gitiles,
    /// cgit, such as `git.kernel.org`.
    #[serde(rename = "cgit")]
    Cgit,
    /// AWS CodeCommit.
    #[serde(rename = "codecommit")]
    CodeCommit,
}

impl Forge {
    /// The name, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Forge::GitHub => "GitHub",
            Forge::GitLab => "GitLab",
            Forge::Bitbucket => "Bitbucket",
            Forge::BitbucketServer => "Bitbucket Server",
            Forge::Forgejo => "Forgejo",
            Forge::SourceHut => "SourceHut",
            Forge::AzureDevOps => "Azure DevOps",
            Forge::Gitiles => "Gitiles",
            Forge::Cgit => "cgit",
            Forge::CodeCommit => "CodeCommit",
        }
    }

    /// The forge that a public host belongs to, and what the page says then.
    pub(super) fn known(address: &Address) -> Option<(Self, Option<Read>)> {
        let name = address.public_name()?;
        let is_below = |domain: &str| {
            let sub = name.strip_suffix(domain);
            sub.is_some_and(|sub| sub.ends_with('.') && sub.len() > 1)
        };
        Some(match name {
            "github.com" | "www.github.com" | "github.dev" => {
                (Forge::GitHub, forges::github::page(address))
            }
            "raw.githubusercontent.com" => (Forge::GitHub, forges::github::raw(address)),
            "codeload.github.com" => (Forge::GitHub, forges::github::archive(address)),
            "gist.github.com" | "gist.githubusercontent.com" => {
                (Forge::GitHub, forges::github::gist(address))
            }
            "gitlab.com"
            | "salsa.debian.org"
            | "gitlab.gnome.org"
            | "gitlab.freedesktop.org"
            | "gitlab.kitware.com"
            | "invent.kde.org" => (Forge::GitLab, forges::gitlab::page(address, true)),
            "bitbucket.org" => (Forge::Bitbucket, forges::bitbucket::cloud(address)),
            "codeberg.org" | "gitea.com" | "code.forgejo.org" => {
                (Forge::Forgejo, forges::forgejo::page(address, true))
            }
            "git.sr.ht" => (Forge::SourceHut, forges::others::sourcehut(address)),
            "dev.azure.com" => (Forge::AzureDevOps, forges::azure::page(address)),
            "git.kernel.org" => (Forge::Cgit, forges::others::cgit(address)),
            _ if is_below("visualstudio.com") => (Forge::AzureDevOps, forges::azure::page(address)),
            _ if is_below("googlesource.com") => (Forge::Gitiles, forges::others::gitiles(address)),
            _ if is_below("console.aws.amazon.com") => {
                (Forge::CodeCommit, forges::others::codecommit(address))
            }
            _ => return None,
        })
    }

    /// The forge that a page of any other host looks like.
    pub(super) fn guessed(address: &Address) -> Option<(Self, Read)> {
        type Reader = fn(&Address) -> Option<Read>;
        let guesses: [(Self, Reader); 7] = [
            (Forge::GitLab, |it| forges::gitlab::page(it, false)),
            (Forge::AzureDevOps, forges::azure::page),
            (Forge::BitbucketServer, forges::bitbucket::server),
            (Forge::Forgejo, |it| forges::forgejo::page(it, false)),
            (Forge::Gitiles, forges::others::gitiles),
            (Forge::Cgit, forges::others::cgit),
            (Forge::GitHub, forges::github::enterprise),
        ];
        guesses
            .into_iter()
            .find_map(|(forge, read)| Some((forge, read(address)?)))
    }
}

impl fmt::Display for Forge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
