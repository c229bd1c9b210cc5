//! The threads that hash what was inflated.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::Scope;

use crate::error::{Error, ErrorKind};
use crate::ingest::Look;
use crate::ingest::batch::Batch;
use crate::ingest::examine::{Harvest, StreamExaminer};
use crate::ingest::round::Round;
use crate::pack::{PackData, Work};

/// Pieces of one object under way at once.
const PIECES: usize = 4;

/// The threads that hash, and what they have to do.
pub(super) struct Crew<'a> {
    pub(super) work: &'a Work,
    pub(super) harvest: &'a Harvest<'a>,
    /// Batches that may wait or be worked on at once.
    pub(super) window: usize,
    look: Option<&'a Look<'a>>,
    state: Mutex<CrewState>,
}

#[derive(Default)]
struct CrewState {
    busy: usize,
    failure: Option<Error>,
    failed: bool,
}

impl<'a> Crew<'a> {
    pub(super) fn new(
        work: &'a Work,
        threads: usize,
        harvest: &'a Harvest<'a>,
        look: Option<&'a Look<'a>>,
    ) -> Self {
        Crew {
            work,
            harvest,
            window: if threads == 1 { 0 } else { 2 * threads },
            look,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, CrewState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first error of a worker, once.
    pub(super) fn failure(&self) -> Option<Error> {
        self.state().failure.take()
    }

    fn fail(&self, error: Error) {
        let mut state = self.state();
        state.failed = true;
        state.failure.get_or_insert(error);
    }

    /// Has a batch hashed: by another thread, or by this one if all are busy.
    pub(super) fn hash<'s>(&'s self, scope: &Scope<'s>, batch: Arc<Batch>) -> Result<(), Error> {
        let mut state = self.state();
        if state.failed {
            return Err(Error::message(ErrorKind::Internal, "the import has failed"));
        }
        if state.busy >= self.window {
            drop(state);
            return self.harvest.take_batch(&batch);
        }
        state.busy += 1;
        drop(state);
        scope.spawn(move |_| {
            if let Err(error) = self.harvest.take_batch(&batch) {
                self.fail(error);
            }
            drop(batch);
            self.state().busy -= 1;
        });
        Ok(())
    }
}

impl Crew<'_> {
    /// Has deltas rebuilt whose bases are in `data`, by the other threads.
    pub(super) fn rebuild<'s>(&'s self, scope: &Scope<'s>, round: Round, data: PackData) {
        scope.spawn(move |_| {
            if let Err(error) = round.run(&data, self.harvest, self.work) {
                self.fail(error);
            }
        });
    }

    /// Has somebody look at what has come so far.
    pub(super) fn look<'s>(&'s self, scope: &Scope<'s>) {
        let Some(look) = self.look else { return };
        scope.spawn(move |_| {
            if let Some(so_far) = self.harvest.so_far() {
                look(&so_far);
            }
        });
    }

    /// Has an object hashed that comes in pieces, by another thread.
    pub(super) fn hash_pieces<'s>(
        &'s self,
        scope: &Scope<'s>,
        mut examiner: StreamExaminer,
    ) -> SyncSender<Vec<u8>> {
        let (sender, pieces) = sync_channel::<Vec<u8>>(PIECES);
        scope.spawn(move |_| {
            let mut left = examiner.size();
            for piece in pieces {
                left = left.saturating_sub(piece.len() as u64);
                examiner.update(&piece);
            }
            // If pieces are missing, the reader has failed and says why.
            if left == 0
                && let Err(error) = self.harvest.take_stream(examiner)
            {
                self.fail(error);
            }
        });
        sender
    }
}
