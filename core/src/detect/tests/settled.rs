//! Pages and the refs that decide what they mean.

use super::{page, shown};
use crate::id::ObjectId;
use crate::remote::RemoteRef;

/// Refs by their names; those with the same letter behind an `=` are about the same commit.
fn refs(names: &[&str]) -> Vec<RemoteRef> {
    names
        .iter()
        .map(|text| {
            let (name, commit) = text.split_once('=').unwrap_or((text, text));
            let digit = blake3::hash(commit.as_bytes()).to_hex();
            RemoteRef {
                name: name.into(),
                id: ObjectId::from_hex(&digit.as_bytes()[..40]),
                peeled: None,
                symref_target: None,
            }
        })
        .collect()
}

#[test]
fn refs_decide_where_a_name_ends() {
    let tree = "https://github.com/o/r/tree/feature/x/docs";
    let blob = "https://github.com/o/r/blob/v1/a.txt";
    let sourcehut = "https://git.sr.ht/~u/r/tree/a/item/b/item/c";
    let one = |text: &str| vec![text.to_owned()];
    for (url, names, expected, is_certain) in [
        (
            tree,
            &["refs/heads/feature"][..],
            one("refs/heads/feature:x/docs /"),
            true,
        ),
        (
            tree,
            &["refs/heads/feature/x", "refs/heads/feature/y"],
            one("refs/heads/feature/x:docs /"),
            true,
        ),
        (
            tree,
            &["refs/heads/feature/x/docs"],
            one("refs/heads/feature/x/docs: *"),
            true,
        ),
        (
            tree,
            &["refs/tags/feature/x"],
            one("refs/tags/feature/x:docs /"),
            true,
        ),
        (
            tree,
            &["refs/heads/feature/xdocs", "refs/heads/feat"],
            vec![
                "feature:x/docs /".to_owned(),
                "feature/x:docs /".to_owned(),
                "feature/x/docs: *".to_owned(),
            ],
            false,
        ),
        // A tag and a branch that both fit.
        (
            tree,
            &["refs/heads/feature/x", "refs/tags/feature"],
            vec![
                "refs/heads/feature/x:docs /".to_owned(),
                "refs/tags/feature:x/docs /".to_owned(),
            ],
            false,
        ),
        (
            blob,
            &["refs/heads/v1", "refs/tags/v1"],
            vec![
                "refs/heads/v1:a.txt .".to_owned(),
                "refs/tags/v1:a.txt .".to_owned(),
            ],
            false,
        ),
        (
            blob,
            &["refs/heads/v1=a", "refs/tags/v1=a"],
            one("refs/heads/v1:a.txt ."),
            true,
        ),
        (
            sourcehut,
            &["refs/heads/a/item/b"],
            one("refs/heads/a/item/b:c ?"),
            true,
        ),
        (
            sourcehut,
            &["refs/heads/a"],
            one("refs/heads/a:b/item/c ?"),
            true,
        ),
        (
            "https://github.com/o/r/pull/5",
            &["refs/pull/5/head"],
            vec!["refs/pull/5/head: *".to_owned(), "HEAD: *".to_owned()],
            false,
        ),
        ("https://github.com/o/r/pull/5", &[], one("HEAD: *"), false),
        (
            "https://github.com/o/r/issues",
            &["refs/heads/issues"],
            one("HEAD: *"),
            false,
        ),
        ("https://github.com/o/r?tab=x", &[], one("HEAD: *"), true),
        // Nothing makes a strange host certain.
        (
            "https://git.example.org/g/r/-/tree/main/docs",
            &["refs/heads/main"],
            one("refs/heads/main:docs /"),
            false,
        ),
    ] {
        let (candidates, found) = page(url).settle(&refs(names));
        let candidates: Vec<String> = candidates.iter().map(shown).collect();
        assert_eq!(candidates, expected, "{url} {names:?}");
        assert_eq!(found, is_certain, "{url} {names:?}");
    }
}

#[test]
fn only_the_refs_that_matter_are_asked_for() {
    let names = |url: &str| -> Vec<String> {
        let prefixes = page(url).prefixes().into_iter();
        prefixes
            .map(|it| String::from_utf8(it).expect("it is text"))
            .collect()
    };
    let tree = "https://github.com/o/r/tree/feature/x/docs";
    assert_eq!(names(tree), ["refs/heads/feature", "refs/tags/feature"]);
    let branch = "https://codeberg.org/o/r/src/branch/a/b";
    assert_eq!(names(branch), ["refs/heads/a"]);
    let commit = "https://github.com/o/r/tree/8843d7f92416211de9ebb963ff4ce28125932878/a";
    assert!(names(commit).is_empty());
    assert_eq!(names("https://github.com/o/r/pull/5"), ["refs/pull/5/head"]);
    assert!(names("https://github.com/o/r").is_empty());
}
