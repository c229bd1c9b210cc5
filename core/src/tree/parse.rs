//! Decodes the bytes of a tree object, without copying them.
//!
//! A tree is a sequence of `mode SP name NUL id`, the mode in octal digits and the id in raw bytes.
//! Only what keeps an entry from being told apart from the next one is an error here; whether names,
//! modes and order make sense is for [`check`](super::check()).

use crate::id::{ObjectFormat, ObjectId};

/// The largest mode that Git's own types hold, which is `st_mode` of 16 bits.
const MAX_MODE: u32 = 0o177_777;

/// One entry of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    /// Type and permissions as in `st_mode`. A number that does not fit into 16 bits is
    /// [`u32::MAX`], which no rule accepts.
    pub(crate) mode: u32,
    /// Whether the digits of the mode begin with a zero that Git would not write.
    pub(crate) zero_padded: bool,
    /// Without the NUL; may be empty and may hold anything else.
    pub(crate) name: &'a [u8],
    id: &'a [u8],
    /// Where the entry begins in the tree's bytes.
    pub(crate) offset: usize,
}

/// What a mode says that an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum EntryKind {
    Folder,
    File,
    Symlink,
    Submodule,
}

/// The bytes are no tree from `offset` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) reason: &'static str,
    pub(crate) offset: usize,
}

/// Iterates over the entries of a tree as they stand, and ends after the first error.
#[derive(Clone, Debug)]
pub(crate) struct Entries<'a> {
    bytes: &'a [u8],
    next: usize,
    id_len: usize,
}

impl<'a> Entries<'a> {
    pub(crate) fn new(bytes: &'a [u8], format: ObjectFormat) -> Self {
        Self::from_offset(bytes, format, 0)
    }

    /// Begins at `offset`, which has to be where an entry begins, or the end.
    pub(crate) fn from_offset(bytes: &'a [u8], format: ObjectFormat, offset: usize) -> Self {
        Entries {
            bytes,
            next: offset,
            id_len: format.id_len(),
        }
    }

    /// Where the next entry begins.
    pub(crate) fn offset(&self) -> usize {
        self.next
    }

    fn decode(&self) -> Result<Entry<'a>, Malformed> {
        let offset = self.next;
        let malformed = |reason| Malformed { reason, offset };
        let rest = &self.bytes[offset..];
        let (mode, digits) = octal(rest).ok_or_else(|| malformed("malformed mode"))?;
        let rest = &rest[digits + 1..];
        let end = memchr::memchr(0, rest).ok_or_else(|| malformed("name without an end"))?;
        let (name, rest) = rest.split_at(end);
        let id = rest
            .get(1..=self.id_len)
            .ok_or_else(|| malformed("object id cut off"))?;
        Ok(Entry {
            mode,
            zero_padded: self.bytes[offset] == b'0',
            name,
            id,
            offset,
        })
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.bytes.len() {
            return None;
        }
        let entry = self.decode();
        self.next = match &entry {
            Ok(entry) => {
                let name_at = entry.name.as_ptr().addr() - self.bytes.as_ptr().addr();
                name_at + entry.name.len() + 1 + self.id_len
            }
            Err(_) => self.bytes.len(),
        };
        Some(entry)
    }
}

/// Reads octal digits up to a space: their value and how many there are, one at least.
fn octal(bytes: &[u8]) -> Option<(u32, usize)> {
    match bytes.first_chunk() {
        Some(b"100644 ") => return Some((0o100_644, 6)),
        Some(b"100755 ") => return Some((0o100_755, 6)),
        _ => {}
    }
    let mut value = 0u32;
    for (index, &byte) in bytes.iter().enumerate() {
        match byte {
            b'0'..=b'7' => {
                value = value
                    .checked_mul(8)
                    .map(|value| value + u32::from(byte - b'0'))
                    .filter(|&value| value <= MAX_MODE)
                    .unwrap_or(u32::MAX);
            }
            b' ' if index > 0 => return Some((value, index)),
            _ => return None,
        }
    }
    None
}

impl<'a> Entry<'a> {
    pub(crate) fn id(&self) -> ObjectId {
        ObjectId::from_bytes(self.id).expect("because the decoder cuts ids of 20 or 32 bytes")
    }

    pub(crate) fn has_null_id(&self) -> bool {
        self.id.iter().all(|&byte| byte == 0)
    }

    /// What the mode's type bits say; `None` if Git knows no such type.
    pub(crate) fn kind(&self) -> Option<EntryKind> {
        EntryKind::of_mode(self.mode)
    }
}

impl EntryKind {
    /// What the type bits say; `None` if Git knows no such type.
    pub(crate) fn of_mode(mode: u32) -> Option<Self> {
        if mode > MAX_MODE {
            return None;
        }
        match mode & 0o170_000 {
            0o040_000 => Some(EntryKind::Folder),
            0o100_000 => Some(EntryKind::File),
            0o120_000 => Some(EntryKind::Symlink),
            0o160_000 => Some(EntryKind::Submodule),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: [u8; 20] = [7; 20];

    fn tree(parts: &[&[u8]]) -> Vec<u8> {
        parts.concat()
    }

    #[test]
    fn entries_come_as_they_stand() {
        let bytes = tree(&[b"100644 a\0", &ID, b"040000 \xff b\0", &ID]);
        let entries = Entries::new(&bytes, ObjectFormat::Sha1)
            .collect::<Result<Vec<_>, _>>()
            .unwrap();
        assert_eq!(entries[0].mode, 0o100_644);
        assert_eq!(entries[0].name, b"a");
        assert_eq!(entries[0].id().as_bytes(), ID);
        assert!(!entries[0].zero_padded);
        assert_eq!(entries[1].kind(), Some(EntryKind::Folder));
        assert_eq!(entries[1].name, b"\xff b");
        assert!(entries[1].zero_padded);
        assert_eq!(entries[1].offset, 29);
    }

    #[test]
    fn ids_have_the_length_of_the_format() {
        let bytes = tree(&[b"160000 s\0", &[9; 32]]);
        let entry = Entries::new(&bytes, ObjectFormat::Sha256).next();
        assert_eq!(entry.unwrap().unwrap().id().as_bytes(), [9; 32]);
        assert!(
            Entries::new(&bytes, ObjectFormat::Sha1)
                .last()
                .unwrap()
                .is_err()
        );
    }

    #[test]
    fn malformed_bytes_end_the_iteration() {
        let good = tree(&[b"100644 a\0", &ID]);
        for (tail, reason) in [
            (&b" a\0aaaaaaaaaaaaaaaaaaaa"[..], "malformed mode"),
            (b"10064x a\0aaaaaaaaaaaaaaaaaaaa", "malformed mode"),
            (b"100644", "malformed mode"),
            (b"100644 name", "name without an end"),
            (b"100644 name\0aaaaaaaaaaaaaaaaaaa", "object id cut off"),
        ] {
            let bytes = tree(&[&good, tail]);
            let mut entries = Entries::new(&bytes, ObjectFormat::Sha1);
            assert!(entries.next().unwrap().is_ok());
            let error = entries.next().unwrap().unwrap_err();
            assert_eq!((error.reason, error.offset), (reason, good.len()));
            assert!(entries.next().is_none());
        }
    }

    #[test]
    fn oversized_modes_have_no_kind() {
        // Git cuts modes to 16 bits, and takes this one for 100644.
        let bytes = tree(&[b"40100644 a\0", &ID, b"7777777777777777777777 b\0", &ID]);
        for entry in Entries::new(&bytes, ObjectFormat::Sha1) {
            assert_eq!(entry.unwrap().kind(), None);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_entries_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut seen = 0;
            for entry in Entries::new(&bytes, ObjectFormat::Sha1) {
                match entry {
                    Ok(entry) => prop_assert!(!entry.name.contains(&0)),
                    Err(error) => prop_assert!(error.offset < bytes.len()),
                }
                seen += 1;
            }
            prop_assert!(seen <= bytes.len());
        }
    }
}
