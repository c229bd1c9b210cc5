//! Who asks.

use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;

use gitlade::{CredentialProvider, CredentialRequest, Credentials};

use crate::boundary::{self, Failure};
use crate::callback;
use crate::error::gitlade_error;
use crate::give;
use crate::status::gitlade_status;
use crate::structs::Versioned;
use crate::text::{self, gitlade_str};

/// What a server is shown to let an import in. It goes to one scheme, host and port only, is shown
/// nowhere, and is wiped from memory when it is freed. It never changes once it is used, and may then
/// be used from several threads at once.
#[derive(Clone)]
pub struct gitlade_credentials(pub(crate) Credentials);

fn give_made(
    out: give::Out<'_, gitlade_credentials>,
    credentials: Credentials,
) -> Result<(), Failure> {
    give::place("out", out)?.give(gitlade_credentials(credentials));
    Ok(())
}

/// Makes credentials of a token that is sent as the password of the user `x-access-token`, which
/// GitHub asks for and others accept. White space around it is not part of it.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_credentials_token(
    token: *const c_char,
    token_len: usize,
    out: Option<&mut MaybeUninit<*mut gitlade_credentials>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let token = text::required_text("token", token, token_len)?;
        give_made(out, Credentials::token(token))
    })
}

/// Makes credentials of a token that is sent as the password of `user`: `oauth2` for GitLab,
/// `x-token-auth` for Bitbucket.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_credentials_token_as(
    user: *const c_char,
    user_len: usize,
    token: *const c_char,
    token_len: usize,
    out: Option<&mut MaybeUninit<*mut gitlade_credentials>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let user = text::required_text("user", user, user_len)?;
        let token = text::required_text("token", token, token_len)?;
        give_made(out, Credentials::token_as(user, token))
    })
}

/// Makes credentials of a token that is sent as `Authorization: Bearer`.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_credentials_bearer(
    token: *const c_char,
    token_len: usize,
    out: Option<&mut MaybeUninit<*mut gitlade_credentials>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let token = text::required_text("token", token, token_len)?;
        give_made(out, Credentials::bearer(token))
    })
}

/// Makes credentials of a user and a password.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_credentials_password(
    user: *const c_char,
    user_len: usize,
    password: *const c_char,
    password_len: usize,
    out: Option<&mut MaybeUninit<*mut gitlade_credentials>>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let user = text::required_text("user", user, user_len)?;
        let password = text::required_text("password", password, password_len)?;
        give_made(out, Credentials::password(user, password))
    })
}

/// Holds credentials back until the server asks, as Git does. Otherwise they are sent with the first
/// request.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_credentials_when_asked(
    credentials: Option<&mut gitlade_credentials>,
    error: Option<&mut MaybeUninit<*mut gitlade_error>>,
) -> gitlade_status {
    boundary::status(error, || {
        let credentials = give::required_mut("credentials", credentials)?;
        credentials.0 = credentials.0.clone().when_asked();
        Ok(())
    })
}

/// Frees credentials. Imports that use them are not disturbed.
///
/// `credentials` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_credentials_free(credentials: *mut gitlade_credentials) {
    boundary::value((), || give::free(credentials));
}

/// What a server asks credentials for. The texts live as long as the callback runs.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_credential_request {
    /// `sizeof(gitlade_credential_request)` of the library.
    pub struct_size: usize,
    /// The repository's URL, without credentials; after a redirect it is the target's.
    pub url: gitlade_str,
    /// `https` or `http`.
    pub scheme: gitlade_str,
    /// The host that asks.
    pub host: gitlade_str,
    /// What the server calls the area that it guards, without control characters, or NULL.
    pub realm: gitlade_str,
    /// The port that asks.
    pub port: u32,
    /// 1 for the first time; 2 and 3 if the server refused the earlier answers.
    pub attempt: u32,
}

/// Finds credentials when a server asks for them.
///
/// The callbacks are called from any thread, one at a time for each import, and block the import.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_credential_provider {
    /// `sizeof(gitlade_credential_provider)`.
    pub struct_size: usize,
    /// Handed to the callbacks. Must live until the import has ended.
    pub context: *mut c_void,
    /// Answers a request with credentials, which then belong to the library, or with NULL to give up.
    pub find: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            request: *const gitlade_credential_request,
        ) -> *mut gitlade_credentials,
    >,
    /// Learns that the answer worked, so that it can be kept. May be NULL.
    pub approve: Option<
        unsafe extern "C" fn(context: *mut c_void, request: *const gitlade_credential_request),
    >,
    /// Learns that the server refused the answer, so that it can be forgotten. May be NULL.
    pub reject: Option<
        unsafe extern "C" fn(context: *mut c_void, request: *const gitlade_credential_request),
    >,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_credential_provider {
    const NAME: &'static str = "gitlade_credential_provider";
}

/// The host's table of callbacks, as the import sees it.
pub(crate) struct Provider(pub(crate) gitlade_credential_provider);

// SAFETY: the header says that the callbacks are called from any thread.
unsafe impl Send for Provider {}
// SAFETY: the header says that the callbacks are called from any thread; they are called one at a
// time for each import, and a host that shares a context between imports has to guard it.
unsafe impl Sync for Provider {}

impl Provider {
    /// Shows a request of the engine to a callback.
    fn show<T>(
        request: &CredentialRequest,
        call: impl FnOnce(*const gitlade_credential_request) -> T,
    ) -> T {
        let host = request.host.to_bare_string();
        let shown = gitlade_credential_request {
            struct_size: size_of::<gitlade_credential_request>(),
            url: gitlade_str::of(request.url.as_bytes()),
            scheme: gitlade_str::of(request.scheme.name().as_bytes()),
            host: gitlade_str::of(host.as_bytes()),
            realm: gitlade_str::of_option(request.realm.as_ref()),
            port: request.port.into(),
            attempt: request.attempt,
        };
        callback::call(|| call(&raw const shown))
    }
}

impl CredentialProvider for Provider {
    fn find(&self, request: &CredentialRequest) -> Option<Credentials> {
        let find = self.0.find?;
        // SAFETY: the header asks for a function of this type that takes the context.
        let found = Self::show(request, |request| unsafe { find(self.0.context, request) });
        // The header asks the callback for a handle of its own, which becomes ours.
        give::take(found).map(|found| found.0)
    }

    fn approve(&self, request: &CredentialRequest) {
        if let Some(approve) = self.0.approve {
            // SAFETY: as for `find`.
            Self::show(request, |request| unsafe {
                approve(self.0.context, request);
            });
        }
    }

    fn reject(&self, request: &CredentialRequest) {
        if let Some(reject) = self.0.reject {
            // SAFETY: as for `find`.
            Self::show(request, |request| unsafe {
                reject(self.0.context, request);
            });
        }
    }
}
