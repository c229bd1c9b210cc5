//! Repositories whose files cannot be opened at the moment: an error that says so, never another
//! answer.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gitlade_tests::git::Git;

use crate::benign::{file, repository};
use crate::child;
use crate::importing::{is_installed, skip};

/// A work tree with packed and loose objects and refs, its linked work tree, and a bare repository
/// that borrows its objects.
fn doors(folder: &Path) -> Vec<PathBuf> {
    let files = [
        file("a/one", "one\n"),
        file("a/two", "two\n"),
        file(".gitattributes", "*.bin binary\n"),
        file("three.bin", [0, 1, 2]),
    ];
    let bare = repository(folder, "packed.git", "sha1", &files);
    Git::at(&bare).run(&["repack", "-adq"]);
    Git::at(&bare).run(&["pack-refs", "--all"]);
    Git::at(folder).run(&["clone", "-q", "--shared", "packed.git", "main"]);
    let main = Git::at(folder.join("main"));
    fs::write(main.dir().join("a/one"), "another\n").expect("because there is room");
    main.commit_all("change");
    main.run(&["worktree", "add", "-q", "--detach", "../linked"]);
    vec![bare, main.dir().to_owned(), folder.join("linked")]
}

/// The files below `folder` that were opened.
fn opened<'a>(log: &'a str, folder: &Path) -> BTreeSet<&'a str> {
    let folder = folder.display().to_string();
    log.lines()
        .filter(|line| line.contains("openat("))
        .filter_map(|line| line.split('"').nth(1))
        .filter(|path| path.starts_with(&folder))
        .collect()
}

#[test]
fn a_file_that_cannot_be_opened_now_is_an_error_that_says_so() {
    if !is_installed("strace") {
        return skip("a_file_that_cannot_be_opened", "strace is not installed");
    }
    let folder = tempfile::tempdir().expect("because there is room");
    let folder = folder.path().canonicalize().expect("because it is there");
    let log = tempfile::NamedTempFile::new().expect("because there is room");
    let log = log.path().display().to_string();
    let (mut tried, mut failed) = (0, 0);
    for door in doors(&folder) {
        let strace = ["strace", "-f", "-qq", "-e", "trace=openat", "-o", &log];
        let whole = child::import(&door).under(&strace).run();
        assert_eq!(whole.results(), ["ok"], "{door:?}");
        let text = fs::read(&log).expect("because strace wrote it");
        let text = String::from_utf8_lossy(&text);
        let opened = opened(&text, &folder);
        assert!(opened.len() >= 5, "{opened:?}");
        for path in opened {
            // Once, as when descriptors are short, and always, as when the disk is bad.
            for fault in ["error=EMFILE:when=1", "error=EIO:when=1+"] {
                let inject = format!("inject=openat:{fault}");
                let what = format!("{fault} of {path}");
                let failing = [
                    &strace[..5],
                    &["-P", path, "-e", &inject, "-o", "/dev/null"],
                ];
                let ended = child::import(&door).under(&failing.concat()).run();
                let results = ended.results();
                assert!(
                    results == ["io"] || ended.manifest() == whole.manifest(),
                    "{what}: {results:?}"
                );
                tried += 1;
                failed += usize::from(results == ["io"]);
            }
        }
    }
    println!("{tried} faults of opening: {failed} errors, and the same manifest else");
    assert!(failed * 2 > tried, "{failed} of {tried}");
}
