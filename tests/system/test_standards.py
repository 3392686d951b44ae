# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench's standards: refused past due, outside their certificate, or as another instrument; the override on record."""
import datetime
import json
import subprocess

import h5py
import pytest
import yaml

from etalond import BUILD, ROOT, Refused

BENCH = ROOT / "config/benches/demo.yaml"


@pytest.fixture
def bench(sim):
    return sim(BENCH).bench


def standard(bench, due="2099-12-31", reach=10.5, serial="SIM-0002"):
    """The reference's file of the demonstration, otherwise, and the bench that uses it."""
    text = yaml.safe_load((ROOT / "config/standards/demo-reference.yaml").read_text())
    text["serial_number"] = serial
    certificate = text["certificates"][0]
    certificate.update(due=due, calibrated=str(certificate["calibrated"]), issued=str(certificate["issued"]))
    result = certificate["results"][0]
    result["range"] = {"from": f"{-reach} V", "to": f"{reach} V"}
    folder = bench.parent / "standards"
    folder.mkdir(exist_ok=True)
    path = folder / "demo-reference.yaml"
    path.write_text(yaml.safe_dump(text, sort_keys=False, allow_unicode=True))
    bench.write_text(bench.read_text() + "\nstandards: standards\n" if "standards:" not in bench.read_text() else bench.read_text())
    return path


def start(daemon, bench, **args):
    return daemon.ask("run.start", procedure=str(ROOT / "config/procedures/dc-voltage-quick.yaml"), bench=str(bench),
                      operator="tester", **args)["run"]


def test_past_due_and_outside(daemon, bench):
    path = standard(bench, due="2026-02-01", reach=0.5)
    with pytest.raises(Refused) as refused:
        start(daemon, bench)
    said = str(refused.value)
    assert "role 'reference': standard demo-reference was due on 2026-02-01 by certificate 26-0042" in said
    assert f"{path.name}:" in said and "have it calibrated" in said and "--override" in said
    assert "point '+1 V', reference.voltage.dc: 1 V is outside what certificate 26-0042" in said and "point '0 V'" not in said
    assert daemon.ask("run.list")["runs"] == []
    with pytest.raises(Refused, match="an override says by whom"):
        start(daemon, bench, override_by="Anna")
    dry = subprocess.run([BUILD / "etalon", "run", "--dry", ROOT / "config/procedures/dc-voltage-quick.yaml", bench,
                          "--quantities", ROOT / "config/quantities.yaml"], capture_output=True, text=True, timeout=60)
    assert dry.returncode == 1 and "was due on 2026-02-01" in dry.stderr


def test_another_instrument(daemon, bench):
    standard(bench, serial="SIM-0009")
    with pytest.raises(Refused, match="standard demo-reference has the serial number SIM-0009"):
        start(daemon, bench)


def test_override_is_on_record_through_a_crash(daemon, bench):
    path = standard(bench, due="2026-02-01")
    text = path.read_bytes()
    run = start(daemon, bench, override_by="Anna", override_why="the institute is late")
    daemon.wait(run, "running")
    daemon.kill()
    path.unlink()                                          # what it rests on is in its journal
    daemon.start()
    assert daemon.wait(run)["status"] == "complete"
    begun = daemon.headers(run, "start")[0]
    assert begun["override"]["by"] == "Anna" and begun["override"]["why"] == "the institute is late"
    assert "was due on 2026-02-01" in begun["override"]["refused"][0] and begun["override"]["refusals"] == 1
    role = begun["roles"]["reference"]
    assert role["certificate"] == "26-0042" and role["certificate_due"] == "2026-02-01" and role["standard"] == "demo-reference"
    assert "standard" not in begun["roles"]["meter"]
    kept = daemon.headers(run, "file", what="standard")
    assert [(k["name"], k["sha256"]) for k in kept] == [("demo-reference", role["standard_sha256"])]
    archive = daemon.sealed(run)
    shown = subprocess.run([BUILD / "etalon", "show", archive], capture_output=True, text=True, timeout=60)
    assert "OVERRIDE   by Anna: the institute is late" in shown.stdout
    with h5py.File(archive) as f:
        assert f["entry/override/by"][()].decode() == "Anna"
        assert f["entry/standards/demo-reference/data"][()] == text
        assert f["entry/instruments/reference/certificate"][()].decode() == "26-0042"


def test_without_need_no_override_is_recorded(daemon, bench):
    standard(bench)
    run = start(daemon, bench, override_by="Anna", override_why="in case")
    daemon.wait(run)
    begun = daemon.headers(run, "start")[0]
    assert "override" not in begun and begun["roles"]["reference"]["certificate"] == "26-0042"


def due(*args):
    return subprocess.run([BUILD / "etalon", "due", "--quantities", ROOT / "config/quantities.yaml", *args], capture_output=True,
                          text=True, timeout=60)


def test_due(tmp_path):
    folder = tmp_path / "bench.yaml"
    folder.write_text("")
    standard(folder, due="2026-02-01")
    item = tmp_path / "demo-meter.yaml"
    tomorrow = datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=2)
    month, day = tomorrow.month, min(tomorrow.day, 28)
    text = (ROOT / "config/items/demo-meter.yaml").read_text()
    item.write_text(text + f"calibrated: {tomorrow.year - 1}-{month:02}-{day:02}\n")
    done = due("--json", tmp_path / "standards", item)
    assert done.returncode == 1, done.stderr
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["due"] == "2026-02-01" and first["kind"] == "standard" and first["days"] < 0 and "26-0042" in first["by"]
    assert second["due"] == f"{tomorrow.year}-{month:02}-{day:02}" and second["name"] == "demo-meter"
    assert "PAST DUE" in due(tmp_path / "standards").stdout
    assert due("--within", "30", item).returncode == 0 and due("--within", "x", item).returncode != 0
    item.write_text(text)
    assert due("--json", item).stdout == ""
    item.write_text(text.replace("35 ppm", "35 uV"))
    spoiled = due(item)
    assert spoiled.returncode == 2 and "demo-meter.yaml:" in spoiled.stderr
    assert "neither a standard nor an item" in due(ROOT / "config/benches/demo.yaml").stderr


def test_from_a_digital_certificate(tmp_path):
    certificate = tmp_path / "t-26-001.xml"
    certificate.write_bytes((ROOT / "tests/fuzz/corpus/dcc/thermometer.xml").read_bytes())

    def draft(*args):
        return subprocess.run([BUILD / "etalon", "standard", "new", "--name", "probe", *args, certificate], capture_output=True,
                              text=True, timeout=60)

    def check():
        done = subprocess.run([BUILD / "etalon", "check", "--quantities", ROOT / "config/quantities.yaml", tmp_path / "probe.yaml"],
                              capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout

    done = draft("--quantity", "temperature")
    assert done.returncode == 0 and "{indication: 33.17 degC, value: 33.098 degC, error: 0.072 K, U: 0.061 K, k: 2}" in done.stdout
    (tmp_path / "probe.yaml").write_text(done.stdout)
    status, said = check()
    assert status == 0, said
    certificate.write_bytes(certificate.read_bytes().replace(b"33.098", b"33.097"))
    status, said = check()
    assert status == 1 and "t-26-001.xml is not the file this was copied from, its SHA-256 is" in said
    (tmp_path / "probe.yaml").write_text(draft().stdout)
    status, said = check()
    assert status == 1 and "quantity: expected a text, found nothing" in said
    certificate.write_text("<!DOCTYPE x><x/>")
    done = draft()
    assert done.returncode == 2 and done.stdout == "" and "it has a DOCTYPE" in done.stderr
