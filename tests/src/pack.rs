//! Packs and deltas, byte by byte; see `gitformat-pack`.

use flate2::Crc;
use gitlade::{ObjectFormat, ObjectId};

use crate::index::{Index, Place};
use crate::objects::{Kind, checksum, deflate, object_id};

/// The type number of a delta whose base is so many bytes in front of it.
pub const OFS_DELTA: u8 = 6;
/// The type number of a delta whose base has an id.
pub const REF_DELTA: u8 = 7;

/// A pack in the making. Entries stay as they are given, whether they are right or not.
#[derive(Clone, Debug)]
pub struct Pack {
    format: ObjectFormat,
    version: u32,
    count: Option<u32>,
    /// Without the header.
    entries: Vec<u8>,
    places: Vec<Place>,
}

impl Pack {
    /// A pack without entries.
    pub fn new(format: ObjectFormat) -> Self {
        Pack {
            format,
            version: 2,
            count: None,
            entries: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Writes this number as the version, instead of 2.
    pub fn version(&mut self, version: u32) -> &mut Self {
        self.version = version;
        self
    }

    /// Writes this number as the count of entries, instead of the right one.
    pub fn count(&mut self, count: u32) -> &mut Self {
        self.count = Some(count);
        self
    }

    /// Adds a whole object.
    pub fn object(&mut self, kind: Kind, bytes: &[u8]) -> ObjectId {
        let id = object_id(self.format, kind, bytes);
        self.entry(id, kind.number(), bytes.len() as u64, &[], &deflate(bytes));
        id
    }

    /// Adds a delta against the entry at `base`, that makes the object `id`.
    pub fn ofs_delta(&mut self, id: ObjectId, base: u64, delta: &[u8]) -> u64 {
        let distance = self.end().wrapping_sub(base);
        self.entry(
            id,
            OFS_DELTA,
            delta.len() as u64,
            &distance_bytes(distance),
            &deflate(delta),
        )
    }

    /// Adds a delta against the object `base`, that makes the object `id`.
    pub fn ref_delta(&mut self, id: ObjectId, base: ObjectId, delta: &[u8]) -> u64 {
        self.entry(
            id,
            REF_DELTA,
            delta.len() as u64,
            base.as_bytes(),
            &deflate(delta),
        )
    }

    /// Adds an entry of anything: a type number of 3 bits, the size in its header, what names the
    /// base, and what is stored. Returns where it begins; the index says that it is `id`.
    pub fn entry(&mut self, id: ObjectId, number: u8, size: u64, base: &[u8], data: &[u8]) -> u64 {
        self.raw(id, &[&entry_header(number, size), base, data].concat())
    }

    /// Adds bytes that need not be an entry.
    pub fn raw(&mut self, id: ObjectId, bytes: &[u8]) -> u64 {
        let offset = self.end();
        let mut crc = Crc::new();
        crc.update(bytes);
        self.entries.extend_from_slice(bytes);
        self.places.push(Place {
            id,
            crc: crc.sum(),
            offset,
        });
        offset
    }

    /// Has the index say that `id` is at `offset` as well.
    pub fn alias(&mut self, id: ObjectId, offset: u64) -> &mut Self {
        self.places.push(Place { id, crc: 0, offset });
        self
    }

    /// The same, with the checksum that is right for the bytes `entry` that are there.
    pub fn alias_of(&mut self, id: ObjectId, offset: u64, entry: &[u8]) -> &mut Self {
        let mut crc = Crc::new();
        crc.update(entry);
        let crc = crc.sum();
        self.places.push(Place { id, crc, offset });
        self
    }

    /// Where the next entry begins.
    pub fn end(&self) -> u64 {
        12 + self.entries.len() as u64
    }

    /// Where the entry of an object begins.
    ///
    /// # Panics
    ///
    /// If it has none.
    pub fn offset(&self, id: ObjectId) -> u64 {
        let place = self.places.iter().find(|place| place.id == id);
        place.expect("because the object was packed").offset
    }

    /// The bytes, with header and checksum.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"PACK".to_vec();
        bytes.extend_from_slice(&self.version.to_be_bytes());
        let count = self.count.unwrap_or(self.places.len() as u32);
        bytes.extend_from_slice(&count.to_be_bytes());
        bytes.extend_from_slice(&self.entries);
        bytes.extend_from_slice(&checksum(self.format, &[&bytes]));
        bytes
    }

    /// The honest index.
    pub fn index(&self) -> Index {
        let bytes = self.bytes();
        let mut places = self.places.clone();
        places.sort_by_key(|place| place.id);
        Index {
            format: self.format,
            places,
            pack_checksum: bytes[bytes.len() - self.format.id_len()..].to_vec(),
        }
    }
}

/// Type and size in front of an entry: 4 bits of the size, then 7 a byte, the lowest first.
pub fn entry_header(number: u8, size: u64) -> Vec<u8> {
    let mut bytes = vec![number << 4 | (size & 15) as u8];
    let mut rest = size >> 4;
    while rest > 0 {
        *bytes.last_mut().expect("because it began with a byte") |= 0x80;
        bytes.push((rest & 0x7f) as u8);
        rest >>= 7;
    }
    bytes
}

/// The distance to a delta's base: 7 bits a byte, the highest first, each but the last one less.
pub fn distance_bytes(distance: u64) -> Vec<u8> {
    let mut bytes = vec![(distance & 0x7f) as u8];
    let mut rest = distance >> 7;
    while rest > 0 {
        rest -= 1;
        bytes.insert(0, 0x80 | (rest & 0x7f) as u8);
        rest >>= 7;
    }
    bytes
}

/// A delta in the making: instructions to copy from the base and to insert bytes.
#[derive(Clone, Debug)]
pub struct Delta(Vec<u8>);

impl Delta {
    /// A delta that says its base and its result have these sizes.
    pub fn new(base: u64, result: u64) -> Self {
        let mut bytes = Vec::new();
        for mut size in [base, result] {
            while size > 0x7f {
                bytes.push(0x80 | (size & 0x7f) as u8);
                size >>= 7;
            }
            bytes.push(size as u8);
        }
        Delta(bytes)
    }

    /// Copies up to 0xffffff bytes of the base.
    pub fn copy(mut self, offset: u32, len: u32) -> Self {
        let at = self.0.len();
        self.0.push(0x80);
        for (bit, byte) in (0..).zip(offset.to_le_bytes()) {
            if byte != 0 {
                self.0[at] |= 1 << bit;
                self.0.push(byte);
            }
        }
        for (bit, byte) in (4..7).zip(len.to_le_bytes()) {
            if byte != 0 {
                self.0[at] |= 1 << bit;
                self.0.push(byte);
            }
        }
        self
    }

    /// Inserts up to 127 bytes.
    pub fn insert(mut self, bytes: &[u8]) -> Self {
        self.0.push(bytes.len() as u8);
        self.0.extend_from_slice(bytes);
        self
    }

    /// Adds bytes that need not be an instruction.
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// The delta's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Git;
    use crate::objects::{Tree, commit};
    use crate::repo::Repo;
    use crate::scratch;

    #[test]
    fn git_reads_what_is_written() {
        for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
            let mut pack = Pack::new(format);
            let base = b"0123456789".repeat(100);
            let blob = pack.object(Kind::Blob, &base);
            let result = [&base[3..903], b"new", &base[..0x10]].concat();
            let delta = Delta::new(1000, result.len() as u64)
                .copy(3, 900)
                .insert(b"new")
                .copy(0, 0x10);
            let by_offset = object_id(format, Kind::Blob, &result);
            pack.ofs_delta(by_offset, pack.offset(blob), delta.bytes());
            let doubled = result.repeat(2);
            let delta = Delta::new(919, 1838).copy(0, 919).copy(0, 919);
            let by_id = object_id(format, Kind::Blob, &doubled);
            pack.ref_delta(by_id, by_offset, delta.bytes());
            let tree = Tree::new().file("a", by_offset).file("b", by_id);
            let tree = pack.object(Kind::Tree, tree.bytes());
            let head = pack.object(Kind::Commit, &commit(tree));

            for index in [pack.index().v1(), pack.index().v2()] {
                let dir = scratch();
                let mut repo = Repo::new(format);
                repo.pack_files("1", pack.bytes(), index).point(head);
                repo.write(dir.path());
                let git = Git::at(dir.path());
                let said = git.output(&["fsck", "--strict", "--full"], b"");
                assert!(said.success, "{}", said.stderr);
                assert_eq!(git.run(&["cat-file", "blob", "HEAD:a"]), result);
                assert_eq!(git.run(&["cat-file", "blob", "HEAD:b"]), doubled);
                git.run(&["verify-pack", &crate::repo::pack_path("1", "idx")]);
            }
        }
    }

    #[test]
    fn numbers_are_written_as_the_format_says() {
        // Worked out by hand from gitformat-pack.
        assert_eq!(entry_header(3, 1000), [0xb8, 0x3e]);
        assert_eq!(distance_bytes(1000), [0x86, 0x68]);
        assert_eq!(distance_bytes(127), [0x7f]);
        assert_eq!(distance_bytes(128), [0x80, 0x00]);
    }
}
