"""What the pages of one document hold, as one sequence: tables cut by a page end are joined again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from extract.pdf_lines import Line, begins_item
from extract.pdf_tables import Grid, GridCell, PageBlocks

EDGE_ZONE = 0.12  # of the page height: running headers and page numbers stand above or below it
SAME_EDGE = 4.0  # points between the rules of the same column on two pages
MOST_HEADER_ROWS = 5
SLACK = 30.0

_MARKS = re.compile("[\\d\U000f0000-\U000fffff]+")
_COLUMN_NUMBER = re.compile(r"\(?\d{1,2}\)?$")

Letters = Mapping[int, str]
"""What ``str.translate`` puts for the placeholders of lost letters."""


@dataclass(frozen=True, slots=True)
class TextRun:
    """Consecutive lines outside tables on one page; ``running`` ones are headers, footers and page numbers."""

    page: int
    lines: tuple[Line, ...]
    running: bool = False


def reading_order(pages: Sequence[PageBlocks], letters: Letters) -> list[Grid | TextRun]:
    """All blocks of a document from top to bottom, page by page, with continued tables joined into one grid."""
    running = _running_lines(pages)
    floors = _floors(pages, running)
    joined: list[Grid | TextRun] = []
    for page in pages:
        for block in _blocks(page, running):
            last = _open_grid(joined, block.tag) if isinstance(block, Grid) else None
            if (
                isinstance(block, Grid)
                and last is not None
                and _is_continued(last, block, floors[last.last_page], letters)
            ):
                _append(last, block, letters)
            else:
                joined.append(block)
    return joined


def _floors(pages: Sequence[PageBlocks], running: set[tuple[str, int]]) -> dict[int, float]:
    """How far down text stands on pages of the same format, for each page: landscape pages end earlier."""
    lowest: dict[int, float] = {}
    for page in pages:
        bottoms = (line.bottom for line in _body_lines(page, running))
        lowest[round(page.height)] = max([lowest.get(round(page.height), 0.0), *bottoms])
    return {page.page: lowest[round(page.height)] for page in pages}


def _body_lines(page: PageBlocks, running: set[tuple[str, int]]) -> Iterator[Line]:
    yield from (line for line in page.lines if not (_in_margin(line, page) and _running_key(line) in running))
    for grid in page.grids:
        for cell in grid.cells:
            yield from cell.lines


def _running_lines(pages: Sequence[PageBlocks]) -> set[tuple[str, int]]:
    """Keys of the lines near the top or bottom edge that come back page by page, numbers aside."""
    counts: Counter[tuple[str, int]] = Counter()
    for page in pages:
        counts.update({_running_key(line) for line in page.lines if _in_margin(line, page)})
    enough = max(2, round(len(pages) / 2))
    return {
        key for key, count in counts.items() if count >= (2 if key[0] in ("#", "- # -", "-#-", "– # –") else enough)
    }


def _running_key(line: Line) -> tuple[str, int]:
    return _MARKS.sub("#", line.text), round(line.base / 4)


def _in_margin(line: Line, page: PageBlocks) -> bool:
    """Near an edge of the page, with no table beyond it."""
    if line.base < EDGE_ZONE * page.height:
        return all(grid.box[1] > line.base for grid in page.grids)
    return line.base > (1 - EDGE_ZONE) * page.height and all(grid.box[3] < line.base for grid in page.grids)


def _blocks(page: PageBlocks, running: set[tuple[str, int]]) -> Iterator[Grid | TextRun]:
    """Sort the grids and text runs of a page from top to bottom."""
    waiting: list[Line] = []
    grids = list(page.grids)
    for line in [*page.lines, None]:
        while grids and (line is None or grids[0].box[1] < line.base):
            yield from _runs(page, waiting, running)
            waiting = []
            yield grids.pop(0)
        if line is not None:
            waiting.append(line)
    yield from _runs(page, waiting, running)


def _runs(page: PageBlocks, lines: Sequence[Line], running: set[tuple[str, int]]) -> Iterator[TextRun]:
    group: list[Line] = []
    was = False
    for line in lines:
        now = _in_margin(line, page) and _running_key(line) in running
        if group and now != was:
            yield TextRun(page.page, tuple(group), was)
            group = []
        group.append(line)
        was = now
    if group:
        yield TextRun(page.page, tuple(group), was)


def _open_grid(blocks: Sequence[Grid | TextRun], tag: int) -> Grid | None:
    """Find the grid that a following one may continue: the last block, page numbers and the like aside.

    The parts of a tagged table belong together whatever stands between them.
    """
    for block in reversed(blocks):
        if isinstance(block, Grid) and (not tag or block.tag == tag):
            return block
        if not tag and isinstance(block, TextRun) and not block.running:
            return None
    return None


def _is_continued(last: Grid, grid: Grid, floor: float, letters: Letters) -> bool:
    """Whether a grid is the rest of the one before: next page, same columns, and the same header or no room left."""
    if last.tag or grid.tag:
        return last.tag == grid.tag
    if grid.page != last.last_page + 1 or _columns_in(grid, last) is None:
        return False
    if grid.n_columns != last.n_columns and not _is_header(last, letters):
        return False
    if repeated_rows(last, grid, letters):
        return True
    first = [cell for cell in grid.cells if cell.row == 0]
    height = max(cell.box[3] - cell.box[1] for cell in first)
    return floor - last.last_bottom < height + SLACK


def _columns_in(grid: Grid, last: Grid) -> list[int] | None:
    """The edge of ``grid`` that each edge of ``last`` is, or ``None`` where one is not; their sides are the same."""
    shift = grid.edges[0] - last.edges[0]
    places = []
    for edge in last.edges:
        nearest = min(range(len(grid.edges)), key=lambda index: abs(grid.edges[index] - edge - shift))
        if abs(grid.edges[nearest] - edge - shift) > SAME_EDGE:
            return None
        places.append(nearest)
    same_sides = places[-1] == len(grid.edges) - 1
    return places if same_sides and len(set(places)) == len(places) else None


def _is_header(grid: Grid, letters: Letters) -> bool:
    """Whether the rows before a page end can only be the upper rows of a header, whose lower row divides columns."""
    return grid.n_rows < MOST_HEADER_ROWS and not any(
        _is_numbered([text for *_, text in _row_texts(grid, row, letters)]) for row in range(grid.n_rows)
    )


def repeated_rows(first: Grid, grid: Grid, letters: Letters) -> int:
    """How many rows at the top of ``grid`` are the header rows of ``first`` printed again."""
    count = 0
    for row in range(min(MOST_HEADER_ROWS, grid.n_rows, first.n_rows)):
        here, there = _row_texts(grid, row, letters), _row_texts(first, row, letters)
        if here != there or not any(text for _, _, _, text in here) or _is_numbered([text for *_, text in here]):
            break
        count = row + 1
    while count and any(cell.row < count < cell.row + cell.row_span for cell in grid.cells):
        count -= 1
    return count


def _row_texts(grid: Grid, row: int, letters: Letters) -> list[tuple[int, int, int, str]]:
    return [
        (cell.column, cell.column_span, cell.row_span, " ".join(cell.text.translate(letters).split()))
        for cell in grid.cells
        if cell.row == row
    ]


def _is_numbered(texts: Sequence[str]) -> bool:
    """Whether a row is a numbered item and not a header; a line of column numbers (1) (2) (3) is none."""
    filled = [text for text in texts if text]
    if len(filled) > 1 and all(_COLUMN_NUMBER.match(text) for text in filled):
        return False
    return bool(filled) and (begins_item(filled[0] + " ") or filled[0].isdigit())


def _append(first: Grid, grid: Grid, letters: Letters) -> None:
    """Add the rows of ``grid`` below ``first``, without the repeated header, and close a row cut by the page end."""
    if grid.tag:
        _append_tagged(first, grid)
        return
    _divide(first, grid)
    dropped = repeated_rows(first, grid, letters)
    rest = [cell for cell in grid.cells if cell.row >= dropped]
    if _is_cut_row(first, rest, dropped, letters):
        _close_row(first, [cell for cell in rest if cell.row == dropped])
        dropped += 1
        rest = [cell for cell in rest if cell.row >= dropped]
    offset = first.n_rows - dropped
    first.cells.extend(replace(cell, row=cell.row + offset) for cell in rest)
    first.n_rows += grid.n_rows - dropped
    first.last_page, first.last_bottom = grid.last_page, grid.last_bottom


def _divide(first: Grid, grid: Grid) -> None:
    """Give the upper rows of a header the columns of the rows below it."""
    places = _columns_in(grid, first)
    if places is None or first.n_columns == grid.n_columns:
        return
    for cell in first.cells:
        start, end = places[cell.column], places[cell.column + cell.column_span]
        cell.column, cell.column_span = start, end - start
    shift = grid.edges[0] - first.edges[0]
    first.edges = tuple(edge - shift for edge in grid.edges)


def _append_tagged(first: Grid, grid: Grid) -> None:
    """Add the part of a tagged table on a later page; a cell that stands on both goes on."""
    known = {(cell.row, cell.column): cell for cell in first.cells}
    for cell in grid.cells:
        before = known.get((cell.row, cell.column))
        if before is None:
            first.cells.append(cell)
        else:
            before.lines = [*before.lines, *cell.lines]
    first.last_page, first.last_bottom = grid.last_page, grid.last_bottom


def _is_cut_row(first: Grid, rest: Sequence[GridCell], row: int, letters: Letters) -> bool:
    """Whether the top row of the rest only finishes sentences that the last row began.

    Every filled cell of it must go on with a line that had no room for the next word, and one of them must show that
    its sentence had begun before. Tables without rules have been closed where their rows were found.
    """
    if first.gutters:
        return False
    shown = False
    for cell in rest:
        if cell.row == row and cell.lines:
            above = _cell_above(first, cell)
            if above is None or cell.row_span > 1 or not _goes_on(above, cell, letters):
                return False
            shown = shown or _is_unfinished(above.text.translate(letters), cell.text.translate(letters))
    return shown or (
        bool(rest)
        and _all_numbered(first)
        and not any(cell.column == 0 for cell in rest if cell.lines and cell.row == row)
    )


def _all_numbered(grid: Grid) -> bool:
    """Whether every row below the header carries something in the first column, so that one without is no row."""
    numbers = [cell for cell in grid.cells if cell.column == 0 and cell.row > 0]
    return len(numbers) > 2 and all(cell.lines for cell in numbers)


def _is_unfinished(before: str, after: str) -> bool:
    """Whether ``before`` stops within a bracket or after a comma, or ``after`` opens in small letters."""
    open_bracket = before.count("(") > before.count(")") and after.count(")") > after.count("(")
    return open_bracket or before.endswith(",") or after.lstrip("(\"'“‘")[:1].islower()


def _cell_above(first: Grid, cell: GridCell) -> GridCell | None:
    for above in reversed(first.cells):
        if above.row + above.row_span == first.n_rows and above.column == cell.column:
            return above if above.column_span == cell.column_span and above.lines else None
        if above.row + above.row_span < first.n_rows - 1:
            return None
    return None


def _goes_on(above: GridCell, cell: GridCell, letters: Letters) -> bool:
    last, line = above.lines[-1], cell.lines[0]
    pad = min(above.lines, key=lambda each: each.x0).x0 - above.box[0]
    needed = line.first_word_x1 - line.x0 + 0.2 * line.size
    return last.x1 + needed > above.box[2] - pad - 1 and not begins_item(line.text.translate(letters))


def _close_row(first: Grid, cells: Sequence[GridCell]) -> None:
    for cell in cells:
        above = _cell_above(first, cell) if cell.lines else None
        if above is not None:
            above.lines = [*above.lines, *cell.lines]
