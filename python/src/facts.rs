//! What is known of content.

use gitlade::{BlobInfo, Content};
use pyo3::prelude::*;

use crate::bridge::word;

/// Text or binary, in the words of the manifest.
pub(crate) struct Words {
    pub(crate) content: &'static str,
    pub(crate) encoding: Option<&'static str>,
    pub(crate) bom: Option<String>,
    pub(crate) eol: Option<String>,
    pub(crate) lines: Option<u64>,
    pub(crate) mime: Option<&'static str>,
    pub(crate) basis: String,
}

impl Words {
    pub(crate) fn of(content: Content) -> Option<Self> {
        Some(match content {
            Content::Text {
                encoding,
                bom,
                eol,
                lines,
                basis,
                ..
            } => Words {
                content: "text",
                encoding: Some(encoding.name()),
                bom: bom.map(word),
                eol: Some(word(eol)),
                lines: Some(lines),
                mime: None,
                basis: word(basis),
            },
            Content::Binary { mime, basis, .. } => Words {
                content: "binary",
                encoding: None,
                bom: None,
                eol: None,
                lines: None,
                mime,
                basis: word(basis),
            },
            _ => return None,
        })
    }
}

/// A Git LFS pointer: the stand-in for a file that is kept on another server.
#[pyclass(frozen, eq, hash, get_all, module = "gitlade")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Lfs {
    /// SHA-256 of the real file, in hex.
    pub(crate) oid: String,
    /// Bytes of the real file.
    pub(crate) size: u64,
    /// Whether the path has the attribute filter=lfs too; None where no path is known.
    pub(crate) filter: Option<bool>,
}

#[pymethods]
impl Lfs {
    fn __repr__(&self) -> String {
        format!("<gitlade.Lfs {} {} bytes>", self.oid, self.size)
    }
}

impl Lfs {
    pub(crate) fn new(pointer: gitlade::LfsPointer, filter: Option<bool>) -> Self {
        Lfs {
            oid: pointer.oid.to_string(),
            size: pointer.size,
            filter,
        }
    }
}

/// What a sink is told of content, by the bytes alone: attributes may say otherwise for some paths.
#[pyclass(frozen, get_all, module = "gitlade")]
pub(crate) struct Blob {
    /// The name that Git has for it, in hex.
    oid: String,
    /// BLAKE3 of the bytes, in hex.
    digest: String,
    /// Bytes.
    size: u64,
    /// "text" or "binary".
    content: Option<&'static str>,
    /// What a text is encoded in.
    encoding: Option<&'static str>,
    /// The type that the first bytes of binary content speak for.
    mime: Option<&'static str>,
    /// Lines of a text.
    lines: Option<u64>,
    /// Set if the bytes have the form of a Git LFS pointer.
    lfs: Option<Lfs>,
}

impl Blob {
    pub(crate) fn new(info: &BlobInfo) -> Self {
        let words = Words::of(info.content);
        let words = words.as_ref();
        Blob {
            oid: info.id.to_string(),
            digest: info.digest.to_string(),
            size: info.size,
            content: words.map(|words| words.content),
            encoding: words.and_then(|words| words.encoding),
            mime: words.and_then(|words| words.mime),
            lines: words.and_then(|words| words.lines),
            lfs: info.lfs.map(|pointer| Lfs::new(pointer, None)),
        }
    }
}

#[pymethods]
impl Blob {
    fn __repr__(&self) -> String {
        let content = self.content.unwrap_or("unknown");
        format!(
            "<gitlade.Blob {} {} bytes, {content}>",
            self.digest, self.size
        )
    }
}
