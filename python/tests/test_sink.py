"""Content goes to an object of Python while the import runs."""

from __future__ import annotations

import threading

import gitlade
import pytest
from blake3 import blake3
from support import POLICY, Repo, Server


class Kept:
    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.blobs: dict[str, gitlade.Blob] = {}
        self.puts = 0
        self.lock = threading.Lock()

    def put(self, digest: str, data: bytes, blob: gitlade.Blob) -> None:
        with self.lock:
            self.puts += 1
            self.content[digest] = data
            self.blobs[digest] = blob


@pytest.mark.parametrize("where", ["path", "url"])
def test_each_content_comes_once(corpus: Repo, server: Server, where: str) -> None:
    kept = Kept()
    source = str(corpus.path) if where == "path" else server.url()
    repo = gitlade.import_repo(source, policy=POLICY, sink=kept)
    read = [*repo.files, *repo.symlinks]
    assert kept.content.keys() == {entry.digest for entry in read}
    assert kept.puts == len({entry.oid for entry in read})
    for digest, data in kept.content.items():
        blob = kept.blobs[digest]
        assert blake3(data).hexdigest() == blob.digest == digest and blob.size == len(data)
        assert corpus.git("cat-file", "blob", blob.oid) == data
    lfs = kept.blobs[repo["big.lfs"].digest or ""].lfs
    assert lfs is not None and lfs.size == 12345 and lfs.filter is None
    logo = kept.blobs[repo["binary/logo.png"].digest or ""]
    assert (logo.content, logo.mime) == ("binary", "image/png")


def test_batches(wide: Repo) -> None:
    kept = Kept()
    repo = gitlade.import_repo(wide.path, sink=kept)
    assert kept.puts == len(repo.files) == 3_000


def test_what_it_raises_ends_the_import(corpus: Repo) -> None:
    class Full(Kept):
        def put(self, digest: str, data: bytes, blob: gitlade.Blob) -> None:
            raise MemoryError("no more room")

    with pytest.raises(gitlade.HostError) as caught:
        gitlade.import_repo(corpus.path, sink=Full())
    assert isinstance(caught.value.__cause__, MemoryError)
    assert str(caught.value.__cause__) == "no more room"


def test_objects_that_are_no_sink(corpus: Repo) -> None:
    for sink in (object(), 7, [Kept(), object()]):
        with pytest.raises(TypeError, match="put"):
            gitlade.import_repo(corpus.path, sink=sink)  # type: ignore[arg-type]
