//! Which figures make a curve.

use super::notes;
use crate::corpus::Corpus;
use crate::plot::{Plot, Series};
use crate::report::{Contest, Report, Setting};
use crate::rounds::Measured;
use crate::{local, remote};

/// A plot with the name of its file, and what is to be seen in it.
pub(super) type Curve = (&'static str, Plot, &'static str);

/// All plots; those for which nothing was measured are empty.
pub(super) fn of(report: &Report) -> [Curve; 6] {
    let contests = &report.contests[..];
    let by_files = |contest: &Contest| {
        let is_tiny = contest.corpus.starts_with("many-");
        (contest.setting == Setting::Local && is_tiny).then_some(contest.entries as f64)
    };
    let threads = |contest: &Contest| match contest.setting {
        Setting::Threads(threads) => Some(threads as f64),
        _ => None,
    };
    let wall = |_: &Contest, one: &Measured| Some(one.summary(|sample| sample.wall).median);
    let memory = |_: &Contest, one: &Measured| Some(one.peak_anonymous() as f64 / MEBIBYTE);
    let throughput = |contest: &Contest, one: &Measured| {
        Some(contest.bytes as f64 / 1e6 / one.summary(|sample| sample.wall).median)
    };
    let tail = |_: &Contest, one: &Measured| {
        let tails = one.samples.iter().map(|sample| sample.tail);
        let tails: Option<Vec<f64>> = tails.collect();
        Some(crate::stats::Summary::of(tails?)?.median)
    };
    let rate = |contest: &Contest| match contest.setting {
        Setting::Rate(rate) => Some(rate as f64 / 1e6),
        _ => None,
    };
    let by_bytes = |contest: &Contest| {
        let is_sized = contest.corpus.starts_with("bytes-");
        (contest.setting == Setting::Local && is_sized).then_some(contest.bytes as f64 / 1e6)
    };
    let by_commits = |contest: &Contest| {
        let commits = Corpus::named(&contest.corpus)?.commits()?;
        (contest.setting == Setting::Local).then_some(commits as f64)
    };
    [
        (
            "time-by-files",
            plot(
                "Time by number of files (200 to 800 bytes each)",
                ("files", "s"),
                true,
                series(contests, by_files, wall),
            ),
            notes::TIME_BY_FILES,
        ),
        (
            "memory-by-files",
            plot(
                "Peak of anonymous memory by number of files",
                ("files", "MiB"),
                true,
                series(contests, by_files, memory),
            ),
            notes::MEMORY_BY_FILES,
        ),
        (
            "time-by-bytes",
            plot(
                "Time by bytes (2,000 files)",
                ("MB", "s"),
                true,
                series(contests, by_bytes, wall),
            ),
            notes::TIME_BY_BYTES,
        ),
        (
            "time-by-history",
            plot(
                "Time by commits before HEAD (10,000 files)",
                ("commits", "s"),
                true,
                series(contests, by_commits, wall),
            ),
            notes::TIME_BY_HISTORY,
        ),
        (
            "throughput-by-threads",
            plot(
                "Throughput by threads",
                ("threads", "MB/s"),
                false,
                series(contests, threads, throughput),
            ),
            notes::THROUGHPUT_BY_THREADS,
        ),
        (
            "tail-by-rate",
            plot(
                "From the last byte to the end, by bandwidth",
                ("MB/s", "s"),
                false,
                series(contests, rate, tail),
            ),
            notes::TAIL_BY_RATE,
        ),
    ]
}

const MEBIBYTE: f64 = (1 << 20) as f64;

fn plot(title: &str, axes: (&str, &str), logarithmic: bool, series: Vec<Series>) -> Plot {
    Plot {
        title: title.to_owned(),
        x: axes.0.to_owned(),
        y: axes.1.to_owned(),
        logarithmic,
        series,
    }
}

/// A line for each contender, through the contests that have an `x`.
fn series(
    contests: &[Contest],
    x: impl Fn(&Contest) -> Option<f64>,
    y: impl Fn(&Contest, &Measured) -> Option<f64>,
) -> Vec<Series> {
    let mut series: Vec<Series> = Vec::new();
    for contest in contests {
        let Some(x) = x(contest) else { continue };
        for one in &contest.contenders {
            let Some(y) = y(contest, one) else { continue };
            let known = series.iter().position(|line| line.name == one.name);
            let number = known.unwrap_or_else(|| {
                series.push(Series {
                    name: one.name.to_owned(),
                    points: Vec::new(),
                    is_limit: [local::FLOOR, local::LIMIT].contains(&one.name),
                });
                series.len() - 1
            });
            series[number].points.push((x, y));
        }
    }
    // The project's own line is the first everywhere, in the same colour.
    series.sort_by_key(|line| ![local::GITLADE, remote::GITLADE].contains(&&line.name[..]));
    series
}
