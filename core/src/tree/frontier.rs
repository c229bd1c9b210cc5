//! Finds out which trees an import needs, one level of folders after the other.

use crate::error::Error;
use crate::id::ObjectId;
use crate::limits;

use super::set::{TreeIndex, TreeSet};

/// How far [`TreeSet::take_missing`] is: one level of folders after the other.
#[derive(Debug, Default)]
pub(super) struct Frontier {
    level: Vec<TreeIndex>,
    depth: u64,
    /// Folders with different trees, the root not counted.
    folders: u64,
}

impl TreeSet {
    /// Makes `root` the one below which [`take_missing`](Self::take_missing) looks.
    pub(crate) fn want(&mut self, root: ObjectId) -> Result<(), Error> {
        let root = self.place(root)?;
        self.tree_mut(root).wanted = true;
        self.frontier = Frontier {
            level: vec![root],
            ..Frontier::default()
        };
        Ok(())
    }

    /// The trees that are wanted next and are not here.
    ///
    /// To be called, and its answer inserted, until it is empty. A tree that stays missing, or is
    /// hostile, is passed over: the walk tells its path.
    ///
    /// # Errors
    ///
    /// [`LimitExceeded`](crate::ErrorKind::LimitExceeded) as soon as it is certain that the walk
    /// would end in it.
    pub(crate) fn take_missing(&mut self) -> Result<Vec<ObjectId>, Error> {
        loop {
            let mut missing = Vec::new();
            for position in 0..self.frontier.level.len() {
                let index = self.frontier.level[position];
                let tree = self.tree_mut(index);
                if tree.bytes.is_none() && !tree.asked {
                    tree.asked = true;
                    missing.push(tree.id);
                }
            }
            if !missing.is_empty() || self.frontier.level.is_empty() {
                return Ok(missing);
            }
            self.next_level()?;
        }
    }

    /// Goes on to the folders inside those of the current level that were not met before.
    fn next_level(&mut self) -> Result<(), Error> {
        let mut below = Vec::new();
        for index in std::mem::take(&mut self.frontier.level) {
            if !matches!(self.verdict(index), Some(Ok(_))) {
                continue;
            }
            for folder in 0.. {
                let Some(entry) = self.folder(index, folder) else {
                    break;
                };
                let id = entry.id;
                let child = self.place(id)?;
                let tree = self.tree_mut(child);
                if !tree.wanted {
                    tree.wanted = true;
                    below.push(child);
                    self.frontier.folders += 1;
                }
            }
        }
        if !below.is_empty() {
            self.frontier.depth += 1;
            // What is first met this far down is nowhere further up.
            limits::check("max_depth", self.limits().max_depth, self.frontier.depth)?;
            limits::check(
                "max_entries",
                self.limits().max_entries,
                self.frontier.folders,
            )?;
        }
        self.frontier.level = below;
        Ok(())
    }
}
