//! The means of reading packs: threads and what each keeps, memory, and the ways to stop.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use crate::budget::Reservation;
use crate::cancel::Cancel;
use crate::error::{Error, LimitError};
use crate::limits::INFLATE_RATIO_FLOOR;
use crate::pack::data::PackData;
use crate::pack::pool::Pool;
use crate::pack::reader::{EntryReader, THREAD_BUFFERS};
use crate::spill::Buffers;

/// The means of the work: threads, memory, and the ways to stop.
#[derive(Debug)]
pub(crate) struct Work {
    pool: Pool,
    pub(crate) buffers: Buffers,
    pub(crate) cancel: Cancel,
    pub(crate) meter: Meter,
    /// Objects up to this many bytes are inflated into memory that each thread keeps.
    pub(super) scratch: usize,
    threads: Vec<Mutex<ThreadState>>,
    /// The threads' own buffers, as far as the budget covers them.
    _reservation: Option<Reservation>,
}

/// What a thread keeps between objects.
#[derive(Debug)]
pub(super) struct ThreadState {
    pub(super) reader: EntryReader,
    pub(super) object: Vec<u8>,
    pub(super) delta: Vec<u8>,
    /// The identity of the pack that the reader's window belongs to.
    pack: Option<Arc<()>>,
}

/// Watches how much larger the objects are than what is stored of them.
#[derive(Debug)]
pub(crate) struct Meter {
    max_ratio: u64,
    inflated: AtomicU64,
    stored: AtomicU64,
}

impl Meter {
    pub(crate) fn new(max_ratio: u64) -> Self {
        Meter {
            max_ratio,
            inflated: AtomicU64::new(0),
            stored: AtomicU64::new(0),
        }
    }

    /// Counts an object of `size` bytes of which `stored` are in the pack.
    pub(crate) fn add(&self, size: u64, stored: u64) -> Result<(), LimitError> {
        let stored = self.stored.fetch_add(stored, Ordering::Relaxed) + stored;
        let inflated = self
            .inflated
            .fetch_add(size, Ordering::Relaxed)
            .saturating_add(size);
        if inflated > INFLATE_RATIO_FLOOR && inflated / self.max_ratio.max(1) > stored {
            return Err(LimitError::new("max_inflate_ratio", self.max_ratio)
                .actual(inflated / stored.max(1)));
        }
        Ok(())
    }
}

/// The share of the budget that the threads' own buffers may take, all together.
const SCRATCH_SHARE: u64 = 8;

impl Work {
    /// Prepares work on `threads` threads.
    ///
    /// # Errors
    ///
    /// If the operating system gives no threads.
    pub(crate) fn new(
        threads: usize,
        buffers: Buffers,
        cancel: Cancel,
        max_ratio: u64,
    ) -> Result<Self, Error> {
        let pool = Pool::new(threads);
        pool.get()?;
        let share = buffers.budget().limit() / SCRATCH_SHARE / threads.max(1) as u64;
        let scratch = share.clamp(64 << 10, 2 << 20) as usize;
        let own = threads * (2 * scratch + THREAD_BUFFERS);
        Ok(Work {
            pool,
            _reservation: buffers.budget().try_reserve(own as u64),
            buffers,
            cancel,
            meter: Meter::new(max_ratio),
            scratch,
            threads: (0..threads)
                .map(|_| Mutex::new(ThreadState::new()))
                .collect(),
        })
    }

    /// Begins anew with another import: nothing was read ahead, and nothing was counted.
    #[cfg(feature = "internals")]
    pub(crate) fn renew(&mut self) {
        self.meter = Meter::new(self.meter.max_ratio);
        for state in &mut self.threads {
            let state = state.get_mut().unwrap_or_else(PoisonError::into_inner);
            state.pack = None;
        }
    }

    /// The threads, which are started if they rest.
    ///
    /// # Errors
    ///
    /// If the operating system gives no threads.
    pub(crate) fn pool(&self) -> Result<Arc<rayon::ThreadPool>, Error> {
        self.pool.get()
    }

    /// Lets threads and their buffers go, and forgets the deadline: what was asked for is done, and
    /// whether more is asked for is not known.
    pub(crate) fn rest(&mut self) {
        self.pool.rest();
        for state in &mut self.threads {
            *state.get_mut().unwrap_or_else(PoisonError::into_inner) = ThreadState::new();
        }
        self.cancel = self.cancel.within(None);
    }

    /// The state of the calling thread, which is one of the pool's.
    ///
    /// A visitor whose host waits for the pool in turn may come back here on the same thread, which
    /// then gets another state, for once.
    pub(super) fn thread_state(&self, data: &PackData) -> Held<'_> {
        let index = rayon::current_thread_index().unwrap_or(0);
        let mut state = match self.threads.get(index).map(Mutex::try_lock) {
            Some(Ok(state)) => Held::Own(state),
            Some(Err(TryLockError::Poisoned(state))) => Held::Own(state.into_inner()),
            Some(Err(TryLockError::WouldBlock)) | None => Held::New(Box::new(ThreadState::new())),
        };
        let is_same = |pack: &Arc<()>| Arc::ptr_eq(pack, data.identity());
        if !state.pack.as_ref().is_some_and(is_same) {
            state.pack = Some(Arc::clone(data.identity()));
            state.reader.change_pack();
        }
        state
    }
}

impl ThreadState {
    fn new() -> Self {
        ThreadState {
            reader: EntryReader::new(),
            object: Vec::new(),
            delta: Vec::new(),
            pack: None,
        }
    }
}

/// A state that nobody else has.
pub(super) enum Held<'a> {
    Own(MutexGuard<'a, ThreadState>),
    New(Box<ThreadState>),
}

impl Deref for Held<'_> {
    type Target = ThreadState;

    fn deref(&self) -> &ThreadState {
        match self {
            Held::Own(state) => state,
            Held::New(state) => state,
        }
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut ThreadState {
        match self {
            Held::Own(state) => state,
            Held::New(state) => state,
        }
    }
}
