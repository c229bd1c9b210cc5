//! What can go wrong with a blob store.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use crate::error::{ErrorKind, StageError, display_path, io_kind};
use crate::id::ContentHash;

/// A store could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BlobError {
    /// The operating system refused.
    #[error("cannot {action} {}", display_path(file))]
    File {
        /// Completes "cannot … FILE".
        action: &'static str,
        file: PathBuf,
        digest: Option<ContentHash>,
        source: io::Error,
    },
    /// Something in the store is not what the store puts there.
    #[error("{} {damage}", place(file.as_deref(), digest.as_ref()))]
    Corrupt {
        file: Option<PathBuf>,
        digest: Option<ContentHash>,
        damage: Damage,
    },
    /// The bytes that were to be put are not those that the digest names.
    #[error("the bytes that were put as {digest} have the digest {actual}")]
    WrongDigest {
        digest: ContentHash,
        actual: ContentHash,
    },
    /// The store was opened to be read.
    #[error("the store is opened read-only")]
    ReadOnly { digest: Option<ContentHash> },
    /// The content does not fit into memory.
    #[error("the content {digest} of {size} bytes does not fit into memory")]
    TooLarge { digest: ContentHash, size: u64 },
}

/// What is wrong with a part of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Damage {
    #[error("is not a folder")]
    NotAFolder,
    #[error("is not a regular file")]
    NotAFile,
    #[error("holds content with the digest {0}")]
    Altered(ContentHash),
    #[error("is not compressed content of known size")]
    NoFrame,
    #[error("cannot be decompressed, or is cut off")]
    Undecodable,
    #[error("decompresses to another size than the {0} bytes it states")]
    OtherSize(u64),
}

impl BlobError {
    /// `action` completes "cannot … FILE".
    pub(super) fn file(
        action: &'static str,
        file: impl Into<PathBuf>,
        digest: Option<ContentHash>,
        source: impl Into<io::Error>,
    ) -> Self {
        let (file, source) = (file.into(), source.into());
        let is = |errno: Errno| source.raw_os_error() == Some(errno.raw_os_error());
        // They say that a link or another kind of file stands in the way.
        let damage = if is(Errno::NOTDIR) {
            Damage::NotAFolder
        } else if is(Errno::LOOP) || is(Errno::ISDIR) || is(Errno::NXIO) {
            Damage::NotAFile
        } else {
            return BlobError::File {
                action,
                file,
                digest,
                source,
            };
        };
        BlobError::corrupt(file, digest, damage)
    }

    pub(super) fn corrupt(
        file: impl Into<Option<PathBuf>>,
        digest: impl Into<Option<ContentHash>>,
        damage: Damage,
    ) -> Self {
        BlobError::Corrupt {
            file: file.into(),
            digest: digest.into(),
            damage,
        }
    }
}

/// The subject of a sentence about a blob.
fn place(file: Option<&Path>, digest: Option<&ContentHash>) -> String {
    match (file, digest) {
        (Some(file), _) => display_path(file),
        (None, Some(digest)) => format!("the blob {digest}"),
        (None, None) => "the store".to_owned(),
    }
}

impl StageError for BlobError {
    fn kind(&self) -> ErrorKind {
        match self {
            BlobError::File { source, .. } => io_kind(source),
            BlobError::Corrupt { .. } => ErrorKind::CorruptStore,
            BlobError::WrongDigest { .. } => ErrorKind::CorruptObject,
            BlobError::ReadOnly { .. } => ErrorKind::PermissionDenied,
            BlobError::TooLarge { .. } => ErrorKind::Io,
        }
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        let advice = match self {
            BlobError::File { source, .. } => match io_kind(source) {
                ErrorKind::PermissionDenied => {
                    "check the file's owner and permissions, those of the folders above it, and \
                     whether the file system may be written to"
                }
                ErrorKind::StorageFull => "make room on the disk, or put the store on another one",
                _ if is_out_of_files(source) => {
                    "too many files are open at once: raise the limit (ulimit -n), or use fewer threads"
                }
                _ => return None,
            },
            BlobError::Corrupt { damage, .. } => match damage {
                Damage::NotAFolder | Damage::NotAFile => {
                    "move away what does not belong into the store"
                }
                _ => "remove the blob and import it again",
            },
            BlobError::ReadOnly { .. } => "open the store for writing",
            BlobError::TooLarge { .. } => "read it piece by piece",
            BlobError::WrongDigest { .. } => return None,
        };
        Some(Cow::Borrowed(advice))
    }

    fn file(&self) -> Option<&Path> {
        match self {
            BlobError::File { file, .. } => Some(file),
            BlobError::Corrupt { file, .. } => file.as_deref(),
            _ => None,
        }
    }

    fn digest(&self) -> Option<ContentHash> {
        match self {
            BlobError::File { digest, .. }
            | BlobError::Corrupt { digest, .. }
            | BlobError::ReadOnly { digest } => *digest,
            BlobError::WrongDigest { digest, .. } | BlobError::TooLarge { digest, .. } => {
                Some(*digest)
            }
        }
    }
}

fn is_out_of_files(error: &io::Error) -> bool {
    [Errno::MFILE, Errno::NFILE]
        .map(|errno| Some(errno.raw_os_error()))
        .contains(&error.raw_os_error())
}
