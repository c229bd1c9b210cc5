//! The thread that reads and inflates.

use std::io::Read;
use std::sync::Arc;

use rayon::Scope;
use sirocco::Format;
use sirocco::inflate::Decoder;

use crate::error::{Error, ErrorKind, LimitError};
use crate::id::ObjectFormat;
use crate::ingest::batch::{Batch, BatchPool};
use crate::ingest::crew::Crew;
use crate::ingest::deltas::{BaseRef, Deltas};
use crate::ingest::error::StreamError;
use crate::ingest::examine::{Harvest, StreamExaminer};
use crate::ingest::inflate::{deflate_problem, inflate, problem};
use crate::ingest::input::Input;
use crate::ingest::recent::Recent;
use crate::ingest::spool::Spool;
use crate::ingest::{Companions, Received};
use crate::limits::Limits;
use crate::pack::{
    DeltaHeader, EntryHeader, EntryProblem, Kind, MAX_HEADER, SLACK, Stored, Work, apply_delta,
};
use crate::progress::{Progress, Step};

/// Takes in a pack from `source`, which stands at its signature, to its end.
///
/// # Errors
///
/// If the pack is damaged or incomplete, or a limit is reached; and what `source` fails with. An
/// [`Error`] inside of an [`std::io::Error`] comes out as it is.
pub(crate) fn ingest(
    source: &mut dyn Read,
    format: ObjectFormat,
    limits: &Limits,
    work: &Work,
    progress: &Progress,
    companions: Companions<'_>,
) -> Result<Received, Error> {
    let harvest = Harvest::new(format, limits, progress, companions.keeper);
    let input = Input::new(
        source,
        format,
        Spool::new(work.buffers.clone()),
        limits.max_pack_bytes,
        &work.cancel,
    );
    let pool = work.pool()?;
    let crew = Crew::new(work, pool.current_num_threads(), &harvest, companions.look);
    let taken = pool.in_place_scope(|scope| {
        let mut receiver = Receiver::new(input, format, limits, scope, &crew);
        receiver.entries(progress)?;
        receiver.finish()
    });
    // A failed worker is the reason, and the reader's own failure the consequence.
    if let Some(error) = crew.failure() {
        return Err(error);
    }
    let (pack, entries, deltas) = taken?;
    progress.enter(Step::ResolvingDeltas, deltas.waiting(), 0);
    deltas.resolve(&pack, &entries, &harvest, work)?;
    let gathered = harvest.into_gathered();
    Ok(Received {
        facts: gathered.facts,
        trees: gathered.trees,
        places: gathered.places,
        streamed: gathered.streamed,
        pack,
    })
}

/// The most bytes of one batch.
const MAX_BATCH: u64 = 1 << 20;

/// The share of the budget that recent objects may take.
const RECENT_SHARE: u64 = 4;

/// The most bytes of recent objects.
const MAX_RECENT: u64 = 64 << 20;

/// The last objects of a pack, which are not halved any more for another round of deltas.
const LAST_ROUND: u64 = 256;

/// The most bytes that the two sizes take at the beginning of a delta.
const DELTA_HEADER: usize = 20;

/// Bytes of an object that is handed on in pieces.
const PIECE: usize = 256 << 10;

struct Receiver<'a, 'r, 's> {
    input: Input<'a>,
    format: ObjectFormat,
    limits: &'a Limits,
    scope: &'r Scope<'s>,
    crew: &'s Crew<'s>,
    decoder: Box<Decoder>,
    batches: BatchPool,
    batch: Batch,
    recent: Recent,
    delta: Vec<u8>,
    deltas: Deltas,
    /// Offsets of all entries so far.
    entries: Vec<u64>,
    inflated: u64,
    /// Rounds of deltas that have begun.
    rounds: u32,
}

impl<'a, 'r, 's> Receiver<'a, 'r, 's> {
    fn new(
        input: Input<'a>,
        format: ObjectFormat,
        limits: &'a Limits,
        scope: &'r Scope<'s>,
        crew: &'s Crew<'s>,
    ) -> Self {
        let budget = crew.work.buffers.budget();
        let in_flight = crew.window as u64 + 4;
        let capacity = (budget.limit() / 2 / in_flight).clamp(64 << 10, MAX_BATCH) as usize;
        let mut batches = BatchPool::new(budget.clone(), capacity);
        Receiver {
            input,
            format,
            limits,
            scope,
            crew,
            decoder: Box::new(Decoder::new(Format::Zlib)),
            batch: batches.take(),
            batches,
            recent: Recent::new((budget.limit() / RECENT_SHARE).min(MAX_RECENT) as usize),
            delta: Vec::new(),
            deltas: Deltas::default(),
            entries: Vec::new(),
            inflated: 0,
            rounds: 0,
        }
    }

    /// Takes in the header and all entries.
    fn entries(&mut self, progress: &Progress) -> Result<(), Error> {
        self.input.fill(12)?;
        let cut_off = StreamError::CutOff {
            objects: 0,
            total: 0,
        };
        let Some(head) = self.input.view().first_chunk::<12>() else {
            return Err(cut_off.into());
        };
        let [s0, s1, s2, s3, v0, v1, v2, v3, c0, c1, c2, c3] = *head;
        if [s0, s1, s2, s3] != *b"PACK" {
            return Err(StreamError::Signature([s0, s1, s2, s3]).into());
        }
        let version = u32::from_be_bytes([v0, v1, v2, v3]);
        if !matches!(version, 2 | 3) {
            return Err(StreamError::Version(version).into());
        }
        let total = u64::from(u32::from_be_bytes([c0, c1, c2, c3]));
        crate::limits::check("max_objects", self.limits.max_objects, total)?;
        self.input.consume(12);
        progress.enter(Step::Receiving, total, 0);
        let mut next_round = total / 2;
        for objects in 0..total {
            self.input.fill(MAX_HEADER)?;
            if self.input.view().is_empty() {
                return Err(StreamError::CutOff { objects, total }.into());
            }
            self.entry()?;
            if objects == next_round {
                let left = total - objects;
                if left > LAST_ROUND {
                    next_round += left / 2;
                }
                self.early_round()?;
            }
        }
        Ok(())
    }

    /// Has those deltas rebuilt that were put off so far.
    fn early_round(&mut self) -> Result<(), Error> {
        // What is small or has one thread is as fast without.
        if self.crew.window == 0 {
            return Ok(());
        }
        let Some(data) = self.input.spooled(self.format)? else {
            return Ok(());
        };
        if let Some(round) = self.deltas.early_round() {
            self.crew.rebuild(self.scope, round, data);
        }
        self.rounds += 1;
        // The first round has rebuilt the trees that were put off, if there were any.
        if self.rounds == 2 {
            self.crew.look(self.scope);
        }
        Ok(())
    }

    /// Hands on what is left, and checks the end of the pack.
    fn finish(mut self) -> Result<(crate::pack::PackData, Vec<u64>, Deltas), Error> {
        self.hand_on()?;
        let (spool, end) = self.input.finish(self.format, self.entries.len() as u64)?;
        Ok((spool.finish(end, self.format), self.entries, self.deltas))
    }

    fn entry(&mut self) -> Result<(), Error> {
        let offset = self.input.offset();
        let header = EntryHeader::parse(self.input.view(), self.format)
            .map_err(|found| problem(offset, found))?;
        self.input.consume(header.len);
        self.entries.push(offset);
        self.count(header.size)?;
        match header.stored {
            Stored::Whole(kind) => self.whole(offset, kind, header.size)?,
            Stored::OffsetDelta(distance) => {
                let base = offset
                    .checked_sub(distance)
                    .filter(|base| self.entries.binary_search(base).is_ok())
                    .ok_or_else(|| problem(offset, EntryProblem::BaseOffset))?;
                self.delta(offset, BaseRef::Offset(base), header.size)?;
            }
            Stored::RefDelta(id) => self.delta(offset, BaseRef::Id(id), header.size)?,
        }
        let stored = self.input.offset() - offset;
        self.crew.work.meter.add(header.size, stored)?;
        Ok(())
    }

    /// Counts bytes that are about to be inflated.
    fn count(&mut self, size: u64) -> Result<(), LimitError> {
        self.inflated = self.inflated.saturating_add(size);
        crate::limits::check(
            "max_total_bytes",
            self.limits.max_total_bytes,
            self.inflated,
        )
    }

    fn whole(&mut self, offset: u64, kind: Kind, size: u64) -> Result<(), Error> {
        if size + SLACK as u64 > self.batches.capacity() as u64 {
            return self.large(offset, kind, size);
        }
        let size = size as usize;
        self.make_room(size + SLACK)?;
        let out = &mut self.batch.room()[..size + SLACK];
        inflate(&mut self.input, &mut self.decoder, offset, out)?;
        self.batch.push(offset, kind, size);
        Ok(())
    }

    fn delta(&mut self, offset: u64, base: BaseRef, size: u64) -> Result<(), Error> {
        if size + SLACK as u64 > self.batches.capacity() as u64 {
            let mut begin = Vec::with_capacity(DELTA_HEADER);
            self.inflate_pieces(offset, size, &mut |piece| {
                let missing = DELTA_HEADER - begin.len();
                begin.extend_from_slice(&piece[..piece.len().min(missing)]);
                Ok(())
            })?;
            let sizes = DeltaHeader::parse(&begin).map_err(|found| problem(offset, found))?;
            self.count(sizes.result_size)?;
            self.deltas.put_off(offset, base);
            return Ok(());
        }
        let size = size as usize;
        if self.delta.len() < size + SLACK {
            self.delta.resize(size + SLACK, 0);
        }
        inflate(
            &mut self.input,
            &mut self.decoder,
            offset,
            &mut self.delta[..size + SLACK],
        )?;
        let sizes =
            DeltaHeader::parse(&self.delta[..size]).map_err(|found| problem(offset, found))?;
        self.count(sizes.result_size)?;
        let BaseRef::Offset(base_offset) = base else {
            self.deltas.put_off(offset, base);
            return Ok(());
        };
        let mut alone = None;
        if sizes.result_size > self.batches.capacity() as u64 {
            alone = self.batches.take_for_one(sizes.result_size);
            if alone.is_none() {
                self.deltas.put_off(offset, base);
                return Ok(());
            }
        } else {
            self.make_room(sizes.result_size as usize)?;
        }
        let result_size = sizes.result_size as usize;
        let instructions = &self.delta[sizes.len..size];
        let in_batch = self.batch.find(base_offset).cloned();
        let (kind, applied) = if let Some(object) = &in_batch {
            let (done, room) = self.batch.split();
            let room = alone.as_mut().map_or(room, Batch::room);
            let base = &done[object.range.clone()];
            let room = &mut room[..result_size];
            (object.kind, apply_checked(base, &sizes, instructions, room))
        } else if let Some((kind, base)) = self.recent.get(base_offset) {
            let room = match &mut alone {
                Some(alone) => alone.room(),
                None => self.batch.room(),
            };
            let room = &mut room[..result_size];
            (kind, apply_checked(base, &sizes, instructions, room))
        } else {
            self.deltas.put_off(offset, BaseRef::Offset(base_offset));
            return Ok(());
        };
        applied.map_err(|found| problem(offset, found))?;
        // What is stored of it was counted with the instructions.
        self.crew.work.meter.add(sizes.result_size, 0)?;
        match alone {
            Some(mut alone) => {
                alone.push(offset, kind, result_size);
                self.pass_on(alone)?;
            }
            None => self.batch.push(offset, kind, result_size),
        }
        self.deltas.applied(offset, base_offset);
        Ok(())
    }

    /// Inflates an object that does not fit beside others: into a batch of its own, or in pieces.
    fn large(&mut self, offset: u64, kind: Kind, size: u64) -> Result<(), Error> {
        if kind != Kind::Blob && size > self.crew.harvest.max_tree_bytes() {
            let limit = self.crew.harvest.max_tree_bytes();
            return Err(LimitError::new("max_tree_bytes", limit).actual(size).into());
        }
        let Some(mut alone) = self.batches.take_for_one(size + SLACK as u64) else {
            return self.in_pieces(offset, kind, size);
        };
        inflate(&mut self.input, &mut self.decoder, offset, alone.room())?;
        alone.push(offset, kind, size as usize);
        self.pass_on(alone)
    }

    /// Inflates an object that is too large for memory, and has it hashed along the way.
    fn in_pieces(&mut self, offset: u64, kind: Kind, size: u64) -> Result<(), Error> {
        let examiner = StreamExaminer::new(self.format, offset, kind, size);
        let pieces = self.crew.hash_pieces(self.scope, examiner);
        self.inflate_pieces(offset, size, &mut |piece| {
            // The other end is gone only if its thread failed, which is reported by itself.
            pieces
                .send(piece.to_vec())
                .map_err(|_| Error::message(ErrorKind::Internal, "the import has failed"))
        })
    }

    fn inflate_pieces(
        &mut self,
        offset: u64,
        size: u64,
        each: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.decoder.reset();
        let mut buffer = vec![0; PIECE];
        let mut produced = 0;
        loop {
            let last = self.input.is_last();
            let progress = self
                .decoder
                .decompress(self.input.view(), &mut buffer, last)
                .map_err(|error| problem(offset, deflate_problem(error)))?;
            produced += progress.output.len() as u64;
            let (consumed, done, full) = (progress.consumed, progress.done, progress.full);
            if produced > size || done && produced != size {
                return Err(problem(offset, EntryProblem::SizeMismatch));
            }
            each(progress.output)?;
            self.input.consume(consumed);
            if done {
                return Ok(());
            }
            if full {
                self.decoder.make_room(&mut buffer);
            } else {
                self.input.read_more()?;
            }
        }
    }

    /// Makes sure that an object of `len` bytes fits into the current batch.
    fn make_room(&mut self, len: usize) -> Result<(), Error> {
        if !self.batch.has_room(len) {
            self.hand_on()?;
        }
        Ok(())
    }

    /// Hands the current batch to the threads that hash, and begins another.
    fn hand_on(&mut self) -> Result<(), Error> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let next = self.batches.take();
        let batch = std::mem::replace(&mut self.batch, next);
        self.pass_on(batch)
    }

    /// Has a batch hashed, and keeps it for the deltas that follow.
    fn pass_on(&mut self, batch: Batch) -> Result<(), Error> {
        let batch = Arc::new(batch);
        self.crew.hash(self.scope, Arc::clone(&batch))?;
        self.recent.add(batch, &mut self.batches);
        Ok(())
    }
}

/// Applies a delta to a base that has to have the size that the delta says.
fn apply_checked(
    base: &[u8],
    sizes: &DeltaHeader,
    instructions: &[u8],
    result: &mut [u8],
) -> Result<(), EntryProblem> {
    if sizes.base_size != base.len() as u64 {
        return Err(EntryProblem::DeltaBaseSize);
    }
    apply_delta(base, instructions, result)
}
