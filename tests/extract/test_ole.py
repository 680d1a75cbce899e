"""Compound files whose tables of sectors are damaged."""

from __future__ import annotations

import struct

import pytest

from extract.doc import read_plain
from extract.ole import open_ole
from extract.outlook import msg_members
from tests.format_files import FORMATS

STREAMS = {"rich.doc": "WordDocument", "book.xls": "Workbook"}
_SIZE = 120
"""Where the size of a stream stands in its entry of the directory."""


def told_to_have(name: str, size: int) -> bytes:
    data = bytearray((FORMATS / name).read_bytes())
    entry = data.index(STREAMS[name].encode("utf-16-le") + b"\0\0")
    struct.pack_into("<I", data, entry + _SIZE, size)
    return bytes(data)


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_said_to_be_larger_than_its_file_is_refused(name: str) -> None:
    open_ole((FORMATS / name).read_bytes()).close()
    with pytest.raises(OSError, match="larger than its file"):
        open_ole(told_to_have(name, 0xFF000000))


def test_what_is_refused_is_refused_by_the_readers_too() -> None:
    assert read_plain(told_to_have("rich.doc", 0xFF000000), "x") is None
    with pytest.raises(OSError, match="larger than its file"):
        list(msg_members(told_to_have("rich.doc", 0xFF000000), 1))
