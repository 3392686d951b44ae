# SPDX-License-Identifier: GPL-3.0-or-later
"""etalon-sim over real sockets and lines, with nothing of ours on the other end."""
import math
import os
import re
import select
import signal
import socket
import statistics
import struct
import subprocess
import termios
import time
import tty

import pytest
import yaml
from pymodbus.client import ModbusSerialClient, ModbusTcpClient

from conftest import BUILD, HANG, ROOT

ALL = ROOT / "tests/system/sim/benches/all.yaml"
DEMO = ROOT / "config/benches/demo.yaml"
QUIET = 0.15  # seconds in which nothing comes
TEMPERATURE = struct.pack(">BHH", 4, 0, 2)  # a request: two input registers from 0


class Line:
    """A conversation in lines over a descriptor."""

    def __init__(self, sim, role, end=b"\n"):
        self.end = end
        self.sock = None
        if sim.address(role).startswith("tcp:"):
            self.sock = socket.create_connection(sim.tcp(role))
            self.fd = self.sock.fileno()
        else:
            self.fd = os.open(sim.path(role), os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self.fd, termios.TCSANOW)

    def send(self, command):
        os.write(self.fd, command.encode() + self.end)

    def piece(self, wait=HANG):
        """What comes next, b"" if the other end hangs up, None if nothing comes."""
        if not select.select([self.fd], [], [], wait)[0]:
            return None
        try:
            return os.read(self.fd, 65536)
        except OSError:  # a terminal that was closed
            return b""

    def reply(self):
        """The next bytes up to the line end, and it."""
        heard = b""
        while not heard.endswith(self.end):
            piece = self.piece()
            assert piece, f"no line end after {heard!r}"
            heard += piece
        return heard

    def ask(self, command):
        self.send(command)
        return self.reply()[:-len(self.end)].decode()

    def close(self):
        if self.sock:
            self.sock.close()
        else:
            os.close(self.fd)


def until(condition):
    deadline = time.monotonic() + HANG
    while not condition():
        assert time.monotonic() < deadline


def test_folders_of_a_line_are_made(tmp_path):
    """As in the README's first five minutes, where nothing is there yet."""
    bench = yaml.safe_load(DEMO.read_text())
    bench["models"] = str(ROOT / "config/instruments")
    bench["roles"] = {"meter": dict(bench["roles"]["meter"], address=f"pty:{tmp_path}/not/yet/meter")}
    (tmp_path / "bench.yaml").write_text(yaml.safe_dump(bench, sort_keys=False))
    done = subprocess.run([BUILD / "etalon-sim", "--quantities", ROOT / "config/quantities.yaml", "--until-eof",
                           tmp_path / "bench.yaml"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=HANG)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ready\n"
    assert (tmp_path / "not/yet").is_dir()


def reconnected(sim, role):
    """A terminal comes back behind the same path, but not in the same instant."""
    lines = []

    def opened():
        try:
            lines.append(Line(sim, role))
        except OSError:
            return False
        return True
    until(opened)
    return lines[0]


def modbus(sim, role):
    if "+tcp:" in sim.address(role):
        host, port = sim.tcp(role)
        client = ModbusTcpClient(host, port=port, timeout=HANG, retries=0)
    else:
        client = ModbusSerialClient(sim.path(role), baudrate=19200, timeout=HANG, retries=0)
    assert client.connect()
    return client


def crc16(data):
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return struct.pack("<H", crc)


class Frames:
    """Modbus frames by hand, to see what a library would hide."""

    def __init__(self, sim, role, unit):
        self.unit = unit
        self.tcp = "+tcp:" in sim.address(role)
        if self.tcp:
            self.sock = socket.create_connection(sim.tcp(role))
            self.fd = self.sock.fileno()
        else:
            self.fd = os.open(sim.path(role), os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self.fd, termios.TCSANOW)

    def frame(self, pdu):
        if self.tcp:
            return struct.pack(">HHHB", 0x1234, 0, len(pdu) + 1, self.unit) + pdu
        return bytes([self.unit]) + pdu + crc16(bytes([self.unit]) + pdu)

    def send(self, pdu=TEMPERATURE):
        os.write(self.fd, self.frame(pdu))

    def piece(self, wait=HANG):
        """What comes next, b"" if the other end hangs up, None if nothing comes."""
        if not select.select([self.fd], [], [], wait)[0]:
            return None
        try:
            return os.read(self.fd, 4096)
        except OSError:  # a terminal that was closed
            return b""

    def read(self, n):
        """The next n bytes of an RTU frame, or with the longer head of TCP n + 4."""
        n += 4 if self.tcp else 0
        heard = b""
        while len(heard) < n:
            piece = self.piece()
            assert piece, f"ends after {heard!r}"
            heard += piece
        assert len(heard) == n
        return heard

    def ask(self, n=9, pdu=TEMPERATURE):
        self.send(pdu)
        return self.read(n)

    def is_answer(self, frame, pdu_head=b"\x04\x04"):
        start = 7 if self.tcp else 1
        whole = frame[:7] == struct.pack(">HHHB", 0x1234, 0, len(frame) - 6, self.unit) if self.tcp \
            else frame[0] == self.unit and crc16(frame[:-2]) == frame[-2:]
        return whole and frame[start:start + len(pdu_head)] == pdu_head


def temperature(registers):
    """float32 with its words swapped."""
    return struct.unpack(">f", struct.pack(">HH", registers[1], registers[0]))[0]


# Lines


@pytest.mark.parametrize("role, serial", [("meter", "42"), ("line", "43")])
def test_identity_and_errors(sim, role, serial):
    line = Line(sim(ALL), role)
    assert line.ask("*IDN?") == f"ETALON,TM,{serial},1"
    assert line.ask("SYST:ERR?") == '+0,"No error"'
    line.send("NO:SUCH:THING 1")
    assert line.ask("SYST:ERR?") == '-113,"Undefined header"'
    assert line.ask("SYST:ERR?") == '+0,"No error"'
    line.send("NO")
    line.send("*CLS")
    assert line.ask("SYST:ERR?") == '+0,"No error"'


def test_reset_keeps_errors(sim):
    """IEEE 488.2, 10.32: *RST leaves the queues alone."""
    source = Line(sim(ALL), "source")
    source.send("OUTP ON")
    source.send("NO")
    source.send("*RST")
    assert source.ask("OUTP?") == "0"
    assert source.ask("SYST:ERR?") == '-113,"Undefined header"'


def test_error_queue_overflows(sim):
    line = Line(sim(ALL), "meter")
    for _ in range(30):
        line.send("NO")
    errors = [line.ask("SYST:ERR?") for _ in range(21)]
    assert errors[:19] == ['-113,"Undefined header"'] * 19
    assert errors[19:] == ['-350,"Queue overflow"', '+0,"No error"']


def test_source_drives_what_meters_sense(sim):
    s = sim(ALL)
    source, meter, line = Line(s, "source"), Line(s, "meter"), Line(s, "line")
    source.send("*RST")
    source.send("OUTP ON")
    source.send("SOUR:VOLT 1.5")
    assert source.ask("*OPC?") == "1"
    assert source.ask("SOUR:VOLT?") == "1.5"
    until(lambda: float(meter.ask("READ?")) > 1499.99)  # no errors; in millivolts
    assert float(line.ask("READ?")) == pytest.approx(1500, rel=1e-5)
    assert source.ask("SYST:ERR?") == '0,"No error"'


def test_sets_that_are_not_taken(sim):
    source = Line(sim(ALL), "source")
    source.send("SOUR:VOLT 2")
    for bad, error in [("10.1", '-222,"Data out of range"'), ("1,5", '-104,"Data type error"'),
                       ("nan", '-104,"Data type error"')]:
        source.send(f"SOUR:VOLT {bad}")
        assert source.ask("SYST:ERR?") == error
        assert source.ask("SOUR:VOLT?") == "2"


def test_approach_is_exponential(sim):
    s = sim(ALL)
    source, meter = Line(s, "source"), Line(s, "meter")
    source.send("OUTP ON")
    source.send("SOUR:VOLT 8")
    for _ in range(50):
        meter.ask("READ?")
        time.sleep(0.01)
    at = s.truth("source")[-1]
    assert at["set"] == 8
    for x in s.truth("meter"):
        t = (x["utc_ns"] - at["utc_ns"]) / 1e9
        low, high = (8 * (1 - math.exp(-max(t + d, 0) / 0.2)) for d in (-0.0001, 0.0001))
        assert low <= x["truth"] <= high
        assert x["ideal"] == pytest.approx(1000 * x["truth"], rel=1e-15)


@pytest.mark.parametrize("commands", [["SOUR:VOLT 0", "OUTP OFF"], ["OUTP OFF"], ["*RST"]])
def test_safe_is_zero_volts(sim, commands):
    s = sim(ALL)
    source, meter = Line(s, "source"), Line(s, "meter")
    source.send("OUTP ON")
    source.send("SOUR:VOLT 5")
    assert source.ask("OUTP?") == "1"
    until(lambda: float(meter.ask("READ?")) > 1)
    for c in commands:
        source.send(c)
    assert source.ask("OUTP?") == "0"
    assert float(meter.ask("READ?")) == 0


def test_several_quantities_in_one_line(sim):
    s = sim(ALL)
    probe = Line(s, "probe", b"\r")
    t, h = probe.ask("Q").split(",")
    by_quantity = {x["quantity"]: x for x in s.truth("probe")}
    assert float(t) == pytest.approx(by_quantity["temperature"]["truth"], abs=0.005001)
    assert float(h) == pytest.approx(by_quantity["humidity.relative"]["truth"], abs=0.05001)
    assert abs(float(t) - 23) < 0.5 and abs(float(h) - 45) < 2


def test_a_phrase_with_several_quantities(sim):
    s = sim(ALL)
    said = re.fullmatch(r"TF F9 RH=([ 0-9.]{5}) %RH T=([ 0-9.]{6}) 'C", Line(s, "phrase").ask("SEND"))
    by_quantity = {x["quantity"]: x for x in s.truth("phrase")}
    assert float(said[1]) == pytest.approx(by_quantity["humidity.relative"]["truth"], abs=0.05001)
    assert float(said[2]) == pytest.approx(by_quantity["temperature"]["truth"], abs=0.005001)


def test_a_setting_within_an_answer(sim):
    phrase = Line(sim(ALL), "phrase")
    assert phrase.ask("MODE?") == "MODE,STANDBY,0"
    phrase.send("MODE,CONSTANT")
    phrase.send("T=20.5")
    assert phrase.ask("MODE?") == "MODE,CONSTANT,0"


def test_room_wanders_with_its_bound(sim):
    """wander: 3 degC per hour is the steepest slope; the air keeps its water."""
    s = sim(ALL)
    probe = Line(s, "probe", b"\r")
    for _ in range(20):
        probe.ask("Q")
        time.sleep(0.02)
    t = [x for x in s.truth("probe") if x["quantity"] == "temperature"]
    slope = (t[-1]["truth"] - t[0]["truth"]) / (t[-1]["utc_ns"] - t[0]["utc_ns"]) * 3.6e12
    assert 0 < abs(slope) <= 3.0001
    h = [x for x in s.truth("probe") if x["quantity"] == "humidity.relative"]

    def vapour(celsius):
        return math.exp(17.62 * celsius / (243.12 + celsius))
    for a, b in zip(t, h):
        assert a["utc_ns"] == b["utc_ns"]
        assert b["truth"] == pytest.approx(45 * vapour(23) / vapour(a["truth"]), rel=1e-12)


def test_clients_at_once(sim):
    s = sim(ALL)
    lines = [Line(s, "meter") for _ in range(8)]
    for line in lines:
        line.send("*IDN?")
    assert {line.reply() for line in lines} == {b"ETALON,TM,42,1\n"}
    for line in lines:
        line.close()
    assert Line(s, "meter").ask("*IDN?") == "ETALON,TM,42,1"


def test_commands_in_pieces_and_together(sim):
    meter = Line(sim(ALL), "meter")
    for c in "*IDN?\n":
        os.write(meter.fd, c.encode())
    assert meter.reply() == b"ETALON,TM,42,1\n"
    os.write(meter.fd, b"*IDN?\r\nREAD?\n*ID")
    heard = b""
    while heard.count(b"\n") < 2:
        heard += meter.piece()
    assert heard == b"ETALON,TM,42,1\n+0.000000000E+00\n"
    os.write(meter.fd, b"N?\n")
    assert meter.reply() == b"ETALON,TM,42,1\n"


def test_dew_point_follows(sim):
    """At 20 degC and 50 % the tables give 9.27 degC."""
    s = sim(DEMO)
    s.do("set-world temperature 20")
    s.do("set-world humidity 50")
    assert modbus(s, "room").read_input_registers(0, 7, slave=5).registers
    truth = {x["quantity"]: x["truth"] for x in s.truth("room")}
    assert abs(truth["temperature.dew-point"] - 9.27) < 0.05
    assert abs(truth["temperature"] - 20) < 0.1


def test_nodes_of_other_quantities(sim):
    s = sim(ALL)
    many = Line(s, "many")
    assert [float(many.ask(q)) for q in ("FREQ?", "PRES?")] == [10e6, 1013.25]
    s.do("set-world pressure 90000")
    assert float(many.ask("PRES?")) == 900


def test_one_output_has_one_quantity(sim):
    """What is set last takes the output from what was there before."""
    s = sim(ALL)
    many = Line(s, "many")
    assert many.ask("RES?") == "1.000000E+02,OHM"
    assert many.ask("OPER?") == "0"
    many.send("OUT 25 OHM;OPER")
    assert many.ask("OUT?") == many.ask("RES?") == "2.500000E+01,OHM"
    assert many.ask("OPER?") == "1"
    many.send("OUT 0.5 A;OPER")
    assert many.ask("OUT?") == "5.000000E-01,A"
    assert many.ask("RES?") == "1.000000E+02,OHM"
    many.send("OUT 2 V;OPER")
    assert many.ask("OUT?") == "2.000000E+00,V"
    many.send("STBY")
    assert many.ask("OPER?") == "0"


def test_the_measurement_prepared_last_is_fetched(sim):
    s = sim(ALL)
    s.do("set-world humidity 50")
    many = Line(s, "many")
    for prepare, unit in [("CALC HUM", "RH"), ("CALC TEMP", "C"), ("CALC HUM", "RH")]:
        many.send(prepare)
        many.send("TRIG")
        assert many.ask("FETC?").endswith("," + unit)


# Numbers


def test_noise_is_what_the_model_says(sim):
    """gain 1e-3, offset 2 mV, noise 1 mV at 4 V; bounds of five standard deviations, seeded."""
    s = sim(ALL)
    s.do("set-world voltage 4")
    noisy = Line(s, "noisy")
    v = [float(noisy.ask("READ?")) for _ in range(4000)]
    sd = statistics.stdev(v)
    assert abs(statistics.fmean(v) - (4 * 1.001 + 2e-3)) < 5 * 1e-3 / math.sqrt(len(v))
    assert abs(sd - 1e-3) < 5 * 1e-3 / math.sqrt(2 * len(v))
    lag = sum((a - statistics.fmean(v)) * (b - statistics.fmean(v)) for a, b in zip(v, v[1:]))
    assert abs(lag / len(v) / sd ** 2) < 5 / math.sqrt(len(v))
    for said, x in zip(v, s.truth("noisy")):
        assert (x["truth"], x["ideal"], x["value"], float(x["said"])) == (4, 4, said, said)


def readings_of(s, n=20):
    noisy = Line(s, "noisy")
    return [noisy.ask("READ?") for _ in range(n)]


def test_seed_makes_it_again(sim):
    first = readings_of(sim(ALL))
    assert readings_of(sim(ALL)) == first
    assert readings_of(sim(ALL, "--seed", 7)) == first
    assert readings_of(sim(ALL, "--seed", 8)) != first


def test_truth_names_what_was_played(sim):
    s = sim(ALL, "--seed", 9)
    assert s.truth_file.read_text().startswith('{"bench":"all","seed":9}\n')


def test_demo_bench_stays_within_its_noise(sim):
    """Every instrument of the demo bench says the truth but for the errors its model states."""
    s = sim(DEMO)
    source, reference, meter = Line(s, "source"), Line(s, "reference"), Line(s, "meter", b"\r\n")
    source.send("OUTP ON")
    source.send("SOUR:VOLT 10")
    time.sleep(1)
    for _ in range(5):
        assert abs(float(reference.ask("READ?")) - 10) < 50e-6
        assert abs(float(meter.ask("READ?")) - 10) < 500e-6
    for x in s.truth("reference"):
        assert abs(x["value"] - x["ideal"]) < 10e-6
        assert abs(x["truth"] - 10) < 30e-6
    truth = s.truth("meter")
    assert {x["said"] for x in truth} == {x["said"] for x in truth if "E" in x["said"]}


# Registers


def test_modbus_rtu_units_share_a_line(sim):
    s = sim(ALL)
    bus = modbus(s, "room")
    t = temperature(bus.read_input_registers(0, 2, slave=5).registers)
    h = bus.read_input_registers(2, 1, slave=5).registers[0]
    assert bus.read_holding_registers(100, 1, slave=5).registers == [4711]
    chamber = bus.read_input_registers(20, 2, slave=6).registers
    truth = {x["quantity"]: x for x in s.truth("room")}
    assert t == pytest.approx(truth["temperature"]["truth"], rel=1e-7)
    assert h == round(10 * truth["humidity.relative"]["truth"])
    assert struct.unpack(">f", struct.pack(">HH", *chamber))[0] == pytest.approx(t, abs=0.01)
    said = [x for x in s.truth("room") if x["quantity"] == "temperature"][-1]["said"]
    assert temperature(struct.unpack(">HH", said.encode("latin-1"))) == t


def test_modbus_tcp(sim):
    s = sim(ALL)
    for net in (modbus(s, "net"), modbus(s, "net")):
        registers = net.read_input_registers(0, 3, slave=7).registers
        truth = s.truth("net")[-2:]
        assert temperature(registers[:2]) == pytest.approx(truth[0]["truth"], rel=1e-7)
        assert registers[2] == round(10 * truth[1]["truth"])
        assert truth[0]["utc_ns"] == truth[1]["utc_ns"]  # one request is one moment
        assert net.read_input_registers(1000, 1, slave=7).exception_code == 2
        assert net.read_input_registers(0, 3, slave=9).exception_code == 11  # no such unit


def test_modbus_set_and_readback(sim):
    s = sim(ALL)
    bus = modbus(s, "chamber")
    assert bus.read_holding_registers(10, 1, slave=6).registers == [230]
    assert bus.write_register(10, 405, slave=6).value == 405
    assert bus.read_holding_registers(10, 1, slave=6).registers == [405]
    until(lambda: abs(temperature(bus.read_input_registers(0, 2, slave=5).registers) - 40.5) < 0.01)
    assert bus.write_registers(10, [65535 - 99], slave=6).count == 1  # -10.0 in two's complement
    assert bus.read_holding_registers(10, 1, slave=6).registers == [65535 - 99]
    assert bus.write_register(10, 1201, slave=6).exception_code == 3  # above 120 degC
    assert bus.write_register(100, 1, slave=5).exception_code == 2    # identity: nothing to set
    assert bus.read_holding_registers(10, 1, slave=6).registers == [65535 - 99]


def test_modbus_rtu_ignores_others(sim):
    s = sim(ALL)
    frames = Frames(s, "room", 9)
    frames.send()
    assert frames.piece(QUIET) is None
    frames.unit = 5
    os.write(frames.fd, b"\x05\x04\x00\x00\x00\x02\x00\x00")  # a bad CRC
    assert frames.piece(QUIET) is None
    assert frames.is_answer(frames.ask())


# Faults on lines


@pytest.fixture(params=["meter", "line"])
def struck(request, sim):
    """(simulator, role, line) of an SCPI meter over TCP and over a terminal."""
    s = sim(ALL)
    return s, request.param, Line(s, request.param)


GOOD = b"+0.000000000E+00\n"


def strike(struck, fault, command="READ?"):
    s, role, line = struck
    s.do(f"fault {role} {fault}")
    line.send(command)


def test_fault_late(struck):
    begin = time.monotonic()
    strike(struck, "late")
    assert struck[2].reply() == GOOD
    assert time.monotonic() - begin >= 0.2  # the model's timeout
    assert struck[2].ask("READ?") == GOOD.decode().strip()  # only once


def test_fault_late_by_so_much(struck):
    begin = time.monotonic()
    strike(struck, "late delay_ms=700")
    assert struck[2].reply() == GOOD
    assert time.monotonic() - begin >= 0.7


def test_fault_pieces(struck):
    strike(struck, "pieces delay_ms=5")
    pieces = [struck[2].piece() for _ in range(3)]
    assert all(len(p) <= 3 for p in pieces)
    assert b"".join(pieces) + struck[2].reply() == GOOD


def test_fault_twice(struck):
    strike(struck, "twice")
    heard = b""
    while len(heard) < 2 * len(GOOD):
        heard += struck[2].piece()
    assert heard == 2 * GOOD


def test_fault_truncated(struck):
    strike(struck, "truncated")
    heard = struck[2].piece()
    assert heard == GOOD[:len(heard)] and len(heard) == 8
    assert struck[2].piece(QUIET) is None


def test_fault_garbage(struck):
    strike(struck, "garbage")
    heard = struck[2].reply()
    assert len(heard) == 13 and min(heard[:-1]) >= 0x80


def test_fault_wrong_echo(struck):
    strike(struck, "wrong-echo")
    assert struck[2].reply().startswith(b"ETALON,TM,")


def test_fault_overload(struck):
    strike(struck, "overload")
    assert struck[2].reply() == b"+9.900000000E+37\n"


def test_fault_silence(struck):
    strike(struck, "silence")
    assert struck[2].piece(QUIET) is None
    assert struck[2].ask("READ?")


def test_fault_close(struck):
    s, role, line = struck
    strike(struck, "close")
    assert line.piece() == b""
    assert reconnected(s, role).ask("READ?") == GOOD.decode().strip()


def test_fault_identity(struck):
    strike(struck, "identity", "*IDN?")
    assert struck[2].reply() == b"ETALON,TM,OTHER999,1\n"
    assert struck[2].ask("*IDN?") != "ETALON,TM,OTHER999,1"


def test_fault_unit(struck):
    strike(struck, "unit")
    assert struck[2].reply() == GOOD[:-1] + b" mV\n"


def test_fault_counts(struck):
    s, role, line = struck
    s.do(f"fault {role} overload after=2 times=3")
    line.ask("*IDN?")  # is not a measuring question
    assert ["9.9" in line.ask("READ?") for _ in range(6)] == [False] * 2 + [True] * 3 + [False]
    s.do(f"fault {role} overload times=0")
    assert all("9.9" in line.ask("READ?") for _ in range(6))
    s.do(f"clear {role}")
    assert "9.9" not in line.ask("READ?")
    faults = [x["fault"] for x in s.truth(role)]
    assert faults == [None] * 2 + ["overload"] * 3 + [None] + ["overload"] * 6 + [None]


def test_fault_refuse_and_clip(sim):
    s = sim(ALL, "--fault", "source:refuse", "--fault", "source:clip:after=1")
    source = Line(s, "source")
    source.send("SOUR:VOLT 3")
    assert source.ask("SYST:ERR?") == '-221,"Settings conflict"'
    assert source.ask("SOUR:VOLT?") == "0"
    source.send("SOUR:VOLT 3")
    source.send("SOUR:VOLT 3")
    assert source.ask("SYST:ERR?") == '0,"No error"'
    assert source.ask("SOUR:VOLT?") in ("3", "1.5")


def test_fault_on_other_topics(sim):
    s = sim(ALL)
    source = Line(s, "source")
    s.do("fault source silence on=other")
    source.send("OUTP?")
    assert source.piece(QUIET) is None
    assert source.ask("OUTP?") == "0"


@pytest.mark.parametrize("command, says", [
    ("fault meter nonsense", "no fault"), ("fault nobody late", "no role 'nobody'"),
    ("fault meter late times=x", "times=x"), ("fault meter late colour=1", "colour=1"),
    ("fault meter crc", "Modbus"), ("fault meter late on=sunday", "sunday"), ("fault meter", "words"),
    ("power nobody", "nobody"), ("set-world dew_point 1", "humidity, pressure"), ("set-world voltage 1,5", "1,5"),
    ("hello", "hello"), ("", "empty")])
def test_wrong_commands_are_refused(sim, command, says):
    answer = sim(ALL).command(command)
    assert answer.startswith("error: ") and says in answer


# Faults on registers


@pytest.fixture(params=[("room", 5), ("net", 7)], ids=["rtu", "tcp"])
def frames(request, sim):
    s = sim(ALL)
    f = Frames(s, *request.param)
    f.strike = lambda fault: s.do(f"fault {request.param[0]} {fault}")
    f.again = lambda: Frames(s, *request.param)
    return f


def test_modbus_fault_late(frames):
    begin = time.monotonic()
    frames.strike("late delay_ms=400")
    assert frames.is_answer(frames.ask())
    assert time.monotonic() - begin >= 0.4


def test_modbus_fault_pieces(frames):
    frames.strike("pieces delay_ms=20")
    frames.send()
    first = frames.piece()
    assert len(first) < 9
    assert frames.is_answer(first + frames.read(9 - len(first)))


def test_modbus_fault_twice(frames):
    frames.strike("twice")
    n = 13 if frames.tcp else 9
    frames.send()
    heard = b""
    while len(heard) < 2 * n:
        heard += frames.piece()
    assert heard[:n] == heard[n:] and frames.is_answer(heard[:n])


def test_modbus_fault_truncated(frames):
    frames.strike("truncated")
    frames.send()
    assert len(frames.piece()) == (6 if frames.tcp else 4)
    assert frames.piece(QUIET) is None
    assert frames.is_answer(frames.ask())


def test_modbus_fault_garbage(frames):
    frames.strike("garbage")
    frames.send()
    heard = frames.piece()
    assert len(heard) == 16 and not frames.is_answer(heard)


def test_modbus_fault_wrong_echo(frames):
    frames.strike("wrong-echo")
    assert frames.is_answer(frames.ask(), b"\x03\x04")


def test_modbus_fault_overload(frames):
    frames.strike("overload")
    heard = frames.ask()
    at = 9 if frames.tcp else 3
    assert frames.is_answer(heard)
    assert math.isnan(temperature(struct.unpack(">HH", heard[at:at + 4])))


def test_modbus_fault_silence(frames):
    frames.strike("silence")
    frames.send()
    assert frames.piece(QUIET) is None
    assert frames.is_answer(frames.ask())


def test_modbus_fault_close(frames):
    frames.strike("close")
    frames.send()
    assert frames.piece() == b""
    assert frames.is_answer(frames.again().ask())


def test_modbus_fault_identity(frames):
    frames.strike("identity")
    question = struct.pack(">BHH", 3, 100, 1)
    assert frames.is_answer(frames.ask(7, question), b"\x03\x02" + struct.pack(">H", 4712))
    assert frames.is_answer(frames.ask(7, question), b"\x03\x02" + struct.pack(">H", 4711))


def test_modbus_fault_exception(frames):
    frames.strike("exception")
    assert frames.is_answer(frames.ask(5), b"\x84\x04")
    frames.strike("exception code=6")
    assert frames.is_answer(frames.ask(5), b"\x84\x06")


def test_modbus_fault_crc(frames):
    frames.strike("crc")
    heard = frames.ask()
    assert not frames.is_answer(heard)
    if frames.tcp:
        assert heard[:2] == b"\x12\x61"
    else:
        assert crc16(heard[:-2])[:1] == heard[-2:-1]  # all but one byte is right


def test_modbus_fault_unit(frames):
    frames.strike("unit")
    heard = frames.ask()
    assert not frames.is_answer(heard)
    frames.unit ^= 1
    assert frames.is_answer(heard)


def test_modbus_fault_refuse_and_clip(sim):
    s = sim(ALL)
    bus = modbus(s, "chamber")
    s.do("fault chamber refuse")
    assert bus.write_register(10, 400, slave=6).exception_code == 4
    s.do("fault chamber clip")
    assert bus.write_register(10, 400, slave=6).value == 400
    assert bus.read_holding_registers(10, 1, slave=6).registers == [200]


# Power, files, ends


def test_power_cycle_loses_settings(sim):
    s = sim(ALL)
    source = Line(s, "source")
    source.send("OUTP ON")
    source.send("SOUR:VOLT 5")
    assert source.ask("OUTP?") == "1"
    s.do("power source")
    assert source.piece() == b""
    source = Line(s, "source")
    assert source.ask("OUTP?") == "0"
    assert source.ask("SOUR:VOLT?") == "0"
    assert float(Line(s, "meter").ask("READ?")) == 0


def test_power_cycle_unnoticed_by_the_line(sim):
    s = sim(ALL)
    source = Line(s, "source")
    source.send("OUTP ON")
    assert source.ask("OUTP?") == "1"
    s.do("power source quiet")
    assert source.ask("OUTP?") == "0"


def test_power_cycle_of_a_terminal(sim):
    s = sim(ALL)
    line = Line(s, "line")
    assert line.ask("*IDN?")
    s.do("power line")
    assert line.piece() == b""
    assert reconnected(s, "line").ask("*IDN?")


def test_written_bench_keeps_everything_else(sim):
    s = sim(ALL)
    before, after = ALL.read_text().splitlines(), s.bench.read_text().splitlines()
    changed = [(a, b) for a, b in zip(before, after) if a != b]
    assert len(before) == len(after) and len(changed) == 11
    assert changed[0][1] == f'models: "{ALL.parent.parent / "instruments"}"' + changed[0][0][22:]
    assert s.address("line").endswith("/line?baud=9600")
    assert s.address("chamber").endswith("/room?baud=19200&unit=6")
    assert s.address("net").endswith("/7")


def test_addresses_of_the_file(tmp_path):
    """Without --any-port the addresses are the file's, and a link is taken away at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    bench = tmp_path / "bench.yaml"
    bench.write_text(f"bench: two\ntitle: two\nmodels: {ALL.parent.parent / 'instruments'}\nroles:\n"
                     f"  a: {{model: t-meter, address: 'tcp://127.0.0.1:{port}', simulated: yes}}\n"
                     f"  b: {{model: t-meter, address: 'pty:{tmp_path}/b', simulated: yes}}\n"
                     "  c: {model: t-meter, address: 'tcp://127.0.0.1:1'}\n")
    with subprocess.Popen([BUILD / "etalon-sim", "--quantities", ROOT / "config/quantities.yaml", bench],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as p:
        try:
            assert p.stdout.readline() == "ready\n"  # and the end of stdin does not end it
            with socket.create_connection(("127.0.0.1", port)) as c:
                c.sendall(b"*IDN?\n")
                assert c.recv(100) == b"ETALON,TM,0,1\n"
            assert os.readlink(tmp_path / "b").startswith("/dev/pts/")
        finally:
            p.send_signal(signal.SIGTERM)
        assert p.wait(HANG) == 0
        assert not os.path.lexists(tmp_path / "b")
        assert "a: t-meter at tcp://127.0.0.1" in p.stderr.read()


def run(*arguments):
    return subprocess.run([BUILD / "etalon-sim", *arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=HANG)


def test_ends(sim):
    s = sim(ALL)
    assert s.stop() == 0
    s = sim(ALL)
    assert s.command("quit") == "ok"
    assert s.process.wait(HANG) == 0


@pytest.mark.parametrize("change, says", [
    (("simulated: yes", "simulated: no"), "simulated"),
    (("model: t-meter", "model: t-nothing"), "t-nothing"),
    (("tcp://127.0.0.1:2", "tcp://203.0.113.1:2"), "203.0.113.1"),
    (("unit=6", "unit=5"), "")])
def test_benches_that_cannot_be_played(tmp_path, change, says):
    text = ALL.read_text().replace("../instruments", str(ALL.parent.parent / "instruments"))
    bench = tmp_path / "bench.yaml"
    bench.write_text(text.replace(*change))
    r = run("--folder", tmp_path, "--quantities", ROOT / "config/quantities.yaml", "--until-eof", bench)
    assert (r.returncode, r.stdout) == (1, "") and says in r.stderr and r.stderr


def test_help_and_usage():
    r = run("--help")
    assert r.returncode == 0 and "--write-bench" in r.stdout and "set-world" in r.stdout
    assert run().returncode == 64


def test_lxi_tools(sim):
    demo = sim(DEMO)
    host, port = demo.tcp("reference")
    done = subprocess.run(["lxi", "scpi", "--raw", "--address", host, "--port", str(port), "*IDN?"],
                          capture_output=True, text=True, timeout=HANG)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == Line(demo, "reference").ask("*IDN?")
