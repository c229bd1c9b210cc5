//! Going through entries.

use std::iter::FusedIterator;

use super::Manifest;
use super::entry::Entry;
use super::table::{ROOT, State};

/// All entries of a manifest, in order; see [`Manifest::entries`].
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    manifest: &'a Manifest,
    next: u32,
    end: u32,
}

/// The entries of one kind, in order; see [`Manifest::files`].
#[derive(Clone, Debug)]
pub struct EntriesOfKind<'a> {
    entries: Entries<'a>,
    wanted: fn(&Entry<'a>) -> bool,
    left: usize,
}

/// The entries that lie directly in one folder, in order; see [`Entry::children`].
#[derive(Clone, Debug)]
pub struct Children<'a> {
    /// What lies in the folder at any depth.
    below: Entries<'a>,
    folder: u32,
    left: usize,
}

impl Manifest {
    /// All entries, in order.
    pub fn entries(&self) -> Entries<'_> {
        Entries {
            manifest: self,
            next: 0,
            end: self.rows.len() as u32,
        }
    }

    /// The folders, parents first.
    pub fn folders(&self) -> EntriesOfKind<'_> {
        self.of_kind(Entry::is_folder, self.trailer.totals.folders)
    }

    /// The files, in order, the skipped ones included.
    pub fn files(&self) -> EntriesOfKind<'_> {
        self.of_kind(Entry::is_file, self.trailer.totals.files)
    }

    /// The symlinks, in order, the skipped ones included.
    pub fn symlinks(&self) -> EntriesOfKind<'_> {
        self.of_kind(Entry::is_symlink, self.trailer.totals.symlinks)
    }

    /// The submodules, in order.
    pub fn submodules(&self) -> EntriesOfKind<'_> {
        self.of_kind(Entry::is_submodule, self.trailer.totals.submodules)
    }

    fn of_kind<'a>(&'a self, wanted: fn(&Entry<'a>) -> bool, count: u64) -> EntriesOfKind<'a> {
        EntriesOfKind {
            entries: self.entries(),
            wanted,
            left: count as usize,
        }
    }
}

impl<'a> Children<'a> {
    pub(super) fn of_root(manifest: &'a Manifest) -> Self {
        Children {
            below: manifest.entries(),
            folder: ROOT,
            left: manifest.root_children as usize,
        }
    }

    pub(super) fn of_entry(entry: Entry<'a>) -> Self {
        let row = entry.row();
        let (end, left) = if row.state == State::Folder {
            let folder = &entry.manifest.folders[row.target as usize];
            (folder.end, folder.children as usize)
        } else {
            (entry.index + 1, 0)
        };
        Children {
            below: Entries {
                manifest: entry.manifest,
                next: entry.index + 1,
                end,
            },
            folder: entry.index,
            left,
        }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        if self.next >= self.end {
            return None;
        }
        let index = self.next;
        self.next += 1;
        Some(Entry {
            manifest: self.manifest,
            index,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.end - self.next) as usize;
        (left, Some(left))
    }

    fn nth(&mut self, count: usize) -> Option<Entry<'a>> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.next = self.next.saturating_add(count).min(self.end);
        self.next()
    }
}

impl DoubleEndedIterator for Entries<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        self.end -= 1;
        Some(Entry {
            manifest: self.manifest,
            index: self.end,
        })
    }
}

impl<'a> Iterator for EntriesOfKind<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let entry = self.entries.find(self.wanted)?;
        self.left -= 1;
        Some(entry)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl DoubleEndedIterator for EntriesOfKind<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let entry = self.entries.rfind(self.wanted)?;
        self.left -= 1;
        Some(entry)
    }
}

impl<'a> Iterator for Children<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let child = self.below.next()?;
        let row = child.row();
        if row.state == State::Folder {
            self.below.next = child.manifest.folders[row.target as usize].end;
        }
        self.left -= 1;
        Some(child)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl DoubleEndedIterator for Children<'_> {
    /// Goes up from the last entry below the folder, so a step costs as much as the tree is deep.
    fn next_back(&mut self) -> Option<Self::Item> {
        let mut child = self.below.next_back()?;
        while child.row().parent != self.folder {
            child = child
                .parent()
                .expect("because it lies below the folder, at any depth");
        }
        self.below.end = child.index;
        self.left -= 1;
        Some(child)
    }
}

impl ExactSizeIterator for Entries<'_> {}
impl ExactSizeIterator for EntriesOfKind<'_> {}
impl ExactSizeIterator for Children<'_> {}
impl FusedIterator for Entries<'_> {}
impl FusedIterator for EntriesOfKind<'_> {}
impl FusedIterator for Children<'_> {}

impl<'a> IntoIterator for &'a Manifest {
    type Item = Entry<'a>;
    type IntoIter = Entries<'a>;

    fn into_iter(self) -> Entries<'a> {
        self.entries()
    }
}
