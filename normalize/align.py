"""The heaviest set of pairs of two sequences: one that keeps the order of both, and one of each with any other."""

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


def assign(worth: Floats) -> list[tuple[int, int]]:
    """The pairs (row, column) of a matrix, each row and each column once at most, that are worth most together.

    Every line of the shorter side gets a partner. By shortest augmenting paths, with prices on rows and columns.
    """
    if worth.shape[0] > worth.shape[1]:
        return sorted((row, column) for column, row in assign(worth.T))
    rows, columns = worth.shape
    row_price, column_price = np.zeros(rows + 1), np.zeros(columns + 1)
    row_of = np.full(columns + 1, -1)  # the last column stands for "not given yet"
    for row in range(rows):
        cost, came_from = np.full(columns, np.inf), np.full(columns, columns)
        reached, here = np.zeros(columns + 1, dtype=bool), columns
        row_of[columns] = row
        while row_of[here] >= 0:
            reached[here] = True
            step = -worth[row_of[here]] - row_price[row_of[here]] - column_price[:columns]
            nearer = ~reached[:columns] & (step < cost)
            cost[nearer], came_from[nearer] = step[nearer], here
            nearest = int(np.where(reached[:columns], np.inf, cost).argmin())
            paid = cost[nearest]
            row_price[row_of[reached]] += paid
            column_price[reached] -= paid
            cost[~reached[:columns]] -= paid
            here = nearest
        while here != columns:
            row_of[here] = row_of[came_from[here]]
            here = int(came_from[here])
    return sorted((int(row_of[column]), column) for column in range(columns) if row_of[column] >= 0)
