"""Where each row of a report stands in the known forms: the rows of a form in order, cut into chains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from normalize.align import Bools, Floats, align
from normalize.index import Index

STRONG = 0.9
"""From this score on a row agrees strongly with a printed one."""

MARGIN = 0.05
"""Two printed rows whose scores differ by no more explain a row about as well."""

_WORTH_ALIGNING = 0.6
_CHAIN_ROWS = 3
_CHAINS = 12
_SECOND_FORM_ROWS = 5
_FOLLOWED = 0.25


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in an alignment: the printed row, and the chain of rows in order that it belongs to."""

    column: int
    chain: int


def align_forms(score: Floats, label: Floats, index: Index) -> dict[int, Place]:
    """Where each row stands in a form: the form that explains most comes first, others get what it leaves.

    A form is followed in several chains when its sections were moved. A row whose label the first form prints as well,
    and has not placed elsewhere, is not left to another form: out of its place, it may mean either.
    """
    ids = index.forms
    weights = np.where(score >= _WORTH_ALIGNING, score - _WORTH_ALIGNING + 0.1, 0)
    placed: dict[int, Place] = {}
    remaining = list(range(len(index.form_ids)))
    while remaining:
        able = [form for form in remaining if not placed or _strong_rows(weights, score, ids == form)]
        if not able:
            break
        best, chains = _heaviest(able, weights, score, ids, len(placed))
        strong = sum(score[row, place.column] >= STRONG for row, place in chains.items())
        if placed and strong < _SECOND_FORM_ROWS:
            break
        placed |= chains
        remaining.remove(best)
        weights[list(chains)] = 0
        free = (ids == best) & ~np.isin(np.arange(len(ids)), [place.column for place in chains.values()])
        known = label[:, free].max(axis=1, initial=0)
        weights = np.where(label > known[:, None] + MARGIN, weights, 0)
    return placed


def _strong_rows(weights: Floats, score: Floats, columns: Bools) -> bool:
    """Whether enough rows that are left are strongly like rows of a form to follow it as a second one."""
    strong = (score[:, columns] >= STRONG) & (weights[:, columns] > 0)
    return bool(strong.any(axis=1).sum() >= _SECOND_FORM_ROWS)


def _heaviest(
    forms: Sequence[int], weights: Floats, score: Floats, ids: NDArray[Any], first: int
) -> tuple[int, dict[int, Place]]:
    """The form that explains the rows best, and its chains; one that cannot outweigh the best so far is not tried."""
    most = {form: float(weights[:, ids == form].max(axis=1, initial=0).sum()) for form in forms}
    best, chains, heaviest = forms[0], dict[int, Place](), -1.0
    for form in sorted(forms, key=lambda form: -most[form]):
        if most[form] <= heaviest:
            break
        found = _chains(weights, score, ids == form, first)
        if (weight := _weight(found, weights)) > heaviest:
            best, chains, heaviest = form, found, weight
    return best, chains


def _chains(weights: Floats, score: Floats, columns: Bools, first: int) -> dict[int, Place]:
    """The rows of one form in as many chains as its moved sections make, the heaviest first."""
    rows_left, columns_left = np.ones(len(weights), dtype=bool), columns.copy()
    placed: dict[int, Place] = {}
    for chain in range(first, first + _CHAINS):
        own_rows, own_columns = np.flatnonzero(rows_left), np.flatnonzero(columns_left)
        strong = score[np.ix_(own_rows, own_columns)].max(axis=1, initial=0) >= STRONG
        if chain > first and strong.sum() < _CHAIN_ROWS:
            break
        pairs = align(weights[np.ix_(own_rows, own_columns)])
        found = [(int(own_rows[row]), int(own_columns[column])) for row, column in pairs]
        if chain > first:
            found = [pair for pair in found if score[pair] >= STRONG]
            if len(found) < _CHAIN_ROWS:
                break
        for row, column in found:
            placed[row] = Place(column, chain)
            rows_left[row], columns_left[column] = False, False
    return placed


def _weight(placed: dict[int, Place], weights: Floats) -> float:
    return float(sum(weights[row, place.column] for row, place in placed.items()))


def forms_by_weight(aligned: dict[int, Place], score: Floats, index: Index) -> tuple[str, ...]:
    """The forms that rows follow (two strong rows at least), those that explain most first."""
    total: dict[str, float] = {}
    strong: dict[str, int] = {}
    for row, place in aligned.items():
        form_id = index.rows[place.column].form_id
        total[form_id] = total.get(form_id, 0.0) + float(score[row, place.column]) - _WORTH_ALIGNING
        strong[form_id] = strong.get(form_id, 0) + (score[row, place.column] >= STRONG)
    return tuple(sorted((form for form in total if strong[form] >= 2), key=lambda form_id: -total[form_id]))


def anchors_of(aligned: dict[int, Place], score: Floats) -> dict[int, tuple[int | None, int | None]]:
    """For each row in a chain the printed rows of the nearest strong rows of that chain, above and below."""
    before, after = (
        _nearest_strong(sorted(aligned), aligned, score),
        _nearest_strong(sorted(aligned)[::-1], aligned, score),
    )
    return {row: (before[row], after[row]) for row in aligned}


def _nearest_strong(rows: Sequence[int], aligned: dict[int, Place], score: Floats) -> dict[int, int | None]:
    last: dict[int, int] = {}
    found: dict[int, int | None] = {}
    for row in rows:
        place = aligned[row]
        found[row] = last.get(place.chain)
        if score[row, place.column] >= STRONG:
            last[place.chain] = place.column
    return found


def close_rows(aligned: dict[int, Place], score: Floats) -> dict[int, list[int]]:
    """For each row in a chain the printed rows that explain it about as well as its own, or better."""
    rows = np.array(list(aligned), dtype=np.intp)
    own = score[rows, [place.column for place in aligned.values()]]
    found: dict[int, list[int]] = {row: [] for row in aligned}
    for line, column in np.argwhere(score[rows] >= own[:, None] - MARGIN).tolist():
        found[int(rows[line])].append(column)
    return found


def forms_followed(aligned: dict[int, Place], score: Floats, index: Index, rows: int) -> frozenset[str]:
    """The forms that the report was made by: they explain a fair share of its rows strongly. Of another office's form
    some rows may be like rows of ours, in our order: its other rows are then none of ours."""
    strong: dict[str, int] = {}
    for row, place in aligned.items():
        if score[row, place.column] >= STRONG:
            form_id = index.rows[place.column].form_id
            strong[form_id] = strong.get(form_id, 0) + 1
    return frozenset(form_id for form_id, count in strong.items() if count >= _FOLLOWED * rows)
