//! What `gitlade import` writes, against `git ls-tree`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gitlade_tests::server::GitHttp;
use serde_json::Value;

use crate::fixture::{Fixture, finish, lines, program};

/// The records as `git ls-tree -r -t -z` prints them.
fn as_ls_tree(records: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    for record in records {
        let kind = match record["kind"].as_str() {
            Some("folder") => "tree",
            Some("submodule") => "commit",
            _ => "blob",
        };
        let (mode, oid) = (&record["mode"], &record["oid"]);
        let (mode, oid) = (
            mode.as_str().expect("a text"),
            oid.as_str().expect("a text"),
        );
        out.extend_from_slice(format!("{mode} {kind} {oid}\t").as_bytes());
        match record["path"].as_str() {
            Some(path) => out.extend_from_slice(path.as_bytes()),
            None => {
                let path = record["path_base64"].as_str().expect("a text");
                out.extend(STANDARD.decode(path).expect("it is base64"));
            }
        }
        out.push(0);
    }
    out
}

#[test]
fn entries_are_those_of_ls_tree() {
    let fixture = Fixture::new();
    let all = lines(&fixture.import(&[]).good());
    let records = &all[1..all.len() - 1];
    let expected = fixture.git_bytes(&["ls-tree", "-r", "-t", "-z", "HEAD"]);
    assert_eq!(as_ls_tree(records), expected);
    assert_eq!(
        all[0]["source"]["commit"],
        fixture.git(&["rev-parse", "HEAD"])
    );
    assert_eq!(all[all.len() - 1]["complete"], true);
}

#[test]
fn subdir_and_rev_choose() {
    let fixture = Fixture::new();
    let first = fixture.git(&["rev-parse", "HEAD"]);
    fixture.write("src/later.rs", b"// later\n");
    fixture.git(&["commit", "-q", "-m", "second"]);
    for rev in ["HEAD~1", &first, &first[..10]] {
        let all = lines(&fixture.import(&["--rev", rev, "--subdir", "src"]).good());
        let expected = fixture.git_bytes(&["ls-tree", "-r", "-t", "-z", "HEAD~1:src"]);
        assert_eq!(as_ls_tree(&all[1..all.len() - 1]), expected, "{rev}");
    }
}

/// Folders are bytes, wherever they are named: here, at a server, in a manifest that is verified.
#[test]
fn a_folder_need_not_be_utf8() {
    let fixture = Fixture::new();
    let folder = OsStr::from_bytes(b"caf\xe9/\xff");
    fixture.add_blob("100644", b"caf\xe9/\xff/deep/a.txt", b"one\n");
    fixture.add_blob("100644", b"caf\xe9/\xff/b.bin", b"\0\n");
    fixture.git(&["commit", "-q", "-m", "second"]);
    let tree = fixture.git_bytes(&["ls-tree", "-r", "-t", "-z", "HEAD"]);
    let expected: Vec<u8> = tree
        .split_inclusive(|&byte| byte == 0)
        .filter_map(|line| {
            let (facts, path) = line.split_at(line.iter().position(|&byte| byte == b'\t')? + 1);
            let below = path.strip_prefix(b"caf\xe9/\xff/")?;
            Some([facts, below].concat())
        })
        .flatten()
        .collect();
    let server = GitHttp::serve(&fixture.folder);
    let manifest = fixture.path("m.ndjson");
    let (local, remote) = (fixture.repository.clone(), server.url("repository/.git"));
    for source in [local.as_os_str(), OsStr::new(&remote)] {
        let mut command = program();
        let command = command
            .arg("import")
            .arg(source)
            .arg("--subdir")
            .arg(folder);
        finish(command.arg("--manifest").arg(&manifest)).good();
        let all = lines(&std::fs::read(&manifest).expect("it was written"));
        assert_eq!(as_ls_tree(&all[1..all.len() - 1]), expected);
        // printf 'caf\351/\377' | base64
        assert_eq!(all[0]["source"]["subdir_base64"], "Y2Fm6S//");
        let mut command = program();
        let command = command.arg("verify").arg(&manifest).arg("--against");
        finish(command.arg(source)).good();
        let mut command = program();
        let file = OsStr::from_bytes(b"caf\xe9/\xff/deep/a.txt");
        let text = finish(command.arg("cat").arg(source).arg(file)).good();
        assert_eq!(text, b"one\n");
    }
    let missing = OsStr::from_bytes(b"caf\xe9/\xfe");
    let mut command = program();
    let command = command
        .arg("import")
        .arg(&local)
        .arg("--subdir")
        .arg(missing);
    let message = finish(command).bad(19);
    assert!(message.contains("caf"), "{message}");
}

#[test]
fn patterns_choose() {
    let fixture = Fixture::new();
    let args = ["--include", "*.rs", "--exclude", "lib.rs"];
    let all = lines(&fixture.import(&args).good());
    let paths: Vec<_> = all[1..all.len() - 1].iter().map(|r| &r["path"]).collect();
    assert_eq!(paths, ["src", "src/main.rs"]);
}

#[test]
fn texts_are_decoded() {
    let fixture = Fixture::new();
    let all = lines(&fixture.import(&["--text"]).good());
    let text = |path: &str| {
        let record = all.iter().find(|record| record["path"] == path);
        record.expect("it is there")["text"].clone()
    };
    assert_eq!(text("README.md"), "# Fixture\n");
    assert_eq!(text("utf16.txt"), "hi\n");
    assert_eq!(text("latin.txt"), "café au lait, déjà vu, naïve, été\n");
    assert_eq!(text("logo.png"), Value::Null);
}

/// Commits, trees and attributes are no files, and have to be read all the same.
#[test]
fn nothing_but_names_can_be_asked_for() {
    let fixture = Fixture::new();
    let all = lines(&fixture.import(&["--max-blob", "0"]).good());
    let records = &all[1..all.len() - 1];
    let expected = fixture.git_bytes(&["ls-tree", "-r", "-t", "-z", "HEAD"]);
    assert_eq!(as_ls_tree(records), expected);
    assert_eq!(all[all.len() - 1]["skipped"]["too_large"], 15);
}

#[test]
fn limits_are_kept() {
    let fixture = Fixture::new();
    let all = lines(&fixture.import(&["--max-blob", "100KiB"]).good());
    let big = all
        .iter()
        .find(|r| r["path"] == "big.bin")
        .expect("it is there");
    assert_eq!(big["skipped"], "too_large");
    assert_eq!(big["size"], 300_000);
    let message = fixture.import(&["--max-entries", "3"]).bad(24);
    assert!(message.contains("--max-entries"), "{message}");
}

/// The same bytes, however the work is done.
#[test]
fn means_do_not_change_the_result() {
    let fixture = Fixture::new();
    let expected = fixture.import(&[]).good();
    for args in [
        &["--threads", "1"][..],
        &["--threads", "16"],
        &["--memory", "1M"],
        &["--verify", "ids"],
        &["--no-alternates"],
        &["--manifest", "-"],
    ] {
        assert_eq!(fixture.import(args).good(), expected, "{args:?}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let fixture = Fixture::new();
    let mut child = program()
        .arg("import")
        .arg(&fixture.repository)
        .arg("--text")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn progress_as_json_is_a_line_each() {
    let fixture = Fixture::new();
    let run = fixture.import(&["--progress", "json"]);
    assert_eq!(run.code, Some(0));
    let steps = lines(run.stderr.as_bytes());
    assert_eq!(steps.last().expect("there is one")["step"], "complete");
    assert_eq!(steps.last().expect("there is one")["files"], 14);
}
