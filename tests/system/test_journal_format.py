# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal's bytes, read by a reader written from docs/journal.md alone."""
import subprocess

import pytest

from conftest import BUILD, HANG
from journal_reader import Damaged, Journal, crc32c


def fill(folder, records, group, segment, end="close"):
    subprocess.run([BUILD / "tests/system/fill_journal", folder, str(records), str(group), str(segment), end],
                   check=True, timeout=HANG)
    return folder


def test_the_checksum_is_crc32c():
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA


def test_every_record_is_read(tmp_path):
    j = Journal(fill(tmp_path / "j", 1000, 7, 30000))
    assert j.run == "LAB-20261124-0001"
    assert j.segments > 10 and j.stopped and j.unknown == 0
    assert [h["seq"] for h, _, _ in j] == list(range(1001))
    for header, body, _ in j.records[:-1]:
        i = header["seq"]
        assert header["raw"].encode("latin-1") == b"+1.5\n\xff\x00"
        assert header["value"] == i / 10
        assert body == bytes([i & 255]) * (i % 300 if i % 10 == 9 else 0)
        assert header["channel"] == ("meter.voltage.dc", "", "room.temperature")[i % 3]
    assert j.counts()["channels"]["room.temperature"] == {"records": 333, "readings": 333}


def test_what_a_crash_leaves(tmp_path):
    j = Journal(fill(tmp_path / "j", 103, 10, 1000000, "die"))
    assert j.segments == 1 and not j.stopped
    assert len(j.records) == 90 and j.unknown == 10       # the last group is whole; nothing says it is durable
    assert (tmp_path / "j/000001").stat().st_size > 200000    # zeros made ready


@pytest.mark.parametrize("segment", [1, 2, 3])
def test_damage_is_found_where_it_is(tmp_path, segment):
    folder = fill(tmp_path / "j", 100, 5, 15000)
    clean = Journal(folder)
    assert clean.segments >= 3
    header, _, place = next(r for r in clean.records if r[2][0] == segment and r[0]["seq"] % 5 == 2)
    path = folder / ("%06d" % segment)
    data = bytearray(path.read_bytes())
    data[place[1] + 40] ^= 1
    path.write_bytes(data)
    with pytest.raises(Damaged) as e:
        Journal(folder)
    assert (e.value.segment, e.value.offset) == place


def test_a_missing_segment(tmp_path):
    folder = fill(tmp_path / "j", 100, 5, 15000)
    (folder / "000002").unlink()
    with pytest.raises(Damaged):
        Journal(folder)
