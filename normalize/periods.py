"""Which period a report is for, as an SDMX TIME_PERIOD, and the day it was signed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from extract.model import LOST
from normalize.catalogue import Catalogue
from normalize.text import fold

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_PLACE_FIRST = re.compile(r"^[^,\d:]{2,40},\s*\S{2,5}\s")
_LOST_PLACE_FIRST = re.compile(rf"^[^\W\da-z_{LOST}]?{LOST}*,\s*\S{{2,5}}\s[^,;]{{6,30}}$")
_HEAD_LINES = 25
_SPAN = re.compile(
    r"\b(?:ngay )?(?P<d1>[0-3]?\d) (?:thang )?(?P<m1>[01]?\d) (?:nam )?(?P<y1>20\d\d) "
    r"(?:den|toi)(?: het)?(?: ngay)? (?:(?P<d2>[0-3]?\d) (?:thang )?(?P<m2>[01]?\d) (?:nam )?(?P<y2>20\d\d)|[a-z])"
)
_DAY = "report_date"
_CENTURY = "20"
_YEAR = r"(?P<year>20\d\d)"
_MONTHS = {"Q": 3, "S": 6}


@dataclass(frozen=True, slots=True)
class Period:
    """A period, whether it is no more than the day of the report, the day, and other periods that were named."""

    code: str = ""
    from_date: bool = False
    signed: date | None = None
    others: tuple[str, ...] = ()


def find_period(
    named: Sequence[str],
    lines: Sequence[str],
    path: str,
    kind: str,
    catalogue: Catalogue,
    subject: str = "",
    received: str = "",
) -> Period:
    """The period of a report: the answer to the row that asks, else its title, its text from the top, its path, the
    subject of the mail, the days it says it covers, or the day it is dated or came.

    ``kind`` is what the form is sent for (quarter, month, half, year); a period of that kind goes before others. Other
    periods of that kind, wherever they are named, are told.
    """
    signed = signed_on(lines, catalogue)
    day = signed or _last_date(lines, catalogue) or _date(received[:10])
    pairs = _with_next(lines, catalogue)
    inside = (named, _titles(lines, catalogue), pairs)
    outside = () if kind == _DAY and day else ((path,), (subject,))
    found = [list(_periods_of(texts, catalogue)) for texts in (*inside, *outside)]
    for codes in found:
        fitting = [code for code in codes if kind_of(code) == kind] or codes
        if fitting:
            same = (code for one in found for code in one if kind_of(code) == kind_of(fitting[0]))
            return Period(fitting[0], False, signed, tuple(dict.fromkeys(code for code in same if code != fitting[0])))
    span = next((code for line in pairs if (code := _span(line, day))), "") if kind != _DAY else ""
    return Period(span, False, signed) if span else (Period(day.isoformat(), True, signed) if day else Period())


def _periods_of(texts: Sequence[str], catalogue: Catalogue) -> Iterator[str]:
    """Each period that the texts name, once; days are none."""
    named_here = (code for text in texts for code in periods_in(text, catalogue))
    yield from dict.fromkeys(code for code in named_here if kind_of(code) != _DAY)


def _with_next(lines: Sequence[str], catalogue: Catalogue) -> list[str]:
    """Each line, and each with the one after it; those without a year are left out where nothing is a period so."""
    told = [not _all_have_year(catalogue) or _CENTURY in fold(line) for line in lines]
    pairs = zip(itertools.pairwise(lines), itertools.pairwise(told), strict=True)
    alone = [line for line, dated in zip(lines, told, strict=True) if dated]
    return alone + [f"{first} {second}" for (first, second), dated in pairs if any(dated)]


def _titles(lines: Sequence[str], catalogue: Catalogue) -> list[str]:
    """The lines at the head that may be the title, or stand right under it."""
    words = tuple(f"{word} " for word in catalogue.words.folded("title"))
    found = []
    for first, second in zip(lines[:_HEAD_LINES], (*lines[1:_HEAD_LINES], ""), strict=False):
        text = first.strip("( ")
        if first.isupper() or f"{fold(text)} ".startswith(words):
            found += [first, f"{first} {second}"]
    return found


def _span(line: str, day: date | None) -> str:
    """The time from one day to another that a line names, to the day of the report where it says "until now"."""
    found = _SPAN.search(fold(line))
    if found is None:
        return ""
    start = _day_of(found["y1"], found["m1"], found["d1"])
    end = _day_of(found["y2"], found["m2"], found["d2"]) if found["y2"] else day
    return _code_of_span(start, end) if start and end and start < end else ""


def _code_of_span(start: date, end: date) -> str:
    """The code of a span of days: that of a month, quarter, half or year where it is one."""
    year = start.year
    codes = [f"{year}", *(f"{year}-S{half}" for half in (1, 2)), *(f"{year}-Q{quarter}" for quarter in (1, 2, 3, 4))]
    codes += [f"{year}-01-01/P9M", *(f"{year}-{month:02}" for month in range(1, 13))]
    return next((code for code in codes if (first_day(code), last_day(code)) == (start, end)), f"{start}/{end}")


def _day_of(year: str, month: str, day: str) -> date | None:
    return _date(f"{year}-{int(month):02}-{int(day):02}")


def periods_in(text: str, catalogue: Catalogue) -> tuple[str, ...]:
    """The periods that a text names, in the order of the patterns."""
    folded = fold(text)
    if _all_have_year(catalogue) and _CENTURY not in folded:
        return ()
    return _periods_in(folded, catalogue)


@lru_cache(maxsize=16384)
def _periods_in(folded: str, catalogue: Catalogue) -> tuple[str, ...]:
    return tuple(_each_period(folded, catalogue))


def _each_period(folded: str, catalogue: Catalogue) -> Iterator[str]:
    for pattern, template in _patterns(catalogue):
        for found in pattern.finditer(folded):
            parts = {name: value for name, value in found.groupdict().items() if value}
            roman = _ROMAN.get(parts.pop("roman", ""), 0)
            numbers = {name: int(value) for name, value in parts.items()}
            yield template.format(roman=roman, **numbers)


def signed_on(lines: Iterable[str], catalogue: Catalogue) -> date | None:
    """The day in the line "place, day month year" above a signature; the last such line counts."""
    plain = (line.strip() for line in lines if "," in line)
    return _last_date((line for line in plain if _PLACE_FIRST.match(line) or _LOST_PLACE_FIRST.match(line)), catalogue)


def _last_date(lines: Iterable[str], catalogue: Catalogue) -> date | None:
    codes = [code for line in lines for code in periods_in(line, catalogue) if kind_of(code) == _DAY]
    days = [day for code in codes if (day := _date(code)) is not None]
    return days[-1] if days else None


@lru_cache(maxsize=1024)
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


def span_of(code: str) -> str:
    """``quarter`` or ``month`` where a period is one, else ""."""
    if re.fullmatch(r"\d{4}-Q\d", code):
        return "quarter"
    return "month" if re.fullmatch(r"\d{4}-\d\d", code) else ""


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
    if days := re.fullmatch(r"\d{4}-\d\d-\d\d/(\d{4}-\d\d-\d\d)", code):
        return _date(days[1])
    return None


def first_day(code: str) -> date | None:
    """The first day of a period; ``None`` for a code that is none."""
    last = last_day(code)
    if last is None:
        return None
    if days := re.fullmatch(r"(\d{4}-\d\d-\d\d)/\d{4}-\d\d-\d\d", code):
        return _date(days[1])
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
def _all_have_year(catalogue: Catalogue) -> bool:
    """Whether nothing is a period without a year that is written with four digits: most texts have none."""
    return all(_YEAR in pattern and "{year}" in template for pattern, template in catalogue.periods)


@lru_cache(maxsize=4)
def _patterns(catalogue: Catalogue) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(rf"\b{pattern}"), template) for pattern, template in catalogue.periods)
