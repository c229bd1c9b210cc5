"""Imports in the background, and with asyncio."""

from __future__ import annotations

import asyncio
import builtins
import threading
import time

import gitlade
import pytest
from support import PATIENCE, POLICY, Repo, Silent


def test_start_and_wait(corpus: Repo) -> None:
    job = gitlade.start(corpus.path)
    repo = job.wait(timeout=PATIENCE)
    assert len(repo) == len(corpus.ls_tree()) and job.status == "complete" and job.done
    assert job.wait() is repo and job.progress.step == "complete"
    assert "complete" in repr(job)
    job.cancel()
    assert job.status == "complete"


def test_failures_are_told() -> None:
    job = gitlade.start("/nothing/here")
    with pytest.raises(gitlade.NotARepositoryError):
        job.wait()
    assert job.status == "failed"


def test_waiting_ends_and_the_import_does_not() -> None:
    with Silent() as silent, gitlade.start(silent.url, policy=POLICY) as job:
        with pytest.raises(builtins.TimeoutError) as caught:
            job.wait(timeout=0.05)
        assert not isinstance(caught.value, gitlade.Error)
        assert repr(job).endswith(" importing>") and not job.done
        job.cancel()
        with pytest.raises(gitlade.CancelledError):
            job.wait(timeout=PATIENCE)
        assert job.status == "cancelled"


def test_blocks_cancel() -> None:
    with Silent() as silent:
        with gitlade.start(silent.url, policy=POLICY) as job:
            pass
        assert job.status == "cancelled"


def test_switches_stop_many() -> None:
    with Silent() as silent:
        with gitlade.Cancel() as cancel:
            jobs = [gitlade.start(silent.url, policy=POLICY, cancel=cancel) for _ in range(8)]
            assert not cancel.cancelled
        assert cancel.cancelled
        for job in jobs:
            with pytest.raises(gitlade.CancelledError):
                job.wait(timeout=PATIENCE)
        with pytest.raises(gitlade.CancelledError):
            gitlade.import_repo(silent.url, policy=POLICY, cancel=cancel)


def test_events_end_with_complete(wide: Repo) -> None:
    steps = [progress.step for progress in gitlade.start(wide.path).events(interval=0.001)]
    assert steps[-1] == "complete"


def test_await(corpus: Repo) -> None:
    async def main() -> gitlade.Manifest:
        job = gitlade.start(corpus.path)
        first, second = await asyncio.gather(job, job)
        assert first is second
        async with gitlade.start(corpus.path) as other:
            assert (await other).root == first.root
        return await gitlade.aimport_repo(corpus.path, subdir="src")

    assert asyncio.run(main()).totals.files == 3


def test_async_for(wide: Repo) -> None:
    async def main() -> list[str]:
        job = gitlade.start(wide.path)
        steps = [progress.step async for progress in job]
        assert len(await job) == 3_030
        return steps

    assert asyncio.run(main())[-1] == "complete"


def test_cancelling_the_task_cancels_the_import() -> None:
    async def main() -> None:
        cancel = gitlade.Cancel()
        with Silent() as silent:
            work = gitlade.aimport_repo(silent.url, policy=POLICY, cancel=cancel)
            task = asyncio.create_task(work)
            await asyncio.sleep(0.1)
            assert not cancel.cancelled
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert cancel.cancelled

    asyncio.run(main())


def test_asyncio_timeouts_cancel_the_import() -> None:
    async def main() -> None:
        cancel = gitlade.Cancel()
        with Silent() as silent:
            job = gitlade.start(silent.url, policy=POLICY, cancel=cancel)
            with pytest.raises((asyncio.TimeoutError, builtins.TimeoutError)):
                await asyncio.wait_for(job._awaited(), 0.1)
            assert cancel.cancelled
            with pytest.raises(gitlade.CancelledError):
                await job

    asyncio.run(main())


def test_the_loop_goes_on(wide: Repo) -> None:
    async def main() -> int:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        await gitlade.aimport_repo(wide.path, progress=lambda progress: None)
        ticking.cancel()
        return ticks

    assert asyncio.run(main()) > 3


def test_other_threads_go_on(wide: Repo) -> None:
    ticks: list[float] = []
    stop = threading.Event()

    def tick() -> None:
        while not stop.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    before = len(ticks)
    gitlade.import_repo(wide.path, threads=1)
    during = len(ticks) - before
    stop.set()
    thread.join()
    assert during > 3
