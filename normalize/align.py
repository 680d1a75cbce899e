"""The alignment of two sequences: the heaviest set of pairs that keeps the order of both."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]


def align(weights: Floats) -> list[tuple[int, int]]:
    """The pairs (row, column) of the heaviest chain that goes down and right through a matrix of weights >= 0.

    Rows and columns may be left out at no cost; a pair of weight 0 is never taken. Time and space are those of the
    matrix, with one vector operation a row.
    """
    rows, columns = weights.shape
    best = np.zeros((rows + 1, columns + 1), dtype=np.float32)
    for row in range(rows):
        taken = best[row, :-1] + weights[row]
        best[row + 1, 1:] = np.maximum.accumulate(np.maximum(best[row, 1:], taken))
    pairs = []
    row, column = rows, columns
    while row > 0 and column > 0:
        here = best[row, column]
        if here == best[row - 1, column]:
            row -= 1
        elif here == best[row, column - 1]:
            column -= 1
        else:
            row, column = row - 1, column - 1
            pairs.append((row, column))
    return pairs[::-1]
