//! What can be wrong with a pack as a whole.

use std::borrow::Cow;

use crate::error::{ErrorKind, StageError};
use crate::id::ObjectId;
use crate::printable::Printable;

/// The stream is no whole and sound pack.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StreamError {
    #[error("what was received is no pack: it begins with {0:02x?}")]
    Signature([u8; 4]),
    #[error("the received pack has the unknown version {0}")]
    Version(u32),
    #[error("the received pack ends after {objects} of {total} objects")]
    CutOff { objects: u64, total: u64 },
    #[error("the received pack does not have the checksum that it ends with")]
    Checksum,
    #[error("there are more bytes after the end of the received pack")]
    Trailing,
    #[error("{0} deltas of the received pack have a base that is not in it")]
    MissingBases(u64),

    #[error("the received pack lacks object {id}{}", at_path(path))]
    Incomplete { id: ObjectId, path: Vec<u8> },
    #[error("the connection broke while the pack was received")]
    Read(#[source] std::io::Error),
    #[error("an object in the received pack is an attempt at a SHA-1 collision")]
    Collision,
}

fn at_path(path: &[u8]) -> String {
    if path.is_empty() {
        return String::new();
    }
    format!(", the content of \"{}\"", Printable(path))
}

impl StageError for StreamError {
    fn kind(&self) -> ErrorKind {
        match self {
            StreamError::Read(_) => ErrorKind::ConnectionFailed,
            _ => ErrorKind::CorruptPack,
        }
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(match self {
            StreamError::Collision => "do not trust this repository",
            _ => "try again; if it persists, the server or a proxy damages the data",
        }))
    }

    fn object(&self) -> Option<ObjectId> {
        match self {
            StreamError::Incomplete { id, .. } => Some(*id),
            _ => None,
        }
    }

    fn path(&self) -> Option<&[u8]> {
        match self {
            StreamError::Incomplete { path, .. } if !path.is_empty() => Some(path),
            _ => None,
        }
    }
}
