//! Every hostile repository ends in a right import or in the expected error (P2).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use gitlade::{Error, ErrorKind, Import, Limits, Options, Verify};
use gitlade_tests::git::Git;
use gitlade_tests::hostile::{self, Expect, Fixture};
use gitlade_tests::hostile::{Mutation, Truth, mutations};
use gitlade_tests::patience::is_late;
use gitlade_tests::scratch;

use crate::importing::{body, local};
use crate::shown::assert_harmless;
use crate::truth::assert_lists;

/// How long any of them may take.
const SOON: Duration = Duration::from_secs(10);

/// Packs whose indexes were made for another content, checksums and all. Only the object id tells,
/// which is not computed by default (see `Verify`).
const FORGED: [&str; 2] = ["packs/other-content", "deltas/other-result"];

/// Does `work` with each item, on as many threads as the machine is worth.
fn for_each<T: Send>(
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(T, &Path) + Sync,
) -> usize {
    let items = Mutex::new((items, 0));
    let next = || {
        let mut items = items.lock().unwrap_or_else(PoisonError::into_inner);
        let item = items.0.next()?;
        items.1 += 1;
        Some(item)
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let dir = scratch();
                let mut number = 0;
                while let Some(item) = next() {
                    let place = dir.path().join(number.to_string());
                    work(item, &place);
                    // A few cannot be read by their owner.
                    let _ = std::fs::remove_dir_all(&place);
                    number += 1;
                }
            });
        }
    });
    items.into_inner().unwrap_or_else(PoisonError::into_inner).1
}

fn timed(path: &Path, options: &Options) -> (Result<Import, Error>, Duration) {
    let begun = Instant::now();
    let result = local(path, options);
    (result, begun.elapsed())
}

/// What is wrong about how the import of a fixture ended.
fn judge(fixture: &Fixture, path: &Path, options: &Options) -> Option<String> {
    let (result, took) = timed(path, options);
    if is_late(SOON, took) {
        return Some(format!("takes {took:?}"));
    }
    match result {
        Err(error) => {
            assert_harmless(&error, fixture.name);
            let fine = fixture.expect.allows_error(error.kind(), error.limit());
            (!fine).then(|| format!("{}: {error}", error.kind()))
        }
        Ok(_) if !fixture.expect.allows_success() => Some("is imported".to_owned()),
        Ok(import) => {
            if let Expect::Flagged(expected) = fixture.expect {
                let names = flags_of(&import);
                let missing: Vec<_> = expected
                    .iter()
                    .filter(|name| !names.contains(&name.to_string()))
                    .collect();
                if !missing.is_empty() {
                    return Some(format!("lacks the flags {missing:?}, has {names:?}"));
                }
            }
            // A bomb is too large to be listed.
            if import.manifest().entries().len() < 20_000
                && import.manifest().totals().bytes < 64 << 20
            {
                let git = Git::at(path);
                let said = git.output(
                    &[
                        "--no-replace-objects",
                        "ls-tree",
                        "-r",
                        "-t",
                        "-z",
                        "--full-tree",
                        "HEAD",
                    ],
                    b"",
                );
                if said.success {
                    assert_lists(&import, &said.stdout, fixture.name);
                }
            }
            None
        }
    }
}

/// The flags of all entries, as the manifest's text has them.
fn flags_of(import: &Import) -> Vec<String> {
    let text = crate::importing::ndjson(import.manifest());
    let mut names = Vec::new();
    for line in text
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let record: serde_json::Value = serde_json::from_slice(line).expect("because it is JSON");
        let flags = record
            .get("flags")
            .and_then(|flags| flags.as_array())
            .cloned();
        names.extend(
            flags
                .into_iter()
                .flatten()
                .filter_map(|flag| flag.as_str().map(str::to_owned)),
        );
    }
    names
}

#[test]
fn every_fixture_ends_as_it_has_to() {
    assert_ends(false, 150);
}

#[test]
fn every_bomb_ends_as_it_has_to() {
    assert_ends(true, 20);
}

/// Imports the bombs, or all other fixtures, of which there have to be `least`.
fn assert_ends(bombs: bool, least: usize) {
    let wrong = Mutex::new(Vec::new());
    // The default cap is some seconds of optimised work, and minutes of this.
    let limits = || Limits::default().max_pattern_matches(20_000_000);
    let variants = [
        Options::default().limits(limits()),
        Options::default()
            .limits(limits())
            .threads(1)
            .memory(1 << 20)
            .verify(Verify::Ids),
    ];
    let fixtures = hostile::all().into_iter();
    let fixtures = fixtures.filter(|fixture| fixture.name.starts_with("bombs/") == bombs);
    let count = for_each(fixtures, |fixture, place| {
        fixture.make(place);
        let path = fixture.opened(place);
        // A bomb that is spilled to a disk is a matter of patience.
        let ways = if fixture.name.starts_with("bombs/") {
            1
        } else {
            variants.len()
        };
        for (number, options) in variants[..ways].iter().enumerate() {
            if options.verify == Verify::Checksums && FORGED.contains(&fixture.name) {
                continue;
            }
            if let Some(fault) = judge(&fixture, &path, options) {
                let line = format!(
                    "{} ({number}): {fault}; expected {:?}",
                    fixture.name, fixture.expect
                );
                wrong
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(line);
            }
        }
    });
    let wrong = wrong.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    println!("hostile: {count} fixtures");
    assert!(count >= least, "{count}");
}

/// Which of the generated repositories are tried: each that has one byte of a pack or of an index
/// flipped, and some of all others.
fn is_tried(number: usize, mutation: &Mutation) -> bool {
    let every_byte = [
        "pack/flip/",
        "pack-sealed/flip/",
        "index/flip/",
        "index-sealed/flip/",
    ];
    number.is_multiple_of(7)
        || every_byte
            .iter()
            .any(|name| mutation.name.starts_with(name))
}

#[test]
fn no_mutation_is_silently_wrong() {
    let dir = scratch();
    let truths: HashMap<Truth, Vec<u8>> = Truth::ALL
        .into_iter()
        .map(|truth| {
            let place = dir.path().join(format!("{truth:?}"));
            truth.make(&place);
            let import = local(&place, &Options::default()).expect("because it is sound");
            let said = Git::at(&place).run(&["ls-tree", "-r", "-t", "-z", "HEAD"]);
            assert_lists(&import, &said, "a truth");
            (truth, body(import.manifest()))
        })
        .collect();
    let wrong = Mutex::new(Vec::new());
    let refused = Mutex::new(0);
    let tried = mutations(1)
        .enumerate()
        .filter(|(number, mutation)| is_tried(*number, mutation));
    let count = for_each(tried, |(number, mutation), place: &Path| {
        mutation.make(place);
        let threads = 1 + number % 2;
        let (result, took) = timed(place, &Options::default().threads(threads));
        let fault = match result {
            _ if is_late(SOON, took) => Some(format!("takes {took:?}")),
            Err(error) => {
                assert_harmless(&error, &mutation.name);
                *refused.lock().unwrap_or_else(PoisonError::into_inner) += 1;
                (error.kind() == ErrorKind::Internal).then(|| error.to_string())
            }
            Ok(import) => match mutation.truth {
                Some(truth) if body(import.manifest()) != truths[&truth] => {
                    Some("is imported, and is not what it was made of".to_owned())
                }
                _ => None,
            },
        };
        if let Some(fault) = fault {
            let mut wrong = wrong.lock().unwrap_or_else(PoisonError::into_inner);
            wrong.push(format!("{}: {fault}", mutation.name));
        }
    });
    let wrong = wrong.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let refused = refused.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("hostile: {count} mutations, {refused} of them refused");
    assert!(count > 2_000, "{count}");
    assert!(refused * 2 > count, "{refused} of {count}");
}

/// Whatever is damaged, the answer is the same each time.
#[test]
fn the_same_damage_is_the_same_error() {
    let dir = scratch();
    let place: PathBuf = dir.path().join("damaged");
    let mutation = mutations(1).find(|mutation| mutation.name.starts_with("pack/flip/40"));
    mutation.expect("because the pack is longer").make(&place);
    let kinds: Vec<Option<ErrorKind>> = (0..20)
        .map(|number| {
            local(&place, &Options::default().threads(1 + number % 4))
                .err()
                .map(|error| error.kind())
        })
        .collect();
    assert!(kinds.iter().all(|kind| *kind == kinds[0]), "{kinds:?}");
}
