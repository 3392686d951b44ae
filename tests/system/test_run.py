# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs, from the command to the sealed archive, on the simulated bench and the real programs."""
import json
import math
import shutil
import statistics
import subprocess

import h5py
import pytest
import yaml

from etalond import BUILD, ROOT, Refused, check_chain, until

BENCH = ROOT / "config/benches/demo.yaml"


@pytest.fixture
def bench(sim):
    return sim(BENCH)


def variant(tmp_path, name="dc-voltage-quick", **changes):
    """A procedure file like a shipped one, with some keys changed."""
    text = yaml.safe_load((ROOT / f"config/procedures/{name}.yaml").read_text())
    text.update(changes)
    path = tmp_path / f"{text['procedure']}.yaml"
    path.write_text(yaml.safe_dump(text, sort_keys=False))
    return path


def test_a_reading_beyond_the_range_of_its_instrument(sim, daemon, tmp_path):
    """It is kept as it was said, it is marked, and no mean is made of what else was read there."""
    models = tmp_path / "models"
    shutil.copytree(ROOT / "config/instruments", models)
    (tmp_path / "standards").symlink_to(ROOT / "config/standards")
    meter = (models / "demo-dmm6.yaml").read_text()
    (models / "demo-dmm6.yaml").write_text(meter.replace("low: -12 V", "low: -9 V").replace("high: 12 V", "high: 9 V"))
    path = tmp_path / "bench.yaml"
    path.write_text(BENCH.read_text().replace("../instruments", str(models)))
    values = [{"name": f"{v} V", "values": {"source.voltage.dc": f"{v} V"}} for v in (9, 9.5)]
    run = daemon.run(sim(path).bench, variant(tmp_path, points=values))
    assert daemon.wait(run)["status"] == "complete"
    readings = daemon.headers(run, "reading", channel="meter.voltage.dc", use="measure")
    assert {h["status"] for h in readings if h["point"] == 0} == {"ok"}
    beyond = [h for h in readings if h["point"] == 1]
    assert beyond and {h["status"] for h in beyond} == {"out_of_range"}
    assert all(abs(h["value"] - 9.5) < 0.01 and float(h["raw"]) == h["value"] for h in beyond)
    means = {h["point"]: h for h in daemon.headers(run, "result", result="mean", channel="meter.voltage.dc")}
    assert abs(means[0]["value"] - 9) < 0.01
    assert (means[1]["value"], means[1]["n"], means[1]["excluded"]) == (None, 0, len(beyond))
    archive = daemon.sealed(run)
    with h5py.File(archive) as f:
        channel = f["entry/readings/meter.voltage.dc"]
        assert sum(channel["status"][:] == 5) == len([h for h in daemon.headers(run, "reading", channel="meter.voltage.dc")
                                                      if h["status"] == "out_of_range"])
        assert all(abs(channel["value"][channel["status"][:] == 5] - 9.5) < 0.01)
    done = subprocess.run([BUILD / "etalon", "verify", archive], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_complete_run(bench, daemon):
    observer = daemon.observe()
    run = daemon.run(bench.bench)
    view = daemon.wait(run)
    assert view["status"] == "complete", view
    records = daemon.replay(run)
    check_chain(records)

    stop = json.loads(records[-1][0])
    assert stop["kind"] == "stop" and stop["status"] == "complete" and stop["simulated"] is True
    heads = [json.loads(h) for h, _ in records]
    for kind, n in stop["counts"]["kinds"].items():
        assert n == sum(h["kind"] == kind for h in heads[:-1])

    procedure = yaml.safe_load((ROOT / "config/procedures/dc-voltage-quick.yaml").read_text())
    measured = [h for h in heads if h["kind"] == "reading" and h.get("use") == "measure" and h["point"] >= 0]
    count = sum(s["measure"]["count"] * len(s["measure"]["channels"])
                for s in procedure["steps"] if "measure" in s)
    assert len(measured) == count * len(procedure["points"])
    assert all(h["status"] == "ok" for h in measured)
    assert [h for h in heads if h["kind"] == "reading" and "point" not in h], "environment is read all along"

    until(lambda: len(observer.messages) >= len(records))
    assert [tuple(m[1:]) for m in observer.messages] == records
    for topic, header, _ in observer.messages:
        h = json.loads(header)
        assert topic.decode() == f"{run}/{h['kind']}/" + (f"{h['channel']}/" if h["channel"] else "")
    observer.close()
    assert daemon.sealed(run)


def test_points_by_a_plan(bench, daemon, tmp_path):
    """They are measured in their order under their names; and as many as are taken do fit the start record."""
    plan = {"across": [{"channel": "source.voltage.dc", "from": "0 V", "to": "300 mV", "points": 3}], "order": "up-down"}
    steps = [{"set": {"channel": "source.voltage.dc"}},
             {"measure": {"channels": ["reference.voltage.dc", "meter.voltage.dc"], "count": 1}}]
    run = daemon.run(bench.bench, variant(tmp_path, points=plan, steps=steps))
    assert daemon.wait(run)["status"] == "complete"
    names = ["0 V up", "150 mV up", "300 mV", "150 mV down", "0 V down"]
    start = daemon.headers(run, "start")[0]
    assert [p["name"] for p in start["points"]] == names
    assert [p["values"]["source.voltage.dc"] for p in start["points"]] == [0, 0.15, 0.3, 0.15, 0]
    assert [h["text"] for h in daemon.headers(run, "event", event="point.end")] == names
    errors = daemon.headers(run, "result", result="error_of_indication")
    assert [h["nominal"] for h in errors] == [0, 0.15, 0.3, 0.15, 0]

    plan["across"][0] |= {"to": "2.235 V", "points": 448}
    plan["order"] = "down"
    run = daemon.run(bench.bench, variant(tmp_path, points=plan, steps=steps))
    daemon.ask("run.abort", run=run)
    daemon.wait(run)
    assert len(daemon.headers(run, "start")[0]["points"]) == 448
    plan["across"][0] |= {"to": "2.5 V", "points": 501}
    with pytest.raises(Refused, match="these are 501 points, about [0-9]+ too many for one run's start record"):
        daemon.run(bench.bench, variant(tmp_path, points=plan, steps=steps))


def test_runs_are_listed_without_the_daemon_too(bench, daemon):
    def listed():
        done = subprocess.run([BUILD / "etalon", "list", "--json", "--state", daemon.folder / "state"],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["runs"], done.stderr

    for _ in range(2):
        run = daemon.run(bench.bench)
        daemon.wait(run)
        daemon.sealed(run)
    answered, nothing = listed()
    assert [r["status"] for r in answered] == ["complete", "complete"] and not nothing
    daemon.term()
    read, said = listed()
    assert read == answered
    assert "no etalond answers; read from" in said


def test_readings_are_what_the_instruments_said(bench, daemon):
    run = daemon.run(bench.bench)
    daemon.wait(run)
    said = {}
    for t in bench.truth():
        said.setdefault(t["role"] + "." + t["quantity"], []).append(t)
    for h in daemon.headers(run, "reading"):
        if not h["channel"].endswith("voltage.dc"):
            continue
        near = min(said[h["channel"]], key=lambda t: abs(t["utc_ns"] - h["utc_ns"]))
        assert float(h["raw"]) == h["value"]
        assert h["value"] == pytest.approx(near["truth"], abs=2e-3)


def test_results_from_the_readings(bench, daemon):
    run = daemon.run(bench.bench)
    daemon.wait(run)
    results = daemon.headers(run, "result")
    readings = daemon.headers(run, "reading", use="measure")
    means = [r for r in results if r["result"] == "mean" and r["point"] >= 0]
    assert means
    for r in means:
        values = [h["value"] for h in readings if h["channel"] == r["channel"] and h["point"] == r["point"]]
        assert r["n"] == len(values)
        assert r["value"] == pytest.approx(statistics.fmean(values), rel=1e-14, abs=1e-18)
        assert r["experimental_standard_deviation"] == pytest.approx(statistics.stdev(values), rel=1e-9)
    errors = [r for r in results if r["result"] == "error_of_indication"]
    assert errors
    for r in errors:
        def of(channel):
            return {h["k"]: h["value"] for h in readings if h["channel"] == channel and h["point"] == r["point"]}
        a, b = of(r["channel"]), of(r["reference"])
        d = [a[k] - b[k] for k in sorted(a)]
        assert r["method"] == "paired_differences"
        assert r["value"] == pytest.approx(statistics.fmean(d), rel=1e-9)
        assert r["standard_uncertainty_type_a"] == pytest.approx(statistics.stdev(d) / math.sqrt(len(d)), rel=1e-9)


def test_pause_and_resume(bench, daemon):
    run = daemon.run(bench.bench)
    daemon.wait(run, "running")
    daemon.ask("run.pause", run=run, operator="anna", reason="lunch")
    daemon.wait(run, "paused")
    daemon.ask("run.resume", run=run, operator="anna", reason="back")
    assert daemon.wait(run)["status"] == "complete"
    events = daemon.headers(run, "event")
    assert [(e["event"], e["operator"], e["reason"]) for e in events if e["event"] in ("pause", "resume")] == \
        [("pause", "anna", "lunch"), ("resume", "anna", "back")]


def test_stop_is_orderly(bench, daemon):
    run = daemon.run(bench.bench)
    daemon.wait(run, "running")
    daemon.ask("run.stop", run=run, operator="anna", reason="enough")
    assert daemon.wait(run)["status"] == "stopped"
    events = daemon.events(run)
    assert "stop.requested" in events and "safe" in events and "alarm" not in events
    assert daemon.sealed(run)


def test_abort_while_a_read_hangs(bench, daemon):
    run = daemon.run(bench.bench)
    daemon.wait(run, "running")
    bench.do("fault reference silence times=1000")
    until(lambda: any(t["fault"] == "silence" for t in bench.truth("reference")))
    daemon.ask("run.abort", run=run, operator="anna", reason="smoke")
    assert daemon.wait(run)["status"] == "aborted"
    safe = {h["role"]: h["event"] for h in daemon.headers(run, "event") if h["event"] in ("safe", "alarm")}
    assert safe["source"] == "safe"
    assert daemon.sealed(run)


def test_lost_link_holds_and_a_release_measures_again(bench, daemon, tmp_path):
    run = daemon.run(bench.bench, variant(tmp_path, link_loss="1 s"))
    until(lambda: daemon.view(run)["points_done"] >= 1 or daemon.view(run)["state"] == "ended")
    bench.do("fault meter silence times=100000")
    held = daemon.wait(run, "holding")
    assert "meter" in held["reason"] or held["reason"]
    bench.do("clear meter")
    daemon.ask("run.resume", run=run, operator="anna", reason="cable mended")
    assert daemon.wait(run)["status"] == "complete"
    begins = [h for h in daemon.headers(run, "event") if h["event"] == "point.begin"]
    again = [h for h in begins if h["attempt"] == 2]
    assert again and again[0]["supersedes"] == 1
    events = daemon.events(run)
    assert {"link.lost", "link.found", "hold", "release"} <= set(events)
    assert events.index("hold") > events.index("safe")
    results = daemon.headers(run, "result", result="error_of_indication", point=again[0]["point"])
    assert results[0]["attempt"] == 2


@pytest.mark.parametrize("role", ["source", "reference", "meter"])
def test_wrong_identity_is_refused(bench, daemon, role):
    bench.do(f"fault {role} identity times=1000")
    run = daemon.run(bench.bench)
    view = daemon.wait(run)
    assert view["status"] == "failed"
    assert not daemon.headers(run, "reading")
    assert not daemon.headers(run, "exchange", role=role, why="safe"), "a stranger is told nothing"


def test_an_instrument_has_one_run_at_a_time(bench, daemon):
    run = daemon.run(bench.bench)
    with pytest.raises(Refused, match=f"in use by run {run}") as refused:
        daemon.run(bench.bench)
    assert refused.value.code == "state"
    daemon.wait(run)
    assert daemon.wait(daemon.run(bench.bench))["status"] == "complete"


def test_a_shared_thermometer_serves_two_runs(sim, daemon, tmp_path):
    first, second = sim(BENCH), sim(BENCH)
    text = yaml.safe_load(second.bench.read_text())
    text["roles"]["room"] = yaml.safe_load(first.bench.read_text())["roles"]["room"]
    both = tmp_path / "both.yaml"
    both.write_text(yaml.safe_dump(text, sort_keys=False))
    runs = [daemon.run(first.bench), daemon.run(both)]
    for run in runs:
        assert daemon.wait(run)["status"] == "complete"
        assert [h for h in daemon.headers(run, "reading") if h["channel"] == "room.temperature"]
        check_chain(daemon.replay(run))


def test_bad_files_are_refused_with_every_problem(bench, daemon, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text((ROOT / "config/procedures/dc-voltage-quick.yaml").read_text()
                   .replace("reference.voltage.dc", "referense.voltage.dc"))
    with pytest.raises(Refused) as refused:
        daemon.run(bench.bench, bad)
    assert refused.value.code == "config"
    assert f"{bad}:" in str(refused.value) and "error:" in str(refused.value)
    assert not daemon.ask("run.list")["runs"], "no run number is spent"


def test_more_points_than_a_record_holds_are_refused(bench, daemon, tmp_path):
    points = [{"name": f"{i} mV", "values": {"source.voltage.dc": f"{i} mV"}} for i in range(2000)]
    with pytest.raises(Refused, match="2000 points"):
        daemon.run(bench.bench, variant(tmp_path, points=points))


@pytest.mark.parametrize("request_, words", [
    (b"nonsense", "JSON object"), (b"[]", "JSON object"), (b'{"cmd":"run.strat"}', "run.strat"),
    (b'{"cmd":"run.status"}', "missing"), (b'{"cmd":"run.status","args":{"run":7}}', "not a text"),
    (b'{"cmd":"run.status","args":{"run":"x","more":1}}', "more"),
    (b'{"cmd":"status","expires":1}', "expired"), (b'{"cmd":"status","extra":1}', "extra"),
    (b'{"cmd":"run.status","args":{"run":"../../etc"}}', "no run"),
])
def test_bad_requests_are_refused(daemon, request_, words):
    import zmq
    with daemon.context.socket(zmq.REQ) as s:
        s.linger = 0
        s.connect(f"ipc://{daemon.state}/control")
        s.send(request_)
        answer = json.loads(s.recv())
    assert answer["ok"] is False and words in answer["error"]["text"]


def test_two_daemons_never_share_a_state_folder(daemon):
    from etalond import BUILD
    import subprocess
    second = subprocess.run([BUILD / "etalond", "--config", daemon.config, "--state", daemon.state],
                            capture_output=True, text=True, timeout=60)
    assert second.returncode == 1 and "in use by another etalond" in second.stderr


def test_told_to_end_it_leaves_everything_sealed(bench, daemon):
    run = daemon.run(bench.bench)
    daemon.wait(run, "running")
    assert daemon.term() == 0
    daemon.start()
    view = daemon.view(run)
    assert view["status"] in ("stopped", "aborted") and view["archive"]
