//! Stopping work from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

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
pub struct Cancel {
    switch: Arc<AtomicBool>,
    deadline: Option<Deadline>,
}

/// When work has to be over, and how long that was from its beginning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    pub(crate) at: Instant,
    pub(crate) total: Duration,
}

impl Deadline {
    pub(crate) fn has_passed(&self) -> bool {
        Instant::now() >= self.at
    }
}

impl Cancel {
    /// Makes a switch that is off.
    pub fn new() -> Self {
        Self::default()
    }

    /// Turns the switch on; there is no way back. May be called from any thread, and from a signal
    /// handler.
    pub fn cancel(&self) {
        self.switch.store(true, Ordering::Release);
    }

    /// Whether the switch is on.
    pub fn is_cancelled(&self) -> bool {
        self.switch.load(Ordering::Acquire)
    }

    /// The same switch, for work that ends by itself once `total` has passed from now on.
    pub(crate) fn within(&self, total: Option<Duration>) -> Self {
        let at = |total| Instant::now().checked_add(total);
        Cancel {
            switch: Arc::clone(&self.switch),
            deadline: total.and_then(|total| {
                Some(Deadline {
                    at: at(total)?,
                    total,
                })
            }),
        }
    }

    pub(crate) fn deadline(&self) -> Option<Deadline> {
        self.deadline
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.is_cancelled() {
            return Err(Error::message(
                ErrorKind::Cancelled,
                "the import was cancelled".to_owned(),
            ));
        }
        match self.deadline {
            Some(deadline) if deadline.has_passed() => Err(Error::advised(
                ErrorKind::Timeout,
                format!("the import was not over after {:?}", deadline.total),
                "give the import more time",
            )),
            _ => Ok(()),
        }
    }
}
