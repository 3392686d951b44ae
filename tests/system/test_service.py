# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests for service on the LAN: a meter is triggered, and read when it says that it is done."""
import shutil

import pytest
import yaml

from etalond import ROOT, until
from lan_bench import lan_bench

SCHEMES = ["vxi11", "hislip"]


def serving_bench(folder, scheme, asks=True):
    """The bench on the LAN, its meter one that requests service; asks: it is told to."""
    path = lan_bench(folder, scheme)
    bench = yaml.safe_load(path.read_text())
    models = folder / "instruments"
    shutil.copytree(ROOT / "config/instruments", models)
    model = yaml.safe_load((models / "demo-dmm6.yaml").read_text())
    model["init"] += ["*ESE 1", "*SRE 32"] if asks else ["*ESE 1"]
    model["points"]["voltage.dc"].update(
        trigger="*CLS;INIT;*OPC", ask="FETC?", ready={"srq": True, "status_bit": 5, "within": "1 s"})
    (models / "demo-dmm6.yaml").write_text(yaml.safe_dump(model, sort_keys=False, allow_unicode=True))
    bench["models"] = str(models)
    path.write_text(yaml.safe_dump(bench, sort_keys=False, allow_unicode=True))
    return path


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_run_that_waits_for_service(sim, daemon, tmp_path, scheme):
    lan = sim(serving_bench(tmp_path, scheme))
    run = daemon.run(lan.bench)
    until(lambda: "point.begin" in daemon.events(run))
    lan.do("fault meter close times=1")
    view = daemon.wait(run)
    assert view["status"] == "complete", view
    readings = daemon.headers(run, "reading", channel="meter.voltage.dc")
    assert readings and all(h["status"] == "ok" for h in readings)
    said = [t["said"] for t in lan.truth("meter") if "said" in t]
    assert all(h["raw"] in said for h in readings)
    assert "meter" in {h["role"] for h in daemon.headers(run, "event", event="link.lost")}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_service_that_is_never_requested(sim, daemon, tmp_path, scheme):
    lan = sim(serving_bench(tmp_path, scheme, asks=False))
    run = daemon.run(lan.bench)
    until(lambda: any("service request: timed out" in h.get("text", "") for h in daemon.headers(run, "event")))
    assert not daemon.headers(run, "reading", channel="meter.voltage.dc")
    daemon.ask("run.abort", run=run, operator="tester", reason="seen enough")
    daemon.wait(run)
