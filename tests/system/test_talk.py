# SPDX-License-Identifier: GPL-3.0-or-later
"""etalon talk: from a pipe, and in a terminal as a person uses it."""
import os
import pty
import re
import select
import signal
import socket
import subprocess
import threading
import time

import pytest
import yaml

from etalond import BUILD, ROOT
from lan_bench import lan_bench

BENCH = ROOT / "config/benches/demo.yaml"
HANG = 60


def talk(address, lines, *options, **kw):
    """From a pipe: (exit status, output, errors)."""
    done = subprocess.run([BUILD / "etalon", "talk", address, *map(str, options)], input=lines, capture_output=True,
                          encoding="utf-8", timeout=60, **kw)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def peer():
    """peer(answer): a TCP server whose function gets (connection, line); returns the address."""
    sockets = []

    def serve(listening, answer, greeting):
        while True:
            try:
                c = listening.accept()[0]
            except OSError:
                return
            sockets.append(c)
            try:
                c.sendall(greeting)
                with c.makefile("rb") as f:
                    for line in f:
                        answer(c, line)
            except OSError:
                pass                 # the other end has gone

    def start(answer, greeting=b""):
        s = socket.create_server(("127.0.0.1", 0))
        sockets.append(s)
        threading.Thread(target=serve, args=(s, answer, greeting), daemon=True).start()
        return "tcp://127.0.0.1:%d" % s.getsockname()[1]

    yield start
    for s in sockets:
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        s.close()


def test_questions_and_commands(sim):
    bench = sim(BENCH)
    status, said, wrong = talk(bench.address("source"), "*IDN?\nSOUR:VOLT 2\n\nSOUR:VOLT?\n")
    assert (status, said, wrong) == (0, "ETALON,C10,SIM-0001,1.0\n2\n", "")


def test_terminal_with_model(sim):
    bench = sim(BENCH)
    status, said, _ = talk("pty:" + bench.path("meter"), "*IDN?\nNONSENSE\n\\errors\n", "--model", "demo-dmm6", cwd=ROOT)
    assert status == 0
    assert re.fullmatch(r"ETALON,M6,SIM-0003,1\.0\n-\d+,\".*\"\n\+?0,\"No error\"\n", said), said


def test_hexadecimal(peer):
    address = peer(lambda c, line: c.sendall(b"\x00\x80abc\\\n"))
    assert talk(address, "\\hex on\nX?\n\\hex off\nX?\n")[1] == (
        "\\x00\\x80abc\\\\\n  0000  00 80 61 62 63 5C" + 10 * "   " + "  ..abc\\\n\\x00\\x80abc\\\\\n")


def test_ends_and_bytes(peer):
    heard = []

    def answer(c, line):
        heard.append(line)
        c.sendall(b"1;\n2;")

    address = peer(answer)
    status, said, wrong = talk(address, "A?\n\\read\n\\end \\r\\n\n\\send B?\n\\read\n\\read 3\n\\raw \\x41\\x0a\n\\read\n\\read 3\n\\end\n\\ask C\\n\n",
                               "--end", "\\n", "--reply-end", ";")
    assert status == 0, wrong
    assert heard == [b"A?\n", b"B?\r\n", b"A\n", b"C\n"]
    assert said.split("\n") == ["1", "\\n2", "1", "\\n2;", "1", "\\n2;", "1", ""]


def test_block(peer):
    address = peer(lambda c, line: c.sendall(b"#15a\nb;c\n"))
    assert talk(address, "\\block CURV?\n") == (0, "#15a\\nb;c\n", "")


def test_an_answer_of_several_lines_is_one(peer, tmp_path):
    """All of it before the next question goes out; shown as it is, kept as one; and so is an empty last line."""
    heard = []

    def answer(c, line):
        heard.append(line)
        for part in (b"ALL?\n", b"ch1 +1", b"\nch2 +2\n", b"\n") if line == b"ALL?\n" else (b"+1\n",):
            c.sendall(part)

    address, path = peer(answer), tmp_path / "s.txt"
    assert talk(address, "ALL?\nX?\n", "--save", path) == (0, "ALL?\nch1 +1\nch2 +2\n\n+1\n", "")
    assert re.search(r"<@[\d.]+ms ALL\?\\nch1 \+1\\nch2 \+2\\n\\n\n> X\?\\n\n<@[\d.]+ms \+1\\n\n$", path.read_text())
    assert talk(address, "ALL?\n\\read\n\\read\n\\read\n", "--reply-end", "\\n")[1] == "ALL?\nch1 +1\nch2 +2\n\n"


def test_a_model_says_how_many_lines_an_answer_has(peer, tmp_path):
    """However long the instrument takes between them."""
    model = tmp_path / "two.yaml"
    model.write_text("model: two\ntitle: two\nmanufacturer: ETALON\nnumber: T\ndriver: text\nseen: manual\ntimeout: 20 s\n"
                     "points:\n  voltage.dc: {ask: 'V?', reply_lines: 2, reply_line: 2}\n")

    def answer(c, line):
        c.sendall(b"range 10\n")
        time.sleep(0.3)
        c.sendall(b"+1.5\n")

    address = peer(answer)
    assert talk(address, "V?\n", "--model", model, "-q", ROOT / "config/quantities.yaml") == (0, "range 10\n+1.5\n", "")


@pytest.mark.parametrize("scheme", ["vxi11", "hislip"])
def test_where_messages_end_the_whole_message_is_the_answer(sim, tmp_path, scheme):
    bench = yaml.safe_load(lan_bench(tmp_path, scheme).read_text())
    model = yaml.safe_load((ROOT / "config/instruments/demo-dmm8.yaml").read_text())
    model["simulate"].setdefault("answers", []).append({"ask": "ALL?", "say": "ch1 +1\nch2 +2"})
    (tmp_path / "models").mkdir()
    for f in (ROOT / "config/instruments").glob("*.yaml"):
        (tmp_path / "models" / f.name).write_text(yaml.safe_dump(model) if f.name == "demo-dmm8.yaml" else f.read_text())
    (tmp_path / "lan.yaml").write_text(yaml.safe_dump(bench | {"models": "models", "standards": str(ROOT / "config/standards")}))
    played = sim(tmp_path / "lan.yaml")
    assert talk(played.address("reference"), "ALL?\n*IDN?\n") == (0, "ch1 +1\nch2 +2\nETALON,M8,SIM-0002,1.0\n", "")


def test_what_comes_unasked_is_shown_and_answers_nothing(peer):
    address = peer(lambda c, line: c.sendall(b"answer\n"), greeting=b"welcome")
    time.sleep(0.1)
    lines = subprocess.Popen([BUILD / "etalon", "talk", address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    time.sleep(0.3)
    said, _ = lines.communicate("X?\n", timeout=HANG)
    assert said == "(unasked) welcome\nanswer\n"


def test_half_a_reply_is_shown_and_the_next_is_good(peer):
    asked = []

    def answer(c, line):
        asked.append(line)
        c.sendall(b"ha" if len(asked) == 1 else b"whole\n")

    status, said, wrong = talk(peer(answer), "X?\nX?\n", "-t", "0.2")
    assert status == 1
    assert said == "(part of a reply) ha\nwhole\n"
    assert wrong == "after 2 bytes of the reply: timed out\n"


def test_nobody_there_is_named():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = subprocess.run([BUILD / "etalon", "talk", f"tcp://localhost:{port}"], input="", capture_output=True, text=True,
                          timeout=HANG)
    assert (done.returncode, done.stderr) == (2, f"etalon talk: tcp://127.0.0.1:{port}: connect: Connection refused: is it on, and "
                                              "is this the port of its raw socket (often 5025)?\n")


def test_connection_that_goes_is_opened_again(peer):
    def answer(c, line):
        if line == b"BYE\n":
            c.shutdown(socket.SHUT_RDWR)
        else:
            c.sendall(line)

    status, said, _ = talk(peer(answer), "A?\nBYE\nB?\nC?\n", "-t", "1")
    assert status == 1 and said.split("\n")[0] == "A?" and "C?" in said.split("\n")


def test_console_words(peer):
    address = peer(lambda c, line: c.sendall(b"1\n"))
    status, said, wrong = talk(address, "\\help\n\\halp\n\\hex maybe\n\\timeout never\n\\read none\n\\errors\n\\status\n"
                               "\\write 1 2\n\\quit\nX?\n")
    assert status == 1
    assert "\\reply-end" in said and "1\n" not in said.split("\n")
    assert re.sub(r"\n$", "", wrong).split("\n") == [
        "there is no \\halp; did you mean \\help?", "\\hex on or \\hex off", "\\timeout SECONDS, at most 86400",
        "\\read, or \\read COUNT from 1 to 67108864", "--model names no model with an error queue",
        "no status byte beside the messages; ask *STB?", "this address does not speak Modbus"]


def test_status_byte_and_trigger_over_the_lan(sim, tmp_path):
    bench = sim(lan_bench(tmp_path))
    path = tmp_path / "s.txt"
    lines = "*IDN?\n\\status\n\\clear\n*SRE 32\n*ESE 1\n\\trigger\n*OPC\n\\srq\n"
    status, said, wrong = talk(bench.address("reference"), lines, "--save", path)
    assert status == 0, wrong
    assert said == "ETALON,M8,SIM-0002,1.0\n0x00\ncleared, 0 bytes thrown away\n0x64 event requests service\n"
    kept = re.sub(r"@[\d.]+ms", "", path.read_text().split("\ntalk\n")[1])
    assert kept == ("> *IDN?\\n\n< ETALON,M8,SIM-0002,1.0\\n\n<status 0x00\n> *SRE 32\\n\n> *ESE 1\\n\n>trigger\n> *OPC\\n\n<srq 0x64\n")   # it knows no *TRG: an error waits


def test_modbus(sim):
    bench = sim(BENCH)
    status, said, wrong = talk(bench.address("thermometer"), "read 0\n\\read input 10 4\npdu 03 0000 0001\n", "-x")
    assert (status, wrong) == (0, "")
    rows = said.split("\n")
    assert rows[1].split() == ["0", "06C1", "1729", "1729"]
    assert rows[2].split()[:5] == ["0000", "03", "02", "06", "C1"]
    assert rows[4].split()[0] == "10" and len(rows[4].split()) == 8
    status, said, wrong = talk(bench.address("room"), "read holding 100\nread 900\nread coil 0 1\nwrite input 3 1\nwrite 3\n*IDN?\n")
    assert status == 1
    assert said.split("\n")[1].split() == ["100", "1267", "4711", "4711"]
    refused = "exception 2, illegal data address"
    assert [refused in w for w in wrong.split("\n")] == [True, True, False, False, False, False]
    assert wrong.split("\n")[2:] == ["write [holding|coil] ADDRESS VALUE...", "write [holding|coil] ADDRESS VALUE...",
                                     "there is no \\*IDN?; \\help lists what there is", ""]


def test_modbus_writes(tmp_path):
    """A register and several, a coil, against pymodbus."""
    port = socket.create_server(("127.0.0.1", 0)).getsockname()[1]
    server = subprocess.Popen(["/usr/bin/python3", "-c", f"""
from pymodbus.server import StartTcpServer
from pymodbus.datastore import ModbusSequentialDataBlock as B, ModbusSlaveContext as S, ModbusServerContext as C
store = S(co=B(0, [0] * 20), hr=B(0, [0] * 20), zero_mode=True)
StartTcpServer(context=C(slaves=store, single=True), address=("127.0.0.1", {port}))
"""], stderr=subprocess.PIPE)
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        status, said, wrong = talk(f"modbus+tcp://127.0.0.1:{port}/1",
                                   "write 3 17\nwrite 4 -2 65535\nwrite coil 5 1\nread 3 3\nread coil 4 3\n")
        assert (status, wrong) == (0, "")
        rows = [r.split() for r in said.split("\n")]
        assert [r[1] for r in rows[4:7]] == ["0011", "FFFE", "FFFF"] and [r[1] for r in rows[7:10]] == ["0", "1", "0"]
    finally:
        server.kill()
        server.communicate()


def test_saved_session_is_a_transcript(sim, tmp_path):
    bench = sim(BENCH)
    path = tmp_path / "s.txt"
    assert talk(bench.address("reference"), "*IDN?\nREAD?\n", "--save", path)[0] == 0
    text = path.read_text()
    assert text.startswith("model: etalon-m8\ninstrument: ETALON, M8\nserial: SIM-0002\nfirmware: 1.0\nby: ")
    assert re.search(r"\naddress: tcp://127.0.0.1:\d+\n\ntalk\n> \*IDN\?\\n\n<@[\d.]+ms ETALON,M8,SIM-0002,1.0\\n\n> READ\?\\n\n"
                     r"<@[\d.]+ms [-+][\d.E+-]+\\n\n$", text), text
    status, _, wrong = talk(bench.address("reference"), "*IDN?\n", "--save", path)
    assert status == 2 and "File exists" in wrong and path.read_text() == text


def test_wrong_usage(peer):
    assert talk("tcp://127.0.0.1:1", "")[0] == 2
    assert talk("nonsense", "")[0] == 2
    assert talk("tcp://127.0.0.1:5", "", "--timeout", "soon")[0] == 2
    assert talk("tcp://127.0.0.1:5", "", "--end", "\\q")[0] == 2
    assert talk("tcp://127.0.0.1:5", "", "--model", "no-such")[0] == 2


class Terminal:
    """A person at a terminal: what is on the screen so far, keys."""

    def __init__(self, *args, **env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm", **env)
            os.execv(BUILD / "etalon", ["etalon", *map(str, args)])
        self.screen = ""

    def until(self, pattern):
        """Waits for it behind what was waited for before."""
        deadline = time.monotonic() + HANG
        while not (found := re.search(pattern, self.screen, re.S)):
            ready, _, _ = select.select([self.fd], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"no {pattern!r} in {self.screen!r}"
            try:
                self.screen += os.read(self.fd, 4096).decode()
            except OSError:
                raise AssertionError(f"ended without {pattern!r}: {self.screen!r}")
        self.screen = self.screen[found.end():]
        return found

    def keys(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        """Its exit status; one that does not end is killed."""
        deadline = time.monotonic() + HANG
        try:
            while select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0] and os.read(self.fd, 4096):
                pass
        except OSError:
            pass
        if time.monotonic() > deadline:
            os.kill(self.pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.fd)
        return status


def test_person_at_a_terminal(peer, tmp_path):
    heard = []

    def answer(c, line):
        heard.append(line)
        if line.startswith(b"GO"):
            c.sendall(line)

    address = peer(answer)
    t = Terminal("talk", address, XDG_STATE_HOME=str(tmp_path))
    t.until(r"lines are sent.*> ")
    t.keys("GO?\r")
    t.until(r"GO\?\r\n.*GO\?  \[\d+\.\d ms\]\r\n")
    t.until("> ")
    t.keys("SLEEP?\r")                         # nobody answers: Ctrl-C ends the wait, not the session
    while len(heard) < 2:
        time.sleep(0.02)
    t.keys("\x03")
    t.until(r"cancelled\r\n")
    t.until("> ")
    t.keys("half\x03")                         # a line begun and thrown away
    t.keys("\x1b[A\x1b[A\r")                   # up twice: the question before
    t.until(r"GO\?  \[.*> ")
    t.keys("\x04")
    assert t.end() == 1                        # something had failed
    assert heard == [b"GO?\n", b"SLEEP?\n", b"GO?\n"]
    t = Terminal("talk", address, XDG_STATE_HOME=str(tmp_path))
    t.until("> ")
    t.keys("\x1b[A\r")                         # another session remembers
    t.until(r"GO\?  \[.*> ")
    t.keys("\\quit\r")
    assert t.end() == 0
    assert (tmp_path / "etalon").stat().st_mode & 0o777 == 0o700


def test_cancel_from_a_pipe(peer):
    heard = threading.Event()
    address = peer(lambda c, line: heard.set())
    p = subprocess.Popen([BUILD / "etalon", "talk", address, "-t", "60"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True)
    p.stdin.write("X?\n")
    p.stdin.flush()
    assert heard.wait(HANG)
    time.sleep(0.1)
    p.send_signal(signal.SIGINT)
    _, wrong = p.communicate(timeout=HANG)
    assert p.returncode == 1 and "cancelled" in wrong


def test_bytes_that_are_no_text(peer, tmp_path):
    """Typed, shown and kept the same way, and as one byte each on the wire."""
    heard = []

    def answer(c, line):
        heard.append(line)
        c.sendall(b"\xb1TEMP 21.5\xb0C\n")

    path = tmp_path / "t.txt"
    status, said, _ = talk(peer(answer), "\\ask \\xB0TEMP?\\xFE\n", "--save", path)
    assert status == 0 and heard == [b"\xb0TEMP?\xfe\n"]
    assert "\\xB1TEMP 21.5\\xB0C" in said
    assert "> \\xB0TEMP?\\xFE\\n" in path.read_text() and "\\xB1TEMP 21.5\\xB0C\\n" in path.read_text()
