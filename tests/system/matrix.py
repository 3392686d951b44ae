# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault matrix: what is done to the instruments of a run while it measures.  A fault counts once the
simulator's truth says that it struck; the next one follows when the instrument is read again.  Afterwards: whether
anything wrong was taken for a reading, how soon a lost link was on record, and whether a port that nothing was done
to had to wait.

ETALON_REPEATS is how often each fault strikes each instrument (1).  Several benches share the work, ten rounds each,
so that many may wait at once: make check-matrix."""
import bisect
import collections
import dataclasses
import json
import os
import random
import statistics
import time

import pytest
import yaml

from etalond import HANG, ROOT

REPEATS = int(os.environ.get("ETALON_REPEATS", "1"))
ROUNDS = min(REPEATS, 10)
GOOD = 2                 # readings, after which an instrument is well again
MARGIN_NS = 2e7          # between what a simulator and a daemon call the same moment
SECOND = 1e9
GUARD = HANG * SECOND    # nothing but this is asserted of the slowest of many
HARMLESS = (None, "pieces", "twice", "late")       # the answer is a right one all the same
HANG_UP = ("close", "power")       # faults that end the connection, which shows at once
SLOW = ("silence", "late")


def matrix(test):
    """A test of the matrix, which has an argument share: it is one of so many benches."""
    shares = (REPEATS + ROUNDS - 1) // ROUNDS
    return pytest.mark.matrix(pytest.mark.parametrize("share", range(shares))(test))


@dataclasses.dataclass
class Strike:
    role: str
    kind: str            # as the simulator is told
    told_ns: int
    at_ns: int = 0       # when it struck; 0: not yet
    good: int = 0        # readings since
    over_ns: int = 0     # when it was well again

    @property
    def word(self):
        return self.kind.split()[0]


class Victim:
    """One instrument and all that is to be done to it."""

    def __init__(self, bench, role, kinds):
        self.bench, self.role, self.left = bench, role, kinds
        self.strikes = []

    def now(self):
        """The strike that is not over."""
        last = self.strikes[-1] if self.strikes else None
        return last if last and not last.over_ns else None

    def go_on(self):
        if self.now() or not self.left:
            return
        kind = self.left.pop()
        told = time.time_ns()
        if kind.startswith("power"):
            self.bench.do(" ".join(["power", self.role, *kind.split()[1:]]))
        else:
            self.bench.do(f"fault {self.role} {kind}" + (" times=1" if "times=" not in kind else ""))
        self.strikes.append(Strike(self.role, kind, told, at_ns=told if kind.startswith("power") else 0))

    def saw(self, row):
        """A line of the simulator's truth.  A source is well when it has been set again."""
        strike = self.now()
        if strike and not strike.at_ns and row["fault"] == strike.word:
            strike.at_ns = max(row["utc_ns"], strike.told_ns)
        if "set" in row and not row["fault"]:
            self.well(row["utc_ns"], GOOD)

    def read(self, reading):
        if reading["status"] == "ok":
            self.well(reading["utc_ns"] - reading["span_ns"] // 2)

    def well(self, since, good=1):
        strike = self.now()
        if strike and strike.at_ns and since > strike.at_ns:
            strike.good += good
            if strike.good >= GOOD:
                strike.over_ns = time.time_ns()


class Tail:
    """The lines of the truth that are new."""

    def __init__(self, bench):
        self.bench = bench
        self.file = open(bench.truth_file)
        self.file.readline()
        self.part = ""

    def rows(self):
        self.bench.do("flush")
        *lines, self.part = (self.part + self.file.read()).split("\n")
        return [json.loads(line) for line in lines]


def strike_all(bench, daemon, run, kinds, share):
    """Every fault of kinds {role: [...]} at its role, ROUNDS times in an order of this share; all strikes."""
    order = random.Random(share)
    victims = {role: Victim(bench, role, order.sample(k * ROUNDS, len(k) * ROUNDS)) for role, k in kinds.items()}
    truth, observer = Tail(bench), daemon.observe(run)
    try:
        watch(victims, truth, observer)
    finally:
        observer.close()
        truth.file.close()
    return [s for v in victims.values() for s in v.strikes]


def watch(victims, truth, observer):
    seen, done, moved = 0, 0, time.monotonic()
    while any(v.left or v.now() for v in victims.values()):
        for v in victims.values():
            v.go_on()
        for row in truth.rows():
            if row["role"] in victims:
                victims[row["role"]].saw(row)
        new = observer.messages[seen:]
        seen += len(new)
        for head in (json.loads(m[1]) for m in new):
            role = head["channel"].split(".")[0]
            if head["kind"] == "reading" and role in victims:
                victims[role].read(head)
        if sum(len(v.strikes) for v in victims.values()) > done:
            done, moved = sum(len(v.strikes) for v in victims.values()), time.monotonic()
        assert time.monotonic() < moved + 2 * HANG, [v.now() for v in victims.values()]
        time.sleep(0.05)


# What is known afterwards.


def check(readings, truth, lag=None):
    """Every accepted value is one that the instrument really said, undisturbed and prepared, at that time.  lag:
    channel -> ns, of instruments that speak unasked: how late what they say may be noticed."""
    said = collections.defaultdict(list)
    for t in truth:
        if "said" in t and t["fault"] in HARMLESS and prepared(t):
            said[t["role"] + "." + t["quantity"], t["said"]].append(t["utc_ns"])
    for h in readings:
        if h["status"] != "ok":
            assert h["value"] is None
            continue
        within = h["span_ns"] / 2 + MARGIN_NS  # it was said between question and answer
        times = said[h["channel"], h["raw"]]
        i = bisect.bisect_left(times, h["utc_ns"] - within - (lag or {}).get(h["channel"], 0))
        assert i < len(times) and times[i] < h["utc_ns"] + within, (
            h["channel"], h["raw"], h["utc_ns"], [t for t in truth if f"{t['role']}.{t.get('quantity')}" == h["channel"]
                                                  and abs(t["utc_ns"] - h["utc_ns"]) < 5e8])


def prepared(t):
    """Not as it wakes after a power-on, when it reads half too much (wakes_wrong)."""
    return abs(t["value"] - t["ideal"]) <= 0.25 * abs(t["ideal"]) + 1e-3


def wakes_wrong(bench):
    """Meters of a bench file get a default state, which reads wrong, and a way to tell that they are in it."""
    text = yaml.safe_load(bench.read_text())
    models = bench.parent / "waking"
    models.mkdir()
    for path in (ROOT / "config/instruments").glob("demo-*.yaml"):
        model = yaml.safe_load(path.read_text())
        if path.stem in ("demo-dmm8", "demo-dmm6"):
            model["power_on"] = {"ask": "*ESR?", "bit": 7}
            model["simulate"]["default_error"] = 0.5
        (models / path.name).write_text(yaml.safe_dump(model, sort_keys=False, allow_unicode=True))
    text["models"], text["standards"] = str(models), str(ROOT / "config/standards")
    text["standards"] = str(ROOT / "config/standards")
    bench.write_text(yaml.safe_dump(text, sort_keys=False, allow_unicode=True))
    return bench


def losses(strikes, events):
    """{strike's index: ns until its lost link was on record}"""
    lost = collections.defaultdict(list)
    for e in events:
        if e["event"] == "link.lost":
            lost[e["role"]].append(e["utc_ns"])
    noticed = {}
    for i, s in enumerate(strikes):
        after = [t for t in lost[s.role] if s.at_ns <= t <= s.over_ns]
        if after:
            noticed[i] = after[0] - s.at_ns
    return noticed


def pauses(strikes, readings, witness):
    """{strike's index: ns of the longest pause in the readings of a role that nothing is done to}"""
    at = sorted(h["utc_ns"] for h in readings if h["channel"].split(".")[0] == witness and h["status"] == "ok")
    longest = {}
    for i, s in enumerate(strikes):
        first, last = bisect.bisect_left(at, s.at_ns) - 1, bisect.bisect_right(at, s.over_ns) + 1
        around = at[max(first, 0):last]
        longest[i] = max((b - a for a, b in zip(around, around[1:])), default=s.over_ns - s.at_ns)
    return longest


def judge(way, strikes, kinds, daemon, run, witnesses, report, patience=lambda s: 0, hang_up=HANG_UP):
    """Asserts that each fault struck as often as it should, that losses were noticed, and that nobody else waited.
    patience(strike): ns for which an instrument may be silent, after which that is noticed.  report: pytest's
    record_property."""
    readings, events = daemon.headers(run, "reading"), daemon.headers(run, "event")
    struck = collections.Counter((s.role, s.kind) for s in strikes if s.at_ns and s.over_ns)
    assert struck == {(role, kind): ROUNDS for role, all in kinds.items() for kind in all}
    noticed = losses(strikes, events)
    waited = {w: pauses(strikes, readings, w) for w in witnesses}
    for word in sorted({s.word for s in strikes}):
        mine = [i for i, s in enumerate(strikes) if s.word == word]
        soon = [noticed[i] - (0 if word in hang_up else patience(strikes[i])) for i in mine if i in noticed]
        slow = [waited[w][i] for i in mine for w in witnesses]
        report("matrix", {"way": way, "fault": word, "struck": len(mine), "noticed": soon, "waited": slow})
        if word in hang_up + ("silence",) and soon:
            assert statistics.median(soon) < SECOND and max(soon) < GUARD, (word, soon)
        if word in SLOW and slow:
            assert statistics.median(slow) < SECOND and max(slow) < GUARD, (word, slow)


def summary(rows):
    """The lines of a table of what judge() reported."""
    ways = collections.defaultdict(list)
    for row in rows:
        ways[row["way"], row["fault"]].append(row)
    yield f"{'way':16}{'fault':12}{'struck':>8}{'lost':>7}{'noticed after, median':>24}{'max':>9}{'others wait, max':>19}"
    for (way, fault), parts in sorted(ways.items()):
        noticed = [n / 1e6 for p in parts for n in p["noticed"]]
        waited = max((w / 1e6 for p in parts for w in p["waited"]), default=0)
        when = f"{statistics.median(noticed):21.0f} ms{max(noticed):6.0f} ms" if noticed else " " * 33
        yield f"{way:16}{fault:12}{sum(p['struck'] for p in parts):8}{len(noticed):7}{when}{waited:16.0f} ms"
