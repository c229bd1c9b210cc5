"""The stubs say what is there, and type checkers accept what users write."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import gitlade
import pytest
from gitlade import _gitlade
from support import needs

FOLDER = Path(__file__).resolve().parents[1]


def run(*command: str | Path) -> None:
    environment = {**os.environ, "MYPY_CACHE_DIR": str(FOLDER.parent / "target" / "mypy")}
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr


def test_stubtest() -> None:
    allowlist = FOLDER / "tests" / "stubtest-allowlist"
    run(sys.executable, "-m", "mypy.stubtest", "gitlade", "--allowlist", allowlist)


def test_mypy() -> None:
    run(sys.executable, "-m", "mypy", "--strict", "gitlade", "examples", "tests")


def test_pyright() -> None:
    """The fork basedpyright has pyright's own checks as a mode, and comes without Node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node, which pyright runs on")
    package = needs("basedpyright")
    script = Path(package.__file__).parent / "index.js"
    run(node, script, "--project", FOLDER / "tests" / "pyright.json")


def test_stubs_have_the_docstrings_of_the_module() -> None:
    tree = ast.parse((FOLDER / "gitlade" / "_gitlade.pyi").read_text())
    checked = 0
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        real = getattr(_gitlade, node.name)
        assert words(ast.get_docstring(node)) == words(real.__doc__), node.name
        for member in node.body:
            if isinstance(member, ast.FunctionDef) and not member.name.startswith("_"):
                told = ast.get_docstring(member)
                if told is not None:
                    found = getattr(real, member.name).__doc__
                    assert words(told) == words(found), (node.name, member.name)
                    checked += 1
    assert checked > 80


def words(text: str | None) -> list[str]:
    return (text or "").split()


def test_everything_public_has_a_docstring() -> None:
    for name in gitlade.__all__:
        found = getattr(gitlade, name)
        assert name == "__version__" or found.__doc__, name
