//! Memory stays under the budget that the caller sets, whatever the repository holds (P3).

use std::path::Path;

use gitlade_tests::hostile::{self, Fixture};
use gitlade_tests::scratch;
use gitlade_tests::server::GitHttp;

use crate::benign::{self, alike, file, many, noise};
use crate::child;

/// What an import may take on top of its budget: the code's own, the manifest, the stacks.
const ON_TOP: u64 = 64 << 20;

fn is_bomb(fixture: &Fixture) -> bool {
    fixture.name.starts_with("bombs/") || fixture.name.starts_with("attributes/")
}

/// Imports all sources in one child after the other, and gives the highest peaks.
fn assert_bounded(sources: &[(String, String)], threads: usize, budget: u64) {
    let mut peaks = Vec::new();
    for group in sources.chunks(12) {
        let paths = group.iter().map(|(_, path)| path.clone());
        // Stacks are data as well, of which little is used.
        let data = budget + ON_TOP + (64 << 20) + threads as u64 * (4 << 20);
        let ended = child::imports(paths).with(threads, budget).data(data).run();
        let peak = ended.peak();
        let results = ended.results();
        assert_eq!(results.len(), group.len());
        peaks.push(peak >> 20);
        let names: Vec<_> = group.iter().map(|(name, _)| name).collect();
        assert!(
            peak <= budget + ON_TOP,
            "{} MiB with a budget of {} and {threads} threads: {names:?} {results:?}",
            peak >> 20,
            budget >> 20
        );
    }
    println!(
        "memory: budget {} MiB, {threads} threads: peaks {peaks:?} MiB",
        budget >> 20
    );
}

#[test]
fn bombs_stay_under_the_budget() {
    let dir = scratch();
    let mut sources = Vec::new();
    for fixture in hostile::all().iter().filter(|fixture| is_bomb(fixture)) {
        let place = dir.path().join(fixture.name);
        fixture.make(&place);
        sources.push((
            fixture.name.to_owned(),
            fixture.opened(&place).display().to_string(),
        ));
    }
    assert!(sources.len() > 20, "{}", sources.len());
    for (threads, budget) in [
        (1, 64 << 20),
        (2, 64 << 20),
        (16, 64 << 20),
        (2, 256 << 20),
        (16, 256 << 20),
    ] {
        assert_bounded(&sources, threads, budget);
    }
}

/// Honest repositories that are large for their budget, read locally and received.
#[test]
fn large_repositories_stay_under_the_budget() {
    let dir = scratch();
    let make =
        |name: &str, files: &[benign::File]| benign::repository(dir.path(), name, "sha1", files);
    let large: Vec<_> = (0..4)
        .map(|number| file(format!("large/{number}"), noise(number, 40 << 20)))
        .collect();
    make("large.git", &large);
    make("alike.git", &alike(300));
    make("many.git", &many(5_000));
    let server = GitHttp::serve(dir.path());
    let names = ["large.git", "alike.git", "many.git"];
    let here = names.map(|name| (name.to_owned(), dir.path().join(name).display().to_string()));
    let there = names.map(|name| (name.to_owned(), server.url(name)));
    let sources: Vec<_> = here.into_iter().chain(there).collect();
    for (threads, budget) in [(1, 1 << 20), (2, 64 << 20), (16, 64 << 20)] {
        assert_bounded(&sources, threads, budget);
    }
    assert!(Path::new(&sources[0].1).is_dir());
}
