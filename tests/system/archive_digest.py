#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The content digest of an archive, written from docs/archive.md and nothing else.

    archive_digest.py ARCHIVE...      prints digest and name
"""
import hashlib
import struct
import sys

import h5py
import numpy as np


def count(n):
    return struct.pack("<Q", n)


def text(s):
    data = s if isinstance(s, bytes) else s.encode("utf-8", "surrogateescape")
    return count(len(data)) + data


def value_hash(array, dtype, shape):
    """Type, rank and shape, then the elements."""
    h = hashlib.sha256()
    is_text = h5py.check_string_dtype(dtype) is not None
    h.update(text("string" if is_text else dtype.name) + count(len(shape)) + b"".join(map(count, shape)))
    if is_text:
        for s in np.asarray(array, dtype=object).reshape(-1):
            h.update(text(s))
    else:
        a = np.array(array, dtype=dtype.newbyteorder("<"))
        if dtype.kind == "f":
            a[np.isnan(a)] = np.nan
        h.update(a.tobytes())
    return h.digest()


def listed(pairs):
    pairs = sorted(pairs)
    return count(len(pairs)) + b"".join(text(name) + digest for name, digest in pairs)


def attributes(node, path):
    pairs = []
    for name in node.attrs:
        if (path, name) != ("/", "creator_version"):
            a = node.attrs.get_id(name)
            pairs.append((name.encode(), value_hash(node.attrs[name], a.dtype, a.shape)))
    return listed(pairs)


def node_hash(node, path):
    if isinstance(node, h5py.Dataset):
        return hashlib.sha256(b"D" + value_hash(node[()], node.dtype, node.shape)
                              + attributes(node, path)).digest()
    members = []
    for name in node:
        below = path.rstrip("/") + "/" + name
        link = node.get(name, getlink=True)
        if below == "/entry/seal":
            continue
        if isinstance(link, h5py.SoftLink):
            members.append((name.encode(), hashlib.sha256(b"L" + link.path.encode()).digest()))
        else:
            members.append((name.encode(), node_hash(node[name], below)))
    return hashlib.sha256(b"G" + attributes(node, path) + listed(members)).digest()


def digest(path):
    with h5py.File(path) as f:
        return node_hash(f, "/").hex()


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(digest(name), name)
