//! Reading many objects at once, each stored entry inflated once.

use std::sync::Mutex;
use std::sync::PoisonError;

use rayon::prelude::*;

use crate::error::Error;
use crate::id::ObjectId;
use crate::limits::{self, Limits};
use crate::local::error::LocalError;
use crate::local::loose::LooseObject;
use crate::local::odb::{Location, Odb};
use crate::object::{ObjectHasher, object_id};
use crate::pack::{
    EntryProblem, EntryReader, EntryStream, Extent, Forest, ForestBuilder, Kind, PackData, Stored,
    Visitor, Work, resolve,
};

/// What was found of a requested object.
pub(crate) enum Found<'a, 'b> {
    /// All of it, in memory.
    Whole(Kind, &'a [u8]),
    /// An object that is too large to be held. To be read to its end.
    Stream(Kind, &'a mut ObjectStream<'b>),
    /// It, or something that it is stored as a difference to, exceeds the limit on one object.
    TooLarge(Option<u64>),
    /// It is not in the repository.
    Missing,
}

/// Takes what was found, from many threads, in any order.
pub(crate) trait Sink: Sync {
    /// Takes what was found of the object with the number `request`.
    fn take(&self, request: usize, found: Found<'_, '_>) -> Result<(), Error>;
}

impl<F> Sink for F
where
    F: Fn(usize, Found<'_, '_>) -> Result<(), Error> + Sync,
{
    fn take(&self, request: usize, found: Found<'_, '_>) -> Result<(), Error> {
        self(request, found)
    }
}

/// How far the bytes of a packed object are checked.
///
/// Loose objects are always checked by their id, and so are those in packs whose index has no
/// checksums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Verify {
    /// By zlib's checksum, the sizes in all headers, and the CRC-32 of the pack's index: what Git
    /// checks when it reads, and a little more. Finds every accident, but not an index that was
    /// forged as a whole.
    #[default]
    Checksums,
    /// By the object id, too, with detection of SHA-1 collisions. Costs about half as much again.
    Ids,
}

/// Reads the objects `ids`, which are distinct, and hands each to the `sink`.
///
/// # Errors
///
/// What is damaged, what the limits forbid, and what the sink fails with. A missing object is no
/// error here.
pub(crate) fn read_many(
    odb: &Odb,
    ids: &[ObjectId],
    verify: Verify,
    limits: &Limits,
    work: &Work,
    sink: &dyn Sink,
) -> Result<(), Error> {
    let mut packed: Vec<(u32, Request)> = Vec::new();
    let mut loose: Vec<(usize, u32)> = Vec::new();
    for (number, location) in locate_all(odb, ids, work)?.into_iter().enumerate() {
        match location {
            Some(Location::Packed {
                pack,
                offset,
                crc32,
            }) => packed.push((
                pack,
                Request {
                    offset,
                    number,
                    crc32,
                },
            )),
            Some(Location::Loose { folder }) => loose.push((number, folder)),
            None => sink.take(number, Found::Missing)?,
        }
    }
    packed.sort_unstable();
    for requests in packed.chunk_by(|(a, _), (b, _)| a == b) {
        let data = odb.pack_data(requests[0].0)?;
        let requests: Vec<Request> = requests.iter().map(|(_, request)| *request).collect();
        read_packed(odb, data, ids, &requests, verify, limits, work, sink)?;
    }
    work.pool.install(|| {
        loose
            .par_iter()
            .with_max_len(16)
            .try_for_each(|&(number, folder)| {
                work.cancel.check()?;
                read_loose(odb, folder, ids[number], number, limits, work, sink)
            })
    })
}

/// Ids that one task looks up, so that neighbours profit from the same pack hint.
const LOOKUPS: usize = 512;

fn locate_all(odb: &Odb, ids: &[ObjectId], work: &Work) -> Result<Vec<Option<Location>>, Error> {
    let found: Result<Vec<Vec<Option<Location>>>, Error> = work.pool.install(|| {
        ids.par_chunks(LOOKUPS)
            .map(|ids| {
                work.cancel.check()?;
                let mut hint = 0;
                ids.iter().map(|id| odb.locate(id, &mut hint)).collect()
            })
            .collect()
    });
    Ok(found?.into_iter().flatten().collect())
}

/// A requested object in the pack at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Request {
    offset: u64,
    number: usize,
    crc32: Option<u32>,
}

#[expect(
    clippy::too_many_arguments,
    reason = "they are the parts of one context, used once"
)]
fn read_packed(
    odb: &Odb,
    data: &PackData,
    ids: &[ObjectId],
    requests: &[Request],
    verify: Verify,
    limits: &Limits,
    work: &Work,
    sink: &dyn Sink,
) -> Result<(), Error> {
    if let Some(pair) = requests
        .windows(2)
        .find(|pair| pair[0].offset == pair[1].offset)
    {
        let id = ids[pair[1].number];
        return Err(data.problem(pair[1].offset, Some(id), EntryProblem::IdMismatch));
    }
    let forest = plan(odb, data, requests, limits, work)?;
    let reader = PackedSink {
        data,
        ids,
        requests,
        forest: &forest,
        verify,
        max_object: limits.max_blob,
        sink,
    };
    resolve(&forest, data, work, &reader)
}

/// Finds the bases of all `requests`, and theirs.
fn plan(
    odb: &Odb,
    data: &PackData,
    requests: &[Request],
    limits: &Limits,
    work: &Work,
) -> Result<Forest, Error> {
    let mut builder = ForestBuilder::default();
    let mut frontier: Vec<u64> = requests.iter().map(|request| request.offset).collect();
    while !frontier.is_empty() {
        work.cancel.check()?;
        let bases = bases_of(odb, data, &frontier, work)?;
        let mut next = Vec::new();
        for (&offset, base) in frontier.iter().zip(bases) {
            match base {
                None => builder.add_root(offset),
                Some(base) => {
                    builder.add_delta(offset, base);
                    next.push(base);
                }
            }
        }
        next.sort_unstable();
        next.dedup();
        next.retain(|&base| !builder.contains(base));
        frontier = next;
    }
    let forest = builder.build();
    let depth = forest.depth().ok_or_else(|| {
        let offset = requests[0].offset;
        data.problem(offset, None, EntryProblem::DeltaCycle)
    })?;
    limits::check("max_delta_depth", limits.max_delta_depth, depth)?;
    Ok(forest)
}

/// Headers that one task reads.
const HEADERS: usize = 1024;

/// The offset of each entry's base, or `None` if it is stored whole.
fn bases_of(
    odb: &Odb,
    data: &PackData,
    offsets: &[u64],
    work: &Work,
) -> Result<Vec<Option<u64>>, Error> {
    let base_of = |reader: &mut EntryReader, offset: u64| match reader.header(data, offset)?.stored
    {
        Stored::Whole(_) => Ok(None),
        Stored::OffsetDelta(distance) => match offset.checked_sub(distance) {
            Some(base) if base > 0 => Ok(Some(base)),
            _ => Err(data.problem(offset, None, EntryProblem::BaseOffset)),
        },
        Stored::RefDelta(id) => match odb.locate_in(data, &id) {
            Some(base) => Ok(Some(base)),
            None => Err(data.problem(offset, Some(id), EntryProblem::BaseMissing)),
        },
    };
    let found: Result<Vec<Vec<Option<u64>>>, Error> = work.pool.install(|| {
        offsets
            .par_chunks(HEADERS)
            .map(|offsets| {
                work.cancel.check()?;
                let mut reader = EntryReader::new();
                offsets
                    .iter()
                    .map(|&offset| base_of(&mut reader, offset))
                    .collect()
            })
            .collect()
    });
    Ok(found?.into_iter().flatten().collect())
}

/// Hands on the objects that were requested, and lets those pass that are only bases.
struct PackedSink<'a> {
    data: &'a PackData,
    ids: &'a [ObjectId],
    /// By offset.
    requests: &'a [Request],
    forest: &'a Forest,
    verify: Verify,
    max_object: u64,
    sink: &'a dyn Sink,
}

impl PackedSink<'_> {
    fn request(&self, node: u32) -> Option<&Request> {
        let offset = self.forest.offset(node);
        let index = self
            .requests
            .binary_search_by_key(&offset, |request| request.offset)
            .ok()?;
        Some(&self.requests[index])
    }

    fn by_id(&self, request: &Request) -> bool {
        self.verify == Verify::Ids || request.crc32.is_none()
    }

    fn check_extent(&self, request: &Request, extent: Extent) -> Result<(), Error> {
        match request.crc32 {
            Some(crc32) if crc32 != extent.crc32 => {
                Err(self.problem(request, EntryProblem::Checksum))
            }
            _ => Ok(()),
        }
    }

    fn problem(&self, request: &Request, problem: EntryProblem) -> Error {
        self.data
            .problem(request.offset, Some(self.ids[request.number]), problem)
    }
}

impl Visitor for PackedSink<'_> {
    fn whole(
        &self,
        node: u32,
        kind: Kind,
        bytes: &[u8],
        extent: Extent,
    ) -> Result<Vec<u32>, Error> {
        if let Some(request) = self.request(node) {
            self.check_extent(request, extent)?;
            let id = self.ids[request.number];
            if self.by_id(request) {
                let actual = object_id(self.data.format(), kind, bytes)
                    .map_err(|problem| self.problem(request, problem))?;
                if actual != id {
                    return Err(self.problem(request, EntryProblem::IdMismatch));
                }
            }
            self.sink.take(request.number, Found::Whole(kind, bytes))?;
        }
        Ok(Vec::new())
    }

    fn stream(&self, node: u32, kind: Kind, stream: EntryStream<'_>) -> Result<(), Error> {
        let Some(request) = self.request(node) else {
            return Ok(());
        };
        let mut stream = ObjectStream {
            hasher: self
                .by_id(request)
                .then(|| ObjectHasher::new(self.data.format(), kind, stream.size())),
            id: self.ids[request.number],
            source: StreamSource::Packed {
                stream,
                data: self.data,
                offset: request.offset,
                crc32: request.crc32,
            },
        };
        self.sink
            .take(request.number, Found::Stream(kind, &mut stream))
    }

    fn too_large(&self, node: u32, size: Option<u64>) -> Result<(), Error> {
        match self.request(node) {
            Some(request) => self.sink.take(request.number, Found::TooLarge(size)),
            None => Ok(()),
        }
    }

    fn max_object(&self) -> u64 {
        self.max_object
    }
}

/// An object that is read piece by piece, and checked at its end.
pub(crate) struct ObjectStream<'a> {
    source: StreamSource<'a>,
    hasher: Option<ObjectHasher>,
    id: ObjectId,
}

enum StreamSource<'a> {
    Packed {
        stream: EntryStream<'a>,
        data: &'a PackData,
        offset: u64,
        crc32: Option<u32>,
    },
    Loose(LooseObject),
}

impl ObjectStream<'_> {
    /// Bytes of the whole object.
    pub(crate) fn size(&self) -> u64 {
        match &self.source {
            StreamSource::Packed { stream, .. } => stream.size(),
            StreamSource::Loose(object) => object.size(),
        }
    }

    /// Hands all bytes to `each`, piece by piece, and checks the object at the end.
    pub(crate) fn for_each_chunk(
        &mut self,
        each: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        loop {
            let chunk = match &mut self.source {
                StreamSource::Packed { stream, .. } => stream.next_chunk()?,
                StreamSource::Loose(object) => object.next_chunk()?,
            };
            let Some(chunk) = chunk else {
                return self.check();
            };
            if let Some(hasher) = &mut self.hasher {
                hasher.update(chunk);
            }
            each(chunk)?;
        }
    }

    /// Reads all bytes into memory.
    pub(crate) fn to_vec(&mut self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.for_each_chunk(&mut |chunk| {
            bytes.extend_from_slice(chunk);
            Ok(())
        })?;
        Ok(bytes)
    }

    fn check(&mut self) -> Result<(), Error> {
        let problem = |source: &StreamSource<'_>, id, problem| match source {
            StreamSource::Packed { data, offset, .. } => data.problem(*offset, Some(id), problem),
            StreamSource::Loose(object) => object.problem("its content does not have its id"),
        };
        if let StreamSource::Packed {
            stream,
            crc32: Some(crc32),
            ..
        } = &self.source
            && stream.extent().crc32 != *crc32
        {
            return Err(problem(&self.source, self.id, EntryProblem::Checksum));
        }
        if let Some(hasher) = self.hasher.take() {
            let actual = hasher
                .finish()
                .map_err(|found| problem(&self.source, self.id, found))?;
            if actual != self.id {
                return Err(problem(&self.source, self.id, EntryProblem::IdMismatch));
            }
        }
        Ok(())
    }
}

/// Loose objects up to this many bytes are handed on whole.
const WHOLE_LOOSE: u64 = 1 << 20;

fn read_loose(
    odb: &Odb,
    folder: u32,
    id: ObjectId,
    number: usize,
    limits: &Limits,
    work: &Work,
    sink: &dyn Sink,
) -> Result<(), Error> {
    let path = odb.loose_path(folder, &id);
    let stored = path.metadata().map_or(0, |file| file.len());
    let object = LooseObject::open(&path, id)?;
    let (kind, size) = (object.kind(), object.size());
    if size > limits.max_blob {
        return sink.take(number, Found::TooLarge(Some(size)));
    }
    work.meter.add(size, stored)?;
    let mut stream = ObjectStream {
        hasher: Some(ObjectHasher::new(odb.format(), kind, size)),
        id,
        source: StreamSource::Loose(object),
    };
    if size > WHOLE_LOOSE {
        return sink.take(number, Found::Stream(kind, &mut stream));
    }
    let bytes = stream.to_vec()?;
    sink.take(number, Found::Whole(kind, &bytes))
}

/// Reads one object that is expected to be of `kind`, whole.
///
/// # Errors
///
/// As for [`read_many`], and if it is missing, larger than `max` bytes or of another kind.
pub(crate) fn read_one(
    odb: &Odb,
    id: ObjectId,
    verify: Verify,
    limits: &Limits,
    work: &Work,
) -> Result<Option<(Kind, Vec<u8>)>, Error> {
    let result = Mutex::new(None);
    let keep = |_, found: Found<'_, '_>| {
        let object = match found {
            Found::Whole(kind, bytes) => Some((kind, bytes.to_vec())),
            Found::Stream(kind, stream) => Some((kind, stream.to_vec()?)),
            Found::TooLarge(size) => {
                let error =
                    crate::error::LimitError::new("max_blob", limits.max_blob).at_object(id);
                return Err(match size {
                    Some(size) => error.actual(size).into(),
                    None => error.into(),
                });
            }
            Found::Missing => None,
        };
        *result.lock().unwrap_or_else(PoisonError::into_inner) = object;
        Ok(())
    };
    read_many(odb, &[id], verify, limits, work, &keep)?;
    Ok(result.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// The error for an object that has to be there.
pub(crate) fn missing(id: ObjectId) -> Error {
    LocalError::MissingObject { id }.into()
}
