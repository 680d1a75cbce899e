"""Cells, styles and files of the workbooks that are handed on: one look, text that stays text, the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

from consolidate.csvfile import writable

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

FILLS = {"header": "D9E2F3", "heading": "F2F2F2", "finding": "FFC7CE", "doubt": "FFF2CC", "total": "E2EFDA"}
"""Colour by what a cell is."""

_FONT = "Times New Roman"
_A3 = 8
_LONGEST_COMMENT, _LONGEST_CELL = 1500, 32767
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def same_bytes(workbook: Workbook) -> bytes:
    """The workbook as bytes that hold no time of day."""
    first, second = io.BytesIO(), io.BytesIO()
    workbook.save(first)
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z", data)
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, data)
    return second.getvalue()


def set_up_page(sheet: Worksheet, header_row: int, pages_across: int, footer: str) -> None:
    """A3 landscape, as many pages across as given, the header row repeated on each, a footer."""
    from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A3
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = pages_across, 0
    sheet.print_title_rows = f"{header_row}:{header_row}"
    sheet.oddFooter = HeaderFooterItem(center=_HeaderFooterPart(footer))
    sheet.page_margins.left = sheet.page_margins.right = 0.4


def note(text: str) -> Any:
    """A comment for a cell."""
    from openpyxl.comments import Comment

    return Comment(_clean(text)[:_LONGEST_COMMENT], "Tonghop", 160, 420)


def font(*, bold: bool = False, size: int = 11) -> Any:
    """The font of all cells."""
    from openpyxl.styles import Font

    return Font(name=_FONT, bold=bold, size=size)


def fill(name: str) -> Any:
    """The colour of a cell by what it is, one of ``FILLS``."""
    from openpyxl.styles import PatternFill

    return PatternFill("solid", start_color=FILLS[name])


def border() -> Any:
    """Thin lines on all sides."""
    from openpyxl.styles import Border, Side

    side = Side("thin", color="A6A6A6")
    return Border(side, side, side, side)


def alignment(horizontal: str, *, wrap: bool = False, indent: int = 0) -> Any:
    """Where the text of a cell stands."""
    from openpyxl.styles import Alignment

    return Alignment(horizontal, "center", wrap_text=wrap, indent=indent)


def put(sheet: Worksheet, row: int, column: int, text: str, *, bold: bool = False, size: int = 11) -> Any:
    """Write a text into a cell and give the cell."""
    cell = sheet.cell(row, column)
    set_text(cell, text)
    cell.font = font(bold=bold, size=size)
    return cell


def set_text(cell: Any, text: str) -> None:
    """Text that stays text whatever it begins with."""
    cell.value = _clean(text)[:_LONGEST_CELL] or None
    if cell.value is not None:
        cell.data_type = "s"
        cell.quotePrefix = text.startswith(("=", "+", "-", "@"))


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", writable(text))
