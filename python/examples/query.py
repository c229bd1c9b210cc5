"""Asks a repository with SQL: duckdb reads the Arrow stream, one batch after the other.

python query.py SOURCE
"""

from __future__ import annotations

import sys

import duckdb
import gitlade

QUERY = """
select regexp_extract(path, '[^/.]+$') as ending, count(*) as files, sum(lines) as lines
from repo where content = 'text' and not contains(path, chr(0))
group by ending order by lines desc limit 10
"""


def endings(source: str) -> list[tuple[str, int, int]]:
    repo = gitlade.import_repo(source, policy="person")
    with duckdb.connect() as connection:
        connection.register("repo", repo)
        rows: list[tuple[str, int, int]] = connection.execute(QUERY).fetchall()
        return rows


if __name__ == "__main__":
    for row in endings(sys.argv[1]):
        print(*row, sep="\t")
