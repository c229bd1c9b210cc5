//! From a tag or a commit to its tree.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind, StageError};
use crate::id::ObjectId;
use crate::pack::Kind;
use crate::printable::Printable;

/// Tags that may point to each other until something else comes.
const MAX_TAGS: usize = 16;

/// A revision does not lead to a tree.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PeelError {
    #[error(
        "the revision \"{}\" names the {kind} {id}, which holds no files",
        Printable(revision)
    )]
    NotATree {
        revision: Vec<u8>,
        kind: &'static str,
        id: ObjectId,
    },
    #[error("object {id} is malformed: {problem}")]
    Malformed { id: ObjectId, problem: &'static str },
}

impl StageError for PeelError {
    fn kind(&self) -> ErrorKind {
        match self {
            PeelError::NotATree { .. } => ErrorKind::RevisionNotATree,
            PeelError::Malformed { .. } => ErrorKind::CorruptObject,
        }
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(match self {
            PeelError::NotATree { .. } => "name a commit, a tag of one, or a tree",
            PeelError::Malformed { .. } => {
                "run git fsck in the repository, and fetch it anew if it is damaged"
            }
        }))
    }

    fn object(&self) -> Option<ObjectId> {
        match self {
            PeelError::NotATree { id, .. } | PeelError::Malformed { id, .. } => Some(*id),
        }
    }
}

/// Follows tags to a commit, and the commit to its tree. Returns the commit, if there is one on the
/// way, and the tree.
///
/// # Errors
///
/// If something else comes in the way, and what `read` fails with.
pub(crate) fn peel(
    revision: &[u8],
    mut id: ObjectId,
    read: &mut dyn FnMut(ObjectId) -> Result<(Kind, Vec<u8>), Error>,
) -> Result<(Option<ObjectId>, ObjectId), Error> {
    let mut commit = None;
    for _ in 0..MAX_TAGS {
        let (kind, bytes) = read(id)?;
        let malformed = |problem| PeelError::Malformed { id, problem };
        match kind {
            Kind::Tree => return Ok((commit, id)),
            Kind::Blob if commit.is_some() => {
                return Err(malformed("its tree is a blob").into());
            }
            Kind::Blob => {
                return Err(PeelError::NotATree {
                    revision: revision.to_vec(),
                    kind: kind.name(),
                    id,
                }
                .into());
            }
            Kind::Commit | Kind::Tag if commit.is_some() => {
                return Err(malformed("a commit stands where its tree should be").into());
            }
            Kind::Commit => {
                commit = Some(id);
                id = first_line_id(&bytes, b"tree ")
                    .ok_or_else(|| malformed("it does not begin with its tree"))?;
            }
            Kind::Tag => {
                id = first_line_id(&bytes, b"object ")
                    .ok_or_else(|| malformed("it does not begin with its object"))?;
            }
        }
    }
    Err(PeelError::Malformed {
        id,
        problem: "too many tags point to each other",
    }
    .into())
}

/// The id on the first line of a commit or tag, behind `key`.
fn first_line_id(object: &[u8], key: &[u8]) -> Option<ObjectId> {
    let line = object
        .strip_prefix(key)?
        .split(|&byte| byte == b'\n')
        .next()?;
    ObjectId::from_hex(line)
}
