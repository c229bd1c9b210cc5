"""Each kind of error has a class."""

from __future__ import annotations

import builtins
import errno
import pickle
import traceback
from pathlib import Path

import gitlade
import pytest
from gitlade import _gitlade, errors
from support import POLICY, Repo, Server

BASES = {
    "NotARepositoryError": FileNotFoundError,
    "PathNotFoundError": FileNotFoundError,
    "RepositoryNotFoundError": FileNotFoundError,
    "PermissionDeniedError": PermissionError,
    "AuthenticationRequiredError": PermissionError,
    "AuthenticationFailedError": PermissionError,
    "AccessDeniedError": PermissionError,
    "NotAllowedError": PermissionError,
    "TimeoutError": builtins.TimeoutError,
    "InvalidOptionsError": ValueError,
    "InvalidSourceError": ValueError,
    "RevisionNotFoundError": LookupError,
    "IoError": OSError,
    "ConnectionFailedError": ConnectionError,
}


def test_all_kinds_have_a_class() -> None:
    kinds = _gitlade.error_kinds()
    assert len(kinds) > 40
    for code, name in kinds:
        words = "".join(word.capitalize() for word in name.split("_"))
        found = getattr(errors, f"{words}Error")
        assert (found.kind, found.code) == (name, code)
        assert issubclass(found, gitlade.Error) and getattr(gitlade, found.__name__) is found
        assert found.__doc__ and found.__doc__.endswith(".")
    assert len(gitlade.Error.__subclasses__()) == len(kinds)
    for name, base in BASES.items():
        assert issubclass(getattr(errors, name), base)


def test_paths_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        gitlade.import_repo(tmp_path / "nothing")
    error = caught.value
    assert isinstance(error, gitlade.NotARepositoryError)
    assert error.file == str(tmp_path / "nothing") and error.advice
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error) and str(again) == str(error) and again.file == error.file
    assert error.advice in "".join(traceback.format_exception(error)) or not hasattr(
        error, "add_note"
    )


def test_revisions_and_folders_that_are_none(corpus: Repo) -> None:
    with pytest.raises(gitlade.RevisionNotFoundError):
        gitlade.import_repo(corpus.path, rev="nothing")
    with pytest.raises(gitlade.PathNotFoundError) as caught:
        gitlade.import_repo(corpus.path, subdir=b"\xff\xfe")
    assert caught.value.path == "\udcff\udcfe"


def test_limits_are_named(corpus: Repo) -> None:
    with pytest.raises(gitlade.LimitExceededError) as caught:
        gitlade.import_repo(corpus.path, limits={"max_entries": 3})
    assert caught.value.limit == "max_entries" and "max_entries" in str(caught.value.advice)


def test_objects_are_named(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path / "damaged")
    repo.write("file", "content\n")
    repo.commit("one")
    oid = repo.git("rev-parse", "HEAD:file").decode().strip()
    (repo.path / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    with pytest.raises(gitlade.MissingObjectError) as caught:
        gitlade.import_repo(repo.path)
    assert caught.value.oid == oid
    assert gitlade.import_repo(repo.path, allow_missing=True)["file"].skipped == "missing"


@pytest.mark.parametrize(
    ("options", "raised"),
    [
        ({"limits": {"max_nothing": 1}}, gitlade.InvalidOptionsError),
        ({"limits": {"max_blob": -1}}, gitlade.InvalidOptionsError),
        ({"threads": -1}, gitlade.InvalidOptionsError),
        ({"threads": "2"}, TypeError),
        ({"policy": "all"}, gitlade.InvalidOptionsError),
        ({"verify": "much"}, gitlade.InvalidOptionsError),
        ({"remote": {"nothing": 1}}, gitlade.InvalidOptionsError),
        ({"remote": {"timeouts": {"total": -1.0}}}, gitlade.InvalidOptionsError),
        ({"remote": {"proxy": "ftp://x"}}, gitlade.InvalidOptionsError),
        ({"remote": {"ssh": {"host_keys": "none"}}}, gitlade.InvalidOptionsError),
        ({"credentials": 7}, TypeError),
        ({"include": b"x"}, TypeError),
        ({"nothing": 1}, TypeError),
    ],
)
def test_options_are_checked(
    corpus: Repo, options: dict[str, object], raised: type[Exception]
) -> None:
    with pytest.raises(raised):
        gitlade.import_repo(corpus.path, **options)  # type: ignore[arg-type]


def test_sources_are_checked() -> None:
    with pytest.raises(gitlade.InvalidSourceError):
        gitlade.import_repo("ftp://example.org/x")
    with pytest.raises(TypeError):
        gitlade.import_repo(7)  # type: ignore[arg-type]


def test_urls_are_named_without_secrets(server: Server) -> None:
    url = server.url("nothing", user="user:s3cret@")
    with pytest.raises(gitlade.Error) as caught:
        gitlade.import_repo(url, policy=POLICY)
    assert "s3cret" not in str(caught.value) + str(caught.value.url)


def test_causes_are_chained(wide: Repo) -> None:
    repo = gitlade.import_repo(wide.path)
    with pytest.raises(gitlade.StorageFullError) as caught:
        repo.to_ndjson("/dev/full")
    cause = caught.value.__cause__
    assert isinstance(cause, OSError) and cause.errno == errno.ENOSPC
    assert isinstance(caught.value, OSError)


def test_policy_forbids_this_machine(server: Server) -> None:
    with pytest.raises(PermissionError) as caught:
        gitlade.import_repo(server.url())
    assert isinstance(caught.value, gitlade.NotAllowedError) and server.requests == []
