//! Checking, repairing and collecting: what is damaged is found, what is lost is named, what is used
//! stays.

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

#[test]
fn a_sound_store_is_clean_and_everything_in_it_is_looked_at() {
    let folder = scratch();
    let files = [shapes(), many(60)].concat();
    let repository = benign::repository(folder.path(), "r.git", "sha1", &files);
    let store = Store::open(folder.path().join("store")).expect("because it is new");
    let record = import(&store, &repository);
    let report = check(&store);
    assert!(report.is_clean(), "{report:?}");
    let sql = |query: &str| -> u64 {
        let output = Command::new("sqlite3")
            .args([&*store.database().to_string_lossy(), query])
            .output()
            .expect("because the tests need sqlite3");
        String::from_utf8_lossy(&output.stdout)
            .trim()
            .parse()
            .expect("because it is a count")
    };
    assert_eq!(report.contents, sql("SELECT count(*) FROM contents"));
    assert_eq!(report.bytes, sql("SELECT sum(size) FROM contents"));
    assert_eq!(report.texts, sql("SELECT count(*) FROM texts"));
    assert_eq!(report.facts, sql("SELECT count(*) FROM blob_facts"));
    assert_eq!(report.trees, sql("SELECT count(*) FROM tree_facts"));
    assert_eq!((report.snapshots, report.imports), (1, 1));
    assert!(report.trees > 60, "{report:?}");

    let stats = store.stats().expect("because it is sound");
    let totals = record.outcome.expect("because it is complete").totals;
    assert_eq!(
        stats.files,
        totals.files + totals.symlinks + totals.submodules
    );
    assert_eq!(stats.file_bytes, totals.bytes);
    assert_eq!(stats.contents, report.contents);
    assert_eq!(stats.content_bytes, report.bytes);
    assert_eq!(stats.imports.get("complete"), Some(&1));
    assert_eq!(
        stats.database_bytes,
        fs::metadata(store.database())
            .map_or(0, |file| file.len())
            .max(stats.database_bytes)
    );
    let blob_bytes: u64 = blobs(store.folder())
        .iter()
        .map(|(file, _)| fs::metadata(file).expect("because it is there").len())
        .sum();
    assert_eq!(
        (stats.blobs, stats.blob_bytes),
        (blobs(store.folder()).len() as u64, blob_bytes)
    );
    // Once more under a tenant's name nothing but a row is added.
    import(&store, &repository);
    let again = store.stats().expect("because it is sound");
    assert_eq!(again.content_bytes, stats.content_bytes);
    assert_eq!(again.file_bytes, 2 * stats.file_bytes);
    assert_eq!(
        again.shared_bytes,
        2 * stats.file_bytes - stats.content_bytes
    );
    // Whoever may only read may check.
    let options = StoreOptions::default().read_only(true);
    let reader = Store::open_with(store.folder(), &options).expect("because it is a store");
    assert!(check(&reader).is_clean());
    let error = reader.repair(&RepairOptions::default(), &Control::new());
    assert_eq!(
        error.expect_err("because nothing may be written").kind(),
        ErrorKind::PermissionDenied
    );
}

#[test]
fn a_cancelled_check_says_so() {
    let small = Small::new();
    let control = Control::new();
    control.cancel.cancel();
    let error = small.open().check(&CheckOptions::default(), &control);
    assert_eq!(
        error.expect_err("because it is cancelled").kind(),
        ErrorKind::Cancelled
    );
    let error = small.open().gc(&GcOptions::default(), &control);
    assert_eq!(
        error.expect_err("because it is cancelled").kind(),
        ErrorKind::Cancelled
    );
}

#[test]
fn every_flipped_byte_of_a_blob_is_found_and_repaired_or_named() {
    let small = Small::new();
    let copy = small.copy();
    let blobs = blobs(&small.root());
    assert_eq!(blobs.len(), 4, "{blobs:?}");
    let all: Vec<(PathBuf, String, usize)> = blobs
        .iter()
        .flat_map(|(file, digest)| {
            let size = fs::metadata(file).expect("because it is there").len() as usize;
            (0..size).map(move |position| (file.clone(), digest.clone(), position))
        })
        .collect();
    let tried = some(&all, 40);
    for (number, (file, digest, position)) in tried.iter().enumerate() {
        flip(file, *position);
        let store = small.open();
        let report = check(&store);
        assert_eq!(report.problems, 1, "{digest} {position}: {report:?}");
        let problem = &report.listed[0];
        assert_eq!(problem.kind, ProblemKind::BlobDamaged);
        assert_eq!(
            problem.digest.map(|found| found.to_string()).as_deref(),
            Some(digest.as_str())
        );
        let paths = |content: &[u8]| -> Vec<Vec<u8>> {
            let same = small.files.iter().filter(|file| file.2 == content);
            same.map(|file| file.1.clone()).collect()
        };
        let content = fs::read(copy.join("blobs").join(&digest[..2]).join(&digest[2..]));
        let expected = paths(&content.expect("because it is the copy"));
        let found: Vec<Vec<u8>> = problem
            .places
            .iter()
            .map(|place| place.path.clone())
            .collect();
        assert_eq!(found, expected);
        assert!(problem.places.iter().all(|place| place.import == small.id));
        // By turns: named, and read again by the next import; or fetched at once.
        if number % 2 == 0 {
            let report = repair(&store, false);
            assert_eq!(report.losses, expected.len() as u64, "{report:?}");
            let lost: Vec<Vec<u8>> = report.listed.iter().map(|loss| loss.path.clone()).collect();
            assert_eq!(lost, expected);
            let after = check(&store);
            assert!(after.is_clean(), "{after:?}");
            assert_eq!(after.lost, 1);
            let error = store.bytes(small.id, &expected[0]);
            assert_eq!(
                error.expect_err("because it is lost").kind(),
                ErrorKind::CorruptStore
            );
            assert!(small.wrong(&store).is_some());
            let manifest = store
                .manifest(small.id)
                .expect("because its entries are there");
            assert_eq!(ndjson(&manifest), small.manifest);
            let again = import(&store, &small.repository);
            assert_eq!(
                store.bytes(again.id, &expected[0]).ok(),
                store.bytes(small.id, &expected[0]).ok()
            );
        } else {
            let report = repair(&store, true);
            assert_eq!((report.fetched, report.losses), (1, 0), "{report:?}");
            // Nothing is left of the import that fetched it.
            let imports = store.imports(&gitlade::ImportFilter::default());
            assert_eq!(imports.expect("because it is sound").total, 1);
        }
        assert_eq!(small.wrong(&store), None, "{digest} {position}");
        let after = check(&store);
        assert!(after.is_clean() && after.lost == 0, "{after:?}");
        drop(store);
        small.restore(&copy);
    }
    println!(
        "flipped {} of the {} bytes of all blobs",
        tried.len(),
        all.len()
    );
}

#[test]
fn truncated_missing_and_swapped_blobs_are_found_and_fetched() {
    let small = Small::new();
    let copy = small.copy();
    let blobs = blobs(&small.root());
    let damages: [(&str, ProblemKind, Damage); 5] = [
        ("cut", ProblemKind::BlobDamaged, |file, _| {
            let bytes = fs::read(file).expect("because it is there");
            fs::write(file, &bytes[..bytes.len() - 1]).expect("because there is room");
        }),
        ("empty", ProblemKind::BlobDamaged, |file, _| {
            fs::write(file, b"").expect("because there is room");
        }),
        ("longer", ProblemKind::BlobDamaged, |file, _| {
            let mut bytes = fs::read(file).expect("because it is there");
            bytes.push(0);
            fs::write(file, &bytes).expect("because there is room");
        }),
        ("gone", ProblemKind::BlobMissing, |file, _| {
            fs::remove_file(file).expect("because it is there");
        }),
        ("swapped", ProblemKind::BlobDamaged, |file, other| {
            let _ = fs::copy(other, file).expect("because both are there");
        }),
    ];
    for (what, kind, damage) in damages {
        damage(&blobs[0].0, &blobs[1].0);
        let store = small.open();
        let report = check(&store);
        assert_eq!(report.problems, 1, "{what}: {report:?}");
        assert_eq!(report.listed[0].kind, kind, "{what}");
        let report = repair(&store, true);
        assert_eq!(
            (report.fetched, report.losses),
            (1, 0),
            "{what}: {report:?}"
        );
        assert_eq!(small.wrong(&store), None, "{what}");
        assert!(check(&store).is_clean(), "{what}");
        drop(store);
        small.restore(&copy);
    }
    // A source that is gone is named, too.
    fs::remove_file(&blobs[0].0).expect("because it is there");
    fs::rename(&small.repository, small.folder.path().join("moved.git"))
        .expect("because it is there");
    let store = small.open();
    let report = repair(&store, true);
    assert!(report.losses > 0 && report.failed.len() == 1, "{report:?}");
    assert!(check(&store).is_clean());
}

#[test]
fn no_flipped_byte_of_the_database_goes_unseen_where_it_matters() {
    let small = Small::new();
    let copy = small.copy();
    let database = small.root().join("gitlade.db");
    let size = fs::metadata(&database).expect("because it is there").len() as usize;
    let bytes = fs::read(&database).expect("because it is there");
    // Free room within pages is zero, and nobody reads it.
    let all: Vec<usize> = (0..size).filter(|&position| bytes[position] != 0).collect();
    let step = if is_long() {
        3
    } else {
        (all.len() / 100).max(1)
    };
    let (mut refused, mut found, mut harmless, mut repaired, mut beyond) = (0, 0, 0, 0, 0);
    let mut unseen = 0;
    for position in all.iter().copied().step_by(step) {
        flip(&database, position);
        match Store::open(small.root()) {
            Err(error) => {
                assert!(
                    matches!(error.kind(), ErrorKind::CorruptStore | ErrorKind::Io),
                    "{position}: {error}"
                );
                refused += 1;
            }
            Ok(store) => match store.check(&CheckOptions::default().threads(1), &Control::new()) {
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::CorruptStore, "{position}: {error}");
                    refused += 1;
                }
                Ok(report) if report.is_clean() => {
                    assert_eq!(
                        small.wrong_content(&store),
                        None,
                        "{position} is damaged, and not found"
                    );
                    // No digest covers verdicts, lines and the header.
                    unseen += u32::from(small.wrong(&store).is_some());
                    harmless += 1;
                }
                Ok(_) => {
                    found += 1;
                    let options = RepairOptions::default().fetch(Options::default());
                    match store.repair(&options, &Control::new()) {
                        Ok(report) => {
                            let after = check(&store);
                            assert!(after.is_clean(), "{position}: {report:?}, then {after:?}");
                            assert!(
                                report.losses > 0 || small.wrong(&store).is_none(),
                                "{position}: {report:?}: {:?}",
                                small.wrong(&store)
                            );
                            repaired += 1;
                        }
                        Err(error) => {
                            assert_eq!(
                                error.kind(),
                                ErrorKind::CorruptStore,
                                "{position}: {error}"
                            );
                            beyond += 1;
                        }
                    }
                }
            },
        }
        small.restore(&copy);
    }
    println!(
        "bytes of the database: {refused} refused, {found} found ({repaired} repaired, {beyond} beyond \
         repair), {harmless} of no matter to contents ({unseen} in what a manifest says beside digests)"
    );
    assert!(found >= 5 && repaired > 0, "{found} {repaired}");
}

#[test]
fn every_flipped_byte_of_a_text_is_found_and_fetched() {
    let small = Small::new();
    let copy = small.copy();
    let database = small.root().join("gitlade.db");
    let bytes = fs::read(&database).expect("because it is there");
    let text = b"some text\nof two lines\n";
    let starts: Vec<usize> = (0..bytes.len() - text.len())
        .filter(|&start| bytes[start..].starts_with(text))
        .collect();
    assert_eq!(starts.len(), 1, "the text is there once");
    let all: Vec<usize> = (0..text.len()).collect();
    let tried = some(&all, 6);
    for position in &tried {
        flip(&database, starts[0] + position);
        let store = small.open();
        let report = check(&store);
        assert_eq!(report.problems, 1, "{report:?}");
        assert_eq!(report.listed[0].kind, ProblemKind::TextDamaged);
        assert_eq!(report.listed[0].places[0].path, b"a.txt");
        let report = repair(&store, true);
        assert_eq!((report.fetched, report.losses), (1, 0), "{report:?}");
        assert_eq!(small.wrong(&store), None);
        assert!(check(&store).is_clean());
        drop(store);
        small.restore(&copy);
    }
    println!(
        "flipped {} of the {} bytes of a text",
        tried.len(),
        all.len()
    );
}

#[test]
fn decoded_texts_that_are_damaged_are_made_again_from_their_bytes() {
    let small = Small::new();
    let store = small.open();
    let text = store.text(small.id, "u16.txt").expect("because it is text");
    let sql = |statements: &str| {
        let status = Command::new("sqlite3")
            .args([&*store.database().to_string_lossy(), statements])
            .status();
        assert!(status.expect("because the tests need sqlite3").success());
    };
    sql("UPDATE texts SET text = 'nonsense' WHERE encoding = 'utf-16le'");
    let report = check(&store);
    assert_eq!(report.problems, 1, "{report:?}");
    assert_eq!(report.listed[0].kind, ProblemKind::TextDamaged);
    let report = repair(&store, false);
    assert_eq!((report.healed, report.losses), (1, 0), "{report:?}");
    assert_eq!(store.text(small.id, "u16.txt").ok(), Some(text));
    // Rows that refer to nothing, facts and trees that are wrong, entries that do not add up.
    sql(
        "PRAGMA foreign_keys = OFF; INSERT INTO log (import_id, at, attempt, event, message)
         VALUES (99, 0, 1, 'x', 'y')",
    );
    sql("UPDATE blob_facts SET facts = zeroblob(58)
         WHERE object_id = (SELECT min(object_id) FROM blob_facts)");
    sql("UPDATE tree_facts SET bytes = x'00'");
    sql("UPDATE files SET mode = 33261 WHERE path = 'a.txt'");
    let report = check(&store);
    let mut kinds: Vec<ProblemKind> = report.listed.iter().map(|problem| problem.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    use ProblemKind::{Facts, Reference, Snapshot, Tree};
    assert_eq!(kinds, [Reference, Facts, Tree, Snapshot], "{report:?}");
    let report = repair(&store, true);
    assert_eq!((report.reimported, report.losses), (1, 0), "{report:?}");
    assert!(report.forgotten >= 2, "{report:?}");
    assert_eq!(small.wrong(&store), None);
    let after = check(&store);
    assert!(after.is_clean(), "{after:?}");
    assert_eq!(
        store
            .import_record(small.id)
            .map(|record| record.status)
            .ok(),
        Some(Status::Complete)
    );
}

#[test]
fn what_no_import_uses_goes_and_nothing_else() {
    let folder = scratch();
    let store = Store::open(folder.path().join("store")).expect("because it is new");
    let shared = file("shared.bin", noise(5, 2_000));
    let one = [
        vec![
            shared.clone(),
            file("one.bin", noise(6, 3_000)),
            file("one.txt", "one\n"),
        ],
        many(20),
    ]
    .concat();
    let two = [
        vec![
            shared,
            file("two.bin", noise(7, 4_000)),
            file("two.txt", "two\n"),
        ],
        many(10),
    ]
    .concat();
    let one = benign::repository(folder.path(), "one.git", "sha1", &one);
    let two = benign::repository(folder.path(), "two.git", "sha1", &two);
    let first = import(&store, &one).id;
    let second = import(&store, &two).id;
    assert_eq!(gc(&store).contents, 0);
    // An orphan, and an import that nobody has any more.
    let orphan = store.folder().join("blobs/ab").join("0".repeat(62));
    fs::create_dir_all(orphan.parent().expect("because it has one"))
        .expect("because there is room");
    fs::write(&orphan, b"orphan").expect("because there is room");
    store.remove(first).expect("because it is complete");
    let options = GcOptions::default().min_age(Duration::ZERO);
    let dry = store
        .gc(&options.clone().dry_run(true), &Control::new())
        .expect("because it is sound");
    let only_one = 2 + 10;
    assert_eq!(
        (dry.contents, dry.blobs, dry.orphan_bytes),
        (only_one, 2, 6),
        "{dry:?}"
    );
    assert!(orphan.exists());
    // What is young may belong to an import that has no row for it yet.
    assert_eq!(
        store
            .gc(&GcOptions::default(), &Control::new())
            .map(|report| report.orphan_bytes)
            .ok(),
        Some(0)
    );
    let wet = gc(&store);
    assert_eq!(wet.orphan_bytes, 6, "{wet:?}");
    assert!(!orphan.exists() && wet.trees == 0, "{wet:?}");
    assert_eq!(
        ndjson(&store.manifest(second).expect("because it is used")),
        truth(&two)
    );
    let report = check(&store);
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.leftovers, gitlade::Leftovers::default());
    assert_eq!(blobs(store.folder()).len(), 2);
    // It comes back as it was.
    let again = import(&store, &one).id;
    assert_eq!(
        ndjson(&store.manifest(again).expect("because it is complete")),
        truth(&one)
    );
    assert_eq!(
        store.bytes(again, "one.bin").ok().as_deref(),
        Some(&git(&one, &["cat-file", "blob", "HEAD:one.bin"])[..])
    );
    store.remove(again).expect("because it is complete");
    store.remove(second).expect("because it is complete");
    let all = store
        .gc(&options.vacuum(true), &Control::new())
        .expect("because it is sound");
    assert_eq!(all.free_bytes, 0);
    let stats = store.stats().expect("because it is sound");
    assert_eq!(
        (stats.contents, stats.trees, stats.facts, stats.entries),
        (0, 0, 0, 0)
    );
    assert_eq!(blobs(store.folder()), []);
    println!(
        "the database of an empty store has {} bytes",
        stats.database_bytes
    );
}
