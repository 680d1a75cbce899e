"""The sheets of consolidated.xlsx about who has reported: the missing reports, and agencies by period in colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from consolidate.coverage import STATUSES, Coverage
from consolidate.dataset import Record
from consolidate.messages import Messages, say
from consolidate.sheets import MOST_COLUMNS, Look, Looks, note, put, set_up_page

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_MISSING_COLUMNS = {"period": 12, "agency": 42, "province": 20, "form": 14, "expected_by": 34, "due": 14}
_HEADER = Look(bold=True, colour="header", lines=True, where="center", wrap=True)
_CELL = Look(lines=True, where="left", wrap=True)
_NAMES = ("agency", "province")
_NAME_WIDTHS = (42, 20)
_STATUS_WIDTH = 13
_FIRST = 3
"""The row of the matrix's header: the colours are explained above it."""


def add_coverage_sheets(workbook: Workbook, coverage: Coverage, messages: Messages, looks: Looks) -> None:
    """Add the sheet of missing reports and the matrix of agencies and periods; none where nothing is known."""
    if not coverage:
        return
    missing = [record for record in coverage if record["status"] == "missing"]
    _add_missing(workbook.create_sheet(say(messages, "workbook_missing")), missing, messages, looks)
    _add_matrix(workbook.create_sheet(say(messages, "workbook_coverage")), coverage, messages, looks)


def _add_missing(sheet: Worksheet, missing: Sequence[Record], messages: Messages, looks: Looks) -> None:
    """A row for each report that was expected and is not there."""
    for column, (name, width) in enumerate(_MISSING_COLUMNS.items(), start=1):
        put(sheet, 1, column, say(messages, f"workbook_{name}"), _HEADER, looks)
        sheet.column_dimensions["ABCDEF"[column - 1]].width = width
    for row, record in enumerate(missing, start=2):
        texts = [record["period"], record["agency"], record["province"], record["form_id"]]
        texts += [say(messages, f"workbook_expected_by_{record['expected_by']}"), record["due"]]
        for column, text in enumerate(texts, start=1):
            put(sheet, row, column, str(text or ""), _CELL, looks)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:F{max(2, len(missing) + 1)}"
    set_up_page(sheet, 1, 1, say(messages, "workbook_page"))


def _add_matrix(sheet: Worksheet, coverage: Coverage, messages: Messages, looks: Looks) -> None:
    """Agencies down, a column for each period of each form across, the status in words and colour."""
    from openpyxl.utils import get_column_letter

    columns = matrix_columns(coverage)[-(MOST_COLUMNS - len(_NAMES)) :]
    rows = matrix_rows(coverage)
    _add_legend(sheet, messages, looks)
    heads = [say(messages, f"workbook_{name}") for name in _NAMES]
    heads += [f"{period}\n{form_id}" for period, form_id in columns]
    widths = (*_NAME_WIDTHS, *(_STATUS_WIDTH for _ in columns))
    for column, (text, width) in enumerate(zip(heads, widths, strict=True), start=1):
        put(sheet, _FIRST, column, text, _HEADER, looks)
        sheet.column_dimensions[get_column_letter(column)].width = width
    place = {column: at for at, column in enumerate(columns, start=len(_NAMES) + 1)}
    for row, records in enumerate(rows, start=_FIRST + 1):
        for column, name in enumerate(_NAMES, start=1):
            put(sheet, row, column, str(records[0][name] or ""), _CELL, looks)
        for record in records:
            spot = str(record["period"]), str(record["form_id"])
            if spot in place:
                _add_status(sheet, row, place[spot], record, messages, looks)
    sheet.row_dimensions[_FIRST].height = 34
    sheet.freeze_panes = f"{get_column_letter(len(_NAMES) + 1)}{_FIRST + 1}"
    sheet.auto_filter.ref = f"A{_FIRST}:{get_column_letter(len(heads))}{_FIRST + max(1, len(rows))}"
    set_up_page(sheet, _FIRST, 1, say(messages, "workbook_page"))


def _add_legend(sheet: Worksheet, messages: Messages, looks: Looks) -> None:
    put(sheet, 1, 1, say(messages, "workbook_coverage_title"), Look(bold=True, size=14), looks)
    for column, status in enumerate(STATUSES, start=len(_NAMES) + 1):
        put(
            sheet,
            1,
            column,
            say(messages, f"coverage_{status}"),
            Look(colour=status, lines=True, where="center"),
            looks,
        )


def _add_status(sheet: Worksheet, row: int, column: int, record: Record, messages: Messages, looks: Looks) -> None:
    status = str(record["status"])
    look = Look(colour=status, lines=True, where="center", wrap=True)
    cell = put(sheet, row, column, say(messages, f"coverage_{status}"), look, looks)
    lines = [say(messages, f"coverage_{name}") for name in str(record["also"]).split(";") if name]
    lines += str(record["source_paths"]).split("; ") if record["source_paths"] else []
    if lines:
        cell.comment = note("\n".join(lines))


def matrix_columns(coverage: Coverage) -> list[tuple[str, str]]:
    """The periods and forms of a coverage table, in order."""
    return sorted({(str(record["period"]), str(record["form_id"])) for record in coverage})


def matrix_rows(coverage: Coverage) -> list[list[Record]]:
    """The records of each agency, agencies by province, name and id."""
    found: dict[tuple[str, ...], list[Record]] = {}
    for record in coverage:
        key = tuple(str(record[name]) for name in ("province", "agency", "agency_id"))
        found.setdefault(key, []).append(record)
    return [found[key] for key in sorted(found)]
