"""unmatched.xlsx: a sheet with one line for each decision that is asked for, and one with every row behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from consolidate.columns import UNMATCHED, Column, names
from consolidate.csvfile import replacing
from consolidate.dataset import Record, as_rows
from consolidate.messages import Messages, say
from consolidate.sheets import Look, Looks, loose_cell, note, same_bytes, set_up_page

DASH = " — "
"""Stands between an indicator's id and its label in a choice; an id holds no space."""

ASKED = (
    "n_same",
    "label",
    "raw_value",
    "raw_unit",
    "section",
    "agency",
    "period",
    "candidate_1",
    "candidate_2",
    "candidate_3",
    "decision",
    "comment",
    "reason_vi",
    "form_id",
    "source_path",
    "page",
    "table",
    "row",
    "reason",
    "row_key",
)
"""The columns of the sheet of decisions; the row itself is an example of those that have its key."""

_WIDTHS = {
    "label": 48,
    "raw_label": 48,
    "raw_value": 18,
    "section": 34,
    "agency": 24,
    "candidate_1": 40,
    "candidate_2": 40,
    "candidate_3": 40,
    "decision": 44,
    "comment": 24,
    "reason_vi": 44,
    "source_path": 34,
    "row_key": 24,
}
_WIDTH = 12
_LINE, _MOST_LINES = 15.5, 12
"""Points of a line of text, and how many lines are shown of a long one."""
_WORDS = ("new", "ignore")
_HEADER = Look(bold=True, colour="header", lines=True, where="center", wrap=True)
_TEXT = Look(lines=True, where="left", wrap=True)
_ANSWER = Look(lines=True, where="left", wrap=True, colour="answer")
_PLAIN = Look()
_MOST_CHOICES = 5


def write_audit_workbook(path: Path, asked: Sequence[Record], records: Sequence[Record], messages: Messages) -> None:
    """Write the workbook; ``asked`` are the records that a decision can answer, the rows of one key together.

    Raises OSError.
    """
    from openpyxl import Workbook

    workbook, looks = Workbook(write_only=True), Looks()
    first = {str(record["row_key"]): record for record in reversed(asked)}
    examples = [record for record in asked if first[str(record["row_key"])] is record]
    decide = workbook.create_sheet(say(messages, "workbook_audit_decide"))
    rows = workbook.create_sheet(say(messages, "workbook_audit_rows"))
    choices = workbook.create_sheet("choices")
    _add_asked(decide, examples, messages, looks)
    _add_rows(rows, UNMATCHED, records, messages, looks)
    choices.sheet_state = "hidden"
    for record in examples:
        told = [str(record["row_key"]), *_choices(record, messages)]
        choices.append([loose_cell(choices, text, _PLAIN, looks) for text in told])
    with replacing(path) as temporary:
        temporary.write_bytes(same_bytes(workbook))


def _add_asked(sheet: Any, examples: Sequence[Record], messages: Messages, looks: Looks) -> None:
    """A line for each key, with the list of its choices in the ``decision`` cell."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    _set_up(sheet, ASKED, len(examples), 2)
    set_up_page(sheet, 1, 1, say(messages, "workbook_page"))
    sheet.append(list(_header(sheet, ASKED, messages, looks)))
    for line, record in enumerate(examples, start=2):
        told = {**record, **{f"candidate_{rank}": _candidate(record, rank) for rank in (1, 2, 3)}}
        sheet.row_dimensions[line].height = _height(told)
        cells = ((told[name], _ANSWER if name in ("decision", "comment") else _TEXT) for name in ASKED)
        sheet.append([loose_cell(sheet, value, look, looks) for value, look in cells])
    if not examples:
        return
    decision, key = (get_column_letter(ASKED.index(name) + 1) for name in ("decision", "row_key"))
    # By key and not by line, so that the lists stay right when the reviewer sorts the sheet.
    at = f"MATCH(${key}2,choices!$A$1:$A${len(examples)},0)"
    formula = f"INDEX(choices!$B$1:$F${len(examples)},{at},0)"
    validation = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=False)
    validation.add(f"{decision}2:{decision}{len(examples) + 1}")
    sheet.data_validations.append(validation)


def _height(record: Record) -> float:
    """Points for a line, which spreadsheet programs do not work out by themselves: its longest text, wrapped."""
    lines = (-(-len(str(record[name] or "")) // (_WIDTHS.get(name, _WIDTH) - 3)) for name in ASKED)
    return _LINE * min(_MOST_LINES, max(1, *lines))


def _add_rows(
    sheet: Any, columns: tuple[Column, ...], records: Sequence[Record], messages: Messages, looks: Looks
) -> None:
    """Every row, as in ``unmatched.csv``."""
    header = names(columns)
    _set_up(sheet, header, len(records), 0)
    sheet.append(list(_header(sheet, header, messages, looks)))
    for fields in as_rows(records, columns):
        sheet.append([loose_cell(sheet, one, _PLAIN, looks) if isinstance(one, str) else one for one in fields])


def _set_up(sheet: Any, header: Sequence[str], n_rows: int, frozen: int) -> None:
    from openpyxl.utils import get_column_letter

    for position, name in enumerate(header, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = _WIDTHS.get(name, _WIDTH)
    sheet.freeze_panes = f"{get_column_letter(frozen + 1)}2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{n_rows + 1}"


def _header(sheet: Any, header: Sequence[str], messages: Messages, looks: Looks) -> Iterator[Any]:
    """The names of the columns, what each means as a comment."""
    for name in header:
        cell = loose_cell(sheet, name, _HEADER, looks)
        cell.comment = note(say(messages, f"column_{name}"))
        yield cell


def _candidate(record: Record, rank: int) -> str:
    """A candidate in words with its probability, "" where there is none."""
    score = record[f"candidate_{rank}_score"]
    told = _choice(record, rank)
    return f"{told} ({score:.0%})" if told and isinstance(score, int | float) else told


def _choice(record: Record, rank: int) -> str:
    name, label = (str(record[f"candidate_{rank}_{part}"] or "") for part in ("id", "label"))
    return f"{name}{DASH}{label}" if name and label else name


def _choices(record: Record, messages: Messages) -> list[str]:
    """What the reviewer may pick: candidates with their labels, then the words for none of them."""
    found = [choice for rank in (1, 2, 3) if (choice := _choice(record, rank))]
    words = [f"{word}{DASH}{say(messages, f'workbook_audit_{word}')}" for word in _WORDS]
    return [*found, *words][:_MOST_CHOICES]
