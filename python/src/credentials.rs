//! Tokens, passwords, and the function that finds them.

use gitlade::{CredentialProvider, RemoteOptions};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::callback;

/// What a server is shown to let an import in. It is never printed, and cannot be pickled.
#[pyclass(frozen, module = "gitlade")]
#[derive(Clone)]
pub(crate) struct Credentials {
    credentials: gitlade::Credentials,
}

impl Credentials {
    pub(crate) fn of_token(token: String) -> gitlade::Credentials {
        gitlade::Credentials::token(token)
    }
}

#[pymethods]
impl Credentials {
    /// A token, sent as the password of `user`: "oauth2" for GitLab, "x-token-auth" for Bitbucket.
    #[staticmethod]
    #[pyo3(signature = (token, *, user = None))]
    fn token(token: String, user: Option<String>) -> Self {
        match user {
            Some(user) => gitlade::Credentials::token_as(user, token),
            None => gitlade::Credentials::token(token),
        }
        .into()
    }

    /// A token, sent as "Authorization: Bearer".
    #[staticmethod]
    fn bearer(token: String) -> Self {
        gitlade::Credentials::bearer(token).into()
    }

    /// A user and a password, sent as they are.
    #[staticmethod]
    fn password(user: String, password: String) -> Self {
        gitlade::Credentials::password(user, password).into()
    }

    /// The same, held back until the server asks, as Git does.
    fn when_asked(&self) -> Self {
        self.credentials.clone().when_asked().into()
    }

    fn __repr__(&self) -> &'static str {
        "<gitlade.Credentials ***>"
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err("credentials are not pickled"))
    }
}

impl From<gitlade::Credentials> for Credentials {
    fn from(credentials: gitlade::Credentials) -> Self {
        Credentials { credentials }
    }
}

/// What a server asks credentials for.
#[pyclass(frozen, get_all, module = "gitlade")]
pub(crate) struct CredentialRequest {
    /// The repository's URL, without credentials. After a redirect it is the target's.
    url: String,
    /// The scheme of the server that asks.
    scheme: &'static str,
    /// The host that asks.
    host: String,
    /// The port that asks.
    port: u16,
    /// What the server calls the area that it guards.
    realm: Option<String>,
    /// 1 for the first time; 2 and 3 if the server refused the earlier answers.
    attempt: u32,
}

#[pymethods]
impl CredentialRequest {
    fn __repr__(&self) -> String {
        format!(
            "<gitlade.CredentialRequest {} attempt {}>",
            self.url, self.attempt
        )
    }
}

/// Takes credentials as they are, or the function that finds them.
pub(crate) fn set(options: &mut RemoteOptions, value: &Bound<'_, PyAny>) -> PyResult<()> {
    if let Ok(given) = value.cast::<Credentials>() {
        options.credentials = Some(given.get().credentials.clone());
        return Ok(());
    }
    if !value.is_callable() {
        return Err(PyTypeError::new_err(
            "credentials are a gitlade.Credentials, or a function that finds them",
        ));
    }
    *options = std::mem::take(options).credential_provider(Finder(value.clone().unbind()));
    Ok(())
}

/// The function that finds credentials, if `value` is one.
pub(crate) fn finder(value: &Bound<'_, PyAny>) -> Option<impl CredentialProvider + use<>> {
    let is_function = value.is_callable() && !value.is_instance_of::<Credentials>();
    is_function.then(|| Finder(value.clone().unbind()))
}

/// A function of Python that finds credentials when a server asks.
struct Finder(Py<PyAny>);

impl CredentialProvider for Finder {
    fn find(&self, request: &gitlade::CredentialRequest) -> Option<gitlade::Credentials> {
        let request = CredentialRequest {
            url: request.url.clone(),
            scheme: request.scheme.name(),
            host: request.host.to_bare_string(),
            port: request.port,
            realm: request.realm.clone(),
            attempt: request.attempt,
        };
        callback::ask(&self.0, |find| {
            let found = find.call1((request,))?;
            if found.is_none() {
                return Ok(None);
            }
            if let Ok(token) = found.cast::<PyString>() {
                return Ok(Some(Credentials::of_token(token.extract()?)));
            }
            match found.cast::<Credentials>() {
                Ok(found) => Ok(Some(found.get().credentials.clone())),
                // The error of the cast would show the value, which may be the secret.
                Err(_) => Err(PyTypeError::new_err(
                    "the function gives a gitlade.Credentials, a token, or None",
                )),
            }
        })
        .flatten()
    }
}
