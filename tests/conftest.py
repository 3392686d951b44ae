# SPDX-License-Identifier: GPL-3.0-or-later
"""What the end-to-end tests share: the programs of the build folder, started on folders of their own."""
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "system"))
import matrix  # noqa: E402
from etalond import Daemon  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = ROOT / os.environ.get("ETALON_BUILD", "build")
HANG = 60  # seconds: a guard against waiting for ever, never a measurement


class Sim:
    """A running etalon-sim: where its instruments are, commands to it, the truth it wrote."""

    def __init__(self, bench, folder, *options):
        self.folder = folder
        self.bench = folder / "bench.yaml"
        self.truth_file = folder / "truth.jsonl"
        self.process = subprocess.Popen(
            [BUILD / "etalon-sim", "--any-port", "--folder", folder, "--write-bench", self.bench,
             "--truth", self.truth_file, "--quantities", ROOT / "config/quantities.yaml",
             "--until-eof", *map(str, options), bench],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError(self.process.communicate()[1])
        self.roles = yaml.safe_load(self.bench.read_text())["roles"]

    def address(self, role):
        return self.roles[role]["address"]

    def tcp(self, role):
        """(host, port) of a role reached over TCP."""
        host, port = re.search(r"//([^:]+):(\d+)", self.address(role)).groups()
        return host, int(port)

    def path(self, role):
        """The path of a role's serial line."""
        return re.match(r"[a-z+]+:([^?]+)", self.address(role)).group(1)

    def command(self, line):
        """One command; returns the answer without the line end."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().rstrip("\n")

    def do(self, line):
        assert self.command(line) == "ok"

    def truth(self, role=None):
        """What it has written about a role so far (or all), without the first line."""
        self.do("flush")
        lines = [json.loads(x) for x in self.truth_file.read_text().strip("\n").split("\n")[1:]]
        return [x for x in lines if role in (None, x["role"])]

    def stop(self):
        """Ends it by the end of its input; returns its exit status."""
        self.process.stdin.close()
        status = self.process.wait(HANG)
        self.process.stdout.close()
        self.process.stderr.close()
        return status


@pytest.fixture
def sim(tmp_path):
    """sim(bench, *options): starts etalon-sim on a bench at free ports; ended after the test."""
    running = []

    def start(bench, *options):
        folder = tmp_path / f"sim{len(running)}"
        folder.mkdir()
        running.append(Sim(bench, folder, *options))
        return running[-1]

    yield start
    for s in running:
        if s.process.poll() is None:
            s.stop()


@pytest.fixture
def daemon(tmp_path):
    """A running etalond on a state folder of its own; ended after the test."""
    d = Daemon(tmp_path / "daemon").start()
    yield d
    d.close()
    assert d.process.returncode in (0, -9), d.log.read_text()      # not so when a sanitizer complained


def pytest_configure(config):
    config.addinivalue_line("markers", "matrix: a bench of the fault matrix (make check-matrix)")


def pytest_terminal_summary(terminalreporter):
    rows = [value for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
            for name, value in report.user_properties if name == "matrix" and report.when == "call"]
    if rows and matrix.REPEATS > 1:
        terminalreporter.section("fault matrix")
        for line in matrix.summary(rows):
            terminalreporter.write_line(line)
