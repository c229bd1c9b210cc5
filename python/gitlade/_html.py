"""Manifests in notebooks."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gitlade._gitlade import Entry, Manifest

MAX_ROWS = 1_000
"""Entries that are shown; a notebook that holds more becomes slow."""

MAX_DEPTH = 20
"""Folders inside each other that are shown."""


def tree(manifest: Manifest) -> str:
    """The folders as a tree that opens and closes."""
    totals = manifest.totals
    title = manifest.url or "repository"
    name = manifest.commit or manifest.tree
    lines = [
        '<div class="gitlade" style="font-family:monospace">',
        f"<b>{_text(title)}</b> {_text(name[:12])} &mdash; {totals.folders:,} folders, "
        f"{totals.files:,} files, {size(totals.bytes)}",
    ]
    left = [MAX_ROWS]
    _folder(manifest, "", lines, left, 0)
    if left[0] <= 0:
        lines.append(f"<div>&hellip; {len(manifest):,} entries in all</div>")
    lines.append("</div>")
    return "\n".join(lines)


def _folder(manifest: Manifest, path: str, lines: list[str], left: list[int], depth: int) -> None:
    for entry in manifest.children(path):
        left[0] -= 1
        if left[0] < 0:
            return
        if entry.is_folder and depth < MAX_DEPTH:
            about = f"{entry.files:,} files, {size(entry.total_bytes or 0)}"
            lines.append(
                '<details style="margin-left:1em">'
                f"<summary>{_text(entry.name)}/ <small>{about}</small></summary>"
            )
            _folder(manifest, entry.path, lines, left, depth + 1)
            lines.append("</details>")
        else:
            lines.append(f'<div style="margin-left:2em">{_leaf(entry)}</div>')


def _leaf(entry: Entry) -> str:
    about: list[str] = [entry.kind] if entry.kind != "file" else []
    if entry.size is not None:
        about.append(size(entry.size))
    about += [word for word in (entry.encoding, entry.mime, entry.skipped) if word]
    return f"{_text(entry.name)} <small>{_text(', '.join(about))}</small>"


def _text(text: str) -> str:
    """What a repository says, as text that a page shows and nothing else."""
    shown = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return escape("".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in shown))


def size(count: int) -> str:
    """Bytes as people read them."""
    if count < 1_024:
        return f"{count} B"
    value = float(count)
    for unit in ("KiB", "MiB", "GiB"):
        value /= 1_024
        if value < 1_024:
            return f"{value:.1f} {unit}"
    return f"{value / 1_024:.1f} TiB"
