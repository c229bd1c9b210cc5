//! The standard store, looked at from outside: with `sqlite3`, `git cat-file`, `iconv` and `b3sum`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gitlade::{
    Control, Error, ErrorKind, ImportFilter, ImportId, ImportRecord, Options, Sort, Source, Status,
    Store, StoreOptions,
};
use gitlade_tests::corpus;
use gitlade_tests::git::Git;
use gitlade_tests::server::{GitHttp, git};
use tempfile::TempDir;

use crate::benign::{self, file, many, shapes};
use crate::importing::{from_loopback, local, ndjson, remote};

/// A store in a temporary folder.
struct Place {
    folder: TempDir,
    store: Store,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("because there is room");
        let store = Store::open(folder.path().join("store")).expect("because it is new");
        Place { folder, store }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn database(&self) -> PathBuf {
        self.root().join("gitlade.db")
    }

    /// What the program `sqlite3` says, as rows of columns.
    fn sql(&self, query: &str) -> Vec<Vec<String>> {
        sql(&self.database(), query)
    }

    fn number(&self, query: &str) -> u64 {
        self.sql(query)[0][0]
            .parse()
            .expect("because it is a count")
    }
}

fn sql(database: &Path, query: &str) -> Vec<Vec<String>> {
    let output = Command::new("sqlite3")
        .args([
            "-batch",
            "-readonly",
            "-noheader",
            "-separator",
            "\t",
            "-nullvalue",
            "NULL",
        ])
        .arg(database)
        .arg(query)
        .output()
        .expect("because the tests need SQLite's program: install the package sqlite3");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{query}: {said}");
    String::from_utf8(output.stdout)
        .expect("because the queries ask for hex where it is not text")
        .lines()
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect()
}

/// Changes the database behind the store's back.
fn alter(database: &Path, statements: &str) {
    let output = Command::new("sqlite3")
        .args(["-batch", "-bail"])
        .arg(database)
        .arg(statements)
        .output()
        .expect("because the tests need SQLite's program");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{statements}: {said}");
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2)
        .map(|index| u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).expect("hex"))
        .collect()
}

fn put(store: &Store, path: &Path, options: &Options) -> Result<ImportRecord, Error> {
    let source = Source::Local(path.to_owned());
    store.import(&source, options, &Control::new())
}

fn put_all(store: &Store, path: &Path) -> ImportRecord {
    put(store, path, &Options::default()).expect("because the repository is sound")
}

/// Runs a program over `input`.
fn through(program: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("the tests need {program}: {error}"));
    let mut stdin = child.stdin.take().expect("because it is piped");
    let input = input.to_owned();
    let feeder = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("because it ends");
    feeder.join().expect("because it does not panic");
    assert!(output.status.success(), "{program} {arguments:?}");
    output.stdout
}

/// What an encoding's text is, said by another program; the byte order mark is cut off.
fn decoded(bytes: &[u8], encoding: &str) -> Vec<u8> {
    let text = through("iconv", &["-f", encoding, "-t", "utf-8"], bytes);
    text.strip_prefix("\u{feff}".as_bytes())
        .unwrap_or(&text)
        .to_vec()
}

/// Every file of `revision`, by its path, as Git has it.
fn blobs(repository: &Path, revision: &str) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let git = Git::at(repository);
    let listing = git.run(&[
        "--no-replace-objects",
        "ls-tree",
        "--full-tree",
        "-r",
        "-z",
        revision,
    ]);
    let mut files = Vec::new();
    for line in listing.split(|&byte| byte == 0) {
        let Some(tab) = line.iter().position(|&byte| byte == b'\t') else {
            continue;
        };
        let head = std::str::from_utf8(&line[..tab]).expect("because it is ASCII");
        let fields: Vec<&str> = head.split(' ').collect();
        if fields[1] == "blob" {
            files.push((line[tab + 1..].to_vec(), fields[2].to_owned()));
        }
    }
    let ids: String = files.iter().map(|(_, id)| format!("{id}\n")).collect();
    let said = git.feed(
        &["--no-replace-objects", "cat-file", "--batch"],
        ids.as_bytes(),
    );
    let mut rest = &said[..];
    let mut blobs = BTreeMap::new();
    for (path, id) in files {
        let end = rest
            .iter()
            .position(|&byte| byte == b'\n')
            .expect("because there is a line");
        let head = std::str::from_utf8(&rest[..end]).expect("because it is ASCII");
        rest = &rest[end + 1..];
        let size = head.strip_prefix(&format!("{id} blob "));
        let size: usize = size
            .and_then(|size| size.parse().ok())
            .expect("because it is a blob");
        blobs.insert(path, rest[..size].to_vec());
        rest = &rest[size + 1..];
    }
    blobs
}

/// Holds everything that the store says against the import itself and against Git.
fn check_against_git(place: &Place, id: ImportId, repository: &Path, what: &str) {
    let import = local(repository, &Options::default()).expect("because it is sound");
    let manifest = place.store.manifest(id);
    let manifest = manifest
        .unwrap_or_else(|error| panic!("{what}: {error}: {:?}", std::error::Error::source(&error)));
    assert_same(&ndjson(&manifest), &ndjson(import.manifest()), what);
    check_contents(place, id, repository, what);
}

/// Holds the contents of a store against Git.
fn check_contents(place: &Place, id: ImportId, repository: &Path, what: &str) {
    let import = local(repository, &Options::default()).expect("because it is sound");
    let manifest = import.manifest();
    for (path, bytes) in blobs(repository, "HEAD") {
        let shown = gitlade::Printable(&path).to_string();
        let entry = manifest.get(&path).expect("because Git has it");
        if entry.digest().is_none() {
            let error = place
                .store
                .bytes(id, &path)
                .expect_err("because it was skipped");
            assert_eq!(error.kind(), ErrorKind::ContentSkipped, "{what}: {shown}");
            continue;
        }
        let stored = place.store.bytes(id, &path);
        assert!(
            stored.unwrap_or_else(|error| panic!("{what}: {shown}: {error}")) == bytes,
            "{what}: {shown}"
        );
        let mut read = Vec::new();
        let reader = place.store.reader(id, &path);
        reader
            .expect("because it was read")
            .read_to_end(&mut read)
            .expect("because it was read");
        assert!(read == bytes, "{what}: {shown}");
        match import.text(entry) {
            Ok(text) => assert_eq!(
                place.store.text(id, &path).expect("because it is text"),
                text,
                "{what}: {shown}"
            ),
            Err(expected) => {
                let error = place
                    .store
                    .text(id, &path)
                    .expect_err("because it is no text");
                assert_eq!(error.kind(), expected.kind(), "{what}: {shown}");
            }
        }
    }
}

/// Compares two manifests, and shows the line where they differ.
#[track_caller]
fn assert_same(one: &[u8], other: &[u8], what: &str) {
    let lines = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    let (one, other) = (lines(one), lines(other));
    for (one, other) in one.lines().zip(other.lines()) {
        assert_eq!(one, other, "{what}");
    }
    assert_eq!(one.len(), other.len(), "{what}");
}

/// What must hold of every store.
fn assert_sound(place: &Place, what: &str) {
    assert_eq!(place.sql("PRAGMA integrity_check"), [["ok"]], "{what}");
    assert_eq!(
        place.sql("PRAGMA foreign_key_check"),
        [[""; 0]; 0],
        "{what}"
    );
    // A content has the parts that its row says, and every file that is read has its content.
    assert_eq!(
        place.number(
            "SELECT count(*) FROM contents c WHERE
             (stored = 'text') <> (stored <> 'both' AND EXISTS (SELECT 1 FROM texts t WHERE t.content_id = c.id))"
        ),
        0,
        "{what}"
    );
    for row in place.sql("SELECT lower(hex(digest)), size FROM contents WHERE stored <> 'text'") {
        let path = place
            .root()
            .join("blobs")
            .join(&row[0][..2])
            .join(&row[0][2..]);
        let size = std::fs::metadata(&path).map(|file| file.len().to_string());
        assert_eq!(
            size.ok().as_ref(),
            Some(&row[1]),
            "{what}: {}",
            path.display()
        );
    }
}

#[test]
fn every_sample_comes_out_as_git_has_it() {
    let place = Place::new();
    let mut count = 0;
    for sample in corpus::all() {
        if sample.name.starts_with("storage/partial") {
            // What it lacks is in the store by then, so that more comes out than from it alone.
            continue;
        }
        let dir = place.folder.path().join(sample.name);
        sample.make(&dir);
        let repository = sample.opened(&dir);
        let record = put(&place.store, &repository, &Options::default());
        let record = record.unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        check_against_git(&place, record.id, &repository, sample.name);
        count += 1;
        // Once more: nothing is added but a row of the registry.
        let before =
            place.number("SELECT (SELECT count(*) FROM files) + (SELECT count(*) FROM contents)");
        let again = put_all(&place.store, &repository);
        assert_eq!(again.outcome, record.outcome, "{}", sample.name);
        let after =
            place.number("SELECT (SELECT count(*) FROM files) + (SELECT count(*) FROM contents)");
        assert_eq!(before, after, "{}", sample.name);
    }
    assert!(count >= 45, "{count}");
    assert_sound(&place, "samples");
    let page = place
        .store
        .imports(&ImportFilter::default().limit(10_000))
        .expect("because it is sound");
    assert_eq!(page.total, 2 * count);
    assert!(
        page.items
            .iter()
            .all(|record| record.status == Status::Complete)
    );
}

#[test]
fn sqlite_shows_every_text_as_git_and_iconv_have_it_and_every_blob_has_the_name_of_b3sum() {
    let place = Place::new();
    let nul = b"declared text, with \0 inside\n";
    let more = [
        file("u16.txt", b"\xff\xfeh\0\xe4\0l\0l\0\n\0"),
        file("u16be.txt", b"\xfe\xff\0h\0\xe4\0\n"),
        file("u32.txt", b"\xff\xfe\0\0h\0\0\0\n\0\0\0"),
        file("bom.txt", b"\xef\xbb\xbfwith a mark\n"),
        file(
            "latin.txt",
            "Stra\u{df}e und \u{c4}rger, sch\u{f6}n gr\u{fc}n, na\u{ef}ve caf\u{e9}\n"
                .chars()
                .map(|c| c as u8)
                .collect::<Vec<u8>>(),
        ),
        file(".gitattributes", "nul.c diff\nplain.dat binary\n"),
        file("nul.c", nul),
        file("plain.dat", "text by its bytes, binary by its attributes\n"),
        file("empty", ""),
        file("logo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        file(b"not-utf8-\xff\xfe.txt", "its name is bytes\n"),
    ];
    let files = [
        shapes()
            .into_iter()
            .filter(|file| file.1 != b".gitattributes")
            .collect(),
        more.to_vec(),
        many(200),
    ]
    .concat();
    let repository = benign::repository(place.folder.path(), "r.git", "sha1", &files);
    let record = put_all(&place.store, &repository);
    let truth = blobs(&repository, "HEAD");

    let rows = place.sql(&format!(
        "SELECT hex(CAST(path AS BLOB)), typeof(path), kind, content, encoding, digest,
                hex(CAST(text AS BLOB)), text IS NULL, hex(CAST(target AS BLOB))
         FROM import_files WHERE import_id = {}",
        record.id
    ));
    let (mut texts, mut binaries, mut links) = (0, 0, 0);
    let mut encodings = BTreeSet::new();
    for row in &rows {
        let path = unhex(&row[0]);
        let shown = gitlade::Printable(&path).to_string();
        let is_utf8 = std::str::from_utf8(&path).is_ok();
        assert_eq!(row[1], if is_utf8 { "text" } else { "blob" }, "{shown}");
        match (row[2].as_str(), row[3].as_str()) {
            ("symlink", _) => {
                assert_eq!(unhex(&row[8]), truth[&path], "{shown}");
                links += 1;
            }
            ("file", "text") => {
                let expected = match row[4].as_str() {
                    "utf-8" => truth[&path]
                        .strip_prefix(b"\xef\xbb\xbf")
                        .unwrap_or(&truth[&path])
                        .to_vec(),
                    encoding => decoded(&truth[&path], encoding),
                };
                assert!(unhex(&row[6]) == expected, "{shown} in {}", row[4]);
                encodings.insert(row[4].clone());
                texts += 1;
            }
            ("file", "binary") => {
                assert_eq!(row[7], "1", "{shown}");
                let blob = place
                    .root()
                    .join("blobs")
                    .join(&row[5][..2])
                    .join(&row[5][2..]);
                assert!(
                    std::fs::read(blob).expect("because it is there") == truth[&path],
                    "{shown}"
                );
                binaries += 1;
            }
            other => assert_eq!(other, ("submodule", "NULL"), "{shown}"),
        }
    }
    assert_eq!((texts + binaries + links), truth.len());
    assert!(
        texts > 200 && binaries >= 3 && links >= 2,
        "{texts} {binaries} {links}"
    );
    for encoding in ["utf-8", "utf-16le", "utf-16be", "utf-32le"] {
        assert!(encodings.contains(encoding), "{encodings:?}");
    }
    assert!(
        encodings.len() >= 5,
        "a legacy one is missing: {encodings:?}"
    );
    assert_eq!(
        place
            .store
            .text(record.id, "nul.c")
            .expect("because it is declared")
            .as_bytes(),
        nul
    );

    // Names are what b3sum prints, for every file below `blobs`.
    let mut files = 0;
    for fan in std::fs::read_dir(place.root().join("blobs")).expect("because it is there") {
        let fan = fan.expect("because it is there").path();
        let Some(first) = fan
            .file_name()
            .and_then(|name| name.to_str())
            .filter(|name| name.len() == 2)
        else {
            continue;
        };
        for blob in std::fs::read_dir(&fan).expect("because it is there") {
            let blob = blob.expect("because it is there").path();
            let said = through(
                "b3sum",
                &["--no-names"],
                &std::fs::read(&blob).expect("because it is there"),
            );
            let name = format!(
                "{first}{}",
                blob.file_name()
                    .and_then(|name| name.to_str())
                    .expect("hex")
            );
            assert_eq!(String::from_utf8_lossy(&said).trim(), name);
            files += 1;
        }
    }
    assert!(files >= 7, "{files}");
    check_against_git(&place, record.id, &repository, "shapes");
}

/// The queries of the module's documentation.
#[test]
fn the_views_answer_what_a_web_editor_asks() {
    let place = Place::new();
    let files = [
        file("README.md", "# hello\n"),
        file("src/main.rs", "fn main() {}\n"),
        file("src/deep/er/mod.rs", "//! x\n"),
        file("src/logo.png", b"\x89PNG\r\n\x1a\n\0"),
        file("doc/a.txt", "a\n"),
    ];
    let repository = benign::repository(place.folder.path(), "r.git", "sha1", &files);
    let id = put_all(&place.store, &repository).id;
    let one = |query: &str| place.sql(&query.replace("$id", &id.to_string()));
    assert_eq!(
        one(
            "SELECT rtrim(text, char(10)) FROM import_files WHERE import_id = $id AND path = 'README.md'"
        ),
        [["# hello"]]
    );
    assert_eq!(
        one("SELECT name, 'folder' FROM import_folders WHERE import_id = $id AND folder = 'src'
             UNION ALL
             SELECT name, kind FROM import_files WHERE import_id = $id AND folder = 'src' ORDER BY 1"),
        [["deep", "folder"], ["logo.png", "file"], ["main.rs", "file"]]
    );
    assert_eq!(
        one("SELECT path FROM import_folders WHERE import_id = $id ORDER BY position"),
        [["doc"], ["src"], ["src/deep"], ["src/deep/er"]]
    );
    let listed = git(
        &repository,
        &[
            "ls-tree",
            "-r",
            "-t",
            "HEAD",
            "--format=%(objectmode) %(objectname) %(path)",
        ],
    );
    let rows = one(
        "SELECT mode || ' ' || object_id || ' ' || path FROM (
             SELECT mode, object_id, path, position FROM import_files WHERE import_id = $id
             UNION ALL SELECT mode, object_id, path, position FROM import_folders WHERE import_id = $id)
         ORDER BY position",
    );
    assert_eq!(rows.concat().join("\n"), listed.trim());
    assert_eq!(
        one("SELECT status, files, commit_id FROM import_list WHERE id = $id"),
        [[
            "complete",
            "5",
            git(&repository, &["rev-parse", "HEAD"]).trim()
        ]]
    );
    // What is looked up is found by an index.
    for query in [
        "SELECT text FROM import_files WHERE import_id = 1 AND path = 'x'",
        "SELECT import_id, path FROM import_files WHERE digest = 'x' AND import_id = 1",
    ] {
        let plan = place
            .sql(&format!("EXPLAIN QUERY PLAN {query}"))
            .concat()
            .join("\n");
        assert!(!plan.contains("SCAN"), "{plan}");
    }
}

/// Makes all objects of a repository loose, a file for each.
fn unpack(repository: &Path) {
    let packs = repository.join("objects/pack");
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(&packs).expect("because it is there") {
        let path = file.expect("because it is there").path();
        if path
            .extension()
            .is_some_and(|extension| extension == "pack")
        {
            bytes.push(std::fs::read(&path).expect("because it is there"));
        }
        std::fs::remove_file(path).expect("because it is ours");
    }
    for pack in bytes {
        Git::at(repository).feed(&["unpack-objects", "-q"], &pack);
    }
}

#[test]
fn a_child_commit_reads_only_the_blobs_that_changed() {
    let place = Place::new();
    let files = [shapes(), many(300)].concat();
    let repository = benign::repository(place.folder.path(), "r.git", "sha1", &files);
    let first = put_all(&place.store, &repository);
    let mut changed: Vec<_> = files
        .into_iter()
        .filter(|file| file.1 != b"empty")
        .collect();
    changed.push(file("brand/new.txt", "this was not there before\n"));
    let changed = benign::repository(place.folder.path(), "changed.git", "sha1", &changed);
    let expected = ndjson(
        local(&changed, &Options::default())
            .expect("because it is sound")
            .manifest(),
    );
    let truth = blobs(&changed, "HEAD");

    // Every blob that the first import has read is taken away, and so are the unchanged trees, but
    // for those that entries are understood by: attributes, targets of symlinks, and what attributes
    // declare to be text.
    let lines = String::from_utf8(expected.clone()).expect("because it is JSON");
    let side: BTreeSet<String> = lines
        .lines()
        .filter(|line| {
            line.contains("\"kind\":\"symlink\"")
                || line.contains("\"basis\":\"attributes\"")
                || line.contains(".git")
        })
        .filter_map(|line| {
            let record: serde_json::Value = serde_json::from_str(line).ok()?;
            Some(record["oid"].as_str()?.to_owned())
        })
        .collect();
    let old: BTreeSet<String> = git(
        &repository,
        &["rev-list", "--objects", "--no-object-names", "HEAD"],
    )
    .lines()
    .map(str::to_owned)
    .collect();
    unpack(&changed);
    let mut removed = 0;
    for id in old.difference(&side) {
        let loose = changed.join("objects").join(&id[..2]).join(&id[2..]);
        removed += usize::from(std::fs::remove_file(loose).is_ok());
    }
    assert!(removed > 250, "{removed}");
    assert!(
        local(&changed, &Options::default()).is_err(),
        "the objects are gone"
    );

    let second =
        put(&place.store, &changed, &Options::default()).expect("because the store has the rest");
    let manifest = place
        .store
        .manifest(second.id)
        .expect("because it is complete");
    assert_same(&ndjson(&manifest), &expected, "again");
    for (path, bytes) in truth {
        assert!(
            place
                .store
                .bytes(second.id, &path)
                .expect("because it is there")
                == bytes
        );
    }
    assert_ne!(first.outcome, second.outcome);
    assert_sound(&place, "child");

    // The same commit once more needs no more than the commit and its tree.
    let kept = git(&changed, &["rev-parse", "HEAD", "HEAD^{tree}"]);
    for fan in std::fs::read_dir(changed.join("objects")).expect("because it is there") {
        let fan = fan.expect("because it is there").path();
        for object in std::fs::read_dir(&fan).into_iter().flatten() {
            let object = object.expect("because it is there").path();
            let name = format!(
                "{}{}",
                fan.file_name().and_then(|n| n.to_str()).unwrap_or(""),
                object.file_name().and_then(|n| n.to_str()).unwrap_or("")
            );
            if name.len() == 40 && !kept.contains(&name) {
                std::fs::remove_file(object).expect("because it is there");
            }
        }
    }
    let third = put_all(&place.store, &changed);
    assert_eq!(third.outcome, second.outcome);
    assert_eq!(place.number("SELECT count(*) FROM snapshots"), 2);
}

#[test]
fn a_known_commit_of_a_server_is_not_fetched_again() {
    let place = Place::new();
    let repository = benign::repository(place.folder.path(), "r.git", "sha1", &many(50));
    let server = GitHttp::serve(place.folder.path());
    let url = server.url("r.git");
    let import =
        |store: &Store| store.import(&Source::parse(&url)?, &from_loopback(), &Control::new());
    let first = import(&place.store).expect("because the server is honest");
    let bodies = |server: &GitHttp| {
        let wanted = |request: &gitlade_tests::server::Request| {
            request.body.windows(5).any(|part| part == b"want ")
        };
        server
            .requests()
            .iter()
            .filter(|request| wanted(request))
            .count()
    };
    assert_eq!(bodies(&server), 1);
    let second = import(&place.store).expect("because the server is honest");
    assert_eq!(bodies(&server), 1, "a pack was asked for");
    assert_eq!(first.outcome, second.outcome);
    let expected = ndjson(
        remote(&url, &from_loopback())
            .expect("because the server is honest")
            .manifest(),
    );
    let manifest = place
        .store
        .manifest(second.id)
        .expect("because it is complete");
    assert_same(&ndjson(&manifest), &expected, "again");

    // From the disk it is the same snapshot, and only the header differs.
    let here = put_all(&place.store, &repository);
    assert_eq!(place.number("SELECT count(*) FROM snapshots"), 1);
    let expected = ndjson(
        local(&repository, &Options::default())
            .expect("because it is sound")
            .manifest(),
    );
    let manifest = place
        .store
        .manifest(here.id)
        .expect("because it is complete");
    assert_same(&ndjson(&manifest), &expected, "again");
    assert_sound(&place, "remote");
}

/// From 4 MiB on a text is written piece by piece, and its value is a BLOB of which the view makes TEXT.
#[test]
fn large_texts_come_out_of_the_view_as_git_and_iconv_have_them() {
    const LARGE: usize = 4 << 20;
    let place = Place::new();
    let text = |size: usize, line: &str| -> Vec<u8> {
        line.bytes().cycle().take(size - 1).chain([b'\n']).collect()
    };
    // Characters of several bytes lie over the ends of all pieces; the last one is whole.
    let wide = ["x", &"\u{2192}\u{e4}\n".repeat(LARGE / 6 + 1)].concat();
    let latin = text(LARGE + 5, "na\u{ef}ve caf\u{e9}s\n");
    let latin = through("iconv", &["-c", "-f", "utf-8", "-t", "latin1"], &latin);
    let files = [
        file("below", text(LARGE - 1, "below the size\n")),
        file("at", text(LARGE, "at the size\n")),
        file("above", text(LARGE + 1, "above the size\n")),
        file("wide", wide),
        file("latin", [latin, text(LARGE, "and more\n")].concat()),
        file("small", "small\n"),
    ];
    let repository = benign::repository(place.folder.path(), "r.git", "sha1", &files);
    let record = put_all(&place.store, &repository);
    assert_sound(&place, "large texts");
    check_against_git(&place, record.id, &repository, "large texts");
    for (path, bytes) in blobs(&repository, "HEAD") {
        let name = String::from_utf8(path).expect("because it is ASCII");
        let encoding = place.sql(&format!(
            "SELECT encoding FROM import_files WHERE path = '{name}'"
        ));
        let expected = decoded(&bytes, &encoding[0][0]);
        let file = place.folder.path().join("expected");
        std::fs::write(&file, &expected).expect("because there is room");
        let rows = place.sql(&format!(
            "SELECT v.text = CAST(readfile('{}') AS TEXT), typeof(v.text), typeof(t.text)
             FROM import_files v JOIN files f USING (path) JOIN texts t USING (content_id)
             WHERE path = '{name}'",
            file.display()
        ));
        let kept = if expected.len() < LARGE {
            "text"
        } else {
            "blob"
        };
        assert_eq!(rows, [["1", "text", kept]], "{name}");
    }
    let known = place.number("SELECT count(*) FROM texts WHERE typeof(text) = 'blob'");
    assert_eq!(known, 4);
    // All of it is what it should be, and nothing is written twice.
    let report = place
        .store
        .check(&gitlade::CheckOptions::default(), &Control::new())
        .expect("because nothing is wrong with it");
    assert_eq!(report.problems, 0);
    assert_eq!(report.texts, 6);
    let again = put(
        &place.store,
        &repository,
        &Options::default().exclude("small"),
    );
    again.expect("because it is sound");
    assert_eq!(place.number("SELECT count(*) FROM texts"), 6);
}

#[test]
fn options_make_own_snapshots_and_share_contents() {
    let place = Place::new();
    let repository = benign::repository(
        place.folder.path(),
        "r.git",
        "sha1",
        &[shapes(), many(100)].concat(),
    );
    put_all(&place.store, &repository);
    let contents = place.number("SELECT count(*) FROM contents");
    for options in [
        Options::default().subdir("sub"),
        Options::default().include("*.txt"),
        Options::default().exclude("*.bin"),
        Options::default().limits(gitlade::Limits::default().max_blob(20)),
    ] {
        let record = put(&place.store, &repository, &options).expect("because it is sound");
        let expected = ndjson(
            local(&repository, &options)
                .expect("because it is sound")
                .manifest(),
        );
        let manifest = place
            .store
            .manifest(record.id)
            .expect("because it is complete");
        assert_same(&ndjson(&manifest), &expected, "again");
        let again = put(&place.store, &repository, &options).expect("because it is sound");
        assert_eq!(again.outcome, record.outcome);
    }
    assert_eq!(place.number("SELECT count(*) FROM contents"), contents);
    assert_eq!(place.number("SELECT count(*) FROM snapshots"), 5);
    assert_sound(&place, "options");
    let missing = put(
        &place.store,
        &repository,
        &Options::default().subdir("nowhere"),
    );
    assert_eq!(
        missing.expect_err("because there is none").kind(),
        ErrorKind::PathNotFound
    );
}

/// A commit and its tree have the same rows, and manifests that differ: what leads to the folder.
#[test]
fn a_folder_of_a_bare_tree_keeps_the_tree_that_it_is_in() {
    let place = Place::new();
    let repository = benign::repository(place.folder.path(), "r.git", "sha1", &shapes());
    let whole = git(&repository, &["rev-parse", "HEAD^{tree}"]);
    for revision in ["HEAD", whole.as_str(), "HEAD"] {
        let options = Options::default().revision(revision).subdir("sub");
        let import = local(&repository, &options).expect("because it is sound");
        let expected = ndjson(import.manifest());
        let has_whole = String::from_utf8_lossy(&expected).contains(&whole);
        assert_eq!(has_whole, revision == whole, "{revision}");
        let record = put(&place.store, &repository, &options).expect("because it is sound");
        let manifest = place
            .store
            .manifest(record.id)
            .expect("because it is complete");
        assert_same(&ndjson(&manifest), &expected, revision);
    }
    assert_eq!(place.number("SELECT count(*) FROM snapshots"), 1);
    let kept = place.sql("SELECT lower(hex(whole_tree_id)) FROM snapshots");
    assert_eq!(kept, [[whole]]);
}

/// What the rules of version 1 say of the contents of the corpus.
const VERDICTS: (u64, &str) = (
    1,
    "38a31e4c401ffcf536cc13d6778d686a944d8d47cf26eff57a5377b7bbc22324",
);

/// Facts that older rules found are believed as long as the version of the rules is the same.
#[test]
fn other_verdicts_need_another_version_of_the_rules() {
    let place = Place::new();
    let mut verdicts = BTreeSet::new();
    for sample in corpus::all() {
        if !sample.name.starts_with("contents/") {
            continue;
        }
        let dir = place.folder.path().join(sample.name);
        sample.make(&dir);
        let id = put_all(&place.store, &sample.opened(&dir)).id;
        let manifest = ndjson(&place.store.manifest(id).expect("because it is complete"));
        for line in manifest.split(|&byte| byte == b'\n') {
            let Ok(record) = serde_json::from_slice::<serde_json::Value>(line) else {
                continue;
            };
            if record["kind"] == "file" {
                let keys = [
                    "oid",
                    "content",
                    "encoding",
                    "bom",
                    "eol",
                    "lines",
                    "mime",
                    "basis",
                    "git_binary",
                    "lfs",
                ];
                let words: Vec<String> = keys.iter().map(|key| record[key].to_string()).collect();
                verdicts.insert(words.join(" "));
            }
        }
    }
    assert!(verdicts.len() > 100, "{}", verdicts.len());
    let all: Vec<String> = verdicts.into_iter().collect();
    let digest = blake3::hash(all.join("\n").as_bytes()).to_hex();
    let version = place.number("SELECT max(rules) FROM snapshots");
    assert_eq!(
        (version, digest.as_str()),
        VERDICTS,
        "if the corpus has new contents, only the digest here changes; if contents that were there \
         have other verdicts now, raise RULES_VERSION too"
    );
}

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
