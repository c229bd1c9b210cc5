//! `gitlade verify`: good, altered and cut manifests.

use std::path::PathBuf;

use crate::fixture::{Fixture, Run, finish, lines, program};

fn manifest(fixture: &Fixture, args: &[&str]) -> (PathBuf, Vec<u8>) {
    let bytes = fixture.import(args).good();
    let file = fixture.path("m.ndjson");
    std::fs::write(&file, &bytes).expect("there is room");
    (file, bytes)
}

fn verify(fixture: &Fixture, against: bool) -> Run {
    let mut command = program();
    command.arg("verify").arg(fixture.path("m.ndjson"));
    if against {
        command.arg("--against").arg(&fixture.repository);
    }
    finish(&mut command)
}

#[test]
fn good_ones() {
    let fixture = Fixture::new();
    for args in [
        &[][..],
        &["--text"],
        &["--subdir", "src"],
        &["--include", "*.rs", "--max-blob", "12"],
        &["--rev", "HEAD^{tree}"],
        &["--rev", "HEAD^{tree}", "--subdir", "src"],
        &["--rev", "HEAD:src", "--subdir", "deep"],
    ] {
        manifest(&fixture, args);
        for against in [false, true] {
            let said = String::from_utf8(verify(&fixture, against).good()).expect("it is text");
            assert!(said.starts_with("good: "), "{said}");
        }
    }
}

/// Attributes above a folder count, also if it is a folder of a tree that no commit stands for.
#[test]
fn a_folder_of_a_tree_is_seen_with_what_is_above_it() {
    let fixture = Fixture::new();
    fixture.write(".gitattributes", b"src/*.rs binary\n");
    fixture.git(&["commit", "-q", "-m", "second"]);
    let tree = fixture.git(&["rev-parse", "HEAD^{tree}"]);
    let (_, bytes) = manifest(&fixture, &["--rev", &tree, "--subdir", "src"]);
    let all = lines(&bytes);
    assert_eq!(all[0]["source"]["subdir_of"], tree);
    let main = all.iter().find(|line| line["path"] == "main.rs");
    assert_eq!(main.expect("it is in the folder")["content"], "binary");
    verify(&fixture, true).good();
    let (_, bytes) = manifest(&fixture, &["--subdir", "src"]);
    assert!(lines(&bytes)[0]["source"].get("subdir_of").is_none());
    verify(&fixture, true).good();
}

#[test]
fn altered_and_cut_ones() {
    let fixture = Fixture::new();
    let (file, bytes) = manifest(&fixture, &[]);
    for cut in [0, 1, 100, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&file, &bytes[..cut]).expect("there is room");
        let message = verify(&fixture, false).bad(29);
        assert!(message.contains("m.ndjson"), "{message}");
    }
    for place in (0..bytes.len()).step_by(97) {
        let mut altered = bytes.clone();
        altered[place] ^= 1;
        std::fs::write(&file, &altered).expect("there is room");
        verify(&fixture, false).bad(29);
    }
    std::fs::remove_file(&file).expect("it is there");
    verify(&fixture, false).bad(26);
}

#[test]
fn a_repository_that_differs() {
    let fixture = Fixture::new();
    let (_, bytes) = manifest(&fixture, &[]);
    let commit = fixture.git(&["rev-parse", "HEAD"]);
    let other = Fixture::new();
    std::fs::write(other.path("m.ndjson"), &bytes).expect("there is room");
    other.write("README.md", b"another repository\n");
    other.git(&["commit", "-q", "--amend", "-m", "other"]);
    other.git(&["reflog", "expire", "--expire=now", "--all"]);
    other.git(&["gc", "-q", "--prune=now"]);
    let message = verify(&other, true).bad(16);
    assert!(message.contains(&commit), "{message}");

    // The header claims the other commit, with a checksum that is right again.
    let text = String::from_utf8(bytes).expect("it is UTF-8");
    let (header, rest) = text.split_once('\n').expect("there are lines");
    let (header, _) = header.split_once(",\"checksum\"").expect("it has one");
    let header = header
        .replace(&commit, &other.git(&["rev-parse", "HEAD"]))
        .replace(
            &fixture.git(&["rev-parse", "HEAD^{tree}"]),
            &other.git(&["rev-parse", "HEAD^{tree}"]),
        );
    let checksum = blake3::hash(header.as_bytes());
    let forged = format!("{header},\"checksum\":\"{checksum}\"}}\n{rest}");
    std::fs::write(other.path("m.ndjson"), forged).expect("there is room");
    let run = verify(&other, true);
    assert_eq!(run.code, Some(30), "{}", run.stderr);
    let told = String::from_utf8(run.stdout).expect("it is text");
    assert_eq!(told, "changed  README.md  (object)\n");
}

/// A text that was exchanged, with a checksum that is right again.
#[test]
fn a_text_that_differs() {
    let fixture = Fixture::new();
    let (file, bytes) = manifest(&fixture, &["--text"]);
    let text = String::from_utf8(bytes).expect("it is UTF-8");
    let forged = text.replace("# Fixture\\n", "# Forgery\\n");
    assert_ne!(forged, text);
    let (header, rest) = forged.split_once('\n').expect("there are lines");
    let (body, _) = rest.rsplit_once(",\"checksum\"").expect("it has one");
    let checksum = blake3::hash(body.as_bytes());
    let forged = format!("{header}\n{body},\"checksum\":\"{checksum}\"}}\n");
    std::fs::write(&file, forged).expect("there is room");
    verify(&fixture, false).good();
    let run = verify(&fixture, true);
    assert_eq!(run.code, Some(30), "{}", run.stderr);
    let told = String::from_utf8(run.stdout).expect("it is text");
    assert_eq!(told, "changed  README.md  (text)\n");
}

#[test]
fn texts_from_standard_input_are_compared_too() {
    let fixture = Fixture::new();
    let (file, _) = manifest(&fixture, &["--text"]);
    let from_input = || {
        let mut command = program();
        command
            .args(["verify", "-", "--against"])
            .arg(&fixture.repository);
        command.stdin(std::fs::File::open(&file).expect("it was written"));
        finish(&mut command)
    };
    let said = String::from_utf8(from_input().good()).expect("it is text");
    assert!(said.starts_with("good: "), "{said}");

    // Another text with the checksum of all lines, which only the repository can tell.
    let text = std::fs::read_to_string(&file).expect("it was written");
    let altered = text.replacen("hi\\n", "ho\\n", 1);
    assert_ne!(altered, text);
    let (header, rest) = altered.split_once('\n').expect("it has lines");
    let (covered, _) = rest.rsplit_once(",\"checksum\"").expect("it has one");
    let digest = blake3::hash(covered.as_bytes()).to_hex();
    let altered = format!("{header}\n{covered},\"checksum\":\"{digest}\"}}\n");
    std::fs::write(&file, altered).expect("there is room");
    verify(&fixture, false).good();
    for run in [verify(&fixture, true), from_input()] {
        assert_eq!(run.code, Some(30), "{}", run.stderr);
        let told = String::from_utf8(run.stdout).expect("it is text");
        assert_eq!(told, "changed  utf16.txt  (text)\n");
    }
}
