//! Content after the import: read again from where it came.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::error::{Error, LimitError};
use crate::id::ObjectId;
use crate::ingest::{Place, StreamError};
use crate::limits::Limits;
use crate::local::{Odb, Verify, missing, read_many};
use crate::pack::{Found, Kind, PackData, Request, Sink, Work, read_entries};
use crate::peel::PeelError;
use crate::spill::Buffer;

/// Where objects are read from, and with which means.
pub(super) struct ContentSource {
    pub(super) objects: Objects,
    pub(super) work: Work,
    pub(super) verify: Verify,
    pub(super) limits: Limits,
}

/// Where objects are read from.
pub(super) enum Objects {
    Local(Box<Odb>),
    /// The pack that was received, and where each object is in it.
    Received(Box<PackData>, HashMap<ObjectId, Place>),
}

impl ContentSource {
    /// Reads `ids`, which are distinct, and hands each object to the `sink` from many threads.
    /// Objects over `max_object` bytes are only announced.
    pub(super) fn read(
        &self,
        ids: &[ObjectId],
        max_object: u64,
        sink: &dyn Sink,
    ) -> Result<(), Error> {
        let limits = self.limits.clone().max_blob(max_object);
        match &self.objects {
            Objects::Local(odb) => read_many(odb, ids, self.verify, &limits, &self.work, sink),
            Objects::Received(pack, places) => {
                let mut requests = Vec::with_capacity(ids.len());
                for (number, &id) in ids.iter().enumerate() {
                    match places.get(&id) {
                        Some(place) => requests.push(Request {
                            offset: place.offset,
                            number,
                            id,
                            crc32: None,
                            check_id: false,
                        }),
                        None => sink.take(number, Found::Missing)?,
                    }
                }
                let lookup = |id: &ObjectId| places.get(id).map(|place| place.offset);
                read_entries(pack, requests, &lookup, &limits, &self.work, sink)
            }
        }
    }

    /// Where the facts of a received blob stand among those of all.
    pub(super) fn received_blob(&self, id: &ObjectId) -> Option<usize> {
        let Objects::Received(_, places) = &self.objects else {
            return None;
        };
        let place = places.get(id)?;
        (place.kind == Kind::Blob).then_some(place.blob as usize)
    }

    /// Reads small blobs whole: attributes, targets of symlinks and the like. What is missing is not
    /// among the answers, nor what is larger than `max` bytes unless `too_large` makes it an error.
    pub(super) fn read_small(
        &self,
        ids: impl IntoIterator<Item = ObjectId>,
        max: u64,
        too_large: &(dyn Fn(ObjectId, u64) -> Result<(), Error> + Sync),
    ) -> Result<HashMap<ObjectId, Vec<u8>>, Error> {
        let mut ids: Vec<ObjectId> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let contents = Mutex::new(HashMap::new());
        let keep = |number: usize, found: Found<'_>| {
            let bytes = match found {
                Found::Whole(_, bytes) => bytes.to_vec(),
                Found::Stream(_, stream) => stream.to_vec()?,
                Found::TooLarge(size) => return too_large(ids[number], size),
                Found::Missing => return Ok(()),
            };
            contents
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(ids[number], bytes);
            Ok(())
        };
        self.read(&ids, max, &keep)?;
        Ok(contents
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads one commit, tag or tree of a received pack.
    pub(super) fn read_object(&self, id: ObjectId) -> Result<(Kind, Vec<u8>), Error> {
        let object = Mutex::new(None);
        let keep = |_, found: Found<'_>| {
            let kept = match found {
                Found::Whole(kind, bytes) => (kind, bytes.to_vec()),
                Found::Stream(kind, stream) => (kind, stream.to_vec()?),
                Found::TooLarge(_) | Found::Missing => return Ok(()),
            };
            *object.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
            Ok(())
        };
        self.read(&[id], self.limits.max_tree_bytes, &keep)?;
        object
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .ok_or_else(|| {
                let path = Vec::new();
                StreamError::Incomplete { id, path }.into()
            })
    }

    /// Reads one blob whole, in memory if the budget allows it.
    pub(super) fn read_blob(&self, id: ObjectId) -> Result<Buffer, Error> {
        let content = Mutex::new(None);
        let keep = |_, found: Found<'_>| {
            let buffer = match found {
                Found::Whole(Kind::Blob, bytes) => {
                    let mut buffer = self.work.buffers.zeroed(bytes.len())?;
                    buffer.copy_from_slice(bytes);
                    buffer
                }
                Found::Stream(Kind::Blob, stream) => {
                    let mut buffer = self.work.buffers.zeroed(stream.size() as usize)?;
                    let mut filled = 0;
                    stream.for_each_chunk(&mut |chunk| {
                        buffer[filled..filled + chunk.len()].copy_from_slice(chunk);
                        filled += chunk.len();
                        Ok(())
                    })?;
                    buffer
                }
                Found::Whole(..) | Found::Stream(..) => return Err(wrong_kind(id)),
                Found::TooLarge(size) => {
                    return Err(LimitError::new("max_blob", self.limits.max_blob)
                        .actual(size)
                        .at_object(id)
                        .into());
                }
                Found::Missing => return Err(missing(id)),
            };
            *content.lock().unwrap_or_else(PoisonError::into_inner) = Some(buffer);
            Ok(())
        };
        self.read(&[id], self.limits.max_blob, &keep)?;
        content
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .ok_or_else(|| missing(id))
    }
}

/// The error for a tree entry that says blob, or tree, of an object that is something else.
pub(super) fn wrong_kind(id: ObjectId) -> Error {
    PeelError::Malformed {
        id,
        problem: "it is of another type than its tree says",
    }
    .into()
}
