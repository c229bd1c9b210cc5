"""Imports a repository into a host's own SQLite database: text inline, binary content as files.

python host_database.py SOURCE FOLDER
"""

from __future__ import annotations

import sqlite3
import sys
import threading
from pathlib import Path

import gitlade

SCHEMA = """
create table contents (digest text primary key, size integer, encoding text, text text);
create table files (path blob primary key, mode integer, digest text references contents);
"""


class HostSink:
    """Keeps what arrives: text in the database, everything else in files named by digest."""

    def __init__(self, database: sqlite3.Connection, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.lock = threading.Lock()

    def put(self, digest: str, data: bytes, blob: gitlade.Blob) -> None:
        text = None
        if blob.encoding == "utf-8":
            text = data.decode("utf-8-sig")
        else:
            (self.folder / digest).write_bytes(data)
        with self.lock:
            self.database.execute(
                "insert or ignore into contents values (?, ?, ?, ?)",
                (digest, len(data), blob.encoding, text),
            )


def import_into_host(source: str, folder: Path) -> int:
    """Gives the number of files."""
    folder.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(folder / "host.db", check_same_thread=False)
    database.executescript(SCHEMA)
    # One transaction: whoever reads sees all of the import or nothing.
    with database:
        repo = gitlade.import_repo(source, policy="person", sink=HostSink(database, folder))
        database.executemany(
            "insert into files values (?, ?, ?)",
            ((entry.path_bytes, entry.mode, entry.digest) for entry in repo.files),
        )
    count: int = database.execute("select count(*) from files").fetchone()[0]
    database.close()
    return count


if __name__ == "__main__":
    print(import_into_host(sys.argv[1], Path(sys.argv[2])), "files")
