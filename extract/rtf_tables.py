"""Rows of an RTF table, whose cells are told by their right edges alone, made into a grid."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from extract.word_tables import Grid, GridCell, Line, squeeze

_SAME = 20
"""Edges nearer than this, in twentieths of a point, are one."""
_USUAL_WIDTH = 1000
_WIDEST = 100_000


@dataclass(slots=True)
class Edge:
    """Right edge of a cell; ``down`` and ``across`` tell of merged cells: "restart", "continue" or ""."""

    right: int
    down: str = ""
    across: str = ""


@dataclass(slots=True)
class Shape:
    """What is said of a row: where it begins, its edges, whether it is a header that each page repeats."""

    left: int = 0
    edges: list[Edge] = field(default_factory=list)
    header: bool = False


@dataclass(slots=True)
class Row:
    """One row: its shape, and what stands in each cell."""

    shape: Shape
    cells: list[list[Line | Grid]]


def grid_of(rows: list[Row]) -> list[Line | Grid]:
    """Make the grid of the rows of one table, followed by the tables that stand in its cells."""
    bounds = [_bounds(row) for row in rows]
    lines = _grid_lines([bound for row in bounds for bound in row])
    cells: list[GridCell] = []
    after: list[Line | Grid] = []
    above: dict[int, GridCell] = {}
    for number, (row, bound) in enumerate(zip(rows, bounds, strict=True)):
        here: dict[int, GridCell] = {}
        for cell, edge in _row_cells(number, row, [lines[place] for place in bound]):
            if edge.down == "continue" and cell.column in above:
                above[cell.column].row_span = number - above[cell.column].row + 1
                here[cell.column] = above[cell.column]
                continue
            after += [block for block in cell.lines if isinstance(block, Grid) or block.boxed]
            cell.lines = [block for block in cell.lines if isinstance(block, Line) and not block.boxed]
            cells.append(cell)
            if edge.down:
                here[cell.column] = cell
        above = here
    if not cells:
        return []
    for block in after:
        block.boxed = True
    widths = _widths(lines)
    return [squeeze(Grid(cells, len(rows), header=rows[0].shape.header), widths), *after]


def _bounds(row: Row) -> list[int]:
    """Left edge of a row, and the right edge of each of its cells, from left to right in any case."""
    found = [max(-_WIDEST, min(row.shape.left, _WIDEST))]
    for number in range(max(len(row.cells), len(row.shape.edges))):
        edges = row.shape.edges
        right = min(edges[number].right, _WIDEST) if number < len(edges) else found[-1] + _USUAL_WIDTH
        found.append(max(right, found[-1] + _SAME + 1))
    return found


def _grid_lines(places: list[int]) -> dict[int, int]:
    """Each place -> the number of the grid line there; places that hardly differ are one line."""
    lines: dict[int, int] = {}
    number, first = -1, -10 * _WIDEST
    for place in sorted(set(places)):
        if place - first >= _SAME:
            number, first = number + 1, place
        lines[place] = number
    return lines


def _widths(lines: dict[int, int]) -> list[int]:
    firsts: dict[int, int] = {}
    for place, number in lines.items():
        firsts.setdefault(number, place)
    ordered = [firsts[number] for number in sorted(firsts)]
    return [right - left for left, right in pairwise(ordered)]


def _row_cells(number: int, row: Row, bound: list[int]) -> list[tuple[GridCell, Edge]]:
    """Cells of a row with their edges, those merged across put together."""
    found: list[tuple[GridCell, Edge]] = []
    for index, (left, right) in enumerate(pairwise(bound)):
        edge = row.shape.edges[index] if index < len(row.shape.edges) else Edge(0)
        blocks = row.cells[index] if index < len(row.cells) else []
        if edge.across == "continue" and found:
            merged = found[-1][0]
            merged.column_span = right - merged.column
            merged.lines = [*merged.lines, *blocks]
        else:
            found.append((GridCell(number, left, 1, max(1, right - left), blocks), edge))
    return found
