//! Loose objects that are damaged or lie about themselves.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use gitlade::ErrorKind;

use super::sample::damaged_loose;
use super::{DAMAGED, DAMAGED_OR_MISSING, Expect, Fixture, GitSays};
use crate::objects::{deflate, header, id_of_byte, loose};
use crate::repo::loose_path;

const CONTENT: &[u8] = b"inner\n";

/// The file of the blob `inner` is replaced.
macro_rules! blob {
    ($($fixture:literal: $what:literal, $expect:expr, $git:expr, $file:expr;)*) => {
        &[$(Fixture::new(
            concat!("loose/", $fixture),
            $what,
            $expect,
            $git,
            |dir| damaged_loose(dir, |sample| {
                let file: Vec<u8> = $file;
                sample.repo.loose_file(sample.inner, file);
            }),
        )),*]
    };
}

fn whole() -> Vec<u8> {
    loose("blob", CONTENT.len() as u64, CONTENT)
}

fn cut(mut file: Vec<u8>, from_end: usize) -> Vec<u8> {
    file.truncate(file.len() - from_end);
    file
}

fn written<W: Write>(
    mut encoder: W,
    finish: impl FnOnce(W) -> std::io::Result<Vec<u8>>,
) -> Vec<u8> {
    encoder
        .write_all(&[&header("blob", 6), CONTENT].concat())
        .and_then(|()| finish(encoder))
        .expect("because memory takes what is written")
}

pub(super) const BLOBS: &[Fixture] = blob! {
    "empty": "A file of no bytes.", DAMAGED_OR_MISSING, GitSays::Fails, Vec::new();
    "cut-half": "A file cut in the middle.", DAMAGED, GitSays::Fails, cut(whole(), 10);
    "cut-byte": "A file without its last byte, which is of zlib's checksum.", DAMAGED, GitSays::Fails, cut(whole(), 1);
    "cut-checksum": "A file without zlib's checksum.", DAMAGED, GitSays::Fails, cut(whole(), 4);
    "bad-checksum": "A wrong zlib checksum.", DAMAGED, GitSays::Fails, {
        let mut file = whole();
        *file.last_mut().expect("because it has a checksum") ^= 1;
        file
    };
    "not-zlib": "Text that nothing compressed.", DAMAGED, GitSays::Fails, b"blob 6\0inner\n".to_vec();
    "zeros": "Zeros, as after a crash.", DAMAGED, GitSays::Fails, vec![0; 64];
    "gzip": "Gzip in place of zlib.", DAMAGED, GitSays::Fails,
        written(GzEncoder::new(Vec::new(), Compression::fast()), GzEncoder::finish);
    "raw-deflate": "Deflate without zlib's header.", DAMAGED, GitSays::Fails,
        written(DeflateEncoder::new(Vec::new(), Compression::fast()), DeflateEncoder::finish);
    "dictionary": "Zlib that wants a dictionary.", DAMAGED, GitSays::Fails,
        [&[0x78, 0xbb, 1, 2, 3, 4], &whole()[2..]].concat();
    "unknown-type": "A type that there is not.", DAMAGED, GitSays::Fails, loose("blog", 6, CONTENT);
    "no-type": "A header without a type.", DAMAGED, GitSays::Fails, deflate(b" 6\0inner\n");
    "other-type": "A blob that says it is a tree.", DAMAGED, GitSays::Fails, loose("tree", 6, CONTENT);
    "long-type": "A type of a MiB.", DAMAGED, GitSays::Fails, loose(&"b".repeat(1 << 20), 6, CONTENT);
    "size-small": "A size that is too small.", DAMAGED, GitSays::Fails, loose("blob", 5, CONTENT);
    "size-zero": "A size of nothing.", DAMAGED, GitSays::Fails, loose("blob", 0, CONTENT);
    "size-large": "A size that is too large.", DAMAGED, GitSays::Fails, loose("blob", 7, CONTENT);
    "size-huge": "A size near 2^63.", Expect::Either, GitSays::Fails, loose("blob", i64::MAX as u64, CONTENT);
    "size-overflow": "A size that 64 bits do not hold.", DAMAGED, GitSays::Fails,
        deflate(b"blob 99999999999999999999999999\0inner\n");
    "size-wraps": "A size that is right after 64 bits have wrapped.", DAMAGED, GitSays::Fails,
        deflate(b"blob 18446744073709551622\0inner\n");
    "size-negative": "A size below zero.", DAMAGED, GitSays::Fails, deflate(b"blob -6\0inner\n");
    "size-padded": "A size with a leading zero.", Expect::Either, GitSays::Fails, deflate(b"blob 06\0inner\n");
    "size-hex": "A size in another base.", DAMAGED, GitSays::Fails, deflate(b"blob 0x6\0inner\n");
    "size-missing": "A header without a size.", DAMAGED, GitSays::Fails, deflate(b"blob \0inner\n");
    "no-nul": "A header without an end.", DAMAGED, GitSays::Fails, deflate(b"blob 6 inner\n");
    "only-header": "A header and nothing behind it.", DAMAGED, GitSays::Fails, deflate(b"blob 6\0");
    "endless-header": "A header of a MiB of digits.", DAMAGED, GitSays::Fails,
        deflate(&[b"blob ", &vec![b'1'; 1 << 20][..]].concat());
    "garbage-behind": "Bytes behind the end of the compressed ones.", Expect::Either, GitSays::Fails,
        [&whole()[..], b"garbage"].concat();
    "twice": "Two objects in one file.", Expect::Either, GitSays::Fails, [whole(), whole()].concat();
    "other-content": "The content of another object.", DAMAGED, GitSays::Fails, loose("blob", 6, b"outer\n");
};

macro_rules! others {
    ($($fixture:literal: $what:literal, $expect:expr, $git:expr, |$sample:ident| $damage:expr;)*) => {
        &[$(Fixture::new(
            concat!("loose/", $fixture),
            $what,
            $expect,
            $git,
            |dir| damaged_loose(dir, |$sample| { $damage; }),
        )),*]
    };
}

pub(super) const OTHERS: &[Fixture] = others! {
    "commit-cut": "A commit cut in the middle.", DAMAGED, GitSays::Fails, |sample| {
        let file = sample.repo.content(&loose_path(sample.head));
        file.truncate(file.len() / 2);
    };
    "tree-cut": "The root's tree cut in the middle.", DAMAGED, GitSays::Fails, |sample| {
        let file = sample.repo.content(&loose_path(sample.root));
        file.truncate(file.len() / 2);
    };
    "tree-other-content": "A folder's tree with the bytes of an empty one.", DAMAGED, GitSays::Fails,
        |sample| sample.repo.loose_file(sample.folder, loose("tree", 0, b""));
    "tree-swapped": "A folder's tree that names another file: all ids there, none right.", DAMAGED, GitSays::Fails, |sample| {
        let tree = crate::objects::Tree::new().file("inner", sample.blob);
        sample.repo.loose_file(sample.folder, loose("tree", tree.bytes().len() as u64, tree.bytes()))
    };
    "commit-swapped": "A commit under the id of another.", DAMAGED, GitSays::Fails, |sample| {
        let bytes = crate::objects::commit(sample.folder);
        sample.repo.loose_file(sample.head, loose("commit", bytes.len() as u64, &bytes))
    };
    "commit-is-blob": "The commit's bytes as a blob.", DAMAGED, GitSays::Fails, |sample| {
        let bytes = crate::objects::commit(sample.root);
        sample.repo.loose_file(sample.head, loose("blob", bytes.len() as u64, &bytes))
    };
    "missing-blob": "A blob that is gone.", Expect::Kind(ErrorKind::MissingObject), GitSays::Text("missing blob"),
        |sample| sample.repo.remove(&loose_path(sample.blob));
    "missing-tree": "A tree that is gone.", Expect::Kind(ErrorKind::MissingObject), GitSays::Text("missing tree"),
        |sample| sample.repo.remove(&loose_path(sample.folder));
    "junk-around": "Files among the objects that are none.", Expect::Imports, GitSays::Unasked, |sample| {
        sample.repo.file("objects/zz/not-an-object", "x");
        sample.repo.file("objects/00/short", "x");
        sample.repo.file("objects/tmp_obj_1234", "x");
        sample.repo.file("objects/pack/tmp_pack_1234", "x")
    };
    "unneeded-damage": "A damaged object that nothing names.", Expect::Imports, GitSays::Fails,
        |sample| sample.repo.loose_file(id_of_byte(gitlade::ObjectFormat::Sha1, 0xcc), "nonsense");
};
