//! The way from the threads that read to the one that writes: bounded by bytes.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use super::connection::lock;
use super::texts::{STOPPED, Text};
use crate::cancel::Cancel;
use crate::content::BlobFacts;
use crate::error::{Error, ErrorKind};
use crate::id::ObjectId;

/// Bytes that are on their way at most, but for a single item that is larger.
const CAPACITY: usize = 4 << 20;

/// What an item costs beside its text.
const OVERHEAD: usize = 256;

/// What is to be written.
#[derive(Debug)]
pub(super) enum Item {
    Blob {
        id: ObjectId,
        facts: BlobFacts,
        /// What is kept decoded.
        text: Option<Text>,
        /// Whether the bytes were put into the folder of blobs.
        in_blobs: bool,
        /// The room that the text takes.
        permit: Option<Permit>,
    },
    Tree {
        id: ObjectId,
        bytes: Vec<u8>,
        /// The room that the bytes take, given back when the item goes.
        _permit: Permit,
    },
}

/// Items between many senders and one receiver.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    has_items: Condvar,
    has_room: Condvar,
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Item>,
    /// Of all permits.
    bytes: usize,
    /// Nothing comes any more.
    closed: bool,
    /// Nobody takes anything any more.
    broken: bool,
}

/// Room for some bytes, given back on drop.
///
/// It is asked for before the bytes are made, and kept until they are written, so that there is
/// never more than the room on the whole way.
#[derive(Debug)]
pub(super) struct Permit {
    queue: Arc<Queue>,
    bytes: usize,
}

impl Drop for Permit {
    fn drop(&mut self) {
        lock(&self.queue.state).bytes -= self.bytes;
        self.queue.has_room.notify_all();
    }
}

/// What [`Queue::pop`] has.
#[derive(Debug)]
pub(super) enum Popped {
    Item(Item),
    /// Nothing came in time.
    Nothing,
    /// Nothing will come.
    End,
}

impl Queue {
    /// Waits for room for `bytes`; more than there is at all has to be alone.
    ///
    /// # Errors
    ///
    /// `Cancelled`, and an error that says nothing if the receiver has failed, which knows why.
    pub(super) fn acquire(self: &Arc<Self>, bytes: u64, cancel: &Cancel) -> Result<Permit, Error> {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX / 4) + OVERHEAD;
        let mut state = lock(&self.state);
        while !state.broken && state.bytes > 0 && state.bytes + bytes > CAPACITY {
            cancel.check()?;
            let pause = Duration::from_millis(50);
            state = match self.has_room.wait_timeout(state, pause) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
        if state.broken {
            return Err(Error::message(ErrorKind::Internal, STOPPED));
        }
        state.bytes += bytes;
        Ok(Permit {
            queue: Arc::clone(self),
            bytes,
        })
    }

    /// Hands an item over.
    pub(super) fn push(&self, item: Item) {
        let mut state = lock(&self.state);
        if !state.broken {
            state.items.push_back(item);
            drop(state);
            self.has_items.notify_one();
        }
    }

    /// Takes the oldest item; waits for one up to `patience`.
    pub(super) fn pop(&self, patience: Duration) -> Popped {
        let mut state = lock(&self.state);
        let mut may_wait = true;
        loop {
            if let Some(item) = state.items.pop_front() {
                return Popped::Item(item);
            }
            if state.closed {
                return Popped::End;
            }
            if !may_wait {
                return Popped::Nothing;
            }
            state = match self.has_items.wait_timeout(state, patience) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
            may_wait = false;
        }
    }

    /// Whether half of the room is taken by what waits and what is being written.
    pub(super) fn is_half_full(&self) -> bool {
        lock(&self.state).bytes >= CAPACITY / 2
    }

    /// Says that nothing comes any more.
    pub(super) fn close(&self) {
        lock(&self.state).closed = true;
        self.has_items.notify_all();
    }

    /// Says that nobody takes anything any more, and lets go of what is left.
    pub(super) fn abandon(&self) {
        let mut state = lock(&self.state);
        state.broken = true;
        let items = std::mem::take(&mut state.items);
        drop(state);
        // They give their room back, for which the state must be free.
        drop(items);
        self.has_room.notify_all();
    }
}

/// Calls [`Queue::close`] when it goes, so that the receiver ends whatever happens to the senders.
pub(super) struct CloseOnDrop<'a>(pub(super) &'a Queue);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Calls [`Queue::abandon`] when it goes.
pub(super) struct AbandonOnDrop<'a>(pub(super) &'a Queue);

impl Drop for AbandonOnDrop<'_> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(permit: Permit) -> Item {
        Item::Tree {
            id: ObjectId::null(crate::ObjectFormat::Sha1),
            bytes: Vec::new(),
            _permit: permit,
        }
    }

    #[test]
    fn senders_wait_for_room_until_it_comes_or_the_work_is_cancelled_or_left() {
        let queue = Arc::new(Queue::default());
        let cancel = Cancel::new();
        // One item passes however large it is.
        let large = queue.acquire(CAPACITY as u64 * 2, &cancel).unwrap();
        queue.push(tree(large));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| queue.acquire(1, &cancel).map(drop));
            let Popped::Item(item) = queue.pop(Duration::ZERO) else {
                panic!("it was pushed");
            };
            std::thread::sleep(Duration::from_millis(20));
            assert!(!waiting.is_finished(), "it is not written yet");
            drop(item);
            waiting.join().unwrap().unwrap();

            let _some = queue.acquire(1, &cancel).unwrap();
            let full = scope.spawn(|| queue.acquire(CAPACITY as u64, &cancel).map(drop));
            std::thread::sleep(Duration::from_millis(20));
            cancel.cancel();
            let error = full.join().unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Cancelled);

            let other = Cancel::new();
            queue.push(tree(queue.acquire(1, &other).unwrap()));
            queue.abandon();
            assert!(queue.acquire(1, &other).is_err());
        });
    }

    #[test]
    fn a_closed_queue_hands_out_the_rest_and_ends() {
        let queue = Arc::new(Queue::default());
        let push = || queue.push(tree(queue.acquire(1, &Cancel::new()).unwrap()));
        push();
        assert!(matches!(queue.pop(Duration::ZERO), Popped::Item(_)));
        assert!(matches!(queue.pop(Duration::ZERO), Popped::Nothing));
        push();
        drop(CloseOnDrop(&queue));
        let long = Duration::from_secs(60);
        assert!(matches!(queue.pop(long), Popped::Item(_)));
        assert!(matches!(queue.pop(long), Popped::End));
    }
}
