//! Objects as bytes, right or wrong, and their ids.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use gitlade::{ObjectFormat, ObjectId};
use sha1::{Digest, Sha1};
use sha2::Sha256;

/// The four types of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A snapshot with its history.
    Commit = 1,
    /// A folder.
    Tree = 2,
    /// A file's content.
    Blob = 3,
    /// A name with a message.
    Tag = 4,
}

impl Kind {
    /// The type's name in an object's header.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Commit => "commit",
            Kind::Tree => "tree",
            Kind::Blob => "blob",
            Kind::Tag => "tag",
        }
    }

    /// The type's number in a pack.
    pub fn number(self) -> u8 {
        self as u8
    }
}

/// The checksum that a repository of this format uses for everything.
pub fn checksum(format: ObjectFormat, parts: &[&[u8]]) -> Vec<u8> {
    fn hash<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
        let mut hash = D::new();
        for part in parts {
            hash.update(part);
        }
        hash.finalize().to_vec()
    }
    match format {
        ObjectFormat::Sha256 => hash::<Sha256>(parts),
        _ => hash::<Sha1>(parts),
    }
}

/// The id of an object.
pub fn object_id(format: ObjectFormat, kind: Kind, bytes: &[u8]) -> ObjectId {
    let header = header(kind.name(), bytes.len() as u64);
    id_from(&checksum(format, &[&header, bytes]))
}

/// An id of nothing, made of one byte.
pub fn id_of_byte(format: ObjectFormat, byte: u8) -> ObjectId {
    id_from(&vec![byte; format.id_len()])
}

/// An id from its 20 or 32 bytes.
pub fn id_from(bytes: &[u8]) -> ObjectId {
    ObjectId::from_bytes(bytes).expect("because a checksum is as long as an id")
}

/// What stands in front of an object's bytes: type, size and a NUL.
pub fn header(kind: &str, size: u64) -> Vec<u8> {
    format!("{kind} {size}\0").into_bytes()
}

/// Compresses with zlib.
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .expect("because memory takes what is written")
}

/// A loose object's file: compressed header and bytes.
pub fn loose(kind: &str, size: u64, bytes: &[u8]) -> Vec<u8> {
    deflate(&[&header(kind, size), bytes].concat())
}

/// A tree in the making, whose entries stay as they are given.
#[derive(Clone, Debug, Default)]
pub struct Tree(Vec<u8>);

impl Tree {
    /// A tree without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry; `mode` is written as it stands.
    pub fn entry(mut self, mode: &str, name: impl AsRef<[u8]>, id: ObjectId) -> Self {
        self.0.extend_from_slice(mode.as_bytes());
        self.0.push(b' ');
        self.0.extend_from_slice(name.as_ref());
        self.0.push(0);
        self.0.extend_from_slice(id.as_bytes());
        self
    }

    /// Adds a file.
    pub fn file(self, name: impl AsRef<[u8]>, id: ObjectId) -> Self {
        self.entry("100644", name, id)
    }

    /// Adds a folder.
    pub fn folder(self, name: impl AsRef<[u8]>, id: ObjectId) -> Self {
        self.entry("40000", name, id)
    }

    /// Adds bytes that need not be an entry.
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// The object's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Author and time of everything that is made here.
pub const SIGNATURE: &str = "A U Thor <author@example.com> 1700000000 +0000";

/// The bytes of a commit without parents.
pub fn commit(tree: ObjectId) -> Vec<u8> {
    format!("tree {tree}\nauthor {SIGNATURE}\ncommitter {SIGNATURE}\n\nmessage\n").into_bytes()
}

/// The bytes of a tag.
pub fn tag(target: ObjectId, kind: &str, name: &str) -> Vec<u8> {
    format!("object {target}\ntype {kind}\ntag {name}\ntagger {SIGNATURE}\n\nmessage\n")
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_git() {
        // `git hash-object -t tree /dev/null`, and with --object-format=sha256.
        let empty = |format| object_id(format, Kind::Tree, b"").to_string();
        assert_eq!(
            empty(ObjectFormat::Sha1),
            "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
        );
        assert_eq!(
            empty(ObjectFormat::Sha256),
            "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
        );
    }
}
