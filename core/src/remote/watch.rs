//! What every blocked operation looks at: the switch, the clock, the pace.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::cancel::Cancel;
use crate::progress::Progress;
use crate::remote::error::{RemoteError, Waited};
use crate::remote::redact::Redactor;

/// How long a blocked operation may go without looking at the switch.
pub(crate) const SLICE: Duration = Duration::from_millis(100);

/// How long a server may keep an import waiting.
///
/// The timeouts guard against silence rather than against size: a large repository may take as long
/// as it moves. Only [`total`](Timeouts::total), which is off by default, bounds the whole.
///
/// ```
/// use std::time::Duration;
/// let timeouts = gitlade::Timeouts::default().stall(Duration::from_secs(20));
/// assert_eq!(timeouts.connect, Duration::from_secs(30));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// For looking up a host's name. Default 20 s.
    pub lookup: Duration,
    /// For connecting, to all of the host's addresses together. Default 30 s.
    pub connect: Duration,
    /// For a moment in which not a byte moves, TLS and waiting for an answer included. Default 60 s.
    pub stall: Duration,
    /// Bytes per second that must come at least, on average over
    /// [`min_rate_window`](Timeouts::min_rate_window); 0 is no minimum. Default 64. Time in which
    /// this side is busy does not count.
    pub min_rate: u64,
    /// Over how long the rate is measured. Default 300 s, since a server that prepares a large pack
    /// sends little for minutes.
    pub min_rate_window: Duration,
    /// For the whole import. Default `None`.
    pub total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts {
            lookup: Duration::from_secs(20),
            connect: Duration::from_secs(30),
            stall: Duration::from_secs(60),
            min_rate: 64,
            min_rate_window: Duration::from_secs(300),
            total: None,
        }
    }
}

impl Timeouts {
    /// Sets [`lookup`](Timeouts#structfield.lookup).
    pub fn lookup(mut self, value: Duration) -> Self {
        self.lookup = value;
        self
    }

    /// Sets [`connect`](Timeouts#structfield.connect).
    pub fn connect(mut self, value: Duration) -> Self {
        self.connect = value;
        self
    }

    /// Sets [`stall`](Timeouts#structfield.stall).
    pub fn stall(mut self, value: Duration) -> Self {
        self.stall = value;
        self
    }

    /// Sets [`min_rate`](Timeouts#structfield.min_rate) and
    /// [`min_rate_window`](Timeouts#structfield.min_rate_window).
    pub fn min_rate(mut self, bytes_per_second: u64, window: Duration) -> Self {
        self.min_rate = bytes_per_second;
        self.min_rate_window = window;
        self
    }

    /// Sets [`total`](Timeouts#structfield.total).
    pub fn total(mut self, value: impl Into<Option<Duration>>) -> Self {
        self.total = value.into();
        self
    }
}

/// The switch, the clock and the progress of one import, at hand wherever something blocks.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    cancel: Cancel,
    progress: Progress,
    timeouts: Timeouts,
    redactor: Redactor,
    /// Requests so far that ask what is at a URL.
    probed: Arc<AtomicU64>,
}

impl Watch {
    /// Starts the clock.
    pub(crate) fn start(timeouts: Timeouts, cancel: &Cancel, progress: &Progress) -> Self {
        Watch {
            // An import as a whole has begun its clock already.
            cancel: match cancel.deadline() {
                Some(_) => cancel.clone(),
                None => cancel.within(timeouts.total),
            },
            progress: progress.clone(),
            timeouts,
            redactor: Redactor::default(),
            probed: Arc::default(),
        }
    }

    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }

    pub(crate) fn timeouts(&self) -> &Timeouts {
        &self.timeouts
    }

    /// Requests that were made so far to find out what is at a URL, for this operation in all.
    pub(crate) fn probed(&self) -> u64 {
        self.probed.load(Ordering::Relaxed)
    }

    pub(crate) fn count_probes(&self, requests: u64) {
        self.probed.fetch_add(requests, Ordering::Relaxed);
    }

    pub(crate) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Fails if the host has cancelled or the deadline has passed.
    pub(crate) fn check(&self) -> Result<(), RemoteError> {
        if self.cancel.is_cancelled() {
            return Err(RemoteError::Cancelled);
        }
        if let Some(deadline) = self.cancel.deadline()
            && deadline.has_passed()
        {
            return Err(RemoteError::Timeout(Waited::Deadline(deadline.total)));
        }
        Ok(())
    }

    /// Waits for a helper thread, for at most `timeout`; `None` if the thread ended without a word.
    pub(crate) fn receive<T>(
        &self,
        receiver: &Receiver<T>,
        timeout: Duration,
        waited: Waited,
    ) -> Result<Option<T>, RemoteError> {
        let begun = Instant::now();
        loop {
            self.check()?;
            let left = timeout.saturating_sub(begun.elapsed());
            match receiver.recv_timeout(left.min(SLICE)) {
                Ok(value) => return Ok(Some(value)),
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
                Err(RecvTimeoutError::Timeout) if begun.elapsed() >= timeout => {
                    return Err(RemoteError::Timeout(waited));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Sleeps, unless the host cancels or the deadline passes.
    pub(crate) fn sleep(&self, duration: Duration) -> Result<(), RemoteError> {
        let begun = Instant::now();
        loop {
            self.check()?;
            let left = duration.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(SLICE));
        }
    }
}

/// How fast bytes come, over windows of the time that was spent waiting for them.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    waited: Duration,
    bytes: u64,
}

impl Pace {
    /// Counts `bytes` that came after `waited`.
    pub(crate) fn note(
        &mut self,
        waited: Duration,
        bytes: u64,
        timeouts: &Timeouts,
    ) -> Result<(), RemoteError> {
        self.waited = self.waited.saturating_add(waited);
        self.bytes = self.bytes.saturating_add(bytes);
        let window = timeouts.min_rate_window;
        if self.waited < window {
            return Ok(());
        }
        let expected = self.waited.as_secs_f64() * timeouts.min_rate as f64;
        if (self.bytes as f64) < expected {
            return Err(RemoteError::Timeout(Waited::Slow {
                rate: timeouts.min_rate,
                window,
            }));
        }
        *self = Pace::default();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pace_is_judged_over_whole_windows() {
        let timeouts = Timeouts::default().min_rate(100, Duration::from_secs(10));
        let second = Duration::from_secs(1);
        let mut pace = Pace::default();
        for _ in 0..9 {
            pace.note(second, 0, &timeouts)
                .expect("because the window is not over");
        }
        pace.note(second, 1000, &timeouts)
            .expect("because 1000 bytes came in 10 s");
        for _ in 0..9 {
            pace.note(second, 111, &timeouts)
                .expect("because the window began anew");
        }
        let error = pace
            .note(second, 0, &timeouts)
            .expect_err("because 999 bytes came in 10 s");
        assert!(matches!(
            error,
            RemoteError::Timeout(Waited::Slow { rate: 100, .. })
        ));
    }

    #[test]
    fn no_minimum_is_no_minimum() {
        let timeouts = Timeouts::default().min_rate(0, Duration::from_secs(1));
        let mut pace = Pace::default();
        pace.note(Duration::from_secs(100), 0, &timeouts)
            .expect("because any rate will do");
    }

    #[test]
    fn waiting_ends_with_cancel_and_deadline() {
        let cancel = Cancel::new();
        let watch = Watch::start(Timeouts::default(), &cancel, &Progress::new());
        watch.check().expect("because nothing has happened");
        cancel.cancel();
        let cancelled = watch.sleep(Duration::from_secs(3600));
        assert!(matches!(cancelled, Err(RemoteError::Cancelled)));

        let timeouts = Timeouts::default().total(Duration::ZERO);
        let watch = Watch::start(timeouts, &Cancel::new(), &Progress::new());
        let late = watch.check();
        assert!(matches!(
            late,
            Err(RemoteError::Timeout(Waited::Deadline(_)))
        ));
    }
}
