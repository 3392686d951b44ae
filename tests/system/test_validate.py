# SPDX-License-Identifier: GPL-3.0-or-later
"""`etalon validate`: the published cases on this installation, and the record of them."""
import hashlib
import json
import os

import pytest

from journal_aid import BUILD, etalon


@pytest.fixture(scope="module")
def validated(tmp_path_factory):
    path = tmp_path_factory.mktemp("validate") / "record.json"
    done = etalon("validate", "--output", path)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout, path.read_bytes()


def test_every_figure_agrees(validated):
    record = json.loads(validated[1])
    figures = [f for c in record["cases"] for f in c["figures"]]
    assert record["seed"] == 1
    assert record["passed"] is True and len(figures) == record["figures"] == record["agreeing"] >= 60
    assert all(f["agrees"] for f in figures) and all(c["trouble"] is None for c in record["cases"])
    sources = " ".join(c["source"] for c in record["cases"])
    for document in ("JCGM 100:2008, H.1", "H.3", "H.5", "JCGM 101:2008, 9.2.2", "9.3", "JCGM 106", "NIST StRD", "SP 1065",
                     "ITS-90"):
        assert document in sources


def test_figures_are_computed_and_not_copied(validated):
    """The record has more digits than are printed anywhere; compared here without the program's own judgement."""
    record = json.loads(validated[1])
    for case in record["cases"]:
        for f in case["figures"]:
            if f["rule"] == "rounds to it":
                mantissa, _, exponent = f["published"].lower().partition("e")
                last = int(exponent or 0) - len(mantissa.partition(".")[2])
                assert abs(f["computed"] - float(f["published"])) <= 0.5000001 * 10 ** last, (case["name"], f)
            elif f["rule"] == "within":
                assert abs(f["computed"] - float(f["published"])) <= f["bound"], (case["name"], f)
            elif f["rule"] == "significant digits":
                assert f["computed"] == pytest.approx(float(f["published"]), rel=10 ** -f["bound"], abs=0), (case["name"], f)
    gauge = record["cases"][0]["figures"]
    assert (gauge[1]["published"], gauge[1]["digits"], gauge[1]["digits_agreed"]) == ("32", 2, 2)
    assert gauge[1]["computed"] == pytest.approx(31.6640, abs=1e-3) and gauge[1]["computed"] != 32


def test_the_last_line_is_of_the_record(validated):
    table, record = validated
    last = table.splitlines()[-1]
    software = json.loads(record)
    assert last.endswith("SHA-256 of the record " + hashlib.sha256(record).hexdigest())
    for part in (software["software"]["version"], software["software"]["build"], "GSL " + software["libraries"]["gsl"],
                 "glibc " + software["libraries"]["glibc"], software["machine"]["architecture"], software["machine"]["host"]):
        assert part in last
    assert "DOES NOT AGREE" not in table and table.splitlines()[-2].startswith(f"{software['figures']} of {software['figures']} ")


def test_the_same_figures_every_time(validated):
    done = etalon("validate", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["cases"] == json.loads(validated[1])["cases"]


def test_a_wrong_library_is_found(tmp_path):
    """Student's t off by a twentieth in its tails: the coverage factor of H.1 is not 2.92, all else stays."""
    wrong = {"LD_PRELOAD": str((BUILD / "tests/shim/wrong_gsl.so").resolve()), "ASAN_OPTIONS": "verify_asan_link_order=0"}
    done = etalon("validate", "--output", tmp_path / "record.json", env=os.environ | wrong)
    record = json.loads((tmp_path / "record.json").read_text())
    bad = {f["name"]: f for c in record["cases"] for f in c["figures"] if not f["agrees"]}
    assert done.returncode == 1 and record["passed"] is False and record["agreeing"] == record["figures"] - len(bad)
    assert "k of 99 %" in bad and bad["k of 99 %"]["digits_agreed"] < 3 and len(bad) <= 2
    assert done.stdout.count("DOES NOT AGREE") == len(bad)


def test_a_record_that_cannot_be_kept_is_said(tmp_path):
    done = etalon("validate", "--output", tmp_path / "nowhere" / "record.json")
    assert done.returncode == 2 and "nowhere/record.json.part: No such file or directory" in done.stderr
    assert etalon("validate", "surplus").returncode == 2
