"""The ruled grids of a page picture: which strokes are rules, and the cells between them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
PixelBox = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels of a picture at 300 dots an inch."""

LONG_RULE = 100  # pixels; no stroke of a letter is that long
TALL_RULE = 40  # a row of the smallest print; letters as tall are told from rules by their ends
PIECE = 30  # what is left of a rule on both sides of a stamp's ring
SAME_RULE = 14
OUTER_RULE = 50  # rules that reach further than this beyond the last crossing end in a border the scanner cut off
RULE_END = 20  # how far from a wall a rule may end
CROOKED = 14  # a rule is no higher than this, or than twice its thickness
WALL = 0.7  # of the side of a cell must be drawn
TRACE = 0.8  # of the side of a cell must show ink in one straight line


@dataclass(frozen=True, slots=True)
class RuledCell:
    """A cell of a ruled grid: place counted from 0, spans, and its box between the rules."""

    row: int
    column: int
    row_span: int
    column_span: int
    box: PixelBox


@dataclass(frozen=True, slots=True)
class RuledGrid:
    """A ruled table: the positions of its vertical and horizontal rules, and its cells in row order."""

    xs: tuple[int, ...]
    ys: tuple[int, ...]
    cells: tuple[RuledCell, ...]

    @property
    def box(self) -> PixelBox:
        """The outer border."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]


def cv2() -> Any:
    """OpenCV, kept to one thread; ``ImportError`` when it is not installed."""
    import cv2 as module

    module.setNumThreads(1)
    return module


def rules_of(ink: Image, covered: Image) -> tuple[Image, Image]:
    """The horizontal and the vertical rules of a page, small gaps closed, those under a stamp too."""
    across, down = _long(ink, covered, (1, LONG_RULE)), _long(ink.T, covered.T, (1, TALL_RULE)).T
    return across, _hung(np.ascontiguousarray(down), across, ink)


def _long(ink: Image, covered: Image, shape: tuple[int, int]) -> Image:
    """What runs level for the length of ``shape``."""
    tool = cv2()
    ink = np.ascontiguousarray(ink)
    thick = tool.dilate(ink, np.ones((3, 1), np.uint8))
    thick = tool.morphologyEx(thick, tool.MORPH_CLOSE, np.ones((1, 5), np.uint8))
    if covered.any():
        pieces = tool.morphologyEx(thick, tool.MORPH_OPEN, np.ones((1, PIECE), np.uint8))
        thick = thick | (tool.morphologyEx(pieces, tool.MORPH_CLOSE, np.ones((1, 2 * PIECE), np.uint8)) & covered)
    return _thin(tool.morphologyEx(thick, tool.MORPH_OPEN, np.ones(shape, np.uint8)))


def _thin(rules: Image) -> Image:
    """Leave out what is far thicker than a rule: filled areas."""
    _, labels, stats, _ = cv2().connectedComponentsWithStats(rules, connectivity=8)
    thickness = stats[:, 4] / np.maximum(1, stats[:, 2])
    keep = thickness < 30
    keep[0] = False
    return np.where(keep[labels], 255, 0).astype(np.uint8)


def _hung(rules: Image, across: Image, ink: Image) -> Image:
    """Keep the vertical rules that hang between horizontal ones; a stroke of a large letter meets none."""
    _, labels, stats, _ = cv2().connectedComponentsWithStats(rules, connectivity=8)
    near = cv2().dilate(across, np.ones((17, 17), np.uint8)) > 0
    keep = np.zeros(len(stats), bool)
    for number, (left, top, width, height, _) in enumerate(stats.tolist()[1:], 1):  # the first is what is left blank
        middle, end = left + width // 2, top + height - 1
        ends = int(near[top, middle]) + int(near[end, middle])
        straight = height > 3 * TALL_RULE or (ink[top : end + 1, left : left + width] > 0).mean(axis=0).max() > 0.95
        keep[number] = straight and (ends == 2 or (ends > 0 and height > 6 * TALL_RULE))
    return np.where(keep[labels], 255, 0).astype(np.uint8)


def grids_of(across: Image, down: Image, ink: Image) -> tuple[RuledGrid, ...]:
    """Every group of rules that cross, from top to bottom."""
    tool = cv2()
    joined = tool.dilate(tool.max(across, down), np.ones((13, 13), np.uint8))
    _, labels, stats, _ = tool.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for number, (left, top, width, height, _) in enumerate(stats.tolist()[1:], 1):  # the first is what is left blank
        if number == 0 or width < LONG_RULE or height < TALL_RULE:
            continue
        window = np.s_[top : top + height, left : left + width]
        own = labels[window] == number
        grid = _grid(np.where(own, across[window], 0), np.where(own, down[window], 0), ink[window], (left, top))
        if grid is not None:
            found.append(grid)
    return tuple(sorted(found, key=lambda grid: (grid.ys[0], grid.xs[0])))


def _grid(across: Image, down: Image, ink: Image, corner: tuple[int, int]) -> RuledGrid | None:
    """Read one group of rules as a grid; ``None`` when it makes fewer than two cells."""
    left, top = corner
    across = _without_strokes(across.astype(np.uint8), down.astype(np.uint8))
    ys, xs = _positions(across.astype(np.uint8), 1), _positions(down.astype(np.uint8), 0)
    xs, ys = _with_outer(xs, across, 0), _with_outer(ys, down, 1)
    for _ in range(2):  # what parts no row from the next is no floor, what parts no column no wall
        if len(xs) < 2 or len(ys) < 2:
            return None
        walls, floors = _drawn(xs, ys, down), _drawn(ys, xs, across.T)
        xs = [x for x, side in zip(xs, walls.T, strict=True) if side.any()]
        ys = [y for y, side in zip(ys, floors.T, strict=True) if side.any()]
    if len(xs) < 2 or len(ys) < 2:
        return None
    walls = _drawn(xs, ys, down) | _traced(xs, ys, ink)
    cells = _cells(xs, ys, walls, _drawn(ys, xs, across.T) | _traced(ys, xs, ink.T))
    if len(cells) < 2:
        return None
    moved = tuple(
        RuledCell(c.row, c.column, c.row_span, c.column_span,
                  (c.box[0] + left, c.box[1] + top, c.box[2] + left, c.box[3] + top))
        for c in cells
    )  # fmt: skip
    return RuledGrid(tuple(x + left for x in xs), tuple(y + top for y in ys), moved)


def _without_strokes(across: Image, down: Image) -> Image:
    """Leave out what runs level but is no rule, as the tail of a signature: crooked, or with an end amid a cell.

    A rule that meets three walls may end anywhere, as at a border that the scanner cut off.
    """
    _, labels, stats, _ = cv2().connectedComponentsWithStats(across, connectivity=8)
    walls = cv2().dilate(down, np.ones((9, 2 * RULE_END + 1), np.uint8)) > 0
    keep = np.zeros(len(stats), bool)
    for number, (left, top, width, height, area) in enumerate(stats.tolist()):
        met = walls[top : top + height, left : left + width].any(axis=0)
        crossed = int(np.count_nonzero(np.diff(np.concatenate(([False], met))) & met))
        straight = height <= max(CROOKED, 2 * area / width)
        keep[number] = number > 0 and (crossed >= 3 or bool(straight and met[0] and met[-1]))
    return np.where(keep[labels], across, 0).astype(np.uint8)


def _positions(rules: Image, axis: int) -> list[int]:
    """Where the rules stand on an axis (0: x of vertical ones, 1: y of horizontal ones), near ones taken together."""
    _, _, stats, centres = cv2().connectedComponentsWithStats(rules, connectivity=8)
    found = sorted(
        (float(centre[axis]), int(stat[3 - axis])) for stat, centre in zip(stats[1:], centres[1:], strict=True)
    )
    groups: list[list[tuple[float, int]]] = []
    for place, length in found:
        if groups and place - groups[-1][-1][0] < SAME_RULE:
            groups[-1].append((place, length))
        else:
            groups.append([(place, length)])
    return [round(sum(p * n for p, n in group) / sum(n for _, n in group)) for group in groups]


def _with_outer(places: list[int], crossing: Image, axis: int) -> list[int]:
    """Add a border where the crossing rules reach well beyond the last rule on either side."""
    reach = np.flatnonzero(crossing.any(axis=axis))
    if not places or not len(reach):
        return places
    first, last = int(reach[0]), int(reach[-1])
    before = [first] if places[0] - first > OUTER_RULE else []
    after = [last] if last - places[-1] > OUTER_RULE else []
    return before + places + after


def _drawn(places: list[int], stations: list[int], rules: Image) -> NDArray[np.bool_]:
    """Whether between two stations a rule is drawn at a place: one line a pair of stations, one column a place.

    For vertical rules places are x and stations y; for horizontal ones the mask comes turned.
    """
    found = np.zeros((len(stations) - 1, len(places)), bool)
    for row, (start, end) in enumerate(pairwise(stations)):
        strip = rules[start + 6 : max(end - 5, start + 7)] > 0
        for column, place in enumerate(places):
            near = strip[:, max(0, place - 10) : place + 11]
            found[row, column] = near.size > 0 and bool(near.any(axis=1).mean() >= WALL)
    return found


def _traced(places: list[int], stations: list[int], ink: Image) -> NDArray[np.bool_]:
    """As ``_drawn``, for a place known to hold a rule elsewhere: a straight trace of ink with white on both sides will
    do, too short or too broken to be seen as a rule."""
    found = np.zeros((len(stations) - 1, len(places)), bool)
    for row, (start, end) in enumerate(pairwise(stations)):
        strip = ink[start + 5 : max(end - 4, start + 6)] > 0
        for column, place in enumerate(places):
            near = strip[:, max(0, place - 12) : place + 13]
            if near.shape[0] and near.shape[1] > 6:
                wide = near[:, :-2] | near[:, 1:-1] | near[:, 2:]
                best = int(wide.mean(axis=0).argmax())
                aside = np.delete(near, np.s_[max(0, best - 2) : best + 5], axis=1)
                found[row, column] = bool(wide[:, best].mean() >= TRACE and aside.mean() < 0.1)
    return found


def _cells(xs: list[int], ys: list[int], walls: NDArray[np.bool_], floors: NDArray[np.bool_]) -> list[RuledCell]:
    """Unite neighbours without a wall between them: first within a row, then equal runs of rows below each other."""
    open_runs: dict[tuple[int, int], int] = {}
    spans: list[tuple[int, int, int, int]] = []
    for row in range(len(ys) - 1):
        edges = [0, *(column for column in range(1, len(xs) - 1) if walls[row, column]), len(xs) - 1]
        runs = list(pairwise(edges))
        on = {run: start for run, start in open_runs.items() if run in runs and not floors[run[0] : run[1], row].any()}
        spans += [(start, row, *run) for run, start in open_runs.items() if run not in on]
        open_runs = {run: on.get(run, row) for run in runs}
    spans += [(start, len(ys) - 1, *run) for run, start in open_runs.items()]
    return [
        RuledCell(top, left, bottom - top, right - left, (xs[left], ys[top], xs[right], ys[bottom]))
        for top, bottom, left, right in sorted(spans, key=lambda span: (span[0], span[2]))
    ]
