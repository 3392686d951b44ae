# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench on the LAN, and one whose Modbus goes other ways."""
import yaml

from etalond import ROOT

LAN = ("source", "reference", "meter")
DEVICES = {"vxi11": "inst0", "hislip": "hislip0"}


def lan_bench(folder, scheme="vxi11"):
    """The demonstration bench with all that speaks in lines on the LAN, over VXI-11 or HiSLIP."""
    bench = yaml.safe_load((ROOT / "config/benches/demo.yaml").read_text())
    bench["models"] = str(ROOT / "config/instruments")
    for i, role in enumerate(LAN):
        bench["roles"][role]["address"] = f"{scheme}://127.0.0.1:{i + 1}/{DEVICES[scheme]}"
    path = folder / "lan.yaml"
    path.write_text(yaml.safe_dump(bench, sort_keys=False))
    return path


MODBUS = {"ascii": {"room": "modbus+ascii:/nowhere/bus?baud=19200&bits=7&unit=5", "thermometer": "modbus+rtu:/nowhere/line"},
          "servers": {"room": "modbus+ascii://127.0.0.1:1/5", "thermometer": "modbus+rtu://127.0.0.1:2/1?baud=115200"}}


def modbus_bench(folder, ways):
    """The demonstration bench with its Modbus devices on lines, one in ASCII, or behind terminal servers."""
    bench = yaml.safe_load((ROOT / "config/benches/demo.yaml").read_text())
    bench["models"] = str(ROOT / "config/instruments")
    for role, address in MODBUS[ways].items():
        bench["roles"][role]["address"] = address
    path = folder / f"modbus-{ways}.yaml"
    path.write_text(yaml.safe_dump(bench, sort_keys=False))
    return path
