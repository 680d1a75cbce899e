"""What contradicts what in one report: its figures and lists held against the rules of the catalogue.

A rule never changes a value. It is silent where a figure is not given, was written as "about" or "more than", or stands
more than once so that it is open which one is meant.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from extract.model import Cell, Finding, Place
from normalize.catalogue import Catalogue
from normalize.model import Indicator, ListEntry, Outcome, Report
from normalize.periods import last_day, signed_on
from normalize.rules import Rule, Side, Term
from normalize.values import is_blank, read_value

RULE_CODES = frozenset(
    {
        "sum_differs",
        "shares_differ",
        "parts_exceed_whole",
        "part_exceeds_whole",
        "rate_differs",
        "total_missing",
        "list_length_differs",
        "list_total_differs",
        "answer_contradicts",
        "out_of_bounds",
        "dated_before_period_end",
    }
)
"""The codes of findings that say that figures contradict each other or cannot be."""

SEPARATOR = "; "
"""Stands between the names, figures and places of several others in the details of a finding."""

_INEXACT = frozenset({"approximate", "lower_bound", "upper_bound", "percent_may_be_fraction"})
_DIGITS = re.compile(r"\d[\d.,'\u2019 \u00a0]*")
_EPSILON = 1e-9
_LONGEST_DATE_LINE = 60
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
class _Given:
    """All that a report gives: its figures by indicator, which indicators were left blank, and its lists."""

    figures: Mapping[str, Sequence[Figure]]
    blank: Mapping[str, Outcome]
    unread: frozenset[tuple[str, int]]
    entries: Mapping[str, Sequence[ListEntry]]
    catalogue: Catalogue
    lists: dict[Term, Figure | None] = field(default_factory=dict)


_Bound = Mapping[Term, Figure]
"""The figure that each term of a rule means, as far as there is one."""


def check_report(report: Report, signed: date | None, catalogue: Catalogue) -> tuple[Finding, ...]:
    """Every rule that a report breaks, in the order of the rules, each with both figures and what was expected.

    ``signed`` is the day of the report where that is known; else it is looked for in the lines without a value.
    """
    given = _given(report, catalogue)
    found = [*_out_of_bounds(given), *_broken_rules(report, given), *_dated_early(report, signed, catalogue)]
    return tuple({(one.code, one.place, dict(one.details).get("other_indicators")): one for one in found}.values())


def printed_decimals(text: str, number: float) -> int:
    """How many decimals a number was printed with: 1 for 51,7 and for 98,3%, 0 for 342.628 and for 100%."""
    for run in _DIGITS.findall(text):
        tail = re.search(r"[.,](\d+)\D*$", run)
        digits = re.sub(r"\D", "", run)
        if tail and abs(int(digits) / 10 ** len(tail[1]) - number) <= 0.5 * 10.0 ** -len(tail[1]) + _EPSILON:
            return len(tail[1])
    return 0


def vietnamese(number: float, decimals: int | None = None) -> str:
    """A number as Vietnamese offices write it: 342.628 and 51,7."""
    if decimals is None:
        return _swapped(f"{round(number, 6):,.6f}".rstrip("0").rstrip("."))
    return _swapped(f"{number:,.{decimals}f}")


def _swapped(text: str) -> str:
    return text.translate(str.maketrans(",.", ".,"))


# What the report gives


def _given(report: Report, catalogue: Catalogue) -> _Given:
    sections = {(row.form_id, row.row): row.section for row in catalogue.form_rows}
    figures: dict[str, list[Figure]] = defaultdict(list)
    for outcome in report.outcomes:
        indicator = catalogue.indicators.get(outcome.match.target)
        if outcome.kind == "observation" and indicator is not None and _is_exact(outcome):
            section = sections.get((outcome.match.form_id, outcome.match.form_row), "")
            figures[indicator.id].append(_figure(outcome, indicator, section))
    seen = {outcome.match.target for outcome in report.outcomes if outcome.kind != "blank"}
    blank = {one.match.target: one for one in report.outcomes if one.kind == "blank" and one.match.target not in seen}
    unread = frozenset(_table_of(one.row.place) for one in report.outcomes if one.kind == "unmatched")
    entries: dict[str, list[ListEntry]] = defaultdict(list)
    for entry in report.entries:
        entries[entry.list_id].append(entry)
    return _Given(figures, blank, unread, entries, catalogue)


def _is_exact(outcome: Outcome) -> bool:
    return outcome.value.number is not None and not _INEXACT.intersection(outcome.value.flags)


def _figure(outcome: Outcome, indicator: Indicator, section: str) -> Figure:
    number, cell = outcome.value.number, outcome.row.value
    assert number is not None
    rounded = indicator.value_type in ("percent", "decimal")
    decimals = printed_decimals(cell.text if cell is not None else "", number) if rounded else None
    return Figure(indicator.id, indicator.label_vi, number, outcome.row.place, decimals, section)


def _table_of(place: Place) -> tuple[str, int]:
    return place.sheet, place.table


def _list_figure(term: Term, given: _Given) -> Figure | None:
    """How many entries a list has, or the total of a column; ``None`` where that cannot be told for certain."""
    entries = given.entries.get(term.list_id, ())
    if not entries or _has_gaps(entries):
        return None
    label = " ".join(_caption(entries[0], given.catalogue).split())
    if not term.column:
        return Figure(term.list_id, label, len(entries), entries[0].place)
    numbers = [_cell_number(dict(entry.values).get(term.column, ""), given) for entry in entries]
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


def _cell_number(text: str, given: _Given) -> float | None:
    """The count in a cell of a list, 0 for an empty one; ``None`` for what is no exact count."""
    words = given.catalogue.words
    if is_blank(text, words):
        return 0
    value = read_value(Cell(Place(), text), _COUNTED, "", words)
    return None if _INEXACT.intersection(value.flags) or value.reason else value.number


# Rules


def _broken_rules(report: Report, given: _Given) -> Iterator[Finding]:
    for rule in given.catalogue.rules:
        applies = report.form_id in (rule.forms or (report.form_id,))
        if applies and report.agency.level in (rule.levels or (report.agency.level,)):
            for bound in _bindings(rule, given):
                yield from _KINDS[rule.kind](rule, bound, given)


def _bindings(rule: Rule, given: _Given) -> Iterator[_Bound]:
    """The figures that a rule is about: once for the report, or for each section where figures stand in several."""
    terms = [*(term for side in (*rule.left, rule.numerator, *rule.right) for term in side)]
    lists = {term: _counted(term, given) for term in terms if term.list_id}
    choices = {term: _choices(term, given) for term in terms if term.indicator}
    several = any(len({figure.number for figure in figures}) > 1 for figures in choices.values())
    sections = {figure.section for figures in choices.values() for figure in figures}
    for section in sorted(sections) if several else [None]:
        bound = {term: figure for term, figure in lists.items() if figure is not None}
        for term, figures in choices.items():
            here = [figure for figure in figures if section is None or figure.section == section]
            if here and len({figure.number for figure in here}) == 1:
                bound[term] = here[0]
        yield bound


def _choices(term: Term, given: _Given) -> Sequence[Figure]:
    return [one for one in given.figures.get(term.indicator, ()) if term.section in ("", one.section)]


def _counted(term: Term, given: _Given) -> Figure | None:
    if term not in given.lists:
        given.lists[term] = _list_figure(term, given)
    return given.lists[term]


def _figures(side: Side, bound: _Bound) -> list[Figure]:
    return [bound[term] for term in side if term in bound]


def _is_complete(side: Side, bound: _Bound) -> bool:
    return all(term in bound or term.number is not None for term in side)


def _total(side: Side, bound: _Bound) -> tuple[float, float]:
    """The sum of what is given of a side, and by how much rounding before printing may have moved it."""
    number = sum(term.sign * (bound[term].number if term in bound else term.number or 0) for term in side)
    return number, sum(figure.half for figure in _figures(side, bound)) + _EPSILON


def _equals(rule: Rule, bound: _Bound, given: _Given) -> Iterator[Finding]:
    (left,), (right,) = rule.left, rule.right
    parts = _figures(right, bound)
    if not _is_complete(left, bound):
        yield from _missing_total(rule, bound, given)
        return
    wanted, play = _total(right, bound)
    whole, own = _total(left, bound)
    exact = _is_complete(right, bound) and not _may_have_more_parts(left, right, bound, given)
    too_many = wanted - whole > play + own
    if not parts or (left[0].number is not None and not wanted):
        return
    if (exact and abs(whole - wanted) > play + own) or too_many:
        yield _sides_differ(rule, bound, exact)


def _sides_differ(rule: Rule, bound: _Bound, exact: bool) -> Finding:
    (left,), (right,) = rule.left, rule.right
    whole, parts = _figures(left, bound), _figures(right, bound)
    if not whole:
        expected = _total(left, bound)[0] - sum(part.number for part in parts[1:])
        return _finding("shares_differ", rule, parts[0], vietnamese(expected), parts[1:])
    listed = next((term for term in (*left, *right) if term.list_id), None)
    code = "sum_differs" if exact else "parts_exceed_whole"
    if listed is not None:
        code = "list_total_differs" if listed.column else "list_length_differs"
    sign = "" if exact else "≥ "
    return _finding(code, rule, whole[0], sign + vietnamese(_total(right, bound)[0]), parts)


def _missing_total(rule: Rule, bound: _Bound, given: _Given) -> Iterator[Finding]:
    """A total that was left blank although all its parts are given."""
    (left,), (right,) = rule.left, rule.right
    blank = given.blank.get(left[0].indicator) if len(left) == 1 else None
    parts = _figures(right, bound)
    total, _ = _total(right, bound)
    if blank is None or len(parts) < 2 or not _is_complete(right, bound) or not total:
        return
    label = given.catalogue.indicators[left[0].indicator].label_vi
    figure = Figure(left[0].indicator, label, 0, blank.row.place)
    yield _finding("total_missing", rule, figure, vietnamese(total), parts, blank=True)


def _may_have_more_parts(left: Side, right: Side, bound: _Bound, given: _Given) -> bool:
    """Whether a figure that was not understood stands in the same table, so that it may be another part."""
    tables = {_table_of(figure.place) for figure in _figures((*left, *right), bound)}
    return len(right) > 1 and not tables.isdisjoint(given.unread)


def _at_most(rule: Rule, bound: _Bound, given: _Given) -> Iterator[Finding]:
    (right,) = rule.right
    if not _is_complete(right, bound):
        return
    limit, play = _total(right, bound)
    for side in rule.left:
        part, own = _total(side, bound)
        figures = _figures(side, bound)
        if figures and part - limit > play + own:
            code = "part_exceeds_whole" if len(figures) == 1 else "parts_exceed_whole"
            expected = "≤ " + vietnamese(limit - part + figures[0].number)
            yield _finding(code, rule, figures[0], expected, [*figures[1:], *_figures(right, bound)])


def _needs(rule: Rule, bound: _Bound, given: _Given) -> Iterator[Finding]:
    (right,) = rule.right
    if not _figures(right, bound) or _total(right, bound)[0] > 0:
        return
    for side in rule.left:
        figures = _figures(side, bound)
        if figures and _total(side, bound)[0] > 0:
            yield _finding("answer_contradicts", rule, figures[0], "0", _figures(right, bound))


def _rate(rule: Rule, bound: _Bound, given: _Given) -> Iterator[Finding]:
    """A rate that fits none of the denominators it may have, all of which must be given to say so."""
    rate = _figures(rule.left[0], bound)
    wholes = [_total(side, bound)[0] for side in rule.right if _is_complete(side, bound)]
    if not rate or not _is_complete(rule.numerator, bound) or len(wholes) < len(rule.right) or wholes[0] <= 0:
        return
    scale = 100 if given.catalogue.indicators[rate[0].name].value_type == "percent" else 1
    part, _ = _total(rule.numerator, bound)
    wanted = [scale * part / whole for whole in wholes if whole > 0]
    if all(abs(rate[0].number - one) > rate[0].half + _EPSILON for one in wanted):
        others = [bound[term] for term in dict.fromkeys((*rule.numerator, *rule.right[0])) if term in bound]
        yield _finding("rate_differs", rule, rate[0], vietnamese(wanted[0], rate[0].decimals), others)


def _nothing(rule: Rule, bound: _Bound, given: _Given) -> Iterator[Finding]:
    yield from ()


_KINDS = {
    "equals": _equals,
    "at_most": _at_most,
    "together_at_most": _at_most,
    "needs": _needs,
    "rate": _rate,
    "no_rate": _nothing,
    "jump": _nothing,
}


# Single figures, and the report as a whole


def _out_of_bounds(given: _Given) -> Iterator[Finding]:
    for name, figures in given.figures.items():
        indicator = given.catalogue.indicators[name]
        low, high = indicator.minimum, indicator.maximum
        for figure in figures:
            if low is not None and figure.number < low:
                yield _finding("out_of_bounds", None, figure, "≥ " + vietnamese(low), ())
            elif high is not None and figure.number > high:
                yield _finding("out_of_bounds", None, figure, "≤ " + vietnamese(high), ())


def _dated_early(report: Report, signed: date | None, catalogue: Catalogue) -> Iterator[Finding]:
    end = last_day(report.period)
    if not any(one.kind == "observation" for one in report.outcomes):
        return
    lines = [one.row for one in report.outcomes if one.row.value is None and len(one.row.label) <= _LONGEST_DATE_LINE]
    dated = {line: day for line in lines if (day := signed_on([line.label], catalogue)) is not None}
    day = signed or next(reversed(dated.values()), None)
    if end is None or day is None or day >= end:
        return
    place = next((line.place for line, found in dated.items() if found == day), Place())
    details = {"value": _day(day), "expected": "≥ " + _day(end), "period": report.period}
    yield Finding("dated_before_period_end", place, tuple(details.items()))


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _finding(
    code: str, rule: Rule | None, figure: Figure, expected: str, others: Iterable[Figure], blank: bool = False
) -> Finding:
    given = list(others)
    details = {
        "rule": rule.id if rule is not None else "",
        "indicator": figure.name,
        "label": figure.label,
        "value": "" if blank else vietnamese(figure.number),
        "expected": expected,
        "others": SEPARATOR.join(f"{one.label} = {vietnamese(one.number)}" for one in given),
        "other_indicators": SEPARATOR.join(one.name for one in given),
        "other_values": SEPARATOR.join(vietnamese(one.number) for one in given),
        "other_places": SEPARATOR.join(place_text(one.place) for one in given),
    }
    return Finding(code, figure.place, tuple(details.items()))


def place_text(place: Place) -> str:
    """A place in short: page or sheet, table and row with a slash between them."""
    return f"{place.sheet or place.page or ''}/{place.table}/{place.row}"
