"""Repositories, servers and processes for the tests."""

from __future__ import annotations

import base64
import http.server
import importlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("GITLADE_PROGRAM", CHECKOUT / "target" / "debug" / "gitlade"))
POLICY: Any = "person"
PATIENCE = 900
"""Seconds after which a test takes what it waits for to be hung, however busy the machine is."""


class Repo:
    """A repository, and Git itself to say what is in it."""

    ENVIRONMENT = {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.org",
        "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    }

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def init(cls, path: Path) -> Repo:
        path.mkdir(parents=True)
        repo = cls(path)
        repo.git("init", "-q", "-b", "main")
        return repo

    def git(self, *arguments: str | bytes, data: bytes | None = None) -> bytes:
        command = ["git", "-C", str(self.path), *arguments]
        environment = {**os.environ, **self.ENVIRONMENT}
        return subprocess.run(
            command, input=data, env=environment, check=True, capture_output=True
        ).stdout

    def write(self, path: str | bytes, content: str | bytes) -> None:
        file = os.path.join(os.fsencode(self.path), os.fsencode(path))
        os.makedirs(os.path.dirname(file), exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        with open(file, "wb") as out:
            out.write(data)

    def commit(self, message: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-qm", message)
        return self.git("rev-parse", "HEAD").decode().strip()

    def ls_tree(self) -> list[tuple[bytes, int, str, str]]:
        """Path, mode, type and id of all that HEAD has, in Git's order."""
        rows = []
        for line in self.git("ls-tree", "-r", "-t", "-z", "HEAD").split(b"\0")[:-1]:
            facts, path = line.split(b"\t", 1)
            mode, kind, oid = facts.decode().split()
            rows.append((path, int(mode, 8), kind, oid))
        return rows


def make_corpus(folder: Path) -> Repo:
    repo = Repo.init(folder / "corpus")
    repo.write("README.md", "# Corpus\n\nSome text.\n")
    repo.write("empty", b"")
    repo.write("src/main.py", "print('hello')\n")
    repo.write("src/win.txt", "a\r\nb\r\n")
    repo.write("src/deep/er/est.py", "x = 1\n" * 100)
    repo.write("text/latin1.txt", "Füße und Öl im Käse, größer als süß\n".encode("latin-1") * 8)
    repo.write("text/utf16.txt", "\ufeffhällo\n".encode("utf-16-le"))
    repo.write("text/bom.txt", "\ufeffwith a mark\n")
    repo.write("binary/nul.bin", bytes(range(256)) * 40)
    repo.write("binary/logo.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 200)
    repo.write("same/a.txt", "the same\n")
    repo.write("same/b.txt", "the same\n")
    repo.write(b"odd/caf\xe9.txt", "not UTF-8 in its name\n")
    repo.write("odd/naïve.txt", "UTF-8 in its name\n")
    repo.write("odd/[x].txt", "brackets\n")
    repo.write("run.sh", "#!/bin/sh\n")
    repo.write(".gitattributes", "*.dat -text -diff\n*.lfs filter=lfs\n")
    repo.write("forced.dat", "text by its bytes\n")
    repo.write(
        "big.lfs",
        "version https://git-lfs.github.com/spec/v1\n"
        "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n"
        "size 12345\n",
    )
    (repo.path / "link").symlink_to("src/main.py")
    os.chmod(repo.path / "run.sh", 0o755)
    repo.git("add", "-A")
    commit = "0b34a2c9" + "0" * 31 + "1"
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{commit},vendor/lib")
    repo.write(
        ".gitmodules",
        '[submodule "lib"]\n\tpath = vendor/lib\n\turl = https://example.org/lib\n',
    )
    repo.git("add", ".gitmodules")
    repo.git("commit", "-qm", "corpus")
    repo.git("tag", "v1")
    return repo


Answer = Callable[["Handler"], None]


class Handler(http.server.BaseHTTPRequestHandler):
    """Hands requests to `git http-backend`, or to what a test wants to happen instead."""

    protocol_version = "HTTP/1.1"
    server: Server.Listener

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _answer(self) -> None:
        owner = self.server.owner
        owner.requests.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
        if owner.answer is not None:
            owner.answer(self)
            return
        if owner.login is not None:
            wanted = "Basic " + base64.b64encode(":".join(owner.login).encode()).decode()
            if self.headers.get("Authorization") != wanted:
                self.reply(401, b"", {"WWW-Authenticate": 'Basic realm="test"'})
                return
        self._backend(owner.root)

    def reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _backend(self, root: Path) -> None:
        path, _, query = self.path.partition("?")
        environment = {
            **os.environ,
            **Repo.ENVIRONMENT,
            "GIT_PROJECT_ROOT": str(root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_ADDR": "127.0.0.1",
        }
        made = subprocess.run(
            ["git", "http-backend"], input=self._body(), env=environment, capture_output=True
        )
        head, _, body = made.stdout.partition(b"\r\n\r\n")
        status, headers = 200, {}
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            if name.lower() == "status":
                status = int(value.split()[0])
            elif name:
                headers[name] = value
        self.reply(status, body, headers)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body


class Server:
    """A Git server on this machine."""

    class Listener(http.server.ThreadingHTTPServer):
        daemon_threads = True
        owner: Server

        def handle_error(self, request: object, client_address: object) -> None:
            pass

    def __init__(
        self,
        root: Path,
        *,
        login: tuple[str, str] | None = None,
        answer: Answer | None = None,
    ) -> None:
        self.root = root
        self.login = login
        self.answer = answer
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self._listener = self.Listener(("127.0.0.1", 0), Handler)
        self._listener.owner = self
        self._thread = threading.Thread(target=self._listener.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        return int(self._listener.server_address[1])

    def url(self, path: str = "corpus/.git", user: str = "") -> str:
        return f"http://{user}127.0.0.1:{self.port}/{path}"

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.shutdown()
        self._listener.server_close()


class Silent:
    """Takes connections and never says a word."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._socket.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}/silent"

    def __enter__(self) -> Silent:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()


def needs(name: str) -> Any:
    """A library that a test is about. The environment of `python/tests/run` has all of them."""
    if os.environ.get("GITLADE_HAS_ALL"):
        return importlib.import_module(name)
    return pytest.importorskip(name)


def python(
    code: str, *arguments: str, stdin: IO[bytes] | None = None, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Runs code in an interpreter of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert not check or done.returncode == 0, done.stderr
    return done
