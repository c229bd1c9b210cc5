//! What an engine does not do.

use std::borrow::Cow;
use std::io;

use crate::error::{ErrorKind, StageError};
use crate::store::{ImportId, Status};

/// Why an engine does not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(super) enum EngineError {
    #[error("an engine in which no import may run is of no use")]
    NothingMayRun,
    #[error("the options of the engine hold credentials, which every server would be shown")]
    CredentialsForAll,
    #[error("the tenant is not a line of text of at most {most} bytes")]
    Tenant { most: usize },
    #[error("the metadata has more than {most} bytes")]
    LargeMetadata { most: usize },
    #[error("the metadata is not JSON")]
    Metadata { source: serde_json::Error },
    #[error("repositories on this machine may not be imported")]
    LocalSource,
    #[error("the queue is full: {limit} imports wait")]
    QueueFull { limit: usize },
    #[error("the engine has been shut down")]
    ShutDown,
    #[error("import {id} is {status}")]
    Active { id: ImportId, status: Status },
    #[error("import {id} is complete")]
    Complete { id: ImportId },
    #[error("no thread could be started")]
    Thread { source: io::Error },
    #[error("a defect ended the import: {what}")]
    Panic { what: String },
}

impl EngineError {
    pub(super) fn active(id: ImportId, status: Status) -> Self {
        EngineError::Active { id, status }
    }
}

impl StageError for EngineError {
    fn kind(&self) -> ErrorKind {
        match self {
            EngineError::NothingMayRun
            | EngineError::CredentialsForAll
            | EngineError::Tenant { .. }
            | EngineError::LargeMetadata { .. }
            | EngineError::Metadata { .. }
            | EngineError::Complete { .. } => ErrorKind::InvalidOptions,
            EngineError::LocalSource => ErrorKind::NotAllowed,
            EngineError::QueueFull { .. } | EngineError::ShutDown | EngineError::Active { .. } => {
                ErrorKind::Busy
            }
            EngineError::Thread { .. } => ErrorKind::Io,
            EngineError::Panic { .. } => ErrorKind::Internal,
        }
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        let advice = match self {
            EngineError::NothingMayRun => "let at least one run",
            EngineError::CredentialsForAll => {
                "hand credentials over with each import, or set a provider, which is told the host"
            }
            EngineError::Tenant { .. } => "name the tenant by a short key, such as its id",
            EngineError::LargeMetadata { .. } => {
                "keep the rest in a database of your own, by the import's id"
            }
            EngineError::LocalSource => "name a URL, or let the engine import local repositories",
            EngineError::QueueFull { .. } => "try again when some of them have ended",
            EngineError::Active { .. } => "cancel it first, or wait until it has ended",
            EngineError::Complete { .. } => {
                "start a new import; what has not changed is not read again"
            }
            EngineError::Thread { .. } => "raise the limit on processes and threads",
            EngineError::Panic { .. } => {
                "please report it, with the repository if you may; the store is as it was"
            }
            EngineError::Metadata { .. } | EngineError::ShutDown => return None,
        };
        Some(Cow::Borrowed(advice))
    }
}
