//! Moments, for people and for programs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::duration::parse_duration;

/// The moment by RFC 3339, in UTC and to the millisecond: `2024-02-29T23:59:59.500Z`.
pub(crate) fn rfc3339(moment: SystemTime) -> String {
    let millis = millis(moment);
    let (days, of_day) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    let (year, month, day) = date(days);
    let (seconds, millis) = (of_day / 1000, of_day % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// Milliseconds since 1970, as stores count.
pub(crate) fn millis(moment: SystemTime) -> i64 {
    match moment.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
    }
}

/// The moment so many milliseconds after 1970.
pub(crate) fn from_millis(millis: i64) -> SystemTime {
    let span = Duration::from_millis(millis.unsigned_abs());
    let moment = match millis {
        0.. => UNIX_EPOCH.checked_add(span),
        _ => UNIX_EPOCH.checked_sub(span),
    };
    moment.unwrap_or(UNIX_EPOCH)
}

/// Reads a moment: `2024-02-29`, `2024-02-29T12:00:00Z`, or how long ago it is: `90s`, `3h`, `7d`.
pub(crate) fn parse_moment(text: &str) -> Result<SystemTime, String> {
    let malformed = || "write it like 2024-02-29, 2024-02-29T12:00:00Z, 3h or 7d".to_owned();
    if let Some(days) = text.strip_suffix('d') {
        let days: u64 = days.parse().map_err(|_| malformed())?;
        let span = days.checked_mul(86_400).map(Duration::from_secs);
        return span
            .and_then(|span| SystemTime::now().checked_sub(span))
            .ok_or_else(malformed);
    }
    if let Ok(span) = parse_duration(text) {
        return SystemTime::now().checked_sub(span).ok_or_else(malformed);
    }
    let (date, time) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let time = time.strip_suffix('Z').ok_or_else(malformed)?;
    let numbers = |text: &str, mark, shape: [usize; 3]| -> Option<[i64; 3]> {
        let mut parts = text.split(mark);
        let mut numbers = [0; 3];
        for (number, digits) in numbers.iter_mut().zip(shape) {
            let part = parts.next()?;
            let is_whole = part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
            *number = is_whole.then(|| part.parse().ok()).flatten()?;
        }
        parts.next().is_none().then_some(numbers)
    };
    let [year, month, day] = numbers(date, '-', [4, 2, 2]).ok_or_else(malformed)?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2]).ok_or_else(malformed)?;
    let days = day_number(year, month, day);
    if self::date(days) != (year, month, day) || hour > 23 || minute > 59 || second > 60 {
        return Err(malformed());
    }
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second;
    Ok(from_millis(seconds * 1_000))
}

/// The number of a day, counted from 1970-01-01: Howard Hinnant's `days_from_civil`.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = (month + 9) % 12;
    let of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    era * 146_097 + of_era - 719_468
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar: Howard Hinnant's
/// `civil_from_days`.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// How long ago it was, as people say it: `just now`, `3 minutes ago`, `2 days ago`.
pub(crate) fn ago(moment: SystemTime, now: SystemTime) -> String {
    let Ok(passed) = now.duration_since(moment) else {
        // Clocks differ.
        return "just now".to_owned();
    };
    let seconds = passed.as_secs();
    let (number, unit) = match seconds {
        0..5 => return "just now".to_owned(),
        5..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        86_400..2_592_000 => (seconds / 86_400, "day"),
        2_592_000..31_536_000 => (seconds / 2_592_000, "month"),
        _ => (seconds / 31_536_000, "year"),
    };
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{ending} ago")
}

/// How long something took: `40 ms`, `1.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
pub(crate) fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{} ms", duration.as_millis()),
        1..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_date() {
        // date --utc --date=@SECONDS +%FT%TZ
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399, "2000-02-28T23:59:59.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (951_868_800, "2000-03-01T00:00:00.000Z"),
            (1_709_251_199, "2024-02-29T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
            (253_402_300_799, "9999-12-31T23:59:59.000Z"),
        ] {
            let moment = UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(rfc3339(moment), text);
            let short = text.replace(".000", "");
            assert_eq!(parse_moment(&short), Ok(moment));
        }
        let before = UNIX_EPOCH - Duration::from_millis(1);
        assert_eq!(rfc3339(before), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn moments_are_read() {
        // date --utc --date=2024-02-29 +%s
        let moment = UNIX_EPOCH + Duration::from_secs(1_709_164_800);
        assert_eq!(parse_moment("2024-02-29"), Ok(moment));
        let ago = parse_moment("2d").expect("it is a span");
        let passed = SystemTime::now().duration_since(ago).expect("it is past");
        assert!((172_800..172_860).contains(&passed.as_secs()));
        assert!(parse_moment("3h").is_ok());
        for bad in [
            "",
            "d",
            "2023-02-29",
            "2024-13-01",
            "2024-2-29",
            "2024-02-29T12:00:00",
            "2024-02-29T24:00:00Z",
            "2024-02-29T12:00Z",
            "+024-02-29",
            "18446744073709551615d",
            "2024-02-29-01",
        ] {
            assert!(parse_moment(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn people_hear_round_numbers() {
        let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        for (seconds, text) in [
            (0, "just now"),
            (5, "5 seconds ago"),
            (60, "1 minute ago"),
            (3_599, "59 minutes ago"),
            (7_200, "2 hours ago"),
            (86_400, "1 day ago"),
            (40 * 86_400, "1 month ago"),
            (800 * 86_400, "2 years ago"),
        ] {
            assert_eq!(ago(now - Duration::from_secs(seconds), now), text);
        }
        assert_eq!(ago(now + Duration::from_secs(9), now), "just now");
        assert_eq!(span(Duration::from_millis(440)), "440 ms");
        assert_eq!(span(Duration::from_millis(1_440)), "1.4 s");
        assert_eq!(span(Duration::from_secs(61)), "1 min 1 s");
        assert_eq!(span(Duration::from_secs(7_500)), "2 h 5 min");
    }
}
