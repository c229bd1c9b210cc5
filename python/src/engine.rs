//! Engines: imports in the background, kept in a store.

use std::mem::ManuallyDrop;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use gitlade::{
    EngineOptions, ErrorKind, ImportId, ImportRecord, Received, Request, Restart, SubscribeOptions,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::bridge::{ToPy, json};
use crate::errors;
use crate::options::{self, duration};
use crate::process::Home;
use crate::source;
use crate::store::{self, SLICE, Store};

/// Imports in the background, kept in a store: a queue, statuses, events, cancel and restart.
#[pyclass(frozen, module = "gitlade._gitlade", name = "Engine", weakref)]
pub(crate) struct Engine {
    /// Taken out when it is shut down.
    engine: Mutex<Option<Arc<gitlade::Engine>>>,
    home: Home,
}

impl Engine {
    fn lock(&self) -> MutexGuard<'_, Option<Arc<gitlade::Engine>>> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, py: Python<'_>) -> PyResult<Arc<gitlade::Engine>> {
        self.home.check("the engine")?;
        // The lock is free again before Python's code makes the exception.
        let engine = self.lock().clone();
        engine.ok_or_else(|| {
            let message = "the engine was shut down";
            errors::raise(py, ErrorKind::Busy, message, Some("open another one"))
        })
    }
}

#[pymethods]
impl Engine {
    /// `keywords` are those of an import that hold for all imports.
    #[new]
    fn new(
        py: Python<'_>,
        store: &Bound<'_, Store>,
        running: usize,
        queued: usize,
        local: bool,
        progress_interval: &Bound<'_, PyAny>,
        keywords: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        let given = options::read(keywords)?;
        let options = EngineOptions::default()
            .running(running)
            .queued(queued)
            .local(local)
            .progress_interval(duration(progress_interval)?)
            .threads(given.threads)
            .memory(given.memory)
            .limits(given.limits)
            .remote(given.remote);
        let store = store.get().get()?.clone();
        let engine = py.detach(|| gitlade::Engine::open(store, options)).py(py)?;
        Ok(Engine {
            engine: Mutex::new(Some(Arc::new(engine))),
            home: Home::here(),
        })
    }

    /// Asks for an import, and gives its number.
    fn start(
        &self,
        py: Python<'_>,
        source: &Bound<'_, PyAny>,
        tenant: String,
        metadata: String,
        keywords: &Bound<'_, PyDict>,
    ) -> PyResult<u64> {
        let engine = self.get(py)?;
        let source = source::read(source)?;
        let request = Request::default()
            .tenant(tenant)
            .metadata(metadata)
            .options(options::read(keywords)?);
        let id = py.detach(|| engine.start(&source, request)).py(py)?;
        Ok(id.0)
    }

    /// Asks again for an import that did not complete.
    fn restart(
        &self,
        py: Python<'_>,
        id: u64,
        forget_credentials: bool,
        keywords: &Bound<'_, PyDict>,
    ) -> PyResult<()> {
        let engine = self.get(py)?;
        let given = options::read(keywords)?;
        let mut changes = Restart::default()
            .forget_credentials(forget_credentials)
            .credentials(given.remote.credentials.clone());
        changes.revision = given.revision;
        py.detach(|| engine.restart(ImportId(id), changes)).py(py)
    }

    /// Where an import stands, as JSON.
    fn status(&self, py: Python<'_>, id: u64) -> PyResult<String> {
        let engine = self.get(py)?;
        json(&py.detach(|| engine.status(ImportId(id))).py(py)?)
    }

    /// Waits until an import has ended or the time is up, and gives its record as JSON.
    fn wait(
        &self,
        py: Python<'_>,
        id: u64,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(bool, String)> {
        let timeout = timeout.map(duration).transpose()?;
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            // Anew in each turn, so that a shutdown by another thread is not held up.
            let engine = self.get(py)?;
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let slice = left.map_or(SLICE, |left| left.min(SLICE));
            let record: ImportRecord = py.detach(|| engine.wait(ImportId(id), slice)).py(py)?;
            let ended = record.status.is_end();
            if ended || left.is_some_and(|left| left.is_zero()) {
                return Ok((ended, json(&record)?));
            }
            py.check_signals()?;
        }
    }

    /// Stops an import; says whether there was something to stop.
    fn cancel(&self, py: Python<'_>, id: u64) -> PyResult<bool> {
        let engine = self.get(py)?;
        py.detach(|| engine.cancel(ImportId(id))).py(py)
    }

    /// Forgets an import that has ended.
    fn remove(&self, py: Python<'_>, id: u64) -> PyResult<()> {
        let engine = self.get(py)?;
        py.detach(|| engine.remove(ImportId(id))).py(py)
    }

    /// The imports that a filter lets through, as JSON, and how many there are in all.
    fn imports(&self, py: Python<'_>, keywords: &Bound<'_, PyDict>) -> PyResult<(String, u64)> {
        let (engine, filter) = (self.get(py)?, store::filter(keywords)?);
        let page = py.detach(|| engine.list(&filter)).py(py)?;
        Ok((json(&page.items)?, page.total))
    }

    /// Listens to what happens from now on.
    fn subscribe(
        &self,
        py: Python<'_>,
        capacity: usize,
        tenant: Option<String>,
        import_id: Option<u64>,
    ) -> PyResult<Subscription> {
        let mut options = SubscribeOptions::default().capacity(capacity);
        options.tenant = tenant;
        options.import = import_id.map(ImportId);
        Ok(Subscription {
            subscription: self.get(py)?.subscribe(&options),
            home: self.home,
        })
    }

    /// Ends the engine: what runs has `grace` to end by itself.
    fn shutdown(&self, py: Python<'_>, grace: &Bound<'_, PyAny>) -> PyResult<()> {
        self.home.check("the engine")?;
        let grace = duration(grace)?;
        // Who uses it now may let go of it last, with the interpreter: it has ended by then.
        let engine = self.lock().take();
        if let Some(engine) = engine {
            py.detach(move || engine.shutdown(grace));
        }
        Ok(())
    }
}

impl Drop for Engine {
    /// The child of a fork must not wait for threads of its parent. Elsewhere the engine ends on a
    /// thread of its own, since its imports may be waiting for the interpreter.
    fn drop(&mut self) {
        let engine = self.engine.get_mut();
        let Some(engine) = engine.unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        // Where no thread can be started, it is better never to end it than to wait for ever.
        let engine = ManuallyDrop::new(engine);
        if self.home.is_here() {
            let end = move || drop(ManuallyDrop::into_inner(engine));
            let _ = std::thread::Builder::new().spawn(end);
        }
    }
}

/// The events of an engine, for one listener.
#[pyclass(frozen, module = "gitlade._gitlade")]
pub(crate) struct Subscription {
    subscription: gitlade::Subscription,
    home: Home,
}

#[pymethods]
impl Subscription {
    /// Waits for the next event, as JSON: None if there was none in that time. The flag says whether
    /// the engine has ended.
    fn receive(
        &self,
        py: Python<'_>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(Option<String>, bool)> {
        self.home.check("the subscription")?;
        let timeout = timeout.map(duration).transpose()?;
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let slice = left.map_or(SLICE, |left| left.min(SLICE));
            match py.detach(|| self.subscription.receive(slice)) {
                Received::Event(event) => return Ok((Some(json(&event)?), false)),
                Received::Closed => return Ok((None, true)),
                Received::Nothing => {}
            }
            py.check_signals()?;
            if left.is_some_and(|left| left.is_zero()) {
                return Ok((None, false));
            }
        }
    }

    /// How many events were dropped because nobody took them out: progress, steps, ends.
    fn missed(&self) -> (u64, u64, u64) {
        let missed = self.subscription.missed();
        (missed.progress, missed.steps, missed.ends)
    }
}
