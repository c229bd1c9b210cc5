"""A secret never appears where it could be read: forty failing situations."""

from __future__ import annotations

import base64
import logging
import pickle
import socket
import traceback
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import gitlade
import pytest
from support import POLICY, Handler, Repo, Server

CANARY = "c4nary:/s3cret+%40"
SPELLINGS = {
    CANARY,
    quote(CANARY, safe=""),
    base64.b64encode(CANARY.encode()).decode().rstrip("="),
    base64.b64encode(f"x-access-token:{CANARY}".encode()).decode().rstrip("="),
    base64.b64encode(f"user:{CANARY}".encode()).decode().rstrip("="),
    "c4nary",
}


def heard(handler: Handler) -> str:
    """What we said to the server, as it stands and decoded."""
    said = handler.headers.get("Authorization", "")
    _, _, secret = said.partition(" ")
    plain = base64.b64decode(secret).decode() if said.startswith("Basic ") else secret
    return f"{said} {plain}"


def refuse(handler: Handler) -> None:
    handler.reply(401, b"", {"WWW-Authenticate": 'Basic realm="x"'})


def echo(status: int) -> Callable[[Handler], None]:
    """A server that says what it was told."""

    def answer(handler: Handler) -> None:
        told = heard(handler)
        handler.reply(status, told.encode(), {"Content-Type": "text/plain", "X-Told": told})

    return answer


def redirect(handler: Handler) -> None:
    port = handler.server.server_address[1]
    target = f"http://user:{quote(CANARY, safe='')}@localhost:{port}/y?x={quote(CANARY)}"
    handler.reply(301 if handler.path.startswith("/x") else 403, b"", {"Location": target})


def garbage(handler: Handler) -> None:
    handler.wfile.write(f"HTTP/9 {heard(handler)}\r\n\r\n{heard(handler)}".encode())
    handler.close_connection = True


def reset(handler: Handler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def told_in_band(handler: Handler) -> None:
    line = f"ERR {heard(handler)}\n".encode()
    body = b"001e# service=git-upload-pack\n0000" + f"{len(line) + 4:04x}".encode() + line
    content = {"Content-Type": "application/x-git-upload-pack-advertisement"}
    handler.reply(200, body, content)


ANSWERS: dict[str, Callable[[Handler], None]] = {
    "401": refuse,
    "403": echo(403),
    "404": echo(404),
    "429": echo(429),
    "500": echo(500),
    "200": echo(200),
    "redirect": redirect,
    "garbage": garbage,
    "reset": reset,
    "in-band": told_in_band,
}
WAYS = ["token", "bearer", "password", "function", "url"]
BEARER = "c4nary-s3cret"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ANSWERS)
def test_servers(
    name: str,
    way: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[object] = []

    def find(request: gitlade.CredentialRequest) -> str:
        told.append(request)
        return CANARY

    given: dict[str, gitlade.Credentials | Callable[[gitlade.CredentialRequest], str]] = {
        "bearer": gitlade.Credentials.bearer(BEARER),
        "password": gitlade.Credentials.password("user", CANARY),
        "function": find,
    }
    with Server(tmp_path, answer=ANSWERS[name]) as server:
        user = f"user:{quote(CANARY, safe='')}@" if way == "url" else ""
        with pytest.raises(gitlade.Error) as caught:
            gitlade.import_repo(
                server.url("x", user=user),
                policy=POLICY,
                token=CANARY if way == "token" else None,
                credentials=given.get(way),
                progress=told.append,
                remote={"plain_http_credentials": True, "retries": 0, "timeouts": 20},
                spool_dir=tmp_path,
            )
    error = caught.value
    out, err = capfd.readouterr()
    shown = [*traceback.format_exception(error), repr(error), repr(vars(error)), repr(told)]
    shown += [str(pickle.dumps(error)), repr(given.get(way)), caplog.text, out, err]
    shown += [repr(getattr(one, "message", "")) for one in told]
    for text in shown:
        for spelling in SPELLINGS | {BEARER}:
            assert spelling not in text, (name, way, text)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "options",
    [
        {"remote": {"proxy": f"http://user:{quote(CANARY, safe='')}@127.0.0.1:1"}},
        {"remote": {"proxy": f"gopher://user:{quote(CANARY, safe='')}@127.0.0.1:1"}},
        {"token": CANARY + "\n" + "x"},
        {"credentials": gitlade.Credentials.bearer(CANARY + "\x00")},
        {"token": CANARY, "policy": "public"},
        {"token": CANARY},
        {"credentials": lambda request: 7},
        {"remote": {"client_certificate": (CANARY.encode(), CANARY.encode())}},
    ],
)
def test_options(options: dict[str, object], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    keywords: dict[str, object] = {"policy": POLICY, **options}
    remote = {"retries": 0, "timeouts": 10, **keywords.pop("remote", {})}  # type: ignore[dict-item]
    with pytest.raises(gitlade.Error) as caught:
        gitlade.import_repo("http://127.0.0.1:1/x", remote=remote, **keywords)  # type: ignore[arg-type]
    text = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    # The traceback shows lines of this file, which name the constant and not its value.
    for spelling in SPELLINGS:
        assert spelling not in text + caplog.text


def test_credentials_are_not_pickled_or_shown() -> None:
    credentials = gitlade.Credentials.token(CANARY)
    assert "c4nary" not in repr(credentials) + str(credentials) + str(dir(credentials))
    with pytest.raises(TypeError):
        pickle.dumps(credentials)


def test_manifests_hold_no_secrets(corpus: Repo) -> None:
    with Server(corpus.path.parent) as server:
        with pytest.raises(gitlade.InvalidSourceError):
            gitlade.import_repo(server.url(user="user:c4nary@"), policy=POLICY)
        remote: gitlade.options.RemoteOptions = {"plain_http_credentials": True}
        repo = gitlade.import_repo(server.url(), policy=POLICY, token=CANARY, remote=remote)
    for text in (repr(repo), str(repo.url), repo.to_ndjson().decode(), repo._repr_html_()):
        assert "c4nary" not in text


def test_these_are_forty() -> None:
    assert len(ANSWERS) * len(WAYS) >= 40
