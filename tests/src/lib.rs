//! Repositories to test against.
//!
//! [`corpus`] has benign ones, made by the real Git, whose answers are the truth; [`hostile`] has
//! malformed ones, written byte by byte, that must end in a right import or a typed error. What both
//! are made of stands below them: [`git`] runs the program, [`objects`], [`repo`], [`pack`],
//! [`index`] and [`multi`] write what it writes, and lie where it would not. [`server`] serves
//! repositories, honestly and otherwise. [`conformance`] is the suite that all stores of blobs pass.
//!
//! ```
//! use gitlade_tests::{hostile, scratch};
//!
//! let dir = scratch();
//! for fixture in hostile::all().into_iter().filter(|fixture| fixture.name.starts_with("trees/")) {
//!     let place = dir.path().join(fixture.name);
//!     fixture.make(&place);
//!     assert!(fixture.opened(&place).join("HEAD").exists());
//! }
//! ```

pub mod conformance;
pub mod corpus;
pub mod git;
pub mod hostile;
pub mod index;
pub mod multi;
pub mod objects;
pub mod pack;
pub mod patience;
pub mod random;
pub mod repo;
pub mod seeds;
pub mod server;

/// Makes a temporary folder, which goes away when the value does.
pub fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("because the machine has room for temporary files")
}

/// Makes a temporary folder in memory where the machine has that, for thousands of small
/// repositories: a disk takes ten times as long for them.
pub fn scratch_in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| scratch())
}
