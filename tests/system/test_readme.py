# SPDX-License-Identifier: GPL-3.0-or-later
"""What the README shows works as it stands there."""
import re
import signal
import subprocess
import sys

import pytest

from etalond import ROOT, until

BENCH = ROOT / "config/benches/demo.yaml"


def block(title):
    """The Python program under a heading of the README."""
    text = (ROOT / "README.md").read_text()
    return re.search(rf"^## {title}.*?```python\n(.*?)```", text, re.S | re.M)[1]


@pytest.mark.parametrize("stopped", [False, True], ids=["watching", "stopped"])
def test_observer_in_ten_lines(sim, daemon, tmp_path, stopped):
    """One that is stopped slows nobody down, and sees what it missed when it goes on."""
    program = tmp_path / "observer.py"
    program.write_text(block("An observer"))
    assert len([line for line in program.read_text().splitlines() if line]) <= 10
    with open(tmp_path / "seen", "w") as seen:
        observer = subprocess.Popen(["/usr/bin/python3", program, f"ipc://{daemon.state}/stream"],
                                    stdout=seen, stderr=sys.stderr)
    try:
        bench = sim(BENCH)
        run = daemon.run(bench.bench)
        until(lambda: (tmp_path / "seen").read_text())
        if stopped:
            observer.send_signal(signal.SIGSTOP)
        assert daemon.wait(run)["status"] == "complete"
        observer.send_signal(signal.SIGCONT)
        want = daemon.headers(run, "reading")[-1]
        line = f"{want['channel']} {want['value']} {want['unit']} ok"
        assert until(lambda: line in (tmp_path / "seen").read_text())
    finally:
        observer.kill()
        observer.wait()


def test_archive_in_five_lines(sim, daemon, tmp_path):
    program = tmp_path / "read.py"
    program.write_text(block("The archive"))
    assert len([line for line in program.read_text().splitlines() if line]) <= 5
    run = daemon.run(sim(BENCH).bench)
    daemon.wait(run)
    done = subprocess.run(["/usr/bin/python3", program, daemon.sealed(run)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    for channel in ("meter.voltage.dc", "reference.voltage.dc"):
        values = [float(h["value"]) for h in daemon.headers(run, "reading", channel=channel)]
        assert f"{channel} {values} V" in done.stdout
