"""Bars, lines, functions and logs."""

from __future__ import annotations

import io
import logging
import sys
import time

import gitlade
import pytest
from gitlade import _display
from support import POLICY, Repo, Server, needs


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_functions_are_called(wide: Repo) -> None:
    seen: list[gitlade.Progress] = []
    repo = gitlade.import_repo(wide.path, progress=seen.append)
    assert len(repo) == 3_030
    assert all(isinstance(one, gitlade.Progress) for one in seen)
    assert all(one.percent is None or 0 <= one.percent <= 100 for one in seen)


def test_what_a_function_raises_ends_the_import(server: Server) -> None:
    def fail(progress: gitlade.Progress) -> None:
        raise ZeroDivisionError

    cancel = gitlade.Cancel()
    server.answer = lambda handler: time.sleep(0.5)
    with pytest.raises(ZeroDivisionError):
        gitlade.import_repo(server.url(), policy=POLICY, progress=fail, cancel=cancel)
    assert cancel.cancelled


@pytest.mark.parametrize("library", ["tqdm", "rich", "none"])
def test_bars(
    wide: Repo,
    library: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if library != "none":
        needs(library)
    for name in list(sys.modules):
        if name.split(".")[0] in ("tqdm", "rich") and name.split(".")[0] != library:
            monkeypatch.delitem(sys.modules, name)
    for other in {"tqdm", "rich"} - {library}:
        monkeypatch.setitem(sys.modules, other, None)
        monkeypatch.setitem(sys.modules, f"{other}.auto", None)
        monkeypatch.setitem(sys.modules, f"{other}.progress", None)
    display = _display._choose(True)
    assert type(display).__name__ == {"tqdm": "_Tqdm", "rich": "_Rich", "none": "PlainLine"}[library]
    job = gitlade.start(wide.path)
    assert display is not None
    for progress in job.events(interval=0.001):
        display.update(progress)
    display.close()
    assert len(gitlade.import_repo(wide.path, progress=True)) == 3_030
    assert capsys.readouterr().out == "" or library == "rich"


def test_lines_on_a_terminal_are_written_over(wide: Repo) -> None:
    out = Terminal()
    line = _display.PlainLine(out)
    for progress in gitlade.start(wide.path).events(interval=0.001):
        line.update(progress)
    line.close()
    assert "\rgitlade: " in out.getvalue() and "\n" not in out.getvalue()
    assert out.getvalue().endswith("\r")


def test_lines_without_a_terminal_are_few(
    wide: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.StringIO()
    line = _display.PlainLine(out)
    # However long the import takes here.
    monkeypatch.setattr(line, "INTERVAL", 3_600.0)
    monkeypatch.setattr(line, "_written", -3_600.0)
    for progress in gitlade.start(wide.path).events(interval=0.001):
        line.update(progress)
    line.close()
    assert out.getvalue().count("\n") == 1


def test_logging(corpus: Repo, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "gitlade")
    gitlade.import_repo(corpus.path)
    with pytest.raises(gitlade.Error):
        gitlade.import_repo("http://user:s3cret@127.0.0.1:1/x?s3cret#s3cret\n")
    told = [(record.name, record.levelname) for record in caplog.records]
    assert ("gitlade", "INFO") in told and ("gitlade", "DEBUG") in told
    assert "s3cret" not in caplog.text
