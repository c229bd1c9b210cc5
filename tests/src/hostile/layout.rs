//! Configurations and folders that are no repository, or one that is not supported.

use std::fs;
use std::path::Path;

use gitlade::{ErrorKind, ObjectFormat};

use super::sample::Loose;
use super::{Expect, Fixture, GitSays};
use crate::objects::{Tree, id_of_byte};
use crate::repo::{Repo, write_file};

const UNSUPPORTED: Expect = Expect::Kind(ErrorKind::UnsupportedRepository);
const BAD: Expect = Expect::OneOf(&[
    ErrorKind::CorruptRepository,
    ErrorKind::UnsupportedRepository,
    ErrorKind::NotARepository,
]);
const NONE: Expect = Expect::Kind(ErrorKind::NotARepository);
const NONE_OR_BAD: Expect =
    Expect::OneOf(&[ErrorKind::NotARepository, ErrorKind::CorruptRepository]);

macro_rules! configs {
    ($($fixture:literal: $what:literal, $expect:expr, $config:expr;)*) => {
        &[$(Fixture::new(concat!("config/", $fixture), $what, $expect, GitSays::Unasked, |dir| {
            let mut repo = Loose::new().repo;
            repo.file("config", $config);
            repo.write(dir);
        })),*]
    };
}

pub(super) const CONFIGS: &[Fixture] = configs! {
    "version-99": "A repository format that there is not yet.", UNSUPPORTED, "[core]\n\trepositoryformatversion = 99\n";
    "version-negative": "A repository format below zero.", Expect::Either, "[core]\n\trepositoryformatversion = -1\n";
    "version-text": "A repository format that is no number.", BAD, "[core]\n\trepositoryformatversion = nonsense\n";
    "extension": "An extension that there is not.", UNSUPPORTED, "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tnonsense = true\n";
    "extension-ignored": "The same in a format that has no extensions.", Expect::Imports, "[core]\n\trepositoryformatversion = 0\n[extensions]\n\tnonsense = true\n";
    "reftable": "Refs in a reftable.", UNSUPPORTED, "[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefstorage = reftable\n";
    "refstorage": "Refs in a storage that there is not.", UNSUPPORTED, "[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefstorage = nonsense\n";
    "objectformat": "A hash function that there is not.", BAD, "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = md5\n";
    "objectformat-lies": "SHA-256 said, SHA-1 done.", Expect::OneOf(&[ErrorKind::CorruptRepository, ErrorKind::CorruptObject, ErrorKind::RevisionNotFound, ErrorKind::MissingObject, ErrorKind::UnbornHead]), "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n";
    "objectformat-version-0": "SHA-256 said in a format that has no extensions.", Expect::Either, "[core]\n\trepositoryformatversion = 0\n[extensions]\n\tobjectformat = sha256\n";
    "empty": "A configuration of no bytes, which stands for format 0.", Expect::Imports, "";
    "binary": "A configuration that is binary.", BAD, [0xff_u8, 0, 1, 2, b'[', 0, 10].repeat(100);
    "no-section": "A value outside of any section.", BAD, "x = 1\n[core]\n\trepositoryformatversion = 0\n";
    "open-section": "A section that does not end.", BAD, "[core\n\trepositoryformatversion = 0\n";
    "open-quote": "A quote that does not end.", BAD, "[core]\n\trepositoryformatversion = 0\n[a]\n\tb = \"c\n";
    "escape": "An escape that there is not.", Expect::Either, "[core]\n\trepositoryformatversion = 0\n[a]\n\tb = \\q\n";
    "nul": "A value with a NUL.", Expect::Either, "[core]\n\trepositoryformatversion = 0\n\tx = a\0b\n";
    "long-value": "A value of 8 MiB.", Expect::Imports, "[core]\n\trepositoryformatversion = 0\n\tx = ".to_owned() + &"y".repeat(8 << 20);
    "many-sections": "A hundred thousand sections.", Expect::Imports, "[core]\n\trepositoryformatversion = 0\n".to_owned() + &(0..100_000).map(|n| format!("[a \"{n}\"]\nb = c\n")).collect::<String>();
    "include-self": "A configuration that includes itself.", Expect::Either, "[core]\n\trepositoryformatversion = 0\n[include]\n\tpath = config\n";
    "include-zero": "A configuration that includes a file without an end.", Expect::Either, "[core]\n\trepositoryformatversion = 0\n[include]\n\tpath = /dev/zero\n";
    "include-home": "A configuration that includes a file of the user.", Expect::Either, "[core]\n\trepositoryformatversion = 0\n[include]\n\tpath = ~/.gitconfig\n";
    "programs": "Every setting that would run a program.", Expect::Imports, "[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tfsmonitor = touch pwned\n\tsshCommand = touch pwned\n\tgitProxy = touch pwned\n\teditor = touch pwned\n\tpager = touch pwned\n\thooksPath = /tmp\n\taskPass = touch pwned\n\talternateRefsCommand = touch pwned\n[filter \"evil\"]\n\tsmudge = touch pwned\n\tprocess = touch pwned\n\trequired = true\n[diff]\n\texternal = touch pwned\n[credential]\n\thelper = !touch pwned\n[alias]\n\tlog = !touch pwned\n[uploadpack]\n\tpackObjectsHook = touch pwned\n[gpg]\n\tprogram = touch pwned\n";
    "worktree": "A work tree that is the root of the host.", Expect::Imports, "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = /\n";
    "worktree-nowhere": "A work tree that is nowhere.", Expect::Either, "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = /nonexistent/\x1b[2J\n";
    "bare-nonsense": "A repository that is perhaps bare.", Expect::Either, "[core]\n\trepositoryformatversion = 0\n\tbare = perhaps\n";
    "numbers": "Numbers that do not fit.", Expect::Either, "[core]\n\trepositoryformatversion = 0\n\tcompression = 99999999999999999999\n\tpackedGitLimit = -1\n\tbigFileThreshold = 1e9\n\tdeltaBaseCacheLimit = 0\n[pack]\n\tthreads = -5\n[gitoxide.objects]\n\tallocLimit = nonsense\n";
    "worktree-config": "A configuration of the work tree that is no configuration.", Expect::Either, "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tworktreeConfig = true\n";
    "precious": "Objects that may not be removed, which an import does not.", Expect::Imports, "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpreciousObjects = true\n";
};

macro_rules! layouts {
    ($($fixture:literal: $what:literal, $expect:expr, $make:expr;)*) => {
        &[$(Fixture::new(concat!("layout/", $fixture), $what, $expect, GitSays::Unasked, $make)),*]
    };
}

fn gitfile(dir: &Path, content: impl AsRef<[u8]>) {
    write_file(&dir.join(".git"), content);
}

fn without(dir: &Path, name: &str) {
    Loose::new().repo.write(dir);
    let path = dir.join(name);
    let removed = if path.is_dir() {
        fs::remove_dir_all(&path)
    } else {
        fs::remove_file(&path)
    };
    removed.expect("because the repository has it");
}

pub(super) const LAYOUTS: &[Fixture] = layouts! {
    "empty-folder": "A folder with nothing in it.", NONE, |_dir| ();
    "empty-git-folder": "A `.git` with nothing in it.", NONE_OR_BAD, |dir| fs::create_dir(dir.join(".git")).expect("because the folder is temporary");
    "only-head": "A `HEAD` and nothing else.", NONE_OR_BAD, |dir| write_file(&dir.join("HEAD"), "ref: refs/heads/main\n");
    "no-objects": "No folder of objects.", NONE_OR_BAD, |dir| without(dir, "objects");
    "no-refs": "No folder of refs.", NONE_OR_BAD, |dir| without(dir, "refs");
    "no-config": "No configuration, which stands for format 0.", Expect::Imports, |dir| without(dir, "config");
    "objects-is-file": "A file in place of the folder of objects.", Expect::OneOf(&[ErrorKind::NotARepository, ErrorKind::CorruptRepository, ErrorKind::Io, ErrorKind::RevisionNotFound, ErrorKind::MissingObject]), |dir| {
        without(dir, "objects");
        write_file(&dir.join("objects"), "x");
    };
    "gitfile-self": "A `.git` file that names itself.", NONE_OR_BAD, |dir| gitfile(dir, "gitdir: .git\n");
    "gitfile-circle": "Two `.git` files that name each other.", NONE_OR_BAD, |dir| {
        gitfile(dir, "gitdir: other/.git\n");
        write_file(&dir.join("other/.git"), "gitdir: ../.git\n");
    };
    "gitfile-chain": "A `.git` file that names a `.git` file that names a repository; Git follows one.", Expect::Either, |dir| {
        gitfile(dir, "gitdir: other/.git\n");
        write_file(&dir.join("other/.git"), "gitdir: ../real\n");
        Loose::new().repo.write(&dir.join("real"));
    };
    "gitfile-nowhere": "A `.git` file that names nothing that is there.", NONE_OR_BAD, |dir| gitfile(dir, "gitdir: /nonexistent/\x1b[2J\n");
    "gitfile-empty": "A `.git` file of no bytes.", NONE_OR_BAD, |dir| gitfile(dir, "");
    "gitfile-no-path": "A `.git` file without a path.", NONE_OR_BAD, |dir| gitfile(dir, "gitdir: \n");
    "gitfile-text": "A `.git` file of text.", NONE_OR_BAD, |dir| gitfile(dir, "nonsense\n");
    "gitfile-nul": "A `.git` file whose path holds a NUL.", NONE_OR_BAD, |dir| gitfile(dir, "gitdir: a\0b\n");
    "gitfile-16-mib": "A `.git` file of 16 MiB.", NONE_OR_BAD, |dir| gitfile(dir, format!("gitdir: {}\n", "a".repeat(16 << 20)));
    "gitfile-sound": "A `.git` file that names a repository.", Expect::Imports, |dir| {
        gitfile(dir, "gitdir: real\n");
        Loose::new().repo.write(&dir.join("real"));
    };
    "commondir-self": "A repository whose shared folder is itself.", Expect::Either, |dir| {
        Loose::new().repo.write(dir);
        write_file(&dir.join("commondir"), ".\n");
    };
    "commondir-nowhere": "A repository whose shared folder is nowhere.", Expect::OneOf(&[ErrorKind::NotARepository, ErrorKind::CorruptRepository, ErrorKind::Io, ErrorKind::RevisionNotFound, ErrorKind::UnbornHead]), |dir| {
        Loose::new().repo.write(dir);
        write_file(&dir.join("commondir"), "/nonexistent\n");
    };
    "commondir-circle": "Two repositories whose shared folders are each other.", Expect::Either, |dir| {
        Loose::new().repo.write(dir);
        Loose::new().repo.write(&dir.join("other"));
        write_file(&dir.join("commondir"), "other\n");
        write_file(&dir.join("other/commondir"), "..\n");
    };
    "commondir-empty": "A shared folder of no name.", Expect::Either, |dir| {
        Loose::new().repo.write(dir);
        write_file(&dir.join("commondir"), "");
    };
    "hooks": "Hooks that would run, and nothing should run them.", Expect::Imports, |dir| {
        let mut repo = Loose::new().repo;
        for hook in ["post-checkout", "pre-auto-gc", "reference-transaction", "fsmonitor-watchman", "post-index-change"] {
            repo.file(&format!("hooks/{hook}"), "#!/bin/sh\ntouch pwned\n");
        }
        repo.write(dir);
        for hook in fs::read_dir(dir.join("hooks")).expect("because it was made") {
            use std::os::unix::fs::PermissionsExt;
            let hook = hook.expect("because it was made").path();
            fs::set_permissions(hook, fs::Permissions::from_mode(0o755)).expect("because it is ours");
        }
    };
    "index-nonsense": "An index of the work tree that is none, and that nothing needs.", Expect::Imports, |dir| {
        Loose::new().repo.file("index", "DIRC nonsense").write(dir);
    };
    "worktree-gone": "A linked worktree whose repository does not know it.", Expect::Imports, |dir| {
        let Loose { repo, head, .. } = Loose::new();
        repo.write(&dir.join("main"));
        let linked = dir.join("main/worktrees/linked");
        write_file(&linked.join("HEAD"), format!("{head}\n"));
        write_file(&linked.join("commondir"), "../..\n");
        write_file(&linked.join("gitdir"), "/nonexistent/.git\n");
        gitfile(dir, "gitdir: main/worktrees/linked\n");
    };
    "partial": "A partial clone: what it has not is skipped.", Expect::Imports, |dir| {
        let mut repo = Repo::sha1();
        let here = repo.blob("here\n");
        let tree = Tree::new().file("gone", id_of_byte(ObjectFormat::Sha1, 0xaa)).file("here", here);
        let tree = repo.tree(&tree);
        repo.commit(tree);
        repo.file("config", "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tpartialClone = origin\n[remote \"origin\"]\n\turl = https://example.invalid/x\n\tpromisor = true\n\tpartialclonefilter = blob:none\n");
        repo.write(dir);
    };
    "partial-tree": "A partial clone without a tree.", Expect::Kind(ErrorKind::MissingObject), |dir| {
        let mut repo = Repo::sha1();
        let tree = repo.tree(&Tree::new().folder("gone", id_of_byte(ObjectFormat::Sha1, 0xaa)));
        repo.commit(tree);
        repo.file("config", "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tpartialClone = origin\n[remote \"origin\"]\n\turl = https://example.invalid/x\n\tpromisor = true\n");
        repo.write(dir);
    };
};

pub(super) const BELOW: &[Fixture] = &[Fixture::new(
    "layout/below",
    "A folder inside a work tree whose `.git` is a file of text: the repository above does not count.",
    NONE_OR_BAD,
    GitSays::Unasked,
    |dir| {
        Loose::new().repo.write(&dir.join("above/.git"));
        gitfile(&dir.join("above/inner"), "nonsense\n");
    },
)
.open("above/inner")];
