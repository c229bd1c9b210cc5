//! Makes the events of an outline.

use crate::cancel::Cancel;
use crate::error::{Error, LimitError};
use crate::filter::Decision;
use crate::limits::{self, Limits};
use crate::manifest::Flags;

use super::measure::measure;
use super::outline::{Event, EventKind, Totals};
use super::parse::EntryKind;
use super::set::{Load, TreeEntry, TreeIndex, TreeSet};
use super::uses::{BlobUses, UniqueBlobs};

/// Decides from a path, and from whether it is a folder, what is imported.
pub(crate) type Filter<'a> = dyn FnMut(&[u8], bool) -> Result<Decision, Error> + 'a;

/// So that events, at most two for each entry, have positions of 32 bits.
const MAX_ENTRIES: u64 = u32::MAX as u64 / 2;

/// Events for which memory is taken at once; more are added as they come.
const RESERVED_EVENTS: u64 = 1 << 24;

/// Blobs for which places are taken at once; most of the time each entry has its own.
const RESERVED_BLOBS: u64 = 1 << 20;

pub(super) struct Walked {
    pub(super) events: Vec<Event>,
    pub(super) blobs: UniqueBlobs,
    pub(super) totals: Totals,
}

struct Frame {
    tree: TreeIndex,
    /// Of the next entry.
    offset: u32,
    /// Of the next odd entry among the tree's flags.
    flag: usize,
    /// Length of the folder's path.
    path: usize,
    /// The folder's event; `None` for the root.
    enter: Option<usize>,
    /// Whether the folder goes if nothing inside is kept.
    tentative: bool,
}

/// Walks from `root` on; see [`Outline::new`](super::Outline::new).
pub(super) fn walk(
    trees: &mut TreeSet,
    root: TreeIndex,
    mut filter: Option<&mut Filter<'_>>,
    load: &mut Load<'_>,
    cancel: &Cancel,
) -> Result<Walked, Error> {
    let mut limits = trees.limits().clone();
    limits.max_entries = limits.max_entries.min(MAX_ENTRIES);
    let mut events = Vec::new();
    let mut expected_blobs = 0;
    if filter.is_none() {
        let measure = measure(trees, root, load, cancel)?;
        measure.check(&limits)?;
        events.reserve_exact((measure.entries + measure.folders).min(RESERVED_EVENTS) as usize);
        expected_blobs = (measure.entries - measure.folders).min(RESERVED_BLOBS);
    }
    let mut walk = Walk {
        events,
        blobs: UniqueBlobs::new(trees.format(), expected_blobs as usize),
        totals: Totals::default(),
        path: Vec::new(),
        walked: 0,
        limits: &limits,
    };
    trees.open(root, &walk.path, load)?;
    let mut stack = vec![Frame {
        tree: root,
        offset: 0,
        flag: 0,
        path: 0,
        enter: None,
        tentative: false,
    }];
    while let Some(frame) = stack.last_mut() {
        let Some(entry) = trees.entry(frame.tree, frame.offset) else {
            cancel.check()?;
            walk.leave(frame);
            stack.pop();
            continue;
        };
        let at = (frame.tree, frame.offset);
        frame.offset = entry.end;
        let flags = next_flags(trees.flags(frame.tree), &mut frame.flag, at.1);
        walk.meet(frame.path, &entry, stack.len() as u64)?;
        let decision = match &mut filter {
            None => Decision::Keep,
            Some(filter) => {
                cancel.check()?;
                filter(&walk.path, entry.kind == EntryKind::Folder)?
            }
        };
        match (decision, entry.kind) {
            (Decision::Skip, _) => walk.totals.excluded += 1,
            (_, EntryKind::Folder) => {
                let id = entry.id;
                let enter = walk.push(at, 0, flags, EventKind::Enter)?;
                let tree = trees.place(id)?;
                trees.open(tree, &walk.path, load)?;
                stack.push(Frame {
                    tree,
                    offset: 0,
                    flag: 0,
                    path: walk.path.len(),
                    enter: Some(enter),
                    tentative: decision == Decision::Descend,
                });
            }
            (Decision::Descend, _) => walk.totals.excluded += 1,
            (Decision::Keep, _) => {
                let in_root = stack.len() == 1;
                walk.leaf(at, &entry, flags, in_root)?;
            }
        }
    }
    Ok(Walked {
        events: walk.events,
        blobs: walk.blobs,
        totals: walk.totals,
    })
}

struct Walk<'a> {
    events: Vec<Event>,
    blobs: UniqueBlobs,
    totals: Totals,
    /// Of the entry that was met last.
    path: Vec<u8>,
    walked: u64,
    limits: &'a Limits,
}

impl Walk<'_> {
    /// Goes to an entry of the folder whose path has `folder` bytes; `depth` is 1 in the root.
    fn meet(&mut self, folder: usize, entry: &TreeEntry<'_>, depth: u64) -> Result<(), LimitError> {
        self.path.truncate(folder);
        if folder > 0 {
            self.path.push(b'/');
        }
        self.path.extend_from_slice(entry.name);
        self.walked += 1;
        let length = self.path.len() as u64;
        let at_path = |error: LimitError| error.at_path(&self.path);
        limits::check("max_entries", self.limits.max_entries, self.walked).map_err(at_path)?;
        if entry.kind == EntryKind::Folder {
            limits::check("max_depth", self.limits.max_depth, depth).map_err(at_path)?;
        }
        limits::check("max_path", self.limits.max_path, length).map_err(at_path)?;
        Ok(())
    }

    fn push(
        &mut self,
        at: (TreeIndex, u32),
        blob: u32,
        flags: Flags,
        kind: EventKind,
    ) -> Result<usize, LimitError> {
        self.totals.path_bytes += self.path.len() as u64;
        let limit = self.limits.max_path_bytes;
        limits::check("max_path_bytes", limit, self.totals.path_bytes)
            .map_err(|error| error.at_path(&self.path))?;
        match kind {
            EventKind::Enter => self.totals.folders += 1,
            EventKind::Leave => {}
            EventKind::File => self.totals.files += 1,
            EventKind::Symlink => self.totals.symlinks += 1,
            EventKind::Submodule => self.totals.submodules += 1,
        }
        self.events.push(Event {
            tree: at.0,
            offset: at.1,
            blob,
            flags,
            kind,
        });
        Ok(self.events.len() - 1)
    }

    fn leaf(
        &mut self,
        at: (TreeIndex, u32),
        entry: &TreeEntry<'_>,
        flags: Flags,
        in_root: bool,
    ) -> Result<(), LimitError> {
        let (kind, uses) = match entry.kind {
            EntryKind::Symlink => (EventKind::Symlink, BlobUses::SYMLINK),
            EntryKind::Submodule => {
                self.push(at, 0, flags, EventKind::Submodule)?;
                return Ok(());
            }
            _ if entry.name == b".gitattributes" => {
                (EventKind::File, BlobUses::FILE | BlobUses::ATTRIBUTES)
            }
            _ if in_root && entry.name == b".gitmodules" => {
                (EventKind::File, BlobUses::FILE | BlobUses::MODULES)
            }
            _ => (EventKind::File, BlobUses::FILE),
        };
        let event = self.push(at, 0, flags, kind)?;
        self.events[event].blob = self.blobs.add(entry.id, event as u32, uses);
        Ok(())
    }

    /// Ends a folder, and takes it out again if it was there for what is in it, and that is nothing.
    fn leave(&mut self, frame: &Frame) {
        let Some(enter) = frame.enter else {
            return;
        };
        if frame.tentative && self.events.len() == enter + 1 {
            self.events.pop();
            self.totals.folders -= 1;
            self.totals.excluded += 1;
            self.totals.path_bytes -= frame.path as u64;
            return;
        }
        let event = Event {
            kind: EventKind::Leave,
            ..self.events[enter]
        };
        self.events.push(event);
    }
}

/// The flags of the entry at `offset`; `next` goes along with the entries.
fn next_flags(flags: &[(u32, Flags)], next: &mut usize, offset: u32) -> Flags {
    match flags.get(*next) {
        Some((at, flags)) if *at == offset => {
            *next += 1;
            *flags
        }
        _ => Flags::NONE,
    }
}
