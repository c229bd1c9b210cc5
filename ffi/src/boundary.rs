//! The one way through which every call from C goes.

use std::any::Any;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};

use gitlade::Error;

use crate::error::gitlade_error;
use crate::status::gitlade_status;

/// Why a function does not return `Ok`.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is nothing more.
    End,
    /// The work still runs.
    Pending,
    /// The host broke the contract.
    Argument(String),
    /// What the import engine says.
    Core(Error),
    /// A status without an error of the engine behind it.
    Told {
        status: gitlade_status,
        message: String,
        advice: &'static str,
    },
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Core(error)
    }
}

impl Failure {
    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Failure::Argument(message.into())
    }

    pub(crate) fn status(&self) -> gitlade_status {
        match self {
            Failure::End => gitlade_status::End,
            Failure::Pending => gitlade_status::Pending,
            Failure::Argument(_) => gitlade_status::InvalidArgument,
            Failure::Core(error) => gitlade_status::of(error.kind()),
            Failure::Told { status, .. } => *status,
        }
    }
}

/// Where a host wants its error object; NULL if it does not.
pub(crate) type ErrorOut<'a> = Option<&'a mut MaybeUninit<*mut gitlade_error>>;

/// Does the work of a function that returns a status: catches panics, and makes the error object.
pub(crate) fn status(
    error: ErrorOut<'_>,
    work: impl FnOnce() -> Result<(), Failure>,
) -> gitlade_status {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        inject();
        work()
    }));
    let failure = match outcome {
        Ok(Ok(())) => return gitlade_status::Ok,
        Ok(Err(failure)) => failure,
        Err(panic) => of_panic(panic),
    };
    let status = failure.status();
    if let Some(error) = error
        && !matches!(failure, Failure::End | Failure::Pending)
    {
        error.write(gitlade_error::new(failure).into_raw());
    }
    status
}

/// Does the work of a function that returns a value; after a panic that is `fallback`.
pub(crate) fn value<T>(fallback: T, work: impl FnOnce() -> T) -> T {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        inject();
        work()
    }));
    outcome.unwrap_or_else(|panic| {
        forget(panic);
        fallback
    })
}

/// What a panic becomes, wherever it was caught.
pub(crate) fn of_panic(panic: Box<dyn Any + Send>) -> Failure {
    let what = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "no message".to_owned(),
    };
    forget(panic);
    let what = gitlade::Printable(what.as_bytes());
    Failure::Told {
        status: gitlade_status::Internal,
        message: format!("a defect in gitlade: {what}"),
        advice: "report it, with the version of gitlade and what was imported",
    }
}

/// Drops what a panic carried; that may panic as well, and ends here too.
fn forget(panic: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        std::mem::forget(again);
    }
}

#[cfg(not(feature = "fault-injection"))]
fn inject() {}

#[cfg(feature = "fault-injection")]
use injected::inject;

/// Panics on demand, so that tests see that none gets out.
#[cfg(feature = "fault-injection")]
pub(crate) mod injected {
    use std::cell::Cell;

    thread_local! {
        static ARMED: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn inject() {
        if ARMED.replace(false) {
            // Not `panic!`, which would call the process's hook.
            std::panic::resume_unwind(Box::new("injected"));
        }
    }

    /// Lets the next call on this thread panic; says whether one was still waiting to.
    #[unsafe(no_mangle)]
    pub extern "C" fn gitlade_inject_panic(armed: bool) -> bool {
        ARMED.replace(armed)
    }
}
