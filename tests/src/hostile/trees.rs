//! Trees that are malformed, out of order, or that name what is not there.

use gitlade::{ErrorKind, ObjectFormat};

use super::sample::with_tree;
use super::{Expect, Fixture, GitSays};
use crate::objects::{Tree, commit, id_of_byte, loose};
use crate::repo::Repo;

const HOSTILE: Expect = Expect::Kind(ErrorKind::HostileTree);
const MALFORMED: Expect = Expect::Kind(ErrorKind::CorruptObject);
const MISSING: Expect = Expect::Kind(ErrorKind::MissingObject);
const SHA1: ObjectFormat = ObjectFormat::Sha1;

macro_rules! trees {
    ($($fixture:literal: $what:literal, $expect:expr, $git:expr, |$repo:ident, $blob:ident| $tree:expr;)*) => {
        &[$(Fixture::new(
            concat!("trees/", $fixture),
            $what,
            $expect,
            $git,
            |dir| with_tree(dir, |$repo| {
                let $blob = $repo.blob("content\n");
                let tree = $tree;
                $repo.tree(&tree)
            }),
        )),*]
    };
}

/// Bad in Git's eyes.
const fn says(message: &'static str) -> GitSays {
    GitSays::Text(message)
}

pub(super) const TABLE: &[Fixture] = trees! {
    "duplicate-files": "A name twice.", HOSTILE, says("duplicateEntries"),
        |repo, blob| Tree::new().file("a", blob).file("a", blob);
    "duplicate-apart": "A file and a folder of one name, with another between.", HOSTILE, says("duplicateEntries"),
        |repo, blob| {
            let folder = repo.tree(&Tree::new().file("x", blob));
            Tree::new().file("a", blob).file("a.b", blob).folder("a", folder)
        };
    "duplicate-symlink": "A symlink and a folder of one name (CVE-2018-11233 and kin).", HOSTILE, says("duplicateEntries"),
        |repo, blob| {
            let folder = repo.tree(&Tree::new().file("x", blob));
            Tree::new().entry("120000", "a", blob).folder("a", folder)
        };
    "unsorted": "Entries out of order.", HOSTILE, says("treeNotSorted"),
        |repo, blob| Tree::new().file("b", blob).file("a", blob);
    "unsorted-folder": "A folder sorted as if it were a file.", HOSTILE, says("treeNotSorted"),
        |repo, blob| {
            let folder = repo.tree(&Tree::new().file("x", blob));
            Tree::new().folder("a", folder).file("a.b", blob)
        };
    "null-file": "A file without an object.", HOSTILE, says("nullSha1"),
        |repo, _blob| Tree::new().file("a", id_of_byte(SHA1, 0));
    "null-folder": "A folder without an object.", HOSTILE, says("nullSha1"),
        |repo, _blob| Tree::new().folder("a", id_of_byte(SHA1, 0));
    "null-submodule": "A submodule without a commit.", HOSTILE, says("nullSha1"),
        |repo, _blob| Tree::new().entry("160000", "a", id_of_byte(SHA1, 0));
    "mode-zero": "A mode without a type.", HOSTILE, says("badFilemode"),
        |repo, blob| Tree::new().entry("0", "a", blob);
    "mode-fifo": "A named pipe.", HOSTILE, says("badFilemode"),
        |repo, blob| Tree::new().entry("10644", "a", blob);
    "mode-device": "A device.", HOSTILE, says("badFilemode"),
        |repo, blob| Tree::new().entry("20644", "a", blob);
    "mode-block": "A disk.", HOSTILE, says("badFilemode"),
        |repo, blob| Tree::new().entry("60644", "a", blob);
    "mode-socket": "A socket.", HOSTILE, says("badFilemode"),
        |repo, blob| Tree::new().entry("140644", "a", blob);
    "mode-huge": "A mode that is a file's in its low bits only.", HOSTILE, GitSays::Unasked,
        |repo, blob| Tree::new().entry("40100644", "a", blob);
    "mode-endless": "A mode of a thousand digits.", Expect::OneOf(&[ErrorKind::HostileTree, ErrorKind::CorruptObject]), GitSays::Unasked,
        |repo, blob| Tree::new().entry(&"1".repeat(1000), "a", blob);
    "mode-zeros": "A mode of a thousand leading zeros.", Expect::Flagged(&["zero_padded_mode"]), GitSays::Unasked,
        |repo, blob| Tree::new().entry(&("0".repeat(1000) + "100644"), "a", blob);
    "mode-letters": "A mode that is no number.", MALFORMED, says("badTree"),
        |repo, blob| Tree::new().entry("10064x", "a", blob);
    "mode-empty": "No mode.", MALFORMED, says("badTree"),
        |repo, blob| Tree::new().entry("", "a", blob);
    "mode-negative": "A mode below zero.", MALFORMED, says("badTree"),
        |repo, blob| Tree::new().entry("-100644", "a", blob);
    "mode-decimal": "A digit that octal does not have.", MALFORMED, says("badTree"),
        |repo, blob| Tree::new().entry("100684", "a", blob);
    "cut-in-id": "Ends inside an id.", MALFORMED, says("badTree"),
        |repo, blob| Tree::new().file("a", blob).raw(b"100644 b\x00123456789");
    "cut-in-name": "Ends inside a name.", MALFORMED, says("badTree"),
        |repo, blob| Tree::new().file("a", blob).raw(b"100644 name without an end");
    "cut-in-mode": "Ends inside a mode.", MALFORMED, says("badTree"),
        |repo, blob| Tree::new().file("a", blob).raw(b"1006");
    "trailing-zero": "A byte behind the last entry.", MALFORMED, says("badTree"),
        |repo, blob| Tree::new().file("a", blob).raw(b"\0");
    "only-zeros": "Nothing but zeros.", MALFORMED, says("badTree"),
        |repo, _blob| Tree::new().raw(&[0; 64]);
    "text": "Text in place of a tree.", MALFORMED, says("badTree"),
        |repo, _blob| Tree::new().raw(b"this is no tree");
    "file-is-tree": "A file whose object is a tree.", MALFORMED, GitSays::Fails,
        |repo, blob| {
            let folder = repo.tree(&Tree::new().file("x", blob));
            Tree::new().file("a", folder)
        };
    "folder-is-blob": "A folder whose object is a blob.", MALFORMED, GitSays::Fails,
        |repo, blob| Tree::new().folder("a", blob);
    "folder-is-commit": "A folder whose object is a commit.", MALFORMED, GitSays::Fails,
        |repo, blob| {
            let folder = repo.tree(&Tree::new().file("x", blob));
            let inner = repo.object(crate::objects::Kind::Commit, &commit(folder));
            Tree::new().folder("a", inner)
        };
    "symlink-is-tree": "A symlink whose object is a tree.", MALFORMED, GitSays::Fails,
        |repo, blob| {
            let folder = repo.tree(&Tree::new().file("x", blob));
            Tree::new().entry("120000", "a", folder)
        };
    "missing-file": "A file that is not in the repository.", MISSING, says("missing blob"),
        |repo, _blob| Tree::new().file("a", id_of_byte(SHA1, 0xaa));
    "missing-folder": "A folder that is not in the repository.", MISSING, says("missing tree"),
        |repo, _blob| Tree::new().folder("a", id_of_byte(SHA1, 0xaa));
    "missing-submodule": "A submodule's commit is never in the repository.", Expect::Imports, GitSays::Fine,
        |repo, _blob| Tree::new().entry("160000", "a", id_of_byte(SHA1, 0xaa));
    "empty-root": "A tree without entries.", Expect::Imports, GitSays::Fine,
        |repo, _blob| Tree::new();
    "empty-folder": "A folder without entries, which Git does not make.", Expect::Imports, GitSays::Fine,
        |repo, _blob| Tree::new().folder("a", repo.tree(&Tree::new()));
};

pub(super) const MORE: &[Fixture] = &[
    Fixture::new(
        "trees/cycle",
        "Two folders inside each other, under ids that are not theirs.",
        Expect::Kind(ErrorKind::CorruptObject),
        GitSays::Fails,
        |dir| {
            let mut repo = Repo::sha1();
            let (one, two) = (id_of_byte(SHA1, 1), id_of_byte(SHA1, 2));
            for (id, other) in [(one, two), (two, one)] {
                let tree = Tree::new().folder("again", other);
                let bytes = tree.bytes();
                repo.loose_file(id, loose("tree", bytes.len() as u64, bytes));
            }
            repo.commit(one);
            repo.write(dir);
        },
    ),
    Fixture::new(
        "trees/own-folder",
        "A folder inside itself, under an id that is not its own.",
        Expect::Kind(ErrorKind::CorruptObject),
        GitSays::Fails,
        |dir| {
            let mut repo = Repo::sha1();
            let id = id_of_byte(SHA1, 1);
            let tree = Tree::new().folder("again", id);
            let bytes = tree.bytes();
            repo.loose_file(id, loose("tree", bytes.len() as u64, bytes));
            repo.commit(id);
            repo.write(dir);
        },
    ),
    Fixture::new(
        "trees/sha1-in-sha256",
        "Entries with ids of 20 bytes where there have to be 32.",
        Expect::OneOf(&[ErrorKind::CorruptObject, ErrorKind::HostileTree]),
        GitSays::Fails,
        |dir| {
            let mut repo = Repo::new(ObjectFormat::Sha256);
            let short = id_of_byte(SHA1, 0xaa);
            let tree = repo.tree(&Tree::new().file("a", short).file("b", short));
            repo.commit(tree);
            repo.write(dir);
        },
    ),
    Fixture::new(
        "trees/sha256-dotgit",
        "`.git` in a repository with SHA-256 ids.",
        Expect::Kind(ErrorKind::HostileTree),
        GitSays::Text("hasDotgit"),
        |dir| {
            let mut repo = Repo::new(ObjectFormat::Sha256);
            let blob = repo.blob("x");
            let tree = repo.tree(&Tree::new().file(".git", blob));
            repo.commit(tree);
            repo.write(dir);
        },
    ),
    Fixture::new(
        "trees/unreachable",
        "A tree full of `..` that nothing names.",
        Expect::Imports,
        GitSays::Text("hasDotdot"),
        |dir| {
            with_tree(dir, |repo| {
                let blob = repo.blob("x");
                repo.tree(&Tree::new().file("..", blob).file("..", blob));
                repo.tree(&Tree::new().file("a", blob))
            });
        },
    ),
];
