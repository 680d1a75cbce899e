"""The boxes that the rules of a page make, as pdfplumber's table finder sees them, with less looking about.

Joining pieces of rules and sorting boxes into tables is pdfplumber's own work; between the two stands its search
for the smallest box at each crossing, which it does by comparing every crossing with every other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    for upright in by_way["v"]:
        x, top, _, bottom = upright
        for level in by_way["h"]:
            x0, y, x1, _ = level
            if top <= y + y_slack and bottom >= y - y_slack and x >= x0 - x_slack and x <= x1 + x_slack:
                own = found.setdefault((x, y), (set(), set()))
                own[0].add(upright)
                own[1].add(level)
    return found


def _boxes(crossings: Crossings) -> list[Box]:
    """The smallest box below and to the right of each crossing whose four sides are rules."""
    points = sorted(crossings)
    below: dict[float, list[Point]] = {}
    right: dict[float, list[Point]] = {}
    for point in points:
        below.setdefault(point[0], []).append(point)
        right.setdefault(point[1], []).append(point)
    found = (_smallest(point, below[point[0]], right[point[1]], crossings) for point in points)
    return [box for box in found if box is not None]


def _smallest(point: Point, column: Iterable[Point], row: Iterable[Point], crossings: Crossings) -> Box | None:
    x, y = point
    upright, level = crossings[point]
    across = [each for each in row if each[0] > x and not level.isdisjoint(crossings[each][1])]
    for low in column:
        if low[1] <= y or upright.isdisjoint(crossings[low][0]):
            continue
        for far in across:
            corner = crossings.get((far[0], low[1]))
            if (
                corner is not None
                and not corner[0].isdisjoint(crossings[far][0])
                and not corner[1].isdisjoint(crossings[low][1])
            ):
                return (x, y, far[0], low[1])
    return None
