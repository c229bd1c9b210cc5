"""Walks HEAD with pygit2 and hashes every file: what a Python host does without gitlade."""

import sys

import blake3
import pygit2


def walk(repository, tree):
    entries = size = 0
    for entry in tree:
        if entry.type_str == "tree":
            below = walk(repository, repository[entry.id])
            entries += below[0]
            size += below[1]
        else:
            entries += 1
            if entry.type_str == "blob":
                content = repository[entry.id].data
                blake3.blake3(content).digest()
                size += len(content)
    return entries, size


repository = pygit2.Repository(sys.argv[1])
print(*walk(repository, repository.head.peel(pygit2.Tree)))
