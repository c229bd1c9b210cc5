//! Thousands of malformed repositories, made out of sound ones by a rule.

use std::fmt;
use std::path::Path;

use gitlade::ObjectFormat;

use super::multi;
use super::sample::{Loose, PACK, Packed, packed_ids};
use crate::index::{Index, seal};
use crate::objects::{Kind, Tree, id_of_byte};
use crate::pack::Delta;
use crate::random::Random;
use crate::repo::{BRANCH, Repo, loose_path, pack_path};

/// One generated repository.
pub struct Mutation {
    /// What was done to what: `pack-sealed/flip/123`.
    pub name: String,
    /// What an import that succeeds has to be identical to; `None` if nobody knows.
    ///
    /// An import may always fail, with any kind but [`gitlade::ErrorKind::Internal`].
    pub truth: Option<Truth>,
    repo: Repo,
}

/// The sound repositories that mutations are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Truth {
    /// Loose objects.
    Loose,
    /// A pack.
    Packed,
    /// A pack with SHA-256 ids.
    Packed256,
    /// A pack with a multi-pack index.
    Multi,
}

impl Truth {
    /// All of them.
    pub const ALL: [Truth; 4] = [Truth::Loose, Truth::Packed, Truth::Packed256, Truth::Multi];

    /// Makes the sound repository.
    pub fn make(self, dir: &Path) {
        self.repo().write(dir);
    }

    fn repo(self) -> Repo {
        match self {
            Truth::Loose => Loose::new().repo,
            Truth::Packed => Packed::sha1().repo(),
            Truth::Packed256 => Packed::new(ObjectFormat::Sha256).repo(),
            Truth::Multi => {
                let (mut repo, multi) = multi::sound();
                repo.file(multi::PATH, multi.bytes());
                repo
            }
        }
    }
}

impl Mutation {
    /// Makes the repository in the folder `dir`, which is made too.
    pub fn make(&self, dir: &Path) {
        self.repo.write(dir);
    }
}

impl fmt::Debug for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutation")
            .field("name", &self.name)
            .field("truth", &self.truth)
            .finish_non_exhaustive()
    }
}

/// Makes all mutations, more than 10,000, in the same order for the same seed.
///
/// Take every n-th of them where time is short: neighbours are alike.
pub fn mutations(seed: u64) -> impl Iterator<Item = Mutation> {
    let every_byte = [
        Every::new("loose/blob", Truth::Loose, &loose_path(Loose::new().blob)),
        Every::new("loose/tree", Truth::Loose, &loose_path(Loose::new().root)),
        Every::new("loose/commit", Truth::Loose, &loose_path(Loose::new().head)),
        Every::new("pack", Truth::Packed, &pack_path(PACK, "pack")),
        Every::new("pack-sealed", Truth::Packed, &pack_path(PACK, "pack")).sealed(),
        Every::new("pack-256", Truth::Packed256, &pack_path(PACK, "pack")).sealed(),
        Every::new("index", Truth::Packed, &pack_path(PACK, "idx")),
        Every::new("index-sealed", Truth::Packed, &pack_path(PACK, "idx")).sealed(),
        Every::new("multi", Truth::Multi, multi::PATH).sealed(),
        Every::new("multi-alone", Truth::Multi, multi::PATH)
            .sealed()
            .without(&pack_path(PACK, "idx")),
        Every::new("head", Truth::Loose, "HEAD").unknown(),
        Every::new("branch", Truth::Loose, BRANCH).unknown(),
        Every::new("config", Truth::Loose, "config").unknown(),
    ];
    every_byte
        .into_iter()
        .flat_map(move |every| every.mutations(seed))
        .chain((0..1000).map(move |n| random_tree(seed, n)))
        .chain((0..1000).map(move |n| random_delta(seed, n)))
        .chain((0..500).map(move |n| random_entry(seed, n)))
        .chain((0..300).map(move |n| random_commit(seed, n)))
        .chain((0..300).map(move |n| random_index(seed, n)))
}

/// Changes every byte of one file in turn.
struct Every {
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
    fn new(name: &'static str, truth: Truth, path: &str) -> Self {
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
    fn sealed(mut self) -> Self {
        self.is_sealed = true;
        self
    }

    fn without(mut self, path: &str) -> Self {
        self.repo.remove(path);
        self
    }

    /// The change may make something else that is sound.
    fn unknown(mut self) -> Self {
        self.is_known = false;
        self
    }

    fn mutations(mut self, seed: u64) -> impl Iterator<Item = Mutation> {
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

fn generated(name: &str, seed: u64, number: u64) -> (String, Random) {
    let mixed = number
        .wrapping_add(name.len() as u64)
        .wrapping_mul(0x9e37_79b9);
    (format!("{name}/{number}"), Random::new(seed ^ mixed))
}

const PIECES: &[&[u8]] = &[
    b"100644 ",
    b"40000 ",
    b"120000 ",
    b"160000 ",
    b"100755 ",
    b"0",
    b"1",
    b" ",
    b"\0",
    b"/",
    b".",
    b"..",
    b".git",
    b"GIT~1",
    b"a",
    b"b",
    b"\xff",
    b"\n",
    b"\\",
    b"\xe2\x80\x8c",
    b"100664 ",
    b".gitmodules",
    b".gitattributes",
];

/// A root folder made of pieces of trees, entries and noise, under the id that is right for it.
fn random_tree(seed: u64, number: u64) -> Mutation {
    let (name, mut random) = generated("tree", seed, number);
    let mut repo = Repo::sha1();
    let blob = repo.blob("content\n");
    let folder = repo.tree(&Tree::new().file("inner", blob));
    let mut tree = Tree::new();
    for _ in 0..random.below(8) {
        let mut part = Vec::new();
        for _ in 0..=random.below(3) {
            part.extend_from_slice(PIECES[random.below(PIECES.len())]);
        }
        tree = match random.below(5) {
            0 => tree.file(part, blob),
            1 => tree.folder(part, folder),
            2 => tree.entry(
                *random.pick(&["120000", "160000", "100755", "7"]),
                part,
                blob,
            ),
            3 => tree.raw(&part),
            _ => {
                let len = random.below(40);
                tree.raw(&random.bytes(len))
            }
        };
    }
    let root = repo.tree(&tree);
    repo.commit(root);
    Mutation {
        name,
        truth: None,
        repo,
    }
}

/// A file that is a delta of random instructions, most of them nearly right.
fn random_delta(seed: u64, number: u64) -> Mutation {
    let (name, mut random) = generated("delta", seed, number);
    let base = random.bytes(100);
    let id = id_of_byte(ObjectFormat::Sha1, 0xdd);
    let repo = packed_ids(&[id], |pack, ids| {
        let base_id = pack.object(Kind::Blob, &base);
        let sizes = [0, 99, 100, 101, 200, 1 << 31, 1 << 40, u64::MAX];
        let base_size = match random.below(5) {
            0 => *random.pick(&sizes),
            _ => 100,
        };
        let mut delta = Delta::new(base_size, *random.pick(&sizes));
        for _ in 0..random.below(6) {
            delta = match random.below(4) {
                0 => delta.copy(random.below(120) as u32, random.below(120) as u32),
                1 => delta.copy(random.bits() as u32, random.bits() as u32 & 0xff_ffff),
                2 => {
                    let len = 1 + random.below(127);
                    delta.insert(&random.bytes(len))
                }
                _ => {
                    let len = random.below(8);
                    delta.raw(&random.bytes(len))
                }
            };
        }
        if random.below(2) == 0 {
            pack.ref_delta(ids[0], base_id, delta.bytes());
        } else {
            pack.ofs_delta(ids[0], pack.offset(base_id), delta.bytes());
        }
    });
    Mutation {
        name,
        truth: None,
        repo,
    }
}

/// A file whose entry has random bytes, behind a header that is mostly right.
fn random_entry(seed: u64, number: u64) -> Mutation {
    let (name, mut random) = generated("entry", seed, number);
    let id = id_of_byte(ObjectFormat::Sha1, 0xee);
    let repo = packed_ids(&[id], |pack, ids| {
        let len = random.below(60);
        let mut bytes = random.bytes(len);
        if random.below(2) == 0 {
            let number = random.below(8) as u8;
            let size = 1_u64 << random.below(63);
            let header = crate::pack::entry_header(number, size);
            bytes = [&header[..], &[0x78, 0x9c], &bytes].concat();
        }
        pack.raw(ids[0], &bytes);
    });
    Mutation {
        name,
        truth: None,
        repo,
    }
}

/// A commit or tag of shuffled, repeated and broken lines.
fn random_commit(seed: u64, number: u64) -> Mutation {
    let (name, mut random) = generated("commit", seed, number);
    let mut repo = Repo::sha1();
    let blob = repo.blob("content\n");
    let tree = repo.tree(&Tree::new().file("a", blob));
    let lines = [
        format!("tree {tree}\n"),
        format!("tree {blob}\n"),
        format!("parent {tree}\n"),
        format!("object {tree}\n"),
        "type commit\n".to_owned(),
        "type tree\n".to_owned(),
        "tag v1\n".to_owned(),
        format!("author {}\n", crate::objects::SIGNATURE),
        format!("committer {}\n", crate::objects::SIGNATURE),
        "gpgsig -----BEGIN\n x\n".to_owned(),
        "encoding \u{fffd}\n".to_owned(),
        " \n".to_owned(),
        "\n".to_owned(),
        "\0".to_owned(),
        "mergetag object\n".to_owned(),
    ];
    let mut text = if random.below(3) == 0 {
        String::new()
    } else {
        lines[0].clone()
    };
    for _ in 0..random.below(8) {
        text += &lines[random.below(lines.len())];
    }
    let kind = *random.pick(&[Kind::Commit, Kind::Commit, Kind::Tag]);
    let head = repo.object(kind, text.as_bytes());
    repo.point(head);
    Mutation {
        name,
        truth: None,
        repo,
    }
}

/// The sound pack under an index whose ids and offsets are shuffled, lost and made up.
fn random_index(seed: u64, number: u64) -> Mutation {
    let (name, mut random) = generated("lying-index", seed, number);
    let packed = Packed::sha1();
    let mut index = packed.pack.index();
    for _ in 0..=random.below(3) {
        let count = index.places.len();
        let (a, b) = (random.below(count), random.below(count));
        match random.below(5) {
            0 => index.swap_offsets(a, b),
            1 => index.places[a].offset = index.places[b].offset,
            2 => index.places[a].offset = random.bits() >> random.below(64),
            3 if count > 1 => {
                index.places.remove(a);
            }
            _ => index.places.swap(a, b),
        }
    }
    let mut repo = packed.repo();
    repo.file(&pack_path(PACK, "idx"), index.v2());
    Mutation {
        name,
        truth: Some(Truth::Packed),
        repo,
    }
}
