"""Cells, styles and files of the workbooks that are handed on: one look, text that stays text, the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from consolidate.csvfile import writable

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

FILLS = {
    "header": "D9E2F3",
    "heading": "F2F2F2",
    "finding": "FFC7CE",
    "doubt": "FFF2CC",
    "total": "E2EFDA",
    "submitted": "C6E0B4",
    "late": "FFE699",
    "partial": "FFF2CC",
    "resubmitted": "BDD7EE",
    "missing": "F8A5A5",
    "answer": "FFFFE0",
}
"""Colour by what a cell is."""

MOST_COLUMNS = 16_384
"""How many columns a sheet may have."""

_FONT = "Times New Roman"
_A3 = 8
_LONGEST_COMMENT, _LONGEST_CELL = 1500, 32767
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks: ``colour`` is one of ``FILLS`` or "", ``where`` its text stands ("" as the program likes)."""

    bold: bool = False
    size: int = 11
    colour: str = ""
    lines: bool = False
    where: str = ""
    wrap: bool = False
    indent: int = 0
    number_format: str = "General"
    quoted: bool = False


Looks = dict[Look, Any]
"""The looks that a workbook has by now, each as its cells hold it: to make one anew takes a hundred times longer."""


def dress(cell: Any, look: Look, looks: Looks) -> Any:
    """Give a cell a look, and give the cell back."""
    if look not in looks:
        cell._style = copy(cell._style)  # cells of one look share it
        _make(cell, look)
        looks[look] = cell._style
    cell._style = looks[look]
    return cell


def _make(cell: Any, look: Look) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    cell.font = Font(name=_FONT, bold=look.bold, size=look.size)
    if look.colour:
        cell.fill = PatternFill("solid", start_color=FILLS[look.colour])
    if look.lines:
        side = Side("thin", color="A6A6A6")
        cell.border = Border(side, side, side, side)
    if look.where:
        cell.alignment = Alignment(look.where, "center", wrap_text=look.wrap, indent=look.indent)
    cell.number_format = look.number_format
    if look.quoted:
        cell.quotePrefix = True


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


def put(sheet: Worksheet, row: int, column: int, text: str, look: Look, looks: Looks) -> Any:
    """Write a text into a cell and give the cell."""
    return set_text(sheet.cell(row, column), text, look, looks)


def set_text(cell: Any, text: str, look: Look, looks: Looks) -> Any:
    """Write a text that stays text whatever it begins with, and give the cell."""
    cell.value = _clean(text)[:_LONGEST_CELL] or None
    if cell.value is not None:
        cell.data_type = "s"
        if text.startswith(("=", "+", "-", "@")):
            look = _quoted(look)
    return dress(cell, look, looks)


def loose_cell(sheet: Any, value: str | float | None, look: Look, looks: Looks) -> Any:
    """A cell for a sheet that is only written, row by row."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet)
    if isinstance(value, str):
        return set_text(cell, value, look, looks)
    cell.value = value
    return dress(cell, look, looks)


def _quoted(look: Look) -> Look:
    """The same look for a text that its program would take for a formula when someone edits it."""
    return replace(look, quoted=True)


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", writable(text))
