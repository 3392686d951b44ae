# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model file says of a Modbus device, played by etalon-sim, seen by pymodbus and by etalon: texts, status, init
and state, triggers and waits; and socat as the terminal server between them."""
import os
import subprocess
import time

import pytest
from pymodbus.client import ModbusTcpClient

from conftest import BUILD, HANG, ROOT
from test_modbus import UNIT, free_port

QUANTITIES = ROOT / "config/quantities.yaml"
MODEL = ROOT / "tests/system/sim/instruments/t-bath.yaml"
DONE_BIT, OVERLOAD_BIT = 0x8000, 0x80


def bench(folder, address):
    path = folder / "bench.yaml"
    path.write_text(f"bench: b\ntitle: b\nmodels: {MODEL.parent}\nroles:\n"
                    f"  bath: {{model: t-bath, address: '{address}', serial_number: SN-0042, simulated: yes}}\n"
                    "simulate: {temperature: 25, humidity: 45, wander: 0}\n")
    return path


@pytest.fixture
def bath(sim, tmp_path):
    """The simulator and a client of it."""
    s = sim(bench(tmp_path, f"modbus+tcp://127.0.0.1:1/{UNIT}"))
    host, port = s.tcp("bath")
    c = ModbusTcpClient(host, port=port, timeout=HANG, retries=0)
    assert c.connect()
    yield s, c
    c.close()


def holding(c, address, count=1):
    return c.read_holding_registers(address, count, slave=UNIT).registers


def until(condition):
    deadline = time.monotonic() + HANG
    while not condition():
        assert time.monotonic() < deadline


def text(registers):
    return b"".join(r.to_bytes(2, "big") for r in registers)


def test_it_begins_as_its_last_user_left_it(sim, tmp_path):
    """simulate.warm: what betrays a power-on is there only once it was switched off."""
    path = bench(tmp_path, f"modbus+tcp://127.0.0.1:1/{UNIT}")
    model = tmp_path / "models/t-bath.yaml"
    model.parent.mkdir()
    model.write_text(MODEL.read_text().replace("simulate: {identity: BATH 7}", "simulate: {identity: BATH 7, warm: yes}"))
    path.write_text(path.read_text().replace(str(MODEL.parent), str(model.parent)))
    s = sim(path)
    host, port = s.tcp("bath")
    with ModbusTcpClient(host, port=port, timeout=HANG, retries=0) as c:
        assert holding(c, 1) == [1]
        s.do("power bath quiet")
        assert holding(c, 1) == [0]


def test_names_in_registers(bath):
    s, c = bath
    assert text(holding(c, 100, 6)).rstrip(b"\0") == b"BATH 7"
    swapped = text(holding(c, 110, 10))
    assert bytes(swapped[i ^ 1] for i in range(20)).rstrip(b"\0") == b"SN-0042"
    assert holding(c, 125) == [100]
    s.do("fault bath identity")
    assert not text(holding(c, 100, 6)).startswith(b"BATH")
    assert text(holding(c, 100, 6)).startswith(b"BATH")


def test_what_is_written_is_kept_until_power_goes(bath):
    s, c = bath
    assert holding(c, 1) == [0] and holding(c, 90) == [8]
    assert c.write_register(1, 1, slave=UNIT).value == 1
    assert c.write_coil(4, True, slave=UNIT).value
    assert holding(c, 1) == [1] and c.read_coils(4, 1, slave=UNIT).bits[0]
    assert c.write_register(90, 0, slave=UNIT).exception_code == 2       # nothing in the model file writes it
    s.do("power bath quiet")
    assert holding(c, 1) == [0] and holding(c, 90) == [8] and not c.read_coils(4, 1, slave=UNIT).bits[0]


def test_status_beside_the_reading(bath):
    s, c = bath

    def read():
        return c.read_input_registers(10, 5, slave=UNIT).registers
    high, low, *_, status = read()
    assert (high << 16 | low) == pytest.approx(25000, abs=1) and status == 0
    s.do("fault bath overload")
    assert read()[4] & OVERLOAD_BIT
    assert read()[4] == 0
    s.do("set-world temperature 120")
    assert read()[4] & OVERLOAD_BIT


def test_what_takes_time(bath):
    _, c = bath
    assert holding(c, 31) == [0]
    begun = time.monotonic()
    c.write_register(30, 1, slave=UNIT)
    looks = []
    until(lambda: looks.append(holding(c, 31)[0]) or looks[-1] == 0)
    assert looks[0] == 1 and time.monotonic() - begun >= 0.06
    c.write_register(10, 3000, slave=UNIT)
    assert holding(c, 31)[0] & DONE_BIT
    until(lambda: not holding(c, 31)[0] & DONE_BIT)
    assert text(holding(c, 12, 2)) == (30000).to_bytes(4, "big")
    assert c.write_register(10, 9001, slave=UNIT).exception_code == 3


def etalon(address, *sets):
    return subprocess.run([BUILD / "tests/system/modbus_client", QUANTITIES, MODEL, address, *sets],
                          capture_output=True, text=True, timeout=HANG)


@pytest.mark.parametrize("framing", ["tcp", "rtu", "ascii"])
def test_etalon_uses_all_of_it(sim, tmp_path, framing):
    where = f"//127.0.0.1:1/{UNIT}" if framing == "tcp" else f"/nowhere/line?baud=19200&unit={UNIT}"
    s = sim(bench(tmp_path, f"modbus+{framing}:{where}"))
    r = etalon(s.address("bath"), "temperature=30")
    assert r.returncode == 0, r.stderr
    quantity, value, raw = r.stdout.split()
    assert quantity == "temperature" and float(value) == pytest.approx(30, abs=0.01)
    said = [t for t in s.truth("bath") if t["quantity"] == "temperature" and "said" in t][-1]["said"]
    assert bytes.fromhex(raw) == said.encode("latin-1") and len(raw) == 2 * (4 + 2 + 2)
    s.do("fault bath overload")
    assert etalon(s.address("bath")).stdout.split()[1] == "overload"
    s.do("fault bath identity on=identity")
    assert "which no etalon TB does" in etalon(s.address("bath")).stderr
    s.do("fault bath exception code=6 on=measure")
    r = etalon(s.address("bath"))
    assert "reading input registers 10 to 14: exception 6, server device busy" in r.stderr


@pytest.mark.parametrize("framing", ["rtu", "ascii"])
def test_socat_as_terminal_server(sim, tmp_path, framing):
    """TCP on our side, the simulated line on the other."""
    s = sim(bench(tmp_path, f"modbus+{framing}:/nowhere/line?baud=19200&unit={UNIT}"))
    port = free_port()
    with subprocess.Popen(["socat", "-t0", f"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork",
                           f"FILE:{os.path.realpath(s.path('bath'))},raw,echo=0"]) as server:
        try:
            address = f"modbus+{framing}://127.0.0.1:{port}/{UNIT}?baud=19200"
            runs = []
            until(lambda: runs.append(etalon(address, "temperature=30")) or runs[-1].returncode == 0)
            assert float(runs[-1].stdout.split()[1]) == pytest.approx(30, abs=0.01)
        finally:
            server.terminate()
