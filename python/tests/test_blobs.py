"""Stores of content: as sinks, and by themselves."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import gitlade
import pytest
from blake3 import blake3
from support import POLICY, Repo, Server
from test_processes import in_child
from test_sink import Kept

HELLO = b"hello"
DIGEST = blake3(HELLO).hexdigest()
OTHER = blake3(b"other").hexdigest()

KINDS: dict[str, Callable[[Path], gitlade.BlobStore]] = {
    "folder": lambda at: gitlade.FolderBlobs(at / "blobs", durability="none"),
    "compressed": lambda at: gitlade.FolderBlobs(at / "blobs", compress=3, durability="none"),
    "sqlite": lambda at: gitlade.SqliteBlobs(at / "blobs.db", durability="none"),
    "memory": lambda at: gitlade.MemoryBlobs(),
    "objects": lambda at: gitlade.ObjectBlobs("memory:///"),
    "files": lambda at: gitlade.ObjectBlobs((at / "objects").as_uri(), durability="none"),
    "split": lambda at: gitlade.SplitBlobs(
        text=gitlade.SqliteBlobs(at / "text.db", table="texts"),
        binary=gitlade.FolderBlobs(os.fsencode(at / "blobs")),  # type: ignore[arg-type]
    ),
    "verified": lambda at: gitlade.VerifiedBlobs(gitlade.FolderBlobs(str(at / "blobs"))),
}


@pytest.fixture(params=KINDS)
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> gitlade.BlobStore:
    if request.param == "files":
        (tmp_path / "objects").mkdir()
    return KINDS[request.param](tmp_path)


def test_contents_come_and_go(blobs: gitlade.BlobStore) -> None:
    assert blobs.put(DIGEST, HELLO) is True and blobs.put(DIGEST, bytearray(HELLO)) is False
    assert blobs.add(memoryview(b"other")) == OTHER
    assert DIGEST in blobs and DIGEST.upper() in blobs and blobs[DIGEST] == HELLO
    assert blobs.get(DIGEST) == HELLO and blobs.size(OTHER) == 5
    assert set(blobs) == {DIGEST, OTHER} and dict(blobs.sizes()) == {DIGEST: 5, OTHER: 5}
    assert blobs.remove(OTHER) and not blobs.remove(OTHER)
    assert OTHER not in blobs and blobs.get(OTHER) is None and blobs.get(OTHER, 7) == 7
    assert blobs.size(OTHER) is None and list(blobs) == [DIGEST]
    missing: Callable[[], object]
    for missing in (lambda: blobs[OTHER], lambda: blobs.open(OTHER)):
        with pytest.raises(KeyError, match=OTHER):
            missing()
    blobs.sync()
    assert repr(blobs).startswith(f"<gitlade.{type(blobs).__name__}")


def test_files_are_read_piece_by_piece(blobs: gitlade.BlobStore) -> None:
    content = os.urandom(3_000_000) + b"the end"
    digest = blobs.add(content)
    with blobs.open(digest) as file:
        assert file.read(10) == content[:10] and file.name == digest
        file.seek(-7, os.SEEK_END)
        assert file.read() == b"the end" and file.read(1) == b""
        file.seek(0)
        assert file.read() == content
    with blobs.open(blobs.add(b"")) as file:
        assert file.read() == b""


def test_wrong_names_are_refused(blobs: gitlade.BlobStore) -> None:
    with pytest.raises(gitlade.Error, match=OTHER):
        blobs.put(OTHER, HELLO)
    assert OTHER not in blobs
    for wrong in ("", "abc", "../" + DIGEST, DIGEST[:-1] + "g"):
        assert wrong not in blobs
        with pytest.raises(ValueError):
            blobs[wrong]
    assert 7 not in blobs and None not in blobs
    with pytest.raises(TypeError):
        blobs[7]  # type: ignore[index]
    with pytest.raises(TypeError):
        blobs.put(7, b"")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        blobs.put(DIGEST, "text")  # type: ignore[arg-type]


@pytest.mark.parametrize("where", ["path", "url"])
def test_imports_fill_them(
    corpus: Repo, server: Server, blobs: gitlade.BlobStore, where: str
) -> None:
    source = str(corpus.path) if where == "path" else server.url()
    repo = gitlade.import_repo(source, policy=POLICY, sink=blobs)
    read = [*repo.files, *repo.symlinks]
    assert set(blobs) == {entry.digest for entry in read}
    for entry in read:
        assert entry.digest is not None
        assert blobs[entry.digest] == corpus.git("cat-file", "blob", entry.oid)
        assert blobs.size(entry.digest) == entry.size


def test_text_and_binary_part_ways(corpus: Repo, tmp_path: Path) -> None:
    text, binary = gitlade.MemoryBlobs(), gitlade.FolderBlobs(tmp_path / "binary")
    repo = gitlade.import_repo(corpus.path, sink=gitlade.SplitBlobs(text=text, binary=binary))
    assert repo["README.md"].digest in text and repo["README.md"].digest not in binary
    assert repo["binary/logo.png"].digest in binary
    assert repo["binary/logo.png"].digest not in text


def test_they_stand_beside_sinks_of_the_host(corpus: Repo) -> None:
    class Own(Kept):
        def put(self, digest: str, data: bytes, blob: gitlade.Blob) -> None:
            super().put(digest, data, blob)
            through.put(digest, data, blob)

    beside, through, own = gitlade.MemoryBlobs(), gitlade.MemoryBlobs(), Own()
    gitlade.import_repo(corpus.path, sink=[beside, own])
    assert set(beside) == set(through) == own.content.keys()
    for digest, data in own.content.items():
        assert beside[digest] == through[digest] == data


def test_a_store_that_fails_ends_the_import(corpus: Repo, tmp_path: Path) -> None:
    gitlade.FolderBlobs(tmp_path / "blobs")
    blobs = gitlade.FolderBlobs(tmp_path / "blobs", read_only=True)
    with pytest.raises(gitlade.Error):
        gitlade.import_repo(corpus.path, sink=blobs)
    assert list(blobs) == []


def test_other_programs_read_them(tmp_path: Path) -> None:
    gitlade.FolderBlobs(tmp_path / "blobs").add(HELLO)
    assert (tmp_path / "blobs" / DIGEST[:2] / DIGEST[2:]).read_bytes() == HELLO
    gitlade.SqliteBlobs(tmp_path / "own.db", table="attachments").add(HELLO)
    with sqlite3.connect(tmp_path / "own.db") as database:
        columns = [row[1] for row in database.execute("pragma table_info(attachments)")]
        assert "digest" in columns
        assert database.execute("select count(*) from attachments").fetchone() == (1,)


def test_altered_contents_are_found(tmp_path: Path) -> None:
    plain = gitlade.FolderBlobs(tmp_path / "blobs")
    plain.add(HELLO)
    (tmp_path / "blobs" / DIGEST[:2] / DIGEST[2:]).write_bytes(b"hallo")
    verified = gitlade.VerifiedBlobs(plain)
    reads: list[Callable[[], object]] = [
        lambda: verified[DIGEST],
        lambda: verified.open(DIGEST).read(),
    ]
    for read in reads:
        with pytest.raises(gitlade.CorruptStoreError, match=DIGEST[2:]) as caught:
            read()
        assert caught.value.digest == DIGEST
    with pytest.raises(gitlade.CorruptStoreError):
        verified.open(DIGEST).read(5)


def test_many_threads_and_one_list(tmp_path: Path) -> None:
    blobs = gitlade.FolderBlobs(tmp_path / "blobs", durability="none")
    numbers = range(2_500)

    def put(start: int) -> None:
        for number in numbers[start::2]:
            blobs.add(b"%d" % number)

    threads = [threading.Thread(target=put, args=(start % 2,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listed = iter(blobs)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.extend(listed)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(blake3(b"%d" % number).hexdigest() for number in numbers)
    # Lists that are not read to their end let go of their threads.
    for _ in range(20):
        next(iter(blobs))


def test_wrong_options(tmp_path: Path) -> None:
    with pytest.raises(gitlade.InvalidOptionsError, match="sometimes"):
        gitlade.FolderBlobs(tmp_path / "a", durability="sometimes")  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        gitlade.FolderBlobs(tmp_path / "a", compress=23)
    with pytest.raises(gitlade.Error):
        gitlade.SqliteBlobs(tmp_path / "a.db", table="a b; drop")
    with pytest.raises(gitlade.InvalidSourceError):
        gitlade.ObjectBlobs("gopher://x")
    with pytest.raises(gitlade.InvalidOptionsError):
        gitlade.ObjectBlobs("s3://bucket/x", {"nonsense": "1"})
    with pytest.raises(TypeError, match="colour"):
        gitlade.ObjectBlobs("memory:///", colour=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="aws_region"):
        gitlade.ObjectBlobs("s3://bucket/x", {"aws_region": 7})  # type: ignore[dict-item]
    with pytest.raises(TypeError):
        gitlade.BlobStore()
    assert not (tmp_path / "a").exists()


def test_secrets_are_not_shown() -> None:
    secret = "c4n4ry"
    settings = {"aws_access_key_id": "id", "aws_secret_access_key": secret}
    for url in ("s3://bucket/path", f"s3://bucket/path?{secret}#{secret}"):
        blobs = gitlade.ObjectBlobs(url, settings)
        assert repr(blobs) == '<gitlade.ObjectBlobs "s3://bucket/path">'


def test_services_that_do_not_answer_do_not_block_others() -> None:
    settings = {
        "aws_access_key_id": "id",
        "aws_secret_access_key": "c4n4ry",
        "aws_endpoint": "http://127.0.0.1:1",
        "allow_http": "true",
    }
    blobs = gitlade.ObjectBlobs("s3://bucket", settings, retries=0, connect_timeout=2)
    with pytest.raises(gitlade.Error) as caught:
        blobs.get(DIGEST)
    assert "c4n4ry" not in str(caught.value) + repr(caught.value) + str(caught.value.__cause__)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_forked_children_open_their_own(tmp_path: Path) -> None:
    for name, make in KINDS.items():
        folder = tmp_path / name
        (folder / "objects").mkdir(parents=True)
        blobs = make(folder)
        blobs.add(HELLO)

        def work(blobs: gitlade.BlobStore = blobs) -> None:
            with pytest.raises(RuntimeError, match="forked"):
                blobs.get(DIGEST)

        assert in_child(work) == 0
        assert blobs[DIGEST] == HELLO
