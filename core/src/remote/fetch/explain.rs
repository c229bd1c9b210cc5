//! What a failure of the protocol means to the host, and what to do about it.

use std::borrow::Cow;

use super::error::FetchError;
use super::server_message::Refusal;
use crate::error::{ErrorKind, StageError};

impl StageError for FetchError {
    fn kind(&self) -> ErrorKind {
        match self {
            FetchError::Remote(error) => error.kind(),
            FetchError::Limit(error) => error.kind(),
            FetchError::Ssh(error) => error.kind(),
            FetchError::Options(error) => error.kind(),
            FetchError::Ended { .. } => ErrorKind::ConnectionFailed,
            FetchError::NoPack(_) => ErrorKind::Timeout,
            FetchError::NotGit { .. } => ErrorKind::NotAGitServer,
            FetchError::OtherSystem(_) => ErrorKind::OtherSystem,
            FetchError::Malformed { .. } => ErrorKind::Protocol,
            FetchError::ObjectFormat { .. } => ErrorKind::UnsupportedRepository,
            FetchError::InvalidRevision { .. } | FetchError::BeyondDepth { .. } => {
                ErrorKind::InvalidOptions
            }
            FetchError::RefNotFound { .. } | FetchError::IdNotFound { .. } => {
                ErrorKind::RevisionNotFound
            }
            FetchError::UnbornHead { .. } => ErrorKind::UnbornHead,
            FetchError::Refused { refusal, .. } => match refusal {
                Refusal::AuthenticationFailed => ErrorKind::AuthenticationFailed,
                Refusal::RevisionNotFound => ErrorKind::RevisionNotFound,
                _ => ErrorKind::Server,
            },
        }
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        let advice = match self {
            FetchError::Remote(error) => return error.advice(),
            FetchError::Limit(error) => return error.advice(),
            FetchError::Ssh(error) => return error.advice(),
            FetchError::Options(error) => return error.advice(),
            FetchError::Ended { .. } => {
                "try again; if it happens again, ask who runs the server or the proxy on the way"
            }
            FetchError::NoPack(_) => "try again, or raise the stall timeout",
            FetchError::NotGit { .. } => {
                "use the URL that the host shows for cloning, not that of a page"
            }
            FetchError::OtherSystem(system) => system.advice(),
            FetchError::Malformed { .. } => {
                "try again; if it happens again, ask who runs the server or the proxy on the way"
            }
            FetchError::ObjectFormat { .. } => return None,
            FetchError::InvalidRevision { .. } => {
                "name a branch, a tag, a full ref or a full commit id"
            }
            FetchError::BeyondDepth { needed, .. } => {
                return Some(Cow::Owned(format!(
                    "ask for a depth of {needed} (--depth {needed}), or name the commit by its full id"
                )));
            }
            FetchError::RefNotFound {
                near,
                default_branch,
                abbreviation,
                ..
            } => return Some(similar(near, default_branch.as_deref(), *abbreviation)),
            FetchError::IdNotFound {
                tips_only: true, ..
            } => "this server hands out branches and tags only: name one of those",
            FetchError::IdNotFound { .. } => {
                "check the id, and that the commit is in this repository and not only in a fork"
            }
            FetchError::UnbornHead { branches } => {
                return Some(Cow::Owned(format!(
                    "name a branch: {}",
                    branches.join(", ")
                )));
            }
            FetchError::Refused { refusal, .. } => match refusal {
                Refusal::AuthenticationFailed => {
                    "check that the credentials are complete, have not expired and are for this host"
                }
                Refusal::RevisionNotFound => {
                    "check the revision: the server may have removed it a moment ago"
                }
                _ => "try again later, or ask who runs the server",
            },
        };
        Some(Cow::Borrowed(advice))
    }

    fn limit(&self) -> Option<&'static str> {
        match self {
            FetchError::Remote(error) => error.limit(),
            FetchError::Limit(error) => error.limit(),
            _ => None,
        }
    }
}

fn similar(near: &[String], default_branch: Option<&str>, abbreviation: bool) -> Cow<'static, str> {
    let mut advice = String::new();
    if !near.is_empty() {
        advice = format!("did you mean {}?", near.join(", "));
    } else if let Some(branch) = default_branch {
        advice = format!("the default branch is {branch}");
    }
    if abbreviation {
        if !advice.is_empty() {
            advice.push_str("; ");
        }
        advice.push_str(
            "a commit has to be named by its full id, because servers do not know abbreviations",
        );
    }
    if advice.is_empty() {
        return Cow::Borrowed("check the name; `gitlade ls-remote` lists what there is");
    }
    Cow::Owned(advice)
}
