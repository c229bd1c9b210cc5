//! One entry as a stream of records tells it.

use super::flags::Flags;
use super::kind::{
    Body, EntryKind, FileEntry, FileFacts, FolderEntry, Lfs, SubmoduleEntry, SymlinkEntry,
    SymlinkFacts,
};
use super::mode;
use super::skip::SkipReason;
use crate::content::Content;
use crate::id::{ContentHash, ObjectId};

/// One entry, as a [`Reader`](super::Reader) hands it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub(super) path: Vec<u8>,
    pub(super) mode: u32,
    pub(super) flags: Flags,
    pub(super) id: ObjectId,
    pub(super) told: Told,
    pub(super) text: Option<String>,
}

/// [`EntryKind`] with its strings owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Folder {
        digest: ContentHash,
        files: u64,
        bytes: u64,
    },
    File {
        size: u64,
        digest: ContentHash,
        content: Content,
        git_binary: bool,
        working_tree_encoding: Option<String>,
        lfs: Option<Lfs>,
    },
    Symlink {
        size: u64,
        digest: ContentHash,
        target: Option<Vec<u8>>,
    },
    Submodule {
        url: Option<Vec<u8>>,
    },
    /// A file or symlink; the mode says which.
    Skipped {
        size: Option<u64>,
        reason: SkipReason,
    },
}

impl Record {
    /// Makes a record of something else than a line; whoever does it has to check it.
    pub(crate) fn new(path: Vec<u8>, mode: u32, flags: Flags, id: ObjectId, told: Told) -> Self {
        Record {
            path,
            mode,
            flags,
            id,
            told,
            text: None,
        }
    }

    /// The path from the root of the import, with slashes between names and none at the ends.
    pub fn path(&self) -> &[u8] {
        &self.path
    }

    /// The mode as it stands in the tree, such as `0o100644`.
    pub fn mode(&self) -> u32 {
        self.mode
    }

    /// What is odd about it.
    pub fn flags(&self) -> Flags {
        self.flags
    }

    /// The decoded text of a text file, if the manifest was written with texts.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// What it is, with all that is known of it.
    pub fn kind(&self) -> EntryKind<'_> {
        let id = self.id;
        match &self.told {
            Told::Folder {
                digest,
                files,
                bytes,
            } => EntryKind::Folder(FolderEntry {
                id,
                digest: *digest,
                files: *files,
                bytes: *bytes,
            }),
            Told::File {
                size,
                digest,
                content,
                git_binary,
                working_tree_encoding,
                lfs,
            } => EntryKind::File(FileEntry {
                id,
                executable: mode::is_executable(self.mode),
                body: Body::Read(FileFacts {
                    size: *size,
                    digest: *digest,
                    content: *content,
                    git_binary: *git_binary,
                    working_tree_encoding: working_tree_encoding.as_deref(),
                    lfs: *lfs,
                }),
            }),
            Told::Symlink {
                size,
                digest,
                target,
            } => EntryKind::Symlink(SymlinkEntry {
                id,
                body: Body::Read(SymlinkFacts {
                    size: *size,
                    digest: *digest,
                    target: target.as_deref(),
                }),
            }),
            Told::Submodule { url } => EntryKind::Submodule(SubmoduleEntry {
                id,
                url: url.as_deref(),
            }),
            &Told::Skipped { size, reason } if mode::is_symlink(self.mode) => {
                EntryKind::Symlink(SymlinkEntry {
                    id,
                    body: Body::Skipped { size, reason },
                })
            }
            &Told::Skipped { size, reason } => EntryKind::File(FileEntry {
                id,
                executable: mode::is_executable(self.mode),
                body: Body::Skipped { size, reason },
            }),
        }
    }
}
