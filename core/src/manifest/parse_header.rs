//! From the JSON of the header and the trailer to what they say.

use serde::Deserialize;

use super::error::{Fault, VERSION};
use super::header::{Choices, Header, Origin};
use super::parse::either;
use super::skip::Skipped;
use super::totals::{Totals, Trailer};
use crate::id::{ContentHash, ObjectFormat, ObjectId, push_hex};

/// How a header begins.
const HEADER: &[u8] = b"{\"manifest\":";

/// How a trailer begins.
const TRAILER: &[u8] = b"{\"totals\":";

/// What stands around the digits of the checksum, at the end of a header and a trailer.
const CHECKSUM: (&[u8], &[u8]) = (b",\"checksum\":\"", b"\"}\n");

#[derive(Deserialize)]
struct Version {
    manifest: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderMembers {
    #[serde(rename = "manifest")]
    _manifest: String,
    source: OriginMembers,
    options: ChoicesMembers,
    #[serde(rename = "checksum")]
    _checksum: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OriginMembers {
    url: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    ref_base64: Option<String>,
    commit: Option<ObjectId>,
    tree: ObjectId,
    object_format: ObjectFormat,
    subdir: Option<String>,
    subdir_base64: Option<String>,
    subdir_of: Option<ObjectId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChoicesMembers {
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    exclude: Vec<String>,
    max_blob: u64,
    #[serde(default)]
    allow_missing: bool,
    #[serde(default)]
    text: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrailerMembers {
    totals: Totals,
    skipped: Skipped,
    root: ContentHash,
    complete: bool,
    #[serde(rename = "checksum")]
    _checksum: String,
}

pub(super) fn is_header(line: &[u8]) -> bool {
    line.starts_with(HEADER)
}

pub(super) fn is_trailer(line: &[u8]) -> bool {
    line.starts_with(TRAILER)
}

/// Parses the line of a header, and says whether the records have texts.
pub(super) fn header(line: &[u8]) -> Result<(Header, bool), Fault> {
    if !is_header(line) {
        return Err(Fault::NotAManifest);
    }
    // What another version has besides is not to be judged, so this comes first.
    let Version { manifest } = from_json(line)?;
    if manifest != VERSION {
        return Err(Fault::Version { found: manifest });
    }
    check(line, &blake3::Hasher::new())?;
    let HeaderMembers {
        source, options, ..
    } = from_json(line)?;
    let formats =
        [Some(source.tree), source.commit, source.subdir_of].map(|id| id.map(|id| id.format()));
    if formats
        .into_iter()
        .flatten()
        .any(|format| format != source.object_format)
    {
        return Err(Fault::Value {
            key: "object_format",
        });
    }
    let origin = Origin {
        url: source.url,
        reference: either(source.reference, source.ref_base64, "ref_base64")?,
        commit: source.commit,
        tree: source.tree,
        subdir: either(source.subdir, source.subdir_base64, "subdir_base64")?,
        subdir_of: source.subdir_of,
    };
    // A commit has a tree of its own, and what is no folder is in none.
    if origin.subdir_of.is_some() && (origin.commit.is_some() || origin.subdir.is_none()) {
        return Err(Fault::Value { key: "subdir_of" });
    }
    let choices = Choices {
        include: options.include,
        exclude: options.exclude,
        max_blob: options.max_blob,
        allow_missing: options.allow_missing,
    };
    Ok((Header::new(origin, choices), options.text))
}

/// Parses the line of a trailer, whose checksum is still to be [checked](check).
pub(super) fn trailer(line: &[u8]) -> Result<Trailer, Fault> {
    let TrailerMembers {
        totals,
        skipped,
        root,
        complete,
        ..
    } = from_json(line)?;
    if !complete {
        return Err(Fault::Value { key: "complete" });
    }
    Ok(Trailer {
        totals,
        skipped,
        root,
    })
}

fn from_json<'a, T: Deserialize<'a>>(line: &'a [u8]) -> Result<T, Fault> {
    serde_json::from_slice(line).map_err(|error| Fault::Json(error.into()))
}

/// Checks the checksum at the end of a line against what is before it in the line, and what
/// `before` has hashed already.
pub(super) fn check(line: &[u8], before: &blake3::Hasher) -> Result<(), Fault> {
    let (key, end) = CHECKSUM;
    let given = line
        .len()
        .checked_sub(key.len() + 64 + end.len())
        .map(|covered| line.split_at(covered))
        .and_then(|(covered, rest)| {
            let digits = rest.strip_prefix(key)?.strip_suffix(end)?;
            Some((covered, digits))
        });
    let (covered, digits) = given.ok_or(Fault::Lacks { key: "checksum" })?;
    let checksum = before.clone().update(covered).finalize();
    let mut hex = Vec::with_capacity(64);
    push_hex(&mut hex, checksum.as_bytes());
    if hex != digits {
        return Err(Fault::Checksum);
    }
    Ok(())
}
