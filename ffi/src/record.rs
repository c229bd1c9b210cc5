//! What the registry of a store says.

use std::mem::MaybeUninit;

use gitlade::{ImportFilter, ImportRecord, Page, Sort, Status};

use crate::boundary::{self, Failure};
use crate::buffer::{Bytes, gitlade_buffer};
use crate::entry::id_bytes;
use crate::error::gitlade_error;
use crate::give;
use crate::status::gitlade_status;
use crate::structs::{self, Versioned};
use crate::text::gitlade_str;

/// Records of imports. It never changes, and may be used from several threads at once.
pub struct gitlade_records {
    records: Vec<ImportRecord>,
    total: u64,
}

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum gitlade_import_status {
    /// It waits for its turn.
    Queued = 0,
    /// It finds out what is at the source.
    Detecting = 1,
    /// It takes in what the source has.
    Importing = 2,
    /// It writes what it took in.
    Storing = 3,
    /// It is there as a whole.
    Complete = 4,
    /// It ended in an error.
    Failed = 5,
    /// The host stopped it.
    Cancelled = 6,
    /// The process that ran it ended before it.
    Interrupted = 7,
}

/// By what imports are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum gitlade_sort {
    /// When they were asked for. The default.
    Created = 0,
    /// When anything of them changed.
    Updated = 1,
    /// By owner and name of the repository.
    Repository = 2,
    /// By bytes.
    Bytes = 3,
    /// By number of files.
    Files = 4,
}

/// Which imports are listed. 0 and NULL are the defaults of all fields.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_filter {
    /// `sizeof(gitlade_filter)`.
    pub struct_size: usize,
    /// Only those with this key of the host.
    pub tenant: gitlade_str,
    /// Only those whose repository belongs to this one.
    pub owner: gitlade_str,
    /// Only those whose repository has this name.
    pub repository: gitlade_str,
    /// Only those from this URL or path, as the records show it.
    pub source: gitlade_str,
    /// Only those created at this time or later; milliseconds since 1970 (UTC).
    pub since_ms: i64,
    /// Only those created before this time.
    pub until_ms: i64,
    /// How many are left out from the beginning.
    pub offset: u64,
    /// How many are listed at most. Default: 100.
    pub limit: u64,
    /// Only those that stand at one of these: a sum of 1 << `gitlade_import_status`. Default: all.
    pub statuses: u32,
    /// By what they are sorted: a `gitlade_sort`.
    pub sort: u32,
    /// Not 0: the largest or newest comes last.
    pub ascending: u8,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_filter {
    const NAME: &'static str = "gitlade_filter";
}

/// One import of a store. The texts live as long as the list; `gitlade_records_json` has all of it.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_record {
    /// `sizeof(gitlade_record)`, set by the host before the struct is filled.
    pub struct_size: usize,
    /// Its name: a number from 1 that is never used again.
    pub id: u64,
    /// The host's own key.
    pub tenant: gitlade_str,
    /// What the host wants to know of it, as JSON, or NULL.
    pub metadata: gitlade_str,
    /// The URL without credentials, or the path, fit to be shown.
    pub source: gitlade_str,
    /// Who the repository belongs to, or NULL.
    pub owner: gitlade_str,
    /// The repository's name, or NULL.
    pub repository: gitlade_str,
    /// The revision as it was asked for; NULL for `HEAD`.
    pub revision: gitlade_str,
    /// What it is doing, or NULL.
    pub step: gitlade_str,
    /// What went wrong, or NULL.
    pub failure: gitlade_str,
    /// What the user can do about it, or NULL.
    pub advice: gitlade_str,
    /// The full name of the ref that led to the commit, or NULL.
    pub reference: gitlade_str,
    /// When it was asked for; milliseconds since 1970 (UTC), as all times here, and 0 for never.
    pub created_ms: i64,
    /// When its last attempt began.
    pub started_ms: i64,
    /// When anything of this changed.
    pub updated_ms: i64,
    /// When it ended.
    pub ended_ms: i64,
    /// Bytes that came over the network.
    pub received_bytes: u64,
    /// Folders; 0 unless it is complete, as with all counts.
    pub folders: u64,
    /// Files.
    pub files: u64,
    /// Bytes of files and symlinks.
    pub bytes: u64,
    /// Files that are text.
    pub text: u64,
    /// Files that are binary.
    pub binary: u64,
    /// Files over the store's threshold, at most 1,000.
    pub large_files: u64,
    /// The commit.
    pub commit: [u8; 32],
    /// The digest of the root folder; zeros unless it is complete.
    pub root: [u8; 32],
    /// Bytes of `commit`; 0 if there is none.
    pub commit_len: u32,
    /// Where it stands.
    pub status: gitlade_import_status,
    /// The `gitlade_status` of the error; 0 unless it failed.
    pub failure_status: i32,
    /// Hundredths of the step that are done, or -1 while the whole is not known.
    pub percent: i32,
    /// How often it was started.
    pub attempt: u32,
    /// Whether the source is a URL.
    pub is_remote: bool,
    /// Whether it was asked to stop, and has not yet.
    pub cancel_requested: bool,
}

// SAFETY: it is `repr(C)` and begins with its size. It is only ever written for the host and never
// read from it, so that bits without a meaning do not occur.
unsafe impl Versioned for gitlade_record {
    const NAME: &'static str = "gitlade_record";
}

/// The number of a status.
pub(crate) fn of_status(status: Status) -> gitlade_import_status {
    match status {
        Status::Queued => gitlade_import_status::Queued,
        Status::Detecting => gitlade_import_status::Detecting,
        Status::Importing => gitlade_import_status::Importing,
        Status::Storing => gitlade_import_status::Storing,
        Status::Complete => gitlade_import_status::Complete,
        Status::Cancelled => gitlade_import_status::Cancelled,
        Status::Interrupted => gitlade_import_status::Interrupted,
        // The engine's enum may grow; an import that is not understood has not ended well.
        _ => gitlade_import_status::Failed,
    }
}

/// The engine's filter for what the host handed in; NULL is the default.
pub(crate) fn filter(data: *const gitlade_filter) -> Result<ImportFilter, Failure> {
    let mut filter = ImportFilter::default();
    let Some(given) = structs::read(data)? else {
        return Ok(filter);
    };
    let owned = |name: &str, text: gitlade_str| -> Result<Option<String>, Failure> {
        Ok(text.text(name)?.map(str::to_owned))
    };
    filter.tenant = owned("tenant", given.tenant)?;
    filter.owner = owned("owner", given.owner)?;
    filter.repository = owned("repository", given.repository)?;
    filter.source = owned("source", given.source)?;
    filter.since = (given.since_ms != 0).then_some(given.since_ms);
    filter.until = (given.until_ms != 0).then_some(given.until_ms);
    filter.offset = given.offset;
    if given.limit != 0 {
        filter.limit = given.limit;
    }
    if given.statuses >> Status::ALL.len() != 0 {
        return Err(Failure::argument("statuses has bits without a meaning"));
    }
    let wanted = |status: &&Status| given.statuses & 1 << of_status(**status) as u32 != 0;
    filter.statuses = Status::ALL.iter().filter(wanted).copied().collect();
    filter.sort = match given.sort {
        0 => Sort::Created,
        1 => Sort::Updated,
        2 => Sort::Repository,
        3 => Sort::Bytes,
        4 => Sort::Files,
        _ => return Err(Failure::argument("sort is no gitlade_sort")),
    };
    filter.ascending = given.ascending != 0;
    Ok(filter)
}

/// JSON in a buffer.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<gitlade_buffer, Failure> {
    let json = serde_json::to_vec(value).map_err(|error| Failure::Told {
        status: gitlade_status::Internal,
        message: format!("a defect in gitlade: {error}"),
        advice: "report it",
    })?;
    Ok(gitlade_buffer(Bytes::Memory(json)))
}

impl gitlade_records {
    pub(crate) fn page(page: Page<ImportRecord>) -> Self {
        gitlade_records {
            records: page.items,
            total: page.total,
        }
    }

    pub(crate) fn one(record: ImportRecord) -> Self {
        gitlade_records {
            records: vec![record],
            total: 1,
        }
    }
}

/// The status of an error that is known by the name of its kind.
pub(crate) fn status_of_name(name: &str) -> gitlade_status {
    let mut kinds = gitlade::ErrorKind::ALL.iter();
    let known = kinds.find(|kind| kind.name() == name);
    known.map_or(gitlade_status::Internal, |kind| gitlade_status::of(*kind))
}

fn describe(record: &ImportRecord) -> gitlade_record {
    let (progress, failure) = (&record.progress, record.failure.as_ref());
    let outcome = record.outcome.as_ref();
    let commit = outcome.and_then(|outcome| outcome.commit);
    let (commit, commit_len) = commit.map_or(([0; 32], 0), |id| id_bytes(&id));
    let totals = outcome.map(|outcome| outcome.totals).unwrap_or_default();
    let kind = failure.map(|failure| status_of_name(&failure.kind));
    gitlade_record {
        struct_size: size_of::<gitlade_record>(),
        id: record.id.0,
        tenant: gitlade_str::of(record.tenant.as_bytes()),
        metadata: gitlade_str::of_option(record.metadata.as_ref()),
        source: gitlade_str::of(record.source.as_bytes()),
        owner: gitlade_str::of_option(record.owner.as_ref()),
        repository: gitlade_str::of_option(record.repository.as_ref()),
        revision: gitlade_str::of_option(record.revision.as_ref()),
        step: gitlade_str::of_option(progress.step.as_ref()),
        failure: gitlade_str::of_option(failure.map(|failure| &failure.message)),
        advice: gitlade_str::of_option(failure.and_then(|failure| failure.advice.as_ref())),
        reference: gitlade_str::of_option(outcome.and_then(|outcome| outcome.reference.as_ref())),
        created_ms: record.created_at,
        started_ms: record.started_at.unwrap_or(0),
        updated_ms: record.updated_at,
        ended_ms: record.ended_at.unwrap_or(0),
        received_bytes: progress.received_bytes,
        folders: totals.folders,
        files: totals.files,
        bytes: totals.bytes,
        text: totals.text,
        binary: totals.binary,
        large_files: outcome.map_or(0, |outcome| outcome.large_files.len() as u64),
        commit,
        root: outcome.map_or([0; 32], |outcome| outcome.root.0),
        commit_len,
        status: of_status(record.status),
        failure_status: kind.map_or(0, |kind| kind as i32),
        percent: progress.percent.map_or(-1, i32::from),
        attempt: record.attempt,
        is_remote: record.remote,
        cancel_requested: record.cancel_requested,
    }
}

/// How many records the list has.
///
/// `records` may be NULL, which has none.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_records_len(records: Option<&gitlade_records>) -> usize {
    boundary::value(0, || records.map_or(0, |records| records.records.len()))
}

/// How many imports the filter lets through, on all pages together.
///
/// `records` may be NULL, which has none.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_records_total(records: Option<&gitlade_records>) -> u64 {
    boundary::value(0, || records.map_or(0, |records| records.total))
}

/// Describes the record at a place, from 0; `GITLADE_STATUS_END` behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_records_get(
    records: Option<&gitlade_records>,
    index: usize,
    out: *mut gitlade_record,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let records = give::required("records", records)?;
        let out = structs::place("out", out)?;
        out.write(&describe(records.records.get(index).ok_or(Failure::End)?));
        Ok(())
    })
}

/// Writes the record at a place as JSON, with all that there is; `GITLADE_STATUS_END` behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_records_json(
    records: Option<&gitlade_records>,
    index: usize,
    out: Option<&mut MaybeUninit<*mut gitlade_buffer>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let records = give::required("records", records)?;
        let out = give::place("out", out)?;
        out.give(json(records.records.get(index).ok_or(Failure::End)?)?);
        Ok(())
    })
}

/// The name of a `gitlade_import_status`, such as `complete`: a constant; NULL for other numbers.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_import_status_name(status: u32) -> gitlade_str {
    boundary::value(gitlade_str::NONE, || {
        let mut all = Status::ALL.iter();
        let found = all.find(|known| of_status(**known) as u32 == status);
        gitlade_str::of_option(found.map(|status| status.name()))
    })
}

/// Frees a list of records.
///
/// `records` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_records_free(records: *mut gitlade_records) {
    boundary::value((), || give::free(records));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_own_number() {
        for (number, status) in Status::ALL.iter().enumerate() {
            assert_eq!(of_status(*status) as usize, number, "{status}");
        }
    }
}
