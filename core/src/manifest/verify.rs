//! Checking records as they come.

use super::digest::Sum;
use super::error::{Fault, ManifestError};
use super::level::Level;
use super::record::{Record, Told};
use super::totals::{Tally, Trailer};
use crate::content::Content;
use crate::error::{Error, LimitError};
use crate::id::{ContentHash, ObjectFormat};
use crate::limits::{self, Limits};

/// Checks that records are those of a tree, in its order, and that they add up.
///
/// It keeps no more than the folders that are open.
#[derive(Debug)]
pub(super) struct Verifier {
    format: ObjectFormat,
    limits: Limits,
    tally: Tally,
    entries: u64,
    path_bytes: u64,
    /// The path of the innermost open folder.
    path: Vec<u8>,
    root: Level,
    open: Vec<Open>,
}

/// An open folder.
#[derive(Debug)]
struct Open {
    level: Level,
    line: u64,
    mode: u32,
    /// Bytes of the path of the folder that it lies in.
    parent_len: usize,
    digest: ContentHash,
    files: u64,
    bytes: u64,
}

impl Verifier {
    pub(super) fn new(format: ObjectFormat, limits: Limits) -> Self {
        Verifier {
            format,
            limits,
            tally: Tally::default(),
            entries: 0,
            path_bytes: 0,
            path: Vec::new(),
            root: Level::default(),
            open: Vec::new(),
        }
    }

    /// Checks the next record, which stands at `line`.
    pub(super) fn record(&mut self, record: &Record, line: u64) -> Result<(), Error> {
        self.check_limits(record)?;
        let fault = |fault| {
            Error::from(ManifestError {
                line,
                path: Some(record.path.clone()),
                fault,
            })
        };
        if record.id.format() != self.format {
            return Err(fault(Fault::Value { key: "oid" }));
        }
        while !self.is_below(&record.path) {
            self.close()?;
        }
        let name = match self.open.is_empty() {
            true => &record.path[..],
            false => &record.path[self.path.len() + 1..],
        };
        let is_folder = matches!(record.told, Told::Folder { .. });
        let level = self.level();
        level.next(name, is_folder).map_err(fault)?;
        let (mode, sum) = (record.mode, &mut level.sum);
        match &record.told {
            Told::Folder {
                digest,
                files,
                bytes,
            } => {
                limits::check(
                    "max_depth",
                    self.limits.max_depth,
                    self.open.len() as u64 + 1,
                )
                .map_err(|error| error.at_path(&record.path))?;
                self.tally.folder();
                self.open.push(Open {
                    level: Level::default(),
                    line,
                    mode,
                    parent_len: self.path.len(),
                    digest: *digest,
                    files: *files,
                    bytes: *bytes,
                });
                self.path.clone_from(&record.path);
            }
            Told::File {
                size,
                digest,
                content,
                ..
            } => {
                sum.file(mode, name, digest, *size);
                self.tally
                    .file(*size, matches!(content, Content::Text { .. }));
            }
            Told::Symlink {
                size,
                digest,
                target,
            } => {
                if let Some(target) = target
                    && (target.len() as u64 != *size || ContentHash::of(target) != *digest)
                {
                    return Err(fault(Fault::Target));
                }
                sum.symlink(mode, name, digest, *size);
                self.tally.symlink(*size);
            }
            Told::Submodule { .. } => {
                sum.submodule(mode, name, record.id);
                self.tally.submodule();
            }
            Told::Skipped { reason, .. } => {
                sum.skipped(mode, name, record.id);
                self.tally.skipped(super::mode::is_symlink(mode), *reason);
            }
        }
        Ok(())
    }

    /// Checks the trailer, which stands at `line`.
    pub(super) fn trailer(mut self, trailer: &Trailer, line: u64) -> Result<(), Error> {
        while !self.open.is_empty() {
            self.close()?;
        }
        let fault = |fault| {
            Err(Error::from(ManifestError {
                line,
                path: None,
                fault,
            }))
        };
        let sum = self.root.sum.finish();
        // Entries that were left out are in no record, so their number cannot be checked.
        self.tally.excluded(trailer.skipped.excluded);
        let (told, counted) = (trailer, self.tally.trailer(sum.digest));
        for (key, told, counted) in [
            ("folders", told.totals.folders, counted.totals.folders),
            ("files", told.totals.files, counted.totals.files),
            ("symlinks", told.totals.symlinks, counted.totals.symlinks),
            (
                "submodules",
                told.totals.submodules,
                counted.totals.submodules,
            ),
            ("bytes", told.totals.bytes, counted.totals.bytes),
            ("text", told.totals.text, counted.totals.text),
            ("binary", told.totals.binary, counted.totals.binary),
            (
                "too_large",
                told.skipped.too_large,
                counted.skipped.too_large,
            ),
            ("missing", told.skipped.missing, counted.skipped.missing),
        ] {
            if told != counted {
                return fault(Fault::Totals { key });
            }
        }
        if told.root != counted.root {
            return fault(Fault::Root);
        }
        Ok(())
    }

    fn check_limits(&mut self, record: &Record) -> Result<(), LimitError> {
        let len = record.path.len() as u64;
        self.entries += 1;
        self.path_bytes = self.path_bytes.saturating_add(len);
        limits::check("max_entries", self.limits.max_entries, self.entries)?;
        limits::check("max_path", self.limits.max_path, len)?;
        limits::check(
            "max_path_bytes",
            self.limits.max_path_bytes,
            self.path_bytes,
        )
    }

    /// Whether `path` lies in the innermost open folder, at any depth.
    fn is_below(&self, path: &[u8]) -> bool {
        self.open.is_empty()
            || path
                .strip_prefix(&self.path[..])
                .is_some_and(|rest| rest.first() == Some(&b'/'))
    }

    fn level(&mut self) -> &mut Level {
        self.open
            .last_mut()
            .map_or(&mut self.root, |open| &mut open.level)
    }

    /// Closes the innermost open folder and checks what its record says.
    fn close(&mut self) -> Result<(), Error> {
        let open = self
            .open
            .pop()
            .expect("because it is called only while a folder is open");
        let sum: Sum = open.level.sum.finish();
        let wrong = [
            ("files", sum.files != open.files),
            ("bytes", sum.bytes != open.bytes),
            ("digest", sum.digest != open.digest),
        ];
        if let Some((key, _)) = wrong.into_iter().find(|(_, wrong)| *wrong) {
            return Err(Error::from(ManifestError {
                line: open.line,
                path: Some(std::mem::take(&mut self.path)),
                fault: Fault::Folder { key },
            }));
        }
        let level = self
            .open
            .last_mut()
            .map_or(&mut self.root, |open| &mut open.level);
        let start = if open.parent_len == 0 {
            0
        } else {
            open.parent_len + 1
        };
        level.sum.folder(open.mode, &self.path[start..], &sum);
        self.path.truncate(open.parent_len);
        Ok(())
    }
}
