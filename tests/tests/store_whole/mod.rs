//! Checking, repairing and collecting: what is damaged is found, what is lost is named, what is used
//! stays.

mod altered;
mod blobs;
mod database;
mod garbage;
mod sound;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use gitlade::{
    CheckOptions, CheckReport, Control, ErrorKind, GcOptions, GcReport, ImportId, ImportRecord,
    Options, ProblemKind, RepairOptions, RepairReport, Source, Status, Store, StoreOptions,
};
use gitlade_tests::{scratch, scratch_in_memory};
use tempfile::TempDir;

use crate::benign::{self, File, file, many, noise, shapes};
use crate::importing::{local, ndjson};

/// Whether what takes minutes is tried as a whole: `GITLADE_LONG=1`.
#[expect(
    clippy::disallowed_methods,
    reason = "it is how the person at the keyboard asks for it"
)]
pub(crate) fn is_long() -> bool {
    std::env::var_os("GITLADE_LONG").is_some_and(|value| value == "1")
}

/// At most `most` of them, spread over all; all in a long run.
pub(crate) fn some<A: Clone>(all: &[A], most: usize) -> Vec<A> {
    let count = if is_long() {
        all.len()
    } else {
        most.min(all.len())
    };
    (0..count)
        .map(|number| all[number * all.len() / count].clone())
        .collect()
}

pub(crate) fn import(store: &Store, repository: &Path) -> ImportRecord {
    store
        .import(
            &Source::Local(repository.to_owned()),
            &Options::default(),
            &Control::new(),
        )
        .unwrap_or_else(|error| panic!("{error}: {:?}", std::error::Error::source(&error)))
}

pub(crate) fn check(store: &Store) -> CheckReport {
    store
        .check(&CheckOptions::default().threads(2), &Control::new())
        .unwrap_or_else(|error| panic!("{error}: {:?}", std::error::Error::source(&error)))
}

fn repair(store: &Store, fetch: bool) -> RepairReport {
    let options = RepairOptions::default().fetch(fetch.then(Options::default));
    store
        .repair(&options, &Control::new())
        .unwrap_or_else(|error| panic!("{error}: {:?}", std::error::Error::source(&error)))
}

fn gc(store: &Store) -> GcReport {
    store
        .gc(
            &GcOptions::default().min_age(Duration::ZERO),
            &Control::new(),
        )
        .unwrap_or_else(|error| panic!("{error}: {:?}", std::error::Error::source(&error)))
}

/// The manifest that an import without a store gives.
pub(crate) fn truth(repository: &Path) -> Vec<u8> {
    let import = local(repository, &Options::default()).expect("because it is sound");
    ndjson(import.manifest())
}

fn git(repository: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("git")
        .arg("-C")
        .arg(repository)
        .args(arguments)
        .output()
        .expect("because the tests need git");
    assert!(output.status.success(), "{arguments:?}");
    output.stdout
}

/// A store with one import of few files, and all that it should be.
struct Small {
    folder: TempDir,
    repository: PathBuf,
    files: Vec<File>,
    id: ImportId,
    manifest: Vec<u8>,
}

impl Small {
    fn new() -> Self {
        let folder = scratch_in_memory();
        let files = vec![
            file("a.txt", "some text\nof two lines\n"),
            file("dir/b.bin", noise(1, 300)),
            file("dir/c.bin", [&b"\0"[..], &noise(2, 40)].concat()),
            file("dir/same.bin", noise(1, 300)),
            file(
                "latin.txt",
                "\u{e4}\u{f6}\u{fc} gr\u{fc}n sch\u{f6}n\n"
                    .chars()
                    .map(|c| c as u8)
                    .collect::<Vec<u8>>(),
            ),
            file("u16.txt", b"\xff\xfeh\0\xe4\0l\0l\0\n\0"),
        ];
        let repository = benign::repository(folder.path(), "r.git", "sha1", &files);
        let store = Store::open(folder.path().join("store")).expect("because it is new");
        let id = import(&store, &repository).id;
        let manifest = truth(&repository);
        drop(store);
        Small {
            folder,
            repository,
            files,
            id,
            manifest,
        }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn open(&self) -> Store {
        Store::open(self.root()).expect("because it is a store")
    }

    /// What is wrong with what the import gives, compared with what was committed.
    fn wrong(&self, store: &Store) -> Option<String> {
        match store.manifest(self.id) {
            Ok(manifest) if ndjson(&manifest) == self.manifest => {}
            Ok(_) => return Some("another manifest".to_owned()),
            Err(error) => return Some(error.to_string()),
        }
        self.wrong_content(store)
    }

    fn wrong_content(&self, store: &Store) -> Option<String> {
        for (_, path, content) in &self.files {
            match store.bytes(self.id, path) {
                Ok(bytes) if bytes == *content => {}
                Ok(_) => return Some("other bytes".to_owned()),
                Err(error) => return Some(error.to_string()),
            }
        }
        None
    }

    /// What the registry tells of the import, and its log.
    fn told(&self, store: &Store) -> String {
        let record = store.import_record(self.id);
        format!("{record:?} {:?}", store.log(self.id))
    }

    /// Removes all copies of the store, and puts the first one back.
    fn restore(&self, copy: &Path) {
        fs::remove_dir_all(self.root()).expect("because it is there");
        copy_folder(copy, &self.root());
    }

    fn copy(&self) -> PathBuf {
        let copy = self.folder.path().join("copy");
        copy_folder(&self.root(), &copy);
        copy
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("because there is room");
    for entry in fs::read_dir(from).expect("because it is there") {
        let entry = entry.expect("because it can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("because there is room");
        }
    }
}

/// The blobs of a store: file and digest.
fn blobs(root: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for fan in fs::read_dir(root.join("blobs")).expect("because it is there") {
        let fan = fan.expect("because it can be read").path();
        let name = fan
            .file_name()
            .expect("because it has one")
            .to_string_lossy()
            .into_owned();
        if name.len() != 2 {
            continue;
        }
        for blob in fs::read_dir(&fan).expect("because it is there") {
            let blob = blob.expect("because it can be read").path();
            let rest = blob
                .file_name()
                .expect("because it has one")
                .to_string_lossy()
                .into_owned();
            found.push((blob, format!("{name}{rest}")));
        }
    }
    found.sort();
    found
}

/// Damages the file of a blob, given that of another one.
type Damage = fn(&Path, &Path);

fn flip(file: &Path, position: usize) {
    let mut bytes = fs::read(file).expect("because it is there");
    bytes[position] ^= 1 << (position % 8);
    fs::write(file, bytes).expect("because there is room");
}
