# SPDX-License-Identifier: GPL-3.0-or-later
"""Real serial lines, as near as a machine without any comes: under the shim a pseudo-terminal named
ttySomething passes for a serial port, and the daemon reaches it through libserialport."""
import os
import termios

import pytest
import yaml

from etalond import BUILD, ROOT, Daemon, check_chain, until
from matrix import matrix, wakes_wrong
from test_faults import LINES as FAULTS, MODBUS, fault_bench, suffer

# A pseudo-terminal has no parity.
LINES = {"meter": ("serial:{}?baud=4800&parity=none", termios.B4800),
         "room": ("modbus+rtu:{}?baud=19200&parity=none&unit=5", termios.B19200)}


@pytest.fixture
def serial_daemon(tmp_path):
    shim = (BUILD / "tests/shim/serial_on_pty.so").resolve()
    d = Daemon(tmp_path / "daemon", before=["env", f"LD_PRELOAD={shim}", "ASAN_OPTIONS=verify_asan_link_order=0"])
    yield d.start()
    d.close()
    assert d.process.returncode == 0, d.log.read_text()


def on_serial_lines(sim, folder):
    """The simulator's bench, its terminals reached as serial ports."""
    text = yaml.safe_load(sim.bench.read_text())
    for role, (address, _) in LINES.items():
        port = folder / f"tty-{role}"
        port.symlink_to(sim.path(role))
        text["roles"][role]["address"] = address.format(port)
    path = folder / "serial.yaml"
    path.write_text(yaml.safe_dump(text, sort_keys=False))
    return path


def speed(path):
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    try:
        return termios.tcgetattr(fd)[5]
    finally:
        os.close(fd)


def test_a_run_over_serial_lines(sim, serial_daemon, tmp_path):
    bench = sim(ROOT / "config/benches/demo.yaml")
    run = serial_daemon.run(on_serial_lines(bench, tmp_path))
    until(lambda: "point.begin" in serial_daemon.events(run))
    bench.do("fault meter late times=1 delay_ms=2600")
    bench.do("fault room crc times=1")
    view = serial_daemon.wait(run)
    assert view["status"] == "complete", view
    for role, (_, baud) in LINES.items():
        assert speed(bench.path(role)) == baud, "only libserialport sets a baud rate"
    check_chain(serial_daemon.replay(run))
    readings = serial_daemon.headers(run, "reading", status="ok")
    assert {h["channel"] for h in readings} >= {"meter.voltage.dc", "room.temperature"}
    lost = serial_daemon.headers(run, "event", event="link.lost")
    assert {h["role"] for h in lost} == set(LINES)
    assert serial_daemon.sealed(run)


@matrix
def test_no_wrong_value_is_accepted(sim, serial_daemon, tmp_path, record_property, share):
    bench = sim(wakes_wrong(fault_bench(tmp_path, "lines")))
    run = suffer(serial_daemon, bench, tmp_path, "serial", {"meter": FAULTS, "room": MODBUS}, share, record_property,
                 on_serial_lines(bench, tmp_path))
    assert serial_daemon.sealed(run)
