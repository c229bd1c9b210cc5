//! Files of a folder, as other programs see them.

use super::*;

#[test]
fn names_of_files_are_what_b3sum_prints() {
    let folder = scratch();
    let store = FolderBlobs::open(folder.path()).expect("because there is room");
    let mut random = Random::new(1);
    for size in [0, 1, 1023, 1024, 1025, 8_000, 100_000] {
        put(&store, &random.bytes(size));
    }
    for (len, _) in VECTORS {
        put(&store, &vector(len));
    }
    let mut files = Vec::new();
    for fan in fs::read_dir(folder.path()).expect("because it was made") {
        let fan = fan.expect("because it can be read").path();
        if fan.file_name() != Some("tmp".as_ref()) {
            let inside = fs::read_dir(fan).expect("because it is a folder");
            files.extend(inside.map(|file| file.expect("because it can be read").path()));
        }
    }
    // 0 and 1 byte, and 1023 to 1025, come from both.
    assert_eq!(files.len(), 11);
    let Ok(output) = Command::new("b3sum")
        .arg("--no-names")
        .args(&files)
        .output()
    else {
        return skip(
            "names_of_files_are_what_b3sum_prints",
            "b3sum is not installed",
        );
    };
    let text = String::from_utf8(output.stdout).expect("because it is ASCII");
    assert_eq!(text.lines().count(), files.len());
    for (line, file) in text.lines().zip(&files) {
        assert!(
            file.ends_with(format!("{}/{}", &line[..2], &line[2..])),
            "{line}"
        );
    }
}

#[test]
fn compressed_files_are_what_they_are_to_other_programs() {
    let folder = scratch();
    let options = FolderOptions::default().compress(19);
    let store = FolderBlobs::open_with(folder.path(), &options).expect("because there is room");
    let text = vector(300_000);
    let name = put(&store, &text);
    let noise = Random::new(2).bytes(300_000);
    let plain = put(&store, &noise);
    let file = compressed(&path_of(folder.path(), &name));
    assert_eq!(store.file(&name).as_deref(), Some(&*file));
    assert!(file.metadata().expect("because it is there").len() < 10_000);
    // What gains nothing is as it is.
    assert_eq!(
        fs::read(path_of(folder.path(), &plain)).expect("because it is plain"),
        noise
    );
    // Whoever opens the folder without the option reads both, and finds both present.
    let other = FolderBlobs::open(folder.path()).expect("because it is there");
    assert_eq!(other.get(&name).expect("it is whole").as_ref(), Some(&text));
    assert_eq!(other.put(&name, &text).expect("it is there"), Put::Present);
    assert_eq!(list(&other).len(), 2);
    match Command::new("zstd").args(["-dc"]).arg(&file).output() {
        Ok(output) => assert!(output.stdout == text, "{:?}", output.status),
        Err(_) => skip("compressed_files", "zstd is not installed"),
    }
}

#[test]
fn damaged_files_are_told_and_repaired_by_putting_again() {
    for compress in [None, Some(3)] {
        let folder = scratch();
        let options = FolderOptions::default().compress(compress);
        let store = FolderBlobs::open_with(folder.path(), &options).expect("because there is room");
        let verified = Verified::new(&store);
        let bytes = vector(100_000);
        let name = put(&store, &bytes);
        let mut file = path_of(folder.path(), &name);
        if compress.is_some() {
            file = compressed(&file);
        }
        let whole = fs::read(&file).expect("because it was put");
        let replace = |with: &[u8]| {
            fs::remove_file(&file).expect("because it is there");
            fs::write(&file, with).expect("because there is room");
        };
        // Cut off at every place that matters, and longer than it should be.
        for len in [0, 1, 4, 5, 9, 17, 18, 100, whole.len() / 2, whole.len() - 1] {
            replace(&whole[..len]);
            assert_corrupt(&verified, &name, &file);
            if len > 18 || compress.is_none() {
                assert!(store.contains(&name).expect("a file is there"));
            }
            if compress.is_none() || len < 6 {
                assert_eq!(store.put(&name, &bytes).expect("it is repaired"), Put::New);
                assert_eq!(
                    verified.get(&name).expect("it is whole").as_ref(),
                    Some(&bytes)
                );
            }
        }
        replace(&[&whole[..], b"x"].concat());
        assert_corrupt(&verified, &name, &file);
        // Any byte altered: read as other bytes by nobody.
        let mut random = Random::new(3);
        for _ in 0..200 {
            let mut altered = whole.clone();
            let at = random.below(altered.len());
            altered[at] ^= 1 << random.below(8);
            replace(&altered);
            match verified.get(&name) {
                Ok(read) => assert_eq!(read.as_ref(), Some(&bytes), "{at}"),
                Err(error) => assert_eq!(error.kind(), ErrorKind::CorruptStore, "{error}"),
            }
        }
        // Removing and putting is the way back that the advice names.
        assert!(store.remove(&name).expect("it is there"));
        assert_eq!(store.put(&name, &bytes).expect("it is put"), Put::New);
        assert_eq!(
            verified.get(&name).expect("it is whole").as_ref(),
            Some(&bytes)
        );
        // A file that went is a blob that is not there.
        fs::remove_file(&file).expect("because it is there");
        assert_eq!(store.get(&name).expect("nothing is wrong"), None);
        assert_eq!(store.put(&name, &bytes).expect("it is put"), Put::New);
    }
}

#[test]
fn what_is_put_is_there_after_opening_again() {
    let folder = scratch();
    let blobs: Vec<Vec<u8>> = [0, 10, 5_000, 3_000_000].map(vector).into();
    for durability in [Durability::Full, Durability::Deferred, Durability::None] {
        let path = folder.path().join(format!("{durability:?}"));
        let options = FolderOptions::default().durability(durability).compress(1);
        let database = path.with_extension("db");
        let in_database = SqliteOptions::default().durability(durability);
        let open = || -> [Box<dyn BlobStore>; 2] {
            [
                Box::new(FolderBlobs::open_with(&path, &options).expect("because there is room")),
                Box::new(
                    SqliteBlobs::open_with(&database, &in_database).expect("because there is room"),
                ),
            ]
        };
        for store in open() {
            for bytes in &blobs {
                put(&*store, bytes);
            }
            store.sync().expect("because there is room");
        }
        for store in open() {
            let store = Verified::new(store);
            for bytes in &blobs {
                assert_eq!(
                    store.put(&digest(bytes), bytes).expect("it is there"),
                    Put::Present
                );
                let read = store.get(&digest(bytes)).expect("it is whole");
                assert!(read.as_ref() == Some(bytes));
            }
        }
    }
}
