#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# logger.py PORT FILE SECONDS - what many laboratories run: pyvisa-py asks, pyzmq carries the
# readings to a second process, h5py appends them to a file.  The first process runs on core 0, the
# second on core 1.  Prints readings a second.
import os
import sys
import time
from multiprocessing import Process

import h5py
import numpy
import pyvisa
import zmq

BUFFER = 100                    # readings appended at a time


def pin(core):
    os.sched_setaffinity(0, {core % os.cpu_count()})


def write(endpoint, path):
    pin(1)
    pull = zmq.Context().socket(zmq.PULL)
    pull.bind(endpoint)
    with h5py.File(path, "w") as file:
        rows = file.create_dataset("readings", (0, 2), maxshape=(None, 2), chunks=(1024, 2), dtype="f8")
        held = []
        while True:
            message = pull.recv_json()
            if message:
                held.append((message["time"], message["value"]))
            if held and (len(held) >= BUFFER or not message):
                rows.resize(len(rows) + len(held), axis=0)
                rows[-len(held):] = numpy.array(held)
                file.flush()
                held = []
            if not message:
                return


def main():
    port, path, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    endpoint = "ipc://" + path + ".socket"
    writer = Process(target=write, args=(endpoint, path))
    writer.start()
    pin(0)
    push = zmq.Context().socket(zmq.PUSH)
    push.connect(endpoint)
    meter = pyvisa.ResourceManager("@py").open_resource(
        f"TCPIP::127.0.0.1::{port}::SOCKET", read_termination="\n", write_termination="\n")
    meter.query("READ?")
    count, start = 0, time.monotonic()
    while time.monotonic() < start + seconds:
        push.send_json({"time": time.time(), "value": float(meter.query("READ?"))})
        count += 1
    push.send_json(None)
    writer.join()
    print(count / (time.monotonic() - start))


main()
