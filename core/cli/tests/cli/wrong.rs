//! Wrong input: each its exit code, in one or two lines.

use std::path::Path;

use crate::fixture::{Fixture, run};

#[test]
fn wrong_arguments() {
    let fixture = Fixture::new();
    for (args, code, word) in [
        (&["--rev", "nothing"][..], 16, "nothing"),
        (&["--rev", "HEAD:README.md"], 18, "HEAD:README.md"),
        (&["--subdir", "nowhere"], 19, "nowhere"),
        (&["--subdir", "README.md"], 20, "README.md"),
        (&["--subdir", "../up"], 10, ".."),
        (&["--include", "["], 10, "["),
        (&["--exclude", ""], 10, "exclude"),
        (&["--max-blob", "10X"], 2, "--max-blob"),
        (&["--max-entries", "1K"], 2, "--max-entries"),
        (&["--max-entries", "-1"], 2, "-1"),
        (&["--memory", "much"], 2, "--memory"),
        (&["--progress", "loud"], 2, "--progress"),
        (&["--verify", "hope"], 2, "--verify"),
        (&["--threads", "x"], 2, "--threads"),
        (&["--no-such-option"], 2, "--no-such-option"),
        (&["--user", "me"], 2, "token"),
        (&["--token-env", "NOT_SET"], 10, "NOT_SET"),
        (&["--token-file", "/nonexistent"], 26, "/nonexistent"),
        (&["--proxy", "http://me:secret@proxy"], 10, "--proxy-env"),
        (&["--timeout", "soon"], 2, "--timeout"),
    ] {
        let message = fixture.import(args).bad(code);
        assert!(message.contains(word), "{args:?}: {message}");
    }
}

#[test]
fn wrong_sources() {
    let folder = tempfile::tempdir().expect("there is room");
    let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    gitlade_tests::server::git(folder.path(), &["init", "-q", "-b", "main", "empty"]);
    std::fs::create_dir(at("plain")).expect("there is room");
    let no_folder = Path::new(&at("missing")).to_string_lossy().into_owned();
    for (source, code) in [
        (no_folder.as_str(), 12),
        (&at("plain"), 12),
        (&at("empty"), 15),
        ("", 11),
        ("ext::sh -c true", 11),
        ("https://me:secret@localhost/x", 11),
        ("https://", 11),
        ("ftp://localhost/x", 11),
    ] {
        let message = run(["import", source]).bad(code);
        assert!(!message.contains("secret"), "{message}");
    }
    run(["import", "http://127.0.0.1/x", "--policy", "public"]).bad(40);
    run(["ls-remote", &at("plain")]).bad(11);
    run(["man", "nothing"]).bad(10);
}

#[test]
fn names_with_controls_are_shown_without_them() {
    let message = run(["import", "/nonexistent/a\x1b[2Jb\nc"]).bad(12);
    assert!(message.contains(r"a\u{1b}[2Jb\u{a}c"), "{message}");
}
