//! The strings by which a host holds a running import.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use gitlade::{Control, Snapshot};

use crate::boundary;
use crate::error::gitlade_error;
use crate::give;
use crate::status::gitlade_status;
use crate::structs::{self, Versioned};
use crate::text::{self, gitlade_str};

/// Looks at a running import and stops it, from any thread. One is for one import.
pub struct gitlade_control(pub(crate) Control);

/// What an import is doing. A local import goes from `OPENING` to `ORDERING` without the steps of the
/// network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum gitlade_step {
    /// Nothing has begun.
    Waiting = 0,
    /// Opening the repository and finding the revision.
    Opening = 1,
    /// Looking up the host's addresses.
    ResolvingHost = 2,
    /// Dialling, TLS and the first answer.
    Connecting = 3,
    /// Agreeing on what is sent.
    Negotiating = 4,
    /// Taking in the pack.
    Receiving = 5,
    /// Rebuilding the objects that came as deltas.
    ResolvingDeltas = 6,
    /// Reading folders.
    Walking = 7,
    /// Reading, hashing and classifying files.
    Reading = 8,
    /// Putting the manifest together.
    Ordering = 9,
    /// All done.
    Complete = 10,
    /// Finding out what is at a URL. It comes before all others, if it comes at all.
    Detecting = 11,
}

/// Bytes of a server's message, with its NUL.
const MESSAGE: usize = 256;

/// How far an import is, at one moment.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_progress {
    /// `sizeof(gitlade_progress)`.
    pub struct_size: usize,
    /// Objects done in this step.
    pub objects: u64,
    /// Objects of this step, or 0 while that is not known.
    pub objects_total: u64,
    /// Uncompressed bytes of the objects done in this step.
    pub bytes: u64,
    /// Uncompressed bytes of this step, or 0 while that is not known.
    pub bytes_total: u64,
    /// Bytes that came over the network.
    pub received_bytes: u64,
    /// Files in the manifest, once the folders were walked; 0 before.
    pub files: u64,
    /// What the import is doing: a `gitlade_step`.
    pub step: u32,
    /// Hundredths of the step that are done, or -1 while the whole is not known.
    pub percent: i32,
    /// The server's latest message, without control characters; it ends in a NUL, and is cut off
    /// if it is too long.
    pub message: [c_char; 256],
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_progress {
    const NAME: &'static str = "gitlade_progress";
}

impl gitlade_progress {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let mut message = [0; MESSAGE];
        text::copy_out(&snapshot.message, message.as_mut_ptr(), MESSAGE);
        gitlade_progress {
            struct_size: size_of::<Self>(),
            objects: snapshot.objects,
            objects_total: snapshot.objects_total,
            bytes: snapshot.bytes,
            bytes_total: snapshot.bytes_total,
            received_bytes: snapshot.received_bytes,
            files: snapshot.files,
            step: snapshot.step as u32,
            percent: snapshot.percent().map_or(-1, i32::from),
            message,
        }
    }
}

/// Makes a control, to be handed to one import by `gitlade_hooks`.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_control_new(
    out: Option<&mut MaybeUninit<*mut gitlade_control>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        give::place("out", out)?.give(gitlade_control(Control::new()));
        Ok(())
    })
}

/// Stops the import, which then ends in `GITLADE_STATUS_CANCELLED`; there is no way back. May be called
/// from any thread, and from a signal handler.
///
/// `control` may be NULL, which does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_control_cancel(control: Option<&gitlade_control>) {
    boundary::value((), || {
        if let Some(control) = control {
            control.0.cancel.cancel();
        }
    });
}

/// Whether it was stopped.
///
/// `control` may be NULL, which never is.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_control_is_cancelled(control: Option<&gitlade_control>) -> bool {
    boundary::value(false, || {
        control.is_some_and(|control| control.0.cancel.is_cancelled())
    })
}

/// Says how far the import is. Cheap, and may be called from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_control_progress(
    control: Option<&gitlade_control>,
    out: *mut gitlade_progress,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let control = give::required("control", control)?;
        let out = structs::place("out", out)?;
        out.write(&gitlade_progress::of(&control.0.progress.snapshot()));
        Ok(())
    })
}

/// The name of a `gitlade_step`, such as `resolving deltas`: a constant; NULL for other numbers.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_step_name(step: u32) -> gitlade_str {
    boundary::value(gitlade_str::NONE, || {
        gitlade_str::of_option(STEPS.get(step as usize).copied())
    })
}

/// The names of the steps, as the engine shows them.
const STEPS: [&str; 12] = [
    "waiting",
    "opening",
    "resolving host",
    "connecting",
    "negotiating",
    "receiving",
    "resolving deltas",
    "walking",
    "reading",
    "ordering",
    "complete",
    "detecting",
];

/// Frees a control. An import that uses it goes on.
///
/// `control` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_control_free(control: *mut gitlade_control) {
    boundary::value((), || give::free(control));
}

#[cfg(test)]
mod tests {
    use gitlade::Step;

    #[test]
    fn steps_have_the_numbers_and_names_of_the_engine() {
        for step in [
            Step::Waiting,
            Step::Opening,
            Step::ResolvingHost,
            Step::Connecting,
            Step::Negotiating,
            Step::Receiving,
            Step::ResolvingDeltas,
            Step::Walking,
            Step::Reading,
            Step::Ordering,
            Step::Complete,
            Step::Detecting,
        ] {
            assert_eq!(super::STEPS[step as usize], step.to_string());
        }
    }
}
