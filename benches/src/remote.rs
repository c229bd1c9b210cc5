//! Importing from a server.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use tempfile::TempDir;

use crate::child::Truth;
use crate::forge::Forge;
use crate::git::{self, Result};
use crate::installed;
use crate::local::contenders::{check_manifest, check_output, import_command, skip, this_program};
use crate::local::{ask_truth, find, memory};
use crate::measure::Run;
use crate::promise::{Bound, Promise};
use crate::replay::{Recording, Replay};
use crate::report::{Contest, Report, Setting};
use crate::rounds::{self, Check, Contender, Rounds};

pub(crate) const GITLADE: &str = "gitlade import URL";
const BARE: &str = "git clone --bare --depth 1";
const CLONE: &str = "git clone --depth 1";
const CLONE_AND_HASH: &str = "git clone --depth 1, b3sum";
const INGEST: &str = "ingest of the pack file";
/// A request for each blob.
const BY_BLOB: &str = "forge's API, blob by blob";

/// How many requests are under way at once: what careful programs allow themselves.
const CONNECTIONS: usize = 10;

/// Git's own ways; the first takes part at any rate.
const CLONES: [(&str, &[&str]); 2] = [
    (BARE, &["clone", "-q", "--depth", "1", "--bare"]),
    (CLONE, &["clone", "-q", "--depth", "1"]),
];

/// What `bench remote` was told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Names of corpora, or paths of repositories; none means `linux`.
    pub corpora: Vec<String>,
    /// How often each contender runs.
    pub rounds: Rounds,
    /// Bytes a second of the contest at a set rate.
    pub rate: u64,
    /// Of the import, and of the ingest by itself.
    pub threads: usize,
    /// Only contenders whose name has this in it.
    pub only: Option<String>,
    /// The command line.
    pub gitlade: PathBuf,
}

/// Runs all contests: as fast as can be, and at the set rate.
///
/// # Errors
///
/// If a corpus cannot be made, or a contender fails or gives a wrong answer.
pub fn run(settings: &Settings, report: &mut Report) -> Result<()> {
    let corpora = match &settings.corpora[..] {
        [] => vec!["linux".to_owned()],
        some => some.to_vec(),
    };
    for name in corpora {
        let line = Line::new(&name)?;
        let fast = line.contest(Setting::FullSpeed, settings, &|_| true)?;
        let slow = line.contest(Setting::Rate(settings.rate), settings, &|_| true)?;
        report.promises.extend(promises(&name, &fast, Some(&slow)));
        for contest in [fast, slow] {
            if !contest.contenders.is_empty() {
                report.add(contest);
            }
        }
    }
    Ok(())
}

/// A repository with the answer that is recorded of it.
pub(crate) struct Line {
    name: String,
    repository: PathBuf,
    recording: Recording,
    truth: Truth,
    work: TempDir,
}

impl Line {
    /// Makes the repository if need be, and records the answer.
    ///
    /// # Errors
    ///
    /// If Git fails, or the disk is full.
    pub(crate) fn new(name: &str) -> Result<Self> {
        let cache = crate::corpus::cache()?;
        let repository = find(name)?;
        let recording = Recording::make(&repository, &cache)?;
        let work = tempfile::Builder::new()
            .prefix("remote-")
            .tempdir_in(&cache)?;
        let truth = ask_truth(&repository, work.path())?;
        Ok(Line {
            name: name.to_owned(),
            repository,
            recording,
            truth,
            work,
        })
    }

    /// Lets all contenders take it: more of them at full speed than at a set rate.
    ///
    /// # Errors
    ///
    /// If a contender fails or gives a wrong answer.
    pub(crate) fn contest(
        &self,
        setting: Setting,
        settings: &Settings,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Contest> {
        let (rate, latency) = match setting {
            Setting::Rate(rate) => (Some(rate), Duration::ZERO),
            Setting::Latency(millis) => (None, Duration::from_millis(millis)),
            _ => (None, Duration::ZERO),
        };
        let recording = self.recording.clone();
        let server = Rc::new(Replay::start(recording, rate, latency)?);
        // What follows the clone has nothing to do with the rate.
        let clones = &CLONES[..if rate.is_some() { 1 } else { 2 }];
        let mut contenders = over_the_line(&server, clones, &self.truth, settings);
        match setting {
            Setting::Rate(_) => {}
            Setting::Latency(_) => {
                let forge = Forge::start(&self.repository, latency)?;
                contenders.push(by_blob(forge, &self.truth));
            }
            _ => {
                let (recording, truth) = (&self.recording, &self.truth);
                contenders.extend(beside_the_line(&server, recording, truth, settings));
            }
        }
        contenders.retain(|contender| {
            let only = settings.only.as_ref();
            wanted(contender.name) && only.is_none_or(|only| contender.name.contains(only))
        });
        let title = match setting {
            Setting::Rate(rate) => format!("{}, {} MB/s", self.name, rate as f64 / 1e6),
            Setting::Latency(millis) => format!("{}, {millis} ms of latency", self.name),
            _ => format!("{}, full speed", self.name),
        };
        let work = self.work.path();
        let (contenders, gone) = rounds::run(&contenders, settings.rounds, work)?;
        Ok(Contest {
            title,
            corpus: self.name.clone(),
            setting,
            entries: self.truth.entries,
            bytes: self.truth.bytes,
            contenders,
            gone,
        })
    }
}

/// Those that are held against each other at any speed.
fn over_the_line(
    server: &Rc<Replay>,
    clones: &[(&'static str, &'static [&'static str])],
    truth: &Truth,
    settings: &Settings,
) -> Vec<Contender> {
    let (program, url) = (settings.gitlade.clone(), PathBuf::from(server.url()));
    let threads = settings.threads;
    let start = Box::new(move |folder: &Path| {
        let options = ["--policy", "person"];
        import_command(&program, &url, folder, threads, &options)
    });
    let check = check_manifest((truth.entries, truth.bytes));
    let gitlade = Contender {
        name: GITLADE,
        start,
        check: with_tail(server, check),
        is_peer: false,
    };
    let mut contenders = vec![gitlade];
    for &(name, arguments) in clones {
        contenders.push(Contender {
            name,
            start: clone_command(server, arguments),
            check: with_tail(server, check_commit(&truth.commit)),
            is_peer: true,
        });
    }
    contenders
}

/// Who asks a forge for each blob by itself.
fn by_blob(forge: Forge, truth: &Truth) -> Contender {
    Contender {
        name: BY_BLOB,
        start: Box::new(move |_| {
            let mut command = this_program();
            let address = forge.address().to_string();
            command.args(["child", "by-blob", &address]);
            command.args(["--connections", &CONNECTIONS.to_string()]);
            command
        }),
        check: check_output(format!("{} {}", truth.entries, truth.bytes)),
        is_peer: true,
    }
}

/// Those that do more than come by the line, or less.
fn beside_the_line(
    server: &Rc<Replay>,
    recording: &Recording,
    truth: &Truth,
    settings: &Settings,
) -> Vec<Contender> {
    let mut contenders = Vec::new();
    let (pack, threads) = (recording.pack(), settings.threads.to_string());
    contenders.push(Contender {
        name: INGEST,
        start: Box::new(move |_| {
            let mut command = this_program();
            command.args(["child", "ingest"]).arg(&pack);
            command.args(["--threads", &threads]);
            command
        }),
        check: check_output(truth.blobs.to_string()),
        is_peer: false,
    });
    let Some(b3sum) = installed::b3sum() else {
        skip(CLONE_AND_HASH, installed::HOW);
        return contenders;
    };
    let (url, commit, files) = (server.url(), truth.commit.clone(), truth.files);
    contenders.push(Contender {
        name: CLONE_AND_HASH,
        start: Box::new(move |folder| {
            let mut shell = Command::new("sh");
            git::isolate(&mut shell);
            let script = "git clone -q --depth 1 \"$1\" \"$2/clone\" && cd \"$2/clone\" && \
                          find . -name .git -prune -o -type f -print0 | xargs -0 \"$3\" > ../sums";
            shell
                .args(["-c", script, "sh", &url])
                .args([folder, &b3sum]);
            shell
        }),
        check: Box::new(move |run, folder| {
            let sums = std::fs::read(folder.join("sums"))?;
            let count = sums.split(|&byte| byte == b'\n').count() as u64 - 1;
            if count != files {
                return Err(format!("{count} files instead of {files}").into());
            }
            check_commit(&commit)(run, folder)
        }),
        is_peer: true,
    });
    contenders
}

fn clone_command(server: &Rc<Replay>, arguments: &'static [&'static str]) -> Box<rounds::Start> {
    let url = server.url();
    Box::new(move |folder| {
        let mut command = git::git();
        command.args(arguments).arg(&url).arg(folder.join("clone"));
        command
    })
}

/// The clone in the run's folder must be at this commit.
pub(crate) fn check_commit(commit: &str) -> Box<Check> {
    let commit = commit.to_owned();
    Box::new(move |_: &Run, folder: &Path| {
        let clone = folder.join("clone");
        let found = git::line(git::git_in(&clone).args(["rev-parse", "HEAD"]))?;
        if found != commit {
            return Err(format!("commit {found} instead of {commit}").into());
        }
        Ok(None)
    })
}

/// Adds the time since the server's last byte to a check.
fn with_tail(server: &Rc<Replay>, check: Box<Check>) -> Box<Check> {
    let server = Rc::clone(server);
    Box::new(move |run, folder| {
        check(run, folder)?;
        let last_byte = server
            .take_last_byte()
            .ok_or("it never asked for the pack")?;
        let tail: Duration = run.ended.saturating_duration_since(last_byte);
        Ok(Some(tail))
    })
}

pub(crate) fn promises(name: &str, fast: &Contest, slow: Option<&Contest>) -> Vec<Promise> {
    let mut promises = Vec::new();
    let Some(gitlade) = fast.get(GITLADE) else {
        return promises;
    };
    if let Some(bare) = fast.get(BARE) {
        let wall = gitlade.ratio(bare, |sample| sample.wall);
        let what = format!("{name}: wall, of git clone --bare");
        promises.push(Promise::of(what, Bound::AtMost(0.35), wall, ""));
        let cpu = gitlade.ratio(bare, |sample| sample.cpu);
        let what = format!("{name}: CPU, of git clone --bare");
        promises.push(Promise::of(what, Bound::AtMost(0.40), cpu, ""));
    }
    if let Some(clone) = fast.get(CLONE_AND_HASH) {
        let ratio = clone.ratio(gitlade, |sample| sample.wall);
        let what = format!("{name}: times faster than git clone and b3sum");
        promises.push(Promise::of(what, Bound::AtLeast(6.0), ratio, ""));
    }
    if let Some(slow) = slow
        && let Some(gitlade) = slow.get(GITLADE)
    {
        let tail = gitlade.summary(|sample| sample.tail.unwrap_or(f64::INFINITY));
        let what = format!("{}: tail", slow.title);
        promises.push(Promise::of(what, Bound::AtMost(0.3), tail, "s"));
    }
    let what = format!("{name}: anonymous memory from a server");
    promises.push(memory(&what, gitlade, 256.0));
    promises
}
