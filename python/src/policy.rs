//! Where connections may go.

use std::sync::Arc;

use gitlade::{AddressClass, ErrorKind, Scheme};
use pyo3::prelude::*;

use crate::callback;
use crate::errors;

/// Names of the classes of addresses, in the order of [`AddressClass::ALL`].
const CLASSES: [&str; 10] = [
    "public",
    "private",
    "shared",
    "loopback",
    "link-local",
    "metadata",
    "unspecified",
    "multicast",
    "documentation",
    "reserved",
];

/// Which schemes, ports and addresses may be dialled; the methods give a changed copy.
#[pyclass(frozen, module = "gitlade")]
#[derive(Clone)]
pub(crate) struct Policy {
    policy: gitlade::Policy,
}

#[pymethods]
impl Policy {
    /// The public internet, by https and http: for services that import what strangers name.
    #[staticmethod]
    fn public() -> Self {
        gitlade::Policy::public().into()
    }

    /// Private networks too, on any port; not this machine, nor a cloud's metadata.
    #[staticmethod]
    fn private() -> Self {
        gitlade::Policy::private().into()
    }

    /// Whatever the person at the keyboard names: all schemes, ports and addresses.
    #[staticmethod]
    fn person() -> Self {
        gitlade::Policy::person().into()
    }

    /// Allows a scheme ("https", "http", "ssh", "git") or forbids it.
    #[pyo3(signature = (scheme, allowed = true))]
    fn allow_scheme(&self, py: Python<'_>, scheme: &str, allowed: bool) -> PyResult<Self> {
        let found = Scheme::ALL.iter().find(|known| known.name() == scheme);
        let known = || Scheme::ALL.iter().map(|known| known.name()).collect();
        let found = found.ok_or_else(|| not_among(py, scheme, known()))?;
        Ok(self.policy.clone().allow_scheme(*found, allowed).into())
    }

    /// Allows one more port.
    fn allow_port(&self, port: u16) -> Self {
        self.policy.clone().allow_port(port).into()
    }

    /// Allows any port.
    fn allow_any_port(&self) -> Self {
        self.policy.clone().allow_any_port().into()
    }

    /// Allows a class of addresses ("private", "loopback" and so on) or forbids it.
    #[pyo3(signature = (addresses, allowed = true))]
    fn allow_addresses(&self, py: Python<'_>, addresses: &str, allowed: bool) -> PyResult<Self> {
        let place = CLASSES.iter().position(|name| *name == addresses);
        let place = place.ok_or_else(|| not_among(py, addresses, CLASSES.to_vec()))?;
        let class = AddressClass::ALL[place];
        Ok(self.policy.clone().allow_addresses(class, allowed).into())
    }

    /// Asks a function as well, for each address, after the rules have allowed it. It is called
    /// from another thread; what it raises denies.
    fn check_with(&self, check: Py<PyAny>) -> Self {
        let check = Arc::new(check);
        let asked = move |to: &gitlade::Destination<'_>| {
            let destination = Destination {
                scheme: to.scheme.name(),
                host: to.host.to_bare_string(),
                port: to.port,
                address: to.address.map(|address| address.to_string()),
            };
            callback::ask(&check, |check| check.call1((destination,))?.is_truthy()).unwrap_or(false)
        };
        self.policy.clone().check_with(asked).into()
    }

    fn __repr__(&self) -> String {
        format!("<gitlade.{:?}>", self.policy)
    }
}

impl From<gitlade::Policy> for Policy {
    fn from(policy: gitlade::Policy) -> Self {
        Policy { policy }
    }
}

/// Where a connection is about to go.
#[pyclass(frozen, get_all, module = "gitlade")]
pub(crate) struct Destination {
    /// The scheme of the URL, or of the redirect's target.
    scheme: &'static str,
    /// The host as the URL has it.
    host: String,
    /// The port that is dialled.
    port: u16,
    /// The address that is dialled; None if a proxy looks the name up.
    address: Option<String>,
}

#[pymethods]
impl Destination {
    fn __repr__(&self) -> String {
        let address = self.address.as_deref().unwrap_or("unknown");
        let Destination {
            scheme, host, port, ..
        } = self;
        format!("<gitlade.Destination {scheme}://{host}:{port} at {address}>")
    }
}

/// A policy, or the name of one.
pub(crate) fn read(value: &Bound<'_, PyAny>) -> PyResult<gitlade::Policy> {
    if let Ok(policy) = value.cast::<Policy>() {
        return Ok(policy.get().policy.clone());
    }
    let name: String = value.extract()?;
    Ok(match name.as_str() {
        "public" => gitlade::Policy::public(),
        "private" => gitlade::Policy::private(),
        "person" => gitlade::Policy::person(),
        _ => {
            let names = vec!["public", "private", "person"];
            return Err(not_among(value.py(), &name, names));
        }
    })
}

fn not_among(py: Python<'_>, name: &str, names: Vec<&str>) -> PyErr {
    let message = format!("{name:?} is none of {}", names.join(", "));
    errors::raise(py, ErrorKind::InvalidOptions, &message, None)
}
