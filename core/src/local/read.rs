//! Reading many objects of a repository at once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;

use rayon::prelude::*;

use crate::error::{Error, LimitError};
use crate::id::{ObjectFormat, ObjectId};
use crate::limits::Limits;
use crate::local::error::LocalError;
use crate::local::guard;
use crate::local::loose::LooseObject;
use crate::local::odb::{Location, Odb};
use crate::local::recover::{Delivered, Recovery};
use crate::object::ObjectHasher;
use crate::pack::{Found, Kind, ObjectStream, Request, Sink, Work, read_entries};

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
/// What is damaged is read from another copy, if there is one that is sound, as Git does.
///
/// What cannot be found is looked for once more with the indexes opened anew: another process may be
/// repacking the repository.
///
/// # Errors
///
/// What is damaged in every copy, what the limits forbid, and what the sink fails with. A missing
/// object is no error here.
pub(crate) fn read_many(
    odb: &Odb,
    ids: &[ObjectId],
    verify: Verify,
    limits: &Limits,
    work: &Work,
    sink: &dyn Sink,
) -> Result<(), Error> {
    let delivered = Delivered::new(sink, ids.len());
    let absent = match read_present(odb, ids, verify, limits, work, &delivered, &[]) {
        Err(error) if delivered.may_recover(&error) => {
            let recovery = Recovery {
                odb,
                ids,
                verify,
                limits,
                work,
                delivered: &delivered,
            };
            recovery.read(error)?
        }
        result => result?,
    };
    if absent.is_empty() {
        return Ok(());
    }
    let sought: Vec<ObjectId> = absent.iter().map(|&number| ids[number]).collect();
    let renumbered = |number: usize, found: Found<'_>| sink.take(absent[number], found);
    let odb = odb.reopen()?;
    let missing = read_present(&odb, &sought, verify, limits, work, &renumbered, &[])?;
    missing
        .into_iter()
        .try_for_each(|number| sink.take(absent[number], Found::Missing))
}

/// Reads those objects that are there, outside of the packs `avoid` where that is possible; returns
/// the numbers of the others.
pub(super) fn read_present(
    odb: &Odb,
    ids: &[ObjectId],
    verify: Verify,
    limits: &Limits,
    work: &Work,
    sink: &dyn Sink,
    avoid: &[u32],
) -> Result<Vec<usize>, Error> {
    let mut packed: BTreeMap<u32, Vec<Request>> = BTreeMap::new();
    let mut loose: Vec<(usize, u32)> = Vec::new();
    let mut absent = Vec::new();
    for (number, location) in locate_all(odb, ids, avoid, work)?.into_iter().enumerate() {
        match location {
            Some(Location::Packed {
                pack,
                offset,
                crc32,
            }) => packed.entry(pack).or_default().push(Request {
                offset,
                number,
                id: ids[number],
                crc32,
                check_id: verify == Verify::Ids || crc32.is_none(),
            }),
            Some(Location::Loose { folder }) => loose.push((number, folder)),
            None => absent.push(number),
        }
    }
    for (pack, requests) in packed {
        let data = odb.pack_data(pack)?;
        let lookup = |id: &ObjectId| odb.locate_in(pack, id);
        read_entries(data, requests, &lookup, limits, work, sink)?;
    }
    if loose.is_empty() {
        return Ok(absent);
    }
    let vanished: Result<Vec<Option<usize>>, Error> = work.pool()?.install(|| {
        loose
            .par_iter()
            .with_max_len(16)
            .map(|&(number, folder)| {
                work.cancel.check()?;
                let path = odb.loose_path(folder, &ids[number]);
                if !guard::is_there(&path)? {
                    return Ok(Some(number));
                }
                read_loose(odb, &path, ids[number], number, limits, work, sink)?;
                Ok(None)
            })
            .collect()
    });
    absent.extend(vanished?.into_iter().flatten());
    Ok(absent)
}

/// Ids that one task looks up, so that neighbours profit from the same pack hint.
const LOOKUPS: usize = 512;

fn locate_all(
    odb: &Odb,
    ids: &[ObjectId],
    avoid: &[u32],
    work: &Work,
) -> Result<Vec<Option<Location>>, Error> {
    let mut locations = vec![None; ids.len()];
    work.pool()?.install(|| {
        let chunks = locations
            .par_chunks_mut(LOOKUPS)
            .zip(ids.par_chunks(LOOKUPS));
        chunks.try_for_each(|(locations, ids)| {
            work.cancel.check()?;
            let mut hint = 0;
            for (location, id) in locations.iter_mut().zip(ids) {
                *location = match avoid {
                    [] => odb.locate(id, &mut hint)?,
                    avoid => odb.locate_outside(id, avoid)?,
                };
            }
            Ok::<(), Error>(())
        })
    })?;
    Ok(locations)
}

/// Loose objects up to this many bytes are handed on whole.
const WHOLE_LOOSE: u64 = 1 << 20;

fn read_loose(
    odb: &Odb,
    path: &Path,
    id: ObjectId,
    number: usize,
    limits: &Limits,
    work: &Work,
    sink: &dyn Sink,
) -> Result<(), Error> {
    let stored = path.metadata().map_or(0, |file| file.len());
    let object = LooseObject::open(path, id)?;
    let (kind, size) = (object.kind(), object.size());
    if size > limits.max_blob {
        return sink.take(number, Found::TooLarge(size));
    }
    work.meter.add(size, stored)?;
    let mut stream = LooseStream {
        format: odb.format(),
        object,
        id,
    };
    if size > WHOLE_LOOSE {
        return sink.take(number, Found::Stream(kind, &mut stream));
    }
    let bytes = stream.to_vec()?;
    sink.take(number, Found::Whole(kind, &bytes))
}

/// A loose object that is read piece by piece, and checked by its id at its end.
struct LooseStream {
    format: ObjectFormat,
    object: LooseObject,
    id: ObjectId,
}

impl ObjectStream for LooseStream {
    fn size(&self) -> u64 {
        self.object.size()
    }

    fn for_each_chunk(
        &mut self,
        each: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut hasher = ObjectHasher::new(self.format, self.object.kind(), self.object.size());
        while let Some(chunk) = self.object.next_chunk()? {
            hasher.update(chunk);
            each(chunk)?;
        }
        match hasher.finish() {
            Ok(id) if id == self.id => Ok(()),
            Ok(_) => Err(self.object.problem("its content does not have its id")),
            Err(_) => Err(self.object.problem("it is an attempt at a SHA-1 collision")),
        }
    }
}

/// Reads one object whole into memory; `None` if it is missing.
///
/// # Errors
///
/// As for [`read_many`], and if it is larger than [`Limits::max_blob`].
pub(crate) fn read_one(
    odb: &Odb,
    id: ObjectId,
    verify: Verify,
    limits: &Limits,
    work: &Work,
) -> Result<Option<(Kind, Vec<u8>)>, Error> {
    let result = Mutex::new(None);
    let keep = |_, found: Found<'_>| {
        let object = match found {
            Found::Whole(kind, bytes) => Some((kind, bytes.to_vec())),
            Found::Stream(kind, stream) => Some((kind, stream.to_vec()?)),
            Found::TooLarge(size) => {
                return Err(LimitError::new("max_blob", limits.max_blob)
                    .actual(size)
                    .at_object(id)
                    .into());
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
