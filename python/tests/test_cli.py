"""`python -m gitlade` is the command line of the Rust program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support import PATIENCE, Repo


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["--help"],
        ["import", "--help"],
        ["import", ".", "--rev", "v1"],
        ["import", ".", "--rev", "nothing"],
        ["import", "/nothing"],
        ["cat", ".", "README.md"],
        ["cat", ".", "binary/nul.bin"],
        ["completions", "bash"],
        ["nonsense"],
        [],
    ],
)
def test_the_same_words_and_codes(corpus: Repo, program: Path, arguments: list[str]) -> None:
    theirs, ours = (
        subprocess.run([*command, *arguments], cwd=corpus.path, capture_output=True, timeout=PATIENCE)
        for command in ([program], [sys.executable, "-m", "gitlade"])
    )
    assert (ours.returncode, ours.stdout) == (theirs.returncode, theirs.stdout)
    assert ours.stderr == theirs.stderr
