//! Each limit at its value and one above, and what has no bottom.

use super::{TreeBytes, nothing, some_id};
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind};
use crate::filter::Decision;
use crate::id::{ObjectFormat, ObjectId};
use crate::limits::Limits;
use crate::tree::{Outline, TreeSet};

const FORMAT: ObjectFormat = ObjectFormat::Sha1;

/// Trees from the innermost to the root.
fn outline(trees: &[TreeBytes], limits: &Limits, filtered: bool) -> Result<Outline, Error> {
    let mut set = TreeSet::new(FORMAT, limits);
    for tree in trees {
        set.insert(tree.id(FORMAT), &tree.0)?;
    }
    let root = trees.last().unwrap().id(FORMAT);
    let mut keep = |_: &[u8], _: bool| Ok(Decision::Keep);
    if filtered {
        Outline::new(set, root, Some(&mut keep), &mut nothing, &Cancel::new())
    } else {
        Outline::new(set, root, None, &mut nothing, &Cancel::new())
    }
}

/// A limit lets its own value pass and stops at one less, with and without a filter.
fn assert_limit(trees: &[TreeBytes], name: &'static str, value: u64) {
    for filtered in [false, true] {
        let mut limits = Limits::default();
        limits.set(name, value).unwrap();
        outline(trees, &limits, filtered).unwrap();
        limits.set(name, value + 1).unwrap();
        outline(trees, &limits, filtered).unwrap();
        limits.set(name, value - 1).unwrap();
        let error = outline(trees, &limits, filtered).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
        assert_eq!(error.limit(), Some(name));
    }
}

/// `depth` folders inside each other, all called `d`, and the file `f` in the last.
fn nested(depth: usize) -> Vec<TreeBytes> {
    let mut trees = vec![TreeBytes::default().with("100644", "f", some_id(1))];
    for _ in 0..depth {
        let inner = trees.last().unwrap().id(FORMAT);
        trees.push(TreeBytes::default().with("40000", "d", inner));
    }
    trees
}

/// `levels` trees, each naming the next `width` times.
fn bomb(levels: usize, width: usize) -> Vec<TreeBytes> {
    let mut trees = vec![TreeBytes::default().with("100644", "f", some_id(1))];
    for _ in 0..levels {
        let inner = trees.last().unwrap().id(FORMAT);
        let tree = (0..width).fold(TreeBytes::default(), |tree, index| {
            tree.with("40000", format!("d{index}"), inner)
        });
        trees.push(tree);
    }
    trees
}

#[test]
fn limits_on_a_small_tree() {
    // d, d/d, d/d/d, d/d/d/f: 4 entries, 3 folders deep, 7 bytes, 1 + 3 + 5 + 7 bytes in all.
    let trees = nested(3);
    assert_limit(&trees, "max_entries", 4);
    assert_limit(&trees, "max_depth", 3);
    assert_limit(&trees, "max_path", 7);
    assert_limit(&trees, "max_path_bytes", 16);
    let bytes: usize = trees.iter().map(|tree| tree.0.len()).sum();
    assert_limit(&trees, "max_tree_bytes", bytes as u64 + 4 * 256);
}

#[test]
fn empty_folders_end_paths_as_well() {
    let empty = TreeBytes::default();
    let root = TreeBytes::default().with("40000", "name", empty.id(FORMAT));
    assert_limit(&[empty, root], "max_path", 4);
}

#[test]
fn ten_thousand_million_paths_end_before_the_walk() {
    let trees = bomb(10, 10);
    let error = outline(&trees, &Limits::default(), false).unwrap_err();
    assert_eq!(error.limit(), Some("max_entries"));
    // 10 + 100 + … + 10^10 folders, and a file in each of the last.
    assert!(error.to_string().contains("21111111110"), "{error}");

    let error = outline(&trees, &Limits::default().max_entries(1_000), true).unwrap_err();
    assert_eq!(error.limit(), Some("max_entries"));
}

#[test]
fn numbers_that_do_not_fit_are_over_any_limit() {
    let trees = bomb(100, 10);
    let limits = Limits::unlimited();
    let error = outline(&trees, &limits, false).unwrap_err();
    assert_eq!(error.limit(), Some("max_entries"));
}

#[test]
fn the_count_is_that_of_the_walk() {
    let outline = outline(&bomb(3, 4), &Limits::default(), false).unwrap();
    let totals = outline.totals();
    assert_eq!((totals.folders, totals.files), (4 + 16 + 64, 64));
    assert_eq!(totals.path_bytes, 4 * 2 + 16 * 5 + 64 * 8 + 64 * 10);
    assert_eq!(outline.blobs().len(), 1);
    assert_eq!(outline.blobs().get(0).count, 64);
}

#[test]
fn a_hundred_thousand_folders_inside_each_other() {
    let trees = nested(100_000);
    for filtered in [false, true] {
        let error = outline(&trees, &Limits::default(), filtered).unwrap_err();
        // The path of 2,049 folders has 4,097 bytes, one over its own limit too.
        assert_eq!(error.limit(), Some("max_depth"));
    }
    let limits = Limits::unlimited().max_path_bytes(1 << 40);
    let outline = outline(&trees, &limits, false).unwrap();
    assert_eq!(outline.len(), 200_001);
}

#[test]
fn levels_are_loaded_no_further_than_the_limits() {
    let trees = nested(100);
    let bytes_of = |id: ObjectId| trees.iter().find(|tree| tree.id(FORMAT) == id);
    let mut set = TreeSet::new(FORMAT, &Limits::default().max_depth(10));
    set.want(trees[100].id(FORMAT)).unwrap();
    let mut loaded = 0;
    let error = loop {
        match set.take_missing() {
            Err(error) => break error,
            Ok(missing) => {
                assert_eq!(missing.len(), 1);
                set.insert(missing[0], &bytes_of(missing[0]).unwrap().0)
                    .unwrap();
                loaded += 1;
            }
        }
    };
    assert_eq!((error.limit(), loaded), (Some("max_depth"), 11));
}

#[test]
fn missing_trees_are_asked_for_once() {
    let root = TreeBytes::default()
        .with("40000", "a", some_id(1))
        .with("40000", "b", some_id(1))
        .with("40000", "c", some_id(2));
    let mut set = TreeSet::new(FORMAT, &Limits::default());
    set.insert(root.id(FORMAT), &root.0).unwrap();
    set.want(root.id(FORMAT)).unwrap();
    assert_eq!(set.take_missing().unwrap(), [some_id(1), some_id(2)]);
    set.insert(some_id(1), &[]).unwrap();
    assert_eq!(set.take_missing().unwrap(), []);
}
