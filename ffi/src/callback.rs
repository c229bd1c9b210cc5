//! Calls from here into the host.

use std::cell::Cell;

use crate::boundary::Failure;
use crate::status::gitlade_status;

thread_local! {
    /// How many callbacks of the host this thread is in.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Counts a callback for as long as it runs.
struct Inside;

impl Inside {
    fn enter() -> Self {
        DEPTH.set(DEPTH.get() + 1);
        Inside
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// Calls the host.
pub(crate) fn call<T>(host: impl FnOnce() -> T) -> T {
    let _inside = Inside::enter();
    host()
}

/// Whether this thread is in a callback of the host, where it must not wait for what waits for it.
pub(crate) fn is_inside() -> bool {
    DEPTH.get() > 0
}

/// Refuses to wait in a callback, since what is waited for may wait for that.
pub(crate) fn may_wait() -> Result<(), Failure> {
    if is_inside() {
        return Err(Failure::Told {
            status: gitlade_status::Busy,
            message: "a callback waits for an import".to_owned(),
            advice: "wait in a thread that the import does not wait for",
        });
    }
    Ok(())
}
