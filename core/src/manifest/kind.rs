//! What an entry is, and what is known of it.

use super::skip::SkipReason;
use crate::content::{Content, LfsPointer};
use crate::id::{ContentHash, ObjectId};

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryKind<'a> {
    /// A folder.
    Folder(FolderEntry),
    /// A file, executable or not.
    File(FileEntry<'a>),
    /// A symlink, which nothing follows.
    Symlink(SymlinkEntry<'a>),
    /// A submodule, which nothing fetches.
    Submodule(SubmoduleEntry<'a>),
}

/// What is known of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FolderEntry {
    /// The tree object.
    pub id: ObjectId,
    /// BLAKE3 of the folder's entries, as the [module](crate::Manifest) defines it.
    pub digest: ContentHash,
    /// Files below it at any depth, the skipped ones included.
    pub files: u64,
    /// Bytes of the files and symlinks below it that were read.
    pub bytes: u64,
}

/// What is known of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileEntry<'a> {
    /// The blob.
    pub id: ObjectId,
    /// Whether Git would make it executable.
    pub executable: bool,
    /// The content's facts, or why there are none.
    pub body: Body<FileFacts<'a>>,
}

/// What is known of a symlink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SymlinkEntry<'a> {
    /// The blob.
    pub id: ObjectId,
    /// The target, or why it was not read.
    pub body: Body<SymlinkFacts<'a>>,
}

/// What is known of a submodule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubmoduleEntry<'a> {
    /// The commit of the other repository.
    pub id: ObjectId,
    /// The URL that `.gitmodules` of the imported tree gives, as it stands there.
    pub url: Option<&'a [u8]>,
}

/// The facts of an entry's content, or why there are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body<T> {
    /// The content was read.
    Read(T),
    /// The content was not read.
    Skipped {
        /// Its bytes, where that is known.
        size: Option<u64>,
        /// Why.
        reason: SkipReason,
    },
}

/// What the content of a file says, in the light of the attributes of its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileFacts<'a> {
    /// Bytes.
    pub size: u64,
    /// BLAKE3 of the bytes.
    pub digest: ContentHash,
    /// Text or binary, and which.
    pub content: Content,
    /// Whether Git itself takes it for binary, as `git diff --numstat` shows.
    pub git_binary: bool,
    /// The attribute `working-tree-encoding`: what Git converts the content to on a checkout.
    pub working_tree_encoding: Option<&'a str>,
    /// Set if the content has the form of a Git LFS pointer.
    pub lfs: Option<Lfs>,
}

/// A file that has the form of a Git LFS pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lfs {
    /// What it points to.
    pub pointer: LfsPointer,
    /// Whether the path has the attribute `filter=lfs` too, so that Git LFS would replace it.
    pub filter: bool,
}

/// What is known of a symlink that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SymlinkFacts<'a> {
    /// Bytes.
    pub size: u64,
    /// BLAKE3 of the bytes.
    pub digest: ContentHash,
    /// The path that it points to; `None` if it is too long to be kept.
    pub target: Option<&'a [u8]>,
}

impl EntryKind<'_> {
    /// The name as it stands in the manifest: `folder`, `file`, `symlink`, `submodule`.
    pub fn name(&self) -> &'static str {
        match self {
            EntryKind::Folder(_) => "folder",
            EntryKind::File(_) => "file",
            EntryKind::Symlink(_) => "symlink",
            EntryKind::Submodule(_) => "submodule",
        }
    }

    /// The object: a tree, a blob, or a commit of another repository.
    pub fn id(&self) -> ObjectId {
        match self {
            EntryKind::Folder(folder) => folder.id,
            EntryKind::File(file) => file.id,
            EntryKind::Symlink(symlink) => symlink.id,
            EntryKind::Submodule(submodule) => submodule.id,
        }
    }

    /// The digest of the content or folder; `None` for submodules and what was skipped.
    pub fn digest(&self) -> Option<ContentHash> {
        match self {
            EntryKind::Folder(folder) => Some(folder.digest),
            EntryKind::File(file) => file.body.read().map(|facts| facts.digest),
            EntryKind::Symlink(symlink) => symlink.body.read().map(|facts| facts.digest),
            EntryKind::Submodule(_) => None,
        }
    }

    /// Bytes of the file or symlink; `None` for the others, and where that is not known.
    pub fn size(&self) -> Option<u64> {
        match self {
            EntryKind::File(FileEntry { body, .. }) => match body {
                Body::Read(facts) => Some(facts.size),
                Body::Skipped { size, .. } => *size,
            },
            EntryKind::Symlink(SymlinkEntry { body, .. }) => match body {
                Body::Read(facts) => Some(facts.size),
                Body::Skipped { size, .. } => *size,
            },
            EntryKind::Folder(_) | EntryKind::Submodule(_) => None,
        }
    }

    /// Why the content was not read; `None` if it was, or if there is none.
    pub fn skipped(&self) -> Option<SkipReason> {
        match self {
            EntryKind::File(FileEntry {
                body: Body::Skipped { reason, .. },
                ..
            })
            | EntryKind::Symlink(SymlinkEntry {
                body: Body::Skipped { reason, .. },
                ..
            }) => Some(*reason),
            _ => None,
        }
    }
}

impl<T> Body<T> {
    /// The facts, if the content was read.
    pub fn read(&self) -> Option<&T> {
        match self {
            Body::Read(facts) => Some(facts),
            Body::Skipped { .. } => None,
        }
    }
}
