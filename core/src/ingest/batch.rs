//! Inflated objects on their way to the threads that hash them.

use std::ops::Range;
use std::sync::Arc;

use crate::budget::{Budget, Reservation};
use crate::pack::Kind;

/// Objects side by side in one run of memory.
#[derive(Debug)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    filled: usize,
    objects: Vec<BatchObject>,
    _reservation: Option<Reservation>,
}

/// One object of a batch.
#[derive(Clone, Debug)]
pub(super) struct BatchObject {
    /// Where its entry begins in the pack.
    pub(super) offset: u64,
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

/// So many objects go into one batch at most.
const MAX_OBJECTS: usize = 512;

/// The most bytes of an object that has a batch of its own.
const MAX_ALONE: u64 = 16 << 20;

/// The share of the budget that such an object may take.
const ALONE_SHARE: u64 = 16;

impl Batch {
    fn new(capacity: usize, reservation: Option<Reservation>) -> Self {
        Batch {
            bytes: vec![0; capacity],
            filled: 0,
            objects: Vec::new(),
            _reservation: reservation,
        }
    }

    /// Whether another object of `len` bytes fits.
    pub(super) fn has_room(&self, len: usize) -> bool {
        self.objects.len() < MAX_OBJECTS && self.bytes.len() - self.filled >= len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// The free rest, for the next object.
    pub(super) fn room(&mut self) -> &mut [u8] {
        &mut self.bytes[self.filled..]
    }

    /// What is filled, and the free rest.
    pub(super) fn split(&mut self) -> (&[u8], &mut [u8]) {
        let (done, room) = self.bytes.split_at_mut(self.filled);
        (done, room)
    }

    /// The object whose entry begins at `offset`.
    pub(super) fn find(&self, offset: u64) -> Option<&BatchObject> {
        let index = self
            .objects
            .binary_search_by_key(&offset, |object| object.offset)
            .ok()?;
        Some(&self.objects[index])
    }

    /// Takes the first `len` bytes of the free rest as an object.
    pub(super) fn push(&mut self, offset: u64, kind: Kind, len: usize) {
        let range = self.filled..self.filled + len;
        self.filled = range.end;
        self.objects.push(BatchObject {
            offset,
            kind,
            range,
        });
    }

    pub(super) fn objects(&self) -> &[BatchObject] {
        &self.objects
    }

    pub(super) fn bytes(&self, object: &BatchObject) -> &[u8] {
        &self.bytes[object.range.clone()]
    }

    /// Bytes of memory.
    pub(super) fn capacity(&self) -> usize {
        self.bytes.len()
    }

    fn clear(&mut self) {
        self.filled = 0;
        self.objects.clear();
    }
}

/// Makes batches, and uses their memory again.
#[derive(Debug)]
pub(super) struct BatchPool {
    budget: Budget,
    capacity: usize,
    free: Vec<Batch>,
}

impl BatchPool {
    /// Makes batches of `capacity` bytes.
    pub(super) fn new(budget: Budget, capacity: usize) -> Self {
        BatchPool {
            budget,
            capacity,
            free: Vec::new(),
        }
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// An empty batch.
    pub(super) fn take(&mut self) -> Batch {
        self.free.pop().unwrap_or_else(|| {
            let reservation = self.budget.try_reserve(self.capacity as u64);
            Batch::new(self.capacity, reservation)
        })
    }

    /// An empty batch of `len` bytes, for one object that does not fit beside others; `None` if it
    /// takes too much of the budget.
    pub(super) fn take_for_one(&self, len: u64) -> Option<Batch> {
        if len > MAX_ALONE.min(self.budget.limit() / ALONE_SHARE) {
            return None;
        }
        let reservation = self.budget.try_reserve(len)?;
        Some(Batch::new(len as usize, Some(reservation)))
    }

    /// Takes a batch back, if nobody looks at it any more. Those of a single object are let go, since
    /// no other is as large.
    pub(super) fn give_back(&mut self, batch: Arc<Batch>) {
        if batch.capacity() == self.capacity
            && let Ok(mut batch) = Arc::try_unwrap(batch)
        {
            batch.clear();
            self.free.push(batch);
        }
    }
}
