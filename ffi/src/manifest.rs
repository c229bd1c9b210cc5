//! The ordered list of what was imported.

use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::ops::Deref;
use std::sync::Arc;

use gitlade::{Flags, Import, Manifest};

use crate::boundary::{self, Failure};
use crate::entry::gitlade_entry;
use crate::error::gitlade_error;
use crate::give;
use crate::status::gitlade_status;
use crate::structs;
use crate::summary::Texts;
use crate::text::{self, gitlade_str};

/// The ordered list of everything in one commit: folders, files, symlinks and submodules, in the order
/// of `git ls-tree -r -t`, each folder before what it holds. It never changes, and may be used from
/// several threads at once.
pub struct gitlade_manifest {
    pub(crate) shared: Shared,
    pub(crate) texts: Texts,
}

/// Whoever the manifest belongs to.
#[derive(Clone)]
pub(crate) enum Shared {
    Import(Arc<Import>),
    Own(Arc<Manifest>),
}

impl Deref for Shared {
    type Target = Manifest;

    fn deref(&self) -> &Manifest {
        match self {
            Shared::Import(import) => import.manifest(),
            Shared::Own(manifest) => manifest,
        }
    }
}

impl gitlade_manifest {
    pub(crate) fn new(shared: Shared) -> Self {
        gitlade_manifest {
            texts: Texts::of(&shared),
            shared,
        }
    }
}

/// How many entries there are.
///
/// `manifest` may be NULL, which has none.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_manifest_len(manifest: Option<&gitlade_manifest>) -> usize {
    boundary::value(0, || manifest.map_or(0, |manifest| manifest.shared.len()))
}

/// Describes the entry at a place, from 0; `GITLADE_STATUS_END` behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_manifest_entry(
    manifest: Option<&gitlade_manifest>,
    index: usize,
    out: *mut gitlade_entry,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let manifest = give::required("manifest", manifest)?;
        let out = structs::place("out", out)?;
        let entry = manifest.shared.entry(index).ok_or(Failure::End)?;
        out.write(&gitlade_entry::of(entry));
        Ok(())
    })
}

/// Describes the entry with this path, which has no slash at its ends; `GITLADE_STATUS_END` if there
/// is none.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_manifest_find(
    manifest: Option<&gitlade_manifest>,
    path: *const c_char,
    path_len: usize,
    out: *mut gitlade_entry,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let manifest = give::required("manifest", manifest)?;
        let path = text::required("path", path, path_len)?;
        let out = structs::place("out", out)?;
        let entry = manifest.shared.get(path).ok_or(Failure::End)?;
        out.write(&gitlade_entry::of(entry));
        Ok(())
    })
}

/// The name of a bit of `flags`, such as `case_collision`, by the bit's number: a constant; NULL for
/// a bit without a meaning.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_flag_name(bit: u32) -> gitlade_str {
    boundary::value(gitlade_str::NONE, || {
        let bits = 1_u16.checked_shl(bit).unwrap_or(0);
        gitlade_str::of_option(Flags::from_bits(bits).names().next())
    })
}

/// Frees a manifest that was handed out by an out-parameter. Iterators and streams that were made of
/// it live on. One that belongs to an import must not be freed.
///
/// `manifest` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_manifest_free(manifest: *mut gitlade_manifest) {
    boundary::value((), || give::free(manifest));
}
