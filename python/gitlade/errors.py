"""What can go wrong: one class for each kind of error.

All are a `gitlade.Error`, with `kind` and `code` to branch on and `advice` on what to do next. Where
a Python programmer would catch a builtin exception, it is a second base.
"""

from __future__ import annotations

import builtins
from typing import ClassVar


class Error(Exception):
    """Everything that gitlade can fail with.

    The message says what happened, without control characters and secrets; the cause is chained.
    """

    kind: ClassVar[str] = "error"
    """The stable kind in snake_case."""
    code: ClassVar[int] = 0
    """The number of the kind, which never changes; the command line exits with it."""

    advice: str | None = None
    """What to do about it, where there is something to do."""
    url: str | None = None
    """The URL that it is about, without credentials."""
    path: str | None = None
    """The path inside of the repository that it is about."""
    oid: str | None = None
    """The object that it is about, in hex."""
    digest: str | None = None
    """The content that it is about: its BLAKE3 digest in hex."""
    file: str | None = None
    """The file or folder of the host that it is about."""
    limit: str | None = None
    """The name of the cap that was reached."""

    def _advise(self, advice: str) -> None:
        self.advice = advice
        # From Python 3.11 on a traceback shows it.
        add_note = getattr(self, "add_note", None)
        if add_note is not None:
            add_note(f"hint: {advice}")


class InvalidOptionsError(Error, ValueError):
    """An option has a value that makes no sense, or two contradict each other."""

    kind = "invalid_options"
    code = 10


class InvalidSourceError(Error, ValueError):
    """The source is neither a path nor a URL that is understood."""

    kind = "invalid_source"
    code = 11


class NotARepositoryError(Error, FileNotFoundError):
    """There is no Git repository at the path."""

    kind = "not_a_repository"
    code = 12


class UnsupportedRepositoryError(Error):
    """The repository uses a format or an extension that is not supported."""

    kind = "unsupported_repository"
    code = 13


class CorruptRepositoryError(Error):
    """The repository's own files (configuration, refs, indexes) cannot be understood."""

    kind = "corrupt_repository"
    code = 14


class UnbornHeadError(Error, LookupError):
    """`HEAD` names a branch that has no commit yet."""

    kind = "unborn_head"
    code = 15


class RevisionNotFoundError(Error, LookupError):
    """The revision names nothing."""

    kind = "revision_not_found"
    code = 16


class RevisionAmbiguousError(Error, LookupError):
    """The revision names more than one object."""

    kind = "revision_ambiguous"
    code = 17


class RevisionNotATreeError(Error, ValueError):
    """The revision names something that is neither a commit nor a tree."""

    kind = "revision_not_a_tree"
    code = 18


class PathNotFoundError(Error, FileNotFoundError):
    """The imported tree has no such path."""

    kind = "path_not_found"
    code = 19


class PathIsOtherError(Error, ValueError):
    """The path is there, and is something else than what was asked for."""

    kind = "path_is_other"
    code = 20


class MissingObjectError(Error, LookupError):
    """An object is not in the repository."""

    kind = "missing_object"
    code = 21


class CorruptObjectError(Error):
    """An object or a pack is damaged."""

    kind = "corrupt_object"
    code = 22


class HostileTreeError(Error):
    """A tree holds what could harm a host."""

    kind = "hostile_tree"
    code = 23


class LimitExceededError(Error):
    """A cap was reached; `limit` names it."""

    kind = "limit_exceeded"
    code = 24


class CancelledError(Error):
    """The host cancelled the work."""

    kind = "cancelled"
    code = 25


class IoError(Error, OSError):
    """A file could not be read or written."""

    kind = "io"
    code = 26


class PermissionDeniedError(Error, PermissionError):
    """The operating system denies access to a file."""

    kind = "permission_denied"
    code = 27


class StorageFullError(Error, OSError):
    """A disk or a quota is full."""

    kind = "storage_full"
    code = 28


class CorruptManifestError(Error, ValueError):
    """A manifest is cut off, altered or not a manifest."""

    kind = "corrupt_manifest"
    code = 29


class ManifestMismatchError(Error):
    """A manifest and a repository differ."""

    kind = "manifest_mismatch"
    code = 30


class NotTextError(Error, ValueError):
    """The file's content cannot be handed out in the form that was asked for."""

    kind = "not_text"
    code = 31


class ContentSkippedError(Error, LookupError):
    """The file's content was skipped during the import, or is not at hand."""

    kind = "content_skipped"
    code = 32


class HostError(Error):
    """The host's own code failed: a sink, a store, a callback."""

    kind = "host"
    code = 33


class CorruptStoreError(Error):
    """A store is not one, is damaged, or was written by a newer version."""

    kind = "corrupt_store"
    code = 34


class BusyError(Error):
    """The store, or the import in it, is in use in a way that does not allow this."""

    kind = "busy"
    code = 35


class ImportNotFoundError(Error, LookupError):
    """The store has no import with this id."""

    kind = "import_not_found"
    code = 36


class NotAllowedError(Error, PermissionError):
    """The policy does not allow the scheme, port or address."""

    kind = "not_allowed"
    code = 40


class HostNotFoundError(Error, ConnectionError):
    """The host's name has no address."""

    kind = "host_not_found"
    code = 41


class ConnectionFailedError(Error, ConnectionError):
    """Nobody answers at the address."""

    kind = "connection_failed"
    code = 42


class TlsError(Error, ConnectionError):
    """No secure connection could be made."""

    kind = "tls"
    code = 43


class TimeoutError(Error, builtins.TimeoutError):
    """The other side was silent or slow for too long, or the deadline has passed."""

    kind = "timeout"
    code = 44


class AuthenticationRequiredError(Error, PermissionError):
    """The server wants credentials and none were given."""

    kind = "authentication_required"
    code = 45


class AuthenticationFailedError(Error, PermissionError):
    """The server refused the credentials."""

    kind = "authentication_failed"
    code = 46


class AccessDeniedError(Error, PermissionError):
    """The credentials are right and do not suffice."""

    kind = "access_denied"
    code = 47


class RepositoryNotFoundError(Error, FileNotFoundError):
    """The server has no such repository, or hides it."""

    kind = "repository_not_found"
    code = 48


class NotAGitServerError(Error):
    """What answers is not a Git server."""

    kind = "not_a_git_server"
    code = 49


class ServerError(Error):
    """The server failed."""

    kind = "server"
    code = 50


class RateLimitedError(Error):
    """The server asks to come back later."""

    kind = "rate_limited"
    code = 51


class ProtocolError(Error):
    """The server broke the protocol."""

    kind = "protocol"
    code = 52


class CorruptPackError(Error):
    """The pack that the server sent is damaged or incomplete."""

    kind = "corrupt_pack"
    code = 53


class ProxyError(Error, ConnectionError):
    """The proxy refused or failed."""

    kind = "proxy"
    code = 54


class OtherSystemError(Error):
    """It is a repository of another version control system, such as Subversion."""

    kind = "other_system"
    code = 55


class InternalError(Error, RuntimeError):
    """A defect in gitlade."""

    kind = "internal"
    code = 70


_CLASSES: dict[str, type[Error]] = {one.kind: one for one in Error.__subclasses__()}


def _class_of(kind: str) -> type[Error]:
    """The class for a kind; one that this package does not know yet is an `Error`."""
    return _CLASSES.get(kind, Error)


__all__ = [
    "AccessDeniedError",
    "AuthenticationFailedError",
    "AuthenticationRequiredError",
    "BusyError",
    "CancelledError",
    "ConnectionFailedError",
    "ContentSkippedError",
    "CorruptManifestError",
    "CorruptObjectError",
    "CorruptPackError",
    "CorruptRepositoryError",
    "CorruptStoreError",
    "Error",
    "HostError",
    "HostNotFoundError",
    "HostileTreeError",
    "ImportNotFoundError",
    "InternalError",
    "InvalidOptionsError",
    "InvalidSourceError",
    "IoError",
    "LimitExceededError",
    "ManifestMismatchError",
    "MissingObjectError",
    "NotAGitServerError",
    "NotARepositoryError",
    "NotAllowedError",
    "NotTextError",
    "OtherSystemError",
    "PathIsOtherError",
    "PathNotFoundError",
    "PermissionDeniedError",
    "ProtocolError",
    "ProxyError",
    "RateLimitedError",
    "RepositoryNotFoundError",
    "RevisionAmbiguousError",
    "RevisionNotATreeError",
    "RevisionNotFoundError",
    "ServerError",
    "StorageFullError",
    "TimeoutError",
    "TlsError",
    "UnbornHeadError",
    "UnsupportedRepositoryError",
]
