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
    rows: Sequence[Row],
    catalogue: Catalogue,
    agreement: Agreement | None = None,
    strict: bool = True,
    only: Sequence[int] | None = None,
) -> tuple[dict[str, Floats], Bools]:
    """Every feature of every pair (of some rows ``only``), and where the pair is possible and the printed row is an
    indicator's.

    Without ``strict`` the facets that forbid a pair do not: the models are fitted so, and learn to tell by the words
    alone what those lists do not know.
    """
    found = agreement or compare(rows, catalogue)
    places = list(range(len(rows)) if only is None else only)
    matrices, same, allowed = features(rows, catalogue, places)
    allowed = same & allowed if strict else same
    matrices |= {name: getattr(found, name)[places] for name in ("label", "path", "unit", "doubt")}
    indicators = np.array([row.target not in TARGETS for row in build_index(catalogue).rows])
    return matrices, allowed & found.possible[places] & indicators[None, :]


def best_features(
    matrices: Mapping[str, Floats],
    possible: Bools,
    weights: Sequence[Weight],
    catalogue: Catalogue,
    rows: Sequence[int] | None = None,
    settled: Mapping[int, str] | None = None,
    only: Sequence[int] | None = None,
) -> Iterator[tuple[list[float], int, int]]:
    """The features of the best pair of each line of the matrices that has one: (features, printed row, line).

    ``rows`` are the rows of the report that the lines stand for, ``settled`` the families of the indicators of rows
    that are matched already, ``only`` the lines to answer.
    """
    odds = np.where(possible, log_odds(matrices, weights), -99.0)
    targets = np.array([row.target for row in build_index(catalogue).rows])
    best = odds.argmax(axis=1)
    places = list(range(len(odds))) if rows is None else list(rows)
    sure = dict(zip(places, probability(odds.max(axis=1)).tolist(), strict=True))
    families = {row: str(targets[column]).split(".")[0] for row, column in zip(places, best, strict=True)}
    families |= dict(settled or {})
    last = max((*places, *families), default=0)
    for line in range(len(odds)) if only is None else only:
        column, row = int(best[line]), places[line]
        if odds[line, column] <= -90:
            continue
        other = odds[line][targets != targets[column]].max(initial=-12.0)
        margin = min(float(odds[line, column] - max(other, -12.0)), _MARGIN_CAP)
        around = (near for near in range(max(0, row - _NEIGHBOURS), min(last, row + _NEIGHBOURS) + 1) if near != row)
        votes = [sure.get(near, 1.0) * (families.get(near) == families[row]) for near in around]
        pair = [float(matrices[name][line, column]) for name in PAIR_FEATURES]
        yield [float(odds[line, column]), margin, float(np.mean(votes)) if votes else 0.0, *pair], column, line
