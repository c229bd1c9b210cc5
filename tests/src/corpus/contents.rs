//! Samples that differ in what they hold.

use std::path::Path;

use super::{Files, Sample};
use crate::objects::{Kind, Tree, id_of_byte};
use crate::random::Random;
use crate::repo::Repo;

const SUBMODULE: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

macro_rules! samples {
    ($($name:literal: $what:literal, $files:expr;)*) => {
        &[$(Sample::new(concat!("contents/", $name), $what, |dir| {
            $files.bare(dir, &[]);
        })),*]
    };
}

pub(super) const TABLE: &[Sample] = samples! {
    "nothing": "A commit without files.", Files::new();
    "one-file": "One file in one folder.", Files::new().file("folder/file", "content\n");
    "kinds": "Every kind of entry.", kinds();
    "order": "Names whose order depends on what is a folder.", order();
    "names-bytes": "Names that are not UTF-8.", Files::new().file(b"caf\xe9", "1").file(b"\xff\xfe/\x80", "2").file(b"a\xc0\xafb", "3").symlink(b"link\xff", b"caf\xe9");
    "names-unicode": "Names in many scripts, composed and not.", Files::new().file("é", "1").file("e\u{301}", "2").file("日本語/テキスト.txt", "3").file("😀", "4").file("\u{202e}txt", "5").file("ß", "6").file("ﬁ", "7").file("İ/ı", "8");
    "names-ascii": "Every ASCII character that a name may have.", (1..128_u8).filter(|byte| *byte != b'/').fold(Files::new(), |files, byte| files.file([b'x', byte, b'x'], [byte]));
    "names-long": "Names of 254 to 256 bytes, and a path of three thousand.", Files::new().file("a".repeat(254), "1").file("b".repeat(255), "2").file("c".repeat(256), "3").file(["d"; 15].map(|d| d.repeat(200)).join("/"), "4");
    "names-windows": "Names that Windows does not take.", ["CON", "nul.txt", "a:b", "dot.", "space ", "a\\b", "a*b", "a?", "<a>", "a|b"].iter().fold(Files::new(), |files, name| files.file(name, *name));
    "names-case": "Names that differ in case only.", Files::new().file("README", "1").file("Readme", "2").file("readme", "3").file("Src/a", "4").file("src/a", "5");
    "encodings": "Texts in many encodings.", encodings();
    "line-endings": "Every kind of line ending.", line_endings();
    "binaries": "What programs write.", binaries();
    "nul-positions": "A NUL around the 8,000 bytes that Git looks at.", [0_usize, 1, 7998, 7999, 8000, 8001, 65535, 65536].iter().fold(Files::new(), |files, at| files.file(format!("{at}"), ["x".repeat(*at).as_bytes(), b"\0", &b"y"[..]].concat()));
    "sizes": "Files around sizes that algorithms change at.", [0_usize, 1, 2, 63, 64, 65, 1023, 1024, 1025, 4095, 4096, 4097, 7999, 8000, 8001, 65_535, 65_536, 65_537, 1 << 20, (1 << 20) + 1].iter().fold(Files::new(), |files, size| files.file(format!("{size}"), &"0123456789abcde\n".repeat(size / 16 + 1)[..*size]));
    "attributes": "Attributes in several folders, with macros and exceptions.", attributes();
    "attributes-patterns": "Attributes by every kind of pattern.", attribute_patterns();
    "lfs": "Pointers of Git LFS, and texts that look like them.", lfs();
    "submodules": "Submodules with and without a URL.", submodules();
    "deep": "Two hundred folders inside each other.", Files::new().file(format!("{}file", "d/".repeat(200)), "content\n").file("d/d/file", "content\n");
    "wide": "Five thousand files in one folder.", (0..5000).fold(Files::new(), |files, n| files.file(format!("wide/{n:04}"), format!("{n}\n")));
    "duplicates": "Two thousand names of three contents.", (0..2000).fold(Files::new(), |files, n| files.file(format!("{}/{n}", n % 7), format!("content {}\n", n % 3)));
    "same-folders": "A hundred folders that are one.", (0..100).fold(Files::new(), |files, n| files.file(format!("{n}/a/b"), "1").file(format!("{n}/a/c"), "2").file(format!("{n}/d"), "3"));
    "similar": "Files that are deltas of each other once packed.", (0..100).fold(Files::new(), |files, n| files.file(format!("{n}"), format!("{}{n}\n", "a line that all of them have\n".repeat(200))));
    "large": "A text, a binary and noise of some MiB.", Files::new().file("text", "some line of text\n".repeat(300_000)).file("zeros", vec![0; 5 << 20]).file("noise", Random::new(1).bytes(3 << 20));
    "random": "Five hundred files of noise, in folders of any depth.", random();
    "text-types": "What a project has.", project();
    "git-files": "Files that Git reads, in folders too.", Files::new().file(".gitignore", "*.o\n!keep.o\n").file("a/.gitignore", "*\n").file("a/ignored", "1").file(".mailmap", "A <a@b>\n").file(".gitattributes", "*.o binary\n").file("x.o", "text\n").file(".github/workflows/ci.yml", "on: push\n");
};

pub(super) const BY_HAND: &[Sample] = &[
    Sample::new("contents/modes", "Modes that Git wrote long ago.", modes),
    Sample::new(
        "contents/empty-folder",
        "Folders without entries.",
        empty_folders,
    ),
];

fn kinds() -> Files {
    Files::new()
        .file("file", "content\n")
        .executable("run", "#!/bin/sh\n")
        .symlink("link", "file")
        .symlink("folder/up", "../file")
        .symlink("nowhere", "/nonexistent/\u{e9}")
        .submodule("module", SUBMODULE)
        .submodule("folder/module", SUBMODULE)
        .file("folder/inner/file", "")
        .file(
            ".gitmodules",
            "[submodule \"m\"]\n\tpath = module\n\turl = https://example.com/m.git\n",
        )
}

fn order() -> Files {
    [
        "a", "a-b", "a.b", "a/b", "a0", "aa/b", "b-/x", "b.x", "b/x", "b0", "A", "a b", "é", "~",
    ]
    .iter()
    // A name is not a file and a folder at once.
    .filter(|name| **name != "a")
    .fold(Files::new(), |files, name| files.file(name, *name))
}

fn encodings() -> Files {
    let text = "Grüße, naïve façade\n";
    let utf_16 = |text: &str| text.encode_utf16().collect::<Vec<_>>();
    let le: Vec<u8> = utf_16(text)
        .into_iter()
        .flat_map(u16::to_le_bytes)
        .collect();
    let be: Vec<u8> = utf_16(text)
        .into_iter()
        .flat_map(u16::to_be_bytes)
        .collect();
    let utf_32: Vec<u8> = text
        .chars()
        .flat_map(|c| u32::from(c).to_le_bytes())
        .collect();
    let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
    Files::new()
        .file("ascii", "plain\n")
        .file("utf-8", text)
        .file("utf-8-bom", [b"\xef\xbb\xbf", text.as_bytes()].concat())
        .file("utf-16le-bom", [b"\xff\xfe", &le[..]].concat())
        .file("utf-16be-bom", [b"\xfe\xff", &be[..]].concat())
        .file("utf-16le", &le)
        .file("utf-16be", &be)
        .file("utf-32le-bom", [b"\xff\xfe\0\0", &utf_32[..]].concat())
        .file("latin-1", latin.repeat(20))
        // "Привет, мир" and more, in windows-1251 and KOI8-R.
        .file(
            "windows-1251",
            b"\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0. ".repeat(20),
        )
        .file(
            "koi8-r",
            b"\xf0\xd2\xc9\xd7\xc5\xd4, \xcd\xc9\xd2. ".repeat(20),
        )
        // "日本語のテキスト" in Shift_JIS and EUC-JP, "中文文本" in GB 18030.
        .file(
            "shift-jis",
            b"\x93\xfa\x96\x7b\x8c\xea\x82\xcc\x83\x65\x83\x4c\x83\x58\x83\x67\n".repeat(20),
        )
        .file(
            "euc-jp",
            b"\xc6\xfc\xcb\xdc\xb8\xec\xa4\xce\xa5\xc6\xa5\xad\xa5\xb9\xa5\xc8\n".repeat(20),
        )
        .file("gb18030", b"\xd6\xd0\xce\xc4\xce\xc4\xb1\xbe\n".repeat(20))
        .file("iso-2022-jp", b"\x1b$BF|K\\8l\x1b(B\n".repeat(20))
        .file("invalid-end", [text.as_bytes(), b"\xe2\x82"].concat())
        .file("only-bom", b"\xef\xbb\xbf")
}

fn line_endings() -> Files {
    Files::new()
        .file("lf", "a\nb\n")
        .file("crlf", "a\r\nb\r\n")
        .file("cr", "a\rb\r")
        .file("mixed", "a\nb\r\nc\rd\n")
        .file("none", "a")
        .file("no-last", "a\nb")
        .file("crlf-no-last", "a\r\nb")
        .file("cr-at-end", "a\nb\r")
        .file("crcrlf", "a\r\r\nb\r\r\n")
        .file("only-lf", "\n")
        .file("only-crlf", "\r\n")
        .file("empty", "")
        .file("form-feed", "a\x0cb\x0bc\u{85}d\u{2028}e\n")
        .file(
            "split",
            "x".repeat(65_535) + "\r\n" + &"y".repeat(65_535) + "\r\n",
        )
}

fn binaries() -> Files {
    Files::new()
        .file(
            "image.png",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0",
        )
        .file("image.gif", b"GIF89a\x01\0\x01\0\x80\0\0")
        .file("image.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01")
        .file("archive.zip", b"PK\x03\x04\x14\0\0\0\x08\0")
        .file(
            "archive.gz",
            b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0",
        )
        .file("document.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")
        .file("program", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0>\0")
        .file("module.wasm", b"\0asm\x01\0\0\0")
        .file("Class.class", b"\xca\xfe\xba\xbe\0\0\0\x34")
        .file("font.woff2", b"wOF2\0\x01\0\0")
        .file("noise", Random::new(3).bytes(5000))
        .file(
            "noise-without-nul",
            Random::new(4)
                .bytes(5000)
                .into_iter()
                .map(|b| b | 1)
                .collect::<Vec<u8>>(),
        )
        .file("control", (1..32).collect::<Vec<u8>>())
        .file("escape", "\x1b[31mred\x1b[0m\n")
        .file("text.png", "this is no image\n")
}

fn attributes() -> Files {
    Files::new()
        .file(
            ".gitattributes",
            "[attr]generated -diff linguist-generated\n* text=auto\n*.bin binary\n*.txt text eol=lf\n\
             *.gen generated\n/only-here -text\nfolder/** -diff\n*.utf16 working-tree-encoding=UTF-16\n",
        )
        .file("folder/.gitattributes", "*.bin -binary text\n*.txt !text\n[attr]ignored text\n")
        .file("folder/inner/.gitattributes", "* binary\nkeep diff text\n")
        .file("a.bin", "text\n")
        .file("a.txt", "zero\0\n")
        .file("a.gen", "generated\n")
        .file("only-here", "a\n")
        .file("a.utf16", "in UTF-8\n")
        .file("folder/a.bin", "text\n")
        .file("folder/a.txt", "text\n")
        .file("folder/only-here", "text\n")
        .file("folder/inner/a", "text\n")
        .file("folder/inner/keep", "zero\0\n")
}

fn attribute_patterns() -> Files {
    let names = [
        "a.c",
        "b.c",
        "sub/a.c",
        "sub/deep/a.c",
        "sub/deep/er/x",
        "foo bar",
        "q\"uote",
        "tab\there",
        "UPPER",
        "upper",
        "[x]",
        "x",
        "star*",
        "ends ",
        "#hash",
        "!bang",
        "abc1",
        "abd1",
    ];
    let files = Files::new().file(
        ".gitattributes",
        "*.c -text\nsub/*.c text\nsub/**/x binary\n**/deep/a.c -diff\n\"foo bar\" binary\n\
         \"q\\\"uote\" binary\nUPPER binary\n[[]x] binary\nstar\\* binary\n\\#hash binary\n\
         \\!bang binary\nab[c-d]1 binary\n?? -diff\n/x text\nsub binary\n",
    );
    names
        .iter()
        .fold(files, |files, name| files.file(name, format!("{name}\n")))
}

fn lfs() -> Files {
    const POINTER: &str = "version https://git-lfs.github.com/spec/v1\n\
        oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
    Files::new()
        .file(".gitattributes", "*.lfs filter=lfs diff=lfs merge=lfs -text\n")
        .file("sound.lfs", POINTER)
        .file("not-attributed", POINTER)
        .file("content.lfs", "this is no pointer\n")
        .file("empty.lfs", "")
        .file("crlf.lfs", POINTER.replace('\n', "\r\n"))
        .file("cut.lfs", &POINTER[..60])
        .file("old.lfs", POINTER.replace("git-lfs.github.com", "hawser.github.com"))
        .file("extended.lfs", POINTER.replace("oid", "ext-0-foo sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\noid"))
        .file("long.lfs", POINTER.to_owned() + &"x".repeat(2000))
}

fn submodules() -> Files {
    Files::new()
        .file(
            ".gitmodules",
            "# comment\n[submodule \"one\"]\n\tpath = one\n\turl = https://example.com/one.git\n\
             [submodule \"deep\"]\n\tpath = folder/two\n\turl = \"../two.git\"\n\
             [submodule \"spaces\"]\n\tpath = \"with space\"\n\turl = git@example.com:x/y.git ; comment\n\
             [submodule \"gone\"]\n\tpath = gone\n\turl = https://example.com/gone.git\n",
        )
        .submodule("one", SUBMODULE)
        .submodule("folder/two", SUBMODULE)
        .submodule("with space", SUBMODULE)
        .submodule("without-url", SUBMODULE)
        .file("folder/.gitmodules", "[submodule \"no\"]\n\tpath = x\n\turl = y\n")
}

fn random() -> Files {
    let mut random = Random::new(11);
    (0..500).fold(Files::new(), |files, n| {
        let mut path = String::new();
        for _ in 0..random.below(6) {
            path += &format!("{}/", random.below(4));
        }
        let len = random.below(3000);
        let content = random.bytes(len);
        match random.below(10) {
            0 => files.executable(format!("{path}x{n}"), content),
            1 => files.symlink(format!("{path}l{n}"), format!("x{n}")),
            _ => files.file(format!("{path}f{n}"), content),
        }
    })
}

fn project() -> Files {
    Files::new()
        .file("README.md", "# A project\n\nWith a text.\n")
        .file("LICENSE", "Do what you want.\n".repeat(50))
        .file("Cargo.toml", "[package]\nname = \"x\"\n")
        .file("src/main.rs", "fn main() {}\n")
        .file("src/lib.py", "# -*- coding: utf-8 -*-\nprint('é')\n")
        .file("web/index.html", "<!doctype html>\n<p>x</p>\n")
        .file("web/data.json", "{\"a\": [1, 2, 3]}\n")
        .file("web/min.js", "var a=1;".repeat(10_000))
        .file("data.csv", "a;b\r\n1;2\r\n")
        .executable("build.sh", "#!/bin/sh\nset -e\n")
        .file("image.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n")
}

/// `fast-import` writes today's modes only.
fn modes(dir: &Path) {
    let mut repo = Repo::sha1();
    let blob = repo.blob("content\n");
    let folder = repo.tree(&Tree::new().entry("100664", "inner", blob));
    let tree = Tree::new()
        .entry("100664", "a", blob)
        .entry("100600", "b", blob)
        .entry("100775", "c", blob)
        .entry("40755", "d", folder)
        .entry("120777", "e", blob)
        .entry("160644", "f", id_of_byte(repo.format(), 0xaa));
    let tree = repo.object(Kind::Tree, tree.bytes());
    repo.commit(tree);
    repo.write(dir);
}

/// `fast-import` makes no empty folders.
fn empty_folders(dir: &Path) {
    let mut repo = Repo::sha1();
    let blob = repo.blob("content\n");
    let empty = repo.tree(&Tree::new());
    let folder = repo.tree(&Tree::new().folder("empty", empty));
    let tree = repo.tree(
        &Tree::new()
            .folder("a", empty)
            .folder("b", folder)
            .file("c", blob),
    );
    repo.commit(tree);
    repo.write(dir);
}
