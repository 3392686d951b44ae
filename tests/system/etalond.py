# SPDX-License-Identifier: GPL-3.0-or-later
"""A running etalond for the tests, and an observer of its stream: pyzmq and JSON, nothing of ours."""
import contextlib
import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

import yaml
import zmq

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("ETALON_BUILD", "build")
HANG = int(os.environ.get("ETALON_HANG", "60"))  # seconds: a guard against waiting for ever, never a measurement


# A daemon left behind by a test that was cut short would go on speaking to whatever stands at its addresses next.
WITH_US = ["setpriv", "--pdeathsig", "KILL"]


class Refused(Exception):
    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['text']}")
        self.code = error["code"]


class Daemon:
    def __init__(self, folder, config=None, before=(), **settings):
        """before: a command line that ends in starting what follows it, such as env."""
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.state = self.folder / "state"
        self.config = self.folder / "etalond.yaml"
        text = yaml.safe_load((ROOT / "config/etalond.yaml").read_text())
        text["quantities"] = str(ROOT / "config/quantities.yaml")
        text.update(settings)
        self.before = [str(b) for b in before]
        self.config.write_text(config or yaml.safe_dump(text, sort_keys=False))
        self.context = zmq.Context()
        self.process = None
        self.starts = 0
        self.ids = 0

    def start(self):
        self.starts += 1
        self.log = self.folder / f"etalond{self.starts}.log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [*WITH_US, *self.before, BUILD / "etalond", "--config", self.config, "--state", self.state], stderr=log)
        until(lambda: self.alive() and self.ready())
        return self

    def ready(self):
        with contextlib.suppress(TimeoutError):
            return self.ask("status", wait=0.5)

    def alive(self):
        if self.process.poll() is not None:
            raise RuntimeError(self.log.read_text())
        return True

    def ask(self, cmd, wait=HANG, **args):
        """One command over the control socket; the result, or Refused."""
        return self.ask_frames(cmd, wait, **args)[0]

    def ask_frames(self, cmd, wait=HANG, **args):
        self.ids += 1
        with self.context.socket(zmq.DEALER) as s:
            s.linger = 0
            s.connect(f"ipc://{self.state}/control")
            s.send_json({"id": self.ids, "cmd": cmd, "args": args})
            if not s.poll(int(wait * 1000)):
                raise TimeoutError(cmd)
            first, *rest = s.recv_multipart()
        answer = json.loads(first)
        assert answer["id"] == self.ids
        if not answer["ok"]:
            raise Refused(answer["error"])
        return answer["result"], rest

    def run(self, bench, procedure="dc-voltage-quick"):
        procedure = procedure if os.sep in str(procedure) else ROOT / f"config/procedures/{procedure}.yaml"
        return self.ask("run.start", procedure=str(procedure), bench=str(bench), operator="tester")["run"]

    def view(self, run):
        return self.ask("run.status", run=run)

    def wait(self, run, state="ended"):
        return until(lambda: self.view(run)["state"] == state and self.view(run))

    def sealed(self, run):
        """Waits for the archive; its path."""
        return until(lambda: self.view(run).get("archive"))

    def replay(self, run, first=0, **to):
        """The acknowledged records of a run from `first` on, or up to and without `to`: (header bytes, body) in order."""
        records, at = [], first
        while at is not None:
            result, frames = self.ask_frames("replay", run=run, **{"from": at}, **to)
            records += list(zip(frames[::2], frames[1::2]))
            at = result["next"]
        return records

    def headers(self, run, kind=None, **keys):
        heads = [json.loads(h) for h, _ in self.replay(run)]
        return [h for h in heads if kind in (None, h["kind"]) and all(h.get(k) == v for k, v in keys.items())]

    def events(self, run):
        return [h["event"] for h in self.headers(run, "event")]

    def observe(self, topic=""):
        return Observer(self.context, f"ipc://{self.state}/stream", topic)

    def recorder(self):
        """The pid of its etalon-record, or None."""
        main = self.process.pid
        for pid in map(int, pathlib.Path(f"/proc/{main}/task/{main}/children").read_text().split()):
            with contextlib.suppress(OSError):
                if "etalon-record" in os.readlink(f"/proc/{pid}/exe"):
                    return pid
        return None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def term(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(HANG)

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(HANG)
            finally:
                self.process.kill()
        self.context.destroy(0)
        for log in self.folder.glob("etalond*.log"):       # etalon-record's too
            assert not re.search("Sanitizer: |runtime error: ", log.read_text()), log.read_text()


class Observer(threading.Thread):
    """Collects what the stream says until it is closed: (topic, header bytes, body)."""

    def __init__(self, context, endpoint, topic):
        super().__init__(daemon=True)
        self.socket = context.socket(zmq.SUB)
        self.socket.rcvhwm = 0
        self.socket.subscribe(topic)
        self.socket.connect(endpoint)
        self.messages = []
        self.ended = False
        time.sleep(0.2)  # so that the subscription has arrived before something is published
        self.start()

    def run(self):
        while not self.ended:
            if self.socket.poll(50):
                self.messages.append(self.socket.recv_multipart())
        self.socket.close(0)

    def headers(self, kind=None):
        heads = [json.loads(m[1]) for m in list(self.messages)]
        return [h for h in heads if kind in (None, h["kind"])]

    def close(self):
        self.ended = True
        self.join()


def check_chain(records):
    """seq and nth without a gap, prev chained as docs/stream.md says; returns the head."""
    prev, nth = bytes(32), {}
    for i, (header, body) in enumerate(records):
        h = json.loads(header)
        assert h["seq"] == i
        assert h["nth"] == nth.setdefault(h["channel"], 0)
        assert h["prev"] == prev.hex()
        nth[h["channel"]] += 1
        inner = hashlib.sha256(len(header).to_bytes(4, "little") + header + body).digest()
        prev = hashlib.sha256(prev + inner).digest()
    return prev


def until(condition, patience=HANG):
    """Waits until a condition holds and returns what it gave."""
    end = time.monotonic() + patience
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise TimeoutError(condition)
        time.sleep(0.02)
