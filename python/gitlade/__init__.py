"""Imports Git repositories into other programs.

    import gitlade

    repo = gitlade.import_repo("https://github.com/owner/name")  # or a path
    for entry in repo.files:
        print(entry.path, entry.size, entry.digest, entry.content, entry.encoding)
    repo["src/main.py"].text()
    polars.DataFrame(repo)  # Arrow, without a copy

`import_repo` imports at once, `start` in the background, `aimport_repo` with asyncio. What comes out
is a `Manifest`: every folder and file of one commit, in order, classified as text or binary,
content-addressed with BLAKE3, with the bytes at hand. What can go wrong is in `gitlade.errors`.
"""

from __future__ import annotations

from gitlade import errors, options
from gitlade._detect import Candidate, Detection, detect, ls_remote
from gitlade._gitlade import (
    ArrowTable,
    Blob,
    BlobStore,
    Cancel,
    CredentialRequest,
    Credentials,
    Destination,
    Entries,
    Entry,
    FolderBlobs,
    Lfs,
    Manifest,
    MemoryBlobs,
    ObjectBlobs,
    Policy,
    Progress,
    RemoteRef,
    Skipped,
    SplitBlobs,
    SqliteBlobs,
    Totals,
    VerifiedBlobs,
    __version__,
    limits,
)
from gitlade._import import Sink, aimport_repo, import_repo, start
from gitlade._job import Import
from gitlade._records import Event, Failure, ImportRecord, LargeFile, LogLine, Outcome
from gitlade._store import CheckReport, Engine, Page, Store, Subscription
from gitlade.errors import *

__all__ = [
    "AccessDeniedError",
    "ArrowTable",
    "AuthenticationFailedError",
    "AuthenticationRequiredError",
    "Blob",
    "BlobStore",
    "BusyError",
    "Cancel",
    "CancelledError",
    "Candidate",
    "CheckReport",
    "ConnectionFailedError",
    "ContentSkippedError",
    "CorruptManifestError",
    "CorruptObjectError",
    "CorruptPackError",
    "CorruptRepositoryError",
    "CorruptStoreError",
    "CredentialRequest",
    "Credentials",
    "Destination",
    "Detection",
    "Engine",
    "Entries",
    "Entry",
    "Error",
    "Event",
    "Failure",
    "FolderBlobs",
    "HostError",
    "HostNotFoundError",
    "HostileTreeError",
    "Import",
    "ImportNotFoundError",
    "ImportRecord",
    "InternalError",
    "InvalidOptionsError",
    "InvalidSourceError",
    "IoError",
    "LargeFile",
    "Lfs",
    "LimitExceededError",
    "LogLine",
    "Manifest",
    "ManifestMismatchError",
    "MemoryBlobs",
    "MissingObjectError",
    "NotAGitServerError",
    "NotARepositoryError",
    "NotAllowedError",
    "NotTextError",
    "ObjectBlobs",
    "OtherSystemError",
    "Outcome",
    "Page",
    "PathIsOtherError",
    "PathNotFoundError",
    "PermissionDeniedError",
    "Policy",
    "Progress",
    "ProtocolError",
    "ProxyError",
    "RateLimitedError",
    "RemoteRef",
    "RepositoryNotFoundError",
    "RevisionAmbiguousError",
    "RevisionNotATreeError",
    "RevisionNotFoundError",
    "ServerError",
    "Sink",
    "Skipped",
    "SplitBlobs",
    "SqliteBlobs",
    "StorageFullError",
    "Store",
    "Subscription",
    "TimeoutError",
    "TlsError",
    "Totals",
    "UnbornHeadError",
    "UnsupportedRepositoryError",
    "VerifiedBlobs",
    "__version__",
    "aimport_repo",
    "detect",
    "errors",
    "import_repo",
    "limits",
    "ls_remote",
    "options",
    "start",
]
