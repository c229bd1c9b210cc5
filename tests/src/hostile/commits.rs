//! Commits and tags that are malformed or lead astray.

use std::path::Path;

use gitlade::{ErrorKind, ObjectFormat, ObjectId};

use super::{DAMAGED, Expect, Fixture, GitSays};
use crate::objects::{Kind, SIGNATURE, Tree, commit, id_of_byte, loose, tag};
use crate::repo::Repo;

const SHA1: ObjectFormat = ObjectFormat::Sha1;
const NOT_A_TREE: Expect = Expect::OneOf(&[
    ErrorKind::RevisionNotATree,
    ErrorKind::CorruptObject,
    ErrorKind::CorruptRepository,
]);
const NOT_FOUND: Expect = Expect::OneOf(&[
    ErrorKind::MissingObject,
    ErrorKind::RevisionNotFound,
    ErrorKind::CorruptRepository,
]);

/// A repository with one file, whose branch names the object that `make` adds.
fn with_tip(dir: &Path, make: impl FnOnce(&mut Repo, ObjectId) -> ObjectId) {
    let mut repo = Repo::sha1();
    let blob = repo.blob("content\n");
    let tree = repo.tree(&Tree::new().file("a", blob));
    let tip = make(&mut repo, tree);
    repo.point(tip);
    repo.write(dir);
}

/// The same with a commit of these bytes, in which `TREE` stands for the tree's id.
fn with_commit(dir: &Path, text: &str) {
    with_tip(dir, |repo, tree| {
        let text = text
            .replace("TREE", &tree.to_string())
            .replace("SIGNATURE", SIGNATURE);
        repo.object(Kind::Commit, text.as_bytes())
    });
}

macro_rules! fixtures {
    ($($fixture:literal: $what:literal, $expect:expr, $git:expr, $make:expr;)*) => {
        &[$(Fixture::new(concat!("commits/", $fixture), $what, $expect, $git, $make)),*]
    };
}

pub(super) const TABLE: &[Fixture] = fixtures! {
    "empty": "A commit of no bytes.", DAMAGED, GitSays::Fails,
        |dir| with_commit(dir, "");
    "no-tree": "A commit without a tree.", DAMAGED, GitSays::Text("bogus commit object"),
        |dir| with_commit(dir, "author SIGNATURE\ncommitter SIGNATURE\n\nmessage\n");
    "bad-tree-id": "A tree's id with a letter that is no digit.", DAMAGED, GitSays::Text("bad tree pointer"),
        |dir| with_commit(dir, "tree zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\nauthor SIGNATURE\ncommitter SIGNATURE\n\nmessage\n");
    "short-tree-id": "A tree's id that is cut off.", DAMAGED, GitSays::Fails,
        |dir| with_commit(dir, "tree 1234\nauthor SIGNATURE\ncommitter SIGNATURE\n\nmessage\n");
    "only-tree": "A commit that ends after its tree.", Expect::Either, GitSays::Fails,
        |dir| with_commit(dir, "tree TREE\n");
    "bad-dates": "Dates that no clock has.", Expect::Either, GitSays::Fails,
        |dir| with_commit(dir, "tree TREE\nauthor a <b> 99999999999999999999999999 +9999\ncommitter a <b> -1 -9999\n\n");
    "bad-parent": "A parent's id that is cut off.", Expect::Either, GitSays::Fails,
        |dir| with_commit(dir, "tree TREE\nparent 1234\nauthor SIGNATURE\ncommitter SIGNATURE\n\nmessage\n");
    "nul-in-header": "A NUL inside a commit.", Expect::Either, GitSays::Text("nulInHeader"),
        |dir| with_commit(dir, "tree TREE\nauthor SIGNATURE\0x\ncommitter SIGNATURE\n\nmessage\n");
    "two-trees": "A commit with two trees: the first counts.", Expect::Either, GitSays::Fails,
        |dir| with_commit(dir, "tree TREE\ntree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor SIGNATURE\ncommitter SIGNATURE\n\nmessage\n");
    "missing-tree": "A commit whose tree is not in the repository.", Expect::Kind(ErrorKind::MissingObject), GitSays::Text("missing tree"),
        |dir| with_tip(dir, |repo, _| repo.object(Kind::Commit, &commit(id_of_byte(SHA1, 0xaa))));
    "null-tree": "A commit whose tree is the null id.", Expect::OneOf(&[ErrorKind::MissingObject, ErrorKind::CorruptObject, ErrorKind::HostileTree]), GitSays::Fails,
        |dir| with_tip(dir, |repo, _| repo.object(Kind::Commit, &commit(id_of_byte(SHA1, 0))));
    "tree-is-blob": "A commit whose tree is a blob.", DAMAGED, GitSays::Fails,
        |dir| with_tip(dir, |repo, _| {
            let blob = repo.blob("content\n");
            repo.object(Kind::Commit, &commit(blob))
        });
    "tree-is-commit": "A commit whose tree is a commit.", DAMAGED, GitSays::Fails,
        |dir| with_tip(dir, |repo, tree| {
            let inner = repo.object(Kind::Commit, &commit(tree));
            repo.object(Kind::Commit, &commit(inner))
        });
    "missing": "A branch whose commit is not in the repository.", NOT_FOUND, GitSays::Fails,
        |dir| with_tip(dir, |_, _| id_of_byte(SHA1, 0xaa));
    "null": "A branch that names the null id.", NOT_FOUND, GitSays::Unasked,
        |dir| with_tip(dir, |_, _| id_of_byte(SHA1, 0));
    "blob-tip": "A branch that names a blob.", NOT_A_TREE, GitSays::Fails,
        |dir| with_tip(dir, |repo, _| repo.blob("content\n"));
    "tree-tip": "A branch that names a tree.", Expect::Imports, GitSays::Fails,
        |dir| with_tip(dir, |_, tree| tree);
    "missing-parents": "A commit whose parents are not there and not needed.", Expect::Imports, GitSays::Fails,
        |dir| with_commit(dir, "tree TREE\nparent 1111111111111111111111111111111111111111\nauthor SIGNATURE\ncommitter SIGNATURE\n\nmessage\n");
    "long-header": "A commit with a header of 4 MiB.", Expect::Either, GitSays::Unasked,
        |dir| with_commit(dir, &format!("tree TREE\nauthor SIGNATURE\ncommitter SIGNATURE\nx-{}\n\nmessage\n", "y".repeat(4 << 20)));
    "many-parents": "A commit with fifty thousand parents.", Expect::Either, GitSays::Unasked,
        |dir| with_commit(dir, &format!("tree TREE\n{}author SIGNATURE\ncommitter SIGNATURE\n\nmessage\n", "parent 1111111111111111111111111111111111111111\n".repeat(50_000)));
    "tag-tip": "A branch that names a tag of the commit.", Expect::Imports, GitSays::Unasked,
        |dir| with_tip(dir, |repo, tree| {
            let commit = repo.object(Kind::Commit, &commit(tree));
            repo.object(Kind::Tag, &tag(commit, "commit", "v1"))
        });
    "tag-lies": "A tag that calls a tree a commit.", Expect::Either, GitSays::Unasked,
        |dir| with_tip(dir, |repo, tree| repo.object(Kind::Tag, &tag(tree, "commit", "v1")));
    "tag-of-blob": "A tag of a blob.", NOT_A_TREE, GitSays::Unasked,
        |dir| with_tip(dir, |repo, _| {
            let blob = repo.blob("content\n");
            repo.object(Kind::Tag, &tag(blob, "blob", "v1"))
        });
    "tag-empty": "A tag of no bytes.", DAMAGED, GitSays::Fails,
        |dir| with_tip(dir, |repo, _| repo.object(Kind::Tag, b""));
    "tag-chain": "A thousand tags of tags.", Expect::Either, GitSays::Unasked,
        |dir| with_tip(dir, |repo, tree| {
            let mut id = repo.object(Kind::Commit, &commit(tree));
            let mut kind = "commit";
            for number in 0..1000 {
                id = repo.object(Kind::Tag, &tag(id, kind, &format!("v{number}")));
                kind = "tag";
            }
            id
        });
    "tag-loop": "A tag of itself, under an id that is not its own.", DAMAGED, GitSays::Fails,
        |dir| with_tip(dir, |repo, _| {
            let id = id_of_byte(SHA1, 7);
            let bytes = tag(id, "tag", "v1");
            repo.loose_file(id, loose("tag", bytes.len() as u64, &bytes));
            id
        });
    "replaced": "A replacement for the commit, which an import does not look at.", Expect::Imports, GitSays::Unasked,
        |dir| with_tip(dir, |repo, tree| {
            let head = repo.object(Kind::Commit, &commit(tree));
            let blob = repo.blob("x");
            let evil = repo.tree(&Tree::new().file("..", blob));
            let evil = repo.object(Kind::Commit, &commit(evil));
            repo.file(&format!("refs/replace/{head}"), format!("{evil}\n"));
            head
        });
    "grafts": "A graft file full of lies.", Expect::Imports, GitSays::Unasked,
        |dir| with_tip(dir, |repo, tree| {
            let head = repo.object(Kind::Commit, &commit(tree));
            repo.file("info/grafts", format!("{head} {head}\nnonsense\n"));
            head
        });
    "shallow-nonsense": "A list of shallow commits that is none.", Expect::Either, GitSays::Unasked,
        |dir| with_tip(dir, |repo, tree| {
            let head = repo.object(Kind::Commit, &commit(tree));
            repo.file("shallow", b"nonsense\n\xff\0\n");
            head
        });
    "commit-graph-nonsense": "A commit graph that is none.", Expect::Either, GitSays::Unasked,
        |dir| with_tip(dir, |repo, tree| {
            let head = repo.object(Kind::Commit, &commit(tree));
            repo.file("objects/info/commit-graph", b"CGPH\x01\x01\xff\xff nonsense");
            head
        });
};
