# SPDX-License-Identifier: GPL-3.0-or-later
"""What a source was set to stands until its point ends, all of it: also what was set first, also in the baseline."""
import socket

import pytest
import yaml

from etalond import until

COMMON = {"title": "box", "manufacturer": "ETALON", "driver": "scpi", "seen": "manual", "timeout": "500 ms", "latency": "50 ms"}
IDENTITY = {"ask": "*IDN?", "expect": "^ETALON,BOX,([^,]+),1$", "serial": 1}
SETS = {  # what is set, and how it reads back
    "frequency": {"low": "1 Hz", "high": "1 MHz", "set": "FREQ {}", "readback": "FREQ?", "tolerance": "1 mHz",
                  "simulate": {"node": "frequency"}},
    "voltage.ac": {"low": "0 V", "high": "20 V", "set": "VOLT {}", "readback": "VOLT?", "tolerance": "1 mV",
                   "simulate": {"node": "voltage_ac"}},
}
READS = {"frequency": {"ask": "F?", "simulate": {"node": "frequency"}}, "voltage.ac": {"ask": "V?", "simulate": {"node": "voltage_ac"}}}
CHANNELS = ["meter.voltage.ac", "meter.frequency"]


@pytest.fixture
def bench(sim, tmp_path):
    """A source of a voltage and its frequency, which does not say that it was switched on, and a meter of both."""
    return begin(sim, tmp_path, {"points": SETS, "safe": ["VOLT 0"]})


def begin(sim, tmp_path, source):
    parts = {"source": source, "meter": {"points": READS}}
    roles = {}
    for port, (name, own) in enumerate(parts.items(), 5000):
        model = COMMON | own | {"model": name, "number": name, "identity": IDENTITY,
                                "simulate": {"identity": "ETALON,BOX,{serial},1"}}
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(model, sort_keys=False))
        roles[name] = {"model": name, "address": f"tcp://127.0.0.1:{port}", "serial_number": "1", "simulated": True}
    path = tmp_path / "ac.yaml"
    path.write_text(yaml.safe_dump({"bench": "ac", "title": "ac", "models": ".", "roles": roles,
                                    "simulate": {"temperature": 23, "humidity": 45}}))
    return sim(path)


def procedure(folder, baseline, steps, link_loss="60 s"):
    text = {"procedure": "ac", "title": "ac", "roles": ["source", "meter"], "baseline": baseline, "steps": steps,
            "points": [{"name": "10 V", "values": {"source.voltage.ac": "10 V"}}],
            "link_loss": link_loss, "safe_within": "5 s"}
    path = folder / "procedure.yaml"
    path.write_text(yaml.safe_dump(text, sort_keys=False))
    return path


FREQUENCY = {"set": {"channel": "source.frequency", "to": "50 Hz"}}
VOLTAGE = {"set": {"channel": "source.voltage.ac"}}


def measure(count, interval="100 ms"):
    return {"measure": {"channels": list(CHANNELS), "count": count, "interval": interval}}


def measured(daemon, run, **keys):
    """The readings of the point, and of its baseline."""
    readings = daemon.headers(run, "reading", use="measure", **keys)
    return [h["value"] for h in readings if h["point"] == 0], [h["value"] for h in readings if h["point"] < 0]


def switched_off_and_set_to(bench, last):
    """A power cut that no connection shows, and somebody who notices and keys the last setting again."""
    bench.do("power source quiet")
    with socket.create_connection(bench.tcp("source")) as s:
        s.sendall(last.encode() + b"\nVOLT?\n")
        assert s.recv(100)


@pytest.mark.parametrize("where", ["point", "baseline"])
def test_what_was_set_first_is_lost(bench, daemon, tmp_path, where):
    """The last setting reads back as it should: only the first shows that all was measured at another frequency."""
    baseline, steps = ([FREQUENCY], [VOLTAGE]) if where == "baseline" else ([], [FREQUENCY, VOLTAGE])
    run = daemon.run(bench.bench, procedure(tmp_path, baseline, [*steps, measure(6, "500 ms")]))
    until(lambda: measured(daemon, run, k=0)[0])
    switched_off_and_set_to(bench, "VOLT 10")
    assert daemon.wait(run)["status"] == "complete"
    assert daemon.events(run).count("doubt") == 1
    assert "frequency: 50 Hz was set, but" in daemon.headers(run, "event", event="doubt")[0]["text"]
    assert max(measured(daemon, run, channel="meter.frequency", attempt=1)[0]) > 1e6, "nothing else shows it"
    assert [h["attempt"] for h in daemon.headers(run, "event", event="point.end")] == [2]
    assert set(measured(daemon, run, channel="meter.frequency", attempt=2)[0]) == {50}
    confirmed = [h["sent"].strip() for h in daemon.headers(run, "exchange", role="source", why="confirm")]
    assert confirmed[-2:] == ["FREQ?", "VOLT?"]


def test_what_the_baseline_sets_is_set_again_after_a_hold(bench, daemon, tmp_path):
    """In the safe state it stood no longer: the point that begins anew begins with the baseline."""
    path = procedure(tmp_path, [FREQUENCY, measure(1)], [VOLTAGE, measure(20)], link_loss="1 s")
    run = daemon.run(bench.bench, path)
    until(lambda: measured(daemon, run, k=2)[0])
    bench.do("fault meter silence times=0 on=any")
    daemon.wait(run, "holding")
    switched_off_and_set_to(bench, "VOLT 0")
    bench.do("clear meter")
    daemon.ask("run.resume", run=run, operator="tester", reason="the plug is in again")
    assert daemon.wait(run)["status"] == "complete"
    order = [e for e in daemon.events(run) if e.startswith(("baseline.", "point.", "hold", "release"))]
    assert order == ["baseline.begin", "baseline.end", "point.begin", "hold", "release",
                     "baseline.begin", "baseline.end", "point.begin", "point.end"]
    assert set(measured(daemon, run, channel="meter.frequency", attempt=2)[0]) == {50}
    assert set(measured(daemon, run, channel="meter.frequency")[1]) == {50}


def test_a_source_that_notices_its_power_cut_while_it_is_read(sim, daemon, tmp_path):
    """It is set again before its point ends, and all reads back: what the meter read in between does not count."""
    sets = SETS | {"voltage.ac": SETS["voltage.ac"] | {"ask": "OUT?"}}
    bench = begin(sim, tmp_path, {"points": sets, "safe": ["VOLT 0"], "power_on": {"ask": "*ESR?", "bit": 7, "when": "measurement"}})
    both = {"measure": {"channels": ["source.voltage.ac", "meter.voltage.ac"], "count": 6, "interval": "500 ms"}}
    run = daemon.run(bench.bench, procedure(tmp_path, [], [VOLTAGE, both]))
    until(lambda: measured(daemon, run, k=0)[0])
    bench.do("power source quiet")
    assert daemon.wait(run)["status"] == "complete"
    doubts = daemon.headers(run, "event", event="doubt")
    assert len(doubts) == 1 and "it was switched on, or reset" in doubts[0]["text"]
    assert [h["attempt"] for h in daemon.headers(run, "event", event="point.end")] == [2]
    assert set(measured(daemon, run, channel="meter.voltage.ac", attempt=2)[0]) == {10}
