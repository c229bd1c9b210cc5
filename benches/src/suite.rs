//! Everything in one go: repositories, threads, bandwidths.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::corpus::Corpus;
use crate::git::Result;
use crate::local;
use crate::remote::{self, Line};
use crate::report::{Report, Setting};
use crate::rounds::Rounds;

/// When a quick run begins nothing more; what has begun is ended, and all of it takes five minutes at
/// most.
const QUICK: Duration = Duration::from_secs(200);

/// Bytes a second at which the tail is measured.
const RATES: [u64; 4] = [10_000_000, 30_000_000, 100_000_000, 300_000_000];

/// What `benches/run` was told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether to end within five minutes.
    pub quick: bool,
    /// Names of corpora, or paths of repositories; none means a choice by `quick`.
    pub corpora: Vec<String>,
    /// Parts of the names of the peers that take part; none means all.
    pub peers: Vec<String>,
    /// How often each contender runs; less if time is short.
    pub rounds: Option<usize>,
    /// Of gitlade and its parts, but for the curve over threads.
    pub threads: usize,
    /// The command line.
    pub gitlade: PathBuf,
}

/// Runs all contests.
///
/// # Errors
///
/// If a corpus cannot be made, or a contender fails or gives a wrong answer.
pub fn run(settings: &Settings, report: &mut Report) -> Result<()> {
    let until = settings.quick.then(|| Instant::now() + QUICK);
    let is_late = || until.is_some_and(|until| Instant::now() >= until);
    let rounds = Rounds {
        most: settings
            .rounds
            .unwrap_or(if settings.quick { 3 } else { 5 }),
        until,
    };
    let corpora = corpora(settings);
    let curve = curve_corpus(&corpora);

    let wanted = |name: &str| {
        let ours = ["gitlade", "floor:", "limit:", "ingest"];
        settings.peers.is_empty()
            || ours.iter().any(|prefix| name.starts_with(prefix))
            || settings.peers.iter().any(|peer| name.contains(peer))
    };
    let local = local::Settings {
        corpora: Vec::new(),
        rounds,
        threads: settings.threads,
        peers: true,
        only: None,
        gitlade: settings.gitlade.clone(),
    };
    for name in &corpora {
        if is_late() {
            report.omit(format!("{name} from the disk: the time is over"));
            continue;
        }
        report.add(local::contest(name, Setting::Local, &local, &wanted)?);
    }
    report.promises.extend(local::promises(&report.contests));

    let is_scaled = |name: &str| [local::GITLADE, local::FLOOR, local::LIMIT].contains(&name);
    for threads in thread_counts(settings.threads) {
        if is_late() {
            report.omit(format!("{curve} on {threads} threads: the time is over"));
            continue;
        }
        let local = local::Settings {
            threads,
            ..local.clone()
        };
        let setting = Setting::Threads(threads);
        report.add(local::contest(curve, setting, &local, &is_scaled)?);
    }

    if is_late() {
        report.omit(format!("{curve} from a server: the time is over"));
        return Ok(());
    }
    let remote = remote::Settings {
        corpora: Vec::new(),
        rounds,
        rate: 0,
        threads: settings.threads,
        gitlade: settings.gitlade.clone(),
        only: None,
    };
    let line = Line::new(curve)?;
    let fast = line.contest(Setting::FullSpeed, &remote, &wanted)?;
    for rate in RATES {
        if is_late() {
            let rate = rate as f64 / 1e6;
            report.omit(format!("{curve} at {rate} MB/s: the time is over"));
            continue;
        }
        let slow = line.contest(Setting::Rate(rate), &remote, &wanted)?;
        if rate == 100_000_000 {
            report
                .promises
                .extend(remote::promises(curve, &fast, &slow));
        }
        report.add(slow);
    }
    report.add(fast);
    Ok(())
}

/// What is measured if nothing is named: what shows the curves in a few minutes, or everything.
fn corpora(settings: &Settings) -> Vec<String> {
    if !settings.corpora.is_empty() {
        return settings.corpora.clone();
    }
    if settings.quick {
        return ["many-1k", "many-10k", "many-100k", "deltas"]
            .map(String::from)
            .to_vec();
    }
    Corpus::ALL.map(|corpus| corpus.name().to_owned()).to_vec()
}

/// The repository for the curves over threads and bandwidths: what promises are about, if it is there.
fn curve_corpus(corpora: &[String]) -> &str {
    let preferred = ["linux", "many-100k"];
    let found = preferred
        .iter()
        .find_map(|name| corpora.iter().find(|one| one == name));
    found.or(corpora.last()).map_or("many-10k", String::as_str)
}

/// 1, 2, 4 and so on, up to what there is.
fn thread_counts(most: usize) -> Vec<usize> {
    let mut counts: Vec<usize> = std::iter::successors(Some(1), |count| Some(count * 2))
        .take_while(|&count| count < most)
        .collect();
    counts.push(most.max(1));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_over_what_was_asked_for() {
        let names = |names: &[&str]| {
            names
                .iter()
                .map(|&name| name.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            curve_corpus(&names(&["deep", "many-100k", "linux"])),
            "linux"
        );
        assert_eq!(curve_corpus(&names(&["deep", "/a/path"])), "/a/path");
        assert_eq!(thread_counts(1), [1]);
        assert_eq!(thread_counts(2), [1, 2]);
        assert_eq!(thread_counts(6), [1, 2, 4, 6]);
    }

    #[test]
    fn corpora_of_a_quick_run_exist() {
        let settings = Settings {
            quick: true,
            corpora: Vec::new(),
            peers: Vec::new(),
            rounds: None,
            threads: 1,
            gitlade: PathBuf::new(),
        };
        assert!(
            corpora(&settings)
                .iter()
                .all(|name| Corpus::named(name).is_some())
        );
    }
}
