"""Where on a page tables without rules stand: the runs of rows whose gaps lie above one another."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from extract.model import Box
from extract.pdf_forms_cells import DrawnCell, drawn_rows, glued_lines, goes_up, header_start
from extract.pdf_forms_columns import header_length, is_data_row, number_row
from extract.pdf_forms_words import TextRow, is_item_number

FAR = 3.2  # of the letter size, from the foot of a line to the head of the next: another block
GUTTER = 0.5  # of the letter size
CROSSING = 4  # gaps above one another that outweigh one line that runs over them
LEAST_GAIN = 3.0  # what a table must show to be one
MOST_ROWS = 160
MOST_BEFORE = 40
STRONG = 0.3  # of what speaks for the clearest gutter
ACROSS = 4.0  # what a line counts that runs over a gutter and has none itself
PACE_OF_LINES = 1.5  # of the letter size: from line to line of a cell
PACE_OF_ROWS = 1.9
MOST_BETWEEN = 3
MOST_HEADING = 8
MOST_HEADER = 12
MOST_HEADER_LINES = 48
MOST_LEVELS = 3  # of a header
SHARED = 0.6  # of the gutters of two parts of one table
WIDEST = 2_400

Interval = tuple[int, int]


class Gutter(NamedTuple):
    """A strip between columns: the part of it that the fewest lines run over, and what speaks for it there."""

    left: int
    right: int
    gain: int


@dataclass(frozen=True, slots=True)
class _Profile:
    """For each row and point of the page's width, summed over the rows so far: text, gaps, and text of lone groups."""

    text: Any
    gaps: Any
    alone: Any
    size: float

    def gain(self, first: int, end: int) -> Any:
        """How much more often a point is a gap than text, in the rows from ``first`` up to ``end``."""
        text, gaps = self.text[end] - self.text[first], self.gaps[end] - self.gaps[first]
        gain = gaps - 2 * text
        gain[(gaps < 2) | (gaps < CROSSING * text)] = 0
        return gain

    def gutters(self, first: int, end: int) -> list[Gutter]:
        """The free strips, from left to right."""
        import numpy as np

        gain = self.gain(first, end)
        marks = np.flatnonzero(np.diff(np.concatenate(([0], (gain > 0).view(np.int8), [0]))))
        least = GUTTER * self.size
        return [
            _clearest(gain, left, right)
            for left, right in zip(marks[::2].tolist(), marks[1::2].tolist(), strict=True)
            if right - left >= least
        ]

    def score(self, first: int, end: int) -> float:
        """The worth of these rows as one table; not above 0 if they are none."""
        gutters = self.gutters(first, end)
        alone = self.alone[end] - self.alone[first]
        across = max((int(alone[gutter.left : gutter.right].min()) for gutter in gutters), default=0)
        return sum(gutter.gain for gutter in gutters) - LEAST_GAIN - ACROSS * across


def _clearest(gain: Any, left: int, right: int) -> Gutter:
    import numpy as np

    most = int(gain[left:right].max())
    points = left + np.flatnonzero(gain[left:right] == most)
    return Gutter(int(points[0]), int(points[-1]) + 1, most)


def _profile(rows: Sequence[TextRow]) -> _Profile:
    import numpy as np

    width = min(WIDEST, 2 + int(max(row.groups[-1].x1 for row in rows)))
    text = np.zeros((len(rows) + 1, width), np.int32)
    gaps, alone = np.zeros_like(text), np.zeros_like(text)
    for at, row in enumerate(rows, 1):
        for group in row.groups:
            text[at, max(0, int(group.x0 + 0.5)) : max(0, int(group.x1 + 0.5))] = 1
        for left, right in pairwise(row.groups):
            gaps[at, max(0, int(left.x1 + 0.5)) : max(0, int(right.x0 + 0.5))] = 1
        if len(row.groups) == 1:
            alone[at] = text[at]
    sizes = sorted(row.size for row in rows)
    return _Profile(text.cumsum(0), gaps.cumsum(0), alone.cumsum(0), sizes[len(sizes) // 2])


@dataclass(frozen=True, slots=True)
class Regions:
    """The rows of the table that goes on from the page before (none if it does not), and of each other table."""

    continued: list[TextRow]
    tables: list[list[TextRow]]


def table_regions(rows: Sequence[TextRow], boxes: Iterable[Box], before: Sequence[TextRow] = ()) -> Regions:
    """The rows of each table, none across one of ``boxes``; a table holds lines of one cell alone too.

    ``before`` are the last rows of a table that is open at the foot of the page before.
    """
    boxes = list(boxes)
    zones: list[list[TextRow]] = [[]]
    for row in rows:
        zone = zones[-1]
        if zone and (_is_apart(zone[-1], row, boxes) or len(zone) >= MOST_ROWS):
            zones.append([])
        zones[-1].append(row)
    found = Regions([], [])
    ghosts = list(before)[-MOST_BEFORE:]
    for zone in zones:
        regions = _regions([*ghosts, *zone], len(ghosts))
        over = next((each for each in regions if each[0] < len(ghosts) < each[1]), None)
        if over is not None:
            found.continued.extend([*ghosts, *zone][len(ghosts) : over[1]])
        found.tables.extend([*ghosts, *zone][first:end] for first, end in regions if first >= len(ghosts))
        ghosts = []
    return found


def parted_by_counts(block: Sequence[TextRow]) -> list[list[TextRow]]:
    """The lines of each table in a block: another one begins with the header above a count of columns, below data."""
    heads = [(start, at) for start, at in _heads(block, 0, drawn_rows(block)) if 0 < start < at]
    starts = [start for start, at in heads if _data_above(block, at)]
    pieces = [list(block[first:end]) for first, end in pairwise([0, *starts, len(block)])]
    for piece in pieces[:-1]:
        while len(piece) > 2 and lies_across(piece[-1], piece[:-1]):
            piece.pop()  # the caption of the next table
    return pieces


def lies_across(row: TextRow, others: Sequence[TextRow]) -> bool:
    """Whether a row without a gap runs over a clear gutter of ``others``."""
    if not others or len(row.groups) > 1:
        return False
    gutters = _profile([*others, row]).gutters(0, len(others))
    return bool(gutters) and not _inside(row, _strong(gutters))


def _is_apart(above: TextRow, below: TextRow, boxes: Iterable[Box]) -> bool:
    if below.top - above.bottom > FAR * max(above.size, below.size):
        return True
    left, right = below.groups[0].x0, below.groups[-1].x1
    return any(above.base < box[3] and box[1] < below.base and box[0] < right and left < box[2] for box in boxes)


def _regions(zone: Sequence[TextRow], before: int) -> list[Interval]:
    split = [at for at, row in enumerate(zone) if len(row.groups) > 1]
    if len(split) < 2:
        return []
    profile = _profile(zone)
    drawn = drawn_rows(zone, before)
    heads = _heads(zone, before, drawn)
    bars = _bars(zone, before, heads)
    intervals = _whole(_best_intervals(profile, split, bars), glued_lines(drawn))
    intervals = _whole(intervals, [(start, at + 1) for start, at in heads if at - start < MOST_HEADER_LINES])
    intervals = _joined(zone, profile, intervals, bars)
    return _grown(zone, profile, intervals)


def _heads(zone: Sequence[TextRow], before: int, drawn: Sequence[Sequence[DrawnCell]]) -> list[Interval]:
    """Each count of columns, and with which line the header above it begins, as it was drawn."""
    counts = [at for at in range(before, len(zone)) if number_row(zone[at : at + 1]) == 0]
    most = MOST_LEVELS if any(map(goes_up, drawn)) else MOST_HEADER_LINES
    return [(header_start(drawn, at, max(_data_above(zone, at), default=-1), most), at) for at in counts]


def _data_above(zone: Sequence[TextRow], count: int) -> list[int]:
    """The lines above a count of columns that are rows of a table."""
    second = zone[count].groups[1].x0
    return [at for at in range(count) if is_data_row(zone[at]) and zone[at].groups[0].x0 < second]


def _bars(zone: Sequence[TextRow], before: int, heads: Sequence[Interval]) -> list[Interval]:
    """For each count of columns: where its table begins at the earliest, below the rows of another, and the count.

    Where the header above the count was drawn cell by cell, its table begins there.
    """
    found: list[Interval] = []
    for start, at in heads:
        data = _data_above(zone, at)
        if data and before < start < at:  # at the top of a page it may be a header that comes again
            found.append((start, start))
        elif sum(each >= before for each in data) > 1:
            found.append((data[-1] + 1, at))
    return found


def _is_barred(bars: Sequence[Interval], first: int, end: int) -> bool:
    """Whether an interval would hold the count of a table and rows of the table above it."""
    return any(first < start <= count < end for start, count in bars)


def _best_intervals(profile: _Profile, split: Sequence[int], bars: Sequence[Interval]) -> list[Interval]:
    """The disjoint intervals of rows, each from one row with gaps to another, that are worth most in sum."""
    best: list[tuple[float, list[Interval]]] = [(0.0, [])]
    for to, last in enumerate(split):
        chosen = best[-1]
        for start in range(to):
            if _is_barred(bars, split[start], last + 1):
                continue
            before, score = best[start], profile.score(split[start], last + 1)
            if score > 0 and before[0] + score > chosen[0]:
                chosen = (before[0] + score, [*before[1], (split[start], last + 1)])
        best.append(chosen)
    return best[-1][1]


def _whole(intervals: Sequence[Interval], glued: Sequence[Interval]) -> list[Interval]:
    """Let no interval end within lines that are one row."""
    found: list[Interval] = []
    for first, end in intervals:
        for low, high in glued:
            if low < end and first < high:
                first, end = min(first, low), max(end, high)
        if found and first < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((first, end))
    return found


def _joined(
    zone: Sequence[TextRow], profile: _Profile, intervals: Sequence[Interval], bars: Sequence[Interval]
) -> list[Interval]:
    """Join what headings over all columns have cut."""
    found: list[Interval] = []
    for at, interval in enumerate(intervals):
        barred = bool(found) and _is_barred(bars, found[-1][0], interval[1])
        if found and not barred and _is_one(zone, profile, intervals[at - 1], interval):
            found[-1] = (found[-1][0], interval[1])
        else:
            found.append(interval)
    return found


def _is_one(zone: Sequence[TextRow], profile: _Profile, above: Interval, below: Interval) -> bool:
    """Whether two intervals are one table: with most of their gutters in common, and no header between them."""
    head = zone[below[0] : below[1]]
    between = zone[above[1] : below[0]]
    only_header = not between and header_length(zone[above[0] : above[1]]) == above[1] - above[0]
    if number_row(head[:MOST_HEADER]) is not None and not only_header:
        return False
    one, other = profile.gutters(*above), profile.gutters(*below)
    left = min(row.groups[0].x0 for row in head)
    headed = _fills_columns(head[: header_length(head)], other)
    if len(between) > (MOST_BETWEEN if headed or not _is_numbered(between, left) else MOST_HEADING) or (
        between and headed
    ):
        return False
    if only_header or (not headed and _same_left(zone[above[0] : above[1]], head)):
        fewer, more = sorted((len(one), len(other)))
        return fewer >= min(2, more) and _shared(one, other) >= SHARED * fewer
    both = profile.gutters(above[0], below[1])
    return len(both) >= SHARED * max(len(one), len(other))


def _is_numbered(rows: Sequence[TextRow], left: float) -> bool:
    """Whether a line among these opens with an item number set apart, near the left edge: the heading of a section."""
    return any(
        len(row.groups) < 3 and is_item_number(row.groups[0].text) and abs(row.groups[0].x0 - left) < 1.5 * row.size
        for row in rows
    )


def _same_left(above: Sequence[TextRow], below: Sequence[TextRow]) -> bool:
    """Whether two runs of rows begin at the same distance from the edge of the page."""
    left, right = (min(row.groups[0].x0 for row in rows) for rows in (above, below))
    return abs(left - right) < below[0].size


def _shared(one: Sequence[Gutter], other: Sequence[Gutter]) -> int:
    """How many gutters of one run of rows have one of the other above or below them."""
    return sum(any(gutter.left < each.right and each.left < gutter.right for each in other) for gutter in one)


def _fills_columns(rows: Sequence[TextRow], gutters: Sequence[Gutter]) -> bool:
    """Whether rows have text in most columns, as a header has."""
    middles = [(gutter.left + gutter.right) / 2 for gutter in gutters]
    filled = {bisect_right(middles, (group.x0 + group.x1) / 2) for row in rows for group in row.groups}
    return len(filled) > 0.7 * (len(gutters) + 1)


def _grown(zone: Sequence[TextRow], profile: _Profile, intervals: Sequence[Interval]) -> list[Interval]:
    """Add the lines above and below that stand in one column each and go on at the same pace."""
    found: list[Interval] = []
    for at, (first, end) in enumerate(intervals):
        ceiling = found[-1][1] if found else 0
        floor = intervals[at + 1][0] if at + 1 < len(intervals) else len(zone)
        gutters = _strong(profile.gutters(first, end))
        if not gutters:  # no gap runs through these lines: they are no table
            continue
        while first > ceiling and _may_open(zone[first - 1], zone[first], gutters):
            first -= 1
        starts = Counter(round(group.x0) for row in zone[first:end] for group in row.groups)
        while end < floor and (
            _may_close(zone[end], zone[end - 1], gutters, starts) or _is_next_row(zone[end], zone[end - 1], starts)
        ):
            end += 1
        if _is_heading(zone[end:], zone[end - 1], gutters[0], min(starts)):
            end = len(zone)
        found.append((first, end))
    return found


def _is_heading(rows: Sequence[TextRow], above: TextRow, gutter: Gutter, left: float) -> bool:
    """Whether the lines below a table are the heading of a section in it, numbered in its first column."""
    if not 0 < len(rows) <= MOST_BETWEEN + 1 or not _is_numbered(rows, left):
        return False
    near = all(row.base - last.base <= PACE_OF_ROWS * row.size for last, row in pairwise([above, *rows]))
    first = min(row.groups[0].x1 for row in rows)
    text = (row.groups[-1].x0 for row in rows if row.groups[-1].x1 > gutter.right)
    return near and first < gutter.right <= min(text, default=0.0) + rows[0].size


def _strong(gutters: Sequence[Gutter]) -> list[Gutter]:
    most = max((gutter.gain for gutter in gutters), default=0.0)
    return [gutter for gutter in gutters if gutter.gain >= STRONG * most]


def _inside(row: TextRow, gutters: Sequence[Gutter]) -> bool:
    """Whether no text of a row runs over a gutter."""
    return not any(
        group.x0 < gutter.left + 1 and gutter.right - 1 < group.x1 for group in row.groups for gutter in gutters
    )  # fmt: skip


def _may_open(row: TextRow, below: TextRow, gutters: Sequence[Gutter]) -> bool:
    """Whether a line is the head of a heading: right of the first column, or over several of the others."""
    step, alike = below.base - row.base, abs(row.size - below.size) < 0.05 * row.size
    if _is_beside(row, gutters[0]):
        return alike and step <= PACE_OF_ROWS * row.size
    pace = PACE_OF_ROWS if len(row.groups) > 1 else PACE_OF_LINES
    return alike and step <= pace * row.size and row.groups[0].x0 > gutters[0].right - 0.5 * row.size


def _is_beside(row: TextRow, gutter: Gutter) -> bool:
    """Whether a row has text on both sides of a gutter, or left of it alone as the head of the first column."""
    return len(row.groups) > 1 and row.groups[0].x1 < gutter.right


def _may_close(row: TextRow, above: TextRow, gutters: Sequence[Gutter], starts: Counter[int]) -> bool:
    """Whether a line is the rest of a row: right of the first column, or flush with other texts of the table."""
    left = row.groups[0].x0
    flush = sum(starts[round(left) + off] for off in (-1, 0, 1)) > 1 and left > min(starts) + 0.8 * row.size
    step = row.base - above.base
    between = step < 0.9 * row.size  # half a line: cells of one row with even and odd numbers of lines
    apart = flush or between or left > gutters[0].right - 0.5 * row.size or _goes_on(above, row, gutters[0])
    return step <= PACE_OF_ROWS * row.size and apart and _inside(row, gutters)


def _is_next_row(row: TextRow, above: TextRow, starts: Counter[int]) -> bool:
    """Whether all texts of a line begin where several texts of the table do."""
    flush = all(sum(starts[round(group.x0) + off] for off in (-1, 0, 1)) > 1 for group in row.groups)
    return flush and len(row.groups) > 2 and row.base - above.base <= FAR * row.size


def _goes_on(above: TextRow, row: TextRow, gutter: Gutter) -> bool:
    """Whether a lone text in the first column stands right under another one there."""
    one, other = above.groups[0], row.groups[0]
    over = one.x0 < other.x1 and other.x0 < one.x1 and max(one.x1, other.x1) < gutter.right
    return over and len(row.groups) == 1 and row.base - above.base <= PACE_OF_LINES * row.size
