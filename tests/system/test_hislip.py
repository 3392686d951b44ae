# SPDX-License-Identifier: GPL-3.0-or-later
"""etalon-sim over HiSLIP with a client of the tests' own on the other end, and the whole daemon over it."""
import socket
import time

import pytest

import hislip_client as hislip
from etalond import until
from hislip_client import Channel, Client
from lan_bench import lan_bench


@pytest.fixture
def lan(sim, tmp_path):
    return sim(lan_bench(tmp_path, "hislip"))


@pytest.fixture
def connect(lan):
    clients = []

    def open_client(role, **options):
        clients.append(Client(lan.tcp(role), **options))
        return clients[-1]

    yield open_client
    for c in clients:
        c.close()


def test_a_client_talks_to_the_simulator(connect):
    meter, source = connect("meter"), connect("source", device=b"HiSLIP0")
    assert meter.query("*IDN?").split(",")[2] == "SIM-0003"
    assert "SIM-0003" in meter.query("*IDN?")
    source.write("*RST")
    assert source.query("SYST:ERR?").startswith(("0", "+0"))
    source.write("NONSENSE")
    assert source.query("SYST:ERR?").startswith("-113")


def test_command_and_answer_in_parts(connect):
    meter = connect("meter", most=16 + 7)
    for part in (b"*I", b"", b"DN"):
        meter.say(hislip.DATA, part)
    meter.say(hislip.DATA_END, b"?\n")
    assert meter.read().split(",")[2] == "SIM-0003"


def test_clear(connect):
    meter = connect("meter")
    meter.write("*IDN?")
    meter.clear()
    assert not meter.status() & 0x10
    assert "SIM-0003" in meter.query("*IDN?")
    meter.say(hislip.DATA, b"NONSENSE")
    meter.clear()
    assert meter.query("SYST:ERR?").startswith(("0", "+0")), "half a command was forgotten"


def test_status_byte(connect):
    meter = connect("meter")
    assert meter.status() == 0
    meter.write("*IDN?")
    until(lambda: meter.status() & 0x10)
    meter.read()
    assert not meter.status() & 0x10, "it was read"
    meter.write("NONSENSE")
    until(lambda: meter.status() & 0x04)
    assert meter.query("*ESR?") == str(0x80 | 0x20), "power on, command error"
    assert meter.query("*ESR?") == "0"
    meter.write("*ESE 32")
    meter.write("NONSENSE")
    assert int(meter.query("*STB?")) == 0x24
    assert [meter.query(q) for q in ("*ESE?", "*SRE?")] == ["32", "0"]


def test_service_request(connect):
    meter = connect("meter")
    meter.write("*CLS")
    meter.write("*ESE 1")
    meter.write("*SRE 32")
    meter.write("*OPC")
    kind, status, _, _ = meter.aside.receive()
    assert (kind, status) == (hislip.SERVICE_REQUEST, 0x60)
    assert meter.status() == 0x60, "a poll takes the request back"
    assert meter.status() == 0x20
    assert meter.query("*STB?") == str(0x60)


def test_interrupted(connect):
    meter = connect("meter")
    meter.write("*IDN?")
    until(lambda: meter.status() & 0x10)
    meter.write("*IDN?")
    assert meter.sync.receive()[0] == hislip.DATA_END
    assert meter.sync.receive()[:3] == (hislip.INTERRUPTED, 0, hislip.FIRST + 2)
    assert meter.aside.receive()[:3] == (hislip.ASYNC_INTERRUPTED, 0, hislip.FIRST + 2)
    assert "SIM-0003" in meter.read()


def test_trigger_is_a_command(connect):
    meter = connect("meter")
    meter.say(hislip.TRIGGER)
    assert meter.query("SYST:ERR?").startswith("-113"), "this model measures when it is asked"


def test_lock_keeps_others_out(connect):
    one, other = connect("meter"), connect("meter")
    assert one.lock()
    assert not other.lock()
    other.write("*IDN?")
    assert "SIM-0003" in one.query("*IDN?")
    other.sync.s.settimeout(0.2)
    with pytest.raises(socket.timeout):
        other.read()
    other.sync.s.settimeout(10)
    other.aside.send(hislip.LOCK_INFO)
    assert other.aside.expect(hislip.LOCK_INFO_RESPONSE)[1] == 1
    one.close()
    assert "SIM-0003" in other.read(), "a session that ends gives its lock back"
    assert other.lock() and other.unlock() and not other.unlock()


def test_what_is_no_session(lan):
    where = lan.tcp("meter")
    rows = [
        (lambda c: c.send(hislip.INITIALIZE, 0, 0x01005959, b"hislip7"), 0, b"there is no device of this name"),
        (lambda c: c.send(hislip.ASYNC_INITIALIZE, 0, 0x7777), 3, b"there is no session of this number"),
        (lambda c: c.send(hislip.DATA_END, 0, hislip.FIRST), 3, b"a session begins with Initialize"),
        (lambda c: c.send(hislip.INITIALIZE, prologue=b"HX"), 1, b"this is no HiSLIP message"),
    ]
    for begin, code, text in rows:
        c = Channel(where)
        begin(c)
        kind, control, _, payload = c.receive()
        assert (kind, control, payload) == (hislip.FATAL_ERROR, code, text)
        with pytest.raises(EOFError):
            c.receive()
    c = Channel(where)
    c.send(hislip.INITIALIZE, 0, 0x01005959, b"hislip0")
    c.expect(hislip.INITIALIZE_RESPONSE)
    c.send(hislip.DATA_END, 0, hislip.FIRST, b"*IDN?\n")
    assert c.receive()[:2] == (hislip.FATAL_ERROR, 2), "the other channel is missing"


def test_messages_nobody_knows(connect):
    meter = connect("meter")
    meter.sync.send(hislip.STATUS_QUERY)
    assert meter.sync.receive()[:2] == (hislip.ERROR, 1)
    meter.aside.send(99)
    assert meter.aside.receive()[:2] == (hislip.ERROR, 1)
    meter.say(hislip.DATA_END, b"X" * (meter.most - 15))
    assert meter.sync.receive()[:2] == (hislip.ERROR, 4)
    assert "SIM-0003" in meter.query("*IDN?")


def test_the_daemon_keeps_others_out(lan, daemon, connect):
    run = daemon.run(lan.bench)
    until(lambda: "point.begin" in daemon.events(run))
    other = connect("meter")
    assert not other.lock(50)
    daemon.ask("run.abort", run=run, operator="tester", reason="seen enough")
    daemon.wait(run)
    until(other.lock)


def test_abort_is_not_behind_a_read(lan, daemon):
    """A meter that never answers does not keep a source from being made safe."""
    run = daemon.run(lan.bench)
    until(lambda: "point.begin" in daemon.events(run))
    lan.do("fault meter silence times=0")
    time.sleep(0.5)
    daemon.ask("run.abort", run=run, operator="tester", reason="nobody answers")
    lan.do("clear meter")
    daemon.wait(run)
    safe = [h for h in daemon.headers(run, "event") if h["event"].startswith("safe")]
    assert {h["role"] for h in safe if "role" in h} >= {"source"}, safe
