# SPDX-License-Identifier: GPL-3.0-or-later
"""Results by a measurement model, from the readings of a run to the archive, beside an independent computation."""
import json
import math
import statistics
import subprocess

import h5py
import pytest

from etalond import BUILD, ROOT, Refused

YEAR = 365.25
BENCH = ROOT / "config/benches/demo.yaml"

PROCEDURE = """
procedure: uncertainty
title: DC voltage with budgets
roles: [source, reference, meter, room]
environment:
  - {channel: room.temperature, every: 1 s}
points:
  - {name: +1 V, values: {source.voltage.dc: 1 V}}
  - {name: +10 V, values: {source.voltage.dc: 10 V}}
steps:
  - set: {channel: source.voltage.dc}
  - settle: {channel: reference.voltage.dc, band: 40 uV, window: 200 ms, timeout: 20 s, interval: 50 ms}
  - measure: {channels: [reference.voltage.dc, meter.voltage.dc], count: 6, interval: 200 ms}
results:
  - name: error
    unit: uV
    channel: meter.voltage.dc
    model: difference + step - thermal - level * gain
    inputs:
      difference: {differences: [meter.voltage.dc, reference.voltage.dc]}
      step:       {resolution: meter.voltage.dc}
      thermal:    {estimate: 0 uV, half_width: 0.4 uV, source: four copper junctions}
      level:      {nominal: source.voltage.dc}
      gain:       {estimate: 2.1 uV/V, expanded_uncertainty: 3 uV/V, coverage_factor: 2, common_to: laboratory}
  - name: ratio
    unit: "1"
    model: m / r
    inputs:
      m: {readings: meter.voltage.dc}
      r: {readings: reference.voltage.dc}
    correlations:
      - {between: [m, r]}
  - name: drawn
    unit: V
    method: both
    seed: 7
    model: cell + step
    inputs:
      cell: {estimate: 1.018 V, standard_uncertainty: 1.5 uV, degrees_of_freedom: 200, distribution: t}
      step: {resolution: meter.voltage.dc}
  - name: traced
    unit: V
    model: r + certificate
    inputs:
      r: {readings: reference.voltage.dc}
      certificate: {standard: reference.voltage.dc, conditions: [room.temperature]}
"""


def t_quantile(p, nu):
    """Two-sided: by Simpson's rule and bisection, with nothing of the program's."""
    scale = math.exp(math.lgamma((nu + 1) / 2) - math.lgamma(nu / 2)) / math.sqrt(nu * math.pi)

    def within(t, n=4000):
        f = [scale * (1 + (t * i / n) ** 2 / nu) ** (-(nu + 1) / 2) for i in range(n + 1)]
        return 2 * t / n / 3 * (f[0] + f[-1] + 4 * sum(f[1:-1:2]) + 2 * sum(f[2:-1:2]))

    low, high = 0.0, 100.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if within(middle) < p else (low, middle)
    return low


@pytest.fixture
def ended(sim, daemon, tmp_path):
    """A run of the procedure that has come to its end, and its archive."""
    path = tmp_path / "uncertainty.yaml"
    path.write_text(PROCEDURE)
    run = daemon.run(sim(BENCH).bench, path)
    assert daemon.wait(run)["status"] == "complete"
    return run, daemon.sealed(run)


def measured(heads, channel, point):
    return [h["value"] for h in heads if h["kind"] == "reading" and h["channel"] == channel and h.get("use") == "measure" and
            h["point"] == point and h["status"] == "ok"]


def temperature(heads, point):
    """The mean of what the room said during the point, and last before it; the point has one attempt here."""
    said = [h for h in heads if h["kind"] == "reading" and h["channel"] == "room.temperature"]
    begin, end = (next(h["seq"] for h in heads if h.get("event") == f"point.{e}" and h.get("point") == point)
                  for e in ("begin", "end"))
    return statistics.fmean([h["value"] for h in said if h["seq"] < begin][-1:] +
                            [h["value"] for h in said if begin < h["seq"] < end])


def corrected(heads, r, point):
    """Reading plus correction, and its standard uncertainty, from config/standards/demo-reference.yaml by hand."""
    x = statistics.fmean(r)
    start = next(h for h in heads if h["kind"] == "start")
    rows = [(1, 0.5, 1.2), (10, 3.4, 9.0)]              # V, error in uV, U in uV with k = 2
    weight = min(1, (x - rows[0][0]) / 9)               # beyond the last row its correction holds
    if x < 1:
        rows, weight = [(0, 0.1, 0.4), (1, 0.5, 1.2)], x
    error, u = ((1 - weight) * rows[0][k] + weight * rows[1][k] for k in (1, 2))
    years = (start["utc_ns"] // 86_400_000_000_000 - 20468) / YEAR           # since 2026-01-15
    parts = [statistics.stdev(r) / math.sqrt(6), u / 2 * 1e-6, 2e-6 * years * x / math.sqrt(3),
             0.2e-6 * (temperature(heads, point) - 23) * x / math.sqrt(3)]
    return x - error * 1e-6, math.hypot(*parts)


def test_every_number_is_the_readings(ended, daemon):
    run, archive = ended
    heads = [json.loads(h) for h, _ in daemon.replay(run)]
    results = {(h["name"], h["point"]): h for h in heads if h["kind"] == "result" and h["result"] == "measurement"}
    assert sorted(results) == [(n, p) for n in ("drawn", "error", "ratio", "traced") for p in (0, 1)]
    assert results["error", 0]["channel"] == "meter.voltage.dc" and results["ratio", 0]["channel"] == ""
    step = next(h for h in heads if h["kind"] == "channel" and h["channel"] == "meter.voltage.dc")["resolution"]
    for point, level in enumerate([1, 10]):
        m, r = measured(heads, "meter.voltage.dc", point), measured(heads, "reference.voltage.dc", point)
        d = [(x - y) * 1e6 for x, y in zip(m, r)]
        parts = [statistics.stdev(d) / math.sqrt(6), step * 1e6 / 2 / math.sqrt(3), 0.4 / math.sqrt(3), level * 1.5]
        u = math.sqrt(sum(p * p for p in parts))
        nu = u ** 4 / (parts[0] ** 4 / 5)
        got = results["error", point]
        assert got["value"] == pytest.approx(statistics.fmean(d) - level * 2.1, rel=1e-9)
        assert got["standard_uncertainty"] == pytest.approx(u, rel=1e-9)
        assert got["degrees_of_freedom"] == pytest.approx(nu, rel=1e-6)
        assert got["coverage_factor"] == pytest.approx(t_quantile(0.9545, nu), rel=1e-7)
        assert got["expanded_uncertainty"] == pytest.approx(got["coverage_factor"] * u, rel=1e-9)
        assert got["nominal"] == level
        lines = {line["input"]: line for line in got["budget"]}
        assert [abs(lines[k]["contribution"]) for k in ("difference", "step", "thermal", "gain")] == pytest.approx(parts, rel=1e-9)
        assert sum(line["percent"] for line in got["budget"]) == pytest.approx(100)
        assert lines["gain"]["identity"] == "DEMO/gain" and lines["thermal"]["identity"] == f"{run}/thermal"
        assert lines["gain"]["degrees_of_freedom"] == "infinite"

        # a ratio of means that correlate as the readings do has five degrees of freedom
        mean_m, mean_r = statistics.fmean(m), statistics.fmean(r)
        residues = [(x - mean_m) / mean_r - (y - mean_r) * mean_m / mean_r ** 2 for x, y in zip(m, r)]
        got = results["ratio", point]
        assert got["value"] == pytest.approx(mean_m / mean_r, rel=1e-12)
        assert got["standard_uncertainty"] == pytest.approx(math.sqrt(sum(x * x for x in residues) / 5 / 6), rel=1e-7)
        assert got["degrees_of_freedom"] == pytest.approx(5)

        got = results["drawn", point]
        mc, u = got["monte_carlo"], math.hypot(1.5e-6, step / math.sqrt(12))
        assert got["standard_uncertainty"] == pytest.approx(u, rel=1e-9)
        assert mc["seed"] == 7 and mc["tolerance_reached"]
        assert mc["value"] == pytest.approx(1.018, abs=5 * mc["tolerance"])
        assert mc["standard_uncertainty"] == pytest.approx(u, rel=0.03)
        assert mc["symmetric"][1] - mc["symmetric"][0] == pytest.approx(2 * got["expanded_uncertainty"], rel=0.1)
        assert mc["shortest"][1] - mc["shortest"][0] <= mc["symmetric"][1] - mc["symmetric"][0]

        # the reading of the reference with the correction of its certificate, which the bench's file names
        value, u = corrected(heads, r, point)
        got = results["traced", point]
        assert got["value"] == pytest.approx(value, abs=1e-12)
        assert got["standard_uncertainty"] == pytest.approx(u, rel=1e-9)
        assert {line["identity"].split("/")[0] for line in got["budget"]} == {run, "standard"}

    # what both points owe to one certificate: gain, 1.5 uV/V, at 1 V and at 10 V; and 0.4 uV of junctions
    order = sorted(results.values(), key=lambda h: h["seq"])
    first, second = results["error", 0], results["error", 1]
    shared = second["covariance"][order.index(first)]
    assert shared == pytest.approx(1 * 10 * 1.5 ** 2 + 0.16 / 3, rel=1e-9)
    for h in order:
        assert len(h["covariance"]) == order.index(h) + 1
        assert h["covariance"][-1] == pytest.approx(h["standard_uncertainty"] ** 2, rel=1e-9)
        assert abs(float(h["reported_value"]) - h["value"]) <= 0.06 * h["expanded_uncertainty"]
        assert float(h["reported_expanded_uncertainty"]) >= 0.95 * h["expanded_uncertainty"]

    with h5py.File(archive) as f:
        error = f["entry/results/error"]
        assert error.attrs["units" if "units" in error.attrs else "unit"] == "uV"
        assert list(error["value"]) == [results["error", 0]["value"], results["error", 1]["value"]]
        budget = f["entry/budgets/error/1"]
        assert list(budget["input"].asstr()) == [line["input"] for line in results["error", 1]["budget"]]
        assert math.isinf(budget["dof"][1])
        row, offset = error["covariance"][:], error["covariance_offset"][:]
        assert list(row[offset[1]:offset[2]]) == second["covariance"]
        assert f["entry/results/drawn/trials"][0] > 0

    shown = subprocess.run([BUILD / "etalon", "show", "--budget", archive], capture_output=True, text=True, check=True).stdout
    assert "error at +10 V" in shown and "four copper junctions" in shown
    subprocess.run([BUILD / "etalon", "verify", archive], check=True)


    # which runs rest on the standard: two of the eight results have a line of its certificate
    def impact(*options):
        return subprocess.run([BUILD / "etalon", "impact", "--state", daemon.state, *options], capture_output=True, text=True)

    told = json.loads(impact("--json", "demo-reference").stdout)
    assert (told["run"], told["role"], told["certificate"], told["measurements"], told["resting"]) == (run, "reference", "26-0042", 8, 2)
    assert "2 of 8" in impact("--certificate", "26-0042", "demo-reference").stdout
    for options in (["another"], ["--since", "2099-01-01", "demo-reference"], ["--certificate", "1", "demo-reference"]):
        assert impact(*options).stdout.startswith("no run rests on")
    assert "2026-03-14" in impact("--since", "yesterday", "demo-reference").stderr


@pytest.mark.parametrize("old, new, says", [
    ("model: m / r", "model: m / q", "no input"),
    ("model: m / r", "model: m / r +", "column"),
    ("model: m / r", "model: m", "ratio"),
    ("model: difference + step", "model: difference + level^2 + step", "column"),
    ('unit: "1"', "unit: V", "ratio"),
    (", conditions: [room.temperature]", "", "influence of temperature"),
])
def test_a_model_that_does_not_fit_is_refused_before_anything_moves(sim, daemon, tmp_path, old, new, says):
    bench = sim(BENCH)
    path = tmp_path / "uncertainty.yaml"
    path.write_text(PROCEDURE.replace(old, new, 1))
    with pytest.raises(Refused) as refused:
        daemon.run(bench.bench, path)
    assert says in str(refused.value) and "uncertainty.yaml" in str(refused.value)


def test_what_cannot_be_evaluated_says_why(sim, daemon, tmp_path):
    path = tmp_path / "uncertainty.yaml"
    path.write_text(PROCEDURE.replace("count: 6", "count: 1"))
    run = daemon.run(sim(BENCH).bench, path)
    assert daemon.wait(run)["status"] == "complete"
    heads = [json.loads(h) for h, _ in daemon.replay(run)]
    results = [h for h in heads if h["kind"] == "result" and h["result"] == "measurement"]
    assert len(results) == 8
    results = [h for h in results if h["name"] != "drawn"]      # which rests on no readings
    assert all(h["value"] is None and "pooled_deviation" in h["reason"] for h in results)
    subprocess.run([BUILD / "etalon", "verify", daemon.sealed(run)], check=True)


def test_the_daemon_carries_no_numerics():
    libraries = subprocess.run(["ldd", BUILD / "etalond"], capture_output=True, text=True, check=True).stdout
    assert "libudunits2" in libraries
    assert not [word for word in ("gsl", "hdf5", "muparser", "xml2") if word in libraries]
