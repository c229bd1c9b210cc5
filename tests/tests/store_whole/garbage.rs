//! Collecting what no import uses.

use super::*;

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
