//! The ordered list of what was imported, with the content where that is at hand.

use std::sync::Arc;

use gitlade::{ArrowStream, Error, Import, ImportId, TableOptions};
use pyo3::exceptions::{PyIndexError, PyKeyError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PySlice, PyString, PyType};

use crate::bridge::{Reduced, ToPy};
use crate::content::{Held, no_content};
use crate::entries::{Entries, EntryIterator};
use crate::entry::Entry;
use crate::ndjson;
use crate::process::{Home, Own};
use crate::table::{ArrowTable, capsule};
use crate::text::{to_bytes, to_str};
use crate::totals::{Skipped, Totals};

/// The ordered list of everything in one commit: folders, files, symlinks and submodules.
///
/// It is a sequence of its entries and a mapping from their paths at once. An import's has the
/// content, too; one that was read from NDJSON or unpickled has the list alone.
#[pyclass(frozen, module = "gitlade", weakref)]
pub(crate) struct Manifest {
    held: Own<Held>,
    home: Home,
}

impl Manifest {
    pub(crate) fn of_import(import: Arc<Import>) -> Self {
        Self::new(Held::Import(import))
    }

    pub(crate) fn of_list(list: gitlade::Manifest) -> Self {
        Self::new(Held::List(Arc::new(list)))
    }

    pub(crate) fn of_store(store: gitlade::Store, id: ImportId, list: gitlade::Manifest) -> Self {
        Self::new(Held::Store(store, id, Arc::new(list)))
    }

    fn new(held: Held) -> Self {
        Manifest {
            held: Own::new(held),
            home: Home::here(),
        }
    }

    fn held(&self) -> &Held {
        &self.held
    }

    pub(crate) fn list(&self) -> &gitlade::Manifest {
        self.held().list()
    }

    pub(crate) fn arrow(&self, options: &TableOptions) -> Result<ArrowStream, Error> {
        self.held().arrow(options)
    }

    /// What it holds, for reading content, which needs the process that imported.
    pub(crate) fn content(&self) -> PyResult<&Held> {
        self.home.check("the content")?;
        Ok(self.held())
    }

    /// Fails if there is no content at all.
    pub(crate) fn check_content(&self, py: Python<'_>) -> PyResult<()> {
        match self.content()? {
            Held::List(_) => Err(no_content(py)),
            _ => Ok(()),
        }
    }

    fn find(&self, path: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
        let path = to_bytes(path)?;
        Ok(self.list().get(&path).map(|entry| entry.index()))
    }
}

#[pymethods]
impl Manifest {
    fn __len__(&self) -> usize {
        self.list().len()
    }

    fn __iter__(slf: Py<Self>, py: Python<'_>) -> PyResult<Py<EntryIterator>> {
        Entries::all(slf).iterate(py)
    }

    fn __reversed__<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let entries = Bound::new(slf.py(), Entries::all(slf.clone().unbind()))?;
        entries.call_method0(intern!(slf.py(), "__reversed__"))
    }

    fn __contains__(slf: &Bound<'_, Self>, key: &Bound<'_, PyAny>) -> PyResult<bool> {
        if key.is_instance_of::<Entry>() {
            return Bound::new(key.py(), Entries::all(slf.clone().unbind()))?.contains(key);
        }
        match slf.get().find(key) {
            Ok(found) => Ok(found.is_some()),
            Err(raised) if raised.is_instance_of::<PyTypeError>(key.py()) => Ok(false),
            Err(raised) => Err(raised),
        }
    }

    /// The entry with a path, the one at a number, or those of a slice.
    fn __getitem__<'py>(
        slf: &Bound<'py, Self>,
        key: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        if key.is_instance_of::<PySlice>() {
            return Bound::new(py, Entries::all(slf.clone().unbind()))?.get_item(key);
        }
        let index = match key.extract::<isize>() {
            Ok(place) => {
                let count = slf.get().list().len() as isize;
                let place = if place < 0 { place + count } else { place };
                if !(0..count).contains(&place) {
                    return Err(PyIndexError::new_err("index out of range"));
                }
                place as usize
            }
            Err(_) => {
                let found = slf.get().find(key)?;
                found.ok_or_else(|| PyKeyError::new_err(key.clone().unbind()))?
            }
        };
        Ok(Bound::new(py, Entry::new(slf.clone().unbind(), index))?.into_any())
    }

    /// The entry with this path, or `default`.
    #[pyo3(signature = (path, default = None))]
    fn get<'py>(
        slf: &Bound<'py, Self>,
        path: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        match slf.get().find(path)? {
            Some(index) => {
                let entry = Entry::new(slf.clone().unbind(), index);
                Ok(Some(Bound::new(slf.py(), entry)?.into_any()))
            }
            None => Ok(default),
        }
    }

    /// All entries, in the order of `git ls-tree -r -t`.
    #[getter]
    fn entries(slf: Py<Self>) -> Entries {
        Entries::all(slf)
    }

    /// The folders, parents first.
    #[getter]
    fn folders(slf: &Bound<'_, Self>) -> Entries {
        let own = slf.clone().unbind();
        Entries::some(&own, slf.py(), slf.get().list().folders())
    }

    /// The files, in order, the skipped ones included.
    #[getter]
    fn files(slf: &Bound<'_, Self>) -> Entries {
        let own = slf.clone().unbind();
        Entries::some(&own, slf.py(), slf.get().list().files())
    }

    /// The symlinks, in order.
    #[getter]
    fn symlinks(slf: &Bound<'_, Self>) -> Entries {
        let own = slf.clone().unbind();
        Entries::some(&own, slf.py(), slf.get().list().symlinks())
    }

    /// The submodules, in order.
    #[getter]
    fn submodules(slf: &Bound<'_, Self>) -> Entries {
        let own = slf.clone().unbind();
        Entries::some(&own, slf.py(), slf.get().list().submodules())
    }

    /// The entries that lie directly in a folder; the empty path is the root.
    #[pyo3(signature = (path = None))]
    fn children(slf: &Bound<'_, Self>, path: Option<&Bound<'_, PyAny>>) -> PyResult<Entries> {
        let folder = path.map(to_bytes).transpose()?.unwrap_or_default();
        let own = slf.clone().unbind();
        let found = slf.get().list().children(&folder);
        let found = found.ok_or_else(|| match path {
            Some(path) => PyKeyError::new_err(path.clone().unbind()),
            None => PyKeyError::new_err(""),
        })?;
        Ok(Entries::some(&own, slf.py(), found))
    }

    /// The entries whose path matches a pattern: `*` and `?` stop at slashes, `**` does not.
    fn glob<'py>(
        slf: &Bound<'py, Self>,
        pattern: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let module = slf.py().import(intern!(slf.py(), "gitlade._glob"))?;
        module.call_method1(intern!(slf.py(), "glob"), (slf, pattern))
    }

    /// Counts over all entries.
    #[getter]
    fn totals(&self) -> Totals {
        self.list().totals().into()
    }

    /// How many entries were skipped, by reason.
    #[getter]
    fn skipped(&self) -> Skipped {
        self.list().skipped().into()
    }

    /// The digest of the root folder in hex: one name for the whole import.
    #[getter]
    fn root(&self) -> String {
        self.list().root().to_string()
    }

    /// The commit in hex; None if a tree was imported, or an empty repository.
    #[getter]
    fn commit(&self) -> Option<String> {
        let commit = self.list().header().source.commit;
        commit.map(|id| id.to_string())
    }

    /// The tree in hex whose entries these are.
    #[getter]
    fn tree(&self) -> String {
        self.list().header().source.tree.to_string()
    }

    /// The ref that led to the commit, such as "refs/heads/main"; None if an id did.
    #[getter]
    fn r#ref<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        let name = self.list().header().source.reference.as_deref();
        name.map(|bytes| to_str(py, bytes)).transpose()
    }

    /// The URL without credentials; None for a local repository.
    #[getter]
    fn url(&self) -> Option<&str> {
        self.list().header().source.url.as_deref()
    }

    /// The one imported folder, which paths are relative to; None for all.
    #[getter]
    fn subdir<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        let folder = self.list().header().source.subdir.as_deref();
        folder.map(|bytes| to_str(py, bytes)).transpose()
    }

    /// How the repository names its objects: "sha1" or "sha256".
    #[getter]
    fn object_format(&self) -> String {
        self.list().header().object_format().to_string()
    }

    /// Whether the content is at hand, and not the list alone.
    #[getter]
    fn has_content(&self) -> bool {
        !matches!(self.held(), Held::List(_)) && self.home.is_here()
    }

    /// The number of the import in its store; None without one.
    #[getter]
    fn import_id(&self) -> Option<u64> {
        match self.held() {
            Held::Store(_, id, _) => Some(id.0),
            _ => None,
        }
    }

    /// Bytes of memory that the list takes.
    #[getter]
    fn memory_bytes(&self) -> usize {
        self.list().memory_bytes()
    }

    /// The list alone, without the content: it holds neither threads nor files.
    fn without_content(&self) -> PyResult<Self> {
        match self.held() {
            Held::List(list) | Held::Store(_, _, list) => {
                Ok(Self::new(Held::List(Arc::clone(list))))
            }
            Held::Import(_) => {
                let mut bytes = Vec::new();
                let list = self
                    .list()
                    .write_ndjson(&mut bytes)
                    .and_then(|()| ndjson::parse(&bytes));
                Python::attach(|py| list.py(py)).map(Self::of_list)
            }
        }
    }

    /// Writes the manifest as NDJSON: to a path or a binary file, or gives the bytes.
    #[pyo3(signature = (target = None, *, text = false))]
    fn to_ndjson<'py>(
        &self,
        py: Python<'py>,
        target: Option<&Bound<'py, PyAny>>,
        text: bool,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let held = self.held();
        if text {
            self.check_content(py)?;
            return ndjson::write(py, target, |out| held.write_with_text(out));
        }
        let lonely = !self.home.is_here();
        ndjson::write(py, target, |out| held.write(out, lonely))
    }

    /// Reads a manifest from NDJSON, and checks all of it: bytes, a path, or a binary file.
    #[classmethod]
    fn from_ndjson(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        source: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        ndjson::read(py, source).map(Self::of_list)
    }

    /// The entries as a table, with columns for the content on request, in batches that are made
    /// when they are asked for.
    #[pyo3(signature = (*, data = false, text = false, max_rows = 65_536, max_bytes = 33_554_432))]
    fn table(
        slf: &Bound<'_, Self>,
        data: bool,
        text: bool,
        max_rows: usize,
        max_bytes: u64,
    ) -> PyResult<ArrowTable> {
        let own = slf.clone().unbind();
        ArrowTable::new(slf.py(), own, None, (data, text), (max_rows, max_bytes))
    }

    /// The entries as an Arrow stream. `requested_schema` is not followed, which the interface
    /// allows.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        capsule(py, self.arrow(&TableOptions::default()).py(py)?)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        let Ok(other) = other.cast::<Manifest>() else {
            return false;
        };
        let (own, other) = (self.list(), other.get().list());
        own.header() == other.header() && own.trailer() == other.trailer()
    }

    fn __hash__(&self) -> u64 {
        let root = self.list().root();
        let (first, _) = root
            .0
            .split_first_chunk()
            .expect("because a digest has 32 bytes");
        u64::from_le_bytes(*first)
    }

    fn __repr__(&self) -> String {
        let list = self.list();
        let totals = list.totals();
        let commit = match list.header().source.commit {
            Some(id) => format!("commit {id}"),
            None => format!("tree {}", list.header().source.tree),
        };
        format!(
            "<gitlade.Manifest {commit}: {} folders, {} files, {} bytes>",
            totals.folders, totals.files, totals.bytes
        )
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let module = slf.py().import(intern!(slf.py(), "gitlade._html"))?;
        module.call_method1(intern!(slf.py(), "tree"), (slf,))
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<Reduced<'py, (Option<Bound<'py, PyBytes>>,)>> {
        let read = slf.get_type().getattr("from_ndjson")?;
        let bytes = slf.get().to_ndjson(slf.py(), None, false)?;
        Ok((read, (bytes,)))
    }

    /// The entries at some places, in that order.
    fn _some(slf: &Bound<'_, Self>, places: Vec<u32>) -> PyResult<Entries> {
        let count = slf.get().list().len();
        if places.iter().any(|place| *place as usize >= count) {
            return Err(PyIndexError::new_err("index out of range"));
        }
        Ok(Entries::at_places(slf.clone().unbind(), places.into()))
    }

    /// The entry at a place: what a pickled entry is made of.
    #[staticmethod]
    fn _at(manifest: Py<Manifest>, index: usize) -> PyResult<Entry> {
        if index >= manifest.get().list().len() {
            return Err(PyIndexError::new_err("index out of range"));
        }
        Ok(Entry::new(manifest, index))
    }
}
