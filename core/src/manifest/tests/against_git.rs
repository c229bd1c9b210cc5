//! Order and digests against Git itself.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};

use super::altered::read;
use super::sample::{header, ndjson, text, verdict};
use crate::id::{ContentHash, ObjectId};
use crate::manifest::{Builder, Flags, Manifest};

fn git(repository: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("git")
        .arg("-C")
        .arg(repository)
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", repository)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

struct Listed {
    mode: u32,
    id: ObjectId,
    path: Vec<u8>,
}

fn ls_tree(repository: &Path, tree: &str) -> Vec<Listed> {
    let listing = git(repository, &["ls-tree", "-r", "-t", "-z", tree]);
    let records = listing.split(|&byte| byte == 0);
    records
        .filter(|record| !record.is_empty())
        .map(|record| {
            let tab = memchr::memchr(b'\t', record).unwrap();
            let mut words = std::str::from_utf8(&record[..tab]).unwrap().split(' ');
            let mode = u32::from_str_radix(words.next().unwrap(), 8).unwrap();
            let id = words.nth(1).unwrap().parse().unwrap();
            Listed {
                mode,
                id,
                path: record[tab + 1..].to_vec(),
            }
        })
        .collect()
}

/// Puts into a manifest what Git lists, in Git's order.
fn import(repository: &Path, listed: &[Listed]) -> Manifest {
    let mut builder = Builder::new(header());
    let mut blobs = HashMap::new();
    for Listed { mode, id, path } in listed {
        let slash = memchr::memrchr(b'/', path);
        while builder.open_path() != slash.map(|slash| &path[..slash]) {
            builder.close_folder();
        }
        let name = &path[slash.map_or(0, |slash| slash + 1)..];
        if *mode == 0o040_000 {
            builder.open_folder(name, *mode, *id, Flags::NONE);
            continue;
        }
        if *mode == 0o160_000 {
            builder.submodule(name, *mode, *id, None, Flags::NONE);
            continue;
        }
        let bytes = git(repository, &["cat-file", "blob", &id.to_string()]);
        let blob = *blobs.entry(*id).or_insert_with(|| {
            builder.add_blob_parts(*id, ContentHash::of(&bytes), bytes.len() as u64)
        });
        if *mode == 0o120_000 {
            builder.symlink(name, *mode, blob, Some(&bytes), Flags::NONE);
        } else {
            builder.file(name, *mode, blob, &verdict(text()), Flags::NONE);
        }
    }
    while builder.open_path().is_some() {
        builder.close_folder();
    }
    builder.finish().unwrap()
}

/// The digest of a tree from Git's own bytes of it, with each id replaced.
fn digest(repository: &Path, tree: &str) -> ContentHash {
    let raw = git(repository, &["cat-file", "tree", tree]);
    let (mut rest, mut replaced) = (&raw[..], Vec::new());
    while !rest.is_empty() {
        let nul = memchr::memchr(0, rest).unwrap();
        let (entry, after) = rest.split_at(nul + 1);
        let (id, after) = after.split_at(20);
        let id = ObjectId::from_bytes(id).unwrap().to_string();
        replaced.extend_from_slice(entry);
        let digest = if entry.starts_with(b"40000 ") {
            digest(repository, &id)
        } else if entry.starts_with(b"160000 ") {
            ContentHash::of(id.as_bytes())
        } else {
            ContentHash::of(&git(repository, &["cat-file", "blob", &id]))
        };
        replaced.extend_from_slice(digest.as_bytes());
        rest = after;
    }
    ContentHash::of(&replaced)
}

#[test]
fn entries_and_digests_are_those_of_a_real_repository() {
    use std::os::unix::ffi::OsStrExt;

    let folder = tempfile::tempdir().unwrap();
    let repository = folder.path();
    git(repository, &["init", "-q", "."]);
    for path in [
        &b"a"[..],
        b"a-",
        b"a-b/x",
        b"a.c",
        b"a0",
        b"aa/b/c/d",
        b"aa/b.c",
        b"aa/b-",
        b"aa/b0",
        b"b/a",
        b"b/a-/y",
        b"b/a/../a.x",
        b"z/\xff\xfe",
        b"z/\x01new\nline",
        "ü/ß".as_bytes(),
        b"same/one",
        b"same/two",
        b"empty",
    ] {
        let file = repository.join(std::ffi::OsStr::from_bytes(path));
        if std::fs::create_dir_all(file.parent().unwrap()).is_err() {
            continue;
        }
        let content = match path {
            b"same/one" | b"same/two" => b"same".to_vec(),
            b"empty" => Vec::new(),
            path => path.repeat(300),
        };
        // `b/a` is a file already, so that nothing can be below it.
        let _ = std::fs::write(file, content);
    }
    std::os::unix::fs::symlink("../a", repository.join("aa/link")).unwrap();
    git(repository, &["add", "--all"]);
    git(repository, &["update-index", "--chmod=+x", "aa/b0"]);
    let module = "160000,0123456789abcdef0123456789abcdef01234567,b/module";
    git(
        repository,
        &["update-index", "--add", "--cacheinfo", module],
    );
    let tree = String::from_utf8(git(repository, &["write-tree"])).unwrap();
    let tree = tree.trim();

    let listed = ls_tree(repository, tree);
    assert!(listed.len() > 20);
    let manifest = import(repository, &listed);
    assert_eq!(manifest.root(), digest(repository, tree));

    // The reader accepts Git's order, and hands out what Git lists.
    let again = read(&ndjson(&manifest)).unwrap();
    assert_eq!(again.len(), listed.len());
    for (entry, listed) in again.entries().zip(&listed) {
        assert_eq!(entry.path(), listed.path);
        assert_eq!(entry.mode(), listed.mode);
        assert_eq!(entry.id(), listed.id);
        assert_eq!(again.get(&listed.path).unwrap().index(), entry.index());
        if listed.mode == 0o040_000 {
            let expected = digest(repository, &listed.id.to_string());
            assert_eq!(entry.digest(), Some(expected));
        }
    }
}
