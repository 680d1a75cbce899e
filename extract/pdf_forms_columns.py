"""The columns of a block of text rows: the gutters that hardly any row crosses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from extract.pdf_forms_words import Group, TextRow, is_bullet, is_figure, is_item_number

FEW_CROSS = 0.12  # of the rows: headings over several columns
GUTTER = 0.5  # of the letter size
GUTTER_OF_FEW = 0.8  # where fewer than FEW rows tell
FEW = 4
NEAR = 3.0
FLUSH = 8.0  # of the letter size, from text at the left edge of a cell to its centred heading

_COUNTED = re.compile(r"\(?(\d{1,2})\)?")

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Entry:
    """A group and the columns that it stands in, first and last."""

    first: int
    last: int
    group: Group


def is_data_row(row: TextRow) -> bool:
    """Whether a row holds a figure beside something else, or begins with an item number."""
    groups = row.groups
    if len(groups) < 2:
        return False
    return is_item_number(groups[0].text) or any(
        is_figure(group.text) and "/" not in group.text for group in groups[1:]
    )


def header_length(rows: Sequence[TextRow]) -> int:
    """How many rows stand above the first one with data (all, if there is none)."""
    return next((at for at, row in enumerate(rows) if is_data_row(row)), len(rows))


def number_row(rows: Sequence[TextRow]) -> int | None:
    """Which row counts the columns: (1) (2) (3) ..., from 1 or, where the first columns go without, from 2."""
    return next((at for at, row in enumerate(rows) if _counts(row)), None)


def _counts(row: TextRow) -> bool:
    found = [_COUNTED.fullmatch(group.text) for group in row.groups]
    numbers = [int(each[1]) for each in found if each]
    return len(numbers) == len(found) > 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers))) \
        and numbers[0] in (1, 2)  # fmt: skip


def _counted_columns(rows: Sequence[TextRow], at: int) -> list[Span]:
    """The columns that a row of numbers counts: parted where the fewest lines run over."""
    marks = rows[at].groups
    others = [(group.x0, group.x1) for row in rows for group in row.groups]
    strips = [_emptiest(left.x1, right.x0, others) for left, right in pairwise(marks)]
    left = min(group.x0 for row in rows[at:] for group in row.groups)
    right = max(group.x1 for row in rows[at:] for group in row.groups)
    return list(zip([left, *(strip[1] for strip in strips)], [*(strip[0] for strip in strips), right], strict=True))


def _emptiest(left: float, right: float, spans: Sequence[Span]) -> Span:
    """The widest of the strips between two points over which the fewest spans run."""
    cuts = sorted({left, right, *(x for span in spans for x in span if left < x < right)})
    strips = [(sum(x0 < b and a < x1 for x0, x1 in spans), a - b, a, b) for a, b in pairwise(cuts)]
    least = min(count for count, *_ in strips)
    joined = _united([(a, b) for count, _, a, b in strips if count == least], 0.01)
    return max(joined, key=lambda strip: strip[1] - strip[0])


def find_columns(rows: Sequence[TextRow], header: int = -1) -> list[Span]:
    """Find the left and right edge of the text of each column, from left to right.

    ``header`` is the number of rows in the header where that is known.
    """
    counted = number_row(rows)
    if counted is not None:
        return _counted_columns(rows, counted)
    header = header_length(rows) if header < 0 else header
    body = [row for row in rows[header:] if len(row.groups) > 1]
    telling = body if len(body) > 1 else [row for row in rows if len(row.groups) > 1]
    columns = _occupied(telling)
    leaves = _united([(group.x0, group.x1) for group in _leaves(rows[:header])], 0.0)
    loose = [(group.x0, group.x1) for row in rows[header:] if len(row.groups) > 1 for group in row.groups]
    columns = _united([*columns, *(span for span in loose if not _hit(span, columns))], 0.0)
    columns = [_with_leaf(column, columns, leaves) for column in columns]
    columns = sorted([*columns, *(leaf for leaf in leaves if not _hit(leaf, columns))])
    columns = [each for at, each in enumerate(columns) if not _is_over_two(at, columns, rows[:header])]
    columns = _with_own_header(columns, leaves, rows[header:])
    return _without_bullets(columns, rows)


def _hit(span: Span, columns: Sequence[Span]) -> int:
    """How many columns a span shares something with."""
    return sum(_overlap(span, column) > 0 for column in columns)


def _with_leaf(column: Span, columns: Sequence[Span], leaves: Sequence[Span]) -> Span:
    """A column as wide as the one heading that stands over it and over no other column."""
    own = [leaf for leaf in leaves if _overlap(leaf, column) > 0 and _hit(leaf, columns) == 1]
    return (min(column[0], own[0][0]), max(column[1], own[0][1])) if len(own) == 1 else column


def _leaves(header: Sequence[TextRow]) -> list[Group]:
    """The groups of a header but those that stand over several others."""
    groups = [group for row in header for group in row.groups]
    return [group for group in groups if not _is_over_others(group, groups)]


def _is_over_others(group: Group, groups: Sequence[Group]) -> bool:
    below = sorted(
        (other.x0, other.x1) for other in groups
        if other.base > group.base + 1 and _overlap((other.x0, other.x1), (group.x0, group.x1)) > 0
    )  # fmt: skip
    return len(_united(below, 0.3 * group.size)) > 1


def _occupied(rows: Sequence[TextRow]) -> list[Span]:
    """Where more than a few of the rows have text, united over gaps that are no gutters."""
    events = sorted((x, step) for row in rows for group in row.groups for x, step in ((group.x0, 1), (group.x1, -1)))
    few = int(FEW_CROSS * len(rows))
    found: list[Span] = []
    count, start = 0, 0.0
    for x, step in events:
        before, count = count, count + step
        if before <= few < count:
            start = x
        elif count <= few < before:
            found.append((start, x))
    size = sorted(row.size for row in rows)[len(rows) // 2] if rows else 0.0
    return _united(found, (GUTTER if len(rows) >= FEW else GUTTER_OF_FEW) * size)


def _united(spans: Iterable[Span], gap: float) -> list[Span]:
    found: list[Span] = []
    for left, right in sorted(spans):
        if found and left - found[-1][1] <= gap:
            found[-1] = (found[-1][0], max(found[-1][1], right))
        else:
            found.append((left, right))
    return found


def _overlap(one: Span, other: Span) -> float:
    return min(one[1], other[1]) - max(one[0], other[0])


def _used(column: Span, rows: Iterable[TextRow]) -> bool:
    return any(_overlap((group.x0, group.x1), column) > 0 for row in rows for group in row.groups)


def _is_over_two(at: int, columns: Sequence[Span], header: Sequence[TextRow]) -> bool:
    """Whether a column is only a heading above the headings of its two neighbours."""
    if not 0 < at < len(columns) - 1:
        return False
    own = [number for number, row in enumerate(header) if _used(columns[at], [row])]
    beside = [number for number, row in enumerate(header)
              if _used(columns[at - 1], [row]) and _used(columns[at + 1], [row])]  # fmt: skip
    return bool(own and beside) and max(own) < min(beside)


def _with_own_header(columns: list[Span], leaves: Sequence[Span], body: Sequence[TextRow]) -> list[Span]:
    """Join a column that has only a heading to the nearer neighbour that has none: they are aligned differently."""
    size = body[0].size if body else 0.0
    headed = [any(_overlap(leaf, column) > 0 for leaf in leaves) for column in columns]
    filled = [_is_filled(column, columns, body) for column in columns]
    flush = _are_flush_left(columns, body)
    pairs = sorted(
        (not (flush and filled[at]), columns[at + 1][0] - columns[at][1], at) for at in range(len(columns) - 1)
        if (headed[at], filled[at]) != (headed[at + 1], filled[at + 1])
        and headed[at] != filled[at] and headed[at + 1] != filled[at + 1]
    )  # fmt: skip
    joined: set[int] = set()
    for doubtful, gap, at in pairs:
        if gap < (NEAR if doubtful else FLUSH) * size and not joined & {at - 1, at, at + 1}:
            joined.add(at)
    found: list[Span] = []
    for at, column in enumerate(columns):
        if at - 1 in joined:
            found[-1] = (found[-1][0], column[1])
        else:
            found.append(column)
    return found


def _is_filled(column: Span, columns: Sequence[Span], body: Sequence[TextRow]) -> bool:
    """Whether text of the body stands in a column and in no other."""
    spans = ((group.x0, group.x1) for row in body for group in row.groups)
    return any(_overlap(span, column) > 0 and _hit(span, columns) == 1 for span in spans)


def _are_flush_left(columns: Sequence[Span], body: Sequence[TextRow]) -> bool:
    """Whether more columns have texts that begin at one point than such that end at one."""
    left = right = 0
    for column in columns:
        inside = [group for row in body for group in row.groups if _overlap((group.x0, group.x1), column) > 0]
        if len(inside) > 2:
            begin, end = _spread([group.x0 for group in inside]), _spread([group.x1 for group in inside])
            left += begin < 1.0 < end
            right += end < 1.0 < begin
    return left > right


def _spread(points: Sequence[float]) -> float:
    ordered = sorted(points)
    cut = len(ordered) // 6
    return ordered[len(ordered) - 1 - cut] - ordered[cut]


def _without_bullets(columns: list[Span], rows: Sequence[TextRow]) -> list[Span]:
    """Join a column of bullets to the text that they open."""
    found: list[Span] = []
    for at, column in enumerate(columns):
        inside = [group.text for row in rows for group in row.groups if _overlap((group.x0, group.x1), column) > 0]
        if found and found[-1][1] < found[-1][0]:
            found[-1] = (found[-1][1], column[1])
        elif at + 1 < len(columns) and at < 2 and inside and all(map(is_bullet, inside)):
            found.append((column[1], column[0]))
        else:
            found.append(column)
    return found


def entries_of(row: TextRow, columns: Sequence[Span], header: bool = False) -> list[Entry]:
    """Put each group of a row into its column, or the columns that it runs over.

    A heading in the gutter between two columns stands over both; text that runs over a gutter of the body has all the
    room up to the next text.
    """
    found = [Entry(*_columns_of(group, columns, header), group) for group in row.groups]
    if header:
        return found
    spread = []
    for at, entry in enumerate(found):
        if entry.last > entry.first:
            first = found[at - 1].last + 1 if at else 0
            last = found[at + 1].first - 1 if at + 1 < len(found) else len(columns) - 1
            last = max(last, entry.last)
            entry = Entry(_first_of(entry, first, last, columns), last, entry.group)
        spread.append(entry)
    return spread


def _first_of(entry: Entry, first: int, last: int, columns: Sequence[Span]) -> int:
    """Where the cell begins of a text over several columns: it opens the cell or stands in its middle."""

    def distance(at: int) -> float:
        left, middle = columns[at][0], (columns[at][0] + columns[last][1]) / 2
        return min(abs(entry.group.x0 - left), abs((entry.group.x0 + entry.group.x1) / 2 - middle))

    return min(range(min(first, entry.first), entry.first + 1), key=distance)


def _columns_of(group: Group, columns: Sequence[Span], header: bool) -> tuple[int, int]:
    span = (group.x0, group.x1)
    hit = [at for at, column in enumerate(columns) if _overlap(span, column) > 0.1 * group.size]
    if hit:
        return hit[0], hit[-1]
    middle = (group.x0 + group.x1) / 2
    near = sorted(range(len(columns)), key=lambda at: _distance(middle, columns[at]))
    beside = columns[0][1] < middle < columns[-1][0] and len(columns) > 1
    hit = sorted(near[:2]) if header and beside else near[:1]
    return hit[0], hit[-1]


def _distance(x: float, column: Span) -> float:
    return max(column[0] - x, x - column[1], 0.0)
