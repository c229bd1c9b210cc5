"""What threads, callbacks and forked children do to each other."""

from __future__ import annotations

import contextlib
import gc
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import gitlade
import pytest
from support import POLICY, Repo, Server, python
from test_processes import in_child

ASKED_BY_MANY = """
import sys, threading
import gitlade

# Threads change places as often as they can, in the middle of what makes an exception too.
sys.setswitchinterval(1e-6)
failed = []

def ask(job):
    for turn in range(50):
        try:
            job.wait()
        except gitlade.NotARepositoryError:
            failed.append(turn)

for turn in range(10):
    job = gitlade.start("/nothing/here")
    threads = [threading.Thread(target=ask, args=(job,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
assert len(failed) == 4_000
"""


def test_many_threads_ask_for_one_error() -> None:
    assert python(ASKED_BY_MANY).returncode == 0


def test_an_engine_is_shut_down_in_its_own_callback(corpus: Repo, tmp_path: Path) -> None:
    store = gitlade.Store(tmp_path / "store")
    returned = threading.Event()
    engine = gitlade.Engine(store, policy=POLICY, remote={"plain_http_credentials": True})

    def find(request: gitlade.CredentialRequest) -> None:
        engine.shutdown()
        returned.set()

    with Server(corpus.path.parent, login=("user", "secret")) as server:
        id = engine.start(server.url(), credentials=find)
        assert returned.wait(60)
        again = gitlade.Engine(store)
        record = again.wait(id, timeout=60)
        assert record.status == "interrupted"
        again.shutdown()


def test_an_engine_is_shut_down_while_it_is_used(corpus: Repo, tmp_path: Path) -> None:
    """Longer than anybody had patience for."""
    store = gitlade.Store(tmp_path / "store", busy_timeout=60)
    engine = gitlade.Engine(store)
    database = sqlite3.connect(store.database, isolation_level=None, check_same_thread=False)
    database.execute("begin immediate")
    threading.Timer(6, database.execute, ["rollback"]).start()
    ids: list[int] = []

    def start() -> None:
        with contextlib.suppress(gitlade.BusyError):
            ids.append(engine.start(corpus.path))

    starting = threading.Thread(target=start)
    starting.start()
    # It waits for the database by then; if not, the engine has ended before it, which is no harm.
    time.sleep(0.2)
    engine.shutdown()
    starting.join()
    # Whether it came before the end or after, nothing of it is left running.
    assert all(store.record(id).ended for id in ids)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_lets_go_of_a_store(corpus: Repo, tmp_path: Path) -> None:
    store = gitlade.Store(tmp_path / "store")
    job = gitlade.start(corpus.path, store=store)
    repo = job.wait()
    held: list[Callable[[], object]] = [
        weakref.ref(store._store),
        weakref.ref(job._job),
        weakref.ref(repo),
    ]
    own = [*(store.folder / "blobs" / "tmp").iterdir()]
    assert len(own) == 1 and (own[0] / "lock").exists()
    # Without the frame of the test, nothing but this has them.
    things: list[object] = [store, job, repo]
    folder = store.folder
    del store, job, repo

    def work() -> None:
        things.clear()
        gc.collect()
        assert [one() for one in held] == [None] * 3

    assert in_child(work) == 0
    # The child neither removed what marks the parent as alive, nor closed anything.
    assert [*(folder / "blobs" / "tmp").iterdir()] == own and (own[0] / "lock").exists()
    kept = things[0]
    assert isinstance(kept, gitlade.Store)
    assert kept.check().clean
    assert gitlade.import_repo(corpus.path, subdir="src", store=kept).totals.files == 3


class Full:
    """A file on a full disk."""

    def __init__(self) -> None:
        self.calls = 0

    def write(self, data: bytes) -> int:
        self.calls += 1
        raise OSError(28, os.strerror(28))


def test_a_file_that_failed_is_not_written_to_again(corpus: Repo, wide: Repo) -> None:
    # What fits into one buffer, and what does not.
    for repo in (gitlade.import_repo(corpus.path), gitlade.import_repo(wide.path)):
        full = Full()
        with pytest.raises(OSError, match="No space"):
            repo.to_ndjson(full)  # type: ignore[call-overload]
        assert full.calls == 1
