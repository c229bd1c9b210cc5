//! What can be said on the command line about keeping a store whole.

use std::time::Duration;

use clap::Args;
use gitlade::{CheckOptions, GcOptions, Options, RepairOptions};

use super::args::StoreArgs;
use crate::failure::Failure;
use crate::progress::When;
use crate::remote::RemoteArgs;

/// Check everything in a store
///
/// Computes the digest of every content again, puts every manifest together, and has SQLite look at
/// its file. Imports may run meanwhile. The exit status is that of corrupt_store if anything is
/// wrong. What is left over is not: "gitlade gc" removes it.
///
/// With --json: {contents, bytes, texts, facts, trees, snapshots, imports, lost, problems, listed
/// [{kind, digest, object, detail, places [{import, path}], places_total}], leftovers {orphans,
/// orphan_bytes, unused_contents, unused_snapshots, temporaries, locks, abandoned}}.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,

    #[command(flatten)]
    pub(crate) looking: LookingArgs,
}

/// Repair a store: get again what is damaged, or give it up and name it
///
/// What can be made again from another form in the store is. With --fetch the rest is read again
/// from the sources of the imports that have it. What remains is lost, and listed. The exit status
/// is that of corrupt_store if anything is lost.
///
/// With --json: {problems, healed, fetched, forgotten, reimported, unreadable, losses, listed
/// [{import, path, digest, size}], failed [{import, kind, message}]}.
#[derive(Debug, Args)]
pub(crate) struct RepairArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,

    /// Read again what is damaged from where it was imported from
    #[arg(long)]
    fetch: bool,

    #[command(flatten)]
    pub(crate) looking: LookingArgs,

    #[command(flatten)]
    remote: RemoteArgs,
}

/// How a store is looked through.
#[derive(Debug, Args)]
pub(crate) struct LookingArgs {
    /// Show progress on standard error
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) progress: When,

    /// Threads that read and hash; 0 is one for each core
    #[arg(long, value_name = "N", default_value_t = 0, hide_short_help = true)]
    threads: usize,

    /// How many problems or losses to list at most; all are counted
    #[arg(long, value_name = "N", default_value_t = 1000)]
    limit: usize,
}

/// Remove from a store what no import uses
///
/// Imports may run meanwhile: what they need stays, or is read again. The room in the database is
/// used for what comes next; with --vacuum the file gets smaller.
///
/// With --json: {interrupted, snapshots, contents, bytes, blobs, orphan_bytes, trees, revisions,
/// imports_running, free_bytes, database_bytes}.
#[derive(Debug, Args)]
pub(crate) struct GcArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,

    /// Only count what would be removed
    #[arg(long)]
    dry_run: bool,

    /// Leave blobs alone that no row names yet, unless they are as old as this, in minutes
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    min_age: u32,

    /// Make the database file smaller; it is written anew, and imports wait meanwhile
    #[arg(long, conflicts_with = "dry_run")]
    vacuum: bool,
}

/// Count what a store has
///
/// With --json: {imports {status: count}, files, file_bytes, snapshots, entries, contents,
/// content_bytes, shared_bytes, texts, text_bytes, blobs, blob_bytes, lost, unused_contents,
/// unused_bytes, facts, trees, tree_bytes, database_bytes, free_bytes, log_bytes, tenants [{tenant,
/// imports, complete, files, bytes}]}.
#[derive(Debug, Args)]
pub(crate) struct StatsArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

impl LookingArgs {
    pub(crate) fn options(&self) -> CheckOptions {
        CheckOptions::default()
            .threads(self.threads)
            .max_listed(self.limit)
    }
}

impl RepairArgs {
    pub(crate) fn options(&self) -> Result<RepairOptions, Failure> {
        let remote = self.remote.options()?;
        let fetch = Options::default()
            .threads(self.looking.threads)
            .remote(remote);
        Ok(RepairOptions::default()
            .check(self.looking.options())
            .max_listed(self.looking.limit)
            .fetch(self.fetch.then_some(fetch)))
    }
}

impl GcArgs {
    pub(crate) fn options(&self) -> GcOptions {
        GcOptions::default()
            .dry_run(self.dry_run)
            .vacuum(self.vacuum)
            .min_age(Duration::from_secs(u64::from(self.min_age) * 60))
    }

    pub(crate) fn is_dry(&self) -> bool {
        self.dry_run
    }
}
