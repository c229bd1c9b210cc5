//! What is imported: a path or a URL; and what a server has.

use gitlade::{ErrorKind, Progress, Source};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::bridge::ToPy;
use crate::control::Cancel;
use crate::errors;
use crate::options;
use crate::task;
use crate::text::{host_path, to_bytes, to_str};

/// A URL or a path as `str`, or a path as `bytes` or `os.PathLike`.
pub(crate) fn read(value: &Bound<'_, PyAny>) -> PyResult<Source> {
    if value.is_instance_of::<PyString>() {
        return Source::parse(to_bytes(value)?).py(value.py());
    }
    Ok(Source::Local(host_path(value)?))
}

/// A ref of a server.
#[pyclass(frozen, eq, hash, module = "gitlade")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct RemoteRef {
    name: Vec<u8>,
    oid: Option<gitlade::ObjectId>,
    peeled: Option<gitlade::ObjectId>,
    target: Option<Vec<u8>>,
}

#[pymethods]
impl RemoteRef {
    /// The full name: "HEAD", or one that begins with "refs/".
    #[getter]
    fn name<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        to_str(py, &self.name)
    }

    /// The object that it points to; None for a HEAD whose branch has no commit yet.
    #[getter]
    fn oid(&self) -> Option<String> {
        self.oid.map(|id| id.to_string())
    }

    /// What the annotated tag that it points to is about, after all tags on the way.
    #[getter]
    fn peeled(&self) -> Option<String> {
        self.peeled.map(|id| id.to_string())
    }

    /// The full name of the ref that it stands for, if it is symbolic.
    #[getter]
    fn target<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        self.target
            .as_deref()
            .map(|name| to_str(py, name))
            .transpose()
    }

    fn __repr__(&self) -> String {
        let oid = self
            .oid
            .map_or_else(|| "unborn".to_owned(), |id| id.to_string());
        format!(
            "<gitlade.RemoteRef {} {oid}>",
            gitlade::Printable(&self.name)
        )
    }
}

/// Asks a server for its refs; `keywords` are those of an import.
#[pyfunction]
pub(crate) fn ls_remote(
    py: Python<'_>,
    url: &Bound<'_, PyAny>,
    keywords: &Bound<'_, PyDict>,
    cancel: Option<&Bound<'_, Cancel>>,
) -> PyResult<Vec<RemoteRef>> {
    let Source::Remote(url) = read(url)? else {
        let message = "only a server announces refs, and this is a path";
        return Err(errors::raise(py, ErrorKind::InvalidSource, message, None));
    };
    let options = options::read(keywords)?;
    let cancel = cancel.map_or_else(gitlade::Cancel::new, |given| given.get().switch.clone());
    let switch = cancel.clone();
    let refs = task::run(py, &cancel, move || {
        let (remote, limits) = (&options.remote, &options.limits);
        gitlade::ls_remote(&url, remote, limits, &switch, &Progress::new())
    })?;
    let one = |found: gitlade::RemoteRef| RemoteRef {
        name: found.name,
        oid: found.id,
        peeled: found.peeled,
        target: found.symref_target,
    };
    Ok(refs.into_iter().map(one).collect())
}
