"""Workbooks: each sheet's cells with their typed value and the text that is shown, merged cells, and what is hidden."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from extract.excel_sheet import RawCell, Sheet, column_letters, is_hidden_column, read_sheet
from extract.excel_tables import Spot, split_tables
from extract.model import Cell, Document, Finding, Place, Table
from extract.number_formats import is_date, show_date, show_general, show_number
from extract.ooxml import RELATIONSHIP, Package, open_package, open_part, parse_part, related, related_part
from extract.word_runs import Decode, Piece, join_pieces

MAX_CELLS = 200_000
"""Cells with content that are read of one workbook: a hundred times what the largest report holds."""

_LISTED = 10
_Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class _Book:
    """What all sheets share: texts, the number format and font of each style, the day that counts as zero."""

    texts: list[_Pieces]
    formats: list[str]
    fonts: list[str]
    from_1904: bool
    decode: Decode | None


def read_xlsx(data: bytes, sha256: str, decode: Decode | None = None) -> Document:
    """Read the bytes of an .xlsx (also .xlsm, .xltx, strict) into a Document.

    One Table a sheet, more where ``split_tables`` sees several; rows count as on the sheet, columns from the table's
    first. Hidden sheets, rows and columns are left out and named in findings. A formula's value is the stored one.
    ``decode`` repairs texts by their font. Raises what the zip and XML parsers raise about a damaged file.
    """
    package = open_package(data)
    main = related_part(package, "", "officeDocument") or "xl/workbook.xml"
    root = parse_part(package, main)
    book = _open_book(package, main, root, decode)
    tables: list[Table] = []
    findings: list[Finding] = []
    left = MAX_CELLS
    for name, part, hidden in _sheets(package, main, root):
        if hidden:
            findings.append(Finding("hidden_sheet", Place(sheet=name)))
            continue
        with open_part(package, part) as stream:
            sheet = read_sheet(stream, left)
        left -= len(sheet.cells)
        spots = _spots(sheet, book)
        tables += split_tables(name, spots, len(tables), sheet.hidden_rows)
        findings += _findings(name, sheet, spots)
        if sheet.cut:
            break
    return Document(sha256, "xlsx", "xlsx", tuple(tables), tuple(findings))


def _sheets(package: Package, main: str, root: etree._Element) -> Iterator[tuple[str, str, bool]]:
    """(name, part, hidden) of each worksheet in the order of its tabs; sheets that are charts have no cells."""
    parts = related(package, main)
    for item in root.iterfind("{*}sheets/{*}sheet"):
        kind, part = parts.get(item.get(RELATIONSHIP + "id", ""), ("", ""))
        if kind == "worksheet":
            yield item.get("name", ""), part, item.get("state", "visible") != "visible"


def _open_book(package: Package, main: str, root: etree._Element, decode: Decode | None) -> _Book:
    formats, fonts = _styles(package, main)
    name = related_part(package, main, "sharedStrings")
    texts = [_text_pieces(item) for item in parse_part(package, name).iterchildren("{*}si")] if name else []
    properties = root.find("{*}workbookPr")
    from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    return _Book(texts, formats, fonts, from_1904, decode)


def _styles(package: Package, main: str) -> tuple[list[str], list[str]]:
    """Give number format and font name of each cell style by its index."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    name = related_part(package, main, "styles")
    if not name:
        return [], []
    root = parse_part(package, name)
    known: dict[str, str] = {str(number): code for number, code in BUILTIN_FORMATS.items()}
    known |= {item.get("numFmtId", ""): item.get("formatCode", "") for item in root.iterfind("{*}numFmts/{*}numFmt")}
    fonts = [_font_name(item, "name") for item in root.iterfind("{*}fonts/{*}font")]
    styles = root.findall("{*}cellXfs/{*}xf")
    formats = [known.get(item.get("numFmtId", "0"), "General") for item in styles]
    return formats, [_item(fonts, int(item.get("fontId", "0")), "") for item in styles]


def _text_pieces(item: etree._Element) -> _Pieces:
    """Give the runs of a text in reading order, without the reading aids of other scripts."""
    pieces: list[Piece] = []
    for part in item.iterchildren("{*}t", "{*}r"):
        if part.tag.endswith("}t"):
            pieces.append(Piece(_unescaped(part.text)))
            continue
        properties = part.find("{*}rPr")
        text = _unescaped("".join(found.text or "" for found in part.iterchildren("{*}t")))
        position = None if properties is None else properties.find("{*}vertAlign")
        raised = position is not None and position.get("val") == "superscript" and text.isdigit()
        pieces.append(Piece(text, "" if properties is None else _font_name(properties, "rFont"), raised))
    return tuple(pieces)


def _unescaped(text: str | None) -> str:
    from openpyxl.utils.escape import unescape

    return "" if not text else str(unescape(text)) if "_x" in text else text


def _font_name(properties: etree._Element, name: str) -> str:
    found = properties.find("{*}" + name)
    return "" if found is None else found.get("val", "")


def _spots(sheet: Sheet, book: _Book) -> list[Spot]:
    """Give the cells that are shown, in reading order, merged ones with their span."""
    merged = {(first, left): (first, left, last, right) for first, left, last, right in sheet.merged}
    covered = _covered(sheet)
    found = []
    for (row, column), raw in sheet.cells.items():
        if (row, column) in covered:
            continue
        area = merged.get((row, column), (row, column, row, column))
        shown = _shown_corner(sheet, area)
        if shown is None:
            continue
        cell = _cell(raw, book)
        if cell.text or cell.flags or cell.number is not None:
            found.append(Spot(*shown, area[2] - shown[0] + 1, area[3] - shown[1] + 1, cell))
    return sorted(found, key=lambda spot: (spot.row, spot.column))


def _covered(sheet: Sheet) -> set[tuple[int, int]]:
    """Find the cells that a merged one covers: what they still hold is not shown."""
    found: set[tuple[int, int]] = set()
    for first, left, last, right in sheet.merged:
        if (last - first + 1) * (right - left + 1) <= len(sheet.cells):
            found.update((row, column) for row in range(first, last + 1) for column in range(left, right + 1))
        else:
            found.update(spot for spot in sheet.cells if first <= spot[0] <= last and left <= spot[1] <= right)
    return found - {(first, left) for first, left, _, _ in sheet.merged}


def _shown_corner(sheet: Sheet, area: tuple[int, int, int, int]) -> tuple[int, int] | None:
    """Find the first row and column of an area that are not hidden: a merged cell shows its content there."""
    first, left, last, right = area
    if not sheet.hidden_rows and not sheet.hidden_columns:
        return first, left
    row = next((row for row in range(first, last + 1) if row not in sheet.hidden_rows), None)
    column = next((column for column in range(left, right + 1) if not is_hidden_column(sheet, column)), None)
    return None if row is None or column is None else (row, column)


def _cell(raw: RawCell, book: _Book) -> Cell:
    """One cell without its place: typed value, shown text, number format."""
    code = _item(book.formats, raw.style, "General")
    if raw.kind in ("s", "inlineStr", "str"):
        return _text_cell(raw, book)
    if not raw.value:
        return Cell(Place(), "", raw.formula or "", flags=("formula_without_value",) if raw.formula else ())
    if raw.kind == "b":
        text = "TRUE" if raw.value in ("1", "true") else "FALSE"
        return Cell(Place(), text, text, number_format=code)
    if raw.kind == "e":
        return Cell(Place(), raw.value, raw.value, number_format=code, flags=("formula_error",))
    if raw.kind == "d":
        moment = datetime.datetime.fromisoformat(raw.value.replace("Z", ""))
        return _date_cell(moment, code)
    return _number_cell(raw.value, code, book.from_1904)


def _text_cell(raw: RawCell, book: _Book) -> Cell:
    if raw.kind == "s":
        pieces = book.texts[int(raw.value or "0")]
    elif raw.inline is not None:
        pieces = _text_pieces(raw.inline)
    else:
        pieces = (Piece(_unescaped(raw.value)),)
    font = _item(book.fonts, raw.style, "")
    text, stored = join_pieces([Piece(piece.text, piece.font or font, piece.raised) for piece in pieces], book.decode)
    return Cell(Place(), text, stored)


def _number_cell(value: str, code: str, from_1904: bool) -> Cell:
    number: float | int = float(value)
    if number != number or number in (float("inf"), float("-inf")):
        return Cell(Place(), value, value)
    if is_date(code):
        moment = _moment(number, code, from_1904)
        if moment is not None:
            return _date_cell(moment, code)
        text = show_general(number)
    else:
        text = show_number(number, code)
    number = int(number) if number == int(number) else number
    flags = () if any(letter.isdigit() for letter in text) else ("number_not_shown",)
    return Cell(Place(), text, text, number=number, number_format=code, flags=flags)


def _date_cell(moment: datetime.datetime | datetime.time | datetime.timedelta, code: str) -> Cell:
    text = show_date(moment, code)
    return Cell(Place(), text, text, number_format=code)


def _moment(number: float, code: str, from_1904: bool) -> datetime.datetime | datetime.time | datetime.timedelta | None:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

    if number < 0:
        return None
    elapsed = code.lower().lstrip().startswith(("[h", "[m", "[s"))
    try:
        found = from_excel(number, CALENDAR_MAC_1904 if from_1904 else CALENDAR_WINDOWS_1900, timedelta=elapsed)
    except (ValueError, OverflowError):
        return None
    return found if isinstance(found, (datetime.datetime, datetime.time, datetime.timedelta)) else None


def _findings(name: str, sheet: Sheet, spots: list[Spot]) -> Iterator[Finding]:
    if sheet.cut:
        yield Finding("too_many_cells", Place(sheet=name), (("limit", str(MAX_CELLS)),))
    rows = sorted({row for row, _ in sheet.cells} & sheet.hidden_rows)
    if rows:
        yield _counted("hidden_rows", name, "rows", [str(row) for row in rows])
    used = sorted({column for row, column in sheet.cells if row not in sheet.hidden_rows})
    columns = [column_letters(column) for column in used if is_hidden_column(sheet, column)]
    if columns:
        yield _counted("hidden_columns", name, "columns", columns)
    for flag in ("formula_without_value", "formula_error"):
        cells = [f"{column_letters(spot.column)}{spot.row}" for spot in spots if flag in spot.cell.flags]
        if cells:
            yield _counted(flag, name, "cells", cells)


def _counted(code: str, sheet: str, what: str, names: list[str]) -> Finding:
    listed = ", ".join(names[:_LISTED]) + (" ..." if len(names) > _LISTED else "")
    return Finding(code, Place(sheet=sheet), (("count", str(len(names))), (what, listed)))


def _item(items: list[str], index: int, otherwise: str) -> str:
    return items[index] if 0 <= index < len(items) else otherwise
