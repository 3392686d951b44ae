# SPDX-License-Identifier: GPL-3.0-or-later
"""etalon find, against a tree of devices as sysfs has it, against mDNS responders and portmappers on loopback, honest and
hostile, and against the simulated bench."""
import json
import os
import socket
import struct
import subprocess
import threading

import pytest

from etalond import BUILD, ROOT

LXI = ["_lxi._tcp.local", "_vxi-11._tcp.local", "_hislip._tcp.local", "_scpi-raw._tcp.local"]


def find(*options):
    done = subprocess.run([BUILD / "etalon", "find", "--json", *map(str, options)], capture_output=True, encoding="utf-8",
                          cwd=ROOT, timeout=120)
    assert done.returncode == 0, done.stderr
    return [{k: v for k, v in json.loads(x).items() if v is not None} for x in done.stdout.splitlines()]


def usb(folder, name, **attributes):
    folder = folder / name
    folder.mkdir(parents=True)
    for key, value in attributes.items():
        (folder / key).write_text(value + "\n")
    return folder


def test_usb(tmp_path):
    """A converter, a meter, a port without a chip behind it, and terminals that are none."""
    devices = tmp_path / "devices"
    ftdi = usb(devices, "usb1/1-2", idVendor="0403", idProduct="6001", manufacturer="FTDI", product="FT232R", serial="A10")
    meter = usb(devices, "usb1/1-3", idVendor="2a8d", idProduct="0101", manufacturer="Keysight Technologies",
                product="34470A", serial="MY5\x01")
    for name, port, where in (("tty", "ttyUSB0", ftdi / "1-2:1.0/ttyUSB0"), ("usbmisc", "usbtmc0", meter / "1-3:1.0"),
                              ("tty", "ttyS0", devices / "platform/serial8250"), ("tty", "ttyS1", devices / "pnp/00:04")):
        where.mkdir(parents=True, exist_ok=True)
        entry = tmp_path / "class" / name / port
        entry.mkdir(parents=True)
        (entry / "device").symlink_to(where)
    (tmp_path / "class/tty/ttyS0/type").write_text("0\n")
    (tmp_path / "class/tty/ttyS1/type").write_text("4\n")
    (tmp_path / "class/tty/tty1").mkdir()
    found = find("--no-lan", "--sysfs", tmp_path)
    assert found == [
        {"address": "serial:/dev/ttyS1", "found_by": "serial port"},
        {"address": "serial:/dev/ttyUSB0", "found_by": "serial port", "manufacturer": "FTDI", "number": "FT232R",
         "serial_number": "A10"},
        {"address": "USB0::0x2a8d::0x0101::MY5?::INSTR", "found_by": "USBTMC", "manufacturer": "Keysight Technologies",
         "number": "34470A", "serial_number": "MY5?", "model": "keysight-34470a"}]


def test_nothing(tmp_path):
    assert find("--no-lan", "--sysfs", tmp_path) == []
    done = subprocess.run([BUILD / "etalon", "find", "--interface", "nosuch0"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "there is no interface nosuch0" in done.stderr


def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def record(owner, kind, data):
    return name(owner) + struct.pack("!HHIH", kind, 0x8001, 10, len(data)) + data


def response(*records):
    return struct.pack("!6H", 0, 0x8400, 0, len(records), 0, 0) + b"".join(records)


def instance(service, port, **properties):
    """What a responder says of one instance of a service."""
    owner = "Meter 7." + service
    text = b"".join(bytes([len(x)]) + x for x in (f"{k}={v}".encode() for k, v in properties.items()))
    return [record(service, 12, name(owner)), record(owner, 33, struct.pack("!3H", 0, 0, port) + name("m7.local")),
            record(owner, 16, text or b"\0")]


@pytest.fixture
def mdns():
    """mdns(*messages): a responder on loopback; returns its port and the queries it hears."""
    sockets = []

    def start(*messages):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("", 0))
        s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                     socket.inet_aton("224.0.0.251") + socket.inet_aton("127.0.0.1"))
        sockets.append(s)
        heard = []

        def serve():
            while True:
                try:
                    query, who = s.recvfrom(9000)
                except OSError:
                    return
                if not query:
                    return
                heard.append(query)
                for m in messages:
                    s.sendto(m, who)

        threading.Thread(target=serve, daemon=True).start()
        return s.getsockname()[1], heard

    yield start
    for s in sockets:
        s.close()


def on_loopback(**ports):
    """Where nobody listens unless the test does."""
    options = ["--no-usb", "--interface", "lo", "--timeout", "0.5"]
    for key in ("mdns", "portmap"):
        options += [f"--{key}-port", ports.get(key, 9)]
    return options


def test_mdns(mdns):
    who = {"Manufacturer": "ETALON", "Model": "M8", "SerialNumber": "SIM-0002", "FirmwareVersion": "1.0"}
    port, heard = mdns(response(*instance("_hislip._tcp.local", 4880, **who), *instance("_scpi-raw._tcp.local", 5555, **who),
                                *instance("_printer._tcp.local", 9100), record("m7.local", 1, bytes([127, 0, 0, 7]))),
                       response(*instance("_vxi-11._tcp.local", 111)))
    found = find(*on_loopback(mdns=port))
    told = {"found_by": "mDNS", "manufacturer": "ETALON", "number": "M8", "serial_number": "SIM-0002", "firmware": "1.0",
            "model": "demo-dmm8"}
    assert found == [{"address": "hislip://127.0.0.7/hislip0", **told}, {"address": "tcp://127.0.0.7:5555", **told},
                     {"address": "vxi11://127.0.0.1/inst0", "found_by": "mDNS"}]
    assert len(heard) == 1 and all(name(s) in heard[0] for s in LXI)


def test_hostile_mdns(mdns):
    """Loops of names, lengths beyond the end, thousands of instances: nothing worse than too few found."""
    good = response(*instance("_hislip._tcp.local", 4880))
    loop = struct.pack("!6H", 0, 0x8400, 0, 1, 0, 0) + b"\xc0\x0c" + struct.pack("!HHIH", 12, 1, 0, 2) + b"\xc0\x0c"
    many = response(*(r for i in range(300) for r in [record("_lxi._tcp.local", 12, name(f"x{i}._lxi._tcp.local"))]))
    floods = [response(record("_scpi-raw._tcp.local", 12, name("a._scpi-raw._tcp.local")),
                       record("a._scpi-raw._tcp.local", 33, struct.pack("!3H", 0, 0, p) + name("h.local"))) for p in range(1, 700)]
    port, _ = mdns(b"", loop, good[:-3], many[:8900], os.urandom(200), *floods, good)
    found = find(*on_loopback(mdns=port))
    assert {f["found_by"] for f in found} == {"mDNS"} and len(found) <= 500


def test_vxi11_broadcast():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("", 0))
    heard = []

    def serve():
        call, who = s.recvfrom(1000)
        heard.append(call)
        s.sendto(b"\0" * 28, who)                                        # an answer to nobody's question
        s.sendto(call[:4] + struct.pack("!6I", 1, 0, 0, 0, 0, 1024), who)

    t = threading.Thread(target=serve, daemon=True)
    t.start()
    found = find(*on_loopback(portmap=s.getsockname()[1]))
    t.join(5)
    s.close()
    assert found == [{"address": "vxi11://127.0.0.1/inst0", "found_by": "VXI-11 broadcast"}]
    assert struct.unpack("!13I", heard[0][4:56])[2:] == (100000, 2, 3, 0, 0, 0, 0, 0x0607AF, 1, 6, 0)


def test_identify(sim, mdns):
    """Nothing is asked unless told to; then the answer chooses the model file."""
    bench = sim(ROOT / "config/benches/demo.yaml")
    _, port = bench.tcp("source")
    where, _ = mdns(response(*instance("_scpi-raw._tcp.local", port)))
    found = find(*on_loopback(mdns=where))
    assert found == [{"address": f"tcp://127.0.0.1:{port}", "found_by": "mDNS"}]
    found = find("--identify", *on_loopback(mdns=where))
    assert found[0]["identity"] == "ETALON,C10,SIM-0001,1.0" and found[0]["model"] == "demo-calibrator"
    bench.do("fault source silence on=any")
    found = find("--identify", *on_loopback(mdns=where))
    assert "timed out" in found[0]["trouble"] and "model" not in found[0]


def test_modbus_units(sim):
    bench = sim(ROOT / "config/benches/demo.yaml")
    line = bench.address("room")
    found = find("--no-usb", "--no-lan", "--modbus", line, "--units", "3-7", "--timeout", "1")
    assert found == [{"address": line.split("?")[0] + "?baud=19200&parity=even&unit=5", "found_by": "Modbus unit"}]
    found = find("--no-usb", "--no-lan", "--modbus", line, "--units", "5-5", "--identify")
    assert found[0]["model"] == "demo-room" and found[0]["identity"] == "register 100 holds 4711"
    host, port = bench.tcp("thermometer")
    found = find("--no-usb", "--no-lan", "--modbus", f"modbus+tcp://{host}:{port}", "--units", "1-1", "--identify")
    assert found == [{"address": f"modbus+tcp://{host}:{port}/1", "found_by": "Modbus unit",
                      "identity": "register 0 holds 1729", "model": "demo-thermometer"}]


@pytest.mark.parametrize("option", [("--units", "7-3"), ("--units", "x"), ("--register", "70000"), ("--timeout", "0"),
                                    ("--modbus", "tcp://127.0.0.1:5")])
def test_wrong_usage(option):
    done = subprocess.run([BUILD / "etalon", "find", "--no-lan", "--no-usb", *option], capture_output=True, timeout=60)
    assert done.returncode == 2
