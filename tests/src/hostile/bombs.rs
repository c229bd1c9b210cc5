//! Few bytes that want to become many: in time, in memory, in paths.

use std::sync::OnceLock;

use flate2::{Compress, Compression, FlushCompress};
use gitlade::{ErrorKind, ObjectFormat, ObjectId};
use sha1::{Digest, Sha1};

use super::sample::{packed_files, packed_ids};
use super::{DAMAGED, Expect, Fixture, GitSays};
use crate::objects::{Kind, Tree, header, id_from, id_of_byte, object_id};
use crate::pack::{Delta, Pack, entry_header};
use crate::repo::Repo;

const SHA1: ObjectFormat = ObjectFormat::Sha1;
const GIB: u64 = 1 << 30;

/// Compresses `prefix` and so many zeros, 1,000 to 1, without compressing them all.
pub(super) fn zeros_behind(prefix: &[u8], zeros: u64) -> Vec<u8> {
    const RUN: u64 = 4 << 20;
    fn add(compress: &mut Compress, bytes: &[u8], out: &mut Vec<u8>, flush: FlushCompress) {
        out.reserve(bytes.len() / 500 + 4096);
        compress
            .compress_vec(bytes, out, flush)
            .expect("because there is room for the output");
    }
    let mut compress = Compress::new(Compression::best(), false);
    let mut out = vec![0x78, 0xda];
    add(&mut compress, prefix, &mut out, FlushCompress::Full);
    // After a full flush, the same bytes compress to the same bytes.
    let run = vec![0; RUN as usize];
    let begin = out.len();
    if zeros >= RUN {
        add(&mut compress, &run, &mut out, FlushCompress::Full);
        let once = out.split_off(begin);
        for _ in 0..zeros / RUN {
            out.extend_from_slice(&once);
        }
    }
    let rest = &run[..(zeros % RUN) as usize];
    add(&mut compress, rest, &mut out, FlushCompress::Finish);
    // RFC 1950: a zero leaves the first sum as it is and adds it to the second.
    let (a, b) = prefix.iter().fold((1, 0), |(a, b), &byte| {
        let a = (a + u64::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    let b = (b + a * (zeros % 65_521)) % 65_521;
    out.extend_from_slice(&((b << 16 | a) as u32).to_be_bytes());
    out
}

/// The id of a blob of zeros.
fn id_of_zeros(size: u64) -> ObjectId {
    let mut hash = Sha1::new();
    hash.update(header("blob", size));
    let run = vec![0; 1 << 20];
    let mut left = size;
    while left > 0 {
        let now = left.min(run.len() as u64);
        hash.update(&run[..now as usize]);
        left -= now;
    }
    id_from(&hash.finalize())
}

/// The id of a blob of 1 GiB of zeros, which takes a second to make.
fn id_of_gib() -> ObjectId {
    static ID: OnceLock<ObjectId> = OnceLock::new();
    *ID.get_or_init(|| id_of_zeros(GIB))
}

/// A delta that copies the whole base again and again, until the result has `result` bytes.
fn repeat(base: u64, result: u64) -> Delta {
    const MOST: u64 = 0xff_ffff;
    let mut delta = Delta::new(base, result);
    let mut left = result;
    while left > 0 {
        let now = left.min(base).min(MOST);
        delta = delta.copy(0, now as u32);
        left -= now;
    }
    delta
}

/// Adds a base of 64 KiB and a delta of it of 8 MiB; both of zeros.
fn seed(pack: &mut Pack) -> u64 {
    let base = pack.object(Kind::Blob, &[0; 1 << 16]);
    let at = pack.offset(base);
    let id = id_of_byte(SHA1, 0xe8);
    pack.ofs_delta(id, at, repeat(1 << 16, 8 << 20).bytes())
}

macro_rules! bombs {
    ($($fixture:literal: $what:literal, $expect:expr, $repo:expr;)*) => {
        &[$(Fixture::new(concat!("bombs/", $fixture), $what, $expect, GitSays::Unasked, |dir| {
            $repo.write(dir);
        })),*]
    };
}

const LIMIT: Expect = Expect::Kind(ErrorKind::LimitExceeded);

pub(super) const OBJECTS: &[Fixture] = bombs! {
    "loose-256-mib": "A loose file of 256 MiB of zeros, which is 1,000 times smaller.", Expect::Imports, {
        let size = 256 << 20;
        let mut repo = Repo::sha1();
        let id = id_of_zeros(size);
        repo.loose_file(id, zeros_behind(&header("blob", size), size));
        let tree = repo.tree(&Tree::new().file("zeros", id));
        repo.commit(tree);
        repo
    };
    "packed-256-mib": "The same in a pack.", Expect::Imports, {
        let size = 256 << 20;
        packed_ids(&[id_of_zeros(size)], |pack, ids| {
            pack.entry(ids[0], 3, size, &[], &zeros_behind(b"", size));
        })
    };
    "loose-2-gib": "A loose file that is over `max_blob`: it is skipped.", Expect::Imports, {
        let mut repo = Repo::sha1();
        let id = id_of_byte(SHA1, 0xaa);
        repo.loose_file(id, zeros_behind(&header("blob", 2 * GIB), 2 * GIB));
        let tree = repo.tree(&Tree::new().file("zeros", id));
        repo.commit(tree);
        repo
    };
    "packed-2-gib": "A packed file that is over `max_blob`: it is skipped.", Expect::Imports, {
        packed_ids(&[id_of_byte(SHA1, 0xaa)], |pack, ids| {
            pack.entry(ids[0], 3, 2 * GIB, &[], &zeros_behind(b"", 2 * GIB));
        })
    };
    "named-70-times": "A file of 1 GiB that seventy paths name.", Expect::Limit("max_total_bytes"), {
        let ids = vec![id_of_gib(); 70];
        packed_ids(&ids, |pack, ids| {
            pack.entry(ids[0], 3, GIB, &[], &zeros_behind(b"", GIB));
        })
    };
    "loose-lies": "A loose file of ten bytes that inflates to a GiB.", DAMAGED, {
        let mut repo = Repo::sha1();
        let id = id_of_byte(SHA1, 0xaa);
        repo.loose_file(id, zeros_behind(&header("blob", 10), GIB));
        let tree = repo.tree(&Tree::new().file("zeros", id));
        repo.commit(tree);
        repo
    };
    "packed-lies": "A packed file of ten bytes that inflates to a GiB.", DAMAGED, {
        packed_ids(&[id_of_byte(SHA1, 0xaa)], |pack, ids| {
            pack.entry(ids[0], 3, 10, &[], &zeros_behind(b"", GIB));
        })
    };
    "loose-header": "A loose object whose header has 32 MiB.", DAMAGED, {
        let mut repo = Repo::sha1();
        let id = id_of_byte(SHA1, 0xaa);
        repo.loose_file(id, crate::objects::deflate(&[b"blob ", &vec![b'0'; 32 << 20][..]].concat()));
        let tree = repo.tree(&Tree::new().file("zeros", id));
        repo.commit(tree);
        repo
    };
    "tree-object": "A folder whose tree has 512 MiB of zeros.", Expect::OneOf(&[ErrorKind::LimitExceeded, ErrorKind::CorruptObject]), {
        let size = 512 << 20;
        let mut repo = Repo::sha1();
        let id = id_of_byte(SHA1, 0xaa);
        repo.loose_file(id, zeros_behind(&header("tree", size), size));
        let tree = repo.tree(&Tree::new().folder("zeros", id));
        repo.commit(tree);
        repo
    };
    "commit-object": "A commit of 512 MiB.", Expect::Either, {
        let size = 512 << 20;
        let mut repo = Repo::sha1();
        let blob = repo.blob("x");
        let tree = repo.tree(&Tree::new().file("a", blob));
        let text = crate::objects::commit(tree);
        let head = [header("commit", size + text.len() as u64), text].concat();
        let id = id_of_byte(SHA1, 0xaa);
        repo.loose_file(id, zeros_behind(&head, size));
        repo.point(id);
        repo
    };
    "tag-object": "A tag of 512 MiB.", Expect::Either, {
        let size = 512 << 20;
        let mut repo = Repo::sha1();
        let blob = repo.blob("x");
        let tree = repo.tree(&Tree::new().file("a", blob));
        let commit = repo.commit(tree);
        let text = crate::objects::tag(commit, "commit", "v1");
        let head = [header("tag", size + text.len() as u64), text].concat();
        let id = id_of_byte(SHA1, 0xaa);
        repo.loose_file(id, zeros_behind(&head, size));
        repo.point(id);
        repo
    };
    "gitattributes": "A `.gitattributes` of 512 MiB.", Expect::Either, big_file(".gitattributes");
    "gitmodules": "A `.gitmodules` of 512 MiB.", Expect::Either, big_file(".gitmodules");
    "gitignore": "A `.gitignore` of 512 MiB, which an import does not read as patterns.", Expect::Imports, big_file(".gitignore");
    "symlink": "A symlink whose target has 512 MiB.", Expect::Either, {
        let size = 512 << 20;
        let mut repo = Repo::sha1();
        let id = id_of_half_gib();
        repo.loose_file(id, zeros_behind(&header("blob", size), size));
        let tree = repo.tree(&Tree::new().entry("120000", "link", id));
        repo.commit(tree);
        repo
    };
};

pub(super) const DELTAS: &[Fixture] = bombs! {
    "delta-2-gib": "A file of 2 GiB from a delta: it is over `max_blob` and skipped.", Expect::Imports, {
        packed_ids(&[id_of_byte(SHA1, 0xaa)], |pack, ids| {
            let at = seed(pack);
            pack.ofs_delta(ids[0], at, repeat(8 << 20, 2 * GIB).bytes());
        })
    };
    "deltas-16-gib": "Thirty-two files of 512 MiB from deltas, in a pack of a few KB.", LIMIT, {
        let ids: Vec<_> = (1..=32).map(|n| id_of_byte(SHA1, n)).collect();
        packed_ids(&ids, |pack, ids| {
            let at = seed(pack);
            for id in ids {
                pack.ofs_delta(*id, at, repeat(8 << 20, 512 << 20).bytes());
            }
        })
    };
    "delta-through-4-gib": "A file of four bytes, by way of one of 4 GiB that no path names.", Expect::Either, {
        packed_files(&[vec![0; 4]], |pack, ids| {
            let at = seed(pack);
            let at = pack.ofs_delta(id_of_byte(SHA1, 0xbb), at, repeat(8 << 20, 4 * GIB).bytes());
            pack.ofs_delta(ids[0], at, Delta::new(4 * GIB, 4).copy(0, 4).bytes());
        })
    };
    "delta-doubling": "Twenty deltas, each of which doubles its base: 64 GiB on the way to eight bytes.", Expect::Either, {
        packed_files(&[vec![0; 8]], |pack, ids| {
            let base = pack.object(Kind::Blob, &[0; 1 << 16]);
            let mut at = pack.offset(base);
            let mut size = 1 << 16;
            for n in 0..20 {
                at = pack.ofs_delta(id_of_byte(SHA1, 0x80 + n), at, repeat(size, size * 2).bytes());
                size *= 2;
            }
            pack.ofs_delta(ids[0], at, Delta::new(size, 8).copy(0, 8).bytes());
        })
    };
    "delta-tree": "A folder whose tree has 1 GiB, from a delta.", Expect::OneOf(&[ErrorKind::LimitExceeded, ErrorKind::CorruptObject]), {
        let blob = object_id(SHA1, Kind::Blob, b"x");
        let inner = (0..1_000).fold(Tree::new(), |tree, n| tree.file(format!("{n:04}"), blob));
        let size = inner.bytes().len() as u64;
        let id = id_of_byte(SHA1, 0xaa);
        let mut pack = Pack::new(SHA1);
        pack.object(Kind::Blob, b"x");
        let base = pack.object(Kind::Tree, inner.bytes());
        let at = pack.offset(base);
        pack.ofs_delta(id, at, repeat(size, GIB).bytes());
        let root = pack.object(Kind::Tree, Tree::new().folder("a", id).bytes());
        let head = pack.object(Kind::Commit, &crate::objects::commit(root));
        let mut repo = Repo::sha1();
        repo.pack("1", &pack).point(head);
        repo
    };
    "delta-of-deltas": "A hundred files of a MiB, each a delta of the one in front.", Expect::Imports, {
        let contents: Vec<Vec<u8>> = (0..100_u32).map(|n| [&n.to_be_bytes()[..], &vec![0; 1 << 20]].concat()).collect();
        packed_files(&contents, |pack, ids| {
            let mut at = pack.end();
            pack.entry(ids[0], 3, contents[0].len() as u64, &[], &crate::objects::deflate(&contents[0]));
            for (id, content) in ids.iter().zip(&contents).skip(1) {
                let size = content.len() as u64;
                let delta = Delta::new(size, size).insert(&content[..4]).copy(4, 1 << 20);
                at = pack.ofs_delta(*id, at, delta.bytes());
            }
        })
    };
    "many-empty-entries": "A hundred thousand entries of one empty object.", Expect::Either, {
        let entry = [entry_header(3, 0), crate::objects::deflate(b"")].concat();
        packed_files(&[Vec::new()], |pack, ids| {
            for _ in 0..100_000 {
                pack.raw(ids[0], &entry);
            }
        })
    };
};

/// The id of a blob of 512 MiB of zeros.
fn id_of_half_gib() -> ObjectId {
    static ID: OnceLock<ObjectId> = OnceLock::new();
    *ID.get_or_init(|| id_of_zeros(GIB / 2))
}

/// A repository of one file of 512 MiB of zeros.
fn big_file(name: &str) -> Repo {
    let mut repo = Repo::sha1();
    let id = id_of_half_gib();
    repo.loose_file(id, zeros_behind(&header("blob", GIB / 2), GIB / 2));
    let tree = repo.tree(&Tree::new().file(name, id));
    repo.commit(tree);
    repo
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn zeros_inflate_to_what_was_said() {
        for zeros in [0, 1, 70_000, (4 << 20) - 1, 4 << 20, (12 << 20) + 5] {
            let stored = zeros_behind(b"prefix", zeros);
            let mut bytes = Vec::new();
            flate2::read::ZlibDecoder::new(&stored[..])
                .read_to_end(&mut bytes)
                .unwrap();
            assert_eq!(bytes.len() as u64, 6 + zeros);
            assert!(bytes.starts_with(b"prefix") && bytes[6..].iter().all(|&byte| byte == 0));
            assert!((stored.len() as u64) < 4096 + zeros / 900);
        }
        let (size, zeros) = (300_000, vec![0; 300_000]);
        assert_eq!(id_of_zeros(size), object_id(SHA1, Kind::Blob, &zeros));
    }
}
