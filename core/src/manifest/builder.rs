//! Building a manifest, entry by entry.

use std::collections::HashMap;

use super::Manifest;
use super::digest::{FolderSum, Sum};
use super::flags::Flags;
use super::header::Header;
use super::mode;
use super::skip::SkipReason;
use super::table::{BlobRow, FolderRow, ROOT, Row, SkipRow, State, SubmoduleRow, SymlinkRow};
use super::totals::Tally;
use super::verdict::{Packed, Verdict};
use crate::content::{BlobFacts, LfsPointer};
use crate::error::{Error, ErrorKind, LimitError};
use crate::id::{ContentHash, ObjectId};

/// Builds a [`Manifest`] from entries that come depth-first, in Git's tree order.
///
/// Whoever calls it has checked names, modes and order: the walk for trees, the reader for records.
#[derive(Debug)]
pub(crate) struct Builder {
    manifest: Manifest,
    tally: Tally,
    root: FolderSum,
    open: Vec<Open>,
    /// Names of working-tree encodings, by the number that stands for each.
    encodings: HashMap<Box<str>, u16>,
    overflow: Option<Overflow>,
}

/// A blob that was added to a [`Builder`]; the first is 0, and each next one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlobIndex(pub(crate) u32);

/// A folder whose entries are still coming.
#[derive(Debug)]
struct Open {
    entry: u32,
    folder: u32,
    mode: u32,
    name: Box<[u8]>,
    sum: FolderSum,
}

/// What does not fit into the manifest's numbers, whatever the limits say.
#[derive(Clone, Copy, Debug)]
enum Overflow {
    Entries,
    Encodings,
}

impl Builder {
    pub(crate) fn new(header: Header) -> Self {
        Builder {
            manifest: Manifest::empty(header),
            tally: Tally::default(),
            root: FolderSum::default(),
            open: Vec::new(),
            encodings: HashMap::new(),
            overflow: None,
        }
    }

    /// Makes room, so that nothing has to be moved later; the path bytes are those of all entries'
    /// full paths.
    pub(crate) fn reserve(
        &mut self,
        entries: usize,
        folders: usize,
        blobs: usize,
        path_bytes: usize,
    ) {
        let manifest = &mut self.manifest;
        manifest.paths.reserve(entries, path_bytes);
        manifest.rows.reserve(entries);
        manifest.folders.reserve(folders);
        manifest.folder_ids.reserve(folders);
        manifest.blobs.reserve(blobs);
        manifest.blob_ids.reserve(blobs);
    }

    /// Adds a blob that was read, once for each distinct one.
    pub(crate) fn add_blob(&mut self, id: ObjectId, facts: &BlobFacts) -> BlobIndex {
        let blob = self.add_blob_parts(id, facts.digest, facts.size);
        if let Some(pointer) = &facts.lfs {
            self.set_lfs(blob, **pointer);
        }
        blob
    }

    pub(super) fn add_blob_parts(
        &mut self,
        id: ObjectId,
        digest: ContentHash,
        size: u64,
    ) -> BlobIndex {
        let index = BlobIndex(
            u32::try_from(self.manifest.blobs.len())
                .expect("because 2^32 distinct blobs do not fit into memory"),
        );
        self.manifest.blob_ids.push(id);
        self.manifest.blobs.push(BlobRow {
            digest,
            size,
            verdict: None,
        });
        index
    }

    pub(super) fn set_lfs(&mut self, blob: BlobIndex, pointer: LfsPointer) {
        self.manifest.lfs.insert(blob.0, pointer);
    }

    /// The digest, size and LFS pointer that a blob was added with.
    pub(super) fn blob(&self, blob: BlobIndex) -> (ContentHash, u64, Option<&LfsPointer>) {
        let row = self.blob_row(blob);
        (row.digest, row.size, self.manifest.lfs.get(&blob.0))
    }

    /// Whether a file with this blob was added.
    pub(super) fn has_verdict(&self, blob: BlobIndex) -> bool {
        self.blob_row(blob).verdict.is_some()
    }

    fn blob_row(&self, blob: BlobIndex) -> BlobRow {
        self.manifest.blobs[blob.0 as usize]
    }

    /// The path of the folder that entries go to now; `None` in the root.
    pub(super) fn open_path(&self) -> Option<&[u8]> {
        let open = self.open.last()?;
        Some(self.manifest.paths.get(open.entry))
    }

    /// Begins a folder; the entries that follow lie in it, until [`close_folder`](Self::close_folder).
    pub(crate) fn open_folder(&mut self, name: &[u8], mode: u32, id: ObjectId, flags: Flags) {
        let folder = self.manifest.folders.len() as u32;
        let entry = self.push(name, mode, flags, State::Folder, folder);
        self.manifest.folder_ids.push(id);
        self.manifest.folders.push(FolderRow {
            digest: ContentHash([0; 32]),
            files: 0,
            bytes: 0,
            end: entry,
            children: 0,
        });
        self.tally.folder();
        self.open.push(Open {
            entry,
            folder,
            mode,
            name: name.into(),
            sum: FolderSum::default(),
        });
    }

    /// Ends the folder that was begun last, and adds it up.
    pub(crate) fn close_folder(&mut self) {
        let open = self
            .open
            .pop()
            .expect("because a folder is closed once for each time one was opened");
        let sum = open.sum.finish();
        let folder = &mut self.manifest.folders[open.folder as usize];
        folder.digest = sum.digest;
        folder.files = sum.files;
        folder.bytes = sum.bytes;
        folder.children = sum.children;
        folder.end = self.manifest.rows.len() as u32;
        self.sum().folder(open.mode, &open.name, &sum);
    }

    /// Adds a file that was read, with the verdict under this path.
    pub(crate) fn file(
        &mut self,
        name: &[u8],
        mode: u32,
        blob: BlobIndex,
        verdict: &Verdict<'_>,
        flags: Flags,
    ) {
        // Of a file that is no pointer nobody asks it, and verdicts should be alike.
        let lfs_filter = verdict.lfs_filter && self.manifest.lfs.contains_key(&blob.0);
        let verdict = &Verdict {
            lfs_filter,
            ..*verdict
        };
        let packed = Packed::new(verdict, self.number_of_encoding(verdict));
        let BlobRow { digest, size, .. } = self.blob_row(blob);
        self.tally.file(size, packed.is_text());
        self.sum().file(mode, name, &digest, size);
        // Nearly always all paths of a blob have one verdict, which then costs nothing per entry.
        let first = *self.manifest.blobs[blob.0 as usize]
            .verdict
            .get_or_insert(packed);
        if first == packed {
            self.push(name, mode, flags, State::File, blob.0);
        } else {
            let entry = self.push(name, mode, flags, State::FileApart, blob.0);
            self.manifest.apart.push((entry, packed));
        }
    }

    /// Adds a symlink that was read; without a target if that is too long to be kept.
    pub(crate) fn symlink(
        &mut self,
        name: &[u8],
        mode: u32,
        blob: BlobIndex,
        target: Option<&[u8]>,
        flags: Flags,
    ) {
        let BlobRow { digest, size, .. } = self.blob_row(blob);
        self.tally.symlink(size);
        self.sum().symlink(mode, name, &digest, size);
        let index = self.manifest.symlinks.len() as u32;
        let target = target.map(|target| self.manifest.strings.push(target));
        self.manifest.symlinks.push(SymlinkRow {
            blob: blob.0,
            target,
        });
        self.push(name, mode, flags, State::Symlink, index);
    }

    /// Adds a file or symlink (the mode says which) whose content was not read.
    pub(crate) fn skipped(
        &mut self,
        name: &[u8],
        mode: u32,
        id: ObjectId,
        size: Option<u64>,
        reason: SkipReason,
        flags: Flags,
    ) {
        self.tally.skipped(mode::is_symlink(mode), reason);
        self.sum().skipped(mode, name, id);
        let index = self.manifest.skips.len() as u32;
        self.manifest.skips.push(SkipRow { id, size, reason });
        self.push(name, mode, flags, State::Skipped, index);
    }

    /// Adds a submodule, with the URL that `.gitmodules` has for it.
    pub(crate) fn submodule(
        &mut self,
        name: &[u8],
        mode: u32,
        id: ObjectId,
        url: Option<&[u8]>,
        flags: Flags,
    ) {
        self.tally.submodule();
        self.sum().submodule(mode, name, id);
        let index = self.manifest.submodules.len() as u32;
        let url = url.map(|url| self.manifest.strings.push(url));
        self.manifest.submodules.push(SubmoduleRow { id, url });
        self.push(name, mode, flags, State::Submodule, index);
    }

    /// Counts entries that a filter left out.
    pub(crate) fn exclude(&mut self, count: u64) {
        self.tally.excluded(count);
    }

    /// Ends the root and with it the manifest.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`] if there are 2^32 entries or more, or 2^16 names of working-tree
    /// encodings.
    pub(crate) fn finish(mut self) -> Result<Manifest, Error> {
        assert!(
            self.open.is_empty(),
            "every folder is closed before the root"
        );
        match self.overflow {
            None => {}
            Some(Overflow::Entries) => {
                return Err(LimitError::new("max_entries", u64::from(ROOT)).into());
            }
            Some(Overflow::Encodings) => {
                return Err(Error::message(
                    ErrorKind::LimitExceeded,
                    "the attributes name more than 65,535 different working-tree encodings",
                ));
            }
        }
        let Sum {
            digest, children, ..
        } = self.root.finish();
        self.manifest.root_children = children;
        self.manifest.trailer = self.tally.trailer(digest);
        self.manifest.shrink();
        Ok(self.manifest)
    }

    /// Where the folder that is open is added up.
    fn sum(&mut self) -> &mut FolderSum {
        self.open
            .last_mut()
            .map_or(&mut self.root, |open| &mut open.sum)
    }

    fn push(&mut self, name: &[u8], mode: u32, flags: Flags, state: State, target: u32) -> u32 {
        let manifest = &mut self.manifest;
        let index = manifest.rows.len() as u32;
        if index == ROOT - 1 {
            // The last number stays free for the root. What comes from here on is put into one
            // place and thrown away by `finish`.
            self.overflow = Some(Overflow::Entries);
            return index - 1;
        }
        let parent = self.open.last().map(|open| open.entry);
        manifest.paths.push_below(parent, name);
        manifest.rows.push(Row {
            parent: parent.unwrap_or(ROOT),
            target,
            mode,
            flags,
            state,
        });
        index
    }

    fn number_of_encoding(&mut self, verdict: &Verdict<'_>) -> u16 {
        let Some(name) = verdict.working_tree_encoding else {
            return 0;
        };
        if let Some(&number) = self.encodings.get(name) {
            return number;
        }
        let Ok(number) = u16::try_from(self.encodings.len() + 1) else {
            self.overflow = Some(Overflow::Encodings);
            return 0;
        };
        self.encodings.insert(name.into(), number);
        self.manifest.encodings.push(name.into());
        number
    }
}
