"""OpenDocument workbooks (.ods), read into the same cells as those of Excel."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from extract import excel_book
from extract.decoding import Stretch
from extract.excel_book import Book, make_document
from extract.excel_sheet import MAX_COLUMN, MAX_ROW, RawCell, Sheet
from extract.model import Document, Finding
from extract.ods_formats import read_formats
from extract.opendocument import OFFICE, PARAGRAPHS, STYLE, TABLE, OpenFile, look_of, open_document, stretches_of, whole

_VALUE_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_HIDDEN = ("collapse", "filter")
_GROUPS = frozenset(TABLE + name for name in ("table-row-group", "table-header-rows", "table-rows"))
_COLUMN_GROUPS = frozenset(TABLE + name for name in ("table-column-group", "table-header-columns", "table-columns"))


@dataclass(slots=True)
class _Styles:
    """The styles of cells by number, as the cells of a sheet name them."""

    numbers: dict[str, int] = field(default_factory=dict)
    formats: list[str] = field(default_factory=list)
    fonts: list[str] = field(default_factory=list)


def read_ods(data: bytes, sha256: str) -> Document:
    """Read the bytes of an .ods into a Document as ``read_xlsx`` does. An encrypted file gives a Finding.

    Raises what the zip and XML parsers raise about a damaged file, KeyError without content.
    """
    file = open_document(data)
    if file is None:
        return Document(sha256, "ods", "ods", findings=(Finding("encrypted"),))
    styles = _styles(file)
    return make_document(sha256, "ods", _sheets(file, styles), Book(formats=styles.formats, fonts=styles.fonts))


def _styles(file: OpenFile) -> _Styles:
    """Number the styles of cells; the default one is the first."""
    known = read_formats([root for root in (file.styles, file.content) if root is not None])
    found = _Styles()
    for name in dict.fromkeys(["", *(name for family, name in file.looks if family == "table-cell")]):
        look = look_of(file, "table-cell", name)
        found.numbers[name] = len(found.formats)
        found.formats.append(known.get(look.data, "General"))
        found.fonts.append(look.font)
    return found


def _sheets(file: OpenFile, styles: _Styles) -> Iterator[tuple[str, Sheet | None]]:
    hidden = {
        item.get(STYLE + "name", "")
        for item in file.content.iter(STYLE + "style")
        for properties in item.iterchildren(STYLE + "table-properties")
        if properties.get(TABLE + "display") == "false"
    }
    left = excel_book.MAX_CELLS
    for table in file.content.iterfind(f"{OFFICE}body/{OFFICE}spreadsheet/{TABLE}table"):
        name = table.get(TABLE + "name", "")
        if table.get(TABLE + "style-name", "") in hidden:
            yield name, None
            continue
        sheet = _sheet(table, file, styles, left)
        left -= len(sheet.cells)
        yield name, sheet
        if sheet.cut:
            break


def _sheet(table: etree._Element, file: OpenFile, styles: _Styles, limit: int) -> Sheet:
    sheet = Sheet()
    defaults = _columns(table, sheet)
    row = 0
    for element in _rows(table):
        repeated = max(1, whole(element, TABLE + "number-rows-repeated"))
        if row + 1 > MAX_ROW:
            break
        filled = list(_row_cells(element, file, styles, defaults))
        copies = min(repeated, MAX_ROW - row) if filled else 1
        for number in range(row + 1, row + 1 + copies):
            if element.get(TABLE + "visibility") in _HIDDEN:
                sheet.hidden_rows.add(number)
            _place(sheet, number, filled)
            if len(sheet.cells) > limit:
                sheet.cut = True
                return sheet
        row += repeated
    return sheet


def _place(sheet: Sheet, row: int, filled: list[tuple[RawCell, int, int]]) -> None:
    for cell, down, across in filled:
        sheet.cells[row, cell.column] = RawCell(
            row, cell.column, cell.kind, cell.value, cell.style, cell.formula, cell.inline
        )
        if down > 1 or across > 1:
            sheet.merged.append((row, cell.column, row + down - 1, cell.column + across - 1))


def _columns(table: etree._Element, sheet: Sheet) -> list[tuple[int, str]]:
    """Note the hidden columns; gives the last column and default style of each run of columns."""
    found: list[tuple[int, str]] = []
    column = 0
    for element in _column_elements(table):
        last = min(column + max(1, whole(element, TABLE + "number-columns-repeated")), MAX_COLUMN)
        if element.get(TABLE + "visibility") in _HIDDEN:
            sheet.hidden_columns.append((column + 1, last))
        found.append((last, element.get(TABLE + "default-cell-style-name", "")))
        column = last
    return found


def _column_elements(table: etree._Element) -> Iterator[etree._Element]:
    for child in table:
        if child.tag == TABLE + "table-column":
            yield child
        elif child.tag in _COLUMN_GROUPS:
            yield from _column_elements(child)


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for child in table:
        if child.tag == TABLE + "table-row":
            yield child
        elif child.tag in _GROUPS:
            yield from _rows(child)


def _row_cells(
    row: etree._Element, file: OpenFile, styles: _Styles, defaults: list[tuple[int, str]]
) -> Iterator[tuple[RawCell, int, int]]:
    """Cells of a row that hold something, with the rows and columns they span."""
    column = 0
    for element in row.iterchildren(TABLE + "table-cell", TABLE + "covered-table-cell"):
        repeated = max(1, whole(element, TABLE + "number-columns-repeated"))
        if element.tag == TABLE + "table-cell":
            content = _content(element, file)
            if content is not None:
                for number in range(column + 1, min(column + repeated, MAX_COLUMN) + 1):
                    name = element.get(TABLE + "style-name") or row.get(TABLE + "default-cell-style-name")
                    style = styles.numbers.get(name or _default(defaults, number), 0)
                    down, across = (
                        max(1, whole(element, TABLE + f"number-{what}-spanned")) for what in ("rows", "columns")
                    )
                    yield (
                        RawCell(0, number, content.kind, content.value, style, content.formula, content.inline),
                        down,
                        across,
                    )
        column += repeated


def _default(defaults: list[tuple[int, str]], column: int) -> str:
    place = bisect_left(defaults, column, key=lambda item: item[0])
    return defaults[place][1] if place < len(defaults) else ""


def _content(element: etree._Element, file: OpenFile) -> RawCell | None:
    """What a cell holds, without its place and style; None where it holds nothing."""
    kind, formula = element.get(OFFICE + "value-type", ""), element.get(TABLE + "formula")
    stretches = _stretches(element, file)
    shown = "".join(stretch.text for stretch in stretches)
    if element.get(_VALUE_TYPE) == "error":
        return RawCell(0, 0, "e", shown or "#N/A", 0, formula)
    if kind in ("float", "percentage", "currency"):
        return RawCell(0, 0, "n", element.get(OFFICE + "value"), 0, formula)
    if kind == "date":
        return RawCell(0, 0, "d", element.get(OFFICE + "date-value", "")[:19], 0, formula)
    if kind == "boolean":
        return RawCell(0, 0, "b", element.get(OFFICE + "boolean-value"), 0, formula)
    if shown:
        return RawCell(0, 0, "inlineStr", None, 0, formula, stretches)
    return RawCell(0, 0, "n", None, 0, formula) if formula and not kind else None


def _stretches(element: etree._Element, file: OpenFile) -> tuple[Stretch, ...]:
    """Text of a cell, its paragraphs as lines; without a font where none of its parts names one."""
    found: list[Stretch] = []
    for paragraph in element.iterchildren(*PARAGRAPHS):
        if found:
            found.append(Stretch("\n"))
        found += stretches_of(paragraph, file, look_of(file, "", "\0"))
    return tuple(found)
