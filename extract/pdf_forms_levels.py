"""The header of a table that was drawn cell by cell: its levels, and which headings run over which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extract.pdf_forms_columns import Entry
from extract.pdf_forms_drawn import Drawn, drawn_order, is_by_cell, segments
from extract.pdf_forms_rows import FormRow
from extract.pdf_forms_words import is_figure

MOST_OF_ONE = 6  # lines


@dataclass(slots=True)
class Heading:
    """A cell of a header: its first and last column, its lines, and the cells of the next level below it."""

    first: int
    last: int
    entries: list[Entry]
    below: list[Heading]

    @property
    def middle(self) -> float:
        """The x of the middle of its text."""
        left = min(entry.group.x0 for entry in self.entries)
        return (left + max(entry.group.x1 for entry in self.entries)) / 2


def drawn_levels(entries: Sequence[Sequence[Entry]]) -> list[FormRow]:
    """The rows of a header, from the entries of its lines; none where the order of drawing does not tell."""
    order = drawn_order(entries)
    if not is_by_cell([order]):
        return []
    levels: list[list[Heading]] = []
    for level in map(_headings, segments(order)):
        if not _finishes(levels, level):
            levels.append(level)
    for upper, lower in pairwise(levels):
        _stack(upper, lower)
    return [_row(level, len(levels) - at) for at, level in enumerate(levels)]


def _finishes(levels: Sequence[Sequence[Heading]], level: Sequence[Heading]) -> bool:
    """Add the rest of headings that a page end cut to where they began; false if the level is another one."""
    if not levels or not (_is_before_page(levels[-1]) and not _is_before_page(level)):
        return False
    over = [_lowest(levels, heading) for heading in level]
    if any(each is None or each.last > each.first for each in over):
        return False
    for heading, began in zip(level, over, strict=True):
        if began is not None:
            began.entries += heading.entries
    return True


def _is_before_page(level: Sequence[Heading]) -> bool:
    return level[0].entries[0].group.base < 0


def _lowest(levels: Sequence[Sequence[Heading]], heading: Heading) -> Heading | None:
    found = (each for level in reversed(levels) for each in level
             if each.first <= heading.first <= heading.last <= each.last)  # fmt: skip
    return next(found, None)


def drawn_header(entries: Sequence[Sequence[Entry]], header: int) -> int:
    """How many lines are the header: the first row of cells, and a second one where it parts what the first runs over.

    ``header`` as it is, where the order of drawing does not tell.
    """
    order = drawn_order(entries)
    if not header or not is_by_cell([order]):
        return header
    rows = segments(order)
    ends = [1 + max(each.at for each in row) for row in rows]
    if len(rows) < 2 or len(rows[0]) < 2 or ends[0] > len(entries) // 2 + MOST_OF_ONE:
        return header
    parted = _parts(_headings(rows[0]), _headings(rows[1]), _headings(rows[min(2, len(rows) - 1)]), len(rows) < 3)
    return max(ends[:2]) if parted else ends[0]


def _parts(upper: Sequence[Heading], lower: Sequence[Heading], body: Sequence[Heading], alone: bool) -> bool:
    """Whether a row of words stands right of where the header above it and the body begin.

    ``alone``: no body stands below it.
    """
    words = not any(is_figure(entry.group.text) for heading in lower for entry in heading.entries)
    return words and len(lower) > 1 and lower[0].first > max(upper[0].last, 0 if alone else body[0].last)


def _headings(segment: Sequence[Drawn]) -> list[Heading]:
    found: list[Heading] = []
    for each in segment:
        entry = each.entry
        if found and entry.first <= found[-1].last:
            found[-1].first, found[-1].last = min(found[-1].first, entry.first), max(found[-1].last, entry.last)
            found[-1].entries.append(entry)
        else:
            found.append(Heading(entry.first, entry.last, [entry], []))
    return found


def _stack(upper: Sequence[Heading], lower: Sequence[Heading]) -> None:
    """Put each heading below the one that it belongs to, and stretch that one over all below it."""
    loose = []
    for heading in lower:
        over = [each for each in upper if each.first <= heading.last and heading.first <= each.last]
        if over:
            over[0].below.append(heading)
        else:
            loose.append(heading)
    for heading in loose:
        beside = [each for each in upper if each.below and _is_next(each, heading, upper)]
        if beside:
            min(beside, key=lambda each: abs(each.middle - heading.middle)).below.append(heading)
    for each in upper:
        each.first = min([each.first, *(heading.first for heading in each.below)])
        each.last = max([each.last, *(heading.last for heading in each.below)])


def _is_next(over: Heading, heading: Heading, upper: Sequence[Heading]) -> bool:
    """Whether no other heading of the upper level stands between the two."""
    left, right = sorted([over.middle, heading.middle])
    return not any(left < each.middle < right for each in upper if each is not over)


def _row(level: Sequence[Heading], depth: int) -> FormRow:
    row = FormRow()
    for heading in level:
        row.cells[heading.first] = [entry.group for entry in heading.entries]
        row.last[heading.first] = heading.last
        if depth > 1 and not heading.below:
            row.row_spans[heading.first] = depth
    return row
