//! Stopping work from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, ErrorKind};

/// A switch that stops the work it was handed to, once and for all.
///
/// Clones share the switch. It is looked at inside every loop and every blocked read; the work then
/// ends in [`ErrorKind::Cancelled`], never in a short result.
///
/// ```
/// let cancel = gitlade::Cancel::new();
/// let handed_on = cancel.clone();
/// cancel.cancel();
/// assert!(handed_on.is_cancelled());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Makes a switch that is off.
    pub fn new() -> Self {
        Self::default()
    }

    /// Turns the switch on; there is no way back. May be called from any thread, and from a signal
    /// handler.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether the switch is on.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.is_cancelled() {
            return Err(Error::message(
                ErrorKind::Cancelled,
                "the import was cancelled".to_owned(),
            ));
        }
        Ok(())
    }
}
