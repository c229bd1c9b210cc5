//! Headers of pack entries.
//!
//! See "pack-*.pack files have the following format" in Git's `gitformat-pack` document.

use crate::id::{ObjectFormat, ObjectId};
use crate::pack::error::EntryProblem;

/// The types that an object can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Commit,
    Tree,
    Blob,
    Tag,
}

impl Kind {
    /// The word that stands in an object's hashed header.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Kind::Commit => "commit",
            Kind::Tree => "tree",
            Kind::Blob => "blob",
            Kind::Tag => "tag",
        }
    }

    pub(crate) fn from_name(name: &[u8]) -> Option<Self> {
        [Kind::Commit, Kind::Tree, Kind::Blob, Kind::Tag]
            .into_iter()
            .find(|kind| kind.name().as_bytes() == name)
    }
}

/// How an entry stores its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    Whole(Kind),
    /// A delta against the entry that begins this many bytes before.
    OffsetDelta(u64),
    /// A delta against the object with this id.
    RefDelta(ObjectId),
}

/// The header of one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntryHeader {
    pub(crate) stored: Stored,
    /// Bytes that the data inflates to: the object, or the delta.
    pub(crate) size: u64,
    /// Bytes of the header itself; the compressed data follows.
    pub(crate) len: usize,
}

/// No header is longer: ten bytes of size, and an id of 32 or ten bytes of offset.
pub(crate) const MAX_HEADER: usize = 10 + 32;

impl EntryHeader {
    /// Reads the header at the beginning of `bytes`.
    ///
    /// # Errors
    ///
    /// [`EntryProblem::CutOff`] if more bytes are needed, and others if it is malformed.
    pub(crate) fn parse(bytes: &[u8], format: ObjectFormat) -> Result<Self, EntryProblem> {
        let mut at = 0;
        let mut next = || {
            let byte = bytes.get(at).copied().ok_or(EntryProblem::CutOff);
            at += 1;
            byte
        };

        let first = next()?;
        let kind = first >> 4 & 7;
        let mut size = u64::from(first & 15);
        let mut shift = 4;
        let mut byte = first;
        while byte & 0x80 != 0 {
            byte = next()?;
            let bits = u64::from(byte & 0x7f);
            if shift > 60 || bits << shift >> shift != bits {
                return Err(EntryProblem::Header);
            }
            size |= bits << shift;
            shift += 7;
        }

        let stored = match kind {
            1 => Stored::Whole(Kind::Commit),
            2 => Stored::Whole(Kind::Tree),
            3 => Stored::Whole(Kind::Blob),
            4 => Stored::Whole(Kind::Tag),
            6 => {
                let mut byte = next()?;
                let mut distance = u64::from(byte & 0x7f);
                while byte & 0x80 != 0 {
                    byte = next()?;
                    distance = distance
                        .checked_add(1)
                        .and_then(|value| value.checked_mul(128))
                        .ok_or(EntryProblem::Header)?
                        | u64::from(byte & 0x7f);
                }
                if distance == 0 {
                    return Err(EntryProblem::BaseOffset);
                }
                Stored::OffsetDelta(distance)
            }
            7 => {
                let id = bytes
                    .get(at..at + format.id_len())
                    .and_then(ObjectId::from_bytes)
                    .ok_or(EntryProblem::CutOff)?;
                at += format.id_len();
                Stored::RefDelta(id)
            }
            other => return Err(EntryProblem::UnknownType(other)),
        };
        Ok(EntryHeader {
            stored,
            size,
            len: at,
        })
    }
}

/// An upper bound for the compressed form of `size` bytes as any sane compressor writes it: stored
/// blocks of 16 KiB, zlib's frame, and some room.
pub(crate) fn compressed_bound(size: u64) -> u64 {
    size.saturating_add(size >> 10).saturating_add(64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<EntryHeader, EntryProblem> {
        EntryHeader::parse(bytes, ObjectFormat::Sha1)
    }

    #[test]
    fn sizes_are_little_endian_groups_of_seven_bits() {
        let header = parse(&[0b1011_1111, 0b1000_0001, 0b0000_0001]).expect("is valid");
        assert_eq!(header.stored, Stored::Whole(Kind::Blob));
        assert_eq!(header.size, 15 | 1 << 4 | 1 << 11);
        assert_eq!(header.len, 3);
    }

    #[test]
    fn offsets_are_big_endian_with_one_added_at_each_step() {
        let header = parse(&[0x60, 0x80, 0x00]).expect("is valid");
        assert_eq!(header.stored, Stored::OffsetDelta(128));
        assert_eq!(header.size, 0);
    }

    #[test]
    fn malformed_headers_are_told_apart() {
        assert_eq!(parse(&[]), Err(EntryProblem::CutOff));
        assert_eq!(parse(&[0x80]), Err(EntryProblem::CutOff));
        assert_eq!(parse(&[0x00]), Err(EntryProblem::UnknownType(0)));
        assert_eq!(parse(&[0x50]), Err(EntryProblem::UnknownType(5)));
        assert_eq!(parse(&[0x60, 0x00]), Err(EntryProblem::BaseOffset));
        assert_eq!(parse(&[0x70, 1, 2, 3]), Err(EntryProblem::CutOff));
        assert_eq!(parse(&[0xbf; 12]), Err(EntryProblem::Header));
        let mut endless = vec![0x60];
        endless.extend([0xff; 11]);
        assert_eq!(parse(&endless), Err(EntryProblem::Header));
    }
}
