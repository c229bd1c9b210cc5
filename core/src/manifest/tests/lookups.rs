//! Finding, going through and comparing.

use std::collections::BTreeMap;

use super::generated::{Node, arbitrary_tree, build};
use super::sample::large;
use crate::manifest::{Difference, EntryKind};
use proptest::prelude::*;

#[test]
fn kinds_are_counted_and_sized() {
    let manifest = large();
    let names = |entries: crate::manifest::EntriesOfKind<'_>| {
        assert_eq!(entries.len(), entries.clone().count());
        let mut back: Vec<_> = entries.clone().rev().map(|entry| entry.index()).collect();
        back.reverse();
        assert_eq!(
            entries
                .clone()
                .map(|entry| entry.index())
                .collect::<Vec<_>>(),
            back
        );
        entries
            .map(|entry| String::from_utf8_lossy(entry.path()).into_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(manifest.folders()), ["a-", "aa", "aa/inner"]);
    assert_eq!(
        names(manifest.symlinks()),
        ["link", "link-long", "link-odd", "lost"]
    );
    assert_eq!(names(manifest.submodules()), ["mod", "mod-none", "mod-odd"]);
    assert_eq!(names(manifest.files()).len(), 12);
    let EntryKind::Folder(folder) = manifest.get(b"aa").unwrap().kind() else {
        panic!("aa is a folder");
    };
    assert_eq!(folder.files, 4);
    assert!(manifest.get(b"aa/").is_none());
    assert!(manifest.children(b"aa/").is_none());
    assert!(manifest.get(b"").is_none());
    assert!(manifest.children(b"a").is_none(), "a is a file");
    assert_eq!(manifest.get(b"a").unwrap().children().count(), 0);
    assert_eq!(manifest.get(b"a-").unwrap().children().count(), 0);
}

proptest! {
    #[test]
    fn entries_are_found_by_path_and_below_their_folders(tree in arbitrary_tree()) {
        let manifest = build(&tree);
        let mut by_parent: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
        for (index, entry) in manifest.entries().enumerate() {
            let path = entry.path();
            prop_assert_eq!(entry.index(), index);
            prop_assert_eq!(manifest.get(path).map(|found| found.index()), Some(index));
            prop_assert!(manifest.get(&[path, b"0"].concat()).is_none_or(|other| other.index() != index));
            let parent = path.len() - entry.name().len();
            let parent = path[..parent.saturating_sub(1)].to_vec();
            prop_assert_eq!(entry.parent().map_or(vec![], |parent| parent.path().to_vec()), parent.clone());
            by_parent.entry(parent).or_default().push(index);
            if entry.is_folder() {
                by_parent.entry(path.to_vec()).or_default();
            }
        }
        for (parent, expected) in by_parent {
            let children = manifest.children(&parent).unwrap();
            prop_assert_eq!(children.len(), expected.len());
            let forward: Vec<_> = children.clone().map(|child| child.index()).collect();
            let mut backward: Vec<_> = children.clone().rev().map(|child| child.index()).collect();
            backward.reverse();
            prop_assert_eq!(&forward, &expected);
            prop_assert_eq!(&backward, &expected);
            // From both ends in turn.
            let (mut children, mut seen) = (children, 0);
            while let Some(first) = children.next() {
                prop_assert_eq!(first.index(), expected[seen]);
                seen += 1;
                if let Some(last) = children.next_back() {
                    prop_assert_eq!(last.index(), expected[seen + children.len()]);
                }
            }
        }
    }

    #[test]
    fn differences_are_those_of_two_sets(before in arbitrary_tree(), after in arbitrary_tree()) {
        let (before, after) = (build(&before), build(&after));
        // The key has the slash, so that a folder and a file of one name are two things.
        let set = |manifest: &crate::Manifest| -> BTreeMap<Vec<u8>, String> {
            manifest.entries().map(|entry| {
                let slash = if entry.is_folder() { &b"/"[..] } else { b"" };
                ([entry.path(), slash].concat(), serde_json::to_string(&entry).unwrap())
            }).collect()
        };
        let (old, new) = (set(&before), set(&after));
        let mut expected = Vec::new();
        for key in old.keys().chain(new.keys().filter(|key| !old.contains_key(*key))) {
            match (old.get(key), new.get(key)) {
                (Some(_), None) => expected.push((key.clone(), "removed")),
                (None, Some(_)) => expected.push((key.clone(), "added")),
                (old, new) if old != new => expected.push((key.clone(), "changed")),
                _ => {}
            }
        }
        expected.sort();
        let found: Vec<_> = before.differences(&after).map(|difference| {
            let (entry, what) = match difference {
                Difference::Added(entry) => (entry, "added"),
                Difference::Removed(entry) => (entry, "removed"),
                Difference::Changed { after, .. } => (after, "changed"),
            };
            let slash = if entry.is_folder() { &b"/"[..] } else { b"" };
            ([difference.path(), slash].concat(), what)
        }).collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(before.differences(&before).count(), 0);
    }
}

/// The in-memory form of a repository with the shape of Linux 6.12: 86,691 files in 5,700 folders,
/// nearly all of them different, with paths of 35 bytes.
#[test]
fn an_entry_of_a_large_repository_takes_less_than_160_bytes() {
    let folders = (0..57).map(|outer| {
        let inner = (0..100).map(|inner| {
            let files = (0..15).map(|file| {
                let name = format!("file-{file:02}-some-name.c");
                (
                    name,
                    Node::File(format!("{outer}/{inner}/{file}").into_bytes()),
                )
            });
            (format!("folder-{inner:02}"), Node::Folder(files.collect()))
        });
        (format!("outer-{outer:02}"), Node::Folder(inner.collect()))
    });
    let manifest = build(&folders.collect());
    let paths: usize = manifest.entries().map(|entry| entry.path().len()).sum();
    let bytes = manifest.memory_bytes() as f64 / manifest.len() as f64;
    assert!(manifest.len() > 90_000 && paths / manifest.len() >= 33);
    assert!(bytes < 140.0, "{bytes} bytes an entry");
}
