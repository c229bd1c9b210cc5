//! The outline is what `git ls-tree -r -t` lists.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::git::Git;
use super::{generated, nothing};
use crate::cancel::Cancel;
use crate::id::{ObjectFormat, ObjectId};
use crate::limits::Limits;
use crate::tree::{Outline, TreePath, TreeSet, Visit};

/// Paths with names that Git's order tells apart by the slash behind folders, and bytes of all kinds.
fn path() -> impl Strategy<Value = Vec<u8>> {
    let letter = proptest::sample::select(&b"a-.0\x01\xff "[..]);
    let name = proptest::collection::vec(letter, 1..4)
        .prop_filter("no dots", |name| !matches!(&name[..], b"." | b".."));
    proptest::collection::vec(name, 1..5).prop_map(|names| names.join(&b'/'))
}

/// Writes a tree of about `count` files, symlinks and submodules; returns its id.
fn write_tree(git: &Git, count: usize, hex_len: usize) -> ObjectId {
    let mut taken = BTreeSet::new();
    let mut folders = BTreeSet::new();
    let mut input = Vec::new();
    for (index, path) in generated(path(), count).into_iter().enumerate() {
        let above: Vec<_> = (0..path.len())
            .filter(|&at| path[at] == b'/')
            .map(|at| path[..at].to_vec())
            .collect();
        let clashes = folders.contains(&path) || above.iter().any(|folder| taken.contains(folder));
        if clashes || !taken.insert(path.clone()) {
            continue;
        }
        folders.extend(above);
        let mode = ["100644", "100755", "120000", "160000"][index % 4];
        input.extend_from_slice(format!("{mode} {:0hex_len$x}\t", index % 100 + 1).as_bytes());
        input.extend_from_slice(&path);
        input.push(0);
    }
    git.run(&["update-index", "-z", "--index-info"], &input);
    let id = git.run(&["write-tree", "--missing-ok"], b"");
    ObjectId::from_hex(id.trim_ascii()).unwrap()
}

/// The outline in the format of `git ls-tree -z`.
fn listed(outline: &Outline) -> Vec<u8> {
    let mut list = Vec::new();
    let mut walk = outline.walk();
    while let Some(visit) = walk.next() {
        let (kind, item) = match visit {
            Visit::Enter(item) => ("tree", item),
            Visit::File(item, _) | Visit::Symlink(item, _) => ("blob", item),
            Visit::Submodule(item) => ("commit", item),
            Visit::Leave => continue,
        };
        list.extend_from_slice(format!("{:06o} {kind} {}\t", item.mode, item.id).as_bytes());
        list.extend_from_slice(item.path);
        list.push(0);
    }
    list
}

fn assert_same_list(format: ObjectFormat) {
    let git = Git::init(&format.to_string());
    let root = write_tree(&git, 3_000, format.id_len() * 2);
    let expected = git.run(&["ls-tree", "-r", "-t", "-z", &root.to_string()], b"");
    assert!(expected.iter().filter(|&&byte| byte == 0).count() > 1_000);

    // As a local import does it: level by level.
    let mut trees = TreeSet::new(format, &Limits::default());
    trees.want(root).unwrap();
    loop {
        let missing = trees.take_missing().unwrap();
        if missing.is_empty() {
            break;
        }
        for id in missing {
            trees.insert(id, &git.object("tree", id)).unwrap();
        }
    }
    let outline = Outline::new(trees, root, None, &mut nothing, &Cancel::new()).unwrap();
    assert!(listed(&outline) == expected);

    let totals = outline.totals();
    let lines = |kind: &str| {
        let kind = format!(" {kind} ");
        expected
            .split(|&byte| byte == 0)
            .filter(|line| line.get(6..6 + kind.len()) == Some(kind.as_bytes()))
            .count() as u64
    };
    assert_eq!(totals.folders, lines("tree"));
    assert_eq!(totals.files + totals.symlinks, lines("blob"));
    assert_eq!(totals.submodules, lines("commit"));
}

#[test]
fn the_same_list_as_git() {
    assert_same_list(ObjectFormat::Sha1);
}

#[test]
fn the_same_list_as_git_with_sha256() {
    assert_same_list(ObjectFormat::Sha256);
}

#[test]
fn the_same_list_of_a_folder() {
    let git = Git::init("sha1");
    let root = write_tree(&git, 1_000, 40);
    let list = git.run(&["ls-tree", "-r", "-t", "-z", &root.to_string()], b"");
    let folders = list
        .split(|&byte| byte == 0)
        .filter(|line| line.starts_with(b"040000"))
        .map(|line| line.splitn(2, |&byte| byte == b'\t').last().unwrap());
    let mut load = |id| Ok(Some(git.object("tree", id)));
    for path in folders.step_by(50) {
        let mut trees = TreeSet::new(ObjectFormat::Sha1, &Limits::default());
        let path = TreePath::parse(path).unwrap();
        let id = trees.find_folder(root, &path, &mut load).unwrap();
        let expected = git.run(&["ls-tree", "-r", "-t", "-z", &id.to_string()], b"");
        let outline = Outline::new(trees, id, None, &mut load, &Cancel::new()).unwrap();
        assert!(listed(&outline) == expected, "{path:?}");
    }
}
