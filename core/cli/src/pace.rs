//! How fast work goes, from looks at a counter.

use std::collections::VecDeque;
use std::time::Duration;

/// Over how long the rate is measured.
const WINDOW: Duration = Duration::from_secs(3);

/// The rate of a counter over the last seconds.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    looks: VecDeque<(Duration, u64)>,
}

impl Pace {
    /// Takes a look: `amount` at the time `now`, counted from any moment. A counter that has gone
    /// back begins anew.
    pub(crate) fn look(&mut self, now: Duration, amount: u64) {
        if self.looks.back().is_some_and(|&(_, last)| amount < last) {
            self.looks.clear();
        }
        self.looks.push_back((now, amount));
        // The one look that is older is where the window begins.
        while self
            .looks
            .get(1)
            .is_some_and(|&(then, _)| now.saturating_sub(then) >= WINDOW)
        {
            self.looks.pop_front();
        }
    }

    /// Units per second; `None` before enough was seen.
    pub(crate) fn per_second(&self) -> Option<u64> {
        let (&(first, from), &(last, to)) = (self.looks.front()?, self.looks.back()?);
        let millis = last.saturating_sub(first).as_millis();
        if millis < 200 {
            return None;
        }
        u64::try_from(u128::from(to - from) * 1000 / millis).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(looks: &[(u64, u64)]) -> Option<u64> {
        let mut pace = Pace::default();
        for &(millis, amount) in looks {
            pace.look(Duration::from_millis(millis), amount);
        }
        pace.per_second()
    }

    #[test]
    fn rates_are_those_of_the_last_seconds() {
        assert_eq!(rate(&[]), None);
        assert_eq!(rate(&[(0, 0)]), None);
        assert_eq!(rate(&[(0, 0), (100, 50)]), None);
        assert_eq!(rate(&[(0, 0), (1000, 500)]), Some(500));
        assert_eq!(rate(&[(0, 9), (1000, 0), (2000, 70)]), Some(70));
        let slow_then_fast = [(0, 0), (10_000, 10), (11_000, 1010), (13_000, 3010)];
        assert_eq!(rate(&slow_then_fast), Some(1000));
    }
}
