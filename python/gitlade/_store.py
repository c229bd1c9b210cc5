"""Stores that keep imports, and engines that make them in the background."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Union, overload

from gitlade import _gitlade, _records
from gitlade._records import Event, ImportRecord, LogLine, Status

if TYPE_CHECKING:
    from pathlib import Path

    from gitlade._gitlade import Cancel, Credentials, Manifest, Policy
    from gitlade._import import Finder, Source
    from gitlade.options import (
        Durability,
        Limits,
        PolicyName,
        RemoteOptions,
        RepoPath,
        Seconds,
        StrPath,
    )

Statuses = Union[Status, Iterable[Status]]
Sort = Literal["created", "updated", "repository", "bytes", "files"]


INTERVAL = 0.05
"""Seconds between two looks at events, where a loop waits for them."""

RARELY = 1.0
"""Seconds between two looks at the database, for what another process runs."""


@dataclass(frozen=True)
class Page:
    """One page of a list of imports."""

    items: list[ImportRecord]
    """What is on it."""
    total: int
    """How many there are on all pages together."""

    def __iter__(self) -> Iterator[ImportRecord]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, place: int) -> ImportRecord: ...
    @overload
    def __getitem__(self, place: slice) -> list[ImportRecord]: ...
    def __getitem__(self, place: int | slice) -> ImportRecord | list[ImportRecord]:
        return self.items[place]


class RepairFetch(TypedDict, total=False):
    """How the sources of imports are reached when a store is repaired."""

    policy: Policy | PolicyName
    """Where connections may go."""
    token: str
    """A token for the server."""
    credentials: Credentials | Finder
    """Other credentials, or a function that finds them."""
    remote: RemoteOptions
    """How a server is reached."""
    limits: Limits
    """Caps on what the repository controls."""


@dataclass(frozen=True)
class CheckReport:
    """What a check found."""

    clean: bool
    """Whether nothing is wrong."""
    problems: int
    """How many problems there are."""
    listed: list[dict[str, Any]]
    """The first of them: kind, detail, and the places of imports that they touch."""
    facts: dict[str, Any]
    """What was looked at."""

    def __bool__(self) -> bool:
        return self.clean


class Store:
    """A folder that keeps imports, and is made to be read with SQL: `gitlade.db` and `blobs/`.

    It is made if it is not there. Any number of threads and processes may share it.
    """

    def __init__(
        self,
        folder: StrPath,
        *,
        read_only: bool = False,
        max_text: int | None = None,
        large_file: int | None = None,
        durability: Durability | None = None,
        compress: int | None = None,
        busy_timeout: Seconds | None = None,
    ) -> None:
        keywords: dict[str, object] = {
            "read_only": read_only,
            "max_text": max_text,
            "large_file": large_file,
            "durability": durability,
            "compress": compress,
            "busy_timeout": busy_timeout,
        }
        self._store = _gitlade.Store(folder, keywords)

    @property
    def folder(self) -> Path:
        """The folder."""
        return self._store.folder()

    @property
    def database(self) -> Path:
        """The SQLite database: for the host's own queries, of its views above all."""
        return self._store.database()

    def manifest(self, id: int) -> Manifest:
        """The manifest of a complete import, with its content."""
        return self._store.manifest(id)

    def record(self, id: int) -> ImportRecord:
        """What the registry has of an import."""
        return _records.record(self._store.record(id))

    def log(self, id: int) -> list[LogLine]:
        """What happened to an import, in order."""
        return _records.log_lines(self._store.log(id))

    def imports(
        self,
        *,
        tenant: str | None = None,
        owner: str | None = None,
        repository: str | None = None,
        source: str | None = None,
        status: Statuses | None = None,
        since: datetime | int | None = None,
        until: datetime | int | None = None,
        sort: Sort = "created",
        ascending: bool = False,
        offset: int = 0,
        limit: int = 100,
    ) -> Page:
        """Lists imports, by when they were created: at `since` or later, and before `until`. Times are
        datetimes, or milliseconds since 1970."""
        keywords: dict[str, object] = {
            "tenant": tenant,
            "owner": owner,
            "repository": repository,
            "source": source,
            "status": status,
            "since": _records.milliseconds(since),
            "until": _records.milliseconds(until),
            "sort": sort,
            "ascending": ascending,
            "offset": offset,
            "limit": limit,
        }
        items, total = self._store.imports(keywords)
        return Page(_records.records(items), total)

    def remove(self, id: int) -> None:
        """Forgets an import that has ended; content goes with the next garbage collection."""
        self._store.remove(id)

    def check(self, *, cancel: Cancel | None = None) -> CheckReport:
        """Checks everything: the database, every row, the digest of every content."""
        text, clean = self._store.check(cancel)
        facts: dict[str, Any] = json.loads(text)
        return CheckReport(clean, facts["problems"], facts.pop("listed"), facts)

    def repair(
        self, *, fetch: RepairFetch | None = None, cancel: Cancel | None = None
    ) -> dict[str, Any]:
        """Puts right what is wrong, and tells what was done.

        With `fetch`, what is damaged is read again from the sources of its imports; the dictionary
        says how they are reached.
        """
        keywords = None if fetch is None else dict(fetch)
        report: dict[str, Any] = json.loads(self._store.repair(keywords, cancel))
        return report

    def gc(
        self,
        *,
        dry_run: bool = False,
        min_age: Seconds = 3_600,
        vacuum: bool = False,
        cancel: Cancel | None = None,
    ) -> dict[str, int]:
        """Removes what no import uses, and tells how much that was; imports may run meanwhile."""
        report: dict[str, int] = json.loads(self._store.gc(dry_run, min_age, vacuum, cancel))
        return report

    def stats(self) -> dict[str, Any]:
        """What the store has: counts and bytes."""
        stats: dict[str, Any] = json.loads(self._store.stats())
        return stats

    def __repr__(self) -> str:
        return f"<gitlade.Store {str(self.folder)!r}>"


class Subscription:
    """The events of an engine, for one listener: an iterator, with `for` and `async for`, that ends
    with the engine.

    It holds a bounded number of events and never makes an import wait; `missed` counts what went.
    """

    def __init__(self, inner: _gitlade.Subscription) -> None:
        self._inner = inner

    def receive(self, timeout: Seconds | None = None) -> Event | None:
        """Waits for the next event; None if there was none in that time, or the engine has ended."""
        text, _ = self._inner.receive(timeout)
        return None if text is None else _records.event(text)

    @property
    def missed(self) -> int:
        """How many events were dropped because nobody took them out."""
        return sum(self._inner.missed())

    async def __aiter__(self) -> AsyncIterator[Event]:
        """The same for asyncio: the loop goes on meanwhile."""
        while True:
            text, ended = self._inner.receive(0)
            if text is not None:
                yield _records.event(text)
            elif ended:
                return
            else:
                await asyncio.sleep(INTERVAL)

    def __iter__(self) -> Iterator[Event]:
        while True:
            text, ended = self._inner.receive(None)
            if text is not None:
                yield _records.event(text)
            elif ended:
                return


class Engine:
    """Imports in the background, kept in a store: a queue, statuses, events, cancel and restart.

    What `limits`, `policy`, `remote`, `threads` and `memory` say holds for all of its imports. As a
    context manager it is shut down when the block ends.
    """

    def __init__(
        self,
        store: Store,
        *,
        running: int = 2,
        queued: int = 1_000,
        local: bool = True,
        progress_interval: Seconds = 0.1,
        limits: Limits | None = None,
        policy: Policy | PolicyName = "public",
        remote: RemoteOptions | None = None,
        threads: int = 0,
        memory: int = 512 << 20,
    ) -> None:
        keywords: dict[str, object] = {
            "limits": limits,
            "policy": policy,
            "remote": remote,
            "threads": threads,
            "memory": memory,
        }
        self.store = store
        self._engine = _gitlade.Engine(
            store._store, running, queued, local, progress_interval, keywords
        )

    def start(
        self,
        source: Source,
        *,
        tenant: str = "",
        metadata: Any = None,
        rev: str | None = None,
        subdir: RepoPath | None = None,
        include: str | Iterable[str] = (),
        exclude: str | Iterable[str] = (),
        token: str | None = None,
        credentials: Credentials | Finder | None = None,
        allow_missing: bool = False,
    ) -> int:
        """Asks for an import, and gives its number; `metadata` is kept as JSON."""
        keywords: dict[str, object] = {
            "rev": rev,
            "subdir": subdir,
            "include": include,
            "exclude": exclude,
            "token": token,
            "credentials": credentials,
            "allow_missing": allow_missing,
        }
        kept = "" if metadata is None else json.dumps(metadata)
        return self._engine.start(source, tenant, kept, keywords)

    def restart(
        self,
        id: int,
        *,
        rev: str | None = None,
        subdir: RepoPath | None = None,
        include: str | Iterable[str] | None = None,
        exclude: str | Iterable[str] | None = None,
        allow_missing: bool | None = None,
        token: str | None = None,
        credentials: Credentials | Finder | None = None,
        forget_credentials: bool = False,
    ) -> None:
        """Asks again for an import that failed, or was cancelled or interrupted.

        What is not given is as it was. With any of `subdir`, `include`, `exclude` and
        `allow_missing`, those of them that are not given are as in `start`.
        """
        keys: dict[str, object] = {"rev": rev, "token": token, "credentials": credentials}
        options: dict[str, object] = {
            "subdir": subdir,
            "include": include,
            "exclude": exclude,
            "allow_missing": allow_missing,
        }
        others = None
        if any(value is not None for value in options.values()):
            others = {"rev": self.status(id).revision if rev is None else rev, **options}
        self._engine.restart(id, forget_credentials, keys, others)

    def status(self, id: int) -> ImportRecord:
        """Where an import stands now, whichever process runs it."""
        return _records.record(self._engine.status(id))

    def wait(self, id: int, timeout: Seconds | None = None) -> ImportRecord:
        """Waits until an import has ended; the record says how.

        After `timeout` the builtin `TimeoutError` is raised, and the import goes on. Ctrl-C ends the
        wait, not the import.
        """
        ended, text = self._engine.wait(id, timeout)
        if not ended:
            raise TimeoutError(f"import {id} has not ended yet")
        return _records.record(text)

    async def wait_async(self, id: int, timeout: Seconds | None = None) -> ImportRecord:
        """`wait` for asyncio: the loop goes on meanwhile. Cancelling the task ends the wait, not the
        import."""
        seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
        deadline = None if seconds is None else time.monotonic() + seconds
        # It hears of what this engine runs at once; another process's end shows in the database.
        events = self._engine.subscribe(64, None, id)
        looked = -RARELY
        while True:
            text, _ = events.receive(0)
            heard = text is not None and _records.event(text).ended
            if heard or time.monotonic() - looked >= RARELY:
                record = self.status(id)
                if record.ended:
                    return record
                looked = time.monotonic()
            if deadline is not None and time.monotonic() >= deadline:
                raise TimeoutError(f"import {id} has not ended yet")
            if text is None:
                await asyncio.sleep(INTERVAL)

    def cancel(self, id: int) -> bool:
        """Stops an import, whichever process runs it; says whether there was something to stop."""
        return self._engine.cancel(id)

    def remove(self, id: int) -> None:
        """Forgets an import that has ended, its credentials too."""
        self._engine.remove(id)

    def imports(
        self,
        *,
        tenant: str | None = None,
        status: Statuses | None = None,
        offset: int = 0,
        limit: int = 100,
    ) -> Page:
        """Lists imports of all engines of the store."""
        keywords: dict[str, object] = {
            "tenant": tenant,
            "status": status,
            "offset": offset,
            "limit": limit,
        }
        items, total = self._engine.imports(keywords)
        return Page(_records.records(items), total)

    def subscribe(
        self,
        *,
        capacity: int = 1_024,
        tenant: str | None = None,
        import_id: int | None = None,
    ) -> Subscription:
        """Listens to what happens from now on."""
        return Subscription(self._engine.subscribe(capacity, tenant, import_id))

    def shutdown(self, grace: Seconds = 0) -> None:
        """Ends the engine: what runs has `grace` to end by itself, and can be restarted otherwise.

        It still tells how imports ended.
        """
        self._engine.shutdown(grace)

    def __repr__(self) -> str:
        return f"<gitlade.Engine on {str(self.store.folder)!r}>"

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()

    async def __aenter__(self) -> Engine:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.shutdown)
