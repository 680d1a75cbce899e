"""Columns of other times: which of several columns of figures is for the period that the report is for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby

from normalize.catalogue import Catalogue
from normalize.model import Match, Row
from normalize.periods import first_day, kind_of, last_day, periods_in, years_in
from normalize.text import fold
from normalize.vocabulary import Vocabulary

_NOW, _PLAIN, _OTHER = "now", "", "other"


def times_named(heading: str, words: Vocabulary) -> bool:
    """Whether the heading of a column says which time it is for, or that it is a plan or a comparison."""
    return bool(_meaning(heading, words)) or _names_period(fold(heading), words)


@lru_cache(maxsize=4096)
def is_only_time(heading: str, words: Vocabulary) -> bool:
    """Whether a heading names a time, a plan or a comparison and nothing that is counted."""
    if not times_named(heading, words):
        return False
    rest = f" {fold(heading)} "
    phrases = {
        word
        for use in ("column", "column_first", "column_span", "column_period", "header")
        for word in words.folded(use)
    }
    for phrase in sorted(phrases, key=lambda one: (-len(one), one)):
        rest = rest.replace(f" {phrase} ", " ")
    known = words.folded("function")
    return not [word for word in rest.split() if word not in known and word.strip("iv") and not word.isdigit()]


def one_value_each(
    rows: Sequence[Row], matches: Sequence[Match], period: str, catalogue: Catalogue
) -> Iterator[tuple[Row, Match]]:
    """Every row with its match, each with one value, in the order of the document.

    A value in a column of another time than ``period`` has the flag ``other_column``, and one that only stands beside
    the row's own ``second_value``.
    """
    found: list[tuple[Row, Match]] = []
    for row, match in zip(rows, matches, strict=True):
        if not row.beside and not row.column:
            found.append((row, match))
            continue
        others = [replace(one, label=row.label, raw_label=row.raw_label) for one in row.beside]
        group = [replace(row, beside=()) if others else row, *others]
        lines = groupby(sorted(group, key=_spot), key=lambda one: _spot(one)[:2]) if row.agency else [((), iter(group))]
        for _, line in lines:
            found += [(one, match) for one in _settled(list(line), period, catalogue)]
    for order, (row, match) in enumerate(_line_by_line(found)):
        yield row if row.order == order else replace(row, order=order), match


def _line_by_line(found: Sequence[tuple[Row, Match]]) -> Iterator[tuple[Row, Match]]:
    """The rows with those of each table of agencies, which come column by column, in the order of its lines."""
    for wide, run in groupby(found, key=lambda pair: bool(pair[0].agency)):
        pairs = list(run)
        yield from sorted(pairs, key=lambda pair: _spot(pair[0])) if wide else pairs


def _spot(row: Row) -> tuple[int, int, int]:
    return row.place.table, row.place.row, row.place.column


def _settled(group: Sequence[Row], period: str, catalogue: Catalogue) -> Iterator[Row]:
    """The values of one line, of which one at most is for the period."""
    times = [_time_of(row.column, period, len(group) == 1, catalogue) for row in group]
    wanted = _NOW if _NOW in times else _PLAIN
    chosen = next((place for place, time in enumerate(times) if time == wanted), None)
    for place, (row, time) in enumerate(zip(group, times, strict=True)):
        if place == chosen:
            yield row
        else:
            flag = "other_column" if time == _OTHER else "second_value"
            yield replace(row, flags=tuple(dict.fromkeys((*row.flags, flag))))


@lru_cache(maxsize=4096)
def _time_of(heading: str, period: str, alone: bool, catalogue: Catalogue) -> str:
    """Whether a column is for the period of the report, for another time or purpose, or does not say.

    A column beside others must name the period itself; one that stands alone may name a part of it or more.
    """
    folded = fold(heading)
    meaning = _meaning(heading, catalogue.words)
    start = first_day(period)
    if meaning == "to_date" and start is not None and (start.month, start.day) == (1, 1):
        return _PLAIN
    if meaning in ("past", "compare", "to_date", "plan"):
        return _OTHER
    named = _period_of(heading, period, catalogue) if _names_period(folded, catalogue.words) else ""
    if named:
        return _NOW if named == period or (alone and _overlap(named, period)) else _OTHER
    return _NOW if meaning == "now" else _PLAIN


@lru_cache(maxsize=4096)
def _meaning(heading: str, words: Vocabulary) -> str:
    """What the words of a heading say of its time; what rules a column out goes before what speaks for it."""
    padded, parts = f" {fold(heading)} ", [f"{fold(part)} " for part in heading.split(" / ")]
    found = {meaning for word, meaning in words.folded("column").items() if f" {word} " in padded}
    found |= {
        meaning
        for word, meaning in words.folded("column_first").items()
        if any(part.startswith(f"{word} ") for part in parts)
    }
    return next((one for one in ("compare", "past", "to_date", "plan", "now") if one in found), "")


def _names_period(folded: str, words: Vocabulary) -> bool:
    """Whether a heading names a period: a word like "quarter" with its number after it, or "half-year"."""
    said = folded.split()
    numbered = words.folded("column_period")
    for before, word in zip(["", *said], said, strict=False):
        if before in numbered and (word.isdigit() or (word.strip("iv") == "" and len(word) < 4)):
            return True
    return any(f" {word} " in f" {folded} " for word in words.folded("column_span"))


def _period_of(heading: str, period: str, catalogue: Catalogue) -> str:
    """The period that a heading names, in the year of the report where it names none; "?" when it is not understood."""
    last = heading.rsplit(" / ", 1)[-1]
    year = next(iter(years_in(heading)), period[:4])
    for text in (last, f"{last} {year}", heading, f"{heading} {year}"):
        found = [code for code in periods_in(text, catalogue) if kind_of(code) != "report_date"]
        if found:
            return found[0]
    return "?"


def _overlap(one: str, other: str) -> bool:
    first, last, start, end = first_day(one), last_day(one), first_day(other), last_day(other)
    if first is None or last is None or start is None or end is None:
        return True
    return first <= end and start <= last
