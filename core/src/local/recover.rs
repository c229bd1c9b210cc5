//! Reading on after damage was found: from other packs, and at last object by object.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;
use crate::id::ObjectId;
use crate::limits::Limits;
use crate::local::odb::Odb;
use crate::local::read::{Verify, read_present};
use crate::local::rescue::{Rescue, is_damage};
use crate::pack::{Found, ObjectStream, Sink, Work};

/// So many damaged packs are passed over as a whole before objects are read by themselves.
const MAX_AVOIDED: usize = 16;

/// A sink that knows what it has taken, so that nothing is handed on twice.
pub(super) struct Delivered<'a> {
    sink: &'a dyn Sink,
    taken: Vec<AtomicBool>,
    /// Whether the sink itself has failed, so that no other copy would help.
    has_refused: AtomicBool,
}

impl<'a> Delivered<'a> {
    /// For `count` objects that go to `sink`.
    pub(super) fn new(sink: &'a dyn Sink, count: usize) -> Self {
        Delivered {
            sink,
            taken: (0..count).map(|_| AtomicBool::new(false)).collect(),
            has_refused: AtomicBool::new(false),
        }
    }

    /// Whether the error is of an object, of which there may be another copy.
    pub(super) fn may_recover(&self, error: &Error) -> bool {
        is_damage(error) && !self.has_refused.load(Ordering::Acquire)
    }

    /// Those of `numbers` that were not taken yet.
    fn rest(&self, numbers: impl IntoIterator<Item = usize>) -> Vec<usize> {
        numbers
            .into_iter()
            .filter(|&number| !self.taken[number].load(Ordering::Acquire))
            .collect()
    }
}

impl Sink for Delivered<'_> {
    fn take(&self, request: usize, found: Found<'_>) -> Result<(), Error> {
        let (result, is_readable) = match found {
            Found::Stream(kind, stream) => {
                let mut stream = Watched {
                    stream,
                    is_readable: true,
                };
                let result = self.sink.take(request, Found::Stream(kind, &mut stream));
                (result, stream.is_readable)
            }
            found => (self.sink.take(request, found), true),
        };
        match &result {
            Ok(()) => self.taken[request].store(true, Ordering::Release),
            Err(_) if is_readable => self.has_refused.store(true, Ordering::Release),
            Err(_) => {}
        }
        result
    }
}

/// A stream that tells its own failures from those of its reader.
struct Watched<'a> {
    stream: &'a mut dyn ObjectStream,
    is_readable: bool,
}

impl ObjectStream for Watched<'_> {
    fn size(&self) -> u64 {
        self.stream.size()
    }

    fn for_each_chunk(
        &mut self,
        each: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut has_refused = false;
        let result = self.stream.for_each_chunk(&mut |chunk| {
            let result = each(chunk);
            has_refused |= result.is_err();
            result
        });
        self.is_readable &= result.is_ok() || has_refused;
        result
    }
}

/// Reads on what reading has left, after it has met the damage that `error` tells of.
pub(super) struct Recovery<'a> {
    pub(super) odb: &'a Odb,
    pub(super) ids: &'a [ObjectId],
    pub(super) verify: Verify,
    pub(super) limits: &'a Limits,
    pub(super) work: &'a Work,
    pub(super) delivered: &'a Delivered<'a>,
}

impl Recovery<'_> {
    /// Reads what is left; returns the numbers of those that are not there.
    ///
    /// What has a copy outside of the damaged pack is read from there, all at once. If there is damage
    /// still, what is left is halved until the damaged ones stand alone, for each of which every copy
    /// is tried, and those of its delta bases.
    ///
    /// # Errors
    ///
    /// The damage, for an object of which no copy is sound.
    pub(super) fn read(&self, mut error: Error) -> Result<Vec<usize>, Error> {
        let mut avoid = Vec::new();
        while avoid.len() < MAX_AVOIDED
            && let Some(pack) = error.file().and_then(|file| self.odb.pack_at(file))
            && !avoid.contains(&pack)
        {
            avoid.push(pack);
            let rest = self.delivered.rest(0..self.ids.len());
            match self.read_these(&rest, &avoid) {
                Err(found) if self.delivered.may_recover(&found) => error = found,
                result => return result,
            }
        }
        self.halve(&avoid)
    }

    fn halve(&self, avoid: &[u32]) -> Result<Vec<usize>, Error> {
        let mut rescue = Rescue::new(self.odb, self.limits, self.work);
        let mut absent = Vec::new();
        let mut groups = vec![self.delivered.rest(0..self.ids.len())];
        while let Some(group) = groups.pop() {
            self.work.cancel.check()?;
            let error = match self.read_these(&group, avoid) {
                Ok(more) => {
                    absent.extend(more);
                    continue;
                }
                Err(error) if self.delivered.may_recover(&error) => error,
                Err(error) => return Err(error),
            };
            let rest = self.delivered.rest(group);
            match rest[..] {
                [] => {}
                [number] => self.take_copy(&mut rescue, number, error)?,
                _ => {
                    let (first, second) = rest.split_at(rest.len() / 2);
                    groups.extend([second.to_vec(), first.to_vec()]);
                }
            }
        }
        Ok(absent)
    }

    /// Hands on a sound copy of the object, or fails with the `error` that another one gave.
    fn take_copy(&self, rescue: &mut Rescue<'_>, number: usize, error: Error) -> Result<(), Error> {
        let Some(object) = rescue.read(self.ids[number])? else {
            return Err(error);
        };
        let size = object.bytes().len() as u64;
        self.delivered.take(
            number,
            match size > self.limits.max_blob {
                true => Found::TooLarge(size),
                false => Found::Whole(object.kind, object.bytes()),
            },
        )
    }

    fn read_these(&self, numbers: &[usize], avoid: &[u32]) -> Result<Vec<usize>, Error> {
        let ids: Vec<ObjectId> = numbers.iter().map(|&number| self.ids[number]).collect();
        let sink = |index: usize, found: Found<'_>| self.delivered.take(numbers[index], found);
        let absent = read_present(
            self.odb,
            &ids,
            self.verify,
            self.limits,
            self.work,
            &sink,
            avoid,
        )?;
        Ok(absent.into_iter().map(|index| numbers[index]).collect())
    }
}
