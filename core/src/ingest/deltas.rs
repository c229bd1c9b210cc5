//! The deltas whose bases were no longer in memory when they came.

use std::collections::{HashMap, HashSet};

use crate::error::Error;
use crate::id::ObjectId;
use crate::ingest::error::StreamError;
use crate::ingest::examine::Harvest;
use crate::ingest::round::Round;
use crate::pack::{EntryProblem, ForestBuilder, PackData, Work};

/// The base of a delta, as its entry names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BaseRef {
    /// By where its entry begins.
    Offset(u64),
    Id(ObjectId),
}

/// All deltas of the pack.
///
/// Those that were put off are rebuilt in rounds, so that deltas against one base share it. An entry
/// is inflated again in one of the early rounds at most, and in the last: deltas that need it once
/// more in between wait for that.
#[derive(Debug, Default)]
pub(super) struct Deltas {
    /// Bases of the deltas that were applied as they came or are in a round, by the deltas' offsets.
    applied: HashMap<u64, u64>,
    /// What was put off, by offset, in ascending order.
    later: Vec<(u64, BaseRef)>,
    /// Whether any that was put off names its base by id.
    has_ids: bool,
    /// Entries that early rounds have inflated again.
    again: HashSet<u64>,
}

impl Deltas {
    /// Remembers a delta that was applied.
    pub(super) fn applied(&mut self, offset: u64, base: u64) {
        self.applied.insert(offset, base);
    }

    /// Puts a delta off, which comes after all that were put off before.
    pub(super) fn put_off(&mut self, offset: u64, base: BaseRef) {
        self.has_ids |= matches!(base, BaseRef::Id(_));
        self.later.push((offset, base));
    }

    /// Number of deltas that were put off.
    pub(super) fn waiting(&self) -> u64 {
        self.later.len() as u64
    }

    /// Takes what can be rebuilt while the pack still arrives; `None` if that is nothing.
    ///
    /// A base that is named by id may be yet to come, and all may hang on it, so that packs with such
    /// deltas wait for their end.
    pub(super) fn early_round(&mut self) -> Option<Round> {
        if self.has_ids || self.later.is_empty() {
            return None;
        }
        let mut builder = ForestBuilder::default();
        let mut taken = Vec::new();
        // Entries that the round leaves alone, with all below them.
        let mut left = HashSet::new();
        let mut rest = Vec::new();
        for &(offset, base_ref) in &self.later {
            let BaseRef::Offset(base) = base_ref else {
                continue;
            };
            let mut chain = Vec::new();
            let mut above = Some(base);
            let may_go = loop {
                let Some(entry) = above else { break true };
                if builder.contains(entry) {
                    break true;
                }
                if left.contains(&entry) || self.again.contains(&entry) {
                    break false;
                }
                above = self.applied.get(&entry).copied();
                chain.push((entry, above));
            };
            if !may_go {
                left.insert(offset);
                left.extend(chain.iter().map(|&(entry, _)| entry));
                rest.push((offset, base_ref));
                continue;
            }
            for (entry, above) in chain {
                match above {
                    Some(above) => builder.add_delta(entry, above),
                    None => builder.add_root(entry),
                }
                self.again.insert(entry);
            }
            builder.add_delta(offset, base);
            taken.push((offset, base));
        }
        self.later = rest;
        self.applied.extend(taken.iter().copied());
        let taken: Vec<u64> = taken.into_iter().map(|(offset, _)| offset).collect();
        (!taken.is_empty()).then(|| Round::new(builder.build(), taken, HashMap::new()))
    }

    /// Rebuilds all objects that are still put off, bases first. `entries` are the offsets of all
    /// entries in ascending order.
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
        let rebuilt = self
            .last_round(data, entries, harvest)?
            .run(data, harvest, work)?;
        if rebuilt < total {
            return Err(StreamError::MissingBases(total - rebuilt).into());
        }
        Ok(())
    }

    fn last_round(
        self,
        data: &PackData,
        entries: &[u64],
        harvest: &Harvest<'_>,
    ) -> Result<Round, Error> {
        let later: Vec<u64> = self.later.iter().map(|&(offset, _)| offset).collect();
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
        Ok(Round::new(builder.build(), later, waiting))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offsets(round: &Round) -> Vec<u64> {
        let forest = round.forest();
        (0..forest.len() as u32)
            .map(|node| forest.offset(node))
            .collect()
    }

    #[test]
    fn an_early_round_takes_all_that_hangs_together() {
        let mut deltas = Deltas::default();
        deltas.applied(20, 10);
        deltas.put_off(30, BaseRef::Offset(20));
        deltas.put_off(40, BaseRef::Offset(30));
        deltas.put_off(50, BaseRef::Offset(10));
        let round = deltas.early_round().expect("all can be rebuilt");
        assert_eq!(offsets(&round), [10, 20, 30, 40, 50]);
        assert_eq!(round.wanted(), [30, 40, 50]);
        assert_eq!(deltas.waiting(), 0);
        assert!(deltas.early_round().is_none());
    }

    #[test]
    fn early_rounds_inflate_no_entry_a_second_time() {
        let mut deltas = Deltas::default();
        deltas.put_off(30, BaseRef::Offset(10));
        assert!(deltas.early_round().is_some());
        deltas.put_off(40, BaseRef::Offset(10)); // 10 was needed already
        deltas.put_off(50, BaseRef::Offset(30)); // so was what is above 30
        deltas.put_off(60, BaseRef::Offset(40)); // waits with 40
        deltas.put_off(70, BaseRef::Offset(20));
        let round = deltas.early_round().expect("one can be rebuilt");
        assert_eq!(offsets(&round), [20, 70]);
        assert_eq!(deltas.waiting(), 3);
        assert!(deltas.early_round().is_none());
        assert_eq!(deltas.waiting(), 3);
    }

    #[test]
    fn bases_that_are_named_by_id_end_early_rounds() {
        let mut deltas = Deltas::default();
        deltas.put_off(30, BaseRef::Offset(10));
        let id = ObjectId::null(crate::id::ObjectFormat::Sha1);
        deltas.put_off(40, BaseRef::Id(id));
        assert!(deltas.early_round().is_none());
        assert_eq!(deltas.waiting(), 2);
    }
}
