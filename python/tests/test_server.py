"""Servers, credentials, policies."""

from __future__ import annotations

import gitlade
import pytest
from support import POLICY, Repo, Server

LOGIN = ("x-access-token", "s3cret")


def test_the_same_from_a_server_and_a_disk(corpus: Repo, server: Server) -> None:
    far, near = gitlade.import_repo(server.url(), policy=POLICY), gitlade.import_repo(corpus.path)
    assert far.root == near.root and list(far) == list(near) and far.url == server.url()
    for entry in far.files:
        assert entry.bytes() == near[entry.path_bytes].bytes()


@pytest.mark.parametrize("way", ["token", "password", "asked", "function", "function-token"])
def test_credentials(corpus: Repo, way: str) -> None:
    asked: list[gitlade.CredentialRequest] = []

    def find(request: gitlade.CredentialRequest) -> gitlade.Credentials | str:
        asked.append(request)
        return gitlade.Credentials.token(LOGIN[1]) if way == "function" else LOGIN[1]

    with Server(corpus.path.parent, login=LOGIN) as server:
        remote: gitlade.options.RemoteOptions = {"plain_http_credentials": True}
        if way == "token":
            repo = gitlade.import_repo(server.url(), policy=POLICY, token="s3cret", remote=remote)
        else:
            given = {
                "password": gitlade.Credentials.password(*LOGIN),
                "asked": gitlade.Credentials.token(LOGIN[1]).when_asked(),
            }.get(way, find)
            repo = gitlade.import_repo(
                server.url(), policy=POLICY, credentials=given, remote=remote
            )
        assert len(repo) > 20
    if given_by_function := way.startswith("function"):
        assert [(one.host, one.realm, one.attempt) for one in asked] == [("127.0.0.1", "test", 1)]
    assert given_by_function == bool(asked)


def test_credentials_are_asked_for_and_refused(corpus: Repo) -> None:
    with Server(corpus.path.parent, login=LOGIN) as server:
        with pytest.raises(gitlade.AuthenticationRequiredError):
            gitlade.import_repo(server.url(), policy=POLICY)
        with pytest.raises(gitlade.AuthenticationFailedError) as caught:
            gitlade.import_repo(
                server.url(),
                policy=POLICY,
                token="wrong-s3cret",
                remote={"plain_http_credentials": True},
            )
        assert "wrong-s3cret" not in repr(caught.value) and caught.value.advice


def test_a_function_that_raises_gives_up(
    corpus: Repo, recwarn: pytest.WarningsRecorder, capsys: pytest.CaptureFixture[str]
) -> None:
    def find(request: gitlade.CredentialRequest) -> str:
        raise ZeroDivisionError

    with Server(corpus.path.parent, login=LOGIN) as server:
        with pytest.raises(gitlade.AuthenticationRequiredError):
            gitlade.import_repo(
                server.url(),
                policy=POLICY,
                credentials=find,
                remote={"plain_http_credentials": True},
            )


test_a_function_that_raises_gives_up = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)(test_a_function_that_raises_gives_up)


def test_policies(server: Server) -> None:
    seen: list[gitlade.Destination] = []

    def check(to: gitlade.Destination) -> bool:
        seen.append(to)
        return len(seen) < 2

    policy = gitlade.Policy.public().allow_port(server.port).allow_addresses("loopback")
    assert len(gitlade.import_repo(server.url(), policy=policy)) > 20
    assert gitlade.ls_remote(server.url(), policy=policy.check_with(check))
    assert (seen[0].host, seen[0].port, seen[0].address) == ("127.0.0.1", server.port, "127.0.0.1")
    with pytest.raises(gitlade.NotAllowedError):
        gitlade.ls_remote(server.url(), policy=policy.check_with(lambda to: False))
    with pytest.raises(gitlade.NotAllowedError):
        gitlade.ls_remote(server.url(), policy=policy.allow_scheme("http", False))
    with pytest.raises(gitlade.InvalidOptionsError):
        policy.allow_addresses("everything")  # type: ignore[arg-type]


def test_limits_are_all_known() -> None:
    names = {name for name, _, _ in gitlade.limits()}
    assert names == set(gitlade.options.Limits.__annotations__)


def test_user_agent_and_revision(server: Server) -> None:
    repo = gitlade.import_repo(
        server.url(), rev="v1", policy=POLICY, remote={"user_agent": "git/x", "timeouts": 60}
    )
    assert repo.ref == "refs/tags/v1"
    assert {headers["user-agent"] for _, _, headers in server.requests} == {"git/x"}
