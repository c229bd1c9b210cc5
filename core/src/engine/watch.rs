//! The two threads beside the imports: one tells how far they are, the other writes it down.
//!
//! They are two because the database may be busy for seconds, and events may not.

use std::sync::{Arc, PoisonError};
use std::thread::Builder;
use std::time::{Duration, Instant};

use crate::error::ErrorKind;

use super::error::EngineError;
use super::event::ImportProgress;
use super::options::MIN_INTERVAL;
use super::shared::{Active, Ending, Job, Phase, Shared, Stage, State, Stop, Unwritten};
use super::work::PATIENCE;

/// How often the database is asked whether another process wants an import cancelled.
const ASK: Duration = Duration::from_millis(200);
/// How often imports of dead processes are looked for.
const LOOK_FOR_DEAD: Duration = Duration::from_secs(5);
/// The same, while nothing is to be done here.
const IDLE: Duration = Duration::from_secs(30);

impl Shared {
    /// Starts the threads that watch, unless they are there already.
    pub(super) fn watch(self: &Arc<Self>) -> Result<(), EngineError> {
        let mut state = self.lock();
        let failed = |source| EngineError::Thread { source };
        let named = |name: &str| Builder::new().name(name.to_owned());
        if state.watchers.is_empty() {
            let shared = Arc::clone(self);
            let teller = named("import events").spawn(move || shared.tell());
            state.watchers.push(teller.map_err(failed)?);
        }
        if state.watchers.len() == 1 {
            let shared = Arc::clone(self);
            let recorder = named("import registry").spawn(move || shared.record());
            state.watchers.push(recorder.map_err(failed)?);
        }
        Ok(())
    }

    /// Tells progress, until the engine is closed.
    fn tell(&self) {
        let interval = self.options.progress_interval.max(MIN_INTERVAL);
        let mut next = Instant::now() + interval;
        let mut state = self.lock();
        while state.phase < Phase::Closed {
            let left = next.saturating_duration_since(Instant::now());
            if state.queue.running() == 0 {
                let waited = self.changed.wait(state);
                state = waited.unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            if !left.is_zero() {
                let waited = self.changed.wait_timeout(state, left);
                (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            next = Instant::now() + interval;
            let news: Vec<_> = running(&mut state)
                .filter_map(|active| Some((Arc::clone(&active.job), active.look()?)))
                .collect();
            for (job, kind) in news {
                self.publish(&state, &job, kind);
            }
        }
    }

    /// Writes progress down, and hears what other processes want, until the engine is closed.
    fn record(self: &Arc<Self>) {
        let (mut next, mut looked) = (Instant::now(), Instant::now());
        loop {
            let mut state = self.lock();
            loop {
                if state.phase == Phase::Closed {
                    return;
                }
                let is_idle = state.active.is_empty() && state.unwritten.is_empty();
                let due = if is_idle { looked + IDLE } else { next };
                let left = due.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    break;
                }
                let waited = self.changed.wait_timeout(state, left);
                (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
            }
            let news: Vec<_> = running(&mut state)
                .filter_map(|active| Some((Arc::clone(&active.job), active.take_due()?)))
                .collect();
            drop(state);
            next = Instant::now() + ASK;
            // What fails here is tried again in a moment; the imports do not depend on it.
            for (job, progress) in news {
                self.write_progress(&job, &progress);
            }
            self.write_ends(Some(PATIENCE));
            // Requests stay where they are until they were read.
            for (id, attempt) in self.ledger.cancel_requests().unwrap_or_default() {
                self.cancel_attempt(id, attempt);
                self.pump();
            }
            if looked.elapsed() >= LOOK_FOR_DEAD {
                let _ = self.ledger.mark_interrupted();
                looked = Instant::now();
            }
        }
    }

    /// Writes progress down; where that fails, it is due again.
    pub(super) fn write_progress(&self, job: &Job, progress: &ImportProgress) {
        if self.ledger.progress(job.id, job.attempt, progress).is_err()
            && let Some(active) = self.lock().active.get_mut(&job.id)
        {
            active.is_due_again();
        }
    }

    /// Tries again to write down the ends that could not be, and waits for others who write as
    /// [`Ledger::end`](super::ledger::Ledger::end) does.
    pub(super) fn write_ends(&self, patience: Option<Duration>) {
        let unwritten: Vec<_> = {
            let state = self.lock();
            let all = state.unwritten.iter();
            all.map(|(id, end)| (*id, end.clone())).collect()
        };
        for (id, end) in unwritten {
            match self.ledger.end(id, end.attempt, &end.ending, patience) {
                Ok(()) => {}
                // Somebody else writes, who is not waited for once more.
                Err(error) if error.kind() == ErrorKind::Busy => return,
                Err(_) => continue,
            }
            let mut state = self.lock();
            let is_same = |found: &Unwritten| found.attempt == end.attempt;
            if state.unwritten.get(&id).is_some_and(is_same) {
                state.unwritten.remove(&id);
            }
        }
    }

    /// Ends all imports, after those that run had `grace` to end by themselves, and waits for that
    /// unless one of them waits for this.
    pub(super) fn shut_down(self: &Arc<Self>, grace: Duration) {
        let mut state = self.lock();
        if state.phase > Phase::Open {
            return;
        }
        state.phase = Phase::Closing;
        let waiting = state.active.values_mut();
        let waiting: Vec<_> = waiting
            .filter(|active| active.stage == Stage::Waiting)
            .map(|active| {
                active.stage = Stage::Ending;
                Arc::clone(&active.job)
            })
            .collect();
        for job in &waiting {
            state.queue.withdraw(&job.tenant, job.id);
        }
        drop(state);
        for job in &waiting {
            self.settle(job.id, Ending::Interrupted);
        }
        if self.is_inside() {
            let shared = Arc::clone(self);
            let rest = move || shared.stop_and_close(grace);
            if Builder::new()
                .name("engine end".to_owned())
                .spawn(rest)
                .is_err()
            {
                // What is left then are two threads that wait.
                self.stop_all();
            }
            return;
        }
        self.stop_and_close(grace);
    }

    /// Whether this is the thread of an import.
    fn is_inside(&self) -> bool {
        let here = std::thread::current().id();
        let state = self.lock();
        state
            .workers
            .iter()
            .any(|worker| worker.thread().id() == here)
    }

    fn stop_all(&self) {
        for active in running(&mut self.lock()) {
            active.stop(Stop::ShutDown);
        }
    }

    /// Waits for the imports that run, stops those that have not ended after `grace`, and then the
    /// threads.
    fn stop_and_close(&self, grace: Duration) {
        self.until_idle(Some(grace));
        self.stop_all();
        self.until_idle(None);
        self.write_ends(None);
        let threads = {
            let mut state = self.lock();
            state.phase = Phase::Closed;
            let mut threads = std::mem::take(&mut state.workers);
            threads.append(&mut state.watchers);
            threads
        };
        self.changed.notify_all();
        self.bus.close();
        for thread in threads {
            // The last one to let go of an engine may be one of its threads, in the host's code.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }

    /// Waits until nothing is active and nothing is about to be.
    fn until_idle(&self, timeout: Option<Duration>) {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let mut state = self.lock();
        while !state.active.is_empty() || state.reserved > 0 {
            let left = match (timeout, deadline) {
                (Some(_), Some(deadline)) => deadline.saturating_duration_since(Instant::now()),
                _ => IDLE,
            };
            if left.is_zero() {
                return;
            }
            let waited = self.changed.wait_timeout(state, left);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn running(state: &mut State) -> impl Iterator<Item = &mut Active> {
    let all = state.active.values_mut();
    all.filter(|active| active.stage == Stage::Running)
}
