//! Packs whose header, entries or trailer are wrong.

use gitlade::{ErrorKind, ObjectFormat};

use super::sample::{PACK, Packed, packed_files};
use super::{DAMAGED, DAMAGED_OR_MISSING, Expect, Fixture, GitSays};
use crate::index::seal;
use crate::objects::{Kind, Tree, commit, deflate, object_id};
use crate::pack::{Pack, entry_header};
use crate::repo::{Repo, pack_path};

/// The pack's file is altered and its index is not.
macro_rules! altered {
    ($($fixture:literal: $what:literal, $expect:expr, |$bytes:ident| $alter:expr;)*) => {
        &[$(Fixture::new(
            concat!("packs/", $fixture),
            $what,
            $expect,
            GitSays::Fails,
            |dir| {
                let mut repo = Packed::sha1().repo();
                let $bytes = repo.content(&pack_path(PACK, "pack"));
                $alter;
                repo.write(dir);
            },
        )),*]
    };
}

const BAD_PACK: Expect = DAMAGED_OR_MISSING;

pub(super) const FILES: &[Fixture] = altered! {
    "empty-file": "A pack of no bytes.", BAD_PACK, |bytes| bytes.clear();
    "header-only": "A pack that ends after its header.", BAD_PACK, |bytes| bytes.truncate(12);
    "cut-header": "A pack that ends inside its header.", BAD_PACK, |bytes| bytes.truncate(7);
    "cut-half": "A pack cut in the middle.", BAD_PACK, |bytes| bytes.truncate(bytes.len() / 2);
    "cut-trailer": "A pack without its checksum.", Expect::Either, |bytes| bytes.truncate(bytes.len() - 20);
    "cut-byte": "A pack without its last byte.", Expect::Either, |bytes| bytes.truncate(bytes.len() - 1);
    "zeros": "A pack of zeros, as after a crash.", BAD_PACK, |bytes| bytes.fill(0);
    "magic": "A pack that begins with other letters.", BAD_PACK, |bytes| { bytes[0] = b'Q'; seal(ObjectFormat::Sha1, bytes) };
    "version-0": "A version that there is not.", Expect::Either, |bytes| { bytes[7] = 0; seal(ObjectFormat::Sha1, bytes) };
    "version-4": "A version that there is not yet.", Expect::Either, |bytes| { bytes[7] = 4; seal(ObjectFormat::Sha1, bytes) };
    "count-small": "A count that is too small.", Expect::Either, |bytes| { bytes[11] -= 1; seal(ObjectFormat::Sha1, bytes) };
    "count-large": "A count that is too large.", Expect::Either, |bytes| { bytes[11] += 1; seal(ObjectFormat::Sha1, bytes) };
    "count-huge": "A count of four thousand million.", Expect::Either, |bytes| { bytes[8..12].fill(0xff); seal(ObjectFormat::Sha1, bytes) };
    "trailer": "A wrong checksum of the whole pack.", Expect::Either, |bytes| *bytes.last_mut().expect("because it is no empty file") ^= 1;
    "bytes-behind": "Bytes behind the checksum.", Expect::Either, |bytes| bytes.extend_from_slice(b"more");
    "flipped": "A bit flipped in the middle of the base.", DAMAGED, |bytes| { let packed = Packed::sha1(); let at = packed.pack.offset(packed.base) as usize; bytes[at + 12] ^= 0x10 };
};

/// A pack of commit, tree and the entry that is told, with an honest index.
fn with_entry(dir: &std::path::Path, content: &[u8], entry: &[u8]) {
    let repo = packed_files(&[content.to_vec()], |pack, ids| {
        pack.raw(ids[0], entry);
    });
    repo.write(dir);
}

fn entry(number: u8, size: u64, stored: &[u8]) -> Vec<u8> {
    [&entry_header(number, size), stored].concat()
}

const TEXT: &[u8] = b"some text\n";

macro_rules! entries {
    ($($fixture:literal: $what:literal, $expect:expr, $entry:expr;)*) => {
        &[$(Fixture::new(
            concat!("packs/", $fixture),
            $what,
            $expect,
            GitSays::Fails,
            |dir| with_entry(dir, TEXT, &$entry),
        )),*]
    };
}

pub(super) const ENTRIES: &[Fixture] = entries! {
    "type-0": "An entry of the type 0, which there is not.", DAMAGED, entry(0, 10, &deflate(TEXT));
    "type-5": "An entry of the type 5, which is reserved.", DAMAGED, entry(5, 10, &deflate(TEXT));
    "type-tree": "A blob that says it is a tree.", DAMAGED, entry(2, 10, &deflate(TEXT));
    "type-commit": "A blob that says it is a commit.", DAMAGED, entry(1, 10, &deflate(TEXT));
    "type-tag": "A blob that says it is a tag.", DAMAGED, entry(4, 10, &deflate(TEXT));
    "size-small": "A size that is too small.", DAMAGED, entry(3, 9, &deflate(TEXT));
    "size-zero": "A size of nothing.", DAMAGED, entry(3, 0, &deflate(TEXT));
    "size-large": "A size that is too large.", DAMAGED, entry(3, 11, &deflate(TEXT));
    "size-1-mib": "A size that is much too large.", DAMAGED, entry(3, 1 << 20, &deflate(TEXT));
    "size-2-60": "A size that no disk has.", Expect::Either, entry(3, 1 << 60, &deflate(TEXT));
    "size-overflow": "A size of more bits than 64.", DAMAGED, [&[0xbf][..], &[0xff; 20], &[0x7f], &deflate(TEXT)].concat();
    "size-endless": "A size without an end.", DAMAGED, vec![0xff; 4096];
    "zlib-garbage": "Bytes that zlib did not write.", DAMAGED, entry(3, 10, b"\xde\xad\xbe\xef\xde\xad\xbe\xef");
    "zlib-cut": "Compressed bytes that end too soon.", DAMAGED, entry(3, 10, &deflate(TEXT)[..6]);
    "zlib-checksum": "A wrong zlib checksum.", DAMAGED, { let mut stored = deflate(TEXT); *stored.last_mut().expect("because it has a checksum") ^= 1; entry(3, 10, &stored) };
    "zlib-dictionary": "Zlib that wants a dictionary.", DAMAGED, entry(3, 10, &[&[0x78, 0xbb, 1, 2, 3, 4], &deflate(TEXT)[2..]].concat());
    "zlib-window": "Zlib that reaches in front of its beginning.", DAMAGED, entry(3, 10, &[0x78, 0x9c, 3, 2, 0, 0, 0, 0, 1]);
    "stored-empty": "An entry without compressed bytes.", DAMAGED, entry(3, 10, b"");
    "other-content": "Another content than the id says.", DAMAGED, entry(3, 10, &deflate(b"more text\n"));
};

macro_rules! others {
    ($($fixture:literal: $what:literal, $expect:expr, $git:expr, $make:expr;)*) => {
        &[$(Fixture::new(concat!("packs/", $fixture), $what, $expect, $git, |dir| {
            let make: fn() -> Repo = $make;
            make().write(dir);
        })),*]
    };
}

pub(super) const OTHERS: &[Fixture] = others! {
    "version-3": "The version 3, which Git reads like 2.", Expect::Either, GitSays::Fine, || {
        let mut packed = Packed::sha1();
        packed.pack.version(3);
        packed.repo()
    };
    "no-index": "A pack without its index.", Expect::OneOf(&[ErrorKind::MissingObject, ErrorKind::RevisionNotFound, ErrorKind::CorruptRepository]), GitSays::Fails, || {
        let mut repo = Packed::sha1().repo();
        repo.remove(&pack_path(PACK, "idx"));
        repo
    };
    "no-pack": "An index without its pack.", Expect::OneOf(&[ErrorKind::MissingObject, ErrorKind::RevisionNotFound, ErrorKind::CorruptRepository, ErrorKind::CorruptObject, ErrorKind::Io]), GitSays::Fails, || {
        let mut repo = Packed::sha1().repo();
        repo.remove(&pack_path(PACK, "pack"));
        repo
    };
    "sha256-in-sha1": "A pack with SHA-256 ids in a repository with SHA-1 ids.", Expect::Either, GitSays::Unasked, || {
        let mut repo = Packed::sha1().repo();
        repo.pack("2", &Packed::new(ObjectFormat::Sha256).pack);
        repo
    };
    "sha256-declared-sha1": "A repository with SHA-256 ids whose configuration does not say so.", Expect::OneOf(&[ErrorKind::CorruptRepository, ErrorKind::CorruptObject, ErrorKind::RevisionNotFound, ErrorKind::MissingObject]), GitSays::Fails, || {
        let mut repo = Packed::new(ObjectFormat::Sha256).repo();
        let plain = Repo::sha1().content("config").clone();
        repo.file("config", plain);
        repo
    };
    "two-of-one-id": "Two entries of one id, the second with another content.", Expect::Either, GitSays::Unasked, || {
        packed_files(&[TEXT.to_vec()], |pack, ids| {
            pack.raw(ids[0], &entry(3, 10, &deflate(TEXT)));
            pack.raw(ids[0], &entry(3, 10, &deflate(b"more text\n")));
        })
    };
    "damaged-copy": "An object in two packs, damaged in one.", Expect::Either, GitSays::Fails, || {
        let mut repo = Packed::sha1().repo();
        let whole = repo.clone();
        let packed = Packed::sha1();
        let at = packed.pack.offset(packed.base) as usize;
        repo.content(&pack_path(PACK, "pack"))[at + 12] ^= 0x10;
        for (path, content) in whole.files() {
            if path.contains("/pack/") {
                repo.file(&path.replace("pack-1", "pack-2"), content);
            }
        }
        repo
    };
    "empty-pack": "A pack without entries beside loose objects.", Expect::Imports, GitSays::Fine, || {
        let mut repo = super::sample::Loose::new().repo;
        repo.pack("2", &Pack::new(ObjectFormat::Sha1));
        repo
    };
    "thousand-packs": "A thousand packs of one object each.", Expect::Imports, GitSays::Unasked, || {
        let mut repo = Repo::sha1();
        let mut tree = Tree::new();
        for number in 0..1000 {
            let mut pack = Pack::new(ObjectFormat::Sha1);
            let id = pack.object(Kind::Blob, format!("{number}").as_bytes());
            tree = tree.file(format!("{number:04}"), id);
            repo.pack(&format!("{number:04}f"), &pack);
        }
        let tree = repo.tree(&tree);
        repo.commit(tree);
        repo
    };
    "tree-as-blob": "A file whose entry is a tree, and folders whose entries are blobs.", DAMAGED, GitSays::Fails, || {
        let mut pack = Pack::new(ObjectFormat::Sha1);
        let blob = object_id(ObjectFormat::Sha1, Kind::Blob, TEXT);
        let inner = Tree::new().file("x", blob);
        let folder = object_id(ObjectFormat::Sha1, Kind::Tree, inner.bytes());
        let root = Tree::new().file("a", blob).folder("b", folder);
        let root = pack.object(Kind::Tree, root.bytes());
        let head = pack.object(Kind::Commit, &commit(root));
        pack.raw(blob, &entry(2, inner.bytes().len() as u64, &deflate(inner.bytes())));
        pack.raw(folder, &entry(3, 10, &deflate(TEXT)));
        let mut repo = Repo::sha1();
        repo.pack(PACK, &pack).point(head);
        repo
    };
};
