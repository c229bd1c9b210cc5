"""What the tests share: repositories that Git made, servers on this machine, the Rust program."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import PROGRAM, Repo, Server, make_corpus


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A repository with one of everything."""
    return make_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A repository with 3,000 small files in 30 folders, packed."""
    repo = Repo.init(tmp_path_factory.mktemp("wide") / "repo")
    for number in range(3_000):
        repo.write(f"dir{number % 30:02}/file{number:04}.txt", f"line {number}\n" * 20)
    repo.commit("many")
    repo.git("repack", "-adq")
    return repo


@pytest.fixture
def server(corpus: Repo) -> Iterator[Server]:
    """A smart HTTP server over the corpus."""
    with Server(corpus.path.parent) as running:
        yield running


@pytest.fixture(scope="session")
def program() -> Path:
    """The command line that Rust built."""
    if not PROGRAM.exists():
        subprocess.run(["cargo", "build", "-q", "--locked", "-p", "gitlade-cli"], check=True)
    return PROGRAM


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The user's own configuration of Git says nothing here."""
    for name, value in Repo.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert os.environ["GIT_CONFIG_NOSYSTEM"] == "1"
