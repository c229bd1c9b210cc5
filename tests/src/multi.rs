//! The multi-pack index; see `gitformat-pack`, "multi-pack-index (MIDX) files".

use gitlade::{ObjectFormat, ObjectId};

use crate::index::{Index, Place};
use crate::objects::checksum;

/// A multi-pack index as its chunks, which may be altered before it is written.
#[derive(Clone, Debug)]
pub struct MultiIndex {
    /// The hash function of the ids.
    pub format: ObjectFormat,
    /// The number of packs in the header.
    pub packs: u32,
    /// The version in the header, which is 1.
    pub version: u8,
    /// Names of four bytes, and contents.
    pub chunks: Vec<([u8; 4], Vec<u8>)>,
}

impl MultiIndex {
    /// The index of objects in packs: each with the number of its pack.
    ///
    /// The names are those of the `.idx` files, in order.
    pub fn new(format: ObjectFormat, names: &[String], mut objects: Vec<(u32, Place)>) -> Self {
        objects.sort_by_key(|(_, place)| place.id);
        let mut pack_names: Vec<u8> = Vec::new();
        for name in names {
            pack_names.extend_from_slice(name.as_bytes());
            pack_names.push(0);
        }
        pack_names.resize(pack_names.len().next_multiple_of(4), 0);
        let places = objects.iter().map(|(_, place)| *place).collect();
        let fanout = Index {
            format,
            places,
            pack_checksum: Vec::new(),
        }
        .fanout();
        let ids = objects
            .iter()
            .flat_map(|(_, place)| id_bytes(&place.id))
            .collect();
        let mut offsets = Vec::new();
        for (pack, place) in &objects {
            offsets.extend_from_slice(&pack.to_be_bytes());
            offsets.extend_from_slice(&(place.offset as u32).to_be_bytes());
        }
        MultiIndex {
            format,
            packs: names.len() as u32,
            version: 1,
            chunks: vec![
                (*b"PNAM", pack_names),
                (*b"OIDF", fanout),
                (*b"OIDL", ids),
                (*b"OOFF", offsets),
            ],
        }
    }

    /// The content of a chunk, to be altered.
    ///
    /// # Panics
    ///
    /// If there is no such chunk.
    pub fn chunk(&mut self, name: &[u8; 4]) -> &mut Vec<u8> {
        let chunk = self.chunks.iter_mut().find(|(known, _)| known == name);
        &mut chunk.expect("because the chunk is one of the four").1
    }

    /// The bytes, with header, table of chunks and checksum.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"MIDX".to_vec();
        let hash = match self.format {
            ObjectFormat::Sha256 => 2,
            _ => 1,
        };
        bytes.extend_from_slice(&[self.version, hash, self.chunks.len() as u8, 0]);
        bytes.extend_from_slice(&self.packs.to_be_bytes());
        let mut offset = 12 + (self.chunks.len() as u64 + 1) * 12;
        for (name, content) in &self.chunks {
            bytes.extend_from_slice(name);
            bytes.extend_from_slice(&offset.to_be_bytes());
            offset += content.len() as u64;
        }
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&offset.to_be_bytes());
        for (_, content) in &self.chunks {
            bytes.extend_from_slice(content);
        }
        bytes.extend_from_slice(&checksum(self.format, &[&bytes]));
        bytes
    }
}

fn id_bytes(id: &ObjectId) -> Vec<u8> {
    id.as_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Git;
    use crate::objects::{Kind, Tree, commit};
    use crate::pack::Pack;
    use crate::repo::{Repo, pack_name};
    use crate::scratch;

    #[test]
    fn it_is_the_one_that_git_writes() {
        for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
            let (mut one, mut two) = (Pack::new(format), Pack::new(format));
            let blob = one.object(Kind::Blob, b"content");
            let tree = two.object(Kind::Tree, Tree::new().file("a", blob).bytes());
            let head = two.object(Kind::Commit, &commit(tree));
            let names = ["1", "2"].map(|name| format!("{}.idx", pack_name(name)));
            let objects = (0..).zip([&one, &two]).flat_map(|(number, pack)| {
                let places = pack.index().places;
                places.into_iter().map(move |place| (number, place))
            });
            let multi = MultiIndex::new(format, &names, objects.collect());
            let mut repo = Repo::new(format);
            repo.pack("1", &one).pack("2", &two).point(head);
            repo.file("objects/pack/multi-pack-index", multi.bytes());
            let dir = scratch();
            repo.write(dir.path());
            let git = Git::at(dir.path());
            git.run(&["multi-pack-index", "verify"]);
            let path = dir.path().join("objects/pack/multi-pack-index");
            let ours = std::fs::read(&path).unwrap();
            std::fs::remove_file(&path).unwrap();
            git.run(&["multi-pack-index", "write"]);
            assert!(
                ours == std::fs::read(path).unwrap(),
                "Git writes another one"
            );
        }
    }
}
