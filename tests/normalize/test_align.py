"""The heaviest pairs of two sequences, in order and in any order."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from normalize.align import align, assign


def test_the_heaviest_chain_keeps_the_order_of_both_sides():
    weights = np.array([[0, 3, 0], [2, 0, 0], [0, 0, 1]], dtype=np.float32)
    assert align(weights) == [(0, 1), (2, 2)]


def test_an_assignment_is_worth_as_much_as_the_best_of_all():
    random = np.random.default_rng(7)
    for rows, columns in ((1, 1), (3, 3), (4, 2), (2, 5)):
        worth = random.random((rows, columns)).round(2)
        pairs = assign(worth)
        small, wide = (worth, columns) if rows <= columns else (worth.T, rows)
        best = max(sum(small[i, j] for i, j in enumerate(one)) for one in permutations(range(wide), len(small)))
        assert abs(sum(worth[pair] for pair in pairs) - best) < 1e-9
        assert len(pairs) == min(rows, columns)
