"""Compound files whose tables of sectors are damaged."""

from __future__ import annotations

import struct

import pytest

from extract.doc import read_plain
from extract.ole import open_ole
from tests.format_files import FORMATS

STREAMS = {"rich.doc": "WordDocument", "book.xls": "Workbook"}
_SIZE = 120
"""Where the size of a stream stands in its entry of the directory."""


def told_to_have(name: str, size: int) -> bytes:
    data = bytearray((FORMATS / name).read_bytes())
    entry = data.index(STREAMS[name].encode("utf-16-le") + b"\0\0")
    struct.pack_into("<I", data, entry + _SIZE, size)
    return bytes(data)


def in_a_circle(name: str) -> bytes:
    """A file whose stream is told to have four billion bytes, its second sector followed by its first one."""
    data = bytearray(told_to_have(name, 0xFF000000))
    entry = data.index(STREAMS[name].encode("utf-16-le") + b"\0\0")
    first, fat = struct.unpack_from("<I", data, entry + 116)[0], (struct.unpack_from("<I", data, 76)[0] + 1) * 512
    second = struct.unpack_from("<I", data, fat + 4 * first)[0]
    struct.pack_into("<I", data, fat + 4 * second, first)
    return bytes(data)


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_in_a_circle_ends_where_it_would_be_larger_than_its_file(name: str) -> None:
    data = in_a_circle(name)
    with open_ole(data) as file, file.openstream(STREAMS[name]) as stream:
        assert len(stream.read()) == len(data)


def test_a_stream_that_only_says_it_is_larger_than_its_file_is_read() -> None:
    damaged, whole = (read_plain(data, "x") for data in (told_to_have("rich.doc", 0xFF000000), _rich()))
    assert damaged is not None and whole is not None
    assert damaged.tables == whole.tables


def _rich() -> bytes:
    return (FORMATS / "rich.doc").read_bytes()
