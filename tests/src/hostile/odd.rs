//! What is odd without being harmful: it is imported, and the entries say so.

use super::sample::{with_entry, with_files, with_tree};
use super::{Expect, Fixture, GitSays};
use crate::objects::Tree;

macro_rules! flagged {
    ($($fixture:literal: $what:literal, $mode:literal $name:expr => $flags:expr, $git:expr;)*) => {
        &[$(Fixture::new(
            concat!("odd/", $fixture),
            $what,
            Expect::Flagged($flags),
            $git,
            |dir| with_entry(dir, $mode, $name),
        )),*]
    };
}

const FINE: GitSays = GitSays::Fine;

pub(super) const NAMES: &[Fixture] = flagged! {
    "con": "A device of Windows.", "100644" b"CON" => &["windows_reserved"], FINE;
    "nul-txt": "A device with an extension.", "100644" b"nul.txt" => &["windows_reserved"], FINE;
    "com1-folder": "A device as a folder.", "40000" b"com1" => &["windows_reserved"], FINE;
    "com-superscript": "A device whose number is a superscript.", "100644" "COM\u{b9}".as_bytes() => &["windows_reserved"], FINE;
    "dot-behind": "Windows drops the dot.", "100644" b"file." => &["windows_invalid"], FINE;
    "space-behind": "Windows drops the space.", "100644" b"file " => &["windows_invalid"], FINE;
    "three-dots": "A folder that Windows takes for another.", "40000" b"..." => &["windows_invalid"], FINE;
    "dotdot-space": "Windows takes it for the folder above.", "40000" b".. " => &["windows_invalid"], FINE;
    "drive": "A drive of Windows.", "100644" b"C:" => &["windows_invalid"], FINE;
    "backslashes": "A path that climbs out, for Windows.", "100644" b"..\\..\\autoexec.bat" => &["windows_invalid"], FINE;
    "unc": "A share on another machine, for Windows.", "100644" b"\\\\server\\share" => &["windows_invalid"], FINE;
    "stream": "A stream of a file on NTFS.", "100644" b"file:stream" => &["windows_invalid"], FINE;
    "wildcards": "What shells expand.", "100644" b"*?" => &["windows_invalid"], FINE;
    "newline": "A name of two lines.", "100644" b"one\ntwo" => &["control_characters", "windows_invalid"], FINE;
    "escape": "A name that clears the screen.", "100644" b"\x1b[2J\x1b]0;owned\x07" => &["control_characters", "windows_invalid"], FINE;
    "carriage-return": "A name that overwrites its line.", "100644" b"safe\revil" => &["control_characters", "windows_invalid"], FINE;
    "delete": "A name with DEL.", "100644" b"a\x7fb" => &["control_characters"], FINE;
    "c1": "A control character of ISO 6429 in UTF-8.", "100644" "a\u{9b}31m".as_bytes() => &["control_characters"], FINE;
    "bidi": "A name that shows as another one.", "100644" "exe.\u{202e}txt.md".as_bytes() => &["invisible_characters"], FINE;
    "zero-width": "A name that looks like a shorter one.", "100644" "READ\u{200b}ME".as_bytes() => &["invisible_characters"], FINE;
    "tags": "Text in characters that do not show.", "100644" "a\u{e0041}\u{e0042}".as_bytes() => &["invisible_characters"], FINE;
    "latin-1": "A name that is not UTF-8.", "100644" b"caf\xe9" => &["not_utf8"], FINE;
    "overlong": "A slash in overlong UTF-8.", "100644" b"a\xc0\xafb" => &["not_utf8"], FINE;
    "surrogate": "Half a surrogate pair.", "100644" b"a\xed\xa0\x80" => &["not_utf8"], FINE;
    "long": "A name of 300 bytes.", "100644" &[b'x'; 300] => &["long_name"], FINE;
    "dash": "A name that looks like an option.", "100644" b"--upload-pack=touch pwned" => &[], FINE;
    "shell": "A name that a shell would run.", "100644" b"$(touch pwned)`id`;&'" => &[], FINE;
    "tilde": "A name that a shell would expand.", "100644" b"~root" => &[], FINE;
    "percent": "A name that a printf would expand.", "100644" b"%s%n%x" => &[], FINE;
    "html": "A name that a web page would run.", "100644" b"<img src=x onerror=alert(1)>" => &["windows_invalid"], FINE;
    "git2": "Not a short name of .git.", "40000" b"git~2" => &[], FINE;
    "dotgitx": "Not .git.", "40000" b".gitx" => &[], FINE;
    "gitmodules-alias": "A .gitmodules that only NTFS knows.", "100644" b"GITMOD~1" => &["git_file_alias"], FINE;
    "gitattributes-symlink": "Attributes from somewhere else.", "120000" b".gitattributes" => &["gitattributes_symlink"], GitSays::Text("gitattributesSymlink");
    "gitignore-symlink": "Patterns from somewhere else.", "120000" b".gitignore" => &["gitignore_symlink"], GitSays::Text("gitignoreSymlink");
    "mailmap-symlink": "Names from somewhere else.", "120000" b".mailmap" => &["mailmap_symlink"], GitSays::Text("mailmapSymlink");
    "absolute-symlink": "A symlink to a file of the host.", "120000" b"passwd" => &[], FINE;
    "mode-664": "A mode that Git wrote long ago.", "100664" b"file" => &["odd_mode"], GitSays::Text("badFilemode");
    "mode-setuid": "A mode with the bit to become root.", "104755" b"file" => &["odd_mode"], GitSays::Text("badFilemode");
    "mode-600": "A private file.", "100600" b"file" => &["odd_mode"], GitSays::Text("badFilemode");
    "mode-padded": "A folder as some programs wrote it.", "040000" b"folder" => &["zero_padded_mode"], GitSays::Text("zeroPaddedFilemode");
};

pub(super) const FOLDERS: &[Fixture] = &[
    Fixture::new(
        "odd/case-collision",
        "Two names that are one where case does not count.",
        Expect::Flagged(&["case_collision"]),
        GitSays::Fine,
        |dir| with_files(dir, &[("README", b"1"), ("readme", b"2")]),
    ),
    Fixture::new(
        "odd/normalization-collision",
        "Two names that are one where Unicode is normalised.",
        Expect::Flagged(&["normalization_collision"]),
        GitSays::Fine,
        |dir| with_files(dir, &[("e\u{301}", b"1"), ("\u{e9}", b"2")]),
    ),
    Fixture::new(
        "odd/folder-and-symlink",
        "A symlink to .git that is the folder `A` where case does not count (CVE-2021-21300).",
        Expect::Flagged(&["case_collision"]),
        GitSays::Fine,
        |dir| {
            with_tree(dir, |repo| {
                let hook = repo.blob("#!/bin/sh\ntouch /tmp/pwned\n");
                let hooks = repo.tree(&Tree::new().entry("100755", "post-checkout", hook));
                let folder = repo.tree(&Tree::new().folder("hooks", hooks));
                let link = repo.blob(".git");
                repo.tree(&Tree::new().folder("A", folder).entry("120000", "a", link))
            });
        },
    ),
    Fixture::new(
        "odd/many-collisions",
        "A thousand names that are one where case does not count.",
        Expect::Flagged(&["case_collision"]),
        GitSays::Fine,
        |dir| {
            with_tree(dir, |repo| {
                let blob = repo.blob("x");
                let tree = (0..1024).fold(Tree::new(), |tree, bits: u32| {
                    let name: String = (0..10)
                        .map(|bit| if bits >> (9 - bit) & 1 == 0 { 'A' } else { 'a' })
                        .collect();
                    tree.file(name, blob)
                });
                repo.tree(&tree)
            });
        },
    ),
    Fixture::new(
        "odd/combining",
        "A name of four thousand combining marks, which normalising has to sort.",
        Expect::Limit("max_path"),
        GitSays::Unasked,
        |dir| {
            let name = "e".to_owned() + &"\u{316}\u{301}".repeat(4000);
            with_entry(dir, "100644", name.as_bytes());
        },
    ),
    Fixture::new(
        "odd/long-symlink",
        "A symlink whose target has a MiB.",
        Expect::Either,
        GitSays::Fine,
        |dir| {
            with_tree(dir, |repo| {
                let target = repo.blob(vec![b'x'; 1 << 20]);
                repo.tree(&Tree::new().entry("120000", "link", target))
            });
        },
    ),
    Fixture::new(
        "odd/empty-symlink",
        "A symlink to nothing.",
        Expect::Imports,
        GitSays::Unasked,
        |dir| {
            with_tree(dir, |repo| {
                let target = repo.blob("");
                repo.tree(&Tree::new().entry("120000", "link", target))
            });
        },
    ),
    Fixture::new(
        "odd/nul-symlink",
        "A symlink whose target holds NUL, newline and escapes.",
        Expect::Imports,
        GitSays::Unasked,
        |dir| {
            with_tree(dir, |repo| {
                let target = repo.blob(b"a\0b\n\x1b[2J\xff");
                repo.tree(&Tree::new().entry("120000", "link", target))
            });
        },
    ),
    Fixture::new(
        "odd/symlink-loop",
        "Symlinks that name each other and themselves.",
        Expect::Imports,
        GitSays::Fine,
        |dir| {
            with_tree(dir, |repo| {
                let (a, b, dot) = (repo.blob("a"), repo.blob("b"), repo.blob("."));
                repo.tree(
                    &Tree::new()
                        .entry("120000", "a", b)
                        .entry("120000", "b", a)
                        .entry("120000", "c", dot),
                )
            });
        },
    ),
];
