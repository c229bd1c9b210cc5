//! Records of imports as JSON for programs. Keys and their meaning are stable; times are RFC 3339 in
//! UTC; what is not valid UTF-8 stands in base64 under a key with `_base64` at its end.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gitlade::{Failure, ImportRecord, LargeFile, LogLine, Outcome, RecordedProgress};
use serde_json::{Map, Value, json};

use crate::when::rfc3339;

/// The record of an import.
pub(crate) fn record(record: &ImportRecord) -> Value {
    let ImportRecord {
        id,
        tenant,
        source,
        remote,
        owner,
        repository,
        revision,
        subdir,
        status,
        attempt,
        ..
    } = record;
    json!({
        "id": id,
        "tenant": tenant,
        "metadata": record.metadata.as_deref().map(metadata),
        "source": source,
        "remote": remote,
        "owner": owner,
        "repository": repository,
        "revision": revision,
        "subdir": subdir,
        "status": status.name(),
        "attempt": attempt,
        "cancel_requested": record.cancel_requested,
        "progress": progress(&record.progress),
        "outcome": record.outcome.as_ref().map(outcome),
        "failure": record.failure.as_ref().map(failure),
        "created_at": time(record.created_at),
        "started_at": record.started_at.map(time),
        "updated_at": time(record.updated_at),
        "ended_at": record.ended_at.map(time),
    })
}

/// The host's own JSON, which was checked when it came.
fn metadata(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

fn progress(progress: &RecordedProgress) -> Value {
    json!({
        "step": progress.step.as_deref().map(step),
        "percent": progress.percent,
        "objects": progress.objects,
        "objects_total": progress.objects_total,
        "bytes": progress.bytes,
        "bytes_total": progress.bytes_total,
        "received_bytes": progress.received_bytes,
        "files": progress.files,
        "message": progress.message,
    })
}

/// The name of a step as "--progress json" has it.
fn step(name: &str) -> String {
    name.replace(' ', "-")
}

fn outcome(outcome: &Outcome) -> Value {
    let mut value = Map::new();
    match &outcome.reference {
        Some(reference) => bytes(&mut value, "ref", reference),
        None => drop(value.insert("ref".to_owned(), Value::Null)),
    }
    let commit = outcome.commit.map(|id| id.to_string());
    value.insert("commit".to_owned(), json!(commit));
    value.insert("tree".to_owned(), json!(outcome.tree.to_string()));
    value.insert("root".to_owned(), json!(outcome.root.to_string()));
    value.insert("totals".to_owned(), json!(outcome.totals));
    value.insert("skipped".to_owned(), json!(outcome.skipped));
    let large: Vec<Value> = outcome.large_files.iter().map(large_file).collect();
    value.insert("large_files".to_owned(), Value::Array(large));
    Value::Object(value)
}

fn large_file(file: &LargeFile) -> Value {
    let mut value = Map::new();
    bytes(&mut value, "path", &file.path);
    value.insert("oid".to_owned(), json!(file.id.to_string()));
    value.insert("size".to_owned(), json!(file.size));
    Value::Object(value)
}

fn failure(failure: &Failure) -> Value {
    json!({
        "step": failure.step.as_deref().map(step),
        "kind": failure.kind,
        "message": failure.message,
        "advice": failure.advice,
    })
}

/// One line of a log.
pub(crate) fn log_line(line: &LogLine) -> Value {
    json!({
        "at": time(line.at),
        "attempt": line.attempt,
        "event": line.event,
        "message": line.message,
    })
}

/// Bytes that are mostly text.
fn bytes(value: &mut Map<String, Value>, key: &str, bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok(text) => value.insert(key.to_owned(), json!(text)),
        Err(_) => value.insert(format!("{key}_base64"), json!(STANDARD.encode(bytes))),
    };
}

fn time(millis: i64) -> String {
    rfc3339(crate::when::from_millis(millis))
}

/// JSON on one line, with the marks escaped that a terminal would act upon.
pub(crate) fn line(value: &Value) -> String {
    let text = value.to_string();
    let mut line = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        // JSON itself escapes only those below U+0020.
        match u32::from(c) {
            code @ (0x7f..=0x9f | 0x200e..=0x200f | 0x2028..=0x202e | 0x2066..=0x2069) => {
                line.push_str(&format!("\\u{code:04x}"));
            }
            _ => line.push(c),
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_hold_nothing_that_a_terminal_acts_upon() {
        let text = line(&json!({"a": "\u{1b}[2J\u{9b}2J\u{202e}ü\n"}));
        assert_eq!(text, "{\"a\":\"\\u001b[2J\\u009b2J\\u202eü\\n\"}\n");
        let back: Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(back["a"], "\u{1b}[2J\u{9b}2J\u{202e}ü\n");
    }

    #[test]
    fn what_is_no_text_is_base64() {
        let mut value = Map::new();
        bytes(&mut value, "path", b"a\xff");
        bytes(&mut value, "other", "ü".as_bytes());
        // printf 'a\377' | base64
        assert_eq!(
            Value::Object(value),
            json!({"path_base64": "Yf8=", "other": "ü"})
        );
    }
}
