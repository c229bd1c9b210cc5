//! Errors as objects of the host.

use std::error::Error as _;

use crate::boundary::{self, Failure};
use crate::give;
use crate::status::gitlade_status;
use crate::text::gitlade_str;

/// Causes of a cause that are told; nobody reads more.
const MAX_CAUSES: usize = 32;

/// Why something failed: a status, a message, advice, what it is about, and causes.
///
/// It holds no secrets, and no control characters that come from a repository or a server. All its
/// texts end in a NUL that their length does not count.
#[derive(Debug)]
pub struct gitlade_error {
    status: gitlade_status,
    message: Text,
    advice: Option<Text>,
    file: Option<Text>,
    path: Option<Text>,
    url: Option<Text>,
    object_id: Option<Text>,
    limit: Option<Text>,
    causes: Vec<Text>,
}

/// Bytes with a NUL behind them.
#[derive(Debug)]
struct Text(Vec<u8>);

impl Text {
    fn new(text: impl Into<Vec<u8>>) -> Self {
        let mut text = text.into();
        text.push(0);
        Text(text)
    }

    fn get(&self) -> gitlade_str {
        gitlade_str::of(&self.0[..self.0.len() - 1])
    }
}

impl gitlade_error {
    pub(crate) fn new(failure: Failure) -> Self {
        let status = failure.status();
        match failure {
            Failure::Core(error) => Self::of_core(&error),
            Failure::Argument(message) => Self::plain(
                status,
                message,
                "this is a defect of the program that calls gitlade: see gitlade.h",
            ),
            Failure::Told {
                message, advice, ..
            } => Self::plain(status, message, advice),
            Failure::End | Failure::Pending => Self::plain(status, status.name().to_owned(), ""),
        }
    }

    fn plain(status: gitlade_status, message: String, advice: &str) -> Self {
        gitlade_error {
            status,
            message: Text::new(message),
            advice: (!advice.is_empty()).then(|| Text::new(advice)),
            file: None,
            path: None,
            url: None,
            object_id: None,
            limit: None,
            causes: Vec::new(),
        }
    }

    fn of_core(error: &gitlade::Error) -> Self {
        let mut causes = Vec::new();
        let mut cause = error.source();
        while let Some(told) = cause
            && causes.len() < MAX_CAUSES
        {
            causes.push(Text::new(told.to_string()));
            cause = told.source();
        }
        gitlade_error {
            status: gitlade_status::of(error.kind()),
            message: Text::new(error.to_string()),
            advice: error.advice().map(|advice| Text::new(advice.into_owned())),
            file: error
                .file()
                .map(|file| Text::new(file.as_os_str().as_encoded_bytes())),
            path: error.path().map(Text::new),
            url: error.url().map(Text::new),
            object_id: error.object().map(|id| Text::new(id.to_string())),
            limit: error.limit().map(Text::new),
            causes,
        }
    }

    pub(crate) fn into_raw(self) -> *mut gitlade_error {
        give::handle(self)
    }
}

/// Asks an error for one of its texts.
fn text_of(
    error: Option<&gitlade_error>,
    of: impl Fn(&gitlade_error) -> Option<&Text>,
) -> gitlade_str {
    boundary::value(gitlade_str::NONE, || {
        error.and_then(&of).map_or(gitlade_str::NONE, Text::get)
    })
}

/// The status, the same that the function returned.
///
/// `error` may be NULL, which is `GITLADE_STATUS_OK`.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_error_status(error: Option<&gitlade_error>) -> gitlade_status {
    boundary::value(gitlade_status::Internal, || {
        error.map_or(gitlade_status::Ok, |error| error.status)
    })
}

/// What happened, as a part of a sentence in English.
///
/// `error` may be NULL, which has no texts. The text lives as long as the error, as all its texts do.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_error_message(error: Option<&gitlade_error>) -> gitlade_str {
    text_of(error, |error| Some(&error.message))
}

/// What the user can do about it, or NULL.
///
/// `error` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_error_advice(error: Option<&gitlade_error>) -> gitlade_str {
    text_of(error, |error| error.advice.as_ref())
}

/// The file or folder on the host's disk that it is about, or NULL.
///
/// `error` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_error_file(error: Option<&gitlade_error>) -> gitlade_str {
    text_of(error, |error| error.file.as_ref())
}

/// The path inside the repository that it is about, or NULL. It is as it stands there, and may hold
/// anything but NUL.
///
/// `error` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_error_path(error: Option<&gitlade_error>) -> gitlade_str {
    text_of(error, |error| error.path.as_ref())
}

/// The URL that it is about, without credentials, or NULL.
///
/// `error` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_error_url(error: Option<&gitlade_error>) -> gitlade_str {
    text_of(error, |error| error.url.as_ref())
}

/// The object that it is about, in hex, or NULL.
///
/// `error` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_error_object_id(error: Option<&gitlade_error>) -> gitlade_str {
    text_of(error, |error| error.object_id.as_ref())
}

/// The name of the limit that was reached, as `gitlade_limits_set` takes it, or NULL.
///
/// `error` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_error_limit(error: Option<&gitlade_error>) -> gitlade_str {
    text_of(error, |error| error.limit.as_ref())
}

/// How many causes there are.
///
/// `error` may be NULL, which has none.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_error_cause_count(error: Option<&gitlade_error>) -> usize {
    boundary::value(0, || error.map_or(0, |error| error.causes.len()))
}

/// The message of a cause, from the nearest (0) to the root, or NULL if there are not as many.
///
/// `error` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_error_cause(error: Option<&gitlade_error>, index: usize) -> gitlade_str {
    text_of(error, |error| error.causes.get(index))
}

/// Frees an error.
///
/// `error` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_error_free(error: *mut gitlade_error) {
    boundary::value((), || give::free(error));
}

/// The name of a status in `snake_case`, for logs and databases: a constant; `unknown` for
/// numbers that are none.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_status_name(status: i32) -> gitlade_str {
    boundary::value(gitlade_str::NONE, || {
        let name = gitlade_status::from_code(status).map_or("unknown", gitlade_status::name);
        gitlade_str::of(name.as_bytes())
    })
}

/// What a status means, in a sentence: a constant; NULL for numbers that are none.
#[unsafe(no_mangle)]
pub extern "C" fn gitlade_status_description(status: i32) -> gitlade_str {
    boundary::value(gitlade_str::NONE, || {
        match gitlade_status::from_code(status) {
            None => gitlade_str::NONE,
            Some(status) => gitlade_str::of(match status.kind() {
                Some(kind) => kind.description().as_bytes(),
                None => match status {
                    gitlade_status::Ok => b"It is done.",
                    gitlade_status::End => b"There is nothing more.",
                    gitlade_status::Pending => b"The work still runs.",
                    _ => b"The program that calls gitlade broke the contract.",
                },
            }),
        }
    })
}
