"""What Outlook packs into winmail.dat: the attachments of a mail, by their long names, and mails within it."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from extract.archive import Member, name_of_bytes

SIGNATURE = b"\x78\x9f\x3e\x22"
_BEGINS, _TITLE, _DATA, _PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
_LONG_NAME, _OBJECT = 0x3707, 0x3701
_ANSI, _WIDE, _BINARY, _EMBEDDED = 0x1E, 0x1F, 0x102, 0x0D
_VARIABLE = frozenset((_ANSI, _WIDE, _BINARY, _EMBEDDED))
_SIZES = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}
"""Bytes of a value of each fixed type, filled up to four."""
_SEVERAL, _FIRST_NAMED, _BY_NAME = 0x1000, 0x8000, 1
_IDENTITY = 16


def tnef_members(data: bytes) -> Iterator[Member]:
    """Each attachment in its order. Raises struct.error or ValueError for bytes that are cut short."""
    name, content = "", b""
    for tag, value in _attributes(data):
        if tag == _BEGINS:
            if content:
                yield Member(name, content)
            name, content = "", b""
        elif tag == _TITLE:
            name = name or name_of_bytes(value.split(b"\0")[0])
        elif tag == _DATA:
            content = value
        elif tag == _PROPERTIES:
            told = dict(_properties(value))
            name = told[_LONG_NAME].decode() if _LONG_NAME in told else name
            inner = told.get(_OBJECT, b"")[_IDENTITY:]
            content = inner if inner.startswith(SIGNATURE) else content
    if content:
        yield Member(name, content)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    while at + 9 <= len(data):
        _, tag, _, size = struct.unpack_from("<BHHI", data, at)
        if at + 9 + size > len(data):
            raise ValueError("an attribute is cut short")
        yield tag, data[at + 9 : at + 9 + size]
        at += 9 + size + 2


def _properties(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each property of variable length that stands alone, by its tag; texts are in UTF-8 here."""
    [count] = struct.unpack_from("<I", data)
    at = 4
    for _ in range(min(count, len(data))):
        kind, tag = struct.unpack_from("<HH", data, at)
        at += 4
        if tag >= _FIRST_NAMED:
            at = _after_name(data, at)
        alone = not kind & _SEVERAL
        kind &= ~_SEVERAL
        values = 1
        if kind in _VARIABLE or not alone:
            [values] = struct.unpack_from("<I", data, at)
            at += 4
        for _ in range(min(values, len(data))):
            size = _SIZES.get(kind, 0)
            if kind in _VARIABLE:
                [size] = struct.unpack_from("<I", data, at)
                at += 4
            if (kind not in _VARIABLE and not size) or at + size > len(data):
                raise ValueError("a property is cut short")
            if alone and kind in _VARIABLE:
                yield tag, _text(kind, data[at : at + size])
            at += size + -size % 4


def _after_name(data: bytes, at: int) -> int:
    """Where a property that has a name goes on after it."""
    kind, size = struct.unpack_from("<II", data, at + _IDENTITY)
    at += _IDENTITY + 8
    return at + size + -size % 4 if kind == _BY_NAME else at


def _text(kind: int, value: bytes) -> bytes:
    if kind == _WIDE:
        return value.decode("utf-16-le", "replace").rstrip("\0").encode("utf-8", "replace")
    return name_of_bytes(value.split(b"\0")[0]).encode() if kind == _ANSI else value
