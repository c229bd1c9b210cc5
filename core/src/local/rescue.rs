//! One object from whatever copies of it are sound.
//!
//! Git does the same: an entry that is damaged is passed over, for its own sake and for that of the
//! deltas against it, as long as another pack or a loose file has the object.

use std::collections::{HashMap, HashSet};

use crate::error::{Error, ErrorKind};
use crate::id::ObjectId;
use crate::limits::{self, Limits};
use crate::local::loose::LooseObject;
use crate::local::odb::{Location, Odb};
use crate::object::object_id;
use crate::pack::{DeltaHeader, Entry, Kind, Stored, Work, apply_delta, read_entry};
use crate::spill::Buffer;

/// Whether the error says that something on the disk is damaged or cannot be read, so that another
/// copy is worth a look.
pub(super) fn is_damage(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::CorruptObject
            | ErrorKind::CorruptRepository
            | ErrorKind::Io
            | ErrorKind::PermissionDenied
    )
}

/// An object whose bytes have its id.
#[derive(Debug)]
pub(super) struct Rescued {
    pub(super) kind: Kind,
    bytes: Buffer,
    len: usize,
}

impl Rescued {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Looks for sound copies. Every copy is checked by its id.
pub(super) struct Rescue<'a> {
    odb: &'a Odb,
    limits: &'a Limits,
    work: &'a Work,
    /// Entries of the packs by their offsets, as positions in the pack's index.
    by_offset: HashMap<u32, Vec<u32>>,
    /// Objects without a sound copy.
    lost: HashSet<ObjectId>,
}

/// An object that is looked for.
struct Sought {
    id: ObjectId,
    copies: std::vec::IntoIter<Location>,
    /// The delta that waits for its base, which is looked for above.
    delta: Option<Entry>,
    /// Whether a copy was passed over only because its base is being looked for already.
    in_circle: bool,
}

/// What a copy is.
enum Copy {
    Whole(Rescued),
    Delta(Entry, ObjectId),
}

impl<'a> Rescue<'a> {
    pub(super) fn new(odb: &'a Odb, limits: &'a Limits, work: &'a Work) -> Self {
        Rescue {
            odb,
            limits,
            work,
            by_offset: HashMap::new(),
            lost: HashSet::new(),
        }
    }

    /// Reads an object; `None` if no copy of it is sound.
    ///
    /// # Errors
    ///
    /// What the limits forbid, and the cancelled import.
    pub(super) fn read(&mut self, id: ObjectId) -> Result<Option<Rescued>, Error> {
        let mut stack = vec![self.seek(id)?];
        let mut seeking = HashSet::from([id]);
        // What became of the base that was looked for last, and whether a circle is to blame.
        let mut answer: Option<(Option<Rescued>, bool)> = None;
        loop {
            self.work.cancel.check()?;
            let Some(sought) = stack.last_mut() else {
                return Ok(answer.and_then(|(found, _)| found));
            };
            let mut found = None;
            if let Some((base, in_circle)) = answer.take() {
                sought.in_circle |= in_circle;
                if let (Some(base), Some(delta)) = (base, sought.delta.take()) {
                    found = self.apply(sought.id, &base, &delta)?;
                }
            }
            while found.is_none()
                && sought.delta.is_none()
                && let Some(copy) = sought.copies.next()
            {
                match self.open(sought.id, copy)? {
                    None => {}
                    Some(Copy::Whole(object)) => found = Some(object),
                    Some(Copy::Delta(_, base)) if self.lost.contains(&base) => {}
                    Some(Copy::Delta(_, base)) if seeking.contains(&base) => {
                        sought.in_circle = true;
                    }
                    Some(Copy::Delta(delta, base)) => {
                        sought.delta = Some(delta);
                        seeking.insert(base);
                        stack.push(self.seek(base)?);
                        let depth = stack.len() as u64 - 1;
                        limits::check("max_delta_depth", self.limits.max_delta_depth, depth)?;
                        break;
                    }
                }
            }
            let Some(sought) = stack.last().filter(|sought| {
                found.is_some() || sought.delta.is_none() && sought.copies.as_slice().is_empty()
            }) else {
                continue;
            };
            if found.is_none() && !sought.in_circle {
                self.lost.insert(sought.id);
            }
            seeking.remove(&sought.id);
            answer = Some((found, sought.in_circle));
            stack.pop();
        }
    }

    /// Begins with the copies that need no base.
    fn seek(&self, id: ObjectId) -> Result<Sought, Error> {
        let mut copies = self.odb.copies(&id)?;
        copies.sort_by_key(|copy| matches!(copy, Location::Packed { .. }));
        Ok(Sought {
            id,
            copies: copies.into_iter(),
            delta: None,
            in_circle: false,
        })
    }

    /// Reads one copy; `None` if it is damaged.
    fn open(&mut self, id: ObjectId, copy: Location) -> Result<Option<Copy>, Error> {
        let opened = match copy {
            Location::Loose { folder } => self.open_loose(id, folder),
            Location::Packed { pack, offset, .. } => self.open_packed(id, pack, offset),
        };
        match opened {
            Err(error) if is_damage(&error) => Ok(None),
            opened => opened,
        }
    }

    fn open_loose(&self, id: ObjectId, folder: u32) -> Result<Option<Copy>, Error> {
        let path = self.odb.loose_path(folder, &id);
        let stored = path.metadata().map_or(0, |file| file.len());
        let mut object = LooseObject::open(&path, id)?;
        let (kind, size) = (object.kind(), object.size());
        let len = usize::try_from(size).map_err(|_| object.problem("it is too large"))?;
        self.work.meter.add(size, stored)?;
        let mut bytes = self.work.buffers.zeroed(len)?;
        let mut filled = 0;
        while let Some(chunk) = object.next_chunk()? {
            bytes[filled..filled + chunk.len()].copy_from_slice(chunk);
            filled += chunk.len();
        }
        Ok(self.checked(id, Rescued { kind, bytes, len }))
    }

    fn open_packed(&mut self, id: ObjectId, pack: u32, offset: u64) -> Result<Option<Copy>, Error> {
        let data = self.odb.pack_data(pack)?;
        let entry = read_entry(data, offset, self.work)?;
        let base = match entry.stored {
            Stored::Whole(kind) => {
                let len = entry.bytes().len();
                let mut bytes = self.work.buffers.zeroed(len)?;
                bytes.copy_from_slice(entry.bytes());
                return Ok(self.checked(id, Rescued { kind, bytes, len }));
            }
            Stored::RefDelta(base) => Some(base),
            Stored::OffsetDelta(distance) => offset
                .checked_sub(distance)
                .and_then(|base| self.id_at(pack, base)),
        };
        Ok(base.map(|base| Copy::Delta(entry, base)))
    }

    /// The id of the entry at `offset`, which only an index knows.
    fn id_at(&mut self, pack: u32, offset: u64) -> Option<ObjectId> {
        let odb = self.odb;
        let by_offset = self
            .by_offset
            .entry(pack)
            .or_insert_with(|| odb.entries_by_offset(pack));
        odb.id_at(pack, by_offset, offset)
    }

    /// Applies a delta, if base and delta are what they have to be.
    fn apply(&self, id: ObjectId, base: &Rescued, delta: &Entry) -> Result<Option<Rescued>, Error> {
        let delta = delta.bytes();
        let Ok(sizes) = DeltaHeader::parse(delta) else {
            return Ok(None);
        };
        let Ok(len) = usize::try_from(sizes.result_size) else {
            return Ok(None);
        };
        if sizes.base_size != base.len as u64 {
            return Ok(None);
        }
        self.work.meter.add(sizes.result_size, delta.len() as u64)?;
        let mut bytes = self.work.buffers.zeroed(len)?;
        if apply_delta(base.bytes(), &delta[sizes.len..], &mut bytes).is_err() {
            return Ok(None);
        }
        let kind = base.kind;
        Ok(match self.checked(id, Rescued { kind, bytes, len }) {
            Some(Copy::Whole(object)) => Some(object),
            _ => None,
        })
    }

    /// The object, if it has the id that it should have.
    fn checked(&self, id: ObjectId, object: Rescued) -> Option<Copy> {
        let actual = object_id(self.odb.format(), object.kind, object.bytes());
        (actual == Ok(id)).then_some(Copy::Whole(object))
    }
}
