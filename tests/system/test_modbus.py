# SPDX-License-Identifier: GPL-3.0-or-later
"""etalon's Modbus and other people's: pymodbus as a device and as a client, mbpoll; every type in every order against
numbers that Python's struct has packed, every way Modbus goes."""
import json
import os
import pty
import re
import select
import socket
import struct
import subprocess
import sys
import threading
import tty

import pytest
from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.transaction import ModbusAsciiFramer, ModbusRtuFramer, ModbusSocketFramer

from conftest import BUILD, HANG, ROOT
from modbus_types import UNIT, VALUES, as_double, rows, write_model, write_quantities

WAYS = ["tcp", "rtu", "ascii", "rtu over tcp", "ascii over tcp"]
FRAMERS = {"tcp": ModbusSocketFramer, "rtu": ModbusRtuFramer, "ascii": ModbusAsciiFramer}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Cable:
    """Two terminals joined, as socat joins them: what one end says the other hears."""

    def __init__(self):
        self.masters, self.slaves = zip(*[pty.openpty() for _ in range(2)])
        for fd in self.masters + self.slaves:
            tty.setraw(fd)
        self.paths = [os.ttyname(fd) for fd in self.slaves]
        self.over = os.pipe()
        self.thread = threading.Thread(target=self.carry)
        self.thread.start()

    def carry(self):
        while True:
            ready = select.select([*self.masters, self.over[0]], [], [])[0]
            if self.over[0] in ready:
                return
            for fd in ready:
                os.write(self.masters[fd == self.masters[0]], os.read(fd, 4096))

    def close(self):
        os.write(self.over[1], b"x")
        self.thread.join()
        for fd in self.masters + self.slaves + self.over:
            os.close(fd)


def way(name):
    """How it is framed, and whether by TCP."""
    return name.split()[0], name.endswith("tcp")


class Device:
    """pymodbus as a device; `address` is what etalon calls it."""

    def __init__(self, folder, name, tables):
        framing, net = way(name)
        self.cable = None if net else Cable()
        place = str(free_port()) if net else self.cable.paths[0]
        self.address = (f"modbus+{framing}://127.0.0.1:{place}/{UNIT}" if net else
                        f"modbus+{framing}:{self.cable.paths[1]}?baud=19200&unit={UNIT}")
        self.left = folder / "left.json"
        given = folder / "given.json"
        given.write_text(json.dumps(tables))
        self.process = subprocess.Popen(
            [sys.executable, ROOT / "tests/system/pymodbus_server.py", framing, place, given, self.left],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def close(self):
        """What stands in its tables at the end."""
        self.process.stdin.close()
        self.process.wait(HANG)
        self.process.stdout.close()
        if self.cable:
            self.cable.close()
        return json.loads(self.left.read_text())


def client(folder, address, *sets):
    """What etalon reads there: {quantity: (value, raw)}."""
    r = subprocess.run([BUILD / "tests/system/modbus_client", folder / "quantities.yaml", folder / "all-types.yaml",
                        address, *sets], capture_output=True, text=True, timeout=HANG)
    assert r.returncode == 0, r.stderr
    return {q: (v, bytes.fromhex(raw)) for q, v, raw in (line.split() for line in r.stdout.splitlines())}


@pytest.fixture
def folder(tmp_path):
    write_quantities(tmp_path)
    write_model(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", WAYS)
def test_etalon_reads_and_sets_pymodbus(folder, name):
    tables = {"ir": {}, "hr": {}, "di": {2: 1}, "co": {}}
    for r in rows():
        tables["ir"].update(enumerate(r.registers(VALUES[r.kind][0]), r.address))
    device = Device(folder, name, tables)
    sets = [f"{r.quantity}={VALUES[r.kind][1]!r}" for r in rows()] + ["b0=1", "b1=1"]
    try:
        read = client(folder, device.address, *sets)
    finally:
        left = device.close()
    for r in rows():
        first, later = VALUES[r.kind]
        value, raw = read[r.quantity]
        assert raw == r.bytes(first), (r.kind, r.order)
        assert float(value) == as_double(r.kind, first), (r.kind, r.order)
        assert left["hr"][r.address:r.address + r.words] == r.registers(later), (r.kind, r.order)
    assert [read["b0"][0], read["b1"][0]] == ["1", "1"]
    assert left["co"][2] and left["co"][11] and sum(map(int, left["co"])) == 2


class Played:
    """etalon-sim as the device with all types."""

    def __init__(self, sim, folder, name):
        framing, net = way(name)
        address = f"modbus+{framing}:" + (f"//127.0.0.1:1/{UNIT}" if net else f"/nowhere/line?baud=19200&unit={UNIT}")
        bench = folder / "bench.yaml"
        bench.write_text(f"bench: b\ntitle: b\nmodels: {folder}\nroles:\n"
                         f"  dut: {{model: all-types, address: '{address}', simulated: yes}}\n")
        self.sim = sim(bench, "--quantities", folder / "quantities.yaml")
        self.framing, self.net = framing, net

    def connect(self):
        options = {"framer": FRAMERS[self.framing], "timeout": HANG, "retries": 0}
        if self.net:
            host, port = self.sim.tcp("dut")
            c = ModbusTcpClient(host, port=port, **options)
        else:
            c = ModbusSerialClient(self.sim.path("dut"), baudrate=19200, **options)
        assert c.connect()
        return c


@pytest.mark.parametrize("name", WAYS)
def test_pymodbus_reads_and_sets_etalon_sim(sim, folder, name):
    played = Played(sim, folder, name)
    c = played.connect()
    for world, kinds in [(1234, VALUES), (-0.75, ["int16", "int32", "int64", "float32", "float64"])]:
        played.sim.do(f"set-world voltage {world}")
        for r in (r for r in rows() if r.kind in kinds):
            stands = world if r.kind.startswith("float") else round(world)
            assert c.read_input_registers(r.address, r.words, slave=UNIT).registers == r.registers(stands), (
                world, r.kind, r.order)
    for r in rows():
        value = VALUES[r.kind][1]
        if r.words == 1 and r.order == "ABCD":
            assert c.write_register(r.address, r.registers(value)[0], slave=UNIT).value == r.registers(value)[0]
        else:
            assert c.write_registers(r.address, r.registers(value), slave=UNIT).count == r.words
        assert c.read_holding_registers(r.address, r.words, slave=UNIT).registers == r.registers(value)
        took = [t["set"] for t in played.sim.truth("dut") if "set" in t][-1]
        assert took == as_double(r.kind, value), (r.kind, r.order)
    assert c.write_coil(2, True, slave=UNIT).value
    assert c.write_coils(11, [True], slave=UNIT).count == 1
    assert c.read_coils(2, 10, slave=UNIT).bits[:10] == [True] + 8 * [False] + [True]
    c.close()


@pytest.mark.parametrize("name", WAYS)
def test_etalon_reads_and_sets_etalon_sim(sim, folder, name):
    """And is told the world, which a source of 1 V has then changed."""
    played = Played(sim, folder, name)
    played.sim.do("set-world voltage 77")
    read = client(folder, played.sim.address("dut"))
    for r in rows():
        assert float(read[r.quantity][0]) == 77 and read[r.quantity][1] == r.bytes(77), (r.kind, r.order)


def mbpoll(played, *arguments, values=()):
    """Its registers, as it prints them."""
    if played.net:
        host, port = played.sim.tcp("dut")
        where = ["-m", "tcp", "-p", str(port), host]
    else:
        where = ["-m", "rtu", "-b", "19200", "-P", "none", played.sim.path("dut")]
    r = subprocess.run(["mbpoll", "-1", "-0", "-a", str(UNIT), "-o", "10", *where[:-1], *arguments, where[-1], *values],
                       capture_output=True, text=True, timeout=HANG)
    assert r.returncode == 0, (r.args, r.stdout, r.stderr)
    return re.findall(r"^\[\d+\]:\s+(\S+)", r.stdout, re.M)


@pytest.mark.parametrize("name", ["tcp", "rtu"])
def test_mbpoll_reads_and_sets_etalon_sim(sim, folder, name):
    """Words of every type; numbers in the orders that it knows itself (-B: ABCD, without: CDAB)."""
    played = Played(sim, folder, name)
    played.sim.do("set-world voltage 1234")
    for r in rows():
        words = mbpoll(played, "-t", "3:hex", "-r", str(r.address), "-c", str(r.words))
        assert [int(w, 16) for w in words] == r.registers(1234), (r.kind, r.order)
    known = [(r, ["-B"] if r.order == "ABCD" else [], {"int32": ":int", "float32": ":float"}.get(r.kind, ""))
             for r in rows() if r.kind in ("int16", "int32", "float32") and r.order in ("ABCD", "CDAB")]
    for r, order, kind in known:
        assert float(mbpoll(played, "-t", "3" + kind, *order, "-r", str(r.address), "-c", "1")[0]) == 1234
    for r, order, kind in known:
        mbpoll(played, "-t", "4" + kind, *order, "-r", str(r.address), values=["345"])
        took = [t for t in played.sim.truth("dut") if "set" in t][-1]
        assert (took["quantity"], took["set"]) == (r.quantity, 345), (r.kind, r.order)
        assert float(mbpoll(played, "-t", "4" + kind, *order, "-r", str(r.address), "-c", "1")[0]) == 345
    assert mbpoll(played, "-t", "0", "-r", "2", "-c", "1") == ["0"]
    mbpoll(played, "-t", "0", "-r", "2", values=["1"])
    assert mbpoll(played, "-t", "0", "-r", "2", "-c", "1") == ["1"]


def lrc(data):
    return bytes([-sum(data) & 0xFF])


def ascii_frame(body):
    return b":" + (body + lrc(body)).hex().upper().encode() + b"\r\n"


def test_ascii_frames_by_hand(sim, folder):
    """What a device must overlook: noise, small digits, a frame that begins anew, a wrong LRC, another unit."""
    played = Played(sim, folder, "ascii over tcp")
    played.sim.do("set-world voltage 1234")
    row = rows()[0]
    ask = bytes([UNIT, 4]) + struct.pack(">HH", row.address, 1)
    good = ascii_frame(bytes([UNIT, 4, 2]) + row.bytes(1234))
    with socket.create_connection(played.sim.tcp("dut")) as s:
        s.settimeout(HANG)
        for said in [ascii_frame(ask), ascii_frame(ask).lower(), b"noise\r\n" + ascii_frame(ask),
                     b":0504" + ascii_frame(ask), ascii_frame(ask)[:-4] + b"00\r\n" + ascii_frame(ask),
                     ascii_frame(bytes([UNIT + 1]) + ask[1:]) + ascii_frame(ask)]:
            s.sendall(said)
            heard = b""
            while not heard.endswith(b"\n"):
                heard += s.recv(100)
            assert heard == good, said
        s.sendall(ascii_frame(bytes([UNIT, 3, 0x7F, 0, 0, 1])))
        assert s.recv(100) == ascii_frame(bytes([UNIT, 0x83, 2]))
