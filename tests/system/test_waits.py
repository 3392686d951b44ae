# SPDX-License-Identifier: GPL-3.0-or-later
"""An instrument that has to be waited for leaves its line to its neighbours: through the whole daemon, on a Modbus line
and behind a GPIB controller."""
import pytest
import yaml

from etalond import ROOT, until
from test_faults import check

MODELS = ROOT / "config/instruments"
NEVER = "3000 s"     # far beyond the guard against hanging: who waits so long is never done here
ENOUGH = 10          # readings of the neighbour while somebody is waited for

COMMON = {"title": "chamber", "manufacturer": "ETALON", "number": "C1", "seen": "manual", "timeout": "500 ms",
          "latency": "100 ms", "model": "chamber"}
REGISTER = {"table": "holding", "type": "uint16"}
WAYS = {  # the chamber's model beside its neighbour's, and where both are
    "modbus": ({"driver": "modbus", "safe": [{"registers": REGISTER | {"address": 3}, "write": 0}],
                "safe_check": [{"registers": REGISTER | {"address": 3}, "is": 0}]},
               {"registers": REGISTER | {"address": 30}, "target": REGISTER | {"address": 10}, "tolerance": "0.5 K",
                "done": {"registers": REGISTER | {"address": 20}, "is": 1, "every": "50 ms"}},
               "modbus+rtu:/nowhere/bus?baud=115200&unit=5", "modbus+rtu:/nowhere/bus?baud=115200&unit=6", "demo-room"),
    "gpib": ({"driver": "text", "command_end": "\n", "reply_end": "\n", "safe": ["OFF 1"],
              "safe_check": [{"ask": "OFF?", "expect": "^1$"}],
              "simulate": {"answers": [{"ask": "OFF?", "say": "{}", "start": "0", "set": "OFF {}"}]}},
             {"ask": "T?", "set": "T {}", "done": {"ask": "T?", "expect": "^40$", "every": "50 ms"}},
             "GPIB0::5::INSTR", "GPIB0::9::INSTR", "demo-dmm6"),
    "opc": ({"driver": "scpi", "command_end": "\n", "reply_end": "\n", "safe": ["OFF 1"],
             "safe_check": [{"ask": "OFF?", "expect": "^1$"}],
             "simulate": {"answers": [{"ask": "OFF?", "say": "{}", "start": "0", "set": "OFF {}"}]}},
            {"ask": "T?", "set": "T {}", "done": "*OPC?"},
            "GPIB0::5::INSTR", "GPIB0::9::INSTR", "demo-dmm6"),
    "srq": ({"driver": "scpi", "command_end": "\n", "reply_end": "\n", "safe": ["OFF 1"], "init": ["*SRE 32", "*ESE 1"],
             "safe_check": [{"ask": "OFF?", "expect": "^1$"}],
             "simulate": {"answers": [{"ask": "OFF?", "say": "{}", "start": "0", "set": "OFF {}"}]}},
            {"ask": "T?", "set": "T {};*OPC", "done": {"srq": True, "status_bit": 5}},
            "GPIB0::5::INSTR", "GPIB0::9::INSTR", "demo-dmm6"),
}


@pytest.fixture(params=WAYS)
def line(request, sim, tmp_path):
    """line(takes, within): a simulated bench of a chamber that takes so long, and its neighbour's channel."""
    model, point, here, there, other = WAYS[request.param]

    def begin(takes, within):
        slow = {"settling": takes, "format": "%.0f"} if request.param == "gpib" else {"delay": takes}
        p = dict(point, low="0 degC", high="90 degC", simulate=dict(slow, node="temperature"))
        if isinstance(p["done"], dict):
            p["done"] = dict(p["done"], within=within)
        else:
            p["timeout"] = within
        models = tmp_path / "models"
        models.mkdir()
        (models / f"{other}.yaml").symlink_to(MODELS / f"{other}.yaml")
        (models / "chamber.yaml").write_text(yaml.safe_dump(dict(COMMON, **model, points={"temperature": p})))
        bench = {"bench": "line", "title": "line", "models": str(models), "gpib": {"GPIB0": "prologix://127.0.0.1"},
                 "simulate": {"temperature": 23, "humidity": 45, "wander": 0},
                 "roles": {"chamber": {"model": "chamber", "address": here, "simulated": True},
                           "neighbour": {"model": other, "address": there, "simulated": True}}}
        path = tmp_path / "line.yaml"
        path.write_text(yaml.safe_dump(bench, sort_keys=False))
        return sim(path)

    begin.way = request.param
    begin.channel = "neighbour.temperature" if request.param == "modbus" else "neighbour.voltage.dc"
    return begin


def procedure(folder, channel, link_loss="60 s"):
    text = {"procedure": "wait", "title": "wait", "roles": ["chamber", "neighbour"], "resumable": True,
            "environment": [{"channel": channel, "every": "100 ms"}],
            "points": [{"name": "warm", "values": {"chamber.temperature": "40 degC"}}],
            "steps": [{"set": {"channel": "chamber.temperature"}}, {"measure": {"channels": ["chamber.temperature"], "count": 2}}],
            "link_loss": link_loss, "safe_within": "5 s"}
    path = folder / "wait.yaml"
    path.write_text(yaml.safe_dump(text, sort_keys=False))
    return path


def readings_since(daemon, run, channel, since):
    return [h for h in daemon.headers(run, "reading", channel=channel) if h["utc_ns"] > since and h["status"] == "ok"]


def asked(daemon, run, why):
    return daemon.headers(run, "exchange", role="chamber", why=why)


def test_neighbours_are_read_and_an_abort_ends_it(line, daemon, tmp_path):
    bench = line(NEVER, NEVER)
    run = daemon.run(bench.bench, procedure(tmp_path, line.channel))
    begun = until(lambda: asked(daemon, run, "set"))[-1]["utc_ns"]
    until(lambda: len(readings_since(daemon, run, line.channel, begun)) >= ENOUGH)
    daemon.ask("run.abort", run=run, operator="tester", reason="seen enough")
    daemon.wait(run)
    assert daemon.headers(run, "event", event="safe", role="chamber"), "the wait does not keep it from its safe state"
    assert not daemon.headers(run, "event", event="link.lost")
    check(daemon.headers(run, "reading", channel=line.channel), bench.truth())


def test_its_deadline_holds(line, daemon, tmp_path):
    if line.way == "opc":
        pytest.skip("of an answer that is owed the instrument's timeout is the deadline, and its neighbour's turns come on top")
    bench = line(NEVER, "1 s")
    run = daemon.run(bench.bench, procedure(tmp_path, line.channel, link_loss="1 s"))
    begun = until(lambda: asked(daemon, run, "set"))[-1]["utc_ns"]
    daemon.wait(run, "holding")
    assert readings_since(daemon, run, line.channel, begun)
    daemon.ask("run.abort", run=run, operator="tester", reason="seen enough")
    daemon.wait(run)


def test_once_done_the_run_goes_on(line, daemon, tmp_path):
    bench = line("300 ms", NEVER)
    run = daemon.run(bench.bench, procedure(tmp_path, line.channel))
    assert daemon.wait(run)["status"] == "complete"
    check(daemon.headers(run, "reading", channel=line.channel), bench.truth())
