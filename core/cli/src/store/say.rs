//! Records of imports, as people like to read them.

use std::time::{Duration, SystemTime};

use gitlade::{ImportRecord, Printable, Status};

use crate::describe::{bytes, count, counted};
use crate::table::{Table, facts};
use crate::when::{ago, from_millis, span};

/// Large files that are told by name.
const TOLD: usize = 10;

/// A list of imports.
pub(super) fn table(records: &[ImportRecord]) -> String {
    let now = SystemTime::now();
    let mut table = Table::new(&[
        "#ID",
        "STATUS",
        "REPOSITORY",
        "REVISION",
        "#FILES",
        "#SIZE",
        "TENANT",
        "UPDATED",
    ]);
    for record in records {
        let totals = record.outcome.as_ref().map(|outcome| outcome.totals);
        table.row([
            record.id.to_string(),
            standing(record),
            name(record),
            revision(record),
            totals.map_or_else(String::new, |totals| count(totals.files)),
            totals.map_or_else(String::new, |totals| bytes(totals.bytes)),
            record.tenant.clone(),
            ago(from_millis(record.updated_at), now),
        ]);
    }
    table.render()
}

/// The owner and the name of the repository, or the path.
fn name(record: &ImportRecord) -> String {
    match (&record.owner, &record.repository) {
        (Some(owner), Some(name)) if !owner.is_empty() => format!("{owner}/{name}"),
        (_, Some(name)) if record.remote => name.clone(),
        _ => record.source.clone(),
    }
}

/// What was asked for, and the commit that this led to.
fn revision(record: &ImportRecord) -> String {
    let asked = record.revision.as_deref().unwrap_or("HEAD");
    let commit = record.outcome.as_ref().and_then(|outcome| outcome.commit);
    match commit {
        Some(commit) => format!("{asked} {:.10}", commit.to_string()),
        None => asked.to_owned(),
    }
}

/// The status, and how far it is.
fn standing(record: &ImportRecord) -> String {
    let status = record.status;
    match record.progress.percent {
        Some(percent) if !status.is_end() && status != Status::Queued => {
            format!("{status} {percent} %")
        }
        _ => status.to_string(),
    }
}

/// All that is known of one import.
pub(super) fn record(record: &ImportRecord) -> String {
    let now = SystemTime::now();
    let mut lines: Vec<(&str, String)> = vec![
        ("import", record.id.to_string()),
        ("status", standing(record)),
        ("source", record.source.clone()),
    ];
    let mut add = |name, value: Option<String>| {
        lines.extend(
            value
                .filter(|value| !value.is_empty())
                .map(|value| (name, value)),
        );
    };
    add("tenant", Some(record.tenant.clone()));
    add("metadata", record.metadata.clone());
    add("revision", record.revision.clone());
    add("folder", record.subdir.clone());
    if !record.status.is_end() {
        add("step", record.progress.step.clone());
        add("received", some(record.progress.received_bytes, bytes));
        add("server", record.progress.message.clone());
        add(
            "stop",
            record.cancel_requested.then(|| "was asked for".to_owned()),
        );
    }
    if let Some(failure) = &record.failure {
        add("failed at", failure.step.clone());
        add(
            "error",
            Some(format!("{} ({})", failure.message, failure.kind)),
        );
        add("hint", failure.advice.clone());
    }
    if let Some(outcome) = &record.outcome {
        let reference = outcome.reference.as_deref();
        add("ref", reference.map(|name| Printable(name).to_string()));
        add("commit", outcome.commit.map(|id| id.to_string()));
        add("tree", Some(outcome.tree.to_string()));
        add("root", Some(outcome.root.to_string()));
        let totals = outcome.totals;
        let mut parts = vec![
            counted(totals.files, "file"),
            counted(totals.folders, "folder"),
        ];
        for (number, noun) in [
            (totals.symlinks, "symlink"),
            (totals.submodules, "submodule"),
        ] {
            parts.extend(some(number, |number| counted(number, noun)));
        }
        parts.push(bytes(totals.bytes));
        add("content", Some(parts.join(", ")));
        let kinds = format!(
            "{} text, {} binary",
            count(totals.text),
            count(totals.binary)
        );
        add("files", Some(kinds));
        let skipped = outcome.skipped;
        for (name, number) in [
            ("too large", skipped.too_large),
            ("missing", skipped.missing),
            ("left out", skipped.excluded),
        ] {
            add(name, some(number, count));
        }
    }
    add(
        "attempt",
        (record.attempt > 1).then(|| record.attempt.to_string()),
    );
    add("created", Some(ago(from_millis(record.created_at), now)));
    add("updated", Some(ago(from_millis(record.updated_at), now)));
    if let (Some(started), Some(ended)) = (record.started_at, record.ended_at) {
        let took = u64::try_from(ended - started).unwrap_or(0);
        add("took", Some(span(Duration::from_millis(took))));
    }
    facts(&lines) + &large_files(record)
}

/// The large files of an import.
fn large_files(record: &ImportRecord) -> String {
    let files = match &record.outcome {
        Some(outcome) if !outcome.large_files.is_empty() => &outcome.large_files,
        _ => return String::new(),
    };
    let mut table = Table::new(&["#SIZE", "LARGE FILE", "OBJECT"]);
    for file in files.iter().take(TOLD) {
        let path = Printable(&file.path).to_string();
        table.row([bytes(file.size), path, file.id.to_string()]);
    }
    let left = files.len().saturating_sub(TOLD);
    let more = some(left as u64, |left| format!("{} more\n", count(left)));
    format!("\n{}{}", table.render(), more.unwrap_or_default())
}

fn some(number: u64, say: impl Fn(u64) -> String) -> Option<String> {
    (number > 0).then(|| say(number))
}
