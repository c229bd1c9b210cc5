//! How the program ends when it fails: what it says, and with which code.

use std::error::Error as _;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use gitlade::{Error, ErrorKind, ImportId, Printable};

use crate::limits::option_name;

/// Exit code for a command line that cannot be understood.
pub(crate) const USAGE: u8 = 2;

/// Exit code after Ctrl-C, as shells give it to what SIGINT ends.
pub(crate) const INTERRUPTED: u8 = 130;

/// Exit code for a defect in the program.
pub(crate) const DEFECT: u8 = ErrorKind::Internal.code();

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
    hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Failure {
            code: code_of(kind),
            message: message.into(),
            hint: None,
        }
    }

    /// An end with a code alone, after all was said on standard output.
    pub(crate) fn silent(kind: ErrorKind) -> Self {
        Failure::new(kind, "")
    }

    /// The code to exit with.
    pub(crate) fn code(&self) -> u8 {
        self.code
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Puts what it is about before the message.
    pub(crate) fn about(mut self, what: &str) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// The operating system refuses to `action` the file: "cannot … FILE".
    pub(crate) fn of_file(action: &str, file: &Path, error: &io::Error) -> Self {
        let kind = ErrorKind::of_io(error);
        let failure = Failure::new(kind, format!("cannot {action} {}: {error}", quoted(file)));
        match kind {
            ErrorKind::StorageFull => {
                failure.hint("make room on the disk, or name a file on another one")
            }
            ErrorKind::PermissionDenied => {
                failure.hint("check the owner and the permissions of the file and its folder")
            }
            _ if error.kind() == io::ErrorKind::NotFound => {
                failure.hint("check the spelling, and that the folder exists")
            }
            _ => failure,
        }
    }

    pub(crate) fn cancelled() -> Self {
        Failure::new(ErrorKind::Cancelled, "cancelled")
    }

    /// The failure that stands in the record of an import.
    pub(crate) fn of_import(id: ImportId, failure: &gitlade::Failure) -> Self {
        // A newer version may know more kinds.
        let mut kinds = ErrorKind::ALL.iter();
        let kind = kinds.find(|kind| kind.name() == failure.kind);
        Failure {
            code: code_of(kind.copied().unwrap_or(ErrorKind::Internal)),
            message: failure.message.clone(),
            hint: Some(match &failure.advice {
                Some(advice) => format!("{advice}; then {}", restart(id)),
                None => restart(id),
            }),
        }
    }

    /// Says it on standard error, in one or two lines, and gives the code to exit with.
    pub(crate) fn report(&self) -> u8 {
        if self.message.is_empty() {
            return self.code;
        }
        let mut text = format!("gitlade: {}\n", one_line(&self.message));
        if let Some(hint) = &self.hint {
            let _ = writeln!(text, "  hint: {}", one_line(hint));
        }
        // Where not even that can be said, the code says it.
        let _ = io::stderr().write_all(text.as_bytes());
        self.code
    }
}

/// The message, its causes and the advice of an error of the library.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let _ = write!(message, ": {error}");
            cause = error.source();
        }
        let hint = match error.limit() {
            Some(limit) => Some(format!(
                "if the source is trusted, raise it with --{}",
                option_name(limit)
            )),
            None => error.advice().map(std::borrow::Cow::into_owned),
        };
        Failure {
            code: code_of(error.kind()),
            message,
            hint,
        }
    }
}

/// The exit code for a kind of error.
pub(crate) fn code_of(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Cancelled => INTERRUPTED,
        kind => kind.code(),
    }
}

/// A path of this machine, in quotes and without control characters.
pub(crate) fn quoted(path: &Path) -> String {
    format!("\"{}\"", Printable(path.as_os_str().as_encoded_bytes()))
}

/// Escapes what a terminal would act upon; causes come from the operating system and from other
/// libraries. Backslashes stay, since what the library escaped already has them.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for part in text.split_inclusive('\\') {
        let (part, backslash) = match part.strip_suffix('\\') {
            Some(part) => (part, "\\"),
            None => (part, ""),
        };
        let _ = write!(line, "{}{backslash}", Printable(part.as_bytes()));
    }
    line
}

/// Makes a panic say in two lines that it is a defect, rather than show a trace.
pub(crate) fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        let payload = info.payload();
        let what = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("no reason given");
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        Failure::new(
            ErrorKind::Internal,
            format!("this is a defect in gitlade: {what}, at {place}"),
        )
        .hint("please report it, with the command and, if you may, the repository")
        .report();
    }));
}

/// How an import of a store is begun again.
pub(crate) fn restart(id: ImportId) -> String {
    format!("\"gitlade restart {id}\" begins it again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_hold_no_controls_and_escapes_stay_as_they_are() {
        assert_eq!(one_line("a\nb\x1b[2J"), r"a\u{a}b\u{1b}[2J");
        assert_eq!(one_line(r"a\u{1b}\\b"), r"a\u{1b}\\b");
        assert_eq!(one_line("é\u{202e}"), r"é\u{202e}");
    }

    #[test]
    fn codes_collide_with_nothing() {
        for kind in ErrorKind::ALL {
            let code = code_of(*kind);
            assert!(code > USAGE, "{kind}");
            assert_eq!(code == INTERRUPTED, *kind == ErrorKind::Cancelled);
        }
    }

    #[test]
    fn causes_and_advice_of_the_library_are_told() {
        let options = gitlade::Options::default();
        let missing = "/nonexistent/repository";
        let error = gitlade::import_path(missing, &options, &gitlade::Control::new())
            .expect_err("there is no such folder");
        let failure = Failure::from(error);
        assert_eq!(failure.code, ErrorKind::NotARepository.code());
        assert!(failure.message.contains(missing), "{}", failure.message);
    }
}
