"""Measures importing through Python beside the Rust command line, in the same rounds.

python python/benches/compare.py REPOSITORY [--program target/release/gitlade] [--rounds 5] [--json FILE]

It needs the release build of both (`cargo build --release -p gitlade-cli`, and
`maturin develop --release` in `python`), and an otherwise idle machine. The best of the rounds
counts; processor time is told beside it, since that is less disturbed by others. With pygit2 and
blake3 installed, they do the same work in the same rounds. --json writes the figures for
`benches/run --figures`: ratios round by round, and their median.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
IMPORT = "import sys, gitlade; print(gitlade.import_repo(sys.argv[1]).root)"
PEER = CHECKOUT / "benches" / "peers" / "pygit2_blake3.py"


def child(*command: str | Path) -> tuple[float, float]:
    """Wall and processor seconds of a process."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def best(rounds: int, work: Callable[[], object]) -> float:
    """Processor seconds of the best round: others on the machine do not count."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository")
    parser.add_argument("--program", default=CHECKOUT / "target" / "release" / "gitlade")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    repository = os.path.abspath(given.repository)

    commands: dict[str, list[str | Path]] = {
        "gitlade import (Rust)": [given.program, "import", repository],
        "import_repo (Python)": [sys.executable, "-c", IMPORT, repository],
    }
    if importlib.util.find_spec("pygit2"):
        commands["pygit2 + blake3"] = [sys.executable, PEER, repository]
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(given.rounds):
        for name, command in commands.items():
            times[name].append(child(*command))
    print("| work | wall s | CPU s |\n| --- | --- | --- |")
    for name, found in times.items():
        wall, cpu = min(wall for wall, _ in found), min(cpu for _, cpu in found)
        print(f"| {name} | {wall:.3f} | {cpu:.3f} |")

    found: list[dict[str, object]] = []

    def keep(what: str, measured: float, figures: list[float] | None = None) -> None:
        spread = {"range": [min(figures), max(figures)]} if figures else {}
        found.append({"what": f"linux: {what}", "measured": measured, **spread})

    def ratios(one: str, other: str) -> list[float]:
        return [a[0] / b[0] for a, b in zip(times[one], times[other])]

    rust, python, peer = "gitlade import (Rust)", "import_repo (Python)", "pygit2 + blake3"
    of_rust = ratios(python, rust)
    keep("import by Python, of that by Rust", statistics.median(of_rust), of_rust)
    if peer in times:
        faster = ratios(peer, python)
        keep("times faster than pygit2 + blake3", statistics.median(faster), faster)

    import gitlade

    repo = gitlade.import_repo(repository)
    count = len(repo)

    def objects() -> None:
        for _ in repo:
            pass

    def attributes() -> None:
        for entry in repo:
            entry.path, entry.size  # noqa: B018

    for name, work in {"objects": objects, "objects, path and size": attributes}.items():
        seconds = best(given.rounds, work)
        print(f"| {count:,} entries as {name} | {seconds:.4f} | {seconds / count * 1e6:.3f} us each |")
        if name == "objects":
            keep("an entry as an object", seconds / count * 1e6)
    if importlib.util.find_spec("pyarrow"):
        import pyarrow

        seconds = best(given.rounds, lambda: pyarrow.table(repo))
        print(f"| Arrow table of {count:,} entries | {seconds:.4f} | |")
        keep("the Arrow table", seconds * 1e3)
    if given.json:
        given.json.write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
