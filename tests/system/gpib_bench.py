# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench on a GPIB."""
import yaml

from etalond import ROOT

ADDRESSES = {"source": "GPIB0::5::INSTR", "reference": "GPIB0::22::INSTR", "meter": "GPIB0::9::3::INSTR"}


def gpib_bench(folder, controller="prologix://127.0.0.1"):
    """The demonstration bench with all that speaks in lines behind one controller."""
    bench = yaml.safe_load((ROOT / "config/benches/demo.yaml").read_text())
    bench["models"] = str(ROOT / "config/instruments")
    bench["gpib"] = {"GPIB0": controller}
    for role, address in ADDRESSES.items():
        bench["roles"][role]["address"] = address
    path = folder / "gpib.yaml"
    path.write_text(yaml.safe_dump(bench, sort_keys=False))
    return path
