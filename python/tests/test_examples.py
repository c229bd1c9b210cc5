"""The gallery runs, and says what Git says."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import sys
from pathlib import Path

import gitlade
import pytest
from blake3 import blake3
from support import Repo, Silent, needs, python

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
sys.path.insert(0, str(EXAMPLES))


def test_each_example_has_a_test() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    for example in EXAMPLES.glob("*.py"):
        assert f"import {example.stem}" in here, example


def test_host_database(corpus: Repo, tmp_path: Path) -> None:
    import host_database

    count = host_database.import_into_host(str(corpus.path), tmp_path / "host")
    files = [row for row in corpus.ls_tree() if row[2] == "blob" and row[1] != 0o120000]
    assert count == len(files)
    database = sqlite3.connect(tmp_path / "host" / "host.db")
    for path, _, _, oid in files:
        query = "select digest, text from files join contents using (digest) where path = ?"
        digest, text = database.execute(query, (path,)).fetchone()
        content = corpus.git("cat-file", "blob", oid)
        assert digest == blake3(content).hexdigest()
        if text is None:
            assert (tmp_path / "host" / digest).read_bytes() == content
        else:
            assert text == content.decode("utf-8-sig")


def test_largest_files(corpus: Repo) -> None:
    needs("polars")
    import largest_files

    table = largest_files.largest(str(corpus.path), 3)
    sizes = corpus.git("ls-tree", "-r", "-l", "HEAD").splitlines()
    wanted = sorted((int(row.split()[3]) for row in sizes if b"commit" not in row), reverse=True)
    assert list(table["size"]) == wanted[:3]


def test_query(corpus: Repo) -> None:
    needs("duckdb")
    import query

    found = {ending: (files, lines) for ending, files, lines in query.endings(str(corpus.path))}
    assert found["py"] == (2, 101) and found["md"] == (1, 3)


def test_notebook(corpus: Repo, tmp_path: Path) -> None:
    import notebook

    assert notebook.show(str(corpus.path), tmp_path / "out.html")[-1] == "complete"
    assert "main.py" in (tmp_path / "out.html").read_text(encoding="utf-8")


def test_service(corpus: Repo) -> None:
    import service

    async def main() -> None:
        with Silent() as silent:
            running = service.Service()
            slow = running.submit(silent.url)
            good = running.submit(str(corpus.path))
            bad = running.submit("/nothing")
            await asyncio.sleep(0.2)
            assert slow.status == "importing"
            running.cancel(slow)
            await running.close()
            assert [job.status for job in (slow, good, bad)] == ["cancelled", "complete", "failed"]
            assert good.files == len(gitlade.import_repo(corpus.path).files)
            assert "check the spelling" in bad.message

    asyncio.run(main())


def test_many(corpus: Repo, wide: Repo, tmp_path: Path) -> None:
    import many

    sources = [str(corpus.path), str(wide.path), "/nothing"]
    results = many.many(sources, tmp_path / "out", processes=2)
    assert results["/nothing"].startswith("not_a_repository: ")
    kept = {gitlade.Manifest.from_ndjson(file).root for file in (tmp_path / "out").iterdir()}
    assert kept == {results[source] for source in sources[:2]}
    assert results[str(wide.path)] == gitlade.import_repo(wide.path).root


def test_the_first_five_minutes(corpus: Repo) -> None:
    readme = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```python\n(import gitlade\n.*?)```", readme, re.DOTALL)
    assert block is not None
    code = block.group(1).replace('import_repo(".")', f"import_repo({str(corpus.path)!r})")
    out = python(code).stdout
    assert "# Corpus 3 lf" in out and "in all: 20 files" in out
