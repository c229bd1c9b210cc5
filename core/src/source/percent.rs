//! Percent encoding in paths and user names (RFC 3986, section 2).

use std::fmt::Write as _;

use crate::source::error::SourceError;

/// Decodes all `%NN`.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, SourceError> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        if byte != b'%' {
            decoded.push(byte);
            rest = tail;
            continue;
        }
        let (digits, tail) = tail
            .split_at_checked(2)
            .ok_or(SourceError::InvalidPercent)?;
        decoded.push(hex(digits[0])? << 4 | hex(digits[1])?);
        rest = tail;
    }
    Ok(decoded)
}

fn hex(digit: u8) -> Result<u8, SourceError> {
    char::from(digit)
        .to_digit(16)
        .map(|value| value as u8)
        .ok_or(SourceError::InvalidPercent)
}

/// Brings a path from a URL into one spelling: what needs no encoding stands plainly, the rest as
/// `%NN` in capitals (RFC 3986, section 6.2.2). An encoded slash stays encoded.
pub(crate) fn normalize(path: &str) -> Result<String, SourceError> {
    let mut normal = String::with_capacity(path.len());
    let mut rest = path;
    loop {
        let (plain, tail) = rest.split_at(rest.find('%').unwrap_or(rest.len()));
        for byte in plain.bytes() {
            push(&mut normal, byte, stands_plainly(byte));
        }
        if tail.is_empty() {
            return Ok(normal);
        }
        let triplet = tail.get(..3).ok_or(SourceError::InvalidPercent)?;
        for byte in decode(triplet)? {
            push(&mut normal, byte, is_unreserved(byte));
        }
        rest = &tail[3..];
    }
}

/// Encodes raw bytes of a path; slashes stay.
pub(crate) fn encode(raw: &[u8]) -> String {
    let mut encoded = String::with_capacity(raw.len());
    for &byte in raw {
        push(&mut encoded, byte, byte != b'%' && stands_plainly(byte));
    }
    encoded
}

fn push(text: &mut String, byte: u8, plainly: bool) {
    if plainly {
        text.push(char::from(byte));
    } else {
        write!(text, "%{byte:02X}").expect("because a String takes everything");
    }
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// RFC 3986's `pchar`, and the slash.
fn stands_plainly(byte: u8) -> bool {
    is_unreserved(byte) || b"!$&'()*+,;=:@/".contains(&byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_spelling() {
        for (path, normal) in [
            ("/a/b.git", "/a/b.git"),
            ("/%61%2f%2E%7e", "/a%2F.~"),
            ("/ü", "/%C3%BC"),
            ("/%c3%bc", "/%C3%BC"),
            ("/a%25b", "/a%25b"),
            ("/a|b", "/a%7Cb"),
        ] {
            assert_eq!(normalize(path).as_deref(), Ok(normal));
        }
        for path in ["%", "%4", "%zz", "a%é", "%é9", "%+1"] {
            assert_eq!(normalize(path), Err(SourceError::InvalidPercent), "{path}");
            assert_eq!(decode(path), Err(SourceError::InvalidPercent), "{path}");
        }
    }

    proptest! {
        #[test]
        fn raw_bytes_survive(raw in proptest::collection::vec(any::<u8>(), 0..100)) {
            let encoded = encode(&raw);
            prop_assert!(encoded.is_ascii());
            prop_assert_eq!(decode(&encoded), Ok(raw));
        }

        #[test]
        fn the_spelling_is_stable(text in ".{0,60}") {
            if let Ok(once) = normalize(&text) {
                prop_assert_eq!(normalize(&once), Ok(once.clone()));
                prop_assert_eq!(decode(&once), decode(&text));
            }
        }
    }
}
