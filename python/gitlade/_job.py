"""An import that runs in the background."""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import weakref
from collections.abc import AsyncIterator, Generator, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from gitlade.errors import CancelledError

if TYPE_CHECKING:
    from gitlade._gitlade import Job, Manifest, Progress
    from gitlade.options import Seconds

Status = Literal["importing", "complete", "failed", "cancelled"]
"""How an import stands."""

INTERVAL = 0.1
"""Seconds between two looks at how far an import is."""

log = logging.getLogger("gitlade")

_running: weakref.WeakSet[Import] = weakref.WeakSet()


class Import:
    """An import that runs in the background, on threads of its own.

    It can be waited for with `wait()` or with `await`. As a context manager it is cancelled when the
    block ends before it.
    """

    def __init__(self, job: Job, source: str) -> None:
        self._job = job
        self._source = source
        self._process = os.getpid()
        _running.add(self)
        log.debug("importing %s", source)

    @property
    def status(self) -> Status:
        """How it stands: "importing", "complete", "failed" or "cancelled"."""
        if not self._job.done():
            return "importing"
        try:
            self._job.result()
        except CancelledError:
            return "cancelled"
        except Exception:
            return "failed"
        return "complete"

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return self._job.progress()

    @property
    def done(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self._job.done()

    def cancel(self) -> None:
        """Stops it; it then ends in a `CancelledError`, unless it has ended already."""
        self._job.cancel()

    def wait(self, timeout: Seconds | None = None) -> Manifest:
        """Waits for the end and gives the manifest, or raises what the import failed with.

        After `timeout` the builtin `TimeoutError` is raised, and the import goes on. Ctrl-C cancels it.
        """
        if not self._job.wait(timeout):
            raise TimeoutError(f"the import of {self._source} has not ended yet")
        return self._finish()

    def events(self, interval: float = INTERVAL) -> Iterator[Progress]:
        """How far it is, whenever that has changed, until it has ended."""
        last = None
        while True:
            ended = self._job.wait(interval if last is not None else 0)
            progress = self._job.progress()
            if progress != last:
                last = progress
                yield progress
            if ended:
                return

    def __await__(self) -> Generator[object, None, Manifest]:
        return self._awaited().__await__()

    async def _awaited(self) -> Manifest:
        """Cancelling the task that waits cancels the import."""
        try:
            await self._ended().wait()
        except asyncio.CancelledError:
            self.cancel()
            raise
        return self._finish()

    def _ended(self) -> asyncio.Event:
        """An event of the running loop, which is set at the end."""
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()

        def tell() -> None:
            # A loop that is closed has nobody who waits.
            if not loop.is_closed():
                loop.call_soon_threadsafe(ended.set)

        self._job.when_done(tell)
        return ended

    async def __aiter__(self) -> AsyncIterator[Progress]:
        """How far it is, whenever that has changed, until it has ended."""
        ended = self._ended()
        last = None
        while True:
            over = ended.is_set()
            progress = self._job.progress()
            if progress != last:
                last = progress
                yield progress
            if over:
                return
            try:
                await asyncio.wait_for(ended.wait(), INTERVAL)
            except (asyncio.TimeoutError, TimeoutError):
                pass

    def __enter__(self) -> Import:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cancel()
        self._job.wait()

    async def __aenter__(self) -> Import:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cancel()
        await self._ended().wait()

    def _finish(self) -> Manifest:
        _running.discard(self)
        try:
            manifest = self._job.result()
        except Exception as error:
            log.debug("the import of %s failed: %s", self._source, error)
            raise
        totals = manifest.totals
        log.info(
            "imported %s: %d folders, %d files, %d bytes",
            self._source,
            totals.folders,
            totals.files,
            totals.bytes,
        )
        return manifest

    def __repr__(self) -> str:
        if self._process != os.getpid():
            return f"<gitlade.Import {self._source} of another process>"
        return f"<gitlade.Import {self._source} {self.status}>"


@atexit.register
def _cancel_all() -> None:
    """Nothing goes on when the interpreter ends, nor calls into it."""
    mine = [one for one in list(_running) if one._process == os.getpid()]
    for one in mine:
        one.cancel()
    for one in mine:
        one._job.wait(1.0)
