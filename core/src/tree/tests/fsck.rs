//! What Git's fsck says of a tree and what we say must agree.

use std::collections::{BTreeSet, HashMap};

use proptest::prelude::*;

use super::git::Git;
use super::{TreeBytes, generated, some_id};
use crate::id::{ObjectFormat, ObjectId};
use crate::manifest::Flags;
use crate::tree::check::{Fault, check};
use crate::tree::error::FsckMessage;

/// The message ids that `git fsck --strict` gives to each tree.
fn git_says(git: &Git) -> HashMap<ObjectId, BTreeSet<String>> {
    let (_, _, stderr) = git.output(&["fsck", "--strict", "--no-dangling"], b"");
    let mut said: HashMap<_, BTreeSet<String>> = HashMap::new();
    for line in String::from_utf8_lossy(&stderr).lines() {
        let finding = line
            .strip_prefix("error in tree ")
            .or_else(|| line.strip_prefix("warning in tree "));
        let Some((id, rest)) = finding.and_then(|finding| finding.split_once(": ")) else {
            continue;
        };
        // Without a message id: "broken links".
        let Some((message, _)) = rest.split_once(": ") else {
            continue;
        };
        said.entry(id.parse().unwrap())
            .or_default()
            .insert(message.to_owned());
    }
    said
}

/// Compares our verdict on a tree with Git's.
fn agree(bytes: &[u8], git: &BTreeSet<String>) -> Result<(), String> {
    let ours = check(bytes, ObjectFormat::Sha1, u64::MAX);
    let fine = match &ours {
        Err(fault) => match &**fault {
            Fault::Malformed(_) => git.contains("badTree"),
            // Git's decoder stops at an empty name before fsck gets to its own message.
            Fault::Hostile {
                message: FsckMessage::EmptyName,
                ..
            } => git.contains("badTree"),
            Fault::Hostile { message, .. } => git.contains(message.id()),
        },
        Ok(checked) => {
            let flags = checked
                .flags
                .iter()
                .fold(Flags::NONE, |all, (_, flags)| all | *flags);
            let expected = [
                (Flags::ODD_MODE, "badFilemode"),
                (Flags::ZERO_PADDED_MODE, "zeroPaddedFilemode"),
                (Flags::GITATTRIBUTES_SYMLINK, "gitattributesSymlink"),
                (Flags::GITIGNORE_SYMLINK, "gitignoreSymlink"),
                (Flags::MAILMAP_SYMLINK, "mailmapSymlink"),
            ];
            let told: BTreeSet<String> = expected
                .iter()
                .filter(|(flag, _)| flags.contains(*flag))
                .map(|(_, message)| (*message).to_owned())
                .collect();
            told == *git
        }
    };
    if fine {
        return Ok(());
    }
    let bytes = String::from_utf8_lossy(bytes);
    Err(format!("{bytes:?}: Git says {git:?}, and we say {ours:?}"))
}

fn assert_agreement(trees: Vec<Vec<u8>>) -> usize {
    let git = Git::init("sha1");
    let ids = git.write_literally("tree", &trees);
    assert_eq!(ids.len(), trees.len());
    let said = git_says(&git);
    let nothing = BTreeSet::new();
    let disagreements: Vec<_> = trees
        .iter()
        .zip(&ids)
        .filter_map(|(bytes, id)| agree(bytes, said.get(id).unwrap_or(&nothing)).err())
        .collect();
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
    said.len()
}

/// Parts that names with a meaning are made of.
const PARTS: &[&[u8]] = &[
    b".git",
    b".GIT",
    b"git~1",
    b"GIT~1",
    b"git~2",
    b".gitmodules",
    b".GitModules",
    b"gitmod~1",
    b"gitmod~5",
    b"gi7eba~1",
    b"GI7EBA~9",
    b"gi7eb~10",
    b"gi7d29~1",
    b".gitattributes",
    b"gitatt~1",
    b".gitignore",
    b"gi250a~1",
    b".mailmap",
    b"maba30~1",
    b"mailma~3",
    b".",
    b"..",
    b" ",
    b":",
    b"::$INDEX_ALLOCATION",
    b":$DATA",
    b"\\",
    b"/",
    b"a",
    b"x y",
    b"~1",
    "\u{200c}".as_bytes(),
    "\u{200f}".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{206f}".as_bytes(),
    "\u{feff}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{fffe}".as_bytes(),
    "\u{ffff}".as_bytes(),
    "ä".as_bytes(),
    b"\xff",
    b"\xc0\xae",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"g",
    b"it",
    b".g",
    b"i",
    b"t",
    b"modules",
    b"1",
    b"\xe2\x80",
];

const MODES: &[&str] = &[
    "100644", "100755", "40000", "120000", "160000", "040000", "0100644", "100664", "100600",
    "104755", "40755", "120777", "160644", "0", "1", "10644", "20000", "60000", "140000", "177777",
    "100000", "00100755",
];

#[test]
fn names_and_modes_by_table() {
    let one = |mode: &str, name: &[u8]| TreeBytes::default().with(mode, name, some_id(1)).0;
    let mut trees = vec![Vec::new()];
    for &mode in ["100644", "120000", "40000"].iter() {
        for &first in PARTS {
            trees.push(one(mode, first));
            trees.extend(PARTS.iter().map(|&then| one(mode, &[first, then].concat())));
        }
    }
    trees.extend(MODES.iter().map(|mode| one(mode, b"name")));
    trees.push(one("100644", b""));
    trees.push(TreeBytes::default().with("100644", "null", some_id(0)).0);
    trees.push(TreeBytes::default().with("160000", "null", some_id(0)).0);
    let found = assert_agreement(trees);
    assert!(
        found > 500,
        "only {found} of the trees are bad in Git's eyes"
    );
}

#[test]
fn malformed_bytes() {
    let good = TreeBytes::default().with("100644", "a", some_id(1)).0;
    let mut trees: Vec<_> = (1..good.len()).map(|cut| good[..cut].to_vec()).collect();
    for bad in [
        &b" a"[..],
        b"10a644 a",
        b"-100644 a",
        b"100644  a",
        b"9 a",
        b"100644\ta",
    ] {
        let mut tree = bad.to_vec();
        tree.push(0);
        tree.extend_from_slice(&[1; 20]);
        trees.push(tree.clone());
        trees.push([&good[..], &tree].concat());
    }
    // Git ends a name at the NUL, so that a shift by a byte shows as something else.
    trees.push([&good[..], b"1"].concat());
    assert_agreement(trees);
}

#[test]
fn modes_that_git_cuts_off_are_refused() {
    let bytes = TreeBytes::default().with("40100644", "a", some_id(1)).0;
    let fault = check(&bytes, ObjectFormat::Sha1, u64::MAX).unwrap_err();
    let Fault::Hostile { message, .. } = *fault else {
        panic!("{fault:?}");
    };
    assert_eq!(message, FsckMessage::BadFilemode);
}

/// Names that are close to each other in Git's order.
fn crowded_name() -> impl Strategy<Value = Vec<u8>> {
    let letter = proptest::sample::select(&b"a-.0\x01/ "[..5]);
    proptest::collection::vec(letter, 1..5)
        .prop_filter("no dots", |name| !matches!(&name[..], b"." | b".."))
}

fn entries() -> impl Strategy<Value = Vec<(&'static str, Vec<u8>)>> {
    let mode = proptest::sample::select(vec!["100644", "40000", "40000", "120000", "160000"]);
    proptest::collection::vec((mode, crowded_name()), 0..12)
}

#[test]
fn order_and_duplicates() {
    let build = |entries: &[(&str, Vec<u8>)]| {
        entries
            .iter()
            .fold(TreeBytes::default(), |tree, (mode, name)| {
                tree.with(mode, name, some_id(1))
            })
            .0
    };
    let mut trees = Vec::new();
    for mut list in generated(entries(), 1_500) {
        // As they come, and in Git's order, where only duplicates are left to be found.
        trees.push(build(&list));
        list.sort_by_key(|(mode, name)| {
            let slash = if *mode == "40000" { &b"/"[..] } else { b"" };
            [name, slash].concat()
        });
        trees.push(build(&list));
    }
    let found = assert_agreement(trees);
    assert!(
        found > 500,
        "only {found} of the trees are bad in Git's eyes"
    );
}

/// Spellings of a name with a meaning: in mixed case, with something in front, inside and behind.
fn spelling() -> impl Strategy<Value = Vec<u8>> {
    let meaning = proptest::sample::select(&PARTS[..20]);
    let part = || proptest::sample::select(PARTS);
    let around = || proptest::collection::vec(part(), 0..2);
    let inside = proptest::option::weighted(0.3, (any::<proptest::sample::Index>(), part()));
    (around(), meaning, inside, around(), any::<u32>()).prop_map(
        |(before, meaning, inside, after, cases)| {
            let mut name = meaning.to_vec();
            for (position, byte) in name.iter_mut().enumerate() {
                if cases >> position & 1 == 1 {
                    byte.make_ascii_uppercase();
                }
            }
            if let Some((at, part)) = inside {
                let at = at.index(name.len() + 1);
                name.splice(at..at, part.iter().copied());
            }
            [before.concat(), name, after.concat()].concat()
        },
    )
}

#[test]
fn random_spellings() {
    let mode = proptest::sample::select(&["100644", "120000", "120000", "40000"][..]);
    let trees = generated((spelling(), mode), 3_000)
        .into_iter()
        .map(|(name, mode)| TreeBytes::default().with(mode, name, some_id(1)).0)
        .collect();
    let found = assert_agreement(trees);
    assert!(
        found > 300,
        "only {found} of the trees are bad in Git's eyes"
    );
}

proptest! {
    #[test]
    fn any_bytes_have_a_verdict(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = check(&bytes, ObjectFormat::Sha1, u64::MAX);
        let _ = check(&bytes, ObjectFormat::Sha256, u64::MAX);
    }

    #[test]
    fn any_names_have_a_verdict(names in proptest::collection::vec("[^\0/]{1,12}", 1..20)) {
        let tree = names.iter().fold(TreeBytes::default(), |tree, name| {
            tree.with("100644", name, some_id(1))
        });
        let _ = check(&tree.0, ObjectFormat::Sha1, u64::MAX);
    }
}
