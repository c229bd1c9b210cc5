//! Trees and damage made at random.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::altered::read;
use super::sample::{blob, header, id, large, ndjson, small, text, verdict};
use super::wrong::{lines, sealed};
use crate::limits::Limits;
use crate::manifest::{Builder, Flags, Manifest, Reader, SkipReason, Verdict};

#[derive(Clone, Debug)]
pub(super) enum Node {
    File(Vec<u8>),
    Skipped,
    Symlink(Vec<u8>),
    Submodule,
    Folder(BTreeMap<String, Node>),
}

pub(super) fn arbitrary_tree() -> impl Strategy<Value = BTreeMap<String, Node>> {
    let leaf = prop_oneof![
        4 => vec(any::<u8>(), 0..3).prop_map(Node::File),
        1 => Just(Node::Skipped),
        1 => vec(any::<u8>(), 0..3).prop_map(Node::Symlink),
        1 => Just(Node::Submodule),
    ];
    let names = "[a-c.0é \u{1}\"-]{1,3}"
        .prop_filter("no tree has these", |name| name != "." && name != "..");
    let node = leaf.prop_recursive(4, 60, 8, {
        let names = names.clone();
        move |node| btree_map(names.clone(), node, 0..8).prop_map(Node::Folder)
    });
    btree_map(names, node, 0..8)
}

pub(super) fn build(tree: &BTreeMap<String, Node>) -> Manifest {
    let mut builder = Builder::new(header());
    let mut blobs = BTreeMap::new();
    add(&mut builder, &mut blobs, tree);
    builder.finish().unwrap()
}

fn add(
    builder: &mut Builder,
    blobs: &mut BTreeMap<Vec<u8>, crate::manifest::BlobIndex>,
    tree: &BTreeMap<String, Node>,
) {
    let mut nodes: Vec<_> = tree.iter().collect();
    nodes.sort_by_key(|(name, node)| match node {
        Node::Folder(_) => format!("{name}/"),
        _ => (*name).clone(),
    });
    for (name, node) in nodes {
        let name = name.as_bytes();
        let flags = Flags::from_bits(name.len() as u16);
        let mut blob_of = |builder: &mut Builder, bytes: &Vec<u8>| {
            *blobs
                .entry(bytes.clone())
                .or_insert_with(|| blob(builder, bytes))
        };
        match node {
            Node::File(bytes) => {
                let index = blob_of(builder, bytes);
                let verdict = Verdict {
                    git_binary: name.len() == 2,
                    ..verdict(text())
                };
                builder.file(name, 0o100_644, index, &verdict, flags);
            }
            Node::Skipped => {
                let reason = SkipReason::TooLarge;
                builder.skipped(name, 0o100_755, id("skipped"), Some(7), reason, flags);
            }
            Node::Symlink(bytes) => {
                let index = blob_of(builder, bytes);
                builder.symlink(name, 0o120_000, index, Some(bytes), flags);
            }
            Node::Submodule => {
                builder.submodule(name, 0o160_000, id("module"), None, flags);
            }
            Node::Folder(children) => {
                builder.open_folder(name, 0o040_000, id("folder"), flags);
                add(builder, blobs, children);
                builder.close_folder();
            }
        }
    }
}

proptest! {
    #[test]
    fn any_tree_comes_back_the_same(tree in arbitrary_tree()) {
        let bytes = ndjson(&build(&tree));
        let again = read(&bytes).unwrap();
        prop_assert_eq!(ndjson(&again), bytes);
    }

    #[test]
    fn random_bytes_end_in_an_error(bytes in vec(any::<u8>(), 0..300)) {
        prop_assert!(Reader::new(&bytes[..], &Limits::default()).is_err());
        // Behind a header that is right, too.
        let mut after_header = ndjson(&small());
        after_header.truncate(memchr::memchr(b'\n', &after_header).unwrap() + 1);
        after_header.extend_from_slice(&bytes);
        prop_assert!(read(&after_header).is_err());
    }

    #[test]
    fn damage_under_a_right_checksum_is_refused_or_consistent(
        moves in vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..5_u8), 1..4),
    ) {
        let mut lines = lines(&ndjson(&large()));
        for (from, to, how) in moves {
            let (from, to) = (from.index(lines.len()), to.index(lines.len()));
            match how {
                0 => lines.swap(from, to),
                1 => drop(lines.remove(from)),
                2 => lines.insert(to, lines[from].clone()),
                3 => {
                    let line = &mut lines[from];
                    let at = (0..=to * line.len() / 40 % line.len()).rev()
                        .find(|&at| line.is_char_boundary(at)).unwrap_or(0);
                    line.insert(at, '1');
                }
                _ => {
                    // A path goes under another name.
                    let path = lines[to].split('"').nth(3).unwrap_or("x").to_owned();
                    let parts: Vec<_> = lines[from].split('"').collect();
                    if let Some(old) = parts.get(3) {
                        lines[from] = lines[from].replacen(&format!("\"{old}\""), &format!("\"{path}\""), 1);
                    }
                }
            }
        }
        if let Ok(manifest) = read(&sealed(&lines)) {
            prop_assert!(read(&ndjson(&manifest)).is_ok());
            for entry in &manifest {
                prop_assert_eq!(manifest.get(entry.path()).unwrap().index(), entry.index());
            }
        }
    }
}
