# SPDX-License-Identifier: GPL-3.0-or-later
"""Models of config/instruments together, as a laboratory would use them: a calibrator, two meters, a counter."""
import subprocess

import h5py
import numpy as np
import pytest
import yaml

from etalond import BUILD, ROOT

ROLES = {"source": ("fluke-5720a", "7412002"), "left": ("keysight-3458a", None),
         "right": ("keysight-34470a", "MY57701234"), "counter": ("keysight-53230a", "MY50001484")}


def bench_of(folder):
    roles = {role: {"model": model, "address": f"tcp://127.0.0.1:{i + 1}", "simulated": True,
                    **({"serial_number": serial} if serial else {})}
             for i, (role, (model, serial)) in enumerate(ROLES.items())}
    path = folder / "electrical.yaml"
    path.write_text(yaml.safe_dump({"bench": "e", "title": "E", "models": str(ROOT / "config/instruments"), "roles": roles,
                                    "simulate": {"seed": 7, "temperature": 23, "humidity": 45, "wander": 0}},
                                   sort_keys=False))
    return path


def test_a_calibrator_two_meters_and_a_counter(sim, daemon, tmp_path):
    steps = [{"set": {"channel": "source.voltage.dc", "to": "10 V"}},
             {"measure": {"channels": ["left.voltage.dc", "right.voltage.dc"], "count": 3}},
             {"measure": {"channels": ["right.voltage.dc@memory", "counter.frequency@1-series"], "count": 2}},
             {"measure": {"channels": ["right.voltage.dc", "counter.frequency@1"], "count": 2}}]
    procedure = tmp_path / "p.yaml"
    procedure.write_text(yaml.safe_dump({
        "procedure": "p", "title": "P", "roles": list(ROLES), "environment": [], "points": [{"name": "one"}],
        "steps": steps, "link_loss": "20 s", "safe_within": "2 s"}, sort_keys=False))
    run = daemon.run(sim(bench_of(tmp_path)).bench, procedure)
    assert daemon.wait(run)["status"] == "complete"
    archive = daemon.sealed(run)
    subprocess.run([BUILD / "etalon", "verify", archive], check=True, capture_output=True)
    events = [(h["event"], h.get("role")) for h in daemon.headers(run, "event")]
    assert ("instrument.self_calibration", "left") in events
    assert {role for event, role in events if event == "safe"} == set(ROLES)
    f = h5py.File(archive)
    for role, n in ("left", 3), ("right", 5):
        values = f[f"entry/readings/{role}.voltage.dc/value"][:]
        assert len(values) == n and np.allclose(values, 10, rtol=0, atol=0.01)
    for channel, n, value in ("right.voltage.dc@memory", 1000, 10), ("counter.frequency@1-series", 500, 1e7):
        block = f[f"entry/blocks/{channel}"]
        assert list(block["value_offset"][:]) == [0, n, 2 * n] and block["value"].dtype == np.dtype("<f8")
        assert np.allclose(block["value"][:], value, rtol=1e-3)


@pytest.mark.parametrize("role, warm_up", [("left", "4 h"), ("right", "1.5 h")])
def test_it_is_warm_until_it_is_switched_off(sim, daemon, tmp_path, role, warm_up):
    """simulate.warm: nobody waits for what a simulated instrument has behind it; a power cycle is waited for."""
    step = {"measure": {"channels": [f"{role}.temperature@inside"], "count": 1}}
    procedure = tmp_path / "p.yaml"
    procedure.write_text(yaml.safe_dump({
        "procedure": "p", "title": "P", "roles": [role], "environment": [],
        "points": [{"name": "one"}], "steps": [step], "link_loss": "2 s",
        "safe_within": "2 s"}, sort_keys=False))
    bench = sim(bench_of(tmp_path))
    run = daemon.run(bench.bench, procedure)
    assert daemon.wait(run)["status"] == "complete"
    assert "instrument.power_on" not in daemon.events(run)
    bench.do(f"power {role} quiet")
    run = daemon.run(bench.bench, procedure)
    assert f"Z, {warm_up} from 20" in daemon.wait(run, "holding")["reason"]
    assert "instrument.power_on" in daemon.events(run)
    daemon.ask("run.stop", run=run, operator="tester", reason="too cold")
    daemon.wait(run)
