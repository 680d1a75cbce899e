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
LEAST_CAPITALS = 12  # letters: fewer are an abbreviation
LEAST_LETTERS = 4
MOSTLY = 0.4
TOP, MIDDLE = "top", "middle"
SLACK = 4.0  # points by which a line of a cell may be wider than the one above it
FAR = 2.2  # of the letter size: further down stands no next line of a cell
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
    aligned = _alignment(orders)
    found = [borders_of(order, len(entries), aligned) for order, entries in zip(orders, parts, strict=True)]
    steps = Steps()
    for entries, order, borders, header in zip(parts, orders, found, headers, strict=True):
        _learn(steps, entries, order, borders, header)
    for order, borders in zip(orders, found, strict=True):
        for one, other in pairwise(order):
            if other.at == one.at + 1 and borders[other.at] == MAYBE:
                borders[other.at] = steps.verdict(one.entry, other.entry)
    return found


def with_whole_spans(parts: Sequence[list[list[Entry]]]) -> None:
    """Put the further lines of a cell over several columns over the same ones, where cells were drawn one by one."""
    orders = [drawn_order(entries) for entries in parts]
    if not is_by_cell(orders):
        return
    for entries, order in zip(parts, orders, strict=True):
        for segment in segments(order):
            over: Drawn | None = None
            for each in segment:
                if over is not None and _is_within(over, each):
                    line = entries[each.at]
                    line[line.index(each.entry)] = Entry(over.entry.first, over.entry.last, each.entry.group)
                    over = Drawn(each.at, over.entry)
                else:
                    over = each if each.entry.last > each.entry.first else None


def _is_within(over: Drawn, each: Drawn) -> bool:
    """Whether a line stands under one that runs over its columns and others."""
    inside = over.entry.first <= each.entry.first and each.entry.last <= over.entry.last
    return inside and each.at == over.at + 1 and over.entry.group.x0 - SLACK <= each.entry.group.x0 \
        and each.entry.group.x1 <= over.entry.group.x1 + SLACK  # fmt: skip


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
    if upper.text.isupper() != lower.text.isupper() and min(len(upper.text), len(lower.text)) > LEAST_CAPITALS:
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
        (drawn_at(entry.group), at, entry.group.x0, Drawn(at, entry))
        for at, line in enumerate(entries[first:], first)
        for entry in line
    ]
    found.sort(key=lambda each: each[:3])
    return [each[3] for each in found]


def is_by_cell(orders: Sequence[Sequence[Drawn]]) -> bool:
    """Whether tables were drawn cell by cell: some cell of several lines before the next one to its right.

    Not so where rows go back above the row before, or hold several figures in one column: such tables were drawn by
    columns or at random.
    """
    up = against = steps = several = rows = 0
    for order in orders:
        top = -1
        for segment in segments(order):
            rows += 1
            several += _holds_several(segment)
            up += any(other.at < one.at and other.entry.first > one.entry.last for one, other in pairwise(segment))
            against += sum(each.at <= top for each in segment)
            steps += len(segment)
            top = min(each.at for each in segment)
    return up > 0 and against <= FEW * steps and several <= MOST_SEVERAL * rows


def _holds_several(segment: Sequence[Drawn]) -> bool:
    """Whether one column holds figures on several lines."""
    columns = Counter(each.entry.first for each in segment if _is_number(each.entry.group.text))
    return any(count > 1 for count in columns.values())


def _is_number(text: str) -> bool:
    return text[-1:].isdigit() and text[:1].isdigit() and not any(map(str.isalpha, text)) and "/" not in text


def borders_of(order: Sequence[Drawn], n_lines: int, aligned: str = "") -> list[str]:
    """For each line of a table drawn cell by cell, what is known of the border above it.

    ``aligned``: where cells stand beside higher ones, if that is known.
    """
    found = [UNKNOWN] * n_lines
    foot = -1
    for segment in segments(order):
        low, high = min(each.at for each in segment), max(each.at for each in segment)
        if low > foot:
            found[low] = NEW
            found[low + 1 : high + 1] = [MAYBE] * (high - low)
            for upper, lower in _joined(segment, aligned == MIDDLE):
                found[upper + 1 : lower + 1] = [SAME] * (lower - upper)
            for at in _tops(segment) if aligned == TOP else ():
                found[at] = NEW
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
    if each.entry.first > last.entry.last or each.at <= min(other.at for other in row):
        return False
    if each.entry.last < last.entry.first or each.at <= last.at:
        return True
    if each.entry.group.base - last.entry.group.base > FAR * each.entry.group.size:
        return True
    # two cells below one that runs over both
    beside = after is not None and after.at == each.at and after.entry.first > each.entry.last
    return beside and after is not None and after.entry.last <= last.entry.last


def _joined(segment: Sequence[Drawn], centred: bool) -> list[tuple[int, int]]:
    """The first and last lines that cells beside each other prove to be one row."""
    found = []
    cells = _cells(segment)
    for one, other in pairwise(cells):
        if other[0].at <= one[-1].at:
            found.append((other[0].at, one[-1].at))
        if centred and other[0].at <= one[-1].at and one[0].at < other[0].at:
            top = _base(other[0]) + _base(other[-1]) - _base(one[-1]) - 0.3 * one[0].entry.group.size
            found.append((next((each.at for each in one if _base(each) >= top), one[-1].at), one[-1].at))
    return found


def _tops(segment: Sequence[Drawn]) -> list[int]:
    """The lines with which a cell begins below the top of the one to its left: the cells of another row follow it."""
    return [
        other[0].at
        for one, other in pairwise(_cells(segment))
        if any(one[0].at < each.at == other[0].at for each in one)
    ]


def _cells(segment: Sequence[Drawn]) -> list[list[Drawn]]:
    """The cells of a row, from left to right, each with its lines."""
    cells: list[list[Drawn]] = []
    for each in segment:
        if cells and each.entry.first <= cells[-1][-1].entry.last:
            cells[-1].append(each)
        else:
            cells.append([each])
    return cells


def _base(drawn: Drawn) -> float:
    return drawn.entry.group.base


def _alignment(orders: Sequence[Sequence[Drawn]]) -> str:
    """Where cells stand beside higher ones: hardly ever but at their top, more often in their middle, or unknown."""
    middle = top = 0
    for order in orders:
        for segment in segments(order):
            for one, other in pairwise(_cells(segment)):
                low, high = sorted((one, other), key=len)
                if len(low) < len(high):
                    size = 0.3 * low[0].entry.group.size
                    top += abs(_base(low[0]) - _base(high[0])) < size
                    middle += abs(_base(low[0]) + _base(low[-1]) - _base(high[0]) - _base(high[-1])) < 2 * size
    if middle > top:
        return MIDDLE
    return TOP if top >= LEAST_STEPS and middle <= 0.1 * top else ""
