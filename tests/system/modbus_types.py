# SPDX-License-Identifier: GPL-3.0-or-later
"""Every type and order of registers with what must stand in them, from Python's struct alone: the expectations of the
tests against other people's Modbus."""
import math
import struct

UNIT = 5
FORMATS = {"int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q", "float32": "f",
           "float64": "d"}
# What is read first, what is set later.
VALUES = {"int16": (-12345, 321), "uint16": (54321, 7), "int32": (-123456789, 76543210), "uint32": (3210987654, 1),
          "int64": (-(2 ** 53) + 1, 2 ** 40 + 5), "uint64": (2 ** 63 + 2 ** 20, 3), "float32": (-123.456, 0.15625),
          "float64": (math.pi, -1.7976931348623157e308), "bcd16": (9876, 1234), "bcd32": (98765432, 10203040)}
ORDERS = ["ABCD", "CDAB", "BADC", "DCBA"]


def pack(kind, order, value):
    """The bytes of the line."""
    if kind.startswith("bcd"):
        big = bytes.fromhex(str(value).zfill(int(kind[3:]) // 4))
    else:
        big = struct.pack(">" + FORMATS[kind], value)
    words = [big[i:i + 2] for i in range(0, len(big), 2)]
    if order in ("CDAB", "DCBA"):
        words.reverse()
    if order in ("BADC", "DCBA"):
        words = [w[::-1] for w in words]
    return b"".join(words)


def as_double(kind, value):
    """What a double makes of it."""
    return struct.unpack(">f", struct.pack(">f", value))[0] if kind == "float32" else float(value)


class Row:
    """One point: its quantity, where it stands, what it is."""

    def __init__(self, number, kind, order, address):
        self.quantity, self.kind, self.order, self.address = f"t{number:02}", kind, order, address
        self.words = len(pack(kind, order, 0)) // 2

    def bytes(self, value):
        return pack(self.kind, self.order, value)

    def registers(self, value):
        return [w for (w,) in struct.iter_unpack(">H", self.bytes(value))]


def rows():
    """All types in all orders, with a hole of one register behind every third."""
    out, address = [], 3
    for kind in VALUES:
        for order in ORDERS:
            out.append(Row(len(out), kind, order, address))
            address += out[-1].words + (len(out) % 3 == 0)
    return out


def write_quantities(folder):
    path = folder / "quantities.yaml"
    path.write_text("quantities:\n" + "".join(f"  {r.quantity}: {{unit: V, meaning: a number in registers}}\n"
                                              for r in rows())
                    + "  b0: {unit: V, meaning: a bit}\n  b1: {unit: V, meaning: a bit}\n")
    return path


def write_model(folder):
    """Each point is read from input registers and set in holding registers of the same address."""
    text = ("model: all-types\ntitle: {en: Every type and order}\nmanufacturer: etalon\nnumber: X1\ndriver: modbus\n"
            "seen: manual\ntimeout: 3 s\nlatency: 20 ms\nmodbus: {gap: 1}\npoints:\n")
    for r in rows():
        form = f"address: {r.address}, type: {r.kind}, order: {r.order}"
        text += (f"  {r.quantity}:\n    registers: {{table: input, {form}}}\n    target: {{table: holding, {form}}}\n"
                 f"    tolerance: 0 V\n    safe: 0 V\n    simulate: {{node: voltage}}\n")
    for i, tables in enumerate([("discrete", "coil"), ("coil", "coil")]):
        text += (f"  b{i}:\n    registers: {{table: {tables[0]}, address: {2 + 9 * i}, type: bit}}\n"
                 f"    target: {{table: {tables[1]}, address: {2 + 9 * i}, type: bit}}\n    tolerance: 0 V\n"
                 f"    safe: 0 V\n    function: {15 if i else 5}\n    simulate: {{node: voltage}}\n")
    path = folder / "all-types.yaml"
    path.write_text(text)
    return path
