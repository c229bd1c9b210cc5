//! Records of imports as JSON for programs. Keys, their order and their meaning are stable; times are
//! RFC 3339 in UTC; what is not valid UTF-8 stands in base64 under a key with `_base64` at its end.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gitlade::{
    Failure, ImportRecord, LargeFile, LogLine, Outcome, RecordedProgress, Skipped, Totals,
};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::when::{from_millis, rfc3339};

/// The record of an import.
#[derive(Serialize)]
pub(super) struct Record<'a> {
    id: u64,
    tenant: &'a str,
    metadata: Option<Box<RawValue>>,
    source: &'a str,
    remote: bool,
    owner: Option<&'a str>,
    repository: Option<&'a str>,
    revision: Option<&'a str>,
    subdir: Option<&'a str>,
    status: &'static str,
    attempt: u32,
    cancel_requested: bool,
    progress: Progress<'a>,
    outcome: Option<Result<'a>>,
    failure: Option<Reason<'a>>,
    created_at: String,
    started_at: Option<String>,
    updated_at: String,
    ended_at: Option<String>,
}

#[derive(Serialize)]
struct Progress<'a> {
    step: Option<String>,
    percent: Option<u8>,
    objects: u64,
    objects_total: u64,
    bytes: u64,
    bytes_total: u64,
    received_bytes: u64,
    files: u64,
    message: Option<&'a str>,
}

#[derive(Serialize)]
struct Result<'a> {
    #[serde(rename = "ref", skip_serializing_if = "Bytes::is_base64")]
    reference: Bytes<'a>,
    #[serde(rename = "ref_base64", skip_serializing_if = "Option::is_none")]
    reference_base64: Option<String>,
    commit: Option<String>,
    tree: String,
    root: String,
    totals: Totals,
    skipped: Skipped,
    large_files: Vec<Large<'a>>,
}

#[derive(Serialize)]
struct Large<'a> {
    #[serde(skip_serializing_if = "Bytes::is_base64")]
    path: Bytes<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_base64: Option<String>,
    oid: String,
    size: u64,
}

#[derive(Serialize)]
struct Reason<'a> {
    step: Option<String>,
    kind: &'a str,
    message: &'a str,
    advice: Option<&'a str>,
}

/// One line of a log.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    at: String,
    attempt: u32,
    event: &'a str,
    message: &'a str,
}

/// Bytes that are mostly text.
#[derive(Serialize)]
#[serde(untagged)]
enum Bytes<'a> {
    None,
    Text(&'a str),
    /// Stands under the other key.
    Base64,
}

impl<'a> Bytes<'a> {
    /// The values of the key for text, and of the one for base64.
    fn split(bytes: Option<&'a [u8]>) -> (Self, Option<String>) {
        match bytes.map(|bytes| (bytes, std::str::from_utf8(bytes))) {
            None => (Bytes::None, None),
            Some((_, Ok(text))) => (Bytes::Text(text), None),
            Some((bytes, Err(_))) => (Bytes::Base64, Some(STANDARD.encode(bytes))),
        }
    }

    fn is_base64(&self) -> bool {
        matches!(self, Bytes::Base64)
    }
}

impl<'a> From<&'a ImportRecord> for Record<'a> {
    fn from(record: &'a ImportRecord) -> Self {
        Record {
            id: record.id.0,
            tenant: &record.tenant,
            // It was checked when it came.
            metadata: record
                .metadata
                .as_ref()
                .and_then(|json| RawValue::from_string(json.clone()).ok()),
            source: &record.source,
            remote: record.remote,
            owner: record.owner.as_deref(),
            repository: record.repository.as_deref(),
            revision: record.revision.as_deref(),
            subdir: record.subdir.as_deref(),
            status: record.status.name(),
            attempt: record.attempt,
            cancel_requested: record.cancel_requested,
            progress: (&record.progress).into(),
            outcome: record.outcome.as_ref().map(Result::from),
            failure: record.failure.as_ref().map(Reason::from),
            created_at: time(record.created_at),
            started_at: record.started_at.map(time),
            updated_at: time(record.updated_at),
            ended_at: record.ended_at.map(time),
        }
    }
}

impl<'a> From<&'a RecordedProgress> for Progress<'a> {
    fn from(progress: &'a RecordedProgress) -> Self {
        Progress {
            step: progress.step.as_deref().map(step),
            percent: progress.percent,
            objects: progress.objects,
            objects_total: progress.objects_total,
            bytes: progress.bytes,
            bytes_total: progress.bytes_total,
            received_bytes: progress.received_bytes,
            files: progress.files,
            message: progress.message.as_deref(),
        }
    }
}

impl<'a> From<&'a Outcome> for Result<'a> {
    fn from(outcome: &'a Outcome) -> Self {
        let (reference, reference_base64) = Bytes::split(outcome.reference.as_deref());
        Result {
            reference,
            reference_base64,
            commit: outcome.commit.map(|id| id.to_string()),
            tree: outcome.tree.to_string(),
            root: outcome.root.to_string(),
            totals: outcome.totals,
            skipped: outcome.skipped,
            large_files: outcome.large_files.iter().map(Large::from).collect(),
        }
    }
}

impl<'a> From<&'a LargeFile> for Large<'a> {
    fn from(file: &'a LargeFile) -> Self {
        let (path, path_base64) = Bytes::split(Some(&file.path));
        Large {
            path,
            path_base64,
            oid: file.id.to_string(),
            size: file.size,
        }
    }
}

impl<'a> From<&'a Failure> for Reason<'a> {
    fn from(failure: &'a Failure) -> Self {
        Reason {
            step: failure.step.as_deref().map(step),
            kind: &failure.kind,
            message: &failure.message,
            advice: failure.advice.as_deref(),
        }
    }
}

impl<'a> From<&'a LogLine> for Line<'a> {
    fn from(line: &'a LogLine) -> Self {
        Line {
            at: time(line.at),
            attempt: line.attempt,
            event: &line.event,
            message: &line.message,
        }
    }
}

/// The name of a step as "--progress json" has it.
fn step(name: &str) -> String {
    name.replace(' ', "-")
}

fn time(millis: i64) -> String {
    rfc3339(from_millis(millis))
}

/// JSON on one line, with the marks escaped that a terminal would act upon.
pub(super) fn line(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value).expect("because all keys are text");
    let mut line = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        // Of control characters JSON itself escapes only those below U+0020; metadata is as the
        // host wrote it, white space included.
        match u32::from(c) {
            code @ (0..=0x1f
            | 0x7f..=0x9f
            | 0x061c
            | 0x200e..=0x200f
            | 0x2028..=0x202e
            | 0x2066..=0x2069) => match c {
                '\n' | '\r' | '\t' => line.push(' '),
                _ => line.push_str(&format!("\\u{code:04x}")),
            },
            _ => line.push(c),
        }
    }
    line.push('\n');
    line
}

/// A record as a value, for what stands around it.
pub(super) fn record(record: &ImportRecord) -> Record<'_> {
    record.into()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn lines_hold_nothing_that_a_terminal_acts_upon() {
        let text = line(&serde_json::json!({"a": "\u{1b}[2J\u{9b}2J\u{202e}ü\n"}));
        assert_eq!(text, "{\"a\":\"\\u001b[2J\\u009b2J\\u202eü\\n\"}\n");
        let back: Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(back["a"], "\u{1b}[2J\u{9b}2J\u{202e}ü\n");
        let raw = RawValue::from_string("{\n\t\"a\" : 1\r\n}".to_owned()).expect("it is JSON");
        assert_eq!(line(&raw), "{  \"a\" : 1  }\n");
    }

    #[test]
    fn what_is_no_text_is_base64() {
        // printf 'a\377' | base64
        let (text, base64) = Bytes::split(Some(b"a\xff"));
        assert!(text.is_base64());
        assert_eq!(base64.as_deref(), Some("Yf8="));
        let (text, base64) = Bytes::split(Some("ü".as_bytes()));
        assert!(matches!(text, Bytes::Text("ü")) && base64.is_none());
        let (none, base64) = Bytes::split(None);
        assert_eq!(line(&none), "null\n");
        assert!(base64.is_none());
    }
}
