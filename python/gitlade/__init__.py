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
    "ArrowTable",
    "Blob",
    "BlobStore",
    "Cancel",
    "Candidate",
    "CheckReport",
    "CredentialRequest",
    "Credentials",
    "Destination",
    "Detection",
    "Engine",
    "Entries",
    "Entry",
    "Event",
    "Failure",
    "FolderBlobs",
    "Import",
    "ImportRecord",
    "LargeFile",
    "Lfs",
    "LogLine",
    "Manifest",
    "MemoryBlobs",
    "ObjectBlobs",
    "Outcome",
    "Page",
    "Policy",
    "Progress",
    "RemoteRef",
    "Sink",
    "Skipped",
    "SplitBlobs",
    "SqliteBlobs",
    "Store",
    "Subscription",
    "Totals",
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
__all__ += errors.__all__
