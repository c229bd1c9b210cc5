//! The strings by which a host holds a running import.

use pyo3::prelude::*;
use pyo3::types::PyType;

/// A switch that stops the imports it was handed to, once and for all.
///
/// As a context manager it is switched on when the block ends, so that nothing goes on behind it.
#[pyclass(frozen, module = "gitlade")]
pub(crate) struct Cancel {
    pub(crate) switch: gitlade::Cancel,
}

#[pymethods]
impl Cancel {
    #[new]
    fn new() -> Self {
        Cancel {
            switch: gitlade::Cancel::new(),
        }
    }

    /// Turns the switch on; there is no way back. May be called from any thread.
    fn cancel(&self) {
        self.switch.cancel();
    }

    /// Whether the switch is on.
    #[getter]
    fn cancelled(&self) -> bool {
        self.switch.is_cancelled()
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __exit__(
        &self,
        _kind: Option<&Bound<'_, PyType>>,
        _value: Option<&Bound<'_, PyAny>>,
        _trace: Option<&Bound<'_, PyAny>>,
    ) {
        self.switch.cancel();
    }

    fn __repr__(&self) -> &'static str {
        match self.switch.is_cancelled() {
            true => "<gitlade.Cancel on>",
            false => "<gitlade.Cancel off>",
        }
    }
}

/// How far an import is, at one moment.
#[pyclass(frozen, eq, module = "gitlade")]
#[derive(Clone, PartialEq)]
pub(crate) struct Progress {
    pub(crate) snapshot: gitlade::Snapshot,
}

#[pymethods]
impl Progress {
    /// What the import is doing: "opening", "receiving", "reading" and so on.
    #[getter]
    fn step(&self) -> String {
        self.snapshot.step.to_string()
    }

    /// Objects done in this step.
    #[getter]
    fn objects(&self) -> u64 {
        self.snapshot.objects
    }

    /// Objects of this step, or 0 while that is not known.
    #[getter]
    fn objects_total(&self) -> u64 {
        self.snapshot.objects_total
    }

    /// Uncompressed bytes of the objects done in this step.
    #[getter]
    fn bytes(&self) -> u64 {
        self.snapshot.bytes
    }

    /// Uncompressed bytes of this step, or 0 while that is not known.
    #[getter]
    fn bytes_total(&self) -> u64 {
        self.snapshot.bytes_total
    }

    /// Bytes that came over the network.
    #[getter]
    fn received_bytes(&self) -> u64 {
        self.snapshot.received_bytes
    }

    /// Files in the manifest, once the folders were walked; 0 before.
    #[getter]
    fn files(&self) -> u64 {
        self.snapshot.files
    }

    /// The server's latest message, without control characters.
    #[getter]
    fn message(&self) -> &str {
        &self.snapshot.message
    }

    /// Hundredths of the current step that are done; None while the whole is not known.
    #[getter]
    fn percent(&self) -> Option<u8> {
        self.snapshot.percent()
    }

    fn __repr__(&self) -> String {
        let percent = match self.snapshot.percent() {
            Some(percent) => format!(" {percent}%"),
            None => String::new(),
        };
        format!("<gitlade.Progress {}{percent}>", self.snapshot.step)
    }
}
