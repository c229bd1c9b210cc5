//! The options of an import, from the keywords of Python.

use std::time::Duration;

use gitlade::{Durability, ErrorKind, Limits, Options, Verify};
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use crate::bridge::ToPy;
use crate::credentials::{self, Credentials};
use crate::errors;
use crate::policy;
use crate::remote;
use crate::text::{host_path, to_bytes};

/// All caps: name, default and what each bounds.
#[pyfunction]
pub(crate) fn limits() -> Vec<(&'static str, u64, &'static str)> {
    let defaults = Limits::default();
    let one = |name: &&'static str| {
        let value = defaults.get(name).unwrap_or_default();
        (*name, value, Limits::description(name).unwrap_or_default())
    };
    Limits::NAMES.iter().map(one).collect()
}

/// Reads the keywords that say what is imported and how.
pub(crate) fn read(keywords: &Bound<'_, PyDict>) -> PyResult<Options> {
    let mut options = Options::default();
    for (key, value) in keywords {
        let key: String = key.extract()?;
        if !value.is_none() {
            set(&mut options, &key, &value).map_err(|raised| about(&key, raised, value.py()))?;
        }
    }
    Ok(options)
}

fn set(options: &mut Options, key: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = value.py();
    match key {
        "rev" => options.revision = Some(value.extract()?),
        "subdir" => {
            let folder = to_bytes(value)?;
            let folder = folder.strip_suffix(b"/").unwrap_or(&folder);
            options.subdir = Some(folder.to_vec());
        }
        "include" => options.include = patterns(value)?,
        "exclude" => options.exclude = patterns(value)?,
        "limits" => {
            for (name, value) in value.cast::<PyDict>()? {
                let name: String = name.extract()?;
                let value = value.extract().map_err(|raised| about(&name, raised, py))?;
                options.limits.set(&name, value).py(py)?;
            }
        }
        "threads" => options.threads = value.extract()?,
        "memory" => options.memory = value.extract()?,
        "allow_missing" => options.allow_missing = value.extract()?,
        "alternates" => options.alternates = value.extract()?,
        "verify" => {
            options.verify = match choice(key, value, &["checksums", "ids"])? {
                0 => Verify::Checksums,
                _ => Verify::Ids,
            }
        }
        "spool_dir" => options.spool_dir = Some(host_path(value)?),
        "policy" => options.remote.policy = policy::read(value)?,
        "token" => options.remote.credentials = Some(Credentials::of_token(value.extract()?)),
        "credentials" => credentials::set(&mut options.remote, value)?,
        "remote" => remote::set(&mut options.remote, value.cast::<PyDict>()?)?,
        _ => return Err(unknown(py, key)),
    }
    Ok(())
}

/// One pattern, or several.
fn patterns(value: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    if value.is_instance_of::<PyString>() {
        return Ok(vec![value.extract()?]);
    }
    if value.is_instance_of::<PyBytes>() {
        return Err(PyTypeError::new_err("patterns are text, not bytes"));
    }
    value.try_iter()?.map(|item| item?.extract()).collect()
}

/// The place of a word among those that are allowed.
pub(crate) fn choice(key: &str, value: &Bound<'_, PyAny>, words: &[&str]) -> PyResult<usize> {
    let word: String = value.extract()?;
    words
        .iter()
        .position(|other| *other == word)
        .ok_or_else(|| {
            let message = format!("{key} is {word:?}, and may be one of {}", words.join(", "));
            errors::raise(value.py(), ErrorKind::InvalidOptions, &message, None)
        })
}

/// When what is put survives a crash of the machine.
pub(crate) fn durability(value: &Bound<'_, PyAny>) -> PyResult<Durability> {
    let place = choice("durability", value, &["full", "deferred", "none"])?;
    Ok([Durability::Full, Durability::Deferred, Durability::None][place])
}

/// A span of time: seconds, or a `datetime.timedelta`.
pub(crate) fn duration(value: &Bound<'_, PyAny>) -> PyResult<Duration> {
    if let Ok(seconds) = value.extract::<f64>() {
        return Duration::try_from_secs_f64(seconds).map_err(|error| {
            let message = format!("{seconds} seconds is no span of time: {error}");
            errors::raise(value.py(), ErrorKind::InvalidOptions, &message, None)
        });
    }
    value.extract()
}

pub(crate) fn unknown(py: Python<'_>, key: &str) -> PyErr {
    let message = format!("there is no option called {key:?}");
    errors::raise(py, ErrorKind::InvalidOptions, &message, None)
}

/// What Python says of a keyword that a function does not take.
pub(crate) fn unexpected(key: &str) -> PyErr {
    PyTypeError::new_err(format!("got an unexpected keyword argument '{key}'"))
}

/// Says which option has a value of the wrong type or range.
pub(crate) fn about(key: &str, raised: PyErr, py: Python<'_>) -> PyErr {
    if raised.get_type(py).is(py.get_type::<PyTypeError>()) {
        return PyTypeError::new_err(format!("{key}: {}", raised.value(py)));
    }
    if raised.is_instance_of::<PyOverflowError>(py) {
        let message = format!("{key}: {}", raised.value(py));
        return errors::raise(py, ErrorKind::InvalidOptions, &message, None);
    }
    raised
}
