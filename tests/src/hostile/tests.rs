//! What Git says about the fixtures must be what they are meant to be.

use std::collections::BTreeSet;
use std::time::Instant;

use super::*;
use crate::git::Git;
use crate::{scratch, scratch_in_memory};

const FSCK: &[&str] = &["fsck", "--strict", "--full", "--no-dangling"];

#[test]
fn names_are_unique_and_fit_for_paths() {
    let fixtures = all();
    assert!(fixtures.len() >= 350, "only {} fixtures", fixtures.len());
    let names: BTreeSet<_> = fixtures.iter().map(|fixture| fixture.name).collect();
    assert_eq!(names.len(), fixtures.len());
    for fixture in fixtures {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let (subject, name) = fixture.name.split_once('/').unwrap();
        assert!(subject.bytes().all(fits) && name.bytes().all(fits));
        assert!(fixture.what.ends_with('.'), "{}", fixture.name);
    }
}

#[test]
fn git_agrees() {
    let dir = scratch();
    let mut wrong = Vec::new();
    let mut asked = 0;
    for fixture in all() {
        if fixture.git == GitSays::Unasked {
            continue;
        }
        let place = dir.path().join(fixture.name);
        fixture.make(&place);
        let said = Git::at(fixture.opened(&place)).output(FSCK, b"");
        let text = said.text();
        let agrees = match fixture.git {
            GitSays::Text(expected) => text.contains(expected),
            GitSays::Fails => !said.success,
            GitSays::Fine => said.success && !text.contains("error") && !text.contains("warning"),
            GitSays::Unasked => true,
        };
        if !agrees || said.killed {
            wrong.push(format!(
                "{}: meant {:?}, and Git says {}: {text}",
                fixture.name, fixture.git, said.success
            ));
        }
        asked += 1;
        std::fs::remove_dir_all(&place).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 150, "Git was asked about {asked} fixtures only");
}

/// What has to import is read by Git too, unless it is a bomb.
#[test]
fn git_lists_what_has_to_import() {
    let dir = scratch();
    let mut listed = 0;
    for fixture in all() {
        let is_benign = matches!(fixture.expect, Expect::Imports | Expect::Flagged(_));
        if !is_benign || fixture.name.starts_with("bombs/") {
            continue;
        }
        let place = dir.path().join(fixture.name);
        fixture.make(&place);
        let git = Git::at(fixture.opened(&place));
        // Git warns about odd trees, and lists them.
        let said = git.output(
            &[
                "-c",
                "safe.directory=*",
                "ls-tree",
                "-r",
                "-t",
                "-z",
                "HEAD",
            ],
            b"",
        );
        assert!(said.success, "{}: {}", fixture.name, said.stderr);
        listed += 1;
        std::fs::remove_dir_all(&place).unwrap();
    }
    assert!(listed > 80, "Git listed {listed} fixtures only");
}

#[test]
fn every_fixture_is_made_quickly_and_small() {
    let dir = scratch();
    for fixture in all() {
        let begin = Instant::now();
        let place = dir.path().join(fixture.name);
        fixture.make(&place);
        // Generous, since a machine may be busy: nobody should wait for a bomb to be built.
        let took = begin.elapsed().as_secs();
        assert!(took < 30, "{} takes {took} s to make", fixture.name);
        assert!(
            std::fs::symlink_metadata(fixture.opened(&place)).is_ok(),
            "{}",
            fixture.name
        );
        let size = size_of(&place);
        assert!(size < 24 << 20, "{} has {size} bytes", fixture.name);
        std::fs::remove_dir_all(&place).unwrap();
    }
}

fn size_of(path: &std::path::Path) -> u64 {
    let metadata = std::fs::symlink_metadata(path).unwrap();
    if !metadata.is_dir() {
        return metadata.len();
    }
    let entries = std::fs::read_dir(path).unwrap();
    entries.map(|entry| size_of(&entry.unwrap().path())).sum()
}

#[test]
fn sound_repositories_are_sound() {
    let dir = scratch();
    for truth in Truth::ALL {
        let place = dir.path().join(format!("{truth:?}"));
        truth.make(&place);
        let git = Git::at(&place);
        let said = git.output(FSCK, b"");
        assert!(
            said.success && said.stderr.is_empty(),
            "{truth:?}: {}",
            said.stderr
        );
        assert!(!git.run(&["ls-tree", "-r", "HEAD"]).is_empty());
    }
}

#[test]
fn mutations_are_many_and_the_same_each_time() {
    let names: Vec<_> = mutations(1).map(|mutation| mutation.name).collect();
    assert!(names.len() > 10_000, "only {} mutations", names.len());
    let unique: BTreeSet<_> = names.iter().collect();
    assert_eq!(unique.len(), names.len());
    let again = mutations(1).map(|mutation| mutation.name);
    assert!(again.eq(names));
}

/// Git cannot tell for all; of those that it is asked about, it has to refuse most.
#[test]
fn git_refuses_mutations() {
    let dir = scratch_in_memory();
    let (mut asked, mut refused) = (0, 0);
    for mutation in mutations(1).step_by(61) {
        let place = dir.path().join(mutation.name.replace('/', "-"));
        mutation.make(&place);
        let said = Git::at(&place).output(FSCK, b"");
        asked += 1;
        refused += usize::from(!said.success || !said.stderr.is_empty());
        std::fs::remove_dir_all(&place).unwrap();
    }
    assert!(
        asked > 150 && refused * 10 > asked * 8,
        "{refused} of {asked}"
    );
}

/// A fixture, made in a folder of its own.
fn made(name: &str) -> (tempfile::TempDir, Git) {
    let dir = scratch();
    let fixture = all().into_iter().find(|fixture| fixture.name == name);
    fixture.unwrap().make(dir.path());
    let git = Git::at(dir.path());
    (dir, git)
}

#[test]
fn bombs_are_as_large_as_they_say() {
    const MIB: u64 = 1 << 20;
    for (name, path, size, stored) in [
        ("bombs/loose-256-mib", "zeros", 256 * MIB, MIB),
        ("bombs/packed-256-mib", "0", 256 * MIB, MIB),
        ("bombs/loose-2-gib", "zeros", 2048 * MIB, 3 * MIB),
        ("bombs/packed-2-gib", "0", 2048 * MIB, 3 * MIB),
        ("bombs/named-70-times", "00", 1024 * MIB, 2 * MIB),
        ("bombs/gitattributes", ".gitattributes", 512 * MIB, MIB),
        ("bombs/delta-2-gib", "0", 2048 * MIB, 16 << 10),
        ("bombs/deltas-16-gib", "31", 512 * MIB, 16 << 10),
    ] {
        let (dir, git) = made(name);
        let said = git.line(&["cat-file", "-s", &format!("HEAD:{path}")]);
        assert_eq!(said, size.to_string(), "{name}");
        let taken = size_of(dir.path());
        assert!(taken < stored, "{name} takes {taken} bytes");
    }
    for name in ["bombs/loose-256-mib", "bombs/packed-256-mib"] {
        let said = made(name).1.output(FSCK, b"");
        assert!(said.success, "{name}: {}", said.stderr);
    }
    let (_dir, git) = made("bombs/delta-of-deltas");
    let said = git.output(FSCK, b"");
    assert!(said.success, "{}", said.stderr);
}

#[test]
fn bombs_of_paths_are_few_objects() {
    let (_dir, git) = made("bombs/paths-10-10");
    let objects = git.line(&["rev-list", "--objects", "--all", "--no-object-names"]);
    assert_eq!(objects.lines().count(), 12);
    let (_dir, git) = made("bombs/depth-3000");
    let said = git.output(&["ls-tree", "-r", "HEAD"], b"");
    assert!(
        said.stderr.contains("maximum allowed tree depth"),
        "{}",
        said.stderr
    );
}
