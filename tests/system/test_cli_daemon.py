# SPDX-License-Identifier: GPL-3.0-or-later
"""How `etalon` behaves towards a daemon that does what a real one seldom does (played_daemon.py)."""
import fcntl
import json
import os
import pty
import signal
import struct
import termios
import time

import pytest

import journal_aid
from journal_aid import BUILD, METER, RUN
from played_daemon import PlayedDaemon

PROCEDURE, BENCH = "config/procedures/dc-voltage-quick.yaml", "config/benches/demo.yaml"


@pytest.fixture
def daemon(tmp_path):
    lines = journal_aid.evaluated(tmp_path)
    lines.stop()
    played = PlayedDaemon(tmp_path / "state", lines)
    yield played
    played.close()


def seqs(text):
    return [json.loads(line)["seq"] for line in text.splitlines()]


def ends(status="complete", archive="/archive.h5"):
    """run.status: two looks at the running run, one at the unsealed end, then sealed."""
    looks = []

    def on_status(daemon):
        looks.append(1)
        if len(looks) > 2:
            daemon.status.update(state="ended", status=status)
        if len(looks) > 3:
            daemon.status.update(archive=archive)
    return on_status


# Asking ----------------------------------------------------------------------------------------

def test_status_and_list(daemon):
    done = daemon.etalon("status")
    assert (done.returncode, done.stderr) == (0, "")
    assert "etalond 0.1 of laboratory DEMO" in done.stdout
    assert f"  {RUN}  running  point 1 of 2 (0 V)" in done.stdout
    assert json.loads(daemon.etalon("status", "--json").stdout)["storage"] == "ok"
    assert daemon.etalon("list").stdout.splitlines()[1].split() == [RUN, "ended", "complete", "38", "yes"]


def test_an_answer_to_an_older_question_is_not_taken(daemon):
    daemon.stale_first = True
    assert json.loads(daemon.etalon("status", "--json").stdout)["version"] == "0.1"


def test_the_daemon_s_own_error(daemon):
    daemon.refuse["run.pause"] = {"code": "state", "text": f"{RUN} has ended"}
    done = daemon.etalon("pause", RUN, "--reason", "lunch")
    assert (done.returncode, done.stderr) == (2, f"etalon pause: {RUN} has ended\n")
    args = daemon.asked[-1]["args"]
    assert (args["run"], args["reason"]) == (RUN, "lunch") and args["operator"]


# Watching --------------------------------------------------------------------------------------

@pytest.mark.parametrize("heard", [
    [5, 6, 7, 8, "rest"],               # nothing lost
    [5, 9, 10, "rest"],                 # a gap
    [5, 9, 9, 7, 10, "rest"],           # a gap, and some again
    [5, 9],                             # the tail is lost, `stop` too: silence finds out
])
def test_watch_has_no_gap_and_nothing_twice(daemon, heard):
    def on_subscribed():
        for seq in heard:
            for s in range(11, len(daemon.headers)) if seq == "rest" else [seq]:
                daemon.publish(s)
    daemon.on_subscribed = on_subscribed
    done = daemon.etalon("watch", RUN, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert seqs(done.stdout) == list(range(5, len(daemon.headers)))


def test_watch_all_begins_at_the_first_record(daemon):
    daemon.status["state"] = "ended"
    done = daemon.etalon("watch", RUN, "--json", "--all")
    assert done.returncode == 0
    assert [line.encode() for line in done.stdout.splitlines()] == daemon.headers


def test_watch_one_channel_across_a_gap(daemon):
    daemon.status["state"] = "ended"
    done = daemon.etalon("watch", RUN, "--json", "--all", "--channel", "meter.")
    expected = [i for i, line in enumerate(daemon.lines) if line["channel"] == METER and line["kind"] == "reading"]
    assert seqs(done.stdout) == expected


def test_watch_of_a_run_that_has_ended(daemon):
    daemon.status["state"] = "ended"
    done = daemon.etalon("watch", RUN)
    assert (done.returncode, done.stdout) == (2, "")
    assert "has ended" in done.stderr


# Running ---------------------------------------------------------------------------------------

def test_run_follows_to_the_archive(daemon):
    daemon.on_status = ends()
    done = daemon.etalon("run", PROCEDURE, BENCH, "--operator", "Anna")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == f"run {RUN}"
    assert f"{RUN}  point 1/2 0 V" in lines
    assert any(line.startswith("  +10 V") for line in lines)
    assert lines[-1] == "archive: /archive.h5"
    start = daemon.asked[0]
    assert start["args"] == {"procedure": os.path.realpath(PROCEDURE), "bench": os.path.realpath(BENCH),
                             "operator": "Anna"}
    assert start["expires"] > time.time_ns() - 60 * 10**9


@pytest.mark.parametrize("status", ["stopped", "aborted", "failed", "interrupted"])
def test_run_that_ends_otherwise(daemon, status):
    daemon.on_status = ends(status)
    assert daemon.etalon("run", PROCEDURE, BENCH).returncode == 1


def test_run_json(daemon):
    daemon.on_status = ends()
    shown = json.loads(daemon.etalon("run", "--json", PROCEDURE, BENCH).stdout)
    assert (shown["run"], shown["status"], shown["archive"]) == (RUN, "complete", "/archive.h5")
    assert shown["results"]


def test_run_detached(daemon):
    assert daemon.etalon("run", "--detach", PROCEDURE, BENCH).stdout == f"{RUN}\n"
    assert daemon.commands() == ["run.start"]


def test_run_refused(daemon):
    daemon.refuse["run.start"] = {"code": "config", "text": "role meter: nobody at pty:build/demo/meter"}
    done = daemon.etalon("run", PROCEDURE, BENCH)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "etalon run: role meter: nobody at pty:build/demo/meter\n"


def test_run_with_a_file_that_is_not_there(daemon):
    done = daemon.etalon("run", "none.yaml", BENCH)
    assert (done.returncode, done.stderr) == (2, "etalon run: none.yaml: No such file or directory\n")
    assert daemon.asked == []


def wait_for(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_ctrl_c_stops_then_aborts_then_leaves(daemon):
    process = daemon.start("run", PROCEDURE, BENCH)
    wait_for(lambda: "run.status" in daemon.commands())
    for command in "run.stop", "run.abort":
        process.send_signal(signal.SIGINT)
        wait_for(lambda: command in daemon.commands())
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Ctrl-C again aborts at once" in out
    assert "goes on without this terminal" in err


def on_terminal(daemon, columns):
    """The text a terminal of this width gets."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        os.environ["TERM"] = "xterm"
        os.execv(BUILD / "etalon", ["etalon", "run", PROCEDURE, BENCH, "--state", str(daemon.state)])
    out = b""
    try:
        while chunk := os.read(terminal, 65536):
            out += chunk
    except OSError:                     # the other end is closed
        pass
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    return out.decode()


@pytest.mark.parametrize("columns", [100, 40])
def test_progress_on_a_terminal_is_one_line(daemon, columns):
    daemon.status["left_ns"] = 83 * 10**9
    daemon.status["started_ns"] = time.time_ns() - 83 * 10**9
    daemon.on_status = ends()
    text = on_terminal(daemon, columns)
    bars = [part.split("\x1b")[0] for part in text.split("\r") if part.startswith("[")]
    whole = "[==========>         ]  50 %  left 1 min 23 s  point 1/2 0 V  measure 3/3  4 readings"
    assert bars[0] == whole[:columns - 1]
    assert text.splitlines()[-1] == "archive: /archive.h5"
