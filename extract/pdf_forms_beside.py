"""Two tables beside each other on the same lines of text: told by a first heading that comes again."""

from __future__ import annotations

from collections.abc import Sequence

from extract.pdf_forms_columns import Span
from extract.pdf_forms_words import TextRow


def side_by_side(block: Sequence[TextRow], columns: Sequence[Span], header: int) -> list[list[TextRow]]:
    """The rows of each table, from left to right; the block as it is, if it is one table."""
    headings = [_heading(block[:header], column) for column in columns]
    again = [at for at in range(2, len(columns) - 1) if headings[at] and headings[at] == headings[0]]
    starts = [columns[at][0] - 0.5 * block[0].size for at in (0, *again)]
    if not again:
        return [list(block)]
    ends = [*starts[1:], float("inf")]
    pieces = [[_cut(row, left, right) for row in block] for left, right in zip(starts, ends, strict=True)]
    return [[row for row in rows if row.groups] for rows in pieces]


def _heading(header: Sequence[TextRow], column: Span) -> str:
    return " ".join(
        group.text for row in header for group in row.groups if group.x0 < column[1] and column[0] < group.x1
    )


def _cut(row: TextRow, left: float, right: float) -> TextRow:
    return row._replace(groups=tuple(group for group in row.groups if left <= group.x0 < right))
