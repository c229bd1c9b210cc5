"""A manifest is a sequence and a mapping."""

from __future__ import annotations

import copy
import os
import pickle
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import gitlade
import pytest
from support import Repo


@pytest.fixture(scope="module")
def repo(corpus: Repo) -> gitlade.Manifest:
    return gitlade.import_repo(corpus.path)


def test_it_is_a_sequence(repo: gitlade.Manifest, corpus: Repo) -> None:
    paths = [os.fsdecode(path) for path, *_ in corpus.ls_tree()]
    assert len(repo) == len(paths) and [entry.path for entry in repo] == paths
    assert repo[0].path == paths[0] and repo[-1].path == paths[-1]
    assert [entry.path for entry in repo[2:9:3]] == paths[2:9:3]
    assert [entry.path for entry in repo[::-1]] == paths[::-1]
    assert [entry.path for entry in reversed(repo)] == paths[::-1]
    for index in (len(paths), -len(paths) - 1, 2**70):
        with pytest.raises((IndexError, OverflowError, TypeError)):
            repo[index]


def test_it_is_a_mapping(repo: gitlade.Manifest) -> None:
    assert repo["src/main.py"].name == "main.py"
    assert repo[b"src/main.py"] == repo[PurePosixPath("src/main.py")] == repo["src/main.py"]
    assert "src" in repo and "nothing" not in repo and 7 not in repo and "src/" not in repo
    assert repo.get("nothing") is None and repo.get("nothing", 1) == 1
    assert repo.get("src") == repo["src"]
    with pytest.raises(KeyError, match="nothing"):
        repo["nothing"]
    with pytest.raises(TypeError):
        repo[1.5]  # type: ignore[call-overload]


def test_paths_lose_nothing(repo: gitlade.Manifest) -> None:
    entry = repo[b"odd/caf\xe9.txt"]
    assert entry.path == "odd/caf\udce9.txt" and entry.path_bytes == b"odd/caf\xe9.txt"
    assert repo[entry.path] == entry and entry.flags == ("not_utf8",)
    assert "caf" in repr(entry) and repr(entry).isascii()
    assert repo["odd/naïve.txt"].path_bytes == "odd/naïve.txt".encode()


def test_parts(repo: gitlade.Manifest, corpus: Repo) -> None:
    rows = corpus.ls_tree()
    for part, wanted in [
        (repo.folders, [path for path, _, kind, _ in rows if kind == "tree"]),
        (repo.symlinks, [path for path, mode, _, _ in rows if mode == 0o120000]),
        (repo.submodules, [path for path, _, kind, _ in rows if kind == "commit"]),
        (repo.entries, [path for path, *_ in rows]),
    ]:
        assert [entry.path_bytes for entry in part] == wanted and len(part) == len(wanted)
        assert all(entry in part for entry in part)
    assert repo["src"] not in repo.files and repo["src"] in repo.folders
    assert repo.files[-1] == list(repo.files)[-1] and len(repo.files[1:3]) == 2
    top = corpus.git("ls-tree", "--name-only", "-z", "HEAD").split(b"\0")[:-1]
    assert [entry.path_bytes for entry in repo.children()] == top
    below = corpus.git("ls-tree", "--name-only", "-z", "HEAD:src").split(b"\0")[:-1]
    assert [entry.name.encode() for entry in repo.children("src")] == below
    with pytest.raises(KeyError):
        repo.children("README.md")
    deep = repo["src/deep/er/est.py"].parent
    assert deep is not None and deep.path == "src/deep/er" and repo["src"].parent is None


@pytest.mark.parametrize(
    "pattern",
    ["*.md", "**/*.py", "src/**", "**", "src/*/er/*", "**/b?m.txt", "s*/[am]*", "odd/[[]x].txt"]
    + ["**/deep/**/*.py", "src/**/est.py", "[!s]*/*", "**/*.*", "nothing/*", "README.md"],
)
def test_glob_is_that_of_git(repo: gitlade.Manifest, corpus: Repo, pattern: str) -> None:
    listed = corpus.git("ls-files", "-z", "--", f":(glob){pattern}").split(b"\0")[:-1]
    # A pattern of Git's that matches a folder takes what is below it, too.
    found = [entry for entry in repo.glob(pattern) if not entry.is_folder]
    assert {entry.path_bytes for entry in found} <= set(listed)
    if not any(entry.is_folder for entry in repo.glob(pattern)) or pattern.endswith("**"):
        assert sorted(entry.path_bytes for entry in found) == sorted(listed)


def test_glob_takes_all_paths(repo: gitlade.Manifest) -> None:
    assert [entry.path_bytes for entry in repo.glob(b"odd/caf\xe9.*")] == [b"odd/caf\xe9.txt"]
    assert repo.glob(PurePosixPath("src/*.py"))[0] == repo["src/main.py"]
    assert repr(repo.glob("src/*")) == "<gitlade.Entries 3 entries>"


def test_glob_does_not_run_away(repo: gitlade.Manifest) -> None:
    assert len(repo.glob("**/" * 300 + "x" + "*" * 300)) == 0
    with pytest.raises(ValueError):
        repo.glob("*" * 5_000)


def test_entries_are_frozen_and_hashable(repo: gitlade.Manifest, corpus: Repo) -> None:
    entry = repo["README.md"]
    with pytest.raises(AttributeError):
        entry.path = "x"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        entry.other = 1  # type: ignore[attr-defined]
    again = gitlade.import_repo(corpus.path)
    assert again["README.md"] == entry and hash(again["README.md"]) == hash(entry)
    assert len({*repo, *again}) == len(repo)
    assert repo["same/a.txt"] != repo["same/b.txt"] and entry != "README.md"
    assert repr(entry) == "<gitlade.Entry file 'README.md' 21 bytes text utf-8>"


def test_pickles_have_the_list(repo: gitlade.Manifest) -> None:
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(repo, protocol))
        assert again == repo and again.to_ndjson() == repo.to_ndjson()
    assert list(again) == list(repo) and not again.has_content and repo.has_content
    with pytest.raises(gitlade.ContentSkippedError):
        again["README.md"].bytes()
    one, two = pickle.loads(pickle.dumps([repo["src"], repo["link"]]))
    assert one.manifest is two.manifest and one == repo["src"]
    assert copy.copy(repo["src"]) == repo["src"]
    assert hash(again) == hash(repo)
    assert repo.without_content() == repo and not repo.without_content().has_content


def test_files_are_files(repo: gitlade.Manifest, corpus: Repo) -> None:
    content = (corpus.path / "binary" / "nul.bin").read_bytes()
    with repo["binary/nul.bin"].open() as file:
        assert file.seek(-10, os.SEEK_END) == len(content) - 10
        assert file.read() == content[-10:] and file.read() == b""
        file.seek(300)
        assert file.read(5) == content[300:305] and file.tell() == 305
        with pytest.raises(ValueError):
            file.seek(-1)
    with pytest.raises(ValueError):
        file.read()
    with pytest.raises(ValueError):
        repo["src"].open("w")  # type: ignore[call-overload]
    for path in ("src", "vendor/lib"):
        with pytest.raises(gitlade.PathIsOtherError) as caught:
            repo[path].bytes()
        assert caught.value.path == path


def test_html_shows_and_does_nothing_else(tmp_path: Path) -> None:
    hostile = Repo.init(tmp_path / "hostile")
    hostile.write(b"<script>alert(1)</script>/\x1b[2Jx&\xff\xe2\x80\xae.txt", "x\n")
    hostile.commit("hostile")
    html = gitlade.import_repo(hostile.path)._repr_html_()
    assert "<script" not in html and "&lt;script&gt;" in html
    assert "\x1b" not in html and "\u202e" not in html and html.isascii()
    assert html.count("<details") == html.count("</details>") == 2


def test_html_of_many_is_short(wide: Repo) -> None:
    html = gitlade.import_repo(wide.path)._repr_html_()
    assert html.count("<div") < 1_100 and "3,030 entries in all" in html


def test_reprs(repo: gitlade.Manifest) -> None:
    assert repr(repo).startswith(f"<gitlade.Manifest commit {repo.commit}: ")
    assert repr(repo.totals).startswith("Totals(folders=")
    assert repr(repo.files) == f"<gitlade.Entries {len(repo.files)} entries>"
    assert repo.totals.files == len(repo.files) and not repo.skipped


def test_files_of_python_that_fail(repo: gitlade.Manifest) -> None:
    class Broken:
        def write(self, data: bytes) -> int:
            raise ZeroDivisionError

        def read(self, count: int) -> bytes:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        repo.to_ndjson(Broken())  # type: ignore[call-overload]
    with pytest.raises(ZeroDivisionError):
        gitlade.Manifest.from_ndjson(Broken())  # type: ignore[arg-type]
    cut = repo.to_ndjson()[:-50]
    with pytest.raises(gitlade.CorruptManifestError):
        gitlade.Manifest.from_ndjson(cut)


def test_iterators_end_once(repo: gitlade.Manifest) -> None:
    entries: Iterator[gitlade.Entry] = iter(repo)
    assert len(list(entries)) == len(repo) and list(entries) == []
