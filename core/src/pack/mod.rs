//! Packs: entries, deltas, and turning both into objects, each inflated once.
//!
//! [`PackData`] is a pack that can be read at any offset. [`EntryReader`](reader::EntryReader) inflates one entry of it.
//! A [`Forest`] says which entries are wanted and which are the bases of which; [`resolve()`] visits
//! every object of it in parallel, bases first and never twice.

mod data;
mod delta;
mod entry;
mod error;
mod forest;
mod pool;
mod read;
mod reader;
mod resolve;
mod single;
mod work;

pub(crate) use data::PackData;
pub(crate) use delta::{DeltaHeader, apply as apply_delta};
pub(crate) use entry::{EntryHeader, Kind, MAX_HEADER, Stored, compressed_bound};
pub(crate) use error::{EntryProblem, PackError};
pub(crate) use forest::{Forest, ForestBuilder};
pub(crate) use read::{Found, ObjectStream, Request, Sink, read_entries};
pub(crate) use reader::{EntryStream, Extent, SLACK};
pub(crate) use resolve::{Visitor, resolve};
pub(crate) use single::{Entry, read_entry};
pub(crate) use work::Work;
