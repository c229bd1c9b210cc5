//! Trees, held against `git fsck`.

use std::collections::{BTreeSet, HashMap};

use gitlade::internals::opinion;
use gitlade_tests::git::Git;

/// Pieces with their length, two bytes with the low one first, in front of each.
fn pieces(mut input: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    while let Some((&[low, high], rest)) = input.split_first_chunk() {
        let length = usize::from(u16::from_le_bytes([low, high])).min(rest.len());
        let (piece, rest) = rest.split_at(length);
        pieces.push(piece.to_vec());
        input = rest;
    }
    pieces
}

/// Writes trees as they are, right or wrong, and says their ids.
fn write(git: &Git, trees: &[Vec<u8>]) -> Vec<String> {
    let folder = gitlade_tests::scratch_in_memory();
    let mut names = String::new();
    for (number, bytes) in trees.iter().enumerate() {
        let file = folder.path().join(number.to_string());
        std::fs::write(&file, bytes).expect("because there is room");
        names += &format!("{}\n", file.display());
    }
    let args = [
        "hash-object",
        "-w",
        "-t",
        "tree",
        "--literally",
        "--stdin-paths",
    ];
    let ids = String::from_utf8(git.feed(&args, names.as_bytes()));
    let ids = ids.expect("because ids are ASCII");
    ids.lines().map(str::to_owned).collect()
}

/// The message ids that Git gives to each tree.
fn by_git(git: &Git) -> HashMap<String, BTreeSet<String>> {
    let output = git.output(&["fsck", "--strict", "--no-dangling"], b"");
    let mut said: HashMap<String, BTreeSet<String>> = HashMap::new();
    for line in output.stderr.lines() {
        let finding = line
            .strip_prefix("error in tree ")
            .or_else(|| line.strip_prefix("warning in tree "));
        // Without a message id: "broken links".
        if let Some((id, rest)) = finding.and_then(|finding| finding.split_once(": "))
            && let Some((message, _)) = rest.split_once(": ")
        {
            said.entry(id.to_owned())
                .or_default()
                .insert(message.to_owned());
        }
    }
    said
}

/// Whether a mode has more than the 16 bits that Git keeps of it; we refuse what it cuts off.
fn has_wide_mode(tree: &[u8]) -> bool {
    let mut rest = tree;
    while let Some(space) = rest.iter().position(|&byte| byte == b' ') {
        let mode = std::str::from_utf8(&rest[..space]).unwrap_or_default();
        if u64::from_str_radix(mode, 8).is_ok_and(|mode| mode > 0o177_777) {
            return true;
        }
        let Some(end) = rest.iter().position(|&byte| byte == 0) else {
            return false;
        };
        rest = rest.get(end + 21..).unwrap_or_default();
    }
    false
}

#[test]
fn trees_are_judged_as_git_fsck_judges_them() {
    let folder = gitlade_tests::scratch_in_memory();
    let git = Git::init(folder.path().join("repository"), &["--bare"]);
    let trees: BTreeSet<Vec<u8>> = super::inputs("trees", 150)
        .iter()
        .flat_map(|input| pieces(input))
        .collect();
    let trees: Vec<Vec<u8>> = trees.into_iter().collect();
    let ids = write(&git, &trees);
    assert_eq!(ids.len(), trees.len());
    let said = by_git(&git);
    let nothing = BTreeSet::new();
    for (bytes, id) in trees.iter().zip(&ids) {
        let theirs = said.get(id).unwrap_or(&nothing);
        let shown = bytes.escape_ascii();
        match opinion::tree(bytes) {
            Ok(ours) => {
                let ours: BTreeSet<String> = ours.into_iter().map(str::to_owned).collect();
                assert_eq!(ours, *theirs, "{shown}");
            }
            // The first fault counts, and Git names them all, unless it cannot decode the whole.
            Err(ours) => assert!(
                theirs.contains(ours) || theirs.contains("badTree") || has_wide_mode(bytes),
                "{ours} is none of {theirs:?}: {shown}"
            ),
        }
    }
    let kinds: BTreeSet<&String> = said.values().flatten().collect();
    assert!(
        said.len() > 100 && kinds.len() > 4,
        "{} {kinds:?}",
        said.len()
    );
}
