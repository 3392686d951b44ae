# SPDX-License-Identifier: GPL-3.0-or-later
"""Journals for the end to end tests: lines for make_journal, which writes them with the real writer."""
import collections
import hashlib
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("ETALON_BUILD", "build")
RUN = "DEMO-20261124-0001"
BEGIN = 1795491562000000000
REFERENCE, METER, ROOM = "reference.voltage.dc", "meter.voltage.dc", "room.temperature"

# Of the meter and the reference at two points; None: an overload.
POINTS = {
    "0 V": ([1.5e-06, 1.7e-06, 1.6e-06, 1.4e-06], [2.25e-05, 2.5e-05, 2.75e-05, 2.5e-05]),
    "+10 V": ([10.0000012, 10.0000015, 10.0000011, 10.0000013], [10.000125, None, 10.000125, 10.00015]),
}
NOMINAL = {"0 V": 0, "+10 V": 10}


class Lines(list):
    """Records to be, with the counts that `stop` will state."""

    def add(self, kind, channel="", body="", **keys):
        now = len(self) * 1000003
        self.append({"kind": kind, "channel": channel, "utc_ns": BEGIN + now, "mono_ns": 1000 + now,
                     "body": body, "keys": keys})

    def counts(self):
        kinds = collections.Counter(line["kind"] for line in self)
        channels = {}
        for line in self:
            c = channels.setdefault(line["channel"], {"records": 0, "readings": 0})
            c["records"] += 1
            c["readings"] += line["kind"] == "reading"
        every = "file start channel reading exchange event result stop".split()
        return {"kinds": {k: kinds.get(k, 0) for k in every}, "channels": channels}

    def stop(self, status="complete"):
        self.add("stop", status=status, reason="", simulated=True, counts=self.counts())


def add_file(lines, what, path):
    data = (ROOT / path).read_bytes()
    lines.add("file", body=data.decode("latin-1"), what=what, name=pathlib.Path(path).stem,
              sha256=hashlib.sha256(data).hexdigest(), bytes=len(data), part=1, parts=1,
              media_type="application/yaml")


def add_reading(lines, channel, value, unit, raw, **keys):
    lines.add("reading", channel, value=value, unit=unit, status="ok" if value is not None else "overload",
              raw=raw, span_ns=1500, **keys)


def begun():
    """Everything up to the first point."""
    lines = Lines()
    add_file(lines, "procedure", "config/procedures/dc-voltage-quick.yaml")
    add_file(lines, "bench", "config/benches/demo.yaml")
    add_file(lines, "quantities", "config/quantities.yaml")
    for model in "demo-dmm8", "demo-dmm6", "demo-room":
        add_file(lines, "model", f"config/instruments/{model}.yaml")
    role = {"manufacturer": "etalon", "number": "M", "serial_number": "SIM", "access": "exclusive",
            "simulated": True}
    lines.add("start", laboratory="DEMO", laboratory_name="Demonstration laboratory", operator="Anna Нева",
              procedure="dc-voltage-quick", title="Quick look", bench="demo", simulated=True,
              points=[{"name": n, "values": {"source.voltage.dc": v}} for n, v in NOMINAL.items()],
              resumable=True, software={"name": "etalond", "version": "0.1", "build": "x"}, host="h",
              clock={"synchronised": True, "error_ns": 1000, "tai_offset_s": 37},
              roles={"reference": dict(role, model="demo-dmm8", address="tcp://127.0.0.1:5802"),
                     "meter": dict(role, model="demo-dmm6", address="pty:/dev/null"),
                     "room": dict(role, model="demo-room", address="modbus+rtu:/dev/null?unit=5")},
              results=[{"name": "error", "indication": METER, "reference": REFERENCE}])
    channel = {"datatype": "float64", "environment": False, "aperture_ns": 0, "simulated": True}
    lines.add("channel", REFERENCE, role="reference", quantity="voltage.dc", unit="V",
              instrument="demo-dmm8", ask="READ?", **channel)
    lines.add("channel", METER, role="meter", quantity="voltage.dc", unit="V", instrument="demo-dmm6",
              ask="READ?", **channel)
    lines.add("channel", ROOM, role="room", quantity="temperature", unit="degC", instrument="demo-room",
              ask="input 0", **dict(channel, environment=True, interval_ns=1000000000))
    return lines


def measured():
    """Both points measured, no results yet."""
    lines = begun()
    add_reading(lines, ROOM, 23.25, "degC", "\u0000\u0000\u0041\u00ba")
    for point, name in enumerate(POINTS):
        lines.add("event", event="point.begin", text="", point=point, attempt=1)
        for k, (reference, meter) in enumerate(zip(*POINTS[name])):
            where = dict(point=point, attempt=1, step=2, k=k, use="measure")
            add_reading(lines, REFERENCE, reference, "V", f"{reference:+.8E}", **where)
            add_reading(lines, METER, meter, "V", "9.9E37" if meter is None else f"{meter:+.8E}", **where)
        lines.add("event", event="point.end", text="", point=point, attempt=1)
    return lines


def make_journal(folder, lines):
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    subprocess.run([BUILD / "tests/system/make_journal", folder, RUN], input=text.encode(), check=True)
    return folder


def etalon(*args, **options):
    """Runs build/etalon; stdout and stderr as text."""
    return subprocess.run([BUILD / "etalon", *args], capture_output=True, encoding="utf-8", timeout=60, **options)


def evaluated(folder):
    """Like measured(), with the results that `etalon evaluate` gives."""
    lines = measured()
    done = etalon("evaluate", make_journal(folder / "unevaluated", lines))
    assert done.returncode == 0, done.stderr
    for draft in map(json.loads, done.stdout.splitlines()):
        lines.add("result", draft["channel"], **draft["keys"])
    return lines
