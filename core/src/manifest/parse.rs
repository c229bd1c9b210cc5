//! From the JSON of a record to the record.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::error::Fault;
use super::flags::Flags;
use super::kind::Lfs;
use super::mode;
use super::record::{Record, Told};
use super::skip::SkipReason;
use crate::content::{Basis, Bom, Content, Encoding, Eol, LfsId, LfsPointer, Mime};
use crate::id::{ContentHash, ObjectId};

/// The members of all kinds of record.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    path: Option<String>,
    path_base64: Option<String>,
    kind: Kind,
    mode: String,
    oid: ObjectId,
    digest: Option<ContentHash>,
    files: Option<u64>,
    bytes: Option<u64>,
    size: Option<u64>,
    content: Option<TextOrBinary>,
    encoding: Option<String>,
    eol: Option<Eol>,
    lines: Option<u64>,
    mime: Option<String>,
    basis: Option<Basis>,
    bom: Option<Bom>,
    git_binary: Option<bool>,
    working_tree_encoding: Option<String>,
    lfs: Option<LfsMembers>,
    skipped: Option<SkipReason>,
    target: Option<String>,
    target_base64: Option<String>,
    url: Option<String>,
    url_base64: Option<String>,
    #[serde(default)]
    flags: Flags,
    text: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Folder,
    File,
    Symlink,
    Submodule,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TextOrBinary {
    Text,
    Binary,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LfsMembers {
    oid: LfsId,
    size: u64,
    filter: Option<bool>,
}

/// Parses the line of a record.
///
/// On an error it says the path too, if that could be read.
pub(super) fn record(line: &[u8]) -> Result<Record, (Fault, Option<Vec<u8>>)> {
    let mut members: Members =
        serde_json::from_slice(line).map_err(|error| (Fault::Json(error.into()), None))?;
    let path = either(
        members.path.take(),
        members.path_base64.take(),
        "path_base64",
    )
    .and_then(|path| path.ok_or(Fault::Lacks { key: "path" }))
    .map_err(|fault| (fault, None))?;
    match told(&mut members) {
        Ok((mode, told)) => Ok(Record {
            path,
            mode,
            flags: members.flags,
            id: members.oid,
            told,
            text: members.text,
        }),
        Err(fault) => Err((fault, Some(path))),
    }
}

fn told(members: &mut Members) -> Result<(u32, Told), Fault> {
    let mode = mode::parse(&members.mode).ok_or(Fault::Value { key: "mode" })?;
    let fits = match members.kind {
        Kind::Folder => mode::is_folder(mode),
        Kind::File => mode::is_file(mode),
        Kind::Symlink => mode::is_symlink(mode),
        Kind::Submodule => mode::is_submodule(mode),
    };
    if !fits {
        return Err(Fault::Value { key: "mode" });
    }
    let told = match members.kind {
        Kind::Folder => Told::Folder {
            digest: take(&mut members.digest, "digest")?,
            files: take(&mut members.files, "files")?,
            bytes: take(&mut members.bytes, "bytes")?,
        },
        Kind::File | Kind::Symlink if members.skipped.is_some() => Told::Skipped {
            size: members.size.take(),
            reason: take(&mut members.skipped, "skipped")?,
        },
        Kind::File => file(members)?,
        Kind::Symlink => Told::Symlink {
            size: take(&mut members.size, "size")?,
            digest: take(&mut members.digest, "digest")?,
            target: either(
                members.target.take(),
                members.target_base64.take(),
                "target_base64",
            )?,
        },
        Kind::Submodule => Told::Submodule {
            url: either(members.url.take(), members.url_base64.take(), "url_base64")?,
        },
    };
    let is_text = matches!(
        told,
        Told::File {
            content: Content::Text { .. },
            ..
        }
    );
    if let Some(key) = left_over(members, is_text) {
        return Err(Fault::Unexpected { key });
    }
    Ok((mode, told))
}

fn file(members: &mut Members) -> Result<Told, Fault> {
    let basis = take(&mut members.basis, "basis")?;
    let (content, is_binary) = match take(&mut members.content, "content")? {
        TextOrBinary::Text => {
            let encoding = take(&mut members.encoding, "encoding")?;
            let content = Content::Text {
                encoding: Encoding::from_name(&encoding).ok_or(Fault::Value { key: "encoding" })?,
                bom: members.bom.take(),
                eol: take(&mut members.eol, "eol")?,
                lines: take(&mut members.lines, "lines")?,
                basis,
            };
            (content, false)
        }
        TextOrBinary::Binary => {
            let mime = match members.mime.take() {
                Some(name) => Some(
                    Mime::from_name(&name)
                        .ok_or(Fault::Value { key: "mime" })?
                        .name(),
                ),
                None => None,
            };
            (Content::Binary { mime, basis }, true)
        }
    };
    Ok(Told::File {
        size: take(&mut members.size, "size")?,
        digest: take(&mut members.digest, "digest")?,
        content,
        git_binary: members.git_binary.take().unwrap_or(is_binary),
        working_tree_encoding: members.working_tree_encoding.take(),
        lfs: members.lfs.take().map(|lfs| Lfs {
            pointer: LfsPointer {
                oid: lfs.oid,
                size: lfs.size,
            },
            filter: lfs.filter.unwrap_or(true),
        }),
    })
}

fn take<T>(member: &mut Option<T>, key: &'static str) -> Result<T, Fault> {
    member.take().ok_or(Fault::Lacks { key })
}

/// The first member that records of this kind do not have.
fn left_over(members: &Members, is_text: bool) -> Option<&'static str> {
    let left = [
        ("digest", members.digest.is_some()),
        ("files", members.files.is_some()),
        ("bytes", members.bytes.is_some()),
        ("size", members.size.is_some()),
        ("content", members.content.is_some()),
        ("encoding", members.encoding.is_some()),
        ("eol", members.eol.is_some()),
        ("lines", members.lines.is_some()),
        ("mime", members.mime.is_some()),
        ("basis", members.basis.is_some()),
        ("bom", members.bom.is_some()),
        ("git_binary", members.git_binary.is_some()),
        (
            "working_tree_encoding",
            members.working_tree_encoding.is_some(),
        ),
        ("lfs", members.lfs.is_some()),
        ("skipped", members.skipped.is_some()),
        ("target", members.target.is_some()),
        ("target_base64", members.target_base64.is_some()),
        ("url", members.url.is_some()),
        ("url_base64", members.url_base64.is_some()),
        ("text", members.text.is_some() && !is_text),
    ];
    left.into_iter()
        .find_map(|(key, there)| there.then_some(key))
}

/// Bytes that stand under one of two keys; base64 only if they are not UTF-8, so that there is one
/// spelling for each.
pub(super) fn either(
    text: Option<String>,
    base64: Option<String>,
    key_base64: &'static str,
) -> Result<Option<Vec<u8>>, Fault> {
    match (text, base64) {
        (text, None) => Ok(text.map(String::into_bytes)),
        (None, Some(base64)) => match STANDARD.decode(base64) {
            Ok(bytes) if std::str::from_utf8(&bytes).is_err() => Ok(Some(bytes)),
            _ => Err(Fault::Value { key: key_base64 }),
        },
        (Some(_), Some(_)) => Err(Fault::Unexpected { key: key_base64 }),
    }
}
