# SPDX-License-Identifier: GPL-3.0-or-later
"""An address just written, and what listens there is something else, or nobody: one error, and what to look at."""
import http.server
import socket
import subprocess
import threading

import pytest

from etalond import BUILD
from gpib_bench import gpib_bench
from lan_bench import lan_bench, modbus_bench

ADDRESSES = {"tcp": "tcp://{}", "vxi11": "vxi11://{}/inst0", "hislip": "hislip://{}/hislip0", "gpib": "prologix://{}/22",
             "modbus": "modbus+tcp://{}/1", "rtu": "modbus+rtu://{}/1", "ascii": "modbus+ascii://{}/1"}


def refused(address, *words):
    """What etalon talk says of it, in one line."""
    question = "read 0\n" if address.startswith("modbus") else "*IDN?\n"
    done = subprocess.run([BUILD / "etalon", "talk", address, "-t", "0.3"], input=question, capture_output=True, text=True, timeout=60)
    assert done.returncode and done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def others():
    """Ports: of a web server, of one that closes at once, of one that never answers, and one where nobody listens."""
    class Page(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    web.daemon_threads = True
    threading.Thread(target=web.serve_forever, daemon=True).start()
    closes, silent, nobody = (socket.create_server(("127.0.0.1", 0)) for _ in range(3))

    def close_each():
        while True:
            try:
                closes.accept()[0].close()
            except OSError:
                return

    threading.Thread(target=close_each, daemon=True).start()
    ports = {"web": web.server_address[1], "closes": closes.getsockname()[1], "silent": silent.getsockname()[1],
             "nobody": nobody.getsockname()[1]}
    nobody.close()
    yield ports
    web.shutdown()
    closes.shutdown(socket.SHUT_RDWR)
    silent.close()


@pytest.mark.parametrize("what", ["web", "closes", "silent", "nobody"])
def test_something_else_listens_there(others, what):
    said = {way: refused(form.format(f"127.0.0.1:{others[what]}")) for way, form in ADDRESSES.items()}
    for way, text in said.items():
        if way != "tcp" or what != "web":
            assert "?" in text, (way, text)
    if what == "web":
        assert "no server of remote procedure calls" in said["vxi11"]


def test_nobody_of_this_name_or_number(sim, tmp_path):
    """The right server, and the wrong device, unit, address on the bus, or framing."""
    lan = sim(lan_bench(tmp_path))
    refused(lan.address("source").replace("inst0", "inst3"), "VXI-11 error 3", "inst0;")
    slip = sim(lan_bench(tmp_path, "hislip"))
    refused(slip.address("source").replace("hislip0", "hislip3"), "there is no device of this name (HiSLIP fatal error 0)", "hislip0")
    gpib = sim(gpib_bench(tmp_path))
    for wrong in ("21", "9", "9,4"):
        refused(gpib.address("reference").rpartition("/")[0] + "/" + wrong, "is it on, and is this its address on the GPIB?")
    servers = sim(modbus_bench(tmp_path, "servers"))
    room = servers.address("room")
    refused(room.rpartition("/")[0] + "/6", "are unit")
    refused(room.replace("ascii", "rtu"), "is it RTU and not ASCII")
    refused(room.replace("ascii", "tcp"), "RTU behind a terminal server is modbus+rtu://")
