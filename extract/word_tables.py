"""The grid of a Word table: columns that only differ by a hair, and tables that are one for the reader."""

from __future__ import annotations

from dataclasses import dataclass, field

NARROW = 100
"""A grid column under this width (1.8 mm, in twentieths of a point) comes of borders drawn by hand, not of a column."""


@dataclass(slots=True)
class Line:
    """One paragraph. ``boxed``: it stands in a text box or in a table of its own, not in the cell around it."""

    text: str
    raw: str
    boxed: bool = False


@dataclass(slots=True)
class GridCell:
    """One cell by zero-based row and column, with its paragraphs."""

    row: int
    column: int
    row_span: int
    column_span: int
    lines: list[Line | Grid]


@dataclass(slots=True)
class Grid:
    """A table under way. ``header``: the first row is marked to repeat on each page."""

    cells: list[GridCell]
    n_rows: int
    n_columns: int = 0
    header: bool = False
    boxed: bool = field(default=False)

    def extend(self, other: Grid) -> None:
        """Put the rows of another grid below."""
        for cell in other.cells:
            cell.row += self.n_rows
        self.cells += other.cells
        self.n_rows += other.n_rows


def squeeze(grid: Grid, widths: list[int]) -> Grid:
    """Count as columns only the lines at which cells begin; ``widths`` of the grid columns tell hair-thin ones."""
    same = _thin(grid, widths)
    starts = sorted({same[cell.column] for cell in grid.cells})
    rank = {start: number for number, start in enumerate(starts)}
    for cell in grid.cells:
        end = same.get(cell.column + cell.column_span, cell.column + cell.column_span)
        cell.column = rank[same[cell.column]]
        cell.column_span = max(1, sum(start < end for start in starts) - cell.column)
    grid.n_columns = len(starts)
    return grid


def _thin(grid: Grid, widths: list[int]) -> dict[int, int]:
    """Each grid line by number -> the line it is the same as. A column that is some cell's own is never thin."""
    own = {cell.column for cell in grid.cells if cell.column_span == 1}
    last = max(cell.column + cell.column_span for cell in grid.cells)
    same = {0: 0}
    for line in range(1, last + 1):
        width = widths[line - 1] if line <= len(widths) else NARROW
        thin = 0 < width < NARROW and line - 1 not in own
        same[line] = same[line - 1] if thin else line
    return same


def continues(first: Grid, second: Grid) -> bool:
    """Whether the second of two tables with nothing between is the rest of the first: as wide, no header of its own."""
    if first.boxed or second.boxed or first.n_columns != second.n_columns or second.header:
        return False
    top = _row_texts(second, 0)
    return not _looks_like_header(top, second.n_columns) and top != _row_texts(first, 0)


def _row_texts(grid: Grid, row: int) -> list[str]:
    return [
        "\n".join(line.text for line in cell.lines if isinstance(line, Line)) for cell in grid.cells if cell.row == row
    ]


def _looks_like_header(texts: list[str], n_columns: int) -> bool:
    """Every column named, and no figure among the names."""
    full = len(texts) == n_columns > 1 and all(text.strip() for text in texts)
    return full and not any(letter.isdigit() for text in texts for letter in text)
