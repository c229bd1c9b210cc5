//! What can be wrong with a pack or an object.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::error::{ErrorKind, StageError, display_path};
use crate::id::ObjectId;

/// A pack, or one entry in it, is damaged.
#[derive(Debug, thiserror::Error)]
#[error("{}, entry at byte {offset}: {problem}", match file {
    Some(file) => format!("pack {}", display_path(file)),
    None => "the received pack".to_owned(),
})]
pub(crate) struct PackError {
    pub(crate) file: Option<PathBuf>,
    pub(crate) offset: u64,
    pub(crate) object: Option<ObjectId>,
    pub(crate) problem: EntryProblem,
}

/// What is wrong with one entry of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EntryProblem {
    #[error("the pack ends in the middle of it")]
    CutOff,
    #[error("its header is malformed")]
    Header,
    #[error("its type {0} does not exist")]
    UnknownType(u8),
    #[error("its compressed data is damaged")]
    Deflate,
    #[error("it holds more or fewer bytes than its header says")]
    SizeMismatch,
    #[error("its checksum in the index differs")]
    Checksum,
    #[error("the offset of its delta base lies outside of the pack")]
    BaseOffset,
    #[error("its delta base is not in the pack")]
    BaseMissing,
    #[error("its delta bases form a circle")]
    DeltaCycle,
    #[error("its delta is malformed")]
    Delta,
    #[error("its delta is for a base of another size")]
    DeltaBaseSize,
    #[error("its content does not have the id by which it is known")]
    IdMismatch,
    #[error("its content is an attempt at a SHA-1 collision")]
    Collision,
}

impl StageError for PackError {
    fn kind(&self) -> ErrorKind {
        match self.file {
            Some(_) => ErrorKind::CorruptObject,
            None => ErrorKind::CorruptPack,
        }
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(match self.file {
            Some(_) => "run git fsck in the repository, and fetch it anew if it is damaged",
            None => "try again; if it persists, the server or a proxy damages the data",
        }))
    }

    fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    fn object(&self) -> Option<ObjectId> {
        self.object
    }
}
