//! The list of what is imported, in Git's order, before any file is read.

use crate::cancel::Cancel;
use crate::error::Error;
use crate::id::ObjectId;
use crate::manifest::Flags;

use super::set::{Load, TreeIndex, TreeSet};
use super::uses::UniqueBlobs;
use super::walk::{Filter, walk};

/// Everything that one import takes in, depth first, exactly in the order of `git ls-tree -r -t`.
///
/// It keeps the trees, and 16 bytes for each event: names, modes and ids stand in the trees.
#[derive(Debug)]
pub(crate) struct Outline {
    trees: TreeSet,
    events: Vec<Event>,
    blobs: UniqueBlobs,
    totals: Totals,
}

/// How many of what the outline has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// The root is not counted.
    pub(crate) folders: u64,
    pub(crate) files: u64,
    pub(crate) symlinks: u64,
    pub(crate) submodules: u64,
    /// Entries that the filter kept out; a folder that was skipped as a whole counts as one.
    pub(crate) excluded: u64,
    /// Bytes of all paths.
    pub(crate) path_bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EventKind {
    Enter,
    Leave,
    File,
    Symlink,
    Submodule,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    /// The tree that holds the entry, and where in it.
    pub(super) tree: TreeIndex,
    pub(super) offset: u32,
    /// Position among the unique blobs; 0 for what is no blob.
    pub(super) blob: u32,
    pub(super) flags: Flags,
    pub(super) kind: EventKind,
}

const _: () = assert!(size_of::<Event>() == 16);

/// One entry, as the walk over an outline hands it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item<'a> {
    /// Seen from the root of the import, without slashes at its ends.
    pub(crate) path: &'a [u8],
    /// The last part of the path.
    pub(crate) name: &'a [u8],
    /// As it stands in the tree; odd modes are flagged.
    pub(crate) mode: u32,
    pub(crate) id: ObjectId,
    pub(crate) flags: Flags,
}

/// What comes next in an outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visit<'a> {
    /// A folder, before all that is in it.
    Enter(Item<'a>),
    /// The end of the folder that was entered last.
    Leave,
    /// A file, with the position of its blob in [`Outline::blobs`].
    File(Item<'a>, usize),
    /// A symlink, with the position of its blob in [`Outline::blobs`].
    Symlink(Item<'a>, usize),
    /// A submodule; the id is that of its commit.
    Submodule(Item<'a>),
}

impl Outline {
    /// Walks `trees` from `root` on, with all limits applied.
    ///
    /// Without a filter everything is counted first, so that the limits hold before the work; with
    /// one, what the filter keeps out counts for `max_entries` only. `load` is asked for trees that
    /// are not in the set.
    ///
    /// # Errors
    ///
    /// A tree that is missing, malformed or hostile, with its path; the limits on entries, depth,
    /// paths and trees; what `filter` and `load` fail with; the cancelled import.
    pub(crate) fn new(
        mut trees: TreeSet,
        root: ObjectId,
        filter: Option<&mut Filter<'_>>,
        load: &mut Load<'_>,
        cancel: &Cancel,
    ) -> Result<Self, Error> {
        let index = trees.place(root)?;
        let walked = walk(&mut trees, index, filter, load, cancel)?;
        Ok(Outline {
            trees,
            events: walked.events,
            blobs: walked.blobs,
            totals: walked.totals,
        })
    }

    pub(crate) fn trees(&self) -> &TreeSet {
        &self.trees
    }

    pub(crate) fn totals(&self) -> Totals {
        self.totals
    }

    /// The distinct blobs that files and symlinks name.
    pub(crate) fn blobs(&self) -> &UniqueBlobs {
        &self.blobs
    }

    /// Number of events, which are what [`walk`](Self::walk) visits.
    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }

    /// Visits everything in order.
    pub(crate) fn walk(&self) -> Walk<'_> {
        Walk {
            outline: self,
            next: 0,
            path: Vec::new(),
            folders: Vec::new(),
        }
    }

    /// The trees of the folders below the root, in order.
    pub(crate) fn folders(&self) -> impl Iterator<Item = ObjectId> + '_ {
        let folders = self.events.iter();
        let folders = folders.filter(|event| event.kind == EventKind::Enter);
        folders.map(|event| self.item(event).id)
    }

    /// The path of the entry that is visited at `event`; of the folder, where one is left.
    ///
    /// Looks back over what was visited before, so it is meant for errors.
    pub(crate) fn path_of(&self, event: usize) -> Vec<u8> {
        let mut names = Vec::new();
        let mut left = 0usize;
        let here = &self.events[event];
        if here.kind != EventKind::Leave {
            names.push(self.item(here).name);
        }
        for before in self.events[..event].iter().rev() {
            match before.kind {
                EventKind::Leave => left += 1,
                EventKind::Enter if left > 0 => left -= 1,
                EventKind::Enter => names.push(self.item(before).name),
                _ => {}
            }
        }
        names.reverse();
        names.join(&b'/')
    }

    fn item(&self, event: &Event) -> Item<'_> {
        let entry = self
            .trees
            .entry(event.tree, event.offset)
            .expect("because events are made from entries");
        Item {
            path: &[],
            name: entry.name,
            mode: entry.mode,
            id: entry.id,
            flags: event.flags,
        }
    }
}

/// A walk over an [`Outline`], which keeps the current path.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    outline: &'a Outline,
    next: usize,
    /// Of the latest visit.
    path: Vec<u8>,
    /// Lengths of the paths of the folders that are entered.
    folders: Vec<usize>,
}

impl Walk<'_> {
    /// The next visit; `None` at the end.
    ///
    /// What it hands out lives until the next call, hence this is no [`Iterator`].
    pub(crate) fn next(&mut self) -> Option<Visit<'_>> {
        let outline = self.outline;
        let event = outline.events.get(self.next)?;
        self.next += 1;
        if event.kind == EventKind::Leave {
            self.folders.pop();
            return Some(Visit::Leave);
        }
        let item = outline.item(event);
        self.path
            .truncate(self.folders.last().copied().unwrap_or(0));
        if !self.path.is_empty() {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(item.name);
        let item = Item {
            path: &self.path,
            ..item
        };
        let blob = event.blob as usize;
        Some(match event.kind {
            EventKind::Enter | EventKind::Leave => {
                self.folders.push(self.path.len());
                Visit::Enter(item)
            }
            EventKind::File => Visit::File(item, blob),
            EventKind::Symlink => Visit::Symlink(item, blob),
            EventKind::Submodule => Visit::Submodule(item),
        })
    }
}
