//! Values of the database that somebody altered: each of them is found, and what follows is repaired
//! or named.

use super::*;
use gitlade::{Body, EntryKind};

/// Values that nothing depends on: the number of a row that no other names, the version of rules by
/// which facts are believed or found out again, and a count that has readers look once more.
const OF_NO_MATTER: [&str; 3] = ["texts.id", "blob_facts.rules", "state.value"];

/// What the rows of each table are told apart by.
const TABLES: [(&str, &str); 13] = [
    ("contents", "id"),
    ("texts", "id"),
    ("blob_facts", "object_id"),
    ("tree_facts", "object_id"),
    ("revisions", "object_id"),
    ("state", "name"),
    ("verdicts", "id"),
    ("snapshots", "id"),
    ("folders", "id"),
    ("files", "id"),
    ("large_files", "path"),
    ("imports", "id"),
    ("log", "id"),
];

/// Values that make sense in their place, and are not what was written.
const PLAUSIBLE: [&str; 20] = [
    "UPDATE verdicts SET eol = 'crlf' WHERE eol = 'lf'",
    "UPDATE verdicts SET basis = 'guess' WHERE basis = 'utf8'",
    "UPDATE verdicts SET encoding = 'utf-8' WHERE encoding LIKE 'windows%'",
    "UPDATE verdicts SET bom = 'utf8' WHERE bom IS NULL AND eol = 'lf'",
    "UPDATE verdicts SET mime = 'image/png' WHERE content = 'binary'",
    "UPDATE verdicts SET mime = 'of no known type' WHERE content = 'binary'",
    "UPDATE verdicts SET eol = 'lf' WHERE content = 'binary'",
    "UPDATE verdicts SET git_binary = NOT git_binary",
    "UPDATE verdicts SET git_binary = 2 WHERE git_binary",
    "UPDATE verdicts SET lfs_filter = 0",
    "UPDATE contents SET stored = 'both' WHERE stored = 'text'",
    "UPDATE contents SET stored = 'blob' WHERE stored = 'both'",
    "UPDATE contents SET stored = 'text' WHERE stored = 'blob'",
    "UPDATE files SET content_id = (SELECT min(id) FROM contents) WHERE path = 'a.txt' OR path = 'latin.txt'",
    "UPDATE files SET folder_id = NULL, path = name WHERE path = 'dir/b.bin'",
    "DELETE FROM large_files",
    "DELETE FROM log WHERE id = 1",
    "UPDATE imports SET status = 'failed'",
    "UPDATE imports SET tenant = 'another'",
    "UPDATE revisions SET tree_id = (SELECT object_id FROM tree_facts EXCEPT SELECT tree_id FROM revisions)",
];

fn sqlite3(database: &Path, statements: &str) -> String {
    let output = Command::new("sqlite3")
        .args(["-batch", "-bail", "-noheader"])
        .arg(database)
        .arg(statements)
        .output()
        .expect("because the tests need sqlite3");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{statements}: {said}");
    String::from_utf8(output.stdout).expect("because only names are asked for")
}

/// Changes the beginning of what stands there, or adds a little.
fn altered(column: &str, declared: &str) -> String {
    let something = match declared {
        "INTEGER" => "1",
        "BLOB" => "x'5a'",
        _ => "'Z'",
    };
    // Another row may have the next number.
    let more = if column.ends_with("id") { 1_000 } else { 1 };
    format!(
        "CASE typeof({column})
         WHEN 'null' THEN {something}
         WHEN 'integer' THEN {column} + {more}
         WHEN 'text' THEN iif(substr({column}, 1, 1) = 'Z', 'Y', 'Z') || substr({column}, 2)
         ELSE CAST(iif(substr({column}, 1, 1) = x'5a', x'5b', x'5a') || substr({column}, 2) AS BLOB)
         END"
    )
}

/// Every value of every row, as a name and the statement that alters it.
fn values(database: &Path) -> Vec<(String, String)> {
    let mut values = Vec::new();
    for (table, row) in TABLES {
        let columns = sqlite3(
            database,
            &format!("SELECT name || ' ' || type FROM pragma_table_info('{table}')"),
        );
        let rows = sqlite3(database, &format!("SELECT quote({row}) FROM {table}"));
        assert!(!rows.is_empty(), "{table} has no rows");
        for key in rows.lines() {
            for (column, declared) in columns.lines().filter_map(|line| line.split_once(' ')) {
                let set = altered(column, declared);
                values.push((
                    format!("{table}.{column}"),
                    format!("UPDATE {table} SET {column} = {set} WHERE {row} = {key}"),
                ));
            }
        }
    }
    values
}

/// A store with something in every table, and its repository.
fn filled() -> Small {
    let folder = scratch_in_memory();
    let pointer = "version https://git-lfs.github.com/spec/v1\n\
        oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n\
        size 12345\n";
    let files = vec![
        file("a.txt", "some text\nof two lines\n"),
        file("dir/b.bin", [&b"\0"[..], &noise(1, 9_000)].concat()),
        file("dir/deep/u16.txt", b"\xff\xfeh\0\xe4\0l\0l\0\n\0"),
        file(
            "latin.txt",
            "\u{e4}\u{f6}\u{fc} gr\u{fc}n sch\u{f6}n\n"
                .chars()
                .map(|c| c as u8)
                .collect::<Vec<u8>>(),
        ),
        file(".gitattributes", "*.lfs filter=lfs\n"),
        file("large.lfs", pointer),
        file(b"not-utf8-\xff", "its name is bytes\n"),
        ("120000", b"link".to_vec(), b"dir/b.bin".to_vec()),
    ];
    let more = [
        file(
            ".gitmodules",
            "[submodule \"lib\"]\n\tpath = lib\n\turl = https://example.com/lib.git\n",
        ),
        (
            "160000",
            b"lib".to_vec(),
            b"1234567890123456789012345678901234567890".to_vec(),
        ),
    ];
    let all = [&files[..], &more].concat();
    let repository = benign::repository(folder.path(), "r.git", "sha1", &all);
    let options = StoreOptions::default().large_file(8_000);
    let store = Store::open_with(folder.path().join("store"), &options).expect("because it is new");
    let id = import(&store, &repository).id;
    let manifest = store.manifest(id).expect("because it is complete");
    let lfs = manifest.get(b"large.lfs").map(|entry| entry.kind());
    let Some(EntryKind::File(lfs)) = lfs else {
        panic!("{lfs:?}");
    };
    assert!(matches!(lfs.body, Body::Read(facts) if facts.lfs.is_some()));
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

#[test]
fn no_altered_value_goes_unseen() {
    let small = filled();
    let copy = small.copy();
    let database = small.root().join("gitlade.db");
    let expected = small.told(&small.open());
    let all = values(&database);
    let mut tried = some(&all, 120);
    let plausible = PLAUSIBLE.map(|statement| (statement.to_owned(), statement.to_owned()));
    tried.extend(plausible);
    let (mut refused, mut repaired, mut named, mut beyond, mut harmless) = (0, 0, 0, 0, 0);
    for (name, statement) in &tried {
        // As one who writes past SQLite's own checks.
        let count = sqlite3(
            &database,
            &format!(
                "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;
                 {statement}; SELECT changes()"
            ),
        );
        assert_ne!(count.trim(), "0", "{statement}");
        let store = match Store::open(small.root()) {
            Ok(store) => store,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::CorruptStore, "{name}: {error}");
                refused += 1;
                small.restore(&copy);
                continue;
            }
        };
        let report = check(&store);
        if OF_NO_MATTER.contains(&name.as_str()) {
            assert_eq!(small.wrong(&store), None, "{name}");
            assert_eq!(small.told(&store), expected, "{name}");
            harmless += 1;
            small.restore(&copy);
            continue;
        }
        assert!(!report.is_clean(), "{statement}: nothing is found");
        let options = RepairOptions::default().fetch(Options::default());
        match store.repair(&options, &Control::new()) {
            Ok(report) => {
                let after = check(&store);
                assert!(after.is_clean(), "{statement}: {report:?}, then {after:?}");
                if report.losses > 0 {
                    named += 1;
                } else {
                    assert_eq!(small.wrong(&store), None, "{statement}: {report:?}");
                    repaired += 1;
                }
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::CorruptStore, "{name}: {error}");
                beyond += 1;
            }
        }
        drop(store);
        small.restore(&copy);
    }
    println!(
        "{} of {} values altered, and {} to plausible ones: {repaired} repaired, {named} lost by name, \
         {beyond} beyond repair, {refused} refused, {harmless} of no matter",
        tried.len() - PLAUSIBLE.len(),
        all.len(),
        PLAUSIBLE.len()
    );
    assert!(repaired > 20 && named > 0, "{repaired} {named}");
}
