"""All evidence for and against each pair of a row and a printed row, and what the fitted models make of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from normalize.align import Bools, Floats
from normalize.catalogue import TARGETS, Catalogue, Weight
from normalize.meaning import features
from normalize.model import Row
from normalize.score import log_odds, probability
from normalize.similarity import Agreement, build_index, compare

PAIR_FEATURES = (
    "label",
    "path",
    "unit",
    "doubt",
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


def pair_features(
    rows: Sequence[Row], catalogue: Catalogue, agreement: Agreement | None = None
) -> tuple[dict[str, Floats], Bools]:
    """Every feature of every pair, and where the pair is possible and the printed row is an indicator's."""
    found = agreement or compare(rows, catalogue)
    matrices, allowed = features(rows, catalogue)
    matrices |= {"label": found.label, "path": found.path, "unit": found.unit, "doubt": found.doubt}
    indicators = np.array([row.target not in TARGETS for row in build_index(catalogue).rows])
    return matrices, allowed & found.possible & indicators[None, :]


def best_features(
    matrices: Mapping[str, Floats],
    possible: Bools,
    weights: Sequence[Weight],
    catalogue: Catalogue,
    only: Sequence[int] | None = None,
) -> Iterator[tuple[list[float], int, int]]:
    """The features of the best pair of each row that has one: (features as BEST_FEATURES, printed row, row)."""
    odds = np.where(possible, log_odds(matrices, weights), -99.0)
    targets = np.array([row.target for row in build_index(catalogue).rows])
    best = odds.argmax(axis=1)
    families = [str(targets[column]).split(".")[0] for column in best]
    sure = probability(odds.max(axis=1))
    for row in range(len(odds)) if only is None else only:
        column = int(best[row])
        if odds[row, column] <= -90:
            continue
        other = odds[row][targets != targets[column]].max(initial=-12.0)
        margin = min(float(odds[row, column] - max(other, -12.0)), _MARGIN_CAP)
        around = range(max(0, row - _NEIGHBOURS), min(len(odds), row + _NEIGHBOURS + 1))
        votes = [sure[near] * (families[near] == families[row]) for near in around if near != row]
        pair = [float(matrices[name][row, column]) for name in PAIR_FEATURES]
        yield [float(odds[row, column]), margin, float(np.mean(votes)) if votes else 0.0, *pair], column, row
