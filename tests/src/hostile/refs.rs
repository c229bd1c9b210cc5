//! `HEAD`, branches and packed refs that are malformed or lead astray.

use std::path::Path;

use gitlade::{ErrorKind, ObjectId};

use super::sample::Loose;
use super::{Expect, Fixture, GitSays};
use crate::repo::{BRANCH, Repo};

const BAD: Expect = Expect::OneOf(&[
    ErrorKind::CorruptRepository,
    ErrorKind::RevisionNotFound,
    ErrorKind::NotARepository,
    ErrorKind::UnbornHead,
]);
const UNBORN: Expect = Expect::Kind(ErrorKind::UnbornHead);

fn with_refs(dir: &Path, alter: fn(&mut Repo, ObjectId)) {
    let Loose { mut repo, head, .. } = Loose::new();
    alter(&mut repo, head);
    repo.write(dir);
}

macro_rules! refs {
    ($($fixture:literal: $what:literal, $expect:expr, |$repo:ident, $head:ident| $alter:expr;)*) => {
        &[$(Fixture::new(concat!("refs/", $fixture), $what, $expect, GitSays::Unasked, |dir| {
            with_refs(dir, |$repo, $head| { $alter; });
        })),*]
    };
}

pub(super) const HEADS: &[Fixture] = refs! {
    "unborn": "`HEAD` names a branch without a commit.", UNBORN, |repo, _head| repo.remove(BRANCH);
    "unborn-odd": "The same with escapes in the branch's name.", Expect::OneOf(&[ErrorKind::UnbornHead, ErrorKind::CorruptRepository]),
        |repo, _head| repo.file("HEAD", "ref: refs/heads/\x1b[2Jx\n");
    "head-missing": "No `HEAD`.", BAD, |repo, _head| repo.remove("HEAD");
    "head-empty": "A `HEAD` of no bytes.", BAD, |repo, _head| repo.file("HEAD", "");
    "head-newline": "A `HEAD` of one newline.", BAD, |repo, _head| repo.file("HEAD", "\n");
    "head-text": "A `HEAD` of text.", BAD, |repo, _head| repo.file("HEAD", "nonsense\n");
    "head-binary": "A `HEAD` that is binary.", BAD, |repo, _head| repo.file("HEAD", [0xff, 0, 0xfe, 0, 10]);
    "head-no-name": "A `HEAD` that names nothing.", BAD, |repo, _head| repo.file("HEAD", "ref: \n");
    "head-short": "A `HEAD` with half an id.", BAD, |repo, head| repo.file("HEAD", &head.to_string()[..20]);
    "head-long": "A `HEAD` with an id and more digits.", BAD, |repo, head| repo.file("HEAD", format!("{head}00\n"));
    "head-behind": "A `HEAD` with text behind its id.", Expect::Either, |repo, head| repo.file("HEAD", format!("{head} nonsense\n"));
    "head-no-newline": "A `HEAD` without an end of its line.", Expect::Imports, |repo, head| repo.file("HEAD", head.to_string());
    "head-upper": "A `HEAD` in capital digits.", Expect::Either, |repo, head| repo.file("HEAD", head.to_string().to_uppercase());
    "head-sha256": "A `HEAD` with an id of the other hash function.", BAD, |repo, _head| repo.file("HEAD", "a".repeat(64));
    "head-16-mib": "A `HEAD` of 16 MiB.", BAD, |repo, _head| repo.file("HEAD", "a".repeat(16 << 20));
    "head-self": "A `HEAD` that names itself.", BAD, |repo, _head| repo.file("HEAD", "ref: HEAD\n");
    "head-climbs": "A `HEAD` that climbs out.", BAD, |repo, _head| repo.file("HEAD", "ref: refs/heads/../../../../../../etc/passwd\n");
    "head-absolute": "A `HEAD` that names a file of the host.", BAD, |repo, _head| repo.file("HEAD", "ref: /etc/passwd\n");
    "head-config": "A `HEAD` that names another file of the repository.", BAD, |repo, _head| repo.file("HEAD", "ref: config\n");
    "head-folder": "A `HEAD` that names a folder.", BAD, |repo, _head| repo.file("HEAD", "ref: refs/heads\n");
    "head-nul": "A branch's name with a NUL.", BAD, |repo, _head| repo.file("HEAD", "ref: refs/heads/ma\0in\n");
    "head-lock": "A branch's name that is a lock's.", BAD, |repo, _head| repo.file("HEAD", "ref: refs/heads/main.lock\n");
    "head-backslash": "A branch's name with backslashes.", BAD, |repo, _head| repo.file("HEAD", "ref: refs\\heads\\main\n");
    "head-is-folder": "A `HEAD` that is a folder.", BAD, |repo, _head| repo.remove("HEAD").file("HEAD/x", "");
    "circle": "Two branches that name each other.", BAD, |repo, _head| repo.file(BRANCH, "ref: refs/heads/other\n").file("refs/heads/other", format!("ref: {BRANCH}\n"));
    "self": "A branch that names itself.", BAD, |repo, _head| repo.file(BRANCH, format!("ref: {BRANCH}\n"));
    "chain-of-3": "A chain of three names.", Expect::Imports, |repo, head| repo.file(BRANCH, "ref: refs/heads/a\n").file("refs/heads/a", "ref: refs/heads/b\n").file("refs/heads/b", format!("{head}\n"));
    "chain-of-1000": "A chain of a thousand names; Git follows five.", BAD, |repo, head| {
        repo.file("HEAD", "ref: refs/heads/0\n");
        for n in 0..1000 { repo.file(&format!("refs/heads/{n}"), format!("ref: refs/heads/{}\n", n + 1)); }
        repo.file("refs/heads/1000", format!("{head}\n"))
    };
    "branch-empty": "A branch of no bytes, as after a crash.", BAD, |repo, _head| repo.file(BRANCH, "");
    "branch-zeros": "A branch of zeros, as after a crash.", BAD, |repo, _head| repo.file(BRANCH, [0; 41]);
    "branch-text": "A branch of text.", BAD, |repo, _head| repo.file(BRANCH, "nonsense\n");
    "branch-folder": "A branch that is a folder, while the real one is packed.", Expect::Either, |repo, head| {
        repo.remove(BRANCH).file(&format!("{BRANCH}/x"), format!("{head}\n"));
        repo.file("packed-refs", format!("# pack-refs with: peeled fully-peeled sorted \n{head} {BRANCH}\n"))
    };
};

/// The branch is in `packed-refs` only; these are its content.
macro_rules! packed {
    ($($fixture:literal: $what:literal, $expect:expr, |$head:ident| $content:expr;)*) => {
        &[$(Fixture::new(concat!("refs/packed-", $fixture), $what, $expect, GitSays::Unasked, |dir| {
            with_refs(dir, |repo, $head| {
                let content = $content;
                repo.remove(BRANCH).file("packed-refs", content);
            });
        })),*]
    };
}

const HEADER: &str = "# pack-refs with: peeled fully-peeled sorted \n";

pub(super) const PACKED: &[Fixture] = packed! {
    "sound": "Nothing wrong, to compare with.", Expect::Imports, |head| format!("{HEADER}{head} {BRANCH}\n");
    "empty": "No bytes.", UNBORN, |_head| "";
    "binary": "Binary.", BAD, |_head| (0..=255).cycle().take(4096).collect::<Vec<u8>>();
    "text": "Text.", BAD, |_head| "this is no list of refs\n";
    "no-newline": "No end of the last line.", Expect::Either, |head| format!("{HEADER}{head} {BRANCH}");
    "returns": "Lines that end as on Windows.", Expect::Either, |head| format!("{HEADER}{head} {BRANCH}\r\n");
    "unsorted": "Names out of order, under a header that says they are in order.", Expect::Either, |head| format!("{HEADER}{head} refs/heads/z\n{head} {BRANCH}\n{head} refs/heads/a\n");
    "twice": "A name twice, with different ids.", Expect::Either, |head| format!("{HEADER}{head} {BRANCH}\n{} {BRANCH}\n", "a".repeat(40));
    "short-id": "An id that is cut off.", BAD, |head| format!("{HEADER}{} {BRANCH}\n", &head.to_string()[..10]);
    "bad-id": "An id with letters that are no digits.", BAD, |_head| format!("{HEADER}{} {BRANCH}\n", "z".repeat(40));
    "no-name": "An id without a name.", BAD, |head| format!("{HEADER}{head}\n{head} \n");
    "names": "Names that climb out, with NUL and escapes, before the right one.", Expect::Either, |head| {
        format!("{HEADER}{head} ../../etc/passwd\n{head} refs/heads/\x1b[2J\n{head} refs/heads/a\0b\n{head} {BRANCH}\n")
    };
    "peeled-first": "A peeled id that belongs to no name.", Expect::Either, |head| format!("{HEADER}^{head}\n{head} {BRANCH}\n");
    "peeled-lies": "A peeled id that is not the tag's.", Expect::Either, |head| format!("{HEADER}{head} {BRANCH}\n^{}\n", "a".repeat(40));
    "long-line": "A line of 8 MiB.", Expect::Either, |head| format!("{HEADER}{head} refs/heads/a{}\n{head} {BRANCH}\n", "a".repeat(8 << 20));
    "many": "A hundred thousand names.", Expect::Imports, |head| {
        let names: String = (0..100_000).map(|n| format!("{head} refs/heads/a{n:06}\n")).collect();
        format!("{HEADER}{names}{head} {BRANCH}\n")
    };
    "header-odd": "A header that promises what there is not.", Expect::Either, |head| format!("# pack-refs with: nonsense \x1b[2J\n{head} {BRANCH}\n");
};
