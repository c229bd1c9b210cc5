//! Objects that have just gone by, for the deltas that follow them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::ingest::batch::{Batch, BatchPool};
use crate::pack::Kind;

/// The latest batches, by the offsets of the objects in them.
///
/// Git writes a delta soon after its base, so most bases are still in memory when they are needed.
#[derive(Debug)]
pub(super) struct Recent {
    batches: VecDeque<Arc<Batch>>,
    /// Number of the batch among all that ever were, and of the object in it.
    places: HashMap<u64, (u64, u32)>,
    /// Number of the first batch that is still here.
    first: u64,
    bytes: usize,
    max_bytes: usize,
}

impl Recent {
    pub(super) fn new(max_bytes: usize) -> Self {
        Recent {
            batches: VecDeque::new(),
            places: HashMap::new(),
            first: 0,
            bytes: 0,
            max_bytes,
        }
    }

    /// Remembers a batch, and returns memory of old ones to the pool.
    pub(super) fn add(&mut self, batch: Arc<Batch>, pool: &mut BatchPool) {
        let number = self.first + self.batches.len() as u64;
        for (index, object) in batch.objects().iter().enumerate() {
            self.places.insert(object.offset, (number, index as u32));
        }
        self.bytes += batch.capacity();
        self.batches.push_back(batch);
        while self.bytes > self.max_bytes {
            let Some(oldest) = self.batches.pop_front() else {
                break;
            };
            self.first += 1;
            self.bytes -= oldest.capacity();
            for object in oldest.objects() {
                self.places.remove(&object.offset);
            }
            pool.give_back(oldest);
        }
    }

    /// The object whose entry begins at `offset`, if it is still here.
    pub(super) fn get(&self, offset: u64) -> Option<(Kind, &[u8])> {
        let &(number, index) = self.places.get(&offset)?;
        let batch = self.batches.get((number - self.first) as usize)?;
        let object = &batch.objects()[index as usize];
        Some((object.kind, batch.bytes(object)))
    }
}
