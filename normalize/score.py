"""The probability that a match is right, from the evidence, by weights fitted on reports with known truth.

The weights are data (``mappings/match_model.csv``): of a logistic model over pairs of rows, and of one over the best
pair of a row. ``benchmarks/fit_matching.py`` fits them; nothing here learns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from normalize.align import Floats
from normalize.catalogue import Weight


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
