"""Ruled tables of one page: the grid from the drawn lines, and in each cell the text that stands there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from extract.model import Box
from extract.pdf_glyphs import Glyph, PageInk
from extract.pdf_lines import Line, lines_of
from extract.pdf_rules import tables_of

if TYPE_CHECKING:
    from extract.pdf_forms import FormTable

MAX_CROSSINGS = 12_000


@dataclass(slots=True)
class GridCell:
    """A cell of a grid, counted from 0, with its spans, page, box and lines (placeholders for lost letters).

    ``unsure``: its lines may belong to another row.
    """

    row: int
    column: int
    row_span: int
    column_span: int
    page: int
    box: Box
    lines: list[Line] = field(default_factory=list)
    unsure: bool = False

    @property
    def text(self) -> str:
        """The lines joined by a line feed."""
        return "\n".join(line.text for line in self.lines)


@dataclass(slots=True)
class Grid:
    """A table on one page, or, when joined, over several: its cells in row order, and the vertical rules.

    ``tag`` numbers the tagged table that it is a part of (0: none); its rows then count through all parts.
    ``gutters`` are the free strips between the columns of a table that has no vertical rules.
    """

    page: int
    box: Box
    edges: tuple[float, ...]
    n_rows: int
    cells: list[GridCell] = field(default_factory=list)
    last_page: int = 0
    last_bottom: float = 0.0
    tag: int = 0
    gutters: tuple[tuple[float, float], ...] = ()

    @property
    def n_columns(self) -> int:
        """How many columns the vertical rules make."""
        return len(self.edges) - 1


@dataclass(slots=True)
class PageBlocks:
    """What one page holds: its grids and the lines of text outside them, each from top to bottom."""

    page: int
    width: float
    height: float
    grids: list[Grid]
    lines: list[Line]
    open_form: FormTable | None = None


Split = Callable[[int, list[Glyph], list[Grid]], tuple[list[Grid], list[Grid], list[Glyph]]]
"""Takes a page's number, glyphs and ruled grids apart: tagged grids, ruled grids that stay, glyphs that are left."""


def page_blocks(ink: PageInk, split: Split, before: PageBlocks | None = None) -> tuple[PageBlocks, bool]:
    """Read a page by its rules and tags; the second part tells whether it was too dense to look for tables.

    A table without verticals that is open at the foot of the page before goes on, and its parts there are read anew
    when more is seen of their columns.
    """
    from extract.pdf_forms import form_grids  # both make grids of this module
    from extract.pdf_forms_ruled import complete_grids

    boxes, too_dense = _find_tables(ink)
    ruled = sorted((_grid(ink.number, cells) for cells in boxes), key=lambda grid: _area(grid.box))
    tagged, ruled, glyphs = split(ink.number, ink.glyphs, ruled)
    complete_grids(ruled, ink, glyphs)
    open_form = before.open_form if before is not None and before.page == ink.number - 1 else None
    if before is not None:
        before.open_form = None  # its letters are not kept longer than needed
    forms = form_grids(ink, [*ruled, *tagged], _fill(ruled, glyphs), open_form)
    grids = sorted([*ruled, *tagged, *forms.grids], key=lambda grid: (grid.box[1], grid.box[0]))
    lines = lines_of(forms.glyphs, tabs=True)
    return PageBlocks(ink.number, ink.width, ink.height, grids, lines, forms.open_form), too_dense


def _find_tables(ink: PageInk) -> tuple[list[list[Box]], bool]:
    """Find the boxes of the cells of each table, as pdfplumber sees them in the lines of a page."""
    if not ink.objects:
        return [], False
    edges = rules_page(ink).edges
    return ([], True) if _crossings(edges) > MAX_CROSSINGS else (tables_of(edges), False)


def rules_page(ink: PageInk) -> Any:
    """Wrap the lines of a page in a container that pdfplumber's table finder takes."""
    from pdfplumber.container import Container

    class RulesPage(Container):  # type: ignore[misc]  # made here so that pdfplumber loads only for a page with rules
        objects = ink.objects
        bbox = ink.box

        def extract_words(self, **_: Any) -> list[dict[str, Any]]:
            return []

    return RulesPage()


def _crossings(edges: Iterable[dict[str, Any]]) -> int:
    """Bound the number of points where rules can meet; the finder's time grows with its square."""
    across, down = set(), set()
    for edge in edges:
        if edge["orientation"] == "v" and edge["height"] >= 1:
            across.add(round(edge["x0"] / 3))
        elif edge["orientation"] == "h" and edge["width"] >= 1:
            down.add(round(edge["top"] / 3))
    return len(across) * len(down)


def _grid(page: int, boxes: Sequence[Box]) -> Grid:
    """Rows, columns and spans out of the corners of the cells, which the finder has snapped to one another."""
    xs = sorted({x for box in boxes for x in (box[0], box[2])})
    ys = sorted({y for box in boxes for y in (box[1], box[3])})
    column_at, row_at = {x: at for at, x in enumerate(xs)}, {y: at for at, y in enumerate(ys)}
    grid = Grid(page, (xs[0], ys[0], xs[-1], ys[-1]), tuple(xs), len(ys) - 1, last_page=page, last_bottom=ys[-1])
    for box in sorted(boxes, key=lambda box: (box[1], box[0])):
        row, column = row_at[box[1]], column_at[box[0]]
        spans = row_at[box[3]] - row, column_at[box[2]] - column
        grid.cells.append(GridCell(row, column, *spans, page, box))
    return grid


def _fill(grids: Sequence[Grid], glyphs: Iterable[Glyph]) -> list[Glyph]:
    """Write each cell's text; gives back the glyphs that stand in no cell. Smaller grids are asked first."""
    maps = [(grid.box, _cell_map(grid)) for grid in grids]
    inside: dict[int, list[Glyph]] = {}
    outside: list[Glyph] = []
    last: tuple[Glyph, GridCell] | None = None
    for glyph in glyphs:
        if last is not None and glyph.run == last[0].run and _is_within_word(last[0], glyph):
            cell: GridCell | None = last[1]
        else:
            cell = _cell_at((glyph.x0 + glyph.x1) / 2, (glyph.top + glyph.bottom) / 2, maps)
        last = None if cell is None else (glyph, cell)
        if cell is None:
            outside.append(glyph)
        else:
            inside.setdefault(id(cell), []).append(glyph)
    for cell in (cell for grid in grids for cell in grid.cells):
        cell.lines = lines_of(inside.get(id(cell), ()))
    return outside


CellMap = tuple[list[float], list[float], dict[tuple[int, int], GridCell]]


def _cell_at(x: float, y: float, maps: Iterable[tuple[Box, CellMap]]) -> GridCell | None:
    for box, (xs, ys, at) in maps:
        if box[0] <= x < box[2] and box[1] <= y < box[3]:
            cell = at.get((bisect_right(ys, y) - 1, bisect_right(xs, x) - 1))
            if cell is not None:
                return cell
    return None


def _is_within_word(last: Glyph, glyph: Glyph) -> bool:
    """Whether a glyph goes on with the word of one in its run: a word that runs over a rule is not cut in two."""
    near = abs(glyph.x0 - last.x1) < 0.1 * glyph.size and glyph.base == last.base
    return near and not glyph.text.isspace() and not last.text.isspace()


def _cell_map(grid: Grid) -> CellMap:
    """Look up the cell of each place of a grid; with the coordinates that the places are counted by."""
    ys = sorted({y for cell in grid.cells for y in (cell.box[1], cell.box[3])})
    at = {
        (row, column): cell
        for cell in sorted(grid.cells, key=attrgetter("row"))
        for row in range(cell.row, cell.row + cell.row_span)
        for column in range(cell.column, cell.column + cell.column_span)
    }
    return list(grid.edges), ys, at


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
