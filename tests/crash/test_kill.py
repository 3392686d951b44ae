# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 at random moments: every reading that an observer saw, or that the control socket
reported, is in the journal and in the sealed archive, once, in order, bit-equal."""
import json
import os
import random
import signal
import subprocess
import time

import pytest
import yaml

from etalond import BUILD, ROOT, until

BENCH = ROOT / "config/benches/demo.yaml"
TIMES = int(os.environ.get("ETALON_KILLS") or (100 if os.environ.get("ETALON_LONG") else 4))   # of each kind


def procedure(tmp_path, resumable):
    text = yaml.safe_load((ROOT / "config/procedures/dc-voltage-quick.yaml").read_text())
    text["resumable"] = resumable
    path = tmp_path / f"quick-{resumable}.yaml"
    path.write_text(yaml.safe_dump(text, sort_keys=False))
    return path


def verify(archive):
    done = subprocess.run([BUILD / "etalon", "verify", archive], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def check_run(daemon, run, observer, reported):
    records = daemon.replay(run)
    assert len(records) >= reported
    seen = [m for m in observer.messages if json.loads(m[1])["run"] == run]
    for _, header, body in seen:
        assert records[json.loads(header)["seq"]] == (header, body)
    assert [json.loads(h)["seq"] for h, _ in records] == list(range(len(records)))
    verify(daemon.view(run)["archive"])


@pytest.mark.parametrize("resumable", [True, False])
def test_daemon_killed(sim, daemon, tmp_path, resumable):
    chance = random.Random(int(os.environ.get("ETALON_SEED", "1")) + resumable)
    bench, file = sim(BENCH), procedure(tmp_path, resumable)
    for _ in range(TIMES):
        observer = daemon.observe()
        run = daemon.run(bench.bench, file)
        time.sleep(chance.uniform(0, 4))
        reported = daemon.view(run).get("records", 0)
        daemon.kill()
        observer.close()
        daemon.start()
        until(lambda: daemon.view(run).get("status"))
        assert daemon.sealed(run)
        status = daemon.view(run)["status"]
        assert status == "complete" if resumable else status in ("complete", "interrupted")
        check_run(daemon, run, observer, reported)


def test_daemon_killed_again_while_it_recovers(sim, daemon, tmp_path):
    chance = random.Random(3)
    bench, file = sim(BENCH), procedure(tmp_path, True)
    observer = daemon.observe()
    run = daemon.run(bench.bench, file)
    for _ in range(3):
        time.sleep(chance.uniform(0.3, 1.5))
        daemon.kill()
        daemon.start()
    until(lambda: daemon.view(run).get("status"))
    assert daemon.sealed(run)
    assert daemon.view(run)["status"] == "complete"
    check_run(daemon, run, observer, 0)
    observer.close()


def test_what_was_on_hold_holds_again(sim, daemon, tmp_path):
    bench = sim(BENCH)
    file = procedure(tmp_path, True)
    file.write_text(file.read_text().replace("link_loss: 20 s", "link_loss: 1 s"))
    run = daemon.run(bench.bench, file)
    until(lambda: daemon.view(run)["points_done"] >= 1)
    bench.do("fault meter silence times=100000")
    daemon.wait(run, "holding")
    daemon.kill()
    bench.do("clear meter")
    daemon.start()
    assert "on hold" in daemon.wait(run, "holding")["reason"]
    daemon.ask("run.resume", run=run, operator="anna", reason="seen")
    assert daemon.wait(run)["status"] == "complete"
    assert daemon.sealed(run)


def test_recorder_killed(sim, daemon, tmp_path):
    chance = random.Random(5)
    bench, file = sim(BENCH), procedure(tmp_path, False)
    for _ in range(TIMES // 2):
        observer = daemon.observe()
        run = daemon.run(bench.bench, file)
        while daemon.view(run)["state"] != "ended":
            time.sleep(chance.uniform(0, 1.5))
            pid = daemon.recorder()
            if pid:
                os.kill(pid, signal.SIGKILL)
        view = daemon.view(run)
        assert view["status"] == "complete"
        assert daemon.sealed(run)
        check_run(daemon, run, observer, view["records"])
        observer.close()
