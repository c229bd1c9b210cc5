"""Shows an import as a notebook does: progress while it runs, then the tree.

python notebook.py SOURCE OUT.html
"""

from __future__ import annotations

import sys
from pathlib import Path

import gitlade


def show(source: str, page: Path) -> list[str]:
    """Writes a page with the tree; gives the steps that were seen."""
    steps: list[str] = []
    with gitlade.start(source, policy="person") as job:
        for progress in job.events():
            percent = "" if progress.percent is None else f" {progress.percent:3}%"
            print(f"\r{progress.step}{percent}".ljust(30), end="", file=sys.stderr)
            steps.append(progress.step)
        repo = job.wait()
    print(file=sys.stderr)
    page.write_text(repo._repr_html_(), encoding="utf-8")
    return steps


if __name__ == "__main__":
    show(sys.argv[1], Path(sys.argv[2]))
