# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model file can say of an instrument that answers lines, through the whole daemon to the archive."""
import json
import subprocess
import time

import h5py
import pytest
import yaml

from etalond import BUILD, ROOT, until

BENCH = ROOT / "tests/system/sim/benches/scpi.yaml"


@pytest.fixture
def bench(sim):
    return sim(BENCH)


def procedure(tmp_path, roles, steps, environment=(), **more):
    path = tmp_path / "p.yaml"
    path.write_text(yaml.safe_dump({
        "procedure": "p", "title": "P", "roles": roles, "environment": list(environment),
        "points": [{"name": "one"}], "steps": steps, "link_loss": "20 s", "safe_within": "2 s", **more},
        sort_keys=False))
    return path


def verified(archive):
    shown = subprocess.run([BUILD / "etalon", "verify", "--json", archive], capture_output=True, text=True)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    return json.loads(shown.stdout)


def measured(daemon, run, channel):
    return [h for h in daemon.headers(run, "reading") if h["channel"] == channel and h.get("use") == "measure"]


def test_values_of_one_answer(bench, daemon, tmp_path):
    """One question, one exchange; each reading keeps the whole answer and is proven from it."""
    channels = ["hygro.temperature@probe", "hygro.humidity.relative",
                "scanner.temperature@205", "scanner.temperature@101"]
    path = procedure(tmp_path, ["hygro", "scanner"], [{"measure": {"channels": channels, "count": 5}}],
                     [{"channel": "scanner.temperature@102", "every": "50 ms"}])
    run = daemon.run(bench.bench, path)
    assert daemon.wait(run)["status"] == "complete"
    exchanges = {h["id"]: h for h in daemon.headers(run, "exchange")}
    one, two, far, near = (measured(daemon, run, c) for c in channels)
    assert len(one) == len(two) == len(far) == len(near) == 5
    for a, b in list(zip(one, two)) + list(zip(far, near)):
        assert a["raw"] == b["raw"] == exchanges[a["exchange"]]["received"] and a["exchange"] == b["exchange"]
        assert a["utc_ns"] == b["utc_ns"]
    for a, b in zip(far, near):
        assert exchanges[a["exchange"]]["sent"] == "MEAS:TEMP? (@205,101)\n"
        assert (a["field"], b["field"]) == (1, 2) and abs(a["value"] - b["value"] - 4) < 1e-3
        assert [float(x) for x in a["raw"].split(",")] == [a["value"], b["value"]]
    alone = [h for h in daemon.headers(run, "reading") if h["channel"] == "scanner.temperature@102"]
    assert alone and all(h["field"] == 1 and "exchange" not in h for h in alone)
    archive = daemon.sealed(run)
    verified(archive)
    with h5py.File(archive) as f:
        group = f["entry/readings/scanner.temperature@205"]
        assert group.attrs["quantity"] == "temperature" and group.attrs["input"] == "205"
        assert len(group["value"]) == 5


def test_a_power_cycled_instrument_is_never_read_as_it_wakes(bench, daemon, tmp_path):
    """On a serial line nothing else shows that it was switched off and on.  It would read half too much."""
    bench.do("set-world voltage 4")
    steps = [{"measure": {"channels": ["cold.voltage.dc"], "count": 200, "interval": "10 ms"}}]
    run = daemon.run(bench.bench, procedure(tmp_path, ["cold"], steps))
    for i in range(6):
        n = len(measured(daemon, run, "cold.voltage.dc"))
        until(lambda: len(measured(daemon, run, "cold.voltage.dc")) >= n + 5 + i or
              daemon.view(run)["state"] == "ended")
        bench.do("power cold quiet")
    assert daemon.wait(run)["status"] == "complete"
    values = [h["value"] for h in measured(daemon, run, "cold.voltage.dc")]
    assert values == [4.0] * 200
    events = daemon.events(run)
    assert events.count("instrument.power_on") >= 6         # the first one when it was attached
    assert events.count("warm_up") >= 6
    zeros = [h for h in daemon.headers(run, "exchange") if h["sent"] == "ZERO\n"]
    assert len(zeros) >= 6


def test_a_warm_up_outlives_the_daemon(bench, daemon, tmp_path):
    cold = tmp_path / "models"
    cold.mkdir()
    for model in (ROOT / "tests/system/sim/instruments").glob("*.yaml"):
        text = model.read_text().replace("warm_up: 200 ms", "warm_up: 1 h")
        (cold / model.name).write_text(text)
    text = yaml.safe_load(bench.bench.read_text())
    text["models"] = str(cold)
    bench.bench.write_text(yaml.safe_dump(text, sort_keys=False))
    path = procedure(tmp_path, ["cold"], [{"measure": {"channels": ["cold.voltage.dc"], "count": 2}}],
                     link_loss="500 ms")
    for _ in range(2):
        run = daemon.run(bench.bench, path)
        view = daemon.wait(run, "holding")
        assert "it warms up until 20" in view["reason"], view
        assert not measured(daemon, run, "cold.voltage.dc")
        daemon.ask("run.stop", run=run, operator="tester", reason="too cold")
        daemon.wait(run)
        daemon.term()
        daemon.start()
    assert json.loads((daemon.state / "instruments/t-cold-C1").read_text())["owed"] is True


def test_two_meters_are_triggered_at_one_instant(bench, daemon, tmp_path):
    steps = [{"measure": {"channels": ["left.voltage.dc", "right.voltage.dc"], "count": 20, "interval": "250 ms"}}]
    run = daemon.run(bench.bench, procedure(tmp_path, ["left", "right"], steps))
    assert daemon.wait(run)["status"] == "complete"
    left, right = (measured(daemon, run, f"{role}.voltage.dc") for role in ("left", "right"))
    truth = [sorted(t["utc_ns"] for t in bench.truth(role)) for role in ("left", "right")]
    for a, b in zip(left, right):
        assert a["k"] == b["k"] and a["utc_ns"] - a["span_ns"] // 2 < b["utc_ns"] + b["span_ns"] // 2
    skew = sorted(abs(a["at_ns"] - b["at_ns"]) for a, b in zip(left, right))
    assert skew[10] < 20e6          # an aperture: a guard, the measured number is a row of the bench
    for readings, known in ((left, truth[0]), (right, truth[1])):
        off = sorted(abs(r["at_ns"] - at) for r, at in zip(readings, known))
        assert off[10] < 20e6
    triggers = [h for h in daemon.headers(run, "exchange") if h["why"] == "trigger"]
    assert len(triggers) == 40 and all(h["sent"] == "*TRG\n" for h in triggers)
    verified(daemon.sealed(run))
