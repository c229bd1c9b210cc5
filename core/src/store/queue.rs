//! The way from the threads that read to the one that writes: bounded by bytes.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use super::connection::lock;
use crate::cancel::Cancel;
use crate::content::BlobFacts;
use crate::error::{Error, ErrorKind};
use crate::id::ObjectId;

/// Bytes that are on their way at most, but for a single item that is larger.
const CAPACITY: usize = 12 << 20;

/// What an item costs beside its text.
const OVERHEAD: usize = 256;

/// What is to be written.
#[derive(Debug)]
pub(super) enum Item {
    Blob {
        id: ObjectId,
        facts: BlobFacts,
        /// What is kept decoded.
        text: Option<String>,
        /// Whether the bytes were put into the folder of blobs.
        in_blobs: bool,
    },
    Tree {
        id: ObjectId,
        bytes: Vec<u8>,
    },
}

impl Item {
    pub(super) fn bytes(&self) -> usize {
        OVERHEAD
            + match self {
                Item::Blob { text, .. } => text.as_ref().map_or(0, String::len),
                Item::Tree { bytes, .. } => bytes.len(),
            }
    }
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
    bytes: usize,
    /// Nothing comes any more.
    closed: bool,
    /// Nobody takes anything any more.
    broken: bool,
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
    /// Hands an item over; waits for room.
    ///
    /// # Errors
    ///
    /// `Cancelled`, and an error that says nothing if the receiver has failed, which knows why.
    pub(super) fn push(&self, item: Item, cancel: &Cancel) -> Result<(), Error> {
        let bytes = item.bytes();
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
            return Err(Error::message(
                ErrorKind::Internal,
                "the store's writer has stopped",
            ));
        }
        state.bytes += bytes;
        state.items.push_back(item);
        drop(state);
        self.has_items.notify_one();
        Ok(())
    }

    /// Takes the oldest item; waits for one up to `patience`.
    pub(super) fn pop(&self, patience: Duration) -> Popped {
        let mut state = lock(&self.state);
        let mut may_wait = true;
        loop {
            if let Some(item) = state.items.pop_front() {
                state.bytes -= item.bytes();
                drop(state);
                self.has_room.notify_all();
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

    /// Says that nothing comes any more.
    pub(super) fn close(&self) {
        lock(&self.state).closed = true;
        self.has_items.notify_all();
    }

    /// Says that nobody takes anything any more, and lets go of what is left.
    pub(super) fn abandon(&self) {
        let mut state = lock(&self.state);
        state.broken = true;
        state.bytes = 0;
        state.items = VecDeque::new();
        drop(state);
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

    fn tree(bytes: usize) -> Item {
        Item::Tree {
            id: ObjectId::null(crate::ObjectFormat::Sha1),
            bytes: vec![0; bytes],
        }
    }

    #[test]
    fn a_full_queue_makes_senders_wait_until_it_is_emptied_cancelled_or_left() {
        let queue = Queue::default();
        let cancel = Cancel::new();
        // One item passes however large it is.
        queue.push(tree(CAPACITY * 2), &cancel).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| queue.push(tree(1), &cancel));
            std::thread::sleep(Duration::from_millis(20));
            assert!(!waiting.is_finished());
            assert!(matches!(queue.pop(Duration::ZERO), Popped::Item(_)));
            waiting.join().unwrap().unwrap();

            let full = scope.spawn(|| queue.push(tree(CAPACITY), &cancel));
            std::thread::sleep(Duration::from_millis(20));
            cancel.cancel();
            let error = full.join().unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Cancelled);

            let cancel = Cancel::new();
            let left = scope.spawn(move || {
                std::thread::sleep(Duration::from_millis(20));
                cancel
            });
            let cancel = left.join().unwrap();
            queue.abandon();
            assert!(queue.push(tree(1), &cancel).is_err());
        });
    }

    #[test]
    fn a_closed_queue_hands_out_the_rest_and_ends() {
        let queue = Queue::default();
        queue.push(tree(1), &Cancel::new()).unwrap();
        assert!(matches!(queue.pop(Duration::ZERO), Popped::Item(_)));
        assert!(matches!(queue.pop(Duration::ZERO), Popped::Nothing));
        queue.push(tree(1), &Cancel::new()).unwrap();
        drop(CloseOnDrop(&queue));
        assert!(matches!(
            queue.pop(Duration::from_secs(60)),
            Popped::Item(_)
        ));
        assert!(matches!(queue.pop(Duration::from_secs(60)), Popped::End));
    }
}
