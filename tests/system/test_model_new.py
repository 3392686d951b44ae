# SPDX-License-Identifier: GPL-3.0-or-later
"""etalon model new: what a session tells is drafted, what it cannot tell is asked for, and once that is filled in
the model passes the check and is played."""
import re
import subprocess

import pytest
import yaml

from etalond import BUILD, ROOT

QUANTITIES = ROOT / "config/quantities.yaml"


def etalon(*args, cwd=None):
    return subprocess.run([BUILD / "etalon", *map(str, args)], capture_output=True, encoding="utf-8", cwd=cwd, timeout=120)


def session(folder, talk, model="acme-7", address="tcp://192.0.2.7:5025"):
    path = folder / "session.txt"
    path.write_text(f"model: {model}\ninstrument: ACME, 7\nserial: 0815\nfirmware: 2.1\nby: Anna\ndate: 2026-11-24\n"
                    f"address: {address}\n\ntalk\n{talk}")
    return path


def draft(folder, talk, **kw):
    """The draft as text, and as what it says."""
    done = etalon("model", "new", "--folder", folder, session(folder, talk, **kw))
    assert done.returncode == 0, done.stderr
    path = folder / "acme-7.yaml"
    return path, path.read_text(), yaml.safe_load(path.read_text())


def check(path):
    return etalon("check", "-q", QUANTITIES, path)


def fill(path, **words):
    """A person: takes the marks away and writes what they ask for."""
    text = re.sub(r"(?m)^ *# TODO.*\n", "", path.read_text())
    for old, new in words.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


METER = r"""> *IDN?\n
<@1.2ms ACME,MODEL 7+,0815,2.1\n
> CONF:VOLT:DC\n
> FUNC?\n
<@2ms "VOLT:DC"\n
> READ?\n
<@212ms +1.00000230E+01\n
> READ?\n
< +1.00000240E+01\n
> SYST:ERR?\n
< +0,"No error"\n
"""


def test_meter(tmp_path):
    path, text, m = draft(tmp_path, METER)
    assert m["model"] == "acme-7" and m["driver"] == "scpi" and m["manufacturer"] == "ACME" and m["number"] == "7+"
    assert m["seen"] == "2026-11-24 by Anna: serial number 0815, firmware 2.1"
    assert m["identity"] == {"ask": "*IDN?", "expect": "^ACME,MODEL 7[+],([^,]+),(.*)$", "serial": 1, "firmware": 2}
    assert m["init"] == ["CONF:VOLT:DC"] and m["state"] == [{"ask": "FUNC?", "expect": '^"VOLT:DC"$'}]
    assert m["errors"] == {"ask": "SYST:ERR?", "ok": "^[+-]?0,"}
    assert m["timeout"] == "5 s" and m["latency"] == "5 s" and "212 ms was the longest" in text
    assert m["points"] == {"voltage.dc": {"ask": "READ?", "simulate": {"node": "voltage", "delay": "212 ms", "format": "%+.8E"}}}
    assert m["simulate"]["identity"] == "ACME,MODEL 7+,{serial},2.1"
    assert "reply_end" not in m and "line" not in m
    done = check(path)
    assert done.returncode == 1
    marks = [i for i, line in enumerate(text.split("\n"), 1) if "# TODO" in line]
    assert [int(n) for n in re.findall(r"acme-7\.yaml:(\d+):\d+: error: still to do:", done.stdout)] == marks
    assert len(marks) == done.stdout.count("\n")


def test_a_draft_that_is_filled_in_is_a_model(tmp_path):
    path, _, _ = draft(tmp_path, METER)
    fill(path, **{"    ask: \"READ?\"\n": "    low: -12 V\n    high: 12 V\n    resolution: 1e-7\n    ask: \"READ?\"\n"})
    assert check(path).stdout == f"{path}: ok (model)\n"
    done = etalon("model", "test", "--no-transcripts", "-q", QUANTITIES, path)
    assert done.returncode == 0, done.stdout
    # The session itself, once it says what the driver is to do.
    talk = METER.replace("> *IDN", "attach\n> *IDN", 1)
    text = session(tmp_path, talk).read_text()
    text = text.replace("talk\nattach", "attach").replace("2.1\\n\n", "2.1\\n\n> SYST:ERR?\\n\n< +0,\"No error\"\\n\n")
    text = text.replace("> FUNC?", "> SYST:ERR?\\n\n< +0,\"No error\"\\n\n> FUNC?")
    text = re.sub(r"> READ.*", "measure voltage.dc\n> READ?\\\\n\n< +1.00000230E+01\\\\n\n= voltage.dc 10.000023 V\n", text, flags=re.S)
    (tmp_path / "acme-7.txt").write_text(text)
    done = etalon("model", "test", "-q", QUANTITIES, "--no-simulator", path)
    assert done.stdout == f"{tmp_path}/acme-7.txt: ok, 2 turns (recorded from ACME, 7, serial 0815, firmware 2.1)\n"


def test_balance(tmp_path):
    """Text around the number, CR LF, a serial line."""
    path, text, m = draft(tmp_path, "> SI\\r\\n\n<@30ms S S     100.0005 g\\r\\n\n> SI\\r\\n\n<@30ms S D     101.2 g\\r\\n\n",
                          address="serial:/dev/ttyUSB0?baud=19200&parity=even")
    assert m["driver"] == "text" and m["command_end"] == m["reply_end"] == "\r\n"
    assert m["line"] == {"baud": 19200, "parity": "even"}
    point = m["points"]["mass"]
    assert point["unit"] == "g" and point["ask"] == "SI"
    assert re.fullmatch(point["reply"], "S S     -20.1 g") and not re.fullmatch(point["reply"], "S D     -20.1 g")
    assert point["simulate"]["format"] == "S S     %.4f g"
    assert "# TODO identity" in text and "# TODO manufacturer" in text
    fill(path)
    assert check(path).stdout == f"{path}: ok (model)\n"


def test_suffix_and_fields(tmp_path):
    path, text, m = draft(tmp_path, "> MEAS:FREQ?\\n\n< 1.0E+6 Hz\\n\n> T?\\n\n< 1,OK,23.45 degC\\n\n> X?\\n\n< 4,5\\n\n")
    assert m["points"]["frequency"]["suffix"] == "Hz"
    assert m["points"]["quantity-1"]["field"] == 1 and m["points"]["quantity-2"]["field"] == 1
    assert "with 2 numbers: is it the first?" in text


def test_what_is_set_and_read_back(tmp_path):
    path, text, m = draft(tmp_path, "> *IDN?\\n\n< ACME,7,0815,2.1\\n\n> SOUR:VOLT 2\\n\n> SOUR:VOLT?\\n\n< 2\\n\n> OUTP ON\\n\n"
                          "> OUTP?\\n\n< 1\\n\n")
    assert m["init"] == ["OUTP ON"]
    assert m["points"]["voltage.dc"]["set"] == "SOUR:VOLT {}" and m["points"]["voltage.dc"]["readback"] == "SOUR:VOLT?"
    assert "which value is safe" in text
    fill(path)
    assert "needs a 'tolerance'" in check(path).stdout        # not written: it cannot be guessed


def test_modbus(tmp_path):
    path, text, m = draft(tmp_path, ">hex 05 03 00 64 00 01\n<hex@5ms 05 03 02 12 67\n>hex 05 04 00 00 00 02\n"
                          "<hex@12ms 05 04 04 00 00 41 B8\n>hex 05 04 00 06 00 01\n<hex 05 04 02 00 6A\n"
                          ">hex 05 04 00 FF 00 01\n<hex 05 84 02\n>hex 05 01 00 02 00 01\n<hex 05 01 01 01\n",
                          address="modbus+rtu:/dev/ttyUSB0?baud=19200&unit=5")
    assert m["driver"] == "modbus" and m["identity"]["value"] == 4711 and m["modbus"] == {"span": 2}
    assert [p["registers"] for p in m["points"].values()] == [
        {"table": "input", "address": 0, "type": "float32", "order": "CDAB"},
        {"table": "input", "address": 6, "type": "int16"}, {"table": "coil", "address": 2, "type": "bit"}]
    assert "with its words swapped 23;" in text.replace("swapped 23\n", "swapped 23;\n")
    fill(path, **{"quantity-1": "temperature", "quantity-2": "temperature.dew-point", "quantity-3": "temperature@coil"})
    assert check(path).stdout == f"{path}: ok (model)\n"
    path.write_text(path.read_text().split("  temperature@coil")[0])
    assert etalon("model", "test", "--no-transcripts", "-q", QUANTITIES, path).returncode == 0


def test_a_question_without_an_answer_is_no_command(tmp_path):
    _, text, said = draft(tmp_path, METER + "> NONSENSE?\\n\n> FORM:ELEM READ\\n\n")
    assert said["init"] == ["CONF:VOLT:DC", "FORM:ELEM READ"]
    assert "NONSENSE" not in text


def test_ends_that_differ(tmp_path):
    """What most have is taken, and doubted."""
    _, text, m = draft(tmp_path, "> A?\\r\\n\n< 1\\n\n> B?\\r\\n\n< 2\\n\n> C\\r\n> D\\r\\n\n")
    assert m["command_end"] == "\r\n" and "# TODO command_end: 3 of 4 end so\n" in text and "reply_end" not in m


@pytest.mark.parametrize("text, said", [("model: x\n", "the header says"), ("\0", "0x00")])
def test_no_transcript(tmp_path, text, said):
    (tmp_path / "s.txt").write_text(text)
    done = etalon("model", "new", tmp_path / "s.txt")
    assert done.returncode == 2 and said in done.stderr


def test_nothing_is_written_over(tmp_path):
    draft(tmp_path, METER)
    done = etalon("model", "new", "--folder", tmp_path, tmp_path / "session.txt")
    assert done.returncode == 2 and "File exists" in done.stderr
    done = etalon("model", "new", "--name", "../x", tmp_path / "session.txt")
    assert done.returncode == 2 and "no name of a model" in done.stderr
