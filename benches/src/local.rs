//! Importing a repository from the disk.

pub(crate) mod contenders;
mod peers;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::child::{self, Truth};
use crate::corpus::Corpus;
use crate::git::{self, Result};
use crate::promise::{Bound, Promise};
use crate::report::{Contest, Report, Setting};
use crate::rounds::{self, Rounds};

pub(crate) use contenders::{CAT_FILE, FLOOR, GITLADE, LIMIT};

/// How much longer a file may take in a larger repository, or in one with history, before that is
/// no noise any more.
const FLAT: f64 = 1.25;

/// What `bench local` was told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Names of corpora, or paths of repositories; none means all corpora.
    pub corpora: Vec<String>,
    /// How often each contender runs.
    pub rounds: Rounds,
    /// Of the import, and of the floor.
    pub threads: usize,
    /// Whether peers take part that are no yardstick.
    pub peers: bool,
    /// Whether all of them do, on repositories where they take very long, too.
    pub all: bool,
    /// Only contenders whose name has this in it.
    pub only: Option<String>,
    /// The command line.
    pub gitlade: PathBuf,
}

/// Runs all contests.
///
/// # Errors
///
/// If a corpus cannot be made, or a contender fails or gives a wrong answer.
pub fn run(settings: &Settings, report: &mut Report) -> Result<()> {
    let all = || Corpus::ALL.map(|corpus| corpus.name().to_owned()).to_vec();
    let corpora = match &settings.corpora[..] {
        [] => all(),
        some => some.to_vec(),
    };
    for name in corpora {
        let contest = contest(&name, Setting::Local, settings, &|_| true)?;
        report.add(contest);
    }
    report.promises.extend(promises(&report.contests));
    Ok(())
}

/// Lets those contenders import one repository whose names are `wanted`.
///
/// # Errors
///
/// As for [`run`].
pub(crate) fn contest(
    name: &str,
    setting: Setting,
    settings: &Settings,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Contest> {
    let repository = find(name)?;
    let work = tempfile::Builder::new()
        .prefix("local-")
        .tempdir_in(crate::corpus::cache()?)?;
    let truth = ask_truth(&repository, work.path())?;
    warm(&repository)?;
    let only = settings.only.as_ref();
    let wanted = |name: &str| wanted(name) && only.is_none_or(|only| name.contains(only));
    let contenders = contenders::of(&repository, work.path(), &truth, settings, &wanted)?;
    let (contenders, gone) = rounds::run(&contenders, settings.rounds, work.path())?;
    let title = match setting {
        Setting::Threads(threads) => format!("{name}, {threads} threads"),
        _ => name.to_owned(),
    };
    Ok(Contest {
        title,
        corpus: name.to_owned(),
        setting,
        entries: truth.entries,
        bytes: truth.bytes,
        contenders,
        gone,
    })
}

/// The repository of a corpus, which is made if need be, or the one at a path.
///
/// # Errors
///
/// If there is neither.
pub fn find(name: &str) -> Result<PathBuf> {
    if Corpus::named(name).is_none() {
        return fs::canonicalize(name)
            .map_err(|error| format!("{name} is neither a corpus nor a path: {error}").into());
    }
    let path = crate::corpus::cache()?.join(name);
    if !path.exists() {
        // In a process of its own, because of the memory; see `write_truth`.
        let mut make = contenders::this_program();
        git::output(make.args(["corpus", name]))?;
    }
    Ok(path)
}

/// Asks Git what is in a repository; see [`child::write_truth`].
///
/// # Errors
///
/// If Git fails.
pub fn ask_truth(repository: &Path, work: &Path) -> Result<Truth> {
    let mut ask = contenders::this_program();
    git::output(ask.args(["child", "truth"]).args([repository, work]))?;
    child::read_truth(work)
}

/// Reads the packs once, so that no contender has to fetch them from the disk for the others.
fn warm(repository: &Path) -> Result<()> {
    let objects = git::line(git::git_in(repository).args(["rev-parse", "--git-path", "objects"]))?;
    for file in fs::read_dir(repository.join(objects).join("pack"))? {
        io::copy(&mut File::open(file?.path())?, &mut io::sink())?;
    }
    Ok(())
}

pub(crate) fn promises(contests: &[Contest]) -> Vec<Promise> {
    let mut promises = Vec::new();
    let find = |title: &str| {
        contests
            .iter()
            .find(|contest| contest.setting == Setting::Local && contest.title == title)
    };
    let is_linux = |title: &str| {
        Path::new(title)
            .file_name()
            .is_some_and(|name| name == "linux")
    };
    if let Some(linux) = contests
        .iter()
        .find(|contest| contest.setting == Setting::Local && is_linux(&contest.title))
        && let Some(gitlade) = linux.get(GITLADE)
    {
        if let Some(floor) = linux.get(FLOOR) {
            let ratio = gitlade.ratio(floor, |sample| sample.wall);
            let what = "linux: wall, of inflating alone";
            promises.push(Promise::of(what, Bound::AtMost(1.5), ratio, ""));
        }
        if let Some(git) = linux.get(CAT_FILE) {
            let ratio = git.ratio(gitlade, |sample| sample.wall);
            let what = "linux: times faster than git cat-file";
            promises.push(Promise::of(what, Bound::AtLeast(4.0), ratio, ""));
        }
        promises.push(memory("linux: anonymous memory", gitlade, 200.0));
    }
    if let Some(few) = find("many-10k") {
        for larger in ["many-100k", "many-1m", "history-10k", "history-100k"] {
            if let Some(many) = find(larger) {
                let what = format!("{larger}: time for a file, of that in many-10k");
                promises.extend(time_of_a_file(what, many, few));
            }
        }
    }
    promises
}

/// The peak of anonymous memory over all rounds.
pub(crate) fn memory(what: &str, measured: &rounds::Measured, mebibytes: f64) -> Promise {
    let peak = measured.peak_anonymous() as f64 / f64::from(1 << 20);
    Promise::of_value(what, Bound::AtMost(mebibytes), peak, "MiB")
}

fn time_of_a_file(what: String, one: &Contest, other: &Contest) -> Option<Promise> {
    let for_a_file = |contest: &Contest| {
        let wall = contest.get(GITLADE)?.summary(|sample| sample.wall);
        Some(wall.median / contest.entries as f64)
    };
    let ratio = for_a_file(one)? / for_a_file(other)?;
    Some(Promise::of_value(what, Bound::AtMost(FLAT), ratio, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rounds::{Measured, Sample};

    fn measured(name: &'static str, wall: f64, anonymous: u64) -> Measured {
        let sample = Sample {
            wall,
            cpu: wall,
            anonymous,
            resident: 0,
            tail: None,
        };
        Measured {
            name,
            samples: vec![sample],
        }
    }

    fn contest(title: &str, entries: u64, contenders: Vec<Measured>) -> Contest {
        Contest {
            title: title.to_owned(),
            corpus: title.to_owned(),
            setting: Setting::Local,
            entries,
            bytes: 0,
            contenders,
            gone: Vec::new(),
        }
    }

    #[test]
    fn promises_follow_from_the_contests() {
        let contests = [
            contest(
                "/somewhere/linux",
                80_000,
                vec![
                    measured(GITLADE, 1.5, 201 << 20),
                    measured(FLOOR, 1.0, 0),
                    measured(CAT_FILE, 6.0, 0),
                ],
            ),
            contest("many-10k", 10_000, vec![measured(GITLADE, 0.1, 0)]),
            contest("many-1m", 1_000_000, vec![measured(GITLADE, 13.0, 0)]),
            contest("history-10k", 10_000, vec![measured(GITLADE, 0.11, 0)]),
        ];
        let kept: Vec<(String, bool)> = promises(&contests)
            .into_iter()
            .map(|promise| (promise.what, promise.met))
            .collect();
        let expected = [
            ("linux: wall, of inflating alone", true),
            ("linux: times faster than git cat-file", true),
            ("linux: anonymous memory", false),
            ("many-1m: time for a file, of that in many-10k", false),
            ("history-10k: time for a file, of that in many-10k", true),
        ];
        assert_eq!(kept, expected.map(|(what, met)| (what.to_owned(), met)));
    }

    #[test]
    fn what_is_no_corpus_is_a_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap();
        assert_eq!(find(path.to_str().unwrap()).unwrap(), path);
        assert!(find("no-such-corpus").is_err());
    }
}
