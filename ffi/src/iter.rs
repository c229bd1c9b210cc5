//! Going through entries.

use gitlade::{Children, Entries, Entry};
use std::mem::MaybeUninit;

use crate::boundary::{self, Failure};
use crate::entry::gitlade_entry;
use crate::error::gitlade_error;
use crate::give;
use crate::manifest::{Shared, gitlade_manifest};
use crate::status::gitlade_status;
use crate::structs;

/// Goes through entries, in order. For one thread at a time; it keeps the manifest alive.
pub struct gitlade_entries {
    walk: Walk,
    wanted: u32,
    /// What the walk borrows from. Dropped after it, because it stands behind it.
    _manifest: Shared,
}

enum Walk {
    All(Entries<'static>),
    Children(Children<'static>),
}

impl Iterator for Walk {
    type Item = Entry<'static>;

    fn next(&mut self) -> Option<Entry<'static>> {
        match self {
            Walk::All(entries) => entries.next(),
            Walk::Children(children) => children.next(),
        }
    }
}

/// Only what was skipped.
const SKIPPED: u32 = 0x100;

/// All kinds.
const KINDS: u32 = 0xf;

impl gitlade_entries {
    fn new<'a>(
        manifest: &'a gitlade_manifest,
        wanted: u32,
        walk: impl FnOnce(&'a gitlade::Manifest) -> Result<Walk, Failure>,
    ) -> Result<Self, Failure> {
        if wanted & !(KINDS | SKIPPED) != 0 {
            return Err(Failure::argument("wanted has bits without a meaning"));
        }
        Ok(gitlade_entries {
            walk: walk(&manifest.shared)?,
            wanted: match wanted & KINDS {
                0 => wanted | KINDS,
                _ => wanted,
            },
            _manifest: manifest.shared.clone(),
        })
    }

    fn wants(&self, entry: &Entry<'_>) -> bool {
        let kind = if entry.is_file() {
            1
        } else if entry.is_folder() {
            0
        } else if entry.is_symlink() {
            2
        } else {
            3
        };
        self.wanted & 1 << kind != 0
            && (self.wanted & SKIPPED == 0 || entry.kind().skipped().is_some())
    }
}

/// Lets a borrow of a manifest last as long as the shared manifest beside it.
fn forever(manifest: &gitlade::Manifest) -> &'static gitlade::Manifest {
    // SAFETY: the iterator keeps a share of the manifest, which never moves and never changes, and is
    // dropped after what borrows from it. Nothing with the long lifetime leaves this module.
    unsafe { &*std::ptr::from_ref(manifest) }
}

/// Makes an iterator over all entries, or those that are `wanted`: a sum of `GITLADE_FOLDERS`,
/// `GITLADE_FILES`, `GITLADE_SYMLINKS`, `GITLADE_SUBMODULES`, where 0 is all, and
/// `GITLADE_SKIPPED_ONLY`.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_manifest_entries(
    manifest: Option<&gitlade_manifest>,
    wanted: u32,
    out: Option<&mut MaybeUninit<*mut gitlade_entries>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let manifest = give::required("manifest", manifest)?;
        let out = give::place("out", out)?;
        out.give(gitlade_entries::new(manifest, wanted, |manifest| {
            Ok(Walk::All(forever(manifest).entries()))
        })?);
        Ok(())
    })
}

/// Makes an iterator over the entries that lie directly in the folder at the place `folder`, or in
/// the root for `GITLADE_ROOT`; `wanted` is as for `gitlade_manifest_entries`.
///
/// It is `GITLADE_STATUS_END` if there is no such place, and `GITLADE_STATUS_PATH_IS_OTHER` if it is no
/// folder's.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_manifest_children(
    manifest: Option<&gitlade_manifest>,
    folder: usize,
    wanted: u32,
    out: Option<&mut MaybeUninit<*mut gitlade_entries>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let manifest = give::required("manifest", manifest)?;
        let out = give::place("out", out)?;
        out.give(gitlade_entries::new(manifest, wanted, |manifest| {
            let manifest = forever(manifest);
            if folder == usize::MAX {
                let children = manifest.children(b"").ok_or(Failure::End)?;
                return Ok(Walk::Children(children));
            }
            let entry = manifest.entry(folder).ok_or(Failure::End)?;
            if !entry.is_folder() {
                return Err(Failure::Told {
                    status: gitlade_status::PathIsOther,
                    message: format!("\"{}\" is no folder", gitlade::Printable(entry.path())),
                    advice: "ask for the children of a folder",
                });
            }
            Ok(Walk::Children(entry.children()))
        })?);
        Ok(())
    })
}

/// Describes the next entry; `GITLADE_STATUS_END` when there is none.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_entries_next(
    entries: Option<&mut gitlade_entries>,
    out: *mut gitlade_entry,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let entries = give::required_mut("entries", entries)?;
        let out = structs::place("out", out)?;
        loop {
            let entry = entries.walk.next().ok_or(Failure::End)?;
            if entries.wants(&entry) {
                out.write(&gitlade_entry::of(entry));
                return Ok(());
            }
        }
    })
}

/// Frees an iterator. The entries that it gave live on with the manifest.
///
/// `entries` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_entries_free(entries: *mut gitlade_entries) {
    boundary::value((), || give::free(entries));
}
