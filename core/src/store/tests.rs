//! What no other program sees of a store: owners, requests, recalled facts.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::recall;
use super::schema::SCHEMA;
use super::*;
use crate::blobs::BlobStore;
use crate::cancel::Cancel;
use crate::error::ErrorKind;
use crate::id::{ContentHash, ObjectId};
use crate::import::{Control, Options};
use crate::source::Source;

struct Fixture {
    _folder: tempfile::TempDir,
    store: Store,
    source: Source,
    options: Options,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Fixture {
            store: Store::open(folder.path()).unwrap(),
            _folder: folder,
            source: Source::parse("https://example.com/owner/name.git").unwrap(),
            options: Options::default().revision("main").subdir("docs"),
        }
    }

    fn new_import(&self) -> NewImport<'_> {
        NewImport {
            source: &self.source,
            options: &self.options,
            tenant: "acme",
            metadata: Some("{\"a\":1}"),
        }
    }

    fn begin(&self, owner: &Owner) -> ImportId {
        self.store.begin(&self.new_import(), owner).unwrap()
    }

    fn status(&self, id: ImportId) -> Status {
        self.store.import_record(id).unwrap().status
    }
}

#[test]
fn what_dead_owners_left_is_interrupted_and_can_begin_again() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    let (dead, alive) = (store.claim().unwrap(), store.claim().unwrap());
    let (left, running) = (fixture.begin(&dead), fixture.begin(&alive));
    assert_eq!(store.mark_interrupted().unwrap(), []);
    drop(dead);
    assert_eq!(store.mark_interrupted().unwrap(), [left]);
    assert_eq!(store.mark_interrupted().unwrap(), []);
    assert_eq!(fixture.status(left), Status::Interrupted);
    assert_eq!(fixture.status(running), Status::Queued);

    let request = store.request(left).unwrap();
    assert_eq!(request.source, fixture.source);
    assert_eq!(request.options.revision.as_deref(), Some("main"));
    let busy = store.begin_again(running, &fixture.new_import(), &alive);
    assert_eq!(busy.unwrap_err().kind(), ErrorKind::Busy);
    assert_eq!(store.remove(running).unwrap_err().kind(), ErrorKind::Busy);
    let attempt = store.begin_again(left, &fixture.new_import(), &alive);
    assert_eq!(attempt.unwrap(), 2);
    let record = store.import_record(left).unwrap();
    assert_eq!((record.status, record.attempt), (Status::Queued, 2));
    assert_eq!(record.tenant, "acme");
    assert_eq!(record.owner.as_deref(), Some("owner"));
    assert_eq!(record.repository.as_deref(), Some("name"));
    assert_eq!(record.source, "https://example.com/owner/name.git");
    let events: Vec<String> = store
        .log(left)
        .unwrap()
        .into_iter()
        .map(|line| line.event)
        .collect();
    assert_eq!(events, ["queued", "interrupted", "queued"]);
}

#[test]
fn a_request_to_cancel_is_heard_once_by_the_owner() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    let (owner, other) = (store.claim().unwrap(), store.claim().unwrap());
    let id = fixture.begin(&owner);
    assert_eq!(store.take_cancel_requests(&owner).unwrap(), []);
    assert!(store.request_cancel(id).unwrap());
    assert!(store.import_record(id).unwrap().cancel_requested);
    assert_eq!(store.take_cancel_requests(&other).unwrap(), []);
    assert_eq!(store.take_cancel_requests(&owner).unwrap(), [(id, 1)]);
    assert_eq!(store.take_cancel_requests(&owner).unwrap(), []);
    store.end(id, 1, Ended::Cancelled).unwrap();
    assert_eq!(fixture.status(id), Status::Cancelled);
    assert!(!store.request_cancel(id).unwrap());
    // What has ended stays as it is.
    store.end(id, 1, Ended::Interrupted).unwrap();
    assert_eq!(fixture.status(id), Status::Cancelled);
    let unknown = store.request_cancel(ImportId(77)).unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::ImportNotFound);
}

#[test]
fn an_attempt_that_was_overtaken_ends_and_completes_nothing() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    let owner = store.claim().unwrap();
    let id = fixture.begin(&owner);
    store.end(id, 1, Ended::Interrupted).unwrap();
    let again = store.begin_again(id, &fixture.new_import(), &owner);
    assert_eq!(again.unwrap(), 2);
    // What the first attempt has to say comes late.
    store.end(id, 1, Ended::Cancelled).unwrap();
    let patience = std::time::Duration::from_secs(60);
    store
        .end_within(patience, id, 1, Ended::Interrupted)
        .unwrap();
    assert_eq!(fixture.status(id), Status::Queued);
    let repository = tempfile::tempdir().unwrap();
    commit_all(repository.path());
    let source = Source::Local(repository.path().to_owned());
    let (options, control) = (Options::default(), Control::new());
    let late = store.run(id, 1, &source, &options, &control);
    assert_eq!(late.unwrap_err().kind(), ErrorKind::Busy);
    let ended = fixture.begin(&owner);
    store.end(ended, 1, Ended::Interrupted).unwrap();
    let late = store.run(ended, 1, &source, &options, &control);
    assert_eq!(late.unwrap_err().kind(), ErrorKind::Busy);
    let kept: i64 = Connection::open(store.database())
        .unwrap()
        .query_row(
            "SELECT count(*) FROM imports WHERE id = ?1 AND kept_from IS NOT NULL",
            [registry::key(ended)],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(kept, 0, "garbage would be kept for ever");
    assert_eq!(fixture.status(id), Status::Queued);
    store.run(id, 2, &source, &options, &control).unwrap();
    assert_eq!(fixture.status(id), Status::Complete);
}

#[test]
fn a_path_that_is_not_utf8_and_options_come_back() {
    let fixture = Fixture::new();
    let owner = fixture.store.claim().unwrap();
    let source = Source::Local(value::path_of(b"/tmp/\xff\xfe/r"));
    let id = fixture
        .store
        .begin(
            &NewImport {
                source: &source,
                ..fixture.new_import()
            },
            &owner,
        )
        .unwrap();
    assert_eq!(fixture.store.request(id).unwrap().source, source);
    let record = fixture.store.import_record(id).unwrap();
    assert_eq!(record.source, "/tmp/\\xff\\xfe/r");
    assert!(!record.remote);
}

#[test]
fn a_text_is_decoded_from_the_text_in_another_encoding() {
    let folder = tempfile::tempdir().unwrap();
    let repository = folder.path().join("r");
    std::fs::create_dir(&repository).unwrap();
    std::fs::write(repository.join("a"), "\u{e4}\n").unwrap();
    commit_all(&repository);
    let store = Store::open(folder.path().join("store")).unwrap();
    let (options, control) = (Options::default(), Control::new());
    let source = Source::Local(repository);
    let record = store.import(&source, &options, &control).unwrap();
    assert_eq!(store.text(record.id, "a").unwrap(), "\u{e4}\n");
    // What an import leaves that lost a blob to a collection of garbage.
    Connection::open(store.database())
        .unwrap()
        .execute("UPDATE verdicts SET encoding = 'windows-1252'", ())
        .unwrap();
    assert_eq!(store.text(record.id, "a").unwrap(), "\u{c3}\u{a4}\n");
}

#[test]
fn what_a_repair_lost_is_found_again_once_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let repository = folder.path().join("r");
    std::fs::create_dir(&repository).unwrap();
    std::fs::write(repository.join("a"), b"\0binary").unwrap();
    commit_all(&repository);
    let store = Store::open(folder.path().join("store")).unwrap();
    let (options, control) = (Options::default(), Control::new());
    let source = Source::Local(repository);
    let import = || store.import(&source, &options, &control).unwrap().id;
    let first = import();
    let blob = store.blobs().file(&ContentHash::of(b"\0binary")).unwrap();
    std::fs::remove_file(blob).unwrap();
    // It ends without having read anything again, as one does that is killed.
    let report = store.repair(&RepairOptions::default(), &control).unwrap();
    assert_eq!(report.losses, 1);
    assert!(store.bytes(first, "a").is_err());
    let second = import();
    for id in [first, second] {
        assert_eq!(store.bytes(id, "a").unwrap(), b"\0binary");
    }
    let snapshots: i64 = Connection::open(store.database())
        .unwrap()
        .query_row("SELECT count(*) FROM snapshots", (), |row| row.get(0))
        .unwrap();
    assert_eq!(snapshots, 1, "both imports are of the same");
    assert!(
        store
            .check(&CheckOptions::default(), &control)
            .unwrap()
            .is_clean()
    );
}

#[test]
fn the_import_of_a_repair_is_nobodys() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    let owner = store.claim().unwrap();
    let new = NewImport {
        tenant: registry::REPAIR,
        ..fixture.new_import()
    };
    let id = store.begin(&new, &owner).unwrap();
    assert_eq!(store.imports(&ImportFilter::default()).unwrap().total, 0);
    assert_eq!(store.mark_interrupted().unwrap(), []);
    assert_eq!(fixture.status(id), Status::Queued);
    drop(owner);
    assert_eq!(store.mark_interrupted().unwrap(), []);
    let gone = store.import_record(id).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::ImportNotFound);
}

/// Makes a repository of a folder, with one commit of all that is in it.
pub(super) fn commit_all(folder: &Path) {
    for arguments in [
        &["init", "-q"][..],
        &["add", "."],
        &["commit", "-q", "--allow-empty", "-m", "x"],
    ] {
        let output = std::process::Command::new("git")
            .args(["-c", "user.name=A", "-c", "user.email=a@example.com"])
            .args(arguments)
            .current_dir(folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}");
    }
}

/// Ids whose first byte is `first` and whose others say `number`.
fn id(first: u8, number: u32) -> ObjectId {
    let mut bytes = [first; 20];
    bytes[16..].copy_from_slice(&number.to_be_bytes());
    ObjectId::from_bytes(&bytes).unwrap()
}

#[test]
fn facts_are_recalled_however_they_lie() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    connection
        .execute_batch("PRAGMA foreign_keys = OFF")
        .unwrap();
    let mut known = BTreeSet::new();
    for number in 0..2_000_u32 {
        // Dense in the middle, sparse at the sides.
        let object = id(number.wrapping_mul(0x9e37_79b9).to_be_bytes()[0], number);
        let rules = if number % 10 == 0 { 0 } else { keeper::RULES };
        connection
            .execute(
                "INSERT INTO blob_facts VALUES (?1, ?2, ?3, ?4)",
                rusqlite::params![object.as_bytes(), number, rules, number.to_be_bytes()],
            )
            .unwrap();
        if number % 10 != 0 {
            known.insert(object);
        }
    }
    let all: Vec<ObjectId> = known.iter().copied().collect();
    let some: Vec<ObjectId> = all.iter().rev().step_by(97).copied().collect();
    let none: Vec<ObjectId> = (0..500)
        .map(|number| id(number as u8, u32::MAX - number))
        .collect();
    let mixed: Vec<ObjectId> = some.iter().chain(&none).copied().collect();
    for ids in [&all[..], &some, &none, &mixed, &[]] {
        let mut found = BTreeSet::new();
        recall::blobs(
            &connection,
            ids,
            &Cancel::new(),
            |position, content, facts| {
                assert_eq!(facts, (content as u32).to_be_bytes());
                assert!(found.insert(ids[position]));
                Ok(())
            },
        )
        .unwrap();
        let expected: BTreeSet<ObjectId> = ids
            .iter()
            .filter(|id| known.contains(id))
            .copied()
            .collect();
        assert_eq!(found, expected);
    }
}

/// The queries that the documentation has for hosts.
fn documented() -> Vec<String> {
    let source = include_str!("mod.rs");
    let (_, rest) = source.split_once("/// ```sql\n").unwrap();
    let (block, _) = rest.split_once("/// ```\n").unwrap();
    let lines = block
        .lines()
        .map(|line| line.trim_start_matches("///").trim());
    let code: Vec<&str> = lines.filter(|line| !line.starts_with("--")).collect();
    let code = code.join(" ");
    let queries = code.split_inclusive(';').map(str::trim);
    queries.map(str::to_owned).collect()
}

#[test]
fn what_hosts_ask_for_is_looked_up_and_not_searched_for() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    let queries = documented();
    assert_eq!(queries.len(), 10, "{queries:?}");
    for query in &queries {
        let mut explain = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {query}"))
            .unwrap();
        let values = vec![rusqlite::types::Null; explain.parameter_count()];
        let plan: Vec<String> = explain
            .query_map(rusqlite::params_from_iter(values), |row| row.get(3))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let scans = |step: &&String| step.starts_with("SCAN") && !step.contains("subquery");
        assert_eq!(plan.iter().find(scans), None, "{query}: {plan:#?}");
        let wanted: &[&str] = match query {
            query if query.contains("folder = 'src'") => &["folders_by_path", "_in_folder"],
            query if query.contains("folder_id IS NULL") => &["_in_folder"],
            query if query.contains("path = 'src/main.rs'") => &["snapshot_id=? AND path=?"],
            query if query.contains("max(id)") => &["imports_of_repository"],
            query if query.contains("c.digest") => &["digest=?", "files_of_content"],
            // All files of an import are asked for.
            _ => &["files_by_path"],
        };
        for part in wanted {
            let has = plan.iter().any(|step| step.contains(part));
            assert!(has, "{query} without {part}: {plan:#?}");
        }
    }
}

#[test]
fn large_files_are_listed_and_large_texts_are_blobs() {
    let folder = tempfile::tempdir().unwrap();
    let repository = folder.path().join("r");
    std::fs::create_dir(&repository).unwrap();
    std::fs::write(repository.join("small"), "small\n").unwrap();
    std::fs::write(repository.join("large"), "l\u{e4}rge\n".repeat(1000)).unwrap();
    commit_all(&repository);
    let options = StoreOptions::default().max_text(6_999).large_file(7_000);
    let store = Store::open_with(folder.path().join("store"), &options).unwrap();
    let import = |store: &Store| {
        let source = Source::Local(repository.clone());
        store
            .import(&source, &Options::default(), &Control::new())
            .unwrap()
    };
    let record = import(&store);
    let large = record.outcome.unwrap().large_files;
    assert_eq!(large.len(), 1);
    assert_eq!((&large[0].path[..], large[0].size), (&b"large"[..], 7_000));
    assert_eq!(store.text(record.id, "large").unwrap().len(), 7_000);
    // With another threshold it is another list.
    let other = Store::open_with(store.folder(), &options.large_file(6)).unwrap();
    let record_of_all = import(&other).outcome.unwrap();
    assert_eq!(record_of_all.large_files.len(), 2);
    let digest = store
        .manifest(record.id)
        .unwrap()
        .get(b"large")
        .unwrap()
        .digest();
    let hex = digest.unwrap().to_string();
    assert!(
        folder
            .path()
            .join("store/blobs")
            .join(&hex[..2])
            .join(&hex[2..])
            .exists()
    );
}
