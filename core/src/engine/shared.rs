//! What the threads of an engine share.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::error::Error;
use crate::import::{Control, Options};
use crate::progress::Step;
use crate::source::Source;
use crate::store::{Failure, ImportId, ImportRecord, Status};

use super::bus::Bus;
use super::error::EngineError;
use super::event::{Event, EventKind, ImportProgress};
use super::held::Held;
use super::ledger::Ledger;
use super::options::EngineOptions;
use super::percent::Percent;
use super::queue::{Queue, QueueLimits};

/// How often progress is written down while the step stays the same.
const WRITE: Duration = Duration::from_millis(500);

/// What the handle, the threads that import and the threads that watch them have in common.
///
/// The lock of `state` is never held while the database is written to or a host's code runs. Events
/// are published under it, which gives them their order.
pub(super) struct Shared {
    pub(super) ledger: Ledger,
    pub(super) options: EngineOptions,
    pub(super) bus: Bus,
    state: Mutex<State>,
    /// Wakes all who wait for a change of the state.
    pub(super) changed: Condvar,
}

pub(super) struct State {
    pub(super) queue: Queue<ImportId>,
    /// Imports that are about to come into the queue.
    pub(super) reserved: usize,
    /// Attempts at imports that were cancelled from elsewhere before they came.
    pub(super) cancelled_early: HashSet<(ImportId, u32)>,
    /// What waits, runs or is about to end.
    pub(super) active: HashMap<ImportId, Active>,
    pub(super) held: Held,
    /// Ends that could not be written down yet.
    pub(super) unwritten: HashMap<ImportId, Unwritten>,
    pub(super) phase: Phase,
    pub(super) workers: Vec<JoinHandle<()>>,
    pub(super) watchers: Vec<JoinHandle<()>>,
}

/// The life of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Imports may begin.
    Open,
    /// No import begins any more.
    Closing,
    /// No import runs any more, and nobody needs to watch.
    Closed,
}

/// An import as it was asked for.
pub(super) struct Job {
    pub(super) id: ImportId,
    pub(super) attempt: u32,
    pub(super) tenant: String,
    pub(super) source: Source,
    /// With the engine's limits, policy and share of memory, and with credentials.
    pub(super) options: Options,
}

/// An import that has not ended.
pub(super) struct Active {
    pub(super) job: Arc<Job>,
    pub(super) control: Control,
    pub(super) stage: Stage,
    /// Whether the queue counts it as one that runs.
    pub(super) has_turn: bool,
    /// When it got its turn.
    pub(super) started: Option<SystemTime>,
    pub(super) stop: Option<Stop>,
    percent: Percent,
    /// What was told last.
    latest: Option<ImportProgress>,
    /// What was written down last, and when.
    written: Option<(ImportProgress, Instant)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Waiting,
    Running,
    /// Somebody writes down how it ended.
    Ending,
}

/// Why an import is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Cancel,
    ShutDown,
}

/// How an import ended.
#[derive(Clone, Debug)]
pub(super) enum Ending {
    Complete,
    Failed(Step, Arc<Error>),
    Cancelled,
    Interrupted,
}

/// An end that could not be written down.
#[derive(Clone, Debug)]
pub(super) struct Unwritten {
    pub(super) attempt: u32,
    pub(super) ending: Ending,
}

impl Active {
    pub(super) fn new(job: Arc<Job>) -> Self {
        Active {
            job,
            control: Control::new(),
            stage: Stage::Waiting,
            has_turn: false,
            started: None,
            stop: None,
            percent: Percent::default(),
            latest: None,
            written: None,
        }
    }

    /// Takes a look at the counters, and says what is new.
    pub(super) fn look(&mut self) -> Option<EventKind> {
        let snapshot = self.control.progress.snapshot();
        let is_remote = matches!(self.job.source, Source::Remote(_));
        let now = ImportProgress {
            status: Status::of_step(snapshot.step),
            percent: self.percent.look(&snapshot, is_remote),
            snapshot,
        };
        let before = self.latest.replace(now.clone());
        match before {
            Some(before) if before == now => None,
            Some(before) if before.snapshot.step == now.snapshot.step => {
                Some(EventKind::Progress(now))
            }
            _ => Some(EventKind::Step(now)),
        }
    }

    /// What was told and is to be written down, because the step is a new one or some time has
    /// passed.
    pub(super) fn take_due(&mut self) -> Option<ImportProgress> {
        let latest = self.latest.as_ref()?;
        let is_due = match &self.written {
            None => true,
            Some((written, _)) if written == latest => false,
            Some((written, then)) => {
                written.snapshot.step != latest.snapshot.step || then.elapsed() >= WRITE
            }
        };
        if !is_due {
            return None;
        }
        self.written = Some((latest.clone(), Instant::now()));
        Some(latest.clone())
    }

    /// What was taken could not be written down.
    pub(super) fn is_due_again(&mut self) {
        self.written = None;
    }

    /// Turns its switch on. The first reason stays.
    pub(super) fn stop(&mut self, why: Stop) {
        self.stop.get_or_insert(why);
        self.control.cancel.cancel();
    }
}

impl Ending {
    pub(super) fn event(&self) -> EventKind {
        match self {
            Ending::Complete => EventKind::Complete,
            Ending::Failed(step, error) => EventKind::Failed(Failure::new(error, *step)),
            Ending::Cancelled => EventKind::Cancelled,
            Ending::Interrupted => EventKind::Interrupted,
        }
    }
}

impl Ending {
    pub(super) fn status(&self) -> Status {
        match self {
            Ending::Complete => Status::Complete,
            Ending::Failed(..) => Status::Failed,
            Ending::Cancelled => Status::Cancelled,
            Ending::Interrupted => Status::Interrupted,
        }
    }
}

impl From<Stop> for Ending {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Cancel => Ending::Cancelled,
            Stop::ShutDown => Ending::Interrupted,
        }
    }
}

impl Shared {
    pub(super) fn new(ledger: Ledger, options: EngineOptions) -> Self {
        let limits = QueueLimits {
            running: options.running,
            waiting: options.queued,
        };
        Shared {
            ledger,
            options,
            bus: Bus::default(),
            state: Mutex::new(State {
                queue: Queue::new(limits),
                reserved: 0,
                cancelled_early: HashSet::new(),
                active: HashMap::new(),
                held: Held::default(),
                unwritten: HashMap::new(),
                phase: Phase::Open,
                workers: Vec::new(),
                watchers: Vec::new(),
            }),
            changed: Condvar::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells all who listen. `_state` is the lock that gives events their order.
    pub(super) fn publish(&self, _state: &State, job: &Job, kind: EventKind) {
        self.bus.publish(&Event {
            import: job.id,
            tenant: job.tenant.clone(),
            attempt: job.attempt,
            at: millis(SystemTime::now()),
            kind,
        });
    }

    /// Puts into a record of the registry what this engine knows better. Says whether the import is
    /// one that it has not done with.
    pub(super) fn overlay(&self, record: &mut ImportRecord) -> bool {
        let state = self.lock();
        let active = state.active.get(&record.id);
        if record.status.is_end() {
            return active.is_some();
        }
        if let Some(active) = active {
            if let Some(latest) = &active.latest {
                record.status = latest.status;
                record.progress = latest.recorded();
            }
            record.started_at = record.started_at.or(active.started.map(millis));
        } else if let Some(end) = state.unwritten.get(&record.id)
            && end.attempt == record.attempt
        {
            record.status = end.ending.status();
            if let Ending::Failed(step, error) = &end.ending {
                record.failure = Some(Failure::new(error, *step));
            }
        }
        active.is_some()
    }

    /// Takes a place in the queue, which is given back when the value is dropped.
    pub(super) fn reserve(&self) -> Result<Place<'_>, EngineError> {
        let mut state = self.lock();
        if state.phase > Phase::Open {
            return Err(EngineError::ShutDown);
        }
        if state.queue.is_full(state.reserved) {
            let limit = self.options.queued;
            return Err(EngineError::QueueFull { limit });
        }
        state.reserved += 1;
        Ok(Place(self))
    }
}

/// A place in the queue for an import that is about to come.
pub(super) struct Place<'a>(&'a Shared);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.reserved -= 1;
        if state.reserved == 0 {
            state.cancelled_early.clear();
        }
        drop(state);
        self.0.changed.notify_all();
    }
}

/// Milliseconds since 1970, as the registry counts.
fn millis(moment: SystemTime) -> i64 {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
