"""How like each label of a report is to each printed one: in several projections, remembered by catalogue."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.process import cdist

from normalize.align import Floats
from normalize.catalogue import Catalogue
from normalize.index import SHORT, Index, core_label, unique
from normalize.text import fold, is_damaged, survive

_K = TypeVar("_K", bound=Hashable)
_KEPT = 8192
EQUAL = 0.9999
"""From this likeness on two labels are the same."""

_LONG = 64
_LIKE = 0.9


def likeness(labels: Sequence[str], index: Index, catalogue: Catalogue) -> Floats:
    """The likeness (0-1) of each label with each printed one, in the projection that likens them most."""
    return remembered("label", labels, catalogue, lambda missing: _label_likeness(missing, index, catalogue))


def _label_likeness(labels: Sequence[str], index: Index, catalogue: Catalogue) -> Floats:
    """As ``likeness``, made anew.

    A label that is a printed one in one projection is not compared in the others, and without abbreviations written
    out only those that are like none.
    """
    expand = catalogue.thesaurus.expand
    plain = [fold(label) for label in labels]
    full = [expand(text) for text in plain]
    short = [expand(fold(core_label(label, catalogue))) for label in labels]
    left = [survive(label) if is_damaged(label) else "" for label in labels]
    known = [a in index.known or b in index.known for a, b in zip(full, short, strict=True)]
    known_left = [not whole and text in index.known_left for whole, text in zip(known, left, strict=True)]
    found = np.zeros((len(labels), len(index.rows)), dtype=np.float32)

    def raise_to(rows: list[int], scores: Callable[[], Floats]) -> None:
        if rows:
            found[rows] = np.maximum(found[rows], scores())

    rows = [row for row, one in enumerate(known_left) if not one]
    raise_to(rows, lambda: _ratios_of_full([full[row] for row in rows], [short[row] for row in rows], index, catalogue))
    torn = [row for row, text in enumerate(left) if text and not known[row]]
    raise_to(torn, lambda: _ratios_of_left([labels[row] for row in torn], index, catalogue))
    unlike = np.flatnonzero(found.max(axis=1) < _LIKE).tolist()
    raise_to(unlike, lambda: _ratios([plain[row] for row in unlike], index.plain))
    return found


def _ratios_of_full(full: Sequence[str], short: Sequence[str], index: Index, catalogue: Catalogue) -> Floats:
    """The likeness of texts with abbreviations written out: of the whole ones, or of those without explanation."""
    whole = remembered("full", full, catalogue, lambda missing: _ratios(missing, index.full))
    return _or_of_cores(whole, (full, short), (index.full, index.short))


def _ratios_of_left(labels: Sequence[str], index: Index, catalogue: Catalogue) -> Floats:
    """The likeness of what damage left of labels: of the whole ones, or of those without explanation."""
    left, cores = [survive(label) for label in labels], [survive(core_label(label, catalogue)) for label in labels]
    whole = remembered("left", left, catalogue, lambda missing: _ratios(missing, index.survived, True))
    return _or_of_cores(whole, (left, cores), (index.survived, index.survived_short), True)


def _or_of_cores(
    whole: Floats,
    asked: tuple[Sequence[str], Sequence[str]],
    printed: tuple[Sequence[str], Sequence[str]],
    short_must_equal: bool = False,
) -> Floats:
    """The likeness of whole labels, raised to that of labels without explanation where one of the two has one."""
    columns = [place for place, (a, b) in enumerate(zip(*printed, strict=True)) if a != b]
    if columns:
        cores = _ratios(asked[1], [printed[1][column] for column in columns], short_must_equal)
        whole[:, columns] = np.maximum(whole[:, columns], cores)
    rows = [place for place, (a, b) in enumerate(zip(*asked, strict=True)) if a != b]
    if rows:
        cores = _ratios([asked[1][row] for row in rows], printed[1], short_must_equal)
        whole[rows] = np.maximum(whole[rows], cores)
    return whole


def _ratios(queries: Sequence[str], choices: Sequence[str], short_must_equal: bool = False) -> Floats:
    """Likeness (0-1) of each query with each choice; equal texts are compared once.

    Of what damage left of a label a few letters are too little to be alike: with ``short_must_equal`` they are equal
    or count little.
    """
    unique_queries, at_query = unique(queries)
    unique_choices, at_choice = unique(choices)
    scores = _scores(unique_queries, unique_choices) / 100
    if short_must_equal:
        short = np.array([len(q) < SHORT for q in unique_queries])[:, None]
        short = short | np.array([len(c) < SHORT for c in unique_choices])[None, :]
        scores = np.where(short & (scores < EQUAL), scores * np.float32(0.6), scores)
    scores[[place for place, text in enumerate(unique_queries) if not text]] = 0
    scores[:, [place for place, text in enumerate(unique_choices) if not text]] = 0
    found: Floats = scores[:, at_choice] if len(unique_queries) == len(queries) else scores[np.ix_(at_query, at_choice)]
    return found


def _scores(queries: Sequence[str], choices: Sequence[str]) -> Floats:
    """``fuzz.ratio`` of all pairs. Texts of at most 64 letters are compared many at a time, when they are what cdist
    takes as its queries: so each pair with a short text is asked that way round."""
    result = np.empty((len(queries), len(choices)), dtype=np.float32)
    short_rows, long_rows = _by_length(queries)
    short_columns, long_columns = _by_length(choices)
    if short_rows:
        result[short_rows] = _cdist([queries[row] for row in short_rows], choices)
    if long_rows:
        asked = [queries[row] for row in long_rows]
        result[np.ix_(long_rows, short_columns)] = _cdist([choices[column] for column in short_columns], asked).T
        result[np.ix_(long_rows, long_columns)] = _cdist(asked, [choices[column] for column in long_columns])
    return result


def _cdist(queries: Sequence[str], choices: Sequence[str]) -> Floats:
    found: Floats = cdist(queries, choices, scorer=fuzz.ratio, dtype=np.float32)
    return found


def _by_length(texts: Sequence[str]) -> tuple[list[int], list[int]]:
    short = [place for place, text in enumerate(texts) if len(text) <= _LONG]
    return short, [place for place, text in enumerate(texts) if len(text) > _LONG]


@dataclass(eq=False)
class _Kept:
    """The vectors made so far, by key: each a row of one matrix that has room for more."""

    place: dict[Hashable, int] = field(default_factory=dict)
    vectors: Floats = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))


def remembered(kind: str, keys: Sequence[_K], catalogue: Catalogue, make: Callable[[Sequence[_K]], Floats]) -> Floats:
    """A vector over the printed rows for each key: made for all new keys at once, remembered for the old ones."""
    kept = _kept(catalogue).setdefault(kind, _Kept())
    missing = [key for key in dict.fromkeys(keys) if key not in kept.place]
    if len(kept.place) + len(missing) > _KEPT:
        kept.place.clear()
        missing = list(dict.fromkeys(keys))
    if missing:
        made, start = make(missing), len(kept.place)
        if start + len(made) > len(kept.vectors):
            room = np.zeros((2 * (start + len(made)), made.shape[1]), dtype=np.float32)
            room[: len(kept.vectors)] = kept.vectors if len(kept.vectors) else 0
            kept.vectors = room
        kept.vectors[start : start + len(made)] = made
        kept.place.update(zip(missing, range(start, start + len(made)), strict=True))
    found: Floats = kept.vectors[[kept.place[key] for key in keys]]
    return found


@lru_cache(maxsize=4)
def _kept(catalogue: Catalogue) -> dict[str, _Kept]:
    return {}
