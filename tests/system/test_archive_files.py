# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives as others see them: h5py, h5dump, a NeXus viewer's way to the plot, the digest from its description."""
import hashlib
import os
import re
import shutil
import subprocess

import h5py
import numpy as np
import pytest

import archive_digest
import journal_aid
from journal_aid import BUILD, METER, ROOM, etalon


def build(folder, lines):
    """A journal of these lines and its archive: (journal, archive)."""
    journal, archive = journal_aid.make_journal(folder / "journal", lines), folder / "run.h5"
    done = etalon("rebuild", journal, "-o", archive)
    assert done.returncode == 0, done.stderr
    return journal, archive


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    found = journal_aid.evaluated(tmp_path_factory.mktemp("evaluate"))
    found.stop()
    return found


@pytest.fixture(scope="module")
def whole(lines, tmp_path_factory):
    return build(tmp_path_factory.mktemp("archive"), lines)


@pytest.fixture
def f(whole):
    with h5py.File(whole[1]) as file:
        yield file


def sealed_digest(file):
    return file["entry/seal/digest"].asstr()[()]


def test_five_lines_of_h5py_read_it(whole):
    file = h5py.File(whole[1])
    meter = file["entry/readings/meter.voltage.dc"]
    good = meter["status"][:] == 0
    print(meter["time"][good].view("M8[ns]"), meter["value"][good], meter["value"].attrs["units"])
    assert good.sum() == np.isfinite(meter["value"][:]).sum() > 0
    assert meter["value"].attrs["units"] == "V"


def test_the_independent_digest_is_the_same(whole):
    with h5py.File(whole[1]) as file:
        assert archive_digest.digest(whole[1]) == sealed_digest(file)


def cut_short():
    lines = journal_aid.begun()
    lines.stop("interrupted")
    return lines


def without_results():
    lines = journal_aid.measured()
    lines.stop("aborted")
    return lines


def odd_texts():
    lines = journal_aid.Lines()
    lines.add("file", body="\xff\0\1", what="other", name="../a/b", sha256="0", bytes=3, part=1, parts=1,
              media_type="application/octet-stream")
    lines.add("event", event="note", text="Ω \0 ends \U0001f600")
    lines.add("reading", "odd.name", value=-0.0, unit="V", status="ok", raw="\0\xff\r\n")
    lines.add("reading", "odd.name", value=None, unit="V", status="overload", raw="")
    lines.stop()
    return lines


@pytest.mark.parametrize("made", [cut_short, without_results, odd_texts])
def test_the_independent_digest_of_other_runs(tmp_path, made):
    _, archive = build(tmp_path, made())
    with h5py.File(archive) as file:
        assert archive_digest.digest(archive) == sealed_digest(file)


def test_columns_of_many_chunks_are_whole(tmp_path):
    n = 30000
    subprocess.run([BUILD / "tests/system/fill_journal", tmp_path / "journal", str(n), "1000", "4000000", "close"],
                   check=True)
    archive = tmp_path / "run.h5"
    done = etalon("rebuild", tmp_path / "journal", "-o", archive)
    assert done.returncode == 0, done.stderr
    with h5py.File(archive) as file:
        assert archive_digest.digest(archive) == sealed_digest(file)
        meter, record = file["entry/readings/meter.voltage.dc"], file["entry/record"]
        assert meter["sequence"].id.get_num_chunks() > 1 and record["header"].id.get_num_chunks() > 10
        assert (meter["sequence"][:] == np.arange(0, n, 3)).all()
        assert meter["raw"][:].tobytes() == b"+1.5\n\xff\0" * (n // 3)
        lengths = [i % 300 if i % 10 == 9 else 0 for i in range(n)]
        assert (np.diff(record["body_offset"][:n + 1].astype(int)) == lengths).all()
        assert record["header"][-1] == ord("}")


def test_the_chain_checks_with_a_few_lines(f):
    """docs/archive.md, "The records"."""
    r = f["entry/record"]
    headers, at = r["header"][:].tobytes(), r["header_offset"][:]
    bodies, b_at = r["body"][:].tobytes(), r["body_offset"][:]
    prev = bytes(32)
    for i in range(len(at) - 1):
        header = headers[at[i]:at[i + 1]].replace(b'"prev":""', b'"prev":"%s"' % prev.hex().encode(), 1)
        assert r["prev"][i].tobytes() == prev
        body = bodies[b_at[i]:b_at[i + 1]]
        prev = hashlib.sha256(prev + hashlib.sha256(len(header).to_bytes(4, "little") + header + body).digest()).digest()
    assert prev.hex() == f["entry/seal/head"].asstr()[()]
    assert len(at) - 1 == f["entry/seal/records"][()]


def test_columns_are_the_records(f, lines):
    readings = [line for line in lines if line["kind"] == "reading" and line["channel"] == METER]
    g = f["entry/readings"][METER]
    for i, line in enumerate(readings):
        keys = line["keys"]
        assert g["time"][i] == line["utc_ns"]
        assert g["raw"][g["raw_offset"][i]:g["raw_offset"][i + 1]].tobytes().decode("latin-1") == keys["raw"]
        if keys["status"] == "ok":
            assert g["value"][i] == keys["value"] and g["status"][i] == 0
        else:
            assert np.isnan(g["value"][i])
            meanings = g["status"].attrs["flag_meanings"].split()
            assert meanings[g["status"][i]] == keys["status"]
        assert g["point"][i] == keys.get("point", -1)
    assert len(g["time"]) == len(readings)
    assert ROOM in f["entry/environment"] and METER not in f["entry/environment"]


def every_dataset(group):
    found = []
    group.visititems(lambda name, node: found.append(node) if isinstance(node, h5py.Dataset) else None)
    return found


def test_every_dataset_has_units(f):
    assert all("units" in d.attrs for d in every_dataset(f))
    assert f["entry/readings"][METER]["time"].attrs["units"] == "ns"
    assert f["entry/readings"][METER]["time"].attrs["start"] == "1970-01-01T00:00:00Z"


def test_what_is_simulated_says_so(f):
    assert f.attrs["simulated"] == 1
    assert f["entry/simulated"][()] == 1
    assert f["entry/title"].asstr()[()].endswith("(simulated)")


def plotted(file):
    """Follows the default attributes as a viewer does, to an NXdata."""
    node = file
    while node.attrs["NX_class"] != "NXdata":
        node = node[node.attrs["default"]]
    return node


def test_the_default_plot_is_the_error_of_indication(f):
    data = plotted(f)
    assert data.name == "/entry/results/error"
    signal, axis = data[data.attrs["signal"]], data[data.attrs["axes"]]
    assert signal.shape == axis.shape == data[data.attrs["signal"] + "_errors"].shape
    assert axis.name.endswith("/nominal")


def test_without_results_the_readings_are_plotted(tmp_path):
    _, archive = build(tmp_path, without_results())
    with h5py.File(archive) as file:
        data = plotted(file)
        assert data["value"].shape == data["time"].shape
        assert data["value"].name == "/entry/data/value"
        assert data.get("value", getlink=True).path.startswith("/entry/readings/")


def test_texts_are_verbatim(f):
    for path, name in (("config/quantities.yaml", "quantities"), ("config/benches/demo.yaml", "bench"),
                       ("config/instruments/demo-dmm8.yaml", "models/demo-dmm8")):
        text = (journal_aid.ROOT / path).read_bytes()
        note = f["entry"][name]
        assert note["data"][()] == text
        assert note["sha256"].asstr()[()] == hashlib.sha256(text).hexdigest()


def test_h5dump_reads_all_of_it(whole):
    for tool in (["h5dump"], ["h5ls", "-r"]):
        done = subprocess.run([*tool, whole[1]], capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr
        assert METER in done.stdout


def test_no_type_is_newer_than_the_1_8_format(whole):
    assert whole[1].read_bytes()[8] == 2  # version of the superblock: that of HDF5 1.8


def rebuilt_elsewhere(journal, folder, *command, **environment):
    archive = folder / "elsewhere.h5"
    subprocess.run([*command, BUILD / "etalon", "rebuild", journal, "-o", archive], check=True,
                   stdout=subprocess.DEVNULL,
                   env=dict(os.environ, ASAN_OPTIONS="verify_asan_link_order=0", **environment))
    with h5py.File(archive) as file:
        return sealed_digest(file), archive.read_bytes()


@pytest.mark.skipif(not shutil.which("faketime"), reason="faketime is not installed")
def test_another_day_another_zone_another_name_the_same_digest(whole, tmp_path):
    first = rebuilt_elsewhere(whole[0], tmp_path)
    moved = tmp_path / "moved"
    shutil.copytree(whole[0], moved)
    again = rebuilt_elsewhere(moved, tmp_path, "faketime", "2041-02-03 04:05:06", TZ="Asia/Tokyo",
                              LC_ALL="C.UTF-8", LANG="ru_RU.UTF-8")
    assert again == first


def test_verify_proves_it(whole):
    done = etalon("verify", whole[1], "--journal", whole[0])
    assert done.returncode == 0


def test_a_changed_value_is_found(whole, tmp_path):
    forged = tmp_path / "forged.h5"
    shutil.copy(whole[1], forged)
    forged.chmod(0o644)
    with h5py.File(forged, "r+") as file:
        file["entry/readings"][METER]["value"][1] += 1e-9
    done = etalon("verify", forged)
    assert done.returncode == 1
    assert re.search(r"/entry/readings/meter.voltage.dc/value, row 1", done.stdout + done.stderr)
