//! What an exported function returns.

use gitlade::ErrorKind;

/// What a function came to.
///
/// The numbers never change. Those from 10 on are the kinds of error; `gitlade_status_name` names
/// them, and `gitlade_status_description` says what they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum gitlade_status {
    /// It is done, and all out-parameters are written.
    Ok = 0,
    /// There is nothing more, which is no error: an iterator is at its end, an index is behind the
    /// last element, a path is in no entry.
    End = 1,
    /// The host broke the contract: NULL where none may be, a wrong size of a struct, a number
    /// without a meaning, text that is not UTF-8.
    InvalidArgument = 2,
    /// The work still runs, which is no error.
    Pending = 3,
    /// An option has a value that makes no sense, or two contradict each other.
    InvalidOptions = 10,
    /// The source is neither a path nor a URL that is understood.
    InvalidSource = 11,
    /// There is no Git repository at the path.
    NotARepository = 12,
    /// The repository uses a format or an extension that is not supported.
    UnsupportedRepository = 13,
    /// The repository's own files (configuration, refs, indexes) cannot be understood.
    CorruptRepository = 14,
    /// `HEAD` names a branch that has no commit yet.
    UnbornHead = 15,
    /// The revision names nothing.
    RevisionNotFound = 16,
    /// The revision names more than one object.
    RevisionAmbiguous = 17,
    /// The revision names something that is neither a commit nor a tree.
    RevisionNotATree = 18,
    /// The imported tree has no such path.
    PathNotFound = 19,
    /// The path is there, and is something else than what was asked for.
    PathIsOther = 20,
    /// An object is not in the repository.
    MissingObject = 21,
    /// An object or a pack is damaged.
    CorruptObject = 22,
    /// A tree holds what could harm a host.
    HostileTree = 23,
    /// A cap of `gitlade_limits` was reached.
    LimitExceeded = 24,
    /// The host cancelled the work.
    Cancelled = 25,
    /// A file could not be read or written.
    Io = 26,
    /// The operating system denies access to a file.
    PermissionDenied = 27,
    /// A disk or a quota is full.
    StorageFull = 28,
    /// A manifest is cut off, altered or not a manifest.
    CorruptManifest = 29,
    /// A manifest and a repository differ.
    ManifestMismatch = 30,
    /// The file's content cannot be handed out in the form that was asked for.
    NotText = 31,
    /// The file's content was skipped during the import.
    ContentSkipped = 32,
    /// The host's own code failed: a sink, a store, a callback.
    Host = 33,
    /// A store is not one, is damaged, or was written by a newer version.
    CorruptStore = 34,
    /// The store, or the import in it, is in use in a way that does not allow this.
    Busy = 35,
    /// The store has no import with this id.
    ImportNotFound = 36,
    /// The policy does not allow the scheme, port or address.
    NotAllowed = 40,
    /// The host's name has no address.
    HostNotFound = 41,
    /// Nobody answers at the address.
    ConnectionFailed = 42,
    /// No secure connection could be made.
    Tls = 43,
    /// The other side was silent or slow for too long, or the deadline has passed.
    Timeout = 44,
    /// The server wants credentials and none were given.
    AuthenticationRequired = 45,
    /// The server refused the credentials.
    AuthenticationFailed = 46,
    /// The credentials are right and do not suffice.
    AccessDenied = 47,
    /// The server has no such repository, or hides it.
    RepositoryNotFound = 48,
    /// What answers is not a Git server.
    NotAGitServer = 49,
    /// The server failed.
    Server = 50,
    /// The server asks to come back later.
    RateLimited = 51,
    /// The server broke the protocol.
    Protocol = 52,
    /// The pack that the server sent is damaged or incomplete.
    CorruptPack = 53,
    /// The proxy refused or failed.
    Proxy = 54,
    /// It is a repository of another version control system, such as Subversion.
    OtherSystem = 55,
    /// A defect in gitlade, a panic among them.
    Internal = 70,
}

use gitlade_status as Status;

impl Status {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Status; 48] = [
        Status::Ok,
        Status::End,
        Status::InvalidArgument,
        Status::Pending,
        Status::InvalidOptions,
        Status::InvalidSource,
        Status::NotARepository,
        Status::UnsupportedRepository,
        Status::CorruptRepository,
        Status::UnbornHead,
        Status::RevisionNotFound,
        Status::RevisionAmbiguous,
        Status::RevisionNotATree,
        Status::PathNotFound,
        Status::PathIsOther,
        Status::MissingObject,
        Status::CorruptObject,
        Status::HostileTree,
        Status::LimitExceeded,
        Status::Cancelled,
        Status::Io,
        Status::PermissionDenied,
        Status::StorageFull,
        Status::CorruptManifest,
        Status::ManifestMismatch,
        Status::NotText,
        Status::ContentSkipped,
        Status::Host,
        Status::CorruptStore,
        Status::Busy,
        Status::ImportNotFound,
        Status::NotAllowed,
        Status::HostNotFound,
        Status::ConnectionFailed,
        Status::Tls,
        Status::Timeout,
        Status::AuthenticationRequired,
        Status::AuthenticationFailed,
        Status::AccessDenied,
        Status::RepositoryNotFound,
        Status::NotAGitServer,
        Status::Server,
        Status::RateLimited,
        Status::Protocol,
        Status::CorruptPack,
        Status::Proxy,
        Status::OtherSystem,
        Status::Internal,
    ];

    /// The status with the number of `kind`.
    pub(crate) fn of(kind: ErrorKind) -> Status {
        Self::from_code(i32::from(kind.code())).unwrap_or(Status::Internal)
    }

    pub(crate) fn from_code(code: i32) -> Option<Status> {
        Self::ALL.into_iter().find(|status| *status as i32 == code)
    }

    pub(crate) fn kind(self) -> Option<ErrorKind> {
        let code = u8::try_from(self as i32).ok()?;
        ErrorKind::from_code(code)
    }

    /// The name in `snake_case`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::End => "end",
            Status::InvalidArgument => "invalid_argument",
            Status::Pending => "pending",
            _ => self.kind().map_or("unknown", ErrorKind::name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_the_status_of_its_number_name_and_meaning() {
        for &kind in ErrorKind::ALL {
            let status = Status::of(kind);
            assert_eq!(status as i32, i32::from(kind.code()), "{kind}");
            assert_eq!(status.kind(), Some(kind));
            assert_eq!(status.name(), kind.name());
            // `NotAGitServer` is `not_a_git_server`, so a variant cannot stand for another kind.
            let variant: String = format!("{status:?}").to_lowercase();
            assert_eq!(variant, kind.name().replace('_', ""));
        }
        let own = 4;
        assert_eq!(Status::ALL.len(), ErrorKind::ALL.len() + own);
        for pair in Status::ALL.windows(2) {
            assert!((pair[0] as i32) < pair[1] as i32);
        }
    }
}
