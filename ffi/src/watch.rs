//! Running work while its progress is told.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use gitlade::{Control, Error, Import, Options, Source};

use crate::boundary::{Failure, of_panic};
use crate::hooks::{Hooks, ProgressHook};
use crate::status::gitlade_status;

/// Runs an import to its end.
pub(crate) fn run(source: &Source, options: &Options, hooks: &Hooks) -> Result<Import, Failure> {
    let sink = hooks.sink.as_ref();
    work(hooks, |control| match sink {
        None => gitlade::import(source, options, control),
        Some(sink) => gitlade::import_into(source, options, control, sink),
    })
}

/// Does work to its end. With a progress callback it is done in a thread of its own, and the calling
/// one tells the progress.
pub(crate) fn work<T: Send>(
    hooks: &Hooks,
    work: impl FnOnce(&Control) -> Result<T, Error> + Send,
) -> Result<T, Failure> {
    match &hooks.progress {
        None => Ok(work(&hooks.control)?),
        Some(progress) => told(&hooks.control, progress, work),
    }
}

fn told<T: Send>(
    control: &Control,
    progress: &ProgressHook,
    work: impl FnOnce(&Control) -> Result<T, Error> + Send,
) -> Result<T, Failure> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let outcome = thread::scope(|scope| {
        let work = move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| work(control)));
            // Nobody hears it only if the callback's thread is gone, and the outcome with it.
            let _ = sender.send(outcome);
        };
        thread::Builder::new()
            .name("gitlade-work".to_owned())
            .spawn_scoped(scope, work)
            .map_err(|error| no_thread(&error))?;
        loop {
            match receiver.recv_timeout(progress.interval) {
                Ok(Ok(outcome)) => return Ok(outcome?),
                Ok(Err(panic)) => return Err(of_panic(panic)),
                Err(RecvTimeoutError::Timeout) => progress.report(control),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(of_panic(Box::new("the thread of the work ended early")));
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
