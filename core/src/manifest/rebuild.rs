//! Reading a whole manifest back into memory.

use std::collections::HashMap;
use std::io::BufRead;

use super::Manifest;
use super::builder::{BlobIndex, Builder};
use super::error::{Fault, ManifestError};
use super::header::Header;
use super::kind::{Body, EntryKind, FileEntry, SymlinkEntry};
use super::read::Reader;
use super::record::Record;
use super::totals::Trailer;
use super::verdict::Verdict;
use crate::content::LfsPointer;
use crate::error::Error;
use crate::id::{ContentHash, ObjectId};
use crate::limits::Limits;

/// Puts records into a [`Builder`].
pub(super) struct Rebuild {
    builder: Builder,
    blobs: HashMap<ObjectId, BlobIndex>,
}

impl Manifest {
    /// Reads a manifest that [`write_ndjson`](Self::write_ndjson) wrote, and checks all of it as
    /// [`Reader`] does, and that an object says the same under all its paths. Texts are not kept.
    ///
    /// # Errors
    ///
    /// [`CorruptManifest`](crate::ErrorKind::CorruptManifest), with the line in the message, if
    /// anything was altered or cut off; [`LimitExceeded`](crate::ErrorKind::LimitExceeded); those
    /// of the stream.
    pub fn read_ndjson(input: impl BufRead, limits: &Limits) -> Result<Manifest, Error> {
        let mut reader = Reader::new(input, limits)?;
        let mut rebuild = Rebuild::new(reader.header().clone());
        while let Some(record) = reader.next() {
            let record = record?;
            if let Err(fault) = rebuild.add(&record) {
                return Err(ManifestError {
                    line: reader.line(),
                    path: Some(record.path),
                    fault,
                }
                .into());
            }
        }
        let trailer = reader.verify()?;
        rebuild.finish(&trailer)
    }
}

impl Rebuild {
    pub(super) fn new(header: Header) -> Self {
        Rebuild {
            builder: Builder::new(header),
            blobs: HashMap::new(),
        }
    }

    /// Ends the manifest, whose trailer was checked.
    pub(super) fn finish(self, trailer: &Trailer) -> Result<Manifest, Error> {
        let Rebuild { mut builder, .. } = self;
        while builder.open_path().is_some() {
            builder.close_folder();
        }
        builder.exclude(trailer.skipped.excluded);
        builder.finish()
    }

    pub(super) fn add(&mut self, record: &Record) -> Result<(), Fault> {
        let slash = memchr::memrchr(b'/', &record.path);
        let folder = slash.map(|slash| &record.path[..slash]);
        while self.builder.open_path() != folder {
            self.builder.close_folder();
        }
        let name = &record.path[slash.map_or(0, |slash| slash + 1)..];
        let Record {
            mode, flags, id, ..
        } = *record;
        match record.kind() {
            EntryKind::Folder(_) => self.builder.open_folder(name, mode, id, flags),
            EntryKind::File(FileEntry {
                body: Body::Read(facts),
                ..
            }) => {
                let blob = self.blob(id, facts.digest, facts.size)?;
                self.set_lfs(blob, facts.lfs.map(|lfs| lfs.pointer))?;
                let verdict = Verdict {
                    content: facts.content,
                    git_binary: facts.git_binary,
                    lfs_filter: facts.lfs.is_some_and(|lfs| lfs.filter),
                    working_tree_encoding: facts.working_tree_encoding,
                };
                self.builder.file(name, mode, blob, &verdict, flags);
            }
            EntryKind::Symlink(SymlinkEntry {
                body: Body::Read(facts),
                ..
            }) => {
                let blob = self.blob(id, facts.digest, facts.size)?;
                self.builder.symlink(name, mode, blob, facts.target, flags);
            }
            EntryKind::Submodule(submodule) => {
                self.builder.submodule(name, mode, id, submodule.url, flags);
            }
            EntryKind::File(FileEntry {
                body: Body::Skipped { size, reason },
                ..
            })
            | EntryKind::Symlink(SymlinkEntry {
                body: Body::Skipped { size, reason },
                ..
            }) => self.builder.skipped(name, mode, id, size, reason, flags),
        }
        Ok(())
    }

    fn blob(&mut self, id: ObjectId, digest: ContentHash, size: u64) -> Result<BlobIndex, Fault> {
        let blob = *self
            .blobs
            .entry(id)
            .or_insert_with(|| self.builder.add_blob_parts(id, digest, size));
        let (known_digest, known_size, _) = self.builder.blob(blob);
        if (known_digest, known_size) != (digest, size) {
            return Err(Fault::Blob);
        }
        Ok(blob)
    }

    fn set_lfs(&mut self, blob: BlobIndex, pointer: Option<LfsPointer>) -> Result<(), Fault> {
        let is_file_already = self.builder.has_verdict(blob);
        let known = self.builder.blob(blob).2.copied();
        match (pointer, is_file_already) {
            // As a symlink it may have been there before, which says nothing of LFS.
            (Some(pointer), false) => self.builder.set_lfs(blob, pointer),
            (pointer, true) if pointer != known => return Err(Fault::Blob),
            _ => {}
        }
        Ok(())
    }
}
