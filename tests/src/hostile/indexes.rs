//! Indexes of packs (`.idx`) that are damaged or lie.

use gitlade::{ErrorKind, ObjectFormat};

use super::sample::{PACK, Packed, packed_files};
use super::{DAMAGED, DAMAGED_OR_MISSING, Expect, Fixture, GitSays};
use crate::index::{Index, Place, Tables, seal};
use crate::objects::{Kind, id_of_byte};
use crate::repo::pack_path;

const SHA1: ObjectFormat = ObjectFormat::Sha1;
const COUNT: usize = 6;
const BAD: Expect = Expect::OneOf(&[
    ErrorKind::CorruptRepository,
    ErrorKind::CorruptObject,
    ErrorKind::MissingObject,
    ErrorKind::RevisionNotFound,
]);

/// The index is altered before it is written, so that its checksum is right.
macro_rules! lies {
    ($($fixture:literal: $what:literal, $expect:expr, $git:expr, |$packed:ident, $index:ident| $lie:expr;)*) => {
        &[$(Fixture::new(concat!("indexes/", $fixture), $what, $expect, $git, |dir| {
            let $packed = Packed::sha1();
            let mut $index: Index = $packed.pack.index();
            $lie;
            let mut repo = $packed.repo();
            repo.file(&pack_path(PACK, "idx"), $index.v2());
            repo.write(dir);
        })),*]
    };
}

fn position(index: &Index, id: gitlade::ObjectId) -> usize {
    let position = index.places.iter().position(|place| place.id == id);
    position.expect("because the object was packed")
}

pub(super) const LIES: &[Fixture] = lies! {
    "swapped-blobs": "The offsets of two files, swapped.", DAMAGED, GitSays::Fails, |packed, index| {
        let (a, b) = (position(&index, packed.base), position(&index, packed.random));
        index.swap_offsets(a, b);
    };
    "swapped-deltas": "The offsets of two deltas, swapped.", DAMAGED, GitSays::Fails, |packed, index| {
        let (a, b) = (position(&index, packed.by_id), position(&index, packed.by_offset));
        index.swap_offsets(a, b);
    };
    "swapped-kinds": "The offsets of the commit and a file, swapped.", DAMAGED, GitSays::Fails, |packed, index| {
        let (a, b) = (position(&index, packed.head), position(&index, packed.base));
        index.swap_offsets(a, b);
    };
    "swapped-tree": "The offsets of the tree and a file, swapped.", DAMAGED, GitSays::Fails, |packed, index| {
        let (a, b) = (position(&index, packed.root), position(&index, packed.random));
        index.swap_offsets(a, b);
    };
    "all-one-offset": "One offset for every object.", DAMAGED, GitSays::Fails, |packed, index| {
        let offset = packed.pack.offset(packed.random);
        for place in &mut index.places { place.offset = offset }
    };
    "base-points-at-delta": "A base whose offset is that of its own delta: a circle, in which Git's fsck stays for ever.", DAMAGED, GitSays::Unasked, |packed, index| {
        let offset = packed.pack.offset(packed.by_id);
        index.place(packed.base).offset = offset;
    };
    "offset-0": "An offset of the pack's header.", DAMAGED, GitSays::Fails, |packed, index| index.place(packed.random).offset = 0;
    "offset-inside": "An offset inside an entry.", DAMAGED, GitSays::Fails, |packed, index| index.place(packed.random).offset += 1;
    "offset-trailer": "An offset of the pack's checksum.", DAMAGED, GitSays::Fails, |packed, index| index.place(packed.random).offset = packed.pack.end();
    "offset-last-byte": "An offset of the pack's last byte.", DAMAGED, GitSays::Fails, |packed, index| index.place(packed.random).offset = packed.pack.end() + 19;
    "offset-end": "An offset of the pack's end.", DAMAGED, GitSays::Fails, |packed, index| index.place(packed.random).offset = packed.pack.end() + 20;
    "offset-behind": "An offset far behind the pack's end.", DAMAGED, GitSays::Fails, |packed, index| index.place(packed.random).offset = 0x7fff_ffff;
    "offset-4-gib": "An offset of 4 GiB.", DAMAGED, GitSays::Fails, |packed, index| index.place(packed.random).offset = 1 << 32;
    "offset-max": "The largest offset there is.", DAMAGED, GitSays::Fails, |packed, index| index.place(packed.random).offset = u64::MAX;
    "crc": "Wrong CRC-32 of every entry.", Expect::Either, GitSays::Unasked, |_packed, index| for place in &mut index.places { place.crc ^= 1 };
    "pack-checksum": "The checksum of another pack.", Expect::Either, GitSays::Fails, |_packed, index| index.pack_checksum.fill(0xaa);
    "unsorted": "Ids in the wrong order.", BAD, GitSays::Fails, |_packed, index| index.places.reverse();
    "missing-blob": "A file's object is left out.", DAMAGED_OR_MISSING, GitSays::Fails, |packed, index| index.places.retain(|place| place.id != packed.random);
    "missing-base": "A base by id is left out.", DAMAGED_OR_MISSING, GitSays::Fails, |packed, index| index.places.retain(|place| place.id != packed.base);
    "missing-head": "The commit is left out.", BAD, GitSays::Fails, |packed, index| index.places.retain(|place| place.id != packed.head);
    "empty": "No objects.", BAD, GitSays::Fails, |_packed, index| index.places.clear();
    "more-objects": "Objects that the pack does not have.", Expect::Either, GitSays::Fails, |_packed, index| {
        for byte in 0xf0..=0xff { index.places.push(Place { id: id_of_byte(SHA1, byte), crc: 0, offset: 12 }) }
        index.places.sort_by_key(|place| place.id);
    };
    "one-id-twice": "An object twice, at different offsets.", Expect::Either, GitSays::Fails, |packed, index| {
        let offset = packed.pack.offset(packed.base);
        let place = Place { offset, ..*index.place(packed.random) };
        index.places.push(place);
        index.places.sort_by_key(|place| place.id);
    };
    "one-id-all-over": "One id for every object.", BAD, GitSays::Fails, |packed, index| for place in &mut index.places { place.id = packed.random };
};

/// The index is altered after it was written.
macro_rules! bytes {
    ($($fixture:literal: $what:literal, $expect:expr, |$bytes:ident| $alter:expr;)*) => {
        &[$(Fixture::new(concat!("indexes/", $fixture), $what, $expect, GitSays::Fails, |dir| {
            let mut repo = Packed::sha1().repo();
            let $bytes = repo.content(&pack_path(PACK, "idx"));
            $alter;
            repo.write(dir);
        })),*]
    };
}

/// Sets a number of the fan-out, and makes the checksum right again.
fn fan(bytes: &mut Vec<u8>, at: usize, count: u32) {
    bytes[8 + at * 4..12 + at * 4].copy_from_slice(&count.to_be_bytes());
    seal(SHA1, bytes);
}

pub(super) const BYTES: &[Fixture] = bytes! {
    "no-bytes": "An index of no bytes.", BAD, |bytes| bytes.clear();
    "cut-header": "An index that ends inside its header.", BAD, |bytes| bytes.truncate(7);
    "cut-fanout": "An index that ends inside its fan-out.", BAD, |bytes| bytes.truncate(500);
    "cut-ids": "An index that ends inside its ids.", BAD, |bytes| bytes.truncate(1050);
    "cut-byte": "An index without its last byte.", Expect::Either, |bytes| { bytes.pop(); };
    "magic": "An index that begins with other letters.", Expect::Either, |bytes| bytes[0] = 0;
    "version-3": "A version that there is not.", BAD, |bytes| { bytes[7] = 3; seal(SHA1, bytes) };
    "fanout-falls": "A fan-out that falls.", Expect::Either, |bytes| fan(bytes, 100, 0);
    "fanout-rises": "A fan-out that rises over the number of objects and falls again.", Expect::Either, |bytes| fan(bytes, 100, 1000);
    "fanout-huge": "A fan-out of four thousand million objects.", BAD, |bytes| fan(bytes, 255, u32::MAX);
    "fanout-more": "A fan-out of one object more.", BAD, |bytes| fan(bytes, 255, COUNT as u32 + 1);
    "fanout-fewer": "A fan-out of one object fewer.", BAD, |bytes| fan(bytes, 255, COUNT as u32 - 1);
    "fanout-zero": "A fan-out of no objects.", BAD, |bytes| { bytes[8..8 + 1024].fill(0); seal(SHA1, bytes) };
    "fanout-ones": "A fan-out of nothing but ones.", BAD, |bytes| { bytes[8..8 + 1024].fill(0xff); seal(SHA1, bytes) };
    "large-offset": "Offsets in a table of large ones that is not there.", DAMAGED_OR_MISSING, |bytes| {
        let tables = Tables::of(SHA1, COUNT);
        for at in tables.offsets.step_by(4) { bytes[at] |= 0x80 }
        seal(SHA1, bytes);
    };
    "checksum": "A wrong checksum of the index.", Expect::Either, |bytes| *bytes.last_mut().expect("because it is no empty file") ^= 1;
    "bytes-behind": "Bytes behind the checksum.", Expect::Either, |bytes| bytes.extend_from_slice(&[0; 100]);
    "ids-zero": "Null ids only.", BAD, |bytes| { bytes[Tables::of(SHA1, COUNT).ids].fill(0); seal(SHA1, bytes) };
    "one-bit": "An id with a bit flipped.", BAD, |bytes| {
        // The id of the commit, so that it is missed.
        let head = Packed::sha1().head;
        let at = bytes.windows(20).position(|window| window == head.as_bytes());
        bytes[at.expect("because the commit is packed") + 19] ^= 1;
    };
};

pub(super) const VERSION_1: &[Fixture] = &[
    Fixture::new(
        "indexes/version-1",
        "An index of version 1, which Git wrote until 2007.",
        Expect::Imports,
        GitSays::Fine,
        |dir| {
            let packed = Packed::sha1();
            let mut repo = packed.repo();
            repo.file(&pack_path(PACK, "idx"), packed.pack.index().v1());
            repo.write(dir);
        },
    ),
    Fixture::new(
        "indexes/version-1-swapped",
        "The same with two offsets swapped.",
        DAMAGED,
        GitSays::Fails,
        |dir| {
            let packed = Packed::sha1();
            let mut index = packed.pack.index();
            let (a, b) = (
                position(&index, packed.base),
                position(&index, packed.random),
            );
            index.swap_offsets(a, b);
            let mut repo = packed.repo();
            repo.file(&pack_path(PACK, "idx"), index.v1());
            repo.write(dir);
        },
    ),
    Fixture::new(
        "indexes/overlapping",
        "Two objects in one entry: the second begins inside the first, and both are right.",
        Expect::Imports,
        GitSays::Unasked,
        |dir| overlapping().write(dir),
    ),
];

/// A stored zlib block whose bytes are an entry of their own.
fn overlapping() -> crate::repo::Repo {
    use crate::objects::{deflate, object_id};
    use crate::pack::entry_header;

    let inner = b"inner".to_vec();
    let hidden = [entry_header(3, 5), deflate(&inner)].concat();
    let outer = hidden.clone();
    packed_files(&[outer.clone(), inner], |pack, ids| {
        debug_assert_eq!(ids[0], object_id(SHA1, Kind::Blob, &outer));
        let length = outer.len() as u16;
        let mut stored = vec![0x78, 0x01, 0x01];
        stored.extend_from_slice(&length.to_le_bytes());
        stored.extend_from_slice(&(!length).to_le_bytes());
        stored.extend_from_slice(&outer);
        stored.extend_from_slice(&adler32(&outer).to_be_bytes());
        let header = entry_header(3, u64::from(length));
        let begin = pack.end() + header.len() as u64 + 7;
        pack.raw(ids[0], &[header, stored].concat());
        pack.alias_of(ids[1], begin, &hidden);
    })
}

/// The checksum of RFC 1950.
fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    b << 16 | a
}
