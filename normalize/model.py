"""What a report says, in the office's terms: indicators, forms, and the rows of one report with their outcome."""

from __future__ import annotations

from dataclasses import dataclass, field

from extract.model import Cell, Finding, Place


@dataclass(frozen=True, slots=True)
class Indicator:
    """One thing that is counted. ``aggregation`` is ``sum``, ``ratio`` (of ``numerator`` and ``denominator``), ``any``
    or ``none``; ``value_type`` one of count, percent, boolean, level, decimal, text, date, url."""

    id: str
    label_vi: str
    label_en: str
    unit: str
    value_type: str
    minimum: float | None = None
    maximum: float | None = None
    aggregation: str = "none"
    numerator: str = ""
    denominator: str = ""


@dataclass(frozen=True, slots=True)
class FormRow:
    """One printed row of a form. ``target`` is an indicator id, or what else the row is for: ``heading``, ``ignore``,
    ``agency``, ``period`` or ``contact``. ``parent`` is the row above it in the outline ("" at the top),
    ``placeholder`` what the blank form prints where the answer goes."""

    form_id: str
    row: str
    section: str
    number: str
    label: str
    unit: str
    target: str
    parent: str
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class FormList:
    """A list table of a form: its caption, and for each printed column the field it fills."""

    form_id: str
    list_id: str
    caption: str
    headers: tuple[str, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """One version of a form as it was sent out."""

    id: str
    title: str
    period_kind: str
    agency_level: str
    rows: tuple[FormRow, ...]
    lists: tuple[FormList, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a report that may hold a value: a table row, or a fill-in line.

    ``value`` is the cell (or the part of a line) in the value column, ``None`` where the row has none;
    ``path`` the labels of the headings above it, outermost first; ``order`` its rank in the document. ``kind`` tells
    how the value stands: in a ``table`` column, in a ``line`` of text, in an ``item`` (a line with a number or bullet),
    or as an ``answer`` under a label.

    ``column`` is the heading of the value's column, ``agency`` names whose value it is where each line of the table is
    an agency (a line feed, then the group that it stands in). ``beside`` are the rows with other values of the same
    meaning, until the row is matched: other columns of its line, or other agencies.
    """

    place: Place
    order: int
    number: str
    label: str
    raw_label: str
    unit: str
    path: tuple[str, ...]
    value: Cell | None = None
    note: str = ""
    flags: tuple[str, ...] = ()
    kind: str = "table"
    column: str = ""
    agency: str = ""
    beside: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An indicator that a row may mean, with the probability that it does and the evidence in words."""

    indicator_id: str
    label: str
    score: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """What a row was taken for: ``target`` as in FormRow ("" when nothing is sure enough), by which ``method``
    (exact, survived, meaning, aligned, decision), how sure (0-1), or the ``reason`` why not; ``flags`` say what was
    assumed."""

    target: str
    method: str = ""
    score: float = 0.0
    form_id: str = ""
    form_row: str = ""
    reason: str = ""
    candidates: tuple[Candidate, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """A figure as read: ``number`` for numbers and booleans, ``text`` for answers in words; ``reason`` when the
    cell holds something that cannot be read as what the indicator asks for."""

    number: float | int | None = None
    text: str = ""
    status: str = "A"
    flags: tuple[str, ...] = ()
    reason: str = ""
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Agency:
    """Who reports. ``id`` is "" when the agency could not be told."""

    id: str = ""
    name: str = ""
    level: str = "other"
    province: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The fate of one row that may hold a value: ``kind`` is observation, unmatched, ignored or blank (no value).

    ``agency`` is whose figure it is where that is another than the report's: in a table with a line for each agency.
    """

    row: Row
    match: Match
    value: Value
    kind: str
    reason: str = ""
    agency: Agency | None = None


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One line of a list table: the values by field, in printed order."""

    place: Place
    form_id: str
    list_id: str
    section: str
    item_no: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One document as a report: whose, of which form and period, and the outcome of every row.

    ``signed`` is the day it is dated in ISO form, "" where none is told; ``provisional`` that this is before its period
    ends.
    """

    form_id: str
    agency: Agency
    period: str
    outcomes: tuple[Outcome, ...] = ()
    entries: tuple[ListEntry, ...] = ()
    findings: tuple[Finding, ...] = field(default=())
    provisional: bool = False
    signed: str = ""


def agency_of(report: Report, outcome: Outcome) -> Agency:
    """Whose figure an outcome of a report is: of the agency of its line, else of the one that reports."""
    return outcome.agency or report.agency


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a document from outside it: its place in the inbox, and the mail that brought it."""

    source_path: str
    received: str = ""
    subject: str = ""
    sender: str = ""
