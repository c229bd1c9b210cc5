//! Amounts as people write them on a command line.

/// What turns a cap off.
const UNLIMITED: &str = "unlimited";

/// Reads a number of bytes: `4096`, `10M`, `1GiB`, `1.5GB`, `unlimited`.
///
/// As with GNU's tools, K, M, G and T, alone or followed by `iB`, are powers of 1,024; followed by
/// `B` they are powers of 1,000. Case does not matter.
pub(crate) fn parse_bytes(text: &str) -> Result<u64, String> {
    if text.eq_ignore_ascii_case(UNLIMITED) {
        return Ok(u64::MAX);
    }
    let malformed = || "write it like 4096, 10M, 1GiB or unlimited".to_owned();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit_of(unit.trim_start()).ok_or_else(malformed)?;
    let (whole, fraction) = match number.split_once('.') {
        Some((_, "")) => return Err(malformed()),
        Some((whole, fraction)) => (whole, fraction),
        None => (number, ""),
    };
    let whole: u64 = whole.parse().map_err(|_| malformed())?;
    let fraction = fraction_of(fraction, unit).ok_or_else(malformed)?;
    whole
        .checked_mul(unit)
        .and_then(|bytes| bytes.checked_add(fraction))
        .ok_or_else(|| "it is more than can be counted; write unlimited instead".to_owned())
}

/// Reads a number of things: `2000000`, `2_000_000`, `unlimited`.
pub(crate) fn parse_count(text: &str) -> Result<u64, String> {
    if text.eq_ignore_ascii_case(UNLIMITED) {
        return Ok(u64::MAX);
    }
    let malformed = || "write it as a plain number, like 2000000, or unlimited".to_owned();
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(malformed());
    }
    text.replace('_', "").parse().map_err(|_| malformed())
}

fn unit_of(text: &str) -> Option<u64> {
    let text = text.to_ascii_lowercase();
    let mut letters = text.chars();
    let power = match letters.next() {
        None => return Some(1),
        Some('b') if letters.as_str().is_empty() => return Some(1),
        Some('k') => 1,
        Some('m') => 2,
        Some('g') => 3,
        Some('t') => 4,
        Some(_) => return None,
    };
    match letters.as_str() {
        "" | "ib" => Some(1_u64 << (10 * power)),
        "b" => Some(1000_u64.pow(power)),
        _ => None,
    }
}

/// The bytes of a decimal fraction of `unit`, rounded down.
fn fraction_of(digits: &str, unit: u64) -> Option<u64> {
    if digits.len() > 9 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if digits.is_empty() {
        return Some(0);
    }
    // A fraction of a byte is a slip of the pen.
    if unit == 1 {
        return None;
    }
    let value = u128::from(digits.parse::<u64>().ok()?);
    let scale = 10_u128.pow(digits.len() as u32);
    u64::try_from(value * u128::from(unit) / scale).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_follow_gnu() {
        // The values are those of `numfmt --from=iec`, `--from=iec-i` and `--from=si`.
        for (text, bytes) in [
            ("0", 0),
            ("4096", 4096),
            ("1b", 1),
            ("1K", 1024),
            ("1k", 1024),
            ("1KB", 1000),
            ("1KiB", 1024),
            ("10M", 10_485_760),
            ("10 MB", 10_000_000),
            ("1.5GiB", 1_610_612_736),
            ("1.5gb", 1_500_000_000),
            ("2T", 2_199_023_255_552),
            ("18446744073709551615", u64::MAX),
            ("unlimited", u64::MAX),
            ("Unlimited", u64::MAX),
        ] {
            assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in [
            "",
            "-1",
            "+1",
            "M",
            "1X",
            "1MM",
            "1MiBs",
            "1iB",
            "1.M",
            ".5M",
            "1.2.3M",
            "1.5",
            "1e3",
            "٣",
            "1 0",
            "1.0000000001G",
            "18446744073709551616",
            "16777216T",
            "none",
        ] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn counts_are_plain_numbers() {
        assert_eq!(parse_count("2000000"), Ok(2_000_000));
        assert_eq!(parse_count("2_000_000"), Ok(2_000_000));
        assert_eq!(parse_count("unlimited"), Ok(u64::MAX));
        for text in ["", "_1", "-1", "+1", "1K", "1.0", "18446744073709551616"] {
            assert!(parse_count(text).is_err(), "{text}");
        }
    }
}
