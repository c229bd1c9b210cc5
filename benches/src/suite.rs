//! Everything in one go: repositories, bandwidths, stores, threads, latencies.

mod plan;

use std::path::PathBuf;
use std::time::Instant;

use crate::git::Result;
use crate::local;
use crate::remote::{self, Line};
use crate::report::{Report, Setting};
use crate::rounds::Rounds;
use crate::store;

pub use plan::Extent;
use plan::{Field, Plan, Step};

/// Milliseconds from a request to its answer: from one continent to a server near by.
const LATENCY: u64 = 20;

/// What `benches/run` was told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How much is measured.
    pub extent: Extent,
    /// Names of corpora, or paths of repositories; none means a choice by `extent`.
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
/// If a corpus cannot be made, or a contender that is no peer fails or gives a wrong answer.
pub fn run(settings: &Settings, report: &mut Report) -> Result<()> {
    let plan = Plan::of(settings.extent, &settings.corpora, settings.rounds);
    let began = Instant::now();
    if settings.extent != Extent::Quick {
        for step in plan.local.iter().chain(&plan.last) {
            local::find(&step.corpus)?;
        }
    }
    // A quick run is short with what it makes.
    let clock = match settings.extent {
        Extent::Quick => began,
        _ => Instant::now(),
    };
    let suite = Suite {
        settings,
        until: plan.time.map(|time| clock + time),
        plan,
    };
    for step in &suite.plan.local {
        suite.local(step, report)?;
    }
    suite.remote(report)?;
    suite.store(report)?;
    suite.threads(report)?;
    suite.latency(report)?;
    for step in &suite.plan.last {
        suite.local(step, report)?;
    }
    report.promises.extend(local::promises(&report.contests));
    Ok(())
}

/// The corpora of the usual run.
#[must_use]
pub fn usual() -> Vec<String> {
    let plan = Plan::of(Extent::Usual, &[], None);
    let steps = plan.local.into_iter().chain(plan.last);
    steps.map(|step| step.corpus).collect()
}

struct Suite<'a> {
    settings: &'a Settings,
    plan: Plan,
    until: Option<Instant>,
}

impl Suite<'_> {
    /// Whether there is no time for `what`, which is told then.
    fn is_late(&self, what: impl FnOnce() -> String, report: &mut Report) -> bool {
        let is_late = self.until.is_some_and(|until| Instant::now() >= until);
        if is_late {
            report.omit(format!("{}: the time is over", what()));
        }
        is_late
    }

    /// Whether a contender takes part, by the peers that are named.
    fn is_wanted(&self, name: &str) -> bool {
        let ours = ["gitlade", "floor:", "limit:", "ingest"];
        let peers = &self.settings.peers;
        peers.is_empty()
            || ours.iter().any(|prefix| name.starts_with(prefix))
            || peers.iter().any(|peer| name.contains(peer))
    }

    fn rounds(&self, most: usize) -> Rounds {
        Rounds {
            most,
            until: self.until,
            patience: self.plan.patience,
        }
    }

    fn local_settings(&self, threads: usize, rounds: usize) -> local::Settings {
        local::Settings {
            corpora: Vec::new(),
            rounds: self.rounds(rounds),
            threads,
            peers: true,
            all: self.settings.extent == Extent::Long || !self.settings.peers.is_empty(),
            only: None,
            gitlade: self.settings.gitlade.clone(),
        }
    }

    fn local(&self, step: &Step, report: &mut Report) -> Result<()> {
        if self.is_late(|| format!("{} from the disk", step.corpus), report) {
            return Ok(());
        }
        let few = [local::GITLADE, local::FLOOR, local::LIMIT, local::CAT_FILE];
        let wanted =
            |name: &str| self.is_wanted(name) && (step.field == Field::All || few.contains(&name));
        let settings = self.local_settings(self.settings.threads, step.rounds);
        let contest = local::contest(&step.corpus, Setting::Local, &settings, &wanted)?;
        report.add(contest);
        Ok(())
    }

    fn threads(&self, report: &mut Report) -> Result<()> {
        let is_scaled = |name: &str| [local::GITLADE, local::FLOOR, local::LIMIT].contains(&name);
        let curve = &self.plan.curve;
        for threads in thread_counts(self.settings.threads) {
            if self.is_late(|| format!("{curve} on {threads} threads"), report) {
                continue;
            }
            let settings = self.local_settings(threads, self.plan.rounds);
            let setting = Setting::Threads(threads);
            report.add(local::contest(curve, setting, &settings, &is_scaled)?);
        }
        Ok(())
    }

    fn remote_settings(&self) -> remote::Settings {
        remote::Settings {
            corpora: Vec::new(),
            rounds: self.rounds(self.plan.rounds),
            rate: 0,
            threads: self.settings.threads,
            gitlade: self.settings.gitlade.clone(),
            only: None,
        }
    }

    fn remote(&self, report: &mut Report) -> Result<()> {
        let curve = &self.plan.curve;
        if self.is_late(|| format!("{curve} from a server"), report) {
            return Ok(());
        }
        let settings = self.remote_settings();
        let line = Line::new(curve)?;
        let wanted = |name: &str| self.is_wanted(name);
        let fast = line.contest(Setting::FullSpeed, &settings, &wanted)?;
        let mut at_100 = None;
        for &rate in &self.plan.rates {
            let what = || format!("{curve} at {} MB/s", rate as f64 / 1e6);
            if self.is_late(what, report) {
                continue;
            }
            let slow = line.contest(Setting::Rate(rate), &settings, &wanted)?;
            if rate == 100_000_000 {
                at_100 = Some(remote::promises(curve, &fast, Some(&slow)));
            }
            report.add(slow);
        }
        let promises = at_100.unwrap_or_else(|| remote::promises(curve, &fast, None));
        report.promises.extend(promises);
        report.add(fast);
        Ok(())
    }

    fn store(&self, report: &mut Report) -> Result<()> {
        for name in &self.plan.stored {
            if self.is_late(|| format!("{name} into a store"), report) {
                continue;
            }
            let settings = store::Settings {
                corpora: vec![name.clone()],
                rounds: self.rounds(self.plan.rounds),
                threads: self.settings.threads,
                only: None,
                gitlade: self.settings.gitlade.clone(),
            };
            store::run(&settings, report)?;
        }
        Ok(())
    }

    fn latency(&self, report: &mut Report) -> Result<()> {
        for name in &self.plan.latent {
            if self.is_late(|| format!("{name} at {LATENCY} ms of latency"), report) {
                continue;
            }
            let line = Line::new(name)?;
            let wanted = |name: &str| self.is_wanted(name);
            let settings = self.remote_settings();
            report.add(line.contest(Setting::Latency(LATENCY), &settings, &wanted)?);
        }
        Ok(())
    }
}

/// 1, 2, 4 and so on, up to what there is, and twice and four times as many: where more do not help.
fn thread_counts(there: usize) -> Vec<usize> {
    let there = there.max(1);
    let mut counts: Vec<usize> = std::iter::successors(Some(1), |count| Some(count * 2))
        .take_while(|&count| count < there)
        .collect();
    counts.extend([there, there * 2, there * 4]);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_double_up_to_what_there_is_and_beyond() {
        assert_eq!(thread_counts(1), [1, 2, 4]);
        assert_eq!(thread_counts(2), [1, 2, 4, 8]);
        assert_eq!(thread_counts(6), [1, 2, 4, 6, 12, 24]);
    }
}
