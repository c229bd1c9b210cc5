//! Alternates, symlinks and files that are none: what leads out of a repository, or never ends.

use std::os::unix::fs::symlink;
use std::path::Path;

use gitlade::ErrorKind;

use super::sample::{Loose, PACK, Packed};
use super::{DAMAGED_OR_MISSING, Expect, Fixture, GitSays};
use crate::repo::{BRANCH, Repo, loose_path, pack_path};

const ALTERNATES: &str = "objects/info/alternates";

/// A repository whose blob is missing, unless the alternates have it.
macro_rules! alternates {
    ($($fixture:literal: $what:literal, $expect:expr, $content:expr;)*) => {
        &[$(Fixture::new(concat!("alternates/", $fixture), $what, $expect, GitSays::Unasked, |dir| {
            let mut sample = Loose::new();
            let whole = sample.repo.clone();
            sample.repo.remove(&loose_path(sample.blob));
            sample.repo.file(ALTERNATES, $content);
            sample.repo.write(&dir.join("repo"));
            whole.write(&dir.join("whole"));
        }).open("repo")),*]
    };
}

const LOST: Expect = Expect::OneOf(&[
    ErrorKind::MissingObject,
    ErrorKind::CorruptRepository,
    ErrorKind::Io,
    ErrorKind::NotARepository,
]);

pub(super) const ALTERNATE: &[Fixture] = alternates! {
    "sound": "A neighbour that has what is missing.", Expect::Imports, "../../whole/objects\n";
    "comment": "The same behind a comment and an empty line.", Expect::Either, "# comment\n\n../../whole/objects\n";
    "quoted": "The same in quotes.", Expect::Either, "\"../../whole/objects\"\n";
    "self": "The repository itself.", LOST, ".\n../objects\n";
    "nowhere": "A folder that is nowhere.", LOST, "/nonexistent/objects\n";
    "nowhere-and-sound": "A folder that is nowhere, and one that has what is missing.", Expect::Either, "/nonexistent/objects\n../../whole/objects\n";
    "file": "A file in place of a folder.", LOST, "../config\n";
    "root": "The root of the host.", LOST, "/\n";
    "zero": "A file without an end.", LOST, "/dev/zero\n";
    "binary": "Binary.", Expect::Either, (0..=255).cycle().take(4096).collect::<Vec<u8>>();
    "open-quote": "A quote that does not end.", LOST, "\"../../whole\n";
    "nul": "A path with a NUL.", LOST, "../../wh\0ole/objects\n";
    "long": "A path of 8 MiB.", Expect::Either, "a/".repeat(4 << 20);
    "many": "Ten thousand folders that are nowhere.", Expect::Either, (0..10_000).map(|n| format!("/nonexistent/{n}\n")).collect::<String>();
    "same": "Ten thousand times the same neighbour.", Expect::Either, "../../whole/objects\n".repeat(10_000);
};

/// Repositories in a chain, each the alternate of the one in front; the last one has everything.
fn chain(dir: &Path, len: usize, circle: bool) {
    let sample = Loose::new();
    for n in 0..len {
        let mut repo = sample.repo.clone();
        let last = n + 1 == len;
        if !last || circle {
            repo.remove(&loose_path(sample.blob));
            let next = (n + 1) % len;
            repo.file(ALTERNATES, format!("../../{next}/objects\n"));
        }
        repo.write(&dir.join(n.to_string()));
    }
}

pub(super) const CHAINS: &[Fixture] = &[
    Fixture::new(
        "alternates/circle",
        "Two repositories that are each other's alternates.",
        LOST,
        GitSays::Unasked,
        |dir| chain(dir, 2, true),
    )
    .open("0"),
    Fixture::new(
        "alternates/circle-of-20",
        "Twenty repositories in a circle.",
        LOST,
        GitSays::Unasked,
        |dir| chain(dir, 20, true),
    )
    .open("0"),
    Fixture::new(
        "alternates/chain-of-4",
        "A chain of four repositories.",
        Expect::Imports,
        GitSays::Unasked,
        |dir| chain(dir, 4, false),
    )
    .open("0"),
    Fixture::new(
        "alternates/chain-of-100",
        "A chain of a hundred; Git follows five.",
        Expect::Either,
        GitSays::Unasked,
        |dir| chain(dir, 100, false),
    )
    .open("0"),
];

/// Replaces a file of the sound repository by a symlink.
fn linked(dir: &Path, path: &str, target: &str) {
    Loose::new().repo.remove(path).write(dir);
    let path = dir.join(path);
    make_parent(&path);
    symlink(target, path).expect("because the folder is temporary");
}

/// Replaces a file of the repository by a pipe that nobody writes to.
fn piped(dir: &Path, mut repo: Repo, path: &str) {
    repo.remove(path).write(dir);
    pipe(&dir.join(path));
}

/// Makes a pipe that nobody writes to.
fn pipe(path: &Path) {
    use rustix::fs::{CWD, FileType, Mode, mknodat};

    make_parent(path);
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
        .expect("because the folder is temporary");
}

fn make_parent(path: &Path) {
    let parent = path.parent().expect("because it is inside a folder");
    std::fs::create_dir_all(parent).expect("because the folder is temporary");
}

macro_rules! links {
    ($($fixture:literal: $what:literal, $expect:expr, $make:expr;)*) => {
        &[$(Fixture::new(concat!("links/", $fixture), $what, $expect, GitSays::Unasked, $make)),*]
    };
}

pub(super) const LINKS: &[Fixture] = links! {
    "head-zero": "A `HEAD` without an end.", Expect::Either, |dir| linked(dir, "HEAD", "/dev/zero");
    "head-self": "A `HEAD` that is a symlink to itself.", Expect::Either, |dir| linked(dir, "HEAD", "HEAD");
    "head-passwd": "A `HEAD` that is a file of the host: none of it may be shown.", Expect::Either, |dir| linked(dir, "HEAD", "/etc/passwd");
    "head-branch": "A `HEAD` that is a symlink to its branch, as Git made it in 2005.", Expect::Imports, |dir| linked(dir, "HEAD", BRANCH);
    "config-zero": "A configuration without an end.", Expect::Either, |dir| linked(dir, "config", "/dev/zero");
    "config-self": "A configuration that is a symlink to itself.", Expect::Either, |dir| linked(dir, "config", "config");
    "packed-refs-zero": "Packed refs without an end.", Expect::Either, |dir| linked(dir, "packed-refs", "/dev/zero");
    "branch-zero": "A branch without an end.", Expect::Either, |dir| linked(dir, BRANCH, "/dev/zero");
    "branch-passwd": "A branch that is a file of the host.", Expect::Either, |dir| linked(dir, BRANCH, "/etc/passwd");
    "alternates-zero": "Alternates without an end.", Expect::Either, |dir| linked(dir, ALTERNATES, "/dev/zero");
    "shallow-zero": "A list of shallow commits without an end.", Expect::Either, |dir| linked(dir, "shallow", "/dev/zero");
    "commondir-zero": "The name of a shared folder without an end.", Expect::Either, |dir| linked(dir, "commondir", "/dev/zero");
    "gitfile-zero": "A `.git` file without an end.", Expect::Either, |dir| {
        symlink("/dev/zero", dir.join(".git")).expect("because the folder is temporary");
    };
    "blob-zero": "A loose object without an end.", DAMAGED_OR_MISSING, |dir| linked(dir, &loose_path(Loose::new().blob), "/dev/zero");
    "blob-self": "A loose object that is a symlink to itself.", Expect::Either, |dir| linked(dir, &loose_path(Loose::new().blob), "self");
    "blob-folder": "A loose object that is a folder.", Expect::Either, |dir| {
        let sample = Loose::new();
        let path = loose_path(sample.blob);
        let mut repo = sample.repo;
        repo.remove(&path).file(&format!("{path}/x"), "");
        repo.write(dir);
    };
    "index-zero": "An index without an end.", Expect::Either, |dir| {
        let mut repo = Packed::sha1().repo();
        repo.remove(&pack_path(PACK, "idx"));
        repo.write(dir);
        symlink("/dev/zero", dir.join(pack_path(PACK, "idx"))).expect("because the folder is temporary");
    };
    "pack-zero": "A pack without an end.", Expect::Either, |dir| {
        let mut repo = Packed::sha1().repo();
        repo.remove(&pack_path(PACK, "pack"));
        repo.write(dir);
        symlink("/dev/zero", dir.join(pack_path(PACK, "pack"))).expect("because the folder is temporary");
    };
    "objects-self": "A folder of objects that is inside itself.", Expect::Imports, |dir| {
        Loose::new().repo.write(dir);
        symlink("..", dir.join("objects/pack/up")).expect("because the folder is temporary");
        symlink("..", dir.join("objects/ff-up")).expect("because the folder is temporary");
    };
    "refs-self": "A folder of refs that is inside itself.", Expect::Imports, |dir| {
        Loose::new().repo.write(dir);
        symlink("..", dir.join("refs/heads/up")).expect("because the folder is temporary");
    };
    "head-pipe": "A `HEAD` that is a pipe.", Expect::Either, |dir| piped(dir, Loose::new().repo, "HEAD");
    "config-pipe": "A configuration that is a pipe.", Expect::Either, |dir| piped(dir, Loose::new().repo, "config");
    "branch-pipe": "A branch that is a pipe.", Expect::Either, |dir| piped(dir, Loose::new().repo, BRANCH);
    "packed-refs-pipe": "Packed refs that are a pipe.", Expect::Either, |dir| piped(dir, Loose::new().repo, "packed-refs");
    "alternates-pipe": "Alternates that are a pipe.", Expect::Either, |dir| piped(dir, Loose::new().repo, ALTERNATES);
    "blob-pipe": "A loose object that is a pipe.", Expect::Either, |dir| piped(dir, Loose::new().repo, &loose_path(Loose::new().blob));
    "gitfile-pipe": "A `.git` that is a pipe.", Expect::Either, |dir| pipe(&dir.join(".git"));
    "index-pipe": "An index that is a pipe.", Expect::Either, |dir| piped(dir, Packed::sha1().repo(), &pack_path(PACK, "idx"));
    "pack-pipe": "A pack that is a pipe.", Expect::Either, |dir| piped(dir, Packed::sha1().repo(), &pack_path(PACK, "pack"));
};
