//! A running import.

use std::sync::Arc;

use gitlade::{Control, Import};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::control::{Cancel, Progress};
use crate::manifest::Manifest;
use crate::options::{self, duration};
use crate::sink::PySink;
use crate::source;
use crate::task::Task;

/// An import on a thread of its own: what `gitlade.Import` is made of.
#[pyclass(frozen, module = "gitlade._gitlade", weakref)]
pub(crate) struct Job {
    task: Task<Arc<Import>>,
    control: Control,
    manifest: PyOnceLock<Py<Manifest>>,
}

/// Begins an import; `keywords` are those of `gitlade.import_repo`.
#[pyfunction]
pub(crate) fn start(
    py: Python<'_>,
    source: &Bound<'_, PyAny>,
    keywords: &Bound<'_, PyDict>,
    cancel: Option<&Bound<'_, Cancel>>,
    sink: Option<Py<PyAny>>,
) -> PyResult<Job> {
    let _ = py;
    let source = source::read(source)?;
    let options = options::read(keywords)?;
    let mut control = Control::new();
    if let Some(given) = cancel {
        control.cancel = given.get().switch.clone();
    }
    let sink = sink.map(PySink::new);
    let given = control.clone();
    let task = Task::spawn(move || {
        let import = match &sink {
            Some(sink) => {
                let import = gitlade::import_into(&source, &options, &given, sink)?;
                sink.flush()?;
                import
            }
            None => gitlade::import(&source, &options, &given)?,
        };
        Ok(Arc::new(import))
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
        let import = self.task.outcome(py, |import| Arc::clone(import))?;
        let manifest = self
            .manifest
            .get_or_try_init(py, || Py::new(py, Manifest::of_import(import)))?;
        Ok(manifest.clone_ref(py))
    }

    /// Calls a function without arguments when it has ended, from another thread.
    fn when_done(&self, py: Python<'_>, callback: Py<PyAny>) -> PyResult<()> {
        self.task.when_done(py, callback)
    }
}
