//! Stores: a folder with a database and files.

use std::path::PathBuf;
use std::time::Duration;

use gitlade::{
    CheckOptions, Control, GcOptions, ImportFilter, ImportId, RepairOptions, Sort, Status,
    StoreOptions,
};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::bridge::{ToPy, json, word};
use crate::control::Cancel;
use crate::manifest::Manifest;
use crate::options::{self, about, choice, durability, duration, unknown};
use crate::process::{Home, Own};
use crate::task;
use crate::text::host_path;

/// A folder that keeps imports: `gitlade.db`, which is SQLite and made to be read by the host, and
/// `blobs/`. Any number of threads and processes may share it.
#[pyclass(frozen, module = "gitlade._gitlade", name = "Store", weakref)]
pub(crate) struct Store {
    store: Own<gitlade::Store>,
    home: Home,
}

impl Store {
    pub(crate) fn get(&self) -> PyResult<&gitlade::Store> {
        self.home.check("the store")?;
        Ok(&self.store)
    }
}

#[pymethods]
impl Store {
    #[new]
    fn new(
        py: Python<'_>,
        folder: &Bound<'_, PyAny>,
        keywords: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        let folder = host_path(folder)?;
        let options = store_options(keywords)?;
        let store = py.detach(|| gitlade::Store::open_with(folder, &options));
        Ok(Store {
            store: Own::new(store.py(py)?),
            home: Home::here(),
        })
    }

    /// The folder.
    fn folder(&self) -> PathBuf {
        self.store.folder().to_owned()
    }

    /// The database, for the host's own queries.
    fn database(&self) -> PathBuf {
        self.store.database().to_owned()
    }

    /// The manifest of a complete import, with its content.
    fn manifest(&self, py: Python<'_>, id: u64) -> PyResult<Manifest> {
        let store = self.get()?;
        let list = py.detach(|| store.manifest(ImportId(id))).py(py)?;
        Ok(Manifest::of_store(store.clone(), ImportId(id), list))
    }

    /// What the registry has of an import, as JSON.
    fn record(&self, py: Python<'_>, id: u64) -> PyResult<String> {
        let store = self.get()?;
        json(&py.detach(|| store.import_record(ImportId(id))).py(py)?)
    }

    /// What happened to an import, as JSON.
    fn log(&self, py: Python<'_>, id: u64) -> PyResult<String> {
        let store = self.get()?;
        json(&py.detach(|| store.log(ImportId(id))).py(py)?)
    }

    /// The imports that a filter lets through, as JSON, and how many there are in all.
    fn imports(&self, py: Python<'_>, keywords: &Bound<'_, PyDict>) -> PyResult<(String, u64)> {
        let (store, filter) = (self.get()?, filter(keywords)?);
        let page = py.detach(|| store.imports(&filter)).py(py)?;
        Ok((json(&page.items)?, page.total))
    }

    /// Checks everything, and gives the report as JSON, with whether it is clean.
    fn check(
        &self,
        py: Python<'_>,
        cancel: Option<&Bound<'_, Cancel>>,
    ) -> PyResult<(String, bool)> {
        let (store, control) = (self.get()?.clone(), control(cancel));
        let switch = control.cancel.clone();
        let options = CheckOptions::default();
        let report = task::run(py, &switch, move || store.check(&options, &control))?;
        Ok((json(&report)?, report.is_clean()))
    }

    /// Removes what no import uses, and gives the report as JSON.
    fn gc(
        &self,
        py: Python<'_>,
        dry_run: bool,
        min_age: &Bound<'_, PyAny>,
        vacuum: bool,
        cancel: Option<&Bound<'_, Cancel>>,
    ) -> PyResult<String> {
        let (store, control) = (self.get()?.clone(), control(cancel));
        let switch = control.cancel.clone();
        let options = GcOptions::default()
            .dry_run(dry_run)
            .min_age(duration(min_age)?)
            .vacuum(vacuum);
        json(&task::run(py, &switch, move || {
            store.gc(&options, &control)
        })?)
    }

    /// Puts right what is wrong, and gives the report as JSON; `keywords` are those of an import by
    /// which what is damaged is read again.
    fn repair(
        &self,
        py: Python<'_>,
        keywords: Option<&Bound<'_, PyDict>>,
        cancel: Option<&Bound<'_, Cancel>>,
    ) -> PyResult<String> {
        let (store, control) = (self.get()?.clone(), control(cancel));
        let switch = control.cancel.clone();
        let fetch = keywords.map(options::read).transpose()?;
        let options = RepairOptions::default().fetch(fetch);
        json(&task::run(py, &switch, move || {
            store.repair(&options, &control)
        })?)
    }

    /// What the store has, as JSON.
    fn stats(&self, py: Python<'_>) -> PyResult<String> {
        let store = self.get()?;
        json(&py.detach(|| store.stats()).py(py)?)
    }

    /// Forgets an import that has ended.
    fn remove(&self, py: Python<'_>, id: u64) -> PyResult<()> {
        let store = self.get()?;
        py.detach(|| store.remove(ImportId(id))).py(py)
    }
}

/// The strings of one piece of work.
fn control(cancel: Option<&Bound<'_, Cancel>>) -> Control {
    let mut control = Control::new();
    if let Some(given) = cancel {
        control.cancel = given.get().switch.clone();
    }
    control
}

fn store_options(keywords: &Bound<'_, PyDict>) -> PyResult<StoreOptions> {
    let mut options = StoreOptions::default();
    for (key, value) in keywords {
        let key: String = key.extract()?;
        if value.is_none() {
            continue;
        }
        let mut set = || -> PyResult<()> {
            match key.as_str() {
                "read_only" => options.read_only = value.extract()?,
                "max_text" => options.max_text = value.extract()?,
                "large_file" => options.large_file = value.extract()?,
                "compress" => options.compress = Some(value.extract()?),
                "busy_timeout" => options.busy_timeout = duration(&value)?,
                "durability" => options.durability = durability(&value)?,
                _ => return Err(unknown(value.py(), &key)),
            }
            Ok(())
        };
        set().map_err(|raised| about(&key, raised, value.py()))?;
    }
    Ok(options)
}

/// Reads which imports are listed.
pub(crate) fn filter(keywords: &Bound<'_, PyDict>) -> PyResult<ImportFilter> {
    let mut filter = ImportFilter::default();
    for (key, value) in keywords {
        let key: String = key.extract()?;
        if !value.is_none() {
            one(&mut filter, &key, &value).map_err(|raised| about(&key, raised, value.py()))?;
        }
    }
    Ok(filter)
}

fn one(filter: &mut ImportFilter, key: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    match key {
        "tenant" => filter.tenant = Some(value.extract()?),
        "owner" => filter.owner = Some(value.extract()?),
        "repository" => filter.repository = Some(value.extract()?),
        "source" => filter.source = Some(value.extract()?),
        "status" => {
            let names: Vec<&str> = Status::ALL.iter().map(|status| status.name()).collect();
            if value.is_instance_of::<PyString>() {
                filter.statuses = vec![Status::ALL[choice(key, value, &names)?]];
                return Ok(());
            }
            for status in value.try_iter()? {
                filter
                    .statuses
                    .push(Status::ALL[choice(key, &status?, &names)?]);
            }
        }
        "since" => filter.since = Some(value.extract()?),
        "until" => filter.until = Some(value.extract()?),
        "sort" => {
            let sorts = [
                Sort::Created,
                Sort::Updated,
                Sort::Repository,
                Sort::Bytes,
                Sort::Files,
            ];
            let names: Vec<String> = sorts.iter().map(word).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            filter.sort = sorts[choice(key, value, &names)?];
        }
        "ascending" => filter.ascending = value.extract()?,
        "offset" => filter.offset = value.extract()?,
        "limit" => filter.limit = value.extract()?,
        _ => return Err(unknown(value.py(), key)),
    }
    Ok(())
}

/// Waits in pieces, and hears signals between them.
pub(crate) const SLICE: Duration = Duration::from_millis(20);
