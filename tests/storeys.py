#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An include only points down: shows every one that points up, or sideways where it must not.

The storeys are those of HACKING.md.  A file that is not listed is an error: say where it belongs.
"""
import os
import re
import sys

STOREYS = {
    0: "lib: banned sanitized err instant log mem io number fixed moment hash json problem line complaint gpib address visa xdr mdns portmap escape source yaml nearest dimension unit record record_counts random signals framing checksum inputs model_unit model_bytes contribution",
    1: "lib: schema schema_types quantity journal journal_open journal_private journal_read segment evaluate"
       " stability stretch conformity day distribution"
       " result progress tally roll validation transcript transcript_read transcript_own transcript_said block | drivers: fd host transport link until arrivals paced hub advice prologix usbtmc tcp serial pty rpc vxi11 hislip modbus_bus modbus_frame modbus_ascii modbus_exception",
    2: "lib: pattern registers keyed reply model model_check model_parts model_schema bench"
       " standard item procedure procedure_result sheet procedure_bind procedure_check procedure_parts config cmc file_check | lib/uncertainty: * | lib/dcc: * | drivers: instrument driver talker manual modbus_plan power",
    3: "drivers: * | lib/archive: *",
}
DAEMON = {  # within the daemon
    0: "post parcel entry scribe notice setup child errand",
    1: "port port_jobs port_work port_own person person_own person_record station station_record recollection logbook lab stream recover replay",
    2: "ports run run_own run_ports run_safe points desk later envelope steps ledger",
    3: "house runs control models instruments control_own questions",
    4: "main",
}


def words(text):
    """'lib: a b | drivers: *' -> {'lib': ['a', 'b'], 'drivers': ['*']}"""
    return {k.strip(): v.split() for k, v in (part.split(":") for part in text.split("|"))}


def storey(path):
    folder, name = os.path.split(path)
    stem = os.path.splitext(name)[0]
    if folder == "daemon":
        for level, names in DAEMON.items():
            if stem in names.split():
                return 4 + level / 10
        return None
    if folder.startswith("tools"):
        return 5
    found = None
    if not any(stem in names.split() or stem in names.replace("|", " ").split() for names in STOREYS.values()):
        stem = stem.split("_")[0]          # json_scan.c is a part of json
    for level, text in STOREYS.items():
        for place, names in words(text).items():
            if place == folder and (stem in names or ("*" in names and found is None)):
                found = level
    return found


def main():
    files = [os.path.join(d, f) for top in ("lib", "drivers", "daemon", "tools")
             for d, _, names in os.walk(top) for f in names if f.endswith((".c", ".h"))]
    headers = {os.path.basename(f): f for f in files if f.endswith(".h")}
    wrong = 0
    arrows = 0
    for path in sorted(files):
        here = storey(path)
        if here is None:
            print(f"{path}: belongs to no storey; add it to tests/storeys.py")
            wrong += 1
            continue
        for line in open(path, encoding="utf-8"):
            m = re.match(r'#include [<"]([^>"]+)[>"]', line)
            if m and m[1] == "hdf5.h" and not path.startswith("lib/archive/"):
                print(f"{path}: only lib/archive includes hdf5.h")
                wrong += 1
            if m and m[1].startswith("libxml/") and not path.startswith("lib/dcc/"):
                print(f"{path}: only lib/dcc includes libxml2; the daemon never links it")
                wrong += 1
            if m and m[1].startswith("gsl/") and not path.startswith("lib/uncertainty/"):
                print(f"{path}: only lib/uncertainty includes GSL; the daemon never links it")
                wrong += 1
            beside = m and os.path.join(os.path.dirname(path), m[1])
            target = beside if beside in files else headers.get(m[1]) if m else None
            if target is None:
                continue
            arrows += 1
            up = storey(target) is not None and storey(target) > here
            across = path.startswith("lib/") and not target.startswith("lib/")
            if up or across:
                print(f"{path}: includes {target}, which stands above it")
                wrong += 1
    print(f"storeys: {len(files)} files, {arrows} includes, {wrong} wrong")
    return 1 if wrong else 0


sys.exit(main())
