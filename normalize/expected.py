"""Who must report which form how often: the lines of ``mappings/expected.csv``, and the periods that they speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

COLUMNS = "agency_id,agency,form_id,period_kind,since,until,due_days,comment"
GROUP_LEVELS = ("district", "commune")
"""The levels whose agencies are known from the registers of units, so that a line can name all of a province."""

_COUNTED = {
    "quarter": (r"(\d{4})-Q([1-4])", "{year}-Q{part}", 4),
    "half": (r"(\d{4})-S([12])", "{year}-S{part}", 2),
    "month": (r"(\d{4})-M?(0[1-9]|1[0-2])", "{year}-{part:02}", 12),
    "year": (r"(\d{4})()", "{year}", 1),
}
"""The pattern of the periods of a kind, how they are written, and how many a year has."""

Fault = tuple[int, str, tuple[tuple[str, str], ...]]
"""A line, a message code and its details."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One duty: an agency (or, as ``commune:Vĩnh Phúc``, all communes or districts of a province) owes a form in each
    period from ``since`` to ``until``, both codes of ``period_kind`` and "" where open, by ``due_days`` after the end
    of the period (``None``: no such day). ``agency`` is a name to show, "" to take that of its reports."""

    agency_id: str
    agency: str
    form_id: str
    period_kind: str
    since: str
    until: str
    due_days: int | None

    @property
    def group(self) -> tuple[str, str]:
        """The level and the province whose agencies are meant; two empty texts where it is one agency."""
        level, colon, province = self.agency_id.partition(":")
        return (level, province.strip()) if colon else ("", "")


def read_expected(rows: Iterable[Mapping[str, str]], kinds: Mapping[str, str]) -> tuple[Expected, ...]:
    """The duties of the lines of the file; ``kinds`` are the kinds of period by form. Lines with "#" are comments."""
    return tuple(_expected(row, kinds) for row in rows if not _is_comment(row))


def _expected(row: Mapping[str, str], kinds: Mapping[str, str]) -> Expected:
    kind = _cell(row, "period_kind") or kinds.get(_cell(row, "form_id"), "")
    since, until = (_code(kind, _cell(row, name)) for name in ("since", "until"))
    days = _cell(row, "due_days")
    agency_id, agency, form_id = (_cell(row, name) for name in ("agency_id", "agency", "form_id"))
    due = int(days) if days.isascii() and days.isdigit() else None
    return Expected(agency_id, agency, form_id, kind, since, until, due)


def _cell(row: Mapping[str, str], name: str) -> str:
    return (row.get(name) or "").strip()


def _is_comment(row: Mapping[str, str]) -> bool:
    return _cell(row, "agency_id").startswith("#") or not any(value.strip() for value in row.values())


# Periods


def ordinal(kind: str, code: str) -> int | None:
    """The number of a period among those of its kind; ``None`` for a code of another kind."""
    if kind not in _COUNTED:
        return None
    pattern, _, parts = _COUNTED[kind]
    found = re.fullmatch(pattern, code)
    return int(found[1]) * parts + int(found[2] or 1) - 1 if found else None


def period_at(kind: str, number: int) -> str:
    """The code of the period with that number."""
    _, written, parts = _COUNTED[kind]
    return written.format(year=number // parts, part=number % parts + 1)


def periods_between(kind: str, first: str, last: str) -> list[str]:
    """The codes of a kind from one to another, both among them; none where they are of another kind."""
    start, end = ordinal(kind, first), ordinal(kind, last)
    return [] if start is None or end is None else [period_at(kind, number) for number in range(start, end + 1)]


def _code(kind: str, text: str) -> str:
    """A code as reports have it: 2020-M06, which no spreadsheet takes for a date, is 2020-06."""
    number = ordinal(kind, text)
    return text if number is None else period_at(kind, number)


# Faults


def expected_faults(
    rows: Sequence[tuple[int, Mapping[str, str]]], kinds: Mapping[str, str], provinces: Iterable[str]
) -> Iterator[Fault]:
    """What is wrong with the lines of the file; ``kinds`` are the kinds of period by form, ``provinces`` all names."""
    known = frozenset(provinces)
    before: dict[tuple[str, str, str], list[tuple[int, Expected]]] = {}
    for line, row in rows:
        if _is_comment(row):
            continue
        one = _expected(row, kinds)
        yield from ((line, code, details) for code, details in _line_faults(row, one, kinds, known))
        key = (one.agency_id, one.form_id, one.period_kind)
        for other_line, other in before.setdefault(key, []):
            if _overlap(one, other):
                yield line, "expected_twice", (("agency", one.agency_id), ("first", str(other_line)))
        before[key].append((line, one))


def _line_faults(
    row: Mapping[str, str], one: Expected, kinds: Mapping[str, str], provinces: frozenset[str]
) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    level, province = one.group
    if not one.agency_id:
        yield "expected_without_agency", ()
    if level and (level not in GROUP_LEVELS or province not in provinces):
        yield "expected_group_unknown", (("group", one.agency_id),)
    if one.form_id not in kinds:
        yield "expected_form_unknown", (("form", one.form_id),)
    elif one.period_kind not in _COUNTED:
        yield "expected_kind_unknown", (("kind", one.period_kind),)
    else:
        ends = [(code, ordinal(one.period_kind, code)) for code in (one.since, one.until)]
        yield from (("expected_period_malformed", (("period", code),)) for code, at in ends if code and at is None)
        if ends[0][1] is not None and ends[1][1] is not None and ends[0][1] > ends[1][1]:
            yield "expected_period_order", (("since", one.since), ("until", one.until))
    if _cell(row, "due_days") and one.due_days is None:
        yield "expected_days_malformed", (("days", _cell(row, "due_days")),)


def _overlap(one: Expected, other: Expected) -> bool:
    def span(expected: Expected) -> tuple[float, float]:
        first, last = (ordinal(expected.period_kind, code) for code in (expected.since, expected.until))
        return (-1.0 if first is None else first, float("inf") if last is None else last)

    (first, last), (start, end) = span(one), span(other)
    return first <= end and start <= last
