//! What is no store, is damaged, or may only be read.

use super::*;

#[test]
fn what_is_no_store_is_refused() {
    let folder = tempfile::tempdir().expect("because there is room");
    let at = |name: &str| folder.path().join(name);
    let refuse = |name: &str| {
        let mut messages = Vec::new();
        for options in [
            StoreOptions::default(),
            StoreOptions::default().read_only(true),
        ] {
            let error = Store::open_with(at(name), &options).expect_err("because it is no store");
            assert_eq!(error.kind(), ErrorKind::CorruptStore, "{name}: {error}");
            assert!(error.advice().is_some(), "{name}");
            messages.push(error.to_string());
        }
        messages.pop().expect("because two were pushed")
    };
    let fresh = |name: &str| {
        Store::open(at(name)).expect("because it is new");
        at(name).join("gitlade.db")
    };

    alter(&fresh("newer"), "PRAGMA user_version = 7");
    assert!(refuse("newer").contains("version 7"));

    std::fs::create_dir(at("other")).expect("because it is new");
    alter(&at("other").join("gitlade.db"), "CREATE TABLE x (y)");
    refuse("other");

    std::fs::create_dir(at("text")).expect("because it is new");
    std::fs::write(
        at("text").join("gitlade.db"),
        "this is not a database\n".repeat(200),
    )
    .expect("because there is room");
    refuse("text");

    alter(
        &fresh("trigger"),
        "CREATE TRIGGER evil AFTER INSERT ON imports BEGIN DELETE FROM imports; END",
    );
    assert!(refuse("trigger").contains("evil"));
    alter(
        &fresh("virtual"),
        "DROP TABLE log; CREATE VIRTUAL TABLE log USING fts5(x)",
    );
    refuse("virtual");

    let cut = fresh("cut");
    let length = std::fs::metadata(&cut).expect("because it is there").len();
    std::fs::OpenOptions::new()
        .write(true)
        .open(&cut)
        .and_then(|file| file.set_len(length / 2 + 77))
        .expect("because it is ours");
    refuse("cut");

    let error = Store::open_with(at("nothing"), &StoreOptions::default().read_only(true))
        .expect_err("because there is none");
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
}

/// Each page of a small store is overwritten in turn; whatever is asked then ends in an answer or
/// in a typed error.
#[test]
fn a_damaged_database_never_panics() {
    let place = Place::new();
    let repository = benign::repository(
        place.folder.path(),
        "r.git",
        "sha1",
        &[shapes(), many(30)].concat(),
    );
    let record = put_all(&place.store, &repository);
    alter(&place.database(), "PRAGMA wal_checkpoint(TRUNCATE)");
    let sound = std::fs::read(place.database()).expect("because it is there");
    let copy = gitlade_tests::scratch_in_memory();
    let mut errors = 0;
    let page = 32 << 10;
    for number in 0..sound.len() / page {
        for (offset, value) in [(0, 0), (3, 0xff), (page - 40, 0x80)] {
            let mut bytes = sound.clone();
            let at = number * page + offset + if number == 0 { 100 } else { 0 };
            for byte in &mut bytes[at.min(sound.len() - 40)..][..40] {
                *byte ^= value;
                *byte = byte.wrapping_add(1);
            }
            let folder = copy.path().join(format!("{number}-{offset}"));
            std::fs::create_dir(&folder).expect("because it is new");
            std::fs::write(folder.join("gitlade.db"), bytes).expect("because there is room");
            let Ok(store) = Store::open(&folder) else {
                errors += 1;
                continue;
            };
            let asked: [Result<(), Error>; 5] = [
                store.manifest(record.id).map(drop),
                store.imports(&ImportFilter::default()).map(drop),
                store.text(record.id, "run.sh").map(drop),
                store.log(record.id).map(drop),
                put(&store, &repository, &Options::default()).map(drop),
            ];
            for error in asked.into_iter().filter_map(Result::err) {
                assert_ne!(
                    error.kind(),
                    ErrorKind::Internal,
                    "{number}-{offset}: {error}"
                );
                errors += 1;
            }
            std::fs::remove_dir_all(folder).expect("because it is ours");
        }
    }
    assert!(errors > 20, "{errors}");
}

#[test]
fn a_store_that_is_only_read_is_left_as_it_is() {
    let place = Place::new();
    let repository = benign::repository(place.folder.path(), "r.git", "sha1", &shapes());
    let id = put_all(&place.store, &repository).id;
    let root = place.root();
    let Place {
        folder: _folder,
        store,
    } = place;
    drop(store);
    let listing = || {
        let mut names: Vec<_> = std::fs::read_dir(&root)
            .expect("because it is there")
            .map(|entry| entry.expect("because it is there").file_name())
            .collect();
        names.sort();
        names
    };
    let reader = Store::open_with(&root, &StoreOptions::default().read_only(true))
        .expect("because it is a store");
    assert!(
        reader
            .text(id, "run.sh")
            .expect("because it is there")
            .starts_with("#!")
    );
    for error in [
        put(&reader, &repository, &Options::default()).map(drop),
        reader.remove(id),
    ] {
        assert_eq!(
            error.expect_err("because nothing may be written").kind(),
            ErrorKind::PermissionDenied
        );
    }
    drop(reader);
    assert!(listing().len() >= 2);
    Store::open(&root)
        .expect("because it is a store")
        .manifest(id)
        .expect("because it is complete");
}
