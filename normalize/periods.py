"""Which period a report is for, as an SDMX TIME_PERIOD, and the day it was signed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from normalize.catalogue import Catalogue
from normalize.text import fold

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_PLACE_FIRST = re.compile(r"^[^,\d:]{2,40},\s*\S{2,5}\s")
_DAY = "report_date"
_MONTHS = {"Q": 3, "S": 6}


@dataclass(frozen=True, slots=True)
class Period:
    """A period, whether it is no more than the day of the report, the day, and other periods that were named."""

    code: str = ""
    from_date: bool = False
    signed: date | None = None
    others: tuple[str, ...] = ()


def find_period(named: Sequence[str], lines: Sequence[str], path: str, kind: str, catalogue: Catalogue) -> Period:
    """The period of a report: the answer to the row that asks, else its text from the top, its path, or its date.

    ``kind`` is what the form is sent for (quarter, month, half, year); a period of that kind goes before others.
    """
    signed = signed_on(lines, catalogue)
    day = signed or _last_date(lines, catalogue)
    by_date = Period(day.isoformat(), True, signed) if day else Period()
    lines = (*lines, *(f"{first} {second}" for first, second in itertools.pairwise(lines)))
    for texts in (named, lines) if kind == _DAY and day else (named, lines, (path,)):
        named_here = (code for text in texts for code in periods_in(text, catalogue))
        found = list(dict.fromkeys(code for code in named_here if kind_of(code) != _DAY))
        fitting = [code for code in found if kind_of(code) == kind] or found
        if fitting:
            others = tuple(code for code in fitting[1:] if kind_of(code) == kind_of(fitting[0]))
            return Period(fitting[0], False, signed, others)
    return by_date


def periods_in(text: str, catalogue: Catalogue) -> Iterator[str]:
    """The periods that a text names, in the order of the patterns."""
    folded = fold(text)
    for pattern, template in _patterns(catalogue):
        for found in pattern.finditer(folded):
            parts = {name: value for name, value in found.groupdict().items() if value}
            roman = _ROMAN.get(parts.pop("roman", ""), 0)
            numbers = {name: int(value) for name, value in parts.items()}
            yield template.format(roman=roman, **numbers)


def signed_on(lines: Iterable[str], catalogue: Catalogue) -> date | None:
    """The day in the line "place, day month year" above a signature; the last such line counts."""
    return _last_date((line for line in lines if _PLACE_FIRST.match(line.strip())), catalogue)


def _last_date(lines: Iterable[str], catalogue: Catalogue) -> date | None:
    codes = [code for line in lines for code in periods_in(line, catalogue) if kind_of(code) == _DAY]
    days = [day for code in codes if (day := _date(code)) is not None]
    return days[-1] if days else None


def kind_of(code: str) -> str:
    """The kind of a TIME_PERIOD: quarter, half, month, year, report_date or range."""
    for pattern, kind in (
        (r"\d{4}-Q\d", "quarter"),
        (r"\d{4}-S\d", "half"),
        (r"\d{4}-\d\d-\d\d/.*", "range"),
        (r"\d{4}-\d\d-\d\d", "report_date"),
        (r"\d{4}-\d\d", "month"),
    ):
        if re.fullmatch(pattern, code):
            return kind
    return "year"


def last_day(code: str) -> date | None:
    """The last day of a period; ``None`` for a code that is none."""
    found = re.fullmatch(r"(\d{4})(?:-([QS])(\d))?", code)
    if found:
        months = int(found[3]) * _MONTHS[found[2]] if found[2] else 12
        return _month_end(int(found[1]), months)
    if month := re.fullmatch(r"(\d{4})-(\d\d)", code):
        return _month_end(int(month[1]), int(month[2]))
    if span := re.fullmatch(r"(\d{4})-01-01/P(\d)M", code):
        return _month_end(int(span[1]), int(span[2]))
    return None


def first_day(code: str) -> date | None:
    """The first day of a period; ``None`` for a code that is none."""
    last = last_day(code)
    if last is None:
        return None
    months = {"quarter": 3, "half": 6, "month": 1}.get(kind_of(code), last.month)
    return date(last.year, last.month - months + 1, 1)


def years_in(text: str) -> list[str]:
    """The years that a text names, in its order."""
    return re.findall(r"(?<!\d)20\d\d(?!\d)", text)


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _date(code: str) -> date | None:
    try:
        return date.fromisoformat(code)
    except ValueError:
        return None


@lru_cache(maxsize=4)
def _patterns(catalogue: Catalogue) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(rf"\b{pattern}"), template) for pattern, template in catalogue.periods)
