"""Imports all repositories of a list with a pool of processes, and keeps their manifests.

python many.py LIST FOLDER
"""

from __future__ import annotations

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from hashlib import sha256
from pathlib import Path

import gitlade


def one(source: str, folder: Path) -> tuple[str, str]:
    """Imports one repository; gives its root digest, or what went wrong."""
    try:
        repo = gitlade.import_repo(source, policy="person", threads=1)
    except gitlade.Error as error:
        return source, f"{error.kind}: {error}"
    name = sha256(source.encode()).hexdigest()
    repo.to_ndjson(folder / f"{name}.ndjson")
    return source, repo.root


def many(sources: list[str], folder: Path, processes: int | None = None) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        return dict(pool.map(partial(one, folder=folder), sources, chunksize=8))


if __name__ == "__main__":
    listed = Path(sys.argv[1]).read_text(encoding="utf-8").split()
    for found, result in many(listed, Path(sys.argv[2])).items():
        print(found, result)
