//! A pack taken in while it arrives: inflated, named, hashed and classified in one pass.
//!
//! ```text
//!   reader ──> Input ──> inflate ──> Batch ──> examine      (any thread of the pool)
//!                │          │          │           └──> Harvest: ids, facts, trees
//!              spool     deltas ──> Recent                  (bases that are still in memory)
//!                           └──> Deltas ──> Round ──> examine   (bases from the spool)
//! ```
//!
//! Whatever carries the pack, one thread reads and inflates it, and the others hash and classify
//! what it inflated. A delta whose base has just gone by is applied at once; the others wait for a
//! round, in which their bases are read back from the spool: after half of the objects, after half
//! of those that are left, and so on, so that few are left when the last byte has come.

mod batch;
mod crew;
mod deltas;
mod error;
mod examine;
mod inflate;
mod input;
mod receive;
mod recent;
mod round;
mod spool;

use std::collections::{HashMap, HashSet};

use crate::content::BlobFacts;
use crate::id::ObjectId;
use crate::import::Keeper;
use crate::pack::{Kind, PackData};

pub(crate) use error::StreamError;
pub(crate) use examine::SoFar;
pub(crate) use receive::ingest;

/// Everything that a pack held.
pub(crate) struct Received {
    /// Facts of all blobs, as their [places](Place) number them.
    pub(crate) facts: Vec<BlobFacts>,
    /// Bytes of all trees.
    pub(crate) trees: HashMap<ObjectId, Box<[u8]>>,
    /// The pack itself, for what is to be read again.
    pub(crate) pack: PackData,
    /// The blobs that were too large to be whole in memory.
    pub(crate) streamed: HashSet<ObjectId>,
    /// Where each object's entry begins in the pack.
    pub(crate) places: HashMap<ObjectId, Place>,
}

/// Where an object is in the received pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) offset: u64,
    pub(crate) kind: Kind,
    /// Number of the blob among all; 0 for what is none.
    pub(crate) blob: u32,
}

/// Who takes part while a pack comes in.
#[derive(Clone, Copy, Default)]
pub(crate) struct Companions<'a> {
    /// Takes blobs as they are named, but for those that are too large to be in memory.
    pub(crate) keeper: Option<&'a dyn Keeper>,
    /// Looks once at what there is, when most of a large pack has come: trees usually come first. It
    /// is called by one of the threads that hash, beside the others.
    pub(crate) look: Option<&'a Look<'a>>,
}

/// Looks at what there is of a pack.
pub(crate) type Look<'a> = dyn Fn(&SoFar<'_>) + Sync + 'a;
