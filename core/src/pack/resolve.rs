//! Visiting every object of a forest, bases first, in parallel.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::Scope;

use crate::error::Error;
use crate::pack::data::PackData;
use crate::pack::delta::{self, DeltaHeader};
use crate::pack::entry::{EntryHeader, Kind, Stored};
use crate::pack::error::EntryProblem;
use crate::pack::forest::Forest;
use crate::pack::reader::{EntryStream, Extent, SLACK, Span};
use crate::pack::work::{ThreadState, Work};
use crate::spill::Buffer;

/// What is done with each object.
pub(crate) trait Visitor: Sync {
    /// Takes an object that is whole in memory. Returns the deltas that were only now found to be
    /// against it; they are visited next.
    fn whole(&self, node: u32, kind: Kind, bytes: &[u8], extent: Extent)
    -> Result<Vec<u32>, Error>;

    /// Takes an object that is too large to be held and that nothing is a delta against.
    fn stream(&self, node: u32, kind: Kind, stream: EntryStream<'_>) -> Result<(), Error>;

    /// Is told that an object exceeds [`max_object`](Self::max_object), and so is not shown.
    fn too_large(&self, node: u32, size: u64) -> Result<(), Error>;

    /// The largest object that is wanted, in bytes.
    fn max_object(&self) -> u64;
}

/// Roots without deltas that are visited by one task, in the order of the pack.
const BATCH: usize = 64;

/// Entries that begin closer to each other than this are read at once, with what is between them.
const NEAR: u64 = 64 << 10;

/// Bytes that are read first of an entry of which only its header will tell how long it is.
const FIRST_READ: u64 = 8 << 10;

/// Visits every object of the `forest` that has a root above it.
///
/// # Errors
///
/// The first error that comes up, after which no new work begins.
pub(crate) fn resolve(
    forest: &Forest,
    data: &PackData,
    work: &Work,
    visitor: &dyn Visitor,
) -> Result<(), Error> {
    let run = Run {
        forest,
        data,
        work,
        visitor,
        has_failed: AtomicBool::new(false),
        failure: Mutex::new(None),
    };
    work.pool()?.in_place_scope(|scope| {
        let mut batch = Vec::with_capacity(BATCH);
        for &root in forest.roots() {
            if forest.children(root).is_empty() {
                batch.push(root);
                if batch.len() < BATCH {
                    continue;
                }
            } else {
                let run = &run;
                scope.spawn(move |scope| {
                    run.guard(|| run.family(scope, root, None, run.read_ahead(&[root])));
                });
                continue;
            }
            run.spawn_batch(scope, std::mem::take(&mut batch));
        }
        run.spawn_batch(scope, batch);
    });
    match run
        .failure
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
    {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

struct Run<'a> {
    forest: &'a Forest,
    data: &'a PackData,
    work: &'a Work,
    visitor: &'a dyn Visitor,
    /// Whether there is a failure.
    has_failed: AtomicBool,
    failure: Mutex<Option<Error>>,
}

/// An object that deltas are applied to.
struct Base {
    kind: Kind,
    bytes: Buffer,
    len: usize,
}

impl Base {
    fn new(kind: Kind, bytes: Buffer, len: usize) -> Self {
        Base { kind, bytes, len }
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl<'a> Run<'a> {
    fn spawn_batch<'s>(&'s self, scope: &Scope<'s>, batch: Vec<u32>) {
        if batch.is_empty() {
            return;
        }
        scope.spawn(move |scope| {
            let mut ahead = 0;
            for (position, &node) in batch.iter().enumerate() {
                if self.forest.offset(node) >= ahead {
                    ahead = self.read_ahead(&batch[position..]);
                }
                self.guard(|| self.family(scope, node, None, ahead));
            }
        });
    }

    /// How far to read when the first of `nodes` is read, of which the others follow.
    fn read_ahead(&self, nodes: &[u32]) -> u64 {
        let is_near =
            |pair: &&[u32]| self.forest.offset(pair[1]) - self.forest.offset(pair[0]) <= NEAR;
        let near = nodes.windows(2).take_while(is_near).count();
        let (offset, end) = (
            self.forest.offset(nodes[near]),
            self.forest.end(nodes[near]),
        );
        if end - offset <= NEAR {
            end
        } else {
            offset + FIRST_READ
        }
    }

    /// Runs `task` unless something failed before, and keeps its error.
    fn guard(&self, task: impl FnOnce() -> Result<(), Error>) {
        if self.has_failed.load(Ordering::Relaxed) {
            return;
        }
        if let Err(error) = self.work.cancel.check().and_then(|()| task()) {
            self.has_failed.store(true, Ordering::Relaxed);
            let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
            failure.get_or_insert(error);
        }
    }

    /// Visits `node` and everything below it. The last child is visited by this very loop, so that a
    /// chain of deltas holds two objects at a time however long it is.
    fn family<'s>(
        &'s self,
        scope: &Scope<'s>,
        mut node: u32,
        mut base: Option<Arc<Base>>,
        mut ahead: u64,
    ) -> Result<(), Error> {
        loop {
            self.work.cancel.check()?;
            let Some((object, found_late)) = self.visit(node, base.as_deref(), ahead)? else {
                return Ok(());
            };
            let mut below = self.forest.children(node).to_vec();
            below.extend(found_late);
            let Some(last) = below.pop() else {
                return Ok(());
            };
            let object = Arc::new(object);
            for child in below {
                let object = Arc::clone(&object);
                let ahead = self.read_ahead(&[child]);
                scope.spawn(move |scope| {
                    self.guard(|| self.family(scope, child, Some(object), ahead));
                });
            }
            base = Some(object);
            node = last;
            ahead = self.read_ahead(&[node]);
        }
    }

    /// Rebuilds the object of `node` and shows it to the visitor. Returns it if it is needed as a
    /// base, with the nodes that are known to need it only now.
    fn visit(
        &self,
        node: u32,
        base: Option<&Base>,
        ahead: u64,
    ) -> Result<Option<(Base, Vec<u32>)>, Error> {
        let span = Span {
            offset: self.forest.offset(node),
            end: self.forest.end(node),
            ahead,
        };
        let mut state = self.work.thread_state(self.data);
        let state = &mut *state;
        let header = state.reader.header(self.data, span)?;
        match (header.stored, base) {
            (Stored::Whole(kind), None) => self.visit_whole(node, span, kind, &header, state),
            (Stored::OffsetDelta(_) | Stored::RefDelta(_), Some(base)) => {
                self.visit_delta(node, span, &header, base, state)
            }
            // The forest was made from these very headers, so the file has changed since.
            _ => Err(self.problem(node, EntryProblem::Header)),
        }
    }

    fn visit_whole(
        &self,
        node: u32,
        span: Span,
        kind: Kind,
        header: &EntryHeader,
        state: &mut ThreadState,
    ) -> Result<Option<(Base, Vec<u32>)>, Error> {
        let is_base = !self.forest.children(node).is_empty();
        if header.size > self.visitor.max_object() && !is_base {
            self.visitor.too_large(node, header.size)?;
            return Ok(None);
        }
        let size = self.in_memory(node, header.size)?;
        if is_base {
            let mut bytes = self.work.buffers.zeroed(size + SLACK)?;
            let extent = state.reader.inflate(self.data, span, header, &mut bytes)?;
            self.work.meter.add(header.size, extent.len)?;
            let found_late = self.show(node, kind, &bytes[..size], extent)?;
            return Ok(Some((Base::new(kind, bytes, size), found_late)));
        }
        if size <= self.work.scratch {
            let out = grown(&mut state.object, size + SLACK);
            let extent = state.reader.inflate(self.data, span, header, out)?;
            self.work.meter.add(header.size, extent.len)?;
            self.visitor.whole(node, kind, &out[..size], extent)?;
            return Ok(None);
        }
        let stream = state.reader.stream(self.data, span.offset, header)?;
        self.visitor.stream(node, kind, stream)?;
        Ok(None)
    }

    fn visit_delta(
        &self,
        node: u32,
        span: Span,
        header: &EntryHeader,
        base: &Base,
        state: &mut ThreadState,
    ) -> Result<Option<(Base, Vec<u32>)>, Error> {
        let delta_len = self.in_memory(node, header.size)?;
        let mut spilled;
        let delta = if delta_len <= self.work.scratch {
            grown(&mut state.delta, delta_len + SLACK)
        } else {
            spilled = self.work.buffers.zeroed(delta_len + SLACK)?;
            &mut spilled[..]
        };
        let extent = state.reader.inflate(self.data, span, header, delta)?;
        let delta = &delta[..delta_len];
        let sizes = DeltaHeader::parse(delta).map_err(|problem| self.problem(node, problem))?;
        if sizes.base_size != base.len as u64 {
            return Err(self.problem(node, EntryProblem::DeltaBaseSize));
        }
        let is_base = !self.forest.children(node).is_empty();
        if sizes.result_size > self.visitor.max_object() && !is_base {
            self.visitor.too_large(node, sizes.result_size)?;
            return Ok(None);
        }
        self.work.meter.add(sizes.result_size, extent.len)?;
        let size = self.in_memory(node, sizes.result_size)?;
        let instructions = &delta[sizes.len..];
        if !is_base && size <= self.work.scratch {
            let out = grown(&mut state.object, size);
            delta::apply(base.bytes(), instructions, out)
                .map_err(|problem| self.problem(node, problem))?;
            let found_late = self.visitor.whole(node, base.kind, out, extent)?;
            if found_late.is_empty() {
                return Ok(None);
            }
            let mut bytes = self.work.buffers.zeroed(size)?;
            bytes.copy_from_slice(out);
            return Ok(Some((Base::new(base.kind, bytes, size), found_late)));
        }
        let mut bytes = self.work.buffers.zeroed(size)?;
        delta::apply(base.bytes(), instructions, &mut bytes)
            .map_err(|problem| self.problem(node, problem))?;
        let found_late = self.show(node, base.kind, &bytes, extent)?;
        Ok(Some((Base::new(base.kind, bytes, size), found_late)))
    }

    /// Shows an object that is a base to the visitor, unless it is larger than that wants.
    fn show(&self, node: u32, kind: Kind, bytes: &[u8], extent: Extent) -> Result<Vec<u32>, Error> {
        let size = bytes.len() as u64;
        if size > self.visitor.max_object() {
            self.visitor.too_large(node, size)?;
            return Ok(Vec::new());
        }
        self.visitor.whole(node, kind, bytes, extent)
    }

    fn in_memory(&self, node: u32, size: u64) -> Result<usize, Error> {
        usize::try_from(size)
            .ok()
            .filter(|&size| size < isize::MAX as usize - SLACK)
            .ok_or_else(|| self.problem(node, EntryProblem::SizeMismatch))
    }

    fn problem(&self, node: u32, problem: EntryProblem) -> Error {
        self.data.problem(self.forest.offset(node), None, problem)
    }
}

/// The first `len` bytes of `buffer`, which grows as needed; what they hold is left over from before.
fn grown(buffer: &mut Vec<u8>, len: usize) -> &mut [u8] {
    if buffer.len() < len {
        buffer.resize(len, 0);
    }
    &mut buffer[..len]
}
