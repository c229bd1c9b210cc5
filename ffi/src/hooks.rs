//! How a host takes part in an import that runs.

use std::ffi::c_void;
use std::time::Duration;

use gitlade::Control;

use crate::blobs::gitlade_blobs;
use crate::boundary::Failure;
use crate::callback;
use crate::control::{gitlade_control, gitlade_progress};
use crate::sink::{Sink, gitlade_sink};
use crate::structs::{self, Versioned};

/// How the host takes part in an import, or in other work that takes its time. 0 and NULL are the
/// defaults of all fields.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_hooks {
    /// `sizeof(gitlade_hooks)`.
    pub struct_size: usize,
    /// Looks at the work and stops it. Default: none.
    pub control: *const gitlade_control,
    /// Takes the blobs while an import runs. Default: none.
    pub sink: *const gitlade_sink,
    /// Takes the blobs while an import runs, instead of `sink`; `gitlade_blobs_sync` afterwards makes
    /// them durable. Default: none.
    pub blobs: *const gitlade_blobs,
    /// Handed to `progress`. Must live until the import has ended.
    pub progress_context: *mut c_void,
    /// Told how far the work is, again and again and once at its end; false stops it. Called from the
    /// thread that called the function, or from one thread of the task. Default: none.
    pub progress: Option<
        unsafe extern "C" fn(context: *mut c_void, progress: *const gitlade_progress) -> bool,
    >,
    /// Milliseconds between two calls of `progress`. Default: 100.
    pub progress_interval_ms: u32,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_hooks {
    const NAME: &'static str = "gitlade_hooks";
}

/// What the host handed in.
#[derive(Default)]
pub(crate) struct Hooks {
    pub(crate) control: Control,
    pub(crate) sink: Option<Sink>,
    pub(crate) progress: Option<ProgressHook>,
}

impl Hooks {
    /// What the host handed in; NULL is the defaults.
    pub(crate) fn read(data: *const gitlade_hooks) -> Result<Self, Failure> {
        let Some(given) = structs::read(data)? else {
            return Ok(Hooks::default());
        };
        // SAFETY: the header asks for NULL or a control that lives during the call.
        let control = unsafe { given.control.as_ref() };
        let interval = match given.progress_interval_ms {
            0 => 100,
            milliseconds => milliseconds,
        };
        Ok(Hooks {
            control: control.map(|control| control.0.clone()).unwrap_or_default(),
            sink: Sink::read(given.sink, given.blobs)?,
            progress: given.progress.map(|function| ProgressHook {
                function,
                context: given.progress_context,
                interval: Duration::from_millis(interval.into()),
            }),
        })
    }

    /// The same for work that has no blobs to give.
    pub(crate) fn read_without_sink(data: *const gitlade_hooks) -> Result<Self, Failure> {
        let hooks = Hooks::read(data)?;
        match hooks.sink {
            None => Ok(hooks),
            Some(_) => Err(Failure::argument("nothing is put into sinks here")),
        }
    }
}

/// The host's callback for progress.
pub(crate) struct ProgressHook {
    function: unsafe extern "C" fn(*mut c_void, *const gitlade_progress) -> bool,
    context: *mut c_void,
    pub(crate) interval: Duration,
}

// SAFETY: the header says that a task calls it from a thread of its own.
unsafe impl Send for ProgressHook {}

impl ProgressHook {
    /// Tells the host how far the import is, and stops that if the host wants so.
    pub(crate) fn report(&self, control: &Control) {
        let progress = gitlade_progress::of(&control.progress.snapshot());
        // SAFETY: the header asks for a function of this type that takes the context.
        let goes_on =
            callback::call(|| unsafe { (self.function)(self.context, &raw const progress) });
        if !goes_on {
            control.cancel.cancel();
        }
    }
}
