//! Importing into the standard store.

mod changed;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::child::Truth;
use crate::git::{self, Result};
use crate::local::contenders::{check_manifest, import_command};
use crate::local::{ask_truth, find};
use crate::promise::{Bound, Promise};
use crate::remote::check_commit;
use crate::replay::{Recording, Replay};
use crate::report::{Contest, Report, Setting};
use crate::rounds::{self, Check, Contender, Measured, Rounds, Start};

const STORE: &str = "gitlade import --store";
const STORE_URL: &str = "gitlade import URL --store";
const AGAIN: &str = "the same commit again";
const CHANGED: &str = "a commit that changes 1 %";
const PLAIN: &str = "gitlade import";
const PLAIN_URL: &str = "gitlade import URL";
const CLONE: &str = "git clone --depth 1 file://";
const CLONE_URL: &str = "git clone --depth 1 URL";

/// What is measured if nothing is named.
const CORPORA: [&str; 2] = ["linux", "many-100k"];

/// What a clone may take.
const PATIENCE: Duration = Duration::from_secs(900);

/// What `bench store` was told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Names of corpora, or paths of repositories; none means `linux` and `many-100k`.
    pub corpora: Vec<String>,
    /// How often each contender runs.
    pub rounds: Rounds,
    /// Of the imports.
    pub threads: usize,
    /// Only contenders whose name has this in it.
    pub only: Option<String>,
    /// The command line.
    pub gitlade: PathBuf,
}

/// Runs one contest for each repository: into a store from the disk and from a server, again, and one
/// commit later; against Git, which writes the same files, and against imports without a store.
///
/// # Errors
///
/// If a corpus cannot be made, or a contender that is ours fails or gives a wrong answer.
pub fn run(settings: &Settings, report: &mut Report) -> Result<()> {
    let corpora = match &settings.corpora[..] {
        [] => CORPORA.map(str::to_owned).to_vec(),
        some => some.to_vec(),
    };
    for name in corpora {
        let contest = contest(&name, settings)?;
        report.promises.extend(promises(&contest));
        if !contest.contenders.is_empty() {
            report.add(contest);
        }
    }
    Ok(())
}

fn contest(name: &str, settings: &Settings) -> Result<Contest> {
    let cache = crate::corpus::cache()?;
    let repository = find(name)?;
    let work = tempfile::Builder::new()
        .prefix("store-")
        .tempdir_in(&cache)?;
    let truth = ask_truth(&repository, work.path())?;
    let server = Replay::start(Recording::make(&repository, &cache)?, None, Duration::ZERO)?;
    let ours = Ours {
        program: settings.gitlade.clone(),
        threads: settings.threads,
    };
    let is_wanted = |name: &str| {
        let only = settings.only.as_ref();
        only.is_none_or(|only| name.contains(only))
    };

    let url = PathBuf::from(server.url());
    let mut contenders = vec![
        ours.with_store(STORE, &repository, &[], &truth),
        ours.with_store(STORE_URL, &url, &POLICY, &truth),
        ours.without_store(PLAIN, &repository, &[], &truth),
        ours.without_store(PLAIN_URL, &url, &POLICY, &truth),
        clone(CLONE, format!("file://{}", repository.display()), &truth),
        clone(CLONE_URL, server.url(), &truth),
    ];
    if is_wanted(AGAIN) || is_wanted(CHANGED) {
        let first = work.path().join("first");
        git::output(&mut ours.command(&repository, &first, &[]))?;
        contenders.push(ours.again(&repository, &first, &truth));
        let changed = changed::make(&repository, &truth.commit, &cache)?;
        let folder = tempfile::tempdir_in(work.path())?;
        let truth = ask_truth(&changed, folder.path())?;
        contenders.push(ours.changed(&changed, &first, &truth));
    }
    contenders.retain(|contender| is_wanted(contender.name));

    // A clone is a yardstick here, however slow the machine is.
    let rounds = Rounds {
        patience: PATIENCE,
        ..settings.rounds
    };
    let (contenders, gone) = rounds::run(&contenders, rounds, work.path())?;
    Ok(Contest {
        title: format!("{name}, into a store"),
        corpus: name.to_owned(),
        setting: Setting::Store,
        entries: truth.entries,
        bytes: truth.bytes,
        contenders,
        gone,
    })
}

/// What reaches a server on this machine.
const POLICY: [&str; 2] = ["--policy", "person"];

/// The command line under test.
#[derive(Clone)]
struct Ours {
    program: PathBuf,
    threads: usize,
}

impl Ours {
    fn command(&self, source: &Path, store: &Path, options: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        git::isolate(&mut command);
        command.arg("import").arg(source).arg("--store").arg(store);
        command.arg("--threads").arg(self.threads.to_string());
        command
            .args(["--progress", "never", "--json"])
            .args(options);
        command
    }

    fn with_store(
        &self,
        name: &'static str,
        source: &Path,
        options: &'static [&'static str],
        truth: &Truth,
    ) -> Contender {
        let (ours, source) = (self.clone(), source.to_owned());
        Contender {
            name,
            start: Box::new(move |folder| ours.command(&source, &folder.join("store"), options)),
            check: check_record((truth.entries, truth.bytes)),
            is_peer: false,
        }
    }

    fn without_store(
        &self,
        name: &'static str,
        source: &Path,
        options: &'static [&'static str],
        truth: &Truth,
    ) -> Contender {
        let (ours, source) = (self.clone(), source.to_owned());
        Contender {
            name,
            start: Box::new(move |folder| {
                import_command(&ours.program, &source, folder, ours.threads, options)
            }),
            check: check_manifest((truth.entries, truth.bytes)),
            is_peer: false,
        }
    }

    /// Imports into the store `first` what it has.
    fn again(&self, repository: &Path, first: &Path, truth: &Truth) -> Contender {
        let (ours, repository, first) = (self.clone(), repository.to_owned(), first.to_owned());
        Contender {
            name: AGAIN,
            start: Box::new(move |_| ours.command(&repository, &first, &[])),
            check: check_record((truth.entries, truth.bytes)),
            is_peer: false,
        }
    }

    /// Imports `changed` into a copy of the store `first`, which has the commit before.
    fn changed(&self, changed: &Path, first: &Path, truth: &Truth) -> Contender {
        let (ours, changed, first) = (self.clone(), changed.to_owned(), first.to_owned());
        Contender {
            name: CHANGED,
            start: Box::new(move |folder| {
                let store = folder.join("store");
                let mut copy = Command::new("cp");
                // A copy that failed makes an import of everything, which the check finds out.
                let _ = git::output(copy.arg("-R").args([&first, &store]));
                // It is not to be written to the disk at the import's expense.
                rustix::fs::sync();
                ours.command(&changed, &store, &[])
            }),
            check: {
                let check = check_record((truth.entries, truth.bytes));
                Box::new(move |run, folder| {
                    if !imports_before(&run.output)? {
                        return Err("the store did not have the commit before".into());
                    }
                    check(run, folder)
                })
            },
            is_peer: false,
        }
    }
}

fn clone(name: &'static str, source: String, truth: &Truth) -> Contender {
    let start: Box<Start> = Box::new(move |folder| {
        let mut command = git::git();
        command.args(["-c", "safe.directory=*", "clone", "-q", "--depth", "1"]);
        command.arg(&source).arg(folder.join("clone"));
        command
    });
    Contender {
        name,
        start,
        check: check_commit(&truth.commit),
        is_peer: true,
    }
}

/// The run must have printed the record of a complete import of so many entries and bytes.
fn check_record(answer: (u64, u64)) -> Box<Check> {
    Box::new(move |run, _| {
        let record: serde_json::Value = serde_json::from_slice(&run.output)?;
        let total = |name: &str| record["outcome"]["totals"][name].as_u64().unwrap_or(0);
        let entries = total("files") + total("symlinks") + total("submodules");
        let found = (entries, total("bytes"));
        if record["status"] != "complete" || found != answer {
            return Err(format!("{record} instead of {answer:?} entries and bytes").into());
        }
        Ok(None)
    })
}

/// Whether the record is not the first of its store.
fn imports_before(output: &[u8]) -> Result<bool> {
    let record: serde_json::Value = serde_json::from_slice(output)?;
    Ok(record["id"].as_u64().is_some_and(|id| id > 1))
}

fn promises(contest: &Contest) -> Vec<Promise> {
    let name = Path::new(&contest.corpus)
        .file_name()
        .map_or(contest.corpus.clone().into(), |name| name.to_string_lossy());
    let mut promises = Vec::new();
    let mut ratio =
        |one: &str, other: &str, what: &str, bound, figure: fn(&rounds::Sample) -> f64| {
            if let (Some(one), Some(other)) = (contest.get(one), contest.get(other)) {
                let what = format!("{name}: {what}");
                promises.push(Promise::of(what, bound, one.ratio(other, figure), ""));
            }
        };
    let half = Bound::AtMost(0.5);
    let what = "wall into a store, of git clone";
    ratio(STORE, CLONE, what, half, |sample| sample.wall);
    let what = "wall into a store from a server, of git clone";
    ratio(STORE_URL, CLONE_URL, what, half, |sample| sample.wall);
    let what = "CPU of a commit that changes 1 %, of the first";
    ratio(CHANGED, STORE, what, Bound::AtMost(0.08), |sample| {
        sample.cpu
    });
    if let Some(again) = contest.get(AGAIN) {
        let what = format!("{name}: the same commit again");
        let wall = again.summary(|sample| sample.wall);
        promises.push(Promise::of(what, Bound::AtMost(0.1), wall, "s"));
    }
    let beyond = [(STORE, PLAIN), (STORE_URL, PLAIN_URL)]
        .into_iter()
        .filter_map(|(one, other)| Some(beyond(contest.get(one)?, contest.get(other)?)))
        .max_by(f64::total_cmp);
    if let Some(mebibytes) = beyond {
        let what = format!("{name}: anonymous memory beyond that of an import");
        promises.push(Promise::of_value(
            what,
            Bound::AtMost(64.0),
            mebibytes,
            "MiB",
        ));
    }
    if let Some(store) = contest.get(STORE)
        && name == "many-100k"
    {
        let wall = store.summary(|sample| sample.wall);
        let what = format!("{name}: wall into a store");
        promises.push(Promise::of(what, Bound::AtMost(10.0), wall, "s"));
    }
    promises
}

/// MiB by which one's peak of memory is above that of the other.
fn beyond(one: &Measured, other: &Measured) -> f64 {
    (one.peak_anonymous() as f64 - other.peak_anonymous() as f64) / f64::from(1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rounds::Sample;

    fn measured(name: &'static str, wall: f64, anonymous: u64) -> Measured {
        let sample = Sample {
            wall,
            cpu: wall * 2.0,
            anonymous: anonymous << 20,
            resident: 0,
            tail: None,
        };
        Measured {
            name,
            samples: vec![sample],
        }
    }

    #[test]
    fn promises_follow_from_the_contest() {
        let contest = Contest {
            title: String::new(),
            corpus: "/somewhere/linux".to_owned(),
            setting: Setting::Store,
            entries: 0,
            bytes: 0,
            contenders: vec![
                measured(STORE, 5.0, 150),
                measured(STORE_URL, 6.0, 165),
                measured(PLAIN, 2.0, 100),
                measured(PLAIN_URL, 2.0, 100),
                measured(CLONE, 11.0, 0),
                measured(CLONE_URL, 11.0, 0),
                measured(AGAIN, 0.05, 0),
                measured(CHANGED, 0.5, 0),
            ],
            gone: Vec::new(),
        };
        let found: Vec<(String, bool)> = promises(&contest)
            .into_iter()
            .map(|promise| (promise.what, promise.met))
            .collect();
        let expected = [
            ("linux: wall into a store, of git clone", true),
            (
                "linux: wall into a store from a server, of git clone",
                false,
            ),
            (
                "linux: CPU of a commit that changes 1 %, of the first",
                false,
            ),
            ("linux: the same commit again", true),
            ("linux: anonymous memory beyond that of an import", false),
        ];
        assert_eq!(found, expected.map(|(what, met)| (what.to_owned(), met)));
    }

    #[test]
    fn only_the_record_of_a_complete_import_of_everything_will_do() {
        let record = |status: &str, files: u64| {
            format!(
                r#"{{"id":7,"status":"{status}","outcome":{{"totals":{{"files":{files},
                "folders":9,"symlinks":1,"submodules":1,"bytes":30}}}}}}"#
            )
        };
        let good = |text: String| {
            let mut print = Command::new("printf");
            let run = crate::measure::run(print.args(["%s", &text]), None).unwrap();
            check_record((5, 30))(&run, Path::new("")).is_ok()
        };
        assert!(good(record("complete", 3)));
        assert!(!good(record("complete", 4)));
        assert!(!good(record("failed", 3)));
        assert!(!good(String::new()));
        assert!(imports_before(record("complete", 3).as_bytes()).unwrap());
    }
}
