# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody else on the line: what nobody asked for is never a reading, and is told apart from answers that
come late."""
import contextlib
import os
import select
import socket
import threading
import time

import pytest
import yaml

from etalond import ROOT, check_chain, until
from matrix import check


class Relay(threading.Thread):
    """Stands between one client and a server; what is put into `intrude` reaches the client."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server = server
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = "tcp://127.0.0.1:{}".format(self.listening.getsockname()[1])
        self.client = None
        self.start()

    def run(self):
        while True:
            try:
                self.client, _ = self.listening.accept()
            except OSError:
                return
            with self.client as client, socket.create_connection(self.server) as server:
                with contextlib.suppress(ConnectionResetError):
                    while self.pass_on(client, server):
                        pass

    @staticmethod
    def pass_on(client, server):
        for s in select.select([client, server], [], [])[0]:
            data = s.recv(65536)
            if not data:
                return False
            (server if s is client else client).sendall(data)
        return True

    def intrude(self):
        self.client.sendall(b"+1.2345E+00\n")


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return data + value.to_bytes(2, "little")


def intrude_on_line(path, question):
    """Another master on the line: its answer comes to everybody."""
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(fd, question)
    finally:
        os.close(fd)


def slow_run(tmp_path):
    """Readings without end, with time between them in which the line should be still."""
    text = yaml.safe_load((ROOT / "config/procedures/dc-voltage-meter.yaml").read_text())
    text["points"] = text["points"][-1:]
    text["baseline"] = []
    for step in text["steps"]:
        if "measure" in step:
            step["measure"].update(count=100000, interval="1 s")
    for e in text["environment"]:
        e["every"] = "1 s"
    path = tmp_path / "slow.yaml"
    path.write_text(yaml.safe_dump(text, sort_keys=False))
    return path


def behind_a_relay(bench, role):
    relay = Relay(bench.tcp(role))
    text = yaml.safe_load(bench.bench.read_text())
    text["roles"][role]["address"] = relay.address
    bench.bench.write_text(yaml.safe_dump(text, sort_keys=False))
    return relay.intrude


@pytest.mark.parametrize("role, question", [
    ("reference", None), ("meter", b"*IDN?\n"), ("room", crc(b"\5\4\0\0\0\2"))], ids=["tcp", "line", "modbus"])
def test_it_is_reported(sim, daemon, tmp_path, role, question):
    bench = sim(ROOT / "config/benches/demo.yaml")
    intrude = (lambda: intrude_on_line(bench.path(role), question)) if question else behind_a_relay(bench, role)
    run = daemon.run(bench.bench, slow_run(tmp_path))
    daemon.wait(run, "running")

    def readings():
        return [h for h in daemon.headers(run, "reading") if h["channel"].startswith(role + ".")]

    def told():
        return [h for h in daemon.headers(run, "event", event="unasked") if h["role"] == role]

    time.sleep(2)
    before = len(readings())
    until(lambda: len(readings()) > before)
    intrude()
    event = until(told)[0]
    assert event["bytes"] >= 1 and event["times"] == 1
    assert "that nobody had asked for and were thrown away: somebody else uses this line" in event["text"]
    before = len(readings())
    until(lambda: len(readings()) > before + 2)
    daemon.ask("run.abort", run=run, operator="tester", reason="seen enough")
    daemon.wait(run)
    check(daemon.headers(run, "reading"), bench.truth())
    check_chain(daemon.replay(run))
