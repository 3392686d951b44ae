# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault on every kind of line, through the whole daemon: no wrong value is ever accepted
as a reading, and the run goes on to its end."""
import time

import pytest
import yaml

from etalond import ROOT, until
from lan_bench import lan_bench, modbus_bench
from matrix import GUARD, HANG_UP, REPEATS, check, judge, matrix, strike_all, wakes_wrong

LINES = ["late delay_ms=2600", "pieces", "twice", "truncated", "garbage", "wrong-echo", "overload",
         "silence", "close", "unit", "power", "power quiet"]
MODBUS = ["late delay_ms=800", "pieces", "twice", "truncated", "garbage", "overload", "silence", "close",
          "exception code=4", "crc", "unit", "power"]
METERS = {"reference": LINES, "meter": LINES}
PACE = "100 ms" if REPEATS > 1 else "50 ms"          # of readings: where many benches run at once
SENSORS = {"room": MODBUS, "thermometer": MODBUS}
PATIENCE = {"reference": 2e9, "meter": 2e9, "room": 5e8, "thermometer": 5e8}      # timeouts of their models


def long_run(tmp_path):
    """Readings without end at both meters, and of the environment, while faults are thrown in."""
    text = yaml.safe_load((ROOT / "config/procedures/dc-voltage-meter.yaml").read_text())
    text["points"] = text["points"][-1:]
    text["baseline"] = []
    for step in text["steps"]:
        if "measure" in step:
            step["measure"].update(count=100000, interval=PACE)
    for e in text["environment"]:
        e["every"] = "100 ms"
    path = tmp_path / "long.yaml"
    path.write_text(yaml.safe_dump(text, sort_keys=False))
    return path


def short_run(tmp_path, baseline=(), **measure):
    """The same, measured as often as is said."""
    text = yaml.safe_load(long_run(tmp_path).read_text())
    text["steps"][-1]["measure"].update(measure)
    text["baseline"] = list(baseline)
    path = tmp_path / "short.yaml"
    path.write_text(yaml.safe_dump(text, sort_keys=False))
    return path


def fault_bench(folder, way):
    """The demonstration bench, what is to fail on another way than there."""
    if way.startswith("modbus-"):
        return modbus_bench(folder, way[7:])
    if way in ("vxi11", "hislip"):
        return lan_bench(folder, way)
    path = folder / "lines.yaml"
    path.write_text((ROOT / "config/benches/demo.yaml").read_text().replace("../instruments", str(ROOT / "config/instruments")))
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


@pytest.mark.parametrize("way", ["lines", "vxi11", "hislip"])
def test_a_source_that_was_switched_off_is_set_again(sim, daemon, tmp_path, way):
    """Nothing is asked of it while the meters measure what it sources.  Its loss is on record all the same, and what was
    measured meanwhile is superseded; the third time somebody must look."""
    bench = sim(fault_bench(tmp_path, way))
    run = daemon.run(bench.bench, long_run(tmp_path))
    for attempt in (1, 2, 3):
        until(lambda: daemon.headers(run, "reading", attempt=attempt, use="measure", channel="meter.voltage.dc"))
        assert all(abs(h["value"] - 10) < 0.1 for h in daemon.headers(run, "reading", attempt=attempt, use="measure"))
        off = time.time_ns()
        bench.do("power source")
        until(lambda: daemon.events(run).count("doubt") == attempt)
        lost = daemon.headers(run, "event", event="link.lost", role="source")[-1]
        assert 0 < lost["utc_ns"] - off < GUARD
    assert "hung up" in daemon.wait(run, "holding")["reason"] or daemon.view(run)["reason"]
    daemon.ask("run.resume", run=run, operator="tester", reason="the plug is in again")
    until(lambda: daemon.headers(run, "reading", attempt=4, use="measure"))
    daemon.ask("run.abort", run=run, operator="tester", reason="seen enough")
    daemon.wait(run)
    begun = daemon.headers(run, "event", event="point.begin")
    assert [(h["attempt"], h.get("supersedes")) for h in begun] == [(1, None), (2, 1), (3, 2), (4, 3)]


def test_a_source_that_loses_its_power_and_no_connection(sim, daemon, tmp_path):
    """As on a serial line: only its own word shows it."""
    bench = sim(fault_bench(tmp_path, "lines"))
    run = daemon.run(bench.bench, short_run(tmp_path, count=6, interval="1 s"))
    until(lambda: daemon.headers(run, "reading", channel="meter.voltage.dc", k=0, use="measure"))
    bench.do("power source quiet")
    assert daemon.wait(run)["status"] == "complete"
    assert daemon.events(run).count("doubt") == 1
    ends = daemon.headers(run, "event", event="point.end")
    assert [h["attempt"] for h in ends] == [2]
    readings = daemon.headers(run, "reading", attempt=2, use="measure")
    assert readings and all(abs(h["value"] - 10) < 0.1 for h in readings)


def test_a_source_that_loses_its_power_during_the_baseline(sim, daemon, tmp_path):
    """A baseline counts as little as a point without its source."""
    bench = sim(fault_bench(tmp_path, "lines"))
    baseline = [{"set": {"channel": "source.voltage.dc", "to": "5 V"}},
                {"measure": {"channels": ["reference.voltage.dc", "meter.voltage.dc"], "count": 6, "interval": "1 s"}}]
    run = daemon.run(bench.bench, short_run(tmp_path, baseline, count=2, interval="100 ms"))
    until(lambda: daemon.headers(run, "reading", channel="meter.voltage.dc", k=0, use="measure"))
    bench.do("power source quiet")
    assert daemon.wait(run)["status"] == "complete"
    events = daemon.events(run)
    assert (events.count("baseline.begin"), events.count("doubt"), events.count("baseline.end")) == (2, 1, 1)


def test_a_source_cut_off_at_the_end_of_a_point(sim, daemon, tmp_path):
    """It is looked at once more before the point counts."""
    bench = sim(fault_bench(tmp_path, "lines"))
    run = daemon.run(bench.bench, short_run(tmp_path, count=20, interval="100 ms"))
    until(lambda: daemon.headers(run, "reading", channel="meter.voltage.dc", k=19))
    bench.do("power source")
    assert daemon.wait(run)["status"] == "complete"
    last = daemon.headers(run, "event", event="point.begin")[-1]["attempt"]
    readings = daemon.headers(run, "reading", attempt=last, use="measure")
    assert readings and all(abs(h["value"] - 10) < 0.1 for h in readings)
