//! Objects, packs and indexes that are made by chance, of parts that are nearly right.

use gitlade::ObjectFormat;

use super::mutations::{Mutation, Truth};
use super::sample::{PACK, Packed, packed_ids};
use crate::objects::{Kind, SIGNATURE, Tree, id_of_byte};
use crate::pack::{Delta, entry_header};
use crate::random::Random;
use crate::repo::{Repo, pack_path};

fn generated(name: &str, seed: u64, number: u64) -> (String, Random) {
    let mixed = number
        .wrapping_add(name.len() as u64)
        .wrapping_mul(0x9e37_79b9);
    (format!("{name}/{number}"), Random::new(seed ^ mixed))
}

const PIECES: &[&[u8]] = &[
    b"100644 ",
    b"40000 ",
    b"120000 ",
    b"160000 ",
    b"100755 ",
    b"0",
    b"1",
    b" ",
    b"\0",
    b"/",
    b".",
    b"..",
    b".git",
    b"GIT~1",
    b"a",
    b"b",
    b"\xff",
    b"\n",
    b"\\",
    b"\xe2\x80\x8c",
    b"100664 ",
    b".gitmodules",
    b".gitattributes",
];

/// A root folder made of pieces of trees, entries and noise, under the id that is right for it.
pub(super) fn random_tree(seed: u64, number: u64) -> Mutation {
    let (name, mut random) = generated("tree", seed, number);
    let mut repo = Repo::sha1();
    let blob = repo.blob("content\n");
    let folder = repo.tree(&Tree::new().file("inner", blob));
    let mut tree = Tree::new();
    for _ in 0..random.below(8) {
        let mut part = Vec::new();
        for _ in 0..=random.below(3) {
            part.extend_from_slice(PIECES[random.below(PIECES.len())]);
        }
        tree = match random.below(5) {
            0 => tree.file(part, blob),
            1 => tree.folder(part, folder),
            2 => tree.entry(
                ["120000", "160000", "100755", "7"][random.below(4)],
                part,
                blob,
            ),
            3 => tree.raw(&part),
            _ => {
                let len = random.below(40);
                tree.raw(&random.bytes(len))
            }
        };
    }
    let root = repo.tree(&tree);
    repo.commit(root);
    Mutation {
        name,
        truth: None,
        repo,
    }
}

/// A file that is a delta of random instructions, most of them nearly right.
pub(super) fn random_delta(seed: u64, number: u64) -> Mutation {
    let (name, mut random) = generated("delta", seed, number);
    let base = random.bytes(100);
    let id = id_of_byte(ObjectFormat::Sha1, 0xdd);
    let repo = packed_ids(&[id], |pack, ids| {
        let base_id = pack.object(Kind::Blob, &base);
        let sizes = [0, 99, 100, 101, 200, 1 << 31, 1 << 40, u64::MAX];
        let base_size = match random.below(5) {
            0 => *random.pick(&sizes),
            _ => 100,
        };
        let mut delta = Delta::new(base_size, *random.pick(&sizes));
        for _ in 0..random.below(6) {
            delta = match random.below(4) {
                0 => delta.copy(random.below(120) as u32, random.below(120) as u32),
                1 => delta.copy(random.bits() as u32, random.bits() as u32 & 0xff_ffff),
                2 => {
                    let len = 1 + random.below(127);
                    delta.insert(&random.bytes(len))
                }
                _ => {
                    let len = random.below(8);
                    delta.raw(&random.bytes(len))
                }
            };
        }
        if random.below(2) == 0 {
            pack.ref_delta(ids[0], base_id, delta.bytes());
        } else {
            pack.ofs_delta(ids[0], pack.offset(base_id), delta.bytes());
        }
    });
    Mutation {
        name,
        truth: None,
        repo,
    }
}

/// A file whose entry has random bytes, behind a header that is mostly right.
pub(super) fn random_entry(seed: u64, number: u64) -> Mutation {
    let (name, mut random) = generated("entry", seed, number);
    let id = id_of_byte(ObjectFormat::Sha1, 0xee);
    let repo = packed_ids(&[id], |pack, ids| {
        let len = random.below(60);
        let mut bytes = random.bytes(len);
        if random.below(2) == 0 {
            let number = random.below(8) as u8;
            let size = 1_u64 << random.below(63);
            let header = entry_header(number, size);
            bytes = [&header[..], &[0x78, 0x9c], &bytes].concat();
        }
        pack.raw(ids[0], &bytes);
    });
    Mutation {
        name,
        truth: None,
        repo,
    }
}

/// A commit or tag of shuffled, repeated and broken lines.
pub(super) fn random_commit(seed: u64, number: u64) -> Mutation {
    let (name, mut random) = generated("commit", seed, number);
    let mut repo = Repo::sha1();
    let blob = repo.blob("content\n");
    let tree = repo.tree(&Tree::new().file("a", blob));
    let lines = [
        format!("tree {tree}\n"),
        format!("tree {blob}\n"),
        format!("parent {tree}\n"),
        format!("object {tree}\n"),
        "type commit\n".to_owned(),
        "type tree\n".to_owned(),
        "tag v1\n".to_owned(),
        format!("author {SIGNATURE}\n"),
        format!("committer {SIGNATURE}\n"),
        "gpgsig -----BEGIN\n x\n".to_owned(),
        "encoding \u{fffd}\n".to_owned(),
        " \n".to_owned(),
        "\n".to_owned(),
        "\0".to_owned(),
        "mergetag object\n".to_owned(),
    ];
    let mut text = if random.below(3) == 0 {
        String::new()
    } else {
        lines[0].clone()
    };
    for _ in 0..random.below(8) {
        text += &lines[random.below(lines.len())];
    }
    let kind = *random.pick(&[Kind::Commit, Kind::Commit, Kind::Tag]);
    let head = repo.object(kind, text.as_bytes());
    repo.point(head);
    Mutation {
        name,
        truth: None,
        repo,
    }
}

/// The sound pack under an index whose ids and offsets are shuffled, lost and made up.
pub(super) fn random_index(seed: u64, number: u64) -> Mutation {
    let (name, mut random) = generated("lying-index", seed, number);
    let packed = Packed::sha1();
    let mut index = packed.pack.index();
    for _ in 0..=random.below(3) {
        let count = index.places.len();
        let (a, b) = (random.below(count), random.below(count));
        match random.below(5) {
            0 => index.swap_offsets(a, b),
            1 => index.places[a].offset = index.places[b].offset,
            2 => index.places[a].offset = random.bits() >> random.below(64),
            3 if count > 1 => {
                index.places.remove(a);
            }
            _ => index.places.swap(a, b),
        }
    }
    let mut repo = packed.repo();
    repo.file(&pack_path(PACK, "idx"), index.v2());
    Mutation {
        name,
        truth: Some(Truth::Packed),
        repo,
    }
}
