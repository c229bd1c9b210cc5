//! Proofs of the tree stage against Git, and of its bounds.

mod bounds;
mod fsck;
mod git;
mod order;
mod outline;
mod submodules;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::error::Error;
use crate::id::{ObjectFormat, ObjectId};

/// Bytes of a tree object, entry by entry.
#[derive(Clone, Debug, Default)]
struct TreeBytes(Vec<u8>);

impl TreeBytes {
    fn with(mut self, mode: &str, name: impl AsRef<[u8]>, id: ObjectId) -> Self {
        self.0.extend_from_slice(mode.as_bytes());
        self.0.push(b' ');
        self.0.extend_from_slice(name.as_ref());
        self.0.push(0);
        self.0.extend_from_slice(id.as_bytes());
        self
    }

    /// The id by Git's rule: the hash of `tree`, a space, the length, a NUL and the bytes.
    fn id(&self, format: ObjectFormat) -> ObjectId {
        let mut hasher = gix::hash::hasher(format.to_gix());
        hasher.update(format!("tree {}\0", self.0.len()).as_bytes());
        hasher.update(&self.0);
        ObjectId::from_gix(&hasher.try_finalize().unwrap())
    }
}

/// An id that no object has.
fn some_id(byte: u8) -> ObjectId {
    ObjectId::from_bytes(&[byte; 20]).unwrap()
}

/// The same values at each run.
fn generated<S: Strategy>(strategy: S, count: usize) -> Vec<S::Value> {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..count)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect()
}

/// Loads nothing: what is not in the set is missing.
fn nothing(_: ObjectId) -> Result<Option<Vec<u8>>, Error> {
    Ok(None)
}
