"""Importing: at once, in the background, and with asyncio."""

from __future__ import annotations

import inspect
import logging
import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, Protocol, TypeVar, Union
from urllib.parse import urlsplit

from gitlade import _gitlade
from gitlade._display import ProgressOption, Shown
from gitlade._job import INTERVAL, Import

if TYPE_CHECKING:
    from gitlade._gitlade import (
        Blob,
        Cancel,
        CredentialRequest,
        Credentials,
        Manifest,
        Policy,
        Progress,
    )
    from gitlade._store import Store
    from gitlade.options import Limits, PolicyName, RemoteOptions, RepoPath, StrPath

Source = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]
"""A URL, or the path of a repository or of anything inside of one."""

Finder = Callable[["CredentialRequest"], Union["Credentials", str, None]]
"""Finds credentials when a server asks: gives them, a token, or None to give up."""

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")

log = logging.getLogger("gitlade")


class Sink(Protocol):
    """Takes the content of an import while it runs."""

    def put(self, digest: str, data: bytes, blob: Blob, /) -> object:
        """Takes one content; each distinct one comes once, in no order, from any thread.

        What it raises ends the import, which raises it as the cause of a `HostError`.
        """
        ...


def start(
    source: Source,
    *,
    rev: str | None = None,
    subdir: RepoPath | None = None,
    include: str | Iterable[str] = (),
    exclude: str | Iterable[str] = (),
    limits: Limits | None = None,
    policy: Policy | PolicyName = "public",
    token: str | None = None,
    credentials: Credentials | Finder | None = None,
    remote: RemoteOptions | None = None,
    threads: int = 0,
    memory: int = 256 << 20,
    allow_missing: bool = False,
    alternates: bool = True,
    verify: Literal["checksums", "ids"] = "checksums",
    spool_dir: StrPath | None = None,
    cancel: Cancel | None = None,
    sink: Sink | Sequence[Sink] | None = None,
    store: Store | None = None,
) -> Import:
    """Begins an import in the background; the arguments are those of `import_repo`."""
    keywords: dict[str, object] = {
        "rev": rev,
        "subdir": subdir,
        "include": include,
        "exclude": exclude,
        "limits": limits,
        "policy": policy,
        "token": token,
        "credentials": credentials,
        "remote": remote,
        "threads": threads,
        "memory": memory,
        "allow_missing": allow_missing,
        "alternates": alternates,
        "verify": verify,
        "spool_dir": spool_dir,
    }
    inner = None if store is None else store._store
    return Import(_gitlade.start(source, keywords, cancel, sink, inner), shown_source(source))


def import_repo(
    source: Source,
    *,
    rev: str | None = None,
    subdir: RepoPath | None = None,
    include: str | Iterable[str] = (),
    exclude: str | Iterable[str] = (),
    limits: Limits | None = None,
    policy: Policy | PolicyName = "public",
    token: str | None = None,
    credentials: Credentials | Finder | None = None,
    remote: RemoteOptions | None = None,
    threads: int = 0,
    memory: int = 256 << 20,
    allow_missing: bool = False,
    alternates: bool = True,
    verify: Literal["checksums", "ids"] = "checksums",
    spool_dir: StrPath | None = None,
    progress: ProgressOption = False,
    cancel: Cancel | None = None,
    sink: Sink | Sequence[Sink] | None = None,
    store: Store | None = None,
) -> Manifest:
    """Imports one commit of a repository: every folder and file, in order, with the content.

    Args:
        source: A URL, or the path of a work tree, a bare repository, or anything inside of one.
        rev: Branch, tag or full commit id; in a local repository anything that `git rev-parse`
            takes. Default: HEAD.
        subdir: The one folder to import; paths are relative to it.
        include: Patterns in .gitignore syntax of what is imported. Default: everything.
        exclude: Patterns in .gitignore syntax of what is left out.
        limits: Caps on what the repository controls; `gitlade.limits()` tells the defaults.
        policy: Where connections may go: "public" addresses by https and http; "private" networks
            too; wherever the "person" at the keyboard says; or a `gitlade.Policy`.
        token: A token for the server, as GitHub and others take it.
        credentials: Other credentials, or a function that finds them when the server asks.
        remote: How a server is reached: timeouts, proxy, certificates, ssh and so on.
        threads: Threads that inflate, hash and classify; 0 is one for each core.
        memory: Bytes of buffers in memory; what exceeds them goes to temporary files.
        allow_missing: Whether files whose content is missing are skipped, rather than an error.
        alternates: Whether the repositories that objects/info/alternates names count.
        verify: How far packed objects of a local repository are checked: by "checksums" as Git does,
            or by "ids" as well. Received ones always are by id.
        spool_dir: The folder for temporary files, which have no names in it.
        progress: True shows a bar, with tqdm or rich where installed; a function is called with each
            change.
        cancel: A switch that stops the import from elsewhere.
        sink: An object whose `put` takes the content while the import runs: a `gitlade.BlobStore`,
            one of your own, or a list of them.
        store: A store that keeps the import, and gives the content of the manifest from then on.

    Raises:
        gitlade.Error: One of its classes; each says what to do next in `advice`.
    """
    job = start(
        source,
        rev=rev,
        subdir=subdir,
        include=include,
        exclude=exclude,
        limits=limits,
        policy=policy,
        token=token,
        credentials=credentials,
        remote=remote,
        threads=threads,
        memory=memory,
        allow_missing=allow_missing,
        alternates=alternates,
        verify=verify,
        spool_dir=spool_dir,
        cancel=cancel,
        sink=sink,
        store=store,
    )
    try:
        with Shown(progress) as shown:
            while shown.wanted and not job._job.wait(INTERVAL):
                _look(job, shown)
        return job.wait()
    except BaseException:
        job.cancel()
        raise


def _taking(
    other: Callable[_Parameters, object],
) -> Callable[[Callable[..., _Result]], Callable[_Parameters, _Result]]:
    """Gives a function the parameters of another one, for `help` and for type checkers."""

    def give(function: Callable[..., _Result]) -> Callable[_Parameters, _Result]:
        result = inspect.signature(function).return_annotation
        signature = inspect.signature(other).replace(return_annotation=result)
        function.__signature__ = signature  # type: ignore[attr-defined]
        return function

    return give


@_taking(import_repo)
async def aimport_repo(
    source: Source, *, progress: ProgressOption = False, **keywords: Any
) -> Manifest:
    """`import_repo` for asyncio: the loop goes on meanwhile, and cancelling the task cancels the
    import."""
    job = start(source, **keywords)
    try:
        with Shown(progress) as shown:
            if shown.wanted:
                async for _ in job:
                    _look(job, shown)
        return await job
    except BaseException:
        job.cancel()
        raise


def _look(job: Import, shown: Shown) -> None:
    now: Progress = job.progress
    if now.message:
        log.debug("%s says: %s", job._source, now.message)
    shown.update(now)


def shown_source(source: Source) -> str:
    """A source as it may be shown: without user, password, query and control characters."""
    text = os.fsdecode(source)
    if "://" in text:
        parts = urlsplit(text)
        host = parts.netloc.rpartition("@")[2]
        text = f"{parts.scheme}://{host}{parts.path}"
    return text.encode("unicode_escape").decode("ascii")
