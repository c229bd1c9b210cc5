//! The kinds of stores, and what each is opened with.

use std::sync::Arc;

use gitlade::{Durability, FolderOptions, ObjectOptions, SqliteOptions, Verified};
use pyo3::PyClass;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::{AnyBlobs, BlobStore};
use crate::bridge::ToPy;
use crate::options::{self, about, duration};
use crate::remote;
use crate::text::{host_path, shown_url};

/// An object of a subclass, over a store that is at hand at once.
fn near<T>(kind: T, store: AnyBlobs, place: Option<String>) -> PyClassInitializer<T>
where
    T: PyClass<BaseType = BlobStore>,
{
    PyClassInitializer::from(BlobStore::new(store, false, place)).add_subclass(kind)
}

/// Keeps each content as a file of its own, `ab/cdef…` for the digest abcdef….
///
/// Any number of processes may share the folder. With `compress`, a zstd level of 1 to 22, files are
/// compressed where that makes them smaller.
#[pyclass(frozen, extends = BlobStore, module = "gitlade")]
pub(crate) struct FolderBlobs;

#[pymethods]
impl FolderBlobs {
    #[new]
    #[pyo3(signature = (folder, *, durability = None, compress = None, read_only = false))]
    fn new(
        py: Python<'_>,
        folder: &Bound<'_, PyAny>,
        durability: Option<&Bound<'_, PyAny>>,
        compress: Option<i32>,
        read_only: bool,
    ) -> PyResult<PyClassInitializer<Self>> {
        let folder = host_path(folder)?;
        let options = FolderOptions::default()
            .durability(durability.map_or(Ok(Durability::default()), options::durability)?)
            .compress(compress)
            .read_only(read_only);
        let place = folder.display().to_string();
        let store = py.detach(|| gitlade::FolderBlobs::open_with(folder, &options));
        Ok(near(FolderBlobs, Arc::new(store.py(py)?), Some(place)))
    }
}

/// Keeps contents in a table of an SQLite database, which may be one of the host's own.
///
/// Large ones are in pieces, in a second table with `_chunks` after its name.
#[pyclass(frozen, extends = BlobStore, module = "gitlade")]
pub(crate) struct SqliteBlobs;

#[pymethods]
impl SqliteBlobs {
    #[new]
    #[pyo3(signature = (
        database, *, table = "blobs", durability = None, busy_timeout = None, read_only = false
    ))]
    fn new(
        py: Python<'_>,
        database: &Bound<'_, PyAny>,
        table: &str,
        durability: Option<&Bound<'_, PyAny>>,
        busy_timeout: Option<&Bound<'_, PyAny>>,
        read_only: bool,
    ) -> PyResult<PyClassInitializer<Self>> {
        let file = host_path(database)?;
        let mut options = SqliteOptions::default()
            .table(table)
            .durability(durability.map_or(Ok(Durability::default()), options::durability)?)
            .read_only(read_only);
        if let Some(timeout) = busy_timeout {
            options = options.busy_timeout(duration(timeout)?);
        }
        let place = file.display().to_string();
        let store = py.detach(|| gitlade::SqliteBlobs::open_with(file, &options));
        Ok(near(SqliteBlobs, Arc::new(store.py(py)?), Some(place)))
    }
}

/// Keeps contents in memory, for as long as it lives.
#[pyclass(frozen, extends = BlobStore, module = "gitlade")]
pub(crate) struct MemoryBlobs;

#[pymethods]
impl MemoryBlobs {
    #[new]
    fn new() -> PyClassInitializer<Self> {
        near(MemoryBlobs, Arc::new(gitlade::MemoryBlobs::new()), None)
    }
}

/// Keeps text in one store and binary in another, such as a database and a folder, and finds either.
#[pyclass(frozen, extends = BlobStore, module = "gitlade")]
pub(crate) struct SplitBlobs;

#[pymethods]
impl SplitBlobs {
    #[new]
    #[pyo3(signature = (*, text, binary))]
    fn new(
        text: &Bound<'_, BlobStore>,
        binary: &Bound<'_, BlobStore>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let (text, binary) = (text.get(), binary.get());
        let is_far = text.is_far || binary.is_far;
        let store = gitlade::SplitBlobs::new(Arc::clone(text.get()?), Arc::clone(binary.get()?));
        let base = BlobStore::new(Arc::new(store), is_far, None);
        Ok(PyClassInitializer::from(base).add_subclass(SplitBlobs))
    }
}

/// Checks all content that goes into another store or comes out of it by its digest.
#[pyclass(frozen, extends = BlobStore, module = "gitlade")]
pub(crate) struct VerifiedBlobs;

#[pymethods]
impl VerifiedBlobs {
    #[new]
    fn new(store: &Bound<'_, BlobStore>) -> PyResult<PyClassInitializer<Self>> {
        let (is_far, place) = (store.get().is_far, store.get().place.clone());
        let store = Verified::new(Arc::clone(store.get().get()?));
        let base = BlobStore::new(Arc::new(store), is_far, place);
        Ok(PyClassInitializer::from(base).add_subclass(VerifiedBlobs))
    }
}

/// Keeps each content as an object of a service: S3, Google Cloud Storage, Azure, or what speaks like
/// them.
///
/// `settings` are those of the Rust crate object_store, such as aws_access_key_id; the environment is
/// not read. Nothing is asked of the service when it is opened.
#[pyclass(frozen, extends = BlobStore, module = "gitlade")]
pub(crate) struct ObjectBlobs;

#[pymethods]
impl ObjectBlobs {
    #[new]
    #[pyo3(signature = (url, settings = None, **options))]
    fn new(
        py: Python<'_>,
        url: &str,
        settings: Option<&Bound<'_, PyDict>>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let mut given = Vec::new();
        for (name, value) in settings.into_iter().flatten() {
            let name: String = name.extract()?;
            let value = value.extract::<String>();
            let value =
                value.map_err(|raised| about(&format!("settings[{name:?}]"), raised, py))?;
            given.push((name, value));
        }
        let given: Vec<_> = given
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        let mut chosen = ObjectOptions::default();
        for (key, value) in options.into_iter().flatten() {
            let key: String = key.extract()?;
            set(&mut chosen, &key, &value).map_err(|raised| about(&key, raised, py))?;
        }
        let store = py.detach(|| gitlade::ObjectBlobs::open_with(url, &given, &chosen));
        let base = BlobStore::new(Arc::new(store.py(py)?), true, Some(shown_url(url)));
        Ok(PyClassInitializer::from(base).add_subclass(ObjectBlobs))
    }
}

fn set(options: &mut ObjectOptions, key: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    match key {
        "concurrency" => options.concurrency = value.extract()?,
        "part_size" => options.part_size = value.extract()?,
        "retries" => options.retries = value.extract()?,
        "retry_timeout" => options.retry_timeout = duration(value)?,
        "connect_timeout" => options.connect_timeout = duration(value)?,
        "stall_timeout" => options.stall_timeout = duration(value)?,
        "ca_certificates" => options.ca_certificates = remote::pems(value)?,
        "durability" => options.durability = options::durability(value)?,
        _ => return Err(options::unexpected(key)),
    }
    Ok(())
}
