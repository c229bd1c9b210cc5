//! What a check of a store has to say.

use serde::{Deserialize, Serialize, Serializer};

use crate::id::{ContentHash, ObjectId};
use crate::printable::Printable;
use crate::store::ImportId;

/// How a store is checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CheckOptions {
    /// Threads that read and hash; 0 means as many as the machine has cores. Default 0.
    pub threads: usize,
    /// Problems that are listed; all are counted. Default 1,000.
    pub max_listed: usize,
    /// Places that are listed with each problem; all are counted. Default 20.
    pub max_places: usize,
}

impl Default for CheckOptions {
    fn default() -> Self {
        CheckOptions {
            threads: 0,
            max_listed: 1_000,
            max_places: 20,
        }
    }
}

impl CheckOptions {
    /// Sets [`threads`](Self#structfield.threads).
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Sets [`max_listed`](Self#structfield.max_listed).
    pub fn max_listed(mut self, problems: usize) -> Self {
        self.max_listed = problems;
        self
    }

    /// Sets [`max_places`](Self#structfield.max_places).
    pub fn max_places(mut self, places: usize) -> Self {
        self.max_places = places;
        self
    }
}

/// What is wrong with a part of a store; the names never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProblemKind {
    /// SQLite finds the database file damaged.
    Database,
    /// A row refers to one that is not there.
    Reference,
    /// The file of a blob is not there.
    BlobMissing,
    /// The file of a blob holds something else.
    BlobDamaged,
    /// The file of a blob cannot be read.
    BlobUnreadable,
    /// The text of a content is not there.
    TextMissing,
    /// The text of a content is another one.
    TextDamaged,
    /// What the row of a content says of it is wrong.
    Content,
    /// What is remembered of a blob is wrong.
    Facts,
    /// What is remembered of a tree is not that tree.
    Tree,
    /// The entries of an import do not add up.
    Snapshot,
    /// The registry's row of an import makes no sense.
    Import,
}

impl ProblemKind {
    /// The name in `snake_case`.
    pub const fn name(self) -> &'static str {
        match self {
            ProblemKind::Database => "database",
            ProblemKind::Reference => "reference",
            ProblemKind::BlobMissing => "blob_missing",
            ProblemKind::BlobDamaged => "blob_damaged",
            ProblemKind::BlobUnreadable => "blob_unreadable",
            ProblemKind::TextMissing => "text_missing",
            ProblemKind::TextDamaged => "text_damaged",
            ProblemKind::Content => "content",
            ProblemKind::Facts => "facts",
            ProblemKind::Tree => "tree",
            ProblemKind::Snapshot => "snapshot",
            ProblemKind::Import => "import",
        }
    }
}

/// A file of a complete import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StoredPlace {
    /// The import.
    pub import: ImportId,
    /// The path from its root; empty for the import as a whole. As data it is fit to be shown.
    #[serde(serialize_with = "shown")]
    pub path: Vec<u8>,
}

pub(super) fn shown<S: Serializer>(path: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&Printable(path))
}

/// One thing that is wrong with a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// What it is.
    pub kind: ProblemKind,
    /// The content that it is about.
    pub digest: Option<ContentHash>,
    /// The blob or tree that it is about.
    pub object: Option<ObjectId>,
    /// In words, without control characters.
    pub detail: String,
    /// The files that it touches, or the imports as a whole: the first ones.
    pub places: Vec<StoredPlace>,
    /// How many it touches.
    pub places_total: u64,
}

/// What nobody needs any more, and a collection of garbage removes. It harms nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Leftovers {
    /// Files of blobs that no row names.
    pub orphans: u64,
    /// Bytes of their contents.
    pub orphan_bytes: u64,
    /// Contents that no file has; a running import may be about to use them.
    pub unused_contents: u64,
    /// Snapshots that no import has.
    pub unused_snapshots: u64,
    /// Folders of temporary files whose process is dead.
    pub temporaries: u64,
    /// Lock files whose process is dead.
    pub locks: u64,
    /// Imports whose process died and that nobody has marked as interrupted yet.
    pub abandoned: u64,
}

/// What [`Store::check`](crate::Store::check) found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CheckReport {
    /// Contents whose digests were computed again.
    pub contents: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Texts that were compared with what their contents decode to.
    pub texts: u64,
    /// Facts of blobs that were found out again.
    pub facts: u64,
    /// Trees whose ids were computed again.
    pub trees: u64,
    /// Manifests that were put together again.
    pub snapshots: u64,
    /// Rows of the registry.
    pub imports: u64,
    /// Contents that an earlier repair had to give up, and that no import has brought again.
    pub lost: u64,
    /// How many problems there are.
    pub problems: u64,
    /// The first of them.
    pub listed: Vec<Problem>,
    /// What can be collected.
    pub leftovers: Leftovers,
}

impl CheckReport {
    /// Whether nothing is wrong. Leftovers, and what is known to be lost, are not.
    pub fn is_clean(&self) -> bool {
        self.problems == 0
    }
}
