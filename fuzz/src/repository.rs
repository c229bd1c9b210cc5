//! A small repository, written object by object, so that no program is needed.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use gitlade::ObjectId;
use gitlade::internals::probe::name;
use tempfile::TempDir;

/// Makes a temporary folder, in memory where the machine has that.
pub(crate) fn scratch() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("because the machine has room for temporary files")
}

/// Writes a bare repository into `folder`: one commit with a file of each kind.
pub(crate) fn make(folder: &Path) -> PathBuf {
    let place = folder.join("repository");
    for below in ["objects", "refs/heads"] {
        fs::create_dir_all(place.join(below)).expect("because there is room");
    }
    fs::write(place.join("HEAD"), "ref: refs/heads/main\n").expect("because there is room");
    let write = |kind: &str, bytes: &[u8]| write(&place, kind, bytes);
    let pointer = b"version https://git-lfs.github.com/spec/v1\n\
        oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n\
        size 12345\n";
    let attributes = b"*.lfs filter=lfs -text\n*.w working-tree-encoding=UTF-16LE text\n";
    let modules = b"[submodule \"lib\"]\n\tpath = lib\n\turl = ../lib.git\n";
    let deep = tree(
        &[("100755", b"run", write("blob", b"#!/bin/sh\necho\n"))],
        &write,
    );
    let docs = tree(
        &[
            (
                "100644",
                b"caf\xe9.txt",
                write("blob", b"na\xefve caf\xe9, d\xe9j\xe0 vu\r\n"),
            ),
            ("40000", b"deep", deep),
            ("120000", b"link", write("blob", b"../readme")),
        ],
        &write,
    );
    let root = tree(
        &[
            ("100644", b".gitattributes", write("blob", attributes)),
            ("100644", b".gitmodules", write("blob", modules)),
            ("100644", b"a.lfs", write("blob", pointer)),
            ("100644", b"a.w", write("blob", b"\xff\xfeh\0i\0\n\0")),
            ("40000", b"docs", docs),
            ("160000", b"lib", name("blob", b"elsewhere")),
            (
                "100644",
                b"logo.png",
                write("blob", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
            ),
            ("100644", b"readme", write("blob", b"one\ntwo\n")),
        ],
        &write,
    );
    let commit = format!(
        "tree {root}\nauthor A <a@example.com> 1 +0000\ncommitter A <a@example.com> 1 +0000\n\nx\n"
    );
    let commit = write("commit", commit.as_bytes());
    fs::write(place.join("refs/heads/main"), format!("{commit}\n")).expect("because there is room");
    place
}

fn tree(entries: &[(&str, &[u8], ObjectId)], write: &impl Fn(&str, &[u8]) -> ObjectId) -> ObjectId {
    let mut bytes = Vec::new();
    for (mode, name, id) in entries {
        bytes.extend_from_slice(mode.as_bytes());
        bytes.push(b' ');
        bytes.extend_from_slice(name);
        bytes.push(0);
        bytes.extend_from_slice(id.as_bytes());
    }
    write("tree", &bytes)
}

fn write(place: &Path, kind: &str, bytes: &[u8]) -> ObjectId {
    let id = name(kind, bytes);
    let hex = id.to_string();
    let folder = place.join("objects").join(&hex[..2]);
    let mut stream = ZlibEncoder::new(Vec::new(), Compression::default());
    let head = format!("{kind} {}\0", bytes.len());
    let whole = [head.as_bytes(), bytes].concat();
    let stored = stream.write_all(&whole).and_then(|()| stream.finish());
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(folder.join(&hex[2..]), stored?))
        .expect("because there is room");
    id
}
