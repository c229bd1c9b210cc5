//! Multi-pack indexes that are damaged or lie.
//!
//! Git falls back to the indexes of the packs where it notices, so most of these may import, too;
//! what they may not do is import something else.

use gitlade::ObjectFormat;

use super::sample::{PACK, Packed};
use super::{Expect, Fixture, GitSays};
use crate::index::seal;
use crate::multi::MultiIndex;
use crate::repo::{Repo, pack_name, pack_path};

const SHA1: ObjectFormat = ObjectFormat::Sha1;
pub(super) const PATH: &str = "objects/pack/multi-pack-index";

/// The sound repository, with a multi-pack index over its pack.
pub(super) fn sound() -> (Repo, MultiIndex) {
    let packed = Packed::sha1();
    let places = packed.pack.index().places;
    let objects = places.into_iter().map(|place| (0, place)).collect();
    let names = [format!("{}.idx", pack_name(PACK))];
    (packed.repo(), MultiIndex::new(SHA1, &names, objects))
}

/// Sets the number at `at` of the chunk `name`.
fn set(multi: &mut MultiIndex, name: &[u8; 4], at: usize, number: u32) {
    multi.chunk(name)[at..at + 4].copy_from_slice(&number.to_be_bytes());
}

macro_rules! lies {
    ($($fixture:literal: $what:literal, $expect:expr, |$multi:ident| $lie:expr;)*) => {
        &[$(Fixture::new(concat!("multi/", $fixture), $what, $expect, GitSays::Unasked, |dir| {
            let (mut repo, mut multi) = sound();
            let $multi = &mut multi;
            $lie;
            repo.file(PATH, multi.bytes());
            repo.write(dir);
        })),*]
    };
}

pub(super) const LIES: &[Fixture] = lies! {
    "sound": "Nothing wrong, to compare with.", Expect::Imports, |multi| multi.version = 1;
    "version-9": "A version that there is not.", Expect::Either, |multi| multi.version = 9;
    "packs-none": "A count of no packs.", Expect::Either, |multi| multi.packs = 0;
    "packs-more": "A count of more packs than names.", Expect::Either, |multi| multi.packs = 2;
    "packs-huge": "A count of four thousand million packs.", Expect::Either, |multi| multi.packs = u32::MAX;
    "chunks-none": "No chunks.", Expect::Either, |multi| multi.chunks.clear();
    "no-names": "No chunk of names.", Expect::Either, |multi| { multi.chunks.remove(0); };
    "no-fanout": "No chunk of the fan-out.", Expect::Either, |multi| { multi.chunks.remove(1); };
    "no-ids": "No chunk of ids.", Expect::Either, |multi| { multi.chunks.remove(2); };
    "no-offsets": "No chunk of offsets.", Expect::Either, |multi| { multi.chunks.remove(3); };
    "chunk-twice": "A chunk twice.", Expect::Either, |multi| { let chunk = multi.chunks[2].clone(); multi.chunks.push(chunk) };
    "chunks-many": "Two hundred chunks that mean nothing.", Expect::Either, |multi| for n in 0..200 { multi.chunks.push((*b"ZZZ\0", vec![n])) };
    "name-climbs": "A pack outside of the repository.", Expect::Either, |multi| *multi.chunk(b"PNAM") = b"../../../../etc/pack-1.idx\0\0".to_vec();
    "name-absolute": "A pack with an absolute path.", Expect::Either, |multi| *multi.chunk(b"PNAM") = b"/etc/passwd\0".to_vec();
    "name-unknown": "A pack that is not there.", Expect::Either, |multi| *multi.chunk(b"PNAM") = b"pack-2222.idx\0\0\0".to_vec();
    "name-empty": "A pack without a name.", Expect::Either, |multi| *multi.chunk(b"PNAM") = vec![0; 4];
    "name-endless": "A name without an end.", Expect::Either, |multi| *multi.chunk(b"PNAM") = vec![b'x'; 64];
    "name-no-utf8": "A name that is not UTF-8.", Expect::Either, |multi| *multi.chunk(b"PNAM") = b"pack-\xff\xfe.idx\0\0".to_vec();
    "fanout-falls": "A fan-out that falls.", Expect::Either, |multi| set(multi, b"OIDF", 400, 0);
    "fanout-huge": "A fan-out of four thousand million objects.", Expect::Either, |multi| set(multi, b"OIDF", 1020, u32::MAX);
    "fanout-rises": "A fan-out that rises over the number of objects and falls again.", Expect::Either, |multi| set(multi, b"OIDF", 400, 1000);
    "fanout-cut": "A fan-out of one number.", Expect::Either, |multi| multi.chunk(b"OIDF").truncate(4);
    "ids-cut": "Fewer ids than objects.", Expect::Either, |multi| multi.chunk(b"OIDL").truncate(20);
    "ids-unsorted": "Ids in the wrong order.", Expect::Either, |multi| {
        let ids = multi.chunk(b"OIDL");
        *ids = ids.rchunks(20).flatten().copied().collect();
    };
    "ids-zero": "Null ids only.", Expect::Either, |multi| multi.chunk(b"OIDL").fill(0);
    "offsets-cut": "Fewer offsets than objects.", Expect::Either, |multi| multi.chunk(b"OOFF").truncate(8);
    "pack-number": "An object in a pack whose number is too large.", Expect::Either, |multi| set(multi, b"OOFF", 0, 1);
    "pack-number-max": "An object in a pack with the largest number.", Expect::Either, |multi| set(multi, b"OOFF", 0, u32::MAX);
    "offset-large": "An offset in a table of large ones that is not there.", Expect::Either, |multi| set(multi, b"OOFF", 4, u32::MAX);
    "offset-behind": "An offset behind the pack's end.", Expect::Either, |multi| set(multi, b"OOFF", 4, 0x7fff_ffff);
    "offset-swapped": "Two offsets, swapped.", Expect::Either, |multi| {
        let offsets = multi.chunk(b"OOFF");
        let (one, two) = offsets.split_at_mut(8);
        one.swap_with_slice(&mut two[..8]);
    };
    "all-one-offset": "One offset for every object.", Expect::Either, |multi| {
        let first = multi.chunk(b"OOFF")[..8].to_vec();
        for place in multi.chunk(b"OOFF").chunks_mut(8) { place.copy_from_slice(&first) }
    };
};

macro_rules! bytes {
    ($($fixture:literal: $what:literal, |$bytes:ident| $alter:expr;)*) => {
        &[$(Fixture::new(concat!("multi/", $fixture), $what, Expect::Either, GitSays::Unasked, |dir| {
            let (mut repo, multi) = sound();
            repo.file(PATH, multi.bytes());
            let $bytes = repo.content(PATH);
            $alter;
            repo.write(dir);
        })),*]
    };
}

pub(super) const BYTES: &[Fixture] = bytes! {
    "no-bytes": "No bytes.", |bytes| bytes.clear();
    "cut-header": "Ends inside the header.", |bytes| bytes.truncate(9);
    "cut-table": "Ends inside the table of chunks.", |bytes| bytes.truncate(30);
    "cut-half": "Cut in the middle.", |bytes| bytes.truncate(bytes.len() / 2);
    "magic": "Begins with other letters.", |bytes| { bytes[0] = b'X'; seal(SHA1, bytes) };
    "hash": "A hash function that there is not.", |bytes| { bytes[5] = 9; seal(SHA1, bytes) };
    "hash-sha256": "The other hash function.", |bytes| { bytes[5] = 2; seal(SHA1, bytes) };
    "base": "A chain of indexes, which there is not.", |bytes| { bytes[7] = 200; seal(SHA1, bytes) };
    "chunk-count": "More chunks than the table has.", |bytes| { bytes[6] = 255; seal(SHA1, bytes) };
    "chunk-behind": "A chunk behind the file's end.", |bytes| { bytes[16..24].fill(0x7f); seal(SHA1, bytes) };
    "chunk-negative": "A chunk in front of the file.", |bytes| { bytes[16..24].fill(0xff); seal(SHA1, bytes) };
    "chunk-header": "A chunk that begins in the header.", |bytes| { bytes[16..24].fill(0); seal(SHA1, bytes) };
    "chunk-back": "Chunks in falling order.", |bytes| {
        let (one, two) = bytes.split_at_mut(24);
        one[16..].swap_with_slice(&mut two[4..12]);
        seal(SHA1, bytes);
    };
    "checksum": "A wrong checksum.", |bytes| *bytes.last_mut().expect("because it is no empty file") ^= 1;
};

pub(super) const ALONE: &[Fixture] = &[Fixture::new(
    "multi/only-index",
    "A multi-pack index in place of the pack's own.",
    Expect::Either,
    GitSays::Unasked,
    |dir| {
        let (mut repo, multi) = sound();
        repo.file(PATH, multi.bytes());
        repo.remove(&pack_path(PACK, "idx"));
        repo.write(dir);
    },
)];
