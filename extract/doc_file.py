"""The inside of a Word 97 document: its streams, its text, and which formatting holds from where to where.

Whatever is not plainly as the format describes it, or is rare, is ``Unusual``: another reader has to read the file.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from extract.ole import open_ole

MAIN, FOOTNOTES, HEADERS = 3, 4, 5
"""Places in ``counts``: how many characters the text and what stands beside it have."""
STYLES, SECTIONS, HEADER_STORIES, LOOKS, PARAGRAPHS, FONTS, FIELDS, HEADER_FIELDS = 1, 6, 11, 12, 13, 15, 16, 17
SETTINGS, PIECES, LISTS, LIST_USES = 31, 33, 73, 74
"""Places in the list of structures of the table stream."""

_MAGIC, _WORD_97 = 0xA5EC, 0xC1
_ENCRYPTED, _SECOND_TABLE, _OBFUSCATED = 0x0100, 0x0200, 0x8000
_PAGE = 512
_COMPRESSED, _OFFSET = 0x40000000, 0x3FFFFFFF
_LENGTHS = (1, 1, 2, 4, 2, 2, 0, 3)
"""Bytes that follow a property, by the top three bits of its code; 0: they say so themselves."""
_TABLE_SHAPE, _TABS = 0xD608, 0xC615
_IN_DATA, _TABLE_IN_DATA = 0x6646, 0x646B
_BYTES = {code: bytes((code,)).decode("cp1252") for code in (*range(0x82, 0x8D), *range(0x91, 0x9D), 0x9F)}
_NOT_TEXT = re.compile("[\ud800-\udfff\ufffe\uffff\x00]")


class Unusual(ValueError):  # noqa: N818
    """The file holds something that is not read here."""


@dataclass(frozen=True, slots=True)
class Spans:
    """Formatting by position: from each of ``starts`` to its ``ends`` what stands in ``values``."""

    starts: list[int]
    ends: list[int]
    values: list[bytes]

    def at(self, position: int) -> bytes:
        """Give the formatting at a position, none where nothing is told."""
        index = bisect_right(self.starts, position) - 1
        return self.values[index] if index >= 0 and position < self.ends[index] else b""


@dataclass(frozen=True, slots=True)
class DocFile:
    """An open document. ``text`` holds all its stories one after the other; positions count its characters."""

    table: bytes
    main: bytes
    data: bytes
    counts: tuple[int, ...]
    structures: tuple[int, ...]
    text: str
    looks: Spans
    paragraphs: Spans

    def part(self, which: int) -> bytes:
        """Give a structure of the table stream, empty where the file has none."""
        return _part(self.table, self.structures, which)


def open_doc(data: bytes) -> DocFile:
    """Open the bytes of a .doc. Raises ``Unusual``, or what the parsers of broken files raise."""
    with open_ole(data) as ole:
        main = ole.openstream("WordDocument").read()
        magic, version, flags = *struct.unpack_from("<HH", main), struct.unpack_from("<H", main, 10)[0]
        if magic != _MAGIC or version < _WORD_97 or flags & (_ENCRYPTED | _OBFUSCATED):
            raise Unusual("another Word, or encrypted")
        table = ole.openstream("1Table" if flags & _SECOND_TABLE else "0Table").read()
        more = ole.openstream("Data").read() if ole.exists("Data") else b""
    counts, structures = _directory(main)
    if any(counts[FOOTNOTES:HEADERS]) or any(counts[HEADERS + 1 : 11]):
        raise Unusual("notes, comments or text boxes")
    pieces = list(_pieces(_part(table, structures, PIECES), len(main)))
    text = "".join(_piece_text(main, *piece) for piece in pieces)
    if _NOT_TEXT.search(text) or len(text) < sum(counts[MAIN:11]):
        raise Unusual("text outside the basic plane")
    looks = _spans(main, _part(table, structures, LOOKS), pieces, _look_page)
    paragraphs = _spans(main, _part(table, structures, PARAGRAPHS), pieces, _paragraph_page)
    return DocFile(table, main, more, counts, structures, text, looks, paragraphs)


def _directory(main: bytes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Read the counts of characters, and offset and size of each structure in turn."""
    at = 34 + 2 * _u16(main, 32)
    n_counts = _u16(main, at)
    counts = struct.unpack_from(f"<{n_counts}I", main, at + 2)
    at += 2 + 4 * n_counts
    n_structures = _u16(main, at)
    structures = struct.unpack_from(f"<{2 * n_structures}I", main, at + 2)
    if n_counts < 11 or n_structures <= LIST_USES:
        raise Unusual("a short header")
    return counts, structures


def _part(table: bytes, structures: tuple[int, ...], which: int) -> bytes:
    start, size = structures[2 * which : 2 * which + 2]
    if start + size > len(table):
        raise Unusual("a structure beyond the end")
    return table[start : start + size] if size else b""


def _u16(data: bytes, at: int) -> int:
    return int(struct.unpack_from("<H", data, at)[0])


# Text

_Piece = tuple[int, int, int, int]
"""First position and the one after the last, offset in the file, bytes of a character."""


def _pieces(clx: bytes, most: int) -> Iterator[_Piece]:
    """Read where the text stands. Formatting that a piece has by itself is left by quick saves alone."""
    at = 0
    while clx[at : at + 1] == b"\x01":
        at += 3 + _u16(clx, at + 1)
    if clx[at : at + 1] != b"\x02":
        raise Unusual("no pieces")
    size = struct.unpack_from("<I", clx, at + 1)[0]
    count = (size - 4) // 12
    at += 5
    limits = struct.unpack_from(f"<{count + 1}I", clx, at)
    if limits[-1] > most:
        raise Unusual("more text than the file has room for")
    for number in range(count):
        _, offset, own = struct.unpack_from("<HIH", clx, at + 4 * (count + 1) + 8 * number)
        if own or limits[number] >= limits[number + 1] or offset >> 31:
            raise Unusual("a piece with formatting of its own")
        narrow = bool(offset & _COMPRESSED)
        start = (offset & _OFFSET) // 2 if narrow else offset & _OFFSET
        yield limits[number], limits[number + 1], start, 1 if narrow else 2


def _piece_text(main: bytes, first: int, last: int, offset: int, width: int) -> str:
    raw = main[offset : offset + (last - first) * width]
    if len(raw) < (last - first) * width:
        raise Unusual("text beyond the end")
    return raw.decode("utf-16-le", "surrogatepass") if width == 2 else raw.decode("latin-1").translate(_BYTES)


# Formatting

_Read = Callable[[bytes], Iterator[tuple[int, int, bytes]]]
"""Reads a page: offset in the file of the first letter and of the one after the last, and the formatting of these."""


def _spans(main: bytes, index: bytes, pieces: list[_Piece], read: _Read) -> Spans:
    """Read all pages of formatting that an index lists; what stands at one offset stands at one position."""
    count = (len(index) - 4) // 8
    found: list[tuple[int, int, bytes]] = []
    pages = struct.unpack_from(f"<{count}I", index, 4 * (count + 1)) if count > 0 else ()
    for page in pages:
        content = main[page * _PAGE : (page + 1) * _PAGE]
        if len(content) < _PAGE:
            raise Unusual("formatting beyond the end")
        for start, end, value in read(content):
            found += [(first, last, value) for first, last in _positions(pieces, start, end)]
    found.sort(key=lambda one: one[:2])
    return Spans([first for first, _, _ in found], [last for _, last, _ in found], [value for *_, value in found])


def _positions(pieces: list[_Piece], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the positions of what stands between two offsets of the file."""
    for first, last, offset, width in pieces:
        low, high = max(start, offset), min(end, offset + (last - first) * width)
        if low < high:
            yield first + (low - offset) // width, first + (high - offset) // width


def _look_page(page: bytes) -> Iterator[tuple[int, int, bytes]]:
    count = page[-1]
    limits = struct.unpack_from(f"<{count + 1}I", page)
    for number in range(count):
        at = page[4 * (count + 1) + number] * 2
        yield limits[number], limits[number + 1], page[at + 1 : at + 1 + page[at]] if at else b""


def _paragraph_page(page: bytes) -> Iterator[tuple[int, int, bytes]]:
    count = page[-1]
    limits = struct.unpack_from(f"<{count + 1}I", page)
    for number in range(count):
        at = page[4 * (count + 1) + 13 * number] * 2
        if at and page[at]:
            value = page[at + 1 : at + 2 * page[at]]
        else:
            value = page[at + 2 : at + 2 + 2 * page[at + 1]] if at else b""
        yield limits[number], limits[number + 1], value


def properties(data: bytes, more: bytes = b"") -> Iterator[tuple[int, bytes]]:
    """Give each property (code, operand) of a run of them. Wide tables keep theirs in ``more``, the data stream."""
    at, end = 0, len(data)
    while at + 2 <= end:
        code = _u16(data, at)
        at += 2
        size = _LENGTHS[code >> 13] or _own_length(code, data, at)
        operand = data[at : at + size]
        if len(operand) < size:
            raise Unusual("a property that is cut off")
        if code in (_IN_DATA, _TABLE_IN_DATA):
            yield from _from_data(more, struct.unpack("<I", operand)[0])
            return
        yield code, operand
        at += size


def _own_length(code: int, data: bytes, at: int) -> int:
    if at + 2 > len(data):
        raise Unusual("a property without its length")
    if code == _TABLE_SHAPE:
        return _u16(data, at) + 1
    if code == _TABS and data[at] == 0xFF:
        raise Unusual("very many tab stops")
    return 1 + data[at]


def _from_data(more: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    size = _u16(more, at)
    if at + 2 + size > len(more):
        raise Unusual("properties beyond the end")
    yield from properties(more[at + 2 : at + 2 + size])
