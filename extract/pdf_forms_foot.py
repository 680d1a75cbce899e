"""A header alone at the foot of a page, whose body stands on the next one."""

from __future__ import annotations

from collections.abc import Sequence

from extract.pdf_forms_columns import Span, header_length, is_data_row, number_row
from extract.pdf_forms_header import MOST_DRAWN_LINES
from extract.pdf_forms_words import Group, TextRow, is_item_number

NEAR = 2.4  # of the letter size, from line to line of a header
PAGE_BEFORE = 1_000_000  # runs: what stands on the page before was drawn before
MOST_OWN = 0.6  # of the columns that may have headings of their own below the page end
LEAST_HEADED = 0.7  # of the columns that must have a heading then


def waiting_header(rows: Sequence[TextRow], foot: float) -> list[TextRow]:
    """The last lines above the foot of a page, if they may be the header of a table on the next page."""
    found: list[TextRow] = []
    above = [row for row in rows if row.base < foot]
    if above and len(above[-1].groups) == 1 and above[-1].groups[0].text.strip("-– ").isdigit():
        above.pop()  # a page number
    for row in reversed(above):
        apart = bool(found) and found[-1].base - row.base > NEAR * row.size
        if apart or is_data_row(row) or len(found) >= MOST_DRAWN_LINES:
            break
        found.append(row)
    return found[::-1] if any(len(row.groups) > 1 for row in found) else []


def with_header(header: Sequence[TextRow], block: Sequence[TextRow], columns: Sequence[Span]) -> list[TextRow]:
    """A table without a header of its own, below the header that waits for it: moved above the top of its page.

    The block alone, if the header is not the one that it lacks.
    """
    counted = number_row(block[:MOST_DRAWN_LINES])
    own = block[: min(header_length(block), _first_number(block, columns)) if counted is None else counted]
    header = _within(header, columns)
    lacks = not _headed(own, columns[:1]) or _headed(own, columns) <= MOST_OWN * len(columns)
    if not header or not lacks or _headed([*header, *own], columns) < LEAST_HEADED * len(columns):
        return list(block)
    down = header[-1].base + header[-1].size
    return [*(_raised(row, down) for row in header), *block]


def _first_number(block: Sequence[TextRow], columns: Sequence[Span]) -> int:
    """Which line is the first that has an item number in the first column."""
    found = (
        at for at, row in enumerate(block)
        if is_item_number(row.groups[0].text) and row.groups[0].x0 < columns[0][1]
    )  # fmt: skip
    return next(found, len(block))


def _within(header: Sequence[TextRow], columns: Sequence[Span]) -> list[TextRow]:
    """The lowest lines, up to one that runs from the first column over others or leaves the table."""
    found: list[TextRow] = []
    for row in reversed(header):
        slack = 3 * row.size
        inside = columns[0][0] - slack < row.groups[0].x0 and row.groups[-1].x1 < columns[-1][1] + slack
        over = row.groups[0].x0 < columns[0][1] and row.groups[0].x1 > columns[1][0] + slack
        if over or not inside:
            break
        found.append(row)
    return found[::-1]


def _headed(rows: Sequence[TextRow], columns: Sequence[Span]) -> int:
    """How many columns have text in these rows."""
    spans = [(group.x0, group.x1) for row in rows for group in row.groups]
    return sum(any(x0 < right and left < x1 for x0, x1 in spans) for left, right in columns)


def _raised(row: TextRow, by: float) -> TextRow:
    groups = tuple(_raised_group(group, by) for group in row.groups)
    return row._replace(base=row.base - by, top=row.top - by, bottom=row.bottom - by, groups=groups)


def _raised_group(group: Group, by: float) -> Group:
    glyphs = tuple(
        each._replace(base=each.base - by, top=each.top - by, bottom=each.bottom - by, run=each.run - PAGE_BEFORE)
        for each in group.glyphs
    )
    return group._replace(base=group.base - by, top=group.top - by, bottom=group.bottom - by, glyphs=glyphs)
