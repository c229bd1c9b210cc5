"""A service that imports for many at once: with a limit, statuses, and cancelling.

python service.py SOURCE...
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass

import gitlade


@dataclass
class Job:
    """What the service knows of one import."""

    source: str
    status: str = "queued"
    message: str = ""
    files: int = 0
    task: asyncio.Task[None] | None = None


class Service:
    """Runs a few imports at a time; the others wait."""

    def __init__(self, running: int = 2) -> None:
        self.jobs: list[Job] = []
        self._slots = asyncio.Semaphore(running)

    def submit(self, source: str) -> Job:
        job = Job(source)
        job.task = asyncio.create_task(self._run(job))
        self.jobs.append(job)
        return job

    def cancel(self, job: Job) -> None:
        if job.task is not None:
            job.task.cancel()

    async def _run(self, job: Job) -> None:
        try:
            async with self._slots:
                job.status = "importing"
                repo = await gitlade.aimport_repo(
                    job.source, policy="person", limits={"max_total_bytes": 4 << 30}
                )
            job.files = repo.totals.files
            job.status = "complete"
        except gitlade.Error as error:
            job.status, job.message = "failed", f"{error} ({error.advice or error.kind})"
        except asyncio.CancelledError:
            job.status = "cancelled"

    async def close(self) -> None:
        """Waits for all that was submitted."""
        await asyncio.gather(*(job.task for job in self.jobs if job.task is not None))


async def main(sources: list[str]) -> list[Job]:
    service = Service()
    for source in sources:
        service.submit(source)
    await service.close()
    return service.jobs


if __name__ == "__main__":
    for done in asyncio.run(main(sys.argv[1:])):
        print(done.source, done.status, done.files, done.message)
