//! Repairing a store, and what that could not save.

use std::mem::MaybeUninit;

use gitlade::{RepairOptions, RepairReport};

use crate::boundary::{self, Failure};
use crate::buffer::gitlade_buffer;
use crate::check::{self, gitlade_check_options};
use crate::error::gitlade_error;
use crate::give;
use crate::hooks::{Hooks, gitlade_hooks};
use crate::options::{self, gitlade_options};
use crate::record::{json, status_of_name};
use crate::status::gitlade_status;
use crate::store::gitlade_store;
use crate::structs::{self, Versioned};
use crate::text::gitlade_str;
use crate::watch;

/// What a repair of a store did. It never changes, and may be used from several threads at once.
pub struct gitlade_repair(RepairReport);

/// How a store is repaired. 0 and NULL are the defaults of all fields.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_repair_options {
    /// `sizeof(gitlade_repair_options)`.
    pub struct_size: usize,
    /// How it is checked before.
    pub check: *const gitlade_check_options,
    /// With which means (threads, memory, the way to a server with credentials) what is damaged is read
    /// again from the sources of its imports. What is read is theirs to say. Default: nothing is read
    /// again.
    pub fetch: *const gitlade_options,
    /// Losses that are listed; all are counted. Default: 10,000; or `GITLADE_NONE`.
    pub max_listed: u32,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_repair_options {
    const NAME: &'static str = "gitlade_repair_options";
}

/// What a repair counted.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_repair_report {
    /// `sizeof(gitlade_repair_report)`, set by the host before the struct is filled.
    pub struct_size: usize,
    /// Problems that the check found.
    pub problems: u64,
    /// Contents that were made again from another form of theirs in the store.
    pub healed: u64,
    /// Contents that were read again from the source of an import.
    pub fetched: u64,
    /// What was remembered of blobs, trees and commits, was wrong, and is forgotten.
    pub forgotten: u64,
    /// Imports that were read again as a whole.
    pub reimported: u64,
    /// Blobs that cannot be read although they are there, and were left alone.
    pub unreadable: u64,
    /// Files whose content is lost, and imports that are lost as a whole, listed or not.
    pub losses: u64,
    /// How many of those are listed.
    pub losses_listed: u64,
    /// Sources that were asked in vain.
    pub failures: u64,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_repair_report {
    const NAME: &'static str = "gitlade_repair_report";
}

/// A file whose content is lost, or an import that is lost as a whole. The text lives as long as what it
/// came from.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_loss {
    /// `sizeof(gitlade_loss)`, set by the host before the struct is filled.
    pub struct_size: usize,
    /// The import.
    pub import_id: u64,
    /// The path from its root, as bytes of the repository; empty for the whole import.
    pub path: gitlade_str,
    /// Bytes of the content; 0 for the whole import.
    pub size: u64,
    /// The content; zeros for the whole import.
    pub digest: [u8; 32],
    /// Whether it is a file, and not the whole import.
    pub has_digest: bool,
}

// SAFETY: it is `repr(C)` and begins with its size. It is only ever written for the host and never
// read from it, so that bits without a meaning do not occur.
unsafe impl Versioned for gitlade_loss {
    const NAME: &'static str = "gitlade_loss";
}

/// An import whose source did not give again what was damaged. The text lives as long as what it came
/// from.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_failed_fetch {
    /// `sizeof(gitlade_failed_fetch)`, set by the host before the struct is filled.
    pub struct_size: usize,
    /// The import.
    pub import_id: u64,
    /// The error and what caused it, without control characters and secrets.
    pub message: gitlade_str,
    /// The `gitlade_status` of the error.
    pub status: i32,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_failed_fetch {
    const NAME: &'static str = "gitlade_failed_fetch";
}

fn options(data: *const gitlade_repair_options) -> Result<RepairOptions, Failure> {
    let mut options = RepairOptions::default();
    if let Some(given) = structs::read(data)? {
        options.check = check::options(given.check)?;
        if !given.fetch.is_null() {
            options.fetch = Some(options::options(given.fetch)?);
        }
        structs::set_number(&mut options.max_listed, given.max_listed);
    }
    Ok(options)
}

/// Checks a store and puts right what is wrong: what can be made again from another form in the store, or
/// read again from a source, is; the rest is given up, and named. A check afterwards finds nothing.
///
/// An import keeps its entries when contents of some of its files are lost; reading those is
/// `GITLADE_STATUS_CORRUPT_STORE` until any import brings the same content again.
///
/// `options` and `hooks` may be NULL, which are the defaults. The hooks must have no sink.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_store_repair(
    store: Option<&gitlade_store>,
    options: *const gitlade_repair_options,
    hooks: *const gitlade_hooks,
    out: Option<&mut MaybeUninit<*mut gitlade_repair>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let store = give::required("store", store)?;
        let options = self::options(options)?;
        let hooks = Hooks::read_without_sink(hooks)?;
        let out = give::place("out", out)?;
        let report = watch::work(&hooks, |control| store.0.repair(&options, control))?;
        out.give(gitlade_repair(report));
        Ok(())
    })
}

/// Describes what was counted.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_repair_counts(
    repair: Option<&gitlade_repair>,
    out: *mut gitlade_repair_report,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let report = &give::required("repair", repair)?.0;
        let out = structs::place("out", out)?;
        out.write(&gitlade_repair_report {
            struct_size: size_of::<gitlade_repair_report>(),
            problems: report.problems,
            healed: report.healed,
            fetched: report.fetched,
            forgotten: report.forgotten,
            reimported: report.reimported,
            unreadable: report.unreadable,
            losses: report.losses,
            losses_listed: report.listed.len() as u64,
            failures: report.failed.len() as u64,
        });
        Ok(())
    })
}

/// Describes the loss at a place of the list, from 0; `GITLADE_STATUS_END` behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_repair_get_loss(
    repair: Option<&gitlade_repair>,
    index: usize,
    out: *mut gitlade_loss,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let repair = give::required("repair", repair)?;
        let out = structs::place("out", out)?;
        let loss = repair.0.listed.get(index).ok_or(Failure::End)?;
        out.write(&gitlade_loss {
            struct_size: size_of::<gitlade_loss>(),
            import_id: loss.import.0,
            path: gitlade_str::of(&loss.path),
            size: loss.size,
            digest: loss.digest.map_or([0; 32], |digest| digest.0),
            has_digest: loss.digest.is_some(),
        });
        Ok(())
    })
}

/// Describes a source that was asked in vain, from 0; `GITLADE_STATUS_END` behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_repair_get_failure(
    repair: Option<&gitlade_repair>,
    index: usize,
    out: *mut gitlade_failed_fetch,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let repair = give::required("repair", repair)?;
        let out = structs::place("out", out)?;
        let failed = repair.0.failed.get(index).ok_or(Failure::End)?;
        out.write(&gitlade_failed_fetch {
            struct_size: size_of::<gitlade_failed_fetch>(),
            import_id: failed.import.0,
            message: gitlade_str::of(failed.message.as_bytes()),
            status: status_of_name(&failed.kind) as i32,
        });
        Ok(())
    })
}

/// Writes all that was done as JSON. Paths in it are fit to be shown, and not exact.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_repair_json(
    repair: Option<&gitlade_repair>,
    out: Option<&mut MaybeUninit<*mut gitlade_buffer>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let repair = give::required("repair", repair)?;
        give::place("out", out)?.give(json(&repair.0)?);
        Ok(())
    })
}

/// Frees what a repair told.
///
/// `repair` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_repair_free(repair: *mut gitlade_repair) {
    boundary::value((), || give::free(repair));
}
