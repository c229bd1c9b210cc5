//! The deltas whose bases were no longer in memory when they came.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::Error;
use crate::id::ObjectId;
use crate::ingest::error::StreamError;
use crate::ingest::examine::Harvest;
use crate::pack::{
    EntryProblem, EntryStream, Extent, Forest, ForestBuilder, Kind, PackData, Visitor, Work,
    resolve,
};

/// The base of a delta, as its entry names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BaseRef {
    /// By where its entry begins.
    Offset(u64),
    Id(ObjectId),
}

/// All deltas of the pack.
#[derive(Debug, Default)]
pub(super) struct Deltas {
    /// Bases of the deltas that were applied as they came, by the deltas' offsets.
    applied: HashMap<u64, u64>,
    later: Vec<(u64, BaseRef)>,
}

impl Deltas {
    /// Remembers a delta that was applied.
    pub(super) fn applied(&mut self, offset: u64, base: u64) {
        self.applied.insert(offset, base);
    }

    /// Puts a delta off until the pack is complete.
    pub(super) fn put_off(&mut self, offset: u64, base: BaseRef) {
        self.later.push((offset, base));
    }

    /// Number of deltas that were put off.
    pub(super) fn waiting(&self) -> u64 {
        self.later.len() as u64
    }

    /// Rebuilds all objects that were put off, bases first. `entries` are the offsets of all entries
    /// in ascending order.
    ///
    /// # Errors
    ///
    /// If a base is not in the pack, or a delta is malformed.
    pub(super) fn resolve(
        self,
        data: &PackData,
        entries: &[u64],
        harvest: &Harvest<'_>,
        work: &Work,
    ) -> Result<(), Error> {
        if self.later.is_empty() {
            return Ok(());
        }
        let total = self.waiting();
        let plan = self.plan(data, entries, harvest)?;
        let resolver = Resolver {
            forest: &plan.forest,
            later: &plan.later,
            waiting: Mutex::new(plan.waiting),
            rebuilt: AtomicU64::new(0),
            harvest,
        };
        resolve(&plan.forest, data, work, &resolver)?;
        let rebuilt = resolver.rebuilt.into_inner();
        if rebuilt < total {
            return Err(StreamError::MissingBases(total - rebuilt).into());
        }
        Ok(())
    }

    fn plan(self, data: &PackData, entries: &[u64], harvest: &Harvest<'_>) -> Result<Plan, Error> {
        let mut later: Vec<u64> = self.later.iter().map(|&(offset, _)| offset).collect();
        later.sort_unstable();
        let mut builder = ForestBuilder::default();
        let mut waiting: HashMap<ObjectId, Vec<u64>> = HashMap::new();
        let gathered = harvest.lock();
        for &(offset, base) in &self.later {
            let base = match base {
                BaseRef::Offset(base) => base,
                BaseRef::Id(id) => match gathered.places.get(&id) {
                    Some(place) => place.offset,
                    None => {
                        builder.add_orphan(offset);
                        waiting.entry(id).or_default().push(offset);
                        continue;
                    }
                },
            };
            builder.add_delta(offset, base);
            // What is above a delta that was put off is in the plan already, or will be.
            let mut above = base;
            while !builder.contains(above) && later.binary_search(&above).is_err() {
                if entries.binary_search(&above).is_err() {
                    return Err(data.problem(offset, None, EntryProblem::BaseOffset));
                }
                match self.applied.get(&above) {
                    None => builder.add_root(above),
                    Some(&base) => {
                        builder.add_delta(above, base);
                        above = base;
                    }
                }
            }
        }
        drop(gathered);
        let forest = builder.build();
        let waiting = waiting
            .into_iter()
            .map(|(id, offsets)| {
                let nodes = offsets
                    .into_iter()
                    .filter_map(|offset| forest.node_at(offset))
                    .collect();
                (id, nodes)
            })
            .collect();
        Ok(Plan {
            forest,
            later,
            waiting,
        })
    }
}

struct Plan {
    forest: Forest,
    /// Offsets of the deltas that were put off, ascending.
    later: Vec<u64>,
    /// Nodes whose base is known only by an id that no object has so far.
    waiting: HashMap<ObjectId, Vec<u32>>,
}

struct Resolver<'a> {
    forest: &'a Forest,
    later: &'a [u64],
    waiting: Mutex<HashMap<ObjectId, Vec<u32>>>,
    rebuilt: AtomicU64,
    harvest: &'a Harvest<'a>,
}

impl Visitor for Resolver<'_> {
    fn whole(&self, node: u32, kind: Kind, bytes: &[u8], _: Extent) -> Result<Vec<u32>, Error> {
        let offset = self.forest.offset(node);
        if self.later.binary_search(&offset).is_err() {
            // Seen as it arrived; here again as a base only.
            return Ok(Vec::new());
        }
        let id = self.harvest.take_object(offset, kind, bytes)?;
        self.rebuilt.fetch_add(1, Ordering::Relaxed);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(waiting.remove(&id).unwrap_or_default())
    }

    fn stream(&self, _: u32, _: Kind, _: EntryStream<'_>) -> Result<(), Error> {
        // Only roots without deltas are streamed, and the plan has none.
        Ok(())
    }

    fn too_large(&self, _: u32, _: u64) -> Result<(), Error> {
        Ok(())
    }

    fn max_object(&self) -> u64 {
        u64::MAX
    }
}
