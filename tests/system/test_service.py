# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests for service on the LAN: a meter is triggered, and read when it says that it is done."""
import shutil

import pytest
import yaml

from etalond import ROOT, until
from lan_bench import lan_bench

SCHEMES = ["vxi11", "hislip"]


def changed_bench(folder, scheme, **changes):
    """The bench on the LAN; changes: of the model files that are named with _ for -, functions."""
    path = lan_bench(folder, scheme)
    bench = yaml.safe_load(path.read_text())
    models = folder / "instruments"
    shutil.copytree(ROOT / "config/instruments", models)
    for name, change in changes.items():
        file = models / f"{name.replace('_', '-')}.yaml"
        model = yaml.safe_load(file.read_text())
        change(model)
        file.write_text(yaml.safe_dump(model, sort_keys=False, allow_unicode=True))
    bench["models"], bench["standards"] = str(models), str(ROOT / "config/standards")
    path.write_text(yaml.safe_dump(bench, sort_keys=False, allow_unicode=True))
    return path


def request_service(model):
    model["init"] += ["*ESE 1", "*SRE 32"]
    never_request_service(model)


def never_request_service(model):
    model["points"]["voltage.dc"].update(
        trigger="*CLS;INIT;*OPC", ask="FETC?", ready={"srq": True, "status_bit": 5, "within": "1 s"})


def trigger_by_bus(model):
    model["points"]["voltage.dc"].update(arm=["INIT"], trigger="bus", ask="FETC?")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_run_that_waits_for_service(sim, daemon, tmp_path, scheme):
    lan = sim(changed_bench(tmp_path, scheme, demo_dmm6=request_service))
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
    lan = sim(changed_bench(tmp_path, scheme, demo_dmm6=never_request_service))
    run = daemon.run(lan.bench)
    until(lambda: any("service request: timed out" in h.get("text", "") for h in daemon.headers(run, "event")))
    assert not daemon.headers(run, "reading", channel="meter.voltage.dc")
    daemon.ask("run.abort", run=run, operator="tester", reason="seen enough")
    daemon.wait(run)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_two_meters_are_triggered(sim, daemon, tmp_path, scheme):
    """By the transport's own trigger, both at one moment."""
    lan = sim(changed_bench(tmp_path, scheme, demo_dmm6=trigger_by_bus, demo_dmm8=trigger_by_bus))
    run = daemon.run(lan.bench)
    view = daemon.wait(run)
    assert view["status"] == "complete", view
    sent = [h["sent"] for h in daemon.headers(run, "exchange") if h.get("sent")]
    assert not any("*TRG" in s for s in sent), "it is no message"
    readings = daemon.headers(run, "reading", channel="meter.voltage.dc")
    assert readings and all(h["status"] == "ok" for h in readings)
    assert not [h for h in daemon.headers(run, "event") if h["event"] in ("link.lost", "alarm")]
