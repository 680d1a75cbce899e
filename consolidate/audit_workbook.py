"""unmatched.xlsx: a sheet with one line for each decision that is asked for, and one with every row behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from consolidate.columns import UNMATCHED, Column, Field, names
from consolidate.csvfile import replacing
from consolidate.dataset import Record, as_rows
from consolidate.messages import Messages, say
from consolidate.sheets import NO_CELL, Cell, Look, Row, Sheet, any_cell, column_name, note, number_cell, text_cell
from consolidate.xlsx import write_xlsx

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
    first = {str(record["row_key"]): record for record in reversed(asked)}
    examples = [record for record in asked if first[str(record["row_key"])] is record]
    sheets = [
        _asked_sheet(examples, messages),
        _rows_sheet(UNMATCHED, records, messages),
        Sheet("choices", _choices_rows(examples, messages), hidden=True),
    ]
    with replacing(path) as temporary:
        write_xlsx(temporary, sheets)


def _asked_sheet(examples: Sequence[Record], messages: Messages) -> Sheet:
    """A line for each key, with the list of its choices in the ``decision`` cell."""
    decision, key = (column_name(ASKED.index(name) + 1) for name in ("decision", "row_key"))
    # By key and not by line, so that the lists stay right when the reviewer sorts the sheet.
    at = f"MATCH(${key}2,choices!$A$1:$A${len(examples)},0)"
    formula = f"INDEX(choices!$B$1:$F${len(examples)},{at},0)"
    return Sheet(
        say(messages, "workbook_audit_decide"),
        _asked_rows(examples, messages),
        widths=[_WIDTHS.get(name, _WIDTH) for name in ASKED],
        header_row=1,
        last_row=len(examples) + 1,
        fixed_columns=2,
        pages_across=1,
        footer=say(messages, "workbook_page"),
        choices=(f"{decision}2:{decision}{len(examples) + 1}", formula) if examples else ("", ""),
    )


def _asked_rows(examples: Sequence[Record], messages: Messages) -> Iterator[Row]:
    yield _header(ASKED, messages)
    for record in examples:
        told = {**record, **{f"candidate_{rank}": _candidate(record, rank) for rank in (1, 2, 3)}}
        cells = ((told[name], _ANSWER if name in ("decision", "comment") else _TEXT) for name in ASKED)
        yield Row([any_cell(value, look) for value, look in cells], _height(told))


def _height(record: Record) -> float:
    """Points for a line, which spreadsheet programs do not work out by themselves: its longest text, wrapped."""
    lines = (-(-len(str(record[name] or "")) // (_WIDTHS.get(name, _WIDTH) - 3)) for name in ASKED)
    return _LINE * min(_MOST_LINES, max(1, *lines))


def _rows_sheet(columns: tuple[Column, ...], records: Sequence[Record], messages: Messages) -> Sheet:
    """Every row, as in ``unmatched.csv``."""
    header = names(columns)
    cells = ([_plain(one) for one in fields] for fields in as_rows(records, columns))
    return Sheet(
        say(messages, "workbook_audit_rows"),
        chain([_header(header, messages)], map(Row, cells)),
        widths=[_WIDTHS.get(name, _WIDTH) for name in header],
        header_row=1,
        last_row=len(records) + 1,
    )


def _plain(field: Field) -> Cell:
    if field is None:
        return NO_CELL
    return text_cell(field, _PLAIN) if isinstance(field, str) else number_cell(field, None)


def _header(header: Sequence[str], messages: Messages) -> Row:
    """The names of the columns, what each means as a note."""
    notes = {column: note(say(messages, f"column_{name}")) for column, name in enumerate(header, start=1)}
    return Row([text_cell(name, _HEADER) for name in header], notes=notes)


def _choices_rows(examples: Sequence[Record], messages: Messages) -> Iterator[Row]:
    for record in examples:
        told = [str(record["row_key"]), *_choices(record, messages)]
        yield Row([text_cell(text, _PLAIN) for text in told])


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
