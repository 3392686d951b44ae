# SPDX-License-Identifier: GPL-3.0-or-later
"""What `etalon` does without a daemon."""
import csv
import io
import json
import math
import os
import shutil
import statistics
import subprocess

import h5py
import pytest

import journal_aid
from journal_aid import BUILD, METER, POINTS, REFERENCE, ROOM, ROOT, RUN, etalon, make_journal

COMMANDS = """check run status list show watch answer instrument pause resume stop abort impact due stability validate export verify
              journal rebuild
              evaluate find talk model functions standard sim""".split()


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    """A complete run: measured, evaluated, stopped."""
    folder = tmp_path_factory.mktemp("run")
    lines = journal_aid.evaluated(folder)
    lines.stop()
    return make_journal(folder / RUN, lines)


@pytest.fixture(scope="module")
def archive(journal, tmp_path_factory):
    path = tmp_path_factory.mktemp("archive") / f"{RUN}.h5"
    done = etalon("rebuild", journal, "-o", path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"archive: {path}"
    return path


def readings():
    return [line for line in journal_aid.measured() if line["kind"] == "reading"]


# Help and usage --------------------------------------------------------------------------------

def test_without_arguments_it_helps():
    done = etalon()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: etalon COMMAND")
    assert [line.split()[0] for line in done.stderr.splitlines() if line.startswith("  ")] == COMMANDS


@pytest.mark.parametrize("command", [c for c in COMMANDS if c != "sim"] + ["journal show", "journal verify"])
def test_every_command_helps(command):
    done = etalon(*command.split(), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: etalon {command}")


def test_functions():
    done = etalon("functions", "air", "carbon")
    assert (done.returncode, done.stderr) == (0, "")
    assert "air_density_co2(pressure [Pa], temperature [degC], humidity [1], carbon_dioxide [1]) [kg m-3]" in done.stdout
    assert "Metrologia 45 (2008)" in done.stdout and "its90" not in done.stdout
    assert etalon("functions", "perpetuum").returncode == 1


@pytest.mark.parametrize("expression, value, unit", [
    ("air_density(1013.25 [hPa], 20 [degC], 50 [%])", 1.1993138954744934, "kg m-3"),
    ("its90_temperature(1.11813889) - 29.7646 [degC]", 0, "K"),
    ("2 [V] / 4 [mA]", 500, "Ohm"),
])
def test_calculate(expression, value, unit):
    done = etalon("functions", "--calculate", expression)
    number, found = done.stdout.strip().split(" ", 1)
    assert (float(number), found) == (pytest.approx(value, rel=1e-12, abs=2e-6), unit)


@pytest.mark.parametrize("expression, says", [
    ("air_density(1013.25 [hPa], 40 [degC], 50 [%])", "outside of what its function holds for"),
    ("air_density(1013.25 [hPa], 300 [K], 50 [%])", "degC"),
    ("1 [V] + 1 [A]", "column 7"),
    ("1 [V] + x", "'x' has no value here"),
])
def test_calculate_refuses(expression, says):
    done = etalon("functions", "-c", expression)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr


def test_version():
    assert etalon("--version").stdout.startswith("etalon ")


@pytest.mark.parametrize("args, message", [
    (["frobnicate"], "etalon: there is no command 'frobnicate'; `etalon --help` lists them\n"),
    (["journal", "read"], "etalon journal: there is no command 'read'; `etalon journal --help` lists them\n"),
])
def test_unknown_command(args, message):
    done = etalon(*args)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)


@pytest.mark.parametrize("args", [["check"], ["run"], ["run", "a"], ["run", "a", "b", "c"], ["show"], ["instrument", "pause"],
                                  ["export", "x", "--format", "xml"], ["verify"], ["rebuild", "x"],
                                  ["evaluate"], ["evaluate", "x", "--records", "many"], ["status", "--frob"],
                                  ["journal", "show", "x", "--kind", "opinion"], ["watch", "--all"]])
def test_wrong_usage(args):
    done = etalon(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"etalon {args[0]}")


@pytest.mark.parametrize("command", [["status"], ["list"], ["watch"], ["pause", RUN], ["resume", RUN], ["stop", RUN],
                                     ["abort", RUN]])
def test_no_daemon(command, tmp_path):
    done = etalon(*command, "--state", tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"no etalond answers at {tmp_path}/control" in done.stderr
    assert "start it with" in done.stderr


def test_state_folder_from_the_environment(tmp_path):
    done = etalon("status", env=dict(os.environ, ETALON_STATE=str(tmp_path)))
    assert done.returncode == 3
    assert f"{tmp_path}/control" in done.stderr


def test_a_full_disk_is_no_success(journal):
    with open("/dev/full", "w") as full:
        done = subprocess.run([BUILD / "etalon", "export", journal], stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 2
    assert b"could not be written" in done.stderr


# Files -----------------------------------------------------------------------------------------

def test_check_good_files():
    files = {"config/procedures/dc-voltage-quick.yaml": "procedure", "config/benches/demo.yaml": "bench",
             "config/instruments/demo-dmm8.yaml": "model", "config/quantities.yaml": "quantities",
             "config/etalond.yaml": "daemon"}
    done = etalon("check", *files, cwd=ROOT)
    assert done.stdout == "".join(f"{name}: ok ({kind})\n" for name, kind in files.items())
    assert done.returncode == 0


def copy_config(tmp_path):
    shutil.copytree(ROOT / "config", tmp_path / "config")
    return tmp_path / "config"


def replace(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return text[:text.index(old)].count("\n") + 1


def test_check_says_where_and_goes_on(tmp_path):
    config = copy_config(tmp_path)
    procedure, bench = config / "procedures/dc-voltage-quick.yaml", config / "benches/demo.yaml"
    line = replace(procedure, "band: 20 uV", "bnad: 20 uV")
    count = replace(procedure, "count: 4", "count: 4.5")
    address = replace(bench, "tcp://127.0.0.1:5802", "tcp//127.0.0.1:5802")
    done = etalon("check", procedure, bench, config / "etalond.yaml")
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert f"{procedure}:{line}:45: error: unknown key 'bnad' in settle; did you mean 'band'?" in lines
    assert any(text.startswith(f"{procedure}:{count}:") and "4.5" in text for text in lines)
    assert any(text.startswith(f"{bench}:{address}:") and "tcp//127.0.0.1:5802" in text for text in lines)
    assert lines[-1] == f"{config / 'etalond.yaml'}: ok (daemon)"


@pytest.mark.parametrize("address, why", [
    ("TCPIP0::127.0.0.1::5025", "a port belongs to a socket: TCPIP::127.0.0.1::5025::SOCKET"),
    ("GPIB0::22::INSTR", 'no controller is named for board GPIB0: add gpib: {GPIB0: "prologix://HOST"} to this file'),
    ("ASRLCOM3::INSTR", "or the device as in ASRL/dev/ttyUSB0::INSTR")])
def test_check_explains_a_resource_string(tmp_path, address, why):
    config = copy_config(tmp_path)
    bench = config / "benches/demo.yaml"
    line = replace(bench, "tcp://127.0.0.1:5802", address)
    done = etalon("check", bench)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{bench}:{line}:5: error: address '{address}': ") and why in done.stdout
    replace(bench, address, "TCPIP0::127.0.0.1::5802::SOCKET")
    assert etalon("check", bench).returncode == 0


@pytest.mark.parametrize("address, plain", [
    ("TCPIP0::192.0.2.7::INSTR", "address, vxi11://192.0.2.7/inst0"), ("tcp://192.0.2.7:5025", "address")])
def test_check_of_an_address(address, plain):
    done = etalon("check", address)
    assert (done.returncode, done.stdout) == (0, f"{address}: ok ({plain})\n")


def test_check_explains_an_address():
    done = etalon("check", "TCPIP0::192.0.2.7::5025", "COM3:", "tcp://192.0.2.7:5025")
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert lines[0] == "address: error: 'TCPIP0::192.0.2.7::5025': a port belongs to a socket: TCPIP::192.0.2.7::5025::SOCKET"
    assert lines[1].startswith("address: error: 'COM3:': ")
    assert lines[2] == "tcp://192.0.2.7:5025: ok (address)"


def test_check_as_json(tmp_path):
    config = copy_config(tmp_path)
    procedure = config / "procedures/dc-voltage-quick.yaml"
    line = replace(procedure, "resumable: yes", "resumable: perhaps")
    done = etalon("check", "--json", procedure)
    problem, = map(json.loads, done.stdout.splitlines())
    assert (problem["file"], problem["line"]) == (str(procedure), line)
    assert "perhaps" in problem["text"]
    assert done.returncode == 1


def test_check_without_a_vocabulary(tmp_path):
    shutil.copy(ROOT / "config/instruments/demo-dmm8.yaml", tmp_path)
    done = etalon("check", "--quantities", tmp_path / "none.yaml", tmp_path / "demo-dmm8.yaml")
    assert done.returncode == 1
    assert f"{tmp_path}/none.yaml: error: cannot be opened" in done.stdout and "--quantities FILE" in done.stdout


def test_check_of_no_file(tmp_path):
    done = etalon("check", tmp_path / "none.yaml")
    assert done.returncode == 1
    assert f"{tmp_path}/none.yaml" in done.stdout


def test_dry_run_shows_every_command():
    done = etalon("run", "--dry", "config/procedures/dc-voltage-quick.yaml", "config/benches/demo.yaml", cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert lines[0] == "procedure dc-voltage-quick at bench demo"
    for expected in ["> *IDN?   (identity)", "point 2 of 2: +1 V", "1 set source.voltage.dc to 1 V", "> READ?",
                     "safe state", "> OUTP OFF   (safe)"]:
        assert expected in lines
    assert lines[-1].startswith("expected duration: ")


def test_dry_run_of_files_that_do_not_fit(tmp_path):
    config = copy_config(tmp_path)
    procedure = config / "procedures/dc-voltage-quick.yaml"
    line = replace(procedure, "source.voltage.dc: 1000 mV", "source.voltage.dc: 1000 mA")
    done = etalon("run", "--dry", procedure, config / "benches/demo.yaml")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{procedure}:{line}:" in done.stderr


# Journals --------------------------------------------------------------------------------------

def test_journal_show(journal):
    done = etalon("journal", "show", journal)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert [int(line.split()[0]) for line in lines] == list(range(len(lines)))
    assert any(REFERENCE in line and '10.0000012 V ok "+1.00000012E+01"' in line for line in lines)
    assert any(METER in line and "V overload" in line for line in lines)
    assert lines[-1].split()[2:] == ["stop", "complete"]


def test_journal_show_json_is_the_header(journal):
    done = etalon("journal", "show", "--json", "--kind", "reading", journal)
    headers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(headers) == len(readings())
    for header, line in zip(headers, readings()):
        assert (header["v"], header["run"], header["channel"]) == (1, RUN, line["channel"])
        assert {k: header[k] for k in line["keys"]} == line["keys"]


def test_journal_verify(journal):
    done = etalon("journal", "verify", journal)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{journal}: ok: run {RUN}, ")
    summary = json.loads(etalon("journal", "verify", "--json", journal).stdout)
    assert summary["stopped"] is True
    assert summary["counts"]["kinds"]["reading"] == len(readings())
    assert summary["head"] in done.stdout


def test_journal_verify_finds_one_wrong_bit(journal, tmp_path):
    copy = shutil.copytree(journal, tmp_path / RUN)
    segment = copy / "000001"
    data = bytearray(segment.read_bytes())
    data[data.index(b"10.0000012")] ^= 1
    segment.write_bytes(data)
    done = etalon("journal", "verify", copy)
    assert (done.returncode, done.stdout) == (1, "")
    assert "000001" in done.stderr
    assert etalon("show", copy).returncode == 2


def test_no_such_journal(tmp_path):
    for args in (["journal", "show"], ["journal", "verify"], ["evaluate"], ["show"], ["export"]):
        done = etalon(*args, tmp_path / "none")
        assert (done.returncode, done.stdout) == (2, ""), args
        assert f"{tmp_path}/none" in done.stderr


# Results ---------------------------------------------------------------------------------------

def test_evaluate(tmp_path):
    done = etalon("evaluate", make_journal(tmp_path / RUN, journal_aid.measured()))
    drafts = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(d["channel"], d["keys"]["result"], d["keys"]["point"]) for d in drafts] == [
        (REFERENCE, "mean", 0), (METER, "mean", 0), (METER, "error_of_indication", 0),
        (REFERENCE, "mean", 1), (METER, "mean", 1), (METER, "error_of_indication", 1)]
    for draft in drafts:
        keys, (reference, meter) = draft["keys"], list(POINTS.values())[draft["keys"]["point"]]
        if keys["result"] == "mean":
            values = [v for v in (reference if draft["channel"] == REFERENCE else meter) if v is not None]
            assert keys["excluded"] == 4 - len(values)
            s = statistics.stdev(values)
            assert keys["experimental_standard_deviation"] == pytest.approx(s, rel=1e-8)
        else:
            values = [m - r for r, m in zip(reference, meter) if m is not None]
            s = statistics.stdev(values)
            assert keys["standard_uncertainty_type_a"] == pytest.approx(s / math.sqrt(len(values)), rel=1e-8)
            assert keys["degrees_of_freedom"] == len(values) - 1
            assert (keys["method"], keys["reference"]) == ("paired_differences", REFERENCE)
            assert keys["nominal"] == list(journal_aid.NOMINAL.values())[keys["point"]]
        assert keys["n"] == len(values)
        assert keys["value"] == pytest.approx(statistics.mean(values), rel=1e-13)


def test_evaluate_gives_the_same_text_twice(journal):
    assert etalon("evaluate", journal).stdout == etalon("evaluate", journal).stdout != ""


def test_evaluate_only_acknowledged_records(tmp_path):
    lines = journal_aid.measured()
    folder = make_journal(tmp_path / RUN, lines)
    first_end = next(i for i, line in enumerate(lines) if line["keys"].get("event") == "point.end")
    done = etalon("evaluate", folder, "--records", str(first_end + 1))
    assert {json.loads(line)["keys"]["point"] for line in done.stdout.splitlines()} == {0}
    assert etalon("evaluate", folder, "--records", str(first_end)).stdout == ""
    done = etalon("evaluate", folder, "--records", str(len(lines) + 1))
    assert (done.returncode, done.stdout) == (2, "")


def test_show(journal):
    done = etalon("show", journal)
    assert (done.returncode, done.stderr) == (0, "")
    for expected in [f"run        {RUN} (simulated)", "status     complete", "operator   Anna Нева",
                     f"error: error of {METER} against {REFERENCE}, in V", f"records: {journal}"]:
        assert expected in done.stdout.splitlines()
    row, = [line.split() for line in done.stdout.splitlines() if line.startswith("  +10 V")]
    #             point       nominal n  reference      s           indication   s          error       u_A     dof
    assert row == ["+10", "V", "10", "3", "10.000001275", "0.00000017", "10.0001333", "0.000014", "0.0001321",
                   "0.0000083", "2"]


def test_show_lines_up_decimal_points(journal):
    lines = [line for line in etalon("show", journal).stdout.splitlines() if line.startswith(("  0 V", "  +10 V"))]
    assert len(lines) == 2
    places = [[i for i, c in enumerate(line) if c == "."] for line in lines]
    assert places[0] == places[1]


def test_show_json(journal):
    shown = json.loads(etalon("show", "--json", journal).stdout)
    assert (shown["run"], shown["stop"]["status"], shown["archive"]) == (RUN, "complete", None)
    assert [r["n"] for r in shown["results"] if r["result"] == "error_of_indication"] == [4, 3]


def test_show_finds_the_journal_of_a_run(journal, tmp_path):
    (tmp_path / "journals").mkdir()
    shutil.copytree(journal, tmp_path / "journals" / RUN)
    (tmp_path / "runs/2026").mkdir(parents=True)
    (tmp_path / f"runs/2026/{RUN}.h5").touch()
    done = etalon("show", RUN, "--state", tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == f"archive: {tmp_path}/runs/2026/{RUN}.h5"


def test_show_of_a_run_that_did_not_complete(tmp_path):
    lines = journal_aid.measured()
    lines.add("event", event="alarm", role="source", text="source: its safe state is not confirmed")
    done = etalon("show", make_journal(tmp_path / "live", lines))
    assert done.returncode == 1
    assert "status     not ended" in done.stdout
    assert "ALARM      source: its safe state is not confirmed" in done.stdout
    lines.stop("aborted")
    done = etalon("show", make_journal(tmp_path / "aborted", lines))
    assert done.returncode == 1
    assert "status     aborted" in done.stdout


# Export ----------------------------------------------------------------------------------------

def unescaped(raw):
    return raw.encode().decode("unicode_escape").encode("latin-1")


def test_export_csv_is_bit_equal(journal, tmp_path):
    target = tmp_path / "readings.csv"
    done = etalon("export", journal, "--format", "csv", "-o", target)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = target.read_bytes().decode("utf-8")
    assert text.count("\r\n") == text.count("\n") == len(readings()) + 1
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == len(readings())
    for row, line in zip(rows, readings()):
        keys = line["keys"]
        assert (row["run"], row["channel"], int(row["utc_ns"])) == (RUN, line["channel"], line["utc_ns"])
        assert (float(row["value"]) if row["value"] else None) == keys["value"]
        assert unescaped(row["raw"]) == keys["raw"].encode("latin-1")
        for name in ("unit", "status", "use"):
            assert row[name] == keys.get(name, "")
        for name in ("span_ns", "point", "attempt", "step", "k"):
            assert row[name] == str(keys.get(name, ""))
    assert not list(tmp_path.glob("*.part"))


def test_export_json_is_the_headers(journal):
    exported = json.loads(etalon("export", journal, "--format", "json").stdout)
    shown = etalon("journal", "show", "--json", "--kind", "reading", journal).stdout
    assert exported["readings"] == [json.loads(line) for line in shown.splitlines()]


def test_export_of_one_channel(journal):
    rows = list(csv.DictReader(io.StringIO(etalon("export", journal, "--channel", "room.").stdout)))
    assert [(row["channel"], row["value"]) for row in rows] == [(ROOM, "23.25")]


def test_export_quotes_what_needs_it(tmp_path):
    raw = 'a "b", \\c\r\n\u00ff'
    lines = journal_aid.begun()
    journal_aid.add_reading(lines, REFERENCE, 1.0, "V", raw)
    done = subprocess.run([BUILD / "etalon", "export", make_journal(tmp_path / RUN, lines)], stdout=subprocess.PIPE,
                          timeout=60)
    row, = csv.DictReader(io.StringIO(done.stdout.decode("utf-8"), newline=""))
    assert row["raw"] == 'a "b", \\\\c\\x0d\\x0a\\xff'
    assert unescaped(row["raw"]) == raw.encode("latin-1")


# Archives --------------------------------------------------------------------------------------

def test_verify_good_archive(archive, journal):
    done = etalon("verify", archive, "--journal", journal)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.startswith(f"{archive}: proven: run {RUN}, complete, simulated, ")
    report = json.loads(etalon("verify", "--json", archive).stdout)
    assert (report["proven"], report["readings"], report["parsed"]) == (True, len(readings()), len(readings()))


def test_rebuilding_gives_the_same_digest(archive, journal, tmp_path):
    etalon("rebuild", journal, "-o", tmp_path / "again.h5")
    first, again = (json.loads(etalon("verify", "--json", path).stdout) for path in (archive, tmp_path / "again.h5"))
    assert first["digest"] == again["digest"]


def test_verify_damaged_archive(archive, tmp_path):
    copy = tmp_path / "damaged.h5"
    shutil.copyfile(archive, copy)
    with h5py.File(copy, "r+") as f:
        values = f[f"entry/readings/{REFERENCE}/value"]
        values[2] += 1e-9
    done = etalon("verify", archive, copy)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{archive}: proven")
    assert len(lines) > 2 and all(line.startswith(f"{copy}: ") for line in lines[1:])
    assert "NOT PROVEN" in lines[-1]


def test_verify_what_is_no_archive(tmp_path):
    (tmp_path / "text.h5").write_text("no HDF5")
    assert etalon("verify", tmp_path / "text.h5").returncode == 1
    assert etalon("verify", tmp_path / "none.h5").returncode == 2


def test_rebuild_needs_a_stop(tmp_path):
    journal = make_journal(tmp_path / RUN, journal_aid.measured())
    done = etalon("rebuild", journal, "-o", tmp_path / "x.h5")
    assert (done.returncode, done.stdout) == (2, "")
    assert not (tmp_path / "x.h5").exists()


def test_export_and_show_from_an_archive(archive, journal):
    assert etalon("export", archive).stdout == etalon("export", journal).stdout != ""
    assert f"records: {archive}" in etalon("show", archive).stdout


def test_model_keys():
    """The list of keys is that of the tables: a key of every depth is there, and words choose."""
    every = etalon("model", "keys").stdout
    for key in ("model", "points.NAME.block.format", "commands.NAME.arguments.NAME.choices", "errors.severity[].match",
                "self_calibration.temperature.unit"):
        assert f"\n{key}\n" in "\n" + every
    some = etalon("model", "keys", "believed", "warm").stdout
    assert some.splitlines()[0] == "after_power_on.warm_up" and len(some.splitlines()) == 3
    table = etalon("model", "keys", "--scdoc").stdout
    assert table.startswith("[[ *key*") and "|  *points.NAME.block.format*" in table
