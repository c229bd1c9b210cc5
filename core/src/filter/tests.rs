//! Filters compared with `git check-ignore`.

use std::collections::BTreeSet;

use super::*;
use crate::limits::Limits;
use crate::oracle::{Random, Repository};

const NAMES: [&str; 5] = ["a", "ab", "b.c", "#x", "c d"];

/// All paths of a tree in which every name is a folder down to the last level, where it is a file.
fn paths(depth: usize) -> Vec<(String, bool)> {
    let mut all: Vec<(String, bool)> = NAMES.map(|name| (name.to_owned(), depth > 1)).to_vec();
    if depth > 1 {
        for (inside, is_folder) in paths(depth - 1) {
            all.extend(NAMES.map(|name| (format!("{name}/{inside}"), is_folder)));
        }
    }
    all.sort();
    all
}

/// The files that a walk keeps.
fn walk(filter: &Filter, paths: &[(String, bool)]) -> BTreeSet<String> {
    let mut counter = MatchCounter::new(&Limits::default());
    let mut kept = BTreeSet::new();
    let mut skipped: Option<String> = None;
    for (path, is_folder) in paths {
        if skipped
            .as_ref()
            .is_some_and(|skipped| path.starts_with(skipped.as_str()))
        {
            continue;
        }
        match filter
            .decide(path.as_bytes(), *is_folder, &mut counter)
            .unwrap()
        {
            Decision::Keep if !is_folder => drop(kept.insert(path.clone())),
            Decision::Keep | Decision::Descend => assert!(is_folder),
            Decision::Skip if *is_folder => skipped = Some(format!("{path}/")),
            Decision::Skip => {}
        }
    }
    kept
}

/// The files that Git ignores by these patterns.
fn ignored(repository: &Repository, patterns: &[String], files: &[String]) -> BTreeSet<String> {
    repository.write(".gitignore", patterns.join("\n").as_bytes());
    let arguments = ["check-ignore", "-z", "--stdin", "--no-index"];
    let output = repository.git(&arguments, files.join("\0").as_bytes());
    let output = String::from_utf8(output).unwrap();
    let paths = output.split('\0').filter(|path| !path.is_empty());
    paths.map(str::to_owned).collect()
}

fn random_pattern(random: &mut Random, negative: bool) -> String {
    const PIECES: [&str; 23] = [
        "a", "ab", "b.c", "c d", "*", "**", "?", "*.c", "a*", "/", "/", "/", "**/", "/**", "/**/",
        "**\\/", "[ab]", "[!a]*", "\\#x", "\\a", "c\\ d ", " ", "?b",
    ];
    let mut pattern = String::new();
    if negative && random.below(3) == 0 {
        pattern.push('!');
    }
    for _ in 0..1 + random.below(4) {
        pattern.push_str(random.pick(&PIECES));
    }
    pattern
}

#[test]
fn excludes_what_git_ignores_and_includes_nothing_else() {
    let paths = paths(3);
    let files: Vec<String> = paths
        .iter()
        .filter(|(_, is_folder)| !is_folder)
        .map(|(path, _)| path.clone())
        .collect();
    let repository = Repository::new();
    for file in &files {
        repository.write(file, b"");
    }
    let all: BTreeSet<String> = files.iter().cloned().collect();
    let mut tried = 0;
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let negative = random.below(2) == 0;
        let patterns: Vec<String> = (0..1 + random.below(4))
            .map(|_| random_pattern(&mut random, negative))
            .collect();
        let Ok(filter) = Filter::new(&[], &patterns) else {
            continue;
        };
        tried += 1;
        let ignored = ignored(&repository, &patterns, &files);
        let expected: BTreeSet<String> = all.difference(&ignored).cloned().collect();
        assert_eq!(walk(&filter, &paths), expected, "exclude {patterns:?}");
        if !negative {
            let filter = Filter::new(&patterns, &[]).unwrap();
            assert_eq!(walk(&filter, &paths), ignored, "include {patterns:?}");
        }
    }
    assert!(tried > 200, "{tried}");
}

fn decide(include: &[&str], exclude: &[&str], path: &str, is_folder: bool) -> Decision {
    let filter = Filter::new(include, exclude).unwrap();
    let mut counter = MatchCounter::new(&Limits::default());
    filter
        .decide(path.as_bytes(), is_folder, &mut counter)
        .unwrap()
}

#[test]
fn folders_that_cannot_hold_a_match_are_not_entered() {
    assert_eq!(decide(&["/src/*.rs"], &[], "src", true), Decision::Descend);
    assert_eq!(decide(&["/src/*.rs"], &[], "docs", true), Decision::Skip);
    assert_eq!(
        decide(&["/src/*.rs"], &[], "src/deep", true),
        Decision::Skip
    );
    assert_eq!(decide(&["*.rs"], &[], "docs", true), Decision::Descend);
    assert_eq!(decide(&["a/**/b"], &[], "a/x/y", true), Decision::Descend);
    assert_eq!(decide(&["a/**/b"], &[], "x", true), Decision::Skip);
    assert_eq!(decide(&["src"], &[], "src/deep", true), Decision::Keep);
}

#[test]
fn negative_includes_take_out_and_may_be_taken_in_again() {
    let include = ["/src", "!gen", "/src/gen/keep.rs"];
    assert_eq!(decide(&include, &[], "src/a.rs", false), Decision::Keep);
    assert_eq!(decide(&include, &[], "src/gen", true), Decision::Descend);
    assert_eq!(decide(&include, &[], "src/gen/x.rs", false), Decision::Skip);
    assert_eq!(
        decide(&include, &[], "src/gen/keep.rs", false),
        Decision::Keep
    );
}

#[test]
fn excluding_wins_over_including() {
    assert_eq!(decide(&["*.rs"], &["a.rs"], "a.rs", false), Decision::Skip);
    assert_eq!(decide(&["a"], &["b"], "a/b", true), Decision::Skip);
}

#[test]
fn patterns_that_match_nothing_are_errors_that_name_them() {
    for pattern in [
        "", " ", "/", "!", "!/", "#note", "a\nb", "a\0", "[a", "a\\", "[[:x:]]",
    ] {
        let error = crate::Error::from(Filter::new(&[pattern], &[]).unwrap_err());
        assert_eq!(error.kind(), ErrorKind::InvalidOptions);
        let shown = Printable(pattern.as_bytes()).to_string();
        let expected = format!("the include pattern \"{shown}\" ");
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
    let long = "a".repeat(4_096);
    assert!(Filter::new(&[&long], &[]).is_ok());
    assert!(Filter::new(&[], &[long + "a"]).is_err());
}

#[test]
fn an_empty_filter_keeps_everything() {
    assert!(Filter::default().is_empty());
    assert_eq!(decide(&[], &[], "a", false), Decision::Keep);
}
