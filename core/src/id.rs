//! Names of content: Git object ids and BLAKE3 digests.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The hash function that a repository names its objects with.
///
/// Git calls this the *object format* (`extensions.objectFormat`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ObjectFormat {
    /// 20-byte ids, the default of Git 2.
    Sha1,
    /// 32-byte ids, as in `git init --object-format=sha256`.
    Sha256,
}

impl ObjectFormat {
    /// Length of an object id in bytes: 20 or 32.
    pub const fn id_len(self) -> usize {
        match self {
            ObjectFormat::Sha1 => 20,
            ObjectFormat::Sha256 => 32,
        }
    }

    pub(crate) const fn to_gix(self) -> gix::hash::Kind {
        match self {
            ObjectFormat::Sha1 => gix::hash::Kind::Sha1,
            ObjectFormat::Sha256 => gix::hash::Kind::Sha256,
        }
    }

    pub(crate) fn from_gix(kind: gix::hash::Kind) -> Option<Self> {
        match kind {
            gix::hash::Kind::Sha1 => Some(ObjectFormat::Sha1),
            gix::hash::Kind::Sha256 => Some(ObjectFormat::Sha256),
            _ => None,
        }
    }
}

impl fmt::Display for ObjectFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ObjectFormat::Sha1 => "sha1",
            ObjectFormat::Sha256 => "sha256",
        })
    }
}

/// The id of a Git object: 20 bytes of SHA-1 or 32 of SHA-256.
///
/// Its text form is lowercase hex, as Git prints it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId {
    bytes: [u8; 32],
    format: ObjectFormat,
}

impl ObjectId {
    /// Makes an id from its bytes; `None` unless there are 20 or 32 of them.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let format = match bytes.len() {
            20 => ObjectFormat::Sha1,
            32 => ObjectFormat::Sha256,
            _ => return None,
        };
        let mut all = [0; 32];
        all[..bytes.len()].copy_from_slice(bytes);
        Some(ObjectId { bytes: all, format })
    }

    /// Makes an id from 40 or 64 hex digits of either case.
    pub fn from_hex(hex: &[u8]) -> Option<Self> {
        let mut bytes = [0; 32];
        if !matches!(hex.len(), 40 | 64) {
            return None;
        }
        decode_hex(hex, &mut bytes[..hex.len() / 2])?;
        Self::from_bytes(&bytes[..hex.len() / 2])
    }

    /// The 20 or 32 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.format.id_len()]
    }

    /// Which hash function made it.
    pub fn format(&self) -> ObjectFormat {
        self.format
    }

    pub(crate) fn null(format: ObjectFormat) -> Self {
        ObjectId {
            bytes: [0; 32],
            format,
        }
    }

    /// Whether every byte is zero, which names no object.
    pub fn is_null(&self) -> bool {
        self.as_bytes().iter().all(|&byte| byte == 0)
    }

    pub(crate) fn from_gix(id: &gix::hash::oid) -> Self {
        Self::from_bytes(id.as_bytes()).expect("because gix ids have 20 or 32 bytes")
    }

    pub(crate) fn to_gix(self) -> gix::hash::ObjectId {
        gix::hash::ObjectId::try_from(self.as_bytes())
            .expect("because both kinds of id are compiled in")
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, self.as_bytes())
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectId({self})")
    }
}

impl FromStr for ObjectId {
    type Err = ParseIdError;

    fn from_str(hex: &str) -> Result<Self, ParseIdError> {
        Self::from_hex(hex.as_bytes()).ok_or(ParseIdError)
    }
}

impl Serialize for ObjectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_lowercase(deserializer)
    }
}

/// A BLAKE3 digest of 32 bytes: of a file's content, or of a folder.
///
/// Its text form is lowercase hex, as `b3sum` prints it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    /// Hashes `bytes` in one go.
    pub fn of(bytes: &[u8]) -> Self {
        ContentHash(*blake3::hash(bytes).as_bytes())
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Makes a digest from 64 hex digits of either case.
    pub fn from_hex(hex: &[u8]) -> Option<Self> {
        let mut bytes = [0; 32];
        if hex.len() != 64 {
            return None;
        }
        decode_hex(hex, &mut bytes)?;
        Some(ContentHash(bytes))
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({self})")
    }
}

impl FromStr for ContentHash {
    type Err = ParseIdError;

    fn from_str(hex: &str) -> Result<Self, ParseIdError> {
        Self::from_hex(hex.as_bytes()).ok_or(ParseIdError)
    }
}

impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_lowercase(deserializer)
    }
}

/// Reads the text form of an id. As data it has one spelling, so that what is read is written the
/// same.
pub(crate) fn from_lowercase<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err = ParseIdError>,
    D: Deserializer<'de>,
{
    let hex = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    // Without a way out of the loop, many bytes are looked at at once.
    let has_uppercase = hex
        .bytes()
        .fold(false, |any, byte| any | byte.is_ascii_uppercase());
    if has_uppercase {
        return Err(serde::de::Error::custom("an id is written in lowercase"));
    }
    hex.parse().map_err(serde::de::Error::custom)
}

/// The text is no id: the wrong number of digits, or something that is no hex digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 40 or 64 hexadecimal digits")]
pub struct ParseIdError;

/// Appends `bytes` as lowercase hex.
pub(crate) fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let start = out.len();
    out.resize(start + 2 * bytes.len(), 0);
    for (pair, &byte) in out[start..].chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
}

fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let mut hex = Vec::with_capacity(64);
    push_hex(&mut hex, bytes);
    f.write_str(std::str::from_utf8(&hex).expect("because hex digits are ASCII"))
}

fn decode_hex(hex: &[u8], out: &mut [u8]) -> Option<()> {
    let mut all = 0;
    for (pair, byte) in hex.chunks_exact(2).zip(out) {
        let [high, low] = [pair[0], pair[1]].map(|digit| VALUES[usize::from(digit)]);
        all |= high | low;
        *byte = high << 4 | low;
    }
    (all < 16).then_some(())
}

/// What each byte is worth as a hex digit; 0xff for what is none.
const VALUES: [u8; 256] = {
    let mut values = [0xff; 256];
    let mut value = 0;
    while value < 16 {
        values[b"0123456789abcdef"[value] as usize] = value as u8;
        values[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    values
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling_as_data_and_any_as_an_argument() {
        let hex = "A12cc6f280cb59a2c545b598b723d28b192b1a92";
        let id: ObjectId = hex.parse().unwrap();
        let lowercase = format!("{id}");
        assert_eq!(lowercase, hex.to_lowercase());
        let read = |hex: &str| serde_json::from_str::<ObjectId>(&format!("\"{hex}\""));
        assert_eq!(read(&lowercase).unwrap(), id);
        assert!(read(hex).is_err());
        let digest = ContentHash::of(b"a").to_string();
        let read = |hex: &str| serde_json::from_str::<ContentHash>(&format!("\"{hex}\""));
        assert!(read(&digest).is_ok());
        assert!(read(&digest.to_uppercase()).is_err());
    }
}
