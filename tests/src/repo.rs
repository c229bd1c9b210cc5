//! A bare repository as files in memory, written out when it is complete.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gitlade::{ObjectFormat, ObjectId};

use crate::objects::{self, Kind, Tree};
use crate::pack::Pack;

/// The branch that `HEAD` names.
pub const BRANCH: &str = "refs/heads/main";

/// A bare repository that exists in memory only, until [`write`](Repo::write).
#[derive(Clone, Debug)]
pub struct Repo {
    format: ObjectFormat,
    files: BTreeMap<String, Vec<u8>>,
}

impl Repo {
    /// An empty repository with an unborn `HEAD`.
    pub fn new(format: ObjectFormat) -> Self {
        let mut repo = Repo {
            format,
            files: BTreeMap::new(),
        };
        let config = match format {
            ObjectFormat::Sha256 => {
                "[core]\n\trepositoryformatversion = 1\n\tbare = true\n\
                 [extensions]\n\tobjectformat = sha256\n"
            }
            _ => "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
        };
        repo.file("config", config);
        repo.file("HEAD", format!("ref: {BRANCH}\n"));
        repo
    }

    /// An empty repository with SHA-1 ids.
    pub fn sha1() -> Self {
        Self::new(ObjectFormat::Sha1)
    }

    /// The hash function of its ids.
    pub fn format(&self) -> ObjectFormat {
        self.format
    }

    /// Sets a file's content; the path is relative to the Git folder.
    pub fn file(&mut self, path: &str, content: impl AsRef<[u8]>) -> &mut Self {
        self.files
            .insert(path.to_owned(), content.as_ref().to_owned());
        self
    }

    /// Removes a file.
    pub fn remove(&mut self, path: &str) -> &mut Self {
        self.files.remove(path);
        self
    }

    /// A file's content, to be altered.
    pub fn content(&mut self, path: &str) -> &mut Vec<u8> {
        self.files.entry(path.to_owned()).or_default()
    }

    /// Paths and contents of all files.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files
            .iter()
            .map(|(path, content)| (&path[..], &content[..]))
    }

    /// Adds a loose object.
    pub fn object(&mut self, kind: Kind, bytes: &[u8]) -> ObjectId {
        let id = objects::object_id(self.format, kind, bytes);
        let file = objects::loose(kind.name(), bytes.len() as u64, bytes);
        self.loose_file(id, file);
        id
    }

    /// Adds a file where the loose object `id` has to be.
    pub fn loose_file(&mut self, id: ObjectId, file: impl AsRef<[u8]>) -> &mut Self {
        self.file(&loose_path(id), file)
    }

    /// Adds a loose blob.
    pub fn blob(&mut self, bytes: impl AsRef<[u8]>) -> ObjectId {
        self.object(Kind::Blob, bytes.as_ref())
    }

    /// Adds a loose tree.
    pub fn tree(&mut self, tree: &Tree) -> ObjectId {
        self.object(Kind::Tree, tree.bytes())
    }

    /// Adds a loose commit of the tree and points the branch at it.
    pub fn commit(&mut self, tree: ObjectId) -> ObjectId {
        let id = self.object(Kind::Commit, &objects::commit(tree));
        self.point(id);
        id
    }

    /// Points the branch at an id.
    pub fn point(&mut self, id: ObjectId) -> &mut Self {
        self.file(BRANCH, format!("{id}\n"))
    }

    /// Adds a pack with its index, as `objects/pack/pack-NAME.pack` and `.idx`.
    pub fn pack(&mut self, name: &str, pack: &Pack) -> &mut Self {
        self.pack_files(name, pack.bytes(), pack.index().v2())
    }

    /// Adds the bytes of a pack and of its index.
    pub fn pack_files(&mut self, name: &str, pack: Vec<u8>, index: Vec<u8>) -> &mut Self {
        self.file(&pack_path(name, "pack"), pack)
            .file(&pack_path(name, "idx"), index)
    }

    /// Writes the repository into the folder `dir`, which is made.
    pub fn write(&self, dir: &Path) {
        for folder in ["objects/pack", "refs/heads"] {
            fs::create_dir_all(dir.join(folder)).expect("because the folder is temporary");
        }
        for (path, content) in &self.files {
            write_file(&dir.join(path), content);
        }
    }
}

/// Writes a file, and the folders above it where they are missing.
pub fn write_file(path: &Path, content: impl AsRef<[u8]>) {
    let content = content.as_ref();
    if fs::write(path, content).is_ok() {
        return;
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).expect("because the folder is temporary");
    }
    fs::write(path, content).expect("because the folder is temporary");
}

/// Where the loose object `id` is.
pub fn loose_path(id: ObjectId) -> String {
    let hex = id.to_string();
    format!("objects/{}/{}", &hex[..2], &hex[2..])
}

/// Where a file of the pack called `name` is; the name is padded to a checksum's length.
pub fn pack_path(name: &str, extension: &str) -> String {
    format!("objects/pack/{}.{extension}", pack_name(name))
}

/// The name of a pack's files without their extension.
pub fn pack_name(name: &str) -> String {
    format!("pack-{name:0<40}")
}
