//! Trees that name each other so often, or so deep, that nobody has time or memory for the paths.

use gitlade::{ObjectFormat, ObjectId};

use super::sample::with_tree;
use super::{Expect, Fixture, GitSays};
use crate::objects::{Kind, Tree};
use crate::pack::Pack;
use crate::repo::Repo;

const SHA1: ObjectFormat = ObjectFormat::Sha1;

/// A folder that names one other `width` times, and so on for so many levels.
fn folders(repo: &mut Repo, width: u32, levels: u32) -> ObjectId {
    let blob = repo.blob("x");
    let leaf = (0..width).fold(Tree::new(), |tree, n| tree.file(format!("{n:03}"), blob));
    let mut id = repo.tree(&leaf);
    for _ in 1..levels {
        let tree = (0..width).fold(Tree::new(), |tree, n| tree.folder(format!("{n:03}"), id));
        id = repo.tree(&tree);
    }
    id
}

/// Folders inside each other, `depth` of them, with a file in the last.
fn nested(repo: &mut Repo, name: &str, depth: u32) -> ObjectId {
    let blob = repo.blob("x");
    let mut pack = Pack::new(SHA1);
    let mut id = pack.object(Kind::Tree, Tree::new().file("x", blob).bytes());
    for _ in 0..depth {
        id = pack.object(Kind::Tree, Tree::new().folder(name, id).bytes());
    }
    repo.pack("1", &pack);
    id
}

macro_rules! trees {
    ($($fixture:literal: $what:literal, $expect:expr, |$repo:ident| $tree:expr;)*) => {
        &[$(Fixture::new(concat!("bombs/", $fixture), $what, $expect, GitSays::Unasked, |dir| {
            with_tree(dir, |$repo| $tree);
        })),*]
    };
}

pub(super) const TABLE: &[Fixture] = trees! {
    "paths-10-10": "Ten folders in ten, over ten levels: 10^10 paths.", Expect::Limit("max_entries"), |repo| folders(repo, 10, 10);
    "paths-2-90": "Two folders in two, over ninety levels: more paths than 64 bits count.", Expect::Limit("max_entries"), |repo| folders(repo, 2, 90);
    "paths-1000-40": "A thousand in a thousand, over forty levels: more than 128 bits count.", Expect::Limit("max_entries"), |repo| folders(repo, 1000, 40);
    "depth-3000": "Three thousand folders inside each other.", Expect::Limit("max_depth"), |repo| nested(repo, "d", 3_000);
    "depth-20000": "Twenty thousand folders inside each other.", Expect::Limit("max_depth"), |repo| nested(repo, "d", 20_000);
    "path-5000": "A path of five thousand bytes.", Expect::Limit("max_path"), |repo| nested(repo, &"d".repeat(250), 20);
    "path-one-name": "A name of a MiB.", Expect::Limit("max_path"), |repo| {
        let blob = repo.blob("x");
        repo.tree(&Tree::new().file("n".repeat(1 << 20), blob))
    };
    "path-bytes": "A million paths of five hundred bytes.", Expect::Limit("max_path_bytes"), |repo| {
        let blob = repo.blob("x");
        let name = |n: u32| format!("{n:04}{}", "n".repeat(246));
        let leaf = (0..1_200).fold(Tree::new(), |tree, n| tree.file(name(n), blob));
        let leaf = repo.tree(&leaf);
        let root = (0..1_000).fold(Tree::new(), |tree, n| tree.folder(name(n), leaf));
        repo.tree(&root)
    };
};
