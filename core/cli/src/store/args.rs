//! What can be said on the command line about a store.

use std::path::PathBuf;
use std::time::SystemTime;

use clap::{Args, ValueEnum, ValueHint};
use gitlade::{ImportFilter, ImportId, Sort, Status};

use crate::args::{ChoiceArgs, ReadingArgs, RevisionArgs};
use crate::when::{millis, parse_moment};

/// Where the store is, and who reads what is said of it.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// The folder of the store
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: PathBuf,

    /// Print JSON, for programs
    #[arg(long)]
    pub(crate) json: bool,
}

/// List the imports of a store
///
/// The newest come first. With --json: {"total": how many there are, "imports": [a record each]}.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,

    /// Only those for this tenant
    #[arg(long, value_name = "KEY")]
    tenant: Option<String>,

    /// Only those whose repository belongs to this owner
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,

    /// Only those of repositories with this name
    #[arg(long, value_name = "NAME")]
    repository: Option<String>,

    /// Only those from this URL or path, as the list shows it
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,

    /// Only those that stand there; may be given several times
    #[arg(long, value_name = "STATUS", value_parser = parse_status)]
    status: Vec<Status>,

    /// Only those asked for since then: 2024-02-29, 2024-02-29T12:00:00Z, or 3h, 7d ago
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    since: Option<SystemTime>,

    /// Only those asked for before then
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    until: Option<SystemTime>,

    /// By what to sort
    #[arg(long, value_name = "BY", value_enum, default_value_t)]
    sort: SortArg,

    /// The oldest or smallest first
    #[arg(long)]
    ascending: bool,

    /// How many to list at most
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u64,

    /// How many to leave out at the beginning
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: u64,
}

/// By what imports are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum SortArg {
    /// When they were asked for
    #[default]
    Created,
    /// When anything of them changed
    Updated,
    /// By owner and name of the repository
    Repository,
    /// By bytes
    Bytes,
    /// By number of files
    Files,
}

impl ListArgs {
    pub(crate) fn filter(&self) -> ImportFilter {
        let mut filter = ImportFilter::default()
            .sort(match self.sort {
                SortArg::Created => Sort::Created,
                SortArg::Updated => Sort::Updated,
                SortArg::Repository => Sort::Repository,
                SortArg::Bytes => Sort::Bytes,
                SortArg::Files => Sort::Files,
            })
            .ascending(self.ascending)
            .offset(self.offset)
            .limit(self.limit);
        filter.tenant = self.tenant.clone();
        filter.owner = self.owner.clone();
        filter.repository = self.repository.clone();
        filter.source = self.source.clone();
        filter.statuses = self.status.clone();
        filter.since = self.since.map(millis);
        filter.until = self.until.map(millis);
        filter
    }
}

/// Tell where an import stands
///
/// With --json: its record. With --watch and --json: its record on a line each time that it has
/// changed, until it has ended.
///
/// A record has these keys, with null for what is not known: id, tenant, metadata (as it was given),
/// source, remote, owner, repository, revision, subdir, status, attempt, cancel_requested, progress
/// {step, percent, objects, objects_total, bytes, bytes_total, received_bytes, files, message},
/// outcome {ref, commit, tree, root, totals, skipped, large_files [{path, oid, size}]}, failure
/// {step, kind, message, advice}, created_at, started_at, updated_at, ended_at. "totals" and
/// "skipped" are those of a manifest. Times are RFC 3339 in UTC. What is not valid UTF-8 stands in
/// base64 under a key with _base64 at its end.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// The number of the import
    pub(crate) id: ImportId,

    /// Watch it until it has ended, whichever process runs it; the exit status is then its own
    #[arg(long)]
    pub(crate) watch: bool,

    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Show what an import brought
///
/// Without a path: the record of the import, and what lies in its root. With the path of a folder:
/// what lies in it. With that of a file, symlink or submodule: what is known of it. With --json:
/// {"import": its record, "entries": [the records of a manifest]}.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The number of the import
    pub(crate) id: ImportId,

    /// A folder or file, by its path from the root of the import
    pub(crate) path: Option<std::ffi::OsString>,

    /// Print the manifest of the whole import, as "gitlade import" does
    #[arg(long, conflicts_with_all = ["path", "json"])]
    pub(crate) manifest: bool,

    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Tell what happened to an import
///
/// With --json: {"import": its number, "log": [{"at", "attempt", "event", "message"}, …]}.
#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// The number of the import
    pub(crate) id: ImportId,

    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Stop imports, whichever process runs them
///
/// Waits until they have stopped. With --json: {"imports": [their records]}.
#[derive(Debug, Args)]
pub(crate) struct CancelArgs {
    /// The numbers of the imports
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<ImportId>,

    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Remove imports that have ended from a store
///
/// Content that no other import uses goes with the next "gitlade gc". With --json: {"removed":
/// [their numbers]}.
#[derive(Debug, Args)]
pub(crate) struct RmArgs {
    /// The numbers of the imports
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<ImportId>,

    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Import again what failed, was cancelled or was interrupted
///
/// The import keeps its number, source, tenant and options; of the options, those that are given
/// change. Credentials are not kept, and have to be given again, as has all else that says how a
/// server is reached. Of a local repository, what came into the store before is not read again.
#[derive(Debug, Args)]
pub(crate) struct RestartArgs {
    /// The number of the import
    pub(crate) id: ImportId,

    #[command(flatten)]
    pub(crate) revision: RevisionArgs,

    /// Import everything: forget --subdir, --include, --exclude and --allow-missing of before
    #[arg(long)]
    pub(crate) everything: bool,

    #[command(flatten)]
    pub(crate) choice: ChoiceArgs,

    #[command(flatten)]
    pub(crate) store: StoreArgs,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

fn parse_status(text: &str) -> Result<Status, String> {
    Status::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = Status::ALL.iter().map(|status| status.name()).collect();
        format!("the statuses are {}", names.join(", "))
    })
}
