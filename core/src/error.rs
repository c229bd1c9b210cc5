//! What can go wrong, as one type with a stable kind.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::id::{ContentHash, ObjectId};
use crate::printable::Printable;

macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $text:literal;)*) => {
        /// The kinds of error, each with a number that never changes.
        ///
        /// The command line exits with the number; the codes of the C interface and the classes of
        /// the Python one follow from it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum ErrorKind {
            $($(#[doc = $doc])* $name = $code,)*
        }

        impl ErrorKind {
            /// All kinds, in the order of their numbers.
            pub const ALL: &'static [ErrorKind] = &[$(ErrorKind::$name),*];

            /// The name in `snake_case`, for logs, databases and JSON.
            pub const fn name(self) -> &'static str {
                match self {
                    $(ErrorKind::$name => $text,)*
                }
            }

            /// What it means, in a sentence or two: the text of this documentation.
            pub fn description(self) -> &'static str {
                match self {
                    $(ErrorKind::$name => concat!($($doc),*).trim_start(),)*
                }
            }
        }
    };
}

kinds! {
    /// An option has a value that makes no sense, or two contradict each other.
    InvalidOptions = 10, "invalid_options";
    /// The source is neither a path nor a URL that is understood.
    InvalidSource = 11, "invalid_source";
    /// There is no Git repository at the path.
    NotARepository = 12, "not_a_repository";
    /// The repository uses a format or an extension that is not supported.
    UnsupportedRepository = 13, "unsupported_repository";
    /// The repository's own files (configuration, refs, indexes) cannot be understood.
    CorruptRepository = 14, "corrupt_repository";
    /// `HEAD` names a branch that has no commit yet.
    UnbornHead = 15, "unborn_head";
    /// The revision names nothing.
    RevisionNotFound = 16, "revision_not_found";
    /// The revision names more than one object.
    RevisionAmbiguous = 17, "revision_ambiguous";
    /// The revision names something that is neither a commit nor a tree.
    RevisionNotATree = 18, "revision_not_a_tree";
    /// The imported tree has no such path.
    PathNotFound = 19, "path_not_found";
    /// The path is there, and is something else than what was asked for.
    PathIsOther = 20, "path_is_other";
    /// An object is not in the repository.
    MissingObject = 21, "missing_object";
    /// An object or a pack is damaged.
    CorruptObject = 22, "corrupt_object";
    /// A tree holds what could harm a host.
    HostileTree = 23, "hostile_tree";
    /// A cap of [`Limits`](crate::Limits) was reached.
    LimitExceeded = 24, "limit_exceeded";
    /// The host cancelled the work.
    Cancelled = 25, "cancelled";
    /// A file could not be read or written.
    Io = 26, "io";
    /// The operating system denies access to a file.
    PermissionDenied = 27, "permission_denied";
    /// A disk or a quota is full.
    StorageFull = 28, "storage_full";
    /// A manifest is cut off, altered or not a manifest.
    CorruptManifest = 29, "corrupt_manifest";
    /// A manifest and a repository differ.
    ManifestMismatch = 30, "manifest_mismatch";
    /// The file's content cannot be handed out in the form that was asked for.
    NotText = 31, "not_text";
    /// The file's content was skipped during the import.
    ContentSkipped = 32, "content_skipped";
    /// The host's own code failed: a sink, a store, a callback.
    Host = 33, "host";
    /// A store is not one, is damaged, or was written by a newer version.
    CorruptStore = 34, "corrupt_store";
    /// The store, or the import in it, is in use in a way that does not allow this.
    Busy = 35, "busy";
    /// The store has no import with this id.
    ImportNotFound = 36, "import_not_found";
    /// The policy does not allow the scheme, port or address.
    NotAllowed = 40, "not_allowed";
    /// The host's name has no address.
    HostNotFound = 41, "host_not_found";
    /// Nobody answers at the address.
    ConnectionFailed = 42, "connection_failed";
    /// No secure connection could be made.
    Tls = 43, "tls";
    /// The other side was silent or slow for too long, or the deadline has passed.
    Timeout = 44, "timeout";
    /// The server wants credentials and none were given.
    AuthenticationRequired = 45, "authentication_required";
    /// The server refused the credentials.
    AuthenticationFailed = 46, "authentication_failed";
    /// The credentials are right and do not suffice.
    AccessDenied = 47, "access_denied";
    /// The server has no such repository, or hides it.
    RepositoryNotFound = 48, "repository_not_found";
    /// What answers is not a Git server.
    NotAGitServer = 49, "not_a_git_server";
    /// The server failed.
    Server = 50, "server";
    /// The server asks to come back later.
    RateLimited = 51, "rate_limited";
    /// The server broke the protocol.
    Protocol = 52, "protocol";
    /// The pack that the server sent is damaged or incomplete.
    CorruptPack = 53, "corrupt_pack";
    /// The proxy refused or failed.
    Proxy = 54, "proxy";
    /// It is a repository of another version control system, such as Subversion.
    OtherSystem = 55, "other_system";
    /// A defect in gitlade.
    Internal = 70, "internal";
}

impl ErrorKind {
    /// The number, which never changes.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The kind with this number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The kind for an operation on a file that the operating system refused.
    pub fn of_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                ErrorKind::PermissionDenied
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorKind::StorageFull,
            _ => ErrorKind::Io,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Everything that gitlade can fail with.
///
/// The message says what happened, without control characters and secrets; [`advice`](Error::advice)
/// says what to do next; [`source`](std::error::Error::source) has the cause. Path, URL and object id
/// are there where they help.
pub struct Error(Box<dyn StageError>);

/// An error of one stage of the import, ready to become an [`Error`].
///
/// Each stage has an enum of its own beside its code; this is what they have in common.
pub(crate) trait StageError: std::error::Error + Send + Sync + 'static {
    /// The stable kind.
    fn kind(&self) -> ErrorKind;

    /// What the user can do about it.
    fn advice(&self) -> Option<Cow<'static, str>> {
        None
    }

    /// The file or folder on the host's disk that it is about.
    fn file(&self) -> Option<&Path> {
        None
    }

    /// The path inside the repository that it is about.
    fn path(&self) -> Option<&[u8]> {
        None
    }

    /// The URL that it is about, without credentials.
    fn url(&self) -> Option<&str> {
        None
    }

    /// The object that it is about.
    fn object(&self) -> Option<ObjectId> {
        None
    }

    /// The blob that it is about.
    fn digest(&self) -> Option<ContentHash> {
        None
    }

    /// The cap that was reached.
    fn limit(&self) -> Option<&'static str> {
        None
    }
}

impl Error {
    /// The stable kind, to branch on.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind()
    }

    /// What the user can do about it, as a sentence, where there is something to do.
    pub fn advice(&self) -> Option<Cow<'static, str>> {
        self.0.advice()
    }

    /// The file or folder on the host's disk that it is about.
    pub fn file(&self) -> Option<&Path> {
        self.0.file()
    }

    /// The path inside the repository that it is about.
    pub fn path(&self) -> Option<&[u8]> {
        self.0.path()
    }

    /// The URL that it is about, without credentials.
    pub fn url(&self) -> Option<&str> {
        self.0.url()
    }

    /// The object that it is about.
    pub fn object(&self) -> Option<ObjectId> {
        self.0.object()
    }

    /// The blob in a store that it is about.
    pub fn digest(&self) -> Option<ContentHash> {
        self.0.digest()
    }

    /// The name of the cap that was reached, as in [`Limits::NAMES`](crate::Limits::NAMES).
    pub fn limit(&self) -> Option<&'static str> {
        self.0.limit()
    }

    /// An error that needs no more than its kind and its text.
    pub(crate) fn message(kind: ErrorKind, text: impl Into<String>) -> Self {
        MessageError {
            kind,
            text: text.into(),
            advice: None,
        }
        .into()
    }

    /// An error of the host's own code, to be handed through an import: of a
    /// [`BlobSink`](crate::BlobSink), for instance. Its kind is [`ErrorKind::Host`], and `cause` is
    /// its [`source`](std::error::Error::source).
    pub fn host(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        HostError(cause.into()).into()
    }

    /// Like [`Error::message`], with what to do about it.
    pub(crate) fn advised(
        kind: ErrorKind,
        text: impl Into<String>,
        advice: impl Into<Cow<'static, str>>,
    ) -> Self {
        MessageError {
            kind,
            text: text.into(),
            advice: Some(advice.into()),
        }
        .into()
    }
}

impl<E: StageError> From<E> for Error {
    fn from(error: E) -> Self {
        Error(Box::new(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({}, {:?})", self.kind(), self.0)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct MessageError {
    kind: ErrorKind,
    text: String,
    advice: Option<Cow<'static, str>>,
}

impl StageError for MessageError {
    fn kind(&self) -> ErrorKind {
        self.kind
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        self.advice.clone()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the host's own code failed")]
struct HostError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl StageError for HostError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Host
    }
}

/// A cap of [`Limits`](crate::Limits) was reached.
#[derive(Debug, thiserror::Error)]
pub(crate) struct LimitError {
    name: &'static str,
    limit: u64,
    actual: Option<u64>,
    path: Option<Vec<u8>>,
    object: Option<ObjectId>,
}

impl LimitError {
    pub(crate) fn new(name: &'static str, limit: u64) -> Self {
        LimitError {
            name,
            limit,
            actual: None,
            path: None,
            object: None,
        }
    }

    pub(crate) fn actual(mut self, actual: u64) -> Self {
        self.actual = Some(actual);
        self
    }

    pub(crate) fn at_path(mut self, path: &[u8]) -> Self {
        self.path = Some(path.to_vec());
        self
    }

    pub(crate) fn at_object(mut self, object: ObjectId) -> Self {
        self.object = Some(object);
        self
    }
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the limit {} of {} is exceeded", self.name, self.limit)?;
        if let Some(actual) = self.actual {
            write!(f, ": {actual}")?;
        }
        if let Some(path) = &self.path {
            write!(f, ", at \"{}\"", Printable(path))?;
        }
        if let Some(object) = &self.object {
            write!(f, ", object {object}")?;
        }
        Ok(())
    }
}

impl StageError for LimitError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::LimitExceeded
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        Some(Cow::Owned(format!(
            "if the source is trusted, raise the limit {}",
            self.name
        )))
    }

    fn path(&self) -> Option<&[u8]> {
        self.path.as_deref()
    }

    fn object(&self) -> Option<ObjectId> {
        self.object
    }

    fn limit(&self) -> Option<&'static str> {
        Some(self.name)
    }
}

/// The operating system refused to do something with a file.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}", display_path(file))]
pub(crate) struct FileError {
    action: &'static str,
    file: PathBuf,
    source: io::Error,
}

impl FileError {
    /// `action` completes "cannot … FILE": "open", "read from", "write to".
    pub(crate) fn new(action: &'static str, file: impl Into<PathBuf>, source: io::Error) -> Self {
        FileError {
            action,
            file: file.into(),
            source,
        }
    }
}

/// A path of the host, in quotes and without control characters.
pub(crate) fn display_path(path: &Path) -> String {
    format!("\"{}\"", Printable(path.as_os_str().as_encoded_bytes()))
}

/// [`ErrorKind::of_io`], for the stages.
pub(crate) fn io_kind(error: &io::Error) -> ErrorKind {
    ErrorKind::of_io(error)
}

impl StageError for FileError {
    fn kind(&self) -> ErrorKind {
        io_kind(&self.source)
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        let advice = match self.kind() {
            ErrorKind::PermissionDenied => {
                "check the file's owner and permissions, and those of the folders above it"
            }
            ErrorKind::StorageFull => "make room on the disk, or name a folder on another one",
            _ => return None,
        };
        Some(Cow::Borrowed(advice))
    }

    fn file(&self) -> Option<&Path> {
        Some(&self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_unique_numbers_and_names() {
        for (index, kind) in ErrorKind::ALL.iter().enumerate() {
            assert_eq!(ErrorKind::from_code(kind.code()), Some(*kind));
            assert!(
                (10..100).contains(&kind.code()),
                "{kind} collides with a shell's exit codes"
            );
            for other in &ErrorKind::ALL[..index] {
                assert_ne!(kind.name(), other.name());
            }
        }
    }

    #[test]
    fn messages_hide_control_characters() {
        let error = FileError::new("open", "a\x1b[2Jb", io::Error::other("x"));
        assert_eq!(error.to_string(), r#"cannot open "a\u{1b}[2Jb""#);
    }
}
