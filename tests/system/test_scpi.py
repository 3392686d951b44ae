# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model file can say of an instrument that answers lines, through the whole daemon to the archive."""
import json
import subprocess
import time

import h5py
import numpy as np
import pytest
import yaml

from etalond import BUILD, ROOT, until
from journal_aid import etalon
from matrix import check, judge, matrix, strike_all

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
    assert alone and all(h["field"] == 1 and exchanges[h["exchange"]]["sent"] == "MEAS:TEMP? (@102)\n" for h in alone)
    archive = daemon.sealed(run)
    verified(archive)
    with h5py.File(archive) as f:
        group = f["entry/readings/scanner.temperature@205"]
        assert group.attrs["quantity"] == "temperature" and group.attrs["input"] == "205"
        assert len(group["value"]) == 5


@pytest.mark.parametrize("role", ["by_vxi11", "by_hislip", "by_socket"])
def test_a_set_is_waited_for_by_service_request(bench, daemon, tmp_path, role):
    """SRQ and serial poll where the transport has them; on a plain socket the status byte is asked for."""
    path = procedure(tmp_path, [role, "hygro"], [{"set": {"channel": f"{role}.voltage.dc", "to": "5 V"}},
                                                 {"set": {"channel": f"{role}.voltage.dc", "to": "2 V"}},
                                                 {"measure": {"channels": ["hygro.humidity.relative"], "count": 1}}])
    run = daemon.run(bench.bench, path)
    assert daemon.wait(run)["status"] == "complete"
    exchanges = daemon.headers(run, "exchange", role=role)
    sets = [h for h in exchanges if h["why"] == "set"]
    reads = [h for h in exchanges if h["why"] == "readback"]
    assert [h["sent"] for h in sets if "VOLT" in h["sent"]] == ["*CLS;VOLT 5;*OPC\n", "*CLS;VOLT 2;*OPC\n"]
    assert [float(h["received"]) for h in reads] == [5, 2]
    for s, r in zip([h for h in sets if "VOLT" in h["sent"]], reads):
        assert r["utc_ns"] - s["utc_ns"] > 250e6            # it was not read back before it was done
    assert [t["set"] for t in bench.truth(role) if "set" in t][:2] == [5, 2]


def test_a_power_cycled_instrument_is_never_read_as_it_wakes(bench, daemon, tmp_path):
    """On a serial line nothing else shows that it was switched off and on.  It would read half too much."""
    bench.do("set-world voltage 4")
    steps = [{"measure": {"channels": ["cold.voltage.dc"], "count": 600, "interval": "10 ms"}}]
    run = daemon.run(bench.bench, procedure(tmp_path, ["cold"], steps))
    for i in range(6):
        until(lambda: daemon.events(run).count("attached") > i)
        n = len(measured(daemon, run, "cold.voltage.dc"))
        until(lambda: len(measured(daemon, run, "cold.voltage.dc")) >= n + 5)
        bench.do("power cold quiet")
    assert daemon.wait(run)["status"] == "complete"
    values = [h["value"] for h in measured(daemon, run, "cold.voltage.dc")]
    assert values == [4.0] * 600
    events = daemon.events(run)
    assert events.count("instrument.power_on") >= 6         # the first one when it was attached
    assert events.count("warm_up") >= 6
    zeros = [h for h in daemon.headers(run, "exchange") if h["sent"] == "ZERO\n"]
    assert len(zeros) >= 6


def cold(bench, tmp_path, warm_up):
    """The models of the bench, to be waited for so long."""
    models = tmp_path / "models"
    models.mkdir()
    for model in (ROOT / "tests/system/sim/instruments").glob("*.yaml"):
        (models / model.name).write_text(model.read_text().replace("warm_up: 200 ms", f"warm_up: {warm_up}"))
    text = yaml.safe_load(bench.bench.read_text())
    text["models"], text["standards"] = str(models), str(ROOT / "config/standards")
    bench.bench.write_text(yaml.safe_dump(text, sort_keys=False))


def test_a_warm_up_outlives_the_daemon(bench, daemon, tmp_path):
    cold(bench, tmp_path, "1 h")
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


def test_a_person_says_since_when_it_is_on(bench, daemon, tmp_path):
    """On record in the run that waits, over a restart of the daemon, and no longer once it was switched off."""
    cold(bench, tmp_path, "1 h")
    path = procedure(tmp_path, ["cold"], [{"measure": {"channels": ["cold.voltage.dc"], "count": 2}}], link_loss="300 ms")
    hours_ago = time.time_ns() - 2 * 3600 * 10**9

    def since(ns, **more):
        return daemon.ask("instrument.since", role="cold", since_ns=ns, by="Anna", reason="the log book", **more)

    with pytest.raises(Exception, match="state: no run at work has a role cold"):
        since(hours_ago)
    run = daemon.run(bench.bench, path)
    assert "etalon instrument since cold TIME" in daemon.wait(run, "holding")["reason"]
    for ns, by, why in ((time.time_ns() + 3600 * 10**9, "Anna", "config: cold: .* is still to come"), (hours_ago, "", "who says so"),
                        (hours_ago, "A" * 64, "by: at most 63 bytes"), (0, "Anna", "since_ns: a UTC time")):
        with pytest.raises(Exception, match=why):
            daemon.ask("instrument.since", role="cold", since_ns=ns, by=by)
    with pytest.raises(Exception, match="no run at work"):
        since(hours_ago, run="LAB-1")
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(hours_ago // 10**9))
    done = etalon("instrument", "since", "--state", daemon.state, "--by", "Anna", "--reason", "the log book", "cold", stamp)
    assert done.returncode == 0 and run in done.stdout, done.stderr
    said, = until(lambda: daemon.headers(run, "event", event="instrument.since"))
    assert (said["role"], said["by"], said["reason"]) == ("cold", "Anna", "the log book")
    assert said["since_ns"] == hours_ago // 10**9 * 10**9
    daemon.ask("run.resume", run=run, operator="tester", reason="it is warm")
    assert daemon.wait(run)["status"] == "complete"
    assert len(measured(daemon, run, "cold.voltage.dc")) == 2
    daemon.term()
    daemon.start()
    run = daemon.run(bench.bench, path)
    assert daemon.wait(run)["status"] == "complete"
    assert [h["text"].endswith("as Anna says") for h in daemon.headers(run, "event", event="warm")] == [True]
    bench.do("power cold quiet")
    run = daemon.run(bench.bench, path)
    daemon.wait(run, "holding")
    with pytest.raises(Exception, match="it was switched off, or reset, after 20"):
        since(hours_ago)
    daemon.ask("run.stop", run=run, operator="tester", reason="too cold")
    daemon.wait(run)


def test_since_usage(daemon):
    at = ["--state", daemon.state]
    assert etalon("instrument", "since", *at, "cold").returncode == 2
    assert "is not a UTC time" in etalon("instrument", "since", *at, "cold", "yesterday").stderr
    assert etalon("instrument", "since", "--state", daemon.folder, "cold", "2026-11-24T06:30:00Z").returncode == 3


def test_two_meters_are_triggered_at_one_instant(bench, daemon, tmp_path):
    steps = [{"measure": {"channels": ["left.voltage.dc", "right.voltage.dc"], "count": 20, "interval": "250 ms"}}]
    run = daemon.run(bench.bench, procedure(tmp_path, ["left", "right"], steps))
    assert daemon.wait(run)["status"] == "complete"
    left, right = (measured(daemon, run, f"{role}.voltage.dc") for role in ("left", "right"))
    truth = [sorted(t["utc_ns"] for t in bench.truth(role)) for role in ("left", "right")]
    assert [a["k"] for a in left] == [b["k"] for b in right]
    overlap = sum(abs(a["utc_ns"] - b["utc_ns"]) < (a["span_ns"] + b["span_ns"]) / 2 for a, b in zip(left, right))
    assert overlap > 10             # a guard: on a busy machine one of the two may come late
    skew = sorted(abs(a["at_ns"] - b["at_ns"]) for a, b in zip(left, right))
    assert skew[10] < 20e6          # an aperture: a guard, the measured number is a row of the bench
    for readings, known in ((left, truth[0]), (right, truth[1])):
        off = sorted(abs(r["at_ns"] - at) for r, at in zip(readings, known))
        assert off[10] < 20e6
    triggers = [h for h in daemon.headers(run, "exchange") if h["why"] == "trigger"]
    assert len(triggers) == 40 and all(h["sent"] == "*TRG\n" for h in triggers)
    verified(daemon.sealed(run))


FORMS = {"f32": ("<f4", 1000, 0.5), "f64": ("<f8", 999, 0.5), "i16": ("<i2", 500, 0.01), "i32": ("<i4", 300000, 1e-6),
         "none": ("<i2", 0, 1)}


def test_arrays_of_every_form(bench, daemon, tmp_path):
    """From the bytes on the wire to /entry/blocks; over a stream, and with the end of a message over VXI-11."""
    bench.do("set-world voltage 3")
    channels = [f"digitizer.voltage.dc@{form}" for form in FORMS] + ["digitizer.voltage.dc"]
    scope = ["scope.voltage.dc@f32", "scope.voltage.dc@f64"]
    steps = [{"measure": {"channels": channels + scope, "count": 2}}]
    run = daemon.run(bench.bench, procedure(tmp_path, ["digitizer", "scope"], steps))
    assert daemon.wait(run)["status"] == "complete"
    f = h5py.File(daemon.sealed(run))
    verified(f.filename)
    for form, (dtype, n, step) in FORMS.items():
        group = f[f"entry/blocks/digitizer.voltage.dc@{form}"]
        value, at = group["value"], group["value_offset"][:]
        assert value.dtype == np.dtype(dtype) and list(at) == [0, n, 2 * n]
        assert value.attrs["units"] == "V" and group.attrs["input"] == form
        expected = 3 + step * np.arange(n)
        for k in range(2):
            got = value[at[k]:at[k + 1]] * group.attrs["scale"] + group.attrs["offset"]
            assert np.allclose(got, expected, rtol=1e-6, atol=1e-9)
    assert f["entry/blocks/digitizer.voltage.dc@f32/sample_interval"][0] == 10000
    for form in ("f32", "f64"):
        ours, theirs = (f[f"entry/blocks/{role}.voltage.dc@{form}"] for role in ("digitizer", "scope"))
        assert (ours["value"][:] == theirs["value"][:]).all()
        assert bytes(theirs["raw"][:]) == b"#0\n" * 2
    assert bytes(f["entry/blocks/digitizer.voltage.dc@f64/raw"][:]).count(b"#") == 14
    assert len(f["entry/readings/digitizer.voltage.dc/value"]) == 2
    for h, body in daemon.replay(run):
        h = json.loads(h)
        if h["kind"] == "reading" and h["channel"] == "digitizer.voltage.dc@i32":
            assert h["parts"] == 2 and len(body) == (1 << 20 if h["part"] == 1 else 1200000 - (1 << 20))
            assert h["raw"] == "#71200000" and h["sent"] == "little" and h["shape"] == [300000]


def test_arrays_with_numbers_that_are_none(bench, daemon, tmp_path):
    """A meter out of its range in the middle of an array: counted, marked, and named for whoever takes the numbers."""
    bench.do("set-world voltage 0")
    channels = ["digitizer.voltage.dc@over", "digitizer.voltage.dc@asked"]
    run = daemon.run(bench.bench, procedure(tmp_path, ["digitizer"], [{"measure": {"channels": channels, "count": 2}}]))
    assert daemon.wait(run)["status"] == "complete"
    readings = daemon.headers(run, "reading")
    assert [h["status"] for h in readings] == ["overload", "ok"] * 2
    f = h5py.File(daemon.sealed(run))
    verified(f.filename)
    over, asked = (f[f"entry/blocks/{channel}"] for channel in channels)
    value = over["value"][:200]
    beyond = int((value == -32768).sum())
    assert 0 < beyond < 200 and value.max() < 6
    assert all(h.get("sentinels") == ({"overload": beyond} if h["status"] == "overload" else None) for h in readings)
    assert list(over["sentinels"][:]) == [beyond] * 2 and list(over["status"][:]) == [1, 1]
    assert list(asked["sentinels"][:]) == [0, 0] and list(asked["status"][:]) == [0, 0]
    assert list(over.attrs["sentinel_values"]) == [-32768, 9.9e37, -9.9e37, 9.91e37]
    assert over.attrs["sentinel_meanings"] == "overload overload underload not_a_number" and over.attrs["count"] == 200
    assert asked.attrs["sentinel_meanings"] == "overload"
    counts = [h for h in daemon.headers(run, "exchange") if h["why"] == "count"]
    assert [h["received"] for h in counts] == ["+150"] * 2


def test_an_array_of_many_megabytes(bench, daemon, tmp_path):
    """12 MB in records of at most one; the daemon's memory stays bounded."""
    steps = [{"measure": {"channels": ["digitizer.voltage.dc@big"], "count": 6}}]
    observer = daemon.observe()
    run = daemon.run(bench.bench, procedure(tmp_path, ["digitizer"], steps))
    assert daemon.wait(run)["status"] == "complete"
    with open(f"/proc/{daemon.process.pid}/status") as status:
        peak = int(next(line for line in status if line.startswith("VmHWM")).split()[1])
    assert peak < 400 * 1024, f"{peak} kB"
    f = h5py.File(daemon.sealed(run))
    verified(f.filename)
    value = f["entry/blocks/digitizer.voltage.dc@big/value"]
    assert len(value) == 18000000
    assert (value[3000000:6000000] == (0.5 * np.arange(3000000)).astype("<f4")).all()
    parts = [b for t, h, b in observer.messages if b"digitizer.voltage.dc@big" in t and b"/reading/" in t]
    assert b"".join(parts[:12]) == (0.5 * np.arange(3000000)).astype("<f4").tobytes()
    assert max(map(len, parts)) == 1 << 20
    observer.close()


BROKEN = ["late delay_ms=800", "pieces", "twice", "truncated", "garbage", "wrong-echo", "silence", "close", "unit", "power"]
ARRAYS = {"digitizer.voltage.dc@i16": ("<i2", 0.01, 1), "scope.voltage.dc@f32": ("<f4", 1, 0)}    # type, scale, offset
STEPS = {"digitizer.voltage.dc@i16": 0.01, "scope.voltage.dc@f32": 0.5}
SAMPLES = 50


def noisy_arrays(folder):
    """The bench, its arrays short and each another, their reader not as patient."""
    models = folder / "models"
    models.mkdir()
    for path in (ROOT / "tests/system/sim/instruments").glob("*.yaml"):
        model = yaml.safe_load(path.read_text())
        if path.stem in ("t-digitizer", "t-scope"):
            model["timeout"] = "500 ms"
            for point in model["points"].values():
                if "count" in point.get("block", {}):
                    point["block"]["count"] = SAMPLES
                point["simulate"].update({"noise": 2} | ({"samples": SAMPLES} if "block" in point else {}))
        (models / path.name).write_text(yaml.safe_dump(model, sort_keys=False, allow_unicode=True))
    bench = yaml.safe_load(BENCH.read_text())
    bench["models"], bench["standards"] = str(models), str(ROOT / "config/standards")
    path = folder / "arrays.yaml"
    path.write_text(yaml.safe_dump(bench, sort_keys=False))
    return path


def first_samples(records):
    """Readings of arrays that rise as theirs do, as readings of their first sample."""
    for head, body in ((json.loads(h), b) for h, b in records):
        if head["kind"] != "reading" or head["channel"] not in ARRAYS:
            continue
        if head["status"] == "ok":
            dtype, scale, offset = ARRAYS[head["channel"]]
            samples = np.frombuffer(body, dtype) * scale + offset
            assert np.allclose(samples, samples[0] + STEPS[head["channel"]] * np.arange(SAMPLES), atol=1e-6)
            head["raw"] = f"{samples[0]:.2f}"
        yield head


@matrix
def test_a_broken_array_is_never_taken(sim, daemon, tmp_path, record_property, share):
    bench = sim(noisy_arrays(tmp_path))
    bench.do("set-world voltage 100")
    steps = [{"measure": {"channels": list(ARRAYS), "count": 100000, "interval": "50 ms"}}]
    run = daemon.run(bench.bench, procedure(tmp_path, ["digitizer", "scope", "hygro"], steps, [
        {"channel": "hygro.humidity.relative", "every": "100 ms"}], link_loss="60 s"))
    until(lambda: daemon.view(run)["readings"] > 10)
    kinds = {channel.split(".")[0]: BROKEN for channel in ARRAYS}
    strikes = strike_all(bench, daemon, run, kinds, share)
    daemon.ask("run.abort", run=run, operator="tester", reason="seen enough")
    daemon.wait(run)
    check(first_samples(daemon.replay(run)), [t | {"said": f"{t['value']:.2f}"} for t in bench.truth()])
    judge("arrays", strikes, kinds, daemon, run, ["hygro"], record_property, lambda s: 5e8)
    with h5py.File(daemon.sealed(run)) as f:
        verified(f.filename)
        for channel in ARRAYS:
            n = len(f[f"entry/blocks/{channel}/value_offset"]) - 1
            assert n == len(daemon.headers(run, "reading", channel=channel, status="ok"))
