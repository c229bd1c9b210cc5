//! What an engine writes into the registry of its store, and reads there.

use std::ops::Deref;
use std::time::Duration;

use crate::error::Error;
use crate::import::{Control, Options};
use crate::source::Source;
use crate::store::{Ended, ImportId, NewImport, Owner, Store};

use super::event::ImportProgress;
use super::options::Request;
use super::shared::{Ending, Job};

/// The registry, and the lock that tells other processes that this engine lives.
///
/// What needs no engine is the [`Store`]'s own.
pub(super) struct Ledger {
    store: Store,
    owner: Owner,
}

impl Deref for Ledger {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl Ledger {
    pub(super) fn open(store: Store) -> Result<Self, Error> {
        let owner = store.claim()?;
        Ok(Ledger { store, owner })
    }

    /// Writes down an import that waits for its turn.
    pub(super) fn create(&self, source: &Source, request: &Request) -> Result<ImportId, Error> {
        let new = NewImport {
            source,
            options: &request.options,
            tenant: &request.tenant,
            metadata: (!request.metadata.is_empty()).then_some(&request.metadata),
        };
        self.store.begin(&new, &self.owner)
    }

    /// Writes down that an import that has ended waits for its turn again. Gives the number of the
    /// attempt.
    pub(super) fn restart(&self, id: ImportId, again: &NewImport<'_>) -> Result<u32, Error> {
        self.store.begin_again(id, again, &self.owner)
    }

    /// Imports into the store, all of it or nothing.
    pub(super) fn run(&self, job: &Job, options: &Options, control: &Control) -> Result<(), Error> {
        self.store
            .run(job.id, job.attempt, &job.source, options, control)?;
        Ok(())
    }

    /// Writes down how far an import is.
    pub(super) fn progress(
        &self,
        id: ImportId,
        attempt: u32,
        progress: &ImportProgress,
    ) -> Result<(), Error> {
        let recorded = progress.recorded();
        self.store
            .record_progress(id, attempt, progress.status, &recorded)
    }

    /// Writes down how an attempt ended; waits for others who write for as long as the store's options
    /// say, or `patience`. One that is complete has that written down with its entries.
    pub(super) fn end(
        &self,
        id: ImportId,
        attempt: u32,
        ending: &Ending,
        patience: Option<Duration>,
    ) -> Result<(), Error> {
        let ended = match ending {
            Ending::Complete => return Ok(()),
            Ending::Failed(step, error) => Ended::Failed(*step, error),
            Ending::Cancelled => Ended::Cancelled,
            Ending::Interrupted => Ended::Interrupted,
        };
        match patience {
            Some(patience) => self.store.end_within(patience, id, attempt, ended),
            None => self.store.end(id, attempt, ended),
        }
    }

    /// Attempts at imports of this engine that other processes want cancelled.
    pub(super) fn cancel_requests(&self) -> Result<Vec<(ImportId, u32)>, Error> {
        self.store.take_cancel_requests(&self.owner)
    }
}
