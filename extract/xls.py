"""Excel 97 workbooks (.xls), read into the same cells as newer ones."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

from extract import excel_book
from extract.decoding import Stretch
from extract.excel import read_xlsx
from extract.excel_book import Book, make_document
from extract.excel_sheet import RawCell, Sheet
from extract.model import Document, Finding
from extract.office import OfficeError, convert
from extract.ole import MAGIC, open_ole
from extract.ooxml import package_fault

_EMPTY, _TEXT, _NUMBER, _DATE, _BOOLEAN, _ERROR, _BLANK = range(7)
_SUPERSCRIPT = 1


def read_xls(data: bytes, sha256: str) -> Document:
    """Read the bytes of an .xls into a Document, as ``read_xlsx`` does; ``reader`` says which program read it.

    Fonts of cells and of parts of their text, number formats, merged and hidden cells count as in newer workbooks. A
    file that asks for a password gives a Finding. Raises what xlrd raises about a damaged file that LibreOffice, where
    it is installed, cannot read either.
    """
    import xlrd

    try:
        book = xlrd.open_workbook(
            file_contents=_stream(data), formatting_info=True, on_demand=True, ragged_rows=True, logfile=io.StringIO()
        )
        return replace(make_document(sha256, "xls", _sheets(book), _book(book)), reader="xlrd")
    except Exception as error:  # xlrd raises whatever it stumbles over
        return _read_by_office(data, sha256, error)


def _stream(data: bytes) -> bytes:
    """The stream of the workbook; xlrd looks for it without end where sectors run in a circle."""
    if not data.startswith(MAGIC):
        return data
    with open_ole(data) as file:
        name = next((name for name in ("Workbook", "Book") if file.exists(name)), "")
        if not name:
            raise ValueError("a compound file without a workbook")
        with file.openstream(name) as stream:
            return bytes(stream.read())


def _read_by_office(data: bytes, sha256: str, error: Exception) -> Document:
    """Read it by way of LibreOffice, which knows the password that Excel gives to books whose sheets are protected."""
    try:
        xlsx = convert(data, "xls", "xlsx")
    except OfficeError:
        if "encrypted" in str(error):
            return Document(sha256, "xls", "xlrd", findings=(Finding("encrypted"),))
        raise error from None
    if package_fault(xlsx):
        raise error
    document = read_xlsx(xlsx, sha256)
    findings = (Finding("read_by_libreoffice"), *document.findings)
    return replace(document, format="xls", reader="libreoffice", findings=findings)


def _book(book: Any) -> Book:
    formats = [_format(book, style.format_key) for style in book.xf_list]
    fonts = [_font(book, style.font_index).name for style in book.xf_list]
    return Book(formats=formats, fonts=fonts, from_1904=book.datemode == 1)


def _format(book: Any, key: int) -> str:
    found = book.format_map.get(key)
    return found.format_str if found else "General"


def _font(book: Any, index: int) -> Any:
    return book.font_list[index if 0 <= index < len(book.font_list) else 0]


def _sheets(book: Any) -> Iterator[tuple[str, Sheet | None]]:
    left = excel_book.MAX_CELLS
    for index, name in enumerate(book.sheet_names()):
        found = book.sheet_by_index(index)
        if found.visibility:
            yield name, None
        else:
            sheet = _sheet(book, found, left)
            left -= len(sheet.cells)
            yield name, sheet
            if sheet.cut:
                return
        book.unload_sheet(index)


def _sheet(book: Any, found: Any, limit: int) -> Sheet:
    sheet = Sheet(merged=[(top + 1, left + 1, bottom, right) for top, bottom, left, right in found.merged_cells])
    _hide(sheet, found)
    for row in range(found.nrows):
        for column in range(found.row_len(row)):
            if found.cell_type(row, column) not in (_EMPTY, _BLANK):
                sheet.cells[row + 1, column + 1] = _cell(book, found, row, column)
        if len(sheet.cells) > limit:
            sheet.cut = True
            break
    return sheet


def _hide(sheet: Sheet, found: Any) -> None:
    """Note the rows and columns that the workbook does not show."""
    hidden = {row for row, info in found.rowinfo_map.items() if info.hidden or info.height == 0}
    if found.default_row_hidden:
        hidden |= set(range(found.nrows)) - set(found.rowinfo_map)
    sheet.hidden_rows = {row + 1 for row in hidden}
    columns = [number + 1 for number, info in found.colinfo_map.items() if info.hidden or info.width == 0]
    sheet.hidden_columns = [(number, number) for number in columns]


def _cell(book: Any, found: Any, row: int, column: int) -> RawCell:
    cell = found.cell(row, column)
    style = cell.xf_index or 0
    if cell.ctype == _TEXT:
        stretches = _stretches(book, cell.value, found.rich_text_runlist_map.get((row, column), ()))
        return RawCell(row + 1, column + 1, "inlineStr", None, style, None, stretches)
    if cell.ctype == _ERROR:
        from xlrd import error_text_from_code

        return RawCell(row + 1, column + 1, "e", error_text_from_code.get(cell.value, "#N/A"), style, None)
    kind = "b" if cell.ctype == _BOOLEAN else "n"
    value = str(int(cell.value)) if kind == "b" else repr(float(cell.value))
    return RawCell(row + 1, column + 1, kind, value, style, None)


def _stretches(book: Any, text: str, runs: Any) -> tuple[Stretch, ...]:
    """Cut a text where its font changes; before the first change it stands in the font of the cell."""
    starts = [(0, None), *((min(start, len(text)), font) for start, font in runs), (len(text), None)]
    return tuple(
        _stretch(book, text[start:end], font) for (start, font), (end, _) in pairwise(starts) if text[start:end]
    )


def _stretch(book: Any, text: str, index: int | None) -> Stretch:
    if index is None:
        return Stretch(text)
    font = _font(book, index)
    return Stretch(text, font.name, font.escapement == _SUPERSCRIPT and text.isascii() and text.isdigit())
