//! Folders: decoded, judged, kept, and put in order.
//!
//! A feeder fills a [`TreeSet`] with the trees of an import: a local one level by level with
//! [`TreeSet::take_missing`], a remote one with whatever its pack holds. [`Outline::new`] walks the
//! set from the root, with all limits applied, to the list of what is imported.

mod alias;
mod check;
mod collide;
mod config;
mod error;
mod frontier;
mod measure;
mod name;
mod outline;
mod parse;
mod set;
mod subdir;
mod submodules;
#[cfg(test)]
mod tests;
mod uses;
mod walk;

pub(crate) use alias::is_dotgit;
#[cfg(feature = "internals")]
pub(crate) use check::{Fault, check};
#[cfg(feature = "internals")]
pub(crate) use config::Variables;
#[cfg(feature = "internals")]
pub(crate) use error::FsckMessage;
pub(crate) use outline::{Item, Outline, Visit};
pub(crate) use parse::EntryKind;
pub(crate) use set::TreeSet;
pub(crate) use subdir::TreePath;
pub(crate) use submodules::Submodules;
pub(crate) use uses::BlobUses;
