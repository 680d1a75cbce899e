"""The cells that a page shows by the order in which it was drawn: lines that are one row, and the columns between."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from extract.pdf_forms_words import Group, TextRow, drawn_at, group_of

TOLERANCE = 0.5  # of the letter size, by which cells beside each other may overlap
ALIGNED = 0.12  # of the letter size, between the edges of lines that are aligned
NEXT_LINE = 1.7  # of the letter size, from line to line of a cell
MOST_GLUED = 36  # lines: more are columns of text
SAME_EDGE = 1.0
EVEN = 3  # cells of a column that are aligned
MOST_BACK = 12  # lines from the foot of a cell to the top of the next one
BACK = 0.06  # of the texts may be drawn after such that stand further down
CROSSED = 2  # rows that may run over a border between columns for each one that shows it
LEAST_ROWS = 2
INFINITE = float("inf")

Span = tuple[float, float]


@dataclass(slots=True)
class DrawnCell:
    """Lines that were drawn one after the other, each below the last: their reach, and the first and last of them."""

    x0: float
    x1: float
    first: int
    last: int

    def takes(self, at: int, group: Group) -> bool:
        """Whether a text that was drawn next is the next line of the cell."""
        return at > self.last and group.x0 < self.x1 and self.x0 < group.x1

    def is_aligned(self, other: DrawnCell) -> bool:
        """Whether the cells begin, end or have their middle at one point."""
        left, right = self.x0 - other.x0, self.x1 - other.x1
        return min(abs(left), abs(right), abs(left + right) / 2) < SAME_EDGE

    def add(self, at: int, group: Group) -> None:
        """Add a line."""
        self.x0, self.x1, self.last = min(self.x0, group.x0), max(self.x1, group.x1), at


def drawn_rows(rows: Sequence[TextRow], start: int = 0) -> list[list[DrawnCell]]:
    """The cells of a page row by row, as far as its letters were drawn cell by cell; from the line ``start`` on."""
    found: list[list[DrawnCell]] = []
    order = [
        (drawn_at(group), at, group.x0, group) for at, row in enumerate(rows[start:], start) for group in row.groups
    ]
    order.sort(key=lambda each: each[:3])
    if _is_random([each[1] for each in order]):
        order.sort(key=lambda each: each[1:3])
    last: tuple[int, Group] | None = None
    for _, at, _, group in order:
        if last is None or _leaves_row(*last, at, group):
            found.append([])
        if found[-1] and found[-1][-1].takes(at, group):
            found[-1][-1].add(at, group)
        else:
            found[-1].append(DrawnCell(group.x0, group.x1, at, at))
        last = (at, group)
    return found


def _is_random(lines: Sequence[int]) -> bool:
    """Whether texts were drawn in no order of lines, as where a program draws font by font."""
    back = sum(other < one - MOST_BACK for one, other in pairwise(lines))
    return back > 2 + BACK * len(lines)


def _leaves_row(last_at: int, last: Group, at: int, group: Group) -> bool:
    """Whether a text is neither the next line of the cell drawn before it nor to the right of that cell."""
    if group.x0 >= last.x1 - TOLERANCE * group.size:
        return False
    return at <= last_at or not _is_next_line(last, group)


def _is_next_line(last: Group, group: Group) -> bool:
    slack = ALIGNED * group.size
    near = group.base - last.base < NEXT_LINE * group.size
    aligned = (abs(group.x0 - last.x0), abs(group.x1 - last.x1), abs(group.x0 + group.x1 - last.x0 - last.x1) / 2)
    return near and min(aligned) < slack


def goes_up(row: Sequence[DrawnCell]) -> bool:
    """Whether some cell stands higher than the end of the one drawn before it, to its left."""
    return any(other.first < one.last for one, other in pairwise(row))


def glued_lines(drawn: Sequence[Sequence[DrawnCell]]) -> list[tuple[int, int]]:
    """The runs of lines (first, end) that the order of drawing proves to be one row of a table."""
    found: list[tuple[int, int]] = []
    for row in drawn:
        first, last = min(cell.first for cell in row), max(cell.last for cell in row)
        if last - first < MOST_GLUED and goes_up(row):
            found.append((first, last + 1))
    return _merged(found)


def _merged(runs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for first, end in sorted(runs):
        if found and first < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((first, end))
    return found


def header_start(drawn: Sequence[Sequence[DrawnCell]], count: int, data: int, most: int) -> int:
    """With which line the rows of cells begin that stand right above a count of columns and below the last data.

    ``most`` rows at most.
    """
    start = count
    at = next(number for number, row in enumerate(drawn) if any(cell.first <= count <= cell.last for cell in row))
    for row in reversed(drawn[max(0, at - most) : at]):
        first = min(cell.first for cell in row)
        if len(row) < 2 or first <= data or max(cell.last for cell in row) < start - 1:
            break
        start = min(start, first)
    return start


def drawn_columns(parts: Sequence[Sequence[TextRow]]) -> list[Span]:
    """The left and right edge of the text of each column of a table; none where it was not drawn cell by cell.

    The fewest borders that part all cells drawn beside each other.
    """
    pages = [drawn_rows(rows) for rows in parts]
    drawn = [row for rows in pages for row in rows]
    beside = [row for row in drawn if len(row) > 1]
    if (
        len(beside) < LEAST_ROWS
        or not any(map(goes_up, beside))
        or any(_goes_back(*pair) for rows in pages for pair in pairwise(rows))
    ):
        return []
    gaps = [gap for row in beside for gap in _gaps(row)]
    cells = [cell for row in drawn for cell in row]
    borders = [border for border in _borders(gaps) if _is_clear(border, gaps, cells)]
    return _columns_between(borders, cells)


def _gaps(row: Sequence[DrawnCell]) -> Iterator[Span]:
    """The strips between the cells of a row."""
    foot = row[0].last
    for one, other in pairwise(row):
        if other.first <= foot + 1 and one.x1 < other.x0:
            yield one.x1, other.x0
        foot = max(foot, other.last)


def _goes_back(above: Sequence[DrawnCell], row: Sequence[DrawnCell]) -> bool:
    """Whether a row goes up above the beginning of the one drawn before: text in columns."""
    return min(cell.first for cell in row) <= min(cell.first for cell in above)


def _borders(gaps: Sequence[Span]) -> list[Span]:
    """The fewest strips that part all gaps: each within all gaps that it alone parts."""
    found: list[Span] = []
    for left, right in sorted(gaps, key=lambda gap: gap[1]):
        if found and left < found[-1][1]:
            found[-1] = (max(left, found[-1][0]), found[-1][1])
        else:
            found.append((left, right))
    points = [(left + right) / 2 for left, right in found]
    own: list[list[Span]] = [[] for _ in points]
    for left, right in gaps:
        met = range(bisect_left(points, left), bisect_right(points, right))
        if len(met) == 1:
            own[met[0]].append((left, right))
    return [
        (max(gap[0] for gap in alone), min(gap[1] for gap in alone)) if alone else strip
        for alone, strip in zip(own, found, strict=True)
    ]


def _is_clear(border: Span, gaps: Sequence[Span], cells: Sequence[DrawnCell]) -> bool:
    shown = sum(left <= border[0] and border[1] <= right for left, right in gaps)
    points = (border[0] + 0.5, (border[0] + border[1]) / 2, border[1] - 0.5)
    return any(sum(cell.x0 < x < cell.x1 for cell in cells) <= CROSSED * shown for x in points)


def _columns_between(borders: Sequence[Span], cells: Sequence[DrawnCell]) -> list[Span]:
    """The reach of the cells of each column.

    First of those that stand clear of the borders, then of those within one, then of those that run into one as long
    as they leave the columns apart; others run over several columns.
    """
    if not borders:
        return []
    ends = [-INFINITE, *(x for border in borders for x in border), INFINITE]
    inner = list(zip(ends[::2], ends[1::2], strict=True))
    columns = [[cell for cell in cells if low <= cell.x0 and cell.x1 <= high] for low, high in inner]
    intruders = _intruders(inner, cells)
    for at, cell in intruders:
        if not columns[at]:
            columns[at].append(cell)
    within = [(at, cell) for at, (low, high) in enumerate(borders) for cell in cells
              if low <= cell.x0 and cell.x1 <= high]  # fmt: skip
    sides = [at + _is_right(cell, columns[at], columns[at + 1], borders[at]) for at, cell in within]
    for side, (_, cell) in zip(sides, within, strict=True):
        columns[side].append(cell)
    found = [_reach(column) for column in columns]
    for at, cell in intruders:
        found[at] = _stretched(found, at, cell)
    return [reach or (max(inner[at][0], 0.0), inner[at][0] + 1.0) for at, reach in enumerate(found)]


def _intruders(inner: Sequence[Span], cells: Sequence[DrawnCell]) -> list[tuple[int, DrawnCell]]:
    """The cells that run from one column into the borders beside it, those that reach least far into them first."""
    found = []
    for cell in cells:
        met = [at for at, (low, high) in enumerate(inner) if cell.x0 < high and low < cell.x1]
        low, high = inner[met[0]] if len(met) == 1 else (0.0, 0.0)
        if len(met) == 1 and (cell.x0 < low or high < cell.x1):
            found.append((max(low - cell.x0, cell.x1 - high), met[0], cell))
    return [each[1:] for each in sorted(found, key=lambda each: each[0])]


def _stretched(found: Sequence[Span | None], at: int, cell: DrawnCell) -> Span | None:
    reach = found[at] or (cell.x0, cell.x1)
    wider = min(reach[0], cell.x0), max(reach[1], cell.x1)
    others = [other for number, other in enumerate(found) if other is not None and number != at]
    return found[at] if any(other[0] < wider[1] and wider[0] < other[1] for other in others) else wider


def _reach(cells: Sequence[DrawnCell]) -> Span | None:
    return (min(cell.x0 for cell in cells), max(cell.x1 for cell in cells)) if cells else None


def _is_right(cell: DrawnCell, left: Sequence[DrawnCell], right: Sequence[DrawnCell], border: Span) -> bool:
    """Whether a cell within a border belongs to the column right of it.

    It is aligned as the other cells of its column, or in reach of it: columns reach as far left as right.
    """
    fits = [any(cell.is_aligned(each) for each in column) for column in (left, right)]
    even = [bool(column) and sum(column[-1].is_aligned(each) for each in column) >= EVEN for column in (left, right)]
    if fits[0] != fits[1]:
        return fits[1]
    if even[0] != even[1] and not any(fits):
        return even[0]
    ends = [_even_reach(column) for column in (left, right)]
    after = cell.x0 - ends[0][1] if ends[0] else cell.x0 - border[0]
    before = ends[1][0] - cell.x1 if ends[1] else border[1] - cell.x1
    return before < after


def _even_reach(cells: Sequence[DrawnCell]) -> Span | None:
    """How far a column reaches, if its heading stands in its middle."""
    reach = _reach(cells)
    if reach is None:
        return None
    middle = (cells[0].x0 + cells[0].x1) / 2
    half = max(middle - reach[0], reach[1] - middle)
    return middle - half, middle + half


def parted_cells(rows: Sequence[TextRow]) -> list[TextRow]:
    """Rows of text whose groups are cut where other lines were drawn between their parts: two cells close together."""
    lines: dict[int, int] = {}
    order = sorted((drawn_at(group), at) for at, row in enumerate(rows) for group in row.groups)
    if _is_random([at for _, at in order]):
        return list(rows)
    for at, row in enumerate(rows):
        for group in row.groups:
            for glyph in group.glyphs:
                lines[glyph.run] = at
    runs = sorted(lines)
    return [_parted(at, row, runs, lines) for at, row in enumerate(rows)]


def _parted(at: int, row: TextRow, runs: Sequence[int], lines: dict[int, int]) -> TextRow:
    groups = tuple(piece for group in row.groups for piece in _pieces(at, group, runs, lines))
    return row if len(groups) == len(row.groups) else row._replace(groups=groups)


def _pieces(at: int, group: Group, all_runs: Sequence[int], lines: dict[int, int]) -> Iterator[Group]:
    runs = sorted({glyph.run for glyph in group.glyphs})
    cuts = [after for before, after in pairwise(runs) if _is_left(at, before, after, all_runs, lines)]
    if not cuts:
        yield group
        return
    parts: list[list[int]] = []
    for low, high in pairwise([0, *cuts, runs[-1] + 1]):
        parts.append([number for number, glyph in enumerate(group.glyphs) if low <= glyph.run < high])
    if any(one[-1] > other[0] for one, other in pairwise(parts)):  # not beside each other
        yield group
        return
    for part in parts:
        yield group_of([group.glyphs[number] for number in part])


def _is_left(at: int, before: int, after: int, runs: Sequence[int], lines: dict[int, int]) -> bool:
    """Whether something on another line was drawn between two runs of one line."""
    number = bisect_right(runs, before)
    while runs[number] < after and lines[runs[number]] == at:
        number += 1
    return runs[number] < after
