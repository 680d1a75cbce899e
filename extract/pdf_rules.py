"""The boxes that the rules of a page make, as pdfplumber's table finder sees them, with less looking about.

Joining pieces of rules and sorting boxes into tables is pdfplumber's own work; between the two stands its search
for the smallest box at each crossing, which it does by comparing every crossing with every other.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from extract.model import Box

Point = tuple[float, float]
Crossings = dict[Point, tuple[set[Box], set[Box]]]
"""Where rules meet: the upright and the level ones of each point."""


def tables_of(edges: Sequence[dict[str, Any]]) -> list[list[Box]]:
    """The cells of each table that pdfplumber's ``TableFinder`` finds with its default settings in the same edges."""
    from pdfplumber.table import TableSettings, cells_to_tables, merge_edges
    from pdfplumber.utils import filter_edges

    settings = TableSettings()
    upright, level = (filter_edges(edges, o, min_length=settings.edge_min_length_prefilter) for o in "vh")
    merged = merge_edges(
        [*upright, *level],
        snap_x_tolerance=settings.snap_x_tolerance,
        snap_y_tolerance=settings.snap_y_tolerance,
        join_x_tolerance=settings.join_x_tolerance,
        join_y_tolerance=settings.join_y_tolerance,
    )
    rules = filter_edges(merged, min_length=settings.edge_min_length)
    tolerances = settings.intersection_x_tolerance, settings.intersection_y_tolerance
    return cells_to_tables(_boxes(_crossings(rules, *tolerances)))  # type: ignore[no-any-return]  # not followed


def _crossings(rules: Iterable[dict[str, Any]], x_slack: float, y_slack: float) -> Crossings:
    found: Crossings = {}
    by_way: dict[str, list[Box]] = {"v": [], "h": []}
    for each in rules:
        by_way[each["orientation"]].append((each["x0"], each["top"], each["x1"], each["bottom"]))
    levels = sorted(by_way["h"], key=itemgetter(1))
    heights = [level[1] for level in levels]
    for upright in by_way["v"]:
        x, top, _, bottom = upright
        near = slice(bisect_left(heights, top - 2 * y_slack), bisect_right(heights, bottom + 2 * y_slack))
        for level in levels[near]:
            x0, y, x1, _ = level
            if top <= y + y_slack and bottom >= y - y_slack and x >= x0 - x_slack and x <= x1 + x_slack:
                own = found.setdefault((x, y), (set(), set()))
                own[0].add(upright)
                own[1].add(level)
    return found


def _boxes(crossings: Crossings) -> list[Box]:
    """The smallest box below and to the right of each crossing whose four sides are rules."""
    below: dict[float, list[Point]] = {}
    right: dict[float, list[Point]] = {}
    found = []
    for point in sorted(crossings, reverse=True):  # so that all that is below or to the right has been seen
        column, row = below.setdefault(point[0], []), right.setdefault(point[1], [])
        box = _smallest(point, column, row, crossings)
        if box is not None:
            found.append(box)
        column.append(point)
        row.append(point)
    return found[::-1]


def _smallest(point: Point, column: Sequence[Point], row: Sequence[Point], crossings: Crossings) -> Box | None:
    """The smallest box of a crossing; those below it and to the right of it are given with the nearest last."""
    upright, level = crossings[point]
    for low in reversed(column):
        own_upright, own_level = crossings[low]
        if upright.isdisjoint(own_upright):
            continue
        for far in reversed(row):
            corner = crossings.get((far[0], low[1]))
            if corner is None or own_level.isdisjoint(corner[1]):
                continue
            far_upright, far_level = crossings[far]
            if not level.isdisjoint(far_level) and not corner[0].isdisjoint(far_upright):
                return (*point, far[0], low[1])
    return None
