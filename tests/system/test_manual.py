# SPDX-License-Identifier: GPL-3.0-or-later
"""Instruments that a person reads: what is asked, what an answer must be, what is on record of it."""
import pytest
import yaml

from etalond import ROOT, Refused, check_chain, until

BENCH = ROOT / "config/benches/pressure-by-hand.yaml"
MODELS = ROOT / "config/instruments"


def procedure(folder, steps, roles=("gauge",), points=({"name": "here"},), **more):
    path = folder / "by-hand.yaml"
    path.write_text(yaml.safe_dump({"procedure": "by-hand", "title": "By hand", "roles": list(roles),
                                    "points": list(points), "steps": steps, "safe_within": "2 s", **more}))
    return path


MEASURE = [{"measure": {"channels": ["gauge.pressure.gauge"], "count": 2}}]


class Person:
    """Whoever stands at the bench of a run."""

    def __init__(self, daemon, run, name="Ada"):
        self.daemon, self.run, self.name = daemon, run, name

    def questions(self):
        return self.daemon.ask("question.list", run=self.run)["questions"]

    def asked(self, about=None, role=None):
        """Waits until something is asked."""
        return until(lambda: next((q for q in self.questions() if about in (None, q["about"]) and
                                   role in (None, q["role"])), None))

    def say(self, question, value, **more):
        return self.daemon.ask("question.answer", run=self.run, question=question["question"], value=value,
                               **{"by": self.name, **more})

    def answer(self, about, value, role=None, **more):
        q = self.asked(about, role)
        self.say(q, value, **more)
        return q


def refused(code, words, function, *args, **more):
    with pytest.raises(Refused) as e:
        function(*args, **more)
    assert e.value.code == code, e.value
    assert words in str(e.value)


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


def test_archive(daemon, tmp_path):
    """Each value is proven from what was keyed."""
    import subprocess
    from etalond import BUILD
    run = daemon.run(BENCH, procedure(tmp_path, MEASURE))
    ada = Person(daemon, run)
    for about, value in (("serial", "1"), ("reading", "2.10 bar"), ("reading", "2.05")):
        ada.answer(about, value)
    proof = subprocess.run([BUILD / "etalon", "verify", daemon.sealed(run)], capture_output=True, text=True)
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert "2" in proof.stdout
