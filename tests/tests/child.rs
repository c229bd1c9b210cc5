//! Imports in a process of their own: this very binary, called again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use gitlade::{Options, Source};
use rustix::process::{Resource, Rlimit, setrlimit};
use tempfile::TempDir;

use crate::importing::{loopback, ndjson};

/// Tells a child the folder with its orders.
const ORDERS: &str = "GITLADE_TEST_ORDERS";

/// A child in the making.
pub(crate) struct Child {
    sources: Vec<String>,
    environment: Vec<(String, String)>,
    wrapper: Vec<String>,
    threads: usize,
    memory: u64,
    data: Option<u64>,
    folder: TempDir,
}

/// A child that has ended.
pub(crate) struct Ended {
    output: Output,
    folder: TempDir,
}

/// A child that imports the repository at `path`.
pub(crate) fn import(path: &Path) -> Child {
    imports([path.display().to_string()])
}

/// A child that imports from all these paths and URLs, one after the other.
pub(crate) fn imports(sources: impl IntoIterator<Item = String>) -> Child {
    Child {
        sources: sources.into_iter().collect(),
        environment: Vec::new(),
        wrapper: Vec::new(),
        threads: 2,
        memory: 256 << 20,
        data: None,
        folder: tempfile::tempdir().expect("because there is room"),
    }
}

impl Child {
    /// Sets a variable of its environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Has it run by another program.
    pub(crate) fn under(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = wrapper.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// Sets the threads and the memory of its imports.
    pub(crate) fn with(mut self, threads: usize, memory: u64) -> Self {
        (self.threads, self.memory) = (threads, memory);
        self
    }

    /// Bounds its data (`RLIMIT_DATA`: all that is private and writable, stacks too).
    pub(crate) fn data(mut self, bytes: u64) -> Self {
        self.data = Some(bytes);
        self
    }

    /// The only folder that it may write to.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs it to its end.
    pub(crate) fn run(self) -> Ended {
        let folder = self.folder.path();
        fs::create_dir(folder.join("spool")).expect("because the folder is new");
        let numbers = format!(
            "{} {} {}",
            self.threads,
            self.memory,
            self.data.unwrap_or(0)
        );
        fs::write(folder.join("numbers"), numbers).expect("because there is room");
        fs::write(folder.join("sources"), self.sources.join("\n")).expect("because there is room");
        let this = std::env::current_exe().expect("because this program runs");
        let mut words = self.wrapper.clone();
        words.push(this.display().to_string());
        let output = Command::new(&words[0])
            .args(&words[1..])
            .args([
                "--exact",
                "child::task",
                "--ignored",
                "--nocapture",
                "--test-threads=1",
            ])
            .envs(self.environment)
            .env(ORDERS, folder)
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}", words[0]));
        let spool = fs::read_dir(folder.join("spool")).expect("because it was made");
        assert_eq!(spool.count(), 0, "something is left in the spool");
        Ended {
            output,
            folder: self.folder,
        }
    }
}

impl Ended {
    /// What it printed, for messages.
    pub(crate) fn said(&self) -> String {
        let Output {
            status,
            stdout,
            stderr,
        } = &self.output;
        let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8_lossy(bytes));
        format!("{status}\n{stdout}\n{stderr}")
    }

    /// What became of each import: `ok` or the error's kind.
    pub(crate) fn results(&self) -> Vec<String> {
        assert!(self.output.status.success(), "{}", self.said());
        let results = fs::read_to_string(self.folder.path().join("results"));
        let results = results.expect("because the child wrote it");
        results.lines().map(str::to_owned).collect()
    }

    /// The manifest of the last import.
    pub(crate) fn manifest(&self) -> Vec<u8> {
        assert!(self.output.status.success(), "{}", self.said());
        fs::read(self.folder.path().join("manifest")).unwrap_or_default()
    }

    /// The most anonymous memory that it had at once.
    pub(crate) fn peak(&self) -> u64 {
        assert!(self.output.status.success(), "{}", self.said());
        let peak = fs::read_to_string(self.folder.path().join("peak"));
        let peak = peak.expect("because the child wrote it");
        peak.parse().expect("because it is a number")
    }
}

#[test]
#[ignore = "is what the children of other tests do"]
fn task() {
    #[expect(
        clippy::disallowed_methods,
        reason = "it is how a child gets its orders"
    )]
    let Some(folder) = std::env::var_os(ORDERS).map(PathBuf::from) else {
        return;
    };
    let read = |name| fs::read_to_string(folder.join(name)).expect("because the parent wrote it");
    let numbers = read("numbers");
    let mut numbers = numbers.split(' ').map(str::parse::<u64>);
    let mut number = || {
        numbers
            .next()
            .and_then(Result::ok)
            .expect("because there are three")
    };
    let options = Options::default()
        .threads(number() as usize)
        .memory(number())
        .spool_dir(folder.join("spool"))
        .remote(loopback());
    let data = number();
    if data > 0 {
        let limit = Rlimit {
            current: Some(data),
            maximum: Some(data),
        };
        setrlimit(Resource::Data, limit).expect("because a process may limit itself");
    }
    let watch = AtomicBool::new(data > 0);
    let peak = AtomicU64::new(0);
    let mut results = String::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while watch.load(Ordering::Acquire) {
                peak.fetch_max(anonymous_memory(), Ordering::Relaxed);
                std::thread::sleep(Duration::from_micros(500));
            }
        });
        for source in read("sources").lines() {
            let source = Source::parse(source).expect("because the parent's sources are fine");
            let result = match gitlade::import(&source, &options, &gitlade::Control::new()) {
                Ok(import) => {
                    let text = ndjson(import.manifest());
                    fs::write(folder.join("manifest"), text).expect("because there is room");
                    "ok"
                }
                Err(error) => error.kind().name(),
            };
            peak.fetch_max(anonymous_memory(), Ordering::Relaxed);
            results.push_str(result);
            results.push('\n');
        }
        watch.store(false, Ordering::Release);
    });
    fs::write(folder.join("results"), results).expect("because there is room");
    fs::write(folder.join("peak"), peak.into_inner().to_string()).expect("because there is room");
}

/// Bytes of anonymous memory that this process has.
fn anonymous_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kilobytes.expect("because Linux says it") << 10
}
