"""Threads, forks and spawned processes."""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import gitlade
import pytest
from support import Repo


def root_of(path: str) -> tuple[str, bytes]:
    repo = gitlade.import_repo(path)
    return repo.root, repo["README.md"].bytes()


def import_whole(path: str) -> gitlade.Manifest:
    return gitlade.import_repo(path)


def test_threads(corpus: Repo) -> None:
    with ThreadPoolExecutor(8) as pool:
        roots = set(pool.map(lambda _: gitlade.import_repo(corpus.path).root, range(40)))
    assert roots == {gitlade.import_repo(corpus.path).root}


def test_one_manifest_in_many_threads(corpus: Repo) -> None:
    repo = gitlade.import_repo(corpus.path)
    wanted = [entry.bytes() for entry in repo.files]
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: [entry.bytes() for entry in repo.files], range(16)):
            assert found == wanted


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_process_pools(corpus: Repo, method: str) -> None:
    here = root_of(str(corpus.path))
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(root_of, [str(corpus.path)] * 4)) == [here] * 4
        again = pool.submit(import_whole, str(corpus.path)).result()
    assert again.root == here[0] and not again.has_content


def in_child(work: object) -> int:
    """The exit code of a forked child that calls `work`."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            assert callable(work)
            work()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_a_forked_child_has(corpus: Repo) -> None:
    repo = gitlade.import_repo(corpus.path)
    entries = [entry.path for entry in repo]

    def work() -> None:
        assert [entry.path for entry in repo] == entries and len(repo.to_ndjson()) > 100
        assert not repo.has_content
        try:
            repo["README.md"].bytes()
        except RuntimeError as error:
            assert "forked" in str(error)
        else:
            raise AssertionError("threads of the parent were waited for")
        assert gitlade.import_repo(corpus.path)["README.md"].bytes().startswith(b"# Corpus")

    assert in_child(work) == 0
    assert repo["README.md"].bytes().startswith(b"# Corpus")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_forks_while_imports_run(wide: Repo) -> None:
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            gitlade.import_repo(wide.path)

    threads = [threading.Thread(target=busy) for _ in range(2)]
    for thread in threads:
        thread.start()
    job = gitlade.start(wide.path)

    def work() -> None:
        try:
            job.wait()
        except RuntimeError as error:
            assert "forked" in str(error)
        else:
            raise AssertionError("a job of the parent was waited for")
        assert len(gitlade.import_repo(wide.path)) == 3_030

    codes = [in_child(work) for _ in range(5)]
    stop.set()
    for thread in threads:
        thread.join()
    assert codes == [0] * 5 and len(job.wait()) == 3_030
