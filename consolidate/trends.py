"""How a few main indicators went from period to period, over agencies that can be compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consolidate.model import Processed, by_agency
from normalize.expected import ordinal
from normalize.model import Indicator
from normalize.periods import kind_of

MOST_TRENDS, MOST_PERIODS = 9, 12

Figures = Mapping[str, Mapping[str, float]]
"""The figures of one indicator by period and agency."""


@dataclass(frozen=True, slots=True)
class Trend:
    """An indicator over some periods of one kind, in order: the total of the same agencies in each of them."""

    indicator: Indicator
    periods: tuple[str, ...]
    values: tuple[float, ...]
    n_agencies: int


def find_trends(processed: Sequence[Processed], indicators: Mapping[str, Indicator]) -> list[Trend]:
    """The indicators with the most agencies over the most periods, of each topic the best one first.

    Only agencies with a figure in every period shown go into a total, so that a line moves for no other reason than
    that figures do. A rate is made anew from the sums of its parts.
    """
    figures = _figures(processed)
    found: dict[str, tuple[int, Trend]] = {}
    for place, one in enumerate(indicators.values()):
        for kind in sorted({kind_of(period) for period in figures.get(one.id, {})}):
            trend = _trend(one, kind, figures)
            if trend is not None and (one.id not in found or _weight(trend) > _weight(found[one.id][1])):
                found[one.id] = (place, trend)
    ranked = sorted(found.values(), key=lambda pair: (-_weight(pair[1]), pair[0]))
    topics = [one.indicator.id.split(".")[0] for _, one in ranked]
    order = sorted(range(len(ranked)), key=lambda at: (topics[:at].count(topics[at]), at))
    return [ranked[at][1] for at in order[:MOST_TRENDS]]


def _weight(trend: Trend) -> int:
    return trend.n_agencies * (len(trend.periods) - 1)


def _figures(processed: Sequence[Processed]) -> dict[str, dict[str, dict[str, float]]]:
    """Numbers by indicator, period and agency; where an agency's documents differ there is none."""
    found: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    differ: set[tuple[str, str, str]] = set()
    for item in processed:
        report = item.report
        if item.status != "extracted" or report is None or ordinal(kind_of(report.period), report.period) is None:
            continue
        for agency, outcomes in by_agency(report):
            for one in outcomes:
                if one.kind == "observation" and one.value.number is not None and agency.id:
                    number = float(one.value.number)
                    if found[one.match.target][report.period].setdefault(agency.id, number) != number:
                        differ.add((one.match.target, report.period, agency.id))
    for target, period, agency_id in differ:
        del found[target][period][agency_id]
    return found


def _trend(one: Indicator, kind: str, figures: Mapping[str, Figures]) -> Trend | None:
    parts = [one.id] if one.aggregation == "sum" else [one.numerator, one.denominator]
    if one.aggregation not in ("sum", "ratio") or not all(part in figures for part in parts):
        return None
    given = {
        period: set.intersection(*(set(figures[part].get(period, {})) for part in parts))
        for period in sorted(figures[parts[0]])
        if kind_of(period) == kind
    }
    periods, agencies = _window({period: found for period, found in given.items() if found})
    if len(periods) < 2:
        return None
    sums = [[sum(figures[part][period][name] for name in agencies) for part in parts] for period in periods]
    if any(len(line) == 2 and not line[1] for line in sums):
        return None
    factor = 100 if one.value_type == "percent" else 1
    values = tuple(line[0] if len(line) == 1 else factor * line[0] / line[1] for line in sums)
    return Trend(one, tuple(periods), values, len(agencies))


def _window(given: Mapping[str, set[str]]) -> tuple[list[str], list[str]]:
    """The newest periods and the agencies that are in all of them, so many as make the most figures."""
    periods = sorted(given)[-MOST_PERIODS:]
    best: tuple[list[str], list[str]] = ([], [])
    for length in range(len(periods), 1, -1):
        shown = periods[-length:]
        agencies = sorted(set.intersection(*(given[period] for period in shown)))
        if len(agencies) * (length - 1) > len(best[1]) * (len(best[0]) - 1 if best[0] else 0):
            best = shown, agencies
    return best
