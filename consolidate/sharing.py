"""Reports as publishing holds them by the ten thousand: what no table tells is left out, what is alike is held once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from consolidate.model import Processed
from extract.model import Cell, Place
from normalize.model import ListEntry, Match, Outcome, Row, Value

Pool = dict[Any, Any]
"""What has been seen, by itself: of equal labels, places and matches the first one is held, and the others are not;
ignored rows by why and whose.

Figures are never in it, since 1, 1.0 and true are equal.
"""

_NO_ROW = Row(Place(), 0, "", "", "", "", ())


def counted(one: Outcome) -> Outcome:
    """A row that is ignored, as far as that is told: there is one, of whom, and why."""
    return Outcome(_NO_ROW, Match(""), Value(), one.kind, one.reason, one.agency)


def shared(item: Processed, pool: Pool) -> Processed:
    """The same document with what other documents have too held once for all."""
    report = item.report
    if report is None:
        return item
    outcomes = tuple([_outcome(one, pool) for one in report.outcomes if one.kind != "blank"])
    entries = tuple([_entry(one, pool) for one in report.entries])
    return replace(item, report=replace(report, outcomes=outcomes, entries=entries))


def _outcome(one: Outcome, pool: Pool) -> Outcome:
    share = pool.setdefault
    if one.kind == "ignored":
        known: Outcome = pool.get((one.reason, one.agency)) or share((one.reason, one.agency), counted(one))
        return known
    agency = share(one.agency, one.agency)
    match = one.match if one.match.candidates else share(one.match, one.match)
    kind, reason = share(one.kind, one.kind), share(one.reason, one.reason)
    return Outcome(_row(one.row, pool), match, one.value, kind, reason, agency)


def _row(row: Row, pool: Pool) -> Row:
    share = pool.setdefault
    return Row(
        share(row.place, row.place),
        row.order,
        share(row.number, row.number),
        share(row.label, row.label),
        share(row.raw_label, row.raw_label),
        share(row.unit, row.unit),
        share(row.path, row.path),
        _cell(row.value, pool) if row.value is not None else None,
        share(row.note, row.note),
        row.flags,
        share(row.kind, row.kind),
        share(row.column, row.column),
        share(row.agency, row.agency),
        row.beside,
    )


def _cell(cell: Cell, pool: Pool) -> Cell:
    share = pool.setdefault
    return Cell(
        share(cell.place, cell.place),
        share(cell.text, cell.text),
        share(cell.raw_text, cell.raw_text),
        cell.row_span,
        cell.column_span,
        cell.number,
        share(cell.number_format, cell.number_format),
        cell.flags,
    )


def _entry(entry: ListEntry, pool: Pool) -> ListEntry:
    share = pool.setdefault
    return ListEntry(
        share(entry.place, entry.place),
        share(entry.form_id, entry.form_id),
        share(entry.list_id, entry.list_id),
        share(entry.section, entry.section),
        share(entry.item_no, entry.item_no),
        tuple([share(value, value) for value in entry.values]),
    )
