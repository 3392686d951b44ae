# SPDX-License-Identifier: GPL-3.0-or-later
"""`etalon stability` on journals whose answers are published: NIST SP 1065, chapter 12."""
import json

import pytest

import journal_aid
from journal_aid import BEGIN, RUN, etalon, make_journal

S = 1000000000
COUNTER, CLOCK, METER = "counter.frequency", "counter.time", "meter.voltage.dc"


def thousand():
    n, y = 1234567890, []
    for _ in range(1000):
        y.append(n / 2147483647)
        n = n * 16807 % 2147483647
    return y


def journal(folder, channel, unit, readings):
    """readings: (time in s, value or None)."""
    lines = journal_aid.begun()
    lines.add("channel", channel, role=channel.split(".")[0], quantity=channel.split(".", 1)[1], unit=unit,
              instrument="demo-dmm6", ask="READ?", datatype="float64", environment=False, aperture_ns=0, simulated=True)
    lines.add("event", event="point.begin", text="", point=0, attempt=1)
    for k, (t, value) in enumerate(readings):
        journal_aid.add_reading(lines, channel, value, unit, "raw", at_ns=BEGIN + int(t * S), point=0, attempt=1,
                                step=2, k=k, use="measure")
    folder.mkdir(exist_ok=True)
    return make_journal(folder / RUN, lines)


def stability(*args):
    done = etalon("stability", "--json", *args)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def value(answer, kind, m):
    return next(d for d in answer["deviations"] if (d["kind"], d["m"]) == (kind, m))


def test_the_thousand_points_as_values(tmp_path):
    answer = stability(journal(tmp_path, METER, "V", enumerate(thousand())))
    assert (answer["run"], answer["channel"], answer["as"], answer["unit"]) == (RUN, METER, "value", "V")
    assert (answer["readings"], answer["used"], answer["gaps"], answer["interval_s"]) == (1000, 1000, 0, 1)
    for kind, published in ("ADEV", 2.922319e-01), ("OADEV", 2.922319e-01), ("MDEV", 2.922319e-01):
        assert value(answer, kind, 1)["value"] == pytest.approx(published, rel=3e-7)
    one = value(answer, "OADEV", 1)
    assert one["noise"] == "white" and one["low"] == pytest.approx(0.28515, rel=1e-3)
    assert one["high"] == pytest.approx(0.29987, rel=1e-3)        # Stable32
    assert not [d for d in answer["deviations"] if d["kind"] == "TDEV"]


def test_frequencies_are_fractions(tmp_path):
    folder = journal(tmp_path, COUNTER, "Hz", [(10 * i, 1e7 * (1 + 1e-9 * y)) for i, y in enumerate(thousand())])
    answer = stability("--nominal", "1e7", folder, COUNTER)
    assert (answer["as"], answer["unit"], answer["nominal"], answer["interval_s"]) == ("frequency", "1", 1e7, 10)
    assert value(answer, "OADEV", 1)["value"] == pytest.approx(2.922319e-10, rel=1e-6)
    assert value(answer, "TDEV", 1)["value"] == pytest.approx(1.687202e-09, rel=1e-6)
    assert value(answer, "TDEV", 1)["noise"] == "white FM"
    assert value(answer, "OADEV", 256)["noise_at_m"] == 32      # of 1001 phases 32 are 32 apart


def test_phases_are_taken_as_they_are(tmp_path):
    frequencies = [892, 809, 823, 798, 671, 644, 883, 903, 677]
    phases = [sum(frequencies[:i]) for i in range(10)]
    folder = journal(tmp_path, CLOCK, "s", enumerate(phases))
    answer = stability("--kind", "oadev", folder)
    assert {d["kind"] for d in answer["deviations"]} == {"OADEV"}
    assert value(answer, "OADEV", 1)["value"] == pytest.approx(91.22945, rel=1e-7)
    assert value(answer, "OADEV", 2)["value"] == pytest.approx(85.95287, rel=1e-7)
    assert value(answer, "OADEV", 2)["noise"] is None and value(answer, "OADEV", 2)["high"] is None


def test_units_are_converted(tmp_path):
    y = thousand()[:100]
    fractions = stability("--as", "frequency", journal(tmp_path / "1", COUNTER, "1", enumerate(y)))
    assert (fractions["as"], fractions["unit"], fractions["nominal"]) == ("frequency", "1", None)
    assert (value(fractions, "OADEV", 4)["noise"], value(fractions, "OADEV", 4)["noise_at_m"]) == ("white FM", 2)
    hertz = stability("--nominal", "1e6", journal(tmp_path / "k", COUNTER, "kHz", [(i, 1e3 + v) for i, v in enumerate(y)]))
    assert value(hertz, "TDEV", 4)["value"] == pytest.approx(1e-3 * value(fractions, "TDEV", 4)["value"], rel=1e-9)
    phases = [sum(y[:i]) for i in range(101)]
    ns = stability(journal(tmp_path / "n", CLOCK, "ns", enumerate(phases)))
    assert (ns["as"], ns["unit"]) == ("phase", "s")
    assert value(ns, "MDEV", 4)["value"] == pytest.approx(1e-9 * value(fractions, "MDEV", 4)["value"], rel=1e-9)
    done = etalon("stability", "--as", "phase", tmp_path / "k" / RUN)
    assert done.returncode == 2 and "is in kHz and no phase" in done.stderr


def test_gaps_are_told(tmp_path):
    y = thousand()[:100]
    readings = [(i + (50 if i >= 30 else 0), None if i == 90 else v) for i, v in enumerate(y)]
    folder = journal(tmp_path, METER, "V", readings)
    answer = stability(folder)
    assert (answer["readings"], answer["first"], answer["used"], answer["gaps"]) == (99, 30, 60, 2)
    done = etalon("stability", folder)
    assert done.returncode == 0
    assert f"{RUN}, {METER}: 60 readings, 1 s apart" in done.stdout
    assert "of 99 readings with 2 gaps" in done.stdout
    assert "* too few readings so far apart" in done.stdout


def test_what_it_cannot_do(tmp_path):
    folder = journal(tmp_path, METER, "V", enumerate([1, 2, 3, 4]))
    done = etalon("stability", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "has 4 of 4; 5 or more are needed" in done.stderr
    done = etalon("stability", folder, "no.such")
    assert done.returncode == 2 and f"there are of {METER}" in done.stderr
    both = make_journal(tmp_path / "both", journal_aid.measured())
    assert "name one of its channels: " in etalon("stability", both).stderr
    for wrong in ("--probability", "1"), ("--as", "colour"), ("--kind", "hdev"), ("--nominal", "x"):
        assert etalon("stability", *wrong, folder).returncode == 2
