"""The probability that a match is right, from the evidence, by weights fitted on reports with known truth.

The weights are data (``mappings/match_model.csv``): of a logistic model over pairs of rows, of one over the best pair
of a row, and the share of right ones among rows that stand in their place, by how alike the labels are.
``benchmarks/fit_matching.py`` fits them; nothing here learns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from normalize.align import Floats
from normalize.catalogue import Catalogue, Weight

ORDER = "order"


def log_odds(features: Mapping[str, Floats], weights: Sequence[Weight]) -> Floats:
    """The logarithm of the odds that a model gives, for features of any one shape."""
    shape = next(iter(features.values())).shape
    total = np.zeros(shape, dtype=np.float32)
    for one in weights:
        if one.feature == "intercept":
            total += one.weight
        else:
            total += one.weight * (features[one.feature] - one.mean) / one.scale
    return total


def probability(odds: Floats) -> Floats:
    """The probability for the logarithm of odds."""
    result: Floats = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    return result


def scaled(odds: Floats, steps: Sequence[Weight]) -> Floats:
    """The probability for odds of the model over best pairs, between the steps of a fitted scale (odds and share)."""
    result: Floats = np.interp(odds, [one.mean for one in steps], [one.weight for one in steps])
    return result


def in_order(likeness: float, catalogue: Catalogue) -> float:
    """How sure the match of a row in its place is, whose label is so like the printed one (1: equal); the likeness
    itself where nothing is fitted yet."""
    fitted = [one for one in catalogue.order_weights if one.mean <= likeness]
    return max(fitted, key=lambda one: one.mean).weight if fitted else likeness
