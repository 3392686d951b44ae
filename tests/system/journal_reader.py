# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a journal as docs/journal.md and docs/stream.md say, and shares no code with etalon.

    for header, body, place in Journal(folder): ...

Raises Damaged with segment and offset.  Nothing but Python's library is used."""

import hashlib
import json
import os
import struct

LIMITS = {b"ETS1": (2, 16777216, 0), b"ETC1": (8, 8, 0), b"ETR1": (2, 65536, 1048576)}
KINDS = ("file", "start", "channel", "reading", "exchange", "event", "result", "stop")
COMMON = ("v", "run", "seq", "kind", "channel", "nth", "utc_ns", "mono_ns", "boot", "prev")


def _table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ 0x82F63B78 if byte & 1 else byte >> 1
        table.append(byte)
    return table


_TABLE = _table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


class Damaged(Exception):
    def __init__(self, segment, offset, why):
        super().__init__("segment %06d, offset %d: %s" % (segment, offset, why))
        self.segment, self.offset = segment, offset


class Frame:
    def __init__(self, magic, header, body, end):
        self.magic, self.header, self.body, self.end = magic, header, body, end


def whole_frame(data, segment, at):
    """The frame at this offset, or None."""
    if len(data) - at < 32 or data[at:at + 4] not in LIMITS:
        return None
    magic, h, b, number, offset, crc = struct.unpack_from("<4sIIIQI", data, at)
    low, high, body = LIMITS[magic]
    if crc != crc32c(data[at:at + 24]) or number != segment or offset != at:
        return None
    if not low <= h <= high or b > body or len(data) - at < 32 + h + b:
        return None
    payload = data[at + 28:at + 28 + h + b]
    if struct.unpack_from("<I", data, at + 28 + h + b)[0] != crc32c(payload):
        return None
    if magic == b"ETC1" and struct.unpack("<Q", payload)[0] > at:
        return None
    return Frame(magic, payload[:h], payload[h:], at + 32 + h + b)


class Journal:
    """Walks all frames at once; the records known to be durable are then its items."""

    def __init__(self, folder):
        self.run = None
        self.seq, self.head = 0, bytes(32)
        self.kinds = dict.fromkeys(KINDS, 0)
        self.channels = {}
        self.stopped = False
        self.records = []           # (header, body, (segment, offset))
        self.unknown = 0            # whole records of which nothing says that they are durable
        names = sorted(n for n in os.listdir(folder) if len(n) == 6 and n.isdigit() and n != "000000")
        self.segments = len(names)
        for i, name in enumerate(names):
            if int(name) != i + 1:
                raise Damaged(i + 1, 0, "the segment is missing")
        for number in range(1, self.segments + 1):
            with open(os.path.join(folder, "%06d" % number), "rb") as f:
                self._segment(number, f.read())

    def __iter__(self):
        return iter(self.records)

    def counts(self):
        return {"kinds": self.kinds, "channels": self.channels}

    def _promised(self, data, number, at):
        hit = data.find(b"ETC1", at)
        while hit >= 0:
            frame = whole_frame(data, number, hit)
            if frame and struct.unpack("<Q", frame.header)[0] > at:
                return True
            hit = data.find(b"ETC1", hit + 1)
        return False

    def _segment(self, number, data):
        newest = number == self.segments
        first = whole_frame(data, number, 0)
        if not first:
            if newest and not self._promised(data, number, 0):
                return
            raise Damaged(number, 0, "no segment frame")
        if first.magic != b"ETS1":
            raise Damaged(number, 0, "another frame where the segment frame belongs")
        self._opening(number, json.loads(first.header))
        at, durable, here = first.end, 0, []
        while True:
            frame = whole_frame(data, number, at)
            if not frame:
                break
            if frame.magic == b"ETS1":
                raise Damaged(number, at, "a second segment frame")
            if frame.magic == b"ETC1":
                durable = max(durable, struct.unpack("<Q", frame.header)[0])
            else:
                here.append((self._record(number, at, frame), frame.end, frame.body, (number, at)))
            at = frame.end
        if self._promised(data, number, at) or (not newest and data[at:].strip(b"\0")):
            raise Damaged(number, at, "no whole frame, and there was one")
        for header, end, body, place in here:
            if newest and end > durable:
                self.unknown += 1
            else:
                self.records.append((header, body, place))

    def _opening(self, number, opening):
        if self.run is None:
            self.run = opening["run"]
        expected = {"format": 1, "run": self.run, "segment": number, "first_seq": self.seq,
                    "head": self.head.hex(), "counts": self.counts()}
        if opening != expected:
            raise Damaged(number, 0, "the segment frame says %r, not %r" % (opening, expected))

    def _record(self, number, at, frame):
        header = json.loads(frame.header)
        if tuple(header)[:len(COMMON)] != COMMON or header["v"] != 1:
            raise Damaged(number, at, "not the members that every header has")
        channel = self.channels.get(header["channel"], {"records": 0, "readings": 0})
        if (header["run"], header["seq"], header["nth"], header["prev"]) != (
                self.run, self.seq, channel["records"], self.head.hex()):
            raise Damaged(number, at, "not the next record: %r" % header)
        if self.stopped:
            raise Damaged(number, at, "a record after stop")
        if header["kind"] == "stop":
            self.stopped = True
            if header["counts"] != self.counts():
                raise Damaged(number, at, "the counts of stop are not those of the records")
        inner = hashlib.sha256(struct.pack("<I", len(frame.header)) + frame.header + frame.body).digest()
        self.head = hashlib.sha256(self.head + inner).digest()
        self.seq += 1
        self.kinds[header["kind"]] += 1
        channel["records"] += 1
        channel["readings"] += header["kind"] == "reading"
        self.channels[header["channel"]] = channel
        return header


if __name__ == "__main__":
    import sys

    for record in Journal(sys.argv[1]):
        print(json.dumps(record[0]))
