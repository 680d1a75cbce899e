"""The columns of a block of text rows: the gutters that hardly any row crosses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from extract.pdf_forms_words import Group, TextRow, is_bullet, is_figure, is_item_number

FEW_CROSS = 0.12  # of the rows: headings over several columns
GUTTER = 0.5  # of the letter size
GUTTER_OF_FEW = 0.8  # where fewer than FEW rows tell
FEW = 4
NEAR = 3.0

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
    return is_item_number(groups[0].text) or any(is_figure(group.text) for group in groups[1:])


def header_length(rows: Sequence[TextRow]) -> int:
    """How many rows stand above the first one with data (all, if there is none)."""
    return next((at for at, row in enumerate(rows) if is_data_row(row)), len(rows))


def find_columns(rows: Sequence[TextRow]) -> list[Span]:
    """Find the left and right edge of the text of each column, from left to right."""
    header = header_length(rows)
    body = [row for row in rows[header:] if len(row.groups) > 1]
    telling = body if len(body) > 1 else [row for row in rows if len(row.groups) > 1]
    columns = _occupied(telling)
    header_rows = set(map(id, rows[:header]))
    loose = [
        (group.x0, group.x1)
        for row in rows
        for group in row.groups
        if len(row.groups) > 1 or id(row) in header_rows
        if not any(_overlap((group.x0, group.x1), column) > 0 for column in columns)
    ]
    columns = sorted([*columns, *_united(loose, 0.0)])
    columns = [each for at, each in enumerate(columns) if not _is_over_two(at, columns, rows[:header])]
    columns = _with_own_header(columns, rows[:header], rows[header:])
    return _without_bullets(columns, rows)


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


def _with_own_header(columns: list[Span], header: Sequence[TextRow], body: Sequence[TextRow]) -> list[Span]:
    """Join a column that has only a heading to a neighbour that has none: they are aligned differently."""
    found: list[Span] = []
    was: tuple[bool, bool] = (False, False)
    for column in columns:
        now = (_used(column, header), _used(column, body))
        size = body[0].size if body else 0.0
        if found and was != now and True not in (was[0] and now[0], was[1] and now[1]) and any(was) and any(now) \
                and column[0] - found[-1][1] < NEAR * size:  # fmt: skip
            found[-1] = (found[-1][0], column[1])
            was = (True, True)
            continue
        found.append(column)
        was = now
    return found


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

    A heading in the gutter between two columns stands over both.
    """
    found = []
    for group in row.groups:
        span = (group.x0, group.x1)
        hit = [at for at, column in enumerate(columns) if _overlap(span, column) > 0.1 * group.size]
        if not hit:
            middle = (group.x0 + group.x1) / 2
            near = sorted(range(len(columns)), key=lambda at: _distance(middle, columns[at]))
            beside = columns[0][1] < middle < columns[-1][0] and len(columns) > 1
            hit = sorted(near[:2]) if header and beside else near[:1]
        found.append(Entry(hit[0], hit[-1], group))
    return found


def _distance(x: float, column: Span) -> float:
    return max(column[0] - x, x - column[1], 0.0)
