"""The figures of a report as rules see them: how exact each is, where it stands, and what its lists add up to."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from extract.model import Cell, Place
from normalize.catalogue import Catalogue
from normalize.model import Indicator, ListEntry, Outcome, Report
from normalize.rules import Term
from normalize.values import is_blank, read_value
from normalize.vocabulary import Vocabulary

INEXACT = frozenset({"approximate", "lower_bound", "upper_bound", "percent_may_be_fraction", "unit_scaled"})
"""The flags of figures that no rule may be held against."""
_DIGITS = re.compile(r"\d[\d.,'\u2019 \u00a0]*")
_COUNTED = Indicator("list", "", "", "", "count")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the report as a rule sees it: ``decimals`` is how many were printed, ``None`` for an exact count."""

    name: str
    label: str
    number: float
    place: Place
    decimals: int | None = None
    section: str = ""

    @property
    def half(self) -> float:
        """How far the figure may be from the true one because it was rounded before printing."""
        return 0.0 if self.decimals is None else 0.5 * 10.0**-self.decimals


@dataclass(frozen=True, slots=True)
class Given:
    """All that a report gives: its figures by indicator, which indicators were left blank, and its lists."""

    figures: Mapping[str, Sequence[Figure]]
    blank: Mapping[str, Outcome]
    unread: frozenset[tuple[str, int]]
    entries: Mapping[str, Sequence[ListEntry]]
    catalogue: Catalogue
    lists: dict[Term, Figure | None] = field(default_factory=dict)


def read_given(report: Report, catalogue: Catalogue) -> Given:
    """The figures of a report that are exact, its blank rows and its lists."""
    figures: dict[str, list[Figure]] = defaultdict(list)
    for outcome in report.outcomes:
        indicator = catalogue.indicators.get(outcome.match.target)
        if outcome.kind == "observation" and indicator is not None and _is_exact(outcome):
            printed = catalogue.printed_rows.get((outcome.match.form_id, outcome.match.form_row))
            figures[indicator.id].append(_figure(outcome, indicator, printed.section if printed is not None else ""))
    seen = {outcome.match.target for outcome in report.outcomes if outcome.kind != "blank"}
    blank = {one.match.target: one for one in report.outcomes if one.kind == "blank" and one.match.target not in seen}
    unread = frozenset(table_of(one.row.place) for one in report.outcomes if one.kind == "unmatched")
    entries: dict[str, list[ListEntry]] = defaultdict(list)
    for entry in report.entries:
        entries[entry.list_id].append(entry)
    return Given(figures, blank, unread, entries, catalogue)


def _is_exact(outcome: Outcome) -> bool:
    return outcome.value.number is not None and not INEXACT.intersection(outcome.value.flags)


def _figure(outcome: Outcome, indicator: Indicator, section: str) -> Figure:
    number, cell = outcome.value.number, outcome.row.value
    assert number is not None
    rounded = indicator.value_type in ("percent", "decimal")
    decimals = printed_decimals(cell.text if cell is not None else "", number) if rounded else None
    return Figure(indicator.id, indicator.label_vi, number, outcome.row.place, decimals, section)


def table_of(place: Place) -> tuple[str, int]:
    """Which table a place is in."""
    return place.sheet, place.table


def list_figure(term: Term, given: Given) -> Figure | None:
    """How many entries a list has, or the total of a column; ``None`` where that cannot be told for certain."""
    entries = given.entries.get(term.list_id, ())
    if not entries or _has_gaps(entries):
        return None
    label = " ".join(_caption(entries[0], given.catalogue).split())
    if not term.column:
        return Figure(term.list_id, label, len(entries), entries[0].place)
    words = given.catalogue.words
    numbers = [_cell_number(dict(entry.values).get(term.column, ""), words) for entry in entries]
    known = [one for one in numbers if one is not None]
    if len(known) < len(numbers) or not any(known):
        return None
    return Figure(f"{term.list_id}.{term.column}", label, sum(known), entries[0].place)


def _caption(entry: ListEntry, catalogue: Catalogue) -> str:
    form = catalogue.forms.get(entry.form_id)
    return next((one.caption for one in form.lists if one.list_id == entry.list_id), "") if form else entry.list_id


def _has_gaps(entries: Sequence[ListEntry]) -> bool:
    """Whether the printed item numbers say that there are more or fewer entries than were read."""
    numbers = [int(entry.item_no) for entry in entries if entry.item_no.isdigit()]
    if len(numbers) < len(entries):
        return False
    ends = [number for number, after in zip(numbers, [*numbers[1:], 0], strict=True) if after <= number]
    return sum(ends) != len(entries)


@lru_cache(maxsize=4096)
def _cell_number(text: str, words: Vocabulary) -> float | None:
    """The count in a cell of a list, 0 for an empty one; ``None`` for what is no exact count."""
    if is_blank(text, words):
        return 0
    value = read_value(Cell(Place(), text), _COUNTED, "", words)
    return None if INEXACT.intersection(value.flags) or value.reason else value.number


def printed_decimals(text: str, number: float) -> int:
    """How many decimals a number was printed with: 1 for 51,7 and for 98,3%, 0 for 342.628 and for 100%."""
    for run in _DIGITS.findall(text):
        tail = re.search(r"[.,](\d+)\D*$", run)
        digits = re.sub(r"\D", "", run)
        if tail and abs(int(digits) / 10 ** len(tail[1]) - number) <= 0.5 * 10.0 ** -len(tail[1]) + 1e-9:
            return len(tail[1])
    return 0
