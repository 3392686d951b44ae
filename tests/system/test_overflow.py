# SPDX-License-Identifier: GPL-3.0-or-later
"""An observer that stalls until messages are really dropped for it: the daemon goes on, and what
was missed is fetched by replay."""
import json
import os
import signal

import h5py
import pytest
import yaml
import zmq

from etalond import BUILD, ROOT, check_chain, until
from journal_reader import Journal
from test_record import live_rows, verified

ALL = ROOT / "tests/system/sim/benches/all.yaml"
CHANNEL = "meter.voltage.dc"
HIGH_WATER = 20000              # messages that the stream keeps for an observer (daemon/stream.c)
BEYOND = HIGH_WATER + 20000     # and much more than all sockets on the way hold
HELD = 128 << 20                # bytes that the stream keeps for all observers together (daemon/stream.c)
ARRAYS = 16                     # of 12 MB
NEAR = 100                      # records: cheaper to fetch once more than to ask again
QUIET = 0.5                     # seconds after which nothing more is on its way


@pytest.fixture
def run(sim, daemon, tmp_path):
    """A run that reads one meter as fast as it goes, some 10,000 times a second, until it is aborted."""
    path = tmp_path / "fast.yaml"
    path.write_text(yaml.safe_dump({
        "procedure": "fast", "title": "As fast as it goes", "roles": ["meter"], "points": [{"name": "0 V"}],
        "steps": [{"measure": {"channels": [CHANNEL], "count": 1000000}}]}))
    return daemon.run(sim(ALL).bench, path)


def wait_beyond(daemon, run):
    """Nobody waits for who has stalled: the run goes on far beyond what the stream keeps."""
    until(lambda: daemon.view(run)["records"] > BEYOND)


def abort(daemon, run):
    daemon.ask("run.abort", run=run, operator="tester", reason="seen enough")
    return daemon.wait(run)["records"]


class Stalled:
    """Subscribes, and reads nothing until it is asked to."""

    def __init__(self, daemon, topic, keeps=100):
        self.socket = daemon.context.socket(zmq.SUB)
        self.socket.rcvhwm = keeps
        self.socket.subscribe(topic)
        self.socket.connect(f"ipc://{daemon.state}/stream")
        self.heard = {}

    def read(self, wait):
        """The next record's header; None if there is none within this time."""
        if not self.socket.poll(int(wait * 1000)):
            return None
        _, header, body = self.socket.recv_multipart()
        h = json.loads(header)
        assert h["seq"] not in self.heard
        self.heard[h["seq"]] = header, body
        return h

    def read_over_the_gap(self, member):
        """Reads until this member jumps; how many it jumped over."""
        last = self.read(60)[member]
        for _ in range(10 * BEYOND):
            now = self.read(60)[member]
            if now != last + 1:
                return now - last - 1
            last = now
        raise AssertionError("nothing was dropped")

    def read_what_is_left(self):
        while self.read(QUIET):
            pass

    def fill(self, daemon, run, total):
        """Fetches what it missed, piece by piece, with what lies between two near ones; how many records were missing."""
        missed = sorted(set(range(total)) - set(self.heard))
        at = 0
        while at < len(missed):
            end = at + 1
            while end < len(missed) and missed[end] <= missed[end - 1] + NEAR:
                end += 1
            first, to = missed[at], missed[end - 1] + 1
            self.heard.update(zip(range(first, to), daemon.replay(run, first, to=to)))
            at = end
        return len(missed)


def test_an_observer_fills_its_gap(daemon, run):
    everything, channel = Stalled(daemon, ""), Stalled(daemon, f"{run}/reading/{CHANNEL}/")
    wait_beyond(daemon, run)
    assert everything.read_over_the_gap("seq") > 1000
    assert channel.read_over_the_gap("nth") > 1000, "one channel's observer sees its own gap"
    total = abort(daemon, run)
    everything.read_what_is_left()

    assert everything.fill(daemon, run, total) > 1000
    records = [everything.heard[seq] for seq in range(total)]
    head = check_chain(records)
    journal = Journal(daemon.state / "journals" / run)
    assert journal.stopped and journal.head == head
    assert [(h, body) for h, body, _ in journal] == [(json.loads(h), body) for h, body in records]


def test_the_recorder_fills_its_gap(daemon, run):
    pid = until(daemon.recorder)
    live = daemon.state / f"live/{run}.h5"
    until(live.exists)
    os.kill(pid, signal.SIGSTOP)
    wait_beyond(daemon, run)
    os.kill(pid, signal.SIGCONT)
    until(lambda: (live_rows(live) or 0) > BEYOND)
    with h5py.File(live, "r", swmr=True) as f:
        sequence = f["entry/readings"]["sequence"].tolist()
    assert sequence == list(range(sequence[0], sequence[0] + len(sequence))), "no row is missing, none is there twice"
    total = abort(daemon, run)
    with h5py.File(verified(daemon, run)) as f:
        assert f["entry/seal/records"][()] == total


def test_arrays_nobody_reads_are_left_to_replay(sim, daemon, tmp_path):
    """Far fewer messages than the high-water mark, and far more bytes than a daemon should keep: then all observers lack
    arrays, and each has them all again by replay."""
    path = tmp_path / "arrays.yaml"
    path.write_text(yaml.safe_dump({
        "procedure": "arrays", "title": "Large arrays", "roles": ["digitizer"], "points": [{"name": "0 V"}],
        "steps": [{"measure": {"channels": ["digitizer.voltage.dc@big"], "count": ARRAYS}}]}))
    stalled, prompt = Stalled(daemon, "", keeps=4), Stalled(daemon, "")
    run = daemon.run(sim(ROOT / "tests/system/sim/benches/scpi.yaml").bench, path)
    while (h := prompt.read(60)) and h["kind"] != "stop":
        pass
    total = daemon.wait(run)["records"]
    with open(f"/proc/{daemon.process.pid}/status") as status:
        peak = int(next(line for line in status if line.startswith("VmHWM")).split()[1]) << 10
    stalled.read_what_is_left()
    heard = len(stalled.heard)
    assert heard < total < HIGH_WATER
    assert peak < HELD + (90 << 20) or "/san-" in f"{BUILD}/", f"{peak >> 20} MiB"       # a sanitizer's shadow is memory, too
    assert max(prompt.heard) == total - 1 and len(prompt.heard) < total, "who reads at once lacks arrays, too, and no end"
    with h5py.File(verified(daemon, run)) as f:
        assert f["entry/seal/records"][()] == total
        assert len(f["entry/blocks/digitizer.voltage.dc@big/value"]) == ARRAYS * 3000000
        head = bytes.fromhex(f["entry/seal/head"].asstr()[()])
    for observer in stalled, prompt:
        assert observer.fill(daemon, run, total) > 0
        records = [observer.heard[seq] for seq in range(total)]
        assert check_chain(records) == head, "that of the journal, with which the archive was compared"
