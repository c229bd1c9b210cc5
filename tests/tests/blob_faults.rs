//! Blob stores whose disk, process or descriptors fail: nothing half made is seen, nothing finished
//! is lost, and putting again succeeds.
//!
//! A child puts a few blobs. strace kills it, or has a system call fail, at each of the calls that it
//! makes.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use gitlade::{
    BlobStore, ContentHash, Durability, ErrorKind, FolderBlobs, FolderOptions, SqliteBlobs,
    SqliteOptions, Verified,
};
use gitlade_tests::conformance::{digest, list, vector};
use gitlade_tests::scratch;
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::importing::{is_installed, skip};

/// Tells a child what to do: the kind of store, its place, and what limits it.
const ORDERS: &str = "GITLADE_TEST_BLOBS";

/// Looking for it marks the begin and the end of what counts in a trace.
const MARK: &str = "/gitlade-mark";

/// The kinds of store that are tried.
const KINDS: [&str; 4] = ["folder-full", "folder-deferred", "folder-zstd", "sqlite"];

fn open(kind: &str, place: &Path) -> Result<Box<dyn BlobStore>, gitlade::Error> {
    let folder = |durability, compress| {
        let options = FolderOptions::default()
            .durability(durability)
            .compress(compress);
        FolderBlobs::open_with(place, &options).map(|store| Box::new(store) as Box<dyn BlobStore>)
    };
    match kind {
        "folder-full" => folder(Durability::Full, None),
        "folder-deferred" => folder(Durability::Deferred, None),
        "folder-zstd" => folder(Durability::Full, Some(3)),
        _ => {
            let options = SqliteOptions::default().durability(Durability::Full);
            let store = SqliteBlobs::open_with(place, &options)?;
            Ok(Box::new(store))
        }
    }
}

/// What the child puts: two in one folder, one of several writes, one that is compressed.
fn blobs() -> Vec<Vec<u8>> {
    let mut blobs = vec![
        b"first".to_vec(),
        vector(1_200_000),
        Vec::new(),
        vector(20_000),
    ];
    let fan = digest(&blobs[0]).0[0];
    let same = (0..).map(|n: u32| n.to_string().into_bytes());
    let same = same.into_iter().find(|bytes| digest(bytes).0[0] == fan);
    blobs.extend(same);
    blobs
}

#[test]
#[ignore = "is what the children of other tests do"]
fn task() {
    #[expect(
        clippy::disallowed_methods,
        reason = "it is how a child gets its orders"
    )]
    let Ok(orders) = std::env::var(ORDERS) else {
        return;
    };
    let words: Vec<&str> = orders.split('\n').collect();
    let [kind, place, done, limit] = words[..] else {
        panic!("{orders}");
    };
    // strace counts the calls of each thread by itself, from one. Those of the main thread, which
    // are fewer than these, must not be meant.
    for _ in 0..60 {
        let null = fs::OpenOptions::new().write(true).open("/dev/null");
        let written = null.and_then(|mut null| std::io::Write::write(&mut null, b"x"));
        written.expect("because it takes everything");
    }
    let mut held = Vec::new();
    if let Ok(files) = limit.parse() {
        let limit = Rlimit {
            current: Some(files),
            maximum: Some(files),
        };
        setrlimit(Resource::Nofile, limit).expect("because a process may limit itself");
        if files == 32 {
            // All but two are taken.
            while let Ok(file) = fs::File::open("/dev/null") {
                held.push(file);
            }
            held.truncate(held.len().saturating_sub(2));
        }
    }
    let mark = || fs::metadata(MARK).expect_err("there is none").kind();
    mark();
    let mut results = Vec::new();
    let result = open(kind, Path::new(place)).and_then(|store| {
        for (number, bytes) in blobs().iter().enumerate() {
            match store.put(&digest(bytes), bytes) {
                Ok(_) => {
                    // One system call, and durable enough for who outlives the process.
                    let _ = fs::create_dir(Path::new(done).join(number.to_string()));
                }
                Err(error) => results.push(error),
            }
        }
        store.sync()
    });
    mark();
    results.extend(result.err());
    drop(held);
    let told: Vec<String> = results
        .iter()
        .map(|error| {
            let file = error.file().map(|file| file.display().to_string());
            let advice = error.advice().is_some();
            format!(
                "{}|{}|{advice}|{error}",
                error.kind(),
                file.unwrap_or_default()
            )
        })
        .collect();
    fs::write(Path::new(done).join("told"), told.join("\n")).expect("because there is room");
}

/// A store's place, and what the child tells of it.
struct Stage {
    folder: tempfile::TempDir,
    kind: &'static str,
}

impl Stage {
    fn new(kind: &'static str) -> Self {
        let folder = scratch();
        fs::create_dir(folder.path().join("done")).expect("because it is new");
        Stage { folder, kind }
    }

    fn place(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn done(&self) -> PathBuf {
        self.folder.path().join("done")
    }

    /// Runs the child under a wrapper.
    fn run(&self, wrapper: &[&str], place: &Path, limit: &str) -> Output {
        let this = std::env::current_exe().expect("because this program runs");
        let mut words: Vec<String> = wrapper.iter().map(|&word| word.to_owned()).collect();
        words.push(this.display().to_string());
        let orders = format!(
            "{}\n{}\n{}\n{limit}",
            self.kind,
            place.display(),
            self.done().display()
        );
        Command::new(&words[0])
            .args(&words[1..])
            .args([
                "--exact",
                "blob_faults::task",
                "--ignored",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(ORDERS, orders)
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}", words[0]))
    }

    /// The errors that the child had; `None` if it did not get so far.
    fn told(&self) -> Option<Vec<String>> {
        let told = fs::read_to_string(self.done().join("told")).ok()?;
        Some(told.lines().map(str::to_owned).collect())
    }

    /// Fails unless the store is sound, has what was finished, and takes the rest. Says how many
    /// blobs were there.
    fn check(&self, what: &str) -> usize {
        let store =
            open(self.kind, &self.place()).unwrap_or_else(|error| panic!("{what}: {error}"));
        let store = Verified::new(store);
        let all: BTreeMap<ContentHash, Vec<u8>> = blobs()
            .into_iter()
            .map(|bytes| (digest(&bytes), bytes))
            .collect();
        let there = list(&store);
        for (name, size) in &there {
            let read = store
                .get(name)
                .unwrap_or_else(|error| panic!("{what}: {error}"));
            assert!(read.as_ref() == all.get(name), "{what}");
            assert_eq!(all[name].len() as u64, *size, "{what}");
        }
        for (number, bytes) in blobs().iter().enumerate() {
            if self.done().join(number.to_string()).exists() {
                assert!(
                    there.contains_key(&digest(bytes)),
                    "{what}: blob {number} is lost"
                );
            }
        }
        // What a dead process left behind is gone.
        if let Ok(left) = fs::read_dir(self.place().join("tmp")) {
            assert_eq!(left.count(), 0, "{what}");
        }
        for (name, bytes) in &all {
            store
                .put(name, bytes)
                .unwrap_or_else(|error| panic!("{what}: {error}"));
        }
        store
            .sync()
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(list(&store).len(), all.len(), "{what}");
        there.len()
    }
}

/// The system calls by which the child changes something, or may fail to, in their order: the name
/// of each, and which one of its name it is.
fn calls(kind: &'static str) -> Vec<(String, usize)> {
    let stage = Stage::new(kind);
    let log = stage.folder.path().join("log");
    let log_path = log.display().to_string();
    let output = stage.run(
        &["strace", "-f", "-qq", "-o", &log_path],
        &stage.place(),
        "",
    );
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert_eq!(stage.told().as_deref(), Some(&[][..]));
    assert_eq!(stage.check(kind), blobs().len());
    let text = fs::read(&log).expect("because strace wrote it");
    let text = String::from_utf8_lossy(&text);
    let marked = text
        .lines()
        .find(|line| line.contains(MARK))
        .expect("because it was looked for");
    let thread = marked.split(' ').next().expect("because it begins with it");
    let mut counts = BTreeMap::new();
    let mut calls = Vec::new();
    let mut marks = 0;
    for line in text.lines() {
        let Some(rest) = line.strip_prefix(thread).map(str::trim_start) else {
            continue;
        };
        marks += usize::from(rest.contains(MARK));
        let Some((name, arguments)) = rest.split_once('(') else {
            continue;
        };
        let count: &mut usize = counts.entry(name.to_owned()).or_default();
        *count += 1;
        let changes = [
            "openat",
            "mkdir",
            "mkdirat",
            "write",
            "pwrite64",
            "fsync",
            "fdatasync",
            "syncfs",
            "rename",
            "renameat",
            "renameat2",
            "unlink",
            "unlinkat",
            "ftruncate",
            "fallocate",
            "flock",
        ];
        // The child's own list of what it has done is not the store's.
        if marks == 1 && changes.contains(&name) && !arguments.contains("/done/") {
            calls.push((name.to_owned(), *count));
        }
    }
    assert_eq!(marks, 2);
    calls
}

/// At most `most` of them, spread over all.
fn some<A: Clone>(all: &[A], most: usize) -> Vec<A> {
    let count = most.min(all.len());
    (0..count)
        .map(|n| all[n * all.len() / count].clone())
        .collect()
}

#[test]
fn killed_between_calls() {
    killed(20);
}

#[test]
#[ignore = "takes minutes; the short form tries some of the calls"]
fn killed_between_any_two_calls() {
    killed(usize::MAX);
}

fn killed(most: usize) {
    if !is_installed("strace") {
        return skip("killed_between_calls", "strace is not installed");
    }
    for kind in KINDS {
        let calls = some(&calls(kind), most);
        let (mut killed, mut counts) = (0, BTreeMap::new());
        for (name, number) in &calls {
            let stage = Stage::new(kind);
            let inject = format!("inject={name}:signal=KILL:when={number}");
            let trace = format!("trace={name}");
            let wrapper = [
                "strace",
                "-f",
                "-qq",
                "-e",
                &trace,
                "-e",
                &inject,
                "-o",
                "/dev/null",
            ];
            let output = stage.run(&wrapper, &stage.place(), "");
            assert!(!output.status.success(), "{kind}: {inject}");
            assert_eq!(output.status.signal(), Some(9), "{kind}: {inject}");
            killed += 1;
            *counts
                .entry(stage.check(&format!("{kind}: {inject}")))
                .or_insert(0) += 1;
        }
        println!("{kind}: killed at {killed} calls, blobs there: {counts:?}");
        assert!(killed > 10 && counts.len() > 2, "{kind}: {counts:?}");
    }
}

#[test]
fn failing_calls_are_told_and_leave_the_store_as_it_was() {
    failing(20);
}

#[test]
#[ignore = "takes minutes; the short form tries some of the calls"]
fn any_failing_call_is_told_and_leaves_the_store_as_it_was() {
    failing(usize::MAX);
}

fn failing(most: usize) {
    if !is_installed("strace") {
        return skip("failing_calls", "strace is not installed");
    }
    for kind in KINDS {
        let (mut failed, mut kinds) = (0, BTreeMap::<String, usize>::new());
        for (index, (name, number)) in some(&calls(kind), most).iter().enumerate() {
            // What each call fails with in life; each gets one of them, and all get their turn.
            let errors: &[&str] = match &name[..] {
                "openat" => &["EMFILE", "EACCES", "ENOSPC", "EIO", "EROFS"],
                "write" | "pwrite64" | "ftruncate" | "fallocate" => &["ENOSPC", "EIO", "EDQUOT"],
                "mkdir" | "mkdirat" | "renameat" | "rename" | "renameat2" => {
                    &["ENOSPC", "EROFS", "EDQUOT", "EACCES"]
                }
                "fsync" | "fdatasync" | "syncfs" => &["EIO", "ENOSPC"],
                "unlink" | "unlinkat" => &["EROFS", "EIO"],
                "flock" => &["EIO"],
                _ => continue,
            };
            let errno = errors[index % errors.len()];
            let stage = Stage::new(kind);
            let inject = format!("inject={name}:error={errno}:when={number}");
            let trace = format!("trace={name}");
            let wrapper = [
                "strace",
                "-f",
                "-qq",
                "-e",
                &trace,
                "-e",
                &inject,
                "-o",
                "/dev/null",
            ];
            let output = stage.run(&wrapper, &stage.place(), "");
            let what = format!("{kind}: {inject}");
            assert!(
                output.status.success(),
                "{what}: {}",
                String::from_utf8_lossy(&output.stdout)
            );
            let told = stage.told().unwrap_or_else(|| panic!("{what}"));
            for line in &told {
                let words: Vec<&str> = line.split('|').collect();
                let expected: &[&str] = match errno {
                    "ENOSPC" | "EDQUOT" => &["storage_full", "io"],
                    "EROFS" | "EACCES" => &["permission_denied", "io"],
                    _ => &["io"],
                };
                assert!(expected.contains(&words[0]), "{what}: {line}");
                // SQLite has one code for most failures; the operating system's are told apart.
                assert!(
                    kind == "sqlite" || words[0] == expected[0],
                    "{what}: {line}"
                );
                // The folder above the store is waited for as well, once.
                let file = Path::new(words[1]);
                assert!(file.starts_with(stage.folder.path()), "{what}: {line}");
                assert!(words[2] == "true" || words[0] == "io", "{what}: {line}");
                *kinds.entry(words[0].to_owned()).or_default() += 1;
            }
            failed += 1;
            stage.check(&what);
        }
        println!("{kind}: {failed} calls failed, errors told: {kinds:?}");
        assert!(failed > 10 && kinds.len() > 1, "{kind}: {kinds:?}");
    }
}

#[test]
fn no_descriptors_left() {
    for kind in KINDS {
        let stage = Stage::new(kind);
        let output = stage.run(&["env"], &stage.place(), "32");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
        let told = stage.told().expect("because the child came to its end");
        assert!(!told.is_empty(), "{kind}");
        for line in &told {
            assert!(line.starts_with("io|"), "{kind}: {line}");
            // SQLite does not say why it could not open a file of its own.
            assert!(
                line.contains("|true|") || kind == "sqlite",
                "{kind}: {line}"
            );
        }
        stage.check(kind);
    }
}

/// A file system of one megabyte in memory, where this test may make one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(folder: &Path, options: &str) -> Option<Self> {
        fs::create_dir_all(folder).expect("because there is room");
        let status = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "gitlade-test"])
            .arg(folder)
            .output();
        status
            .ok()?
            .status
            .success()
            .then(|| SmallDisk(folder.to_owned()))
    }

    fn remount(&self, options: &str) {
        let status = Command::new("mount")
            .args(["-o", &format!("remount,{options}")])
            .arg(&self.0)
            .status();
        assert!(status.expect("because it is installed").success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_and_a_read_only_one() {
    for kind in KINDS {
        let stage = Stage::new(kind);
        let Some(disk) = SmallDisk::mount(&stage.place(), "size=1m") else {
            return skip("a_full_disk", "only root may mount file systems");
        };
        let place = match kind {
            "sqlite" => disk.0.join("blobs.db"),
            _ => disk.0.join("blobs"),
        };
        {
            let store = open(kind, &place).expect("because there is room");
            store
                .put(&digest(b"kept"), b"kept")
                .expect("because there is room");
            // Nothing compresses it.
            let large = gitlade_tests::random::Random::new(1).bytes(1_500_000);
            let error = store
                .put(&digest(&large), &large)
                .expect_err("the disk is full");
            assert_eq!(error.kind(), ErrorKind::StorageFull, "{kind}: {error:?}");
            assert_eq!(error.digest(), Some(digest(&large)));
            assert!(error.advice().is_some() && error.file().is_some());
            assert!(!store.contains(&digest(&large)).expect("nothing is wrong"));
            // The same store goes on, and so does one that is opened now.
            store
                .put(&digest(b"small"), b"small")
                .expect("because what failed left nothing");
            let other = open(kind, &place).expect("because it is sound");
            assert_eq!(list(&*other).len(), 2, "{kind}");
            disk.remount("size=8m");
            store
                .put(&digest(&large), &large)
                .expect("because there is room now");
            assert!(
                Verified::new(&other)
                    .get(&digest(&large))
                    .expect("it is whole")
                    == Some(large)
            );
        }
        disk.remount("ro");
        let result = open(kind, &place).and_then(|store| {
            let read = store.get(&digest(b"kept"))?;
            assert_eq!(read.as_deref(), Some(&b"kept"[..]));
            store.put(&digest(b"more"), b"more")
        });
        let error = result.expect_err("nothing can be written");
        assert_eq!(
            error.kind(),
            ErrorKind::PermissionDenied,
            "{kind}: {error:?}"
        );
        assert!(error.advice().is_some());
        disk.remount("rw");
        let store = open(kind, &place).expect("because it is sound");
        store
            .put(&digest(b"more"), b"more")
            .expect("because there is room");
        assert_eq!(list(&*store).len(), 4);
    }
}

/// Several processes put the same blobs and are killed now and then.
#[test]
fn many_processes_at_once() {
    for kind in KINDS {
        let stage = Stage::new(kind);
        std::thread::scope(|scope| {
            for number in 0..8 {
                let stage = &stage;
                scope.spawn(move || {
                    for round in 0..3 {
                        let seconds = format!("0.0{}", 3 + (number + round) % 6);
                        let killer = ["timeout", "-s", "KILL", &seconds];
                        let wrapper: &[&str] = if (number + round) % 2 == 0 {
                            &killer
                        } else {
                            &["env"]
                        };
                        let output = stage.run(wrapper, &stage.place(), "");
                        let is_killed = !output.status.success();
                        assert!(!is_killed || (number + round) % 2 == 0, "{kind}");
                    }
                });
            }
        });
        assert_eq!(stage.told().as_deref(), Some(&[][..]), "{kind}");
        assert_eq!(stage.check(kind), blobs().len());
    }
}
