# SPDX-License-Identifier: GPL-3.0-or-later
"""A HiSLIP client (IVI-6.1, synchronous mode) that shares nothing with etalon's: a second opinion."""
import socket
import struct

from conftest import HANG

(INITIALIZE, INITIALIZE_RESPONSE, FATAL_ERROR, ERROR, LOCK, LOCK_RESPONSE, DATA, DATA_END, CLEAR_COMPLETE,
 CLEAR_ACKNOWLEDGE, REMOTE_LOCAL, REMOTE_LOCAL_RESPONSE, TRIGGER, INTERRUPTED, ASYNC_INTERRUPTED, MAXIMUM,
 MAXIMUM_RESPONSE, ASYNC_INITIALIZE, ASYNC_INITIALIZE_RESPONSE, ASYNC_CLEAR, SERVICE_REQUEST, STATUS_QUERY,
 STATUS_RESPONSE, ASYNC_CLEAR_ACKNOWLEDGE, LOCK_INFO, LOCK_INFO_RESPONSE) = range(26)
FIRST = 0xffffff00


class Channel:
    """One connection."""

    def __init__(self, where):
        self.s = socket.create_connection(where, HANG)

    def send(self, kind, control=0, parameter=0, payload=b"", prologue=b"HS"):
        self.s.sendall(prologue + struct.pack(">BBIQ", kind, control, parameter, len(payload)) + payload)

    def take(self, n):
        got = b""
        while len(got) < n:
            piece = self.s.recv(n - len(got))
            if not piece:
                raise EOFError(got)
            got += piece
        return got

    def receive(self):
        """(type, control code, parameter, payload) of the next message."""
        prologue, kind, control, parameter, length = struct.unpack(">2sBBIQ", self.take(16))
        assert prologue == b"HS"
        return kind, control, parameter, self.take(length)

    def expect(self, kind):
        got = self.receive()
        assert got[0] == kind, got
        return got


class Client:
    """A session."""

    def __init__(self, where, device=b"hislip0", most=1 << 20):
        self.sync = Channel(where)
        self.sync.send(INITIALIZE, 0, 0x0100 << 16 | 0x5959, device)
        _, mode, parameter, _ = self.sync.expect(INITIALIZE_RESPONSE)
        assert mode == 0 and parameter >> 16 == 0x0100
        self.session = parameter & 0xffff
        self.aside = Channel(where)
        self.aside.send(ASYNC_INITIALIZE, 0, self.session)
        self.aside.expect(ASYNC_INITIALIZE_RESPONSE)
        self.aside.send(MAXIMUM, 0, 0, struct.pack(">Q", most))
        self.most = struct.unpack(">Q", self.aside.expect(MAXIMUM_RESPONSE)[3])[0]
        self.number, self.delivered = FIRST - 2, 0

    def close(self):
        self.sync.s.close()
        self.aside.s.close()

    def say(self, kind, payload=b""):
        self.number += 2
        self.sync.send(kind, self.delivered, self.number, payload)
        self.delivered = 0

    def write(self, text):
        self.say(DATA_END, text.encode() + b"\n")

    def read(self):
        """One answer; every message of it must carry the number of the last one sent."""
        answer = b""
        while True:
            kind, control, number, payload = self.sync.receive()
            assert kind in (DATA, DATA_END) and control == 0 and number == self.number
            answer += payload
            if kind == DATA_END:
                self.delivered = 1
                return answer.decode().rstrip("\r\n")

    def query(self, text):
        self.write(text)
        return self.read()

    def status(self):
        self.aside.send(STATUS_QUERY, self.delivered, self.number)
        return self.aside.expect(STATUS_RESPONSE)[1]

    def clear(self):
        self.aside.send(ASYNC_CLEAR)
        self.aside.expect(ASYNC_CLEAR_ACKNOWLEDGE)
        self.sync.send(CLEAR_COMPLETE)
        while self.sync.receive()[0] != CLEAR_ACKNOWLEDGE:
            pass
        self.number, self.delivered = FIRST - 2, 0

    def lock(self, timeout_ms=0):
        self.aside.send(LOCK, 1, timeout_ms)
        return self.aside.expect(LOCK_RESPONSE)[1] == 1

    def unlock(self):
        self.aside.send(LOCK, 0, self.number)
        return self.aside.expect(LOCK_RESPONSE)[1] == 1
