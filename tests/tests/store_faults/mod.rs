//! Stores whose disk, process or descriptors fail: nothing finished is lost, nothing half made is
//! seen, and importing again gives the identical manifest.
//!
//! A child imports a small repository into a store that has an import already. strace kills it, or has
//! a system call fail, at each of the calls by which it changes something.

mod calls;
mod permission;
mod processes;
mod resources;

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
