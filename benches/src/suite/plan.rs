//! What a run measures, in which order, and how long it may take.

use std::time::Duration;

use crate::corpus::Corpus;
use crate::rounds::PATIENCE;

/// How much is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// Small repositories; five minutes with everything but the build.
    Quick,
    /// All that a promise or a plot is about; 25 minutes after the repositories are made.
    #[default]
    Usual,
    /// Everything, with all peers on all repositories: hours.
    Long,
}

/// Who imports a repository from the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// All that can.
    All,
    /// gitlade, its floor and limit, and Git.
    Few,
}

/// One contest from the disk.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) corpus: String,
    pub(super) field: Field,
    pub(super) rounds: usize,
}

/// All of it.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// From the disk.
    pub(super) local: Vec<Step>,
    /// Over threads, and from a server.
    pub(super) curve: String,
    /// Rounds of the contests of `curve`.
    pub(super) rounds: usize,
    /// Bytes a second, the most important first.
    pub(super) rates: Vec<u64>,
    /// Into a store.
    pub(super) stored: Vec<String>,
    /// From a server that takes its time.
    pub(super) latent: Vec<String>,
    /// Shapes by themselves, and what else can be left out if the time is over.
    pub(super) last: Vec<Step>,
    /// After this nothing more begins.
    pub(super) time: Option<Duration>,
    /// What a peer may take for a run.
    pub(super) patience: Duration,
}

fn steps(names: &[&str], field: Field, rounds: usize) -> Vec<Step> {
    let step = |name: &&str| Step {
        corpus: (*name).to_owned(),
        field,
        rounds,
    };
    names.iter().map(step).collect()
}

impl Plan {
    /// The plan of an extent, or of `corpora` alone if there are any.
    pub(super) fn of(extent: Extent, corpora: &[String], rounds: Option<usize>) -> Self {
        let mut plan = match extent {
            Extent::Quick => Self::quick(),
            Extent::Usual => Self::usual(),
            Extent::Long => Self::long(),
        };
        if !corpora.is_empty() {
            let names: Vec<&str> = corpora.iter().map(String::as_str).collect();
            plan.local = steps(&names, Field::All, plan.rounds);
            plan.last.clear();
            plan.curve = curve_corpus(corpora).to_owned();
            plan.latent.retain(|name| corpora.contains(name));
            plan.stored.retain(|name| corpora.contains(name));
        }
        if let Some(rounds) = rounds {
            plan.rounds = rounds;
            for step in plan.local.iter_mut().chain(&mut plan.last) {
                step.rounds = rounds;
            }
        }
        plan
    }

    fn quick() -> Self {
        let mut local = steps(&["many-1k", "many-10k"], Field::All, 3);
        local.extend(steps(
            &["many-100k", "bytes-16m", "bytes-64m", "history-1k"],
            Field::Few,
            3,
        ));
        Plan {
            local,
            curve: "many-100k".to_owned(),
            rounds: 3,
            rates: vec![100_000_000, 10_000_000],
            stored: vec!["many-10k".to_owned()],
            latent: vec!["many-1k".to_owned()],
            last: steps(
                &["deep", "duplicates", "encodings", "deltas"],
                Field::Few,
                3,
            ),
            time: Some(Duration::from_secs(210)),
            patience: Duration::from_secs(20),
        }
    }

    fn usual() -> Self {
        let mut local = steps(&["linux", "many-1k", "many-10k"], Field::All, 5);
        local.extend(steps(&["many-100k"], Field::All, 3));
        local.extend(steps(&["many-1m"], Field::Few, 3));
        let curves = ["history-1k", "history-10k", "history-100k"];
        local.extend(steps(&curves, Field::Few, 5));
        let curves = ["bytes-16m", "bytes-64m", "bytes-256m", "bytes-1g"];
        local.extend(steps(&curves, Field::Few, 3));
        let mut last = steps(&["openjdk"], Field::All, 3);
        let shapes = [
            "one-huge",
            "wide",
            "deep",
            "duplicates",
            "binary",
            "encodings",
            "deltas",
            "deltas-deep",
        ];
        last.extend(steps(&shapes, Field::Few, 3));
        Plan {
            local,
            curve: "linux".to_owned(),
            rounds: 3,
            rates: vec![100_000_000, 300_000_000, 30_000_000, 1_000_000_000],
            stored: vec!["linux".to_owned(), "many-100k".to_owned()],
            latent: vec!["many-1k".to_owned(), "many-10k".to_owned()],
            last,
            time: Some(Duration::from_secs(20 * 60)),
            patience: PATIENCE,
        }
    }

    fn long() -> Self {
        let names = Corpus::ALL.map(Corpus::name);
        Plan {
            local: steps(&names, Field::All, 5),
            rounds: 5,
            latent: ["many-1k", "many-10k", "many-100k"]
                .map(str::to_owned)
                .to_vec(),
            last: Vec::new(),
            time: None,
            patience: Duration::from_secs(30 * 60),
            ..Self::usual()
        }
    }
}

/// The repository for the curves over threads and bandwidths: what promises are about, if it is there.
fn curve_corpus(corpora: &[String]) -> &str {
    let preferred = ["linux", "many-100k"];
    let found = preferred
        .iter()
        .find_map(|name| corpora.iter().find(|one| one == name));
    found.or(corpora.last()).map_or("many-10k", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_planned_exists() {
        for extent in [Extent::Quick, Extent::Usual, Extent::Long] {
            let plan = Plan::of(extent, &[], None);
            let steps = plan.local.iter().chain(&plan.last).map(|step| &step.corpus);
            for name in steps
                .chain(&plan.latent)
                .chain(&plan.stored)
                .chain([&plan.curve])
            {
                assert!(Corpus::named(name).is_some(), "{name}");
            }
        }
    }

    #[test]
    fn curves_are_over_what_was_asked_for() {
        let plan = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            Plan::of(Extent::Usual, &names, Some(7))
        };
        let linux = plan(&["deep", "many-100k", "linux"]);
        assert_eq!((linux.curve.as_str(), linux.local.len()), ("linux", 3));
        assert!(linux.latent.is_empty() && linux.last.is_empty());
        assert!(linux.local.iter().all(|step| step.rounds == 7));
        assert_eq!(plan(&["deep", "/a/path"]).curve, "/a/path");
    }
}
