//! Knowing the process that something belongs to.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// The process in which something was made: its threads, locks and connections to databases do not
/// work in one that is forked from it.
#[derive(Clone, Copy)]
pub(crate) struct Home(u32);

impl Home {
    pub(crate) fn here() -> Self {
        Home(std::process::id())
    }

    /// Whether this still is the process.
    pub(crate) fn is_here(self) -> bool {
        self.0 == std::process::id()
    }

    /// An error in a forked child, for what `what` names.
    pub(crate) fn check(self, what: &str) -> PyResult<()> {
        if self.is_here() {
            return Ok(());
        }
        let message = format!("{what} belongs to the process that this one was forked from");
        Err(PyRuntimeError::new_err(message))
    }
}
