//! Disks that are full, descriptors that run out, and what is no store.

use super::*;

#[test]
fn few_descriptors_are_an_error_that_says_so() {
    let stage = Stage::new();
    let truths = [
        (&*stage.first, truth(&stage.first)),
        (&*stage.second, truth(&stage.second)),
    ];
    let mut kinds = BTreeMap::<String, usize>::new();
    for limit in (6..=40).step_by(2) {
        let place = stage.copy(&format!("files-{limit}"));
        let status = child(&[], &place, &limit.to_string(), 1, &[&stage.second]).status();
        status.expect("because there is room");
        let said = told(&place).unwrap_or_else(|| "not told|".to_owned());
        let kind = said.split('|').next().unwrap_or_default().to_owned();
        assert!(
            ["ok", "io", "not told"].contains(&&*kind),
            "{limit}: {said}"
        );
        *kinds.entry(kind).or_default() += 1;
        assert_whole(&stage, &place, &truths, &format!("{limit} descriptors"));
    }
    println!("6 to 40 descriptors: {kinds:?}");
    assert!(
        kinds.contains_key("ok") && kinds.contains_key("io"),
        "{kinds:?}"
    );
}

#[test]
fn a_full_disk_is_an_error_that_says_so() {
    let stage = Stage::new();
    let small = stage.path("small");
    fs::create_dir(&small).expect("because it is new");
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"])
        .arg(&small)
        .output()
        .is_ok_and(|output| output.status.success());
    if !mounted {
        return skip("a_full_disk", "mounting a small file system takes root");
    }
    let outcome = std::panic::catch_unwind(|| {
        let store = Store::open(small.join("store")).expect("because that fits");
        import(&store, &stage.first);
        let large = [
            file("large.bin", noise(9, 9_000_000)),
            file("large.txt", "text\n".repeat(300_000)),
        ];
        let large = benign::repository(stage.folder.path(), "large.git", "sha1", &large);
        let source = Source::Local(large);
        let error = store.import(&source, &Options::default(), &Control::new());
        let error = error.expect_err("because it does not fit");
        assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}");
        assert!(error.advice().is_some());
        assert!(check(&store).is_clean());
        store
            .gc(
                &GcOptions::default().min_age(Duration::ZERO),
                &Control::new(),
            )
            .unwrap_or_else(|error| panic!("{error}"));
        assert_imports(
            &store,
            &[(&stage.first, truth(&stage.first))],
            "a full disk",
        );
        import(&store, &stage.second);
        assert!(check(&store).is_clean());
    });
    let unmounted = Command::new("umount").arg("-l").arg(&small).status();
    assert!(unmounted.expect("because there is umount").success());
    outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

#[test]
fn what_is_no_store_of_this_version_is_refused() {
    let stage = Stage::new();
    let refused = |place: &Path, what: &str| {
        for read_only in [false, true] {
            let options = StoreOptions::default().read_only(read_only);
            let error = Store::open_with(place, &options).expect_err(what);
            assert_eq!(error.kind(), ErrorKind::CorruptStore, "{what}: {error}");
            assert!(error.advice().is_some(), "{what}");
        }
    };
    let place = stage.copy("garbage");
    fs::write(place.join("gitlade.db"), noise(4, 100_000)).expect("because there is room");
    refused(&place, "garbage");
    let place = stage.copy("newer");
    let status = Command::new("sqlite3")
        .args([
            &*place.join("gitlade.db").to_string_lossy(),
            "PRAGMA user_version = 99",
        ])
        .status();
    assert!(status.expect("because the tests need sqlite3").success());
    refused(&place, "a newer version");
    let place = scratch();
    fs::write(place.path().join("gitlade.db"), b"SQLite format 3\0")
        .expect("because there is room");
    assert!(Store::open(place.path()).is_err());
}
