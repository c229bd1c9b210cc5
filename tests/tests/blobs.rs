//! Stores of blobs: all pass one suite, and each keeps what it alone promises.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use gitlade::{
    BlobStore, Content, ContentHash, Durability, EntryKind, Error, ErrorKind, FolderBlobs,
    FolderOptions, MemoryBlobs, Put, SplitBlobs, SqliteBlobs, SqliteOptions, StoreSink, Verified,
};
use gitlade_tests::conformance::{Conformance, VECTORS, digest, list, vector};
use gitlade_tests::random::Random;
use gitlade_tests::scratch;

use crate::importing::skip;

/// Folders for stores, each a new one.
struct Folders(tempfile::TempDir, AtomicUsize);

impl Folders {
    fn new() -> Self {
        Folders(scratch(), 0.into())
    }

    fn next(&self) -> PathBuf {
        let number = self.1.fetch_add(1, Ordering::Relaxed);
        self.0.path().join(number.to_string())
    }
}

fn folder_suite(options: FolderOptions) -> usize {
    let folders = Folders::new();
    Conformance::new(|| {
        let store = FolderBlobs::open_with(folders.next(), &options);
        Box::new(store.expect("because there is room"))
    })
    .run();
    let made = fs::read_dir(folders.0.path()).expect("because it was made");
    made.count()
}

#[test]
fn memory_conforms() {
    Conformance::new(|| Box::new(MemoryBlobs::new())).run();
}

#[test]
fn pointers_and_wrappers_conform() {
    Conformance::new(|| Box::new(std::sync::Arc::new(MemoryBlobs::new())))
        .largest(1 << 20)
        .run();
    let half = || MemoryBlobs::new();
    Conformance::new(|| Box::new(SplitBlobs::new(half(), half()))).run();
}

#[test]
fn folders_conform() {
    assert!(folder_suite(FolderOptions::default()) > 5);
}

#[test]
fn folders_that_sync_each_blob_conform() {
    folder_suite(FolderOptions::default().durability(Durability::Full));
}

#[test]
fn compressed_folders_conform() {
    let options = FolderOptions::default().durability(Durability::None);
    folder_suite(options.compress(3));
}

fn database_suite(options: SqliteOptions) {
    let folders = Folders::new();
    Conformance::new(|| {
        let store = SqliteBlobs::open_with(folders.next(), &options);
        Box::new(store.expect("because there is room"))
    })
    .run();
}

#[test]
fn databases_conform() {
    database_suite(SqliteOptions::default());
}

#[test]
fn databases_that_sync_each_blob_conform() {
    database_suite(SqliteOptions::default().durability(Durability::Full));
}

/// The file of a blob, by its digest's digits.
fn path_of(folder: &Path, name: &ContentHash) -> PathBuf {
    let hex = name.to_string();
    folder.join(&hex[..2]).join(&hex[2..])
}

fn compressed(path: &Path) -> PathBuf {
    path.with_extension("zst")
}

fn put(store: &dyn BlobStore, bytes: &[u8]) -> ContentHash {
    let name = digest(bytes);
    store.put(&name, bytes).expect("because there is room");
    name
}

/// Fails unless the store says in every way that a blob cannot be read, and why.
fn assert_corrupt(store: &dyn BlobStore, name: &ContentHash, file: &Path) {
    let is_right = |error: Error| {
        assert_eq!(error.kind(), ErrorKind::CorruptStore, "{error}");
        assert_eq!(error.digest(), Some(*name), "{error}");
        assert_eq!(error.file(), Some(file), "{error}");
        assert!(error.advice().is_some(), "{error}");
    };
    is_right(store.get(name).expect_err("it is damaged"));
    let mut read = Vec::new();
    match store.reader(name) {
        Err(error) => is_right(error),
        Ok(reader) => {
            let mut reader = reader.expect("something is there");
            let error = reader.read_to_end(&mut read).expect_err("it is damaged");
            is_right(Error::from_io(error).expect("it is one of ours"));
        }
    }
}

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

#[test]
fn a_database_is_shared_with_the_host_and_read_by_sqlite3() {
    let folder = scratch();
    let path = folder.path().join("host.db");
    let sqlite3 = |sql: &str| {
        let output = Command::new("sqlite3").arg(&path).arg(sql).output();
        let output = output.ok()?;
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(_) = sqlite3("CREATE TABLE users (name TEXT); INSERT INTO users VALUES ('a'), ('b')")
    else {
        return skip(
            "a_database_is_shared_with_the_host",
            "sqlite3 is not installed",
        );
    };
    let options = SqliteOptions::default().table("Attachments_2");
    let store = SqliteBlobs::open_with(&path, &options).expect("because there is room");
    let small = put(&store, b"hello");
    let large = put(&store, &vector((2 << 20) + 5));
    store.sync().expect("because there is room");
    // The host's database keeps its mode and its tables.
    assert_eq!(sqlite3("PRAGMA journal_mode").as_deref(), Some("delete"));
    assert_eq!(sqlite3("SELECT count(*) FROM users").as_deref(), Some("2"));
    let sql = format!("SELECT bytes FROM attachments_2 WHERE digest = x'{small}'");
    assert_eq!(sqlite3(&sql).as_deref(), Some("hello"));
    let sql = format!(
        "SELECT count(*), sum(length(c.bytes)), max(c.number) FROM attachments_2 a \
         JOIN attachments_2_chunks c ON c.blob = a.id WHERE a.digest = x'{large}'"
    );
    assert_eq!(sqlite3(&sql).as_deref(), Some("3|2097157|2"));
    assert!(store.remove(&large).expect("it is there"));
    assert_eq!(
        sqlite3("SELECT count(*) FROM attachments_2_chunks").as_deref(),
        Some("0")
    );
    assert_eq!(sqlite3("PRAGMA integrity_check").as_deref(), Some("ok"));
    // A table of another shape, and names that are none.
    for (table, kind) in [
        ("users", ErrorKind::CorruptStore),
        ("", ErrorKind::InvalidOptions),
        ("a b", ErrorKind::InvalidOptions),
        ("1a", ErrorKind::InvalidOptions),
        ("x; DROP TABLE users", ErrorKind::InvalidOptions),
        ("sqlite_x", ErrorKind::InvalidOptions),
        ("ä", ErrorKind::InvalidOptions),
    ] {
        let options = SqliteOptions::default().table(table);
        let error = SqliteBlobs::open_with(&path, &options).expect_err(table);
        assert_eq!(error.kind(), kind, "{table}: {error}");
    }
    // Somebody else writes: waited for, as long as the options say.
    let mut writer = Command::new("sqlite3")
        .arg(&path)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("because it is installed");
    let mut input = writer.stdin.take().expect("because it is piped");
    input
        .write_all(b"BEGIN IMMEDIATE; SELECT 'begun';\n")
        .expect("because it reads");
    let mut said = [0; 5];
    let mut output = writer.stdout.take().expect("because it is piped");
    output.read_exact(&mut said).expect("because it says so");
    let options = options.busy_timeout(std::time::Duration::from_millis(50));
    let impatient = SqliteBlobs::open_with(&path, &options).expect("because the table is there");
    let error = impatient
        .put(&digest(b"y"), b"y")
        .expect_err("another one writes");
    assert_eq!(error.kind(), ErrorKind::Busy, "{error}");
    assert_eq!(error.digest(), Some(digest(b"y")));
    assert!(impatient.get(&small).expect("it can be read").is_some());
    drop(input);
    writer.wait().expect("because it ends");
    put(&impatient, b"y");
}

#[test]
fn damaged_databases_are_told() {
    let folder = scratch();
    let path = folder.path().join("blobs.db");
    let bytes = vector(3_000_000);
    let name = {
        let store = SqliteBlobs::open(&path).expect("because there is room");
        put(&store, b"small");
        put(&store, &bytes)
    };
    let whole = fs::read(&path).expect("because it is there");
    // No database, and a folder.
    let line = &b"not a database, but long enough for a header of one hundred bytes. "[..];
    fs::write(&path, line.repeat(9)).expect("because there is room");
    let error = SqliteBlobs::open(&path).expect_err("it is none");
    assert_eq!(
        (error.kind(), error.file()),
        (ErrorKind::CorruptStore, Some(&*path))
    );
    let error = SqliteBlobs::open(folder.path()).expect_err("it is a folder");
    assert_eq!(error.kind(), ErrorKind::CorruptStore, "{error}");
    // Cut off, and altered: a typed error or the right bytes.
    let mut random = Random::new(5);
    let mut told = 0;
    for round in 0..150 {
        let mut damaged = whole.clone();
        if round < 30 {
            damaged.truncate(random.below(whole.len()));
        } else {
            let at = random.below(whole.len());
            damaged[at] ^= 1 << random.below(8);
        }
        fs::write(&path, &damaged).expect("because there is room");
        let _ = fs::remove_file(folder.path().join("blobs.db-wal"));
        let _ = fs::remove_file(folder.path().join("blobs.db-shm"));
        let read = SqliteBlobs::open(&path).and_then(|store| {
            let store = Verified::new(store);
            for blob in store.iter()? {
                blob?;
            }
            store.get(&name)
        });
        match read {
            Ok(Some(read)) => assert!(read == bytes),
            Ok(None) => told += 1,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::CorruptStore, "{error:?}");
                told += 1;
            }
        }
    }
    assert!(told > 60, "{told}");
    // Chunks that are not there, or of another length.
    fs::write(&path, &whole).expect("because there is room");
    let store = SqliteBlobs::open(&path).expect("because it is whole");
    for sql in [
        "UPDATE blobs_chunks SET bytes = substr(bytes, 2) WHERE number = 1",
        "DELETE FROM blobs_chunks WHERE number = 0",
    ] {
        let status = Command::new("sqlite3").arg(&path).arg(sql).status();
        if !status.is_ok_and(|status| status.success()) {
            return skip("damaged_databases_are_told", "sqlite3 is not installed");
        }
        assert_corrupt(&store, &name, &path);
    }
    assert!(store.remove(&name).expect("it is there"));
    put(&store, &bytes);
    assert!(store.get(&name).expect("it is whole") == Some(bytes));
}

#[test]
fn split_stores_route_by_what_an_import_says() {
    let source = scratch();
    let repository = crate::benign::repository(
        source.path(),
        "split.git",
        "sha1",
        &[
            crate::benign::file("a.rs", "fn main() {}\n"),
            crate::benign::file("logo.png", &b"\x89PNG\r\n\x1a\n\0\0\0"[..]),
            crate::benign::file("latin.txt", &b"gr\xfc\xdfe aus k\xf6ln\n"[..]),
            crate::benign::file("same.png", &b"\x89PNG\r\n\x1a\n\0\0\0"[..]),
            crate::benign::file("empty", ""),
        ],
    );
    let store = Verified::new(SplitBlobs::new(MemoryBlobs::new(), MemoryBlobs::new()));
    let import = gitlade::import_into(
        &gitlade::Source::parse(repository.display().to_string()).expect("because it is a path"),
        &gitlade::Options::default(),
        &gitlade::Control::new(),
        &StoreSink::new(&store),
    );
    let manifest = import.expect("because it is benign").into_manifest();
    let split = store.into_inner();
    let mut seen = [0, 0];
    for file in manifest.files() {
        let name = file.digest().expect("because nothing was skipped");
        let EntryKind::File(entry) = file.kind() else {
            panic!("these are files");
        };
        let content = entry.body.read().expect("because it was read").content;
        let is_text = matches!(content, Content::Text { .. });
        assert_eq!(split.text().contains(&name).expect("memory"), is_text);
        assert_eq!(split.binary().contains(&name).expect("memory"), !is_text);
        assert_eq!(split.size(&name).expect("memory"), file.size());
        seen[usize::from(is_text)] += 1;
    }
    assert_eq!(seen, [2, 3]);
    assert_eq!(list(&split).len(), 4);
    // By the bytes alone it goes the same way, and what one half has the other one does not get.
    assert_eq!(
        split
            .put(&digest(b"fn main() {}\n"), b"fn main() {}\n")
            .expect("memory"),
        Put::Present
    );
    let binary = put(&split, b"\0\x01");
    assert!(split.binary().contains(&binary).expect("memory"));
    split.text().put(&digest(b"\0"), b"\0").expect("memory");
    assert_eq!(
        split.put(&digest(b"\0"), b"\0").expect("memory"),
        Put::Present
    );
    assert!(!split.binary().contains(&digest(b"\0")).expect("memory"));
}
