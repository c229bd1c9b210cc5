//! Packs that are the same wherever they are made: Git's differ with its version and with its zlib.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use miniz_oxide::deflate::compress_to_vec_zlib;
use sha1::{Digest, Sha1};

use crate::git::{self, Result};
use crate::shapes::File;

/// As much as Git does by default.
const LEVEL: u8 = 6;

/// The longest chain of deltas that Git makes by default.
const CHAIN: usize = 50;

/// Types of entries; see `gitformat-pack`.
const COMMIT: u8 = 1;
const TREE: u8 = 2;
const BLOB: u8 = 3;
const OFS_DELTA: u8 = 6;

/// Twenty bytes.
type Id = [u8; 20];

/// A pack with one commit.
#[derive(Debug)]
pub(super) struct Pack {
    bytes: Vec<u8>,
    count: u32,
    commit: Id,
}

impl Pack {
    /// Packs `files`: the commit, the folders, the contents, each in the order of the paths. With
    /// `deltas`, each content is one of that before, but for the first of every chain.
    pub(super) fn of(files: impl Iterator<Item = File>, deltas: bool) -> Self {
        let mut pack = Pack {
            bytes: b"PACK\0\0\0\x02\0\0\0\0".to_vec(),
            count: 0,
            commit: Id::default(),
        };
        let files: BTreeMap<String, Vec<u8>> = files.collect();
        let mut root = Folder::default();
        for (path, content) in &files {
            root.put(path, id_of("blob", content));
        }
        let mut trees = Vec::new();
        let tree = root.write(&mut trees);
        let who = "bench <bench@example.invalid> 1700000000 +0000";
        let commit = format!(
            "tree {}\nauthor {who}\ncommitter {who}\n\nguard\n",
            hex(&tree)
        );
        pack.commit = id_of("commit", commit.as_bytes());
        pack.whole(COMMIT, commit.as_bytes());
        for tree in trees.iter().rev() {
            pack.whole(TREE, tree);
        }
        let mut before: Option<(usize, &[u8])> = None;
        for (number, content) in files.values().enumerate() {
            let at = pack.bytes.len();
            match before.filter(|_| deltas && number % CHAIN != 0) {
                Some((base_at, base)) => pack.delta(at - base_at, base, content),
                None => pack.whole(BLOB, content),
            }
            before = Some((at, content));
        }
        let count = pack.count.to_be_bytes();
        pack.bytes[8..12].copy_from_slice(&count);
        let checksum = Sha1::digest(&pack.bytes);
        pack.bytes.extend_from_slice(&checksum);
        pack
    }

    /// All of it.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Makes a bare repository of it at `path`, with all files but the index made here.
    pub(super) fn write_repository(&self, path: &Path) -> Result<()> {
        let folder = path.join("objects/pack");
        fs::create_dir_all(&folder)?;
        fs::create_dir_all(path.join("refs/heads"))?;
        fs::write(path.join("HEAD"), "ref: refs/heads/main\n")?;
        fs::write(
            path.join("config"),
            "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
        )?;
        let commit = hex(&self.commit) + "\n";
        fs::write(path.join("refs/heads/main"), commit)?;
        let pack = folder.join("pack-guard.pack");
        fs::write(&pack, &self.bytes)?;
        // The bytes of an index follow from the pack, whoever makes it.
        git::output(git::git_in(path).arg("index-pack").arg(&pack))?;
        Ok(())
    }

    fn whole(&mut self, kind: u8, content: &[u8]) {
        self.head(kind, content.len());
        let deflated = compress_to_vec_zlib(content, LEVEL);
        self.bytes.extend_from_slice(&deflated);
    }

    fn delta(&mut self, back: usize, base: &[u8], content: &[u8]) {
        let delta = crate::delta::between(base, content);
        self.head(OFS_DELTA, delta.len());
        let mut back = back;
        let mut distance = vec![back as u8 & 0x7f];
        while back >> 7 > 0 {
            back = (back >> 7) - 1;
            distance.push(back as u8 & 0x7f | 0x80);
        }
        self.bytes.extend(distance.iter().rev());
        let deflated = compress_to_vec_zlib(&delta, LEVEL);
        self.bytes.extend_from_slice(&deflated);
    }

    /// Type and size: four bits of it in the first byte, seven in each that follows.
    fn head(&mut self, kind: u8, size: usize) {
        self.count += 1;
        let mut byte = kind << 4 | (size & 0xf) as u8;
        let mut rest = size >> 4;
        while rest > 0 {
            self.bytes.push(byte | 0x80);
            byte = (rest & 0x7f) as u8;
            rest >>= 7;
        }
        self.bytes.push(byte);
    }
}

/// What is in a folder, by name. No name of a shape is the beginning of another, so that Git's order is
/// that of the names.
#[derive(Debug, Default)]
struct Folder {
    files: BTreeMap<String, Id>,
    folders: BTreeMap<String, Folder>,
}

impl Folder {
    fn put(&mut self, path: &str, id: Id) {
        match path.split_once('/') {
            Some((name, rest)) => self
                .folders
                .entry(name.to_owned())
                .or_default()
                .put(rest, id),
            None => drop(self.files.insert(path.to_owned(), id)),
        }
    }

    /// Appends the folders below it to `trees`, and itself after them; returns its id.
    fn write(&self, trees: &mut Vec<Vec<u8>>) -> Id {
        let mut entries: BTreeMap<&str, (&str, Id)> = BTreeMap::new();
        for (name, folder) in &self.folders {
            entries.insert(name, ("40000", folder.write(trees)));
        }
        for (name, &id) in &self.files {
            entries.insert(name, ("100644", id));
        }
        let mut tree = Vec::new();
        for (name, (mode, id)) in entries {
            tree.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            tree.extend_from_slice(&id);
        }
        let id = id_of("tree", &tree);
        trees.push(tree);
        id
    }
}

fn id_of(kind: &str, content: &[u8]) -> Id {
    let head = format!("{kind} {}\0", content.len());
    Sha1::new()
        .chain_update(head)
        .chain_update(content)
        .finalize()
        .into()
}

fn hex(id: &Id) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shapes::Shape;

    #[test]
    fn git_finds_nothing_wrong_with_it_and_the_same_files() {
        for (shape, deltas) in [(Shape::ManyTiny, false), (Shape::Deltas, true)] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("repository");
            let pack = Pack::of(shape.files(250), deltas);
            pack.write_repository(&path).unwrap();
            let git = |arguments: &[&str]| git::output(git::git_in(&path).args(arguments)).unwrap();
            git(&["fsck", "--strict"]);
            for (file, content) in shape.files(250) {
                assert_eq!(git(&["cat-file", "blob", &format!("HEAD:{file}")]), content);
            }
            let index = path.join("objects/pack/pack-guard.idx");
            let verify = git(&["verify-pack", "-s", index.to_str().unwrap()]);
            let chains = String::from_utf8(verify).unwrap();
            assert_eq!(chains.contains("chain length = 49: "), deltas, "{chains}");
        }
    }

    #[test]
    fn its_bytes_are_the_same_everywhere() {
        // As `sha1sum` says it: it changes with the compressor, and the baselines are renewed then.
        let pack = Pack::of(Shape::ManyTiny.files(100), false);
        let end = &pack.bytes()[pack.bytes().len() - 20..];
        assert_eq!(
            hex(end.try_into().unwrap()),
            "f832f79b44ae810eadb80bf4ddd26679f5a69671"
        );
    }
}
