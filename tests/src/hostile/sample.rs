//! Small sound repositories, that fixtures damage in one place.

use std::path::Path;

use gitlade::{ObjectFormat, ObjectId};

use crate::objects::{Kind, Tree, commit, object_id};
use crate::pack::{Delta, Pack};
use crate::random::Random;
use crate::repo::Repo;

/// The name of the pack of a [`Packed`] repository.
pub(super) const PACK: &str = "1";

/// Writes a repository whose commit has the tree that `build` makes.
pub(super) fn with_tree(dir: &Path, build: impl FnOnce(&mut Repo) -> ObjectId) {
    let mut repo = Repo::sha1();
    let tree = build(&mut repo);
    repo.commit(tree);
    repo.write(dir);
}

/// Writes a repository whose root folder has one entry, beside an ordinary file.
pub(super) fn with_entry(dir: &Path, mode: &str, name: &[u8]) {
    with_tree(dir, |repo| {
        let id = match mode {
            "40000" | "040000" => {
                let config = repo.blob("[core]\n\tfsmonitor = \"touch /tmp/pwned\"\n");
                repo.tree(&Tree::new().file("config", config))
            }
            "120000" => repo.blob("/etc/passwd"),
            _ => repo.blob("content\n"),
        };
        let other = repo.blob("other\n");
        let mut tree = Tree::new();
        // "A" stands before or behind, so that the order is right.
        let first = name > &b"AA"[..];
        if first {
            tree = tree.file("AA", other);
        }
        tree = tree.entry(mode, name, id);
        if !first {
            tree = tree.file("AA", other);
        }
        repo.tree(&tree)
    });
}

/// Writes a repository with these files in its root folder, which are in Git's order.
pub(super) fn with_files(dir: &Path, files: &[(&str, &[u8])]) {
    with_tree(dir, |repo| {
        let tree = files.iter().fold(Tree::new(), |tree, (name, content)| {
            tree.file(name, repo.blob(content))
        });
        repo.tree(&tree)
    });
}

/// A sound loose repository: `file`, and `folder` with `inner` in it.
pub(super) struct Loose {
    pub(super) repo: Repo,
    pub(super) blob: ObjectId,
    pub(super) inner: ObjectId,
    pub(super) folder: ObjectId,
    pub(super) root: ObjectId,
    pub(super) head: ObjectId,
}

impl Loose {
    pub(super) fn new() -> Self {
        let mut repo = Repo::sha1();
        let blob = repo.blob("some content\n".repeat(20));
        let inner = repo.blob("inner\n");
        let folder = repo.tree(&Tree::new().file("inner", inner));
        let root = repo.tree(&Tree::new().file("file", blob).folder("folder", folder));
        let head = repo.commit(root);
        Loose {
            repo,
            blob,
            inner,
            folder,
            root,
            head,
        }
    }
}

/// Writes the sound loose repository with one damage.
pub(super) fn damaged_loose(dir: &Path, damage: impl FnOnce(&mut Loose)) {
    let mut loose = Loose::new();
    damage(&mut loose);
    loose.repo.write(dir);
}

/// A sound pack: the files `base`, `by-id` and `by-offset`, the latter two as deltas of `base`, and
/// `random`, which does not compress.
#[derive(Clone)]
pub(super) struct Packed {
    pub(super) format: ObjectFormat,
    pub(super) pack: Pack,
    pub(super) base: ObjectId,
    pub(super) by_id: ObjectId,
    pub(super) by_offset: ObjectId,
    pub(super) random: ObjectId,
    pub(super) root: ObjectId,
    pub(super) head: ObjectId,
}

impl Packed {
    pub(super) fn new(format: ObjectFormat) -> Self {
        let mut pack = Pack::new(format);
        let text = b"a line of the base\n".repeat(4);
        let size = text.len() as u64;
        // The result names the base, so ids have to be known before the entries are written.
        let by_id_text = [&text[..40], b"by id", &text[40..]].concat();
        let by_offset_text = [&text[..20], b"by offset", &text[20..]].concat();
        let base = object_id(format, Kind::Blob, &text);
        let by_id = object_id(format, Kind::Blob, &by_id_text);
        let by_offset = object_id(format, Kind::Blob, &by_offset_text);
        let random_bytes = Random::new(7).bytes(48);
        let random = object_id(format, Kind::Blob, &random_bytes);
        let tree = Tree::new()
            .file("base", base)
            .file("by-id", by_id)
            .file("by-offset", by_offset)
            .file("random", random);
        let root = object_id(format, Kind::Tree, tree.bytes());
        let head = pack.object(Kind::Commit, &commit(root));
        pack.object(Kind::Tree, tree.bytes());
        let delta = Delta::new(size, size + 5)
            .copy(0, 40)
            .insert(b"by id")
            .copy(40, size as u32 - 40);
        pack.ref_delta(by_id, base, delta.bytes());
        pack.object(Kind::Blob, &text);
        let delta = Delta::new(size, size + 9)
            .copy(0, 20)
            .insert(b"by offset")
            .copy(20, size as u32 - 20);
        pack.ofs_delta(by_offset, pack.offset(base), delta.bytes());
        pack.object(Kind::Blob, &random_bytes);
        Packed {
            format,
            pack,
            base,
            by_id,
            by_offset,
            random,
            root,
            head,
        }
    }

    pub(super) fn sha1() -> Self {
        Self::new(ObjectFormat::Sha1)
    }

    /// The repository that has the pack.
    pub(super) fn repo(&self) -> Repo {
        let mut repo = Repo::new(self.format);
        repo.pack(PACK, &self.pack).point(self.head);
        repo
    }
}

/// A repository whose pack has, beside commit and tree, what `fill` puts in: entries for the
/// contents, of which the ids are known, as the files `0`, `1` and so on.
pub(super) fn packed_files(
    contents: &[Vec<u8>],
    fill: impl FnOnce(&mut Pack, &[ObjectId]),
) -> Repo {
    let ids: Vec<_> = contents
        .iter()
        .map(|content| object_id(ObjectFormat::Sha1, Kind::Blob, content))
        .collect();
    packed_ids(&ids, fill)
}

/// The same for ids of which nobody knows a content.
pub(super) fn packed_ids(ids: &[ObjectId], fill: impl FnOnce(&mut Pack, &[ObjectId])) -> Repo {
    let mut pack = Pack::new(ObjectFormat::Sha1);
    let width = ids.len().saturating_sub(1).to_string().len();
    let tree = (0..).zip(ids).fold(Tree::new(), |tree, (number, id)| {
        tree.file(format!("{number:0width$}"), *id)
    });
    let root = pack.object(Kind::Tree, tree.bytes());
    let head = pack.object(Kind::Commit, &commit(root));
    fill(&mut pack, ids);
    let mut repo = Repo::sha1();
    repo.pack(PACK, &pack).point(head);
    repo
}
