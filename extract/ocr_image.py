"""A picture of a page made ready for reading: turned upright, straight, cleaned, and its ruled grids found."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
PixelBox = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels at ``DPI``."""

DPI = 300
"""Every picture is brought to this resolution first, so that all sizes below are lengths on paper."""
MOST_SKEW = 5.0
LONG_RULE = 100  # pixels; no stroke of a letter is that long
TALL_RULE = 40  # a row of the smallest print; letters as tall are told from rules by their ends
PIECE = 30  # what is left of a rule on both sides of a stamp's ring
SAME_RULE = 14
OUTER_RULE = 50  # rules that reach further than this beyond the last crossing end in a border the scanner cut off
WALL = 0.7  # of the side of a cell must be drawn
TRACE = 0.8  # of the side of a cell must show ink in one straight line
SPECK = 10  # pixels of area; the dot of a small print has about 25
STAMP = 120  # 10 mm: the smallest side of a coloured mark that is no writing
PALE = 130  # in its own colour the ink of a stamp is brighter, black print under it darker
INK_RANGE = (110, 200)  # within which one threshold for the page is looked for


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


@dataclass(frozen=True, slots=True)
class CleanPage:
    """What is left to read: ``grey`` (rules, specks and stamps painted white), ``ink`` (255 where ink is).

    ``covered`` is 255 where a stamp or a coloured signature was taken away, ``letter`` the usual height of a letter.
    """

    grey: Image
    ink: Image
    covered: Image
    grids: tuple[RuledGrid, ...]
    letter: int


def cv2() -> Any:
    """OpenCV, kept to one thread; ``ImportError`` when it is not installed."""
    import cv2 as module

    module.setNumThreads(1)
    return module


def at_reading_size(image: Image, dpi: float) -> Image:
    """Bring an RGB picture of ``dpi`` to the resolution everything here is measured in."""
    scale = DPI / dpi
    if abs(scale - 1) < 0.02:
        return image
    tool = cv2()
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(tool.resize(image, size, interpolation=tool.INTER_AREA if scale < 1 else tool.INTER_CUBIC))


def straighten(image: Image) -> Image:
    """Turn an RGB picture so that its lines of text run level; it may still stand on its head."""
    small = _thumbnail(image)
    if _runs_down(small):
        image, small = np.ascontiguousarray(np.rot90(image)), np.ascontiguousarray(np.rot90(small))
    angle = _skew(small)
    return _rotated(image, angle) if abs(angle) > 0.05 else image


def _runs_down(ink: Image) -> bool:
    """Whether words, letters that nearly touch, are taller than wide; long words count most."""
    tool = cv2()
    wide = tall = 0.0
    for reach in (3, 5):
        words = tool.dilate(ink, np.ones((reach, reach), np.uint8))
        _, _, stats, _ = tool.connectedComponentsWithStats(words, connectivity=8)
        width, height = stats[1:, 2].astype(float), stats[1:, 3].astype(float)
        thick = np.minimum(width, height) > reach + 5  # pieces of rules are thinner
        wide += float(np.square(width[thick & (width > 1.8 * height)]).sum())
        tall += float(np.square(height[thick & (height > 1.8 * width)]).sum())
    return tall > wide


def _thumbnail(image: Image) -> Image:
    """Letters as white on black at a third of the size, long rules taken out."""
    tool = cv2()
    grey = tool.cvtColor(image, tool.COLOR_RGB2GRAY)
    small = tool.resize(grey, None, fx=1 / 3, fy=1 / 3, interpolation=tool.INTER_AREA)
    ink = _ink(_flattened(small))
    thick = tool.dilate(ink, np.ones((3, 3), np.uint8))
    for shape in ((1, 40), (40, 1)):
        rules = tool.morphologyEx(thick, tool.MORPH_OPEN, np.ones(shape, np.uint8))
        ink = np.where(tool.dilate(rules, np.ones((3, 3), np.uint8)) > 0, 0, ink).astype(np.uint8)
    return np.asarray(ink)


def _skew(ink: Image) -> float:
    """At which angle in degrees the rows of a picture part most sharply into lines and gaps."""
    coarse = max(np.arange(-MOST_SKEW, MOST_SKEW + 0.1, 0.5), key=lambda angle: _sharpness(ink, angle))
    fine = np.arange(coarse - 0.45, coarse + 0.46, 0.05)
    return round(float(max(fine, key=lambda angle: _sharpness(ink, angle))), 2)


def _sharpness(ink: Image, angle: float) -> float:
    sums = _rotated(ink, float(angle), 0).sum(axis=1, dtype=np.float64)
    return float(np.square(np.diff(sums)).sum())


def _rotated(image: Image, angle: float, border: int = 255) -> Image:
    tool = cv2()
    height, width = image.shape[:2]
    matrix = tool.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    how = tool.INTER_NEAREST if border == 0 else tool.INTER_CUBIC
    return np.asarray(tool.warpAffine(image, matrix, (width, height), flags=how, borderValue=(border,) * 3))


def clean(image: Image) -> CleanPage:
    """Part a straight RGB picture at ``DPI`` into rules and writing."""
    tool = cv2()
    covered = _stamps(image)
    plain = _flattened(_under_stamps(image, covered))
    ink = _without_edge_shadows(_ink(plain))
    across, down = _rules(ink, covered)
    grids = _grids(across, down, ink)
    rules = tool.dilate(tool.max(across, down), np.ones((3, 3), np.uint8))
    ink = _without_specks(np.where(rules > 0, 0, ink).astype(np.uint8))
    near = tool.dilate(ink, np.ones((5, 5), np.uint8))
    grey = np.where(near > 0, plain, 255).astype(np.uint8)
    return CleanPage(grey, ink, covered, grids, _letter_height(ink))


def _flattened(grey: Image) -> Image:
    """Divide a picture by its paper, so that shadows and grey paper become white."""
    tool = cv2()
    height, width = grey.shape
    small = tool.resize(grey, (max(1, width // 8), max(1, height // 8)), interpolation=tool.INTER_AREA)
    paper = tool.medianBlur(tool.dilate(small, np.ones((7, 7), np.uint8)), 21)
    paper = tool.resize(paper, (width, height), interpolation=tool.INTER_LINEAR)
    return np.asarray(tool.divide(grey, np.maximum(paper, 40), scale=255))


def _ink(grey: Image) -> Image:
    """255 where a flattened picture holds ink, by one threshold for the whole page."""
    tool = cv2()
    soft = tool.GaussianBlur(grey, (3, 3), 0)
    found, _ = tool.threshold(soft, 0, 255, tool.THRESH_BINARY + tool.THRESH_OTSU)
    level = min(max(found, INK_RANGE[0]), INK_RANGE[1])
    return np.asarray(tool.threshold(soft, level, 255, tool.THRESH_BINARY_INV)[1])


def _stamps(image: Image) -> Image:
    """255 where red or blue ink makes a mark far larger than writing: a stamp, or a signature in pen."""
    tool = cv2()
    found = np.zeros(image.shape[:2], np.uint8)
    red, green, blue = tool.split(image)
    redder = tool.subtract(red, tool.max(green, blue))
    bluer = tool.subtract(blue, tool.max(red, green))
    for excess in (redder, bluer):
        if np.count_nonzero(excess > 45) > STAMP:
            marks = _large_marks((excess > 45).astype(np.uint8) * 255)
            near = tool.dilate(marks, np.ones((7, 7), np.uint8))
            found |= np.where((near > 0) & (excess > 15), 255, 0).astype(np.uint8)
    return found


def _under_stamps(image: Image, covered: Image) -> Image:
    """The picture in grey; where a coloured mark lies, only what is black in the colour of the mark stays."""
    grey = cv2().cvtColor(image, cv2().COLOR_RGB2GRAY)
    if not covered.any():
        return np.asarray(grey)
    brightest = image.max(axis=2)
    return np.where(covered > 0, np.where(brightest > PALE, 255, brightest), grey).astype(np.uint8)


def _large_marks(mask: Image) -> Image:
    """Keep the parts that hang together over more than ``STAMP`` both ways; coloured writing is left out."""
    tool = cv2()
    joined = tool.morphologyEx(mask, tool.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    _, _, stats, _ = tool.connectedComponentsWithStats(joined, connectivity=8)
    large = (stats[:, 2] > STAMP) & (stats[:, 3] > STAMP)
    large[0] = False
    boxes = np.zeros_like(mask)
    for left, top, width, height, _ in stats[large]:
        if max(width, height) < 4 * min(width, height):
            boxes[top : top + height, left : left + width] = 255
    return np.asarray(tool.bitwise_and(mask, boxes))


def _without_edge_shadows(ink: Image) -> Image:
    """Take out the black bars that a lid or a book fold leaves along the edges."""
    tool = cv2()
    thick = tool.morphologyEx(ink, tool.MORPH_OPEN, np.ones((21, 21), np.uint8))
    if not thick.any():
        return ink
    _, labels, stats, _ = tool.connectedComponentsWithStats(tool.dilate(thick, np.ones((9, 9), np.uint8)))
    height, width = ink.shape
    right, bottom = stats[:, 0] + stats[:, 2], stats[:, 1] + stats[:, 3]
    at_edge = (stats[:, 0] <= 3) | (stats[:, 1] <= 3) | (right >= width - 3) | (bottom >= height - 3)
    at_edge[0] = False
    return np.where(at_edge[labels], 0, ink).astype(np.uint8)


def _without_specks(ink: Image) -> Image:
    _, labels, stats, _ = cv2().connectedComponentsWithStats(ink, connectivity=8)
    keep = stats[:, 4] >= SPECK
    keep[0] = False
    return np.where(keep[labels], 255, 0).astype(np.uint8)


def _letter_height(ink: Image) -> int:
    _, _, stats, _ = cv2().connectedComponentsWithStats(ink, connectivity=8)
    heights = [height for height in stats[1:, 3] if 12 <= height <= 80]
    return int(np.median(heights)) if heights else 24


def _rules(ink: Image, covered: Image) -> tuple[Image, Image]:
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
    for number, (left, top, width, height, _) in enumerate(stats.tolist()):
        middle, end = left + width // 2, top + height - 1
        ends = int(near[top, middle]) + int(near[end, middle])
        straight = height > 3 * TALL_RULE or (ink[top : end + 1, left : left + width] > 0).mean(axis=0).max() > 0.95
        keep[number] = number > 0 and straight and (ends == 2 or (ends > 0 and height > 6 * TALL_RULE))
    return np.where(keep[labels], 255, 0).astype(np.uint8)


def _grids(across: Image, down: Image, ink: Image) -> tuple[RuledGrid, ...]:
    """Every group of rules that cross, from top to bottom."""
    tool = cv2()
    joined = tool.dilate(tool.max(across, down), np.ones((13, 13), np.uint8))
    _, labels, stats, _ = tool.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for number, (left, top, width, height, _) in enumerate(stats.tolist()):
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
