"""What contradicts what in one report: its figures and lists held against the rules of the catalogue.

A rule never changes a value. It is silent where a figure is not given, was written as "about" or "more than", or stands
more than once so that it is open which one is meant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from extract.model import Finding, Place
from normalize.catalogue import Catalogue
from normalize.figures import Figure, Given, list_figure, read_given, table_of
from normalize.model import Agency, Outcome, Report, Row
from normalize.periods import last_day, signed_on
from normalize.rules import Rule, Side, Term, terms_of
from normalize.totals import differing_totals

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
        "total_row_differs",
    }
)
"""The codes of findings that say that figures contradict each other or cannot be."""

SEPARATOR = "; "
"""Stands between the names, figures and places of several others in the details of a finding."""

_EPSILON = 1e-9
_LONGEST_DATE_LINE = 60


_Bound = Mapping[Term, Figure]
"""The figure that each term of a rule means, as far as there is one."""


def checked(report: Report, signed: date | None, catalogue: Catalogue) -> Report:
    """The report with the day it is dated, whether that is before its period ends, and every rule that it breaks.

    ``signed`` is the day where it is known; else it is looked for in the lines without a value.
    """
    day = signed or next(reversed(_dates(report, catalogue).values()), None)
    early = report.provisional or (day is not None and _is_early(day, report))
    dated = replace(report, signed=day.isoformat() if day else "", provisional=early)
    return replace(dated, findings=(*report.findings, *check_report(dated, catalogue)))


def check_report(report: Report, catalogue: Catalogue) -> tuple[Finding, ...]:
    """Every rule that a report breaks, in the order of the rules, each with both figures and what was expected."""
    found: list[Finding] = []
    for part in _by_agency(report):
        given = read_given(part, catalogue)
        broken = (*_out_of_bounds(given), *_broken_rules(part, given))
        found += broken if part.agency == report.agency else [_of_agency(one, part) for one in broken]
    found += [*_dated_early(report, catalogue), *_totals(report, catalogue)]
    return tuple({(one.code, one.place, dict(one.details).get("other_indicators")): one for one in found}.values())


def _by_agency(report: Report) -> list[Report]:
    """The report in parts: its own figures and lists, and those of each other agency that it gives figures of."""
    own = [one for one in report.outcomes if not one.row.agency]
    parts = [replace(report, outcomes=tuple(own))]
    agencies: dict[str, Agency] = {}
    others: dict[str, list[Outcome]] = defaultdict(list)
    for one in report.outcomes:
        if one.agency is not None and one.agency.id:
            agencies[one.agency.id] = one.agency
            others[one.agency.id].append(one)
    for name, agency in agencies.items():
        parts.append(replace(report, outcomes=tuple(others[name]), entries=(), agency=agency))
    return parts


def _of_agency(finding: Finding, part: Report) -> Finding:
    """A finding about the figures of another agency than the one that reports, with its name."""
    agency = part.agency
    told = (("agency_id", agency.id), ("agency", agency.name), ("province", agency.province))
    return replace(finding, details=(*finding.details, *told))


def _totals(report: Report, catalogue: Catalogue) -> Iterator[Finding]:
    for one in differing_totals(report.outcomes, catalogue):
        expected = ("≥ " if one.at_least else "") + vietnamese(one.wanted)
        yield _finding("total_row_differs", None, one.total, expected, one.parts)


def vietnamese(number: float, decimals: int | None = None) -> str:
    """A number as Vietnamese offices write it: 342.628 and 51,7."""
    if decimals is None:
        return _swapped(f"{round(number, 6):,.6f}".rstrip("0").rstrip("."))
    return _swapped(f"{number:,.{decimals}f}")


def _swapped(text: str) -> str:
    return text.translate(str.maketrans(",.", ".,"))


# Rules


def _broken_rules(report: Report, given: Given) -> Iterator[Finding]:
    told = given.figures.keys() | given.entries.keys()
    for rule, terms, names in _rules_by_names(given.catalogue):
        if names.isdisjoint(told):  # a rule is silent about what is not given
            continue
        applies = report.form_id in (rule.forms or (report.form_id,))
        if applies and report.agency.level in (rule.levels or (report.agency.level,)):
            for bound in _bindings(terms, given):
                yield from _KINDS[rule.kind](rule, bound, given)


@lru_cache(maxsize=4)
def _rules_by_names(catalogue: Catalogue) -> tuple[tuple[Rule, tuple[Term, ...], frozenset[str]], ...]:
    """Each rule with its terms, and the indicators and lists that these name."""
    of_rules = [(rule, tuple(terms_of(rule))) for rule in catalogue.rules]
    return tuple((rule, terms, frozenset(one.indicator or one.list_id for one in terms)) for rule, terms in of_rules)


def _bindings(terms: Sequence[Term], given: Given) -> Iterator[_Bound]:
    """The figures that a rule is about: once for the report, or for each section where figures stand in several."""
    lists = {term: _counted(term, given) for term in terms if term.list_id in given.entries}
    choices = {term: found for term in terms if (found := _choices(term, given))}
    several = any(len({figure.number for figure in figures}) > 1 for figures in choices.values())
    sections = {figure.section for figures in choices.values() for figure in figures}
    for section in sorted(sections) if several else [None]:
        bound = {term: figure for term, figure in lists.items() if figure is not None}
        for term, figures in choices.items():
            here = [figure for figure in figures if section is None or figure.section == section]
            if here and len({figure.number for figure in here}) == 1:
                bound[term] = here[0]
        yield bound


def _choices(term: Term, given: Given) -> Sequence[Figure]:
    figures = given.figures.get(term.indicator, ())
    return [one for one in figures if term.section == one.section] if term.section else figures


def _counted(term: Term, given: Given) -> Figure | None:
    if term not in given.lists:
        given.lists[term] = list_figure(term, given)
    return given.lists[term]


def _figures(side: Side, bound: _Bound) -> list[Figure]:
    return [bound[term] for term in side if term in bound]


def _is_complete(side: Side, bound: _Bound) -> bool:
    return all(term in bound or term.number is not None for term in side)


def _total(side: Side, bound: _Bound) -> tuple[float, float]:
    """The sum of what is given of a side, and by how much rounding before printing may have moved it."""
    number = sum(term.sign * (bound[term].number if term in bound else term.number or 0) for term in side)
    return number, sum(figure.half for figure in _figures(side, bound)) + _EPSILON


def _equals(rule: Rule, bound: _Bound, given: Given) -> Iterator[Finding]:
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


def _missing_total(rule: Rule, bound: _Bound, given: Given) -> Iterator[Finding]:
    """A total that was left blank although all its parts are given."""
    (left,), (right,) = rule.left, rule.right
    blank = given.blank.get(left[0].indicator) if len(left) == 1 and left[0].indicator else None
    parts = _figures(right, bound)
    total, _ = _total(right, bound)
    if blank is None or len(parts) < 2 or not _is_complete(right, bound) or not total:
        return
    label = given.catalogue.indicators[left[0].indicator].label_vi
    figure = Figure(left[0].indicator, label, 0, blank.row.place)
    yield _finding("total_missing", rule, figure, vietnamese(total), parts, blank=True)


def _may_have_more_parts(left: Side, right: Side, bound: _Bound, given: Given) -> bool:
    """Whether a figure that was not understood stands in the same table, so that it may be another part."""
    tables = {table_of(figure.place) for figure in _figures((*left, *right), bound)}
    return len(right) > 1 and not tables.isdisjoint(given.unread)


def _at_most(rule: Rule, bound: _Bound, given: Given) -> Iterator[Finding]:
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


def _needs(rule: Rule, bound: _Bound, given: Given) -> Iterator[Finding]:
    (right,) = rule.right
    if not _figures(right, bound) or _total(right, bound)[0] > 0:
        return
    for side in rule.left:
        figures = _figures(side, bound)
        if figures and _total(side, bound)[0] > 0:
            yield _finding("answer_contradicts", rule, figures[0], "0", _figures(right, bound))


def _rate(rule: Rule, bound: _Bound, given: Given) -> Iterator[Finding]:
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


def _nothing(rule: Rule, bound: _Bound, given: Given) -> Iterator[Finding]:
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


def _out_of_bounds(given: Given) -> Iterator[Finding]:
    for name, figures in given.figures.items():
        indicator = given.catalogue.indicators[name]
        low, high = indicator.minimum, indicator.maximum
        for figure in figures:
            if low is not None and figure.number < low:
                yield _finding("out_of_bounds", None, figure, "≥ " + vietnamese(low), ())
            elif high is not None and figure.number > high:
                yield _finding("out_of_bounds", None, figure, "≤ " + vietnamese(high), ())


def _dated_early(report: Report, catalogue: Catalogue) -> Iterator[Finding]:
    day = date.fromisoformat(report.signed) if report.signed else None
    end = last_day(report.period)
    observed = any(one.kind == "observation" for one in report.outcomes)
    if observed and day is not None and end is not None and _is_early(day, report):
        place = next((line.place for line, found in _dates(report, catalogue).items() if found == day), Place())
        details = {"value": _day(day), "expected": "≥ " + _day(end), "period": report.period}
        yield Finding("dated_before_period_end", place, tuple(details.items()))


def _is_early(day: date, report: Report) -> bool:
    end = last_day(report.period)
    return end is not None and day < end


def _dates(report: Report, catalogue: Catalogue) -> dict[Row, date]:
    """The days that short lines without a value tell as the day of signing, by line."""
    lines = [one.row for one in report.outcomes if one.row.value is None and len(one.row.label) <= _LONGEST_DATE_LINE]
    return {line: day for line in lines if (day := signed_on([line.label], catalogue)) is not None}


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
