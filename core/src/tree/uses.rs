//! Which blobs an import names, how often, and as what.

use std::hash::{BuildHasher, RandomState};
use std::ops::{BitOr, BitOrAssign};

use hashbrown::HashTable;

use crate::id::{ObjectFormat, ObjectId};

/// What the entries that name a blob are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BlobUses(u8);

impl BlobUses {
    pub(crate) const FILE: BlobUses = BlobUses(1);
    /// Its content is the target.
    pub(crate) const SYMLINK: BlobUses = BlobUses(2);
    /// A file called `.gitattributes`, in any folder.
    pub(crate) const ATTRIBUTES: BlobUses = BlobUses(4);
    /// The file called `.gitmodules` in the root folder.
    pub(crate) const MODULES: BlobUses = BlobUses(8);

    pub(crate) fn contains(self, other: BlobUses) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for BlobUses {
    type Output = BlobUses;

    fn bitor(self, other: BlobUses) -> BlobUses {
        BlobUses(self.0 | other.0)
    }
}

impl BitOrAssign for BlobUses {
    fn bitor_assign(&mut self, other: BlobUses) {
        self.0 |= other.0;
    }
}

/// One blob, and what the import has to do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UniqueBlob {
    pub(crate) id: ObjectId,
    /// The first event that names it, for [`Outline::path_of`](super::Outline::path_of).
    pub(crate) first_event: usize,
    /// How many entries name it; [`u32::MAX`] if there are more.
    pub(crate) count: u32,
    pub(crate) uses: BlobUses,
}

/// The distinct blobs of an import in the order in which they are first named.
#[derive(Debug)]
pub(crate) struct UniqueBlobs {
    id_len: usize,
    /// `id_len` bytes each.
    ids: Vec<u8>,
    facts: Vec<Facts>,
    /// Positions, hashed by id. The hash is keyed, since ids can be chosen.
    table: HashTable<u32>,
    hasher: RandomState,
}

#[derive(Clone, Copy, Debug)]
struct Facts {
    first_event: u32,
    count: u32,
    uses: BlobUses,
}

impl UniqueBlobs {
    /// Makes room for as many blobs as are expected; there may be more.
    pub(super) fn new(format: ObjectFormat, expected: usize) -> Self {
        UniqueBlobs {
            id_len: format.id_len(),
            ids: Vec::new(),
            facts: Vec::new(),
            table: HashTable::with_capacity(expected),
            hasher: RandomState::new(),
        }
    }

    /// Counts an entry that names `id`; returns the blob's position.
    pub(super) fn add(&mut self, id: ObjectId, event: u32, uses: BlobUses) -> u32 {
        let (ids, id_len, hasher) = (&self.ids, self.id_len, &self.hasher);
        let slot = self.table.entry(
            hasher.hash_one(id.as_bytes()),
            |&at| id_at(ids, id_len, at) == id.as_bytes(),
            |&at| hasher.hash_one(id_at(ids, id_len, at)),
        );
        match slot {
            hashbrown::hash_table::Entry::Occupied(slot) => {
                let position = *slot.get();
                let facts = &mut self.facts[position as usize];
                facts.count = facts.count.saturating_add(1);
                facts.uses |= uses;
                position
            }
            hashbrown::hash_table::Entry::Vacant(slot) => {
                let position = u32::try_from(self.facts.len())
                    .expect("because there are fewer blobs than events, and those fit");
                slot.insert(position);
                self.ids.extend_from_slice(id.as_bytes());
                self.facts.push(Facts {
                    first_event: event,
                    count: 1,
                    uses,
                });
                position
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.facts.len()
    }

    pub(crate) fn get(&self, position: usize) -> UniqueBlob {
        let facts = self.facts[position];
        UniqueBlob {
            id: self.id(position),
            first_event: facts.first_event as usize,
            count: facts.count,
            uses: facts.uses,
        }
    }

    pub(crate) fn id(&self, position: usize) -> ObjectId {
        ObjectId::from_bytes(id_at(&self.ids, self.id_len, position as u32))
            .expect("because ids have 20 or 32 bytes")
    }

    /// In the order of positions.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = UniqueBlob> + '_ {
        (0..self.len()).map(|position| self.get(position))
    }
}

fn id_at(ids: &[u8], id_len: usize, position: u32) -> &[u8] {
    &ids[position as usize * id_len..][..id_len]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_are_counted_in_first_seen_order() {
        let id = |byte| ObjectId::from_bytes(&[byte; 20]).unwrap();
        let mut blobs = UniqueBlobs::new(ObjectFormat::Sha1, 0);
        for event in 0..1_000u32 {
            let position = blobs.add(id((event % 200) as u8), event, BlobUses::FILE);
            assert_eq!(position, event % 200);
        }
        blobs.add(id(7), 1_000, BlobUses::SYMLINK);
        assert_eq!(blobs.len(), 200);
        let seven = blobs.get(7);
        assert_eq!((seven.id, seven.first_event, seven.count), (id(7), 7, 6));
        assert_eq!(seven.uses, BlobUses::FILE | BlobUses::SYMLINK);
        assert_eq!(
            blobs.iter().map(|blob| u64::from(blob.count)).sum::<u64>(),
            1_001
        );
    }
}
