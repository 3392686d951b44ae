#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# writer.py ENDPOINT FILE each|group - the durable writer one would make of pyzmq and h5py: records as
# etalon publishes them (header, body) are appended to a file, one by one or a group at a time.
# An empty message ends a group: it is flushed, fsynced and acknowledged.  "end" ends all.
import json
import os
import sys

import h5py
import numpy
import zmq

ROW = numpy.dtype([("seq", "i8"), ("utc_ns", "i8"), ("value", "f8"), ("status", "S16"), ("raw", "S64")])


class Table:
    """A dataset that grows, made when its first rows come."""

    def __init__(self, file, name):
        self.file, self.name, self.rows = file, name, None

    def append(self, new):
        if self.rows is None:
            chunk = max(1, 65536 // new[:1].nbytes)
            self.rows = self.file.create_dataset(self.name, (0,) + new.shape[1:], new.dtype,
                                                 maxshape=(None,) + new.shape[1:], chunks=(chunk,) + new.shape[1:])
        self.rows.resize(len(self.rows) + len(new), axis=0)
        self.rows[-len(new):] = new


def row(header):
    r = json.loads(header)
    return (r["seq"], r["utc_ns"], r["value"], r["status"], r["raw"])


def main():
    endpoint, path, each = sys.argv[1], sys.argv[2], sys.argv[3] == "each"
    pair = zmq.Context().socket(zmq.PAIR)
    pair.set_hwm(0)
    pair.connect(endpoint)
    pair.send(b"ready")
    with h5py.File(path, "w") as file:
        scalars, blocks = Table(file, "readings"), Table(file, "blocks")
        held, bodies = [], []

        def append():
            if held:
                scalars.append(numpy.array(held, ROW))
            if bodies:
                blocks.append(numpy.frombuffer(b"".join(bodies), "f8").reshape(len(bodies), -1))
            held.clear()
            bodies.clear()

        while True:
            message = pair.recv_multipart()
            if message[0] == b"end":
                return
            if message[0]:
                held.append(row(message[0]))
                if message[1]:
                    bodies.append(message[1])
                if each:
                    append()
            else:
                append()
                file.flush()
                os.fsync(file.id.get_vfd_handle())
                pair.send(b"")


main()
