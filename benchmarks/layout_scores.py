"""How well tables were read: exact cells over whole tables, exact cells a page, and neighbours a page."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.layout_forms import CellAt

Scores = tuple[float, float, float]
"""Precision, recall and F1."""
Pages = Mapping[int, Sequence[list[CellAt]]]
"""The cells of each table on each page."""


def f1(found: Counter[Any], true: Counter[Any]) -> Scores:
    """Precision, recall and F1 of two multisets."""
    hits = (found & true).total()
    precision, recall = hits / max(found.total(), 1), hits / max(true.total(), 1)
    return precision, recall, 2 * precision * recall / (precision + recall) if hits else 0.0


def cell_score(found: Sequence[Sequence[CellAt]], true: Sequence[Sequence[CellAt]]) -> Scores:
    """Exact cells (table, row, column, text): each true table against the found one that it shares most cells with."""
    have, want = Counter[Any](), Counter[Any]()
    pairs = itertools.product(enumerate(true), enumerate(found))
    shared = sorted(
        ((len(set(one) & set(other)), -number, -at) for (number, one), (at, other) in pairs),
        reverse=True,
    )
    partner = _partners((-number, -at) for _, number, at in shared)
    for number, cells in enumerate(true):
        want.update((number, *cell) for cell in cells)
        if number in partner:
            have.update((number, *cell) for cell in found[partner[number]])
    have.update((-1, *cell) for at, cells in enumerate(found) if at not in partner.values() for cell in cells)
    return f1(have, want)


def _partners(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """One found table for each true one, the best pairs first."""
    partner: dict[int, int] = {}
    for number, at in pairs:
        if number not in partner and at not in partner.values():
            partner[number] = at
    return partner


def page_score(found: Pages, true: Pages) -> Scores:
    """Exact cells page by page, each true table moved by the rows and columns at which it shares most cells."""
    hits = have = want = 0
    for page in found.keys() | true.keys():
        ours, theirs = found.get(page, ()), true.get(page, ())
        have += sum(map(len, ours))
        want += sum(map(len, theirs))
        pairs = itertools.product(enumerate(theirs), enumerate(ours))
        shared = {(number, at): _moved_hits(one, other) for (number, one), (at, other) in pairs}
        partner = _partners(sorted(shared, key=lambda pair: (-shared[pair], pair)))
        hits += sum(shared[pair] for pair in partner.items())
    precision, recall = hits / max(have, 1), hits / max(want, 1)
    return precision, recall, 2 * precision * recall / (precision + recall) if hits else 0.0


def _moved_hits(true: Sequence[CellAt], found: Sequence[CellAt]) -> int:
    """How many cells agree if one table is moved as a whole."""
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row, column, text in found:
        places[text].append((row, column))
    moves = Counter((at - row, beside - column) for row, column, text in true for at, beside in places.get(text, ()))
    return max(moves.values(), default=0)


def relations(cells: Iterable[CellAt]) -> Counter[Any]:
    """Each filled cell with its next filled neighbour to the right and below."""
    rows: dict[int, dict[int, str]] = defaultdict(dict)
    columns: dict[int, dict[int, str]] = defaultdict(dict)
    for row, column, text in cells:
        if text:
            rows[row][column] = columns[column][row] = text
    found = Counter[Any]()
    for direction, lines in (("right", rows), ("below", columns)):
        for line in lines.values():
            texts = [line[at] for at in sorted(line)]
            found.update((one, other, direction) for one, other in itertools.pairwise(texts))
    return found


def page_relations(pages: Pages) -> Counter[Any]:
    """The relations of all tables, page by page."""
    found = Counter[Any]()
    for page, tables in pages.items():
        for cells in tables:
            for key, count in relations(cells).items():
                found[page, *key] += count
    return found
