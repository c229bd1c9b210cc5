//! What a sound store says of itself, and what stops a check.

use super::*;

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
