"""Total lines of tables with a line for each agency, held against the sum of the lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from normalize.catalogue import Catalogue
from normalize.figures import INEXACT, Figure
from normalize.model import Outcome
from normalize.wide import GROUP_TOTAL, TOTAL

_EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class Difference:
    """A total that is not the sum: the total as a figure named by its line, the sum, and what was added up."""

    total: Figure
    wanted: float
    parts: tuple[Figure, ...]
    at_least: bool = False


def differing_totals(outcomes: Sequence[Outcome], catalogue: Catalogue) -> Iterator[Difference]:
    """Every total line that is unlike the sum of its lines, in the order of the lines.

    Only what may be added up is; a total is right when it is the sum of all agencies, of its group, or of the agencies
    since the total before. Where a line is blank the total may be more than the sum, and where one could not be read
    nothing is said.
    """
    columns: dict[tuple[object, ...], list[Outcome]] = {}
    for one in outcomes:
        if one.row.agency:
            columns.setdefault((one.row.path, one.row.column, one.row.place.column), []).append(one)
    found = [one for column in columns.values() for one in _of_column(column, catalogue)]
    yield from sorted(found, key=lambda one: (one.total.place.table, one.total.place.row, one.total.place.column))


def _of_column(column: Sequence[Outcome], catalogue: Catalogue) -> Iterator[Difference]:
    indicator = catalogue.indicators.get(column[0].match.target)
    agencies = [one for one in column if not {TOTAL, GROUP_TOTAL}.intersection(one.row.flags)]
    unread = any(one.kind not in ("observation", "blank") or _is_inexact(one) for one in agencies)
    if indicator is None or indicator.aggregation != "sum" or unread:
        return
    for place, one in enumerate(column):
        number = one.value.number
        if one in agencies or number is None or _is_inexact(one):
            continue
        choices = list(_choices(column, place, agencies))
        if choices and not any(_agrees(number, choice) for choice in choices):
            yield _difference(one, number, choices[0])


def _choices(column: Sequence[Outcome], place: int, agencies: Sequence[Outcome]) -> Iterator[list[Outcome]]:
    """The lines that a total may be the sum of, the likeliest first."""
    group = _group_of(column[place])
    own = [one for one in agencies if group and _group_of(one) == group]
    if GROUP_TOTAL in column[place].row.flags:
        yield from [own] if own else []
        return
    totals = [at for at in range(place) if TOTAL in column[at].row.flags]
    since = [one for one in column[totals[-1] + 1 if totals else 0 : place] if one in agencies]
    yield list(agencies)
    if since and len(since) < len(agencies):
        yield since


def _group_of(outcome: Outcome) -> str:
    return outcome.row.agency.partition("\n")[2]


def _agrees(number: float, lines: Sequence[Outcome]) -> bool:
    wanted = sum(one.value.number or 0 for one in lines)
    blank = any(one.kind == "blank" for one in lines)
    return abs(number - wanted) < _EPSILON or (blank and number > wanted) or not any(_is_given(one) for one in lines)


def _is_given(outcome: Outcome) -> bool:
    return outcome.value.number is not None


def _difference(total: Outcome, number: float, lines: Sequence[Outcome]) -> Difference:
    parts = tuple(_figure(one, one.value.number) for one in lines if one.value.number is not None)
    blank = any(one.kind == "blank" for one in lines)
    return Difference(_figure(total, number), sum(part.number for part in parts), parts, blank)


def _figure(outcome: Outcome, number: float) -> Figure:
    name = outcome.agency.name if outcome.agency is not None else outcome.row.agency.partition("\n")[0]
    return Figure(outcome.match.target, name, number, outcome.row.place)


def _is_inexact(outcome: Outcome) -> bool:
    return not INEXACT.isdisjoint(outcome.value.flags)
