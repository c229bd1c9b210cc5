//! Stores whose disk, process or descriptors fail: nothing finished is lost, nothing half made is
//! seen, and importing again gives the identical manifest.
//!
//! A child imports a small repository into a store that has an import already. strace kills it, or has
//! a system call fail, at each of the calls by which it changes something.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gitlade::{
    Control, ErrorKind, GcOptions, ImportFilter, Options, Source, Status, Store, StoreOptions,
};
use gitlade_tests::{scratch, scratch_in_memory};
use rustix::process::{Resource, Rlimit, setrlimit};
use tempfile::TempDir;

use crate::benign::{self, file, noise};
use crate::importing::{is_installed, ndjson, skip};
use crate::store_whole::{check, import, is_long, some, truth};

/// Tells a child what to do: the store, the repositories, where to tell, and what limits it.
const ORDERS: &str = "GITLADE_TEST_STORE";

/// Looking for it marks the begin and the end of what counts in a trace.
const MARK: &str = "/gitlade-mark";

/// The calls that change something, or may be refused.
const CALLS: [&str; 15] = [
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
    "unlink",
    "unlinkat",
    "ftruncate",
    "fallocate",
    "flock",
];

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
    let mut lines = orders.lines();
    let mut word = || lines.next().expect("because the parent gave it").to_owned();
    let (place, told, limit, rounds) = (word(), word(), word(), word());
    let repositories: Vec<String> = lines.map(str::to_owned).collect();
    if let Ok(files) = limit.parse() {
        let limit = Rlimit {
            current: Some(files),
            maximum: Some(files),
        };
        setrlimit(Resource::Nofile, limit).expect("because a process may limit itself");
    }
    let mark = || fs::metadata(MARK).expect_err("there is none").kind();
    mark();
    let options = Options::default().threads(1);
    let mut said = String::new();
    for _ in 0..rounds.parse().unwrap_or(1_u32) {
        for repository in &repositories {
            let source = Source::Local(PathBuf::from(repository));
            let result = Store::open(&place)
                .and_then(|store| store.import(&source, &options, &Control::new()));
            match result {
                Ok(record) => {
                    said.push_str(&format!("ok|{}|{repository}\n", record.id));
                    // Seen by the parent at once, whatever happens to this process.
                    let _ = fs::create_dir(format!("{told}.{}", record.id));
                }
                Err(error) => said.push_str(&format!(
                    "{}|{}|{error}: {:?}\n",
                    error.kind().name(),
                    error.advice().is_some(),
                    std::error::Error::source(&error)
                )),
            }
        }
    }
    mark();
    let _ = fs::write(&told, said);
}

/// A store with one import, and a repository that shares some of its contents.
struct Stage {
    folder: TempDir,
    first: PathBuf,
    second: PathBuf,
}

impl Stage {
    fn new() -> Self {
        let folder = scratch_in_memory();
        let shared = [
            file("shared.txt", "shared\n"),
            file("shared.bin", noise(1, 500)),
        ];
        let one = [&shared[..], &[file("one.txt", "one\n")]].concat();
        let two = [
            &shared[..],
            &[
                file("dir/two.txt", "two\n"),
                file("dir/two.bin", noise(2, 9_000)),
                file("dir/deep/u16.txt", b"\xff\xfet\0w\0o\0\n\0"),
                file("three.bin", noise(3, 200)),
            ],
        ]
        .concat();
        let first = benign::repository(folder.path(), "one.git", "sha1", &one);
        let second = benign::repository(folder.path(), "two.git", "sha1", &two);
        import(
            &Store::open(folder.path().join("model")).expect("because it is new"),
            &first,
        );
        Stage {
            folder,
            first,
            second,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A copy of the store with the first import.
    fn copy(&self, name: &str) -> PathBuf {
        let place = self.path(name);
        let status = Command::new("cp")
            .arg("-a")
            .arg(self.path("model"))
            .arg(&place)
            .status();
        assert!(status.expect("because there is cp").success());
        place
    }
}

/// The command that has a child import `repositories` into the store at `place`.
fn child(
    wrapper: &[String],
    place: &Path,
    limit: &str,
    rounds: u32,
    repositories: &[&Path],
) -> Command {
    let this = std::env::current_exe().expect("because this program runs");
    let mut words = wrapper.to_vec();
    words.push(this.display().to_string());
    let mut orders = format!(
        "{}\n{}.told\n{limit}\n{rounds}",
        place.display(),
        place.display()
    );
    for repository in repositories {
        orders.push_str(&format!("\n{}", repository.display()));
    }
    let mut command = Command::new(&words[0]);
    command
        .args(&words[1..])
        .args([
            "--exact",
            "store_faults::task",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(ORDERS, orders)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// What the child told, a line for each import; `None` if it did not get so far.
fn told(place: &Path) -> Option<String> {
    fs::read_to_string(format!("{}.told", place.display())).ok()
}

/// The calls of an import, each as a name and the number at which strace meets it first: it counts
/// the calls of each thread by itself, so of two threads' calls with one number the earlier is meant.
fn calls(stage: &Stage) -> Vec<(String, usize)> {
    let place = stage.copy("traced");
    let log = stage.path("log").display().to_string();
    let wrapper = ["strace", "-f", "-qq", "-o", &log].map(str::to_owned);
    let status = child(&wrapper, &place, "", 1, &[&stage.second]).status();
    assert!(status.expect("because strace is installed").success());
    assert!(told(&place).is_some_and(|said| said.starts_with("ok|")));
    let text = fs::read(&log).expect("because strace wrote it");
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    let (mut seen, mut calls, mut marks) = (BTreeSet::new(), Vec::new(), 0);
    for line in String::from_utf8_lossy(&text).lines() {
        let Some((thread, rest)) = line.split_once(' ') else {
            continue;
        };
        marks += usize::from(line.contains(MARK));
        let Some((name, _)) = rest.trim_start().split_once('(') else {
            continue;
        };
        if !CALLS.contains(&name) {
            continue;
        }
        let count = counts
            .entry((thread.to_owned(), name.to_owned()))
            .or_default();
        *count += 1;
        if seen.insert((name.to_owned(), *count))
            && marks == 1
            // Those of the repository are not the store's.
            && !line.contains("two.git")
        {
            calls.push((name.to_owned(), *count));
        }
    }
    assert_eq!(marks, 2);
    assert!(calls.len() > 60, "{}", calls.len());
    calls
}

/// Fails unless the store at `place` has what was finished, nothing by halves, is clean, and takes the
/// import once more. Says how many imports were complete.
fn assert_whole(stage: &Stage, place: &Path, truths: &[(&Path, Vec<u8>)], what: &str) -> usize {
    let store = Store::open(place).unwrap_or_else(|error| panic!("{what}: {error}"));
    let complete = assert_imports(&store, truths, what);
    for line in told(place)
        .unwrap_or_default()
        .lines()
        .filter(|line| line.starts_with("ok|"))
    {
        let id = line.split('|').nth(1).and_then(|id| id.parse().ok());
        let record = store.import_record(id.expect("because the child told it"));
        let status = record
            .unwrap_or_else(|error| panic!("{what}: {error}"))
            .status;
        assert_eq!(
            status,
            Status::Complete,
            "{what}: what was finished is lost"
        );
    }
    let report = check(&store);
    assert!(report.is_clean(), "{what}: {report:?}");
    let again = import(&store, &stage.second);
    let manifest = store
        .manifest(again.id)
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(ndjson(&manifest) == truths[1].1, "{what}: another manifest");
    let gone = store.gc(
        &GcOptions::default().min_age(Duration::ZERO),
        &Control::new(),
    );
    gone.unwrap_or_else(|error| panic!("{what}: {error}"));
    let report = check(&store);
    assert!(report.is_clean(), "{what}: {report:?}");
    assert_eq!(report.leftovers, gitlade::Leftovers::default(), "{what}");
    assert_imports(&store, truths, what);
    complete
}

/// Fails unless all complete imports are what their repositories are.
fn assert_imports(store: &Store, truths: &[(&Path, Vec<u8>)], what: &str) -> usize {
    let page = store.imports(&ImportFilter::default().limit(100_000));
    let page = page.unwrap_or_else(|error| panic!("{what}: {error}"));
    let mut complete = 0;
    for record in page
        .items
        .iter()
        .filter(|record| record.status == Status::Complete)
    {
        let manifest = store.manifest(record.id);
        let manifest = manifest.unwrap_or_else(|error| panic!("{what}: {error}"));
        let truth = truths
            .iter()
            .find(|(path, _)| path.display().to_string() == record.source);
        let (_, truth) = truth.expect("because nothing else was imported");
        assert!(
            ndjson(&manifest) == *truth,
            "{what}: import {} is another one",
            record.id
        );
        complete += 1;
    }
    assert!(complete >= 1, "{what}: what was finished before is lost");
    complete
}

/// Runs `work` for each of `all` on two threads.
fn each<A: Sync>(all: &[A], work: impl Fn(usize, &A) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((number, item)) = {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    all.get(number).map(|item| (number, item))
                } {
                    work(number, item);
                }
            });
        }
    });
}

fn inject(name: &str, fault: &str, number: usize) -> Vec<String> {
    let (trace, inject) = (
        format!("trace={name}"),
        format!("inject={name}:{fault}:when={number}"),
    );
    [
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        &trace,
        "-e",
        &inject,
    ]
    .map(str::to_owned)
    .to_vec()
}

#[test]
fn an_import_killed_at_any_call_loses_nothing_and_runs_again() {
    if !is_installed("strace") {
        return skip("an_import_killed_at_any_call", "strace is not installed");
    }
    let stage = Stage::new();
    let truths = [
        (&*stage.first, truth(&stage.first)),
        (&*stage.second, truth(&stage.second)),
    ];
    let all = calls(&stage);
    let tried = some(&all, 30);
    let (killed, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    each(&tried, |number, (name, count)| {
        let what = format!("killed at {name} {count}");
        let place = stage.copy(&format!("killed-{number}"));
        let status = child(
            &inject(name, "signal=KILL", *count),
            &place,
            "",
            1,
            &[&stage.second],
        )
        .status()
        .expect("because strace is installed");
        killed.fetch_add(
            usize::from(status.signal() == Some(9) || !status.success()),
            Ordering::Relaxed,
        );
        let complete = assert_whole(&stage, &place, &truths, &what);
        finished.fetch_add(complete - 1, Ordering::Relaxed);
        fs::remove_dir_all(&place).expect("because it is there");
    });
    let (killed, finished) = (killed.into_inner(), finished.into_inner());
    println!(
        "killed at {} of {} calls: {killed} died, of which {finished} had finished",
        tried.len(),
        all.len()
    );
    assert!(killed * 10 >= tried.len() * 8, "{killed}");
}

#[test]
fn an_import_whose_calls_fail_leaves_the_store_as_it_was() {
    if !is_installed("strace") {
        return skip("an_import_whose_calls_fail", "strace is not installed");
    }
    let stage = Stage::new();
    let truths = [
        (&*stage.first, truth(&stage.first)),
        (&*stage.second, truth(&stage.second)),
    ];
    let calls = calls(&stage);
    let errnos = ["ENOSPC", "EIO", "EROFS", "EMFILE", "EDQUOT", "EACCES"];
    let all: Vec<(&str, &str, usize)> = calls
        .iter()
        .flat_map(|(name, count)| errnos.map(|errno| (&**name, errno, *count)))
        .collect();
    let tried = some(&all, 60);
    let kinds = std::sync::Mutex::new(BTreeMap::<String, usize>::new());
    each(&tried, |number, &(name, errno, count)| {
        let what = format!("{errno} at {name} {count}");
        let place = stage.copy(&format!("failed-{number}"));
        let begin = Instant::now();
        let wrapper = inject(name, &format!("error={errno}"), count);
        let status = child(&wrapper, &place, "", 1, &[&stage.second])
            .status()
            .expect("because strace is installed");
        assert!(begin.elapsed() < Duration::from_secs(60), "{what}: hangs");
        let said = told(&place);
        let kind = match &said {
            Some(said) => said.split('|').next().unwrap_or_default().to_owned(),
            // The loader or the harness itself was hit.
            None => {
                assert!(!status.success(), "{what}");
                "not begun".to_owned()
            }
        };
        assert!(
            [
                "ok",
                "io",
                "storage_full",
                "permission_denied",
                "busy",
                "not begun",
                "corrupt_store"
            ]
            .contains(&&*kind),
            "{what}: {said:?}"
        );
        *kinds
            .lock()
            .expect("because nobody panics")
            .entry(kind)
            .or_default() += 1;
        assert_whole(&stage, &place, &truths, &what);
        fs::remove_dir_all(&place).expect("because it is there");
    });
    let kinds = kinds.into_inner().expect("because nobody panicked");
    println!("{} of {} failing calls: {kinds:?}", tried.len(), all.len());
    assert!(kinds.keys().any(|kind| kind == "storage_full"), "{kinds:?}");
}

#[test]
fn eight_processes_share_a_store_while_some_are_killed_and_garbage_is_collected() {
    let stage = Stage::new();
    let place = stage.copy("shared");
    let truths = [
        (&*stage.first, truth(&stage.first)),
        (&*stage.second, truth(&stage.second)),
    ];
    let rounds = if is_long() { 200 } else { 12 };
    let spawn = |number: usize| {
        let both = [&*stage.first, &*stage.second];
        let repositories = [both[number % 2], both[(number + 1) % 2]];
        child(&[], &place, "", rounds, &repositories)
            .spawn()
            .expect("because there is room")
    };
    let mut children: Vec<_> = (0..8).map(spawn).collect();
    let store = Store::open(&place).expect("because it is a store");
    let is_over = AtomicBool::new(false);
    let (collections, killed) = std::thread::scope(|scope| {
        let collector = scope.spawn(|| {
            let mut collections = 0;
            let mut removed = 0;
            while !is_over.load(Ordering::Acquire) {
                let options = GcOptions::default().min_age(Duration::ZERO);
                let report = store.gc(&options, &Control::new());
                removed += report.unwrap_or_else(|error| panic!("{error}")).contents;
                // What is removed has to come again.
                let page = store
                    .imports(&ImportFilter::default().limit(100))
                    .expect("because it is sound");
                for record in page
                    .items
                    .iter()
                    .skip(1)
                    .filter(|record| record.status.is_end())
                {
                    let _ = store.remove(record.id);
                }
                collections += 1;
            }
            (collections, removed)
        });
        let mut killed = 0;
        for (number, child) in children.iter_mut().enumerate() {
            std::thread::sleep(Duration::from_millis(60));
            if number % 2 == 0 {
                // Only that one, by its handle.
                let _ = child.kill();
                let _ = child.wait();
                killed += 1;
                *child = spawn(number + 1);
            }
        }
        for child in &mut children {
            assert!(child.wait().expect("because it ends").success());
        }
        is_over.store(true, Ordering::Release);
        (collector.join().expect("because it does not panic"), killed)
    });
    let said = told(&place).expect("because the children ended");
    // Where everything is removed all the time, an import may give up and say so.
    let gave_up = said
        .lines()
        .filter(|line| line.starts_with("busy|"))
        .count();
    let finished = said.lines().filter(|line| line.starts_with("ok|")).count();
    assert_eq!(gave_up + finished, said.lines().count(), "{said}");
    println!("the last process finished {finished} imports, and gave up {gave_up}");
    assert!(finished > gave_up, "{said}");
    import(&store, &stage.first);
    let complete = assert_imports(&store, &truths, "eight processes");
    let report = check(&store);
    assert!(report.is_clean(), "{report:?}");
    println!(
        "eight processes, {killed} killed, {rounds} rounds each, {} collections that removed {} \
         contents: {complete} imports are left, all whole",
        collections.0, collections.1
    );
    fs::remove_file(format!("{}.told", place.display())).expect("because it is there");
    assert_whole(&stage, &place, &truths, "eight processes");
}

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
