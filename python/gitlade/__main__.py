"""`python -m gitlade`: the same command line as that of the program `gitlade`."""

from __future__ import annotations

import sys

from gitlade import _gitlade


def main() -> int:
    """Does what the arguments of the process say, and gives the code to exit with."""
    return _gitlade.main(["gitlade", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
