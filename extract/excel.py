"""Workbooks: each sheet's cells with their typed value and the text that is shown, merged cells, and what is hidden."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from extract import excel_book
from extract.excel_book import Book, item_at, make_document
from extract.excel_sheet import Sheet, font_name, read_sheet, text_of
from extract.model import Document
from extract.ooxml import RELATIONSHIP, Package, open_package, open_part, parse_part, related, related_part


def read_xlsx(data: bytes, sha256: str) -> Document:
    """Read the bytes of an .xlsx (also .xlsm, .xltx, strict) into a Document.

    One Table a sheet, more where ``split_tables`` sees several; rows count as on the sheet, columns from the table's
    first. Hidden sheets, rows and columns are left out and named in findings. A formula's value is the stored one.
    Old encodings are read. Raises what the zip and XML parsers raise about a damaged file.
    """
    package = open_package(data)
    main = related_part(package, "", "officeDocument") or "xl/workbook.xml"
    root = parse_part(package, main)
    return make_document(sha256, "xlsx", _read_sheets(package, main, root), _open_book(package, main, root))


def _read_sheets(package: Package, main: str, root: etree._Element) -> Iterator[tuple[str, Sheet | None]]:
    """Name and content of each sheet; None for one that is hidden."""
    left = excel_book.MAX_CELLS
    for name, part, hidden in _sheets(package, main, root):
        if hidden:
            yield name, None
            continue
        with open_part(package, part) as stream:
            sheet = read_sheet(stream, left)
        left -= len(sheet.cells)
        yield name, sheet
        if sheet.cut:
            break


def _sheets(package: Package, main: str, root: etree._Element) -> Iterator[tuple[str, str, bool]]:
    """(name, part, hidden) of each worksheet in the order of its tabs; sheets that are charts have no cells."""
    parts = related(package, main)
    for item in root.iterfind("{*}sheets/{*}sheet"):
        kind, part = parts.get(item.get(RELATIONSHIP + "id", ""), ("", ""))
        if kind == "worksheet":
            yield item.get("name", ""), part, item.get("state", "visible") != "visible"


def _open_book(package: Package, main: str, root: etree._Element) -> Book:
    formats, fonts = _styles(package, main)
    name = related_part(package, main, "sharedStrings")
    texts = [text_of(item) for item in parse_part(package, name).iterchildren("{*}si")] if name else []
    properties = root.find("{*}workbookPr")
    from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    return Book(texts, formats, fonts, from_1904)


def _styles(package: Package, main: str) -> tuple[list[str], list[str]]:
    """Give number format and font name of each cell style by its index."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    name = related_part(package, main, "styles")
    if not name:
        return [], []
    root = parse_part(package, name)
    known: dict[str, str] = {str(number): code for number, code in BUILTIN_FORMATS.items()}
    known |= {item.get("numFmtId", ""): item.get("formatCode", "") for item in root.iterfind("{*}numFmts/{*}numFmt")}
    fonts = [font_name(item, "name") for item in root.iterfind("{*}fonts/{*}font")]
    styles = root.findall("{*}cellXfs/{*}xf")
    formats = [known.get(item.get("numFmtId", "0"), "General") for item in styles]
    return formats, [item_at(fonts, int(item.get("fontId", "0")), "") for item in styles]
