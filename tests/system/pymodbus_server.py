#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pymodbus as a device: pymodbus_server.py FRAMING PLACE IN.json OUT.json.

FRAMING is tcp, rtu or ascii; PLACE is a port of 127.0.0.1 or the path of a terminal.  IN.json holds the tables ir, hr,
di, co as {address: number}.  It says `ready`, serves until its standard input ends, and writes what stands in hr and
co then into OUT.json."""
import asyncio
import json
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server.async_io import ModbusSerialServer, ModbusTcpServer
from pymodbus.transaction import ModbusAsciiFramer, ModbusRtuFramer, ModbusSocketFramer

from modbus_types import UNIT

FRAMERS = {"tcp": ModbusSocketFramer, "rtu": ModbusRtuFramer, "ascii": ModbusAsciiFramer}
SIZE = 1000


def block(table):
    values = [0] * SIZE
    for address, number in table.items():
        values[int(address)] = number
    return ModbusSequentialDataBlock(0, values)


async def serve(framer, place, context):
    if place.isdigit():
        server = ModbusTcpServer(context, framer, address=("127.0.0.1", int(place)), allow_reuse_address=True)
        running = asyncio.ensure_future(server.serve_forever())
        await server.serving
    else:
        server = ModbusSerialServer(context, framer, port=place, baudrate=19200, timeout=0.001)
        await server.start()
        running = asyncio.ensure_future(server.serve_forever())
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    running.cancel()


def main():
    framing, place, given, left = sys.argv[1:]
    with open(given, encoding="utf-8") as f:
        tables = {name: block(t) for name, t in json.load(f).items()}
    slave = ModbusSlaveContext(**tables, zero_mode=True)
    asyncio.run(serve(FRAMERS[framing], place, ModbusServerContext(slaves={UNIT: slave}, single=False)))
    with open(left, "w", encoding="utf-8") as f:
        json.dump({name: tables[name].values for name in ("hr", "co")}, f)


main()
