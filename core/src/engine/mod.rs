//! Background imports: an engine that runs them, tells how far they are, and starts them again.
//!
//! [`Engine`] is the handle. What its threads share is [`shared`]; [`work`] takes imports from the
//! [`queue`] to their end, [`watch`] tells ([`bus`], [`event`]) and writes down ([`ledger`]) how far
//! they are.

mod bus;
mod error;
mod event;
mod held;
mod ledger;
mod options;
mod percent;
mod queue;
mod ring;
mod shared;
mod watch;
mod work;

use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::source::Source;
use crate::store::{
    FIRST_ATTEMPT, ImportFilter, ImportId, ImportRecord, NewImport, Page, Status, Store,
    StoredRequest,
};

use error::EngineError;
use held::Keys;
use ledger::Ledger;
use shared::{Job, Shared};

pub use bus::{Received, SubscribeOptions, Subscription};
pub use event::{Event, EventKind, ImportProgress};
pub use options::{EngineOptions, Request, Restart};
pub use ring::Missed;

/// How often an import of another process is looked at while it is waited for.
const LOOK: Duration = Duration::from_millis(100);
/// How often its process is looked at meanwhile.
const LOOK_FOR_DEAD: Duration = Duration::from_secs(1);

/// Runs imports into a [`Store`] in the background.
///
/// Imports wait in a queue, from which tenants are served fairly; a bounded number runs at once.
/// Where an import stands is in the store, and so survives the process: what was queued or running
/// when a process died is marked as interrupted by the next engine that opens the store, and by any
/// other that has it open. Several engines, in one process or in several, may use one store; limits
/// and turns are those of each.
///
/// Credentials are kept in memory and nowhere else.
///
/// ```
/// use std::time::Duration;
/// use gitlade::{Engine, EngineOptions, Options, Request, Source, Status, Store};
///
/// # fn main() -> Result<(), gitlade::Error> {
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// # if !std::path::Path::new(folder).join(".git").exists() { return Ok(()); }
/// # let place = tempfile::tempdir().unwrap();
/// let store = Store::open(place.path())?;
/// let engine = Engine::open(store.clone(), EngineOptions::default())?;
/// let request = Request::default().tenant("acme").options(Options::default().subdir("core"));
/// let id = engine.start(&Source::parse(folder)?, request)?;
///
/// let record = engine.wait(id, Duration::from_secs(600))?;
/// assert_eq!(record.status, Status::Complete);
/// # Ok(())
/// # }
/// ```
pub struct Engine {
    shared: Arc<Shared>,
}

impl Engine {
    /// Opens an engine on a store, and marks what dead processes left there as interrupted. Its
    /// threads begin with its first import.
    ///
    /// # Errors
    ///
    /// Options that make no sense, and a store that cannot be written to.
    pub fn open(store: Store, options: EngineOptions) -> Result<Self, Error> {
        options.check()?;
        let ledger = Ledger::open(store)?;
        ledger.mark_interrupted()?;
        let shared = Arc::new(Shared::new(ledger, options));
        Ok(Engine { shared })
    }

    /// Asks for an import, and returns as soon as that is written down: at once, unless another
    /// import is just writing its rows.
    ///
    /// A relative path is one from the working directory that the process has when the import runs.
    ///
    /// # Errors
    ///
    /// [`Busy`](crate::ErrorKind::Busy) if the queue is full or the engine shut down; tenants and
    /// metadata that are not what [`Request`] says; a store that cannot be written to. What is wrong
    /// with the source is found later, and is an error of the import.
    pub fn start(&self, source: &Source, request: Request) -> Result<ImportId, Error> {
        request.check()?;
        self.check_source(source)?;
        let keys = Keys::new(request.credentials.clone(), &request.options);
        let options = self.shared.effective(&request.options, keys)?;
        let place = self.shared.reserve()?;
        self.shared.watch()?;
        let id = self.shared.ledger.create(source, &request)?;
        let job = Job {
            id,
            attempt: FIRST_ATTEMPT,
            tenant: request.tenant,
            source: source.clone(),
            options,
        };
        self.shared.enqueue(place, job, EventKind::Created);
        Ok(id)
    }

    /// Asks again for an import that failed, or was cancelled or interrupted, and returns at once.
    ///
    /// The id stays, and so does what was asked for, unless `changes` say otherwise: credentials,
    /// revision, or all options. [`Store::import_options`] has those of before, for changing some of
    /// them. What came into the store before is not read again where the repository is a
    /// local one.
    ///
    /// # Errors
    ///
    /// [`Busy`](crate::ErrorKind::Busy) if it has not ended, the queue is full or the engine shut
    /// down, [`InvalidOptions`](crate::ErrorKind::InvalidOptions) if it is complete,
    /// [`ImportNotFound`](crate::ErrorKind::ImportNotFound), and a store that cannot be written to.
    pub fn restart(&self, id: ImportId, changes: Restart) -> Result<(), Error> {
        let shared = &self.shared;
        shared.write_ends(None);
        let record = self.settled(id)?;
        match record.status {
            Status::Complete => return Err(EngineError::Complete { id }.into()),
            status if !status.is_end() => return Err(EngineError::active(id, status).into()),
            _ => {}
        }
        let StoredRequest { source, options } = shared.ledger.request(id)?;
        self.check_source(&source)?;
        let mut asked = changes.options.unwrap_or(options);
        if changes.revision.is_some() {
            asked.revision = changes.revision;
        }
        if changes.provider.is_some() {
            asked.remote.provider = changes.provider;
        }
        let mut held = shared.lock().held.get(id);
        if changes.forget_credentials {
            held = Keys::default();
        }
        let keys = Keys::new(changes.credentials, &asked).or(held);
        let options = shared.effective(&asked, keys)?;
        let place = shared.reserve()?;
        shared.watch()?;
        let again = NewImport {
            source: &source,
            options: &asked,
            tenant: &record.tenant,
            metadata: record.metadata.as_deref(),
        };
        let attempt = shared.ledger.restart(id, &again)?;
        let job = Job {
            id,
            attempt,
            tenant: record.tenant,
            source,
            options,
        };
        shared.enqueue(place, job, EventKind::Restarted);
        Ok(())
    }

    /// Where an import stands now, whichever process runs it. Of those of other engines the numbers
    /// may be half a second old.
    ///
    /// # Errors
    ///
    /// [`ImportNotFound`](crate::ErrorKind::ImportNotFound), and a store that cannot be read.
    pub fn status(&self, id: ImportId) -> Result<ImportRecord, Error> {
        loop {
            let was_active = self.shared.lock().active.contains_key(&id);
            let mut record = self.shared.ledger.import_record(id)?;
            let is_active = self.shared.overlay(&mut record);
            // It may have ended between the two looks.
            if was_active == is_active {
                return Ok(record);
            }
        }
    }

    /// Waits until an import has ended, and no longer than `timeout`. The record says which.
    ///
    /// # Errors
    ///
    /// As for [`status`](Engine::status). How the import ended is no error here.
    pub fn wait(&self, id: ImportId, timeout: Duration) -> Result<ImportRecord, Error> {
        let deadline = Instant::now().checked_add(timeout);
        let left = || match deadline {
            Some(deadline) => deadline.saturating_duration_since(Instant::now()),
            None => timeout,
        };
        let mut looked = Instant::now();
        loop {
            let mut state = self.shared.lock();
            while state.active.contains_key(&id) && !left().is_zero() {
                let waited = self.shared.changed.wait_timeout(state, left());
                (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
            }
            drop(state);
            let record = self.status(id)?;
            if record.status.is_end() || left().is_zero() {
                return Ok(record);
            }
            // Another engine has it.
            if looked.elapsed() >= LOOK_FOR_DEAD {
                self.shared.ledger.mark_interrupted()?;
                looked = Instant::now();
            }
            std::thread::sleep(LOOK.min(left()));
        }
    }

    /// Stops an import, whichever process runs it, and returns at once; [`wait`](Engine::wait) says
    /// when it has stopped, which takes less than a second. Says whether there was something to
    /// stop. An import that is about to be complete may end so nevertheless.
    ///
    /// # Errors
    ///
    /// [`ImportNotFound`](crate::ErrorKind::ImportNotFound), and a store that cannot be written to.
    pub fn cancel(&self, id: ImportId) -> Result<bool, Error> {
        if let Some(cancelled) = self.shared.cancel(id) {
            self.shared.pump();
            return Ok(cancelled);
        }
        if self.settled(id)?.status.is_end() {
            return Ok(false);
        }
        self.shared.ledger.request_cancel(id)
    }

    /// Forgets an import that has ended, its credentials too. Content that no other import uses
    /// stays in the store until it is collected.
    ///
    /// # Errors
    ///
    /// [`Busy`](crate::ErrorKind::Busy) if it has not ended: cancel it first.
    /// [`ImportNotFound`](crate::ErrorKind::ImportNotFound), and a store that cannot be written to.
    pub fn remove(&self, id: ImportId) -> Result<(), Error> {
        self.shared.write_ends(None);
        let status = self.settled(id)?.status;
        if !status.is_end() {
            return Err(EngineError::active(id, status).into());
        }
        self.shared.ledger.remove(id)?;
        let mut state = self.shared.lock();
        let forgotten = state.held.remove(id);
        state.unwritten.remove(&id);
        drop(state);
        drop(forgotten);
        Ok(())
    }

    /// Lists imports of all engines.
    ///
    /// # Errors
    ///
    /// A store that cannot be read.
    pub fn list(&self, filter: &ImportFilter) -> Result<Page<ImportRecord>, Error> {
        let mut page = self.shared.ledger.imports(filter)?;
        for record in &mut page.items {
            self.shared.overlay(record);
        }
        Ok(page)
    }

    /// Listens to what happens to the imports of this engine from now on.
    pub fn subscribe(&self, options: &SubscribeOptions) -> Subscription {
        self.shared.bus.subscribe(options)
    }

    /// Ends the engine: nothing begins any more, what runs has `grace` to end by itself, and what has
    /// not is interrupted, as is what waits. All of it can be started again by another engine. What
    /// else the engine can do, such as telling how imports ended, it still does.
    ///
    /// Dropping the engine does this without grace. Both wait until all threads have ended, unless
    /// they are called by one of them, in a provider of credentials or a policy of the host: then the
    /// engine ends after that has returned. Where it was called before, nothing happens.
    pub fn shutdown(&self, grace: Duration) {
        self.shared.shut_down(grace);
    }

    /// The record of an import, after what dead processes left was marked. If it says that the import
    /// has ended, then this engine is done with it.
    fn settled(&self, id: ImportId) -> Result<ImportRecord, Error> {
        let mut has_looked = false;
        loop {
            let record = self.status(id)?;
            let state = self.shared.lock();
            match (record.status.is_end(), state.active.contains_key(&id)) {
                (true, true) => {
                    let waited = self.shared.changed.wait_timeout(state, LOOK);
                    drop(waited.unwrap_or_else(PoisonError::into_inner));
                }
                (false, false) if !has_looked => {
                    drop(state);
                    self.shared.ledger.mark_interrupted()?;
                    has_looked = true;
                }
                _ => return Ok(record),
            }
        }
    }

    fn check_source(&self, source: &Source) -> Result<(), EngineError> {
        match source {
            Source::Local(_) if !self.shared.options.local => Err(EngineError::LocalSource),
            _ => Ok(()),
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shared.shut_down(Duration::ZERO);
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.shared.lock();
        f.debug_struct("Engine")
            .field("waiting", &state.queue.waiting())
            .field("running", &state.queue.running())
            .finish_non_exhaustive()
    }
}
