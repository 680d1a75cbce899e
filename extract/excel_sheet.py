"""One worksheet streamed from its XML: the cells that hold something, what is merged, what is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO

from lxml import etree

from extract.decoding import Stretch

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_TAGS = ("{*}row", "{*}col", "{*}mergeCell", "{*}sheetFormatPr")

Range = tuple[int, int, int, int]
"""First row, first column, last row, last column, counted from 1."""


@dataclass(frozen=True, slots=True)
class RawCell:
    """A cell as stored: type, value, style, whether it has a formula; ``inline`` an inline text."""

    row: int
    column: int
    kind: str
    value: str | None
    style: int
    formula: str | None
    inline: tuple[Stretch, ...] | None = None


@dataclass(slots=True)
class Sheet:
    """What was found on a sheet. ``cut``: the limit of cells was reached and the rest left unread."""

    cells: dict[tuple[int, int], RawCell] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    cut: bool = False


def read_sheet(part: IO[bytes], limit: int) -> Sheet:
    """Read the cells of a worksheet part that hold a value or formula, at most ``limit`` of them.

    Cells with a format alone are left out, so that the used range is what is really used. ValueError for a cell
    outside any sheet, XMLSyntaxError when the part is broken.
    """
    sheet = Sheet()
    row = 0
    rows_hidden = False
    for _, element in etree.iterparse(part, events=("end",), tag=_TAGS, resolve_entities=False, no_network=True):
        name = etree.QName(element).localname
        if name == "row":
            row = int(element.get("r") or row + 1)
            if not 0 < row <= MAX_ROW:
                raise ValueError(f"row {row} is outside a sheet")
            _read_row(element, row, sheet, rows_hidden)
            if len(sheet.cells) > limit:
                sheet.cut = True
                break
        elif name == "sheetFormatPr":
            rows_hidden = _on(element, "zeroHeight")
        elif name == "col" and (_on(element, "hidden") or element.get("width") == "0"):
            sheet.hidden_columns.append((int(element.get("min", "0")), int(element.get("max", "0"))))
        elif name == "mergeCell":
            with suppress(ValueError):
                sheet.merged.append(parse_range(element.get("ref", "")))
        _forget(element)
    return sheet


def parse_range(text: str) -> Range:
    """Give the corners of a range like "B2:D5". ValueError when it is none."""
    first, _, last = text.partition(":")
    (row, column), (last_row, last_column) = _position(first), _position(last or first)
    return min(row, last_row), min(column, last_column), max(row, last_row), max(column, last_column)


def is_hidden_column(sheet: Sheet, column: int) -> bool:
    """Whether a column of the sheet is hidden."""
    return any(first <= column <= last for first, last in sheet.hidden_columns)


def column_letters(column: int) -> str:
    """Name a column as the sheet does: 1 is "A", 28 is "AB"."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def text_of(item: etree._Element) -> tuple[Stretch, ...]:
    """Give the runs of a text in reading order, without the reading aids of other scripts."""
    stretches: list[Stretch] = []
    for part in item.iterchildren("{*}t", "{*}r"):
        if part.tag.endswith("}t"):
            stretches.append(Stretch(unescaped(part.text)))
            continue
        properties = part.find("{*}rPr")
        text = unescaped("".join(found.text or "" for found in part.iterchildren("{*}t")))
        position = None if properties is None else properties.find("{*}vertAlign")
        raised = position is not None and position.get("val") == "superscript" and text.isascii() and text.isdigit()
        stretches.append(Stretch(text, "" if properties is None else font_name(properties, "rFont"), raised))
    return tuple(stretches)


def unescaped(text: str | None) -> str:
    """Give a text without the escapes of signs that XML cannot hold."""
    if not text or "_x" not in text:
        return text or ""
    from openpyxl.utils.escape import unescape

    return str(unescape(text))


def font_name(properties: etree._Element, name: str) -> str:
    """Give the font named in some properties, "" when none is."""
    found = properties.find("{*}" + name)
    return "" if found is None else found.get("val", "")


def _read_row(element: etree._Element, row: int, sheet: Sheet, rows_hidden: bool) -> None:
    for cell in _cells(element, row):
        sheet.cells[cell.row, cell.column] = cell
    unset = rows_hidden and element.get("hidden") is None
    if unset or _on(element, "hidden") or element.get("ht") in ("0", "0.0"):
        sheet.hidden_rows.add(row)


def _cells(element: etree._Element, row: int) -> Iterator[RawCell]:
    column = 0
    for item in element:
        if not isinstance(item.tag, str) or not item.tag.endswith("}c"):
            continue
        reference = item.get("r")
        column = _position(reference)[1] if reference else column + 1
        cell = _cell(item, row, column)
        if cell is not None:
            yield cell


def _cell(item: etree._Element, row: int, column: int) -> RawCell | None:
    value, formula, inline = None, None, None
    for part in item:
        name = part.tag[-2:] if isinstance(part.tag, str) else ""
        if name == "}v":
            value = part.text
        elif name == "}f":
            formula = "=" + (part.text or "")
        elif name == "is":
            inline = text_of(part)
    if value is None and formula is None and inline is None:
        return None
    kind = item.get("t", "n")
    if kind == "str" and inline is None:
        inline = (Stretch(unescaped(value)),)
    return RawCell(row, column, kind, value, int(item.get("s") or 0), formula, inline)


def _position(text: str) -> tuple[int, int]:
    found = _REFERENCE.fullmatch(text)
    if found is None:
        raise ValueError(f"no cell is called {text[:20]}")
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    row = int(found[2])
    if not (0 < row <= MAX_ROW and column <= MAX_COLUMN):
        raise ValueError(f"{text[:20]} is outside a sheet")
    return row, column


def _on(element: etree._Element, name: str) -> bool:
    return element.get(name) in ("1", "true", "on")


def _forget(element: etree._Element) -> None:
    """Free what was read, and the empty shells before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
