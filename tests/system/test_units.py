# SPDX-License-Identifier: GPL-3.0-or-later
"""Units that speak text on one line: each is asked by its number, and a reply of another one is never taken for its own.
Told apart by their messages' frame, or by the form of their replies."""
import pytest
import yaml

from journal_aid import etalon

UNITS = {"first": 1, "second": 2, "third": 26}
HEAD = {"title": "Units on a line", "manufacturer": "etalon", "number": "TU", "driver": "text", "seen": "manual",
        "timeout": "300 ms", "latency": "100 ms"}
FRAMED = HEAD | {
    "model": "t-framed", "identity": {"ask": "ID", "expect": "^UNIT (.*)$", "serial": 1},
    "frame": {"start": "<", "address": "{unit:02}", "end": ">", "checksum": {"kind": "xor8"}},
    "points": {"temperature": {"ask": "T", "simulate": {"node": "temperature", "format": "%.3f", "offset": 0}}},
    "simulate": {"identity": "UNIT {serial}"}}
PLAIN = HEAD | {
    "model": "t-plain", "identity": {"ask": "#{unit:02X}I", "expect": "^@{unit:02X} UNIT (.*)$", "serial": 1},
    "points": {"temperature": {"ask": "#{unit:02X}T", "reply": "^@{unit:02X} ([-+0-9.]+)$",
                               "simulate": {"node": "temperature", "format": "@{unit:02X} %.3f"}}},
    "simulate": {"identity": "@{unit:02X} UNIT {serial}"}}


def bench_of(folder, model, address):
    (folder / f"{model['model']}.yaml").write_text(yaml.safe_dump(model, sort_keys=False))
    roles = {role: {"model": model["model"], "address": f"{address}?unit={unit}", "serial_number": str(100 + unit), "simulated": True}
             for role, unit in UNITS.items()}
    path = folder / "line.yaml"
    path.write_text(yaml.safe_dump({"bench": "line", "title": "A line", "models": ".", "roles": roles,
                                    "simulate": {"seed": 3, "temperature": 23, "humidity": 45, "wander": 0}}))
    return path


def procedure(folder, count):
    path = folder / "p.yaml"
    path.write_text(yaml.safe_dump({
        "procedure": "p", "title": "P", "roles": list(UNITS), "points": [{"name": "one"}], "link_loss": "20 s",
        "steps": [{"measure": {"channels": [f"{role}.temperature" for role in UNITS], "count": count}}]}, sort_keys=False))
    return path


@pytest.mark.parametrize("model", [FRAMED, PLAIN], ids=lambda m: m["model"])
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:5", "pty:/nowhere/line"])
def test_another_unit_is_never_taken_for_the_one_that_was_asked(sim, daemon, tmp_path, model, address):
    bench = sim(bench_of(tmp_path, model, address))
    for role in "first", "third":
        bench.do(f"fault {role} neighbour after=3 times=2")
    run = daemon.run(bench.bench, procedure(tmp_path, 12))
    assert daemon.wait(run)["status"] == "complete"
    truth = bench.truth()
    readings = daemon.headers(run, "reading")
    assert len(readings) == 36
    for role in UNITS:
        said = {t["said"].split(" ")[-1] for t in truth if t["role"] == role and "said" in t}
        mine = [h for h in readings if h["channel"] == f"{role}.temperature"]
        number = {"first": "01", "second": "02", "third": "26" if model is FRAMED else "1A"}[role]
        assert len(mine) == 12 and all(number in h["raw"][:4] for h in mine)
        assert {f"{h['value']:.3f}" for h in mine} <= said
    refused = [h for h in daemon.headers(run, "exchange") if h.get("failed") and h["why"] == "measure"]
    assert {h["role"] for h in refused} == {"first", "third"} and len(refused) >= 2
    assert all("is not from address" in h["failed"] or "is not of the form" in h["failed"] for h in refused)
    files = [h["name"] for h in daemon.headers(run, "file") if h["what"] == "model"]
    assert len(files) == len(set(files)), "the one model file of all units is on record once"
    assert etalon("verify", daemon.sealed(run)).returncode == 0
