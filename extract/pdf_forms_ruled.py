"""Ruled tables with rules left out: no outer verticals, no verticals below the header, no rules between rows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from operator import itemgetter

from extract.model import Box
from extract.pdf_forms_regions import lies_across
from extract.pdf_forms_words import GROUP_GAP, Group, TextRow, is_blank_mark, is_figure, text_rows
from extract.pdf_glyphs import Glyph, PageInk
from extract.pdf_tables import Grid, GridCell

TOUCH = 3.0  # points between pieces of one rule, or between a rule and the edge of a row
LEAST_COLUMN = 8.0
LEAST_LINES = 3
LEAST_RULES = 4
SAME_END = 6.0
MANY_BANDS = 12
WHOLE = 0.85

Marks = list[tuple[float, int, float, Glyph]]
"""Level glyphs that can be seen, from top to bottom: height of the middle, number, x of the middle, the glyph."""
_HEIGHT, _ORDER, _PLACE = itemgetter(0), itemgetter(1), itemgetter(0, 1)


def complete_grids(grids: Sequence[Grid], ink: PageInk, glyphs: Sequence[Glyph]) -> None:
    """Give the grids the cells that their text shows and the rules only suggest; others stay as they are."""
    marks = _by_height(glyphs) if grids else []
    for grid in grids:
        _open_sides(grid, ink, marks, grids)
        if grid.n_columns > 1:
            _cut_merged(grid, marks)
            _cut_rows(grid, marks)


def _by_height(glyphs: Iterable[Glyph]) -> Marks:
    marks = (
        ((glyph.top + glyph.bottom) / 2, at, (glyph.x0 + glyph.x1) / 2, glyph)
        for at, glyph in enumerate(glyphs)
        if glyph.turn == 0 and not glyph.text.isspace()
    )
    return sorted(marks, key=_PLACE)


def _inside(marks: Marks, box: Box) -> list[Glyph]:
    """The marks in the middle of a box, in the order in which they were drawn."""
    low, high = (bisect_left(marks, y, key=_HEIGHT) for y in (box[1], box[3]))
    found = [mark for mark in marks[low:high] if box[0] <= mark[2] < box[2]]
    found.sort(key=_ORDER)
    return [mark[3] for mark in found]


def _cut_merged(grid: Grid, marks: Marks) -> None:
    """Cut cells over three columns and more whose figures stand each in a column of the other rows."""
    cells: list[GridCell] = []
    for cell in grid.cells:
        if cell.column_span > 2 and cell.row_span == 1 and _stands_in_columns(grid, cell, marks):
            for column in range(cell.column, cell.column + cell.column_span):
                box = (grid.edges[column], cell.box[1], grid.edges[column + 1], cell.box[3])
                cells.append(GridCell(cell.row, column, 1, 1, cell.page, box))
        else:
            cells.append(cell)
    grid.cells = cells


def _stands_in_columns(grid: Grid, cell: GridCell, marks: Marks) -> bool:
    groups = [group for row in text_rows(_inside(marks, cell.box)) for group in row.groups]
    columns = {bisect_right(grid.edges, (group.x0 + group.x1) / 2) for group in groups}
    if len(columns) < 3 or sum(is_figure(group.text) for group in groups) < 2:
        return False
    return not any(_crosses(group, grid.edges) for group in groups)


def _crosses(group: Group, edges: Sequence[float]) -> bool:
    slack = 0.25 * group.size
    return any(group.x0 + slack < edge < group.x1 - slack for edge in edges)


def _cut_rows(grid: Grid, marks: Marks) -> None:
    """Cut rows in which several columns list figures on the same lines, as where no rules run between rows."""
    for row in range(grid.n_rows - 1, -1, -1):
        cells = [cell for cell in grid.cells if cell.row <= row < cell.row + cell.row_span]
        if len(cells) == grid.n_columns and all(cell.row_span == 1 == cell.column_span for cell in cells):
            cuts = _row_cuts(cells, marks)
            if cuts:
                _cut(grid, row, cuts)


def _row_cuts(cells: Sequence[GridCell], marks: Marks) -> list[float]:
    """Where new rows begin: above each line of the columns of figures, if the first column has a line there too."""
    listed = []
    for cell in cells[1:]:
        inside = _inside(marks, cell.box)
        found = text_rows(inside) if _can_be_values(inside) else []
        one = all(len(line.groups) == 1 and _is_value(line.groups[0].text) for line in found)
        if len(found) >= LEAST_LINES and one:
            listed.append(found)
    if len(listed) < 2:
        return []
    first = text_rows(_inside(marks, cells[0].box))
    bases = sorted({round(line.base) for found in listed for line in found})
    tops = [line.top for line in first if any(abs(line.base - base) <= 1 for base in bases)]
    whole = all(len(found) > 0.7 * len(tops) for found in listed)
    return tops[1:] if whole and len(tops) == len(first) and len(tops) >= LEAST_LINES else []


def _can_be_values(glyphs: Sequence[Glyph]) -> bool:
    """Whether glyphs can stand on lines enough with a value on each, which has two letters at most (crosses aside)."""
    n_lines = len({glyph.base for glyph in glyphs})
    return n_lines >= LEAST_LINES and sum(g.text != "x" and g.text.isalpha() for g in glyphs) <= 2 * n_lines


def _is_value(text: str) -> bool:
    return is_figure(text) or is_blank_mark(text)


def _cut(grid: Grid, row: int, cuts: Sequence[float]) -> None:
    cells: list[GridCell] = []
    for cell in grid.cells:
        if cell.row == row:
            ys = [cell.box[1], *cuts, cell.box[3]]
            cells.extend(
                GridCell(row + at, cell.column, 1, 1, cell.page, (cell.box[0], ys[at], cell.box[2], ys[at + 1]))
                for at in range(len(cuts) + 1)
            )
        else:
            cells.append(cell if cell.row < row else replace(cell, row=cell.row + len(cuts)))
    grid.cells = cells
    grid.n_rows += len(cuts)


def _open_sides(grid: Grid, ink: PageInk, marks: Marks, grids: Sequence[Grid]) -> None:
    """Add the outer columns of a table whose horizontal rules run on beyond its last verticals."""
    ys = sorted({y for cell in grid.cells for y in (cell.box[1], cell.box[3])})
    left, right = _reach(ink, grid, ys)
    sides = [(left, grid.box[0]), (grid.box[2], right)]
    for at, (x0, x1) in enumerate(sides):
        band = (x0, grid.box[1], x1, grid.box[3])
        others = (each.box for each in grids if each is not grid)
        if x1 - x0 > LEAST_COLUMN and not any(_meet(band, box) for box in others) and _is_used(band, ys, marks):
            _add_column(grid, band, ys, at == 0)


def _is_used(band: Box, ys: Sequence[float], marks: Marks) -> bool:
    """Whether text stands in half the rows of a band, and none runs out of it."""
    rows = {bisect_right(ys, row.base) for row in text_rows(_inside(marks, band))}
    return 2 * len(rows) >= len(ys) - 1


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _reach(ink: PageInk, grid: Grid, ys: Sequence[float]) -> tuple[float, float]:
    """How far most of the rules between the rows run to the left and to the right."""
    spans = [span for span in (_rule_at(ink, y, grid.box) for y in ys) if span is not None]
    if len(spans) < max(2, 0.6 * len(ys)):
        return grid.box[0], grid.box[2]
    lefts, rights = sorted(span[0] for span in spans), sorted(span[1] for span in spans)
    return lefts[len(lefts) // 2], rights[len(rights) // 2]


def _rule_at(ink: PageInk, y: float, box: Box) -> tuple[float, float] | None:
    left, right = box[2], box[0]
    pieces = sorted(_pieces(ink, y))
    found: list[tuple[float, float]] = []
    for x0, x1 in pieces:
        if found and x0 - found[-1][1] <= TOUCH:
            found[-1] = (found[-1][0], max(found[-1][1], x1))
        else:
            found.append((x0, x1))
    for x0, x1 in found:
        if x0 < box[2] and box[0] < x1:
            left, right = min(left, x0), max(right, x1)
    return (left, right) if left < right else None


def _pieces(ink: PageInk, y: float) -> Iterator[tuple[float, float]]:
    for kind in ("line", "rect"):
        for each in ink.objects.get(kind, ()):
            if each["height"] < TOUCH and abs((each["top"] + each["bottom"]) / 2 - y) < TOUCH:
                yield each["x0"], each["x1"]


def _add_column(grid: Grid, band: Box, ys: Sequence[float], before: bool) -> None:
    column = 0 if before else grid.n_columns
    if before:
        grid.cells = [replace(cell, column=cell.column + 1) for cell in grid.cells]
    for row in range(grid.n_rows):
        grid.cells.append(GridCell(row, column, 1, 1, grid.page, (band[0], ys[row], band[2], ys[row + 1])))
    grid.edges = (band[0], *grid.edges) if before else (*grid.edges, band[2])
    grid.box = (grid.edges[0], grid.box[1], grid.edges[-1], grid.box[3])


def rules_over(ink: PageInk, box: Box, size: float) -> list[float]:
    """The heights at which lines run over nearly all of the width of a box, each once."""
    covered: dict[int, float] = {}
    for kind in ("line", "rect", "curve"):
        for each in ink.objects.get(kind, ()):
            inside = min(each["x1"], box[2]) - max(each["x0"], box[0])
            near = box[1] - 2 * size < each["top"] < box[3] + 2 * size
            if near and inside > 0 and each["height"] < TOUCH:
                at = round((each["top"] + each["bottom"]) / 4)
                covered[at] = covered.get(at, 0.0) + inside
    heights = sorted(2.0 * at for at, width in covered.items() if width > WHOLE * (box[2] - box[0]))
    return [y for at, y in enumerate(heights) if not at or y - heights[at - 1] > 0.4 * size]


def ruled_blocks(ink: PageInk, rows: Sequence[TextRow], least: int = LEAST_RULES) -> list[list[TextRow]]:
    """The rows of text between rules of one length that follow one another, as in a table with horizontal rules."""
    found: list[list[TextRow]] = []
    taken: set[int] = set()
    for (left, right), ys in sorted(_rules_by_reach(ink).items(), key=lambda each: -len(each[1])):
        for run in _runs_of_rules(ys, rows):
            block = [row for row in rows if run[0] < row.base - 0.3 * row.size < run[-1]]
            inside = all(row.groups[0].x0 > left - 8 and row.groups[-1].x1 < right + 8 for row in block)
            if len(run) >= least and inside and len(block) > 1 and not taken & set(map(id, block)):
                found.append(block)
                taken.update(map(id, block))
    return sorted(found, key=lambda block: block[0].base)


def _rules_by_reach(ink: PageInk) -> dict[tuple[float, float], list[float]]:
    """The heights of the rules over a good part of the page, by their left and right end."""
    heights: set[float] = set()
    for kind in ("line", "rect"):
        heights.update(round(each["top"]) for each in ink.objects.get(kind, ()) if each["height"] < TOUCH)
    found: dict[tuple[float, float], list[float]] = {}
    last = -TOUCH
    for y in sorted(heights):
        span = _rule_at(ink, y, ink.box)
        if span is not None and span[1] - span[0] > 0.25 * ink.width and y - last >= TOUCH:
            last = y
            near = (each for each in found if abs(each[0] - span[0]) < SAME_END and abs(each[1] - span[1]) < SAME_END)
            found.setdefault(next(near, span), []).append(y)
    return found


def _runs_of_rules(ys: Sequence[float], rows: Sequence[TextRow]) -> list[list[float]]:
    """Cut where lines stand between two rules that run over the gutters of the others: text between tables."""
    bands = [[row for row in rows if above < row.base < below] for above, below in pairwise(ys)]
    whole = [_as_one_row(band) if band else None for band in bands]
    runs, start = [[ys[0]]], 0
    for at, band in enumerate(bands):
        room = 1.2 * sum(row.size for row in band[:1]) * (len(band) + 1)
        one = whole[at]
        if one is not None and len(band[0].groups) == 1 and (len(band) > 2 or ys[at + 1] - ys[at] > room):
            before = [each for each in whole[start:at] if each is not None]
            after = [each for each in whole[at + 1 : at + MANY_BANDS] if each is not None]
            if lies_across(one, before if len(before) > LEAST_LINES else after):
                runs.append([])
                start = at + 1
        runs[-1].append(ys[at + 1])
    return runs


def bands_of(rows: Sequence[TextRow], rules: Sequence[float], header: int) -> list[TextRow]:
    """The rows below the header as one row for each band between two rules; all as they are, if there are few rules."""
    if len(rules) < LEAST_RULES:
        return list(rows)
    found: dict[int, list[TextRow]] = {}
    for row in rows[header:]:
        found.setdefault(bisect_right(rules, row.base - 0.3 * row.size), []).append(row)
    return [*rows[:header], *map(_as_one_row, found.values())]


def _as_one_row(band: Sequence[TextRow]) -> TextRow:
    """All lines between two rules as one row, with the gaps that all of them leave."""
    groups: list[Group] = []
    for group in sorted((group for row in band for group in row.groups), key=lambda each: each.x0):
        if groups and group.x0 - groups[-1].x1 < GROUP_GAP * group.size:
            groups[-1] = groups[-1]._replace(x1=max(groups[-1].x1, group.x1))
        else:
            groups.append(group)
    return band[0]._replace(bottom=band[-1].bottom, groups=tuple(groups))
