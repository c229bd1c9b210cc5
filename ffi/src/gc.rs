//! Collecting what no import of a store uses.

use std::mem::MaybeUninit;
use std::time::Duration;

use gitlade::GcOptions;

use crate::boundary::{self, Failure};
use crate::error::gitlade_error;
use crate::give;
use crate::hooks::{Hooks, gitlade_hooks};
use crate::status::gitlade_status;
use crate::store::gitlade_store;
use crate::structs::{self, Versioned};
use crate::watch;

/// How garbage is collected. 0 is the default of all fields.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_gc_options {
    /// `sizeof(gitlade_gc_options)`.
    pub struct_size: usize,
    /// Seconds for which files of blobs that no row names are left alone: those of running imports have
    /// no rows for a while, and would have to be read once more. Default: 3,600; or `GITLADE_NONE`.
    pub min_age_s: u32,
    /// Not 0: nothing is removed, and only counted.
    pub dry_run: u8,
    /// Not 0: the database file is made smaller. All of it is written anew, which takes as much room
    /// again for a while, and nobody else writes meanwhile.
    pub vacuum: u8,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_gc_options {
    const NAME: &'static str = "gitlade_gc_options";
}

/// What a collection of garbage removed, or would remove.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_gc_report {
    /// `sizeof(gitlade_gc_report)`, set by the host before the struct is filled.
    pub struct_size: usize,
    /// Imports whose process had died, and that are marked as interrupted now.
    pub interrupted: u64,
    /// Snapshots that no import had.
    pub snapshots: u64,
    /// Contents that no file had, with their texts and facts.
    pub contents: u64,
    /// Bytes of those contents.
    pub bytes: u64,
    /// Files of blobs, those of orphans too.
    pub blobs: u64,
    /// Bytes in the files of orphans: blobs that no row named.
    pub orphan_bytes: u64,
    /// Trees that no import has.
    pub trees: u64,
    /// Commits and tags that no import has.
    pub revisions: u64,
    /// Bytes of the database file that hold nothing and are used for what comes next.
    pub free_bytes: u64,
    /// Bytes of the database file.
    pub database_bytes: u64,
    /// Whether trees and commits were left alone, because an import is running that may have made them.
    pub imports_running: bool,
}

// SAFETY: it is `repr(C)` and begins with its size. It is only ever written for the host and never
// read from it, so that bits without a meaning do not occur.
unsafe impl Versioned for gitlade_gc_report {
    const NAME: &'static str = "gitlade_gc_report";
}

fn options(data: *const gitlade_gc_options) -> Result<GcOptions, Failure> {
    let mut options = GcOptions::default();
    if let Some(given) = structs::read(data)? {
        let mut age = options.min_age.as_secs();
        structs::set_number(&mut age, given.min_age_s);
        options = options
            .min_age(Duration::from_secs(age))
            .dry_run(given.dry_run != 0)
            .vacuum(given.vacuum != 0);
    }
    Ok(options)
}

/// Removes what no import of a store uses: contents with their texts, blobs and facts, snapshots, trees,
/// and what processes that died left behind. Imports may run meanwhile, in this process and in others.
///
/// After an error or a cancel, what was removed before stays so, and nothing is half removed.
///
/// `options` and `hooks` may be NULL, which are the defaults. The hooks must have no sink.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_store_gc(
    store: Option<&gitlade_store>,
    options: *const gitlade_gc_options,
    hooks: *const gitlade_hooks,
    out: *mut gitlade_gc_report,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let store = give::required("store", store)?;
        let options = self::options(options)?;
        let hooks = Hooks::read_without_sink(hooks)?;
        let out = structs::place("out", out)?;
        let report = watch::work(&hooks, |control| store.0.gc(&options, control))?;
        out.write(&gitlade_gc_report {
            struct_size: size_of::<gitlade_gc_report>(),
            interrupted: report.interrupted,
            snapshots: report.snapshots,
            contents: report.contents,
            bytes: report.bytes,
            blobs: report.blobs,
            orphan_bytes: report.orphan_bytes,
            trees: report.trees,
            revisions: report.revisions,
            free_bytes: report.free_bytes,
            database_bytes: report.database_bytes,
            imports_running: report.imports_running,
        });
        Ok(())
    })
}
