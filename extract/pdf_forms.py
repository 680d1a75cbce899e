"""Tables without vertical rules, or without any: found by the gutters that the lines of text share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from extract.model import Box
from extract.pdf_forms_columns import Span, find_columns
from extract.pdf_forms_rows import FormRow, Lines, form_rows, lines_with
from extract.pdf_forms_ruled import ruled_blocks
from extract.pdf_forms_words import TextRow, is_figure, text_rows
from extract.pdf_glyphs import Glyph, PageInk
from extract.pdf_lines import lines_of
from extract.pdf_tables import Grid, GridCell, PageBlocks

FAR = 3.2  # of the letter size, from the foot of a line to the head of the next: another block
MOST_LINES_BETWEEN = 8
HEADING_STEP = 1.3  # of the letter size: lines of one cell
MOST_CROSSING = 2
LEAST_FILLED = 0.45
PROSE_LENGTH = 32  # letters a cell, on the average, in text set in columns


def form_grids(ink: PageInk, grids: Sequence[Grid], glyphs: Sequence[Glyph]) -> tuple[list[Grid], list[Glyph]]:
    """Find tables in the glyphs that no other table holds: the grids, and the glyphs that are left.

    ``grids`` are the tables known already; none is found across one of them. Letterheads, signatures and text set
    in columns are no tables.
    """
    if ink.too_complex:
        return [], list(glyphs)
    rows = text_rows(glyphs)
    found: list[Grid] = []
    used: set[int] = set()
    ruled = ruled_blocks(ink, rows)
    taken = {id(row) for block in ruled for row in block}
    boxes = [grid.box for grid in grids] + [_box_of(block) for block in ruled]
    for block in [*ruled, *_blocks([row for row in rows if id(row) not in taken], boxes)]:
        grid = _grid(ink, block)
        if grid is not None:
            found.append(grid)
            used.update(id(glyph) for row in block for group in row.groups for glyph in group.glyphs)
    return found, [glyph for glyph in glyphs if id(glyph) not in used]


def _box_of(block: Sequence[TextRow]) -> Box:
    return (
        min(row.groups[0].x0 for row in block),
        block[0].top,
        max(row.groups[-1].x1 for row in block),
        block[-1].bottom,
    )


def _gaps(row: TextRow) -> list[Span]:
    return [(left.x1, right.x0) for left, right in pairwise(row.groups)]


def _blocks(rows: Sequence[TextRow], boxes: Sequence[Box]) -> list[list[TextRow]]:
    """Runs of rows that share gutters, with the lines between them that are parts of cells or headings."""
    blocks: list[list[TextRow]] = []
    block: list[TextRow] = []
    between: list[TextRow] = []
    for row in rows:
        near = bool(block) and not _is_apart((block + between)[-1], row, boxes)
        gaps = _gaps(row)
        if near and gaps and _shares(gaps, block):
            block += [*between, row]
            between = []
        elif near and not gaps and _may_be_between([*between, row], block):
            between.append(row)
        else:
            blocks.append(_with_foot(block, between))
            block, between = ([row] if gaps else []), []
    blocks.append(_with_foot(block, between))
    return [_with_head(block, rows, boxes) for block in blocks if len(block) > 1]


def _is_apart(above: TextRow, below: TextRow, boxes: Iterable[Box]) -> bool:
    if below.top - above.bottom > FAR * max(above.size, below.size):
        return True
    left, right = below.groups[0].x0, below.groups[-1].x1
    return any(above.base < box[3] and box[1] < below.base and box[0] < right and left < box[2] for box in boxes)


def _shares(gaps: Sequence[Span], block: Sequence[TextRow]) -> bool:
    """Whether a row has a gutter in common with one of the last rows of a block."""
    last = [row for row in block if len(row.groups) > 1][-8:]
    return any(
        min(one[1], other[1]) - max(one[0], other[0]) > 0.5 * row.size for row in last for other in _gaps(row)
        for one in gaps
    )  # fmt: skip


def _may_be_between(rows: Sequence[TextRow], block: Sequence[TextRow]) -> bool:
    gutters = [gap for row in block[-4:] for gap in _gaps(row)]
    across = sum(any(row.groups[0].x0 < gap[0] and gap[1] < row.groups[-1].x1 for gap in gutters) for row in rows)
    return len(rows) <= MOST_LINES_BETWEEN and across <= MOST_CROSSING


def _with_foot(block: list[TextRow], after: Sequence[TextRow]) -> list[TextRow]:
    """Add the lines below the last row that are the rest of a cell in it."""
    if len(block) < 2:
        return block
    columns = find_columns(block)
    while after and len(columns) > 1:
        lines = lines_with([*block, after[0]], columns, ())
        last = form_rows(lines)[-1]
        tight = after[0].base - block[-1].base <= 1.3 * max(lines.step, 0.1)
        inside = all(entry.first == entry.last for entry in lines.entries[-1]) and len(last.bases) > 1
        if not (tight and inside):
            break
        block, after = [*block, after[0]], after[1:]
    return block


def _with_head(block: list[TextRow], rows: Sequence[TextRow], boxes: Sequence[Box]) -> list[TextRow]:
    """Add the lines above the first row that are the beginning of a heading of a column, but the first column."""
    at = next(at for at, row in enumerate(rows) if row is block[0])
    second = find_columns(block)[1:2]
    right = max(row.groups[-1].x1 for row in block)
    while at and second:
        above = rows[at - 1]
        inside = above.groups[0].x0 > second[0][0] - 0.5 * above.size and above.groups[-1].x1 < right + above.size
        alike = abs(above.size - block[0].size) < 0.05 * above.size
        if not (inside and alike) or block[0].base - above.base > HEADING_STEP * above.size:
            break
        if _is_apart(above, block[0], boxes):
            break
        block, at = [above, *block], at - 1
    return block


def _grid(ink: PageInk, block: Sequence[TextRow]) -> Grid | None:
    columns = find_columns(block)
    if len(columns) < 2:
        return None
    box = (columns[0][0], block[0].top, columns[-1][1], block[-1].bottom)
    rules = _rules(ink, box, block[0].size)
    lines = lines_with(block, columns, rules)
    if not _is_table(lines):
        return None
    return _grid_of(ink.number, form_rows(lines), lines, box)


def _rules(ink: PageInk, box: Box, size: float) -> list[float]:
    """The heights at which lines run over most of the width of a block, each once."""
    covered: dict[int, float] = {}
    for kind in ("line", "rect", "curve"):
        for each in ink.objects.get(kind, ()):
            inside = min(each["x1"], box[2]) - max(each["x0"], box[0])
            near = box[1] - 2 * size < each["top"] < box[3] + 2 * size
            if near and inside > 0 and each["height"] < 3:
                at = round((each["top"] + each["bottom"]) / 4)
                covered[at] = covered.get(at, 0.0) + inside
    heights = sorted(2.0 * at for at, width in covered.items() if width > 0.6 * (box[2] - box[0]))
    return [y for at, y in enumerate(heights) if not at or y - heights[at - 1] > 0.4 * size]


def _is_table(lines: Lines) -> bool:
    """Whether a block shows what only a table has: figures in columns, numbered rows, rules, or many short cells."""
    full = [entries for entries in lines.entries if len(entries) > 1]
    texts = [entry.group.text for entries in full for entry in entries]
    columns = len(lines.columns)
    if len(full) < (2 if len(lines.rules) > 1 and columns > 2 else 3):
        return False
    if len(texts) < LEAST_FILLED * columns * len(full):
        return False
    if columns == 2 and sum(entries[0].group.text.endswith(":") for entries in full) * 2 >= len(full):
        return False
    length = sum(map(len, texts)) / len(texts)
    if length > PROSE_LENGTH and not lines.figures and not (lines.numbers and columns > 2):
        return False
    if lines.figures:
        return columns > 2 or _is_list_of_figures(lines)
    return (lines.numbers and columns > 2) or len(lines.rules) > 1 or (columns > 3 and len(full) > 3)


def _is_list_of_figures(lines: Lines) -> bool:
    """Whether two columns are a list of figures with their names, and not numbered text."""
    pairs = [entries for entries in lines.entries if len(entries) == 2]
    return sum(is_figure(entries[1].group.text) for entries in pairs) > 0.6 * len(pairs)


def _grid_of(page: int, rows: Sequence[FormRow], lines: Lines, box: Box) -> Grid:
    middles = [(left[1] + right[0]) / 2 for left, right in pairwise(lines.columns)]
    edges = (box[0] - 2, *middles, box[2] + 2)
    heights = _heights(rows, box)
    gutters = tuple((left[1], right[0]) for left, right in pairwise(lines.columns))
    grid = Grid(page, (edges[0], box[1], edges[-1], box[3]), edges, len(rows), last_page=page, last_bottom=box[3],
                gutters=gutters)  # fmt: skip
    covered: set[tuple[int, int]] = set()
    for at, row in enumerate(rows):
        for column in range(len(lines.columns)):
            if (at, column) in covered:
                continue
            last, down = row.last.get(column, column), row.row_spans.get(column, 1)
            covered.update((at + below, each) for below in range(down) for each in range(column, last + 1))
            place = (edges[column], heights[at], edges[last + 1], heights[at + down])
            own = [glyph for group in row.cells.get(column, ()) for glyph in group.glyphs]
            grid.cells.append(GridCell(at, column, down, last - column + 1, page, place, lines_of(own)))
    return grid


def _heights(rows: Sequence[FormRow], box: Box) -> list[float]:
    """Where each row begins, and where the last one ends."""
    tops = [min(group.top for groups in row.cells.values() for group in groups) for row in rows]
    return [box[1], *tops[1:], box[3]]


def align_continued(before: Sequence[PageBlocks], page: PageBlocks) -> None:
    """Give the table at the top of a page the columns of the one at the foot of the page before, if they fit.

    Only for tables without verticals, whose columns are seen by their text alone: one may stand empty on a page.
    """
    if not before or not before[-1].grids or not page.grids:
        return
    last, first = before[-1].grids[-1], page.grids[0]
    above = [line for line in page.lines if 0.12 * page.height < line.base < first.box[1]]
    if above or not (last.gutters and first.gutters) or first.n_columns > last.n_columns:
        return
    columns = [_column_at(last, left, right) for left, right in _hulls(first)]
    if len(set(columns)) == len(columns):
        _take_columns(first, last, columns)


def _hulls(grid: Grid) -> list[Span]:
    lefts = [grid.box[0], *(gutter[1] for gutter in grid.gutters)]
    return list(zip(lefts, [*(gutter[0] for gutter in grid.gutters), grid.box[2]], strict=True))


def _column_at(grid: Grid, left: float, right: float) -> int:
    """The column of a grid that shares most with a strip of the page."""
    shared = [min(right, end) - max(left, start) for start, end in pairwise(grid.edges)]
    return max(range(len(shared)), key=shared.__getitem__)


def _take_columns(grid: Grid, other: Grid, columns: Sequence[int]) -> None:
    filled: set[tuple[int, int]] = set()
    for cell in grid.cells:
        last = columns[cell.column + cell.column_span - 1]
        cell.column = columns[cell.column]
        cell.column_span = last - cell.column + 1
        filled.update((cell.row + down, at) for down in range(cell.row_span) for at in range(cell.column, last + 1))
    for row in range(grid.n_rows):
        top = min((cell.box[1] for cell in grid.cells if cell.row == row), default=grid.box[1])
        bottom = max((cell.box[3] for cell in grid.cells if cell.row == row), default=top)
        for at in range(other.n_columns):
            if (row, at) not in filled:
                box = (other.edges[at], top, other.edges[at + 1], bottom)
                grid.cells.append(GridCell(row, at, 1, 1, grid.page, box))
    grid.edges, grid.gutters = other.edges, other.gutters
