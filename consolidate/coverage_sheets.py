"""The sheets of consolidated.xlsx about who has reported: the missing reports, and agencies by period in colours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from consolidate.coverage import STATUSES, Coverage
from consolidate.dataset import Record
from consolidate.messages import Messages, say
from consolidate.sheets import MOST_COLUMNS, NO_CELL, Look, Row, Sheet, note, text_cell

_MISSING_COLUMNS = {"period": 12, "agency": 42, "province": 20, "form": 14, "expected_by": 34, "due": 14}
_HEADER = Look(bold=True, colour="header", lines=True, where="center", wrap=True)
_CELL = Look(lines=True, where="left", wrap=True)
_NAMES = ("agency", "province")
_NAME_WIDTHS = (42, 20)
_STATUS_WIDTH = 13
_FIRST = 3
"""The row of the matrix's header: the colours are explained above it."""


def coverage_sheets(coverage: Coverage, messages: Messages) -> Iterator[Sheet]:
    """The sheet of missing reports and the matrix of agencies and periods; none where nothing is known."""
    if coverage:
        missing = [record for record in coverage if record["status"] == "missing"]
        yield _missing_sheet(missing, messages)
        yield _matrix_sheet(coverage, messages)


def _missing_sheet(missing: Sequence[Record], messages: Messages) -> Sheet:
    """A row for each report that was expected and is not there."""
    rows = [Row([text_cell(say(messages, f"workbook_{name}"), _HEADER) for name in _MISSING_COLUMNS])]
    for record in missing:
        texts = [record["period"], record["agency"], record["province"], record["form_id"]]
        texts += [say(messages, f"workbook_expected_by_{record['expected_by']}"), record["due"]]
        rows.append(Row([text_cell(str(text or ""), _CELL) for text in texts]))
    return Sheet(
        say(messages, "workbook_missing"),
        rows,
        widths=tuple(_MISSING_COLUMNS.values()),
        header_row=1,
        last_row=max(2, len(rows)),
        pages_across=1,
        footer=say(messages, "workbook_page"),
    )


def _matrix_sheet(coverage: Coverage, messages: Messages) -> Sheet:
    """Agencies down, a column for each period of each form across, the status in words and colour."""
    columns = matrix_columns(coverage)[-(MOST_COLUMNS - len(_NAMES)) :]
    heads = [say(messages, f"workbook_{name}") for name in _NAMES]
    heads += [f"{period}\n{form_id}" for period, form_id in columns]
    place = {column: at for at, column in enumerate(columns, start=len(_NAMES))}
    rows = [_legend(messages), Row(()), Row([text_cell(head, _HEADER) for head in heads], 34)]
    rows += [_statuses(records, place, messages) for records in matrix_rows(coverage)]
    return Sheet(
        say(messages, "workbook_coverage"),
        rows,
        widths=(*_NAME_WIDTHS, *(_STATUS_WIDTH for _ in columns)),
        header_row=_FIRST,
        last_row=max(_FIRST + 1, len(rows)),
        fixed_columns=len(_NAMES),
        pages_across=1,
        footer=say(messages, "workbook_page"),
    )


def _legend(messages: Messages) -> Row:
    title = text_cell(say(messages, "workbook_coverage_title"), Look(bold=True, size=14))
    told = [
        text_cell(say(messages, f"coverage_{status}"), Look(colour=status, lines=True, where="center"))
        for status in STATUSES
    ]
    return Row([title, *[NO_CELL] * (len(_NAMES) - 1), *told])


def _statuses(records: Sequence[Record], place: Mapping[tuple[str, str], int], messages: Messages) -> Row:
    """The row of an agency, the documents behind each status as its note."""
    cells = [text_cell(str(records[0][name] or ""), _CELL) for name in _NAMES] + [NO_CELL] * len(place)
    notes: dict[int, str] = {}
    for record in records:
        at = place.get((str(record["period"]), str(record["form_id"])))
        if at is None:
            continue
        status = str(record["status"])
        look = Look(colour=status, lines=True, where="center", wrap=True)
        cells[at] = text_cell(say(messages, f"coverage_{status}"), look)
        lines = [say(messages, f"coverage_{name}") for name in str(record["also"]).split(";") if name]
        lines += str(record["source_paths"]).split("; ") if record["source_paths"] else []
        if lines:
            notes[at + 1] = note("\n".join(lines))
    return Row(cells, notes=notes)


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
