//! What can be wrong with the folders of a repository.

use std::borrow::Cow;
use std::fmt;

use crate::error::{ErrorKind, StageError};
use crate::id::ObjectId;
use crate::printable::Printable;

use super::parse::EntryKind;

/// What Git's fsck says about a tree that could harm a host, under the name that Git gives it.
///
/// See `git help fsck`, "FSCK MESSAGES".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FsckMessage {
    BadFilemode,
    DuplicateEntries,
    EmptyName,
    FullPathname,
    GitmodulesSymlink,
    HasDot,
    HasDotdot,
    HasDotgit,
    NullSha1,
    TreeNotSorted,
}

impl FsckMessage {
    /// Git's message id.
    pub(crate) fn id(self) -> &'static str {
        match self {
            FsckMessage::BadFilemode => "badFilemode",
            FsckMessage::DuplicateEntries => "duplicateEntries",
            FsckMessage::EmptyName => "emptyName",
            FsckMessage::FullPathname => "fullPathname",
            FsckMessage::GitmodulesSymlink => "gitmodulesSymlink",
            FsckMessage::HasDot => "hasDot",
            FsckMessage::HasDotdot => "hasDotdot",
            FsckMessage::HasDotgit => "hasDotgit",
            FsckMessage::NullSha1 => "nullSha1",
            FsckMessage::TreeNotSorted => "treeNotSorted",
        }
    }

    /// What is wrong, to follow "the entry NAME".
    fn meaning(self) -> &'static str {
        match self {
            FsckMessage::BadFilemode => "has a mode of no known type",
            FsckMessage::DuplicateEntries => "is there twice",
            FsckMessage::EmptyName => "has an empty name",
            FsckMessage::FullPathname => "has a slash in its name",
            FsckMessage::GitmodulesSymlink => "is a symlink that stands for .gitmodules",
            FsckMessage::HasDot => "stands for the folder itself",
            FsckMessage::HasDotdot => "stands for the folder above",
            FsckMessage::HasDotgit => "stands for .git on some file system",
            FsckMessage::NullSha1 => "names the null object id",
            FsckMessage::TreeNotSorted => "is not where Git's order puts it",
        }
    }
}

impl fmt::Display for FsckMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// What can be wrong with the folders of a repository.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TreeError {
    #[error(
        "the entry \"{}\" of tree {tree} {} ({message}); it names object {entry}",
        Printable(path),
        message.meaning()
    )]
    Hostile {
        message: FsckMessage,
        tree: ObjectId,
        /// The object that the entry names.
        entry: ObjectId,
        /// The folder's path, and behind a slash the entry's name.
        path: Vec<u8>,
    },
    #[error(
        "the tree {tree} of {} is no tree (badTree): {reason} at byte {offset}",
        folder(path)
    )]
    Malformed {
        tree: ObjectId,
        path: Vec<u8>,
        reason: &'static str,
        offset: usize,
    },
    #[error("the tree {tree} of {} is not in the repository", folder(path))]
    Missing { tree: ObjectId, path: Vec<u8> },
    #[error("the tree {tree} of {} contains itself", folder(path))]
    Cycle { tree: ObjectId, path: Vec<u8> },
    #[error("there is no \"{}\" in the tree", Printable(path))]
    PathNotFound { path: Vec<u8>, near: Vec<Vec<u8>> },
    #[error("\"{}\" is a {} and no folder", Printable(path), kind_name(*kind))]
    PathIsOther { path: Vec<u8>, kind: EntryKind },
    #[error(
        "\"{}\" is no path inside a repository: it has {reason}",
        Printable(path)
    )]
    InvalidPath { path: Vec<u8>, reason: &'static str },
}

fn folder(path: &[u8]) -> String {
    if path.is_empty() {
        return "the root folder".to_owned();
    }
    format!("the folder \"{}\"", Printable(path))
}

fn kind_name(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Folder => "folder",
        EntryKind::File => "file",
        EntryKind::Symlink => "symlink",
        EntryKind::Submodule => "submodule",
    }
}

impl StageError for TreeError {
    fn kind(&self) -> ErrorKind {
        match self {
            TreeError::Hostile { .. } => ErrorKind::HostileTree,
            TreeError::Malformed { .. } | TreeError::Cycle { .. } => ErrorKind::CorruptObject,
            TreeError::Missing { .. } => ErrorKind::MissingObject,
            TreeError::PathNotFound { .. } => ErrorKind::PathNotFound,
            TreeError::PathIsOther { .. } => ErrorKind::PathIsOther,
            TreeError::InvalidPath { .. } => ErrorKind::InvalidOptions,
        }
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            TreeError::Hostile { .. } => Cow::Borrowed(
                "no honest program commits this; if you trust the repository's owner, ask for a \
                 commit that `git fsck --strict` does not complain about",
            ),
            TreeError::Malformed { .. } | TreeError::Cycle { .. } => Cow::Borrowed(
                "run `git fsck --full` in the repository, and fetch or clone it again",
            ),
            TreeError::Missing { .. } => Cow::Borrowed(
                "run `git fsck` in the repository; if it is a partial clone without trees, fetch \
                 them first",
            ),
            TreeError::PathNotFound { near, .. } if near.is_empty() => {
                Cow::Borrowed("check the spelling, and that the revision has it")
            }
            TreeError::PathNotFound { near, .. } => {
                let names: Vec<_> = near
                    .iter()
                    .map(|n| format!("\"{}\"", Printable(n)))
                    .collect();
                Cow::Owned(format!("did you mean {}?", names.join(" or ")))
            }
            TreeError::PathIsOther { .. } => Cow::Borrowed("name the folder that it is in"),
            TreeError::InvalidPath { .. } => {
                Cow::Borrowed("write it as folder/folder, from the root of the repository")
            }
        })
    }

    fn path(&self) -> Option<&[u8]> {
        match self {
            TreeError::Hostile { path, .. }
            | TreeError::Malformed { path, .. }
            | TreeError::Missing { path, .. }
            | TreeError::Cycle { path, .. }
            | TreeError::PathNotFound { path, .. }
            | TreeError::PathIsOther { path, .. }
            | TreeError::InvalidPath { path, .. } => Some(path),
        }
    }

    fn object(&self) -> Option<ObjectId> {
        match self {
            TreeError::Hostile { tree, .. }
            | TreeError::Malformed { tree, .. }
            | TreeError::Missing { tree, .. }
            | TreeError::Cycle { tree, .. } => Some(*tree),
            _ => None,
        }
    }
}
