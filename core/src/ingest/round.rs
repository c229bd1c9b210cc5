//! Rebuilding deltas whose bases are read back from the spool.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::Error;
use crate::id::ObjectId;
use crate::ingest::examine::Harvest;
use crate::pack::{EntryStream, Extent, Forest, Kind, PackData, Visitor, Work, resolve};

/// Deltas that are rebuilt together, bases first, each base once.
#[derive(Debug)]
pub(super) struct Round {
    forest: Forest,
    /// Offsets of the deltas that are wanted, ascending; what else is in the forest is above them.
    wanted: Vec<u64>,
    /// Nodes whose base is known only by an id that no object has so far.
    waiting: HashMap<ObjectId, Vec<u32>>,
}

impl Round {
    /// Takes the `wanted` deltas with all that is above them; those that are `waiting` for an object
    /// with some id are in the forest without a base.
    pub(super) fn new(
        forest: Forest,
        wanted: Vec<u64>,
        waiting: HashMap<ObjectId, Vec<u64>>,
    ) -> Self {
        let nodes = |offsets: Vec<u64>| {
            let nodes = offsets
                .into_iter()
                .filter_map(|offset| forest.node_at(offset));
            nodes.collect()
        };
        Round {
            waiting: waiting
                .into_iter()
                .map(|(id, offsets)| (id, nodes(offsets)))
                .collect(),
            forest,
            wanted,
        }
    }

    /// Rebuilds the deltas, and returns how many of them had a base.
    pub(super) fn run(
        self,
        data: &PackData,
        harvest: &Harvest<'_>,
        work: &Work,
    ) -> Result<u64, Error> {
        let rebuilder = Rebuilder {
            forest: &self.forest,
            wanted: &self.wanted,
            waiting: Mutex::new(self.waiting),
            rebuilt: AtomicU64::new(0),
            harvest,
        };
        resolve(&self.forest, data, work, &rebuilder)?;
        Ok(rebuilder.rebuilt.into_inner())
    }

    #[cfg(test)]
    pub(super) fn forest(&self) -> &Forest {
        &self.forest
    }

    #[cfg(test)]
    pub(super) fn wanted(&self) -> &[u64] {
        &self.wanted
    }
}

struct Rebuilder<'a> {
    forest: &'a Forest,
    wanted: &'a [u64],
    waiting: Mutex<HashMap<ObjectId, Vec<u32>>>,
    rebuilt: AtomicU64,
    harvest: &'a Harvest<'a>,
}

impl Visitor for Rebuilder<'_> {
    fn whole(&self, node: u32, kind: Kind, bytes: &[u8], _: Extent) -> Result<Vec<u32>, Error> {
        let offset = self.forest.offset(node);
        if self.wanted.binary_search(&offset).is_err() {
            // Seen as it arrived; here again as a base only.
            return Ok(Vec::new());
        }
        let id = self.harvest.take_object(offset, kind, bytes)?;
        self.rebuilt.fetch_add(1, Ordering::Relaxed);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(waiting.remove(&id).unwrap_or_default())
    }

    fn stream(&self, _: u32, _: Kind, _: EntryStream<'_>) -> Result<(), Error> {
        // Only roots without deltas are streamed, and a round has none.
        Ok(())
    }

    fn too_large(&self, _: u32, _: u64) -> Result<(), Error> {
        Ok(())
    }

    fn max_object(&self) -> u64 {
        u64::MAX
    }
}
