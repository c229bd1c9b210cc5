//! Times as people write them on a command line.

use std::time::Duration;

/// Reads a time: `90` and `90s` are seconds; `500ms`, `5m` and `1h` are what they look like.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let malformed = || "write it like 90, 500ms, 30s, 5m or 1h".to_owned();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: u64 = text[..end].parse().map_err(|_| malformed())?;
    let millis = match &text[end..] {
        "ms" => 1,
        "" | "s" => 1000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err(malformed()),
    };
    match number.checked_mul(millis) {
        Some(0) => Err("it is no time at all".to_owned()),
        Some(millis) => Ok(Duration::from_millis(millis)),
        None => Err("it is more than can be counted".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, millis) in [
            ("1", 1000),
            ("90s", 90_000),
            ("500ms", 500),
            ("5m", 300_000),
            ("1h", 3_600_000),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)));
        }
        for text in [
            "",
            "0",
            "-1",
            "1d",
            "s",
            "1.5s",
            "1 s",
            "18446744073709551615",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
