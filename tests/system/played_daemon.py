# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays etalond's two sockets from a journal, so that a test can make what the real one does not do on
request: drop messages, answer late, answer twice, end a run as it likes."""
import json
import os
import subprocess
import threading

import zmq

import journal_aid


class PlayedDaemon:
    def __init__(self, state, lines):
        self.state, self.lines = state, lines
        (state / "journals").mkdir(parents=True)
        self.journal = journal_aid.make_journal(state / "journals" / journal_aid.RUN, lines)
        shown = journal_aid.etalon("journal", "show", "--json", self.journal).stdout
        self.headers = [line.encode() for line in shown.splitlines()]
        self.status = {"run": journal_aid.RUN, "state": "running", "status": None, "point": 0, "points": 2,
                       "point_name": "0 V", "attempt": 1, "step": 2, "steps": 3, "step_kind": "measure",
                       "records": len(lines), "readings": 4, "started_ns": journal_aid.BEGIN, "left_ns": None,
                       "reason": None, "archive": None, "digest": None}
        self.asked = []                 # commands, in order
        self.refuse = {}                # command -> error
        self.stale_first = False        # an answer to an older question comes before each answer
        self.on_status = lambda self: None
        self.context = zmq.Context()
        self.control = self.context.socket(zmq.ROUTER)
        self.control.bind(f"ipc://{state}/control")
        self.stream = self.context.socket(zmq.XPUB)
        self.stream.bind(f"ipc://{state}/stream")
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def close(self):
        self.ending.set()
        self.thread.join()
        self.context.destroy(linger=0)

    def publish(self, seq):
        """Only from the serving thread: sockets have one."""
        header = json.loads(self.headers[seq])
        topic = f"{header['run']}/{header['kind']}/" + (f"{header['channel']}/" if header["channel"] else "")
        self.stream.send_multipart([topic.encode(), self.headers[seq], self.lines[seq]["body"].encode("latin-1")])

    def serve(self):
        poller = zmq.Poller()
        poller.register(self.control, zmq.POLLIN)
        poller.register(self.stream, zmq.POLLIN)
        while not self.ending.is_set():
            ready = dict(poller.poll(20))
            if self.stream in ready and self.stream.recv()[:1] == b"\1":
                self.on_subscribed()
            if self.control in ready:
                self.answer(*self.control.recv_multipart())

    def on_subscribed(self):
        pass

    def answer(self, peer, question):
        q = json.loads(question)
        self.asked.append(q)
        frames = []
        if q["cmd"] in self.refuse:
            answer = {"id": q["id"], "ok": False, "error": self.refuse[q["cmd"]]}
        else:
            result = getattr(self, "do_" + q["cmd"].replace(".", "_"))(q["args"], frames)
            answer = {"id": q["id"], "ok": True, "result": result}
        if self.stale_first:
            late = {"id": q["id"] - 1, "ok": True, "result": {"run": "WRONG", "state": "ended", "status": "late"}}
            self.control.send_multipart([peer, json.dumps(late).encode(), b"a frame", b"more"])
        self.control.send_multipart([peer, json.dumps(answer).encode(), *frames])

    def do_status(self, args, frames):
        return {"version": "0.1", "laboratory": "DEMO", "pid": os.getpid(), "uptime_ns": 5000000000,
                "state": str(self.state), "stream": [f"ipc://{self.state}/stream", "tcp://*:1"], "storage": "ok",
                "free_bytes": 10**10, "runs": [self.status],
                "ports": [{"address": "tcp://127.0.0.1:5802", "roles": ["reference"], "connected": True,
                           "trouble": None}]}

    def do_run_start(self, args, frames):
        return {"run": journal_aid.RUN}

    def do_run_status(self, args, frames):
        self.on_status(self)
        return self.status

    def do_run_list(self, args, frames):
        return {"runs": [{"run": journal_aid.RUN, "state": "ended", "status": "complete", "records": 38,
                          "sealed": True}]}

    def do_run_pause(self, args, frames):
        return {}

    do_run_resume = do_run_stop = do_run_abort = do_run_pause

    def do_replay(self, args, frames):
        """Three records a time, so that asking again from `next` is seen to work."""
        first, last = args["from"], min(args.get("to", len(self.headers)), len(self.headers))
        upto = min(first + 3, last)
        for seq in range(first, upto):
            frames += [self.headers[seq], self.lines[seq]["body"].encode("latin-1")]
        return {"run": args["run"], "from": first, "records": max(0, upto - first),
                "next": upto if upto < last else None, "acknowledged": len(self.headers)}

    def start(self, *args, **options):
        return subprocess.Popen([journal_aid.BUILD / "etalon", *args, "--state", self.state], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, encoding="utf-8", **options)

    def etalon(self, *args):
        return journal_aid.etalon(*args, "--state", self.state)

    def commands(self):
        return [q["cmd"] for q in self.asked]
