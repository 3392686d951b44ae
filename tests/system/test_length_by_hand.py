# SPDX-License-Identifier: GPL-3.0-or-later
"""A micrometer on gauge blocks as it is shipped: bench, procedure, models, and the picture of how it is read."""
import hashlib
import json

import h5py
import pytest
import yaml

from by_hand import Person
from etalond import ROOT, until

BENCH = ROOT / "config/benches/length-by-hand.yaml"
PROCEDURE = ROOT / "config/procedures/micrometer.yaml"
PICTURE = ROOT / "config/instruments/outside-micrometer.svg"
LENGTHS = [0, 2.5, 5.1, 7.7, 10.3, 12.9, 15, 17.6, 20.2, 22.8, 25]


def test_a_person_reads_it(daemon):
    """The block is what its certificate says; the error of indication is that of the three readings."""
    run = daemon.run(BENCH, PROCEDURE)
    ada = Person(daemon, run)
    ada.answer("serial", "set 7", role="block")
    ada.answer("serial", "MIC-3", role="micrometer")
    for length in LENGTHS:
        q = ada.answer("reading", f"{length + 0.00004:.5f}", role="block")
        assert q["point_name"] == f"{length:g} mm"
        for k, off in enumerate((0, 0.001, 0.002)):
            q = until(lambda: [x for x in ada.questions() if x["role"] == "micrometer" and x.get("k") == k])[0]
            assert q["unit"] == "mm" and q["picture"] == PICTURE.name
            assert q["picture_sha256"] == hashlib.sha256(PICTURE.read_bytes()).hexdigest()
            ada.say(q, f"{length + off:.3f} mm")
    assert daemon.wait(run)["status"] == "complete"
    errors = [r["value"] for r in daemon.headers(run, "result", result="error_of_indication")]
    assert errors == pytest.approx([0.001 - 0.00004] * len(LENGTHS), abs=1e-9)
    head, body = next((json.loads(h), b) for h, b in daemon.replay(run) if b'"image/svg+xml"' in h)
    assert (head["name"], body) == (PICTURE.name, PICTURE.read_bytes())
    with h5py.File(daemon.sealed(run)) as f:
        assert bytes(f[f"entry/pictures/{PICTURE.name}/data"][()]) == PICTURE.read_bytes()


def test_a_person_is_played(sim, daemon, tmp_path):
    """Its simulated twin: a thousandth too much, wherever it stands."""
    bench = yaml.safe_load(BENCH.read_text())
    bench["models"] = str(ROOT / "config/instruments")
    for role in bench["roles"].values():
        role["simulated"] = True
    path = tmp_path / "bench.yaml"
    path.write_text(yaml.safe_dump(bench))
    s = sim(path, "--control", f"ipc://{daemon.state}/control")
    s.do("set-world length 12.9")
    run = daemon.run(s.bench, PROCEDURE)
    assert daemon.wait(run)["status"] == "complete"
    assert {r["value"] for r in daemon.headers(run, "reading") if r["channel"] == "block.length"} == {12.9}
    errors = [r["value"] for r in daemon.headers(run, "result", result="error_of_indication")]
    assert len(errors) == len(LENGTHS) and errors == pytest.approx([0.001] * len(LENGTHS), abs=0.002)
