//! Work on a thread of its own, which Python waits for without holding up anyone.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gitlade::{Cancel, Error, ErrorKind};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::errors;
use crate::process::{Home, Own};

/// How long a wait goes without looking for signals.
const SLICE: Duration = Duration::from_millis(20);

/// How long a wait that a signal ended gives the work to end, too.
const GRACE: Duration = Duration::from_millis(60);

/// A piece of work, which goes on whether or not somebody waits for it.
pub(crate) struct Task<T> {
    slot: Own<Arc<Slot<T>>>,
    home: Home,
}

struct Slot<T> {
    state: Mutex<State<T>>,
    ended: Condvar,
}

struct State<T> {
    outcome: Option<Result<T, Failure>>,
    /// What is called when it ends.
    callbacks: Vec<Py<PyAny>>,
}

/// Why there is no result.
#[derive(Clone)]
enum Failure {
    Error(Arc<Error>),
    /// The message of a panic.
    Panic(String),
}

impl<T: Send + 'static> Task<T> {
    /// Begins the work on a new thread.
    pub(crate) fn spawn(
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> std::io::Result<Self> {
        let slot = Arc::new(Slot {
            state: Mutex::new(State {
                outcome: None,
                callbacks: Vec::new(),
            }),
            ended: Condvar::new(),
        });
        let shared = Arc::clone(&slot);
        std::thread::Builder::new()
            .name("gitlade".to_owned())
            .spawn(move || {
                let outcome = match catch_unwind(AssertUnwindSafe(work)) {
                    Ok(result) => result.map_err(|error| Failure::Error(Arc::new(error))),
                    Err(payload) => Err(Failure::Panic(message(&*payload))),
                };
                shared.end(outcome);
            })?;
        Ok(Task {
            slot: Own::new(slot),
            home: Home::here(),
        })
    }

    /// Whether it has ended.
    pub(crate) fn is_done(&self, py: Python<'_>) -> PyResult<bool> {
        self.home.check("the import")?;
        Ok(py.detach(|| self.slot.lock().outcome.is_some()))
    }

    /// Waits until it has ended or the time is up; says whether it has ended. Signals are heard
    /// meanwhile, and one that raises turns `cancel` on.
    pub(crate) fn wait(
        &self,
        py: Python<'_>,
        timeout: Option<Duration>,
        cancel: &Cancel,
    ) -> PyResult<bool> {
        self.home.check("the import")?;
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let slice = left.map_or(SLICE, |left| left.min(SLICE));
            if py.detach(|| self.slot.wait(slice)) {
                return Ok(true);
            }
            if let Err(raised) = py.check_signals() {
                cancel.cancel();
                py.detach(|| self.slot.wait(GRACE));
                return Err(raised);
            }
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(false);
            }
        }
    }

    /// Calls `callback` without arguments when the work has ended, on the thread of the work; at
    /// once if it has.
    pub(crate) fn when_done(&self, py: Python<'_>, callback: Py<PyAny>) -> PyResult<()> {
        self.home.check("the import")?;
        let waits = py.detach(|| {
            let mut state = self.slot.lock();
            if state.outcome.is_some() {
                return Some(callback);
            }
            state.callbacks.push(callback);
            None
        });
        match waits {
            Some(callback) => callback.call0(py).map(drop),
            None => Ok(()),
        }
    }

    /// Looks at the result of work that has ended.
    pub(crate) fn outcome<R: Send>(
        &self,
        py: Python<'_>,
        look: impl FnOnce(&mut T) -> R + Send,
    ) -> PyResult<R> {
        // Python's code, of which exceptions are made, may let go of the interpreter in between: who
        // holds the lock must not run it, and who waits for the lock must not hold the interpreter.
        let looked = py.detach(|| match &mut self.slot.lock().outcome {
            Some(Ok(value)) => Ok(look(value)),
            Some(Err(failure)) => Err(Some(failure.clone())),
            None => Err(None),
        });
        looked.map_err(|failure| match failure {
            Some(Failure::Error(error)) => errors::to_py(py, &error),
            Some(Failure::Panic(what)) => {
                let message = format!("a defect in gitlade: {what}");
                errors::raise(py, ErrorKind::Internal, &message, None)
            }
            None => PyRuntimeError::new_err("the work has not ended yet"),
        })
    }
}

impl<T> Slot<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the end; says whether it has come.
    fn wait(&self, timeout: Duration) -> bool {
        let state = self.lock();
        let (state, _) = self
            .ended
            .wait_timeout_while(state, timeout, |state| state.outcome.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        state.outcome.is_some()
    }

    fn end(&self, outcome: Result<T, Failure>) {
        let mut state = self.lock();
        state.outcome = Some(outcome);
        let callbacks = std::mem::take(&mut state.callbacks);
        drop(state);
        self.ended.notify_all();
        if callbacks.is_empty() {
            return;
        }
        // Where the interpreter is going away, nobody listens any more.
        let called = Python::try_attach(|py| {
            for callback in &callbacks {
                if let Err(raised) = callback.call0(py) {
                    raised.write_unraisable(py, Some(callback.bind(py)));
                }
            }
        });
        if called.is_none() {
            callbacks.into_iter().for_each(std::mem::forget);
        }
    }
}

/// Does work that ends soon or late on a thread of its own, and hears signals meanwhile.
pub(crate) fn run<T: Send + 'static>(
    py: Python<'_>,
    cancel: &Cancel,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> PyResult<T> {
    let task = Task::spawn(move || work().map(Some))?;
    task.wait(py, None, cancel)?;
    let value = task.outcome(py, Option::take)?;
    Ok(value.expect("because only this takes it"))
}

fn message(payload: &(dyn Any + Send)) -> String {
    match (
        payload.downcast_ref::<String>(),
        payload.downcast_ref::<&str>(),
    ) {
        (Some(text), _) => text.clone(),
        (_, Some(text)) => (*text).to_owned(),
        _ => "a panic".to_owned(),
    }
}
