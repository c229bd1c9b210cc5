//! What can go wrong in a store.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::record::{ImportId, Status};
use crate::error::{Error, ErrorKind, StageError, display_path};
use crate::id::ContentHash;
use crate::sqlite::SqliteError;

/// Something is wrong with a store, or with what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the store's database failed to {action}")]
    Database {
        action: &'static str,
        source: SqliteError,
    },
    #[error("{} is not the database of a store", display_path(.0))]
    NotAStore(PathBuf),
    #[error(
        "the store {} has version {version}, and this program knows {known}",
        display_path(file)
    )]
    Newer {
        file: PathBuf,
        version: i64,
        known: i64,
    },
    #[error(
        "the store {} has other tables than a store has: {what}",
        display_path(file)
    )]
    Altered { file: PathBuf, what: String },
    #[error("there is no store at {}", display_path(.0))]
    Missing(PathBuf),
    #[error("the store has a value that makes no sense: {0}")]
    Nonsense(&'static str),
    #[error("the entries of import {id} are not those of a tree")]
    Entries { id: ImportId, source: Error },
    #[error("the blob {0} is not in the store")]
    NoBlob(ContentHash),
    #[error("the store was opened for reading only")]
    ReadOnly,
    #[error("the store has no import {0}")]
    NoImport(ImportId),
    #[error("import {id} is {status}")]
    NotComplete { id: ImportId, status: Status },
    #[error("import {id} is {status}, and so in use")]
    Active { id: ImportId, status: Status },
    #[error("import {id} was started again while attempt {attempt} at it ran")]
    Overtaken { id: ImportId, attempt: u32 },
    #[error("the file {} is damaged beyond repair", display_path(.0))]
    Beyond(PathBuf),
    #[error("what the store had of this import went away again and again while it ran")]
    Vanishing,
}

impl StageError for StoreError {
    fn kind(&self) -> ErrorKind {
        match self {
            StoreError::Database { source, .. } => kind_of(&source.0),
            StoreError::NotAStore(_)
            | StoreError::Newer { .. }
            | StoreError::Altered { .. }
            | StoreError::Entries { .. }
            | StoreError::NoBlob(_)
            | StoreError::Beyond(_)
            | StoreError::Nonsense(_) => ErrorKind::CorruptStore,
            StoreError::Missing(_) => ErrorKind::Io,
            StoreError::ReadOnly => ErrorKind::PermissionDenied,
            StoreError::NoImport(_) => ErrorKind::ImportNotFound,
            StoreError::NotComplete { .. }
            | StoreError::Active { .. }
            | StoreError::Overtaken { .. }
            | StoreError::Vanishing => ErrorKind::Busy,
        }
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        let advice = match self {
            StoreError::Database { source, .. } => match kind_of(&source.0) {
                ErrorKind::CorruptStore => {
                    "check the store; what is damaged has to be repaired or imported again"
                }
                ErrorKind::Busy => "try again when the other processes are done with the store",
                ErrorKind::StorageFull => "make room on the disk",
                ErrorKind::PermissionDenied => {
                    "check the owner and permissions of the store's folder and the files in it"
                }
                _ => return None,
            },
            StoreError::NotAStore(_) => "name an empty folder, or the folder of a store",
            StoreError::Newer { .. } => "use a newer version of gitlade",
            StoreError::Altered { .. } => {
                "leave the tables of the store alone; use an own database for more of them"
            }
            StoreError::Beyond(_) => {
                "put a copy of it in its place, or import everything again into a new store"
            }
            StoreError::Missing(_) => "open it for writing once, which makes it",
            StoreError::Nonsense(_) | StoreError::Entries { .. } | StoreError::NoBlob(_) => {
                "check the store; what is damaged has to be repaired or imported again"
            }
            StoreError::ReadOnly => "open it for writing",
            StoreError::NoImport(_) => "the list of imports has the numbers",
            StoreError::NotComplete { .. } => "wait for its end, or restart it",
            StoreError::Active { .. } => "cancel it first, or wait for its end",
            StoreError::Overtaken { .. } => "wait for the end of the new attempt",
            StoreError::Vanishing => "import again",
        };
        Some(advice.into())
    }

    fn digest(&self) -> Option<ContentHash> {
        match self {
            StoreError::NoBlob(digest) => Some(*digest),
            _ => None,
        }
    }

    fn file(&self) -> Option<&Path> {
        match self {
            StoreError::NotAStore(file)
            | StoreError::Missing(file)
            | StoreError::Beyond(file)
            | StoreError::Newer { file, .. }
            | StoreError::Altered { file, .. } => Some(file),
            _ => None,
        }
    }
}

/// Says what the database was doing when it failed; `action` completes "failed to …".
pub(crate) fn db(action: &'static str) -> impl FnOnce(rusqlite::Error) -> Error {
    move |error| {
        let source = error.into();
        StoreError::Database { action, source }.into()
    }
}

fn kind_of(error: &rusqlite::Error) -> ErrorKind {
    use rusqlite::Error as E;
    let Some(code) = error.sqlite_error_code() else {
        return match error {
            E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::InvalidColumnType(..)
            | E::Utf8Error(..)
            | E::QueryReturnedNoRows
            | E::QueryReturnedMoreThanOneRow => ErrorKind::CorruptStore,
            _ => ErrorKind::Internal,
        };
    };
    match code {
        ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::TypeMismatch
        | ErrorCode::ConstraintViolation
        | ErrorCode::SchemaChanged
        | ErrorCode::TooBig
        // "no such table", and others that only another schema leads to.
        | ErrorCode::Unknown => ErrorKind::CorruptStore,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => ErrorKind::Busy,
        ErrorCode::DiskFull => ErrorKind::StorageFull,
        ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::AuthorizationForStatementDenied => ErrorKind::PermissionDenied,
        ErrorCode::OperationInterrupted => ErrorKind::Cancelled,
        ErrorCode::ApiMisuse | ErrorCode::InternalMalfunction => ErrorKind::Internal,
        _ => ErrorKind::Io,
    }
}
