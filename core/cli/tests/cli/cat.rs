//! `gitlade cat`, against `git cat-file`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::fixture::{Fixture, Run, finish, program};

fn cat(fixture: &Fixture, path: &[u8], args: &[&str]) -> Run {
    let mut command = program();
    command.arg("cat").arg(&fixture.repository).args(args);
    finish(command.arg("--").arg(OsStr::from_bytes(path)))
}

#[test]
fn every_file_is_what_git_has() {
    let fixture = Fixture::new();
    let listing = fixture.git_bytes(&["ls-tree", "-r", "-z", "HEAD"]);
    let mut seen = 0;
    for line in listing
        .split(|&byte| byte == 0)
        .filter(|line| !line.is_empty())
    {
        let tab = line
            .iter()
            .position(|&byte| byte == b'\t')
            .expect("there is one");
        let (facts, path) = (&line[..tab], &line[tab + 1..]);
        let words: Vec<&[u8]> = facts.split(|&byte| byte == b' ').collect();
        if words[1] == b"commit" {
            cat(&fixture, path, &[]).bad(20);
            continue;
        }
        let id = std::str::from_utf8(words[2]).expect("ids are ASCII");
        let expected = fixture.git_bytes(&["cat-file", "blob", id]);
        assert_eq!(cat(&fixture, path, &[]).good(), expected, "{path:?}");
        seen += 1;
    }
    assert_eq!(seen, 15);
}

#[test]
fn text_is_decoded_and_revisions_are_kept() {
    let fixture = Fixture::new();
    assert_eq!(cat(&fixture, b"utf16.txt", &["--text"]).good(), b"hi\n");
    let latin = cat(&fixture, b"latin.txt", &["--text"]).good();
    assert_eq!(latin, "café au lait, déjà vu, naïve, été\n".as_bytes());
    cat(&fixture, b"logo.png", &["--text"]).bad(31);
    cat(&fixture, b"link", &["--text"]).bad(31);
    fixture.write("README.md", b"changed\n");
    fixture.git(&["commit", "-q", "-m", "second"]);
    assert_eq!(cat(&fixture, b"README.md", &[]).good(), b"changed\n");
    let before = cat(&fixture, b"README.md", &["--rev", "HEAD~1"]).good();
    assert_eq!(before, b"# Fixture\n");
}

#[test]
fn wrong_paths() {
    let fixture = Fixture::new();
    for (path, code) in [
        (&b"src"[..], 20),
        (b".", 20),
        (b"", 20),
        (b"nothing", 19),
        (b"src/nothing", 19),
        (b"nowhere/file", 19),
        (b"README.md/file", 20),
        (b"*", 19),
        (b"src/../README.md", 10),
        (b"not-\xfe-utf8.txt", 19),
    ] {
        cat(&fixture, path, &[]).bad(code);
    }
    cat(&fixture, b"big.bin", &["--max-blob", "1K"]).bad(32);
}
