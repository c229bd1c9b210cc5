//! What can be wrong with a manifest in text form.

use std::borrow::Cow;
use std::fmt;
use std::io;

use crate::error::{ErrorKind, StageError, io_kind};
use crate::printable::Printable;

/// The version of the text form that this code writes and reads.
pub(super) const VERSION: &str = "gitlade/1";

/// A manifest cannot be trusted, from some line on.
#[derive(Debug)]
pub(super) struct ManifestError {
    pub(super) line: u64,
    pub(super) path: Option<Vec<u8>>,
    pub(super) fault: Fault,
}

/// What is wrong with a manifest.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("there is nothing in it")]
    Empty,
    #[error("it does not begin as a manifest does")]
    NotAManifest,
    #[error("its version is {found:?}, and this program knows {VERSION:?} alone")]
    Version { found: String },
    #[error("it is cut off")]
    CutOff,
    #[error("there is more after its end")]
    AfterEnd,
    #[error("the record cannot be understood")]
    Json(#[source] JsonError),
    #[error("the record lacks {key:?}")]
    Lacks { key: &'static str },
    #[error("a record of this kind has no {key:?}")]
    Unexpected { key: &'static str },
    #[error("the value of {key:?} makes no sense")]
    Value { key: &'static str },
    #[error("the path is not one that a tree can have")]
    Path,
    #[error("the folder that it lies in does not stand before it")]
    NoFolder,
    #[error("it is not in Git's tree order")]
    Order,
    #[error("it is there twice")]
    Duplicate,
    #[error("{key:?} of the folder is not what its entries add up to")]
    Folder { key: &'static str },
    #[error("the target of the symlink does not have its size and digest")]
    Target,
    #[error("the object has another size, digest or LFS pointer than under an earlier path")]
    Blob,
    #[error("{key:?} is not what the entries add up to")]
    Totals { key: &'static str },
    #[error("the root's digest is not that of the entries")]
    Root,
    #[error("the checksum is not that of the lines")]
    Checksum,
}

/// What the parser of JSON says, fit to be shown.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct JsonError(String);

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        let text = error.to_string();
        // The parser sees one line at a time, so that its own count of lines means nothing.
        let text = match text.rsplit_once(" at line 1 column ") {
            Some((text, column)) => format!("{text}, column {column}"),
            None => text,
        };
        JsonError(Printable(text.as_bytes()).to_string())
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the manifest is not valid at line {}", self.line)?;
        if let Some(path) = &self.path {
            write!(f, " (\"{}\")", Printable(path))?;
        }
        write!(f, ": {}", self.fault)
    }
}

impl std::error::Error for ManifestError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.fault)
    }
}

impl StageError for ManifestError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::CorruptManifest
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(match self.fault {
            Fault::Version { .. } => {
                "read it with the version of gitlade that wrote it, or a newer one"
            }
            Fault::Empty | Fault::NotAManifest => {
                "name a file that was written by \"gitlade import\""
            }
            _ => "do not use it; import the repository again",
        }))
    }

    fn path(&self) -> Option<&[u8]> {
        self.path.as_deref()
    }
}

/// The stream that a manifest is written to or read from fails.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} the manifest")]
pub(super) struct StreamError {
    pub(super) action: &'static str,
    pub(super) source: io::Error,
}

impl StreamError {
    pub(super) fn read(source: io::Error) -> Self {
        StreamError {
            action: "read",
            source,
        }
    }

    pub(super) fn write(source: io::Error) -> Self {
        StreamError {
            action: "write",
            source,
        }
    }
}

impl StageError for StreamError {
    fn kind(&self) -> ErrorKind {
        io_kind(&self.source)
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        (self.kind() == ErrorKind::StorageFull).then_some(Cow::Borrowed(
            "make room on the disk, or write to another one",
        ))
    }
}
