# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run with instruments on the LAN, over each protocol."""
import pytest

from etalond import check_chain, until
from lan_bench import DEVICES, lan_bench


@pytest.mark.parametrize("scheme", DEVICES)
def test_a_run(sim, daemon, tmp_path, scheme):
    lan = sim(lan_bench(tmp_path, scheme))
    run = daemon.run(lan.bench)
    until(lambda: "point.begin" in daemon.events(run))
    lan.do("fault meter late times=1 delay_ms=2600")
    lan.do("fault reference close times=1")
    view = daemon.wait(run)
    assert view["status"] == "complete", view
    check_chain(daemon.replay(run))
    readings = daemon.headers(run, "reading", status="ok")
    assert {h["channel"] for h in readings} >= {"meter.voltage.dc", "reference.voltage.dc"}
    lost = {h["role"] for h in daemon.headers(run, "event", event="link.lost")}
    assert lost >= {"meter", "reference"}
    assert daemon.sealed(run)
