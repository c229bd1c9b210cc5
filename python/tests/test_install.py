"""What users install: `pip install ./python`, and a wheel that needs no compiler."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from support import CHECKOUT, PATIENCE, Repo, needs

README = (CHECKOUT / "python" / "README.md").read_text(encoding="utf-8")
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
    # A release build takes minutes; this takes what was built for these tests.
    "MATURIN_PEP517_ARGS": "--profile dev",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}

SMOKE = """
import sys, gitlade
repo = gitlade.import_repo(sys.argv[1])
assert repo["README.md"].text().startswith("# Corpus")
print(gitlade.__version__, repo.root)
"""


def run(*command: str | Path, **environment: str) -> str:
    """What a program says, which is not in this folder: Python would import the package from it."""
    given = {**ENVIRONMENT, **environment}
    done = subprocess.run(
        command, cwd="/", env=given, capture_output=True, text=True, timeout=2 * PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def fresh(folder: Path, python: Path | None = None) -> Path:
    """The Python of a new virtual environment."""
    try:
        if python is None:
            venv.create(folder, with_pip=True)
        else:
            run(python, "-m", "venv", folder)
    except (subprocess.CalledProcessError, AssertionError):
        # Some distributions take ensurepip out of Python.
        run("virtualenv", "-q", "-p", python or sys.executable, folder)
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", out, CHECKOUT / "python")
    (found,) = out.iterdir()
    return found


def test_pip_installs_the_checkout(corpus: Repo, tmp_path: Path) -> None:
    python = fresh(tmp_path / "venv")
    run(python, "-m", "pip", "install", "-q", CHECKOUT / "python")
    block = re.search(r"```python\n(import gitlade\n.*?)```", README, re.DOTALL)
    assert block is not None
    apart = {"cwd": corpus.path, "capture_output": True, "text": True, "check": True}
    script = subprocess.run([python, "-c", block.group(1)], **apart)  # type: ignore[call-overload]
    assert "# Corpus 3 lf" in script.stdout and "in all: 20 files" in script.stdout
    imported = subprocess.run([python, "-m", "gitlade", "import", "."], **apart)  # type: ignore[call-overload]
    assert '"complete":true' in imported.stdout.splitlines()[-1]
    program = python.parent / "gitlade"
    assert run(program, "--version") == run(python, "-m", "gitlade", "--version")
    where = run(python, "-c", "import gitlade; print(gitlade.__file__)")
    assert Path(where.strip()).is_relative_to(tmp_path)


def test_the_wheel_has_what_it_needs_and_no_more(wheel: Path) -> None:
    name, version, python, abi, platform = wheel.stem.split("-")
    assert (name, python, abi) == ("gitlade", "cp310", "abi3") and platform != "any"
    package = CHECKOUT / "python" / "gitlade"
    wanted = {f"gitlade/{file.name}" for file in package.iterdir() if file.suffix in (".py", ".pyi")}
    wanted |= {"gitlade/py.typed", "gitlade/_gitlade.abi3.so"}
    with zipfile.ZipFile(wheel) as files:
        info = f"gitlade-{version}.dist-info/"
        assert {one for one in files.namelist() if not one.startswith(info)} == wanted
        metadata = email.message_from_bytes(files.read(info + "METADATA"))
        assert metadata["Requires-Python"] == ">=3.10"
        assert metadata.get_all("Requires-Dist") is None
        assert "gitlade=gitlade.__main__:main" in files.read(info + "entry_points.txt").decode()
        # Nothing that the machine happens to have is asked for, Python's own library least of all.
        library = Path(files.extract("gitlade/_gitlade.abi3.so", wheel.parent.parent / "library"))
    elffile = needs("elftools.elf.elffile")
    with library.open("rb") as file:
        tags = elffile.ELFFile(file).get_section_by_name(".dynamic").iter_tags("DT_NEEDED")
        needed = {tag.needed.partition(".so")[0] for tag in tags}
    assert needed <= {"libc", "libm", "libdl", "libpthread", "librt", "libgcc_s"} | {
        one for one in needed if one.startswith("ld-linux")
    }


def test_the_wheel_keeps_to_the_stable_interface(wheel: Path) -> None:
    needs("abi3audit")
    run(sys.executable, "-m", "abi3audit", "--strict", "--verbose", wheel)


def pythons() -> list[Path]:
    """Other Pythons of this machine that the wheel is for."""
    folders = [Path(one) for one in os.environ.get("PATH", "").split(os.pathsep)]
    folders += sorted(Path.home().glob(".pyenv/versions/*/bin"))
    found: dict[str, Path] = {}
    ask = "import sys; print(sys.version_info >= (3, 10), '%d.%d' % sys.version_info[:2])"
    for folder in folders:
        for minor in range(10, 30):
            program = folder / f"python3.{minor}"
            if not program.exists() or f"3.{minor}" in found:
                continue
            done = subprocess.run([program, "-c", ask], capture_output=True, text=True)
            if done.stdout.strip() == f"True 3.{minor}":
                found[f"3.{minor}"] = program
    found.pop("%d.%d" % sys.version_info[:2], None)
    return list(found.values())


def test_one_wheel_is_for_all_pythons(wheel: Path, corpus: Repo, tmp_path: Path) -> None:
    others = pythons()
    if not others:
        pytest.skip("there is no other Python of 3.10 or later on this machine")
    # There is no compiler on this path, nor anything else.
    bare = str(tmp_path)
    said = set()
    for number, other in enumerate(others):
        python = fresh(tmp_path / str(number), other)
        run(python, "-m", "pip", "install", "-q", "--no-index", wheel, PATH=bare)
        said.add(run(python, "-c", SMOKE, corpus.path, PATH=bare))
    assert len(said) == 1
