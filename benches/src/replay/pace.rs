//! Sending at a set rate.

use std::time::{Duration, Instant};

use crate::git::Result;

/// How much of the past is made up for: what a timer oversleeps, and not the time in which the client
/// did not read, since no line makes up for that.
const BURST: Duration = Duration::from_millis(2);

/// Says when the next bytes are due.
#[derive(Debug)]
pub(super) struct Pace {
    /// Bytes a second.
    rate: u64,
    /// When the line is free again.
    free_at: Instant,
}

impl Pace {
    /// A line of `rate` bytes a second, which is free now.
    pub(super) fn new(rate: u64, now: Instant) -> Self {
        Pace { rate, free_at: now }
    }

    /// Puts `bytes` on the line, and returns how long it takes until the last of them is through.
    pub(super) fn wait(&mut self, now: Instant, bytes: u64) -> Duration {
        let takes = Duration::from_secs_f64(bytes as f64 / self.rate.max(1) as f64);
        let earliest = now.checked_sub(BURST).unwrap_or(now);
        self.free_at = self.free_at.max(earliest) + takes;
        self.free_at.saturating_duration_since(now)
    }
}

/// Reads a rate such as `100MB/s`, `800 kB/s` or `1000000`, in bytes a second.
///
/// # Errors
///
/// If it is none, or nothing.
pub fn parse_rate(text: &str) -> Result<u64> {
    let amount = text.trim().trim_end_matches("/s");
    let unit_at = amount
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(amount.len());
    let factor: u64 = match amount[unit_at..].trim() {
        "" | "B" => 1,
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return Err(format!("{text:?} is no rate such as 100MB/s").into()),
    };
    let number: u64 = amount[..unit_at].parse()?;
    number
        .checked_mul(factor)
        .filter(|&rate| rate > 0)
        .ok_or_else(|| format!("{text:?} is no rate that can be kept").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_takes_its_time_and_does_not_catch_up() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut pace = Pace::new(1_000_000, start);
        assert_eq!(pace.wait(start, 10_000), Duration::from_millis(10));
        assert_eq!(pace.wait(start, 10_000), Duration::from_millis(20));
        // One millisecond late is made up for.
        assert_eq!(pace.wait(at(21), 10_000), Duration::from_millis(9));
        // A second is not: the line was idle, and 2 ms of it are allowed.
        assert_eq!(pace.wait(at(1_030), 10_000), Duration::from_millis(8));
    }

    #[test]
    fn rates_have_units_of_a_thousand() {
        assert_eq!(parse_rate("100MB/s").unwrap(), 100_000_000);
        assert_eq!(parse_rate(" 8 kB/s").unwrap(), 8_000);
        assert_eq!(parse_rate("12").unwrap(), 12);
        for wrong in [
            "",
            "MB/s",
            "0",
            "-1MB/s",
            "10MiB/s",
            "99999999999999GB",
            "1.5MB/s",
        ] {
            assert!(parse_rate(wrong).is_err(), "{wrong:?}");
        }
    }
}
