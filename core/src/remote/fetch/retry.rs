//! Trying again.

use std::time::Duration;

use super::error::FetchError;
use crate::remote::Watch;

/// The pause after the first failure; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause, also of those that a server asks for: who asks for more is not waited for.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Repeats `attempt` as long as it fails for a reason that may go away, at most `retries` times.
///
/// The pauses follow a fixed schedule, so that what happens can be foretold; a server that says when
/// to come back is obeyed, if that is within a minute.
pub(super) fn retry<T>(
    retries: u32,
    watch: &Watch,
    mut attempt: impl FnMut() -> Result<T, FetchError>,
) -> Result<T, FetchError> {
    let mut pause = FIRST_PAUSE;
    for _ in 0..retries {
        let failure = match attempt() {
            Err(failure) if failure.is_transient() => failure,
            result => return result,
        };
        let asked = failure.retry_after().unwrap_or_default();
        if asked > LONGEST_PAUSE {
            return Err(failure);
        }
        watch.sleep(pause.max(asked))?;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    attempt()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::cancel::Cancel;
    use crate::progress::Progress;
    use crate::remote::{RemoteError, ServerText, Timeouts};

    fn watch(cancel: &Cancel) -> Watch {
        Watch::start(Timeouts::default(), cancel, &Progress::new())
    }

    fn limited(after: u64) -> FetchError {
        RemoteError::RateLimited {
            retry_after: Some(Duration::from_secs(after)),
            message: ServerText::default(),
        }
        .into()
    }

    #[test]
    fn what_may_go_away_is_tried_again() {
        let mut calls = 0;
        let begun = Instant::now();
        let result = retry(2, &watch(&Cancel::new()), || {
            calls += 1;
            match calls {
                1 => Err(RemoteError::ConnectionClosed.into()),
                _ => Ok(calls),
            }
        });
        assert_eq!(result.expect("the second attempt succeeds"), 2);
        assert!(begun.elapsed() >= FIRST_PAUSE);
    }

    #[test]
    fn the_number_of_attempts_is_bounded() {
        for retries in [0, 1] {
            let mut calls = 0;
            let result: Result<(), _> = retry(retries, &watch(&Cancel::new()), || {
                calls += 1;
                Err(limited(0))
            });
            assert!(result.is_err());
            assert_eq!(calls, retries + 1);
        }
    }

    #[test]
    fn what_stays_and_what_takes_too_long_is_not_tried_again() {
        for (failure, what) in [
            (FetchError::refused(b"repository not found"), "lasting"),
            (limited(3_600), "an hour"),
        ] {
            let mut calls = 0;
            let mut failure = Some(failure);
            let result: Result<(), _> = retry(5, &watch(&Cancel::new()), || {
                calls += 1;
                Err(failure.take().expect("because it is called once"))
            });
            assert!(result.is_err(), "{what}");
            assert_eq!(calls, 1, "{what}");
        }
    }

    #[test]
    fn cancel_ends_the_pause() {
        let cancel = Cancel::new();
        cancel.cancel();
        let result: Result<(), _> = retry(5, &watch(&cancel), || Err(limited(30)));
        assert!(matches!(
            result,
            Err(FetchError::Remote(RemoteError::Cancelled))
        ));
    }
}
