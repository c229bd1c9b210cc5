//! When what is written survives a power failure.

use serde::{Deserialize, Serialize};

/// When what was put survives a crash of the machine. A crash of the process alone loses nothing in
/// either case: what was put is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Durability {
    /// As soon as the call that puts it returns: each blob waits for the disk.
    Full,
    /// When [`BlobStore::sync`](crate::BlobStore::sync) returns: all that was put waits for the disk
    /// once. After a crash, what was put since then may be there, missing, or of the wrong length;
    /// putting it again repairs the latter.
    #[default]
    Deferred,
    /// Whenever the operating system gets to it: `sync` does nothing. For tests, and for what can be
    /// imported again.
    None,
}
