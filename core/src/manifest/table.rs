//! The columns that a manifest is kept in.

use super::flags::Flags;
use super::skip::SkipReason;
use super::verdict::Packed;
use crate::id::{ContentHash, ObjectFormat, ObjectId};

/// The parent of what lies in the root.
pub(super) const ROOT: u32 = u32::MAX;

/// What all entries have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// The entry of the folder that it lies in, or [`ROOT`].
    pub(super) parent: u32,
    /// Where the rest stands, in the table that `state` names.
    pub(super) target: u32,
    pub(super) mode: u32,
    pub(super) flags: Flags,
    pub(super) state: State,
}

/// Which table a row's `target` belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Folder,
    /// A file whose verdict stands with its blob.
    File,
    /// A file whose attributes give it another verdict than the blob's first path has.
    FileApart,
    Symlink,
    Submodule,
    Skipped,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct FolderRow {
    pub(super) digest: ContentHash,
    pub(super) files: u64,
    pub(super) bytes: u64,
    /// The entry after the last one below it.
    pub(super) end: u32,
    pub(super) children: u32,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct BlobRow {
    pub(super) digest: ContentHash,
    pub(super) size: u64,
    /// The verdict under the first path that names the blob as a file.
    pub(super) verdict: Option<Packed>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct SymlinkRow {
    pub(super) blob: u32,
    pub(super) target: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct SubmoduleRow {
    pub(super) id: ObjectId,
    pub(super) url: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct SkipRow {
    pub(super) id: ObjectId,
    pub(super) size: Option<u64>,
    pub(super) reason: SkipReason,
}

/// Object ids of one format, without gaps.
#[derive(Debug)]
pub(super) struct Ids {
    format: ObjectFormat,
    bytes: Vec<u8>,
}

impl Ids {
    pub(super) fn new(format: ObjectFormat) -> Self {
        Ids {
            format,
            bytes: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, id: ObjectId) {
        assert_eq!(
            id.format(),
            self.format,
            "a repository has one object format"
        );
        self.bytes.extend_from_slice(id.as_bytes());
    }

    pub(super) fn get(&self, index: u32) -> ObjectId {
        let len = self.format.id_len();
        let start = index as usize * len;
        ObjectId::from_bytes(&self.bytes[start..start + len])
            .expect("because the slice is as long as an id")
    }

    pub(super) fn reserve(&mut self, count: usize) {
        self.bytes.reserve(count * self.format.id_len());
    }

    pub(super) fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
    }

    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity()
    }
}

/// Byte strings behind each other.
#[derive(Debug, Default)]
pub(super) struct Strings {
    bytes: Vec<u8>,
    /// Where each string ends.
    ends: Vec<u64>,
}

impl Strings {
    /// Appends a string and says its index.
    pub(super) fn push(&mut self, string: &[u8]) -> u32 {
        self.bytes.extend_from_slice(string);
        self.end()
    }

    /// Appends the string `parent`, a slash and `name`; `name` alone if there is no parent.
    pub(super) fn push_below(&mut self, parent: Option<u32>, name: &[u8]) -> u32 {
        if let Some(parent) = parent {
            self.bytes.extend_from_within(self.range(parent));
            self.bytes.push(b'/');
        }
        self.push(name)
    }

    fn end(&mut self) -> u32 {
        let index = u32::try_from(self.ends.len())
            .expect("because there are at most as many strings as entries");
        self.ends.push(self.bytes.len() as u64);
        index
    }

    fn range(&self, index: u32) -> std::ops::Range<usize> {
        let index = index as usize;
        let start = match index.checked_sub(1) {
            Some(before) => self.ends[before] as usize,
            None => 0,
        };
        start..self.ends[index] as usize
    }

    pub(super) fn get(&self, index: u32) -> &[u8] {
        &self.bytes[self.range(index)]
    }

    pub(super) fn reserve(&mut self, count: usize, bytes: usize) {
        self.ends.reserve(count);
        self.bytes.reserve(bytes);
    }

    pub(super) fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * size_of::<u64>()
    }
}
