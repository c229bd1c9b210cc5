use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{UInt32Type, UInt64Type};
use arrow_array::{Array, RecordBatch};

use super::stream::Batches;
use super::{ArrowStream, Origin, TableOptions};
use crate::error::ErrorKind;
use crate::import::{Control, Import, Options, import_path};
use crate::oracle::Repository;
use crate::source::Source;
use crate::store::Store;

fn import(repository: &Repository) -> Arc<Import> {
    let path = repository.path();
    Arc::new(import_path(path, &Options::default(), &Control::new()).expect("it is sound"))
}

/// All batches, and the schema's columns by name.
fn batches(origin: Origin, options: &TableOptions) -> Vec<RecordBatch> {
    Batches::new(origin, options)
        .expect("because the options are right")
        .collect::<Result<_, _>>()
        .expect("because the repository is sound")
}

fn texts(batch: &RecordBatch, column: &str) -> Vec<Option<String>> {
    let column = batch.column_by_name(column).expect("it is in the schema");
    let column = column.as_string::<i32>();
    column.iter().map(|text| text.map(str::to_owned)).collect()
}

fn sample() -> Repository {
    use std::os::unix::ffi::OsStrExt;
    let repository = Repository::new();
    repository.write("a/text.txt", "eins\r\nzwei ß\r\n".as_bytes());
    repository.write("a/utf-16.txt", b"\xff\xfea\0\n\0");
    repository.write("logo.png", b"\x89PNG\r\n\x1a\n\0\0");
    let odd = repository
        .path()
        .join(std::ffi::OsStr::from_bytes(b"\xff-name"));
    std::fs::write(odd, b"").unwrap();
    std::os::unix::fs::symlink("a/text.txt", repository.path().join("link")).unwrap();
    repository.commit();
    repository
}

#[test]
fn rows_are_what_git_lists() {
    let repository = sample();
    let listed = repository.git(&["ls-tree", "-r", "-t", "-z", "HEAD"], b"");
    let listed = listed
        .split(|&byte| byte == 0)
        .filter(|line| !line.is_empty());
    let mut rows = Vec::new();
    for batch in batches(
        Origin::Import(import(&repository)),
        &TableOptions::default(),
    ) {
        let paths = batch
            .column_by_name("path_bytes")
            .unwrap()
            .as_binary::<i32>();
        let modes = batch.column_by_name("mode").unwrap();
        let modes = modes.as_primitive::<UInt32Type>();
        let ids = texts(&batch, "oid");
        assert_eq!(ids.len(), batch.num_rows());
        for (row, id) in ids.iter().enumerate() {
            let kind = match modes.value(row) {
                0o40000 => "tree",
                _ => "blob",
            };
            let id = id.as_deref().unwrap();
            let mut line = format!("{:06o} {kind} {id}\t", modes.value(row)).into_bytes();
            line.extend_from_slice(paths.value(row));
            rows.push(line);
        }
        let texts = texts(&batch, "path");
        for (text, bytes) in texts.iter().zip(paths) {
            let valid = std::str::from_utf8(bytes.unwrap()).ok();
            assert_eq!(text.as_deref(), valid);
        }
    }
    assert_eq!(rows, listed.map(<[u8]>::to_vec).collect::<Vec<_>>());
}

#[test]
fn columns_say_what_was_written() {
    let repository = sample();
    let options = TableOptions::default().data(true).text(true);
    let batches = batches(Origin::Import(import(&repository)), &options);
    let [batch] = &batches[..] else {
        panic!("it is small enough for one batch");
    };
    let path = texts(batch, "path");
    let row = |name: &str| {
        let place = path.iter().position(|path| path.as_deref() == Some(name));
        place.expect("it was committed")
    };
    let text = |name: &str, column: &str| texts(batch, column)[row(name)].clone();
    let data = batch.column_by_name("data").unwrap().as_binary::<i64>();
    let whole = batch.column_by_name("text").unwrap().as_string::<i64>();
    let lines = batch.column_by_name("lines").unwrap();
    let lines = lines.as_primitive::<UInt64Type>();

    assert_eq!(text("a/text.txt", "eol").as_deref(), Some("crlf"));
    assert_eq!(text("a/text.txt", "content").as_deref(), Some("text"));
    assert_eq!(lines.value(row("a/text.txt")), 2);
    assert_eq!(
        data.value(row("a/text.txt")),
        "eins\r\nzwei ß\r\n".as_bytes()
    );
    assert_eq!(whole.value(row("a/text.txt")), "eins\r\nzwei ß\r\n");
    assert_eq!(
        text("a/utf-16.txt", "encoding").as_deref(),
        Some("utf-16le")
    );
    assert_eq!(text("a/utf-16.txt", "bom").as_deref(), Some("utf16-le"));
    assert_eq!(whole.value(row("a/utf-16.txt")), "a\n");
    assert_eq!(text("logo.png", "mime").as_deref(), Some("image/png"));
    assert!(whole.is_null(row("logo.png")) && !data.is_null(row("logo.png")));
    assert_eq!(text("link", "target").as_deref(), Some("a/text.txt"));
    assert_eq!(text("link", "kind").as_deref(), Some("symlink"));
    assert!(data.is_null(row("a")) && whole.is_null(row("a")));
    // printf 'a/text.txt' | b3sum
    let target = blake3::hash(b"a/text.txt").to_string();
    assert_eq!(text("link", "digest"), Some(target));
}

#[test]
fn batches_are_bounded_by_rows_and_bytes() {
    let repository = sample();
    let import = import(&repository);
    let rows = |options: &TableOptions| {
        let batches = batches(Origin::Import(Arc::clone(&import)), options);
        batches
            .iter()
            .map(RecordBatch::num_rows)
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(&TableOptions::default().max_rows(4)), [4, 2]);
    assert_eq!(rows(&TableOptions::default().max_rows(1)), [1; 6]);
    // Every row alone is over the bound.
    assert_eq!(rows(&TableOptions::default().max_bytes(1)), [1; 6]);
    let error = ArrowStream::of_import(import, &TableOptions::default().max_rows(0)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidOptions);
}

#[test]
fn rows_are_the_entries_that_were_chosen() {
    let repository = sample();
    let import = import(&repository);
    let table = |places: &[usize]| {
        let options = TableOptions::default().max_rows(2);
        let options = options.entries(places.iter().copied());
        let batches = batches(Origin::Import(Arc::clone(&import)), &options);
        let paths = batches.iter().flat_map(|batch| texts(batch, "path"));
        paths.map(Option::unwrap).collect::<Vec<_>>()
    };
    let listed = repository.git(&["-c", "core.quotePath=false", "ls-files", "*.txt"], b"");
    let listed = String::from_utf8(listed).unwrap();
    let files = import.manifest().files();
    let chosen: Vec<_> = files
        .filter(|entry| entry.name().ends_with(b".txt"))
        .map(|entry| entry.index())
        .collect();
    assert_eq!(table(&chosen), listed.lines().collect::<Vec<_>>());
    assert_eq!(table(&[2, 0, 2]), ["a/utf-16.txt", "a", "a/utf-16.txt"]);
    assert!(table(&[]).is_empty());
    let beyond = TableOptions::default().entries([0, import.manifest().len()]);
    let error = ArrowStream::of_import(import, &beyond).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidOptions);
}

#[test]
fn targets_count_among_the_bytes_of_a_batch() {
    let repository = Repository::new();
    for name in ["a", "b", "c"] {
        let target = "t".repeat(1_000);
        std::os::unix::fs::symlink(target, repository.path().join(name)).unwrap();
    }
    repository.commit();
    let options = TableOptions::default().max_bytes(1_500);
    let batches = batches(Origin::Import(import(&repository)), &options);
    let rows: Vec<_> = batches.iter().map(RecordBatch::num_rows).collect();
    assert_eq!(rows, [2, 1]);
}

#[test]
fn stored_imports_have_the_content_of_fresh_ones() {
    let repository = sample();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let source = Source::Local(repository.path().to_owned());
    let record = store
        .import(&source, &Options::default(), &Control::new())
        .expect("it is sound");
    let manifest = Arc::new(store.manifest(record.id).expect("it is complete"));
    let options = TableOptions::default().data(true).text(true);
    let stored = batches(Origin::Stored(store, record.id, manifest), &options);
    let fresh = batches(Origin::Import(import(&repository)), &options);
    assert_eq!(stored, fresh);
}

#[test]
fn manifests_alone_have_no_content() {
    let repository = sample();
    let manifest = Arc::try_unwrap(import(&repository))
        .expect("because there is one share")
        .into_manifest();
    let manifest = Arc::new(manifest);
    let plain = TableOptions::default();
    let stream = ArrowStream::of_manifest(Arc::clone(&manifest), &plain);
    assert!(stream.is_ok());
    for options in [plain.clone().data(true), plain.text(true)] {
        let error = ArrowStream::of_manifest(Arc::clone(&manifest), &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidOptions);
    }
}
