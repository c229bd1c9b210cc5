"""The entries as a table, for each library that reads Arrow streams."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import gitlade
import pytest
from support import Repo, needs, python

pyarrow = needs("pyarrow")


@pytest.fixture(scope="module")
def repo(corpus: Repo) -> gitlade.Manifest:
    return gitlade.import_repo(corpus.path)


COLUMNS = ["mode", "oid", "digest", "size", "content", "encoding", "bom", "eol", "lines"]
COLUMNS += ["mime", "basis", "git_binary", "executable", "skipped", "files", "kind"]


def check(rows: list[dict[str, Any]], repo: gitlade.Manifest) -> None:
    assert len(rows) == len(repo)
    for row, entry in zip(rows, repo):
        assert bytes(row["path_bytes"]) == entry.path_bytes
        text = entry.path if "not_utf8" not in entry.flags else None
        assert row["path"] == text
        for name in COLUMNS:
            assert row[name] == getattr(entry, name), (name, row)
        assert tuple(row["flags"]) == entry.flags and row["bytes"] == entry.total_bytes


def test_pyarrow(repo: gitlade.Manifest) -> None:
    table = pyarrow.table(repo)
    table.validate(full=True)
    check(table.to_pylist(), repo)
    assert table.schema.metadata[b"gitlade.root"].decode() == repo.root
    assert pyarrow.table(repo).equals(table)


def test_polars(repo: gitlade.Manifest) -> None:
    polars = needs("polars")
    check(polars.DataFrame(repo).to_dicts(), repo)
    frame = polars.DataFrame(repo.table(text=True))
    assert list(frame["text"].drop_nulls()) == [e.text() for e in repo if e.content == "text"]


def test_pandas(repo: gitlade.Manifest) -> None:
    if sys.version_info < (3, 11):
        pytest.skip("pandas 3, which reads Arrow streams by itself, is for Python 3.11 and later")
    pandas = needs("pandas")
    frame = pandas.DataFrame.from_arrow(repo)
    assert [bytes(path) for path in frame["path_bytes"]] == [entry.path_bytes for entry in repo]
    assert frame["size"].sum() == sum(entry.size or 0 for entry in repo)
    assert list(frame["oid"]) == [entry.oid for entry in repo]


def test_duckdb(repo: gitlade.Manifest) -> None:
    duckdb = needs("duckdb")
    found = duckdb.sql("select kind, count(*), sum(size) from repo group by kind").fetchall()
    counted = {kind: (count, total) for kind, count, total in found}
    assert counted["file"] == (len(repo.files), sum(entry.size or 0 for entry in repo.files))
    assert counted["folder"] == (len(repo.folders), None)


def test_content(repo: gitlade.Manifest) -> None:
    table = pyarrow.table(repo.table(data=True, text=True))
    table.validate(full=True)
    for row, entry in zip(table.to_pylist(), repo):
        wanted = entry.bytes() if entry.digest and entry.kind != "folder" else None
        assert row["data"] == wanted
        assert row["text"] == (entry.text() if entry.content == "text" else None)


def test_batches_are_made_when_they_are_asked_for(repo: gitlade.Manifest) -> None:
    reader = pyarrow.RecordBatchReader.from_stream(repo.table(max_rows=5))
    sizes = [batch.num_rows for batch in reader]
    assert sum(sizes) == len(repo) and set(sizes[:-1]) == {5}
    reader = pyarrow.RecordBatchReader.from_stream(repo.table(data=True, max_bytes=100))
    assert len(list(reader)) > 5
    with pytest.raises(gitlade.InvalidOptionsError):
        pyarrow.table(repo.table(max_rows=0))


def test_parts_are_tables(repo: gitlade.Manifest) -> None:
    for part in (repo.files, repo.folders, repo.children("src"), repo.glob("**/*.py"), repo[3:9:2]):
        table = pyarrow.table(part)
        table.validate(full=True)
        assert [bytes(path) for path in table["path_bytes"].to_pylist()] == [
            entry.path_bytes for entry in part
        ]
        assert table.schema == pyarrow.table(repo).schema
    texts = pyarrow.table(repo.glob("src/*.py").table(text=True, data=True)).to_pylist()
    assert [(row["text"], row["data"]) for row in texts] == [
        ("print('hello')\n", b"print('hello')\n")
    ]
    assert pyarrow.table(repo.entries).equals(pyarrow.table(repo))
    assert pyarrow.table(repo[:0]).num_rows == 0
    assert repr(repo.files.table()) == f"<gitlade.ArrowTable {len(repo.files)} rows>"


def test_stores_have_the_content_too(repo: gitlade.Manifest, corpus: Repo, tmp_path: Path) -> None:
    store = gitlade.Store(tmp_path / "store", durability="none")
    kept = gitlade.import_repo(corpus.path, store=store)
    wanted = pyarrow.table(repo.table(text=True, data=True))
    assert pyarrow.table(kept.table(text=True, data=True)).equals(wanted)
    again = gitlade.Store(tmp_path / "store", read_only=True).manifest(1)
    del kept, store
    assert pyarrow.table(again.table(text=True, data=True)).equals(wanted)
    assert again.to_ndjson(text=True) == repo.to_ndjson(text=True)


MEMORY = """
import resource, sys
import gitlade, pyarrow, pyarrow.compute

repo = gitlade.import_repo(sys.argv[1], store=gitlade.Store(sys.argv[2]) if sys.argv[2] else None)

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10

def read(max_bytes):
    total = 0
    for batch in pyarrow.RecordBatchReader.from_stream(repo.table(data=True, max_bytes=max_bytes)):
        total += pyarrow.compute.sum(pyarrow.compute.binary_length(batch["data"])).as_py()
    return total

read(1 << 20)
before = peak()
assert read(1 << 20) == 96 << 20
# All of it together would be 96 MiB.
assert peak() - before < 32 << 20, (before, peak())
print("flat")
"""


@pytest.mark.parametrize("where", ["import", "store"])
def test_batches_do_not_hold_all_in_memory(tmp_path: Path, where: str) -> None:
    large = Repo.init(tmp_path / "large")
    for number in range(48):
        large.write(f"{number}.bin", bytes([number, 0]) * (1 << 20))
    large.commit("large")
    store = str(tmp_path / "store") if where == "store" else ""
    assert python(MEMORY, str(large.path), store).stdout == "flat\n"


def test_streams_outlive_their_manifest(corpus: Repo) -> None:
    reader = pyarrow.RecordBatchReader.from_stream(
        gitlade.import_repo(corpus.path).table(text=True)
    )
    assert reader.read_all().num_rows == len(corpus.ls_tree())


def test_streams_that_nobody_takes(repo: gitlade.Manifest) -> None:
    for _ in range(100):
        capsule = repo.__arrow_c_stream__()
        assert "arrow_array_stream" in repr(capsule)


def test_lists_have_no_content(repo: gitlade.Manifest) -> None:
    read = gitlade.Manifest.from_ndjson(repo.to_ndjson())
    assert pyarrow.table(read).equals(pyarrow.table(repo))
    with pytest.raises(gitlade.ContentSkippedError):
        read.table(text=True)
