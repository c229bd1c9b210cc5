"""The host process is left alone, and a thousand imports leave nothing behind."""

from __future__ import annotations

import sysconfig

import pytest
from support import Repo, python

STATE = """
import locale, os, resource, signal, sys, threading
import gitlade

def state():
    mask = os.umask(0o22)
    os.umask(mask)
    fds = {}
    for fd in os.listdir("/proc/self/fd"):
        try:
            fds[fd] = os.readlink(f"/proc/self/fd/{fd}")
        except OSError:
            pass
    return {
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "kernel": [line for line in open("/proc/self/status") if line.startswith(("SigBlk", "SigIgn", "SigCgt"))],
        "blocked": signal.pthread_sigmask(signal.SIG_BLOCK, []),
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "umask": mask,
        "locale": locale.setlocale(locale.LC_ALL, None),
        "limits": resource.getrlimit(resource.RLIMIT_NOFILE),
        "threads": [thread.name for thread in threading.enumerate()],
        "hooks": (sys.excepthook, sys.unraisablehook, threading.excepthook),
        "descriptors": fds,
    }

gitlade.import_repo(sys.argv[1])
before = state()
gitlade.import_repo(sys.argv[1], progress=lambda progress: None)
for source in ("/nothing", "http://127.0.0.1:1/x"):
    try:
        gitlade.import_repo(source)
    except gitlade.Error:
        pass
after = state()
for name in before:
    assert before[name] == after[name], (name, before[name], after[name])
print("the same")
"""

THOUSAND = """
import gc, os, sys, time
import gitlade

def measure():
    gc.collect()
    # The last thread says that it is done a moment before it is gone.
    time.sleep(0.5)
    status = open("/proc/self/status").read()
    value = lambda name: int(status.split(name + ":")[1].split()[0])
    return value("VmRSS"), len(os.listdir("/proc/self/fd")), value("Threads")

class Sink:
    def put(self, digest, data, blob):
        pass

def once(turn):
    repo = gitlade.import_repo(sys.argv[1], sink=Sink() if turn % 2 else None)
    repo["README.md"].bytes()
    sum(entry.size or 0 for entry in repo)
    if turn % 10 == 0:
        repo.to_ndjson()
        repo.__arrow_c_stream__()
        try:
            gitlade.import_repo(sys.argv[1], rev="nothing")
        except gitlade.Error:
            pass

for turn in range(300):
    once(turn)
before = measure()
for turn in range(700):
    once(turn)
# A busy machine lets threads go later.
for _ in range(100):
    after = measure()
    if after[1:] == before[1:]:
        break
assert after[0] - before[0] < 8 << 10, (before, after)
assert after[1:] == before[1:], (before, after)
print("flat")
"""


def test_nothing_of_the_process_changes(corpus: Repo) -> None:
    assert python(STATE, str(corpus.path)).stdout == "the same\n"


def test_a_thousand_imports(corpus: Repo) -> None:
    assert python(THOUSAND, str(corpus.path)).stdout == "flat\n"


def test_no_lock_where_python_has_none() -> None:
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):
        pytest.skip("this Python has a global lock: python/tests/versions takes others")
    code = "import sys, gitlade\nprint(sys._is_gil_enabled())"
    assert python("import warnings; warnings.simplefilter('error')\n" + code).stdout == "False\n"
