//! Entries in order, as a sequence that makes them when they are asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gitlade::TableOptions;
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PySlice};

use crate::entry::Entry;
use crate::manifest::Manifest;
use crate::table::ArrowTable;

/// Some entries of a manifest, in order: a sequence.
#[pyclass(frozen, module = "gitlade", sequence)]
pub(crate) struct Entries {
    manifest: Py<Manifest>,
    places: Places,
}

/// Which entries.
#[derive(Clone)]
enum Places {
    All(usize),
    Some(Arc<[u32]>),
}

impl Places {
    fn len(&self) -> usize {
        match self {
            Places::All(count) => *count,
            Places::Some(places) => places.len(),
        }
    }

    fn get(&self, place: usize) -> Option<usize> {
        match self {
            Places::All(count) => (place < *count).then_some(place),
            Places::Some(places) => places.get(place).map(|place| *place as usize),
        }
    }
}

impl Entries {
    pub(crate) fn all(manifest: Py<Manifest>) -> Self {
        let places = Places::All(manifest.get().list().len());
        Entries { manifest, places }
    }

    pub(crate) fn some<'a>(
        manifest: &'a Py<Manifest>,
        py: Python<'_>,
        entries: impl Iterator<Item = gitlade::Entry<'a>>,
    ) -> Self {
        // A manifest has fewer than 2^32 entries, as its tables do.
        let places: Vec<u32> = entries.map(|entry| entry.index() as u32).collect();
        Entries {
            manifest: manifest.clone_ref(py),
            places: Places::Some(places.into()),
        }
    }

    pub(crate) fn at_places(manifest: Py<Manifest>, places: Arc<[u32]>) -> Self {
        let places = Places::Some(places);
        Entries { manifest, places }
    }

    fn to_table(
        &self,
        py: Python<'_>,
        columns: (bool, bool),
        bounds: (usize, u64),
    ) -> PyResult<ArrowTable> {
        let places = match &self.places {
            Places::All(_) => None,
            Places::Some(places) => Some(&**places),
        };
        ArrowTable::new(py, self.manifest.clone_ref(py), places, columns, bounds)
    }

    pub(crate) fn iterate(&self, py: Python<'_>) -> PyResult<Py<EntryIterator>> {
        Py::new(py, self.__iter__(py))
    }

    fn at(&self, py: Python<'_>, place: usize) -> Option<Entry> {
        let index = self.places.get(place)?;
        Some(Entry::new(self.manifest.clone_ref(py), index))
    }
}

#[pymethods]
impl Entries {
    fn __len__(&self) -> usize {
        self.places.len()
    }

    fn __getitem__<'py>(
        &self,
        py: Python<'py>,
        key: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if let Ok(slice) = key.cast::<PySlice>() {
            let range = slice.indices(self.places.len() as isize)?;
            let places = (0..range.slicelength)
                .map(|step| range.start + step as isize * range.step)
                .filter_map(|place| self.places.get(place as usize))
                .map(|index| index as u32);
            let places = Places::Some(places.collect());
            let manifest = self.manifest.clone_ref(py);
            return Ok(Bound::new(py, Entries { manifest, places })?.into_any());
        }
        let Ok(place) = key.extract::<isize>() else {
            return Err(PyTypeError::new_err(
                "indices must be integers or slices; the manifest finds paths",
            ));
        };
        let place = match place < 0 {
            true => place.checked_add(self.places.len() as isize),
            false => Some(place),
        };
        let entry = place
            .and_then(|place| usize::try_from(place).ok())
            .and_then(|place| self.at(py, place))
            .ok_or_else(|| PyIndexError::new_err("index out of range"))?;
        Ok(Bound::new(py, entry)?.into_any())
    }

    fn __iter__(&self, py: Python<'_>) -> EntryIterator {
        EntryIterator {
            manifest: self.manifest.clone_ref(py),
            places: self.places.clone(),
            next: AtomicUsize::new(0),
            backwards: false,
        }
    }

    fn __reversed__(&self, py: Python<'_>) -> EntryIterator {
        EntryIterator {
            backwards: true,
            ..self.__iter__(py)
        }
    }

    fn __contains__(&self, entry: &Bound<'_, PyAny>) -> bool {
        let Ok(entry) = entry.cast::<Entry>() else {
            return false;
        };
        let manifest = self.manifest.get().list();
        let index = entry.get().place_in(&self.manifest).or_else(|| {
            let found = manifest.get(entry.get().get().path())?;
            let own = entry.get().get();
            (found.kind() == own.kind() && found.mode() == own.mode()).then(|| found.index())
        });
        match (index, &self.places) {
            (Some(_), Places::All(_)) => true,
            (Some(index), Places::Some(places)) => places.contains(&(index as u32)),
            (None, _) => false,
        }
    }

    /// The entries as a table, with columns for the content on request, in batches that are made
    /// when they are asked for.
    #[pyo3(signature = (*, data = false, text = false, max_rows = 65_536, max_bytes = 33_554_432))]
    fn table(
        &self,
        py: Python<'_>,
        data: bool,
        text: bool,
        max_rows: usize,
        max_bytes: u64,
    ) -> PyResult<ArrowTable> {
        self.to_table(py, (data, text), (max_rows, max_bytes))
    }

    /// The entries as an Arrow stream. `requested_schema` is not followed, which the interface
    /// allows.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let options = TableOptions::default();
        let bounds = (options.max_rows, options.max_bytes);
        self.to_table(py, (false, false), bounds)?
            .__arrow_c_stream__(py, requested_schema)
    }

    fn __repr__(&self) -> String {
        format!("<gitlade.Entries {} entries>", self.places.len())
    }
}

/// Goes through entries.
#[pyclass(frozen, module = "gitlade")]
pub(crate) struct EntryIterator {
    manifest: Py<Manifest>,
    places: Places,
    next: AtomicUsize,
    backwards: bool,
}

#[pymethods]
impl EntryIterator {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> Option<Entry> {
        let count = self.places.len();
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        if turn >= count {
            self.next.store(count, Ordering::Relaxed);
            return None;
        }
        let place = if self.backwards {
            count - 1 - turn
        } else {
            turn
        };
        let index = self.places.get(place)?;
        Some(Entry::new(self.manifest.clone_ref(py), index))
    }

    fn __length_hint__(&self) -> usize {
        self.places
            .len()
            .saturating_sub(self.next.load(Ordering::Relaxed))
    }
}
