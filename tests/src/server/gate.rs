//! A server's answers, held back until a test lets them go.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Holds back all but the first bytes of each pack that a server sends, until it is opened.
///
/// Clones are the same gate.
#[derive(Clone, Debug)]
pub struct Gate {
    bytes: u64,
    shared: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Debug, Default)]
struct State {
    is_open: bool,
    waiting: usize,
    /// Bytes a second of what comes behind an open gate.
    pace: Option<u64>,
}

impl Gate {
    /// A closed gate, before which there is room for so many bytes of each pack.
    pub fn after(bytes: u64) -> Self {
        Gate {
            bytes,
            shared: Arc::default(),
        }
    }

    /// An open gate, behind which so many bytes go each second.
    pub fn slow(bytes_per_second: u64) -> Self {
        let gate = Gate::after(0);
        gate.change(|state| {
            state.is_open = true;
            state.pace = Some(bytes_per_second);
        });
        gate
    }

    /// Lets everything through from now on.
    pub fn open(&self) {
        self.change(|state| {
            state.is_open = true;
            state.pace = None;
        });
    }

    /// How many packs are held back now.
    pub fn waiting(&self) -> usize {
        self.lock().waiting
    }

    /// Waits until so many packs are held back.
    ///
    /// # Panics
    ///
    /// If that takes more than a minute.
    pub fn wait_for(&self, packs: usize) {
        for _ in 0..6_000 {
            if self.waiting() >= packs {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{} of {packs} packs came to the gate", self.waiting());
    }

    /// Passes, or waits, before the next of the bytes that come after `sent` others.
    pub(super) fn pass(&self, sent: u64, next: u64) {
        if sent < self.bytes {
            return;
        }
        let mut state = self.lock();
        state.waiting += 1;
        while !state.is_open {
            let waited = self.shared.1.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting -= 1;
        let pace = state.pace;
        drop(state);
        if let Some(pace) = pace {
            std::thread::sleep(Duration::from_millis(next * 1000 / pace.max(1)));
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.shared.1.notify_all();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
