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
    Cancel,
    CredentialRequest,
    Credentials,
    Destination,
    Entries,
    Entry,
    Lfs,
    Manifest,
    Policy,
    Progress,
    RemoteRef,
    Skipped,
    Totals,
    __version__,
    limits,
)
from gitlade._import import Sink, aimport_repo, import_repo, start
from gitlade._job import Import
from gitlade.errors import *  # noqa: F403

__all__ = [
    "ArrowTable",
    "Blob",
    "Cancel",
    "Candidate",
    "CredentialRequest",
    "Credentials",
    "Destination",
    "Detection",
    "Entries",
    "Entry",
    "Import",
    "Lfs",
    "Manifest",
    "Policy",
    "Progress",
    "RemoteRef",
    "Sink",
    "Skipped",
    "Totals",
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
