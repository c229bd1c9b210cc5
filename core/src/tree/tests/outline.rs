//! What an outline holds, keeps out and tells.

use super::{TreeBytes, nothing, some_id};
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind};
use crate::filter::Decision;
use crate::id::{ObjectFormat, ObjectId};
use crate::limits::Limits;
use crate::manifest::Flags;
use crate::tree::uses::BlobUses;
use crate::tree::{EntryKind, Outline, TreePath, TreeSet, Visit};

const FORMAT: ObjectFormat = ObjectFormat::Sha1;

fn add(trees: &mut TreeSet, tree: &TreeBytes) -> ObjectId {
    let id = tree.id(FORMAT);
    trees.insert(id, &tree.0).unwrap();
    id
}

/// `.gitattributes`, `.gitmodules`, `docs/.gitmodules`, `docs/a`, `docs/deep/b`, `empty`, `link`,
/// `sub`, `z`.
fn example() -> (TreeSet, ObjectId) {
    let mut trees = TreeSet::new(FORMAT, &Limits::default());
    let deep = add(
        &mut trees,
        &TreeBytes::default().with("100644", "b", some_id(2)),
    );
    let docs = TreeBytes::default()
        .with("100644", ".gitmodules", some_id(1))
        .with("100644", "a", some_id(1))
        .with("40000", "deep", deep);
    let docs = add(&mut trees, &docs);
    let empty = add(&mut trees, &TreeBytes::default());
    let root = TreeBytes::default()
        .with("100644", ".gitattributes", some_id(3))
        .with("100644", ".gitmodules", some_id(4))
        .with("40000", "docs", docs)
        .with("40000", "empty", empty)
        .with("120000", "link", some_id(2))
        .with("160000", "sub", some_id(5))
        .with("100755", "z", some_id(2));
    let root = add(&mut trees, &root);
    (trees, root)
}

fn visits(outline: &Outline) -> Vec<String> {
    let mut visits = Vec::new();
    let mut walk = outline.walk();
    while let Some(visit) = walk.next() {
        let (mark, item) = match visit {
            Visit::Enter(item) => ("> ", item),
            Visit::File(item, _) => ("", item),
            Visit::Symlink(item, _) => ("@ ", item),
            Visit::Submodule(item) => ("& ", item),
            Visit::Leave => {
                visits.push("<".to_owned());
                continue;
            }
        };
        assert!(item.path.ends_with(item.name));
        visits.push(format!("{mark}{}", String::from_utf8_lossy(item.path)));
    }
    visits
}

fn filtered(decide: fn(&[u8], bool) -> Decision) -> Outline {
    let (trees, root) = example();
    let mut filter = |path: &[u8], is_folder: bool| Ok(decide(path, is_folder));
    Outline::new(trees, root, Some(&mut filter), &mut nothing, &Cancel::new()).unwrap()
}

#[test]
fn folders_are_entered_and_left() {
    let (trees, root) = example();
    let outline = Outline::new(trees, root, None, &mut nothing, &Cancel::new()).unwrap();
    let expected = [
        ".gitattributes",
        ".gitmodules",
        "> docs",
        "docs/.gitmodules",
        "docs/a",
        "> docs/deep",
        "docs/deep/b",
        "<",
        "<",
        "> empty",
        "<",
        "@ link",
        "& sub",
        "z",
    ];
    assert_eq!(visits(&outline), expected);
    assert_eq!(outline.len(), expected.len());
    let paths = ["docs/deep/b", "docs/deep", "docs"];
    for (event, path) in (6..).zip(paths) {
        assert_eq!(outline.path_of(event), path.as_bytes());
    }
    assert_eq!(outline.path_of(13), b"z");
    assert_eq!(
        outline.totals().path_bytes,
        14 + 11 + 4 + 16 + 6 + 9 + 11 + 5 + 4 + 3 + 1
    );
}

#[test]
fn blobs_are_told_once_with_what_names_them() {
    let (trees, root) = example();
    let outline = Outline::new(trees, root, None, &mut nothing, &Cancel::new()).unwrap();
    let blobs: Vec<_> = outline.blobs().iter().collect();
    let ids: Vec<_> = blobs.iter().map(|blob| blob.id).collect();
    assert_eq!(ids, [some_id(3), some_id(4), some_id(1), some_id(2)]);
    assert_eq!(blobs[0].uses, BlobUses::FILE | BlobUses::ATTRIBUTES);
    assert_eq!(blobs[1].uses, BlobUses::FILE | BlobUses::MODULES);
    assert_eq!((blobs[2].uses, blobs[2].count), (BlobUses::FILE, 2));
    assert_eq!(
        (blobs[3].uses, blobs[3].count),
        (BlobUses::FILE | BlobUses::SYMLINK, 3)
    );
    assert_eq!(outline.path_of(blobs[3].first_event), b"docs/deep/b");
    assert!(outline.blobs().iter().all(|blob| blob.id != some_id(5)));
}

#[test]
fn skipped_folders_count_once() {
    let outline = filtered(|path, _| match path {
        b"docs" | b"z" => Decision::Skip,
        _ => Decision::Keep,
    });
    assert_eq!(outline.totals().excluded, 2);
    assert_eq!(
        visits(&outline),
        [
            ".gitattributes",
            ".gitmodules",
            "> empty",
            "<",
            "@ link",
            "& sub"
        ]
    );
}

#[test]
fn folders_on_the_way_stay_if_something_is_kept() {
    let outline = filtered(|path, is_folder| match (path, is_folder) {
        (b"docs/deep/b", _) => Decision::Keep,
        (_, true) => Decision::Descend,
        _ => Decision::Skip,
    });
    assert_eq!(
        visits(&outline),
        ["> docs", "> docs/deep", "docs/deep/b", "<", "<"]
    );
    // Besides the leaves, `empty` goes since nothing in it is kept.
    let totals = outline.totals();
    assert_eq!((totals.excluded, totals.folders, totals.files), (8, 2, 1));
    assert_eq!(totals.path_bytes, 4 + 9 + 11);

    let outline = filtered(|_, _| Decision::Descend);
    assert_eq!((outline.len(), outline.totals().excluded), (0, 11));
    assert_eq!(outline.totals().path_bytes, 0);
}

#[test]
fn filtered_folders_are_not_loaded() {
    let mut trees = TreeSet::new(FORMAT, &Limits::default());
    let root = TreeBytes::default()
        .with("40000", "absent", some_id(9))
        .with("100644", "file", some_id(1));
    let root = add(&mut trees, &root);
    let mut filter = |_: &[u8], is_folder| {
        Ok(if is_folder {
            Decision::Skip
        } else {
            Decision::Keep
        })
    };
    let outline = Outline::new(trees, root, Some(&mut filter), &mut nothing, &Cancel::new());
    assert_eq!(visits(&outline.unwrap()), ["file"]);
}

fn error_of(build: impl FnOnce(&mut TreeSet) -> ObjectId) -> Error {
    let mut trees = TreeSet::new(FORMAT, &Limits::default());
    let root = build(&mut trees);
    Outline::new(trees, root, None, &mut nothing, &Cancel::new()).unwrap_err()
}

/// The tree below `a/b`, and its id's text.
fn nested(bad: &TreeBytes) -> Error {
    error_of(|trees| {
        let bad = add(trees, bad);
        let a = add(trees, &TreeBytes::default().with("40000", "b", bad));
        add(trees, &TreeBytes::default().with("40000", "a", a))
    })
}

#[test]
fn hostile_trees_are_named() {
    let bad = TreeBytes::default().with("100644", ".GIT", some_id(7));
    let error = nested(&bad);
    assert_eq!(error.kind(), ErrorKind::HostileTree);
    assert_eq!(error.path(), Some(&b"a/b/.GIT"[..]));
    assert_eq!(error.object(), Some(bad.id(FORMAT)));
    let text = error.to_string();
    for part in [
        "hasDotgit",
        "\"a/b/.GIT\"",
        &some_id(7).to_string(),
        &bad.id(FORMAT).to_string(),
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert!(error.advice().is_some());
}

#[test]
fn malformed_and_missing_trees_are_named() {
    let error = nested(&TreeBytes(b"100644 cut".to_vec()));
    assert_eq!(error.kind(), ErrorKind::CorruptObject);
    assert_eq!(error.path(), Some(&b"a/b"[..]));
    assert!(error.to_string().contains("badTree"), "{error}");

    let error = error_of(|trees| {
        add(
            trees,
            &TreeBytes::default().with("40000", "gone", some_id(8)),
        )
    });
    assert_eq!(error.kind(), ErrorKind::MissingObject);
    assert_eq!(
        (error.path(), error.object()),
        (Some(&b"gone"[..]), Some(some_id(8)))
    );
}

#[test]
fn hostile_trees_that_are_not_reached_do_no_harm() {
    let (mut trees, root) = example();
    add(
        &mut trees,
        &TreeBytes::default().with("100644", "..", some_id(7)),
    );
    add(&mut trees, &TreeBytes(b"no tree".to_vec()));
    assert!(Outline::new(trees, root, None, &mut nothing, &Cancel::new()).is_ok());
}

#[test]
fn trees_inside_themselves_are_refused() {
    // No honest hash allows it; an index that lies does.
    let error = error_of(|trees| {
        let inner = TreeBytes::default().with("40000", "back", some_id(1));
        trees.insert(some_id(2), &inner.0).unwrap();
        let outer = TreeBytes::default().with("40000", "in", some_id(2));
        trees.insert(some_id(1), &outer.0).unwrap();
        some_id(1)
    });
    assert_eq!(error.kind(), ErrorKind::CorruptObject);
    assert_eq!(error.path(), Some(&b"in/back"[..]));
}

#[test]
fn cancelled_walks_end() {
    let (trees, root) = example();
    let cancel = Cancel::new();
    cancel.cancel();
    let error = Outline::new(trees, root, None, &mut nothing, &cancel).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

#[test]
fn odd_entries_are_flagged() {
    let mut trees = TreeSet::new(FORMAT, &Limits::default());
    let root = TreeBytes::default()
        .with("100644", "CON", some_id(1))
        .with("100644", "Readme", some_id(1))
        .with("100664", "plain", some_id(1))
        .with("0100644", "readme", some_id(1))
        .with("100644", b"\xff", some_id(1));
    let root = add(&mut trees, &root);
    let outline = Outline::new(trees, root, None, &mut nothing, &Cancel::new()).unwrap();
    let mut walk = outline.walk();
    let mut flags = Vec::new();
    while let Some(Visit::File(item, _)) = walk.next() {
        flags.push(item.flags);
    }
    assert_eq!(
        flags,
        [
            Flags::WINDOWS_RESERVED,
            Flags::CASE_COLLISION,
            Flags::ODD_MODE,
            Flags::CASE_COLLISION | Flags::ZERO_PADDED_MODE,
            Flags::NOT_UTF8,
        ]
    );
}

fn find(path: &str) -> Result<(EntryKind, ObjectId), Error> {
    let (mut trees, root) = example();
    let path = TreePath::parse(path.as_bytes())?;
    let found = trees.find(root, &path, &mut nothing)?;
    Ok((found.kind, found.id))
}

#[test]
fn paths_are_found() {
    let (_, root) = example();
    for path in ["", "/", ".", "./", "//"] {
        assert_eq!(find(path).unwrap(), (EntryKind::Folder, root));
    }
    for path in ["docs/deep/b", "/docs/deep/b/", "./docs/deep/b"] {
        assert_eq!(find(path).unwrap(), (EntryKind::File, some_id(2)));
    }
    assert_eq!(find("sub").unwrap(), (EntryKind::Submodule, some_id(5)));
}

#[test]
fn paths_that_lead_nowhere_are_told() {
    for (path, kind) in [
        ("docs/../z", ErrorKind::InvalidOptions),
        ("docs//deep", ErrorKind::InvalidOptions),
        ("docs/./deep", ErrorKind::InvalidOptions),
        ("nowhere", ErrorKind::PathNotFound),
        ("docs/a/b", ErrorKind::PathIsOther),
        ("sub/x", ErrorKind::PathIsOther),
    ] {
        assert_eq!(find(path).unwrap_err().kind(), kind, "{path}");
    }
    let advice = find("docs/Dep").unwrap_err().advice().unwrap().into_owned();
    assert!(advice.contains("docs/deep"), "{advice}");
    let (mut trees, root) = example();
    let path = TreePath::parse(b"z").unwrap();
    let error = trees.find_folder(root, &path, &mut nothing).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PathIsOther);
}
