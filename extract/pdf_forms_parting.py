"""The rows of a table without rules: the way to part its lines that costs least, by pace, wrapping and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extract.pdf_forms_columns import Entry, Span
from extract.pdf_forms_drawn import MAYBE, NEW, SAME, is_restyled
from extract.pdf_forms_rows import SAME_STEP, Lines, Pace, has_no_room, is_cut_number
from extract.pdf_forms_words import is_figure
from extract.pdf_lines import begins_item

MOST_LINES = 72  # in one row
BARE = 3.0
RESTYLED = 2.0  # what speaks for a new row where the style changes
PROVEN = 1_000.0
DRAWN_ON = 4.0  # what speaks against a new row where the cell above goes on, as it was drawn
INFINITE = float("inf")
TOP, MIDDLE, BOTTOM = "top", "middle", "bottom"

Mode = tuple[str, bool]
"""How the cells of a row are aligned, and whether rows begin with a wider step than that between lines."""

MODES: tuple[Mode, ...] = tuple((align, wide) for align in (TOP, MIDDLE, BOTTOM) for wide in (False, True))


def dearness(mode: Mode, cost: float) -> float:
    """A cost to compare with that of other modes: rows set apart explain the steps too, lines alone do not."""
    rare = 4.0 if mode[0] == BOTTOM else 0.0
    return rare + (0.8 * cost - 3.0 if mode[1] else cost)


def parted(lines: Lines, mode: Mode) -> tuple[float, list[list[int]]]:
    """What it costs to part the body into rows of one mode, and the lines of each row."""
    if lines.header >= len(lines.rows):
        return 0.0, []
    return _parting(lines, mode).solve()


def margins(lines: Lines, mode: Mode, rows: Sequence[Sequence[int]]) -> list[float]:
    """How sure each row of a parting is: what the best way without it costs more."""
    return _parting(lines, mode).margins(rows) if rows else []


def _parting(lines: Lines, mode: Mode) -> _Parting:
    align, wide = mode
    return _Parting(lines, lines.pace if wide else Pace(lines.pace.line, 0.0), align, lines.fully_ruled)


def _is_cut_number(above: Entry, entry: Entry, columns: Sequence[Span]) -> bool:
    """Whether an item number goes on below for want of room, as in 5.1. with 2. under it."""
    return is_cut_number(above.group.text) and has_no_room(above, entry, columns)


@dataclass(slots=True)
class _Parting:
    """The search for the rows of one table, if the cells of a row are aligned in one way."""

    lines: Lines
    pace: Pace
    mode: str
    fully_ruled: bool

    def solve(self) -> tuple[float, list[list[int]]]:
        """The least cost, and the lines of each row."""
        best, chosen = self._from_above(*self._costs())
        rows: list[list[int]] = []
        at = len(chosen) - 1
        while at:
            rows.append([self.lines.header + each for each in range(chosen[at], at)])
            at = chosen[at]
        return best[-1], rows[::-1]

    def margins(self, rows: Sequence[Sequence[int]]) -> list[float]:
        """By how much the best way without it costs more, for each of these rows."""
        border, costs = self._costs()
        above, _ = self._from_above(border, costs)
        below = _from_below(border, costs)
        whole = _least_over(border, costs, above, below)
        found = []
        for row in rows:
            first, end = row[0] - self.lines.header, row[-1] + 1 - self.lines.header
            other = [whole[at] for at in (first, end)] + [above[at] + below[at] for at in range(first + 1, end)]
            found.append(min(other) - above[-1])
        return found

    def _costs(self) -> tuple[list[float], list[list[float]]]:
        """What a row costs, by the line that it begins with: to begin there, and by its number of lines."""
        first, end = self.lines.header, len(self.lines.rows)
        border = [self._border_cost(at) if at > first else 0.0 for at in range(first, end)]
        return border, [self._costs_from(start) for start in range(first, end)]

    def _from_above(self, border: Sequence[float], costs: Sequence[Sequence[float]]) -> tuple[list[float], list[int]]:
        """The least cost of the lines above each one, and where the last row of them begins."""
        best, chosen = [0.0], [0]
        for stop in range(1, len(border) + 1):
            cost, start = min(
                (best[start] + border[start] + costs[start][stop - start - 1], start)
                for start in range(max(0, stop - MOST_LINES), stop)
                if stop - start <= len(costs[start])
            )
            best.append(cost)
            chosen.append(start)
        return best, chosen

    def _border_cost(self, at: int) -> float:
        """What it costs to begin a row with this line."""
        lines, step = self.lines, self.lines.rows[at].base - self.lines.rows[at - 1].base
        if lines.band(at) != lines.band(at - 1) or lines.borders[at] == NEW:
            return 0.0
        if lines.borders[at] == SAME:
            return PROVEN
        if self.fully_ruled:
            return 30.0
        cost = 6.0 if step < 0.85 * self.pace.line else 0.0
        if self.pace.row and step < self.pace.border:
            cost += 4.0
        if lines.borders[at] == MAYBE:
            cost += 0.0 if self._is_restyled(at) else DRAWN_ON
        return cost + sum(self._torn(at, entry) for entry in lines.entries[at])

    def _is_restyled(self, at: int) -> bool:
        """Whether a line stands under one of another style in the same column."""
        above, own = self.lines.entries[at - 1], self.lines.entries[at]
        pairs = [(one.group, other.group) for one in above for other in own if one.first == other.first]
        return bool(pairs) and all(is_restyled(one, other) for one, other in pairs)

    def _torn(self, at: int, entry: Entry) -> float:
        """What it costs to part a line from the one above in its column."""
        lines = self.lines
        for above in range(at - 1, max(lines.header, at - 4) - 1, -1):
            found = next((each for each in lines.entries[above] if each.first == entry.first), None)
            if found is not None:
                step = lines.rows[at].base - lines.rows[above].base
                if abs(step - self.pace.line) > SAME_STEP * self.pace.line:
                    return 0.0
                if lines.is_datum(entry):
                    return 3.0 if _is_cut_number(found, entry, lines.columns) else 0.0
                if begins_item(entry.group.text + " ") and not is_figure(entry.group.text):
                    return 0.0
                if not has_no_room(found, entry, lines.columns):
                    return 0.8 if entry.group.text[:1].islower() else 0.0
                return 4.0 if entry.group.text[:1].islower() else 2.2
        return 0.0

    def _costs_from(self, start: int) -> list[float]:
        """What the rows cost that begin with a line, by their number of lines."""
        lines, found = self.lines, list[float]()
        blocks: dict[int, tuple[int, int, int]] = {}  # column: first line, last line, data in it
        inside = 0.0
        last: dict[int, Entry] = {}
        for at in range(start, min(len(lines.rows), start + MOST_LINES)):
            if at > start and (lines.band(at) != lines.band(start) or lines.borders[at] == NEW):
                break
            for entry in lines.entries[at]:
                datum = lines.is_datum(entry) or lines.is_unit(entry)
                first, above, data = blocks.get(entry.first, (at, at, 0))
                if entry.first in last:
                    inside += self._pair_cost(above, at, last[entry.first], entry, bool(datum and data))
                blocks[entry.first] = (first, at, data + datum)
                last[entry.first] = entry
            found.append(0.5 + inside + self._shape_cost(start, at, blocks))
        return found

    def _pair_cost(self, above: int, at: int, upper: Entry, entry: Entry, two_data: bool) -> float:
        """What it costs to have two lines in one cell."""
        if self.fully_ruled:
            return 0.0
        if two_data:
            return 0.5 if _is_cut_number(upper, entry, self.lines.columns) else 8.0
        lines, step = self.lines, self.lines.rows[at].base - self.lines.rows[above].base
        cost = 0.0
        if step > self.pace.border:
            cost += 5.0
        elif step > (1 + SAME_STEP) * self.pace.line:
            cost += 1.5
        elif step < 0.8 * self.pace.line:
            cost += 3.0
        if lines.borders[at] == MAYBE and at == above + 1 and is_restyled(upper.group, entry.group):
            cost += RESTYLED
        if has_no_room(upper, entry, lines.columns):
            return cost
        if entry.group.text[:1].islower() and not begins_item(entry.group.text + " "):
            return cost + 0.9
        return (
            cost
            + (0.9 if self.pace.row or self.lines.all_numbered else 2.0)
            + (1.0 if begins_item(entry.group.text + " ") else 0.0)
        )

    def _shape_cost(self, start: int, stop: int, blocks: dict[int, tuple[int, int, int]]) -> float:
        """What it costs that the cells of a row are not aligned, or that nothing but a label stands in it."""
        bases, line = self.lines.rows, self.pace.line
        top, foot = bases[start].base, bases[stop].base
        cost = 0.0
        for first, last, _ in blocks.values():
            one, other = bases[first].base - top, foot - bases[last].base
            off = one if self.mode == TOP else other if self.mode == BOTTOM else abs(one - other) / 2
            cost += 0.0 if off < 0.2 * line else min(6.0, 2.0 + 4 * off / line)
        if self.lines.numbers:
            cost += 0.0 if 0 in blocks else 3.5 if self.lines.all_numbered else 0.4
        if not blocks.keys() & {0, self.lines.label}:
            cost += 2.5  # nothing that names the row
        return cost + (self._bare_cost(start, stop) if len(blocks) == 1 else 0.0)

    def _bare_cost(self, start: int, stop: int) -> float:
        """What it costs that a row is nothing but a label: in a numbered form it goes on with the one above."""
        lines = self.lines
        text, end = lines.entries[start][0].group.text, lines.entries[stop][-1].group.text
        heading = lines.has_data(start) or text.isupper() or end.endswith(":")
        return BARE if lines.numbers and not heading else 0.6


def _from_below(border: Sequence[float], costs: Sequence[Sequence[float]]) -> list[float]:
    """The least cost of all lines from each one on, a row beginning with it."""
    best = [0.0] * (len(border) + 1)
    for start in range(len(border) - 1, -1, -1):
        best[start] = border[start] + min(cost + best[start + at] for at, cost in enumerate(costs[start], 1))
    return best


def _least_over(
    border: Sequence[float], costs: Sequence[Sequence[float]], above: Sequence[float], below: Sequence[float]
) -> list[float]:
    """The least cost of all lines if a row runs over the border above each line; none does over the first and last."""
    least = [INFINITE] * (len(border) + 1)
    for start, own in enumerate(costs):
        reach = INFINITE
        for at in range(len(own), 1, -1):
            reach = min(reach, above[start] + border[start] + own[at - 1] + below[start + at])
            least[start + at - 1] = min(least[start + at - 1], reach)
    return least
