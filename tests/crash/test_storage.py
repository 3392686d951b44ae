# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage that is full, read-only or failing (rule 6): no measurement without it, safety needs none.

The state folder is a small tmpfs in a mount namespace of the daemon's own; the test reaches it
through /proc/PID/root."""
import errno
import os
import shutil
import subprocess

import pytest
import yaml

import by_hand
from etalond import BUILD, ROOT, Daemon, Refused, until

BENCH = ROOT / "config/benches/demo.yaml"

needs_namespace = pytest.mark.skipif(
    subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0,
    reason="no mount namespace of its own (needs root)")


class Wrapped(Daemon):
    """A daemon started through a shell line; sockets lie outside the state folder."""

    def __init__(self, folder, *before):
        super().__init__(folder, before=before,
                         endpoints={"control": f"ipc://{folder}/control", "stream": [f"ipc://{folder}/stream"]},
                         journal={"ahead_bytes": 65536, "reserve_bytes": 65536})
        self.outside = folder

    def ask_frames(self, cmd, wait=60, **args):
        inside, self.state = self.state, self.outside
        try:
            return super().ask_frames(cmd, wait, **args)
        finally:
            self.state = inside


@pytest.fixture
def small(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "state").mkdir()
    d = Wrapped(folder, "env", f"LSAN_OPTIONS=suppressions={ROOT}/tests/crash/hdf5.lsan", "unshare", "-m", "sh", "-c",
                f"mount -t tmpfs -o size=48m tmpfs {folder}/state && exec \"$@\"", "sh")
    yield d.start()
    d.close()


@pytest.fixture
def long(tmp_path):
    """A procedure that writes more than a journal has zeroed ahead."""
    text = yaml.safe_load((ROOT / "config/procedures/dc-voltage-quick.yaml").read_text())
    for step in text["steps"]:
        if "measure" in step:
            step["measure"].update(count=300, interval="10 ms")
    path = tmp_path / "long.yaml"
    path.write_text(yaml.safe_dump(text, sort_keys=False))
    return path


def filler(daemon):
    return f"/proc/{daemon.process.pid}/root{daemon.state}/filler"


def fill(daemon):
    with open(filler(daemon), "wb", buffering=0) as f:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    f.write(bytes(size))
            except OSError as e:
                assert e.errno == errno.ENOSPC


@needs_namespace
def test_full_disk_holds_and_goes_on(sim, small, long):
    run = small.run(sim(BENCH).bench, long)
    until(lambda: small.view(run)["readings"] > 5)
    fill(small)
    held = small.wait(run, "holding")
    assert "space" in held["reason"].lower(), held
    os.unlink(filler(small))
    assert small.wait(run)["status"] == "complete"
    events = small.events(run)
    assert "hold" in events and "release" in events and "safe" in events
    assert small.sealed(run)


@needs_namespace
def test_abort_on_a_full_disk_is_safe_and_on_record(sim, small, long):
    run = small.run(sim(BENCH).bench, long)
    until(lambda: small.view(run)["readings"] > 5)
    fill(small)
    small.wait(run, "holding")
    small.ask("run.abort", run=run, operator="anna", reason="cannot wait")
    view = small.wait(run)
    assert view["status"] == "aborted"
    heads = small.headers(run)
    assert heads[-1]["kind"] == "stop"
    assert {h["role"] for h in heads if h.get("event") == "safe"} >= {"source"}
    os.unlink(filler(small))
    assert small.sealed(run)


@needs_namespace
def test_answers_on_a_full_disk(small, tmp_path):
    """Nothing that a person says is acknowledged before it is on disk, and without space nothing is asked."""
    step = {"measure": {"channels": ["gauge.pressure.gauge"], "count": 1000}}
    run = small.run(by_hand.BENCH, by_hand.procedure(tmp_path, [step]))
    ada = by_hand.Person(small, run)
    ada.answer("serial", "1")
    ada.asked("reading")
    fill(small)
    acknowledged = 0
    while small.view(run)["state"] == "running":
        for q in ada.questions():
            try:
                small.ask("question.answer", wait=3, run=run, question=q["question"], value="1.00", by="Ada")
                acknowledged += 1
            except (Refused, TimeoutError):
                break
    held = small.wait(run, "holding")
    assert "space" in held["reason"].lower() and ada.questions() == []
    assert acknowledged > 10
    until(lambda: len(small.headers(run, "reading")) >= acknowledged)
    os.unlink(filler(small))
    small.wait(run, "running")
    ada.answer("serial", "1")
    assert ada.answer("reading", "1.00")["attempt"] == 2
    small.ask("run.abort", run=run)
    assert small.wait(run)["status"] == "aborted"
    assert small.sealed(run)


@needs_namespace
def test_too_little_room_is_refused_beforehand(sim, small):
    fill(small)
    with pytest.raises(Refused) as refused:
        small.run(sim(BENCH).bench)
    assert refused.value.code == "full" and "MiB" in str(refused.value)


@needs_namespace
def test_read_only_state_folder_is_one_clear_error(tmp_path):
    folder = tmp_path / "ro"
    folder.mkdir()
    (folder / "state").mkdir()
    d = Wrapped(folder)
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", f"mount -t tmpfs -o ro tmpfs {folder}/state && exec \"$@\"", "sh",
         BUILD / "etalond", "--config", d.config, "--state", d.state],
        capture_output=True, text=True, timeout=60)
    d.close()
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and "Read-only" in done.stderr


@pytest.mark.skipif(not shutil.which("strace"), reason="no strace")
def test_failing_fsync_is_never_tried_again(sim, tmp_path):
    bench = sim(BENCH)
    d = Wrapped(tmp_path / "eio", "strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync",
                "-e", "inject=fdatasync:error=EIO:when=15+")
    try:
        d.start()
        run = d.run(bench.bench)
        view = until(lambda: d.view(run)["state"] == "ended" and d.view(run))
        assert view["status"] == "failed"
        assert d.ask("status")["storage"] != "ok"
        with pytest.raises(Refused, match="storage failed"):
            d.run(bench.bench)
        before = d.view(run)["records"]
    finally:
        d.close()
    d = Wrapped(tmp_path / "eio")
    d.start()
    try:
        until(lambda: d.view(run).get("status"))
        assert len(d.replay(run)) >= before
        assert d.sealed(run)
    finally:
        d.close()
