//! Names that could harm a host, each in a tree that is right otherwise.

use gitlade::ErrorKind;

use super::sample::{with_entry, with_tree};
use super::{Expect, Fixture, GitSays};
use crate::objects::{Tree, id_of_byte};

macro_rules! refused {
    ($($fixture:literal: $what:literal, $mode:literal $name:expr => $message:literal;)*) => {
        &[$(Fixture::new(
            concat!("names/", $fixture),
            $what,
            Expect::Kind(ErrorKind::HostileTree),
            GitSays::Text($message),
            |dir| with_entry(dir, $mode, $name),
        )),*]
    };
}

pub(super) const TABLE: &[Fixture] = refused! {
    "dot": "A file that is its own folder.", "100644" b"." => "hasDot";
    "dot-folder": "A folder that is its own parent.", "40000" b"." => "hasDot";
    "dotdot": "A file that is the folder above.", "100644" b".." => "hasDotdot";
    "dotdot-folder": "A folder that is the one above.", "40000" b".." => "hasDotdot";
    "dotdot-symlink": "A symlink called as the folder above.", "120000" b".." => "hasDotdot";
    "slash-inside": "A name that is a path.", "100644" b"a/b" => "fullPathname";
    "slash-in-front": "A name that is an absolute path.", "100644" b"/etc/passwd" => "fullPathname";
    "slash-behind": "A folder's name with a slash behind it.", "40000" b"a/" => "fullPathname";
    "climbing": "A name that climbs out.", "100644" b"../../etc/passwd" => "fullPathname";
    "into-dotgit": "A name inside .git.", "100644" b".git/hooks/pre-commit" => "fullPathname";
    "dotgit": "A folder that Git would take for its own.", "40000" b".git" => "hasDotgit";
    "dotgit-file": "A file that redirects Git.", "100644" b".git" => "hasDotgit";
    "dotgit-symlink": "A symlink that redirects Git.", "120000" b".git" => "hasDotgit";
    "dotgit-submodule": "A submodule in Git's place.", "160000" b".git" => "hasDotgit";
    "dotgit-upper": "Where case does not count.", "40000" b".GIT" => "hasDotgit";
    "dotgit-mixed": "Where case does not count.", "40000" b".gIt" => "hasDotgit";
    "short-name": "The short name that NTFS gives to .git.", "40000" b"git~1" => "hasDotgit";
    "short-name-upper": "The same in capitals.", "40000" b"GIT~1" => "hasDotgit";
    "dot-behind": "NTFS drops the dot.", "40000" b".git." => "hasDotgit";
    "dots-behind": "NTFS drops them all.", "40000" b".git...." => "hasDotgit";
    "space-behind": "NTFS drops the space.", "40000" b".git " => "hasDotgit";
    "dots-and-spaces": "NTFS drops them in any order.", "40000" b".git . . " => "hasDotgit";
    "short-dot-behind": "A short name with a dot.", "40000" b"git~1." => "hasDotgit";
    "stream": "The folder itself, named by its stream.", "40000" b".git::$INDEX_ALLOCATION" => "hasDotgit";
    "stream-i30": "Another name of that stream.", "40000" b".git:$I30:$INDEX_ALLOCATION" => "hasDotgit";
    "stream-data": "A stream of a file.", "100644" b".git:hidden" => "hasDotgit";
    "short-stream": "A stream of the short name.", "40000" b"git~1:x" => "hasDotgit";
    "backslash": "A path, for Windows.", "100644" b"a\\.git\\config" => "hasDotgit";
    "backslash-first": "A path inside .git, for Windows.", "100644" b".git\\config" => "hasDotgit";
    "backslash-short": "The same with the short name.", "100644" b"x\\git~1\\config" => "hasDotgit";
    "backslash-last": "A path that ends in .git.", "40000" b"x\\.git" => "hasDotgit";
    "hfs-zwnj": "HFS+ ignores U+200C.", "40000" "\u{200c}.git".as_bytes() => "hasDotgit";
    "hfs-inside": "HFS+ ignores U+200D inside too.", "40000" ".g\u{200d}it".as_bytes() => "hasDotgit";
    "hfs-behind": "HFS+ ignores U+FEFF at the end.", "40000" ".git\u{feff}".as_bytes() => "hasDotgit";
    "hfs-bidi": "HFS+ ignores what turns text around.", "40000" ".gi\u{202e}t".as_bytes() => "hasDotgit";
    "hfs-shaping": "HFS+ ignores U+206A.", "40000" "\u{206a}.GIT".as_bytes() => "hasDotgit";
    "hfs-many": "All of them at once.", "40000" "\u{200e}.\u{206f}g\u{202a}i\u{feff}t\u{200f}".as_bytes() => "hasDotgit";
    "gitmodules-symlink": "Settings of submodules from somewhere else.", "120000" b".gitmodules" => "gitmodulesSymlink";
    "gitmodules-upper-symlink": "The same where case does not count.", "120000" b".GITMODULES" => "gitmodulesSymlink";
    "gitmodules-short-symlink": "The short name of NTFS.", "120000" b"GITMOD~1" => "gitmodulesSymlink";
    "gitmodules-hash-symlink": "The short name when four are taken.", "120000" b"gi7eba~1" => "gitmodulesSymlink";
    "gitmodules-hfs-symlink": "What HFS+ ignores.", "120000" ".git\u{200c}modules".as_bytes() => "gitmodulesSymlink";
    "gitmodules-space-symlink": "What NTFS drops.", "120000" b".gitmodules ." => "gitmodulesSymlink";
};

pub(super) const DEEP: &[Fixture] = &[
    Fixture::new(
        "names/empty",
        "A name of no bytes.",
        Expect::OneOf(&[ErrorKind::HostileTree, ErrorKind::CorruptObject]),
        // Git's decoder stops before its fsck gets to `emptyName`.
        GitSays::Text("empty filename in tree entry"),
        |dir| with_entry(dir, "100644", b""),
    ),
    Fixture::new(
        "names/deep-dotgit",
        "`.git` far down.",
        Expect::Kind(ErrorKind::HostileTree),
        GitSays::Text("hasDotgit"),
        |dir| {
            with_tree(dir, |repo| {
                let blob = repo.blob("x");
                let mut tree = repo.tree(&Tree::new().file(".git", blob));
                for _ in 0..40 {
                    tree = repo.tree(&Tree::new().folder("d", tree));
                }
                tree
            });
        },
    ),
    Fixture::new(
        "names/dotgit-last",
        "`git~1` behind a thousand names that are right.",
        Expect::Kind(ErrorKind::HostileTree),
        GitSays::Text("hasDotgit"),
        |dir| {
            with_tree(dir, |repo| {
                let blob = repo.blob("x");
                let tree = (0..1000).fold(Tree::new(), |tree, number| {
                    tree.file(format!("a{number:04}"), blob)
                });
                repo.tree(&tree.file("git~1", blob))
            });
        },
    ),
    Fixture::new(
        "names/dotgit-empty-folder",
        "`.git` as a folder that is not in the repository.",
        Expect::Kind(ErrorKind::HostileTree),
        GitSays::Text("hasDotgit"),
        |dir| {
            with_tree(dir, |repo| {
                let missing = id_of_byte(repo.format(), 0xab);
                repo.tree(&Tree::new().folder(".git", missing))
            });
        },
    ),
];
