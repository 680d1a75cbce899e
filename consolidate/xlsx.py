"""Sheets as an .xlsx file, row by row as they come; the same sheets give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

from consolidate.sheets import FILLS, Cell, Look, Row, Sheet

_EPOCH = datetime(1980, 1, 1, tzinfo=UTC)
_AUTHOR = "Tonghop"
_A3 = 8
_NOTE = {"author": _AUTHOR, "width": 420, "height": 160}
_LINE = {"border": 1, "border_color": "#A6A6A6"}

Formats = Callable[[Look | None], Any]
"""Gives the format of a look, each made once."""


def write_xlsx(path: Path, sheets: Iterable[Sheet]) -> None:
    """Write a workbook. Raises OSError."""
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    book = Workbook(path, {"constant_memory": True})
    book.set_properties({"author": _AUTHOR, "created": _EPOCH})
    made: dict[Look, Any] = {}

    def format_of(look: Look | None) -> Any:
        if look is None:
            return None
        if look not in made:
            made[look] = book.add_format(_properties(look))
        return made[look]

    taken: set[str] = set()
    for sheet in sheets:
        name = _free_name(sheet.name, taken)
        taken.add(name.casefold())
        _write_sheet(book.add_worksheet(name), sheet, format_of)
    try:
        book.close()
    except FileCreateError as error:
        raise OSError(None, str(error), str(path)) from error


def _free_name(name: str, taken: set[str]) -> str:
    """The name, with a number behind it where a sheet has it already."""
    numbered = (f"{name}{number}" for number in count(1))
    return next(one for one in chain([name], numbered) if one.casefold() not in taken)


def _properties(look: Look) -> dict[str, object]:
    """A look in the words of the library."""
    told: dict[str, object] = {"font_name": "Times New Roman", "font_size": look.size, "bold": look.bold}
    told |= {"num_format": look.number_format, "quote_prefix": look.quoted}
    if look.colour:
        told["bg_color"] = f"#{FILLS[look.colour]}"
    if look.lines:
        told |= _LINE
    if look.where:
        told |= {"align": look.where, "valign": "vcenter", "text_wrap": look.wrap, "indent": look.indent}
    return told


def _write_sheet(target: Any, sheet: Sheet, format_of: Formats) -> None:
    for column, width in enumerate(sheet.widths):
        target.set_column(column, column, width)
    _set_up(target, sheet)
    for number, row in enumerate(sheet.rows):
        _write_row(target, number, row, format_of)


def _write_row(target: Any, number: int, row: Row, format_of: Formats) -> None:
    if row.height:
        target.set_row(number, row.height)
    look, made = None, None
    for column, cell in enumerate(row.cells):
        if cell.look is not look:  # neighbours mostly look alike
            look, made = cell.look, format_of(cell.look)
        _write_cell(target, number, column, cell, made)
    for column, text in sorted(row.notes.items()):
        target.write_comment(number, column - 1, text, _NOTE)


def _write_cell(target: Any, row: int, column: int, cell: Cell, look: Any) -> None:
    if cell.is_formula:
        target.write_formula(row, column, cell.value, look, "")
    elif isinstance(cell.value, str):
        target.write_string(row, column, cell.value, look)
    elif cell.value is not None:
        target.write_number(row, column, cell.value, look)
    elif look is not None:
        target.write_blank(row, column, None, look)


def _set_up(target: Any, sheet: Sheet) -> None:
    """What stays in sight, is filtered, printed, offered and hidden."""
    if sheet.header_row:
        target.freeze_panes(sheet.header_row, sheet.fixed_columns)
        target.autofilter(sheet.header_row - 1, 0, sheet.last_row - 1, len(sheet.widths) - 1)
    if sheet.pages_across:
        target.set_landscape()
        target.set_paper(_A3)
        target.fit_to_pages(sheet.pages_across, 0)
        target.set_margins(left=0.4, right=0.4, top=1, bottom=1)
        target.set_footer(f"&C{sheet.footer}")
        target.repeat_rows(sheet.header_row - 1)
    if sheet.printed_columns:
        target.repeat_columns(0, sheet.printed_columns - 1)
    cells, formula = sheet.choices
    if cells:
        target.data_validation(cells, {"validate": "list", "source": f"={formula}", "show_error": False})
    if sheet.hidden:
        target.hide()
