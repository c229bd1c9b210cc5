//! What can go wrong with a blob store.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use crate::error::{ErrorKind, StageError, display_path, io_kind};
use crate::id::ContentHash;
use crate::sqlite::SqliteError;

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
    /// SQLite refused.
    #[error("cannot {action} the database {}", display_path(file))]
    Database {
        /// Completes "cannot … the database FILE".
        action: &'static str,
        file: PathBuf,
        digest: Option<ContentHash>,
        source: SqliteError,
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
    /// What was read is not there any more.
    #[error("the blob {digest} was removed while it was read")]
    Removed { digest: ContentHash },
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
    #[error("has no table of blobs by this name, or one with other columns")]
    NoTable,
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

    /// `action` completes "cannot … the database FILE".
    pub(super) fn database(
        action: &'static str,
        file: impl Into<PathBuf>,
        digest: Option<ContentHash>,
        source: rusqlite::Error,
    ) -> Self {
        BlobError::Database {
            action,
            file: file.into(),
            digest,
            source: source.into(),
        }
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
            BlobError::Database { source, .. } => kind_of_database(&source.0),
            BlobError::Corrupt { .. } => ErrorKind::CorruptStore,
            BlobError::WrongDigest { .. } => ErrorKind::CorruptObject,
            BlobError::ReadOnly { .. } => ErrorKind::PermissionDenied,
            BlobError::Removed { .. } | BlobError::TooLarge { .. } => ErrorKind::Io,
        }
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        let advice = match self {
            BlobError::File { source, .. } if is_out_of_files(source) => {
                "too many files are open at once: raise the limit (ulimit -n), or use fewer threads"
            }
            BlobError::File { .. } | BlobError::Database { .. } => match self.kind() {
                ErrorKind::PermissionDenied => {
                    "check the file's owner and permissions, those of the folders above it, and \
                     whether the file system may be written to"
                }
                ErrorKind::StorageFull => "make room on the disk, or put the store on another one",
                ErrorKind::Busy => "end what holds the database's lock, or wait longer for it",
                ErrorKind::CorruptStore => {
                    "what can still be read of the database is told by `sqlite3 FILE .recover`"
                }
                _ => return None,
            },
            BlobError::Corrupt { damage, .. } => match damage {
                Damage::NoTable => "name another database or another table",
                Damage::NotAFolder | Damage::NotAFile => {
                    "move away what does not belong into the store"
                }
                _ => "remove the blob and import it again",
            },
            BlobError::ReadOnly { .. } => "open the store for writing",
            BlobError::TooLarge { .. } => "read it piece by piece",
            BlobError::WrongDigest { .. } | BlobError::Removed { .. } => return None,
        };
        Some(Cow::Borrowed(advice))
    }

    fn file(&self) -> Option<&Path> {
        match self {
            BlobError::File { file, .. } | BlobError::Database { file, .. } => Some(file),
            BlobError::Corrupt { file, .. } => file.as_deref(),
            _ => None,
        }
    }

    fn digest(&self) -> Option<ContentHash> {
        match self {
            BlobError::File { digest, .. }
            | BlobError::Database { digest, .. }
            | BlobError::Corrupt { digest, .. }
            | BlobError::ReadOnly { digest } => *digest,
            BlobError::WrongDigest { digest, .. }
            | BlobError::Removed { digest }
            | BlobError::TooLarge { digest, .. } => Some(*digest),
        }
    }
}

fn is_out_of_files(error: &io::Error) -> bool {
    [Errno::MFILE, Errno::NFILE]
        .map(|errno| Some(errno.raw_os_error()))
        .contains(&error.raw_os_error())
}

fn kind_of_database(error: &rusqlite::Error) -> ErrorKind {
    use rusqlite::{Error, ErrorCode};
    match error {
        // A row that no store writes.
        Error::InvalidColumnType(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::FromSqlConversionFailure(..) => return ErrorKind::CorruptStore,
        _ => {}
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => ErrorKind::StorageFull,
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => ErrorKind::PermissionDenied,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => ErrorKind::Busy,
        Some(
            ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::TypeMismatch
            | ErrorCode::TooBig,
        ) => ErrorKind::CorruptStore,
        _ => ErrorKind::Io,
    }
}
