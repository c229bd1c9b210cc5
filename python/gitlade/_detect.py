"""What is at a URL, and what a server has."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gitlade import _gitlade

if TYPE_CHECKING:
    from gitlade._gitlade import Cancel, Credentials, Policy, RemoteRef
    from gitlade._import import Finder, Source
    from gitlade.options import Limits, PolicyName, RemoteOptions


@dataclass(frozen=True)
class Candidate:
    """Something that can be imported: a repository, and which part of which revision."""

    url: str
    """The repository."""
    revision: str | None
    """A branch, tag or full commit id; None is HEAD."""
    path: str | None
    """The path inside of the repository; None is its root."""
    target: str
    """What the path leads to: "repository", "folder", "file" or "either"."""


@dataclass(frozen=True)
class Detection:
    """What is at a URL or a path."""

    kind: str
    """What answers, such as "git-smart"."""
    candidates: tuple[Candidate, ...]
    """What to import, the likeliest first."""
    certain: bool
    """Whether the first of them is what is meant, beyond doubt."""
    page: dict[str, Any] | None
    """The forge's page that the URL is, unless it is the repository's own URL."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What else is known, which depends on the kind."""


def detect(
    source: Source,
    *,
    limits: Limits | None = None,
    policy: Policy | PolicyName = "public",
    token: str | None = None,
    credentials: Credentials | Finder | None = None,
    remote: RemoteOptions | None = None,
    cancel: Cancel | None = None,
) -> Detection:
    """Says what is at a URL, which may be a forge's page of a file or folder, or at a path.

    Nothing is fetched. That nothing is there, or that it is not shown, is no error.
    """
    keywords: dict[str, object] = {
        "limits": limits,
        "policy": policy,
        "token": token,
        "credentials": credentials,
        "remote": remote,
    }
    found: dict[str, Any] = json.loads(_gitlade.detect(source, keywords, cancel))
    candidates = found.pop("candidates")
    return Detection(
        kind=found.pop("kind"),
        candidates=tuple(Candidate(**one) for one in candidates),
        certain=found.pop("certain"),
        page=found.pop("page"),
        facts=found,
    )


def ls_remote(
    url: str,
    *,
    limits: Limits | None = None,
    policy: Policy | PolicyName = "public",
    token: str | None = None,
    credentials: Credentials | Finder | None = None,
    remote: RemoteOptions | None = None,
    cancel: Cancel | None = None,
) -> list[RemoteRef]:
    """Asks a server for its refs."""
    keywords: dict[str, object] = {
        "limits": limits,
        "policy": policy,
        "token": token,
        "credentials": credentials,
        "remote": remote,
    }
    return _gitlade.ls_remote(url, keywords, cancel)
