"""What comes out is what Git and b3sum say, and what the Rust program writes."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import gitlade
import pytest
from blake3 import blake3
from support import POLICY, Repo, Server

KINDS = {"tree": "folder", "blob": "file", "commit": "submodule"}


def test_entries_are_those_of_ls_tree(corpus: Repo) -> None:
    repo = gitlade.import_repo(corpus.path)
    found = [(entry.path_bytes, entry.mode, entry.oid) for entry in repo]
    assert found == [(path, mode, oid) for path, mode, _, oid in corpus.ls_tree()]
    for entry, (_, mode, kind, _) in zip(repo, corpus.ls_tree()):
        assert entry.kind == ("symlink" if mode == 0o120000 else KINDS[kind])


def test_content_is_that_of_cat_file_and_b3sum(corpus: Repo) -> None:
    repo = gitlade.import_repo(corpus.path)
    for entry in [*repo.files, *repo.symlinks]:
        content = corpus.git("cat-file", "blob", entry.oid)
        assert entry.bytes() == content
        assert entry.size == len(content)
        assert entry.digest == blake3(content).hexdigest()
        with entry.open() as file:
            assert file.read() == content


def test_verdicts_are_those_of_git(corpus: Repo) -> None:
    empty = corpus.git("hash-object", "-t", "tree", "/dev/null").decode().strip()
    numstat = corpus.git("diff", "--numstat", "--no-renames", "-z", empty, "HEAD", "--")
    binary = {row.split(b"\t", 2)[2] for row in numstat.split(b"\0") if row.startswith(b"-")}
    repo = gitlade.import_repo(corpus.path)
    assert {entry.path_bytes for entry in repo.files if entry.git_binary} == binary


@pytest.mark.parametrize("where", ["path", "url"])
def test_ndjson_is_that_of_the_program(
    corpus: Repo, server: Server, program: Path, tmp_path: Path, where: str
) -> None:
    source = str(corpus.path) if where == "path" else server.url()
    written = tmp_path / "theirs.ndjson"
    command: list[str | Path] = [program, "import", source, "--rev", "v1", "--manifest", written]
    subprocess.run(command, check=True, capture_output=True)
    repo = gitlade.import_repo(source, rev="v1", policy=POLICY)
    theirs = written.read_bytes()
    assert repo.to_ndjson() == theirs
    ours, file = tmp_path / "ours.ndjson", io.BytesIO()
    repo.to_ndjson(ours)
    repo.to_ndjson(file)
    assert ours.read_bytes() == file.getvalue() == theirs
    for again in (theirs, ours, str(ours), io.BytesIO(theirs)):
        assert gitlade.Manifest.from_ndjson(again) == repo
    subprocess.run([program, "verify", ours, "--against", source], check=True, capture_output=True)


def test_texts_in_ndjson_are_those_of_the_program(corpus: Repo, program: Path) -> None:
    command: list[str | Path] = [program, "import", corpus.path, "--text"]
    theirs = subprocess.run(command, check=True, capture_output=True).stdout
    assert gitlade.import_repo(corpus.path).to_ndjson(text=True) == theirs


def test_options_say_what_they_say_to_the_program(corpus: Repo, program: Path) -> None:
    command: list[str | Path] = [program, "import", corpus.path, "--subdir", "src", "--include", "*.py"]
    command += ["--exclude", "deep/", "--max-blob", "14", "--threads", "1"]
    theirs = subprocess.run(command, check=True, capture_output=True).stdout
    repo = gitlade.import_repo(
        corpus.path,
        subdir="src/",
        include="*.py",
        exclude=["deep/"],
        limits={"max_blob": 14},
        threads=1,
        verify="ids",
        memory=1 << 20,
    )
    assert repo.to_ndjson() == theirs
    assert repo["main.py"].skipped == "too_large" and repo.skipped.too_large == 1
    assert repo.subdir == "src"


def test_texts_are_decoded(corpus: Repo) -> None:
    repo = gitlade.import_repo(corpus.path)
    assert repo["text/utf16.txt"].text() == "hällo\n"
    assert repo["text/bom.txt"].text() == "with a mark\n"
    assert repo["text/latin1.txt"].text().startswith("Füße und Öl")
    assert repo["text/latin1.txt"].open("r").readline().endswith("süß\n")
    assert repo["src/win.txt"].eol == "crlf"
    assert repo["src/win.txt"].open("r").read() == "a\nb\n"
    assert "\ufffd" in repo["binary/nul.bin"].text(errors="replace")
    with pytest.raises(gitlade.NotTextError):
        repo["binary/nul.bin"].text()


def test_facts_of_all_kinds(corpus: Repo) -> None:
    repo = gitlade.import_repo(corpus.path)
    assert repo["run.sh"].executable and not repo["empty"].executable
    assert repo["link"].target == "src/main.py" and repo["link"].bytes() == b"src/main.py"
    assert repo["vendor/lib"].url == "https://example.org/lib"
    assert repo["binary/logo.png"].mime == "image/png"
    assert repo["forced.dat"].content == "binary" and repo["forced.dat"].basis == "attributes"
    lfs = repo["big.lfs"].lfs
    assert lfs is not None and (lfs.size, lfs.filter) == (12345, True)
    assert repo["src"].files == 3 and repo["src/deep"].total_bytes == 600
    assert repo.commit == corpus.git("rev-parse", "HEAD").decode().strip()
    assert repo.tree == corpus.git("rev-parse", "HEAD^{tree}").decode().strip()
    assert repo.ref == "refs/heads/main" and repo.url is None
    assert repo.object_format == "sha1"


def test_refs_are_those_of_git(corpus: Repo, server: Server) -> None:
    theirs = subprocess.run(
        ["git", "ls-remote", server.url()], check=True, capture_output=True, text=True
    ).stdout
    refs = gitlade.ls_remote(server.url(), policy=POLICY)
    assert "".join(f"{found.oid}\t{found.name}\n" for found in refs) == theirs
    assert {found.name: found.target for found in refs}["HEAD"] == "refs/heads/main"


def test_detection(corpus: Repo, server: Server) -> None:
    found = gitlade.detect(server.url(), policy=POLICY)
    assert found.kind == "git-smart" and found.facts["default_branch"] == "main", found
    assert found.candidates[0].url == server.url()
