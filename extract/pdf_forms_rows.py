"""The rows of a table without rules: which lines of text belong to one row, and the two levels of a header."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from extract.pdf_forms_columns import Entry, Span, entries_of, header_length
from extract.pdf_forms_words import Group, TextRow, is_figure, is_item_number
from extract.pdf_lines import begins_item

WIDE_STEP = 1.45  # of the usual step between lines: a new row
MOST_HEADER_LINES = 12
MANY_RULES = 4  # between all rows, the header's too


@dataclass(slots=True)
class FormRow:
    """One table row: its groups by first column, the last column of each cell, its own rows of text."""

    base: float
    cells: dict[int, list[Group]] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)
    row_spans: dict[int, int] = field(default_factory=dict)
    bases: list[float] = field(default_factory=list)

    def add(self, base: float, entries: Sequence[Entry]) -> None:
        """Add the entries of one line of text."""
        self.bases.append(base)
        for entry in entries:
            self.cells.setdefault(entry.first, []).append(entry.group)
            self.last[entry.first] = max(self.last.get(entry.first, 0), entry.last)


@dataclass(frozen=True, slots=True)
class Lines:
    """The text rows of a block with their entries, the columns, and the heights of the horizontal rules."""

    rows: Sequence[TextRow]
    entries: Sequence[Sequence[Entry]]
    columns: Sequence[Span]
    rules: Sequence[float]
    step: float
    figures: frozenset[int]
    numbers: bool
    all_numbered: bool = False

    def has_data(self, at: int) -> bool:
        """Whether a line holds an item number or a figure in a column of figures."""
        return any(
            (entry.first in self.figures and is_figure(entry.group.text))
            or (self.numbers and entry.first == 0 and is_item_number(entry.group.text))
            for entry in self.entries[at]
        )

    def is_ruled_off(self, at: int) -> bool:
        """Whether a rule runs between a line and the one above it."""
        return _band(self.rules, self.rows[at]) != _band(self.rules, self.rows[at - 1])


def _band(rules: Sequence[float], row: TextRow) -> int:
    return bisect_right(rules, row.base - 0.3 * row.size)


def lines_with(rows: Sequence[TextRow], columns: Sequence[Span], rules: Sequence[float]) -> Lines:
    """Sort the groups into the columns and see which columns hold figures or item numbers."""
    header = header_length(rows)
    entries = [entries_of(row, columns, at < header) for at, row in enumerate(rows)]
    steps = [below.base - above.base for above, below in itertools.pairwise(rows)]
    texts = [
        [entry.group.text for line in entries[header:] for entry in line if entry.first == at == entry.last]
        for at in range(len(columns))
    ]
    figures = frozenset(at for at, found in enumerate(texts) if at and _mostly(is_figure, found, 2))
    numbers = _mostly(is_item_number, texts[0], 2) and len(columns) > 2
    found = Lines(rows, entries, columns, rules, _usual(steps), figures, numbers)
    return replace(found, all_numbered=_all_numbered(found))


def _all_numbered(lines: Lines) -> bool:
    """Whether every line with data has an item number, so that a line without one is the rest of a row."""
    data = [at for at in range(header_length(lines.rows), len(lines.rows)) if lines.has_data(at)]
    bare = sum(lines.entries[at][0].first > 0 for at in data)
    return lines.numbers and len(data) > 4 and bare <= 0.05 * len(data)


def _mostly(test: object, texts: Sequence[str], least: int) -> bool:
    from extract.pdf_forms_words import is_blank_mark

    assert callable(test)
    telling = [text for text in texts if not is_blank_mark(text)]
    right = sum(bool(test(text)) for text in telling)
    return right >= least and right >= 0.6 * len(telling)


def _usual(steps: Sequence[float]) -> float:
    """The step between the lines of one cell: among the smaller ones."""
    if not steps:
        return 0.0
    ordered = sorted(steps)
    return ordered[len(ordered) // 4]


def form_rows(lines: Lines) -> list[FormRow]:
    """All rows of the table from top to bottom, its header first."""
    header = min(header_length(lines.rows), MOST_HEADER_LINES)
    if header == len(lines.rows) or len(lines.rules) > MANY_RULES:
        header = _first_band(lines)
    found = _header_rows(lines, header)
    start = header
    while start < len(lines.rows):
        end = start + 1
        while end < len(lines.rows) and not lines.is_ruled_off(end):
            end += 1
        found.extend(_band_rows(lines, start, end))
        start = end
    return found


def _first_band(lines: Lines) -> int:
    """The header of a table without data: what stands above its first rule, or its first line."""
    return next((at for at in range(1, len(lines.rows)) if lines.is_ruled_off(at)), min(1, len(lines.rows)))


def _header_rows(lines: Lines, count: int) -> list[FormRow]:
    """One row, or two where a heading runs over several columns that have headings of their own below it."""
    if not count:
        return []
    over = [
        (at, entry) for at in range(count) for entry in lines.entries[at] if entry.last > entry.first
        and any(_under(below, entry) for line in lines.entries[at + 1 : count] for below in line)
    ]  # fmt: skip
    if not over:
        row = FormRow(lines.rows[0].base)
        for at in range(count):
            row.add(lines.rows[at].base, lines.entries[at])
        return [row]
    deepest = max(at for at, _ in over)
    covered = {column for _, entry in over for column in range(entry.first, entry.last + 1)}
    upper, lower = FormRow(lines.rows[0].base), FormRow(lines.rows[deepest + 1].base)
    for at in range(count):
        for entry in lines.entries[at]:
            below = entry.first in covered and at > deepest
            (lower if below else upper).add(lines.rows[at].base, [entry])
    upper.row_spans = {column: 2 for column in upper.cells if column not in covered}
    return [upper, lower]


def _under(below: Entry, above: Entry) -> bool:
    return (
        below.first >= above.first and below.last <= above.last and below.last - below.first < above.last - above.first
    )


def _band_rows(lines: Lines, start: int, end: int) -> Iterator[FormRow]:
    """The rows between two rules: one if no more than one line holds data, else cut line by line."""
    data = [at for at in range(start, end) if lines.has_data(at)]
    ruled = len(lines.rules) > 2 and start > 0 and end < len(lines.rows)
    groups: Sequence[Sequence[int]]
    if ruled and len(data) < 2:
        groups = [range(start, end)]
    elif _is_centred(lines, start, end):
        groups = _centred_groups(lines, start, end)
    else:
        groups = _top_groups(lines, start, end)
    for group in groups:
        row = FormRow(lines.rows[group[0]].base)
        for at in group:
            row.add(lines.rows[at].base, lines.entries[at])
        yield row


def _top_groups(lines: Lines, start: int, end: int) -> list[list[int]]:
    """Cut where a line is no rest of the cells above it."""
    groups: list[list[int]] = []
    for at in range(start, end):
        if groups and _joins(lines, groups[-1], at):
            groups[-1].append(at)
        else:
            groups.append([at])
    return groups


def _joins(lines: Lines, group: Sequence[int], at: int) -> bool:
    if lines.rows[at].base - lines.rows[at - 1].base > WIDE_STEP * lines.step:
        return False
    if lines.has_data(at):
        return not any(map(lines.has_data, group)) and _goes_on(lines, group, at) and _is_lower(lines, at)
    if any(begins_item(entry.group.text + " ") for entry in lines.entries[at] if not _is_unit(lines, entry)):
        return False
    return lines.all_numbered or _goes_on(lines, group, at)


def _is_unit(lines: Lines, entry: Entry) -> bool:
    """Whether an entry stands right of the column next to the item numbers: choices listed there are no items."""
    return lines.numbers and entry.first > 1


def _is_lower(lines: Lines, at: int) -> bool:
    label = max(lines.entries[at], key=lambda entry: len(entry.group.text))
    return label.group.text[:1].islower()


def _goes_on(lines: Lines, group: Sequence[int], at: int) -> bool:
    """Whether every cell of a line goes on with a cell above that had no room for its first word."""
    above = {entry.first: entry for each in group for entry in lines.entries[each]}
    shared = [entry for entry in lines.entries[at] if entry.first in above]
    return bool(shared) and len(shared) == len(lines.entries[at]) and all(
        _no_room(above[entry.first], entry, lines.columns) for entry in shared
    )  # fmt: skip


def _no_room(above: Entry, entry: Entry, columns: Sequence[Span]) -> bool:
    left, right = columns[above.first][0], columns[max(above.last, entry.last)][1]
    used = above.group.x1 - min(above.group.x0, entry.group.x0)
    needed = entry.group.first_x1 - entry.group.x0 + 0.2 * entry.group.size
    return used + needed > right - left - 0.1 * entry.group.size


def _is_centred(lines: Lines, start: int, end: int) -> bool:
    """Whether figures stand at half the height of labels of several lines."""
    votes = 0
    for at in range(start, end):
        if not lines.has_data(at):
            continue
        label = _label(lines, at)
        between = start < at < end - 1 and not lines.has_data(at - 1) and not lines.has_data(at + 1)
        if label is None:
            votes += between and _label(lines, at - 1) is not None and _label(lines, at + 1) is not None
        elif at > start and not lines.has_data(at - 1) and _label(lines, at - 1) is not None:
            votes += 1 if label.group.text[:1].islower() else 0
        elif at + 1 < end and not lines.has_data(at + 1):
            below = _label(lines, at + 1)
            votes -= below is not None and below.group.text[:1].islower()
    return votes > 0


def _label(lines: Lines, at: int) -> Entry | None:
    """The entry of a line in the columns of text, the widest first."""
    found = [e for e in lines.entries[at] if e.first not in lines.figures and not (lines.numbers and e.first == 0)]
    return max(found, key=lambda entry: entry.group.x1 - entry.group.x0, default=None)


def _centred_groups(lines: Lines, start: int, end: int) -> list[list[int]]:
    """Each line with data in the middle of the lines of its row: as many below as above it."""
    groups: list[list[int]] = []
    at = start
    while at < end:
        anchor = next((each for each in range(at, end) if lines.has_data(each)), None)
        if anchor is None:
            groups.extend(_top_groups(lines, at, end))
            break
        first = anchor
        while first > at and _is_part(lines, first - 1, first):
            first -= 1
        groups.extend(_top_groups(lines, at, first))
        foot = 2 * lines.rows[anchor].base - lines.rows[first].base + 0.3 * lines.step
        last = anchor
        while last + 1 < end and not lines.has_data(last + 1) and lines.rows[last + 1].base <= foot:
            last += 1
        groups.append(list(range(first, last + 1)))
        at = last + 1
    return groups


def _is_part(lines: Lines, above: int, below: int) -> bool:
    """Whether the line above goes on below: near, and without room for the next word."""
    if lines.rows[below].base - lines.rows[above].base > WIDE_STEP * lines.step * 1.5:
        return False
    upper = _label(lines, above)
    lower = _label(lines, below) or (_label(lines, below + 1) if below + 1 < len(lines.rows) else None)
    return (
        upper is not None and lower is not None and upper.first == lower.first and _no_room(upper, lower, lines.columns)
    )
