"""What the words of labels weigh."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from normalize.printed import Lexicon


def test_the_weight_of_words_does_not_depend_on_the_order_in_which_a_set_gives_them() -> None:
    weight = np.array([1e8, 1.0, -1e8, 3.0], dtype=np.float32)
    words = Lexicon({word: place for place, word in enumerate("abcd")}, weight, 2.0)
    told = {float(words.matrix([order])[1][0]) for order in permutations("abcd")}  # type: ignore[list-item]
    assert len(told) == 1
