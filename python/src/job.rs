//! A running import.

use std::sync::{Arc, Mutex, PoisonError};

use gitlade::{Control, ErrorKind, Import, ImportId};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::bridge::ToPy;
use crate::control::{Cancel, Progress};
use crate::errors;
use crate::manifest::Manifest;
use crate::options::{self, duration};
use crate::sink::Sinks;
use crate::source;
use crate::store::Store;
use crate::task::Task;

/// An import on a thread of its own: what `gitlade.Import` is made of.
#[pyclass(frozen, module = "gitlade._gitlade", weakref)]
pub(crate) struct Job {
    task: Task<Done>,
    control: Control,
    manifest: PyOnceLock<Py<Manifest>>,
}

/// What came out.
#[derive(Clone)]
enum Done {
    Import(Arc<Import>),
    /// It is in a store; the manifest is taken out once.
    Stored(
        gitlade::Store,
        ImportId,
        Arc<Mutex<Option<gitlade::Manifest>>>,
    ),
}

/// Begins an import; `keywords` are those of `gitlade.import_repo`.
#[pyfunction]
pub(crate) fn start(
    py: Python<'_>,
    source: &Bound<'_, PyAny>,
    keywords: &Bound<'_, PyDict>,
    cancel: Option<&Bound<'_, Cancel>>,
    sink: Option<&Bound<'_, PyAny>>,
    store: Option<&Bound<'_, Store>>,
) -> PyResult<Job> {
    if store.is_some() && sink.is_some() {
        let message = "a store takes the content: there is none left for a sink";
        return Err(errors::raise(py, ErrorKind::InvalidOptions, message, None));
    }
    let store = store.map(|store| store.get().get().cloned()).transpose()?;
    let source = source::read(source)?;
    let options = options::read(keywords)?;
    let mut control = Control::new();
    if let Some(given) = cancel {
        control.cancel = given.get().switch.clone();
    }
    let sink = sink.map(Sinks::read).transpose()?;
    let given = control.clone();
    let task = Task::spawn(move || {
        if let Some(store) = store {
            let record = store.import(&source, &options, &given)?;
            let list = store.manifest(record.id)?;
            return Ok(Done::Stored(
                store,
                record.id,
                Arc::new(Mutex::new(Some(list))),
            ));
        }
        let import = match &sink {
            Some(sink) => {
                let import = gitlade::import_into(&source, &options, &given, sink)?;
                sink.finish()?;
                import
            }
            None => gitlade::import(&source, &options, &given)?,
        };
        Ok(Done::Import(Arc::new(import)))
    })?;
    Ok(Job {
        task,
        control,
        manifest: PyOnceLock::new(),
    })
}

#[pymethods]
impl Job {
    /// How far it is.
    fn progress(&self) -> Progress {
        Progress {
            snapshot: self.control.progress.snapshot(),
        }
    }

    /// Stops it.
    fn cancel(&self) {
        self.control.cancel.cancel();
    }

    /// Whether it was told to stop.
    fn cancelled(&self) -> bool {
        self.control.cancel.is_cancelled()
    }

    /// Whether it has ended.
    fn done(&self, py: Python<'_>) -> PyResult<bool> {
        self.task.is_done(py)
    }

    /// Waits until it has ended or the time is up, and says whether it has ended. Signals are heard.
    #[pyo3(signature = (timeout = None))]
    fn wait(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<bool> {
        let timeout = timeout.map(duration).transpose()?;
        self.task.wait(py, timeout, &self.control.cancel)
    }

    /// The manifest of an import that has ended, or what it failed with.
    fn result(&self, py: Python<'_>) -> PyResult<Py<Manifest>> {
        let done = self.task.outcome(py, |done| done.clone())?;
        let manifest = self.manifest.get_or_try_init(py, || {
            let manifest = match done {
                Done::Import(import) => Manifest::of_import(import),
                Done::Stored(store, id, list) => {
                    let list = list.lock().unwrap_or_else(PoisonError::into_inner).take();
                    let list = match list {
                        Some(list) => list,
                        None => store.manifest(id).py(py)?,
                    };
                    Manifest::of_store(store, id, list)
                }
            };
            Py::new(py, manifest)
        })?;
        Ok(manifest.clone_ref(py))
    }

    /// Calls a function without arguments when it has ended, from another thread.
    fn when_done(&self, py: Python<'_>, callback: Py<PyAny>) -> PyResult<()> {
        self.task.when_done(py, callback)
    }
}
