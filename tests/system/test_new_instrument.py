# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/new-instrument.md works as it stands there: its files are written, its commands run in order, and their output is
what is shown, but for times, dates, hashes and the last digits of a noisy reading."""
import os
import re
import shutil
import subprocess

from etalond import BUILD, ROOT

DOC = ROOT / "docs/new-instrument.md"
VARIES = [
    (r"@[\d.]+ms", "@TIME"),
    (r"\b(timeout|latency): \d+ m?s\b", r"\1: TIME"),           # ten times what was seen, on a slow machine too
    (r"\b\d+ ms\b", "TIME"),
    (r"\b\d+ faults\b", "FAULTS"),                            # as many as etalon-sim knows
    (r"\b\d{4}-\d\d-\d\d\b", "DATE"),
    (r"\b[0-9a-f]{64}\b", "HASH"),
    (r"\bby:? \S+?(?=[:\s]|$)", "by WHO"),
    (r"(?<![\d.])[+-]\d\.\d{8}E[+-]\d\d(?!\d)", "NUMBER"),
]


def blocks():
    """(kind, file, lines) of each fenced block, in order."""
    for info, text in re.findall(r"^```(.*?)\n(.*?)^```$", DOC.read_text(), re.S | re.M):
        kind, _, path = info.partition(" ")
        yield kind, path, text


def commands(text):
    """(command, output) of a console block."""
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def same(text):
    for pattern, word in VARIES:
        text = re.sub(pattern, word, text)
    return text


def test_every_command_does_what_is_shown(sim, daemon, tmp_path):
    bench = sim(ROOT / "config/benches/demo.yaml")
    (tmp_path / "build").symlink_to(BUILD)
    shutil.copytree(ROOT / "config", tmp_path / "config")
    ports = {"127.0.0.1:5802": "%s:%d" % bench.tcp("reference"), "127.0.0.1:5803": "%s:%d" % bench.tcp("thermometer")}
    ran = 0

    def run(command):
        for shown, real in ports.items():
            command = command.replace(shown, real)
        done = subprocess.run(command, shell=True, cwd=tmp_path, env=dict(os.environ, ETALON_STATE=str(daemon.state)),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=120)
        said = done.stdout
        for shown, real in ports.items():
            said = said.replace(real, shown)
        return re.sub(r"  +", "  ", said)

    for kind, path, text in blocks():
        if path:
            (tmp_path / path).write_text(text)
            continue
        assert kind == "console"
        for command, output in commands(text):
            assert same(run(command)) == same(re.sub(r"  +", "  ", output)), command
            ran += 1
    assert ran >= 12


def test_it_is_short():
    """Half an hour: no more than a dozen steps, and no file longer than a screen or two."""
    assert sum(len(list(commands(text))) for kind, _, text in blocks() if kind == "console") <= 16
    assert max(text.count("\n") for _, _, text in blocks()) <= 60
