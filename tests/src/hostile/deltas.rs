//! Deltas that lie about sizes, go in circles, or reach where nothing is.

use gitlade::ObjectFormat;

use super::sample::{packed_files, packed_ids};
use super::{DAMAGED, DAMAGED_OR_MISSING, Expect, Fixture, GitSays};
use crate::objects::{Kind, deflate, id_of_byte, object_id};
use crate::pack::{Delta, OFS_DELTA, REF_DELTA};
use crate::repo::Repo;

const BASE: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const SIZE: u64 = BASE.len() as u64;
const RESULT: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz and more";
const RESULT_SIZE: u64 = RESULT.len() as u64;
const SHA1: ObjectFormat = ObjectFormat::Sha1;

fn honest() -> Delta {
    Delta::new(SIZE, RESULT_SIZE)
        .copy(0, SIZE as u32)
        .insert(b" and more")
}

/// A repository of a base and a delta of it, which says to make [`RESULT`].
fn with_delta(delta: &[u8]) -> Repo {
    packed_files(&[BASE.to_vec(), RESULT.to_vec()], |pack, ids| {
        pack.object(Kind::Blob, BASE);
        pack.ofs_delta(ids[1], pack.offset(ids[0]), delta);
    })
}

/// The same, where the honest delta names its base by these bytes.
fn with_base(number: u8, base: &[u8]) -> Repo {
    packed_files(&[BASE.to_vec(), RESULT.to_vec()], |pack, ids| {
        pack.object(Kind::Blob, BASE);
        let delta = honest();
        let size = delta.bytes().len() as u64;
        pack.entry(ids[1], number, size, base, &deflate(delta.bytes()));
    })
}

/// Deltas in a circle of `len`, by id.
fn circle(len: u8) -> Repo {
    let ids: Vec<_> = (0..len).map(|n| id_of_byte(SHA1, n + 1)).collect();
    packed_ids(&ids, |pack, ids| {
        let delta = Delta::new(4, 4).copy(0, 4);
        for n in 0..ids.len() {
            pack.ref_delta(ids[n], ids[(n + 1) % ids.len()], delta.bytes());
        }
    })
}

/// A chain of `len` deltas, each of which adds a byte; only the last is a file.
fn chain(len: u32) -> Repo {
    let end: Vec<u8> = std::iter::once(b'x')
        .chain((0..len).map(|n| n as u8))
        .collect();
    packed_files(std::slice::from_ref(&end), |pack, _| {
        let mut at = pack.end();
        pack.object(Kind::Blob, b"x");
        for n in 1..=u64::from(len) {
            let delta = Delta::new(n, n + 1)
                .copy(0, n as u32)
                .insert(&end[n as usize..=n as usize]);
            let id = object_id(SHA1, Kind::Blob, &end[..=n as usize]);
            at = pack.ofs_delta(id, at, delta.bytes());
        }
    })
}

macro_rules! deltas {
    ($($fixture:literal: $what:literal, $expect:expr, $git:expr, $repo:expr;)*) => {
        &[$(Fixture::new(concat!("deltas/", $fixture), $what, $expect, $git, |dir| {
            $repo.write(dir);
        })),*]
    };
}

pub(super) const TABLE: &[Fixture] = deltas! {
    "honest": "Nothing wrong, to compare with.", Expect::Imports, GitSays::Fine, with_delta(honest().bytes());
    "empty": "A delta of no bytes.", DAMAGED, GitSays::Fails, with_delta(b"");
    "only-sizes": "A delta without instructions.", DAMAGED, GitSays::Fails, with_delta(Delta::new(SIZE, RESULT_SIZE).bytes());
    "only-one-size": "A delta that ends after the base's size.", DAMAGED, GitSays::Fails, with_delta(&[SIZE as u8]);
    "base-size-small": "A base's size that is too small.", DAMAGED, GitSays::Fails,
        with_delta(Delta::new(SIZE - 1, RESULT_SIZE).copy(0, SIZE as u32).insert(b" and more").bytes());
    "base-size-large": "A base's size that is too large.", DAMAGED, GitSays::Fails,
        with_delta(Delta::new(SIZE + 1, RESULT_SIZE).copy(0, SIZE as u32).insert(b" and more").bytes());
    "result-size-small": "A result's size that is too small.", DAMAGED, GitSays::Fails,
        with_delta(Delta::new(SIZE, RESULT_SIZE - 1).copy(0, SIZE as u32).insert(b" and more").bytes());
    "result-size-large": "A result's size that is too large.", DAMAGED, GitSays::Fails,
        with_delta(Delta::new(SIZE, RESULT_SIZE + 1).copy(0, SIZE as u32).insert(b" and more").bytes());
    "result-size-2-62": "A result's size that no disk has.", Expect::Either, GitSays::Fails,
        with_delta(Delta::new(SIZE, 1 << 62).copy(0, SIZE as u32).bytes());
    "base-size-2-62": "A base's size that no disk has.", DAMAGED, GitSays::Fails,
        with_delta(Delta::new(1 << 62, RESULT_SIZE).copy(0, SIZE as u32).bytes());
    "size-endless": "A size without an end.", DAMAGED, GitSays::Fails, with_delta(&[0xff; 100]);
    "size-overflow": "A size of more bits than 64.", DAMAGED, GitSays::Fails,
        with_delta(&[&[SIZE as u8][..], &[0xff; 12], &[0x7f, 0x90, 36]].concat());
    "copy-behind-end": "A copy that reaches a byte behind the base.", DAMAGED, GitSays::Fails,
        with_delta(Delta::new(SIZE, RESULT_SIZE).copy(0, SIZE as u32 + 1).insert(b"and more").bytes());
    "copy-from-end": "A copy that begins at the base's end.", DAMAGED, GitSays::Fails,
        with_delta(Delta::new(SIZE, RESULT_SIZE).copy(SIZE as u32, RESULT_SIZE as u32).bytes());
    "copy-far": "A copy from 4 GiB away.", DAMAGED, GitSays::Fails,
        with_delta(Delta::new(SIZE, RESULT_SIZE).copy(u32::MAX, 45).bytes());
    "copy-wraps": "A copy whose end is right after 32 bits have wrapped.", DAMAGED, GitSays::Fails,
        with_delta(Delta::new(SIZE, RESULT_SIZE).copy(u32::MAX - 8, 45).bytes());
    "copy-size-0": "A copy of size 0, which means 65,536.", DAMAGED, GitSays::Fails,
        with_delta(Delta::new(SIZE, RESULT_SIZE).raw(&[0x80]).bytes());
    "copy-cut": "A delta that ends inside an instruction to copy.", DAMAGED, GitSays::Fails,
        with_delta(Delta::new(SIZE, RESULT_SIZE).copy(0, 36).raw(&[0xff, 1]).bytes());
    "insert-cut": "A delta that ends inside bytes to insert.", DAMAGED, GitSays::Fails,
        with_delta(Delta::new(SIZE, RESULT_SIZE).copy(0, 36).raw(&[9, b' ', b'a']).bytes());
    "opcode-0": "The instruction 0, which is reserved.", DAMAGED, GitSays::Fails,
        with_delta(Delta::new(SIZE, RESULT_SIZE).copy(0, 36).raw(&[0]).insert(b" and more").bytes());
    "more-behind": "Instructions behind the result's end.", DAMAGED, GitSays::Fails,
        with_delta(honest().insert(b"more").bytes());
    "other-result": "A result that is another object.", DAMAGED, GitSays::Fails,
        with_delta(Delta::new(SIZE, RESULT_SIZE).copy(0, 36).insert(b" or less ").bytes());
    "self-by-id": "A delta of itself; Git follows it for ever.", DAMAGED, GitSays::Unasked, circle(1);
    "circle-of-2": "Two deltas of each other; Git follows it for ever.", DAMAGED, GitSays::Unasked, circle(2);
    "circle-of-3": "Three deltas in a circle; Git follows it for ever.", DAMAGED, GitSays::Unasked, circle(3);
    "circle-of-200": "Two hundred deltas in a circle; Git follows it for ever.", DAMAGED, GitSays::Unasked, circle(200);
    "base-missing": "A base that is nowhere.", DAMAGED_OR_MISSING, GitSays::Fails, with_base(REF_DELTA, &[0xaa; 20]);
    "base-null": "A base that is the null id.", DAMAGED_OR_MISSING, GitSays::Fails, with_base(REF_DELTA, &[0; 20]);
    "base-loose": "A base that is not in the pack but loose.", Expect::Either, GitSays::Unasked, {
        let mut repo = packed_files(&[RESULT.to_vec()], |pack, ids| {
            let base = object_id(SHA1, Kind::Blob, BASE);
            pack.ref_delta(ids[0], base, honest().bytes());
        });
        repo.blob(BASE);
        repo
    };
    "distance-0": "A base at no distance: the delta itself.", DAMAGED, GitSays::Fails, with_base(OFS_DELTA, &[0]);
    "distance-1": "A base inside the entry in front.", DAMAGED, GitSays::Fails, with_base(OFS_DELTA, &[1]);
    "distance-header": "A base in the pack's header.", DAMAGED, GitSays::Fails, with_distance(|end| end - 4);
    "distance-start": "A base at the pack's first byte.", DAMAGED, GitSays::Fails, with_distance(|end| end);
    "distance-before": "A base in front of the pack.", DAMAGED, GitSays::Fails, with_distance(|end| end + 1);
    "distance-far": "A base 2^62 bytes in front.", DAMAGED, GitSays::Fails, with_distance(|_| 1 << 62);
    "distance-endless": "A distance without an end.", DAMAGED, GitSays::Fails, with_base(OFS_DELTA, &[0xff; 64]);
    "base-is-tree": "A delta of the tree, which makes a tree.", DAMAGED, GitSays::Fails, {
        packed_files(&[RESULT.to_vec()], |pack, ids| {
            let tree = crate::objects::Tree::new().file("0", ids[0]);
            let size = tree.bytes().len() as u64;
            let delta = Delta::new(size, RESULT_SIZE).insert(RESULT);
            let tree = object_id(SHA1, Kind::Tree, tree.bytes());
            pack.ref_delta(ids[0], tree, delta.bytes());
        })
    };
    "base-damaged": "A base whose zlib checksum is wrong.", DAMAGED, GitSays::Fails, {
        packed_files(&[RESULT.to_vec()], |pack, ids| {
            let mut stored = deflate(BASE);
            *stored.last_mut().expect("because it has a checksum") ^= 1;
            let base = object_id(SHA1, Kind::Blob, BASE);
            let at = pack.entry(base, 3, SIZE, &[], &stored);
            pack.ofs_delta(ids[0], at, honest().bytes());
        })
    };
    "base-behind": "A base that comes after its delta.", Expect::Imports, GitSays::Fine, {
        packed_files(&[BASE.to_vec(), RESULT.to_vec()], |pack, ids| {
            pack.ref_delta(ids[1], ids[0], honest().bytes());
            pack.object(Kind::Blob, BASE);
        })
    };
    "header-size-lies": "A delta whose own size in the entry is wrong.", DAMAGED, GitSays::Fails, {
        packed_files(&[BASE.to_vec(), RESULT.to_vec()], |pack, ids| {
            pack.object(Kind::Blob, BASE);
            let size = honest().bytes().len() as u64;
            pack.entry(ids[1], REF_DELTA, size + 3, ids[0].as_bytes(), &deflate(honest().bytes()));
        })
    };
    "to-nothing": "A delta that makes an empty file.", Expect::Imports, GitSays::Unasked, {
        packed_files(&[BASE.to_vec(), Vec::new()], |pack, ids| {
            pack.object(Kind::Blob, BASE);
            pack.ref_delta(ids[1], ids[0], Delta::new(SIZE, 0).bytes());
        })
    };
    "chain-of-5000": "A chain of five thousand deltas.", Expect::Imports, GitSays::Unasked, chain(5_000);
    "chain-of-20000": "A chain of twenty thousand deltas.", Expect::Limit("max_delta_depth"), GitSays::Unasked, chain(20_000);
    "wide": "Five thousand deltas of one base.", Expect::Imports, GitSays::Unasked, {
        let contents: Vec<Vec<u8>> = (0..5000).map(|n| format!("{}{n}", "x".repeat(1000)).into_bytes()).collect();
        packed_files(&contents, |pack, ids| {
            let base = pack.object(Kind::Blob, &contents[0]);
            let at = pack.offset(base);
            for (id, content) in ids.iter().zip(&contents).skip(1) {
                let delta = Delta::new(contents[0].len() as u64, content.len() as u64)
                    .copy(0, 1000)
                    .insert(&content[1000..]);
                pack.ofs_delta(*id, at, delta.bytes());
            }
        })
    };
};

/// The honest delta with a base at the distance that is made of where its entry begins.
fn with_distance(distance: fn(u64) -> u64) -> Repo {
    packed_files(&[BASE.to_vec(), RESULT.to_vec()], |pack, ids| {
        pack.object(Kind::Blob, BASE);
        let base = pack.end().wrapping_sub(distance(pack.end()));
        pack.ofs_delta(ids[1], base, honest().bytes());
    })
}
