//! A cap on the work that patterns may cause.

use crate::error::LimitError;
use crate::limits::Limits;

/// How many steps of the wildcard machine count as one comparison.
const STEPS_PER_COMPARISON: u64 = 8;

/// Counts comparisons of patterns with paths against
/// [`max_pattern_matches`](Limits::max_pattern_matches).
#[derive(Clone, Debug)]
pub(crate) struct MatchCounter {
    limit: u64,
    left: u64,
}

impl MatchCounter {
    pub(crate) fn new(limits: &Limits) -> Self {
        MatchCounter {
            limit: limits.max_pattern_matches,
            left: limits.max_pattern_matches,
        }
    }

    /// Counts `comparisons` that are about to be made.
    pub(crate) fn spend(&mut self, comparisons: u64) -> Result<(), LimitError> {
        match self.left.checked_sub(comparisons) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(LimitError::new("max_pattern_matches", self.limit)),
        }
    }

    /// Counts `steps` of the wildcard machine, which was run by one comparison.
    ///
    /// The cap is checked by the next [`spend`](MatchCounter::spend): a single run is bounded.
    pub(super) fn ran(&mut self, steps: u64) {
        self.left = self.left.saturating_sub(steps / STEPS_PER_COMPARISON);
    }

    /// Comparisons that were counted so far.
    #[cfg(test)]
    pub(crate) fn spent(&self) -> u64 {
        self.limit - self.left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_one_after_the_limit() {
        let mut counter = MatchCounter::new(&Limits::default().max_pattern_matches(3));
        counter.spend(2).unwrap();
        counter.spend(1).unwrap();
        let error = counter.spend(1).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the limit max_pattern_matches of 3 is exceeded"
        );
    }
}
