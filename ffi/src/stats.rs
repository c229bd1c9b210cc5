//! Counting what a store has.

use std::mem::MaybeUninit;

use gitlade::{Status, StoreStats};

use crate::boundary::{self, Failure};
use crate::buffer::gitlade_buffer;
use crate::error::gitlade_error;
use crate::give;
use crate::record::{json, of_status};
use crate::status::gitlade_status;
use crate::store::gitlade_store;
use crate::structs::{self, Versioned};
use crate::text::gitlade_str;

/// What a store had when it was counted. It never changes, and may be used from several threads at once.
pub struct gitlade_stats(StoreStats);

/// What a store has. Bytes are those of the contents, not of the disk, unless it says so.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_store_counts {
    /// `sizeof(gitlade_store_counts)`, set by the host before the struct is filled.
    pub struct_size: usize,
    /// Files, symlinks and submodules of complete imports, each as often as it is there.
    pub files: u64,
    /// Their bytes.
    pub file_bytes: u64,
    /// Trees under one choice of options: what complete imports share.
    pub snapshots: u64,
    /// Rows of files and folders.
    pub entries: u64,
    /// Distinct contents.
    pub contents: u64,
    /// Bytes of distinct contents.
    pub content_bytes: u64,
    /// Bytes that are not kept because imports and files share contents.
    pub shared_bytes: u64,
    /// Decoded texts.
    pub texts: u64,
    /// Their bytes in the database.
    pub text_bytes: u64,
    /// Contents with a file of their own.
    pub blobs: u64,
    /// Bytes of those contents; compressed files take less.
    pub blob_bytes: u64,
    /// Contents that a repair gave up.
    pub lost: u64,
    /// Contents that no file has, and that a collection of garbage may take.
    pub unused_contents: u64,
    /// Their bytes.
    pub unused_bytes: u64,
    /// Blobs whose facts are remembered.
    pub facts: u64,
    /// Trees that are remembered.
    pub trees: u64,
    /// Their bytes.
    pub tree_bytes: u64,
    /// Bytes of the database file.
    pub database_bytes: u64,
    /// Bytes of it that hold nothing, and are used for what comes next.
    pub free_bytes: u64,
    /// Bytes of the log beside it.
    pub log_bytes: u64,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_store_counts {
    const NAME: &'static str = "gitlade_store_counts";
}

/// What the imports of one tenant have. The text lives as long as what it came from.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_tenant_counts {
    /// `sizeof(gitlade_tenant_counts)`, set by the host before the struct is filled.
    pub struct_size: usize,
    /// The host's own key.
    pub tenant: gitlade_str,
    /// Imports, complete or not.
    pub imports: u64,
    /// Those that are complete.
    pub complete: u64,
    /// Files, symlinks and submodules of the complete ones.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_tenant_counts {
    const NAME: &'static str = "gitlade_tenant_counts";
}

/// Counts what a store has: a pass over its rows, not over its contents.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_store_stats(
    store: Option<&gitlade_store>,
    out: Option<&mut MaybeUninit<*mut gitlade_stats>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let store = give::required("store", store)?;
        let out = give::place("out", out)?;
        out.give(gitlade_stats(store.0.stats()?));
        Ok(())
    })
}

/// Describes what was counted.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_stats_counts(
    stats: Option<&gitlade_stats>,
    out: *mut gitlade_store_counts,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let stats = &give::required("stats", stats)?.0;
        let out = structs::place("out", out)?;
        out.write(&gitlade_store_counts {
            struct_size: size_of::<gitlade_store_counts>(),
            files: stats.files,
            file_bytes: stats.file_bytes,
            snapshots: stats.snapshots,
            entries: stats.entries,
            contents: stats.contents,
            content_bytes: stats.content_bytes,
            shared_bytes: stats.shared_bytes,
            texts: stats.texts,
            text_bytes: stats.text_bytes,
            blobs: stats.blobs,
            blob_bytes: stats.blob_bytes,
            lost: stats.lost,
            unused_contents: stats.unused_contents,
            unused_bytes: stats.unused_bytes,
            facts: stats.facts,
            trees: stats.trees,
            tree_bytes: stats.tree_bytes,
            database_bytes: stats.database_bytes,
            free_bytes: stats.free_bytes,
            log_bytes: stats.log_bytes,
        });
        Ok(())
    })
}

/// How many imports stand at a `gitlade_import_status`; 0 for other numbers.
///
/// `stats` may be NULL, which has none.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_stats_imports(stats: Option<&gitlade_stats>, status: u32) -> u64 {
    boundary::value(0, || {
        let known = |known: &&Status| of_status(**known) as u32 == status;
        let name = Status::ALL.iter().find(known).map(|status| status.name());
        let of = |stats: &gitlade_stats| stats.0.imports.get(name?).copied();
        stats.and_then(of).unwrap_or(0)
    })
}

/// How many tenants there are.
///
/// `stats` may be NULL, which has none.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_stats_len(stats: Option<&gitlade_stats>) -> usize {
    boundary::value(0, || stats.map_or(0, |stats| stats.0.tenants.len()))
}

/// Describes what a tenant has, by number from 0 in the order of their keys; `GITLADE_STATUS_END` behind
/// the last.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_stats_get(
    stats: Option<&gitlade_stats>,
    index: usize,
    out: *mut gitlade_tenant_counts,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let stats = give::required("stats", stats)?;
        let out = structs::place("out", out)?;
        let tenant = stats.0.tenants.get(index).ok_or(Failure::End)?;
        out.write(&gitlade_tenant_counts {
            struct_size: size_of::<gitlade_tenant_counts>(),
            tenant: gitlade_str::of(tenant.tenant.as_bytes()),
            imports: tenant.imports,
            complete: tenant.complete,
            files: tenant.files,
            bytes: tenant.bytes,
        });
        Ok(())
    })
}

/// Writes all that was counted as JSON.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_stats_json(
    stats: Option<&gitlade_stats>,
    out: Option<&mut MaybeUninit<*mut gitlade_buffer>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let stats = give::required("stats", stats)?;
        give::place("out", out)?.give(json(&stats.0)?);
        Ok(())
    })
}

/// Frees what was counted.
///
/// `stats` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_stats_free(stats: *mut gitlade_stats) {
    boundary::value((), || give::free(stats));
}
