"""All evidence for and against each pair of a row and a printed row, and what the fitted models make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from normalize.align import Bools, Floats
from normalize.catalogue import Catalogue
from normalize.index import Index, build_index
from normalize.meaning import features
from normalize.model import Row
from normalize.score import probability
from normalize.similarity import Agreement, compare

PAIR_FEATURES = (
    "label",
    "path",
    "unit",
    "doubt",
    "agreed",
    "same_unit",
    "same_head",
    "label_shared",
    "canonical_shared",
    "canonical_shared_with_path",
    "row_covered",
    "canonical_covered",
    "row_unseen",
    "row_foreign",
    "row_foreign_words",
    "other_window",
    "label_missing",
    "canonical_missing",
    "facets_foreign",
    "facets_missing",
    "facets_shared",
)
BEST_FEATURES = ("odds", "margin", "support", *PAIR_FEATURES)
_MARGIN_CAP = 6.0
_NEIGHBOURS = 4
_IMPOSSIBLE = -99.0


def pair_features(
    rows: Sequence[Row],
    catalogue: Catalogue,
    agreement: Agreement | None = None,
    strict: bool = True,
    only: Sequence[int] | None = None,
    span: str = "",
) -> tuple[dict[str, Floats], Bools]:
    """Every feature of every pair (of some rows ``only``), and where the pair is possible and the printed row is an
    indicator's.

    Without ``strict`` the facets that forbid a pair do not: the models are fitted so, and learn to tell by the words
    alone what those lists do not know.
    """
    found = agreement or compare(rows, catalogue)
    places = list(range(len(rows)) if only is None else only)
    matrices, same, allowed = features(rows, catalogue, places, span)
    allowed = same & allowed if strict else same
    matrices |= {name: getattr(found, name)[places] for name in ("label", "path", "unit", "doubt", "agreed")}
    return matrices, allowed & found.possible[places] & build_index(catalogue).is_indicator[None, :]


@dataclass(frozen=True, slots=True)
class Best:
    """The best pair of each line that has one: the line of the matrices, the printed row, and a matrix of features by
    line in the order of ``BEST_FEATURES``."""

    lines: list[int]
    columns: list[int]
    features: Floats

    def named(self) -> dict[str, Floats]:
        """The features by name."""
        return {name: self.features[:, place] for place, name in enumerate(BEST_FEATURES)}


def best_features(
    matrices: Mapping[str, Floats],
    possible: Bools,
    odds: Floats,
    catalogue: Catalogue,
    rows: Sequence[int] | None = None,
    settled: Mapping[int, str] | None = None,
    only: Sequence[int] | None = None,
) -> Best:
    """The best pair of each line of the matrices that has one.

    ``odds`` are those of the model over pairs, ``rows`` the rows of the report that the lines stand for, ``settled``
    the families of the indicators of rows that are matched already, ``only`` the lines to answer.
    """
    index = build_index(catalogue)
    odds = np.where(possible, odds, _IMPOSSIBLE)
    best = odds.argmax(axis=1)
    places = list(range(len(odds))) if rows is None else list(rows)
    asked = np.arange(len(odds)) if only is None else np.array(only, dtype=np.intp)
    lines = asked[odds[asked, best[asked]] > _IMPOSSIBLE + 9] if len(asked) else asked
    columns, height = best[lines], odds[lines, best[lines]]
    others = np.where(index.codes[None, :] == index.codes[columns][:, None], -12.0, odds[lines])
    margin = np.minimum(height - np.maximum(others.max(axis=1, initial=-12.0), -12.0), _MARGIN_CAP)
    support = _support(places, lines, best, probability(odds.max(axis=1, initial=_IMPOSSIBLE)), index, settled or {})
    pairs = [matrices[name][lines, columns] for name in PAIR_FEATURES]
    return Best(lines.tolist(), columns.tolist(), np.stack([height, margin, support, *pairs], axis=1))


def _support(
    rows: Sequence[int], lines: NDArray[Any], best: NDArray[Any], sure: Floats, index: Index, settled: Mapping[int, str]
) -> Floats:
    """For each line, how much the rows around it mean indicators of the same family (0-1)."""
    families = {row: index.targets[index.codes[column]].split(".")[0] for row, column in zip(rows, best, strict=True)}
    families |= settled
    weight = dict.fromkeys(settled, 1.0) | dict(zip(rows, sure.tolist(), strict=True))
    last = max((*rows, *families), default=0)
    found = []
    for row in (rows[line] for line in lines):
        around = (near for near in range(max(0, row - _NEIGHBOURS), min(last, row + _NEIGHBOURS) + 1) if near != row)
        votes = [weight.get(near, 1.0) * (families.get(near) == families[row]) for near in around]
        found.append(sum(votes) / len(votes) if votes else 0.0)
    return np.array(found)
