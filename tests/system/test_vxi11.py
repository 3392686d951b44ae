# SPDX-License-Identifier: GPL-3.0-or-later
"""etalon-sim over VXI-11 with pyvisa-py on the other end, and the whole daemon over it."""
import socket
import subprocess
import threading
import time

import pytest
import pyvisa
import yaml
from pyvisa_py.protocols import rpc

from conftest import HANG
from etalond import until
from lan_bench import lan_bench

CORE, ABORT, INTR = 0x0607AF, 0x0607B0, 0x0607B1
INST0 = 5, 0x696e7374, 0x30000000  # the device, as XDR has it


@pytest.fixture
def lan(sim, tmp_path):
    return sim(lan_bench(tmp_path))


@pytest.fixture
def visa(lan, monkeypatch):
    """visa(role): a session of pyvisa-py, which finds the simulator's portmapper at its port."""
    manager = pyvisa.ResourceManager("@py")

    def connect(role, device="inst0", **options):
        host, port = lan.tcp(role)
        monkeypatch.setattr(rpc, "PMAP_PORT", port)
        return manager.open_resource(f"TCPIP::{host}::{device}::INSTR", read_termination="\n",
                                     write_termination="\n", timeout=5000, **options)

    yield connect
    manager.close()


def words(*values):
    return b"".join(v.to_bytes(4, "big") for v in values)


def call(s, program, procedure, *args):
    """Sends a call put together by hand."""
    body = words(7, 0, 2, program, 1, procedure, 0, 0, 0, 0, *args)
    s.sendall(words(0x80000000 + len(body)) + body)


def reply(s):
    """The words of its reply behind number and type."""
    s.settimeout(HANG)
    size = int.from_bytes(s.recv(4, socket.MSG_WAITALL), "big") - 0x80000000
    record = s.recv(size, socket.MSG_WAITALL)
    assert record[:8] == words(7, 1)
    return [int.from_bytes(record[i:i + 4], "big") for i in range(8, size, 4)]


def core_call(sim, role, procedure, *args):
    with socket.create_connection(sim.tcp(role)) as s:
        call(s, CORE, procedure, *args)
        return reply(s)


def test_pyvisa_talks_to_the_simulator(visa):
    meter, source = visa("meter"), visa("source")
    assert meter.query("*IDN?").split(",")[2] == "SIM-0003"
    source.write("*RST")
    assert source.query("SYST:ERR?").startswith(("0", "+0"))
    source.write("NONSENSE")
    assert source.query("SYST:ERR?").startswith("-113")


def test_status_byte_and_clear(visa):
    meter = visa("meter")
    meter.write("*IDN?")
    until(lambda: meter.read_stb() & 0x10)
    meter.clear()
    assert not meter.read_stb() & 0x10
    meter.timeout = 100
    with pytest.raises(pyvisa.VisaIOError) as e:
        meter.read()
    assert e.value.error_code == pyvisa.constants.StatusCode.error_timeout
    meter.timeout = 5000
    assert "SIM-0003" in meter.query("*IDN?")


def test_answer_in_small_requests(visa):
    meter = visa("meter")
    whole = meter.query("*IDN?")
    meter.write("*IDN?")
    assert meter.read_bytes(len(whole) + 1, chunk_size=3).decode() == whole + "\n"


def test_long_command_in_parts(visa):
    meter = visa("meter")
    meter.write("X" * 10000)
    assert meter.query("SYST:ERR?").startswith("-113")
    assert meter.query("SYST:ERR?").startswith(("0", "+0")), "it was one command"


def test_lock_keeps_others_out(visa):
    one, other = visa("meter"), visa("meter")
    one.lock_excl()
    other.visalib.sessions[other.session].lock_timeout = 50
    with pytest.raises(pyvisa.VisaIOError):
        other.write("*IDN?")
    assert "SIM-0003" in one.query("*IDN?")
    one.close()
    assert "SIM-0003" in other.query("*IDN?"), "a link that ends gives its lock back"


def test_another_device_is_not_there(visa):
    with pytest.raises(Exception, match="error creating link: 3"):
        visa("meter", device="inst1")


def test_calls_nobody_serves(lan):
    assert core_call(lan, "meter", 99) == [0, 0, 0, 3]
    assert core_call(lan, "meter", 0) == [0, 0, 0, 0]
    assert core_call(lan, "meter", 12, 4711, 1, 1, 1, 1, 1) == [0, 0, 0, 0, 4, 0, 0], "no such link"
    assert core_call(lan, "meter", 10, 1)[:4] == [0, 0, 0, 4], "arguments too short"


def test_abort_ends_a_read(lan):
    """Both channels by hand, since pyvisa-py has no abort channel."""
    with socket.create_connection(lan.tcp("meter")) as core, socket.create_connection(lan.tcp("meter")) as aside:
        call(core, CORE, 10, 1, 0, 0, *INST0)
        error, link, port, _ = reply(core)[4:]
        assert error == 0 and port == lan.tcp("meter")[1]
        call(core, CORE, 12, link, 100, 3600000, 0, 0, 0)
        time.sleep(0.1)
        call(aside, ABORT, 1, link)
        assert reply(aside)[4:] == [0]
        assert reply(core)[4:] == [23, 0, 0]


def say(s, link, text):
    """A whole message to the device."""
    data = text.encode()
    padded = data + bytes(-len(data) % 4)
    call(s, CORE, 11, link, 1000, 0, 8, len(data), *(int.from_bytes(padded[i:i + 4], "big")
                                                     for i in range(0, len(padded), 4)))
    assert reply(s)[4:] == [0, len(data)]


def test_service_request(lan):
    """The simulator calls back where its client listens, with the handle that it was given."""
    with socket.create_connection(lan.tcp("meter")) as core, socket.create_server(("127.0.0.1", 0)) as door:
        call(core, CORE, 10, 1, 0, 0, *INST0)
        link = reply(core)[5]
        port = door.getsockname()[1]
        call(core, CORE, 25, 0x7f000002, port, INTR, 1, 0)
        assert reply(core)[4:] == [5], "nobody but its client"
        call(core, CORE, 25, 0x7f000001, port, INTR, 1, 0)
        assert reply(core)[4:] == [0]
        call(core, CORE, 25, 0x7f000001, port, INTR, 1, 0)
        assert reply(core)[4:] == [29], "there is one already"
        call(core, CORE, 20, link, 1, 6, 0x68616e64, 0x6c650000)
        assert reply(core)[4:] == [0]
        caller, _ = door.accept()
        for command in ("*CLS", "*ESE 1", "*SRE 32", "*OPC"):
            say(core, link, command + "\n")
        caller.settimeout(HANG)
        record = caller.recv(14 * 4, socket.MSG_WAITALL)
        got = [int.from_bytes(record[i:i + 4], "big") for i in range(0, len(record), 4)]
        assert got == [0x80000000 + 52, 1, 0, 2, INTR, 1, 30, 0, 0, 0, 0, 6, 0x68616e64, 0x6c650000]
        for expected in (0x60, 0x20):
            call(core, CORE, 13, link, 0, 0, 1000)
            assert reply(core)[4:] == [0, expected], "a poll takes the request back"
        call(core, CORE, 26)
        assert reply(core)[4:] == [0]
        assert caller.recv(1) == b""
        caller.close()
        call(core, CORE, 26)
        assert reply(core)[4:] == [6]


def test_trigger_is_a_command(lan):
    with socket.create_connection(lan.tcp("meter")) as core:
        call(core, CORE, 10, 1, 0, 0, *INST0)
        link = reply(core)[5]
        call(core, CORE, 14, link, 0, 0, 1000)
        assert reply(core)[4:] == [0]
        call(core, CORE, 13, link, 0, 0, 1000)
        assert reply(core)[4:] == [0, 4], "an error: this model measures when it is asked"


def test_the_daemon_keeps_others_out(lan, daemon, visa):
    run = daemon.run(lan.bench)
    until(lambda: "point.begin" in daemon.events(run))
    other = visa("meter")
    other.visalib.sessions[other.session].lock_timeout = 50
    with pytest.raises(pyvisa.VisaIOError):
        other.write("*RST")
    daemon.ask("run.abort", run=run, operator="tester", reason="seen enough")
    daemon.wait(run)


@pytest.fixture
def portmapper(lan):
    """One at port 111, where a resource string begins, that tells where the simulated meter is."""
    try:
        server = socket.create_server(("127.0.0.1", 111))
    except OSError as e:
        pytest.skip(f"only root may listen at port 111: {e}")
    asked = []

    def serve():
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                size = int.from_bytes(client.recv(4, socket.MSG_WAITALL), "big") - 0x80000000
                record = client.recv(size, socket.MSG_WAITALL)
                asked.append([int.from_bytes(record[i:i + 4], "big") for i in range(4, size, 4)])
                client.sendall(words(0x80000000 + 28) + record[:4] + words(1, 0, 0, 0, 0, lan.tcp("meter")[1]))

    thread = threading.Thread(target=serve)
    thread.start()
    yield asked
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def test_through_the_portmapper(lan, daemon, portmapper):
    bench = yaml.safe_load(lan.bench.read_text())
    bench["roles"]["meter"]["address"] = "TCPIP0::127.0.0.1::INSTR"
    lan.bench.write_text(yaml.safe_dump(bench, sort_keys=False))
    run = daemon.run(lan.bench)
    view = daemon.wait(run)
    assert view["status"] == "complete", view
    assert daemon.headers(run, "reading", status="ok", channel="meter.voltage.dc")
    assert portmapper[0] == [0, 2, 100000, 2, 3, 0, 0, 0, 0, CORE, 1, 6, 0]


def test_lxi_tools(lan, portmapper):
    host, _ = lan.tcp("meter")
    done = subprocess.run(["lxi", "scpi", "--address", host, "*IDN?"], capture_output=True, text=True, timeout=HANG)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split(",")[2] == "SIM-0003"
    assert portmapper, "it asked where the meter is"
