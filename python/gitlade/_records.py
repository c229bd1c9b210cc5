"""What the registry of a store knows of its imports."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import datetime, timedelta, timezone
from typing import Any, Literal, TypeVar

Status = Literal[
    "queued",
    "detecting",
    "importing",
    "storing",
    "complete",
    "failed",
    "cancelled",
    "interrupted",
]
"""Where an import of a store stands; the names never change."""

ENDS: frozenset[str] = frozenset({"complete", "failed", "cancelled", "interrupted"})
"""The statuses in which nothing happens any more, unless the import is restarted."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_T = TypeVar("_T")


@dataclass(frozen=True)
class Failure:
    """Why an import failed."""

    step: str | None
    """The step that failed."""
    kind: str
    """The kind of the error, as `gitlade.Error.kind` has it."""
    message: str
    """The error and what caused it."""
    advice: str | None
    """What to do about it."""


@dataclass(frozen=True)
class LargeFile:
    """A file over the store's threshold."""

    path: str
    """The path from the root of the import."""
    oid: str
    """The blob, in hex."""
    size: int
    """Bytes."""


@dataclass(frozen=True)
class Outcome:
    """What came out of a complete import."""

    ref: str | None
    """The ref that led to the commit."""
    commit: str | None
    """The commit, in hex."""
    tree: str
    """The tree, in hex."""
    root: str
    """The digest of the root folder: one name for the whole."""
    totals: dict[str, int]
    """Counts over all entries."""
    skipped: dict[str, int]
    """What was not read, or left out, by reason."""
    large_files: tuple[LargeFile, ...]
    """The largest of the files over the store's threshold."""


@dataclass(frozen=True)
class ImportRecord:
    """One import of a store."""

    id: int
    """Its number."""
    tenant: str
    """The host's own key."""
    metadata: Any
    """What the host wants to know of it; None if that is nothing."""
    source: str
    """The URL without credentials, or the path."""
    remote: bool
    """Whether the source is a URL."""
    owner: str | None
    """Who the repository belongs to, as its URL tells."""
    repository: str | None
    """The repository's name."""
    revision: str | None
    """The revision as it was asked for; None is HEAD."""
    subdir: str | None
    """The one folder that was asked for; None is all."""
    status: Status
    """Where it stands."""
    attempt: int
    """How often it was started."""
    cancel_requested: bool
    """Whether it was asked to stop, and has not yet."""
    progress: dict[str, Any]
    """How far it is, or how far it came."""
    outcome: Outcome | None
    """What came out; None unless it is complete."""
    failure: Failure | None
    """What went wrong; None unless it failed."""
    created_at: datetime
    """When it was asked for."""
    started_at: datetime | None
    """When its last attempt began."""
    updated_at: datetime
    """When anything of this changed."""
    ended_at: datetime | None
    """When it ended."""

    @property
    def ended(self) -> bool:
        """Whether nothing happens to it any more, unless it is restarted."""
        return self.status in ENDS


@dataclass(frozen=True)
class LogLine:
    """What happened to an import at one time."""

    at: datetime
    """When."""
    attempt: int
    """The attempt, counted from 1."""
    event: str
    """What kind of thing happened."""
    message: str
    """In words; may be empty."""


@dataclass(frozen=True)
class Event:
    """What happened to an import of an engine."""

    import_id: int
    """The import."""
    tenant: str
    """For whom it is."""
    attempt: int
    """1, and one more with each restart."""
    at: datetime
    """When."""
    event: str
    """ "created", "restarted", "step", "progress", "complete", "failed", "cancelled" or
    "interrupted"."""
    facts: dict[str, Any]
    """What else is known: percent and step of progress, kind and message of a failure."""

    @property
    def ended(self) -> bool:
        """Whether nothing comes after it, unless the import is restarted."""
        return self.event in ENDS


def record(text: str) -> ImportRecord:
    return _record(json.loads(text))


def records(text: str) -> list[ImportRecord]:
    return [_record(one) for one in json.loads(text)]


def log_lines(text: str) -> list[LogLine]:
    return [_known(LogLine, {**one, "at": _time(one["at"])}) for one in json.loads(text)]


def event(text: str) -> Event:
    facts: dict[str, Any] = json.loads(text)
    return Event(
        import_id=facts.pop("import"),
        tenant=facts.pop("tenant"),
        attempt=facts.pop("attempt"),
        at=_time(facts.pop("at")),
        event=facts.pop("event"),
        facts=facts,
    )


def _record(facts: dict[str, Any]) -> ImportRecord:
    for name in ("created_at", "started_at", "updated_at", "ended_at"):
        facts[name] = None if facts[name] is None else _time(facts[name])
    if facts["metadata"] is not None:
        facts["metadata"] = json.loads(facts["metadata"])
    if facts["failure"] is not None:
        facts["failure"] = _known(Failure, facts["failure"])
    if facts["outcome"] is not None:
        facts["outcome"] = _outcome(facts["outcome"])
    return _known(ImportRecord, facts)


def _outcome(facts: dict[str, Any]) -> Outcome:
    reference = facts["reference"]
    return Outcome(
        ref=None if reference is None else _text(reference),
        commit=facts["commit"],
        tree=facts["tree"],
        root=facts["root"],
        totals=facts["totals"],
        skipped=facts["skipped"],
        large_files=tuple(
            LargeFile(_text(one["path"]), one["id"], one["size"]) for one in facts["large_files"]
        ),
    )


def _known(kind: type[_T], facts: dict[str, Any]) -> _T:
    """An object of what it has fields for; a newer library may tell more."""
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in facts.items() if name in names})


def _text(numbers: list[int]) -> str:
    return bytes(numbers).decode("utf-8", "surrogateescape")


def _time(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


def milliseconds(time: datetime | int | None) -> int | None:
    """A time as the registry has it; a datetime without a zone is local, as everywhere in Python."""
    if isinstance(time, datetime):
        return round(time.timestamp() * 1_000)
    return time
