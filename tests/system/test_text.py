# SPDX-License-Identifier: GPL-3.0-or-later
"""Instruments that speak in text: the simulator byte for byte with nothing of ours on the other end, and the
whole daemon with every fault that a line of text can have."""
import functools
import operator
import os
import re
import select
import time

import pytest
import yaml

from etalond import ROOT, until
from journal_aid import etalon
from matrix import check, judge, matrix, strike_all
from test_sim import Line

BENCH = ROOT / "tests/system/sim/benches/text.yaml"
EVERYBODY = ["late", "pieces", "twice", "truncated", "garbage", "noise", "overload", "silence", "close", "wrong-echo",
             "power"]
# A talker's late message cannot be told from one that was late to be measured; nor one silence from the next message.
TALKERS = [kind for kind in EVERYBODY if kind not in ("late", "silence")] + ["silence times=60"]
FAULTS = {"balance": [*EVERYBODY, "unit", "unstable"], "gauge": [*EVERYBODY, "nak"], "transmitter": [*EVERYBODY, "crc"],
          "station": [*TALKERS, "crc"], "printer": [*TALKERS, "unit", "unstable"],
          "readout": EVERYBODY, "indicator": EVERYBODY}
CHANNELS = {"balance": "mass", "gauge": "pressure", "transmitter": "temperature", "station": "temperature",
            "printer": "mass", "readout": "length", "indicator": "force", "witness": "pressure"}
LAG = {"station.temperature": 1e9, "printer.mass": 1e9}       # of what is said unasked; a guard
PATIENCE = {"station": 5e8, "printer": 5e8}             # `every` of their models; of the others it is the timeout
FRAMES = {"transmitter.temperature": (3, -3), "station.temperature": (1, -3)}


@pytest.fixture
def text(sim):
    return sim(BENCH)


@pytest.fixture
def line(text):
    """line(role, end): a conversation with it."""
    lines = []

    def connect(role, end=b"\r\n"):
        lines.append(Line(text, role, end))
        return lines[-1]

    yield connect
    for one in lines:
        one.close()


def telegram(text):
    """With the sum of its bytes in three decimal digits behind it."""
    return text + b"%03d\r" % (sum(text) % 256)


def silent(line):
    return line.piece(0.15) is None


def messages(line, n):
    """So many whole ones, each with its end; nothing is left over for the next call."""
    heard = b""
    while heard.count(line.end) < n or not heard.endswith(line.end):
        piece = line.piece()
        assert piece, "the line is dead"
        heard += piece
    return [m + line.end for m in heard.split(line.end)[:-1]]


def test_columns(text, line):
    balance = line("balance")
    balance.send("\x1bp")
    weight = balance.reply()
    assert re.fullmatch(rb"N     \+ +[0-9]+\.[0-9]{3} g    \r\n", weight) and len(weight) == 24
    text.do("fault balance unstable times=1")
    balance.send("\x1bp")
    assert re.fullmatch(rb"N     \+ +[0-9]+\.[0-9]{3}      \r\n", balance.reply())
    text.do("fault balance unit times=1")
    balance.send("\x1bp")
    assert balance.reply()[16:] == b" ?    \r\n"


def test_acknowledged(text, line):
    gauge = line("gauge")
    gauge.send("PR1")
    assert gauge.reply() == b"\x06\r\n"
    assert silent(gauge), "the answer waits to be asked for"
    os.write(gauge.fd, b"\x05")
    assert re.fullmatch(rb"0,[+-][0-9.]+E[+-][0-9]{2}\r\n", gauge.reply())
    os.write(gauge.fd, b"\x05")
    assert silent(gauge), "and is said once"
    gauge.send("UNI,1")
    assert gauge.reply() == b"\x06\r\n"
    gauge.send("UNI")
    assert gauge.reply() == b"\x06\r\n"
    os.write(gauge.fd, b"\x05")
    assert gauge.reply() == b"1\r\n"
    text.do("fault gauge nak times=1")
    gauge.send("PR1")
    assert gauge.reply() == b"\x15\r\n"
    os.write(gauge.fd, b"\x05")
    assert silent(gauge)


def test_telegrams(text, line):
    transmitter = line("transmitter", b"\r")
    os.write(transmitter.fd, telegram(b"0010034902=?"))
    assert transmitter.reply() == telegram(b"0011034906T9-123")
    os.write(transmitter.fd, telegram(b"0010074002=?"))
    assert re.fullmatch(rb"001107401006[0-9]{3}\.[0-9]{2}[0-9]{3}\r", transmitter.reply())
    os.write(transmitter.fd, b"0010074002=?099\r")
    assert silent(transmitter), "a wrong checksum is not answered"
    os.write(transmitter.fd, telegram(b"0020074002=?"))
    assert silent(transmitter), "another address is meant"
    text.do("fault transmitter crc times=1")
    os.write(transmitter.fd, telegram(b"0010074002=?"))
    reply = transmitter.reply()
    assert reply != telegram(reply[:-4])


def test_lines(line):
    readout = line("readout")
    readout.send("F")
    answer = b"".join(messages(readout, 3))
    assert re.fullmatch(rb"X=\+0001.0000\r\nY=[-+][0-9]{2}\.[0-9]{5}\r\nZ=\+0002.0000\r\n", answer)


def test_nothing_behind(line):
    indicator = line("indicator")
    indicator.send("W")
    answer = b""
    while len(answer) < 10:
        answer += indicator.piece()
    assert re.fullmatch(rb"[-+][0-9]\.[0-9]{5} N", answer)
    assert silent(indicator)


def test_talker(text, line):
    station = line("station")
    said = messages(station, 9)
    for message in said:
        body, check = re.fullmatch(rb"\$([^*]+)\*([0-9A-F]{2})\r\n", message).groups()
        assert functools.reduce(operator.xor, body) == int(check, 16)
    assert said[:9].count(b"$ID,T10,W10*0E\r\n") == 3
    text.do("fault station crc times=1")
    time.sleep(0.2)
    broken = [m for m in messages(station, 9) if functools.reduce(operator.xor, m[1:-5]) != int(m[-4:-2], 16)]
    assert len(broken) == 1


def test_talker_is_told_to_speak(line):
    printer = line("printer")
    assert silent(printer)
    assert printer.ask("I4") == 'I4 A "1114"'
    printer.send("SIR")
    assert all(re.fullmatch(rb"S S +[0-9.]+ g\r\n", m) for m in messages(printer, 5))
    printer.send("@")
    while not silent(printer):
        pass


def procedure(tmp_path, roles, count=100000, interval="50 ms", witness=()):
    """Readings, as good as without end, of all roles; interval None: back to back.  Those of witness beside them."""
    channels = [f"{role}.{CHANNELS[role]}" for role in roles]
    path = tmp_path / "long.yaml"
    path.write_text(yaml.safe_dump({
        "procedure": "long", "title": "Without end", "roles": [*roles, *witness], "points": [{"name": "only"}],
        "environment": [{"channel": f"{role}.{CHANNELS[role]}", "every": "100 ms"} for role in witness],
        "steps": [{"measure": {"channels": channels, "count": count} | ({"interval": interval} if interval else {})}],
        "link_loss": "60 s", "safe_within": "5 s"}, sort_keys=False))
    return path


def bare(reading):
    """Its raw without the frame, of which the truth file knows nothing."""
    first, last = FRAMES.get(reading["channel"], (0, None))
    return {**reading, "raw": reading["raw"][first:last]}


@matrix
def test_no_wrong_value_is_accepted(text, daemon, tmp_path, record_property, share):
    run = daemon.run(text.bench, procedure(tmp_path, FAULTS, witness=["witness"]))
    until(lambda: daemon.view(run)["readings"] > 30)
    strikes = strike_all(text, daemon, run, FAULTS, share)
    before = daemon.view(run)["readings"]
    until(lambda: daemon.view(run)["readings"] > before + 30)
    daemon.ask("run.abort", run=run, operator="tester", reason="seen enough")
    daemon.wait(run)
    readings, truth = daemon.headers(run, "reading"), text.truth()
    check(map(bare, readings), truth, LAG)
    judge("text", strikes, FAULTS, daemon, run, ["witness"], record_property, lambda s: PATIENCE.get(s.role, 3e8))
    marked = {(h["channel"], h["status"]) for h in readings}
    assert ("balance.mass", "unstable") in marked
    assert {(f"{role}.{CHANNELS[role]}", "overload") for role in ("balance", "gauge", "readout", "indicator")} <= marked
    assert all(sum(map(ord, h["raw"][:-3])) % 256 == int(h["raw"][-3:]) for h in readings
               if h["channel"] == "transmitter.temperature"), "raw is the whole message"
    proof = etalon("verify", daemon.sealed(run))
    assert proof.returncode == 0, proof.stdout + proof.stderr


@pytest.mark.parametrize("role", ["station", "printer"])
def test_silence_of_a_talker_is_a_lost_link(text, daemon, tmp_path, role):
    run = daemon.run(text.bench, procedure(tmp_path, [role]))
    until(lambda: daemon.view(run)["readings"] > 10)
    text.do(f"fault {role} silence times=60")
    until(lambda: "link.lost" in daemon.events(run))
    lost = [h["text"] for h in daemon.headers(run, "event", event="link.lost")]
    assert any("it has not said" in t for t in lost), lost
    until(lambda: "link.found" in daemon.events(run))
    before = daemon.view(run)["readings"]
    until(lambda: daemon.view(run)["readings"] > before + 10)
    daemon.ask("run.abort", run=run, operator="tester", reason="seen enough")
    daemon.wait(run)
    check(map(bare, daemon.headers(run, "reading")), text.truth(), LAG)


@pytest.mark.parametrize("role", ["station", "printer"])
def test_back_to_back_none_is_left_out_or_taken_twice(text, daemon, tmp_path, role):
    run = daemon.run(text.bench, procedure(tmp_path, [role], count=60, interval=None))
    assert daemon.wait(run)["status"] == "complete"
    readings = daemon.headers(run, "reading")
    begun = next(h["utc_ns"] for h in daemon.headers(run, "event", event="step.begin"))
    said = [t for t in text.truth(role) if t.get("said") and t["quantity"] == CHANNELS[role]]
    taken = [i for i in range(len(said) - 59)
             if all(t["said"] in h["raw"] for t, h in zip(said[i:i + 60], readings, strict=True))]
    channel, = daemon.headers(run, "channel")
    assert "heard" in channel and "ask" not in channel
    assert len(taken) == 1, "sixty in a row, as they were said (noise tells them apart)"
    assert said[taken[0]]["utc_ns"] >= begun, "none from before the step"
    assert all(h["utc_ns"] - h["at_ns"] == 5e6 for h in readings) if role == "station" else "at_ns" not in readings[0]


def test_power_cycled_talker_is_told_to_speak_again(text, daemon, tmp_path):
    run = daemon.run(text.bench, procedure(tmp_path, ["printer"]))
    until(lambda: daemon.view(run)["readings"] > 10)
    text.do("power printer")
    until(lambda: daemon.events(run).count("attached") == 2)
    before = daemon.view(run)["readings"]
    until(lambda: daemon.view(run)["readings"] > before + 10)
    daemon.ask("run.abort", run=run, operator="tester", reason="seen enough")
    daemon.wait(run)
    check(daemon.headers(run, "reading"), text.truth(), LAG)


@pytest.mark.parametrize("model", ["gauge", "station", "printer", "readout", "indicator"])
def test_transcripts(model):
    """Acknowledgements, frames and talk are replayed byte for byte, and played under faults."""
    done = etalon("model", "test", "--quantities", ROOT / "config/quantities.yaml",
                  ROOT / f"tests/system/sim/instruments/t-{model}.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "turns" in done.stdout and "faults" in done.stdout
