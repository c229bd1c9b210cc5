//! Checking a store, and what that finds.

use std::mem::MaybeUninit;

use gitlade::{CheckOptions, CheckReport, Problem, ProblemKind};

use crate::boundary::{self, Failure};
use crate::buffer::gitlade_buffer;
use crate::entry::id_bytes;
use crate::error::gitlade_error;
use crate::give;
use crate::hooks::{Hooks, gitlade_hooks};
use crate::record::json;
use crate::status::gitlade_status;
use crate::store::gitlade_store;
use crate::structs::{self, Versioned};
use crate::text::gitlade_str;
use crate::watch;

/// What a check of a store found. It never changes, and may be used from several threads at once.
pub struct gitlade_findings(CheckReport);

/// How a store is checked. 0 is the default of all fields.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_check_options {
    /// `sizeof(gitlade_check_options)`.
    pub struct_size: usize,
    /// Threads that read and hash. Default: as many as the machine has cores.
    pub threads: u32,
    /// Problems that are listed; all are counted. Default: 1,000; or `GITLADE_NONE`.
    pub max_listed: u32,
    /// Places that are listed with each problem; all are counted. Default: 20; or `GITLADE_NONE`.
    pub max_places: u32,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_check_options {
    const NAME: &'static str = "gitlade_check_options";
}

/// What is wrong with a part of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum gitlade_problem_kind {
    /// SQLite finds the database file damaged.
    Database = 0,
    /// A row refers to one that is not there.
    Reference = 1,
    /// The file of a blob is not there.
    BlobMissing = 2,
    /// The file of a blob holds something else.
    BlobDamaged = 3,
    /// The file of a blob cannot be read.
    BlobUnreadable = 4,
    /// The text of a content is not there.
    TextMissing = 5,
    /// The text of a content is another one.
    TextDamaged = 6,
    /// What the row of a content says of it is wrong.
    Content = 7,
    /// What is remembered of a blob is wrong.
    Facts = 8,
    /// What is remembered of a tree is not that tree.
    Tree = 9,
    /// The entries of an import do not add up.
    Snapshot = 10,
    /// The registry's row of an import makes no sense.
    Import = 11,
    /// Something that this version of the interface has no name for; the text says what.
    Other = 12,
}

/// What a check counted.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_check_report {
    /// `sizeof(gitlade_check_report)`, set by the host before the struct is filled.
    pub struct_size: usize,
    /// Problems, listed or not. Without any, nothing is wrong.
    pub problems: u64,
    /// Contents whose digests were computed again.
    pub contents: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Texts that were compared with what their contents decode to.
    pub texts: u64,
    /// Facts of blobs that were found out again.
    pub facts: u64,
    /// Trees whose ids were computed again.
    pub trees: u64,
    /// Manifests that were put together again.
    pub snapshots: u64,
    /// Rows of the registry.
    pub imports: u64,
    /// Contents that an earlier repair had to give up, and that no import has brought again. They are
    /// no problems.
    pub lost: u64,
    /// What a collection of garbage removes, from here on: files of blobs that no row names.
    pub orphans: u64,
    /// Bytes of their contents.
    pub orphan_bytes: u64,
    /// Contents that no file has; a running import may be about to use them.
    pub unused_contents: u64,
    /// Snapshots that no import has.
    pub unused_snapshots: u64,
    /// Folders of temporary files whose process is dead.
    pub temporaries: u64,
    /// Lock files whose process is dead.
    pub locks: u64,
    /// Imports whose process died and that nobody has marked as interrupted yet.
    pub abandoned: u64,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_check_report {
    const NAME: &'static str = "gitlade_check_report";
}

/// One thing that is wrong with a store. The text lives as long as the findings.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_problem {
    /// `sizeof(gitlade_problem)`, set by the host before the struct is filled.
    pub struct_size: usize,
    /// In words, without control characters.
    pub detail: gitlade_str,
    /// How many files, or imports as a whole, it touches.
    pub places_total: u64,
    /// How many of those are listed.
    pub places_listed: u64,
    /// The content that it is about; zeros if `has_digest` is false.
    pub digest: [u8; 32],
    /// The blob or tree that it is about.
    pub object_id: [u8; 32],
    /// Bytes of `object_id`; 0 if it is about none.
    pub object_id_len: u32,
    /// What it is.
    pub kind: gitlade_problem_kind,
    /// Whether it is about a content.
    pub has_digest: bool,
}

// SAFETY: it is `repr(C)` and begins with its size. It is only ever written for the host and never
// read from it, so that bits without a meaning do not occur.
unsafe impl Versioned for gitlade_problem {
    const NAME: &'static str = "gitlade_problem";
}

/// A file of a complete import. The text lives as long as the findings.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_place {
    /// `sizeof(gitlade_place)`, set by the host before the struct is filled.
    pub struct_size: usize,
    /// The import.
    pub import_id: u64,
    /// The path from its root, as bytes of the repository; empty for the import as a whole.
    pub path: gitlade_str,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_place {
    const NAME: &'static str = "gitlade_place";
}

/// The engine's options for what the host handed in; NULL is the defaults.
pub(crate) fn options(data: *const gitlade_check_options) -> Result<CheckOptions, Failure> {
    let mut options = CheckOptions::default();
    if let Some(given) = structs::read(data)? {
        options.threads = given.threads as usize;
        structs::set_number(&mut options.max_listed, given.max_listed);
        structs::set_number(&mut options.max_places, given.max_places);
    }
    Ok(options)
}

fn of_kind(kind: ProblemKind) -> gitlade_problem_kind {
    match kind {
        ProblemKind::Database => gitlade_problem_kind::Database,
        ProblemKind::Reference => gitlade_problem_kind::Reference,
        ProblemKind::BlobMissing => gitlade_problem_kind::BlobMissing,
        ProblemKind::BlobDamaged => gitlade_problem_kind::BlobDamaged,
        ProblemKind::BlobUnreadable => gitlade_problem_kind::BlobUnreadable,
        ProblemKind::TextMissing => gitlade_problem_kind::TextMissing,
        ProblemKind::TextDamaged => gitlade_problem_kind::TextDamaged,
        ProblemKind::Content => gitlade_problem_kind::Content,
        ProblemKind::Facts => gitlade_problem_kind::Facts,
        ProblemKind::Tree => gitlade_problem_kind::Tree,
        ProblemKind::Snapshot => gitlade_problem_kind::Snapshot,
        ProblemKind::Import => gitlade_problem_kind::Import,
        _ => gitlade_problem_kind::Other,
    }
}

/// All kinds that the engine has, in the order of their numbers.
const KINDS: [ProblemKind; 12] = [
    ProblemKind::Database,
    ProblemKind::Reference,
    ProblemKind::BlobMissing,
    ProblemKind::BlobDamaged,
    ProblemKind::BlobUnreadable,
    ProblemKind::TextMissing,
    ProblemKind::TextDamaged,
    ProblemKind::Content,
    ProblemKind::Facts,
    ProblemKind::Tree,
    ProblemKind::Snapshot,
    ProblemKind::Import,
];

/// Checks all of a store: the database as SQLite sees it, every row, the digest of every content, the id
/// of every blob and tree that is remembered, and that all imports add up. What is found is no error.
///
/// Nothing is changed; imports may run meanwhile, and the store may be opened for reading only. The
/// progress counts contents and their bytes.
///
/// `options` and `hooks` may be NULL, which are the defaults. The hooks must have no sink.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_store_check(
    store: Option<&gitlade_store>,
    options: *const gitlade_check_options,
    hooks: *const gitlade_hooks,
    out: Option<&mut MaybeUninit<*mut gitlade_findings>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let store = give::required("store", store)?;
        let options = self::options(options)?;
        let hooks = Hooks::read_without_sink(hooks)?;
        let out = give::place("out", out)?;
        let report = watch::work(&hooks, |control| store.0.check(&options, control))?;
        out.give(gitlade_findings(report));
        Ok(())
    })
}

/// Describes what was counted.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_findings_report(
    findings: Option<&gitlade_findings>,
    out: *mut gitlade_check_report,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let report = &give::required("findings", findings)?.0;
        let out = structs::place("out", out)?;
        let left = &report.leftovers;
        out.write(&gitlade_check_report {
            struct_size: size_of::<gitlade_check_report>(),
            problems: report.problems,
            contents: report.contents,
            bytes: report.bytes,
            texts: report.texts,
            facts: report.facts,
            trees: report.trees,
            snapshots: report.snapshots,
            imports: report.imports,
            lost: report.lost,
            orphans: left.orphans,
            orphan_bytes: left.orphan_bytes,
            unused_contents: left.unused_contents,
            unused_snapshots: left.unused_snapshots,
            temporaries: left.temporaries,
            locks: left.locks,
            abandoned: left.abandoned,
        });
        Ok(())
    })
}

/// How many problems are listed.
///
/// `findings` may be NULL, which has none.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_findings_len(findings: Option<&gitlade_findings>) -> usize {
    boundary::value(0, || findings.map_or(0, |findings| findings.0.listed.len()))
}

/// Describes the problem at a place of the list, from 0; `GITLADE_STATUS_END` behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_findings_get(
    findings: Option<&gitlade_findings>,
    index: usize,
    out: *mut gitlade_problem,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let findings = give::required("findings", findings)?;
        let out = structs::place("out", out)?;
        out.write(&describe(listed(findings, index)?));
        Ok(())
    })
}

/// Describes one of the files that a problem touches, both from 0; `GITLADE_STATUS_END` behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_findings_place(
    findings: Option<&gitlade_findings>,
    problem: usize,
    index: usize,
    out: *mut gitlade_place,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let findings = give::required("findings", findings)?;
        let out = structs::place("out", out)?;
        let places = &listed(findings, problem)?.places;
        let place = places.get(index).ok_or(Failure::End)?;
        out.write(&gitlade_place {
            struct_size: size_of::<gitlade_place>(),
            import_id: place.import.0,
            path: gitlade_str::of(&place.path),
        });
        Ok(())
    })
}

fn listed(findings: &gitlade_findings, index: usize) -> Result<&Problem, Failure> {
    findings.0.listed.get(index).ok_or(Failure::End)
}

fn describe(problem: &Problem) -> gitlade_problem {
    let (object_id, object_id_len) = problem.object.map_or(([0; 32], 0), |id| id_bytes(&id));
    gitlade_problem {
        struct_size: size_of::<gitlade_problem>(),
        detail: gitlade_str::of(problem.detail.as_bytes()),
        places_total: problem.places_total,
        places_listed: problem.places.len() as u64,
        digest: problem.digest.map_or([0; 32], |digest| digest.0),
        object_id,
        object_id_len,
        kind: of_kind(problem.kind),
        has_digest: problem.digest.is_some(),
    }
}

/// Writes all that was found as JSON. Paths in it are fit to be shown, and not exact.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_findings_json(
    findings: Option<&gitlade_findings>,
    out: Option<&mut MaybeUninit<*mut gitlade_buffer>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let findings = give::required("findings", findings)?;
        give::place("out", out)?.give(json(&findings.0)?);
        Ok(())
    })
}

/// The name of a `gitlade_problem_kind`, such as `blob_damaged`: a constant; NULL for other numbers.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_problem_kind_name(kind: u32) -> gitlade_str {
    boundary::value(gitlade_str::NONE, || {
        let other = gitlade_problem_kind::Other as u32;
        match KINDS.get(kind as usize) {
            Some(kind) => gitlade_str::of(kind.name().as_bytes()),
            None => gitlade_str::of_option((kind == other).then_some("other")),
        }
    })
}

/// Frees findings.
///
/// `findings` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_findings_free(findings: *mut gitlade_findings) {
    boundary::value((), || give::free(findings));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_problem_has_its_own_number() {
        for (number, kind) in KINDS.into_iter().enumerate() {
            assert_eq!(of_kind(kind) as usize, number, "{}", kind.name());
            // `BlobMissing` is `blob_missing`, so a variant cannot stand for another kind.
            let variant = format!("{:?}", of_kind(kind)).to_lowercase();
            assert_eq!(variant, kind.name().replace('_', ""));
        }
        assert_eq!(KINDS.len(), gitlade_problem_kind::Other as usize);
    }
}
