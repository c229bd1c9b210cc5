//! A ceiling over the bytes that are in memory at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts bytes of buffers in flight against a ceiling that the caller set.
///
/// A buffer that does not fit is not waited for, since its owner may hold what others wait for: it
/// goes to a temporary file instead (see [`spill`](crate::spill)).
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: u64,
    used: AtomicU64,
}

/// Bytes taken from a [`Budget`], given back on drop.
#[derive(Debug)]
pub(crate) struct Reservation {
    budget: Budget,
    bytes: u64,
}

impl Budget {
    pub(crate) fn new(limit: u64) -> Self {
        Budget(Arc::new(Inner {
            limit,
            used: AtomicU64::new(0),
        }))
    }

    /// The ceiling.
    pub(crate) fn limit(&self) -> u64 {
        self.0.limit
    }

    /// Takes `bytes` if they fit under the ceiling now.
    pub(crate) fn try_reserve(&self, bytes: u64) -> Option<Reservation> {
        self.0
            .used
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, |used| {
                used.checked_add(bytes).filter(|&sum| sum <= self.0.limit)
            })
            .ok()?;
        Some(Reservation {
            budget: self.clone(),
            bytes,
        })
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.0.used.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reservations_stop_at_the_limit_and_come_back() {
        let budget = Budget::new(10);
        let first = budget.try_reserve(10).expect("fits");
        assert!(budget.try_reserve(1).is_none());
        assert!(budget.try_reserve(u64::MAX).is_none());
        drop(first);
        assert!(budget.try_reserve(10).is_some());
    }
}
