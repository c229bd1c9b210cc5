//! Repositories whose files cannot be opened at the moment: an error that says so, never another
//! answer.

use std::collections::{BTreeMap, BTreeSet};
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

/// The calls by which files below `folder` are opened, each by its number in its thread.
fn opens(log: &str, folder: &Path) -> BTreeMap<usize, BTreeSet<String>> {
    let folder = folder.display().to_string();
    let (mut counts, mut opens) = (BTreeMap::<&str, usize>::new(), BTreeMap::new());
    for line in log.lines() {
        let Some((thread, call)) = line.split_once(' ') else {
            continue;
        };
        if !call.trim_start().starts_with("openat(") {
            continue;
        }
        let count = counts.entry(thread).or_default();
        *count += 1;
        let path = call.split('"').nth(1).unwrap_or_default();
        if path.starts_with(&folder) {
            let paths: &mut BTreeSet<String> = opens.entry(*count).or_default();
            paths.insert(path.to_owned());
        }
    }
    opens
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
    let mut tried = 0;
    for door in doors(&folder) {
        let strace = ["strace", "-f", "-qq", "-e", "trace=openat", "-o", &log];
        let whole = child::import(&door).under(&strace).run();
        assert_eq!(whole.results(), ["ok"], "{door:?}");
        let text = fs::read(&log).expect("because strace wrote it");
        let opens = opens(&String::from_utf8_lossy(&text), &folder);
        assert!(opens.len() >= 5, "{opens:?}");
        for (number, paths) in opens {
            for errno in ["EMFILE", "EIO"] {
                let fault = format!("inject=openat:error={errno}:when={number}");
                let what = format!("{fault} of {door:?}: {paths:?}");
                let failing = [&strace[..5], &["-e", &fault, "-o", "/dev/null"]].concat();
                let ended = child::import(&door).under(&failing).run();
                let results = ended.results();
                assert!(
                    results == ["io"] || ended.manifest() == whole.manifest(),
                    "{what}: {results:?}"
                );
                tried += 1;
            }
        }
    }
    println!("{tried} opened files could not be");
}
