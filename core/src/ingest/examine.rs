//! Naming and classifying objects, and gathering what came of it.

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
    pub(super) blobs: HashMap<ObjectId, BlobFacts>,
    pub(super) trees: HashMap<ObjectId, Box<[u8]>>,
    pub(super) tree_bytes: u64,
    pub(super) places: HashMap<ObjectId, Place>,
    /// Blobs that came in pieces.
    pub(super) streamed: HashSet<ObjectId>,
}

/// An object that was named, and what it is kept as.
struct Named {
    id: ObjectId,
    place: Place,
    body: Body,
}

enum Body {
    Blob(BlobFacts),
    Tree(Box<[u8]>),
    /// A commit or a tag, which is read again if it is needed.
    Other,
}

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
            StreamBody::Kept(bytes) => keep(stream.place.kind, &bytes),
        };
        self.gather(vec![Named {
            id,
            place: stream.place,
            body,
        }])
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
        Ok(Named {
            id,
            place: Place { offset, kind },
            body,
        })
    }

    fn gather(&self, named: Vec<Named>) -> Result<(), Error> {
        let mut gathered = self.lock();
        for Named { id, place, body } in named {
            self.progress.object_done(0);
            // An object that comes twice is the same both times, or a collision that was noticed.
            if gathered.places.contains_key(&id) {
                continue;
            }
            gathered.places.insert(id, place);
            match body {
                Body::Blob(facts) => {
                    gathered.blobs.insert(id, facts);
                }
                Body::Tree(bytes) => {
                    gathered.tree_bytes += bytes.len() as u64;
                    if gathered.tree_bytes > self.max_tree_bytes {
                        return Err(LimitError::new("max_tree_bytes", self.max_tree_bytes)
                            .actual(gathered.tree_bytes)
                            .into());
                    }
                    gathered.trees.insert(id, bytes);
                }
                Body::Other => {}
            }
        }
        Ok(())
    }
}

fn keep(kind: Kind, bytes: &[u8]) -> Body {
    match kind {
        Kind::Tree => Body::Tree(bytes.into()),
        _ => Body::Other,
    }
}

fn collision(_: EntryProblem) -> Error {
    StreamError::Collision.into()
}

/// Names and classifies an object that is too large for a batch.
pub(super) struct StreamExaminer {
    place: Place,
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
    pub(super) fn new(format: ObjectFormat, place: Place, size: u64) -> Self {
        StreamExaminer {
            place,
            size,
            hasher: ObjectHasher::new(format, place.kind, size),
            body: match place.kind {
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
