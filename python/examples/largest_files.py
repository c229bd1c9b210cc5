"""Shows the largest files of a repository, with polars.

python largest_files.py SOURCE
"""

from __future__ import annotations

import sys

import gitlade
import polars


def largest(source: str, count: int = 10) -> polars.DataFrame:
    repo = gitlade.import_repo(source, policy="person")
    return (
        polars.DataFrame(repo)
        .filter(polars.col("kind") == "file")
        .sort("size", descending=True)
        .select("path", "size", "content", "encoding", "mime")
        .head(count)
    )


if __name__ == "__main__":
    print(largest(sys.argv[1]))
