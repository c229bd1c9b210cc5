//! Thousands of malformed repositories, made out of sound ones by a rule.

use std::fmt;
use std::path::Path;

use gitlade::ObjectFormat;

use super::every::Every;
use super::generated::{random_commit, random_delta, random_entry, random_index, random_tree};
use super::multi;
use super::sample::{Loose, PACK, Packed};
use crate::repo::{BRANCH, Repo, loose_path, pack_path};

/// One generated repository.
pub struct Mutation {
    /// What was done to what: `pack-sealed/flip/123`.
    pub name: String,
    /// What an import that succeeds has to be identical to; `None` if nobody knows.
    ///
    /// An import may always fail, with any kind but [`gitlade::ErrorKind::Internal`].
    pub truth: Option<Truth>,
    pub(super) repo: Repo,
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

    pub(super) fn repo(self) -> Repo {
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
