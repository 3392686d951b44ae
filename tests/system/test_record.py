# SPDX-License-Identifier: GPL-3.0-or-later
"""etalon-record: live files, gaps, sealing, and what it survives."""
import os
import pathlib
import random
import signal
import subprocess
import time

import h5py
import pytest

import journal_aid
from etalond import BUILD, HANG, ROOT, until
from played_daemon import PlayedDaemon

BENCH = ROOT / "config/benches/demo.yaml"


@pytest.fixture
def bench(sim):
    return sim(BENCH).bench


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def verified(daemon, run):
    archive = daemon.sealed(run)
    done = subprocess.run([BUILD / "etalon", "verify", archive, "--journal", daemon.state / "journals" / run],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return archive


def live_rows(path, table="readings"):
    """Rows that a SWMR reader sees, or None where it cannot open the file just now."""
    try:
        with h5py.File(path, "r", swmr=True) as f:
            return len(f[f"entry/{table}"])
    except (OSError, KeyError):
        return None


def test_a_run_has_a_live_file_and_then_an_archive(daemon, bench):
    run = daemon.run(bench)
    live = daemon.state / f"live/{run}.h5"
    assert until(lambda: live.exists() and live_rows(live))
    archive = verified(daemon, run)
    assert archive == str(daemon.state / f"runs/{run.split('-')[1][:4]}/{run}.h5")
    assert not live.exists()
    assert not list(daemon.state.glob("runs/*/*.part"))


def test_an_archive_holds_every_record(daemon, bench):
    run = daemon.run(bench)
    archive = verified(daemon, run)
    with h5py.File(archive) as f:
        readings = sum(len(g["time"]) for part in ("readings", "environment") for g in f["entry"][part].values())
        assert readings == len(daemon.headers(run, "reading"))
        assert len(f["entry/events/time"]) == len(daemon.headers(run, "event"))
        assert len(f["entry/exchanges/time"]) == len(daemon.headers(run, "exchange"))


def test_killed_at_any_moment_it_costs_nothing(daemon, bench):
    run = daemon.run(bench)
    kills = 0
    while daemon.view(run)["state"] != "ended":
        time.sleep(random.uniform(0, 0.4))
        pid = daemon.recorder()
        if pid:
            os.kill(pid, signal.SIGKILL)
            kills += 1
    assert kills
    assert daemon.wait(run)["status"] == "complete"
    verified(daemon, run)


def test_killed_while_sealing_it_seals_again(daemon, bench):
    run = daemon.run(bench)
    pid = until(daemon.recorder)
    daemon.wait(run)
    os.kill(pid, signal.SIGKILL)
    verified(daemon, run)


def test_stopped_for_a_while_it_stops_nobody(daemon, bench):
    pid = until(daemon.recorder)
    os.kill(pid, signal.SIGSTOP)
    run = daemon.run(bench)
    assert daemon.wait(run)["status"] == "complete"
    os.kill(pid, signal.SIGCONT)
    verified(daemon, run)


def test_it_ends_with_the_daemon_and_the_next_one_seals(daemon, bench):
    run = daemon.run(bench)
    until(lambda: "point.begin" in daemon.events(run))
    pid = until(daemon.recorder)
    daemon.kill()
    until(lambda: not alive(pid))
    daemon.start()
    daemon.wait(run)
    verified(daemon, run)


def test_what_cannot_be_sealed_is_tried_again(daemon, bench):
    run = daemon.run(bench)
    year = daemon.state / "runs" / run.split("-")[1][:4]
    year.write_text("in the way")
    daemon.wait(run)
    until(lambda: "is not sealed yet" in daemon.log.read_text())
    assert daemon.view(run)["archive"] is None
    year.unlink()
    verified(daemon, run)


def test_a_second_one_does_not_disturb(daemon):
    until(daemon.recorder)
    until(lambda: (daemon.state / "live/lock").exists())
    second = subprocess.run([BUILD / "etalon-record", "--state", daemon.state], capture_output=True, text=True,
                            timeout=HANG)
    assert second.returncode == 1 and "another etalon-record" in second.stderr


class Played(PlayedDaemon):
    """Publishes only some of the records it has, then waits."""

    def __init__(self, state, lines, published):
        self.published, self.told = published, []
        super().__init__(state, lines)

    def on_subscribed(self):
        for seq in self.published:
            self.publish(seq)

    def do_run_list(self, args, frames):
        return {"runs": [{"run": journal_aid.RUN, "state": "running", "status": None, "records": 0, "sealed": False}]}

    def do_replay(self, args, frames):
        first, last = args["from"], min(args.get("to", len(self.headers)), len(self.headers))
        for seq in range(first, last):
            frames += [self.headers[seq], self.lines[seq]["body"].encode("latin-1")]
        return {"run": journal_aid.RUN, "from": first, "records": last - first,
                "next": last if last < len(self.headers) else None, "acknowledged": len(self.headers)}


@pytest.mark.parametrize("pick", ["last", "every third", "backwards", "twice"])
def test_gaps_of_the_stream_are_filled(tmp_path, pick):
    lines = journal_aid.measured()
    n = len(lines)
    published = {"last": [n - 1], "every third": [*range(0, n - 1, 3), n - 1], "backwards": list(range(n))[::-1],
                 "twice": [s for s in range(n) for _ in (0, 1)]}[pick]
    played = Played(tmp_path / "state", lines, published)
    recorder = subprocess.Popen([BUILD / "etalon-record", "--state", played.state, "--live-ms", "20"])
    try:
        live = played.state / f"live/{journal_aid.RUN}.h5"
        readings = [line for line in lines if line["kind"] == "reading"]
        seen = [line for line in readings if line["channel"] != journal_aid.ROOM]
        until(lambda: live_rows(live) == len(seen))
        until(lambda: live_rows(live, "environment") == len(readings) - len(seen))
        with h5py.File(live, "r", swmr=True) as f:
            rows = f["entry/readings"][:]
            assert [r["sequence"] for r in rows] == sorted(r["sequence"] for r in rows)
            good = [line["keys"]["value"] for line in seen if line["keys"]["status"] == "ok"]
            assert [r["value"] for r in rows if r["status"] == 0] == good
    finally:
        recorder.terminate()
        assert recorder.wait(HANG) == 0
        played.close()


def test_etalond_gone_before_it_began(tmp_path):
    """It must not stay for ever and keep the state folder from the recorder of the etalond that is started next."""
    lines = journal_aid.measured()
    lines.stop()
    played = Played(tmp_path / "state", lines, range(len(lines)))
    gone = subprocess.Popen(["true"])
    gone.wait(HANG)
    done = subprocess.run([BUILD / "etalon-record", "--state", played.state, "--daemon", str(gone.pid)],
                          capture_output=True, text=True, timeout=HANG)
    played.close()
    assert done.returncode == 0 and "etalond is gone" in done.stderr


def test_told_to_end_it_seals_first(tmp_path):
    """The stop record is heard, then comes SIGTERM; the daemon does not answer any more."""
    lines = journal_aid.measured()
    lines.stop()
    played = Played(tmp_path / "state", lines, range(len(lines)))
    recorder = subprocess.Popen([BUILD / "etalon-record", "--state", played.state], stderr=subprocess.PIPE, text=True)
    archive = played.state / f"runs/{journal_aid.RUN.split('-')[1][:4]}/{journal_aid.RUN}.h5"
    played.refuse["run.sealed"] = {"code": "state", "text": "not now"}
    until(lambda: any(q["cmd"] == "replay" for q in played.asked) or archive.exists())
    recorder.terminate()
    assert recorder.wait(HANG) == 0
    recorder.stderr.close()
    played.close()
    with h5py.File(archive) as f:
        assert f["entry/seal/records"][()] == len(lines)
