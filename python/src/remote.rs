//! How a server is reached, from a dictionary.

use std::time::Duration;

use gitlade::{ClientCertificate, HostKeys, Proxy, RemoteOptions, Roots, SshOptions, Timeouts};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use crate::bridge::ToPy;
use crate::options::{about, choice, duration, unknown};
use crate::text::host_path;

/// Reads what `RemoteOptions` in `gitlade/options.py` describes.
pub(crate) fn set(options: &mut RemoteOptions, given: &Bound<'_, PyDict>) -> PyResult<()> {
    each(given, |key, value| one(options, key, value))
}

fn one(options: &mut RemoteOptions, key: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = value.py();
    match key {
        "timeouts" => timeouts(&mut options.timeouts, value)?,
        "retries" => options.retries = value.extract()?,
        "proxy" => options.proxy = Some(Proxy::parse(&value.extract::<String>()?).py(py)?),
        "roots" => {
            options.roots = match choice(key, value, &["bundled", "system", "none"])? {
                0 => Roots::Bundled,
                1 => Roots::System,
                _ => Roots::None,
            }
        }
        "ca_certificates" => options.ca_certificates = pems(value)?,
        "user_agent" => options.user_agent = Some(value.extract()?),
        "client_certificate" => {
            let (chain, key): (Bound<'_, PyAny>, Bound<'_, PyAny>) = value.extract()?;
            let certificate = ClientCertificate::from_pem(pem(&chain)?, pem(&key)?);
            options.client_certificate = Some(certificate.py(py)?);
        }
        "plain_http_credentials" => options.plain_http_credentials = value.extract()?,
        "https_for_ssh" => options.https_for_ssh = value.extract()?,
        "ssh" => ssh(&mut options.ssh, value.cast::<PyDict>()?)?,
        "depth" => options.depth = value.extract()?,
        "max_redirects" => options.max_redirects = value.extract()?,
        _ => return Err(unknown(py, key)),
    }
    Ok(())
}

/// One number is the time for the whole.
fn timeouts(timeouts: &mut Timeouts, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let Ok(given) = value.cast::<PyDict>() else {
        timeouts.total = Some(duration(value)?);
        return Ok(());
    };
    each(given, |key, value| {
        let slot: &mut Duration = match key {
            "lookup" => &mut timeouts.lookup,
            "connect" => &mut timeouts.connect,
            "stall" => &mut timeouts.stall,
            "min_rate_window" => &mut timeouts.min_rate_window,
            "min_rate" => {
                timeouts.min_rate = value.extract()?;
                return Ok(());
            }
            "total" => {
                timeouts.total = Some(duration(value)?);
                return Ok(());
            }
            _ => return Err(unknown(value.py(), key)),
        };
        *slot = duration(value)?;
        Ok(())
    })
}

fn ssh(options: &mut SshOptions, given: &Bound<'_, PyDict>) -> PyResult<()> {
    each(given, |key, value| {
        match key {
            "program" => options.program = host_path(value)?,
            "key" => options.key = Some(host_path(value)?),
            "known_hosts" => options.known_hosts = Some(host_path(value)?),
            "host_keys" => {
                options.host_keys = match choice(key, value, &["strict", "accept-new"])? {
                    0 => HostKeys::Strict,
                    _ => HostKeys::AcceptNew,
                }
            }
            "use_config" => options.use_config = value.extract()?,
            _ => return Err(unknown(value.py(), key)),
        }
        Ok(())
    })
}

/// Several certificates.
pub(crate) fn pems(value: &Bound<'_, PyAny>) -> PyResult<Vec<Vec<u8>>> {
    value.try_iter()?.map(|item| pem(&item?)).collect()
}

/// Certificates or a key: the text itself, or the path of a file.
fn pem(value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    if let Ok(text) = value.cast::<PyString>()
        && text.to_str()?.contains("-----BEGIN")
    {
        return Ok(text.to_str()?.as_bytes().to_vec());
    }
    let file = host_path(value)?;
    std::fs::read(&file).map_err(|error| match error.raw_os_error() {
        Some(number) => pyo3::exceptions::PyOSError::new_err((number, error.to_string(), file)),
        None => error.into(),
    })
}

/// Goes through what is set in a dictionary, and names the key in what is wrong.
fn each<'py>(
    given: &Bound<'py, PyDict>,
    mut set: impl FnMut(&str, &Bound<'py, PyAny>) -> PyResult<()>,
) -> PyResult<()> {
    for (key, value) in given {
        let key: String = key.extract()?;
        if !value.is_none() {
            set(&key, &value).map_err(|raised| about(&key, raised, value.py()))?;
        }
    }
    Ok(())
}
