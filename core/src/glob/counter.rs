//! A cap on the work that patterns may cause.

use super::positions::Scratch;
use crate::error::LimitError;
use crate::limits::Limits;

/// How many steps of the wildcard machine count as one comparison.
const STEPS_PER_COMPARISON: u64 = 4;

/// Counts comparisons of patterns with paths against
/// [`max_pattern_matches`](Limits::max_pattern_matches).
#[derive(Clone, Debug)]
pub(crate) struct MatchCounter {
    limit: u64,
    left: u64,
    scratch: Scratch,
}

impl MatchCounter {
    pub(crate) fn new(limits: &Limits) -> Self {
        MatchCounter {
            limit: limits.max_pattern_matches,
            left: limits.max_pattern_matches,
            scratch: Scratch::default(),
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

    /// Lets one comparison run the wildcard machine, and counts the steps it adds to its second
    /// argument.
    ///
    /// The cap is checked by the next [`spend`](MatchCounter::spend): a single run is bounded.
    pub(super) fn run<T>(&mut self, machine: impl FnOnce(&mut Scratch, &mut u64) -> T) -> T {
        let mut steps = 0;
        let outcome = machine(&mut self.scratch, &mut steps);
        self.left = self.left.saturating_sub(steps / STEPS_PER_COMPARISON);
        outcome
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
