//! What a status means.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ureq::http::{HeaderMap, StatusCode};

use crate::remote::error::{NotGit, RemoteError};
use crate::remote::message::ServerText;

/// The longest wait that is believed.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

/// Turns a status other than 200, 401 and the redirects into an error.
pub(super) fn to_error(
    status: StatusCode,
    headers: &HeaderMap,
    message: ServerText,
    authenticated: bool,
) -> RemoteError {
    let retry_after = retry_after(headers, SystemTime::now());
    let is_limited = text(headers, "x-ratelimit-remaining").is_some_and(|left| left == "0")
        || text(headers, "ratelimit-remaining").is_some_and(|left| left == "0");
    match status.as_u16() {
        429 => RemoteError::RateLimited {
            retry_after,
            message,
        },
        403 if is_limited || headers.contains_key("retry-after") => RemoteError::RateLimited {
            retry_after,
            message,
        },
        403 | 451 => RemoteError::AccessDenied { message },
        404 | 410 => RemoteError::RepositoryNotFound {
            authenticated,
            message,
        },
        // Azure sends a form with 203 to those whom it does not know.
        status @ (203 | 405 | 501) => RemoteError::NotAGitServer(NotGit::Status(status)),
        status @ 400..=599 => RemoteError::Server {
            status,
            message,
            retry_after,
        },
        status => RemoteError::Protocol {
            reason: format!("it answers with status {status}"),
        },
    }
}

/// When to come back: `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3), or the time
/// at which GitHub's and GitLab's limits begin anew.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let now = now.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let until = |time: u64| Duration::from_secs(time.saturating_sub(now));
    let wait = match text(headers, "retry-after") {
        Some(value) => match value.parse::<u64>() {
            Ok(seconds) => Some(Duration::from_secs(seconds)),
            Err(_) => http_date(value).map(until),
        },
        None => ["x-ratelimit-reset", "ratelimit-reset"]
            .iter()
            .find_map(|name| text(headers, name)?.parse().ok())
            .map(until),
    };
    wait.map(|wait| wait.min(MAX_RETRY_AFTER))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, the only form that servers may write.
fn http_date(text: &str) -> Option<u64> {
    let fields: Vec<&str> = text.split([' ', ':']).filter(|f| !f.is_empty()).collect();
    let [_, day, month, year, hour, minute, second, "GMT"] = fields[..] else {
        return None;
    };
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = MONTHS.iter().position(|name| *name == month)? as u64 + 1;
    let number = |text: &str, max: u64| text.parse().ok().filter(|&n: &u64| n <= max);
    let (day, year) = (number(day, 31)?, number(year, 9999)?);
    let (hour, minute, second) = (number(hour, 23)?, number(minute, 59)?, number(second, 60)?);
    if day == 0 || year < 1970 {
        return None;
    }
    // Days since 1970 in the Gregorian calendar, with years that begin in March.
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_rfc_9110() {
        // date -u -d '…' +%s
        for (text, seconds) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Thu, 29 Feb 2024 23:59:59 GMT", Some(1_709_251_199)),
            ("Sat, 01 Mar 2025 00:00:00 GMT", Some(1_740_787_200)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", None),
            ("Sun, 06 Nov 1994 08:49:37 CET", None),
            ("Sun, 00 Nov 1994 08:49:37 GMT", None),
            ("", None),
        ] {
            assert_eq!(http_date(text), seconds, "{text}");
        }
    }

    #[test]
    fn waits_are_read_and_bounded() {
        let now = UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (name, value, wait) in [
            ("retry-after", "120", Some(120)),
            ("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("retry-after", "99999999999999", Some(86_400)),
            ("retry-after", "soon", None),
            ("x-ratelimit-reset", "784111807", Some(30)),
            ("ratelimit-reset", "784111807", Some(30)),
            ("x-other", "1", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().expect("because it is a header"));
            let found = retry_after(&headers, now).map(|wait| wait.as_secs());
            assert_eq!(found, wait, "{name}: {value}");
        }
    }
}
