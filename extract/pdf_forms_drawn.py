"""The order in which a table was drawn: most programs draw it cell by cell, and so tell which lines are one row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from extract.pdf_forms_columns import Entry
from extract.pdf_forms_words import Group, drawn_at

NEW, SAME, MAYBE, UNKNOWN = "new", "same", "maybe", "unknown"
"""What the order says of the border above a line: a row begins, a row goes on, hardly begins, nothing."""
OTHER_WIDTH = 0.015  # of the letter size
LEAST_LETTERS = 4
MOSTLY = 0.4
LEAST_STEPS = 6
RARE_STEP = 0.04  # of all steps of a kind
CLEAR = 6.0  # times as frequent
MOST_SEVERAL = 0.2  # of the rows may hold two figures in one cell
FEW = 0.04  # of the steps that may contradict the order of cells: stamps, notes set later


@dataclass(frozen=True, slots=True)
class Drawn:
    """An entry with its line, in the order of drawing."""

    at: int
    entry: Entry


def borders_drawn(parts: Sequence[Sequence[Sequence[Entry]]], headers: Sequence[int]) -> list[list[str]]:
    """What the order of drawing says of the border above each line of each part of a table.

    Where it leaves open whether the next line of a cell is another row, the steps of the lines tell that it decides.
    """
    orders = [drawn_order(entries) for entries in parts]
    if not is_by_cell(orders):
        return [[UNKNOWN] * len(entries) for entries in parts]
    found = [borders_of(order, len(entries)) for order, entries in zip(orders, parts, strict=True)]
    steps = Steps()
    for entries, order, borders, header in zip(parts, orders, found, headers, strict=True):
        _learn(steps, entries, order, borders, header)
    for order, borders in zip(orders, found, strict=True):
        for one, other in pairwise(order):
            if other.at == one.at + 1 and borders[other.at] == MAYBE:
                borders[other.at] = steps.verdict(one.entry, other.entry)
    return found


@dataclass(slots=True)
class Steps:
    """How often each step from line to line, by letter size and in tenths, stands within a cell and between rows."""

    inside: dict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    between: dict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def verdict(self, upper: Entry, lower: Entry) -> str:
        """Whether a step is one that is usual between rows alone, or within cells alone."""
        size, step = _size(lower), _tenths(upper, lower)
        inside, between = self.inside[size], self.between[size]
        if min(inside.total(), between.total()) < LEAST_STEPS:
            return MAYBE
        within, beyond = _share(inside, step), _share(between, step)
        if max(within, beyond) < RARE_STEP or max(within, beyond) < CLEAR * min(within, beyond):
            return MAYBE
        return NEW if beyond > within else SAME


def _share(steps: Counter[int], step: int) -> float:
    """How many of the steps are this one; files round, so that its neighbours count too."""
    return (0.5 * steps[step - 1] + steps[step] + 0.5 * steps[step + 1] + 0.5) / steps.total()


def _size(entry: Entry) -> int:
    return round(2 * entry.group.size)


def _tenths(upper: Entry, lower: Entry) -> int:
    return round(10 * (lower.group.base - upper.group.base))


def _learn(
    steps: Steps, entries: Sequence[Sequence[Entry]], order: Sequence[Drawn], borders: Sequence[str], header: int
) -> None:
    for one, other in pairwise(order):
        if other.at == one.at + 1 and other.entry.first == one.entry.first and borders[other.at] == SAME:
            steps.inside[_size(other.entry)][_tenths(one.entry, other.entry)] += 1
    for at in range(header + 1, len(entries)):
        if borders[at] == NEW:
            upper = max(entries[at - 1], key=lambda entry: entry.group.base)
            lower = min(entries[at], key=lambda entry: entry.group.base)
            steps.between[_size(lower)][_tenths(upper, lower)] += 1


def is_restyled(upper: Group, lower: Group) -> bool:
    """Whether two lines were set in different styles: in capitals, or with common letters of another width."""
    if upper.text.isupper() != lower.text.isupper():
        return True
    one, other = _widths(upper), _widths(lower)
    common = one.keys() & other.keys()
    changed = sum(abs(one[letter] - other[letter]) > OTHER_WIDTH for letter in common)
    return len(common) >= LEAST_LETTERS and changed > MOSTLY * len(common)


def _widths(group: Group) -> dict[str, float]:
    return {glyph.text: (glyph.x1 - glyph.x0) / glyph.size for glyph in group.glyphs}


def drawn_order(entries: Sequence[Sequence[Entry]], first: int = 0) -> list[Drawn]:
    """The entries of the lines from ``first`` on, in the order in which they were drawn."""
    found = [
        (drawn_at(entry.group), entry.group.x0, Drawn(at, entry))
        for at, line in enumerate(entries[first:], first)
        for entry in line
    ]
    found.sort(key=lambda each: each[:2])
    return [each[2] for each in found]


def is_by_cell(orders: Sequence[Sequence[Drawn]]) -> bool:
    """Whether tables were drawn cell by cell: some cell of several lines before the next one to its right.

    Not so where a row would go back above its beginning, or would hold several figures in one column: such tables
    were drawn by columns or at random.
    """
    up = against = steps = several = rows = 0
    for order in orders:
        for segment in segments(order):
            rows += 1
            several += _holds_several(segment)
            top = segment[0].at
            for one, other in pairwise(segment):
                up += other.at < one.at and other.entry.first > one.entry.last
                against += other.at < top
                steps += 1
    return up > 0 and against <= FEW * steps and several <= MOST_SEVERAL * rows


def _holds_several(segment: Sequence[Drawn]) -> bool:
    """Whether one column holds figures on several lines."""
    columns = Counter(each.entry.first for each in segment if _is_number(each.entry.group.text))
    return any(count > 1 for count in columns.values())


def _is_number(text: str) -> bool:
    return text[-1:].isdigit() and text[:1].isdigit() and not any(map(str.isalpha, text)) and "/" not in text


def borders_of(order: Sequence[Drawn], n_lines: int) -> list[str]:
    """For each line of a table drawn cell by cell, what is known of the border above it."""
    found = [UNKNOWN] * n_lines
    foot = -1
    for segment in segments(order):
        low, high = min(each.at for each in segment), max(each.at for each in segment)
        if low > foot:
            found[low] = NEW
            found[low + 1 : high + 1] = [MAYBE] * (high - low)
            for upper, lower in _joined(segment):
                found[upper + 1 : lower + 1] = [SAME] * (lower - upper)
        else:  # a cell over several rows
            found[low : max(foot, high) + 1] = [UNKNOWN] * (max(foot, high) + 1 - low)
        foot = max(foot, high)
    return found


def segments(order: Sequence[Drawn]) -> list[list[Drawn]]:
    """Cut where the next cell stands further left, and so in a lower row."""
    found: list[list[Drawn]] = []
    for at, each in enumerate(order):
        after = order[at + 1] if at + 1 < len(order) else None
        if not at or _is_lower_row(found[-1], each, after):
            found.append([])
        found[-1].append(each)
    return found


def _is_lower_row(row: Sequence[Drawn], each: Drawn, after: Drawn | None) -> bool:
    last = row[-1]
    if each.entry.first > last.entry.last or each.at <= row[0].at:
        return False
    if each.entry.last < last.entry.first or each.at <= last.at:
        return True
    # two cells below one that runs over both
    beside = after is not None and after.at == each.at and after.entry.first > each.entry.last
    return beside and after is not None and after.entry.last <= last.entry.last


def _joined(segment: Sequence[Drawn]) -> list[tuple[int, int]]:
    """The first and last lines that cells beside each other prove to be one row."""
    found = []
    for one, other in pairwise(segment):
        if other.entry.first > one.entry.last and other.at <= one.at:
            found.append((other.at, one.at))
    return found
