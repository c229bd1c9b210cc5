//! What can be wrong with a repository on disk.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::error::{ErrorKind, StageError, display_path};
use crate::id::ObjectId;
use crate::printable::Printable;
use crate::source::OtherSystem;

/// What a foreign error says, which may quote bytes of the repository as they are.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub(crate) struct Cause {
    text: String,
    source: Option<Box<Cause>>,
}

impl Cause {
    pub(super) fn new(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::of(&*error.into())
    }

    fn of(error: &dyn std::error::Error) -> Self {
        Cause {
            text: Printable(error.to_string().as_bytes()).to_string(),
            source: error.source().map(|source| Box::new(Self::of(source))),
        }
    }
}

/// A repository on disk could not be opened, or has not what was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LocalError {
    #[error("there is nothing at {}", display_path(path))]
    NoSuchPath { path: PathBuf },
    #[error("there is no Git repository at {} or above it", display_path(path))]
    NotARepository { path: PathBuf },
    #[error("{} is in a {system} repository or working copy", display_path(path))]
    OtherSystem { path: PathBuf, system: OtherSystem },
    #[error("the repository {} cannot be opened", display_path(path))]
    Open { path: PathBuf, source: Cause },
    #[error(
        "the repository {} keeps its refs in the reftable format",
        display_path(path)
    )]
    Reftable { path: PathBuf },
    #[error(
        "the repository {} needs \"{}\", which is not known",
        display_path(path),
        Printable(extension.as_bytes())
    )]
    Extension { path: PathBuf, extension: String },
    #[error(
        "the repository {} uses the unknown object format {format:?}",
        display_path(path)
    )]
    ObjectFormat { path: PathBuf, format: String },
    #[error(
        "HEAD of {} names the branch \"{}\", which has no commit yet",
        display_path(path),
        Printable(branch)
    )]
    UnbornHead { path: PathBuf, branch: Vec<u8> },
    #[error("HEAD, or a ref, of {} cannot be read", display_path(path))]
    Head { path: PathBuf, source: Cause },
    #[error(
        "the revision \"{}\" is not in the repository{}",
        Printable(revision),
        near_names(near)
    )]
    RevisionNotFound {
        revision: Vec<u8>,
        near: Vec<String>,
        shallow: bool,
        source: Option<Cause>,
    },
    #[error(
        "the revision \"{}\" is ambiguous{}",
        Printable(revision),
        near_names(candidates)
    )]
    RevisionAmbiguous {
        revision: Vec<u8>,
        candidates: Vec<String>,
    },
    #[error(
        "the revision \"{}\" names a range, not one commit",
        Printable(revision)
    )]
    RevisionRange { revision: Vec<u8> },
    #[error("object {id} is not in the repository")]
    MissingObject { id: ObjectId },
    #[error("the pack index {} is damaged", display_path(file))]
    Index { file: PathBuf, source: Cause },
    #[error("the pack index {} has no pack beside it", display_path(file))]
    PackMissing { file: PathBuf },
    #[error("the alternates of {} cannot be followed", display_path(path))]
    Alternates { path: PathBuf, source: Cause },
    #[error("{} is not read: {problem}", display_path(file))]
    Unreadable {
        file: PathBuf,
        problem: &'static str,
    },
    #[error("the loose object {} is damaged: {problem}", display_path(file))]
    Loose {
        file: PathBuf,
        id: ObjectId,
        problem: &'static str,
    },
}

fn near_names(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    format!("; near it are: {}", names.join(", "))
}

impl StageError for LocalError {
    fn kind(&self) -> ErrorKind {
        match self {
            LocalError::NoSuchPath { .. } | LocalError::NotARepository { .. } => {
                ErrorKind::NotARepository
            }
            LocalError::OtherSystem { .. } => ErrorKind::OtherSystem,
            LocalError::Open { .. }
            | LocalError::Head { .. }
            | LocalError::Index { .. }
            | LocalError::PackMissing { .. }
            | LocalError::Unreadable { .. }
            | LocalError::Alternates { .. } => ErrorKind::CorruptRepository,
            LocalError::Reftable { .. }
            | LocalError::Extension { .. }
            | LocalError::ObjectFormat { .. } => ErrorKind::UnsupportedRepository,
            LocalError::UnbornHead { .. } => ErrorKind::UnbornHead,
            LocalError::RevisionNotFound { .. } => ErrorKind::RevisionNotFound,
            LocalError::RevisionAmbiguous { .. } => ErrorKind::RevisionAmbiguous,
            LocalError::RevisionRange { .. } => ErrorKind::RevisionNotATree,
            LocalError::MissingObject { .. } => ErrorKind::MissingObject,
            LocalError::Loose { .. } => ErrorKind::CorruptObject,
        }
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        let advice = match self {
            LocalError::NoSuchPath { .. } => "check the spelling of the path",
            LocalError::OtherSystem { system, .. } => system.advice(),
            LocalError::NotARepository { .. } => {
                "name a folder inside a work tree, or a bare repository"
            }
            LocalError::Open { .. } | LocalError::Head { .. } => {
                "check with git status or git fsck that Git can read it"
            }
            LocalError::Reftable { .. } => {
                "convert it with git refs migrate --ref-format=files, or import it over a URL"
            }
            LocalError::Extension { .. } => "import it over a URL, from a server that knows it",
            LocalError::ObjectFormat { .. } => "only sha1 and sha256 exist so far",
            LocalError::UnbornHead { .. } => "commit something first, or name a revision",
            LocalError::RevisionNotFound { shallow: true, .. } => {
                "the repository is shallow, so older commits may be cut off; fetch them first"
            }
            LocalError::RevisionNotFound { .. } => {
                "name a branch, a tag, or an object id that git rev-parse knows"
            }
            LocalError::RevisionAmbiguous { .. } => "give more digits, or the full ref name",
            LocalError::RevisionRange { .. } => "name a commit, a tag of one, or a tree",
            LocalError::MissingObject { .. } => {
                "fetch it, or allow missing objects if the repository is incomplete on purpose"
            }
            LocalError::Loose { .. } => {
                "run git fsck in the repository, and fetch it anew if it is damaged"
            }
            LocalError::Index { .. } => "rebuild it with git index-pack",
            LocalError::PackMissing { .. } => "restore the pack, or fetch the repository anew",
            LocalError::Alternates { .. } => "check objects/info/alternates",
            LocalError::Unreadable { .. } => "do not trust this repository, or restore the file",
        };
        Some(Cow::Borrowed(advice))
    }

    fn file(&self) -> Option<&Path> {
        match self {
            LocalError::NoSuchPath { path }
            | LocalError::NotARepository { path }
            | LocalError::OtherSystem { path, .. }
            | LocalError::Open { path, .. }
            | LocalError::Reftable { path }
            | LocalError::Extension { path, .. }
            | LocalError::ObjectFormat { path, .. }
            | LocalError::UnbornHead { path, .. }
            | LocalError::Head { path, .. }
            | LocalError::Alternates { path, .. } => Some(path),
            LocalError::Index { file, .. }
            | LocalError::Unreadable { file, .. }
            | LocalError::PackMissing { file }
            | LocalError::Loose { file, .. } => Some(file),
            _ => None,
        }
    }

    fn object(&self) -> Option<ObjectId> {
        match self {
            LocalError::MissingObject { id } | LocalError::Loose { id, .. } => Some(*id),
            _ => None,
        }
    }
}
