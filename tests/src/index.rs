//! The index of a pack (`.idx`), as versions 1 and 2 write it; see `gitformat-pack`.

use std::ops::Range;

use gitlade::{ObjectFormat, ObjectId};

use crate::objects::checksum;

/// Where an object is in a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The object.
    pub id: ObjectId,
    /// CRC-32 of the entry as it is stored.
    pub crc: u32,
    /// Where the entry begins.
    pub offset: u64,
}

/// What an index says. Anything in it may be a lie: it is written as it stands.
#[derive(Clone, Debug)]
pub struct Index {
    /// The hash function of the ids.
    pub format: ObjectFormat,
    /// One place an object, in the order of the ids if the index is honest.
    pub places: Vec<Place>,
    /// The last bytes of the pack.
    pub pack_checksum: Vec<u8>,
}

impl Index {
    /// Swaps the offsets of two places.
    pub fn swap_offsets(&mut self, a: usize, b: usize) {
        let offset = self.places[a].offset;
        self.places[a].offset = self.places[b].offset;
        self.places[b].offset = offset;
    }

    /// The place of an object.
    ///
    /// # Panics
    ///
    /// If it has none.
    pub fn place(&mut self, id: ObjectId) -> &mut Place {
        self.places
            .iter_mut()
            .find(|place| place.id == id)
            .expect("because the object was packed")
    }

    /// How many ids begin with each byte or a smaller one.
    pub fn fanout(&self) -> Vec<u8> {
        let mut counts = [0_u32; 256];
        for place in &self.places {
            counts[usize::from(place.id.as_bytes()[0])] += 1;
        }
        let mut sum = 0;
        let mut bytes = Vec::new();
        for count in counts {
            sum += count;
            bytes.extend_from_slice(&sum.to_be_bytes());
        }
        bytes
    }

    /// Writes version 1: fan-out, then offset and id of each object.
    pub fn v1(&self) -> Vec<u8> {
        let mut bytes = self.fanout();
        for place in &self.places {
            bytes.extend_from_slice(&(place.offset as u32).to_be_bytes());
            bytes.extend_from_slice(place.id.as_bytes());
        }
        self.close(bytes)
    }

    /// Writes version 2; offsets from 2 GiB on go to the table of large ones.
    pub fn v2(&self) -> Vec<u8> {
        let mut bytes = b"\xfftOc\x00\x00\x00\x02".to_vec();
        bytes.extend_from_slice(&self.fanout());
        for place in &self.places {
            bytes.extend_from_slice(place.id.as_bytes());
        }
        for place in &self.places {
            bytes.extend_from_slice(&place.crc.to_be_bytes());
        }
        let mut large = Vec::new();
        for place in &self.places {
            let offset = if place.offset < 1 << 31 {
                place.offset as u32
            } else {
                large.extend_from_slice(&place.offset.to_be_bytes());
                1 << 31 | (large.len() / 8 - 1) as u32
            };
            bytes.extend_from_slice(&offset.to_be_bytes());
        }
        bytes.extend_from_slice(&large);
        self.close(bytes)
    }

    fn close(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        bytes.extend_from_slice(&self.pack_checksum);
        bytes.extend_from_slice(&checksum(self.format, &[&bytes]));
        bytes
    }
}

/// Where the tables of an index of version 2 are.
#[derive(Clone, Debug)]
pub struct Tables {
    /// 256 numbers.
    pub fanout: Range<usize>,
    /// The ids.
    pub ids: Range<usize>,
    /// A CRC-32 for each id.
    pub crcs: Range<usize>,
    /// A 32-bit offset for each id.
    pub offsets: Range<usize>,
}

impl Tables {
    /// The tables of an index of `count` objects.
    pub fn of(format: ObjectFormat, count: usize) -> Self {
        let ids = 8 + 256 * 4;
        let crcs = ids + count * format.id_len();
        let offsets = crcs + count * 4;
        Tables {
            fanout: 8..ids,
            ids: ids..crcs,
            crcs: crcs..offsets,
            offsets: offsets..offsets + count * 4,
        }
    }
}

/// Makes the last bytes the checksum of those in front of them, so that a lie looks honest.
pub fn seal(format: ObjectFormat, bytes: &mut Vec<u8>) {
    bytes.truncate(bytes.len().saturating_sub(format.id_len()));
    let sum = checksum(format, &[bytes]);
    bytes.extend_from_slice(&sum);
}
