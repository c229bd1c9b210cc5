//! Where a repository keeps each object: packs, loose files, alternates.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use gix::odb::pack::{index, multi_index};

use crate::error::{Error, FileError};
use crate::id::{ObjectFormat, ObjectId};
use crate::local::error::{Cause, LocalError};
use crate::local::guard;
use crate::pack::PackData;

/// The object database as it stood when it was opened.
pub(crate) struct Odb {
    format: ObjectFormat,
    /// The repository's own `objects` folder first, then its alternates.
    folders: Vec<PathBuf>,
    packs: Vec<Pack>,
    multi_indexes: Vec<MultiIndex>,
}

struct Pack {
    path: PathBuf,
    /// Missing only for a pack that a multi-pack index speaks for.
    index: Option<index::File>,
    data: OnceLock<PackData>,
}

struct MultiIndex {
    file: multi_index::File,
    /// Number in [`Odb::packs`] of each of its packs.
    packs: Vec<u32>,
}

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Location {
    Packed {
        pack: u32,
        offset: u64,
        /// CRC-32 of the entry's bytes, which an index of version 2 has.
        crc32: Option<u32>,
    },
    Loose {
        folder: u32,
    },
}

/// Bytes that a multi-pack index may make its reader allocate at once.
const INDEX_ALLOCATION: usize = 64 << 20;

/// So many packs are opened at once, which guards them against a repack that runs at the same time;
/// repositories with more open theirs when they are needed.
const EAGER_PACKS: usize = 64;

impl Odb {
    /// Opens all indexes below `folders`: the repository's own `objects`, and those of its
    /// alternates.
    pub(crate) fn open(folders: Vec<PathBuf>, format: ObjectFormat) -> Result<Self, Error> {
        let mut odb = Odb {
            format,
            folders,
            packs: Vec::new(),
            multi_indexes: Vec::new(),
        };
        for folder in odb.folders.clone() {
            odb.add_packs(&folder.join("pack"))?;
        }
        if odb.packs.len() <= EAGER_PACKS {
            for pack in 0..odb.packs.len() {
                // One that cannot be opened is told when it is needed, and there is no other copy.
                let _ = odb.pack_data(pack as u32);
            }
        }
        Ok(odb)
    }

    fn add_packs(&mut self, folder: &Path) -> Result<(), Error> {
        let first = self.packs.len();
        let mut names = Vec::new();
        let list = match fs::read_dir(folder) {
            Ok(list) => list,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(FileError::new("list", folder, error).into()),
        };
        for entry in list {
            let entry = entry.map_err(|error| FileError::new("list", folder, error))?;
            let path = entry.path();
            if path.extension().is_some_and(|extension| extension == "idx") {
                names.push(path);
            }
        }
        names.sort();
        for path in names {
            guard::regular(&path, u64::MAX)?;
            let index = index::File::at(&path, self.format.to_gix())
                .map_err(|source| unusable(&path, source))?;
            self.packs.push(Pack {
                path: path.with_extension("pack"),
                index: Some(index),
                data: OnceLock::new(),
            });
        }
        self.add_multi_index(folder, first)
    }

    fn add_multi_index(&mut self, folder: &Path, first: usize) -> Result<(), Error> {
        let path = folder.join("multi-pack-index");
        if !guard::is_there(&path)? {
            return Ok(());
        }
        let damaged = |source: Box<dyn std::error::Error + Send + Sync>| LocalError::Index {
            file: path.clone(),
            source: Cause::new(source),
        };
        let file = multi_index::File::at(&path, Some(INDEX_ALLOCATION))
            .map_err(|source| unusable(&path, source))?;
        if ObjectFormat::from_gix(file.object_hash()) != Some(self.format) {
            return Err(damaged("it is for another object format".into()).into());
        }
        let mut packs = Vec::new();
        for name in file.index_names() {
            // The name is data of the repository: only its last part may say anything.
            let name = name
                .file_name()
                .ok_or_else(|| damaged("it names no pack".into()))?;
            let pack = folder.join(name).with_extension("pack");
            let known = self.packs[first..]
                .iter()
                .position(|known| known.path == pack);
            packs.push(match known {
                Some(index) => (first + index) as u32,
                None => {
                    self.packs.push(Pack {
                        path: pack,
                        index: None,
                        data: OnceLock::new(),
                    });
                    self.packs.len() as u32 - 1
                }
            });
        }
        self.multi_indexes.push(MultiIndex { file, packs });
        Ok(())
    }

    /// Opens the same folders anew, as they are now.
    pub(crate) fn reopen(&self) -> Result<Self, Error> {
        Self::open(self.folders.clone(), self.format)
    }

    pub(crate) fn format(&self) -> ObjectFormat {
        self.format
    }

    /// Finds an object. `hint` is the pack that the last one was in, where the next one is likely
    /// to be; it is updated.
    pub(crate) fn locate(&self, id: &ObjectId, hint: &mut u32) -> Result<Option<Location>, Error> {
        let hex = id.to_gix();
        if let Some(found) = self.locate_in_pack(*hint, &hex) {
            return Ok(Some(found));
        }
        for multi in &self.multi_indexes {
            let Some(entry) = multi.file.lookup(hex) else {
                continue;
            };
            let (pack, offset) =
                multi
                    .file
                    .pack_id_and_pack_offset_at_index(entry)
                    .map_err(|source| LocalError::Index {
                        file: multi.file.path().to_owned(),
                        source: Cause::new(source),
                    })?;
            let Some(&pack) = multi.packs.get(pack as usize) else {
                continue;
            };
            *hint = pack;
            return Ok(Some(self.locate_in_pack(pack, &hex).unwrap_or(
                Location::Packed {
                    pack,
                    offset,
                    crc32: None,
                },
            )));
        }
        for pack in 0..self.packs.len() as u32 {
            if let Some(found) = self.locate_in_pack(pack, &hex) {
                *hint = pack;
                return Ok(Some(found));
            }
        }
        for folder in 0..self.folders.len() as u32 {
            if guard::is_there(&self.loose_path(folder, id))? {
                return Ok(Some(Location::Loose { folder }));
            }
        }
        Ok(None)
    }

    /// Finds an object outside of the packs `avoid`, or in one of them if it is nowhere else.
    pub(crate) fn locate_outside(
        &self,
        id: &ObjectId,
        avoid: &[u32],
    ) -> Result<Option<Location>, Error> {
        let copies = self.copies(id)?;
        let is_outside = |copy: &&Location| match copy {
            Location::Packed { pack, .. } => !avoid.contains(pack),
            Location::Loose { .. } => true,
        };
        let outside = copies.iter().find(is_outside);
        Ok(outside.or(copies.first()).copied())
    }

    /// Finds all copies of an object, packed ones first.
    pub(crate) fn copies(&self, id: &ObjectId) -> Result<Vec<Location>, Error> {
        let mut copies = Vec::new();
        for (pack, of) in (0..).zip(&self.packs) {
            let found = match of.index {
                Some(_) => self.locate_in_pack(pack, &id.to_gix()),
                None => self.locate_in(pack, id).map(|offset| Location::Packed {
                    pack,
                    offset,
                    crc32: None,
                }),
            };
            copies.extend(found);
        }
        for folder in 0..self.folders.len() as u32 {
            if guard::is_there(&self.loose_path(folder, id))? {
                copies.push(Location::Loose { folder });
            }
        }
        Ok(copies)
    }

    /// The number of the pack whose data or index is the file `path`.
    pub(crate) fn pack_at(&self, path: &Path) -> Option<u32> {
        let path = path.with_extension("pack");
        let pack = self.packs.iter().position(|pack| pack.path == path)?;
        Some(pack as u32)
    }

    /// The entries of a pack by their offsets, as positions in its index; none if it has no index of
    /// its own.
    pub(crate) fn entries_by_offset(&self, pack: u32) -> Vec<u32> {
        let Some(index) = &self.packs[pack as usize].index else {
            return Vec::new();
        };
        let mut entries: Vec<u32> = (0..index.num_objects()).collect();
        entries.sort_unstable_by_key(|&entry| index.pack_offset_at_index(entry));
        entries
    }

    /// The object whose entry begins at `offset`; `by_offset` are the pack's
    /// [entries](Self::entries_by_offset).
    pub(crate) fn id_at(&self, pack: u32, by_offset: &[u32], offset: u64) -> Option<ObjectId> {
        let index = self.packs[pack as usize].index.as_ref()?;
        let found = by_offset
            .binary_search_by_key(&offset, |&entry| index.pack_offset_at_index(entry))
            .ok()?;
        Some(ObjectId::from_gix(index.oid_at_index(by_offset[found])))
    }

    fn locate_in_pack(&self, pack: u32, id: &gix::hash::oid) -> Option<Location> {
        let index = self.packs.get(pack as usize)?.index.as_ref()?;
        let entry = index.lookup(id)?;
        Some(Location::Packed {
            pack,
            offset: index.pack_offset_at_index(entry),
            crc32: index.crc32_at_index(entry),
        })
    }

    /// Finds where an object begins in one pack.
    pub(crate) fn locate_in(&self, pack: u32, id: &ObjectId) -> Option<u64> {
        let id = id.to_gix();
        if let Some(Location::Packed { offset, .. }) = self.locate_in_pack(pack, &id) {
            return Some(offset);
        }
        self.multi_indexes.iter().find_map(|multi| {
            let entry = multi.file.lookup(id)?;
            let (found, offset) = multi.file.pack_id_and_pack_offset_at_index(entry).ok()?;
            (multi.packs.get(found as usize) == Some(&pack)).then_some(offset)
        })
    }

    /// The pack with this number, opened on first use.
    pub(crate) fn pack_data(&self, pack: u32) -> Result<&PackData, Error> {
        let pack = &self.packs[pack as usize];
        if let Some(data) = pack.data.get() {
            return Ok(data);
        }
        if !guard::is_there(&pack.path)? {
            return Err(LocalError::PackMissing {
                file: pack.path.with_extension("idx"),
            }
            .into());
        }
        let data = PackData::open(&pack.path, self.format)?;
        if let Some(index) = &pack.index
            && data.trailer()? != index.pack_checksum().as_bytes()
        {
            return Err(LocalError::Index {
                file: index.path().to_owned(),
                source: Cause::new("it was made for another pack than the one beside it"),
            }
            .into());
        }
        Ok(pack.data.get_or_init(|| data))
    }

    /// The file that holds a loose object, whether it exists or not.
    pub(crate) fn loose_path(&self, folder: u32, id: &ObjectId) -> PathBuf {
        let hex = id.to_string();
        self.folders[folder as usize]
            .join(&hex[..2])
            .join(&hex[2..])
    }
}

/// Why the index at `path` is not used: it cannot be read now, or is damaged.
fn unusable(path: &Path, source: gix::Error) -> Error {
    match guard::refusal(&source) {
        Some(refusal) => FileError::new("map", path, refusal).into(),
        None => LocalError::Index {
            file: path.to_owned(),
            source: Cause::new(source),
        }
        .into(),
    }
}
