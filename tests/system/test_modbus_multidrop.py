# SPDX-License-Identifier: GPL-3.0-or-later
"""Several units on one line, one of which fails, through the whole daemon: its neighbours are read on."""
import time

import pytest
import yaml

from etalond import ROOT, until
from matrix import check
from test_faults import long_run

DEMO = ROOT / "config/benches/demo.yaml"
MODELS = ROOT / "config/instruments"
UNITS = {"quick": 5, "slow": 6, "third": 7}
STALE = 3.0  # seconds: far above what silence and tries cost, far below a line that is held up


def room(latency, timeout):
    """The demonstration's room sensor, as slow as told."""
    model = yaml.safe_load((MODELS / "demo-room.yaml").read_text())
    model.update(latency=latency, timeout=timeout)
    return model


def line_bench(folder, framing):
    """The demonstration bench and three room sensors on one line, beside its own models."""
    models = folder / "models"
    models.mkdir()
    for path in MODELS.glob("demo-*.yaml"):
        (models / path.name).symlink_to(path)
    bench = yaml.safe_load(DEMO.read_text())
    bench["models"], bench["standards"] = str(models), str(ROOT / "config/standards")
    for role, (latency, timeout) in {"quick": ("60 ms", "1 s"), "slow": ("400 ms", "600 ms"),
                                     "third": ("60 ms", "1 s")}.items():
        model = dict(room(latency, timeout), model=f"room-{role}")
        (models / f"room-{role}.yaml").write_text(yaml.safe_dump(model, sort_keys=False, allow_unicode=True))
        bench["roles"][role] = {"model": model["model"], "simulated": True, "access": "shared",
                                "address": f"modbus+{framing}:/nowhere/bus?baud=115200&unit={UNITS[role]}"}
    path = folder / "bench.yaml"
    path.write_text(yaml.safe_dump(bench, sort_keys=False, allow_unicode=True))
    return path


def procedure(folder):
    """A long run with the three in its environment."""
    text = yaml.safe_load(long_run(folder).read_text())
    text["roles"] += list(UNITS)
    text["environment"] += [{"channel": f"{role}.temperature", "every": "100 ms"} for role in UNITS]
    path = folder / "units.yaml"
    path.write_text(yaml.safe_dump(text, sort_keys=False))
    return path


def readings(daemon, run, role):
    return [h for h in daemon.headers(run, "reading", channel=f"{role}.temperature") if h["status"] == "ok"]


@pytest.mark.parametrize("framing", ["rtu", "ascii"])
def test_neighbours_of_a_unit_that_fails(sim, daemon, tmp_path, framing):
    bench = sim(line_bench(tmp_path, framing))
    run = daemon.run(bench.bench, procedure(tmp_path))
    daemon.wait(run, "running")
    time.sleep(1)
    begun = time.time_ns()
    for fault in ("silence", "late delay_ms=900", "garbage", "crc"):
        bench.do(f"fault slow {fault} times=1")
        time.sleep(1.5)
    ended = time.time_ns()
    until(lambda: readings(daemon, run, "slow")[-1]["utc_ns"] > ended)       # it answers again
    daemon.ask("run.abort", run=run, operator="tester", reason="seen enough")
    daemon.wait(run)
    check([h for h in daemon.headers(run, "reading") if h["channel"].split(".")[0] in UNITS], bench.truth())
    for role in ("quick", "third"):
        at = [begun] + [h["utc_ns"] for h in readings(daemon, run, role) if begun <= h["utc_ns"] <= ended] + [ended]
        assert len(at) > 15, "its neighbours are read on"
        assert max(b - a for a, b in zip(at, at[1:])) < STALE * 1e9
    lost = {h["role"] for h in daemon.headers(run, "event", event="link.lost")}
    assert "slow" in lost and not lost & {"quick", "third"}
