# SPDX-License-Identifier: GPL-3.0-or-later
"""Instruments that a person reads: what is asked, what an answer must be, what is on record of it."""
import contextlib
import datetime
import hashlib
import json
import os
import pty
import select
import subprocess
import time

import h5py
import pytest
import yaml
import zmq

from by_hand import BENCH, Person, bench_of, procedure, refused
from etalond import BUILD, ROOT, Refused, check_chain, until

MEASURE = [{"measure": {"channels": ["gauge.pressure.gauge"], "count": 2}}]

def test_readings(daemon, tmp_path):
    """What was keyed is the raw text of a reading, and who keyed it is on record."""
    run = daemon.run(BENCH, procedure(tmp_path, MEASURE))
    ada = Person(daemon, run)
    q = ada.answer("serial", "4711-B")
    assert q["place"] == "pressure bench, right" and "serial number" in q["words"]["en"]
    q = ada.asked("reading")
    assert (q["asked_channel"], q["unit"], q["low"], q["high"], q["resolution"]) == ("gauge.pressure.gauge", "bar", 0, 10, 0.05)
    assert (q["k"], q["count"], q["point_name"], q["second_person"]) == (0, 2, "here", False)
    assert "стрелку" in q["words"]["ru"] and "last" not in q
    ada.say(q, " 1.25 bar")
    refused("state", "Ada has answered it", ada.say, q, "1.30")
    q = until(lambda: [x for x in ada.questions() if x.get("k") == 1])[0]
    assert q["last"] == 1.25
    ada.say(q, "1.3", by="Bela")
    assert daemon.wait(run)["status"] == "complete"
    records = daemon.replay(run)
    check_chain(records)
    readings = daemon.headers(run, "reading")
    assert [(r["raw"], r["value"], r["status"]) for r in readings] == [(" 1.25 bar", 125000, "ok"), ("1.3", 130000, "ok")]
    assert [r["by"] for r in daemon.headers(run, "event", event="answer")] == ["Ada", "Ada", "Bela"]
    assert daemon.headers(run, "event", event="attached")[0]["serial_number"] == "4711-B"


def test_refusals(daemon, tmp_path):
    """What the gauge cannot show comes back at once, with what to do; the question stays."""
    run = daemon.run(BENCH, procedure(tmp_path, [{"measure": {"channels": ["gauge.pressure.gauge"], "count": 5}}]))
    ada = Person(daemon, run)
    ada.answer("serial", "1")
    q = ada.asked("reading")
    refused("config", "decimals stand behind a point", ada.say, q, "1,5")
    refused("config", "in bar", ada.say, q, "150 kPa")
    refused("config", "overload or underload", ada.say, q, "10.5")
    refused("config", "steps of 0.05 bar", ada.say, q, "1.27")
    refused("config", "steps of 0.05 bar", ada.say, q, "1.27")
    refused("config", "by", ada.say, q, "1.25", by="")
    refused("config", "nothing was keyed", ada.say, q, "")
    refused("config", "at most 127", ada.say, q, "1" * 200)
    refused("state", "has no question", ada.say, {"question": "gauge-99"}, "1.25")
    refused("state", "no run", Person(daemon, "DEMO-1").say, q, "1.25")
    ada.say(q, "1.27", reason="the pointer stands just above the mark")
    q = ada.asked("reading")
    refused("config", "key it again", ada.say, q, "3.25")
    refused("config", "key it again", ada.say, q, "3.30")      # not the same again
    refused("config", "key it again", ada.say, q, "3.25")
    ada.say(q, "3.25")
    ada.answer("reading", "overload")
    ada.answer("reading", "not readable")
    refused("config", "key it again", ada.say, ada.asked("reading"), "9.00")   # the last that had a value counts
    ada.answer("reading", "9.00", reason="the pump was worked in between")
    assert daemon.wait(run)["status"] == "complete"
    assert [r["status"] for r in daemon.headers(run, "reading")] == ["ok", "ok", "overload", "not_a_number", "ok"]
    answers = daemon.headers(run, "event", event="answer")
    assert [a["raw"] for a in answers if a["outcome"] == "refused"] == [
        "1,5", "150 kPa", "10.5", "1.27", "1.27", "3.25", "3.30", "3.25", "9.00"]
    assert [a["reason"] for a in answers if "reason" in a] == ["the pointer stands just above the mark",
                                                               "the pump was worked in between"]


def etalon(daemon, *args, **options):
    return subprocess.run([BUILD / "etalon", *map(str, args), "--state", daemon.state], capture_output=True, text=True,
                          timeout=60, **options)


def test_archive(daemon, tmp_path):
    """Each value is proven from what was keyed."""
    run = daemon.run(BENCH, procedure(tmp_path, MEASURE))
    ada = Person(daemon, run)
    for about, value in (("serial", "1"), ("reading", "2.10 bar"), ("reading", "2.05")):
        ada.answer(about, value)
    proof = subprocess.run([BUILD / "etalon", "verify", daemon.sealed(run)], capture_output=True, text=True)
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert "2" in proof.stdout


# What happens to a question.

def gauge_point(**keys):
    def edit(model):
        model["points"]["pressure.gauge"]["manual"].update(keys)
    return edit


def test_two_at_once(daemon, tmp_path):
    """The first counts; the other is told who was faster, and nothing of theirs goes to the next question."""
    run = daemon.run(BENCH, procedure(tmp_path, [{"measure": {"channels": ["gauge.pressure.gauge"], "count": 8}}]))
    ada = Person(daemon, run)
    ada.answer("serial", "1")
    people = {name: daemon.context.socket(zmq.DEALER) for name in ("Ada", "Bela")}
    for socket in people.values():
        socket.connect(f"ipc://{daemon.state}/control")
    for k in range(8):
        q = until(lambda: [x for x in ada.questions() if x.get("k") == k])[0]
        for name, socket in people.items():
            socket.send_json({"id": k, "cmd": "question.answer", "args": {
                "run": run, "question": q["question"], "value": "1.05" if name == "Ada" else "1.10", "by": name}})
        said = {name: socket.recv_json() for name, socket in people.items()}
        winner = next(name for name, answer in said.items() if answer["ok"])
        loser, = (answer["error"] for answer in said.values() if not answer["ok"])
        assert loser == {"code": "state", "text": f"{q['question']} is no longer asked: {winner} has answered it"}
    for socket in people.values():
        socket.close(0)
    daemon.wait(run)
    answers = daemon.headers(run, "event", event="answer")
    assert [a["outcome"] for a in answers] == 9 * ["taken"] and len(daemon.headers(run, "reading")) == 8


@pytest.mark.parametrize("order, status", [("run.abort", "aborted"), ("run.stop", "stopped")])
def test_ended_while_asked(daemon, tmp_path, order, status):
    """An abort does not wait for the person; a stop lets the step in hand finish."""
    run = daemon.run(BENCH, procedure(tmp_path, MEASURE, points=({"name": "a"}, {"name": "b"})))
    ada = Person(daemon, run)
    ada.answer("serial", "1")
    q = ada.asked("reading")
    began = time.monotonic()
    daemon.ask(order, run=run, operator="tester", reason="enough")
    if order == "run.stop":
        ada.say(q, "1.00")
        ada.answer("reading", "1.05")
    assert daemon.wait(run)["status"] == status
    assert order == "run.stop" or time.monotonic() - began < 5
    refused("state", "has ended", ada.say, q, "1.00")
    assert ada.questions() == []
    assert len(daemon.headers(run, "event", event="prompt.withdrawn")) == (order == "run.abort")
    check_chain(daemon.replay(run))


def test_daemon_told_to_end_while_asked(daemon, tmp_path):
    """It does not wait for people: the run is aborted, sealed, and the daemon ends."""
    run = daemon.run(BENCH, procedure(tmp_path, PUMP, ("reference",), PUMP_POINTS))
    ada = Person(daemon, run)
    ada.answer("serial", "P-2207")
    ada.asked("setting")
    assert daemon.term() == 0
    daemon.start()
    assert daemon.view(run)["status"] == "aborted"
    alarm, = daemon.headers(run, "event", event="alarm")
    assert "safe" in alarm["text"]
    assert [f["event"] for f in daemon.headers(run, "event")][-1] != "prompt"


def test_killed_while_asked(daemon, tmp_path):
    """After the daemon's death the point begins anew; names of questions are not given twice, and what was
    acknowledged before is still on record."""
    run = daemon.run(BENCH, procedure(tmp_path, MEASURE, resumable=True))
    ada = Person(daemon, run)
    ada.answer("serial", "1")
    ada.answer("reading", "1.00")
    old = until(lambda: [x for x in ada.questions() if x.get("k") == 1])[0]
    daemon.kill()
    daemon.start()
    q = ada.answer("serial", "1")
    assert q["question"] != old["question"]
    refused("state", "has no question", ada.say, old, "1.00")
    first = ada.answer("reading", "1.05")
    assert (first["k"], first["attempt"]) == (0, 2)
    ada.answer("reading", "1.10")
    assert daemon.wait(run)["status"] == "complete"
    names = [p["question"] for p in daemon.headers(run, "event", event="prompt")]
    assert len(names) == len(set(names)) == 6
    assert [(r["raw"], r["attempt"]) for r in daemon.headers(run, "reading")] == [("1.00", 1), ("1.05", 2), ("1.10", 2)]
    check_chain(daemon.replay(run))


def test_killed_after_answers(daemon, tmp_path):
    """Whatever the moment of death: an answer that was acknowledged is on record, with its reading."""
    run = daemon.run(BENCH, procedure(tmp_path, [{"measure": {"channels": ["gauge.pressure.gauge"], "count": 100}}],
                                      resumable=True))
    ada = Person(daemon, run)
    acknowledged = []
    for life in range(5):
        ada.answer("serial", "1")
        for i in range(life + 1):
            value = f"{life}.{5 * i:02}"
            ada.answer("reading", value, reason="test")
            acknowledged.append(value)
        daemon.kill()
        daemon.start()
    assert [r["raw"] for r in daemon.headers(run, "reading")] == acknowledged
    daemon.ask("run.abort", run=run)
    daemon.wait(run)


def test_second_person(daemon, tmp_path):
    """A reading counts once somebody else has confirmed it; what was rejected stays on record."""
    run = daemon.run(bench_of(tmp_path, bourdon_gauge=gauge_point(confirm="second_person")), procedure(tmp_path, MEASURE))
    ada, bela = Person(daemon, run), Person(daemon, run, "Bela")

    def second(cmd, q, by, **more):
        daemon.ask(f"question.{cmd}", run=run, question=q["question"], by=by, **more)

    ada.answer("serial", "1")
    q = ada.asked("reading")
    assert q["second_person"]
    refused("state", "no answer to be confirmed", second, "confirm", q, "Bela")
    ada.say(q, "1.25")
    assert daemon.headers(run, "reading") == []
    held = until(lambda: [x for x in bela.questions() if "held" in x])[0]
    assert held["question"] == q["question"] and held["held"] == {"answer": "1.25", "by": "Ada"}
    refused("state", "Ada has answered '1.25': confirm or reject it", bela.say, q, "1.30")
    refused("config", "another person confirms", second, "confirm", q, "ada")
    second("reject", q, "Bela", reason="parallax")
    anew = ada.asked("reading")
    assert anew["question"] != q["question"] and anew["k"] == 0
    refused("state", "Bela has rejected its answer", second, "confirm", q, "Bela")
    ada.say(anew, "1.30")
    second("confirm", anew, "Bela")
    last = until(lambda: [x for x in bela.questions() if x.get("k") == 1])[0]
    bela.say(last, "1.35")
    second("confirm", last, "Ada")
    assert daemon.wait(run)["status"] == "complete"
    assert [r["raw"] for r in daemon.headers(run, "reading")] == ["1.30", "1.35"]
    confirmed = daemon.headers(run, "event", event="answer.confirmed")
    assert [(c["raw"], c["answered_by"], c["by"]) for c in confirmed] == [("1.30", "Ada", "Bela"), ("1.35", "Bela", "Ada")]
    rejected = daemon.headers(run, "event", event="answer.rejected")
    assert [(c["raw"], c["answered_by"], c["by"], c["reason"]) for c in rejected] == [("1.25", "Ada", "Bela", "parallax")]


PUMP = [{"set": {"channel": "reference.pressure.gauge"}},
        {"measure": {"channels": ["reference.pressure.gauge"], "count": 1}}]
PUMP_POINTS = [{"name": "2 bar", "values": {"reference.pressure.gauge": "2 bar"}},
               {"name": "4 bar", "values": {"reference.pressure.gauge": "4 bar"}}]


def test_set_and_safe(daemon, tmp_path):
    """What is set is read back; the safe state is asked for when the run ends."""
    run = daemon.run(BENCH, procedure(tmp_path, PUMP, ("reference",), PUMP_POINTS))
    ada = Person(daemon, run)
    q = ada.asked("serial")
    refused("identity", "expects another serial number", ada.say, q, "P-2270")
    ada.say(q, "P-2207")
    q = ada.asked("setting")
    assert (q["wanted"], q["tolerance"]) == (2, 0.05) and "pump to 2 bar" in q["words"]["en"]
    refused("config", "set it again", ada.say, q, "2.2")
    refused("config", "not a number", ada.say, q, "done")
    refused("config", "no digits beyond", ada.say, q, "2.0131")
    ada.say(q, "2.013")
    q = ada.answer("reading", "2.012")
    assert q["nominal"] == 2
    ada.answer("setting", "3.990")
    ada.answer("reading", "3.991")
    q = ada.asked("safe")
    assert "vent" in q["words"]["en"]
    refused("config", "done once it is", ada.say, q, "yes")
    refused("config", "give the reason", ada.say, q, "cannot")
    ada.say(q, "done")
    assert daemon.wait(run)["status"] == "complete"
    events = daemon.events(run)
    assert "alarm" not in events and events.count("safe") == 1
    assert daemon.headers(run, "event", event="safe")[0]["confirmed"]


def test_another_instrument(daemon, tmp_path):
    """A wrong serial number, keyed twice, is another instrument: the run goes no further and says why."""
    run = daemon.run(BENCH, procedure(tmp_path, PUMP, ("reference",), PUMP_POINTS))
    ada = Person(daemon, run)
    q = ada.asked("serial")
    refused("identity", "look again", ada.say, q, "P-1")
    ada.say(q, "P-1")
    view = daemon.wait(run)
    assert view["status"] == "failed" and "serial number is 'P-1'" in view["reason"]


def test_cannot_be_set(daemon, tmp_path):
    """The run holds; its safe state is asked for, and after a release everything is asked anew."""
    run = daemon.run(BENCH, procedure(tmp_path, PUMP, ("reference",), PUMP_POINTS[:1]))
    ada = Person(daemon, run)
    ada.answer("serial", "P-2207")
    q = ada.asked("setting")
    ada.say(q, "cannot", reason="the pump leaks")
    assert "the pump leaks" in daemon.wait(run, "holding")["reason"]
    ada.answer("safe", "done")
    until(lambda: "safe" in daemon.events(run))
    daemon.ask("run.resume", run=run, operator="tester", reason="new seal")
    ada.answer("serial", "P-2207")
    ada.answer("setting", "2.000")
    ada.answer("reading", "2.000")
    ada.answer("safe", "done")
    assert daemon.wait(run)["status"] == "complete"
    assert [p["attempt"] for p in daemon.headers(run, "event", event="point.begin")] == [1, 2]


def test_unconfirmed_safe_state(daemon, tmp_path):
    """Nobody confirms it in time: an alarm; the question stays while the run holds."""
    def quick(model):
        model["manual"]["safe_within"] = "1 s"

    run = daemon.run(bench_of(tmp_path, hand_pump=quick), procedure(tmp_path, PUMP, ("reference",), PUMP_POINTS[:1]))
    ada = Person(daemon, run)
    ada.answer("serial", "P-2207")
    ada.answer("setting", "cannot", reason="no oil")
    daemon.wait(run, "holding")
    alarm = until(lambda: daemon.headers(run, "event", event="alarm"))[0]
    assert alarm["confirmed"] is False and "nobody has confirmed" in alarm["text"]
    ada.answer("safe", "done")
    assert until(lambda: daemon.headers(run, "event", event="safe"))[0]["confirmed"]
    daemon.ask("run.abort", run=run)
    ended = daemon.wait(run)
    assert ended["status"] == "aborted"
    assert len(daemon.headers(run, "event", event="alarm")) == 2       # nobody was there at the end either


def test_reminder(daemon, tmp_path):
    def often(model):
        model["manual"] = {"remind": "200 ms"}

    run = daemon.run(bench_of(tmp_path, bourdon_gauge=often), procedure(tmp_path, MEASURE))
    ada = Person(daemon, run)
    ada.asked("serial")
    until(lambda: daemon.headers(run, "event", event="prompt.reminder")[2:])
    times = [r["mono_ns"] for r in daemon.headers(run, "event", event="prompt.reminder")]
    assert times[2] - times[1] > 1.5 * (times[1] - times[0])
    ada.answer("serial", "1")
    ada.answer("reading", "1.00")
    ada.answer("reading", "1.00")
    daemon.wait(run)


def settling(**keys):
    return [{"settle": {"channel": "gauge.pressure.gauge", "band": "0.1 bar", "window": "500 ms", **keys}},
            *MEASURE]


def test_settled_by_hand(daemon, tmp_path):
    """Readings are asked for until they stay; then nobody is asked any more."""
    run = daemon.run(BENCH, procedure(tmp_path, settling(timeout="60 s")))
    ada = Person(daemon, run)
    ada.answer("serial", "1")
    for value in ("1.00", "1.40", "1.45"):
        q = ada.answer("reading", value)
        assert "count" not in q                 # nobody knows how many it will be
        time.sleep(0.3)
    while daemon.view(run)["state"] == "running":
        for q in ada.questions():
            with contextlib.suppress(Refused):
                ada.say(q, "1.45")
    assert daemon.wait(run)["status"] == "complete"
    readings = daemon.headers(run, "reading")
    assert [r["use"] for r in readings] == (len(readings) - 2) * ["settle"] + 2 * ["measure"]
    settled = [r for r in readings if r["use"] == "settle"]
    assert settled[-1]["mono_ns"] - settled[0]["mono_ns"] >= 5e8
    assert settled[-1]["mono_ns"] - settled[1]["mono_ns"] < 5e9


def test_not_settled_by_hand(daemon, tmp_path):
    """The step's own timeout bounds what is asked in it."""
    run = daemon.run(BENCH, procedure(tmp_path, settling(timeout="1 s")))
    ada = Person(daemon, run)
    ada.answer("serial", "1")
    ada.asked("reading")
    assert "did not settle in time" in daemon.wait(run, "holding")["reason"]
    until(lambda: ada.questions() == [])
    daemon.ask("run.abort", run=run)
    daemon.wait(run)


def test_environment_by_hand(daemon, tmp_path):
    """Read all along, and what the step reads takes its turn with it."""
    def also_temperature(model):
        model["points"]["temperature"] = {"manual": {"read": "Read the thermometer beside it."}}

    run = daemon.run(bench_of(tmp_path, bourdon_gauge=also_temperature), procedure(
        tmp_path, [{"measure": {"channels": ["gauge.pressure.gauge"], "count": 3}}],
        environment=[{"channel": "gauge.temperature", "every": "10 ms"}]))
    ada = Person(daemon, run)
    ada.answer("serial", "1")
    while daemon.view(run)["state"] != "ended":
        assert len(ada.questions()) <= 1
        for q in ada.questions():
            with contextlib.suppress(Refused):      # the run may just have ended
                ada.say(q, "1.00" if q.get("unit") == "bar" else "21.3")
    readings = daemon.headers(run, "reading")
    assert len([r for r in readings if r.get("use") == "measure"]) == 3
    assert {r["raw"] for r in readings if "use" not in r} == {"21.3"}


def mixed(sim, daemon, tmp_path):
    """The demonstration's meter beside the gauge that nobody answers for."""
    bench = yaml.safe_load((ROOT / "config/benches/demo.yaml").read_text())
    bench["models"] = str(ROOT / "config/instruments")
    bench["roles"] = {"meter": bench["roles"]["meter"],
                      "gauge": {"model": "bourdon-gauge", "address": "manual:beside the meter"}}
    (tmp_path / "mixed.yaml").write_text(yaml.safe_dump(bench))
    s = sim(tmp_path / "mixed.yaml")
    run = daemon.run(s.bench, procedure(tmp_path, [{"measure": {
        "channels": ["meter.voltage.dc", "gauge.pressure.gauge"], "count": 10, "interval": "100 ms"}}], ("meter", "gauge"),
        link_loss="1 s"))
    ada = Person(daemon, run)
    ada.answer("serial", "1")
    ada.asked("reading")
    return s, run, ada


def test_nobody_waits_for_a_person(sim, daemon, tmp_path):
    """What is on a wire is read when it is due, however long the person takes."""
    s, run, ada = mixed(sim, daemon, tmp_path)
    until(lambda: len(daemon.headers(run, "reading")) == 10)
    times = [r["mono_ns"] for r in daemon.headers(run, "reading")]
    assert times[-1] - times[0] < 5e9       # not as long as the person takes
    for _ in range(10):
        ada.answer("reading", "1.00")
    assert daemon.wait(run)["status"] == "complete"


def test_hold_of_another_port(sim, daemon, tmp_path):
    """The meter is gone for too long: the run holds, the question is withdrawn, and asked anew after the release."""
    s, run, ada = mixed(sim, daemon, tmp_path)
    s.do("fault meter silence times=0 on=any")
    q = ada.asked("reading")
    daemon.wait(run, "holding")
    until(lambda: ada.questions() == [])
    refused("state", "is no longer asked", ada.say, q, "1.00")
    s.do("clear meter")
    daemon.ask("run.resume", run=run)
    ada.answer("serial", "1")
    for _ in range(10):
        assert ada.answer("reading", "1.00")["attempt"] == 2
    assert daemon.wait(run)["status"] == "complete"


# Files.

def test_picture(daemon, tmp_path):
    """What the person was shown is on record and in the archive; one that is not there is refused beforehand."""
    bench = bench_of(tmp_path, bourdon_gauge=gauge_point(picture="dial.png"))
    with pytest.raises(Refused, match="bourdon-gauge.yaml:.*picture: .*dial.png: cannot be opened"):
        daemon.run(bench, procedure(tmp_path, MEASURE))
    png = bytes(range(256)) * 10
    (tmp_path / "models/dial.png").write_bytes(png)
    run = daemon.run(bench, procedure(tmp_path, MEASURE, resumable=True))
    ada = Person(daemon, run)
    ada.answer("serial", "1")
    q = ada.asked("reading")
    assert q["picture"] == "dial.png" and q["picture_sha256"] == hashlib.sha256(png).hexdigest()
    assert os.path.samefile(q["picture_path"], tmp_path / "models/dial.png")
    (tmp_path / "models/dial.png").unlink()         # the run has its own copy
    daemon.kill()
    daemon.start()
    for about, value in (("serial", "1"), ("reading", "1.00"), ("reading", "1.00")):
        ada.answer(about, value)
    head, body = next((json.loads(h), b) for h, b in daemon.replay(run) if b"\"picture\"" in h and b"file" in h)
    assert (body, head["media_type"], head["what"]) == (png, "image/png", "picture")
    with h5py.File(daemon.sealed(run)) as f:
        assert bytes(f["entry/pictures/dial.png/data"][()]) == png


SHEET = """point,value,time
here,1.00,2026-11-24T07:00:00Z
here,1.05 bar,2026-11-24T07:00:10Z
"""


def test_file_of_answers(daemon, tmp_path):
    """Readings from a file: it is kept, each reading says its line, and what the file has not is asked."""
    path = tmp_path / "morning.csv"
    run = daemon.run(BENCH, procedure(tmp_path, [{"measure": {"channels": ["gauge.pressure.gauge"], "count": 3}}]))
    ada = Person(daemon, run)
    ada.answer("serial", "1")
    ada.asked("reading")
    for old, new, said in (("1.05 bar", "1,05", "morning.csv:3:1: error: "), ("1.00", "1.02", "morning.csv:2:1: error: "),
                           ("here,1.00", "there,1.00", "no such point"), ("07:00:10Z", "noon", "morning.csv:3:1")):
        path.write_text(SHEET.replace(old, new))
        done = etalon(daemon, "answer", run, "--csv", path, "--by", "Ada")
        assert done.returncode == 1 and said in done.stderr and "nothing of the file is taken" in done.stderr
    assert daemon.headers(run, "reading") == [] and daemon.headers(run, "file", what="answers") == []
    assert etalon(daemon, "answer", run, "--csv", tmp_path / "none.csv").returncode == 1
    path.write_text(SHEET)
    done = etalon(daemon, "answer", run, "gauge", "--csv", path, "--by", "Ada")
    assert (done.returncode, done.stdout) == (0, "gauge-2: the file is on record\n")
    last = until(lambda: [q for q in ada.questions() if q.get("k") == 2])[0]
    assert last["last"] == 1.05
    ada.say(last, "1.10")
    archive = daemon.sealed(run)
    readings = daemon.headers(run, "reading")
    assert [(r["raw"], r.get("at_ns")) for r in readings] == [
        ("1.00", 1795503600 * 10**9), ("1.05 bar", 1795503610 * 10**9), ("1.10", None)]
    file, = daemon.headers(run, "file", what="answers")
    assert (file["name"], file["by"], file["role"]) == ("morning.csv", "Ada", "gauge")
    assert file["sha256"] == hashlib.sha256(SHEET.encode()).hexdigest()
    rows = [(a["row"], a["file_sha256"]) for a in daemon.headers(run, "event", event="answer") if "row" in a]
    assert rows == [(2, file["sha256"]), (3, file["sha256"])]
    with h5py.File(archive) as f:
        assert f["entry/answers/morning.csv/data"][()].decode() == SHEET
    assert subprocess.run([BUILD / "etalon", "verify", archive]).returncode == 0


def test_file_and_second_person(daemon, tmp_path):
    """Each reading of the file is confirmed; after a rejection the person is asked."""
    path = tmp_path / "morning.csv"
    path.write_text(SHEET)
    run = daemon.run(bench_of(tmp_path, bourdon_gauge=gauge_point(confirm="second_person")), procedure(tmp_path, MEASURE))
    ada = Person(daemon, run)
    ada.answer("serial", "1")
    ada.asked("reading")
    assert etalon(daemon, "answer", run, "--csv", path, "--by", "Ada").returncode == 0
    q = until(lambda: [q for q in ada.questions() if "held" in q])[0]
    daemon.ask("question.confirm", run=run, question=q["question"], by="Bela")
    q = until(lambda: [q for q in ada.questions() if "held" in q and q["k"] == 1])[0]
    daemon.ask("question.reject", run=run, question=q["question"], by="Bela")
    q = until(lambda: [x for x in ada.questions() if "held" not in x])[0]
    ada.say(q, "1.10")
    daemon.ask("question.confirm", run=run, question=q["question"], by="Bela")
    daemon.wait(run)
    assert [r["raw"] for r in daemon.headers(run, "reading")] == ["1.00", "1.10"]


# etalon-sim plays the people.

def played(folder, **keys):
    """The bench with both roles simulated."""
    bench = yaml.safe_load(bench_of(folder, **keys).read_text())
    for role in bench["roles"].values():
        role["simulated"] = True
    (folder / "bench.yaml").write_text(yaml.safe_dump(bench))
    return folder / "bench.yaml"


def play(sim, daemon, bench, *options):
    return sim(bench, "--control", f"ipc://{daemon.state}/control", *options)


def test_people_are_played(sim, daemon, tmp_path):
    """A whole run unattended; its errors of indication are those of the simulated gauge."""
    s = play(sim, daemon, played(tmp_path))
    run = daemon.run(s.bench, ROOT / "config/procedures/pressure-gauge.yaml")
    assert daemon.wait(run)["status"] == "complete"
    assert daemon.headers(run, "start")[0]["simulated"]
    assert {a["by"] for a in daemon.headers(run, "event", event="answer")} == {"etalon-sim"}
    errors = [r["value"] for r in daemon.headers(run, "result", result="error_of_indication")]
    for nominal, error in zip((2, 6, 10, 6, 2), errors, strict=True):
        assert error == pytest.approx((-0.02 * nominal + 0.05) * 1e5, abs=0.06e5)
    assert [t for t in s.truth("gauge") if t["quantity"] == "pressure.gauge"]
    assert "alarm" not in daemon.events(run)


@pytest.mark.parametrize("fault", ["gauge late delay_ms=300 times=3", "gauge garbage times=3", "gauge comma times=5",
                                   "gauge unit times=3", "gauge twice times=9", "gauge wrong-echo times=4",
                                   "gauge overload times=2", "reference comma times=2 on=set", "reference twice on=set"])
def test_slips_of_people(sim, daemon, tmp_path, fault):
    """Whatever is keyed wrongly: what counts is what the instruments showed."""
    s = play(sim, daemon, played(tmp_path))
    s.do(f"fault {fault}")
    run = daemon.run(s.bench, ROOT / "config/procedures/pressure-gauge.yaml")
    assert daemon.wait(run)["status"] == "complete"
    said = [t["said"] for t in s.truth("gauge") if "said" in t and t["said"]]
    assert [r["raw"] for r in daemon.headers(run, "reading") if r["channel"].startswith("gauge")] == said
    assert len(said) == 10
    refused_ones = [a for a in daemon.headers(run, "event", event="answer") if a["outcome"] == "refused"]
    assert bool(refused_ones) == any(kind in fault for kind in ("garbage", "comma", "unit"))


def test_second_person_is_played(sim, daemon, tmp_path):
    bench = played(tmp_path, bourdon_gauge=gauge_point(confirm="second_person"))
    s = play(sim, daemon, bench)
    s.do("fault gauge reject times=2")
    run = daemon.run(s.bench, ROOT / "config/procedures/pressure-gauge.yaml")
    assert daemon.wait(run)["status"] == "complete"
    assert len(daemon.headers(run, "event", event="answer.rejected")) == 2
    assert len(daemon.headers(run, "event", event="answer.confirmed")) == 10


@pytest.mark.parametrize("fault, state, why", [("reference refuse", "holding", "refused"),
                                               ("reference identity", "ended", "serial number is 'OTHER999'")])
def test_people_who_cannot(sim, daemon, tmp_path, fault, state, why):
    s = play(sim, daemon, played(tmp_path))
    s.do(f"fault {fault}")
    run = daemon.run(s.bench, ROOT / "config/procedures/pressure-gauge.yaml")
    view = daemon.wait(run, state)
    assert why in view["reason"]
    if state == "holding":
        daemon.ask("run.resume", run=run)
        assert daemon.wait(run)["status"] == "complete"


def test_people_survive_the_daemon(sim, daemon, tmp_path):
    s = play(sim, daemon, played(tmp_path))
    run = daemon.run(s.bench, ROOT / "config/procedures/pressure-gauge.yaml")
    for _ in range(3):
        until(lambda: daemon.view(run)["readings"] > 3)
        daemon.kill()
        daemon.start()
    assert daemon.wait(run)["status"] == "complete"
    check_chain(daemon.replay(run))


# The command.

def test_command(daemon, tmp_path):
    run = daemon.run(BENCH, procedure(tmp_path, MEASURE))
    Person(daemon, run).asked()
    listed = etalon(daemon, "answer", stdin=subprocess.DEVNULL)
    assert f"{run} gauge-1  serial of gauge" in listed.stdout
    assert "1 open: etalon answer" in etalon(daemon, "status").stdout
    assert "the value is missing behind gauge" in etalon(daemon, "answer", run, "gauge", "--by", "Ada").stderr
    assert etalon(daemon, "answer", run, "4711", "--by", "Ada").stdout == "gauge-1: on record\n"
    Person(daemon, run).asked("reading")
    said = etalon(daemon, "answer", run, "gauge", "-1.25", "--by", "Ada")
    assert said.returncode == 1 and "underload" in said.stderr
    asked = Person(daemon, run).asked("reading")["asked_ns"] // 10**9
    before, then = (datetime.datetime.fromtimestamp(t, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") for t in (asked - 1, asked))
    said = etalon(daemon, "answer", run, "gauge.pressure.gauge", "1.25", "--by", "Ada", "--at", before)
    assert said.returncode == 1 and f"{before} is before gauge-2 was asked, which was at {then}" in said.stderr
    said = etalon(daemon, "answer", run, "gauge.pressure.gauge", "1.25", "--by", "Ada", "--at", then)
    assert said.returncode == 0, said.stderr
    until(lambda: [x for x in Person(daemon, run).questions() if x.get("k") == 1])
    assert "nothing is asked of pump" in etalon(daemon, "answer", run, "pump", "1.25").stderr
    assert etalon(daemon, "answer", run, "1", "2", "3").returncode == 2
    assert etalon(daemon, "answer", run, "1.3", "--by", "Ada").returncode == 0
    daemon.wait(run)
    stated = daemon.headers(run, "reading")[0]
    assert stated["utc_ns"] == stated["at_ns"] == asked * 10**9
    assert "nothing is asked" in etalon(daemon, "answer").stdout
    assert etalon(daemon, "answer", run, "1").returncode == 1


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, *args):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen([str(a) for a in args], stdin=slave, stdout=slave, stderr=slave,
                                        env={**os.environ, "TERM": "xterm", "LANG": "C.UTF-8"})
        os.close(slave)
        self.text = ""

    def until(self, words, patience=30):
        end = time.monotonic() + patience
        while words not in self.text:
            assert time.monotonic() < end, self.text
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self.master, 65536).decode()
                except OSError:
                    break
        assert words in self.text, self.text
        self.text = self.text.split(words, 1)[1]

    def key(self, line):
        os.write(self.master, line.encode() + b"\n")

    def close(self):
        status = self.process.wait(30)
        os.close(self.master)
        return status


def test_run_at_a_terminal(daemon, tmp_path):
    """`etalon run` shows what is asked and takes the answer where it follows the run."""
    t = Terminal(BUILD / "etalon", "run", "--operator", "Ada", procedure(tmp_path, MEASURE), BENCH, "--state", daemon.state)
    t.until("Which serial number does it bear?")
    t.until("Ada> ")
    t.key("4711")
    t.until("scale      0 to 10 bar, steps of 0.05 bar")
    t.until("Ada> ")
    t.key("1,5")
    t.until("decimals stand behind a point")
    t.until("Ada> ")
    t.key("1.27 because the pointer stands above the mark")
    t.until("last       1.27 bar")
    t.key("1.30")
    t.until("archive: ")
    assert t.close() == 0


def test_answers_at_a_terminal(daemon, tmp_path):
    """Two people at two terminals, one of whom confirms."""
    run = daemon.run(bench_of(tmp_path, bourdon_gauge=gauge_point(confirm="second_person")),
                     procedure(tmp_path, [{"measure": {"channels": ["gauge.pressure.gauge"], "count": 1}}]))
    ada = Terminal(BUILD / "etalon", "answer", "--by", "Ada", "--state", daemon.state)
    ada.until("Ada> ")
    ada.key("4711")
    ada.until("a second person confirms the answer")
    bela = Terminal(BUILD / "etalon", "answer", run, "--by", "Bela", "--state", daemon.state)
    bela.until("Bela> ")
    ada.key("1.25")
    bela.until("Bela, yes or no> ")
    bela.key("perhaps")
    bela.until("yes confirms the answer")
    bela.key("yes")
    assert daemon.wait(run)["status"] == "complete"
    for t in ada, bela:
        os.write(t.master, b"\x04")
        assert t.close() == 0
