"""Finding entries by the pattern of their path."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gitlade._gitlade import Entries, Manifest
    from gitlade.options import RepoPath

MAX_PATTERN = 4_096
"""Characters of a pattern; longer ones would make slow expressions."""


def glob(manifest: Manifest, pattern: RepoPath) -> Entries:
    """The entries whose path matches, in order."""
    text = os.fspath(pattern)
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    matches = _compiled(text).fullmatch
    return manifest._some([entry.index for entry in manifest if matches(entry.path)])


def _compiled(pattern: str) -> re.Pattern[str]:
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"a pattern has at most {MAX_PATTERN} characters")
    parts = pattern.strip("/").split("/")
    expression = ""
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part == "**":
            # Adjacent ones say the same as one, and would only try more ways.
            if number and parts[number - 1] == "**":
                continue
            expression += ".+" if last and number == 0 else "(?:[^/]+/)*"
            if last and number:
                expression += "[^/]+"
        else:
            expression += _segment(part) + ("" if last else "/")
    return re.compile(expression, re.DOTALL)


def _segment(part: str) -> str:
    """One name: `*`, `?` and `[…]`, as in `fnmatch`, which never match a slash."""
    expression = ""
    place = 0
    while place < len(part):
        char = part[place]
        place += 1
        if char == "*":
            if not expression.endswith("[^/]*"):
                expression += "[^/]*"
        elif char == "?":
            expression += "[^/]"
        elif char == "[":
            # A bracket right after the opening one, or its "!", stands for itself.
            end = part.find("]", place + 1 + part.startswith("!", place))
            if end < 0:
                expression += re.escape(char)
                continue
            inside = part[place:end]
            negated = inside.startswith("!")
            inside = inside[negated:].replace("\\", "\\\\").replace("[", "\\[")
            inside = inside.replace("]", "\\]").replace("^", "\\^")
            inside = inside.replace("&&", "&\\&").replace("~~", "~\\~").replace("||", "|\\|")
            expression += f"(?!/)[{'^' if negated else ''}{inside}]"
            place = end + 1
        else:
            expression += re.escape(char)
    return expression
