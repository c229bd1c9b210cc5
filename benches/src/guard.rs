//! A guard against becoming slower: counts of instructions, which do not depend on how busy the
//! machine is, held against counts that are committed.

mod baseline;
mod callgrind;
mod pack;
mod workload;

use std::fs;
use std::path::Path;

use crate::git::Result;
use crate::table::Table;

pub use baseline::{Baseline, Verdict};
pub use callgrind::{Count, features, instructions};
pub use workload::Workload;

/// How much a count may grow, as a part of the baseline's. What is left of chance (seeds of hash
/// tables, turns of threads, lengths of paths) stays far below.
const TOLERANCE: f64 = 0.02;

/// Counts all workloads, each by a process that `start` makes the command of, and holds them against
/// the baselines in the file at `path`; with `bless` they become the baselines instead. Says whether
/// all is well.
///
/// # Errors
///
/// If a workload cannot be prepared or fails, or a file cannot be read or written.
pub fn run(path: &Path, bless: bool) -> Result<bool> {
    let toolchain = callgrind::toolchain()?;
    let known = match Baseline::parse(&fs::read_to_string(path).unwrap_or_default()) {
        Ok(known) => known,
        // They are about to be replaced.
        Err(_) if bless => Baseline::default(),
        Err(error) => return Err(error),
    };
    if !bless && known.toolchain != toolchain {
        println!(
            "guard: skipped: the baselines are those of {}, and this is {toolchain}",
            known.toolchain
        );
        return Ok(true);
    }
    let folder = tempfile::tempdir()?;
    let mut counted = Baseline::new(toolchain);
    for workload in Workload::ALL {
        let inputs = folder.path().join(workload.name());
        fs::create_dir(&inputs)?;
        workload.prepare(&inputs)?;
        counted.insert(workload.name(), instructions(workload, &inputs)?);
    }
    if bless {
        fs::write(path, counted.to_string())?;
    }
    let mut table = Table::new([
        "workload",
        "instructions",
        "baseline",
        "change",
        "in libraries",
        "baseline",
        "",
    ]);
    let mut is_well = true;
    for (name, count) in counted.counts() {
        let before = known.get(name);
        let verdict = Verdict::of(count, before, TOLERANCE);
        is_well &= bless || verdict.is_well();
        let change = before.map(|before| (count.own as f64 / before.own as f64 - 1.0) * 100.0);
        let known = |figure: fn(Count) -> u64| {
            before.map_or(String::new(), |before| figure(before).to_string())
        };
        table.row([
            name.to_owned(),
            count.own.to_string(),
            known(|count| count.own),
            change.map_or(String::new(), |change| format!("{change:+.2} %")),
            count.system.to_string(),
            known(|count| count.system),
            verdict.to_string(),
        ]);
    }
    print!("{table}");
    if !is_well {
        eprintln!(
            "guard: make it as fast as it was, or say in the commit why it is not, and renew the\n\
             baselines: benches/guard --bless"
        );
    }
    Ok(is_well)
}
