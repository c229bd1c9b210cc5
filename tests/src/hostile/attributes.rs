//! Files that an import reads for their meaning: attributes, submodules, LFS pointers, texts.

use super::sample::{with_files, with_tree};
use super::{Expect, Fixture, GitSays};
use crate::objects::{Tree, id_of_byte};

/// A repository of one such file beside two ordinary ones.
macro_rules! files {
    ($($fixture:literal: $what:literal, $expect:expr, $git:expr, $name:literal => $content:expr;)*) => {
        &[$(Fixture::new(
            concat!("attributes/", $fixture),
            $what,
            $expect,
            $git,
            |dir| {
                let content = $content;
                with_files(dir, &[
                    ($name, AsRef::<[u8]>::as_ref(&content)),
                    ("text", b"some text\n"),
                    ("zeros", b"a\0b"),
                ]);
            },
        )),*]
    };
}

const ASK_NOT: GitSays = GitSays::Unasked;

pub(super) const TABLE: &[Fixture] = files! {
    "macro-circle": "Macros that mean each other.", Expect::Imports, ASK_NOT, ".gitattributes" => "[attr]a b\n[attr]b a\n* a\n";
    "macro-self": "A macro that means itself.", Expect::Imports, ASK_NOT, ".gitattributes" => "[attr]a a -a\n* a\n";
    "macro-binary": "A macro that changes what `binary` means.", Expect::Imports, ASK_NOT, ".gitattributes" => "[attr]binary text diff\n* binary\n";
    "macro-tree": "Macros of ten macros of ten macros, over ten levels.", Expect::Either, ASK_NOT, ".gitattributes" => {
        let mut text = String::new();
        for level in 0..10 {
            for macro_ in 0..10 {
                text += &format!("[attr]m{level}x{macro_}");
                for inner in 0..10 { text += &format!(" m{}x{inner}", level + 1); }
                text.push('\n');
            }
        }
        text + "* m0x0\n"
    };
    "macro-chain": "A chain of ten thousand macros.", Expect::Either, ASK_NOT, ".gitattributes" => {
        (0..10_000).map(|n| format!("[attr]m{n} m{}\n", n + 1)).collect::<String>() + "* m0\n"
    };
    "long-line": "A line of 3 MiB.", Expect::Imports, ASK_NOT, ".gitattributes" => "x".repeat(3 << 20);
    "long-name": "An attribute whose name has a MiB.", Expect::Imports, ASK_NOT, ".gitattributes" => format!("* {}\n", "x".repeat(1 << 20));
    "oversized": "Attributes of five MiB, over `max_attributes`.", Expect::Either, ASK_NOT, ".gitattributes" => "#\n".repeat(5 << 19);
    "binary": "Attributes that are binary.", Expect::Imports, ASK_NOT, ".gitattributes" => (0..=255).cycle().take(10_000).collect::<Vec<u8>>();
    "nul": "Attributes with a NUL in a pattern.", Expect::Imports, ASK_NOT, ".gitattributes" => "te\0xt binary\n* -text\0\n";
    "byte-order-mark": "Attributes that begin with a byte order mark.", Expect::Imports, ASK_NOT, ".gitattributes" => "\u{feff}* binary\n";
    "utf-16": "Attributes in UTF-16.", Expect::Imports, ASK_NOT, ".gitattributes" => "* binary\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    "stars": "Patterns that a bad matcher needs exponential time for.", Expect::Either, ASK_NOT, ".gitattributes" => {
        format!("{}b binary\n{}b binary\n", "*a".repeat(50), "**/".repeat(50))
    };
    "brackets": "Brackets that do not end, and nothing in them.", Expect::Imports, ASK_NOT, ".gitattributes" => "[ text\n[] text\n[! text\n[z-a] text\n[[:alpha text\n[[:nonsense:]] text\n[\\ text\n\\ text\n";
    "quotes": "Quotes that do not end, and escapes that there are not.", Expect::Imports, ASK_NOT, ".gitattributes" => "\"text binary\n\"te\\777xt\" binary\n\"\\\" text\n\"\" text\n";
    "negative": "Patterns that begin with an exclamation mark, which Git forbids here.", Expect::Imports, ASK_NOT, ".gitattributes" => "!text binary\n";
    "encodings": "Encodings that there are not, and escapes in their names.", Expect::Imports, ASK_NOT, ".gitattributes" => {
        format!("text working-tree-encoding=nonsense\x1b[2J\nzeros working-tree-encoding={}\n", "U".repeat(10_000))
    };
    "encoding-lies": "UTF-16 that is not.", Expect::Imports, ASK_NOT, ".gitattributes" => "* working-tree-encoding=UTF-16LE\n";
    "filter": "Filters and drivers that would run programs.", Expect::Imports, ASK_NOT, ".gitattributes" => "* filter=evil diff=evil merge=evil textconv=evil ident export-subst\n";
    "reserved": "Names that Git keeps for itself.", Expect::Imports, ASK_NOT, ".gitattributes" => "* builtin_objectmode=100755 -builtin_x !\n* -\n* =\n* =x\n* !!\n";
    "many-lines": "Two hundred thousand lines.", Expect::Either, ASK_NOT, ".gitattributes" => (0..200_000).map(|n| format!("*.{n:x} text\n")).collect::<String>();
    "gitmodules-option": "A submodule whose URL is an option (CVE-2018-17456).", Expect::Imports, GitSays::Text("gitmodulesUrl"), ".gitmodules" => "[submodule \"a\"]\n\tpath = a\n\turl = --upload-pack=touch pwned\n";
    "gitmodules-path": "A submodule whose path is an option (CVE-2018-17456).", Expect::Imports, GitSays::Text("gitmodulesPath"), ".gitmodules" => "[submodule \"a\"]\n\tpath = -x\n\turl = https://example.com/a\n";
    "gitmodules-name": "A submodule whose name climbs out (CVE-2018-11235).", Expect::Imports, GitSays::Text("gitmodulesName"), ".gitmodules" => "[submodule \"../../x\"]\n\tpath = a\n\turl = https://example.com/a\n";
    "gitmodules-update": "A submodule that would run a program.", Expect::Imports, GitSays::Text("gitmodulesUpdate"), ".gitmodules" => "[submodule \"a\"]\n\tpath = a\n\turl = https://example.com/a\n\tupdate = !touch pwned\n";
    "gitmodules-newline": "A URL of two lines (CVE-2020-5260).", Expect::Imports, GitSays::Text("gitmodulesUrl"), ".gitmodules" => "[submodule \"a\"]\n\tpath = a\n\turl = \"https://example.com/\\nhost=evil\"\n";
    "gitmodules-return": "A path with a carriage return behind it (CVE-2025-48384).", Expect::Imports, ASK_NOT, ".gitmodules" => "[submodule \"a\"]\n\tpath = \"a\r\"\n\turl = https://example.com/a\n";
    "gitmodules-ext": "A URL that is a command.", Expect::Imports, ASK_NOT, ".gitmodules" => "[submodule \"a\"]\n\tpath = a\n\turl = ext::sh -c touch% pwned\n";
    "gitmodules-escape": "A URL that clears the screen, and a secret in it.", Expect::Imports, ASK_NOT, ".gitmodules" => "[submodule \"a\"]\n\tpath = a\n\turl = https://user:secret@example.com/\x1b[2J\n";
    "gitmodules-broken": "A file that is no configuration.", Expect::Imports, GitSays::Text("gitmodulesParse"), ".gitmodules" => "[submodule \"a\n\tpath = \n= x\n";
    "gitmodules-include": "A file that wants others to be read.", Expect::Imports, ASK_NOT, ".gitmodules" => "[include]\n\tpath = /etc/passwd\n[includeIf \"gitdir:/\"]\n\tpath = /dev/zero\n";
    "gitmodules-many": "Fifty thousand submodules.", Expect::Imports, ASK_NOT, ".gitmodules" => (0..50_000).map(|n| format!("[submodule \"{n}\"]\npath={n}\nurl=u\n")).collect::<String>();
    "gitmodules-one": "One submodule of fifty thousand values.", Expect::Imports, ASK_NOT, ".gitmodules" => "[submodule \"a\"]\n".to_owned() + &"path=a\nurl=u\n".repeat(50_000);
    "lfs-size": "An LFS pointer whose size is too large for 64 bits.", Expect::Imports, ASK_NOT, "pointer" => lfs(&"9".repeat(30));
    "lfs-negative": "An LFS pointer with a negative size.", Expect::Imports, ASK_NOT, "pointer" => lfs("-1");
    "lfs-huge": "An LFS pointer to nearly 2^63 bytes.", Expect::Imports, ASK_NOT, "pointer" => lfs("9223372036854775807");
    "lfs-oid": "An LFS pointer whose id is a path.", Expect::Imports, ASK_NOT, "pointer" => lfs("1").replace("4d7a", "../.");
    "lfs-extensions": "An LFS pointer with extensions that would run programs.", Expect::Imports, ASK_NOT, "pointer" => lfs("1").replace("oid", "ext-0-evil sha256:00\noid");
};

fn lfs(size: &str) -> String {
    format!(
        "version https://git-lfs.github.com/spec/v1\n\
         oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n\
         size {size}\n"
    )
}

pub(super) const TEXTS: &[Fixture] = files! {
    "utf-16-odd": "UTF-16 of an odd number of bytes.", Expect::Imports, ASK_NOT, "odd" => b"\xff\xfea\0b\0c";
    "utf-16-surrogates": "UTF-16 of nothing but half pairs.", Expect::Imports, ASK_NOT, "odd" => b"\xff\xfe\0\xd8\0\xd8\0\xdc\0\xdc";
    "utf-32-huge": "UTF-32 of code points that there are not.", Expect::Imports, ASK_NOT, "odd" => b"\xff\xfe\0\0\xff\xff\xff\x7f\0\xd8\0\0";
    "utf-8-overlong": "A NUL and a slash in overlong UTF-8.", Expect::Imports, ASK_NOT, "odd" => b"\xc0\x80\xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf\n";
    "utf-8-cut": "UTF-8 that ends inside a character.", Expect::Imports, ASK_NOT, "odd" => "x".repeat(65_535).into_bytes().into_iter().chain(*b"\xe2\x82").collect::<Vec<u8>>();
    "only-mark": "A byte order mark and nothing else.", Expect::Imports, ASK_NOT, "odd" => b"\xef\xbb\xbf";
    "two-marks": "Byte order marks of different encodings.", Expect::Imports, ASK_NOT, "odd" => b"\xef\xbb\xbf\xff\xfe\0\0\xfe\xff";
    "utf-7": "An encoding that hides what it says.", Expect::Imports, ASK_NOT, "odd" => b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-\n";
    "iso-2022": "Escapes that switch between character sets.", Expect::Imports, ASK_NOT, "odd" => b"\x1b$B$\"\x1b(B\x1b$(C!!\x1b.A\x1bN\n".repeat(1000);
    "one-line": "Eight MiB without an end of a line.", Expect::Imports, ASK_NOT, "odd" => "x".repeat(8 << 20);
    "only-returns": "A MiB of carriage returns.", Expect::Imports, ASK_NOT, "odd" => "\r".repeat(1 << 20);
    "late-nul": "A NUL behind the 8,000 bytes that Git looks at.", Expect::Imports, ASK_NOT, "odd" => "x".repeat(8_000) + "\0";
    "terminal": "A text that would take over a terminal.", Expect::Imports, ASK_NOT, "odd" => b"\x1b]52;c;ZXZpbA==\x07\x1b[6n\x1bP+q\x1b\\\x9b31m\n";
};

pub(super) const KINDS: &[Fixture] = &[
    Fixture::new(
        "attributes/folder",
        "A `.gitattributes` that is a folder, and a `.gitmodules` too.",
        Expect::Imports,
        GitSays::Text("gitmodulesBlob"),
        |dir| {
            with_tree(dir, |repo| {
                let blob = repo.blob("* binary\n");
                let folder = repo.tree(&Tree::new().file("x", blob));
                repo.tree(
                    &Tree::new()
                        .folder(".gitattributes", folder)
                        .folder(".gitmodules", folder)
                        .file("a", blob),
                )
            });
        },
    ),
    Fixture::new(
        "attributes/submodule",
        "A `.gitattributes` that is a submodule, and a `.gitmodules` too.",
        Expect::Imports,
        ASK_NOT,
        |dir| {
            with_tree(dir, |repo| {
                let blob = repo.blob("x");
                let commit = id_of_byte(repo.format(), 0xaa);
                repo.tree(
                    &Tree::new()
                        .entry("160000", ".gitattributes", commit)
                        .entry("160000", ".gitmodules", commit)
                        .file("a", blob),
                )
            });
        },
    ),
    Fixture::new(
        "attributes/everywhere",
        "Three hundred folders with two hundred patterns each, none of which matches.",
        Expect::Either,
        ASK_NOT,
        |dir| {
            with_tree(dir, |repo| {
                let mut id = repo.tree(&Tree::new());
                for n in 0..300 {
                    let lines: String = (0..200).map(|m| format!("*{n}x{m}*y* text\n")).collect();
                    let attributes = repo.blob(lines);
                    let mut tree = Tree::new().file(".gitattributes", attributes);
                    for m in 0..20 {
                        tree = tree.file(format!("a{m:02}"), attributes);
                    }
                    id = repo.tree(&tree.folder("d", id));
                }
                id
            });
        },
    ),
];
