"""The options of an import that are dictionaries, for type checkers."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import timedelta
from typing import Literal, TypedDict, Union

StrPath = Union[str, "os.PathLike[str]"]
"""A path of the host."""

RepoPath = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]
"""A path inside of a repository; what is not UTF-8 stands as bytes, or with surrogates."""

Seconds = Union[float, timedelta]
"""A span of time: seconds, or a timedelta."""

Pem = Union[bytes, StrPath]
"""Certificates or a key in PEM form: the text itself, or the path of a file."""

PolicyName = Literal["public", "private", "person"]
"""Where connections may go: see `gitlade.Policy`."""


Durability = Literal["full", "deferred", "none"]
"""When what is put survives a crash of the machine: at once, at the next `sync`, or some time."""


class Limits(TypedDict, total=False):
    """Caps on what one import may read, build and store; `gitlade.limits()` tells the defaults."""

    max_blob: int
    """Bytes of one file; a larger one is in the manifest as skipped."""
    max_entries: int
    """Entries walked, folders included and filtered ones too."""
    max_depth: int
    """Folders inside each other."""
    max_path: int
    """Bytes of one path."""
    max_path_bytes: int
    """Bytes of all paths together."""
    max_total_bytes: int
    """Bytes of all files together, each counted as often as a path names it."""
    max_tree_bytes: int
    """Bytes of all distinct tree objects together."""
    max_inflate_ratio: int
    """How many times larger than their stored form the objects may be."""
    max_attributes: int
    """Bytes of one .gitmodules file, and of the .gitattributes files of one path."""
    max_pattern_matches: int
    """Pattern comparisons while attributes and filters are applied."""
    max_delta_depth: int
    """Deltas on the way from an object to one that is stored whole."""
    max_refs: int
    """Refs that a server may announce."""
    max_ref_bytes: int
    """Bytes of all refs that a server announces."""
    max_sideband_bytes: int
    """Bytes of messages that a server may send with a pack."""
    max_pack_bytes: int
    """Bytes of a pack that is received."""
    max_header_bytes: int
    """Bytes of the headers of one HTTP answer."""
    max_objects: int
    """Objects of a pack that is received."""
    max_spool: int
    """Bytes of temporary files."""
    max_record: int
    """Bytes of one record of a manifest that is read."""
    max_probes: int
    """Requests by which `gitlade.detect` finds out what is at a URL."""


class Timeouts(TypedDict, total=False):
    """How long a server may keep an import waiting."""

    lookup: Seconds
    """For looking up a host's name. Default 20 s."""
    connect: Seconds
    """For connecting, to all of the host's addresses together. Default 30 s."""
    stall: Seconds
    """For a moment in which not a byte moves. Default 60 s."""
    min_rate: int
    """Bytes per second that must come at least; 0 is no minimum. Default 64."""
    min_rate_window: Seconds
    """Over how long the rate is measured. Default 300 s."""
    total: Seconds
    """For the whole import. Default: none."""


class Ssh(TypedDict, total=False):
    """How OpenSSH is called, for ssh and user@host:path URLs."""

    program: StrPath
    """The client. Default "ssh"."""
    key: StrPath
    """A private key. Default: those of the user."""
    known_hosts: StrPath
    """The servers' keys, in place of the user's known_hosts."""
    host_keys: Literal["strict", "accept-new"]
    """What is done about a server that is not known yet. Default "strict"."""
    use_config: bool
    """Whether ~/.ssh/config counts. Default False."""


class RemoteOptions(TypedDict, total=False):
    """How a server is reached, beyond policy and credentials."""

    timeouts: Timeouts | Seconds
    """How long to wait for what; one number is for the whole import."""
    retries: int
    """Attempts after the first one, for failures that may pass. Default 3."""
    proxy: str
    """The way out: http://[user:password@]host[:port], https, socks5 or socks5h."""
    roots: Literal["bundled", "system", "none"]
    """Whose certificates are believed. Default "bundled"."""
    ca_certificates: Iterable[Pem]
    """Certificates of further authorities to believe."""
    user_agent: str
    """How to introduce oneself over HTTP."""
    client_certificate: tuple[Pem, Pem]
    """The certificate chain and the key to show a server that asks."""
    plain_http_credentials: bool
    """Whether credentials may go over plain http. Default False."""
    https_for_ssh: bool
    """Whether ssh URLs are reached by https if there are credentials. Default False."""
    ssh: Ssh
    """How OpenSSH is called."""
    depth: int
    """Generations of commits to ask for, so that a revision may go back from a ref. Default 1."""
    max_redirects: int
    """Redirects to follow. Default 5."""


class ObjectOptions(TypedDict, total=False):
    """How a `gitlade.ObjectBlobs` works, whatever the service."""

    concurrency: int
    """Requests at the same time; each that sends holds a part in memory. Default 16."""
    part_size: int
    """Bytes of a part: larger contents are sent and read in several. Default 8 MiB."""
    retries: int
    """How often a request is tried again. Default 5."""
    retry_timeout: Seconds
    """The time after which it is not tried again. Default 120 s."""
    connect_timeout: Seconds
    """How long a connection may take to be made. Default 10 s."""
    stall_timeout: Seconds
    """How long the service may be silent. Default 30 s."""
    ca_certificates: Iterable[Pem]
    """Certificates of further authorities to believe."""
    durability: Durability
    """Whether a local folder, file:///FOLDER, waits for the disk: unless it is "none"."""


__all__ = [
    "Durability",
    "Limits",
    "ObjectOptions",
    "Pem",
    "PolicyName",
    "RemoteOptions",
    "RepoPath",
    "Seconds",
    "Ssh",
    "StrPath",
    "Timeouts",
]
