//! What the registry says of an import.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};
use crate::id::{ContentHash, ObjectId};
use crate::manifest::{Skipped, Totals};
use crate::progress::{Snapshot, Step};

/// The name of an import in its store: a number, counted up from 1 and never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImportId(pub u64);

impl fmt::Display for ImportId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ImportId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        text.parse().map(ImportId).map_err(|_| {
            Error::advised(
                ErrorKind::InvalidOptions,
                format!("{text:?} is not the number of an import"),
                "the list of imports has the numbers",
            )
        })
    }
}

macro_rules! statuses {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal;)*) => {
        /// Where an import stands; the names never change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Status {
            $($(#[doc = $doc])* $name,)*
        }

        impl Status {
            /// All of them, in the order in which an import goes through them.
            pub const ALL: &'static [Status] = &[$(Status::$name),*];

            /// The name in `snake_case`, as in the database.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Status::$name => $text,)*
                }
            }
        }
    };
}

statuses! {
    /// It waits for its turn.
    Queued = "queued";
    /// It finds out what is at the source.
    Detecting = "detecting";
    /// It takes in what the source has.
    Importing = "importing";
    /// It writes what it took in.
    Storing = "storing";
    /// It is there as a whole.
    Complete = "complete";
    /// It ended in an error.
    Failed = "failed";
    /// The host stopped it.
    Cancelled = "cancelled";
    /// The process that ran it ended before it.
    Interrupted = "interrupted";
}

impl Status {
    /// The status with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.name() == name)
    }

    /// Whether nothing happens to the import any more, unless it is restarted.
    pub const fn is_end(self) -> bool {
        matches!(
            self,
            Status::Complete | Status::Failed | Status::Cancelled | Status::Interrupted
        )
    }

    /// The status of an import that is at `step`.
    pub(crate) fn of_step(step: Step) -> Self {
        match step {
            Step::Waiting
            | Step::Detecting
            | Step::Opening
            | Step::ResolvingHost
            | Step::Connecting
            | Step::Negotiating => Status::Detecting,
            Step::Receiving
            | Step::ResolvingDeltas
            | Step::Walking
            | Step::Reading
            | Step::Ordering => Status::Importing,
            Step::Complete => Status::Storing,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One import of a store, as its registry has it. Times are milliseconds since 1970 (UTC).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ImportRecord {
    /// Its name.
    pub id: ImportId,
    /// The host's own key.
    pub tenant: String,
    /// What the host wants to know of it, as JSON.
    pub metadata: Option<String>,
    /// The URL without credentials, or the path, fit to be shown.
    pub source: String,
    /// Whether the source is a URL.
    pub remote: bool,
    /// Who the repository belongs to, as its URL tells.
    pub owner: Option<String>,
    /// The repository's name.
    pub repository: Option<String>,
    /// The revision as it was asked for; `None` means `HEAD`.
    pub revision: Option<String>,
    /// The one folder that was asked for; `None` means all.
    pub subdir: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// How often it was started.
    pub attempt: u32,
    /// Whether it was asked to stop, and has not yet.
    pub cancel_requested: bool,
    /// How far it is, or how far it came.
    pub progress: RecordedProgress,
    /// What came out; `None` unless it is complete.
    pub outcome: Option<Outcome>,
    /// What went wrong; `None` unless it failed.
    pub failure: Option<Failure>,
    /// When it was asked for.
    pub created_at: i64,
    /// When its last attempt began.
    pub started_at: Option<i64>,
    /// When anything of this changed.
    pub updated_at: i64,
    /// When it ended.
    pub ended_at: Option<i64>,
}

/// How far an import is, as its process wrote it down last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecordedProgress {
    /// The name of the [`Step`].
    pub step: Option<String>,
    /// Hundredths of the step, where they are known.
    pub percent: Option<u8>,
    /// Objects done in the step.
    pub objects: u64,
    /// Objects of the step, or 0.
    pub objects_total: u64,
    /// Bytes of the objects done in the step.
    pub bytes: u64,
    /// Bytes of the step, or 0.
    pub bytes_total: u64,
    /// Bytes that came over the network.
    pub received_bytes: u64,
    /// Files that were found.
    pub files: u64,
    /// The server's latest message, without control characters.
    pub message: Option<String>,
}

impl From<&Snapshot> for RecordedProgress {
    fn from(snapshot: &Snapshot) -> Self {
        RecordedProgress {
            step: Some(snapshot.step.to_string()),
            percent: snapshot.percent(),
            objects: snapshot.objects,
            objects_total: snapshot.objects_total,
            bytes: snapshot.bytes,
            bytes_total: snapshot.bytes_total,
            received_bytes: snapshot.received_bytes,
            files: snapshot.files,
            message: (!snapshot.message.is_empty()).then(|| snapshot.message.clone()),
        }
    }
}

/// What came out of a complete import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Outcome {
    /// The full name of the ref that led to the commit; `None` if an id did.
    pub reference: Option<Vec<u8>>,
    /// The commit; `None` if a tree was imported, or an empty repository.
    pub commit: Option<ObjectId>,
    /// The tree whose entries were imported.
    pub tree: ObjectId,
    /// The digest of the root folder: one name for the whole.
    pub root: ContentHash,
    /// Counts over all entries.
    pub totals: Totals,
    /// What was not read, or left out.
    pub skipped: Skipped,
    /// The largest of the files over the store's threshold, at most 1,000.
    pub large_files: Vec<LargeFile>,
}

/// A file over [`StoreOptions::large_file`](super::StoreOptions#structfield.large_file).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LargeFile {
    /// The path from the root of the import.
    pub path: Vec<u8>,
    /// The blob.
    pub id: ObjectId,
    /// Bytes.
    pub size: u64,
}

/// Why an import failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Failure {
    /// The name of the [`Step`] that failed.
    pub step: Option<String>,
    /// The name of the error's kind, see [`ErrorKind::name`].
    pub kind: String,
    /// The error and what caused it, without control characters and secrets.
    pub message: String,
    /// What the user can do about it.
    pub advice: Option<String>,
}

/// What happened to an import at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LogLine {
    /// Milliseconds since 1970 (UTC).
    pub at: i64,
    /// The attempt, counted from 1.
    pub attempt: u32,
    /// What kind of thing happened: a status, a step, `server`, and what else the engine tells.
    pub event: String,
    /// In words; may be empty.
    pub message: String,
}
