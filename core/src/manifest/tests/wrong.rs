//! Manifests whose checksums are right and whose content is not: made to deceive.

use super::altered::read;
use super::sample::{large, ndjson, small};
use crate::error::{Error, ErrorKind};

/// Lines of a manifest, whose checksums are put right at the end.
pub(super) fn sealed(lines: &[String]) -> Vec<u8> {
    let seal = |before: &str, line: &str| {
        let covered = match line.rfind(",\"checksum\":") {
            Some(at) => &line[..at],
            None => line,
        };
        let checksum = blake3::hash(format!("{before}{covered}").as_bytes()).to_hex();
        format!("{covered},\"checksum\":\"{checksum}\"}}\n")
    };
    let Some(((header, trailer), entries)) = lines
        .split_first()
        .and_then(|(header, rest)| rest.split_last().map(|(last, rest)| ((header, last), rest)))
    else {
        return lines.concat().into_bytes();
    };
    let entries: String = entries.iter().flat_map(|line| [line, "\n"]).collect();
    let trailer = seal(&entries, trailer);
    format!("{}{entries}{trailer}", seal("", header)).into_bytes()
}

pub(super) fn lines(bytes: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Replaces `old`, which stands once in the line, and reads the result.
fn with(bytes: &[u8], line: usize, old: &str, new: &str) -> Result<(), Error> {
    let mut lines = lines(bytes);
    assert_eq!(
        lines[line].matches(old).count(),
        1,
        "{} in {}",
        old,
        lines[line]
    );
    lines[line] = lines[line].replace(old, new);
    read(&sealed(&lines)).map(drop)
}

#[track_caller]
fn says(result: Result<(), Error>, line: usize, text: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CorruptManifest);
    let message = error.to_string();
    assert!(message.contains(text), "{message}");
    assert!(message.contains(&format!("at line {line}")), "{message}");
    assert!(error.advice().is_some());
}

#[test]
fn resealing_alone_changes_nothing() {
    for bytes in [ndjson(&small()), ndjson(&large())] {
        assert_eq!(sealed(&lines(&bytes)), bytes);
    }
}

#[test]
fn of_the_header() {
    let bytes = ndjson(&small());
    let cases = [
        ("gitlade/1", "gitlade/2", "its version is \"gitlade/2\""),
        ("\"sha1\"", "\"sha256\"", "\"object_format\""),
        (
            "\"max_blob\":1073741824",
            "\"max_blobs\":1",
            "cannot be understood",
        ),
        ("\"max_blob\":1073741824", "", "cannot be understood"),
        (
            "\"options\":{",
            "\"options\":{\"x\":1,",
            "cannot be understood",
        ),
        ("{\"manifest\"", "{\"Manifest\"", "does not begin"),
        (
            "\"subdir\":null",
            "\"subdir\":\"a\",\"subdir_base64\":\"/w==\"",
            "has no \"subdir_base64\"",
        ),
        (
            "\"subdir\":null",
            "\"subdir_base64\":\"YQ==\"",
            "\"subdir_base64\" makes no sense",
        ),
        (
            "\"subdir\":null",
            "\"subdir_base64\":\"/w\"",
            "\"subdir_base64\" makes no sense",
        ),
    ];
    for (old, new, text) in cases {
        says(with(&bytes, 0, old, new), 1, text);
    }
    let version_2 = b"{\"manifest\":\"gitlade/2\",\"unheard\":{\"of\":[1]}}\n";
    says(read(version_2).map(drop), 1, "gitlade/2");
}

#[test]
fn of_folders() {
    let bytes = ndjson(&small());
    says(
        with(&bytes, 1, "\"files\":1", "\"files\":2"),
        2,
        "\"files\" of the folder",
    );
    says(
        with(&bytes, 1, "\"bytes\":8", "\"bytes\":9"),
        2,
        "\"bytes\" of the folder",
    );
    says(
        with(&bytes, 1, "\"digest\":\"", "\"digest\":\"0"),
        2,
        "cannot be understood",
    );
    let mut lines = lines(&bytes);
    let at = lines[1].find("\"digest\":\"").unwrap() + 10;
    let other = if lines[1].as_bytes()[at] == b'0' {
        "1"
    } else {
        "0"
    };
    lines[1].replace_range(at..=at, other);
    says(
        read(&sealed(&lines)).map(drop),
        2,
        "\"digest\" of the folder",
    );
}

#[test]
fn of_entries() {
    let bytes = ndjson(&small());
    let cases = [
        // The digest of `d` binds name, mode and digest of `d/f`, so these come out with `d`.
        ("\"d/f\"", "\"d/g\"", 2, "\"digest\" of the folder"),
        ("\"100644\"", "\"100755\"", 2, "\"digest\" of the folder"),
        ("\"size\":8", "\"size\":9", 2, "\"bytes\" of the folder"),
        ("\"d/f\"", "\"e/f\"", 2, "\"files\" of the folder"),
        ("\"d/f\"", "\"d/e/f\"", 3, "does not stand before"),
        ("\"d/f\"", "\"d/\"", 3, "not one that a tree can have"),
        ("\"d/f\"", "\"d//f\"", 3, "does not stand before"),
        ("\"d/f\"", "\"d/..\"", 3, "not one that a tree can have"),
        ("\"d/f\"", "\"d/.\"", 3, "not one that a tree can have"),
        ("\"d/f\"", "\"d/.Git\"", 3, "not one that a tree can have"),
        (
            "\"d/f\"",
            "\"d/f\\u0000\"",
            3,
            "not one that a tree can have",
        ),
        ("\"d/f\"", "\"/f\"", 2, "\"files\" of the folder"),
        ("\"d/f\"", "\"\"", 2, "\"files\" of the folder"),
        ("\"d/f\"", "\"a\"", 2, "\"files\" of the folder"),
        ("\"d/f\"", "\"d\"", 2, "\"files\" of the folder"),
        (
            "\"path\":\"d/f\"",
            "\"path_base64\":\"ZC9m\"",
            3,
            "\"path_base64\" makes no sense",
        ),
        ("\"path\":\"d/f\",", "", 3, "lacks \"path\""),
        (
            "\"path\":\"d/f\"",
            "\"path\":\"\\ud800\"",
            3,
            "cannot be understood",
        ),
        ("\"100644\"", "\"040000\"", 3, "\"mode\" makes no sense"),
        ("\"100644\"", "\"0100644\"", 3, "\"mode\" makes no sense"),
        (
            "\"kind\":\"file\"",
            "\"kind\":\"pipe\"",
            3,
            "cannot be understood",
        ),
        ("\"size\":8,", "", 3, "lacks \"size\""),
        ("\"size\":8", "\"size\":-8", 3, "cannot be understood"),
        ("\"size\":8", "\"size\":8.0", 3, "cannot be understood"),
        ("\"lines\":2,", "", 3, "lacks \"lines\""),
        (
            "\"lines\":2,",
            "\"lines\":2,\"lines\":2,",
            3,
            "cannot be understood",
        ),
        (
            "\"lines\":2,",
            "\"lines\":2,\"target\":\"x\",",
            3,
            "has no \"target\"",
        ),
        (
            "\"lines\":2,",
            "\"lines\":2,\"new\":\"\\u001b\",",
            3,
            "cannot be understood",
        ),
        (
            "\"content\":\"text\"",
            "\"content\":\"binary\"",
            3,
            "has no \"encoding\"",
        ),
        ("\"utf-8\"", "\"utf-88\"", 3, "\"encoding\" makes no sense"),
        (
            "\"lines\":2,",
            "\"lines\":2,\"text\":\"one\",",
            3,
            "has no \"text\"",
        ),
        (
            "\"lines\":2,",
            "\"lines\":2,\"flags\":[\"evil\"],",
            3,
            "cannot be understood",
        ),
        (
            "\"lines\":2,",
            "\"lines\":2,\"skipped\":\"missing\",",
            3,
            "has no \"digest\"",
        ),
    ];
    for (old, new, line, text) in cases {
        says(with(&bytes, 2, old, new), line, text);
    }
    says(
        with(&bytes, 3, "\"target\":\"d/f\"", "\"target\":\"d/g\""),
        4,
        "target of the symlink",
    );
    says(
        with(&bytes, 3, "\"oid\":\"", "\"oid\":\"00"),
        4,
        "cannot be understood",
    );
    let sha256 = format!("\"oid\":\"{}", "0".repeat(24));
    says(
        with(&bytes, 3, "\"oid\":\"", &sha256),
        4,
        "\"oid\" makes no sense",
    );
}

#[test]
fn of_entries_out_of_order() {
    let bytes = ndjson(&large());
    let find = |path: &str| {
        let member = format!("\"path\":\"{path}\"");
        lines(&bytes)
            .iter()
            .position(|line| line.contains(&member))
            .unwrap()
    };
    let (a, huge) = (find("a"), find("huge"));
    says(
        with(&bytes, a, "\"path\":\"a\"", "\"path\":\".a\""),
        a + 1,
        "tree order",
    );
    says(
        with(&bytes, huge, "\"huge\"", "\"aa\""),
        huge + 1,
        "there twice",
    );
    says(
        with(&bytes, huge, "\"huge\"", "\"aa0/x\""),
        huge + 1,
        "does not stand before",
    );
    says(
        with(&bytes, huge, "\"huge\"", "\"a.bin\""),
        huge + 1,
        "tree order",
    );
}

#[test]
fn messages_and_causes_hide_control_characters() {
    let mut lines = lines(&ndjson(&small()));
    lines[2] = lines[2].replace("\"lines\"", "\"\\u001b[31m\":1,\"lines\"");
    let error = read(&sealed(&lines)).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains(r"\u{1b}[31m"), "{cause}");
    assert!(
        !cause.contains('\x1b') && !cause.contains("line 1"),
        "{cause}"
    );
}

#[test]
fn of_a_folder_and_a_file_of_one_name() {
    let bytes = ndjson(&large());
    // `a`, `a-/`, `a.bin`, `aa/`: the folder becomes `a/`, which comes after `a.bin`.
    let mut lines = lines(&bytes);
    let folder = lines
        .iter()
        .position(|line| line.contains("\"path\":\"aa\""))
        .unwrap();
    for line in &mut lines {
        *line = line.replace("\"path\":\"aa", "\"path\":\"a");
    }
    let result = read(&sealed(&lines)).map(drop);
    says(result, folder + 1, "there twice");
}

#[test]
fn of_one_object_with_two_sizes() {
    let bytes = ndjson(&large());
    let lines = lines(&bytes);
    let last = lines.len() - 2;
    // The last file lies in the root, so its size is bound by the totals alone.
    let mut forged = lines.clone();
    forged[last] = forged[last].replace("\"size\":8", "\"size\":9");
    let total: u64 = large().totals().bytes;
    forged[last + 1] = forged[last + 1].replace(
        &format!("\"bytes\":{total}"),
        &format!("\"bytes\":{}", total + 1),
    );
    says(
        read(&sealed(&forged)).map(drop),
        last + 1,
        "under an earlier path",
    );
}

#[test]
fn of_the_trailer() {
    let bytes = ndjson(&large());
    let last = lines(&bytes).len() - 1;
    let totals = *large().totals();
    for (key, value) in [
        ("folders", totals.folders),
        ("files", totals.files),
        ("symlinks", totals.symlinks),
        ("submodules", totals.submodules),
        ("bytes", totals.bytes),
        ("text", totals.text),
        ("binary", totals.binary),
        ("too_large", 1),
        ("missing", 1),
    ] {
        let (old, new) = (
            format!("\"{key}\":{value}"),
            format!("\"{key}\":{}", value + 1),
        );
        says(
            with(&bytes, last, &old, &new),
            last + 1,
            &format!("\"{key}\" is not what"),
        );
    }
    says(
        with(&bytes, last, "\"complete\":true", "\"complete\":false"),
        last + 1,
        "\"complete\"",
    );
    says(
        with(&bytes, last, "\"complete\":true", "\"done\":true"),
        last + 1,
        "cannot be understood",
    );
    let root = large().root().to_string();
    says(
        with(&bytes, last, &root, &"0".repeat(64)),
        last + 1,
        "root's digest",
    );
}
