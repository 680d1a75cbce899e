"""What formatting in a Word 97 document says that counts here: of letters, of paragraphs, of table rows."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

from extract.doc_file import Unusual, properties

_PLAIN, _STYLE, _FONT, _HIGH_FONT, _SYMBOL = 0x2A33, 0x4A30, 0x4A4F, 0x4A51, 0x6A09
_HIDDEN, _DELETED, _POSITION, _OBJECTS = 0x083C, 0x0800, 0x2A48, (0x080A, 0x0856)
_PARAGRAPH_STYLE, _IN_TABLE, _ROW_END, _DEPTH, _DEEPER = 0x4600, 0x2416, 0x2417, 0x6649, 0x664A
_INNER_CELL, _INNER_ROW, _LEVEL, _LIST, _OTHER_LEVEL = 0x244B, 0x244C, 0x260A, 0x460B, 0x2602
_SHAPE, _DOWN, _HEADER, _BEFORE, _AFTER = 0xD608, 0xD62B, 0x3404, 0xF617, 0xF618
_PUT_IN, _WIDTHS, _RESHAPED = 0x7621, 0x7623, frozenset({0x5622, 0x5624, 0x5625})
"""Cells put in, their widths, and cells taken out, merged or split after the shape of the row was told."""
_NO_LIST, _SKIPPED, _MOST_LISTS = (0, -2047), 12, 0x07FE
_TWIPS = 3
_MOST_CELLS = 63


@dataclass(frozen=True, slots=True)
class Look:
    """How letters look. Fonts are numbers in the table of fonts; ``None``: nothing said, so that the style counts."""

    style: int | None = None
    font: int | None = None
    high_font: int | None = None
    hidden: bool | None = None
    deleted: bool = False
    raised: bool = False
    symbol: tuple[int, int] | None = None
    is_object: bool = False


@dataclass(frozen=True, slots=True)
class RowLook:
    """The shape of a table row: where its columns begin and end, and what each cell is merged with."""

    limits: tuple[int, ...] = ()
    joined: tuple[bool, ...] = ()
    down: tuple[str, ...] = ()
    header: bool = False
    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class ParagraphLook:
    """What a paragraph is: its style, its list, and where it stands in a table."""

    style: int | None = None
    list_id: int | None = None
    level: int | None = None
    unlisted: bool = False
    skipped: bool = False
    in_table: bool = False
    table_depth: int | None = None
    ends_row: bool = False
    ends_inner_cell: bool = False
    ends_inner_row: bool = False
    row: RowLook = RowLook()

    @property
    def depth(self) -> int:
        """How many tables the paragraph stands in."""
        return max(self.table_depth, 0) if self.table_depth is not None else int(self.in_table)


def look_of(data: bytes) -> Look:
    """Read the properties of letters; those that are not read here are left out."""
    look = Look()
    for code, operand in properties(data):
        if code in _LOOKS:
            look = _with(look, code, operand)
    return look


def _with(look: Look, code: int, operand: bytes) -> Look:
    if code in (_PLAIN, _STYLE):
        style = _number(operand) if code == _STYLE else None
        return Look(style, deleted=look.deleted, symbol=look.symbol, is_object=look.is_object)
    if code in (_FONT, _HIGH_FONT):
        return replace(look, font=_number(operand)) if code == _FONT else replace(look, high_font=_number(operand))
    if code in (_HIDDEN, _DELETED):
        if operand[0] > 1:
            raise Unusual("a switch that turns what the style says")
        on = operand[0] == 1
        return replace(look, hidden=on) if code == _HIDDEN else replace(look, deleted=on)
    if code == _POSITION:
        return replace(look, raised=operand[0] == 1)
    if code == _SYMBOL:
        font, letter = struct.unpack("<HH", operand)
        return replace(look, symbol=(font, letter))
    return replace(look, is_object=look.is_object or operand[0] == 1)


_LOOKS = frozenset((_PLAIN, _STYLE, _FONT, _HIGH_FONT, _SYMBOL, _HIDDEN, _DELETED, _POSITION, *_OBJECTS))


def paragraph_of(data: bytes, more: bytes) -> ParagraphLook:
    """Read the style number and the properties of a paragraph; ``more`` is the data stream of the file."""
    if len(data) < 2:
        return ParagraphLook()
    return modified(ParagraphLook(_number(data)), data[2:], more)


def modified(look: ParagraphLook, data: bytes, more: bytes = b"") -> ParagraphLook:
    """Give the look of a paragraph with more properties on it."""
    for code, operand in properties(data, more):
        if code in _RESHAPED or code == _OTHER_LEVEL:
            raise Unusual("a row or level that is changed afterwards")
        if code in _ROWS:
            look = replace(look, row=_row(look.row, code, operand))
        elif code in _SWITCHES:
            switch: dict[str, Any] = {_SWITCHES[code]: bool(operand[0])}
            look = replace(look, **switch)
        elif code in (_LEVEL, _LIST):
            look = _listed(look, code, operand)
        elif code == _PARAGRAPH_STYLE:
            look = replace(look, style=_number(operand))
        elif code in (_DEPTH, _DEEPER):
            depth = struct.unpack("<i", operand)[0] + (look.depth if code == _DEEPER else 0)
            look = replace(look, table_depth=depth) if depth >= 0 else look
    return look


_SWITCHES = {
    _IN_TABLE: "in_table",
    _ROW_END: "ends_row",
    _INNER_CELL: "ends_inner_cell",
    _INNER_ROW: "ends_inner_row",
}


def _listed(look: ParagraphLook, code: int, operand: bytes) -> ParagraphLook:
    if code == _LEVEL:
        if operand[0] == _SKIPPED:
            return replace(look, skipped=True)
        return replace(look, level=operand[0], skipped=False) if operand[0] <= 8 else look
    number = struct.unpack("<h", operand)[0]
    if number in _NO_LIST:
        return replace(look, list_id=None, unlisted=True)
    return replace(look, list_id=abs(number), unlisted=False) if abs(number) <= _MOST_LISTS else look


_ROWS = frozenset((_SHAPE, _DOWN, _HEADER, _BEFORE, _AFTER, _PUT_IN, _WIDTHS))


def _row(row: RowLook, code: int, operand: bytes) -> RowLook:
    if code == _SHAPE:
        return _shaped(row, operand)
    if code in (_PUT_IN, _WIDTHS):
        return _widened(row, code, operand)
    if code == _HEADER:
        return replace(row, header=bool(operand[0]))
    if code == _DOWN:
        cell, merged = operand[1], operand[2]
        if len(operand) != 3 or cell >= len(row.down):
            raise Unusual("a merged cell outside its row")
        return replace(row, down=(*row.down[:cell], _merged_down(merged), *row.down[cell + 1 :]))
    kind, width = struct.unpack("<Bh", operand)
    return replace(row, **{"before" if code == _BEFORE else "after": width}) if kind == _TWIPS and width else row


def _shaped(row: RowLook, operand: bytes) -> RowLook:
    count = operand[2]
    limits = struct.unpack_from(f"<{count + 1}h", operand, 3)
    cells = operand[3 + 2 * (count + 1) :]
    if count > _MOST_CELLS or len(cells) % 20 or any(high < low for low, high in pairwise(limits)):
        raise Unusual("columns out of order")
    flags = [_number(cells[20 * index :]) for index in range(min(len(cells) // 20, count))]
    flags += [0] * (count - len(flags))
    joined = tuple(flag & 3 == 1 for flag in flags)
    return replace(row, limits=limits, joined=joined, down=tuple(_merged_down(flag >> 5 & 3) for flag in flags))


def _widened(row: RowLook, code: int, operand: bytes) -> RowLook:
    """Put some cells of a width in, or give a width to the cells from one to another."""
    first, other, width = struct.unpack("<BBH", operand)
    widths = [high - low for low, high in pairwise(row.limits)]
    joined, down = list(row.joined), list(row.down)
    if code == _PUT_IN:
        widths[first:first] = [width] * other
        joined[first:first], down[first:first] = [False] * other, [""] * other
    elif first < other <= len(widths):
        widths[first:other] = [width] * (other - first)
    if first > len(row.down) or len(widths) > _MOST_CELLS or (code == _WIDTHS and other > len(widths)):
        raise Unusual("cells outside their row")
    limits = tuple(accumulate(widths, initial=row.limits[0] if row.limits else 0))
    return replace(row, limits=limits, joined=tuple(joined), down=tuple(down))


def _merged_down(value: int) -> str:
    return {1: "continue", 3: "restart"}.get(value, "")


def _number(data: bytes) -> int:
    return int(struct.unpack_from("<H", data)[0])
