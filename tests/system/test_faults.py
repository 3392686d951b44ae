# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault on every kind of line, through the whole daemon: no wrong value is ever accepted
as a reading, and the run goes on to its end."""
import pytest
import yaml

from etalond import ROOT, until
from lan_bench import lan_bench, modbus_bench
from matrix import HANG_UP, check, judge, matrix, strike_all, wakes_wrong

LINES = ["late delay_ms=2600", "pieces", "twice", "truncated", "garbage", "wrong-echo", "overload",
         "silence", "close", "unit", "power", "power quiet"]
MODBUS = ["late delay_ms=800", "pieces", "twice", "truncated", "garbage", "overload", "silence", "close",
          "exception code=4", "crc", "unit", "power"]
METERS = {"reference": LINES, "meter": LINES}
SENSORS = {"room": MODBUS, "thermometer": MODBUS}
PATIENCE = {"reference": 2e9, "meter": 2e9, "room": 5e8, "thermometer": 5e8}      # timeouts of their models


def long_run(tmp_path):
    """Readings without end at both meters, and of the environment, while faults are thrown in."""
    text = yaml.safe_load((ROOT / "config/procedures/dc-voltage-meter.yaml").read_text())
    text["points"] = text["points"][-1:]
    text["baseline"] = []
    for step in text["steps"]:
        if "measure" in step:
            step["measure"].update(count=100000, interval="50 ms")
    for e in text["environment"]:
        e["every"] = "100 ms"
    path = tmp_path / "long.yaml"
    path.write_text(yaml.safe_dump(text, sort_keys=False))
    return path


def fault_bench(folder, way):
    """The demonstration bench, what is to fail on another way than there."""
    if way.startswith("modbus-"):
        return modbus_bench(folder, way[7:])
    if way in ("vxi11", "hislip"):
        return lan_bench(folder, way)
    path = folder / "lines.yaml"
    path.write_text((ROOT / "config/benches/demo.yaml").read_text())
    return path


def suffer(daemon, bench, tmp_path, way, kinds, share, report, path=None, hang_up=HANG_UP):
    """A run, of the bench file at path if that is not the simulator's, to which all this is done: nothing wrong is
    taken for a reading."""
    run = daemon.run(path or bench.bench, long_run(tmp_path))
    until(lambda: daemon.view(run)["readings"] > 30)
    strikes = strike_all(bench, daemon, run, kinds, share)
    assert daemon.view(run)["state"] == "running"
    before = daemon.view(run)["readings"]
    until(lambda: daemon.view(run)["readings"] > before + 10)
    daemon.ask("run.abort", run=run, operator="tester", reason="seen enough")
    daemon.wait(run)
    check(daemon.headers(run, "reading"), bench.truth())
    roles = {"reference", "meter", "room", "thermometer"}
    judge(way, strikes, kinds, daemon, run, roles - set(kinds), report,
          lambda s: PATIENCE[s.role], hang_up)
    return run


@matrix
@pytest.mark.parametrize("way, kinds", [
    ("lines", METERS), ("vxi11", METERS), ("hislip", METERS | {"meter": LINES + ["crc"]}),
    ("modbus", SENSORS), ("modbus-ascii", SENSORS), ("modbus-servers", SENSORS)],
    ids=["lines", "vxi11", "hislip", "modbus", "modbus-ascii", "modbus-servers"])
def test_no_wrong_value_is_accepted(sim, daemon, tmp_path, record_property, way, kinds, share):
    bench = sim(wakes_wrong(fault_bench(tmp_path, way)))
    run = suffer(daemon, bench, tmp_path, way, kinds, share, record_property)
    assert daemon.sealed(run)
