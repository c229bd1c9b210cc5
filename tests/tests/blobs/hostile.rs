//! Folders that others may write to, and those that nobody may.

use super::*;

/// A frame of 100 bytes that unpacks to a megabyte, and says whatever is asked of it.
#[test]
fn a_bomb_unpacks_to_what_it_says_and_no_further() {
    let folder = scratch();
    let store = FolderBlobs::open(folder.path()).expect("because there is room");
    let name = digest(b"bomb");
    let file = compressed(&path_of(folder.path(), &name));
    fs::create_dir(file.parent().expect("because it is in a folder")).expect("because it is new");
    // RFC 8878: magic, a single segment with four bytes of content size, then run-length blocks of
    // 128 KiB each.
    let bomb = |says: u32, blocks: u32| {
        let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0b1010_0000];
        frame.extend(says.to_le_bytes());
        for block in 1..=blocks {
            let header = (128 << 10) << 3 | 1 << 1 | u32::from(block == blocks);
            frame.extend(&header.to_le_bytes()[..3]);
            frame.push(7);
        }
        frame
    };
    let write = |bytes: &[u8]| fs::write(&file, bytes).expect("because there is room");
    write(&bomb(8 << 17, 8));
    let read = store
        .get(&name)
        .expect("it is a frame")
        .expect("it is there");
    assert!(read.len() == 1 << 20 && read.iter().all(|&byte| byte == 7));
    for (says, blocks) in [
        (10, 8),
        (8 << 17, 9),
        ((8 << 17) - 1, 8),
        (8 << 17, 7),
        (0, 8),
    ] {
        write(&bomb(says, blocks));
        assert_corrupt(&store, &name, &file);
    }
    // A small one that claims four gigabytes costs nothing but the error.
    write(&bomb(u32::MAX, 1));
    assert_corrupt(&store, &name, &file);
    // A frame that says nothing of its size, and one that is to be skipped.
    write(&[0x28, 0xb5, 0x2f, 0xfd, 0, 0x48, 1, 0, 0]);
    assert_corrupt(&store, &name, &file);
    write(&[0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);
    assert_corrupt(&store, &name, &file);
    let listed = store.iter().expect("the folder is there").next();
    let error = listed
        .expect("a file is there")
        .expect_err("it is none of ours");
    assert_eq!(
        (error.kind(), error.digest()),
        (ErrorKind::CorruptStore, Some(name))
    );
}

#[test]
fn links_and_other_files_are_not_followed() {
    let folder = scratch();
    let outside = scratch();
    let store = FolderBlobs::open(folder.path()).expect("because there is room");
    let bytes = vector(5_000);
    let name = digest(&bytes);
    let file = path_of(folder.path(), &name);
    let fan = file.parent().expect("because it is in a folder");
    let victim = outside.path().join("victim");
    fs::write(&victim, &bytes).expect("because there is room");

    // In the place of the file: a link, a pipe, a folder.
    fs::create_dir(fan).expect("because it is new");
    let make: [(&str, &dyn Fn()); 3] = [
        ("link", &|| {
            symlink(&victim, &file).expect("because it is new");
        }),
        ("pipe", &|| {
            let status = Command::new("mkfifo").arg(&file).status();
            assert!(status.expect("because it is installed").success());
        }),
        ("folder", &|| {
            fs::create_dir(&file).expect("because it is new");
        }),
    ];
    for (what, make) in make {
        make();
        assert_corrupt(&store, &name, &file);
        let error = store.contains(&name).expect_err(what);
        assert_eq!(error.kind(), ErrorKind::CorruptStore, "{what}");
        let listed = store
            .iter()
            .expect("it can be read")
            .next()
            .expect("it is told");
        assert_eq!(listed.expect_err(what).digest(), Some(name));
        if what == "folder" {
            let error = store
                .put(&name, &bytes)
                .expect_err("a folder is in the way");
            assert_eq!(error.kind(), ErrorKind::CorruptStore, "{error}");
            assert_eq!(error.file(), Some(&*file));
            let error = store.remove(&name).expect_err("it is no file");
            assert_eq!(error.kind(), ErrorKind::CorruptStore, "{error}");
            fs::remove_dir(&file).expect("because it is empty");
        } else {
            assert_eq!(store.put(&name, &bytes).expect("it is replaced"), Put::New);
            assert!(
                file.symlink_metadata()
                    .expect("because it is there")
                    .is_file()
            );
            assert!(store.remove(&name).expect("because it is there"));
        }
    }
    assert_eq!(fs::read(&victim).expect("because it is there"), bytes);

    // In the place of the folder of the file: a link, a file.
    for is_link in [true, false] {
        let _ = fs::remove_dir(fan);
        let _ = fs::remove_file(fan);
        if is_link {
            symlink(outside.path(), fan).expect("because it is new");
        } else {
            fs::write(fan, "x").expect("because there is room");
        }
        let errors = [
            store.put(&name, &bytes).expect_err("it is no folder"),
            store.get(&name).expect_err("it is no folder"),
            store.size(&name).expect_err("it is no folder"),
            store.remove(&name).expect_err("it is no folder"),
            store
                .iter()
                .expect("the others are")
                .next()
                .expect("it is told")
                .expect_err("is none"),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::CorruptStore, "{error}");
            assert_eq!(error.file(), Some(fan), "{error}");
        }
    }
    fs::remove_file(fan).expect("because it is a file");
    put(&store, &bytes);

    // Beside the files: what is named otherwise is nobody's business.
    for other in [
        "README",
        "ab.zst",
        &"a".repeat(61),
        &"A".repeat(62),
        &"g".repeat(62),
    ] {
        fs::write(fan.join(other), "x").expect("because there is room");
    }
    fs::write(folder.path().join("README"), "x").expect("because there is room");
    fs::create_dir_all(folder.path().join("xy")).expect("because there is room");
    assert_eq!(list(&store).len(), 1);

    // In the place of the folder of temporary files.
    drop(store);
    let tmp = folder.path().join("tmp");
    assert_eq!(fs::read_dir(&tmp).expect("because it was made").count(), 0);
    fs::remove_dir(&tmp).expect("because it is empty");
    symlink(outside.path(), &tmp).expect("because it is new");
    let store = FolderBlobs::open(folder.path()).expect("because the rest is fine");
    let error = store
        .put(&digest(b"new"), b"new")
        .expect_err("it leads out of the folder");
    assert_eq!(error.kind(), ErrorKind::CorruptStore, "{error}");
    assert_eq!(
        fs::read_dir(outside.path())
            .expect("because it is there")
            .count(),
        1
    );
}

#[test]
fn temporary_files_go_with_their_owners() {
    let folder = scratch();
    let tmp = folder.path().join("tmp");
    let owners = || fs::read_dir(&tmp).expect("because it was made").count();
    let alive = FolderBlobs::open(folder.path()).expect("because there is room");
    put(&alive, b"one");
    assert_eq!(owners(), 1);
    // What a dead process leaves: its folder, its lock, what it had written.
    let dead = tmp.join("gitlade-1-2");
    fs::create_dir(&dead).expect("because it is new");
    fs::write(dead.join("lock"), "").expect("because there is room");
    fs::write(dead.join("17"), "half").expect("because there is room");
    let early = tmp.join("gitlade-1-3");
    fs::create_dir(&early).expect("because it is new");
    // What is not ours, even there.
    let foreign = tmp.join("gitlade-1-4");
    fs::create_dir(&foreign).expect("because it is new");
    fs::write(foreign.join("lock"), "").expect("because there is room");
    fs::write(foreign.join("notes.txt"), "x").expect("because there is room");
    fs::write(tmp.join("notes.txt"), "x").expect("because there is room");

    // Reading changes nothing.
    let read_only = FolderOptions::default().read_only(true);
    drop(FolderBlobs::open_with(folder.path(), &read_only).expect("because it is there"));
    assert!(dead.join("17").exists());

    let other = FolderBlobs::open(folder.path()).expect("because it is there");
    assert!(!dead.exists() && !early.exists());
    assert!(foreign.join("notes.txt").exists() && tmp.join("notes.txt").exists());
    // The living one works on, and even when somebody has cleared its folder away.
    put(&alive, b"two");
    for entry in fs::read_dir(&tmp).expect("because it is there") {
        let path = entry.expect("because it can be read").path();
        let _ = fs::remove_dir_all(path);
    }
    put(&alive, b"three");
    put(&other, b"four");
    assert_eq!(list(&other).len(), 4);
    drop((alive, other));
    let left = fs::read_dir(&tmp).expect("because it is there");
    let left: Vec<_> = left
        .map(|entry| entry.expect("it is there").file_name())
        .collect();
    assert_eq!(left, ["notes.txt"]);
}

#[test]
fn what_is_read_only_stays_as_it_is() {
    let folder = scratch();
    let path = folder.path().join("blobs");
    let options = FolderOptions::default().read_only(true);
    let error = FolderBlobs::open_with(&path, &options).expect_err("it is not there");
    assert_eq!((error.kind(), error.file()), (ErrorKind::Io, Some(&*path)));
    let name = put(
        &FolderBlobs::open(&path).expect("because there is room"),
        b"x",
    );
    let store = FolderBlobs::open_with(&path, &options).expect("because it is there");
    let database = folder.path().join("blobs.db");
    let options = SqliteOptions::default().read_only(true);
    let error = SqliteBlobs::open_with(&database, &options).expect_err("it is not there");
    assert_eq!(
        (error.kind(), error.file()),
        (ErrorKind::Io, Some(&*database))
    );
    put(
        &SqliteBlobs::open(&database).expect("because there is room"),
        b"x",
    );
    let table = SqliteBlobs::open_with(&database, &options).expect("because it is there");
    for store in [&store as &dyn BlobStore, &table] {
        assert_eq!(
            store.get(&name).expect("it is whole").as_deref(),
            Some(&b"x"[..])
        );
        for error in [
            store.put(&digest(b"y"), b"y").map(drop),
            store.put(&name, b"x").map(drop),
            store.remove(&name).map(drop),
        ] {
            let error = error.expect_err("it is read only");
            assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        }
        store.sync().expect("there is nothing to do");
        assert_eq!(list(store).len(), 1);
    }
}
