"""The lines of a table without rules, sorted into its columns: what these hold, and the pace of lines and rows."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from extract.pdf_forms_columns import Entry, Span, entries_of
from extract.pdf_forms_drawn import borders_drawn, with_whole_spans
from extract.pdf_forms_words import Group, TextRow, is_blank_mark, is_figure, is_item_number
from extract.pdf_lines import begins_item

_LONG_NUMBER = re.compile(r"(?:\d{1,3}\.){2,}")
_CUT_WORD = re.compile(r"[^\W\d_][.)]\w")
"""What is left of an address that was cut after one letter; it opens no point of a list."""
SAME_STEP = 0.04  # of the step: lines of one cell are set evenly


@dataclass(slots=True)
class FormRow:
    """One table row: its groups by first column, the last column of each cell, the rows each cell spans."""

    cells: dict[int, list[Group]] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)
    row_spans: dict[int, int] = field(default_factory=dict)

    def add(self, entries: Iterable[Entry]) -> None:
        """Add the entries of one line of text."""
        for entry in entries:
            self.cells.setdefault(entry.first, []).append(entry.group)
            self.last[entry.first] = max(self.last.get(entry.first, 0), entry.last)


@dataclass(frozen=True, slots=True)
class Pace:
    """The usual step between two lines of a cell, and between two rows, if that is wider (else 0)."""

    line: float
    row: float

    @property
    def border(self) -> float:
        """The step from which on two lines belong to two rows."""
        return (self.line + self.row) / 2 if self.row else 1.3 * self.line


@dataclass(frozen=True, slots=True)
class Lines:
    """The text rows of a table with their entries, the columns, and the heights of the horizontal rules."""

    rows: Sequence[TextRow]
    entries: Sequence[Sequence[Entry]]
    columns: Sequence[Span]
    rules: Sequence[float]
    figures: frozenset[int]
    numbers: bool
    header: int
    pace: Pace
    label: int = -1
    fully_ruled: bool = False
    all_numbered: bool = False
    units: frozenset[tuple[int, str]] = frozenset()
    borders: Sequence[str] = ()

    def has_data(self, at: int) -> bool:
        """Whether a line holds an item number or a figure in a column of figures."""
        return any(self.is_datum(entry) for entry in self.entries[at])

    def is_datum(self, entry: Entry) -> bool:
        """Whether an entry is an item number or a figure in a column of figures."""
        text = entry.group.text
        return (entry.first in self.figures and is_figure(text) and "/" not in text) or (
            self.numbers and entry.first == 0 and is_item_number(text)
        )

    def is_unit(self, entry: Entry) -> bool:
        """Whether an entry is a text that stands beside the figures or numbers of several rows in its column."""
        return (entry.first, entry.group.text) in self.units

    def band(self, at: int) -> int:
        """Between which two rules a line stands."""
        row = self.rows[at]
        return bisect_right(self.rules, row.base - 0.3 * row.size)


def lines_with(parts: Sequence[Sequence[TextRow]], columns: Sequence[Span], headers: Sequence[int]) -> list[Lines]:
    """Sort the groups of each part of a table into its columns; what its columns hold is seen over all parts."""
    sorted_in = [
        [entries_of(row, columns, at < header) for at, row in enumerate(rows)]
        for rows, header in zip(parts, headers, strict=True)
    ]
    with_whole_spans(sorted_in)
    texts: list[list[str]] = [[] for _ in columns]
    for entries, header in zip(sorted_in, headers, strict=True):
        for entry in (entry for line in entries[header:] for entry in line if entry.first == entry.last):
            texts[entry.first].append(entry.group.text)
    figures = frozenset(at for at, found in enumerate(texts) if at and _mostly_figures(found))
    items = [text for text in texts[0] if is_item_number(text)]
    numbers = len(columns) > 2 and len(items) >= 2 and len(items) >= 0.6 * len(texts[0])
    pace = _pace(
        [(rows[header:], entries[header:]) for rows, entries, header in zip(parts, sorted_in, headers, strict=True)],
        columns,
    )
    letters = [sum(map(len, found)) if at not in figures else 0 for at, found in enumerate(texts)]
    label = letters.index(max(letters))
    borders = borders_drawn(sorted_in, headers)
    found = [
        Lines(rows, entries, columns, (), figures, numbers, header, pace, label, borders=drawn)
        for rows, entries, header, drawn in zip(parts, sorted_in, headers, borders, strict=True)
    ]
    units = _units(found, label)
    return [replace(lines, units=units) for lines in found]


def _units(parts: Sequence[Lines], label: int) -> frozenset[tuple[int, str]]:
    """The columns and texts of what stands on the lines of several figures or item numbers, beside the labels."""
    counts = Counter(
        (entry.first, entry.group.text)
        for lines in parts
        for at, line in enumerate(lines.entries[lines.header :], lines.header)
        if lines.has_data(at)
        for entry in line
        if entry.first not in (0, label) and entry.first == entry.last and not lines.is_datum(entry)
    )
    return frozenset(each for each, count in counts.items() if count > 1)


def _mostly_figures(texts: Sequence[str]) -> bool:
    telling = [text for text in texts if not is_blank_mark(text)]
    right = sum(map(is_figure, telling))
    return right >= 2 and right >= 0.6 * len(telling)


def _pace(bodies: Sequence[tuple[Sequence[TextRow], Sequence[Sequence[Entry]]]], columns: Sequence[Span]) -> Pace:
    """Measure the steps of a table, by the lines that surely go on and by all that follow one another."""
    sure: list[float] = []
    steps: list[float] = []
    for rows, entries in bodies:
        last: dict[int, tuple[float, Entry]] = {}
        for at, (row, line) in enumerate(zip(rows, entries, strict=True)):
            if at:
                steps.append(row.base - rows[at - 1].base)
            for entry in line:
                base, above = last.get(entry.first, (0.0, entry))
                if base > 0 and row.base - base < 2 * row.size and _surely_goes_on(above, entry, columns):
                    sure.append(row.base - base)
                last[entry.first] = (row.base, entry)
    line_step = _lower_quarter(sure) if len(sure) > 2 else _lower_quarter(steps)
    return Pace(line_step, _row_step(steps, line_step))


def _surely_goes_on(above: Entry, entry: Entry, columns: Sequence[Span]) -> bool:
    text = entry.group.text
    return text[:1].islower() and not begins_item(text + " ") and has_no_room(above, entry, columns)


def _lower_quarter(steps: Sequence[float]) -> float:
    return sorted(steps)[len(steps) // 4] if steps else 12.0


def _row_step(steps: Sequence[float], line: float) -> float:
    """The step that many rows may begin with, if it is wider than that of the lines."""
    wider = Counter(round(10 * step / line) for step in steps if 1.08 * line < step < 1.9 * line)
    if not wider:
        return 0.0
    best = max(wider, key=lambda each: wider[each - 1] + wider[each] + wider[each + 1])
    near = sorted(step for step in steps if abs(10 * step / line - best) <= 1.5)
    return near[len(near) // 10] if len(near) >= 4 else 0.0


def has_no_room(above: Entry, entry: Entry, columns: Sequence[Span]) -> bool:
    """Whether the first word of a line would not have fitted on the line above it in the same cell."""
    last = max(above.last, entry.last)
    width = columns[last][1] - columns[above.first][0]
    used = above.group.x1 - min(above.group.x0, entry.group.x0)
    if above.group.x0 > columns[above.first][0] + entry.group.size:
        used = above.group.x1 - above.group.x0  # centred
    needed = entry.group.first_x1 - entry.group.x0 + 0.2 * entry.group.size
    return used + needed > width - 0.1 * entry.group.size


def is_rest(above: Lines, row: Sequence[int], below: Lines, rest: Sequence[int]) -> bool:
    """Whether the first row of a page finishes the last row of the page before: no text in it had room there."""
    began = {entry.first: entry for at in row for entry in above.entries[at]}
    goes_on = {entry.first: entry for at in reversed(rest) for entry in below.entries[at]}
    if not began.keys() >= goes_on.keys():
        return False
    cut = {at for at, entry in goes_on.items() if _is_number_cut(began[at], entry, above)}
    if any(below.is_datum(entry) and entry.first not in cut for at in rest for entry in below.entries[at]):
        return False
    small = [entry for entry in goes_on.values() if _opens_small(entry) and not below.is_unit(entry)]
    if any(entry.group.text[:1].isupper() for entry in goes_on.values()):
        small = []
    if (
        above.numbers
        and 0 in began
        and 0 not in goes_on
        and any(above.all_numbered or has_no_room(began[entry.first], entry, above.columns) for entry in small)
    ):
        return True
    shown = bool(cut) or len(goes_on) == 1 or any(entry.group.text[:1].islower() for entry in goes_on.values())
    return shown and all(at in cut or _follows(began[at], entry, above) for at, entry in goes_on.items())


def _opens_small(entry: Entry) -> bool:
    """Whether a text begins in small letters, and not with a mark of a list."""
    text = entry.group.text
    return text[:1].islower() and (not begins_item(text + " ") or _CUT_WORD.match(text) is not None)


def _follows(above: Entry, entry: Entry, lines: Lines) -> bool:
    """Whether a text may be the next line of one above, which had no room for it."""
    text = entry.group.text
    if begins_item(text + " ") and not _CUT_WORD.match(text):
        return False
    return has_no_room(above, entry, lines.columns) or (lines.numbers and text[:1].islower())


def _is_number_cut(above: Entry, entry: Entry, lines: Lines) -> bool:
    """Whether the page end cut an item number, or a word from the number that it introduces."""
    text = above.group.text
    if entry.first or not is_item_number(entry.group.text) or not has_no_room(above, entry, lines.columns):
        return False
    return is_cut_number(text) or (text.isalpha() and not is_item_number(text))


def is_cut_number(text: str) -> bool:
    """Whether an item number is long and may go on, as 5.1. does with 2. below it."""
    return _LONG_NUMBER.fullmatch(text) is not None


def are_fully_ruled(parts: Sequence[Lines]) -> bool:
    """Whether rules run between all rows: hardly ever does one band hold figures on two lines."""
    bands = [
        count
        for lines in parts
        for count in Counter(
            lines.band(at) for at in range(lines.header, len(lines.rows)) if _tells(lines, at)
        ).values()
    ]
    return len(bands) > 2 and sum(count > 1 for count in bands) <= 0.15 * len(bands)


def are_all_numbered(parts: Sequence[Lines]) -> bool:
    """Whether each figure has an item number on its line, so that a line without one is the rest of a row."""
    figures = [
        any(entry.first == 0 and lines.is_datum(entry) for entry in line)
        for lines in parts
        for line in lines.entries[lines.header :]
        if any(entry.first in lines.figures and lines.is_datum(entry) for entry in line)
    ]
    return len(figures) > 4 and sum(figures) >= 0.95 * len(figures)


def _tells(lines: Lines, at: int) -> bool:
    """Whether a line holds a figure, or, in a table without figures, an item number."""
    data = [entry for entry in lines.entries[at] if lines.is_datum(entry)]
    return any(entry.first in lines.figures for entry in data) if lines.figures else bool(data)
