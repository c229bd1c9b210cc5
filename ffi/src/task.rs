//! Imports in the background.

use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use gitlade::{Control, Import};

use crate::boundary::{self, Failure, of_panic};
use crate::callback;
use crate::control::gitlade_progress;
use crate::error::gitlade_error;
use crate::give;
use crate::hooks::{Hooks, gitlade_hooks};
use crate::import::gitlade_import;
use crate::options::{self, gitlade_options};
use crate::source::gitlade_source;
use crate::status::gitlade_status;
use crate::structs;
use crate::watch;

/// An import that runs in threads of its own. May be used from several threads at once.
pub struct gitlade_task {
    control: Control,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    outcome: Mutex<Outcome>,
    ended: Condvar,
}

#[derive(Default)]
enum Outcome {
    #[default]
    Running,
    Ended(Box<Result<Import, Failure>>),
    Taken,
}

impl State {
    fn end(&self, outcome: Result<Import, Failure>) {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) =
            Outcome::Ended(Box::new(outcome));
        self.ended.notify_all();
    }

    /// Waits until the import has ended, and hands out what `of` makes of the outcome.
    fn wait<T>(
        &self,
        timeout_ms: u64,
        of: impl FnOnce(&mut Outcome) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(*outcome, Outcome::Running) {
            return of(&mut outcome);
        }
        if timeout_ms == 0 {
            return Err(Failure::Pending);
        }
        callback::may_wait()?;
        let end = Instant::now()
            .checked_add(Duration::from_millis(timeout_ms))
            .filter(|_| timeout_ms != u64::MAX);
        while matches!(*outcome, Outcome::Running) {
            outcome = match end {
                None => self
                    .ended
                    .wait(outcome)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(end) => {
                    let left = end.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Err(Failure::Pending);
                    }
                    let waited = self.ended.wait_timeout(outcome, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        of(&mut outcome)
    }
}

/// Imports one commit of `source` like `gitlade_import_run`, in the background: returns at once.
///
/// What the options point to may be freed when this returns; the contexts of callbacks, and what
/// `hooks` points to them with, must live until the import has ended.
///
/// `options` and `hooks` may be NULL, which are the defaults.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_import_start(
    source: Option<&gitlade_source>,
    options: *const gitlade_options,
    hooks: *const gitlade_hooks,
    out: Option<&mut MaybeUninit<*mut gitlade_task>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let source = give::required("source", source)?.source.clone();
        let options = options::options(options)?;
        let hooks = Hooks::read(hooks)?;
        let out = give::place("out", out)?;
        let state = Arc::new(State::default());
        let control = hooks.control.clone();
        let shared = Arc::clone(&state);
        let work = move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| watch::run(&source, &options, &hooks)));
            // The callbacks are done with before anybody hears of the end.
            let dropped = catch_unwind(AssertUnwindSafe(move || drop((source, options, hooks))));
            shared.end(match (outcome, dropped) {
                (Ok(outcome), Ok(())) => outcome,
                (Err(panic), _) | (_, Err(panic)) => Err(of_panic(panic)),
            });
        };
        let thread = thread::Builder::new()
            .name("gitlade-task".to_owned())
            .spawn(work)
            .map_err(|error| watch::no_thread(&error))?;
        out.give(gitlade_task {
            control,
            state,
            thread: Some(thread),
        });
        Ok(())
    })
}

/// Waits until the import has ended, well or not: `GITLADE_STATUS_OK`, or `GITLADE_STATUS_PENDING` after
/// `timeout_ms` milliseconds. 0 does not wait, `UINT64_MAX` waits for ever.
///
/// A callback must not wait: `GITLADE_STATUS_BUSY`.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_task_wait(
    task: Option<&gitlade_task>,
    timeout_ms: u64,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        give::required("task", task)?
            .state
            .wait(timeout_ms, |_| Ok(()))
    })
}

/// Waits like `gitlade_task_wait`, and hands over the import, or its error. That is done once: then it
/// is `GITLADE_STATUS_END`.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_task_take(
    task: Option<&gitlade_task>,
    timeout_ms: u64,
    out: Option<&mut MaybeUninit<*mut gitlade_import>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let task = give::required("task", task)?;
        let out = give::place("out", out)?;
        let import = task.state.wait(timeout_ms, |outcome| {
            match std::mem::replace(outcome, Outcome::Taken) {
                Outcome::Ended(ended) => *ended,
                Outcome::Running | Outcome::Taken => Err(Failure::End),
            }
        })?;
        out.give(gitlade_import::new(import));
        Ok(())
    })
}

/// Stops the import, which then ends in `GITLADE_STATUS_CANCELLED`. May be called from any thread, and
/// from a signal handler.
///
/// `task` may be NULL, which does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_task_cancel(task: Option<&gitlade_task>) {
    boundary::value((), || {
        if let Some(task) = task {
            task.control.cancel.cancel();
        }
    });
}

/// Says how far the import is. Cheap, and may be called from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_task_progress(
    task: Option<&gitlade_task>,
    out: *mut gitlade_progress,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let task = give::required("task", task)?;
        let out = structs::place("out", out)?;
        out.write(&gitlade_progress::of(&task.control.progress.snapshot()));
        Ok(())
    })
}

/// Stops the import if it still runs, waits until it has ended, and frees the task. In a callback it
/// does not wait, and the import ends by itself.
///
/// `task` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_task_free(task: *mut gitlade_task) {
    boundary::value((), || give::free(task));
}

impl Drop for gitlade_task {
    fn drop(&mut self) {
        self.control.cancel.cancel();
        if let Some(thread) = self.thread.take()
            && !callback::is_inside()
        {
            // The thread catches its panics.
            let _ = thread.join();
        }
    }
}
