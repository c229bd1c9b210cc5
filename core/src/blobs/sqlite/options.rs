//! What the caller of a store in a database can choose.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::blobs::Durability;

/// How a [`SqliteBlobs`](crate::SqliteBlobs) is opened.
///
/// ```
/// use gitlade::{Durability, SqliteOptions};
///
/// let options = SqliteOptions::default().table("attachments").durability(Durability::Full);
/// assert_eq!(options.table, "attachments");
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SqliteOptions {
    /// The table; a second one has `_chunks` after this name. ASCII letters, digits and underscores,
    /// the first of them no digit. Default `blobs`.
    pub table: String,
    /// When a blob survives a crash of the machine. A database that is not in WAL mode is durable at
    /// each call unless this is `None`. Default: at the next `sync`.
    pub durability: Durability,
    /// How long to wait for others that write to the same database. Default one minute.
    pub busy_timeout: Duration,
    /// Whether nothing is made, written or removed, and the table must be there. Default false.
    pub read_only: bool,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        SqliteOptions {
            table: "blobs".to_owned(),
            durability: Durability::default(),
            busy_timeout: Duration::from_secs(60),
            read_only: false,
        }
    }
}

impl SqliteOptions {
    /// Sets [`table`](SqliteOptions#structfield.table).
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.table = name.into();
        self
    }

    /// Sets [`durability`](SqliteOptions#structfield.durability).
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Sets [`busy_timeout`](SqliteOptions#structfield.busy_timeout).
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// Sets [`read_only`](SqliteOptions#structfield.read_only).
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }
}
