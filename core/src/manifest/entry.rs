//! One entry of a manifest.

use std::fmt;

use super::Manifest;
use super::flags::Flags;
use super::iter::Children;
use super::kind::{
    Body, EntryKind, FileEntry, FileFacts, FolderEntry, Lfs, SubmoduleEntry, SymlinkEntry,
    SymlinkFacts,
};
use super::mode;
use super::table::{ROOT, Row, State};
use super::verdict::Packed;
use crate::id::{ContentHash, ObjectId};
use crate::printable::Printable;

/// One folder, file, symlink or submodule of a [`Manifest`]: a small handle, free to copy.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) index: u32,
}

impl<'a> Entry<'a> {
    pub(super) fn row(&self) -> &'a Row {
        &self.manifest.rows[self.index as usize]
    }

    /// The place in the manifest, from 0; see [`Manifest::entry`].
    pub fn index(&self) -> usize {
        self.index as usize
    }

    /// The path from the root of the import, with slashes between names and none at the ends.
    pub fn path(&self) -> &'a [u8] {
        self.manifest.paths.get(self.index)
    }

    /// The last name of the path.
    pub fn name(&self) -> &'a [u8] {
        let path = self.path();
        match memchr::memrchr(b'/', path) {
            Some(slash) => &path[slash + 1..],
            None => path,
        }
    }

    /// The mode as it stands in the tree, such as `0o100644`.
    pub fn mode(&self) -> u32 {
        self.row().mode
    }

    /// What is odd about it.
    pub fn flags(&self) -> Flags {
        self.row().flags
    }

    /// The folder that it lies in; `None` for what lies in the root.
    pub fn parent(&self) -> Option<Entry<'a>> {
        let parent = self.row().parent;
        (parent != ROOT).then_some(Entry {
            manifest: self.manifest,
            index: parent,
        })
    }

    /// The entries that lie directly in it, in order; none if it is no folder.
    pub fn children(&self) -> Children<'a> {
        Children::of_entry(*self)
    }

    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.row().state == State::Folder
    }

    /// Whether it is a file.
    pub fn is_file(&self) -> bool {
        match self.row().state {
            State::File | State::FileApart => true,
            State::Skipped => !mode::is_symlink(self.mode()),
            State::Folder | State::Symlink | State::Submodule => false,
        }
    }

    /// Whether it is a symlink.
    pub fn is_symlink(&self) -> bool {
        match self.row().state {
            State::Symlink => true,
            State::Skipped => mode::is_symlink(self.mode()),
            State::Folder | State::File | State::FileApart | State::Submodule => false,
        }
    }

    /// Whether it is a submodule.
    pub fn is_submodule(&self) -> bool {
        self.row().state == State::Submodule
    }

    /// The object: a tree, a blob, or a commit of another repository.
    pub fn id(&self) -> ObjectId {
        self.kind().id()
    }

    /// The digest of the content or folder; `None` for submodules and what was skipped.
    pub fn digest(&self) -> Option<ContentHash> {
        self.kind().digest()
    }

    /// Bytes of the file or symlink; `None` for the others, and where that is not known.
    pub fn size(&self) -> Option<u64> {
        self.kind().size()
    }

    /// What it is, with all that is known of it.
    pub fn kind(&self) -> EntryKind<'a> {
        let manifest = self.manifest;
        let row = self.row();
        match row.state {
            State::Folder => {
                let folder = &manifest.folders[row.target as usize];
                EntryKind::Folder(FolderEntry {
                    id: manifest.folder_ids.get(row.target),
                    digest: folder.digest,
                    files: folder.files,
                    bytes: folder.bytes,
                })
            }
            State::File | State::FileApart => EntryKind::File(FileEntry {
                id: manifest.blob_ids.get(row.target),
                executable: mode::is_executable(row.mode),
                body: Body::Read(self.file_facts(row)),
            }),
            State::Symlink => {
                let symlink = manifest.symlinks[row.target as usize];
                let blob = &manifest.blobs[symlink.blob as usize];
                EntryKind::Symlink(SymlinkEntry {
                    id: manifest.blob_ids.get(symlink.blob),
                    body: Body::Read(SymlinkFacts {
                        size: blob.size,
                        digest: blob.digest,
                        target: symlink.target.map(|target| manifest.strings.get(target)),
                    }),
                })
            }
            State::Submodule => {
                let submodule = &manifest.submodules[row.target as usize];
                EntryKind::Submodule(SubmoduleEntry {
                    id: submodule.id,
                    url: submodule.url.map(|url| manifest.strings.get(url)),
                })
            }
            State::Skipped => {
                let skip = manifest.skips[row.target as usize];
                if mode::is_symlink(row.mode) {
                    return EntryKind::Symlink(SymlinkEntry {
                        id: skip.id,
                        body: Body::Skipped {
                            size: skip.size,
                            reason: skip.reason,
                        },
                    });
                }
                EntryKind::File(FileEntry {
                    id: skip.id,
                    executable: mode::is_executable(row.mode),
                    body: Body::Skipped {
                        size: skip.size,
                        reason: skip.reason,
                    },
                })
            }
        }
    }

    fn file_facts(&self, row: &Row) -> FileFacts<'a> {
        let manifest = self.manifest;
        let blob = &manifest.blobs[row.target as usize];
        let verdict = self.verdict(row);
        FileFacts {
            size: blob.size,
            digest: blob.digest,
            content: verdict.content(),
            git_binary: verdict.git_binary(),
            working_tree_encoding: verdict
                .working_tree()
                .map(|number| &*manifest.encodings[number]),
            lfs: manifest.lfs.get(&row.target).map(|&pointer| Lfs {
                pointer,
                filter: verdict.lfs_filter(),
            }),
        }
    }

    fn verdict(&self, row: &Row) -> &'a Packed {
        if row.state == State::FileApart {
            let apart = &self.manifest.apart;
            let place = apart
                .binary_search_by_key(&self.index, |(entry, _)| *entry)
                .expect("because the row says that its verdict stands apart");
            return &apart[place].1;
        }
        self.manifest.blobs[row.target as usize]
            .verdict
            .as_ref()
            .expect("because a blob that is a file's has a verdict")
    }
}

impl fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({:?}, {:?})", Printable(self.path()), self.kind())
    }
}
