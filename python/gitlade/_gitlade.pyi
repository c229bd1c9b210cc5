"""The extension module below the package `gitlade`."""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO, Literal, TypeVar, final, overload

from typing_extensions import Buffer, Unpack

from gitlade._import import Sink, Source
from gitlade.options import Durability, ObjectOptions, RepoPath, Seconds, StrPath

if sys.version_info >= (3, 13):
    from types import CapsuleType
else:
    from typing_extensions import CapsuleType

_T = TypeVar("_T")

__all__ = [
    "BlobStore",
    "FolderBlobs",
    "MemoryBlobs",
    "ObjectBlobs",
    "SplitBlobs",
    "SqliteBlobs",
    "VerifiedBlobs",
    "main",
    "Cancel",
    "Progress",
    "CredentialRequest",
    "Credentials",
    "detect",
    "Engine",
    "Entries",
    "EntryIterator",
    "Entry",
    "error_kinds",
    "Blob",
    "Lfs",
    "Job",
    "start",
    "Manifest",
    "limits",
    "Destination",
    "Policy",
    "RemoteRef",
    "ls_remote",
    "BlobReader",
    "ArrowTable",
    "Skipped",
    "Store",
    "Subscription",
    "Totals",
    "__version__",
]

__version__: str

def error_kinds() -> list[tuple[int, str]]:
    """All kinds of error, as pairs of number and name."""

def limits() -> list[tuple[str, int, str]]:
    """All caps: name, default and what each bounds."""

def main(arguments: list[str]) -> int:
    """Does what the arguments say, the program's name first, and gives the code to exit with.

    It takes over the signals, so it is for a process that does nothing else.
    """

def detect(source: Source, keywords: dict[str, object], cancel: Cancel | None) -> str:
    """Says what is at a URL or a path, as JSON; `keywords` are those of an import."""

def ls_remote(url: str, keywords: dict[str, object], cancel: Cancel | None) -> list[RemoteRef]:
    """Asks a server for its refs; `keywords` are those of an import."""

def start(
    source: Source,
    keywords: dict[str, object],
    cancel: Cancel | None,
    sink: Sink | Sequence[Sink] | None,
    store: Store | None,
) -> Job:
    """Begins an import; `keywords` are those of `gitlade.import_repo`."""

class BlobStore:
    """Keeps contents by their BLAKE3 digests, in one of several media: what its subclasses have in
    common.

    It can be the `sink` of an import. All methods may be called from many threads at once; a content
    is there as a whole or not at all, and putting it again changes nothing.
    """

    def put(self, digest: str, data: Buffer, blob: Blob | None = None) -> bool:
        """Keeps content under its digest, and says whether it was not there before. The digest is
        checked. `blob` is what a sink is told, and is not needed."""

    def add(self, data: Buffer) -> str:
        """Keeps content, and gives its digest."""

    @overload
    def get(self, digest: str, default: None = None) -> bytes | None: ...
    @overload
    def get(self, digest: str, default: _T) -> bytes | _T: ...
    def __getitem__(self, digest: str, /) -> bytes: ...
    def __contains__(self, digest: object, /) -> bool: ...
    def size(self, digest: str) -> int | None:
        """Bytes of the content with this digest; None if it is not there."""

    def open(self, digest: str) -> BinaryIO:
        """A binary file over the content with this digest, which is read piece by piece."""

    def remove(self, digest: str) -> bool:
        """Removes the content with this digest, and says whether it was there."""

    def sync(self) -> None:
        """Makes all durable that was put before, as far as the durability of the store goes."""

    def __iter__(self, /) -> Iterator[str]: ...
    def sizes(self) -> Iterator[tuple[str, int]]:
        """The digests of all contents with their sizes, each once, in no order."""

@final
class FolderBlobs(BlobStore):
    """Keeps each content as a file of its own, `ab/cdef…` for the digest abcdef….

    Any number of processes may share the folder. With `compress`, a zstd level of 1 to 22, files are
    compressed where that makes them smaller.
    """

    def __new__(
        cls,
        folder: StrPath,
        *,
        durability: Durability | None = None,
        compress: int | None = None,
        read_only: bool = False,
    ) -> FolderBlobs: ...

@final
class SqliteBlobs(BlobStore):
    """Keeps contents in a table of an SQLite database, which may be one of the host's own.

    Large ones are in pieces, in a second table with `_chunks` after its name.
    """

    def __new__(
        cls,
        database: StrPath,
        *,
        table: str = "blobs",
        durability: Durability | None = None,
        busy_timeout: Seconds | None = None,
        read_only: bool = False,
    ) -> SqliteBlobs: ...

@final
class MemoryBlobs(BlobStore):
    """Keeps contents in memory, for as long as it lives."""

    def __new__(cls) -> MemoryBlobs: ...

@final
class SplitBlobs(BlobStore):
    """Keeps text in one store and binary in another, such as a database and a folder, and finds
    either."""

    def __new__(cls, *, text: BlobStore, binary: BlobStore) -> SplitBlobs: ...

@final
class VerifiedBlobs(BlobStore):
    """Checks all content that goes into another store or comes out of it by its digest."""

    def __new__(cls, store: BlobStore) -> VerifiedBlobs: ...

@final
class ObjectBlobs(BlobStore):
    """Keeps each content as an object of a service: S3, Google Cloud Storage, Azure, or what speaks
    like them.

    `settings` are those of the Rust crate object_store, such as aws_access_key_id; the environment
    is not read. Nothing is asked of the service when it is opened.
    """

    def __new__(
        cls,
        url: str,
        settings: dict[str, str] | None = None,
        **options: Unpack[ObjectOptions],
    ) -> ObjectBlobs: ...

@final
class Job:
    """An import on a thread of its own: what `gitlade.Import` is made of."""

    def progress(self) -> Progress:
        """How far it is."""

    def cancel(self) -> None:
        """Stops it."""

    def cancelled(self) -> bool:
        """Whether it was told to stop."""

    def done(self) -> bool:
        """Whether it has ended."""

    def wait(self, timeout: Seconds | None = None) -> bool:
        """Waits until it has ended or the time is up, and says whether it has ended. Signals are
        heard."""

    def result(self) -> Manifest:
        """The manifest of an import that has ended, or what it failed with."""

    def when_done(self, callback: Callable[[], object]) -> None:
        """Calls a function without arguments when it has ended, from another thread."""

@final
class Store:
    """A folder that keeps imports: `gitlade.db`, which is SQLite and made to be read by the host, and
    `blobs/`. Any number of threads and processes may share it."""

    def __new__(cls, folder: StrPath, keywords: dict[str, object]) -> Store: ...
    def folder(self) -> Path:
        """The folder."""

    def database(self) -> Path:
        """The database, for the host's own queries."""

    def manifest(self, id: int) -> Manifest:
        """The manifest of a complete import, with its content."""

    def record(self, id: int) -> str:
        """What the registry has of an import, as JSON."""

    def log(self, id: int) -> str:
        """What happened to an import, as JSON."""

    def imports(self, keywords: dict[str, object]) -> tuple[str, int]:
        """The imports that a filter lets through, as JSON, and how many there are in all."""

    def remove(self, id: int) -> None:
        """Forgets an import that has ended."""

    def check(self, cancel: Cancel | None) -> tuple[str, bool]:
        """Checks everything, and gives the report as JSON, with whether it is clean."""

    def gc(self, dry_run: bool, min_age: Seconds, vacuum: bool, cancel: Cancel | None) -> str:
        """Removes what no import uses, and gives the report as JSON."""

    def repair(self, keywords: dict[str, object] | None, cancel: Cancel | None) -> str:
        """Puts right what is wrong, and gives the report as JSON; `keywords` are those of an import
        by which what is damaged is read again."""

    def stats(self) -> str:
        """What the store has, as JSON."""

@final
class Engine:
    """Imports in the background, kept in a store: a queue, statuses, events, cancel and restart."""

    def __new__(
        cls,
        store: Store,
        running: int,
        queued: int,
        local: bool,
        progress_interval: Seconds,
        keywords: dict[str, object],
    ) -> Engine: ...
    def start(
        self, source: Source, tenant: str, metadata: str, keywords: dict[str, object]
    ) -> int:
        """Asks for an import, and gives its number."""

    def restart(
        self,
        id: int,
        forget_credentials: bool,
        keys: dict[str, object],
        options: dict[str, object] | None,
    ) -> None:
        """Asks again for an import that did not complete; `options` are other ones than it had, with
        the revision."""

    def status(self, id: int) -> str:
        """Where an import stands, as JSON."""

    def wait(self, id: int, timeout: Seconds | None) -> tuple[bool, str]:
        """Waits until an import has ended or the time is up, and gives its record as JSON."""

    def cancel(self, id: int) -> bool:
        """Stops an import; says whether there was something to stop."""

    def remove(self, id: int) -> None:
        """Forgets an import that has ended."""

    def imports(self, keywords: dict[str, object]) -> tuple[str, int]:
        """The imports that a filter lets through, as JSON, and how many there are in all."""

    def subscribe(
        self, capacity: int, tenant: str | None, import_id: int | None
    ) -> Subscription:
        """Listens to what happens from now on."""

    def shutdown(self, grace: Seconds) -> None:
        """Ends the engine: what runs has `grace` to end by itself."""

@final
class Subscription:
    """The events of an engine, for one listener."""

    def receive(self, timeout: Seconds | None) -> tuple[str | None, bool]:
        """Waits for the next event, as JSON: None if there was none in that time. The flag says
        whether the engine has ended."""

    def missed(self) -> tuple[int, int, int]:
        """How many events were dropped because nobody took them out: progress, steps, ends."""

@final
class Cancel:
    """A switch that stops the imports it was handed to, once and for all.

    As a context manager it is switched on when the block ends, so that nothing goes on behind it.
    """

    def __new__(cls) -> Cancel: ...
    def cancel(self) -> None:
        """Turns the switch on; there is no way back. May be called from any thread."""

    @property
    def cancelled(self) -> bool:
        """Whether the switch is on."""

    def __enter__(self) -> Cancel: ...
    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _value: BaseException | None,
        _trace: TracebackType | None,
    ) -> None: ...

@final
class Progress:
    """How far an import is, at one moment."""

    @property
    def step(self) -> str:
        """What the import is doing: "opening", "receiving", "reading" and so on."""

    @property
    def objects(self) -> int:
        """Objects done in this step."""

    @property
    def objects_total(self) -> int:
        """Objects of this step, or 0 while that is not known."""

    @property
    def bytes(self) -> int:
        """Uncompressed bytes of the objects done in this step."""

    @property
    def bytes_total(self) -> int:
        """Uncompressed bytes of this step, or 0 while that is not known."""

    @property
    def received_bytes(self) -> int:
        """Bytes that came over the network."""

    @property
    def files(self) -> int:
        """Files in the manifest, once the folders were walked; 0 before."""

    @property
    def message(self) -> str:
        """The server's latest message, without control characters."""

    @property
    def percent(self) -> int | None:
        """Hundredths of the current step that are done; None while the whole is not known."""

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

@final
class Policy:
    """Which schemes, ports and addresses may be dialled; the methods give a changed copy."""

    @staticmethod
    def public() -> Policy:
        """The public internet, by https and http: for services that import what strangers name."""

    @staticmethod
    def private() -> Policy:
        """Private networks too, on any port; not this machine, nor a cloud's metadata."""

    @staticmethod
    def person() -> Policy:
        """Whatever the person at the keyboard names: all schemes, ports and addresses."""

    def allow_scheme(
        self, scheme: Literal["https", "http", "ssh", "git"], allowed: bool = True
    ) -> Policy:
        """Allows a scheme ("https", "http", "ssh", "git") or forbids it."""

    def allow_port(self, port: int) -> Policy:
        """Allows one more port."""

    def allow_any_port(self) -> Policy:
        """Allows any port."""

    def allow_addresses(
        self,
        addresses: Literal[
            "public",
            "private",
            "shared",
            "loopback",
            "link-local",
            "metadata",
            "unspecified",
            "multicast",
            "documentation",
            "reserved",
        ],
        allowed: bool = True,
    ) -> Policy:
        """Allows a class of addresses ("private", "loopback" and so on) or forbids it."""

    def check_with(self, check: Callable[[Destination], bool]) -> Policy:
        """Asks a function as well, for each address, after the rules have allowed it.

        It is called from another thread; what it raises denies.
        """

@final
class Destination:
    """Where a connection is about to go."""

    @property
    def scheme(self) -> str:
        """The scheme of the URL, or of the redirect's target."""

    @property
    def host(self) -> str:
        """The host as the URL has it."""

    @property
    def port(self) -> int:
        """The port that is dialled."""

    @property
    def address(self) -> str | None:
        """The address that is dialled; None if a proxy looks the name up."""

@final
class Credentials:
    """What a server is shown to let an import in. It is never printed, and cannot be pickled."""

    @staticmethod
    def token(token: str, *, user: str | None = None) -> Credentials:
        """A token, sent as the password of `user`: "oauth2" for GitLab, "x-token-auth" for
        Bitbucket."""

    @staticmethod
    def bearer(token: str) -> Credentials:
        """A token, sent as "Authorization: Bearer"."""

    @staticmethod
    def password(user: str, password: str) -> Credentials:
        """A user and a password, sent as they are."""

    def when_asked(self) -> Credentials:
        """The same, held back until the server asks, as Git does."""

    def __reduce__(self) -> Any: ...

@final
class CredentialRequest:
    """What a server asks credentials for."""

    @property
    def url(self) -> str:
        """The repository's URL, without credentials. After a redirect it is the target's."""

    @property
    def scheme(self) -> str:
        """The scheme of the server that asks."""

    @property
    def host(self) -> str:
        """The host that asks."""

    @property
    def port(self) -> int:
        """The port that asks."""

    @property
    def realm(self) -> str | None:
        """What the server calls the area that it guards."""

    @property
    def attempt(self) -> int:
        """1 for the first time; 2 and 3 if the server refused the earlier answers."""

@final
class RemoteRef:
    """A ref of a server."""

    @property
    def name(self) -> str:
        """The full name: "HEAD", or one that begins with "refs/"."""

    @property
    def oid(self) -> str | None:
        """The object that it points to; None for a HEAD whose branch has no commit yet."""

    @property
    def peeled(self) -> str | None:
        """What the annotated tag that it points to is about, after all tags on the way."""

    @property
    def target(self) -> str | None:
        """The full name of the ref that it stands for, if it is symbolic."""

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...

@final
class Totals:
    """Counts over all entries."""

    @property
    def folders(self) -> int:
        """Folders, without the root."""

    @property
    def files(self) -> int:
        """Files, the skipped ones included."""

    @property
    def symlinks(self) -> int:
        """Symlinks, the skipped ones included."""

    @property
    def submodules(self) -> int:
        """Submodules."""

    @property
    def bytes(self) -> int:
        """Bytes of what was read, each counted as often as a path names it."""

    @property
    def text(self) -> int:
        """Files that are text."""

    @property
    def binary(self) -> int:
        """Files that are binary."""

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...

@final
class Skipped:
    """How many entries were skipped, by reason."""

    @property
    def too_large(self) -> int:
        """Larger than the limit max_blob."""

    @property
    def missing(self) -> int:
        """Not in the repository."""

    @property
    def excluded(self) -> int:
        """Left out by a filter, and not in the manifest; a folder counts as one."""

    def __bool__(self, /) -> bool:
        """Whether anything was skipped."""

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...

@final
class Lfs:
    """A Git LFS pointer: the stand-in for a file that is kept on another server."""

    @property
    def oid(self) -> str:
        """SHA-256 of the real file, in hex."""

    @property
    def size(self) -> int:
        """Bytes of the real file."""

    @property
    def filter(self) -> bool | None:
        """Whether the path has the attribute filter=lfs too; None where no path is known."""

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...

@final
class Blob:
    """What a sink is told of content, by the bytes alone: attributes may say otherwise for some
    paths."""

    @property
    def oid(self) -> str:
        """The name that Git has for it, in hex."""

    @property
    def digest(self) -> str:
        """BLAKE3 of the bytes, in hex."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def content(self) -> Literal["text", "binary"] | None:
        """ "text" or "binary"."""

    @property
    def encoding(self) -> str | None:
        """What a text is encoded in."""

    @property
    def mime(self) -> str | None:
        """The type that the first bytes of binary content speak for."""

    @property
    def lines(self) -> int | None:
        """Lines of a text."""

    @property
    def lfs(self) -> Lfs | None:
        """Set if the bytes have the form of a Git LFS pointer."""

@final
class Entry:
    """One folder, file, symlink or submodule of a manifest: a small handle, whose attributes are
    made when they are asked for."""

    @property
    def path(self) -> str:
        """The path from the root of the import; what is not UTF-8 becomes surrogates, as in
        os.fsdecode."""

    @property
    def path_bytes(self) -> _bytes:
        """The path as it stands in the repository."""

    @property
    def name(self) -> str:
        """The last name of the path."""

    @property
    def kind(self) -> Literal["folder", "file", "symlink", "submodule"]:
        """ "folder", "file", "symlink" or "submodule"."""

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""

    @property
    def is_file(self) -> bool:
        """Whether it is a file."""

    @property
    def is_symlink(self) -> bool:
        """Whether it is a symlink, which nothing follows."""

    @property
    def is_submodule(self) -> bool:
        """Whether it is a submodule, which nothing fetches."""

    @property
    def mode(self) -> int:
        """The mode as it stands in the tree, such as 0o100644."""

    @property
    def oid(self) -> str:
        """The object in hex: a tree, a blob, or a commit of another repository."""

    @property
    def digest(self) -> str | None:
        """BLAKE3 in hex; None for submodules and what was skipped."""

    @property
    def size(self) -> int | None:
        """Bytes of a file or symlink; None for the others, and where that is not known."""

    @property
    def content(self) -> Literal["text", "binary"] | None:
        """ "text" or "binary" for files that were read."""

    @property
    def encoding(self) -> str | None:
        """What a text is encoded in, such as "utf-8"."""

    @property
    def bom(self) -> str | None:
        """The byte order mark at the beginning of a text."""

    @property
    def eol(self) -> str | None:
        """How the lines of a text end: "none", "lf", "crlf", "cr" or "mixed"."""

    @property
    def lines(self) -> int | None:
        """How many lines a text has."""

    @property
    def mime(self) -> str | None:
        """The type that the first bytes of binary content speak for."""

    @property
    def basis(self) -> str | None:
        """How the verdict on text or binary was reached: "utf8", "bom", "nul", "attributes" and so
        on."""

    @property
    def git_binary(self) -> bool | None:
        """Whether Git itself takes a file for binary."""

    @property
    def executable(self) -> bool | None:
        """Whether Git would make a file executable."""

    @property
    def working_tree_encoding(self) -> str | None:
        """The attribute working-tree-encoding."""

    @property
    def lfs(self) -> Lfs | None:
        """Set if the content has the form of a Git LFS pointer."""

    @property
    def target(self) -> str | None:
        """The path that a symlink points to."""

    @property
    def target_bytes(self) -> _bytes | None:
        """The path that a symlink points to, as it stands in the repository."""

    @property
    def url(self) -> str | None:
        """The URL that .gitmodules gives for a submodule."""

    @property
    def files(self) -> int | None:
        """Files below a folder at any depth."""

    @property
    def total_bytes(self) -> int | None:
        """Bytes of what was read below a folder."""

    @property
    def skipped(self) -> Literal["too_large", "missing"] | None:
        """Why the content was not read: "too_large" or "missing"; None if it was."""

    @property
    def flags(self) -> tuple[str, ...]:
        """What is odd about it, such as "case_collision"."""

    @property
    def parent(self) -> Entry | None:
        """The folder that it lies in; None for what lies in the root."""

    @property
    def manifest(self) -> Manifest:
        """The manifest that it belongs to."""

    @property
    def index(self) -> int:
        """The place in the manifest, from 0."""

    def bytes(self) -> _bytes:
        """The content of a file, or the target of a symlink, as it is in the repository."""

    def text(self, *, errors: Literal["strict", "replace"] = "strict") -> str:
        """The text of a text file, decoded, without a byte order mark.

        With errors="replace" any file's, with U+FFFD in place of what is malformed.
        """

    @overload
    def open(self, mode: Literal["rb"] = "rb") -> BinaryIO: ...
    @overload
    def open(self, mode: Literal["r", "rt"]) -> IO[str]: ...
    def _reader(self) -> BlobReader: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __reduce__(self) -> Any: ...

_bytes = bytes

@final
class BlobReader:
    """The content of one file, to be read from any place."""

    def __len__(self, /) -> int: ...
    def read_at(self, start: int, count: int) -> bytes:
        """The bytes from `start` on, `count` at most."""

@final
class Entries(Sequence[Entry]):
    """Some entries of a manifest, in order: a sequence."""

    def __len__(self, /) -> int: ...
    @overload
    def __getitem__(self, key: int, /) -> Entry: ...
    @overload
    def __getitem__(self, key: slice, /) -> Entries: ...
    def __iter__(self, /) -> EntryIterator: ...
    def __reversed__(self) -> EntryIterator: ...
    def __contains__(self, entry: object, /) -> bool: ...
    def table(
        self,
        *,
        data: bool = False,
        text: bool = False,
        max_rows: int = 65_536,
        max_bytes: int = 33_554_432,
    ) -> ArrowTable:
        """The entries as a table, with columns for the content on request, in batches that are made
        when they are asked for."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> CapsuleType:
        """The entries as an Arrow stream. `requested_schema` is not followed, which the interface
        allows."""

@final
class EntryIterator(Iterator[Entry]):
    """Goes through entries."""

    def __iter__(self, /) -> EntryIterator: ...
    def __next__(self, /) -> Entry: ...
    def __length_hint__(self) -> int: ...

@final
class ArrowTable:
    """Entries of a manifest as a table, for whatever reads Arrow streams."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> CapsuleType:
        """A stream of batches, each made when it is asked for. `requested_schema` is not followed,
        which the interface allows."""

@final
class Manifest:
    """The ordered list of everything in one commit: folders, files, symlinks and submodules.

    It is a sequence of its entries and a mapping from their paths at once. An import's has the
    content, too; one that was read from NDJSON or unpickled has the list alone.
    """

    def __len__(self, /) -> int: ...
    def __iter__(self, /) -> EntryIterator: ...
    def __reversed__(self) -> EntryIterator: ...
    def __contains__(self, key: object, /) -> bool: ...
    @overload
    def __getitem__(self, key: int | RepoPath, /) -> Entry: ...
    @overload
    def __getitem__(self, key: slice, /) -> Entries: ...
    @overload
    def get(self, path: RepoPath, default: None = None) -> Entry | None: ...
    @overload
    def get(self, path: RepoPath, default: _T) -> Entry | _T: ...
    @property
    def entries(self) -> Entries:
        """All entries, in the order of `git ls-tree -r -t`."""

    @property
    def folders(self) -> Entries:
        """The folders, parents first."""

    @property
    def files(self) -> Entries:
        """The files, in order, the skipped ones included."""

    @property
    def symlinks(self) -> Entries:
        """The symlinks, in order."""

    @property
    def submodules(self) -> Entries:
        """The submodules, in order."""

    def children(self, path: RepoPath | None = None) -> Entries:
        """The entries that lie directly in a folder; the empty path is the root."""

    def glob(self, pattern: RepoPath) -> Entries:
        """The entries whose path matches a pattern: `*` and `?` stop at slashes, `**` does not."""

    @property
    def totals(self) -> Totals:
        """Counts over all entries."""

    @property
    def skipped(self) -> Skipped:
        """How many entries were skipped, by reason."""

    @property
    def root(self) -> str:
        """The digest of the root folder in hex: one name for the whole import."""

    @property
    def commit(self) -> str | None:
        """The commit in hex; None if a tree was imported, or an empty repository."""

    @property
    def tree(self) -> str:
        """The tree in hex whose entries these are."""

    @property
    def ref(self) -> str | None:
        """The ref that led to the commit, such as "refs/heads/main"; None if an id did."""

    @property
    def url(self) -> str | None:
        """The URL without credentials; None for a local repository."""

    @property
    def subdir(self) -> str | None:
        """The one imported folder, which paths are relative to; None for all."""

    @property
    def object_format(self) -> str:
        """How the repository names its objects: "sha1" or "sha256"."""

    @property
    def has_content(self) -> bool:
        """Whether the content is at hand, and not the list alone."""

    @property
    def import_id(self) -> int | None:
        """The number of the import in its store; None without one."""

    @property
    def memory_bytes(self) -> int:
        """Bytes of memory that the list takes."""

    def without_content(self) -> Manifest:
        """The list alone, without the content: it holds neither threads nor files."""

    @overload
    def to_ndjson(self, target: None = None, *, text: bool = False) -> bytes: ...
    @overload
    def to_ndjson(
        self, target: StrPath | BinaryIO | IO[bytes], *, text: bool = False
    ) -> None: ...
    @classmethod
    def from_ndjson(cls, source: bytes | StrPath | BinaryIO | IO[bytes]) -> Manifest:
        """Reads a manifest from NDJSON, and checks all of it: bytes, a path, or a binary file."""

    def table(
        self,
        *,
        data: bool = False,
        text: bool = False,
        max_rows: int = 65_536,
        max_bytes: int = 33_554_432,
    ) -> ArrowTable:
        """The entries as a table, with columns for the content on request, in batches that are made
        when they are asked for."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> CapsuleType:
        """The entries as an Arrow stream. `requested_schema` is not followed, which the interface
        allows."""

    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def _repr_html_(self) -> str: ...
    def __reduce__(self) -> Any: ...
    def _some(self, places: list[int]) -> Entries: ...
    @staticmethod
    def _at(manifest: Manifest, index: int) -> Entry: ...
