# SPDX-License-Identifier: GPL-3.0-or-later
"""Every model of config/instruments: its transcripts byte by byte, and played by etalon-sim under all faults.

Also what `etalon model test` says of what is wrong, on transcripts and models spoilt one place each."""
import concurrent.futures
import re
import subprocess

import pytest

from etalond import BUILD, ROOT

ALL = sorted((ROOT / "config/instruments").glob("*.yaml"))
MODELS = [m for m in ALL if "\ndriver: manual\n" not in m.read_text()]     # the others have no conversation
TRANSCRIPTS = sorted((ROOT / "tests/instruments").glob("*.txt"))
AT_ONCE = 8                      # they mostly wait


def model_test(*args, cwd=ROOT):
    return subprocess.run([BUILD / "etalon", "model", "test", *args], capture_output=True, encoding="utf-8", cwd=cwd,
                          timeout=300)


@pytest.fixture(scope="module")
def tested():
    """All of them, several at once: {path: what came of it}."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(MODELS, pool.map(model_test, MODELS)))


@pytest.mark.parametrize("model", MODELS, ids=lambda p: p.stem)
def test_model(tested, model):
    done = tested[model]
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{model}: ok, played by etalon-sim" in done.stdout


@pytest.mark.parametrize("model", MODELS, ids=lambda p: p.stem)
def test_model_has_a_transcript(model):
    named = [t.name for t in TRANSCRIPTS if f"\nmodel: {model.stem}\n" in "\n" + t.read_text()]
    assert any(name.startswith(model.stem) for name in named)


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda p: p.stem)
def test_transcript_is_replayed(tested, transcript):
    """None lies beside the models' names, tested by nobody."""
    name = re.search(r"^model: (.*)$", transcript.read_text(), re.M)[1]
    said = tested[ROOT / f"config/instruments/{name}.yaml"].stdout
    assert f"{transcript}: ok, " in said


@pytest.mark.parametrize("model", sorted(set(ALL) - set(MODELS)), ids=lambda p: p.stem)
def test_model_by_hand(model):
    assert f"{model}: ok, read by a person" in model_test(model).stdout


def test_picture_by_hand(tmp_path):
    path = tmp_path / "bourdon-gauge.yaml"
    text = (ROOT / "config/instruments/bourdon-gauge.yaml").read_text()
    path.write_text(text.replace("      plausible:", "      picture: dial.png\n      plausible:"))
    arguments = ["-q", ROOT / "config/quantities.yaml", path]
    assert "pressure.gauge: there is no picture dial.png beside it" in model_test(*arguments).stdout
    (tmp_path / "dial.png").write_bytes(b"PNG")
    assert model_test(*arguments).returncode == 0


SPOILT = [
    ("demo-dmm8", "> READ?\\n\n<@22ms", "> MEAS?\\n\n<@22ms", r":22: error: sent 'READ\?\\n', expected 'MEAS\?\\n'"),
    ("demo-dmm8", "> CONF:VOLT:DC\\n\n", "", r":15: error: sent 'CONF:VOLT:DC\\n.*', expected 'SYST:ERR\?\\n'"),
    ("demo-dmm8", "> FUNC?\\n\n< \"VOLT\"\\n\n", "", r":17: error: behind it 'FUNC\?\\n' was sent, which the transcript does not say"),
    ("demo-dmm8", "= voltage.dc 10.000023 V", "= voltage.dc 10.000024 V", r"voltage.dc is 10.000023 V, expected 10.000024 V"),
    ("demo-dmm8", "= voltage.dc 10.000023 V", "= voltage.dc 10.000023 mV", r"readings of voltage.dc are in V, not mV"),
    ("demo-dmm8", "raw +1.00000230E+01", "raw +1.0E+01", r"rests on '\+1.00000230E\+01', expected '\+1.0E\+01'"),
    ("demo-dmm8", "= voltage.dc overload", "= voltage.dc underload", r"voltage.dc is overload, expected underload"),
    ("demo-dmm8", "= voltage.dc overload", "= current.dc overload", r"this reading is of voltage.dc"),
    ("demo-dmm8", "! protocol", "! timeout", r"measure fails with 'protocol', expected 'timeout'"),
    ("demo-dmm8", "! protocol: is not a number", "! protocol: wrong unit", r"fails as it should, but says: .*is not a number"),
    ("demo-dmm8", "measure voltage.dc\n> READ?\\n\n< +9.9000", "measure current.dc\n> READ?\\n\n< +9.9000",
     r"model demo-dmm8 has no point current.dc"),
    ("demo-dmm8", "attach", "talk", r":10: error: .*this was talked by hand"),
    ("demo-dmm8", "SIM-0002\nby", "SIM-0003\nby", r":12: error: sent '\*IDN\?\\n', expected 'SYST:ERR\?\\n'"),
    ("demo-calibrator", "< 10\\n", "< 5\\n", r"set fails: .*"),
    ("demo-calibrator", "! config: outside its range\n", "", r":32: error: set fails: .*outside its range"),
    ("demo-calibrator", "! instrument: it reports '-222,\n", "", r"set fails: .*it reports '-222"),
    ("demo-calibrator", "< -222,\"Data out of range\"\\n\n> SYST:ERR?\\n\n", "", r"set fails|sent|expected"),
    ("demo-calibrator", "> OUTP OFF\\n\n", "", r"sent 'OUTP OFF\\n.*', expected 'SOUR:VOLT 0\\n'"),
    ("demo-room", "05 03 00 64 00 01", "05 03 00 65 00 01", r":9: error: sent '05 03 00 64 00 01', expected '05 03 00 65 00 01'"),
    ("demo-room", "= humidity.relative 45 %\n", "", r"3 readings come of it, and 2 are stated"),
    ("demo-room", "05 84 02", "05 84 03", r"exception 3"),
]


@pytest.mark.parametrize("name, old, new, said", SPOILT, ids=[f"{s[0]}-{i}" for i, s in enumerate(SPOILT)])
def test_difference(tmp_path, name, old, new, said):
    text = (ROOT / f"tests/instruments/{name}.txt").read_text()
    assert text.count(old) >= 1
    spoilt = tmp_path / f"{name}.txt"
    spoilt.write_text(text.replace(old, new, 1))
    done = model_test("--model", ROOT / f"config/instruments/{name}.yaml", spoilt)
    assert done.returncode == 1, done.stdout
    assert re.search(re.escape(str(spoilt)) + r":\d+: error: ", done.stdout), done.stdout
    assert re.search(said, done.stdout), done.stdout


SERVICE = r"""model: t-slow
manual: IEEE 488.2
by: the authors of etalon
date: 2026-11-24

attach
> *IDN?\n
< ETALON,TL,0,1\n
> *CLS\n
> *ESE 1\n
> *SRE 32\n

# What it asks for first is not yet that it is done.
set voltage.dc 5 V
> *CLS;VOLT 5;*OPC\n
<srq 0x44
<srq@300ms 0x60
> VOLT?\n
< 5\n

safe
> VOLT 0\n
> VOLT?\n
< 0\n
"""
TRIGGER = r"""model: t-trigger
manual: IEEE 488.2
by: the authors of etalon
date: 2026-11-24

attach
> *IDN?\n
< ETALON,TT,0,1\n
> *CLS\n
> *ESE 1\n

measure voltage.dc
> SAMP:COUN 1\n
> INIT\n
>trigger
> STAT:OPER:COND?\n
< 0\n
> FETC?\n
< 1.25\n
= voltage.dc 1.25 V
"""


@pytest.mark.parametrize("text, old, new, said", [
    (SERVICE, "", "", ": ok, 3 turns"),
    (SERVICE, "<srq@300ms 0x60\n", "", r":17: error: a request for service is waited for, expected 'VOLT\?\\n'"),
    (SERVICE, "<srq 0x44\n", "<status 0x44\n", r":16: error: a request for service is waited for, expected that the status byte is asked for"),
    (SERVICE, "VOLT?\\n\n< 5\\n\n\nsafe", "VOLT?\\n\n<srq 0x60\n< 5\\n\n\nsafe", r":19: error: expected that a request for service is waited for, and nothing was sent"),
    (SERVICE, "< 0\\n\n", "", r"sent|expected|fails"),
    (TRIGGER, "", "", ": ok, 2 turns"),
    (TRIGGER, ">trigger\n", ">trigger\n<status 0x10\n", r":16: error: sent 'STAT:OPER:COND\?\\n', expected that the status byte is asked for"),
    (TRIGGER, ">trigger\n", "> *TRG\\n\n", "ok, 2 turns"),                  # a transport that has no trigger
    (TRIGGER, ">trigger\n> STAT:OPER:COND?\\n\n< 0\\n\n", "", r"sent '\*TRG\\n.*', expected 'FETC\?\\n'"),
    (TRIGGER, "> INIT\\n\n>trigger\n", ">trigger\n> INIT\\n\n", r":14: error: sent 'INIT\\n', expected that the trigger is sent"),
], ids=range(10))
def test_beside_the_messages(tmp_path, text, old, new, said):
    """Service requests, status bytes and triggers are part of the conversation, each in its place."""
    assert old in text
    path = tmp_path / "t.txt"
    path.write_text(text.replace(old, new, 1) if old else text)
    name = re.match("model: (.*)", text)[1]
    done = model_test("-q", ROOT / "config/quantities.yaml", "--model", ROOT / f"tests/system/sim/instruments/{name}.yaml", path)
    assert re.search(said, done.stdout), done.stdout + done.stderr
    assert done.returncode == (0 if "ok," in said else 1)


def test_registers_have_nothing_beside_them(tmp_path):
    path = tmp_path / "demo-room.txt"
    path.write_text((ROOT / "tests/instruments/demo-room.txt").read_text() + "\nattach\n<status 0x10\n")
    done = model_test("--model", ROOT / "config/instruments/demo-room.yaml", path)
    assert done.returncode == 1 and "Modbus has no status byte" in done.stdout


def spoilt_model(tmp_path, name, old, new):
    text = (ROOT / f"config/instruments/{name}.yaml").read_text()
    assert old in text
    path = tmp_path / f"{name}.yaml"
    path.write_text(text.replace(old, new))
    return path


@pytest.mark.parametrize("name, old, new, said", [
    ("demo-calibrator", "    readback: \"SOUR:VOLT?\"\n    tolerance: 1 uV\n", "    readback: \"SOUR:VOLT?\"\n    tolerance: 100 V\n",
     "under the fault 'clip' voltage.dc is set as if nothing were wrong"),
    ("demo-dmm8", 'expect: "VOLT"', 'expect: "CURR"', """FUNC? answers '"VOLT"', expected CURR"""),
    ("demo-dmm8", '"^ETALON,M8,([^,]+),([^,]+)$"\n  serial: 1\n  firmware: 2', '"ETALON"', "ok, played"),
], ids=["clip", "state", "no-serial"])
def test_played(tmp_path, name, old, new, said):
    path = spoilt_model(tmp_path, name, old, new)
    done = model_test("--no-transcripts", "-q", ROOT / "config/quantities.yaml", path)
    assert said in done.stdout, done.stdout + done.stderr
    assert done.returncode == (0 if "ok" in said else 1)


def test_without_transcript(tmp_path):
    path = spoilt_model(tmp_path, "demo-dmm8", "driver: scpi", "driver: scpi")
    done = model_test("--no-simulator", "-q", ROOT / "config/quantities.yaml", path)
    assert done.returncode == 1
    assert "has no transcript" in done.stdout


def test_usage(tmp_path):
    assert model_test().returncode == 2
    assert model_test("no-such-model").returncode == 2
    (tmp_path / "x.txt").write_text("model: x\nmanual: y\nby: z\ndate: 2026-11-24\nsafe\n")
    done = model_test(tmp_path / "x.txt")
    assert done.returncode == 2 and "there is no model file x.yaml" in done.stderr
    (tmp_path / "x.txt").write_text("model: x\n")
    assert model_test(tmp_path / "x.txt").returncode == 1


def test_by_name():
    done = model_test("demo-thermometer", "--no-simulator")
    assert done.stdout.startswith("tests/instruments/demo-thermometer.txt: ok, 3 turns (recorded from etalon-sim)")
