//! Stores of blobs: all pass one suite, and each keeps what it alone promises.

mod conformance;
mod database;
mod folder;
mod hostile;
mod split;

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use gitlade::{
    BlobStore, Content, ContentHash, Durability, EntryKind, Error, ErrorKind, FolderBlobs,
    FolderOptions, MemoryBlobs, Put, SplitBlobs, SqliteBlobs, SqliteOptions, StoreSink, Verified,
};
use gitlade_tests::conformance::{Conformance, VECTORS, digest, list, vector};
use gitlade_tests::random::Random;
use gitlade_tests::scratch;

use crate::importing::skip;

/// The file of a blob, by its digest's digits.
fn path_of(folder: &Path, name: &ContentHash) -> PathBuf {
    let hex = name.to_string();
    folder.join(&hex[..2]).join(&hex[2..])
}

fn compressed(path: &Path) -> PathBuf {
    path.with_extension("zst")
}

fn put(store: &dyn BlobStore, bytes: &[u8]) -> ContentHash {
    let name = digest(bytes);
    store.put(&name, bytes).expect("because there is room");
    name
}

/// Fails unless the store says in every way that a blob cannot be read, and why.
fn assert_corrupt(store: &dyn BlobStore, name: &ContentHash, file: &Path) {
    let is_right = |error: Error| {
        assert_eq!(error.kind(), ErrorKind::CorruptStore, "{error}");
        assert_eq!(error.digest(), Some(*name), "{error}");
        assert_eq!(error.file(), Some(file), "{error}");
        assert!(error.advice().is_some(), "{error}");
    };
    is_right(store.get(name).expect_err("it is damaged"));
    let mut read = Vec::new();
    match store.reader(name) {
        Err(error) => is_right(error),
        Ok(reader) => {
            let mut reader = reader.expect("something is there");
            let error = reader.read_to_end(&mut read).expect_err("it is damaged");
            is_right(Error::from_io(error).expect("it is one of ours"));
        }
    }
}
