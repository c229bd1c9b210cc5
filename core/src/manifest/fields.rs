//! The members of an entry's record: which, in which order, under which names.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::flags::Flags;
use super::kind::{Body, EntryKind, FileFacts, Lfs};
use super::mode;
use super::skip::SkipReason;
use crate::content::{Basis, Bom, Content, Eol, LfsId};

/// Takes the members of a record, to write them in one form or another.
pub(super) trait Fields {
    type Error;

    fn string(&mut self, key: &'static str, value: &str) -> Result<(), Self::Error>;

    /// Takes a string in which there is nothing to escape.
    fn word(&mut self, key: &'static str, value: &str) -> Result<(), Self::Error>;

    fn hex(&mut self, key: &'static str, bytes: &[u8]) -> Result<(), Self::Error>;

    fn number(&mut self, key: &'static str, value: u64) -> Result<(), Self::Error>;

    /// Takes a value that is rare, so that it need not be fast.
    fn value<T: Serialize>(&mut self, key: &'static str, value: &T) -> Result<(), Self::Error>;

    /// Takes bytes: as text if they are UTF-8, in base64 under the other key if not.
    fn bytes(
        &mut self,
        key: &'static str,
        key_base64: &'static str,
        value: &[u8],
    ) -> Result<(), Self::Error> {
        match simdutf8::basic::from_utf8(value) {
            Ok(text) => self.string(key, text),
            Err(_) => self.word(key_base64, &STANDARD.encode(value)),
        }
    }
}

/// Tells all members of one record.
pub(super) fn describe<F: Fields>(
    fields: &mut F,
    path: &[u8],
    mode: u32,
    flags: Flags,
    kind: &EntryKind<'_>,
) -> Result<(), F::Error> {
    fields.bytes("path", "path_base64", path)?;
    fields.word("kind", kind.name())?;
    fields.word("mode", mode::octal(mode, 6, &mut [0; 11]))?;
    fields.hex("oid", kind.id().as_bytes())?;
    match kind {
        EntryKind::Folder(folder) => {
            fields.hex("digest", folder.digest.as_bytes())?;
            fields.number("files", folder.files)?;
            fields.number("bytes", folder.bytes)?;
        }
        EntryKind::File(file) => match &file.body {
            Body::Read(facts) => describe_file(fields, facts)?,
            Body::Skipped { size, reason } => describe_skipped(fields, *size, *reason)?,
        },
        EntryKind::Symlink(symlink) => match &symlink.body {
            Body::Read(facts) => {
                fields.number("size", facts.size)?;
                fields.hex("digest", facts.digest.as_bytes())?;
                if let Some(target) = facts.target {
                    fields.bytes("target", "target_base64", target)?;
                }
            }
            Body::Skipped { size, reason } => describe_skipped(fields, *size, *reason)?,
        },
        EntryKind::Submodule(submodule) => match submodule.url {
            Some(url) => fields.bytes("url", "url_base64", url)?,
            None => fields.value("url", &())?,
        },
    }
    if !flags.is_empty() {
        fields.value("flags", &flags)?;
    }
    Ok(())
}

fn describe_skipped<F: Fields>(
    fields: &mut F,
    size: Option<u64>,
    reason: SkipReason,
) -> Result<(), F::Error> {
    if let Some(size) = size {
        fields.number("size", size)?;
    }
    fields.word("skipped", reason.name())
}

fn describe_file<F: Fields>(fields: &mut F, facts: &FileFacts<'_>) -> Result<(), F::Error> {
    fields.number("size", facts.size)?;
    fields.hex("digest", facts.digest.as_bytes())?;
    let is_binary = match facts.content {
        Content::Text {
            encoding,
            bom,
            eol,
            lines,
            basis,
        } => {
            fields.word("content", "text")?;
            fields.word("encoding", encoding.name())?;
            fields.word("eol", eol_name(eol))?;
            fields.number("lines", lines)?;
            fields.word("basis", basis_name(basis))?;
            if let Some(bom) = bom {
                fields.word("bom", bom_name(bom))?;
            }
            false
        }
        Content::Binary { mime, basis } => {
            fields.word("content", "binary")?;
            if let Some(mime) = mime {
                fields.string("mime", mime)?;
            }
            fields.word("basis", basis_name(basis))?;
            true
        }
    };
    if facts.git_binary != is_binary {
        fields.value("git_binary", &facts.git_binary)?;
    }
    if let Some(encoding) = facts.working_tree_encoding {
        fields.string("working_tree_encoding", encoding)?;
    }
    if let Some(lfs) = facts.lfs {
        fields.value("lfs", &LfsMember::from(lfs))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct LfsMember {
    oid: LfsId,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<bool>,
}

impl From<Lfs> for LfsMember {
    fn from(lfs: Lfs) -> Self {
        LfsMember {
            oid: lfs.pointer.oid,
            size: lfs.pointer.size,
            filter: (!lfs.filter).then_some(false),
        }
    }
}

pub(crate) fn basis_name(basis: Basis) -> &'static str {
    match basis {
        Basis::Empty => "empty",
        Basis::Attributes => "attributes",
        Basis::Bom => "bom",
        Basis::Utf8 => "utf8",
        Basis::Guess => "guess",
        Basis::Nul => "nul",
        Basis::Control => "control",
        Basis::Malformed => "malformed",
    }
}

pub(crate) fn bom_name(bom: Bom) -> &'static str {
    match bom {
        Bom::Utf8 => "utf8",
        Bom::Utf16Le => "utf16-le",
        Bom::Utf16Be => "utf16-be",
        Bom::Utf32Le => "utf32-le",
        Bom::Utf32Be => "utf32-be",
    }
}

pub(crate) fn eol_name(eol: Eol) -> &'static str {
    match eol {
        Eol::None => "none",
        Eol::Lf => "lf",
        Eol::Crlf => "crlf",
        Eol::Cr => "cr",
        Eol::Mixed => "mixed",
    }
}
