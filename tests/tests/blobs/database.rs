//! Blobs in a database.

use super::*;

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
