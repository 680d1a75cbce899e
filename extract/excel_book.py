"""What all workbooks share (.xlsx, .xls, .ods): cells as stored become cells as shown, sheets become tables."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from extract.decoding import Reading, Stretch, Written, plain_text, raw_text, read_texts
from extract.excel_sheet import RawCell, Sheet, column_letters, is_hidden_column
from extract.excel_tables import Spot, split_tables
from extract.model import Cell, Document, Finding, Place, Table
from extract.number_formats import is_date, show_date, show_general, show_number

MAX_CELLS = 200_000
"""Cells with content that are read of one workbook: a hundred times what the largest report holds."""

TEXT_KINDS = ("s", "inlineStr", "str")
_LISTED = 10


@dataclass(frozen=True, slots=True)
class Book:
    """What all sheets share: texts, the number format and font of each style, the day that counts as zero."""

    texts: list[tuple[Stretch, ...]] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    fonts: list[str] = field(default_factory=list)
    from_1904: bool = False


@dataclass(frozen=True, slots=True)
class _Shown:
    """A sheet with its cells as they are shown."""

    name: str
    sheet: Sheet
    spots: list[Spot]


def make_document(sha256: str, kind: str, sheets: Iterable[tuple[str, Sheet | None]], book: Book) -> Document:
    """Make the Document of a workbook of its sheets in the order of their tabs; None stands for a hidden one.

    Old encodings are read over all sheets together. Findings name what is hidden, cut or without a value.
    """
    shown: list[_Shown] = []
    findings: list[Finding] = []
    for name, sheet in sheets:
        if sheet is None:
            findings.append(Finding("hidden_sheet", Place(sheet=name)))
        else:
            shown.append(_Shown(name, sheet, _spots(sheet, book)))
            findings += _findings(name, sheet, shown[-1].spots)
    decoded, reading = _decoded(shown)
    tables: list[Table] = []
    for one in decoded:
        tables += split_tables(one.name, one.spots, len(tables), one.sheet.hidden_rows)
    return Document(sha256, kind, kind, tuple(tables), (*reading.findings, *findings), reading.encoding)


def _decoded(shown: Sequence[_Shown]) -> tuple[list[_Shown], Reading]:
    """Read the texts of all sheets at once."""
    reading = read_texts(
        [Written(spot.stretches, one.name, str(spot.column)) for one in shown for spot in one.spots if spot.stretches]
    )
    texts = iter(zip(reading.texts, reading.flags, strict=True))

    def read(spot: Spot) -> Spot:
        if not spot.stretches:
            return spot
        text, flags = next(texts)
        if text == spot.cell.text and not flags:
            return spot
        return replace(spot, cell=replace(spot.cell, text=text, flags=(*spot.cell.flags, *flags)))

    return [replace(one, spots=[read(spot) for spot in one.spots]) for one in shown], reading


def _spots(sheet: Sheet, book: Book) -> list[Spot]:
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
        stretches = _text_of(raw, book)
        cell = Cell(Place(), plain_text(stretches), raw_text(stretches)) if stretches else _cell(raw, book)
        if cell.text or cell.flags or cell.number is not None:
            found.append(Spot(*shown, area[2] - shown[0] + 1, area[3] - shown[1] + 1, cell, stretches))
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


def _cell(raw: RawCell, book: Book) -> Cell:
    """One cell without its place: typed value, shown text, number format."""
    code = item_at(book.formats, raw.style, "General")
    if not raw.value or raw.kind in TEXT_KINDS:
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


def _text_of(raw: RawCell, book: Book) -> tuple[Stretch, ...]:
    """Give the stretches of a cell of text, in the font of the cell where they name none."""
    if raw.kind not in TEXT_KINDS:
        return ()
    stretches = (book.texts[int(raw.value or "0")] if raw.kind == "s" else raw.inline) or ()
    font = item_at(book.fonts, raw.style, "")
    if not font:
        return stretches
    return tuple(one if one.font else Stretch(one.text, font, one.raised) for one in stretches)


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


def item_at(items: list[str], index: int, otherwise: str) -> str:
    """Give an item of a list, or something else where the list has none there."""
    return items[index] if 0 <= index < len(items) else otherwise
