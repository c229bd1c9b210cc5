//! Bytes of the database that are not what was written.

use super::*;

/// Bytes of a page of the database.
const PAGE: usize = 32 << 10;

#[test]
fn no_flipped_byte_of_the_database_goes_unseen() {
    let small = Small::new();
    let copy = small.copy();
    let database = small.root().join("gitlade.db");
    let size = fs::metadata(&database).expect("because it is there").len() as usize;
    let bytes = fs::read(&database).expect("because it is there");
    // Free room within pages is zero, and nobody reads it. Most of the first page are the words of the
    // schema, all of which are compared with what they should be.
    let is_tried = |&position: &usize| {
        bytes[position] != 0 && (!(200..PAGE).contains(&position) || position % 10 == 0)
    };
    let all: Vec<usize> = (0..size).filter(is_tried).collect();
    let tried = some(&all, 100);
    let (mut refused, mut found, mut harmless, mut repaired, mut beyond) = (0, 0, 0, 0, 0);
    let expected = small.told(&small.open());
    for (number, &position) in tried.iter().enumerate() {
        if number % 500 == 499 {
            println!("{number} of {} bytes", tried.len());
        }
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
                        small.wrong(&store),
                        None,
                        "{position} is damaged, and not found"
                    );
                    let told = small.told(&store);
                    assert_eq!(told, expected, "{position} is damaged, and not found");
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
        "{} bytes of the database: {refused} refused, {found} found ({repaired} repaired, {beyond} beyond \
         repair), {harmless} of no matter",
        tried.len()
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
