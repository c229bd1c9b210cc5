"""Stores and engines, and what SQL says of them."""

from __future__ import annotations

import asyncio
import builtins
import sqlite3
from datetime import timedelta
from pathlib import Path

import gitlade
import pytest
from support import PATIENCE, POLICY, Repo, Server, Silent


@pytest.fixture
def store(tmp_path: Path) -> gitlade.Store:
    return gitlade.Store(tmp_path / "store", durability="none")


def test_imports_are_kept(corpus: Repo, store: gitlade.Store) -> None:
    kept = gitlade.import_repo(corpus.path, store=store)
    plain = gitlade.import_repo(corpus.path)
    assert kept.to_ndjson() == plain.to_ndjson() and kept.import_id == 1
    again = gitlade.Store(store.folder, read_only=True).manifest(1)
    for entry in [*again.files, *again.symlinks]:
        assert entry.bytes() == corpus.git("cat-file", "blob", entry.oid)
        if entry.content == "text":
            assert entry.text() == plain[entry.path_bytes].text()
            assert entry.open("r").read() == plain[entry.path_bytes].open("r").read()
    assert again["binary/nul.bin"].text(errors="replace").startswith("\0\1\2")
    assert again.has_content
    record = store.record(1)
    assert record.status == "complete" and record.ended and record.outcome is not None
    assert record.outcome.commit == plain.commit and record.outcome.ref == "refs/heads/main"
    assert record.outcome.totals["files"] == len(plain.files)
    assert store.log(1)[-1].event == "complete" or store.log(1)


def test_sql_reads_them(corpus: Repo, store: gitlade.Store) -> None:
    repo = gitlade.import_repo(corpus.path, store=store)
    with sqlite3.connect(f"file:{store.database}?mode=ro", uri=True) as database:
        rows = database.execute(
            "select path, size, digest, content from import_files where import_id = ?",
            (repo.import_id,),
        ).fetchall()
    found = {path if isinstance(path, bytes) else path.encode(): rest for path, *rest in rows}
    for entry in repo.files:
        assert found[entry.path_bytes] == [entry.size, entry.digest, entry.content]


def test_lists_and_removal(corpus: Repo, wide: Repo, store: gitlade.Store) -> None:
    for source in (corpus.path, wide.path):
        gitlade.import_repo(source, store=store)
    with pytest.raises(gitlade.RevisionNotFoundError):
        gitlade.import_repo(corpus.path, rev="nothing", store=store)
    assert [one.id for one in store.imports(sort="files")][0] == 2
    failed = store.imports(status="failed")
    assert failed.total == len(failed) == 1 and failed[0].failure is not None
    assert failed[0].failure.kind == "revision_not_found" and failed[0].failure.advice
    assert store.imports(status=["complete", "failed"], limit=1).total == 3
    store.remove(1)
    with pytest.raises(gitlade.ImportNotFoundError):
        store.record(1)
    with pytest.raises(gitlade.InvalidOptionsError):
        store.imports(status="all")  # type: ignore[arg-type]
    with pytest.raises(gitlade.InvalidOptionsError):
        gitlade.import_repo(corpus.path, store=store, sink=object())  # type: ignore[arg-type]


def test_engine(corpus: Repo, store: gitlade.Store) -> None:
    with gitlade.Engine(store, policy=POLICY) as engine, Silent() as silent:
        events = engine.subscribe()
        first = engine.start(corpus.path, tenant="acme", metadata={"by": "mona"}, subdir="src")
        record = engine.wait(first, timeout=PATIENCE)
        assert record.status == "complete" and record.subdir == "src"
        assert (record.tenant, record.metadata) == ("acme", {"by": "mona"})
        seen = []
        while (event := events.receive(timeout=5)) is not None:
            seen.append(event.event)
            if event.ended:
                break
        assert seen[0] == "created" and seen[-1] == "complete"
        assert store.manifest(first).totals.files == 3

        slow = engine.start(silent.url, tenant="other")
        with pytest.raises(builtins.TimeoutError):
            engine.wait(slow, timeout=0.1)
        assert engine.cancel(slow) and engine.wait(slow, timeout=PATIENCE).status == "cancelled"
        assert not engine.cancel(slow)
        engine.restart(slow)
        assert engine.status(slow).attempt == 2
        with pytest.raises(gitlade.BusyError):
            engine.remove(slow)
        assert {one.tenant for one in engine.imports()} == {"acme", "other"}
        assert engine.imports(tenant="acme").total == 1
    assert store.record(slow).status == "interrupted"
    with pytest.raises(gitlade.BusyError):
        engine.start(corpus.path)
    assert [event.event for event in events][-1] == "interrupted" and events.missed == 0


def test_restarts_with_other_options(
    corpus: Repo, store: gitlade.Store, server: Server
) -> None:
    server.login = ("x", "token")
    remote: gitlade.options.RemoteOptions = {"plain_http_credentials": True}
    with gitlade.Engine(store, policy=POLICY, remote=remote) as engine:
        number = engine.start(server.url(), rev="v1", subdir="src", token="wrong")
        assert engine.wait(number, timeout=PATIENCE).status == "failed"
        asked: list[str] = []

        def find(request: gitlade.CredentialRequest) -> gitlade.Credentials:
            asked.append(request.host)
            return gitlade.Credentials.password("x", "token")

        engine.restart(
            number, exclude="*.lfs", include=["*.py"], credentials=find, forget_credentials=True
        )
        record = engine.wait(number, timeout=PATIENCE)
        assert record.status == "complete", record.failure
        assert (record.revision, record.subdir, record.attempt) == ("v1", None, 2)
        assert asked == ["127.0.0.1"]
    found = [entry.path for entry in store.manifest(number).files]
    listed = corpus.git("ls-files", "*.py").decode().split()
    assert found == listed
    # It still tells how things ended.
    assert engine.status(number).status == "complete"


def test_asyncio_hosts(corpus: Repo, store: gitlade.Store) -> None:
    async def main() -> None:
        with Silent() as silent:
            async with gitlade.Engine(store, policy=POLICY) as engine:
                events, told = engine.subscribe(), []

                async def listen() -> None:
                    async for event in events:
                        told.append((event.import_id, event.event))

                listening = asyncio.create_task(listen())
                slow, good = engine.start(silent.url), engine.start(corpus.path)
                record = await engine.wait_async(good, timeout=PATIENCE)
                assert record.status == "complete"
                assert (await engine.wait_async(good)).status == "complete"
                with pytest.raises(builtins.TimeoutError):
                    await engine.wait_async(slow, timeout=timedelta(seconds=0.1))
                waiting = asyncio.create_task(engine.wait_async(slow))
                await asyncio.sleep(0.1)
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
                assert not engine.status(slow).ended
                assert engine.cancel(slow)
                record = await engine.wait_async(slow, timeout=PATIENCE)
                assert record.status == "cancelled"
            await asyncio.wait_for(listening, PATIENCE)
            assert (good, "complete") in told and (slow, "cancelled") in told
            with pytest.raises(gitlade.ImportNotFoundError):
                async with gitlade.Engine(store) as engine:
                    await engine.wait_async(999)

    asyncio.run(main())


def test_imports_of_other_engines_are_waited_for(corpus: Repo, store: gitlade.Store) -> None:
    async def main() -> None:
        with Silent() as silent, gitlade.Engine(store, policy=POLICY) as other:
            slow = other.start(silent.url)
            with gitlade.Engine(gitlade.Store(store.folder)) as engine:
                waiting = asyncio.create_task(engine.wait_async(slow, timeout=PATIENCE))
                await asyncio.sleep(0.1)
                other.cancel(slow)
                assert (await waiting).status == "cancelled"

    asyncio.run(main())


def test_engines_that_nobody_shuts_down(corpus: Repo, store: gitlade.Store) -> None:
    for _ in range(3):
        engine = gitlade.Engine(store)
        engine.wait(engine.start(corpus.path), timeout=PATIENCE)
        del engine
    assert len(store.imports(status="complete")) == 3


def test_damage_is_found_and_repaired(corpus: Repo, store: gitlade.Store) -> None:
    repo = gitlade.import_repo(corpus.path, store=store)
    assert store.check() and store.check().problems == 0
    digest = repo["binary/nul.bin"].digest
    assert digest is not None
    blob = store.folder / "blobs" / digest[:2] / digest[2:]
    blob.write_bytes(blob.read_bytes()[:-1] + b"x")
    found = store.check()
    assert not found and digest in str(found.listed)
    assert store.repair(fetch={})["fetched"] == 1
    assert store.check() and repo["binary/nul.bin"].bytes() == blob.read_bytes()


def test_what_nothing_uses_goes(corpus: Repo, store: gitlade.Store) -> None:
    gitlade.import_repo(corpus.path, store=store)
    store.remove(1)
    counted = store.gc(dry_run=True, min_age=0)
    removed = store.gc(min_age=0)
    assert counted["contents"] == removed["contents"] > 10
    assert not list((store.folder / "blobs").glob("??/*"))
    assert store.stats()
