//! What a sink gets while an import runs is what Git has, each blob once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gitlade::{
    BlobInfo, BlobSink, Cancel, Content, Control, Error, ErrorKind, Options, Source, import_into,
};
use gitlade_tests::git::Git;
use gitlade_tests::server::GitHttp;
use tempfile::TempDir;

use crate::benign::{alike, file, many, noise, repository, shapes};
use crate::importing::{body, from_loopback};

#[derive(Default)]
struct Collected(Mutex<BTreeMap<String, (BlobInfo, Vec<u8>)>>);

impl BlobSink for Collected {
    fn put(&self, blob: &BlobInfo, bytes: &[u8]) -> Result<(), Error> {
        let mut collected = self.0.lock().expect("no sink panicked");
        let before = collected.insert(blob.id.to_string(), (blob.clone(), bytes.to_vec()));
        assert!(before.is_none(), "{} came twice", blob.id);
        Ok(())
    }
}

fn fixture() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("there is room");
    let mut files = shapes();
    files.extend(alike(40));
    files.push(file("large/noise", noise(5, 9 << 20)));
    files.push(file("large/even", vec![b'e'; 20 << 20]));
    let path = repository(folder.path(), "all.git", "sha1", &files);
    (folder, path)
}

/// Ids of the blobs that files and symlinks below `folder` name, and their bytes.
fn blobs_of_git(repository: &Path, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let git = Git::at(repository);
    let listed = git.run(&["ls-tree", "-r", "-z", &format!("main:{folder}")]);
    listed
        .split(|&byte| byte == 0)
        .filter_map(|line| {
            let head = line.split(|&byte| byte == b'\t').next()?;
            let mut words = std::str::from_utf8(head).ok()?.split(' ').skip(1);
            (words.next()? == "blob").then(|| words.next())?
        })
        .map(|id| (id.to_owned(), git.run(&["cat-file", "blob", id])))
        .collect()
}

fn check(source: &str, folder: &str, options: &Options, expected: &BTreeMap<String, Vec<u8>>) {
    let source = Source::parse(source).expect("it is a good source");
    let options = match folder {
        "" => options.clone(),
        folder => options.clone().subdir(folder),
    };
    let sink = Collected::default();
    let import = import_into(&source, &options, &Control::new(), &sink).expect("it is sound");
    let collected = sink.0.into_inner().expect("no sink panicked");
    let ids: Vec<&String> = collected.keys().collect();
    assert_eq!(ids, expected.keys().collect::<Vec<_>>());
    for (id, (blob, bytes)) in &collected {
        assert!(*bytes == expected[id], "{id} has other bytes");
        assert_eq!(blob.size, bytes.len() as u64);
        assert_eq!(blob.digest.0, *blake3::hash(bytes).as_bytes());
        let is_utf8 = std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0);
        if let Content::Binary { .. } = blob.content {
            assert!(!is_utf8 || bytes.contains(&0x1b), "{id}");
        }
    }
    // The sink has no say in the manifest.
    let plain = gitlade::import(&source, &options, &Control::new()).expect("it is sound");
    assert_eq!(body(import.manifest()), body(plain.manifest()));
}

#[test]
fn a_sink_gets_each_blob_of_a_local_import_once() {
    let (_folder, repository) = fixture();
    let path = repository.to_str().expect("temporary names are plain");
    for memory in [2 << 20, 256 << 20] {
        let options = Options::default().memory(memory);
        for folder in ["", "alike"] {
            check(path, folder, &options, &blobs_of_git(&repository, folder));
        }
    }
}

#[test]
fn a_sink_gets_each_blob_of_a_remote_import_once() {
    let (folder, repository) = fixture();
    let server = GitHttp::serve(folder.path());
    for memory in [2 << 20, 256 << 20] {
        let options = from_loopback().memory(memory);
        for folder in ["", "sizes"] {
            let expected = blobs_of_git(&repository, folder);
            check(&server.url("all.git"), folder, &options, &expected);
        }
    }
}

#[test]
fn a_sink_gets_nothing_that_is_too_large_or_filtered() {
    let (_folder, repository) = fixture();
    let path = repository.to_str().expect("temporary names are plain");
    let mut options = Options::default().include("sizes/*").exclude("*.a");
    options.limits = options.limits.max_blob(8_000);
    let sink = Collected::default();
    let source = Source::parse(path).expect("it is a path");
    import_into(&source, &options, &Control::new(), &sink).expect("it is sound");
    let mut sizes: Vec<u64> = sink
        .0
        .into_inner()
        .expect("no sink panicked")
        .into_values()
        .map(|(blob, _)| blob.size)
        .collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [0, 1, 1023, 1024, 1025, 2048, 2049, 7999, 8000]);
}

/// Fails at one of the blobs, or cancels.
struct Fails {
    left: AtomicUsize,
    cancel: Option<Cancel>,
}

impl BlobSink for Fails {
    fn put(&self, _: &BlobInfo, _: &[u8]) -> Result<(), Error> {
        if self.left.fetch_sub(1, Ordering::Relaxed) != 1 {
            return Ok(());
        }
        match &self.cancel {
            Some(cancel) => {
                cancel.cancel();
                Ok(())
            }
            None => Err(Error::host("the host's shelf is full")),
        }
    }
}

#[test]
fn a_sink_that_fails_ends_the_import_with_its_error() {
    let (folder, repository) = fixture();
    let server = GitHttp::serve(folder.path());
    let path = repository
        .to_str()
        .expect("temporary names are plain")
        .to_owned();
    for source in [path, server.url("all.git")] {
        let source = Source::parse(&source).expect("it is a good source");
        for at in [1, 7, 60] {
            for cancels in [false, true] {
                let control = Control::new();
                let sink = Fails {
                    left: AtomicUsize::new(at),
                    cancel: cancels.then(|| control.cancel.clone()),
                };
                let error = import_into(&source, &from_loopback(), &control, &sink)
                    .expect_err("the sink failed");
                if cancels {
                    assert_eq!(error.kind(), ErrorKind::Cancelled);
                    continue;
                }
                assert_eq!(error.kind(), ErrorKind::Host);
                let cause = std::error::Error::source(&error).expect("it has a cause");
                assert_eq!(cause.to_string(), "the host's shelf is full");
            }
        }
    }
}

/// Waits for the pool of whoever calls it, as a library does that works in parallel.
struct Parallel;

impl BlobSink for Parallel {
    #[expect(
        clippy::disallowed_methods,
        reason = "it is the pool of whoever calls it, and no global one"
    )]
    fn put(&self, _: &BlobInfo, bytes: &[u8]) -> Result<(), Error> {
        let (first, second) = bytes.split_at(bytes.len() / 2);
        let sum = |half: &[u8]| half.iter().map(|&byte| u64::from(byte)).sum::<u64>();
        for _ in 0..20 {
            rayon::join(|| sum(first), std::thread::yield_now);
            rayon::join(std::thread::yield_now, || sum(second));
        }
        Ok(())
    }
}

#[test]
fn a_sink_may_work_in_parallel() {
    let (folder, repository) = fixture();
    Git::at(&repository).run(&["repack", "-adfq", "--depth=20"]);
    let server = GitHttp::serve(folder.path());
    let path = repository.display().to_string();
    for source in [path, server.url("all.git")] {
        let source = Source::parse(&source).expect("it is a good source");
        for threads in [1, 2, 4] {
            let (sender, ended) = std::sync::mpsc::channel();
            let (source, options) = (source.clone(), from_loopback().threads(threads));
            std::thread::spawn(move || {
                let result = import_into(&source, &options, &Control::new(), &Parallel);
                sender.send(result.map(drop)).expect("somebody waits");
            });
            ended
                .recv_timeout(Duration::from_secs(300))
                .expect("it ends")
                .expect("it is sound");
        }
    }
}

/// Takes its time.
struct Slow;

impl BlobSink for Slow {
    fn put(&self, _: &BlobInfo, _: &[u8]) -> Result<(), Error> {
        std::thread::sleep(Duration::from_millis(50));
        Ok(())
    }
}

#[test]
fn the_deadline_counts_after_the_last_byte_too() {
    let folder = tempfile::tempdir().expect("there is room");
    repository(folder.path(), "many.git", "sha1", &many(400));
    let server = GitHttp::serve(folder.path());
    let source = Source::parse(server.url("many.git")).expect("it is a URL");
    let mut options = from_loopback().threads(2);
    options.remote.timeouts = options.remote.timeouts.total(Duration::from_secs(2));
    let error = import_into(&source, &options, &Control::new(), &Slow)
        .expect_err("it takes ten seconds by itself");
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    assert_eq!(error.advice().as_deref(), Some("give the import more time"));
    // What is over in time can be read for as long as one likes.
    options.remote.timeouts = options.remote.timeouts.total(Duration::from_secs(60));
    let import = gitlade::import(&source, &options, &Control::new()).expect("it is sound");
    let entry = import.manifest().get("many/0/0/0.txt".as_bytes());
    let blob = import.blob(entry.expect("it is there"));
    assert_eq!(&*blob.expect("it is there"), b"file 0\n");
}

/// A small pack of large objects, by deltas.
#[test]
fn what_deltas_make_of_little_counts() {
    let folder = tempfile::tempdir().expect("there is room");
    let files: Vec<_> = (0..120_u32)
        .map(|number| {
            let mut content = vec![0; 1 << 20];
            content[..4].copy_from_slice(&number.to_be_bytes());
            file(format!("{number}"), content)
        })
        .collect();
    let bare = repository(folder.path(), "bomb.git", "sha1", &files);
    Git::at(&bare).run(&["repack", "-adfq", "--window=200", "--depth=1"]);
    let server = GitHttp::serve(folder.path());
    for source in [bare.display().to_string(), server.url("bomb.git")] {
        let source = Source::parse(&source).expect("it is a good source");
        let mut options = from_loopback();
        // Without deltas it would be about a thousand.
        options.limits = options.limits.max_inflate_ratio(2_000);
        let error = gitlade::import(&source, &options, &Control::new()).expect_err("it is a bomb");
        assert_eq!(error.limit(), Some("max_inflate_ratio"), "{error}");
    }
}
