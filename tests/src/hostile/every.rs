//! Mutations of every byte of a file in turn.

use gitlade::ObjectFormat;

use super::mutations::{Mutation, Truth};
use super::sample::{PACK, Packed};
use crate::index::{Index, seal};
use crate::random::Random;
use crate::repo::{Repo, pack_path};

/// Changes every byte of one file in turn.
pub(super) struct Every {
    name: &'static str,
    truth: Truth,
    is_known: bool,
    path: String,
    is_sealed: bool,
    repo: Repo,
}

#[derive(Clone, Copy)]
enum Change {
    Flip,
    Set,
    Drop,
    Insert,
    Cut,
}

impl Every {
    pub(super) fn new(name: &'static str, truth: Truth, path: &str) -> Self {
        Every {
            name,
            truth,
            is_known: true,
            path: path.to_owned(),
            is_sealed: false,
            repo: truth.repo(),
        }
    }

    /// Makes the checksums right again: the file's own, and for a pack that in its index and the
    /// CRC-32 of the entries as well. What is left to notice a change are zlib and the ids.
    pub(super) fn sealed(mut self) -> Self {
        self.is_sealed = true;
        self
    }

    pub(super) fn without(mut self, path: &str) -> Self {
        self.repo.remove(path);
        self
    }

    /// The change may make something else that is sound.
    pub(super) fn unknown(mut self) -> Self {
        self.is_known = false;
        self
    }

    pub(super) fn mutations(mut self, seed: u64) -> impl Iterator<Item = Mutation> {
        let content = self.repo.content(&self.path).clone();
        let changes = [
            ("flip", Change::Flip),
            ("set", Change::Set),
            ("drop", Change::Drop),
            ("insert", Change::Insert),
            ("cut", Change::Cut),
        ];
        (0..content.len()).flat_map(move |at| {
            let mut random = Random::new(seed ^ at as u64);
            changes
                .iter()
                // What a shift does to a long table, it does at each of its bytes.
                .filter(|(_, change)| {
                    content.len() < 1000
                        || matches!(change, Change::Flip | Change::Set)
                        || at % 8 == 0
                })
                .map(|(name, change)| {
                    let mut bytes = content.clone();
                    match change {
                        Change::Flip => bytes[at] ^= 1 << random.below(8),
                        Change::Set => bytes[at] = *random.pick(&[0, 0xff, 0x80, 0x7f, b'\n']),
                        Change::Drop => {
                            bytes.remove(at);
                        }
                        Change::Insert => bytes.insert(at, random.byte()),
                        Change::Cut => bytes.truncate(at),
                    }
                    Mutation {
                        name: format!("{}/{name}/{at}", self.name),
                        truth: self.is_known.then_some(self.truth),
                        repo: self.with(bytes),
                    }
                })
                .collect::<Vec<_>>()
        })
    }

    fn with(&self, mut bytes: Vec<u8>) -> Repo {
        let mut repo = self.repo.clone();
        if self.is_sealed {
            seal(repo.format(), &mut bytes);
            if self.path.ends_with(".pack") {
                let index = sealed_index(self.truth, &bytes);
                repo.file(&pack_path(PACK, "idx"), index.v2());
            }
        }
        repo.file(&self.path, bytes);
        repo
    }
}

/// The index of the sound pack, with the checksums of this one.
fn sealed_index(truth: Truth, pack: &[u8]) -> Index {
    let format = match truth {
        Truth::Packed256 => ObjectFormat::Sha256,
        _ => ObjectFormat::Sha1,
    };
    let mut index = Packed::new(format).pack.index();
    let end = pack.len().saturating_sub(format.id_len());
    index.pack_checksum = pack[end..].to_vec();
    let mut offsets: Vec<_> = index.places.iter().map(|place| place.offset).collect();
    offsets.push(end as u64);
    offsets.sort_unstable();
    for place in &mut index.places {
        let next = offsets.iter().find(|offset| **offset > place.offset);
        let begin = (place.offset as usize).min(end);
        let next = next.map_or(end, |offset| (*offset as usize).min(end));
        let mut crc = flate2::Crc::new();
        crc.update(&pack[begin..next.max(begin)]);
        place.crc = crc.sum();
    }
    index
}
