//! Repositories that nobody should have made.
//!
//! Each [`Fixture`] writes a repository of a few files, without running Git, and says what an
//! import of it, with default options, has to end in. [`mutations()`] makes
//! thousands more out of sound ones.

mod attributes;
mod bombs;
mod commits;
mod deltas;
mod every;
mod generated;
mod indexes;
mod layout;
mod links;
mod loose;
mod multi;
mod mutations;
mod names;
mod odd;
mod packs;
mod paths;
mod refs;
mod sample;
mod trees;

use std::path::{Path, PathBuf};

use gitlade::ErrorKind;

pub use mutations::{Mutation, Truth, mutations};

/// A hostile repository.
#[derive(Clone, Copy, Debug)]
pub struct Fixture {
    /// Subject and name, which are fit for a path: `names/dotgit`.
    pub name: &'static str,
    /// What is wrong with it.
    pub what: &'static str,
    /// What an import of `HEAD` with default options has to end in.
    pub expect: Expect,
    /// What `git fsck` has to say, where Git can tell.
    pub git: GitSays,
    /// The folder below the fixture's that is to be opened; mostly the fixture's itself.
    pub open: &'static str,
    make: fn(&Path),
}

/// What an import has to end in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// A manifest, and a right one.
    Imports,
    /// A manifest whose entries have, all together, the flags with these names.
    Flagged(&'static [&'static str]),
    /// An error of this kind.
    Kind(ErrorKind),
    /// An error of one of these kinds: more than one check may find it.
    OneOf(&'static [ErrorKind]),
    /// An error of the kind [`ErrorKind::LimitExceeded`] that names this limit.
    Limit(&'static str),
    /// A right manifest, or an error of any kind but [`ErrorKind::Internal`]; what counts is that
    /// it ends, soon and in little memory.
    Either,
}

impl Expect {
    /// Whether an import that failed with this kind, naming this limit, did what it has to.
    pub fn allows_error(&self, kind: ErrorKind, limit: Option<&str>) -> bool {
        match self {
            Expect::Imports | Expect::Flagged(_) => false,
            Expect::Kind(expected) => kind == *expected,
            Expect::OneOf(kinds) => kinds.contains(&kind),
            Expect::Limit(name) => kind == ErrorKind::LimitExceeded && limit == Some(name),
            Expect::Either => kind != ErrorKind::Internal,
        }
    }

    /// Whether an import may succeed.
    pub fn allows_success(&self) -> bool {
        matches!(self, Expect::Imports | Expect::Flagged(_) | Expect::Either)
    }
}

/// What `git fsck --strict --full` says about a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GitSays {
    /// Its output has this text, which is mostly a message id, and it may fail or not.
    Text(&'static str),
    /// It fails, in whatever words.
    Fails,
    /// It finds nothing wrong.
    Fine,
    /// It is not asked: it would take too long or too much memory, or does not look there.
    Unasked,
}

impl Fixture {
    /// Makes the repository in the folder `dir`, which is made too and has to be empty.
    pub fn make(&self, dir: &Path) {
        std::fs::create_dir_all(dir).expect("because the folder is temporary");
        (self.make)(dir);
    }

    /// The path to open of the fixture that was made in `dir`.
    pub fn opened(&self, dir: &Path) -> PathBuf {
        if self.open.is_empty() {
            return dir.to_owned();
        }
        dir.join(self.open)
    }

    const fn new(
        name: &'static str,
        what: &'static str,
        expect: Expect,
        git: GitSays,
        make: fn(&Path),
    ) -> Self {
        Fixture {
            name,
            what,
            expect,
            git,
            open: "",
            make,
        }
    }

    const fn open(mut self, open: &'static str) -> Self {
        self.open = open;
        self
    }
}

/// All fixtures, by subject.
pub fn all() -> Vec<Fixture> {
    [
        names::TABLE,
        names::DEEP,
        odd::NAMES,
        odd::FOLDERS,
        trees::TABLE,
        trees::MORE,
        commits::TABLE,
        loose::BLOBS,
        loose::OTHERS,
        packs::FILES,
        packs::ENTRIES,
        packs::OTHERS,
        deltas::TABLE,
        indexes::LIES,
        indexes::BYTES,
        indexes::VERSION_1,
        multi::LIES,
        multi::BYTES,
        multi::ALONE,
        paths::TABLE,
        bombs::OBJECTS,
        bombs::DELTAS,
        attributes::TABLE,
        attributes::TEXTS,
        attributes::KINDS,
        refs::HEADS,
        refs::PACKED,
        layout::CONFIGS,
        layout::LAYOUTS,
        layout::BELOW,
        links::ALTERNATE,
        links::CHAINS,
        links::LINKS,
    ]
    .concat()
}

/// An object or what stores it is damaged.
const DAMAGED: Expect = Expect::OneOf(&[ErrorKind::CorruptObject, ErrorKind::CorruptRepository]);

/// The same, where the damage may also hide an object.
const DAMAGED_OR_MISSING: Expect = Expect::OneOf(&[
    ErrorKind::CorruptObject,
    ErrorKind::CorruptRepository,
    ErrorKind::MissingObject,
]);

#[cfg(test)]
mod tests;
