//! Imports from the queue to their end.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::{Duration, SystemTime};

use crate::error::Error;
use crate::import::{Control, Options};
use crate::printable::Printable;
use crate::progress::Step;
use crate::store::ImportId;

use super::error::EngineError;
use super::event::EventKind;
use super::held::Keys;
use super::options::lower;
use super::shared::{Active, Ending, Job, Phase, Place, Shared, Stage, State, Stop, Unwritten};

/// How long the end of an import is not told because it has to be written down first.
pub(super) const PATIENCE: Duration = Duration::from_millis(300);

impl Shared {
    /// The options that hold for an import that asks for `options`.
    pub(super) fn effective(&self, options: &Options, keys: Keys) -> Result<Options, Error> {
        let mut effective = options.clone();
        effective.limits = lower(&options.limits, &self.options.limits)?;
        let share = self.options.memory / self.options.running.max(1) as u64;
        effective.memory = options.memory.min(share);
        effective.remote = self.options.remote.clone();
        effective.remote.depth = effective.remote.depth.max(options.remote.depth);
        keys.apply(&mut effective);
        Ok(effective)
    }

    /// Puts an import into the queue, at the place that was taken for it.
    pub(super) fn enqueue(self: &Arc<Self>, place: Place<'_>, job: Job, event: EventKind) {
        let (id, job) = (job.id, Arc::new(job));
        let stop = {
            let mut state = self.lock();
            // Who restarts it may be quicker than who ends it.
            while state.active.contains_key(&id) {
                let waited = self.changed.wait(state);
                state = waited.unwrap_or_else(PoisonError::into_inner);
            }
            self.publish(&state, &job, event);
            let stop = match state.phase {
                Phase::Open => {
                    let is_cancelled = state.cancelled_early.remove(&(id, job.attempt));
                    is_cancelled.then_some(Stop::Cancel)
                }
                Phase::Closing | Phase::Closed => Some(Stop::ShutDown),
            };
            let mut active = Active::new(Arc::clone(&job));
            match stop {
                Some(_) => active.stage = Stage::Ending,
                None => state.queue.push(&job.tenant, id),
            }
            state.active.insert(id, active);
            stop
        };
        drop(place);
        if let Some(stop) = stop {
            self.settle(id, stop.into());
        }
        self.pump();
    }

    /// Begins as many imports as may run.
    pub(super) fn pump(self: &Arc<Self>) {
        loop {
            let mut failed = Vec::new();
            {
                let mut state = self.lock();
                state.workers.retain(|worker| !worker.is_finished());
                while state.phase == Phase::Open
                    && let Some(id) = state.queue.start_next()
                {
                    if let Err(error) = self.begin(&mut state, id) {
                        failed.push((id, error));
                    }
                }
            }
            self.changed.notify_all();
            if failed.is_empty() {
                return;
            }
            for (id, error) in failed {
                self.settle(id, Ending::Failed(Step::Waiting, Arc::new(error)));
            }
        }
    }

    /// Starts the thread of an import.
    fn begin(self: &Arc<Self>, state: &mut State, id: ImportId) -> Result<(), Error> {
        let running = state.queue.running();
        let active = state.active.get_mut(&id);
        let active = active.expect("because what is in the queue is active");
        active.stage = Stage::Running;
        active.has_turn = true;
        active.started = Some(SystemTime::now());
        let mut options = active.job.options.clone();
        options.threads = share(self.threads(), running, options.threads);
        let (job, control) = (Arc::clone(&active.job), active.control.clone());
        let shared = Arc::clone(self);
        let worker = Builder::new()
            .name(format!("import {id}"))
            .spawn(move || {
                shared.work(&job, &options, &control);
                drop(options);
                shared.pump();
            })
            .map_err(|source| EngineError::Thread { source })?;
        state.workers.push(worker);
        Ok(())
    }

    fn threads(&self) -> usize {
        match self.options.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        }
    }

    /// Imports, and writes down how that ended.
    fn work(&self, job: &Job, options: &Options, control: &Control) {
        control.progress.enter(Step::Opening, 0, 0);
        let first = {
            let mut state = self.lock();
            let event = state.active.get_mut(&job.id).and_then(Active::look);
            if let Some(event) = event {
                self.publish(&state, job, event);
            }
            state.active.get_mut(&job.id).and_then(Active::take_due)
        };
        if let Some(first) = first {
            self.write_progress(job, &first);
        }
        let import = || self.ledger.run(job, options, control);
        let result = catch_unwind(AssertUnwindSafe(import)).unwrap_or_else(|panic| {
            let what = reason(&*panic);
            Err(EngineError::Panic { what }.into())
        });
        let stop = {
            let mut state = self.lock();
            state.active.get_mut(&job.id).and_then(|active| {
                active.stage = Stage::Ending;
                active.stop
            })
        };
        let ending = match (result, stop) {
            (Ok(()), _) => Ending::Complete,
            // What fails after the switch was turned fails because of it.
            (Err(_), Some(stop)) => stop.into(),
            (Err(error), None) => Ending::Failed(control.progress.snapshot().step, Arc::new(error)),
        };
        self.settle(job.id, ending);
    }

    /// Writes down how an import ended, and tells it. Its stage is not [`Stage::Waiting`].
    pub(super) fn settle(&self, id: ImportId, ending: Ending) {
        let job = match self.lock().active.get(&id) {
            Some(active) => Arc::clone(&active.job),
            None => return,
        };
        let written = self.ledger.end(id, job.attempt, &ending, Some(PATIENCE));
        let is_written = written.is_ok();
        let mut state = self.lock();
        let Some(active) = state.active.remove(&id) else {
            return;
        };
        if !is_written {
            let attempt = job.attempt;
            let ending = ending.clone();
            state.unwritten.insert(id, Unwritten { attempt, ending });
        }
        if active.has_turn {
            state.queue.ended(&job.tenant);
        }
        let forgotten = match ending {
            Ending::Complete => state.held.remove(id),
            _ => state.held.insert(id, Keys::new(None, &job.options)),
        };
        self.publish(&state, &job, ending.event());
        drop(state);
        drop(forgotten);
        self.changed.notify_all();
    }

    /// Cancels an import of this engine; `None` if it has none such.
    pub(super) fn cancel(&self, id: ImportId) -> Option<bool> {
        self.cancel_in(self.lock(), id)
    }

    /// Cancels an attempt at an import of this engine, which may be about to come into the queue.
    pub(super) fn cancel_attempt(&self, id: ImportId, attempt: u32) {
        let mut state = self.lock();
        match state.active.get(&id) {
            Some(active) if active.job.attempt == attempt => {
                self.cancel_in(state, id);
            }
            // Another one has begun.
            Some(active) if active.job.attempt > attempt => {}
            _ if state.reserved > 0 => {
                state.cancelled_early.insert((id, attempt));
            }
            // It has ended.
            _ => {}
        }
    }

    fn cancel_in(&self, mut state: MutexGuard<'_, State>, id: ImportId) -> Option<bool> {
        {
            let State { active, queue, .. } = &mut *state;
            let active = active.get_mut(&id)?;
            match active.stage {
                Stage::Ending => return Some(false),
                Stage::Running => {
                    active.stop(Stop::Cancel);
                    return Some(true);
                }
                Stage::Waiting => {
                    queue.withdraw(&active.job.tenant, id);
                    active.stage = Stage::Ending;
                }
            }
        }
        drop(state);
        self.settle(id, Ending::Cancelled);
        Some(true)
    }
}

/// The threads of an import that is one of `running` and asks for `wanted` (0: as many as it gets).
fn share(all: usize, running: usize, wanted: usize) -> usize {
    let share = (all / running.max(1)).max(1);
    match wanted {
        0 => share,
        wanted => wanted.min(share),
    }
}

/// What a panic says.
fn reason(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    Printable(text.unwrap_or("no reason given").as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::ledger::Ledger;
    use super::super::options::{EngineOptions, Request};
    use super::*;
    use crate::source::Source;
    use crate::store::{Ended, FIRST_ATTEMPT, NewImport, Status, Store};

    #[test]
    fn threads_are_shared_and_each_import_has_one() {
        for (all, running, wanted, expected) in [
            (8, 1, 0, 8),
            (8, 2, 0, 4),
            (8, 3, 0, 2),
            (2, 5, 0, 1),
            (8, 2, 3, 3),
            (8, 2, 16, 4),
        ] {
            assert_eq!(share(all, running, wanted), expected);
        }
    }

    #[test]
    fn a_request_to_cancel_an_attempt_does_not_cancel_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let ledger = Ledger::open(store.clone()).unwrap();
        // Nothing ever gets its turn.
        let engine = EngineOptions::default().running(0);
        let shared = Arc::new(Shared::new(ledger, engine));
        let source = Source::parse("https://example.com/a/b").unwrap();
        let options = Options::default();
        let again = NewImport {
            source: &source,
            options: &options,
            tenant: "",
            metadata: None,
        };
        let id = shared.ledger.create(&source, &Request::default()).unwrap();
        store.end(id, FIRST_ATTEMPT, Ended::Interrupted).unwrap();

        let place = shared.reserve().unwrap();
        shared.cancel_attempt(id, FIRST_ATTEMPT);
        let attempt = shared.ledger.restart(id, &again).unwrap();
        let job = Job {
            id,
            attempt,
            tenant: String::new(),
            source: source.clone(),
            options: options.clone(),
        };
        shared.enqueue(place, job, EventKind::Restarted);
        shared.cancel_attempt(id, FIRST_ATTEMPT);
        let status = || store.import_record(id).unwrap().status;
        assert!(shared.lock().active.contains_key(&id));
        assert_eq!(status(), Status::Queued);
        shared.cancel_attempt(id, attempt);
        assert!(shared.lock().active.is_empty());
        assert_eq!(status(), Status::Cancelled);
    }

    #[test]
    fn panics_say_what_happened_without_control_characters() {
        for payload in [
            Box::new("a\x1b[2J") as Box<dyn Any + Send>,
            Box::new("a\x1b[2J".to_owned()),
        ] {
            assert_eq!(reason(&*payload), "a\\u{1b}[2J");
        }
        assert_eq!(reason(&7_u8), "no reason given");
    }
}
