//! Files of blobs that are damaged, cut, gone or another's.

use super::*;

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
