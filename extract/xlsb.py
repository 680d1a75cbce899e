"""Binary workbooks (.xlsb), read into the same cells as other ones."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace

from extract import excel_book
from extract.decoding import Stretch
from extract.excel import read_xlsx
from extract.excel_book import Book, item_at, make_document
from extract.excel_sheet import MAX_COLUMN, MAX_ROW, RawCell, Sheet
from extract.model import Document, Finding
from extract.office import OfficeError, convert
from extract.ooxml import Package, open_package, open_part, package_fault, related, related_part

_ROW, _SHARED, _FONT, _FORMAT, _STYLE, _COLUMNS, _BOOK, _SHEET, _MERGED = 0, 19, 43, 44, 47, 60, 153, 156, 176
_FIRST_STYLE, _LAST_STYLE, _SHEET_LOOK = 617, 618, 485
_RK, _ERROR, _BOOLEAN, _REAL, _TEXT, _SHARED_TEXT, _RICH_TEXT = 2, 3, 4, 5, 6, 7, 62
_OF_FORMULA = {8: _TEXT, 9: _REAL, 10: _BOOLEAN, 11: _ERROR}
_CELLS = frozenset((_RK, _ERROR, _BOOLEAN, _REAL, _TEXT, _SHARED_TEXT, _RICH_TEXT, *_OF_FORMULA))
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_HIDDEN = 1

Record = tuple[int, bytes]


def read_xlsb(data: bytes, sha256: str) -> Document:
    """Read the bytes of an .xlsb into a Document as ``read_xlsx`` does; ``reader`` says which program read it.

    Raises what is raised about a damaged file that LibreOffice, where it is installed, cannot read either.
    """
    try:
        package = open_package(data)
        main = related_part(package, "", "officeDocument") or "xl/workbook.bin"
        return make_document(sha256, "xlsb", _sheets(package, main), _open_book(package, main))
    except (struct.error, KeyError, IndexError, ValueError) as error:
        return _read_by_office(data, sha256, error)


def _read_by_office(data: bytes, sha256: str, error: Exception) -> Document:
    try:
        xlsx = convert(data, "xlsb", "xlsx")
    except OfficeError:
        raise error from None
    if package_fault(xlsx):
        raise error
    document = read_xlsx(xlsx, sha256)
    if not document.tables:  # it gives empty sheets of books that it does not understand
        raise error
    findings = (Finding("read_by_libreoffice"), *document.findings)
    return replace(document, format="xlsb", reader="libreoffice", findings=findings)


def _records(package: Package, name: str) -> Iterator[Record]:
    """Number and content of each record of a part; struct.error where it is cut short."""
    with open_part(package, name) as part:
        data = part.read()
    at = 0
    while at < len(data):
        number, at = _whole(data, at, 2)
        size, at = _whole(data, at, 4)
        if at + size > len(data):
            raise struct.error("a record is cut short")
        yield number, data[at : at + size]
        at += size


def _whole(data: bytes, at: int, longest: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where it ends."""
    value = 0
    for place in range(longest):
        byte = data[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    return value, at + longest


def _text(data: bytes, at: int) -> tuple[str, int]:
    """A text with its length before it, and where it ends; "" for none."""
    [length] = struct.unpack_from("<I", data, at)
    if length == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * length
    if end > len(data):
        raise struct.error("a text is cut short")
    return data[at + 4 : end].decode("utf-16-le", "replace"), end


def _sheets(package: Package, main: str) -> Iterator[tuple[str, Sheet | None]]:
    parts = related(package, main)
    left = excel_book.MAX_CELLS
    for number, data in _records(package, main):
        if number != _SHEET:
            continue
        identity, at = _text(data, 8)
        name, _ = _text(data, at)
        kind, part = parts.get(identity, ("", ""))
        if kind != "worksheet":
            continue
        if data[0]:
            yield name, None
            continue
        sheet = _sheet(package, part, left)
        left -= len(sheet.cells)
        yield name, sheet
        if sheet.cut:
            return


def _sheet(package: Package, part: str, limit: int) -> Sheet:
    sheet = Sheet()
    row, rows_hidden, shown = 0, False, set[int]()
    for number, data in _records(package, part):
        if number == _ROW:
            row = int.from_bytes(data[:4], "little") + 1
            (sheet.hidden_rows if data[11] & 0x10 else shown).add(row)
        elif number in _CELLS:
            cell = _cell(number, data, row)
            if cell.row <= MAX_ROW and cell.column <= MAX_COLUMN:
                sheet.cells[row, cell.column] = cell
        elif number == _SHEET_LOOK:
            rows_hidden = bool(data[8] & 2)
        else:
            _take_layout(number, data, sheet)
        if len(sheet.cells) > limit:
            sheet.cut = True
            break
    if rows_hidden:
        sheet.hidden_rows |= {row for row, _ in sheet.cells} - shown
    return sheet


def _take_layout(number: int, data: bytes, sheet: Sheet) -> None:
    """Note merged cells and hidden columns."""
    if number == _MERGED:
        top, bottom, left, right = struct.unpack_from("<4I", data)
        sheet.merged.append((top + 1, left + 1, min(bottom + 1, MAX_ROW), min(right + 1, MAX_COLUMN)))
    elif number == _COLUMNS:
        first, last, width, _, flags = struct.unpack_from("<4IH", data)
        if flags & _HIDDEN or not width:
            sheet.hidden_columns.append((first + 1, last + 1))


def _cell(number: int, data: bytes, row: int) -> RawCell:
    column = int.from_bytes(data[:4], "little") + 1
    style = int.from_bytes(data[4:7], "little")
    formula = "=" if number in _OF_FORMULA else None
    kind = _OF_FORMULA.get(number, number)
    if kind == _SHARED_TEXT:
        return RawCell(row, column, "s", str(int.from_bytes(data[8:12], "little")), style, formula)
    if kind in (_TEXT, _RICH_TEXT):
        text, _ = _text(data, 8 + (kind == _RICH_TEXT))
        return RawCell(row, column, "inlineStr", None, style, formula, (Stretch(text),))
    if kind == _ERROR:
        return RawCell(row, column, "e", _ERRORS.get(data[8], "#N/A"), style, formula)
    if kind == _BOOLEAN:
        return RawCell(row, column, "b", str(int(bool(data[8]))), style, formula)
    value = _packed_number(data) if kind == _RK else struct.unpack_from("<d", data, 8)[0]
    return RawCell(row, column, "n", repr(float(value)), style, formula)


def _packed_number(data: bytes) -> float:
    """A number in four bytes: a whole one, or the upper half of a real one; either may be a hundred times too large."""
    [packed] = struct.unpack_from("<i", data, 8)
    value = float(packed >> 2) if packed & 2 else struct.unpack("<d", bytes(4) + struct.pack("<i", packed & ~3))[0]
    return float(value / 100 if packed & 1 else value)


def _open_book(package: Package, main: str) -> Book:
    formats, fonts, names = _styles(package, main)
    part = related_part(package, main, "sharedStrings")
    shared = _records(package, part) if part else ()
    texts = [_shared(data, names) for number, data in shared if number == _SHARED]
    flags = [data for number, data in _records(package, main) if number == _BOOK]
    return Book(texts, formats, fonts, from_1904=bool(flags and flags[0][0] & 1))


def _shared(data: bytes, fonts: list[str]) -> tuple[Stretch, ...]:
    """A text in stretches of one font; before the first change it stands in the font of the cell."""
    text, at = _text(data, 1)
    changes = [(0, "")]
    if data[0] & 1:
        [count] = struct.unpack_from("<I", data, at)
        runs = struct.iter_unpack("<HH", data[at + 4 : at + 4 + 4 * min(count, len(data) // 4)])
        changes += [(min(start, len(text)), item_at(fonts, font, "")) for start, font in runs]
    ends = [start for start, _ in changes[1:]] + [len(text)]
    pieces = [(text[start:end], font) for (start, font), end in zip(changes, ends, strict=True)]
    return tuple(Stretch(piece, font) for piece, font in pieces if piece)


def _styles(package: Package, main: str) -> tuple[list[str], list[str], list[str]]:
    """Number format and font of each style of cells by its number, and the fonts by theirs."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    known, fonts = dict(BUILTIN_FORMATS), list[str]()
    styles: list[tuple[int, int]] = []
    of_cells = False
    part = related_part(package, main, "styles")
    for number, data in _records(package, part) if part else ():
        if number == _FORMAT:
            known[int.from_bytes(data[:2], "little")] = _text(data, 2)[0]
        elif number == _FONT:
            fonts.append(_text(data, 21)[0])
        elif number in (_FIRST_STYLE, _LAST_STYLE):
            of_cells = number == _FIRST_STYLE
        elif number == _STYLE and of_cells:
            styles.append(struct.unpack_from("<HH", data, 2))
    return [known.get(code, "General") for code, _ in styles], [item_at(fonts, font, "") for _, font in styles], fonts
