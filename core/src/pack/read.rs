//! Reading chosen entries of a pack, each stored entry inflated once.

use rayon::prelude::*;

use crate::error::Error;
use crate::id::ObjectId;
use crate::limits::{self, Limits};
use crate::object::{ObjectHasher, object_id};
use crate::pack::data::PackData;
use crate::pack::entry::{Kind, Stored};
use crate::pack::error::EntryProblem;
use crate::pack::forest::{Forest, ForestBuilder};
use crate::pack::reader::{EntryReader, EntryStream, Extent, Span};
use crate::pack::resolve::{Visitor, resolve};
use crate::pack::work::{Meter, Work};

/// What was found of a requested object.
pub(crate) enum Found<'a> {
    /// All of it, in memory.
    Whole(Kind, &'a [u8]),
    /// An object that is too large to be held. To be read to its end.
    Stream(Kind, &'a mut dyn ObjectStream),
    /// It has this many bytes, which is over the limit on one object.
    TooLarge(u64),
    /// It is not in the repository.
    Missing,
}

/// An object that is read piece by piece.
pub(crate) trait ObjectStream {
    /// Bytes of the whole object.
    fn size(&self) -> u64;

    /// Hands all bytes to `each`, piece by piece, and checks the object at the end.
    fn for_each_chunk(
        &mut self,
        each: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error>;

    /// Reads all bytes into memory.
    fn to_vec(&mut self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.for_each_chunk(&mut |chunk| {
            bytes.extend_from_slice(chunk);
            Ok(())
        })?;
        Ok(bytes)
    }
}

/// Takes what was found, from many threads, in any order.
pub(crate) trait Sink: Sync {
    /// Takes what was found of the object with the number `request`.
    fn take(&self, request: usize, found: Found<'_>) -> Result<(), Error>;
}

impl<F> Sink for F
where
    F: Fn(usize, Found<'_>) -> Result<(), Error> + Sync,
{
    fn take(&self, request: usize, found: Found<'_>) -> Result<(), Error> {
        self(request, found)
    }
}

/// A requested entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) offset: u64,
    /// The number by which the sink knows it.
    pub(crate) number: usize,
    /// The id by which it is known.
    pub(crate) id: ObjectId,
    /// CRC-32 of the entry's bytes, to be compared.
    pub(crate) crc32: Option<u32>,
    /// Whether the content's id is to be computed and compared.
    pub(crate) check_id: bool,
}

/// Finds the entry of an object that is named as a delta base by its id.
pub(crate) type Lookup<'a> = dyn Fn(&ObjectId) -> Option<u64> + Sync + 'a;

/// Reads the entries `requests` of the pack `data`, and hands each object to the `sink`.
///
/// # Errors
///
/// What is damaged, what the limits forbid, and what the sink fails with.
pub(crate) fn read_entries(
    data: &PackData,
    mut requests: Vec<Request>,
    lookup: &Lookup<'_>,
    limits: &Limits,
    work: &Work,
    sink: &dyn Sink,
) -> Result<(), Error> {
    let by_offset = |request: &Request| (request.offset, request.number);
    if requests.len() > HEADERS {
        work.pool()?
            .install(|| requests.par_sort_unstable_by_key(by_offset));
    } else {
        requests.sort_unstable_by_key(by_offset);
    }
    if let Some(pair) = requests
        .windows(2)
        .find(|pair| pair[0].offset == pair[1].offset)
    {
        // Two ids cannot have one content.
        return Err(data.problem(pair[1].offset, Some(pair[1].id), EntryProblem::IdMismatch));
    }
    let forest = plan(data, &requests, lookup, limits, work)?;
    let visitor = RequestVisitor {
        data,
        by_node: by_node(&forest, &requests),
        requests: &requests,
        max_object: limits.max_blob,
        meter: &work.meter,
        sink,
    };
    resolve(&forest, data, work, &visitor)
}

/// Finds the bases of all `requests`, and theirs.
fn plan(
    data: &PackData,
    requests: &[Request],
    lookup: &Lookup<'_>,
    limits: &Limits,
    work: &Work,
) -> Result<Forest, Error> {
    let requested: Vec<u64> = requests.iter().map(|request| request.offset).collect();
    let mut bases = bases_of(data, &requested, lookup, work)?;
    let mut builder = ForestBuilder::with_sorted(requested.into_iter().zip(bases.iter().copied()));
    let mut rounds = 1;
    loop {
        work.cancel.check()?;
        let mut frontier: Vec<u64> = bases.into_iter().flatten().collect();
        frontier.sort_unstable();
        frontier.dedup();
        frontier.retain(|&base| !builder.contains(base));
        if frontier.is_empty() {
            break;
        }
        // There is a chain of as many deltas as there were rounds.
        limits::check("max_delta_depth", limits.max_delta_depth, rounds)?;
        rounds += 1;
        bases = bases_of(data, &frontier, lookup, work)?;
        for (&offset, &base) in frontier.iter().zip(&bases) {
            match base {
                None => builder.add_root(offset),
                Some(base) => builder.add_delta(offset, base),
            }
        }
    }
    let forest = builder.build();
    let reach = forest.reach();
    if reach.nodes != forest.len() {
        let offset = requests[0].offset;
        return Err(data.problem(offset, None, EntryProblem::DeltaCycle));
    }
    limits::check("max_delta_depth", limits.max_delta_depth, reach.depth)?;
    Ok(forest)
}

/// Headers that one task reads.
const HEADERS: usize = 1024;

/// How the entry at `offset` is stored; no more of it is read than that takes.
fn header_at(reader: &mut EntryReader, data: &PackData, offset: u64) -> Result<Stored, Error> {
    let span = Span {
        offset,
        end: offset,
        ahead: offset,
    };
    Ok(reader.header(data, span)?.stored)
}

/// The offset of each entry's base, or `None` if it is stored whole.
fn bases_of(
    data: &PackData,
    offsets: &[u64],
    lookup: &Lookup<'_>,
    work: &Work,
) -> Result<Vec<Option<u64>>, Error> {
    let base_of = |reader: &mut EntryReader, offset: u64| match header_at(reader, data, offset)? {
        Stored::Whole(_) => Ok(None),
        Stored::OffsetDelta(distance) => match offset.checked_sub(distance) {
            Some(base) if base > 0 => Ok(Some(base)),
            _ => Err(data.problem(offset, None, EntryProblem::BaseOffset)),
        },
        Stored::RefDelta(id) => match lookup(&id) {
            Some(base) => Ok(Some(base)),
            None => Err(data.problem(offset, Some(id), EntryProblem::BaseMissing)),
        },
    };
    let mut bases = vec![None; offsets.len()];
    work.pool()?.install(|| {
        let chunks = bases
            .par_chunks_mut(HEADERS)
            .zip(offsets.par_chunks(HEADERS));
        chunks.try_for_each(|(bases, offsets)| {
            work.cancel.check()?;
            let mut reader = EntryReader::new();
            for (base, &offset) in bases.iter_mut().zip(offsets) {
                *base = base_of(&mut reader, offset)?;
            }
            Ok::<(), Error>(())
        })
    })?;
    Ok(bases)
}

/// Hands on the objects that were requested, and lets those pass that are only bases.
struct RequestVisitor<'a> {
    data: &'a PackData,
    requests: &'a [Request],
    /// Index of the request for each node; [`BASE_ONLY`] if there is none.
    by_node: Vec<u32>,
    max_object: u64,
    meter: &'a Meter,
    sink: &'a dyn Sink,
}

impl RequestVisitor<'_> {
    fn request(&self, node: u32) -> Option<&Request> {
        self.requests.get(self.by_node[node as usize] as usize)
    }
}

/// Stands for a node that was not requested. No request has this index: there would be as many
/// nodes, whose numbers have 32 bits.
const BASE_ONLY: u32 = u32::MAX;

/// The index of the request for each node of the forest; both are in the order of offsets.
fn by_node(forest: &Forest, requests: &[Request]) -> Vec<u32> {
    let mut next = (0u32..).zip(requests).peekable();
    (0..forest.len() as u32)
        .map(|node| {
            next.next_if(|(_, request)| request.offset == forest.offset(node))
                .map_or(BASE_ONLY, |(index, _)| index)
        })
        .collect()
}

/// The error for something that is wrong with a requested entry.
fn problem(data: &PackData, request: &Request, problem: EntryProblem) -> Error {
    data.problem(request.offset, Some(request.id), problem)
}

fn check_extent(data: &PackData, request: &Request, extent: Extent) -> Result<(), Error> {
    match request.crc32 {
        Some(crc32) if crc32 != extent.crc32 => Err(problem(data, request, EntryProblem::Checksum)),
        _ => Ok(()),
    }
}

fn check_id(
    data: &PackData,
    request: &Request,
    actual: Result<ObjectId, EntryProblem>,
) -> Result<(), Error> {
    match actual {
        Ok(actual) if actual == request.id => Ok(()),
        Ok(_) => Err(problem(data, request, EntryProblem::IdMismatch)),
        Err(found) => Err(problem(data, request, found)),
    }
}

impl Visitor for RequestVisitor<'_> {
    fn whole(
        &self,
        node: u32,
        kind: Kind,
        bytes: &[u8],
        extent: Extent,
    ) -> Result<Vec<u32>, Error> {
        if let Some(request) = self.request(node) {
            check_extent(self.data, request, extent)?;
            if request.check_id {
                let actual = object_id(self.data.format(), kind, bytes);
                check_id(self.data, request, actual)?;
            }
            self.sink.take(request.number, Found::Whole(kind, bytes))?;
        }
        Ok(Vec::new())
    }

    fn stream(&self, node: u32, kind: Kind, stream: EntryStream<'_>) -> Result<(), Error> {
        let Some(request) = self.request(node) else {
            return Ok(());
        };
        let mut stream = CheckedStream {
            hasher: request
                .check_id
                .then(|| ObjectHasher::new(self.data.format(), kind, stream.size())),
            stream,
            data: self.data,
            request,
            meter: self.meter,
        };
        self.sink
            .take(request.number, Found::Stream(kind, &mut stream))
    }

    fn too_large(&self, node: u32, size: u64) -> Result<(), Error> {
        match self.request(node) {
            Some(request) => self.sink.take(request.number, Found::TooLarge(size)),
            None => Ok(()),
        }
    }

    fn max_object(&self) -> u64 {
        self.max_object
    }
}

/// An entry that is read piece by piece, and checked at its end.
struct CheckedStream<'a> {
    stream: EntryStream<'a>,
    hasher: Option<ObjectHasher>,
    data: &'a PackData,
    request: &'a Request,
    meter: &'a Meter,
}

impl ObjectStream for CheckedStream<'_> {
    fn size(&self) -> u64 {
        self.stream.size()
    }

    fn for_each_chunk(
        &mut self,
        each: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        while let Some(chunk) = self.stream.next_chunk()? {
            if let Some(hasher) = &mut self.hasher {
                hasher.update(chunk);
            }
            each(chunk)?;
        }
        let extent = self.stream.extent();
        self.meter.add(self.stream.size(), extent.len)?;
        check_extent(self.data, self.request, extent)?;
        match self.hasher.take() {
            Some(hasher) => check_id(self.data, self.request, hasher.finish()),
            None => Ok(()),
        }
    }
}
