"""The header of a table without rules: one row, or two where a heading runs over headings of its own, and its count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from extract.pdf_forms_columns import Entry, Span, entries_of, number_row
from extract.pdf_forms_levels import drawn_levels
from extract.pdf_forms_rows import FormRow, Lines, has_no_room
from extract.pdf_forms_words import TextRow

MOST_HEADER_LINES = 24
MOST_DRAWN_LINES = 48  # where the cells of a header are aligned in their middle, few have lines at one height


def known_header(rows: Sequence[TextRow], rules: Sequence[float]) -> int:
    """How many rows stand above the body by a count of the columns or, in a ruled table, by its rules; -1: unknown."""
    counted = number_row(rows)
    if counted is not None and counted <= MOST_DRAWN_LINES:
        return counted + 1
    inner = next((y for y in rules if y > rows[0].base), None)
    if inner is None or len(rules) < 3:
        return -1
    return next((at for at, row in enumerate(rows) if row.base > inner), len(rows))


def header_rows(lines: Lines) -> list[FormRow]:
    """The rows above the body, the row that counts the columns among them."""
    count = lines.header
    numbered = number_row(lines.rows[:count])
    if numbered is None:
        return _levels(lines, count)
    found = _levels(lines, numbered)
    for at in range(numbered, count):
        row = FormRow()
        row.add(lines.entries[at])
        found.append(row)
    return found


def _levels(lines: Lines, count: int) -> list[FormRow]:
    if not count:
        return []
    drawn = drawn_levels(lines.entries[:count])
    if drawn:
        return drawn
    lines = replace(lines, entries=_with_spans(lines, count))
    over = _spanning(lines, count)
    if not over:
        return _single(lines, count)
    deepest = {column: at for at, entry in over for column in range(entry.first, entry.last + 1)}
    upper, lower = FormRow(), FormRow()
    leaves = [at for at in range(count) if _is_below(lines, at, deepest)]
    opened = {column: _lower_cell(lines, column, count, leaves) for column in range(len(lines.columns))}
    for at in range(count):
        for entry in lines.entries[at]:
            below = entry.first in deepest and at > deepest[entry.first] and entry.last - entry.first == 0
            below = below or (entry.first not in deepest and at >= opened[entry.first])
            (lower if below else upper).add([entry])
    upper.row_spans = {column: 2 for column in upper.cells if column not in deepest and column not in lower.cells}
    return [upper, lower]


def _with_spans(lines: Lines, count: int) -> list[Sequence[Entry]]:
    """The entries, with the further lines of a heading over several columns over the same ones."""
    found: list[Sequence[Entry]] = list(lines.entries)
    for at in range(1, count):
        above = [entry for line in found[max(0, at - 3) : at] for entry in line if entry.last > entry.first]
        found[at] = [
            next((Entry(each.first, each.last, entry.group) for each in above if _goes_on(each, entry)), entry)
            for entry in found[at]
        ]
    return found


def _goes_on(above: Entry, entry: Entry) -> bool:
    """Whether an entry is the next line of a heading, centred like it."""
    upper, lower = above.group, entry.group
    near = 0 < lower.base - upper.base < 1.45 * lower.size
    return near and abs(upper.x0 + upper.x1 - lower.x0 - lower.x1) < 0.6 * lower.size and above.first <= entry.first


def _single(lines: Lines, count: int) -> list[FormRow]:
    row = FormRow()
    for at in range(count):
        row.add(lines.entries[at])
    return [row]


def _spanning(lines: Lines, count: int) -> list[tuple[int, Entry]]:
    """The entries over several columns that have entries of their own below, each with its line."""
    return [
        (at, entry) for at in range(count) for entry in lines.entries[at] if entry.last > entry.first
        and any(_under(below, entry) for line in lines.entries[at + 1 : count] for below in line)
    ]  # fmt: skip


def _under(below: Entry, above: Entry) -> bool:
    return above.first <= below.first and below.last <= above.last and below.last == below.first


def _is_below(lines: Lines, at: int, deepest: dict[int, int]) -> bool:
    return any(at > deepest.get(entry.first, at) and entry.first == entry.last for entry in lines.entries[at])


def _lower_cell(lines: Lines, column: int, count: int, leaves: Sequence[int]) -> int:
    """With which line the lower of two cells of a column beside the spanning headings begins; ``count``: with none.

    It begins where there was room above, at the height of the headings below the spanning ones or in their middle.
    """
    own = [(at, entry) for at in range(count) for entry in lines.entries[at] if entry.first == column == entry.last]
    cuts = [at for at in range(1, len(own)) if not has_no_room(own[at - 1][1], own[at][1], lines.columns)]
    if len(cuts) != 1 or not leaves:
        return count
    block = [entry.group for _, entry in own[cuts[0] :]]
    slack = 0.35 * block[0].size
    first, last = lines.rows[leaves[0]].base, lines.rows[leaves[-1]].base
    middle = abs(block[0].base + block[-1].base - first - last) / 2
    return own[cuts[0]][0] if abs(block[0].base - first) < slack or middle < slack else count


def headed(rows: Sequence[TextRow], columns: Sequence[Span], most: int) -> int:
    """How many rows of text open a table without a count of its columns: until each column has its heading."""
    entries = [entries_of(row, columns, True) for row in rows[:most]]
    open_columns = set(range(len(columns)))
    last: dict[int, tuple[int, Entry]] = {}
    for at, found in enumerate(entries):
        goes_on = all(
            entry.first in last and rows[at].base - rows[last[entry.first][0]].base < 1.45 * rows[at].size
            and has_no_room(last[entry.first][1], entry, columns)
            for entry in found
        )  # fmt: skip
        if at and not open_columns & {entry.first for entry in found} and not goes_on:
            return at
        for entry in found:
            last[entry.first] = (at, entry)
            if entry.first == entry.last:
                open_columns.discard(entry.first)
    return most
