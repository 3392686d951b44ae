# SPDX-License-Identifier: GPL-3.0-or-later
"""The laboratory answers for a model file: on record, known by its bytes, withdrawn as openly; and every run says how
each of its models stands."""
import hashlib
import json
import shutil

import pytest
import yaml

from etalond import ROOT
from journal_aid import etalon

BENCH = ROOT / "config/benches/demo.yaml"


@pytest.fixture
def models(tmp_path):
    """A copy of two model files with its vocabulary, to be changed."""
    folder = tmp_path / "lab/instruments"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "config/quantities.yaml", tmp_path / "lab")
    shutil.copytree(ROOT / "config/standards", tmp_path / "lab/standards")
    for name in ("demo-dmm8", "demo-dmm6"):
        shutil.copy(ROOT / f"config/instruments/{name}.yaml", folder)
    return folder


def validate(daemon, model, *options):
    return etalon("model", "validate", "--state", daemon.state, "--serial", "0815", "--by", "Anna", "--note",
                  "compared with the front panel at 20 points", *options, model)


def standing(daemon, folder):
    done = etalon("model", "list", "--json", "--state", daemon.state, folder)
    assert done.returncode == 0, done.stderr
    return {m["model"]: m for m in map(json.loads, done.stdout.splitlines())}


def test_validated_changed_withdrawn(daemon, models, tmp_path):
    path = models / "demo-dmm8.yaml"
    assert standing(daemon, models)["demo-dmm8"] == {
        "model": "demo-dmm8", "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "seen": "manual", "validated": False,
        "standing": "-", "serves_a_certificate": False}
    evidence = tmp_path / "report.pdf"
    evidence.write_bytes(bytes(range(256)) * 1000)
    done = validate(daemon, path, "--evidence", evidence)
    assert done.returncode == 0 and "on 0815, by Anna" in done.stdout, done.stderr
    now = standing(daemon, models)
    assert now["demo-dmm8"]["standing"].endswith(" by Anna on 0815") and now["demo-dmm8"]["serves_a_certificate"]
    assert not now["demo-dmm6"]["validated"]
    said = daemon.ask("model.validations")["validations"]
    assert [(v["model"], v["by"], v["serial_number"], v["evidence"]) for v in said] == [
        ("demo-dmm8", "Anna", "0815", "report.pdf")]
    assert said[0]["evidence_sha256"] == hashlib.sha256(evidence.read_bytes()).hexdigest()
    original = path.read_text()
    path.write_text(original + "# a word more\n")
    assert standing(daemon, models)["demo-dmm8"]["standing"].startswith("changed since validated ")
    assert not standing(daemon, models)["demo-dmm8"]["serves_a_certificate"]
    path.write_text(original)
    assert standing(daemon, models)["demo-dmm8"]["validated"]
    done = etalon("model", "withdraw", "--state", daemon.state, "--by", "Boris", "--note", "firmware 2 answers otherwise", path)
    assert done.returncode == 0, done.stderr
    assert standing(daemon, models)["demo-dmm8"]["standing"].startswith("withdrawn ")
    done = etalon("model", "withdraw", "--state", daemon.state, "--note", "again", "demo-dmm8")
    assert done.returncode == 2 and "no validation of model demo-dmm8 stands" in done.stderr
    v = daemon.ask("model.validations")["validations"][0]
    assert v["withdrawn_by"] == "Boris" and v["withdrawn_note"] == "firmware 2 answers otherwise"
    assert etalon("journal", "verify", f"{daemon.state}/lab.journal").returncode == 0


def test_it_is_there_after_a_restart_and_without_a_daemon(daemon, models):
    assert validate(daemon, models / "demo-dmm6.yaml").returncode == 0
    daemon.kill()
    daemon.start()
    assert validate(daemon, models / "demo-dmm8.yaml").returncode == 0
    daemon.kill()
    assert standing(daemon, models)["demo-dmm6"]["validated"]
    daemon.start()
    assert standing(daemon, models)["demo-dmm8"]["validated"]
    assert daemon.ask("model.validations")["validations"][0]["model"] == "demo-dmm6"


def test_a_run_says_how_each_model_stands(sim, daemon):
    bench = sim(BENCH)
    assert validate(daemon, ROOT / "config/instruments/demo-dmm8.yaml").returncode == 0
    run = daemon.run(bench.bench)
    daemon.wait(run)
    roles = daemon.headers(run, "start")[0]["roles"]
    for role in roles.values():
        text = (ROOT / f"config/instruments/{role['model']}.yaml").read_bytes()
        assert role["model_sha256"] == hashlib.sha256(text).hexdigest()
        assert role["model_seen"] is False
        assert role["model_validated"] is (role["model"] == "demo-dmm8")
    assert roles["reference"]["model_validated_by"] == "Anna" and roles["reference"]["model_validated_ns"] > 0


def test_check_warns_of_a_bench(daemon, models, tmp_path):
    bench = yaml.safe_load(BENCH.read_text())
    bench["roles"] = {r: bench["roles"][r] for r in ("reference", "meter")}
    for role in bench["roles"].values():
        role["simulated"] = False
    (tmp_path / "lab/benches").mkdir()
    path = tmp_path / "lab/benches/demo.yaml"
    path.write_text(yaml.safe_dump(bench, sort_keys=False))

    def check():
        done = etalon("check", "--state", daemon.state, path)
        assert done.returncode == 0, done.stdout
        return done.stdout.splitlines()[1:]

    note = "note: {} seen on an instrument nor validated here, so no certificate can rest on {} readings (etalon model validate)"
    assert check() == [f"{path}: " + note.format("demo-dmm8, demo-dmm6 were neither", "their")]
    assert validate(daemon, models / "demo-dmm8.yaml").returncode == 0
    assert check() == [f"{path}: " + note.format("demo-dmm6 was neither", "its")]
    assert validate(daemon, models / "demo-dmm6.yaml").returncode == 0
    assert check() == []
    assert etalon("check", "--state", daemon.state, BENCH).stdout == f"{BENCH}: ok (bench)\n"    # simulated: says so itself


@pytest.mark.parametrize("args, why", [
    ({"model": "m", "sha256": "0" * 63, "serial_number": "1", "by": "a", "note": "n"}, "sha256: expected 64"),
    ({"model": "m", "sha256": "0" * 64, "serial_number": "1", "by": "", "note": "n"}, "by: expected 1 to 2000"),
    ({"model": "m", "sha256": "0" * 64, "serial_number": "1", "by": "a", "note": "n" * 2001}, "note: expected 1 to 2000"),
    ({"model": "m", "sha256": "0" * 64, "serial_number": "1", "by": "a", "note": "n", "evidence": "x"}, "come together"),
    ({"model": "m", "sha256": "0" * 64, "serial_number": "1", "by": "a"}, "'note' is missing"),
])
def test_refusals(daemon, args, why):
    with pytest.raises(Exception, match=why):
        daemon.ask("model.validate", **args)
    assert daemon.ask("model.validations") == {"validations": []}


def test_usage(daemon, models, tmp_path):
    model = models / "demo-dmm8.yaml"
    assert etalon("model", "validate", "--note", "x", model).returncode == 2
    assert etalon("model", "validate", "--serial", "x", model).returncode == 2
    assert validate(daemon, tmp_path / "none.yaml").returncode == 2
    assert validate(daemon, model, "--evidence", tmp_path / "none.pdf").returncode == 2
    model.write_text(model.read_text() + "# TODO something\n")
    done = validate(daemon, model)
    assert done.returncode == 2 and "still to do" in done.stderr
    assert etalon("model", "withdraw", "--state", tmp_path, "--note", "x", "demo-dmm8").returncode == 3
