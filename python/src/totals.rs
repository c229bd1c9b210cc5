//! What a manifest adds up to.

use pyo3::prelude::*;

/// Counts over all entries.
#[pyclass(frozen, eq, hash, get_all, module = "gitlade")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Totals {
    /// Folders, without the root.
    folders: u64,
    /// Files, the skipped ones included.
    files: u64,
    /// Symlinks, the skipped ones included.
    symlinks: u64,
    /// Submodules.
    submodules: u64,
    /// Bytes of what was read, each counted as often as a path names it.
    bytes: u64,
    /// Files that are text.
    text: u64,
    /// Files that are binary.
    binary: u64,
}

impl From<&gitlade::Totals> for Totals {
    fn from(totals: &gitlade::Totals) -> Self {
        Totals {
            folders: totals.folders,
            files: totals.files,
            symlinks: totals.symlinks,
            submodules: totals.submodules,
            bytes: totals.bytes,
            text: totals.text,
            binary: totals.binary,
        }
    }
}

#[pymethods]
impl Totals {
    fn __repr__(&self) -> String {
        format!(
            "Totals(folders={}, files={}, symlinks={}, submodules={}, bytes={}, text={}, binary={})",
            self.folders,
            self.files,
            self.symlinks,
            self.submodules,
            self.bytes,
            self.text,
            self.binary
        )
    }
}

/// How many entries were skipped, by reason.
#[pyclass(frozen, eq, hash, get_all, module = "gitlade")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Skipped {
    /// Larger than the limit max_blob.
    too_large: u64,
    /// Not in the repository.
    missing: u64,
    /// Left out by a filter, and not in the manifest; a folder counts as one.
    excluded: u64,
}

impl From<&gitlade::Skipped> for Skipped {
    fn from(skipped: &gitlade::Skipped) -> Self {
        Skipped {
            too_large: skipped.too_large,
            missing: skipped.missing,
            excluded: skipped.excluded,
        }
    }
}

#[pymethods]
impl Skipped {
    /// Whether anything was skipped.
    fn __bool__(&self) -> bool {
        self.too_large + self.missing + self.excluded > 0
    }

    fn __repr__(&self) -> String {
        let Skipped {
            too_large,
            missing,
            excluded,
        } = self;
        format!("Skipped(too_large={too_large}, missing={missing}, excluded={excluded})")
    }
}
