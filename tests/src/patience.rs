//! Bounds of time that hold on a machine with much else to do.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Processor time that a measurement of the load takes.
const SAMPLE: Duration = Duration::from_millis(100);

/// Fails if something took longer than `bound` would be on a machine with nothing else to do.
///
/// # Panics
///
/// If it did.
#[track_caller]
pub fn assert_within(bound: Duration, took: Duration, what: &str) {
    assert!(!is_late(bound, took), "{what} took {took:?}");
}

/// Whether something that took so long would have taken longer than `bound` on a machine with
/// nothing else to do.
///
/// The load is measured only where the bound has passed, and right then.
pub fn is_late(bound: Duration, took: Duration) -> bool {
    took > bound && took.as_secs_f64() > bound.as_secs_f64() * load()
}

/// How many times longer than its processor time a thread takes now, or took in the last minute; at
/// least 1.
fn load() -> f64 {
    let (begun, used) = (Instant::now(), processor_time());
    let mut number = 1_u64;
    while processor_time().saturating_sub(used) < SAMPLE {
        for _ in 0..10_000 {
            number = std::hint::black_box(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        }
    }
    let now = begun.elapsed().as_secs_f64() / SAMPLE.as_secs_f64();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    // What Linux says of runnable threads; see proc_loadavg(5).
    let minute = std::fs::read_to_string("/proc/loadavg")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse::<f64>().ok())
        .map_or(1.0, |waiting| waiting / processors as f64);
    now.max(minute).max(1.0)
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_soon_is_not_late_and_what_takes_for_ever_is() {
        assert!(!is_late(Duration::from_secs(1), Duration::from_secs(1)));
        assert!(is_late(
            Duration::from_secs(1),
            Duration::from_secs(1 << 40)
        ));
        assert!(load() >= 1.0);
    }
}
