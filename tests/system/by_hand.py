# SPDX-License-Identifier: GPL-3.0-or-later
"""Benches on which people read and set: their files, and a person who answers."""
import shutil

import pytest
import yaml

from etalond import ROOT, Refused, until

BENCH = ROOT / "config/benches/pressure-by-hand.yaml"
MODELS = ROOT / "config/instruments"


def procedure(folder, steps, roles=("gauge",), points=({"name": "here"},), **more):
    path = folder / "by-hand.yaml"
    path.write_text(yaml.safe_dump({"procedure": "by-hand", "title": "By hand", "roles": list(roles),
                                    "points": list(points), "steps": steps, "safe_within": "2 s", **more}))
    return path


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


def bench_of(folder, **changes):
    """The bench, with other keys for the gauge's model: {path in the model: value}."""
    models = folder / "models"
    shutil.copytree(MODELS, models)
    for name, edit in changes.items():
        path = models / f"{name.replace('_', '-')}.yaml"
        model = yaml.safe_load(path.read_text())
        edit(model)
        path.write_text(yaml.safe_dump(model))
    bench = yaml.safe_load(BENCH.read_text())
    bench["models"], bench["standards"] = str(models), str(ROOT / "config/standards")
    (folder / "bench.yaml").write_text(yaml.safe_dump(bench))
    return folder / "bench.yaml"
