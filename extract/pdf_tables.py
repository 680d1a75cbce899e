"""Ruled tables of one page: the grid from the drawn lines, and in each cell the text that stands there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from extract.model import Box
from extract.pdf_glyphs import Glyph, PageInk, Piece, Run, glyphs_of
from extract.pdf_lines import Line, lines_in, lines_of
from extract.pdf_rules import tables_of

if TYPE_CHECKING:
    from extract.pdf_forms import FormTable

MAX_CROSSINGS = 12_000
SEVERAL = 3  # lines of a cell: fewer are no list
LETTERS_A_LINE = 4  # where figures are listed there are fewer


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


def page_blocks(ink: PageInk, split: Split | None, before: PageBlocks | None = None) -> tuple[PageBlocks, bool]:
    """Read a page by its rules and tags; the second part tells whether it was too dense to look for tables.

    ``split`` is ``None`` where the document has no tags. A table without verticals that is open at the foot of the
    page before goes on, and its parts there are read anew when more is seen of their columns.
    """
    boxes, too_dense = _find_tables(ink)
    ruled = sorted((_grid(ink.number, cells) for cells in boxes), key=lambda grid: _area(grid.box))
    tagged: list[Grid] = []
    pieces: Sequence[Piece] = ink.pieces
    if split is not None:
        tagged, ruled, pieces = split(ink.number, ink.glyphs, ruled)
    inside, outside = _in_cells(ruled, pieces)
    if _completed(ruled, ink, pieces, inside, outside):
        inside, outside = _in_cells(ruled, pieces)
    for cell in (cell for grid in ruled for cell in grid.cells):
        cell.lines = lines_in(inside.get(id(cell), ()))
    open_form = before.open_form if before is not None and before.page == ink.number - 1 else None
    if before is not None:
        before.open_form = None  # its letters are not kept longer than needed
    forms, left, open_form = _forms(ink, [*ruled, *tagged], glyphs_of(outside), open_form)
    grids = sorted([*ruled, *tagged, *forms], key=lambda grid: (grid.box[1], grid.box[0]))
    return PageBlocks(ink.number, ink.width, ink.height, grids, lines_of(left, tabs=True), open_form), too_dense


def _forms(
    ink: PageInk, known: Sequence[Grid], glyphs: list[Glyph], open_form: FormTable | None
) -> tuple[list[Grid], list[Glyph], FormTable | None]:
    """Tables without rules, the glyphs that are left, and the table that goes on; nothing where nothing is seen."""
    if all(glyph.text.isspace() for glyph in glyphs):
        return [], glyphs, None
    from extract.pdf_forms import form_grids  # makes grids of this module

    found = form_grids(ink, known, glyphs, open_form)
    return found.grids, found.glyphs, found.open_form


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


def _completed(
    grids: Sequence[Grid], ink: PageInk, pieces: Sequence[Piece], inside: Inside, outside: Sequence[Piece]
) -> bool:
    """Give the grids the cells that their text shows and the rules only suggest; whether there were any."""
    if not grids:
        return False
    from extract.pdf_forms_ruled import complete_grids  # makes cells of this module

    telling = _telling(grids, pieces, inside, outside)
    if not telling:
        return False
    before = [(len(grid.cells), grid.n_rows, grid.edges) for grid in grids]
    complete_grids(grids, ink, glyphs_of(telling))
    return before != [(len(grid.cells), grid.n_rows, grid.edges) for grid in grids]


def _telling(
    grids: Sequence[Grid], pieces: Sequence[Piece], inside: Inside, outside: Sequence[Piece]
) -> Sequence[Piece]:
    """The text that may show cells which are not ruled: rows that list several lines in several columns, and the like.

    It is all text where tables stand in tables.
    """
    nested = any(_meet(one.box, two.box) for at, one in enumerate(grids) for two in grids[:at])
    if nested or not all(isinstance(piece, Run) for piece in pieces):
        return pieces
    bands = [band for grid in grids for band in _doubtful_bands(grid, inside, outside)]
    return [piece for piece in pieces if any(_is_in(piece, *band) for band in bands)] if bands else ()


def _doubtful_bands(grid: Grid, inside: Inside, outside: Iterable[Piece]) -> list[tuple[float, float]]:
    """Top and bottom of the rows of a grid in which more cells may stand than are ruled."""
    if any(_is_in(piece, grid.box[1], grid.box[3]) for piece in outside):
        return [(grid.box[1], grid.box[3])]
    bands = []
    tall: dict[tuple[float, float], int] = {}
    for cell in grid.cells:
        found = inside.get(id(cell), ())
        band = (cell.box[1], cell.box[3])
        if any(isinstance(piece, Glyph) for piece in found):  # of text over several cells
            bands.append(band)
        elif cell.column_span > 2:
            words = " ".join(piece.layout.text for piece in found if isinstance(piece, Run)).split()
            if len(words) > 2 and sum(any(map(str.isdigit, word)) for word in words) > 1:
                bands.append(band)
        elif cell.column and len(found) >= SEVERAL and _may_be_list(found):
            tall[band] = tall.get(band, 0) + 1
    return bands + [band for band, count in tall.items() if count > 1]


def _may_be_list(pieces: Sequence[Piece]) -> bool:
    """Whether text stands on lines enough for a list of figures, of which each has few letters."""
    n_lines = len({piece.base for piece in pieces})
    letters = sum(sum(map(str.isalpha, piece.layout.text)) for piece in pieces if isinstance(piece, Run))
    return n_lines >= SEVERAL and letters <= LETTERS_A_LINE * n_lines


def _is_in(piece: Piece, top: float, bottom: float) -> bool:
    return top <= (piece.top + piece.bottom) / 2 < bottom


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


Inside = dict[int, list[Piece]]
"""The text in each cell, by the id of the cell, in the order in which it was drawn."""


def _in_cells(grids: Sequence[Grid], pieces: Iterable[Piece]) -> tuple[Inside, list[Piece]]:
    """The text in each cell, and what stands in none. Smaller grids are asked first."""
    maps = [(grid.box, _cell_map(grid)) for grid in grids]
    inside: Inside = {}
    outside: list[Piece] = []
    last: tuple[Glyph, GridCell] | None = None
    for piece in pieces:
        cell: GridCell | None
        if isinstance(piece, Run):
            last = None
            cell, is_whole = _cell_of(piece, maps)
            if not is_whole:
                _take_apart(piece, maps, inside, outside)
                continue
        else:
            cell = _cell_of_glyph(piece, last, maps)
            last = None if cell is None else (piece, cell)
        if cell is None:
            outside.append(piece)
        else:
            inside.setdefault(id(cell), []).append(piece)
    return inside, outside


def _take_apart(run: Run, maps: Sequence[tuple[Box, CellMap]], inside: Inside, outside: list[Piece]) -> None:
    """Put the glyphs of a run each where it stands."""
    last: tuple[Glyph, GridCell] | None = None
    for glyph in run.glyphs():
        cell = _cell_of_glyph(glyph, last, maps)
        last = None if cell is None else (glyph, cell)
        if cell is None:
            outside.append(glyph)
        else:
            inside.setdefault(id(cell), []).append(glyph)


def _cell_of(run: Run, maps: Iterable[tuple[Box, CellMap]]) -> tuple[GridCell | None, bool]:
    """The cell that holds a whole run, if one does, and whether it stands wholly in that or wholly in none."""
    left, right = run.middles
    y = (run.top + run.bottom) / 2
    for box, (xs, ys, at) in maps:
        if box[1] <= y < box[3] and left < box[2] and right >= box[0]:
            row, column = bisect_right(ys, y) - 1, bisect_right(xs, left) - 1
            cell = at.get((row, column)) if left >= box[0] else None
            if cell is None or (right >= cell.box[2] and at.get((row, bisect_right(xs, right) - 1)) is not cell):
                return None, False
            return cell, True
    return None, True


def _cell_of_glyph(
    glyph: Glyph, last: tuple[Glyph, GridCell] | None, maps: Sequence[tuple[Box, CellMap]]
) -> GridCell | None:
    if last is not None and glyph.run == last[0].run and _is_within_word(last[0], glyph):
        return last[1]
    return _cell_at((glyph.x0 + glyph.x1) / 2, (glyph.top + glyph.bottom) / 2, maps)


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
