"""Walks HEAD with dulwich and hashes every file: a Python host that has no library of C."""

import stat
import sys

import blake3
from dulwich.repo import Repo


def walk(store, tree):
    entries = size = 0
    for entry in store[tree].iteritems():
        if stat.S_ISDIR(entry.mode):
            below = walk(store, entry.sha)
            entries += below[0]
            size += below[1]
        else:
            entries += 1
            if entry.mode != 0o160000:
                content = store[entry.sha].as_raw_string()
                blake3.blake3(content).digest()
                size += len(content)
    return entries, size


with Repo(sys.argv[1]) as repository:
    store = repository.object_store
    print(*walk(store, store[repository.head()].tree))
