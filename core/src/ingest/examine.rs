//! Naming and classifying objects, and gathering what came of it.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::content::{BlobFacts, Examiner, examine};
use crate::error::{Error, LimitError};
use crate::id::{ObjectFormat, ObjectId};
use crate::import::Keeper;
use crate::ingest::Place;
use crate::ingest::batch::Batch;
use crate::ingest::error::StreamError;
use crate::limits::Limits;
use crate::object::{ObjectHasher, object_id};
use crate::pack::{EntryProblem, Kind};
use crate::progress::Progress;

/// What is known of the objects so far; filled from many threads.
pub(super) struct Harvest<'a> {
    format: ObjectFormat,
    max_blob: u64,
    max_tree_bytes: u64,
    progress: &'a Progress,
    keeper: Option<&'a dyn Keeper>,
    gathered: Mutex<Gathered>,
}

#[derive(Default)]
pub(super) struct Gathered {
    /// Facts of all blobs.
    pub(super) facts: Vec<BlobFacts>,
    pub(super) trees: HashMap<ObjectId, Box<[u8]>>,
    pub(super) tree_bytes: u64,
    /// The first small commits and tags.
    heads: HashMap<ObjectId, (Kind, Box<[u8]>)>,
    pub(super) places: HashMap<ObjectId, Place>,
    /// Blobs that came in pieces.
    pub(super) streamed: HashSet<ObjectId>,
}

/// An object that was named, and what it is kept as.
struct Named {
    id: ObjectId,
    offset: u64,
    body: Body,
}

enum Body {
    Blob(BlobFacts),
    Tree(Box<[u8]>),
    /// A commit or a tag; one that is large is read again if it is needed.
    Head(Kind, Option<Box<[u8]>>),
}

/// Bytes of trees up to which they may be looked at before the end.
const MAX_COPY: u64 = 32 << 20;

/// Commits and tags that are kept. What is asked for at depth 1 has one commit.
const MAX_HEADS: usize = 16;

/// Bytes that a commit or a tag has at most if it is kept.
const MAX_HEAD: usize = 64 << 10;

impl<'a> Harvest<'a> {
    pub(super) fn new(
        format: ObjectFormat,
        limits: &Limits,
        progress: &'a Progress,
        keeper: Option<&'a dyn Keeper>,
    ) -> Self {
        Harvest {
            format,
            max_blob: limits.max_blob,
            max_tree_bytes: limits.max_tree_bytes,
            progress,
            keeper,
            gathered: Mutex::default(),
        }
    }

    /// Names all objects of a batch.
    pub(super) fn take_batch(&self, batch: &Batch) -> Result<(), Error> {
        let named: Result<Vec<Named>, Error> = batch
            .objects()
            .iter()
            .map(|object| self.name(object.offset, object.kind, batch.bytes(object)))
            .collect();
        self.gather(named?)
    }

    /// Names one object that is whole in memory, and returns its id.
    pub(super) fn take_object(
        &self,
        offset: u64,
        kind: Kind,
        bytes: &[u8],
    ) -> Result<ObjectId, Error> {
        let named = self.name(offset, kind, bytes)?;
        let id = named.id;
        self.gather(vec![named])?;
        Ok(id)
    }

    /// Names one object that comes in pieces.
    pub(super) fn take_stream(&self, stream: StreamExaminer) -> Result<(), Error> {
        let id = stream.hasher.finish().map_err(collision)?;
        let body = match stream.body {
            StreamBody::Blob(examiner) => {
                self.lock().streamed.insert(id);
                Body::Blob(examiner.finish())
            }
            StreamBody::Kept(bytes) => keep(stream.kind, &bytes),
        };
        self.gather(vec![Named {
            id,
            offset: stream.offset,
            body,
        }])
    }

    /// What there is so far, unless the trees are so many that a copy of them would be too large.
    pub(super) fn so_far(&self) -> Option<SoFar<'_>> {
        (self.lock().tree_bytes <= MAX_COPY).then_some(SoFar(self))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn into_gathered(self) -> Gathered {
        self.gathered
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn max_tree_bytes(&self) -> u64 {
        self.max_tree_bytes
    }

    fn name(&self, offset: u64, kind: Kind, bytes: &[u8]) -> Result<Named, Error> {
        let id = object_id(self.format, kind, bytes).map_err(collision)?;
        let body = match kind {
            Kind::Blob => {
                let facts = examine(bytes);
                if let Some(keeper) = self.keeper
                    && facts.size <= self.max_blob
                {
                    keeper.keep(id, &facts, bytes)?;
                }
                Body::Blob(facts)
            }
            kind => keep(kind, bytes),
        };
        Ok(Named { id, offset, body })
    }

    fn gather(&self, named: Vec<Named>) -> Result<(), Error> {
        let gathered = &mut *self.lock();
        for Named { id, offset, body } in named {
            self.progress.object_done(0);
            // An object that comes twice is the same both times, or a collision that was noticed.
            let Entry::Vacant(place) = gathered.places.entry(id) else {
                continue;
            };
            let (kind, blob) = match &body {
                Body::Blob(_) => (Kind::Blob, gathered.facts.len() as u32),
                Body::Tree(_) => (Kind::Tree, 0),
                Body::Head(kind, _) => (*kind, 0),
            };
            place.insert(Place { offset, kind, blob });
            match body {
                Body::Blob(facts) => gathered.facts.push(facts),
                Body::Tree(bytes) => {
                    gathered.tree_bytes += bytes.len() as u64;
                    if gathered.tree_bytes > self.max_tree_bytes {
                        return Err(LimitError::new("max_tree_bytes", self.max_tree_bytes)
                            .actual(gathered.tree_bytes)
                            .into());
                    }
                    gathered.trees.insert(id, bytes);
                }
                Body::Head(kind, Some(bytes)) if gathered.heads.len() < MAX_HEADS => {
                    gathered.heads.insert(id, (kind, bytes));
                }
                Body::Head(..) => {}
            }
        }
        Ok(())
    }
}

/// The trees, commits and tags of a pack of which more is to come.
pub(crate) struct SoFar<'a>(&'a Harvest<'a>);

impl SoFar<'_> {
    /// A tree, or a commit or tag that is small.
    pub(crate) fn object(&self, id: ObjectId) -> Option<(Kind, Vec<u8>)> {
        let gathered = self.0.lock();
        if let Some(bytes) = gathered.trees.get(&id) {
            return Some((Kind::Tree, bytes.to_vec()));
        }
        let (kind, bytes) = gathered.heads.get(&id)?;
        Some((*kind, bytes.to_vec()))
    }
}

fn keep(kind: Kind, bytes: &[u8]) -> Body {
    match kind {
        Kind::Tree => Body::Tree(bytes.into()),
        kind => Body::Head(kind, (bytes.len() <= MAX_HEAD).then(|| bytes.into())),
    }
}

fn collision(_: EntryProblem) -> Error {
    StreamError::Collision.into()
}

/// Names and classifies an object that is too large for a batch.
pub(super) struct StreamExaminer {
    offset: u64,
    kind: Kind,
    size: u64,
    hasher: ObjectHasher,
    body: StreamBody,
}

enum StreamBody {
    Blob(Box<Examiner>),
    /// All of the bytes of a commit, tree or tag.
    Kept(Vec<u8>),
}

impl StreamExaminer {
    pub(super) fn new(format: ObjectFormat, offset: u64, kind: Kind, size: u64) -> Self {
        StreamExaminer {
            offset,
            kind,
            size,
            hasher: ObjectHasher::new(format, kind, size),
            body: match kind {
                Kind::Blob => StreamBody::Blob(Box::new(Examiner::new())),
                _ => StreamBody::Kept(Vec::new()),
            },
        }
    }

    /// Bytes of the whole object.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        match &mut self.body {
            StreamBody::Blob(examiner) => examiner.update(bytes),
            StreamBody::Kept(kept) => kept.extend_from_slice(bytes),
        }
    }
}
