//! Readers and collections of garbage beside a running import.

use super::*;

#[test]
fn contents_that_go_away_while_an_import_knows_them_are_read_again() {
    let place = Place::new();
    let files = [shapes(), many(300)].concat();
    let repository = benign::repository(place.folder.path(), "r.git", "sha1", &files);
    let expected = ndjson(
        local(&repository, &Options::default())
            .expect("because it is sound")
            .manifest(),
    );
    let done = std::sync::atomic::AtomicBool::new(false);
    let mut complete = 0;
    std::thread::scope(|scope| {
        // Collects garbage that a running import knows of, again and again; what it made itself
        // stays, as the schema says.
        scope.spawn(|| {
            while !done.load(std::sync::atomic::Ordering::Acquire) {
                alter(
                    &place.database(),
                    "PRAGMA busy_timeout = 60000; PRAGMA foreign_keys = ON; BEGIN IMMEDIATE;
                     DELETE FROM contents WHERE id NOT IN
                         (SELECT content_id FROM files WHERE content_id IS NOT NULL)
                         AND id < (SELECT ifnull(min(kept_from), 1e18) FROM imports);
                     COMMIT;",
                );
                std::thread::sleep(std::time::Duration::from_millis(30));
            }
        });
        let _done = SetOnDrop(&done);
        for _ in 0..3 {
            match put(&place.store, &repository, &Options::default()) {
                Ok(record) => {
                    let manifest = place.store.manifest(record.id);
                    assert!(ndjson(&manifest.expect("because it is complete")) == expected);
                    check_contents(&place, record.id, &repository, "collected");
                    place.store.remove(record.id).expect("because it has ended");
                    complete += 1;
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::Busy, "{error}"),
            }
        }
    });
    assert!(complete > 0);
    let record = put_all(&place.store, &repository);
    check_against_git(&place, record.id, &repository, "at last");
    assert_sound(&place, "at last");
}

#[test]
fn a_reader_sees_an_import_as_a_whole_or_not_at_all() {
    let place = Place::new();
    let files = many(3000);
    let repository = benign::repository(place.folder.path(), "r.git", "sha1", &files);
    let total = blobs_count(&repository);
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut seen = BTreeSet::new();
            while !done.load(std::sync::atomic::Ordering::Acquire) {
                seen.insert(place.number("SELECT count(*) FROM import_files"));
                let row = &place.sql(
                    "SELECT count(*), count(*) FILTER (WHERE status = 'complete') FROM imports",
                )[0];
                assert!(row[0] == "0" || row[0] == "1");
            }
            seen
        });
        let set = SetOnDrop(&done);
        put_all(&place.store, &repository);
        drop(set);
        let seen = watch.join().expect("because it does not panic");
        assert!(
            seen.iter().all(|&count| count == 0 || count == total),
            "{seen:?}"
        );
    });
    assert_eq!(place.number("SELECT count(*) FROM import_files"), total);
}

/// Ends a thread that would go on for ever, also if the test fails.
struct SetOnDrop<'a>(&'a std::sync::atomic::AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, std::sync::atomic::Ordering::Release);
    }
}

fn blobs_count(repository: &Path) -> u64 {
    git(repository, &["ls-tree", "-r", "HEAD"]).lines().count() as u64
}

#[test]
fn storing_is_told_entry_by_entry() {
    let place = Place::new();
    let repository = benign::repository(place.folder.path(), "r.git", "sha1", &many(3000));
    let control = Control::new();
    let done = std::sync::atomic::AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut seen = BTreeSet::new();
            while !done.load(std::sync::atomic::Ordering::Acquire) {
                let snapshot = control.progress.snapshot();
                if snapshot.step == gitlade::Step::Complete && snapshot.objects_total > 0 {
                    seen.insert((snapshot.percent(), snapshot.objects, snapshot.objects_total));
                }
            }
            seen
        });
        let set = SetOnDrop(&done);
        let source = Source::Local(repository.clone());
        let options = Options::default();
        let imported = place.store.import(&source, &options, &control);
        imported.expect("because it is sound");
        drop(set);
        watch.join().expect("because it does not panic")
    });
    let entries = git(&repository, &["ls-tree", "-r", "-t", "HEAD"]);
    let entries = entries.lines().count() as u64;
    let between = |&&(_, done, total): &&(_, u64, u64)| 0 < done && done < total;
    assert!(seen.iter().any(|look| between(&look)), "{seen:?}");
    assert!(
        seen.iter()
            .all(|&(_, done, total)| done <= total && total == entries)
    );
    let last = control.progress.snapshot();
    assert_eq!((last.objects, last.objects_total), (entries, entries));
}
