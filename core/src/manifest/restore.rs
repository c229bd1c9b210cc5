//! Putting a manifest together that a database kept.

use super::Manifest;
use super::error::{Fault, ManifestError};
use super::header::Header;
use super::mode;
use super::rebuild::Rebuild;
use super::record::{Record, Told};
use super::totals::Trailer;
use super::verify::Verifier;
use crate::error::Error;
use crate::limits::Limits;

/// Puts a manifest together from records, in its order, and checks them as
/// [`Reader`](super::Reader) checks those of a text.
pub(crate) struct Restore {
    rebuild: Rebuild,
    verifier: Verifier,
    records: u64,
}

impl Restore {
    pub(crate) fn new(header: Header) -> Self {
        Restore {
            verifier: Verifier::new(header.object_format(), Limits::unlimited()),
            rebuild: Rebuild::new(header),
            records: 0,
        }
    }

    /// Adds the next record. Errors name it by the line that it has in the text form.
    pub(crate) fn add(&mut self, record: &Record) -> Result<(), Error> {
        self.records += 1;
        let line = self.records + 1;
        let mode = record.mode;
        let fits = match record.told {
            Told::Folder { .. } => mode::is_folder(mode),
            Told::File { .. } => mode::is_file(mode),
            Told::Symlink { .. } => mode::is_symlink(mode),
            Told::Submodule { .. } => mode::is_submodule(mode),
            Told::Skipped { .. } => mode::is_file(mode) || mode::is_symlink(mode),
        };
        let added = if fits {
            self.verifier.record(record, line)?;
            self.rebuild.add(record)
        } else {
            Err(Fault::Value { key: "mode" })
        };
        added.map_err(|fault| {
            let path = Some(record.path.clone());
            ManifestError { line, path, fault }.into()
        })
    }

    /// Ends the manifest, and checks that the records add up to the trailer.
    pub(crate) fn finish(self, trailer: &Trailer) -> Result<Manifest, Error> {
        self.verifier.trailer(trailer, self.records + 2)?;
        self.rebuild.finish(trailer)
    }
}
