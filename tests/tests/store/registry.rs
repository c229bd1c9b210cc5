//! The list of imports, and imports that go.

use super::*;

#[test]
fn the_registry_finds_sorts_and_pages() {
    let place = Place::new();
    for (name, files) in [("one", 3), ("two", 1), ("three", 2)] {
        let repository = benign::repository(
            place.folder.path(),
            &format!("{name}.git"),
            "sha1",
            &many(files),
        );
        put_all(&place.store, &repository);
    }
    let error = put(&place.store, Path::new("/nonexistent"), &Options::default());
    assert_eq!(
        error.expect_err("because it is not there").kind(),
        ErrorKind::NotARepository
    );
    let names = |filter: &ImportFilter| -> Vec<String> {
        let page = place.store.imports(filter).expect("because it is sound");
        page.items
            .iter()
            .map(|record| record.repository.clone().unwrap_or_default())
            .collect()
    };
    let all = ImportFilter::default();
    assert_eq!(names(&all), ["nonexistent", "three", "two", "one"]);
    assert_eq!(
        names(&all.clone().ascending(true).offset(1).limit(2)),
        ["two", "three"]
    );
    assert_eq!(names(&all.clone().repository("two")), ["two"]);
    assert_eq!(names(&all.clone().status(Status::Failed)), ["nonexistent"]);
    assert_eq!(names(&all.clone().tenant("nobody")), [""; 0]);
    assert_eq!(names(&all.clone().sort(Sort::Files).limit(1)), ["one"]);
    assert_eq!(names(&all.clone().source("/nonexistent")), ["nonexistent"]);
    assert_eq!(names(&all.clone().until(1)), [""; 0]);

    let failed = &place
        .store
        .imports(&all.status(Status::Failed))
        .expect("because it is sound")
        .items[0];
    let failure = failed.failure.as_ref().expect("because it failed");
    assert_eq!(failure.kind, "not_a_repository");
    assert!(failure.message.contains("/nonexistent"), "{failure:?}");
    let events: Vec<String> = place
        .store
        .log(failed.id)
        .expect("because it is there")
        .into_iter()
        .map(|line| line.event)
        .collect();
    assert_eq!(events, ["queued", "failed"]);
    assert_eq!(
        place
            .store
            .manifest(failed.id)
            .expect_err("because it failed")
            .kind(),
        ErrorKind::Busy
    );
    assert_eq!(
        place
            .store
            .import_record(ImportId(99))
            .expect_err("because there is none")
            .kind(),
        ErrorKind::ImportNotFound
    );
}

#[test]
fn a_removed_import_leaves_what_others_share() {
    let place = Place::new();
    let repository = benign::repository(
        place.folder.path(),
        "r.git",
        "sha1",
        &[shapes(), many(20)].concat(),
    );
    let first = put_all(&place.store, &repository);
    let second = put_all(&place.store, &repository);
    place.store.remove(first.id).expect("because it has ended");
    assert_eq!(
        place
            .store
            .import_record(first.id)
            .expect_err("because it is gone")
            .kind(),
        ErrorKind::ImportNotFound
    );
    check_against_git(&place, second.id, &repository, "the other one");
    place.store.remove(second.id).expect("because it has ended");
    assert_eq!(place.number("SELECT (SELECT count(*) FROM files) + (SELECT count(*) FROM folders) + (SELECT count(*) FROM snapshots)"), 0);
    // Ids are not used again, and what is remembered still helps.
    let third = put_all(&place.store, &repository);
    assert_eq!(third.id, ImportId(3));
    check_against_git(&place, third.id, &repository, "the third one");
}

#[test]
fn a_cancelled_import_is_told_and_leaves_nothing_to_see() {
    let place = Place::new();
    let repository = benign::repository(place.folder.path(), "r.git", "sha1", &many(500));
    let control = Control::new();
    control.cancel.cancel();
    let source = Source::Local(repository.clone());
    let error = place
        .store
        .import(&source, &Options::default(), &control)
        .expect_err("because it was cancelled");
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    let page = place
        .store
        .imports(&ImportFilter::default())
        .expect("because it is sound");
    assert_eq!(page.items[0].status, Status::Cancelled);
    assert_eq!(place.number("SELECT count(*) FROM files"), 0);
    check_against_git(
        &place,
        put_all(&place.store, &repository).id,
        &repository,
        "after a cancelled one",
    );
}
