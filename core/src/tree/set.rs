//! All trees of an import, in memory, each once.

use std::collections::HashMap;

use crate::error::{Error, LimitError};
use crate::id::{ObjectFormat, ObjectId};
use crate::limits::Limits;
use crate::manifest::Flags;

use super::check::{Checked, Fault, check};
use super::error::TreeError;
use super::frontier::Frontier;
use super::measure::Measure;
use super::parse::{Entries, EntryKind};

/// What one tree costs apart from its bytes: its place in the table and in the index.
const OVERHEAD: u64 = 256;

/// Hands out the bytes of a tree that is not in the set; `None` if nobody has it.
pub(crate) type Load<'a> = dyn FnMut(ObjectId) -> Result<Option<Vec<u8>>, Error> + 'a;

/// The trees of an import by id.
///
/// A tree is judged when it is reached from the root and not before, so that what else a pack holds
/// does no harm. The bytes are those that the id names: verifying that is the feeder's part.
#[derive(Debug)]
pub(crate) struct TreeSet {
    format: ObjectFormat,
    limits: Limits,
    index: HashMap<ObjectId, u32>,
    trees: Vec<Tree>,
    /// Bytes of all trees with their overhead, which `max_tree_bytes` caps.
    held: u64,
    pub(super) frontier: Frontier,
}

/// Position of a tree in the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TreeIndex(pub(super) u32);

#[derive(Debug)]
pub(super) struct Tree {
    pub(super) id: ObjectId,
    pub(super) bytes: Option<Box<[u8]>>,
    verdict: Option<Result<Checked, Box<Fault>>>,
    /// Set once the tree is in the frontier, or was.
    pub(super) wanted: bool,
    /// Set once the tree was among those that a feeder should load.
    pub(super) asked: bool,
}

/// The bytes of a tree with the verdict on them, which may be found on any thread.
pub(crate) struct Judged {
    bytes: Box<[u8]>,
    verdict: Result<Checked, Box<Fault>>,
}

/// By what trees are judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judge {
    format: ObjectFormat,
    max_entries: u64,
}

impl Judge {
    pub(crate) fn judge(self, bytes: &[u8]) -> Judged {
        Judged {
            verdict: check(bytes, self.format, self.max_entries),
            bytes: bytes.into(),
        }
    }
}

impl TreeSet {
    pub(crate) fn new(format: ObjectFormat, limits: &Limits) -> Self {
        TreeSet {
            format,
            limits: limits.clone(),
            index: HashMap::new(),
            trees: Vec::new(),
            held: 0,
            frontier: Frontier::default(),
        }
    }

    pub(crate) fn format(&self) -> ObjectFormat {
        self.format
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Takes in a tree; one that is here already stays as it is.
    ///
    /// # Errors
    ///
    /// [`LimitExceeded`](crate::ErrorKind::LimitExceeded) by `max_tree_bytes`, which counts each
    /// tree with 256 bytes of bookkeeping.
    pub(crate) fn insert(&mut self, id: ObjectId, bytes: &[u8]) -> Result<(), Error> {
        let index = self.place(id)?;
        if self.tree(index).bytes.is_none() {
            self.charge(bytes.len() as u64, id)?;
            self.tree_mut(index).bytes = Some(bytes.into());
        }
        Ok(())
    }

    /// Says by what the trees of this set are judged.
    pub(crate) fn judge(&self) -> Judge {
        Judge {
            format: self.format,
            max_entries: self.limits.max_entries,
        }
    }

    /// Takes in a tree that was judged by [this set's judge](Self::judge), like
    /// [`insert`](Self::insert).
    pub(crate) fn insert_judged(&mut self, id: ObjectId, judged: Judged) -> Result<(), Error> {
        let index = self.place(id)?;
        if self.tree(index).bytes.is_none() {
            self.charge(judged.bytes.len() as u64, id)?;
            let tree = self.tree_mut(index);
            tree.bytes = Some(judged.bytes);
            tree.verdict = Some(judged.verdict);
        }
        Ok(())
    }

    /// Makes sure that a tree is here and may be imported; `path` is for the error.
    pub(super) fn open(
        &mut self,
        index: TreeIndex,
        path: &[u8],
        load: &mut Load<'_>,
    ) -> Result<(), Error> {
        let id = self.tree(index).id;
        if self.tree(index).bytes.is_none()
            && let Some(bytes) = load(id)?
        {
            self.insert(id, &bytes)?;
        }
        let fault = match self.verdict(index) {
            Some(Ok(_)) => return Ok(()),
            Some(Err(fault)) => fault,
            None => {
                let path = path.to_vec();
                return Err(TreeError::Missing { tree: id, path }.into());
            }
        };
        Err(match &**fault {
            Fault::Malformed(malformed) => TreeError::Malformed {
                tree: id,
                path: path.to_vec(),
                reason: malformed.reason,
                offset: malformed.offset,
            },
            Fault::Hostile {
                message,
                name,
                id: entry,
            } => TreeError::Hostile {
                message: *message,
                tree: id,
                entry: *entry,
                path: joined(path, name),
            },
        }
        .into())
    }

    /// The place of a tree in the table, whether it is here or not.
    pub(super) fn place(&mut self, id: ObjectId) -> Result<TreeIndex, Error> {
        if let Some(&index) = self.index.get(&id) {
            return Ok(TreeIndex(index));
        }
        self.charge(OVERHEAD, id)?;
        let index = u32::try_from(self.trees.len())
            .map_err(|_| LimitError::new("max_tree_bytes", self.limits.max_tree_bytes))?;
        self.index.insert(id, index);
        self.trees.push(Tree {
            id,
            bytes: None,
            verdict: None,
            wanted: false,
            asked: false,
        });
        Ok(TreeIndex(index))
    }

    /// The place of a tree that is here and may be imported.
    pub(super) fn checked(&mut self, id: ObjectId) -> Option<TreeIndex> {
        let index = TreeIndex(*self.index.get(&id)?);
        matches!(self.verdict(index), Some(Ok(_))).then_some(index)
    }

    /// The place of a tree that was [opened](Self::open).
    pub(super) fn opened(&self, id: ObjectId) -> Option<TreeIndex> {
        let index = TreeIndex(*self.index.get(&id)?);
        matches!(self.tree(index).verdict, Some(Ok(_))).then_some(index)
    }

    /// The entry at `offset` of a tree that was [opened](Self::open); `None` at its end.
    pub(super) fn entry(&self, index: TreeIndex, offset: u32) -> Option<TreeEntry<'_>> {
        let bytes = self.tree(index).bytes.as_deref()?;
        let mut entries = Entries::from_offset(bytes, self.format, offset as usize);
        let entry = entries.next()?.expect("because the tree was checked");
        Some(TreeEntry {
            name: entry.name,
            mode: entry.mode,
            kind: entry.kind().expect("because the tree was checked"),
            id: entry.id(),
            end: entries.offset() as u32,
        })
    }

    /// The folder with this number in a tree that was [opened](Self::open); `None` after the last.
    pub(super) fn folder(&self, index: TreeIndex, number: usize) -> Option<TreeEntry<'_>> {
        let Some(Ok(checked)) = &self.tree(index).verdict else {
            return None;
        };
        self.entry(index, *checked.folders.get(number)?)
    }

    /// What all but the folders of a tree that was [opened](Self::open) add up to.
    pub(super) fn leaves(&self, index: TreeIndex) -> Measure {
        match &self.tree(index).verdict {
            Some(Ok(checked)) => checked.leaves,
            _ => Measure::default(),
        }
    }

    /// The flags of the odd entries of a tree that was [opened](Self::open), by offset.
    pub(super) fn flags(&self, index: TreeIndex) -> &[(u32, Flags)] {
        match &self.tree(index).verdict {
            Some(Ok(checked)) => &checked.flags,
            _ => &[],
        }
    }

    pub(super) fn verdict(&mut self, index: TreeIndex) -> Option<&Result<Checked, Box<Fault>>> {
        let Judge {
            format,
            max_entries,
        } = self.judge();
        let tree = self.tree_mut(index);
        let bytes = tree.bytes.as_deref()?;
        Some(
            tree.verdict
                .get_or_insert_with(|| check(bytes, format, max_entries)),
        )
    }

    fn charge(&mut self, bytes: u64, id: ObjectId) -> Result<(), LimitError> {
        let limit = self.limits.max_tree_bytes;
        let held = self.held.saturating_add(bytes);
        // Offsets in a tree are kept in 32 bits.
        if held > limit || bytes > u64::from(u32::MAX) {
            return Err(LimitError::new("max_tree_bytes", limit)
                .actual(held)
                .at_object(id));
        }
        self.held = held;
        Ok(())
    }

    fn tree(&self, index: TreeIndex) -> &Tree {
        &self.trees[index.0 as usize]
    }

    pub(super) fn tree_mut(&mut self, index: TreeIndex) -> &mut Tree {
        &mut self.trees[index.0 as usize]
    }
}

/// One entry of a tree that passed the check.
#[derive(Clone, Copy, Debug)]
pub(super) struct TreeEntry<'a> {
    pub(super) name: &'a [u8],
    pub(super) mode: u32,
    pub(super) kind: EntryKind,
    pub(super) id: ObjectId,
    /// Where the next entry begins.
    pub(super) end: u32,
}

/// The path of what is called `name` in the folder `path`, of which the root's is empty.
pub(super) fn joined(path: &[u8], name: &[u8]) -> Vec<u8> {
    let mut joined = path.to_vec();
    if !path.is_empty() {
        joined.push(b'/');
    }
    joined.extend_from_slice(name);
    joined
}
