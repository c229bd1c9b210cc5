//! Repositories on disk: opening them, finding a revision, reading objects.

mod error;
mod guard;
mod loose;
mod odb;
mod open;
mod read;
mod recover;
mod rescue;
mod revision;
#[cfg(test)]
mod tests;

pub(crate) use odb::Odb;
pub(crate) use open::Repository;
pub use read::Verify;
pub(crate) use read::{missing, read_many, read_one};
