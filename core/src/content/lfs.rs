//! Git LFS pointers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::facts::{LfsId, LfsPointer};
use crate::id::{ParseIdError, push_hex};

/// A pointer is smaller than this, says the specification.
pub(super) const MAX_POINTER: usize = 1_024;

/// The versions of the format: today's, and the one before the release that `git-lfs` accepts too.
const VERSIONS: [&[u8]; 2] = [
    b"https://git-lfs.github.com/spec/v1",
    b"https://hawser.github.com/spec/v1",
];

impl LfsPointer {
    /// Reads a pointer if `content` has the form of one.
    ///
    /// The form is that of the
    /// [specification](https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md): lines of a key, a
    /// space and a value; `version` first, extensions (`ext-0-name`), `oid sha256:…`, `size`. As
    /// `git-lfs` does, empty lines, lines that end in CR LF and space around the whole are accepted.
    pub(crate) fn parse(content: &[u8]) -> Option<Self> {
        if content.len() >= MAX_POINTER {
            return None;
        }
        let mut lines = content
            .trim_ascii()
            .split(|&byte| byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .filter(|line| !line.is_empty());
        let version = lines.next()?.strip_prefix(b"version ")?;
        if !VERSIONS.contains(&version) {
            return None;
        }
        let mut last_extension = None;
        let oid = loop {
            let line = lines.next()?;
            if let Some(oid) = line.strip_prefix(b"oid sha256:") {
                break LfsId::from_hex(oid)?;
            }
            let extension = parse_extension(line)?;
            if last_extension.is_some_and(|last| last >= extension) {
                return None;
            }
            last_extension = Some(extension);
        };
        let size = parse_size(lines.next()?.strip_prefix(b"size ")?)?;
        match lines.next() {
            None => Some(LfsPointer { oid, size }),
            Some(_) => None,
        }
    }
}

/// Reads `ext-N-NAME sha256:…`; gives the priority, by which extensions are sorted.
fn parse_extension(line: &[u8]) -> Option<u8> {
    let rest = line.strip_prefix(b"ext-")?;
    let (&priority, rest) = rest
        .split_first()
        .filter(|(digit, _)| digit.is_ascii_digit())?;
    let rest = rest.strip_prefix(b"-")?;
    let space = rest.iter().position(|&byte| byte == b' ')?;
    let (name, oid) = rest.split_at(space);
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    if name.is_empty() || !name.iter().all(is_word) {
        return None;
    }
    LfsId::from_hex(oid.strip_prefix(b" sha256:")?)?;
    Some(priority)
}

/// Reads a size, which is at most what fits a signed number of 64 bits.
fn parse_size(digits: &[u8]) -> Option<u64> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let size = std::str::from_utf8(digits).ok()?.parse::<i64>().ok()?;
    u64::try_from(size).ok()
}

impl LfsId {
    /// Makes an id from 64 hex digits of either case.
    pub fn from_hex(hex: &[u8]) -> Option<Self> {
        crate::id::ContentHash::from_hex(hex).map(|id| LfsId(id.0))
    }
}

impl fmt::Display for LfsId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut hex = Vec::with_capacity(64);
        push_hex(&mut hex, &self.0);
        f.write_str(std::str::from_utf8(&hex).expect("because hex digits are ASCII"))
    }
}

impl FromStr for LfsId {
    type Err = ParseIdError;

    fn from_str(hex: &str) -> Result<Self, ParseIdError> {
        Self::from_hex(hex.as_bytes()).ok_or(ParseIdError)
    }
}

impl Serialize for LfsId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LfsId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::id::from_lowercase(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OID: &str = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";

    fn pointer(text: &str) -> Option<LfsPointer> {
        LfsPointer::parse(text.replace("OID", OID).as_bytes())
    }

    /// The examples of the specification.
    #[test]
    fn reads_the_examples_of_the_specification() {
        let plain = "version https://git-lfs.github.com/spec/v1\noid sha256:OID\nsize 12345\n";
        let read = pointer(plain).expect("a pointer");
        assert_eq!((read.oid.to_string().as_str(), read.size), (OID, 12345));
        let extended = "version https://git-lfs.github.com/spec/v1\next-0-foo sha256:OID\n\
                        ext-1-bar sha256:OID\noid sha256:OID\nsize 123\n";
        assert_eq!(pointer(extended).expect("a pointer").size, 123);
    }

    #[test]
    fn tolerates_what_git_lfs_does() {
        for text in [
            "version https://hawser.github.com/spec/v1\noid sha256:OID\nsize 0",
            "version https://git-lfs.github.com/spec/v1\r\noid sha256:OID\r\nsize 7\r\n",
            "\n version https://git-lfs.github.com/spec/v1\n\noid sha256:OID\nsize 7\n\n",
        ] {
            assert!(pointer(text).is_some(), "{text:?}");
        }
    }

    #[test]
    fn refuses_other_content() {
        for text in [
            "",
            "version 1\n",
            "version https://git-lfs.github.com/spec/v1\n",
            "version https://git-lfs.github.com/spec/v1\noid sha256:OID\n",
            "version https://git-lfs.github.com/spec/v1\nsize 1\noid sha256:OID\n",
            "oid sha256:OID\nsize 1\nversion https://git-lfs.github.com/spec/v1\n",
            "version https://git-lfs.github.com/spec/v1\noid sha256:OID\nsize -1\n",
            "version https://git-lfs.github.com/spec/v1\noid sha256:OID\nsize +1\n",
            "version https://git-lfs.github.com/spec/v1\noid sha256:OID\nsize 9223372036854775808\n",
            "version https://git-lfs.github.com/spec/v1\noid sha256:OID0\nsize 1\n",
            "version https://git-lfs.github.com/spec/v1\noid md5:OID\nsize 1\n",
            "version https://git-lfs.github.com/spec/v1\noid sha256:OID\nsize 1\nmore 1\n",
            "version https://git-lfs.github.com/spec/v2\noid sha256:OID\nsize 1\n",
            "version https://git-lfs.github.com/spec/v1\next-1-a sha256:OID\n\
             ext-0-b sha256:OID\noid sha256:OID\nsize 1\n",
        ] {
            assert!(pointer(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn a_pointer_is_smaller_than_1024_bytes() {
        let mut text =
            format!("version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize 1\n");
        text.push_str(&"\n".repeat(1_023 - text.len()));
        assert!(LfsPointer::parse(text.as_bytes()).is_some());
        text.push('\n');
        assert!(LfsPointer::parse(text.as_bytes()).is_none());
    }
}
