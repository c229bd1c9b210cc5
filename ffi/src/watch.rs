//! Running an import while its progress is told.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use gitlade::{Import, Options, Source};

use crate::boundary::{Failure, of_panic};
use crate::hooks::{Hooks, ProgressHook};
use crate::status::gitlade_status;

/// Runs an import to its end. With a progress callback it runs in a thread of its own, and the
/// calling one tells the progress.
pub(crate) fn run(source: &Source, options: &Options, hooks: &Hooks) -> Result<Import, Failure> {
    match &hooks.progress {
        None => import(source, options, hooks),
        Some(progress) => told(source, options, hooks, progress),
    }
}

fn import(source: &Source, options: &Options, hooks: &Hooks) -> Result<Import, Failure> {
    Ok(match &hooks.sink {
        None => gitlade::import(source, options, &hooks.control)?,
        Some(sink) => gitlade::import_into(source, options, &hooks.control, sink)?,
    })
}

fn told(
    source: &Source,
    options: &Options,
    hooks: &Hooks,
    progress: &ProgressHook,
) -> Result<Import, Failure> {
    // What the thread needs, without the callback, which stays in this one.
    let Hooks { control, sink, .. } = hooks;
    let (sender, receiver) = mpsc::sync_channel(1);
    let outcome = thread::scope(|scope| {
        let work = move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| match sink {
                None => gitlade::import(source, options, control),
                Some(sink) => gitlade::import_into(source, options, control, sink),
            }));
            // Nobody hears it only if the callback's thread is gone, and the outcome with it.
            let _ = sender.send(outcome);
        };
        thread::Builder::new()
            .name("gitlade-import".to_owned())
            .spawn_scoped(scope, work)
            .map_err(|error| no_thread(&error))?;
        loop {
            match receiver.recv_timeout(progress.interval) {
                Ok(Ok(outcome)) => return Ok(outcome?),
                Ok(Err(panic)) => return Err(of_panic(panic)),
                Err(RecvTimeoutError::Timeout) => progress.report(control),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(of_panic(Box::new("the import's thread ended early")));
                }
            }
        }
    });
    progress.report(control);
    outcome
}

/// The machine has no thread to spare.
pub(crate) fn no_thread(error: &io::Error) -> Failure {
    Failure::Told {
        status: gitlade_status::Io,
        message: format!("cannot start a thread: {error}"),
        advice: "let the process have more threads",
    }
}
