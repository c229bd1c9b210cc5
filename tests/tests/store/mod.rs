//! The standard store, looked at from outside: with `sqlite3`, `git cat-file`, `iconv` and `b3sum`.

mod refused;
mod registry;
mod remembered;
mod rules;
mod together;
mod truth;
mod views;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gitlade::{
    Control, Error, ErrorKind, ImportFilter, ImportId, ImportRecord, Options, Sort, Source, Status,
    Store, StoreOptions,
};
use gitlade_tests::corpus;
use gitlade_tests::git::Git;
use gitlade_tests::server::{GitHttp, git};
use tempfile::TempDir;

use crate::benign::{self, file, many, shapes};
use crate::importing::{from_loopback, local, ndjson, remote};

/// A store in a temporary folder.
struct Place {
    folder: TempDir,
    store: Store,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("because there is room");
        let store = Store::open(folder.path().join("store")).expect("because it is new");
        Place { folder, store }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn database(&self) -> PathBuf {
        self.root().join("gitlade.db")
    }

    /// What the program `sqlite3` says, as rows of columns.
    fn sql(&self, query: &str) -> Vec<Vec<String>> {
        sql(&self.database(), query)
    }

    fn number(&self, query: &str) -> u64 {
        self.sql(query)[0][0]
            .parse()
            .expect("because it is a count")
    }
}

fn sql(database: &Path, query: &str) -> Vec<Vec<String>> {
    let output = Command::new("sqlite3")
        .args([
            "-batch",
            "-readonly",
            "-noheader",
            "-separator",
            "\t",
            "-nullvalue",
            "NULL",
        ])
        .arg(database)
        .arg(query)
        .output()
        .expect("because the tests need SQLite's program: install the package sqlite3");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{query}: {said}");
    String::from_utf8(output.stdout)
        .expect("because the queries ask for hex where it is not text")
        .lines()
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect()
}

/// Changes the database behind the store's back.
fn alter(database: &Path, statements: &str) {
    let output = Command::new("sqlite3")
        .args(["-batch", "-bail"])
        .arg(database)
        .arg(statements)
        .output()
        .expect("because the tests need SQLite's program");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{statements}: {said}");
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2)
        .map(|index| u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).expect("hex"))
        .collect()
}

fn put(store: &Store, path: &Path, options: &Options) -> Result<ImportRecord, Error> {
    let source = Source::Local(path.to_owned());
    store.import(&source, options, &Control::new())
}

fn put_all(store: &Store, path: &Path) -> ImportRecord {
    put(store, path, &Options::default()).expect("because the repository is sound")
}

/// Runs a program over `input`.
fn through(program: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("the tests need {program}: {error}"));
    let mut stdin = child.stdin.take().expect("because it is piped");
    let input = input.to_owned();
    let feeder = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("because it ends");
    feeder.join().expect("because it does not panic");
    assert!(output.status.success(), "{program} {arguments:?}");
    output.stdout
}

/// What an encoding's text is, said by another program; the byte order mark is cut off.
fn decoded(bytes: &[u8], encoding: &str) -> Vec<u8> {
    let text = through("iconv", &["-f", encoding, "-t", "utf-8"], bytes);
    text.strip_prefix("\u{feff}".as_bytes())
        .unwrap_or(&text)
        .to_vec()
}

/// Every file of `revision`, by its path, as Git has it.
fn blobs(repository: &Path, revision: &str) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let git = Git::at(repository);
    let listing = git.run(&[
        "--no-replace-objects",
        "ls-tree",
        "--full-tree",
        "-r",
        "-z",
        revision,
    ]);
    let mut files = Vec::new();
    for line in listing.split(|&byte| byte == 0) {
        let Some(tab) = line.iter().position(|&byte| byte == b'\t') else {
            continue;
        };
        let head = std::str::from_utf8(&line[..tab]).expect("because it is ASCII");
        let fields: Vec<&str> = head.split(' ').collect();
        if fields[1] == "blob" {
            files.push((line[tab + 1..].to_vec(), fields[2].to_owned()));
        }
    }
    let ids: String = files.iter().map(|(_, id)| format!("{id}\n")).collect();
    let said = git.feed(
        &["--no-replace-objects", "cat-file", "--batch"],
        ids.as_bytes(),
    );
    let mut rest = &said[..];
    let mut blobs = BTreeMap::new();
    for (path, id) in files {
        let end = rest
            .iter()
            .position(|&byte| byte == b'\n')
            .expect("because there is a line");
        let head = std::str::from_utf8(&rest[..end]).expect("because it is ASCII");
        rest = &rest[end + 1..];
        let size = head.strip_prefix(&format!("{id} blob "));
        let size: usize = size
            .and_then(|size| size.parse().ok())
            .expect("because it is a blob");
        blobs.insert(path, rest[..size].to_vec());
        rest = &rest[size + 1..];
    }
    blobs
}

/// Holds everything that the store says against the import itself and against Git.
fn check_against_git(place: &Place, id: ImportId, repository: &Path, what: &str) {
    let import = local(repository, &Options::default()).expect("because it is sound");
    let manifest = place.store.manifest(id);
    let manifest = manifest
        .unwrap_or_else(|error| panic!("{what}: {error}: {:?}", std::error::Error::source(&error)));
    assert_same(&ndjson(&manifest), &ndjson(import.manifest()), what);
    check_contents(place, id, repository, what);
}

/// Holds the contents of a store against Git.
fn check_contents(place: &Place, id: ImportId, repository: &Path, what: &str) {
    let import = local(repository, &Options::default()).expect("because it is sound");
    let manifest = import.manifest();
    for (path, bytes) in blobs(repository, "HEAD") {
        let shown = gitlade::Printable(&path).to_string();
        let entry = manifest.get(&path).expect("because Git has it");
        if entry.digest().is_none() {
            let error = place
                .store
                .bytes(id, &path)
                .expect_err("because it was skipped");
            assert_eq!(error.kind(), ErrorKind::ContentSkipped, "{what}: {shown}");
            continue;
        }
        let stored = place.store.bytes(id, &path);
        assert!(
            stored.unwrap_or_else(|error| panic!("{what}: {shown}: {error}")) == bytes,
            "{what}: {shown}"
        );
        let mut read = Vec::new();
        let reader = place.store.reader(id, &path);
        reader
            .expect("because it was read")
            .read_to_end(&mut read)
            .expect("because it was read");
        assert!(read == bytes, "{what}: {shown}");
        match import.text(entry) {
            Ok(text) => assert_eq!(
                place.store.text(id, &path).expect("because it is text"),
                text,
                "{what}: {shown}"
            ),
            Err(expected) => {
                let error = place
                    .store
                    .text(id, &path)
                    .expect_err("because it is no text");
                assert_eq!(error.kind(), expected.kind(), "{what}: {shown}");
            }
        }
    }
}

/// Compares two manifests, and shows the line where they differ.
#[track_caller]
fn assert_same(one: &[u8], other: &[u8], what: &str) {
    let lines = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    let (one, other) = (lines(one), lines(other));
    for (one, other) in one.lines().zip(other.lines()) {
        assert_eq!(one, other, "{what}");
    }
    assert_eq!(one.len(), other.len(), "{what}");
}

/// What must hold of every store.
fn assert_sound(place: &Place, what: &str) {
    assert_eq!(place.sql("PRAGMA integrity_check"), [["ok"]], "{what}");
    assert_eq!(
        place.sql("PRAGMA foreign_key_check"),
        [[""; 0]; 0],
        "{what}"
    );
    // A content has the parts that its row says, and every file that is read has its content.
    assert_eq!(
        place.number(
            "SELECT count(*) FROM contents c WHERE
             (stored = 'text') <> (stored <> 'both' AND EXISTS (SELECT 1 FROM texts t WHERE t.content_id = c.id))"
        ),
        0,
        "{what}"
    );
    for row in place.sql("SELECT lower(hex(digest)), size FROM contents WHERE stored <> 'text'") {
        let path = place
            .root()
            .join("blobs")
            .join(&row[0][..2])
            .join(&row[0][2..]);
        let size = std::fs::metadata(&path).map(|file| file.len().to_string());
        assert_eq!(
            size.ok().as_ref(),
            Some(&row[1]),
            "{what}: {}",
            path.display()
        );
    }
}
