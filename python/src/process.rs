//! Knowing the process that something belongs to.

use std::ops::Deref;

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

/// What belongs to the process that made it. A child that is forked from it lets go of nothing: it
/// would close files and remove names that its parent uses.
pub(crate) struct Own<T> {
    /// Taken out when it goes.
    value: Option<T>,
    home: Home,
}

impl<T> Own<T> {
    pub(crate) fn new(value: T) -> Self {
        Own {
            value: Some(value),
            home: Home::here(),
        }
    }
}

impl<T> Deref for Own<T> {
    type Target = T;

    fn deref(&self) -> &T {
        let value = self.value.as_ref();
        value.expect("because it is there until it is dropped")
    }
}

impl<T> Drop for Own<T> {
    fn drop(&mut self) {
        if !self.home.is_here() {
            std::mem::forget(self.value.take());
        }
    }
}
