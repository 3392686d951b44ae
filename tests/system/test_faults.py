# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault on every kind of line, through the whole daemon: no wrong value is ever accepted
as a reading, and the run goes on to its end."""
import os
import time

import pytest
import yaml

from etalond import ROOT
from lan_bench import lan_bench, modbus_bench

BENCH = ROOT / "config/benches/demo.yaml"
LINES = ["late delay_ms=2600", "pieces", "twice", "truncated", "garbage", "wrong-echo", "overload",
         "silence", "close", "unit"]
MODBUS = ["late delay_ms=800", "pieces", "twice", "truncated", "garbage", "overload", "silence", "close",
          "exception code=4", "crc", "unit"]
MARGIN_NS = 2e7
REPEATS = 10 if os.environ.get("ETALON_LONG") else 1


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


def check(readings, truth):
    """Every accepted value is one that the instrument really said, undisturbed, at that time."""
    said = {}
    for t in truth:
        if "said" in t and (t["fault"] is None or t["fault"] in ("pieces", "twice", "late")):
            said.setdefault((t["role"] + "." + t["quantity"], t["said"]), []).append(t["utc_ns"])
    for h in readings:
        if h["status"] != "ok":
            assert h["value"] is None
            continue
        times = said.get((h["channel"], h["raw"]), [])
        within = h["span_ns"] / 2 + MARGIN_NS  # it was said between question and answer
        assert any(abs(h["utc_ns"] - t) < within for t in times), (
            h["channel"], h["raw"], h["utc_ns"], [t for t in truth if t["role"] + "." + t["quantity"] == h["channel"]
                                                  and abs(t["utc_ns"] - h["utc_ns"]) < 5e8])


def fault_bench(folder, way):
    """The demonstration bench, what is to fail on another way than there."""
    if way is None:
        return BENCH
    return modbus_bench(folder, way[7:]) if way.startswith("modbus-") else lan_bench(folder, way)


@pytest.mark.parametrize("roles, faults, way", [
    (["reference", "meter"], LINES, None), (["reference", "meter"], LINES, "vxi11"),
    (["reference", "meter"], LINES + ["crc"], "hislip"),
    (["room", "thermometer"], MODBUS, None), (["room", "thermometer"], MODBUS, "modbus-ascii"),
    (["room", "thermometer"], MODBUS, "modbus-servers")],
    ids=["lines", "vxi11", "hislip", "modbus", "modbus-ascii", "modbus-servers"])
def test_no_wrong_value_is_accepted(sim, daemon, tmp_path, roles, faults, way):
    bench = sim(fault_bench(tmp_path, way))
    run = daemon.run(bench.bench, long_run(tmp_path))
    daemon.wait(run, "running")
    time.sleep(2)
    for fault in faults * REPEATS:
        for role in roles:
            bench.do(f"fault {role} {fault} times=1")
        time.sleep(0.8)
        while daemon.view(run)["state"] != "running":
            time.sleep(0.1)
    time.sleep(4)
    assert daemon.view(run)["state"] == "running"
    before = daemon.view(run)["readings"]
    time.sleep(1)
    assert daemon.view(run)["readings"] > before, "everything answers again"
    daemon.ask("run.abort", run=run, operator="tester", reason="seen enough")
    daemon.wait(run)
    check(daemon.headers(run, "reading"), bench.truth())
    faulty = [t for t in bench.truth() if t.get("fault")]
    assert len(faulty) >= len(faults)
    assert daemon.sealed(run)


@pytest.mark.parametrize("lan", [None, "vxi11", "hislip"], ids=["lines", "vxi11", "hislip"])
def test_power_cycled_source_is_set_again(sim, daemon, tmp_path, lan):
    """Never read in its default state: settings are applied again and read back first."""
    bench = sim(lan_bench(tmp_path, lan) if lan else BENCH)
    run = daemon.run(bench.bench, long_run(tmp_path))
    daemon.wait(run, "running")
    time.sleep(2)
    bench.do("power reference")
    time.sleep(3)
    daemon.ask("run.abort", run=run, operator="tester", reason="seen enough")
    daemon.wait(run)
    events = daemon.events(run)
    assert events.count("attached") > len(yaml.safe_load(bench.bench.read_text())["roles"])
    check(daemon.headers(run, "reading"), bench.truth())
