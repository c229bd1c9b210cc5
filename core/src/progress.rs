//! How far an import is.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use serde::Serialize;

/// What an import is doing.
///
/// A local import goes from `Opening` to `Ordering` without the steps of the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
#[repr(u8)]
pub enum Step {
    /// Nothing has begun.
    #[default]
    Waiting = 0,
    /// Opening the repository and finding the revision.
    Opening = 1,
    /// Looking up the host's addresses.
    ResolvingHost = 2,
    /// Dialling, TLS and the first answer.
    Connecting = 3,
    /// Agreeing on what is sent.
    Negotiating = 4,
    /// Taking in the pack.
    Receiving = 5,
    /// Rebuilding the objects that came as deltas.
    ResolvingDeltas = 6,
    /// Reading folders.
    Walking = 7,
    /// Reading, hashing and classifying files.
    Reading = 8,
    /// Putting the manifest together.
    Ordering = 9,
    /// All done.
    Complete = 10,
    /// Finding out what is at a URL. It comes before all others, if it comes at all.
    Detecting = 11,
}

impl Step {
    const ALL: [Step; 12] = [
        Step::Waiting,
        Step::Opening,
        Step::ResolvingHost,
        Step::Connecting,
        Step::Negotiating,
        Step::Receiving,
        Step::ResolvingDeltas,
        Step::Walking,
        Step::Reading,
        Step::Ordering,
        Step::Complete,
        Step::Detecting,
    ];
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Waiting => "waiting",
            Step::Opening => "opening",
            Step::ResolvingHost => "resolving host",
            Step::Connecting => "connecting",
            Step::Negotiating => "negotiating",
            Step::Receiving => "receiving",
            Step::ResolvingDeltas => "resolving deltas",
            Step::Walking => "walking",
            Step::Reading => "reading",
            Step::Ordering => "ordering",
            Step::Complete => "complete",
            Step::Detecting => "detecting",
        })
    }
}

/// A shared view of a running import, to be polled from any thread.
///
/// Clones look at the same import.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    step: AtomicU8,
    objects: AtomicU64,
    objects_total: AtomicU64,
    bytes: AtomicU64,
    bytes_total: AtomicU64,
    received_bytes: AtomicU64,
    files: AtomicU64,
    message: Mutex<String>,
}

/// What [`Progress`] said at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Snapshot {
    /// What the import is doing.
    pub step: Step,
    /// Objects done in this step. Of an import that is complete and is being written into a
    /// [`Store`](crate::Store): entries of its manifest.
    pub objects: u64,
    /// Objects of this step, or 0 while that is not known.
    pub objects_total: u64,
    /// Uncompressed bytes of the objects done in this step.
    pub bytes: u64,
    /// Uncompressed bytes of this step, or 0 while that is not known.
    pub bytes_total: u64,
    /// Bytes that came over the network.
    pub received_bytes: u64,
    /// Files in the manifest, once the folders were walked; 0 before.
    pub files: u64,
    /// The server's latest message, without control characters.
    pub message: String,
}

impl Snapshot {
    /// Hundredths of the current step that are done, 0 to 100; `None` while the whole is not known.
    pub fn percent(&self) -> Option<u8> {
        let (done, total) = match (self.bytes_total, self.objects_total) {
            (0, 0) => return None,
            (0, objects) => (self.objects, objects),
            (bytes, _) => (self.bytes, bytes),
        };
        Some((u128::from(done.min(total)) * 100 / u128::from(total)) as u8)
    }
}

impl Progress {
    /// Makes a view that waits for an import.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads all counters. Costs a few atomic loads.
    pub fn snapshot(&self) -> Snapshot {
        let counters = &*self.0;
        let step = usize::from(counters.step.load(Ordering::Acquire));
        Snapshot {
            step: Step::ALL[step],
            objects: counters.objects.load(Ordering::Relaxed),
            objects_total: counters.objects_total.load(Ordering::Relaxed),
            bytes: counters.bytes.load(Ordering::Relaxed),
            bytes_total: counters.bytes_total.load(Ordering::Relaxed),
            received_bytes: counters.received_bytes.load(Ordering::Relaxed),
            files: counters.files.load(Ordering::Relaxed),
            message: counters
                .message
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        }
    }

    /// Enters `step`, of which `objects` and `bytes` are the whole (0 if not known).
    pub(crate) fn enter(&self, step: Step, objects: u64, bytes: u64) {
        let counters = &*self.0;
        counters.objects.store(0, Ordering::Relaxed);
        counters.bytes.store(0, Ordering::Relaxed);
        counters.objects_total.store(objects, Ordering::Relaxed);
        counters.bytes_total.store(bytes, Ordering::Relaxed);
        counters.step.store(step as u8, Ordering::Release);
    }

    /// Counts one object of `bytes` as done.
    pub(crate) fn object_done(&self, bytes: u64) {
        self.0.objects.fetch_add(1, Ordering::Relaxed);
        self.0.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts bytes of an object that is not finished yet.
    pub(crate) fn bytes_done(&self, bytes: u64) {
        self.0.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts bytes that came over the network.
    pub(crate) fn received(&self, bytes: u64) {
        self.0.received_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Shows what the server says.
    ///
    /// The text must be fit to be shown: [`ServerText`](crate::remote::ServerText), without secrets.
    pub(crate) fn set_message(&self, message: String) {
        *self
            .0
            .message
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = message;
    }

    pub(crate) fn set_files(&self, files: u64) {
        self.0.files.store(files, Ordering::Relaxed);
    }
}
