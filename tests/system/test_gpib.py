# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench behind one GPIB controller, over TCP and on a line: the simulator spoken to by hand, and the whole
daemon with faults."""
import os
import socket
import subprocess

import pytest
import yaml

from conftest import BUILD, HANG
from etalond import ROOT, check_chain, until
from gpib_bench import gpib_bench
from matrix import REPEATS, matrix, wakes_wrong
from test_faults import LINES, suffer

CONTROLLERS = {"tcp": "prologix://127.0.0.1", "line": "prologix:build/demo/gpib"}


@pytest.fixture(params=CONTROLLERS)
def gpib(sim, tmp_path, request):
    return sim(gpib_bench(tmp_path, CONTROLLERS[request.param]))


class Host:
    """The controller's other end."""

    def __init__(self, sim):
        address = sim.address("meter").rsplit("/", 1)[0]
        if "//" in address:
            host, port = address[len("prologix://"):].split(":")
            self.s = socket.create_connection((host, int(port)), timeout=HANG)
            self.send, self.recv, self.close = self.s.sendall, self.s.recv, self.s.close
        else:
            fd = os.open(address[len("prologix:"):], os.O_RDWR | os.O_NOCTTY)
            self.send, self.recv = lambda b: os.write(fd, b), lambda n: os.read(fd, n)
            self.close = lambda: os.close(fd)

    def __call__(self, text, end=b"\r\n"):
        self.send(text)
        got = b""
        while not got.endswith(end):
            got += self.recv(4096)
        return got


def test_by_hand(gpib):
    host = Host(gpib)
    host.send(b"++mode 1\n++auto 0\n++eos 3\n++eoi 1\n++eot_enable 1\n++eot_char 4\n++read_tmo_ms 200\n")
    assert b"Prologix" in host(b"++ver\n")
    for address, number in ((b"5", b"SIM-0001"), (b"22", b"SIM-0002"), (b"9 99", b"SIM-0003")):
        host.send(b"++addr " + address + b"\n")
        assert host(b"++addr\n") == address + b"\r\n"
        host.send(b"*IDN?\x1b\n\n")
        assert number in host(b"++read eoi\n", b"\x04")
    host.send(b"++addr 5\nNONSENSE\x1b\n\nSYST:ERR?\n")
    assert host(b"++read eoi\n", b"\x04").startswith(b"-113")
    host.send(b"*IDN?\n++clr\n++read eoi\n")
    assert host(b"++srq\n") == b"0\r\n", "a cleared instrument says nothing"
    assert host(b"++nonsense\n") == b"Unrecognized command\r\n"
    host.close()


@matrix
@pytest.mark.parametrize("way", CONTROLLERS if REPEATS > 1 else ["tcp"])
def test_no_wrong_value_is_accepted(sim, daemon, tmp_path, record_property, way, share):
    """One bus for all: what one instrument fails in costs the others time, never a value.  A power-on ends no
    connection there."""
    bench = sim(wakes_wrong(gpib_bench(tmp_path, CONTROLLERS[way])))
    run = suffer(daemon, bench, tmp_path, f"gpib-{way}", {"reference": LINES, "meter": LINES}, share, record_property,
                 hang_up=("close",))
    check_chain(daemon.replay(run))
    assert daemon.sealed(run)


def test_a_run_to_its_end(gpib, daemon):
    run = daemon.run(gpib.bench)
    ports = [p for p in daemon.ask("status")["ports"] if "prologix" in p["address"]]
    assert len(ports) == 1 and ports[0]["stations"] == 3, ports
    view = daemon.wait(run)
    assert view["status"] == "complete", view
    assert len({h["text"] for h in daemon.headers(run, "event", event="attached")}) >= 3
    readings = daemon.headers(run, "reading", status="ok")
    assert {h["channel"] for h in readings} >= {"meter.voltage.dc", "reference.voltage.dc"}


def test_a_board_without_a_controller_is_refused(tmp_path):
    path = gpib_bench(tmp_path)
    bench = yaml.safe_load(path.read_text())
    del bench["gpib"]
    path.write_text(yaml.safe_dump(bench, sort_keys=False))
    done = subprocess.run([BUILD / "etalon", "check", "--quantities", ROOT / "config/quantities.yaml", path], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0
    assert 'no controller is named for board GPIB0: add gpib: {GPIB0: "prologix://HOST"} to this file' in (
        done.stdout + done.stderr)
