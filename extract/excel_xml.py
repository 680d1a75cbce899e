"""Workbooks that are one XML text (Excel 2003 XML, which many reporting programs export), read as newer ones are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from extract import excel_book
from extract.decoding import Stretch
from extract.excel_book import Book, make_document
from extract.excel_sheet import MAX_COLUMN, MAX_ROW, RawCell, Sheet
from extract.model import Document
from extract.ooxml import parse_xml

_S = "{urn:schemas-microsoft-com:office:spreadsheet}"
_X = "{urn:schemas-microsoft-com:office:excel}"
_HTML = "{http://www.w3.org/TR/REC-html40}"
_KINDS = {"Number": "n", "String": "inlineStr", "DateTime": "d", "Boolean": "b", "Error": "e"}
_FORMATS = {
    "General Number": "General",
    "General Date": "dd/mm/yyyy hh:mm",
    "Long Date": "dd/mm/yyyy",
    "Medium Date": "dd/mm/yyyy",
    "Short Date": "dd/mm/yyyy",
    "Long Time": "hh:mm:ss",
    "Medium Time": "hh:mm",
    "Short Time": "hh:mm",
    "Currency": "#,##0.00",
    "Euro Currency": "#,##0.00",
    "Fixed": "0.00",
    "Standard": "#,##0.00",
    "Percent": "0.00%",
    "Scientific": "0.00E+00",
}
"""What the formats mean that are named in words."""


@dataclass(slots=True)
class _Styles:
    """The styles of cells by number, as the cells of a sheet name them; the first is the default one."""

    numbers: dict[str, int] = field(default_factory=dict)
    formats: list[str] = field(default_factory=list)
    fonts: list[str] = field(default_factory=list)


def read_excel_xml(data: bytes, sha256: str) -> Document:
    """Read the bytes of an Excel 2003 XML text into a Document as ``read_xlsx`` does.

    Raises what the XML parser raises about a damaged file.
    """
    root = parse_xml(data)
    styles = _styles(root)
    properties = root.find(f"{_X}ExcelWorkbook/{_X}Date1904")
    book = Book(formats=styles.formats, fonts=styles.fonts, from_1904=properties is not None)
    return make_document(sha256, "excel-xml", _sheets(root, styles), book)


def _styles(root: etree._Element) -> _Styles:
    """Number the styles; what one does not say is taken from the one that it is based on."""
    items = {item.get(_S + "ID", ""): item for item in root.iterfind(f"{_S}Styles/{_S}Style")}
    found = _Styles()
    for name in dict.fromkeys(["Default", *items]):
        code = _inherited(items, name, "NumberFormat", "Format")
        found.numbers[name] = len(found.formats)
        found.formats.append(_FORMATS.get(code, code) or "General")
        found.fonts.append(_inherited(items, name, "Font", "FontName"))
    return found


def _inherited(items: dict[str, etree._Element], name: str, part: str, attribute: str) -> str:
    seen: set[str] = set()
    while name in items and name not in seen:
        seen.add(name)
        element = items[name].find(_S + part)
        if element is not None and element.get(_S + attribute):
            return str(element.get(_S + attribute))
        name = items[name].get(_S + "Parent", "Default")
    return ""


def _sheets(root: etree._Element, styles: _Styles) -> Iterator[tuple[str, Sheet | None]]:
    left = excel_book.MAX_CELLS
    for item in root.iterchildren(_S + "Worksheet"):
        name, shown = item.get(_S + "Name", ""), item.findtext(f"{_X}WorksheetOptions/{_X}Visible", "SheetVisible")
        if shown != "SheetVisible":
            yield name, None
            continue
        sheet = Sheet()
        for table in item.iterchildren(_S + "Table"):
            _read_table(table, sheet, styles, left)
        left -= len(sheet.cells)
        yield name, sheet
        if sheet.cut:
            return


def _read_table(table: etree._Element, sheet: Sheet, styles: _Styles, limit: int) -> None:
    top, left = _whole(table, "TopCell", 1), _whole(table, "LeftCell", 1)
    defaults = _columns(table, sheet, left)
    own = table.get(_S + "StyleID", "Default")
    row = top - 1
    for element in table.iterchildren(_S + "Row"):
        row = _whole(element, "Index", row + 1)
        last = row + _whole(element, "Span", 0)
        if last > MAX_ROW:
            sheet.cut = True
            return
        if element.get(_S + "Hidden") == "1" or element.get(_S + "Height") == "0":
            sheet.hidden_rows.update(range(row, last + 1))
        for cell, down, across in _row_cells(element, row, left, styles, defaults | {0: own}):
            sheet.cells[row, cell.column] = cell
            if down or across:
                sheet.merged.append((row, cell.column, row + down, cell.column + across))
        row = last
        if len(sheet.cells) > limit:
            sheet.cut = True
            return


def _columns(table: etree._Element, sheet: Sheet, left: int) -> dict[int, str]:
    """Note the hidden columns; gives the default style of each column that has one."""
    found: dict[int, str] = {}
    column = left - 1
    for element in table.iterchildren(_S + "Column"):
        column = _whole(element, "Index", column + 1)
        last = min(column + _whole(element, "Span", 0), MAX_COLUMN)
        if element.get(_S + "Hidden") == "1" or element.get(_S + "Width") == "0":
            sheet.hidden_columns.append((column, last))
        if element.get(_S + "StyleID"):
            found |= dict.fromkeys(range(column, last + 1), element.get(_S + "StyleID", ""))
        column = last
    return found


def _row_cells(
    element: etree._Element, row: int, left: int, styles: _Styles, defaults: dict[int, str]
) -> Iterator[tuple[RawCell, int, int]]:
    """Cells of a row that hold something, each with the rows and columns that it covers beside its own."""
    column = left - 1
    for item in element.iterchildren(_S + "Cell"):
        column = _whole(item, "Index", column + 1)
        down, across = _whole(item, "MergeDown", 0), _whole(item, "MergeAcross", 0)
        if column > MAX_COLUMN:
            return
        name = item.get(_S + "StyleID") or element.get(_S + "StyleID") or defaults.get(column) or defaults[0]
        cell = _cell(item, row, column, styles.numbers.get(name, 0))
        if cell is not None:
            yield cell, min(down, MAX_ROW - row), min(across, MAX_COLUMN - column)
        column += across


def _cell(item: etree._Element, row: int, column: int, style: int) -> RawCell | None:
    formula, data = item.get(_S + "Formula"), item.find(_S + "Data")
    if data is None:
        return RawCell(row, column, "n", None, style, formula) if formula else None
    kind = _KINDS.get(data.get(_S + "Type", ""), "inlineStr")
    text = "".join(str(part) for part in data.itertext())
    if kind == "inlineStr":
        return RawCell(row, column, kind, None, style, formula, tuple(_stretches(data))) if text or formula else None
    return RawCell(row, column, kind, text[:19] if kind == "d" else text.strip(), style, formula)


def _stretches(element: etree._Element, font: str = "", raised: bool = False) -> Iterator[Stretch]:
    """The text of a cell with the marks of its parts; without a font where none is named."""
    if element.text:
        yield Stretch(element.text, font, raised and element.text.isascii() and element.text.isdigit())
    for child in element.iterchildren("*"):
        face = child.get(_HTML + "Face") or font
        yield from _stretches(child, face, raised or child.tag == _HTML + "Sup")
        if child.tail:
            yield Stretch(child.tail, font, raised and child.tail.isascii() and child.tail.isdigit())


def _whole(element: etree._Element, name: str, otherwise: int) -> int:
    text = element.get(_S + name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else otherwise
