"""How well each row of a report agrees with each printed row of every form, by every kind of evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from normalize.align import Bools, Floats
from normalize.catalogue import Catalogue
from normalize.index import Index, as_printed, build_index, core_label, masks, nearest, said_by_one, unique
from normalize.likeness import EQUAL, likeness, remembered
from normalize.model import Row
from normalize.outline import bare_number
from normalize.text import fold, is_damaged, survive

_NEARLY = 0.93
_PATH_DEPTH = 4
_NO_PATH = 0.5
Meanings = tuple[tuple[str, frozenset[str]], ...]
Said = tuple[Meanings, Meanings, str]
"""What a label and its path say, and how far that must agree: whole, left by damage (something in common), or misread
(one side may lack some of what the other has)."""
_WHOLE, _LEFT, _MISREAD = "whole", "left", "misread"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Matrices over report rows and form rows: ``label`` and ``path`` (0-1), ``number`` and ``unit`` (-1, 0 or 1),
    ``possible`` (no decisive word speaks against the pair), ``doubt`` (how many kinds of decisive words only one side
    has), ``agreed`` (how many of them both labels have alike), ``exact`` (equal labels in a projection)."""

    label: Floats
    path: Floats
    number: Floats
    unit: Floats
    possible: Bools
    doubt: Floats
    agreed: Floats
    exact: Bools

    def score(self) -> Floats:
        """One figure a pair: the label's likeness, moved by the other evidence; 0 where the pair is impossible."""
        moved = self.label + 0.06 * (self.path - 0.5) + 0.02 * self.number + 0.02 * self.unit - 0.05 * self.doubt
        return np.where(self.possible, np.clip(moved, 0, 1.2), 0).astype(np.float32)


def compare(rows: Sequence[Row], catalogue: Catalogue) -> Agreement:
    """The agreement of every row of a report with every printed row of every form."""
    index = build_index(catalogue)
    labels = [as_printed(row.label, catalogue) for row in rows]
    paths = [tuple(as_printed(one, catalogue) for one in row.path) for row in rows]
    above = [path[: -_PATH_DEPTH - 1 : -1] for path in paths]
    near = [(*path, labels[place - 1]) if place else path for place, path in enumerate(above)]
    label = likeness(labels, index, catalogue)
    said = [_said_by(label, path, catalogue) for label, path in zip(labels, paths, strict=True)]
    decided = _decided(said, label, index, catalogue)
    return Agreement(
        label=label,
        path=_path_agreement(near, index, catalogue),
        number=index.numbers.signs([bare_number(row.number) for row in rows]),
        unit=_unit_agreement(rows, index),
        possible=decided >= 0,
        doubt=np.maximum(decided, 0),
        agreed=remembered("agreed", said, catalogue, lambda missing: _agreed_words(missing, index)),
        exact=label >= EQUAL,
    )


def _decided(said: Sequence[Said], label: Floats, index: Index, catalogue: Catalogue) -> Floats:
    """As ``_decisive_words``; a label that is nearly the printed one, and none just so, may have lost letters."""
    strict = remembered("decisive", said, catalogue, lambda missing: _decisive_words(missing, index))
    nearly = (label >= _NEARLY) & (label.max(axis=1) < EQUAL)[:, None]
    doubtful = np.flatnonzero((nearly & (strict < 0)).any(axis=1)).tolist()
    if doubtful:
        torn = [
            (own, above, how if how == _LEFT else _MISREAD) for own, above, how in (said[place] for place in doubtful)
        ]
        lenient = remembered("decisive", torn, catalogue, lambda missing: _decisive_words(missing, index))
        strict[doubtful] = np.where((strict[doubtful] < 0) & nearly[doubtful], lenient, strict[doubtful])
    return strict


def _path_agreement(paths: Sequence[tuple[str, ...]], index: Index, catalogue: Catalogue) -> Floats:
    """How well the nearest labels above a row (and the row before it) agree with a form row's parent (0-1)."""
    texts, _ = unique([text for path in paths for text in path])
    best = np.full((len(paths), len(index.parents)), _NO_PATH, dtype=np.float32)
    if texts:
        scores = likeness(texts, index, catalogue)[:, index.parents]
        at = {text: place for place, text in enumerate(texts)}
        for depth in range(max(map(len, paths))):
            rows = [row for row, path in enumerate(paths) if len(path) > depth]
            found = scores[[at[paths[row][depth]] for row in rows]] - np.float32(0.05 * depth)
            best[rows] = np.maximum(best[rows], found)
    best[:, index.parents < 0] = _NO_PATH
    result: Floats = best[:, index.at_parent]
    return result


def _unit_agreement(rows: Sequence[Row], index: Index) -> Floats:
    signs = index.units.signs([fold(row.unit) or row.unit.strip() for row in rows])
    damaged = np.flatnonzero([is_damaged(row.unit) for row in rows]).tolist()
    if damaged:
        left = index.units_left.signs([survive(rows[place].unit) for place in damaged])
        signs[damaged] = np.maximum(signs[damaged], left)
    return signs


@lru_cache(maxsize=16384)
def _said_by(label: str, path: tuple[str, ...], catalogue: Catalogue) -> Said:
    """What the decisive words of a label and of its path say, and whether the label is damaged."""
    core = core_label(label, catalogue)
    own, above = catalogue.decisive.meanings(core), nearest(path, catalogue)
    return tuple(sorted(own.items())), tuple(sorted(above.items())), _LEFT if is_damaged(core) else _WHOLE


def _decisive_words(said: Sequence[Said], index: Index) -> Floats:
    """How many kinds of decisive words only one side of a pair has; -1 where a decisive word of the label, or else of
    the path, contradicts the form row's."""
    own = masks([dict(one) for one, _, _ in said], index.bits)
    wide = said_by_one(own, masks([dict(one) for _, one, _ in said], index.bits))
    left, misread = (np.array([how == one for _, _, how in said])[:, None] for one in (_LEFT, _MISREAD))
    shape = (len(said), len(index.rows))
    possible, doubt = np.ones(shape, dtype=np.bool_), np.zeros(shape, dtype=np.float32)
    for group in range(own.shape[1]):
        mine, theirs = own[:, group, None], index.decisive[None, :, group]
        mine_wide, theirs_wide = wide[:, group, None], index.decisive_wide[None, :, group]
        common = mine & theirs
        apart = np.where(left, common == 0, np.where(misread, (common != mine) & (common != theirs), mine != theirs))
        both, both_wide = (mine != 0) & (theirs != 0), (mine_wide != 0) & (theirs_wide != 0)
        possible &= np.where(both, ~apart, ~(both_wide & ((mine_wide & theirs_wide) == 0)))
        doubt += ((mine != 0) ^ (theirs != 0)) & ~both_wide
    return np.where(possible, doubt, np.float32(-1))


def _agreed_words(said: Sequence[Said], index: Index) -> Floats:
    """How many kinds of decisive words both labels of a pair have, and alike."""
    own = masks([dict(one) for one, _, _ in said], index.bits)
    found = np.zeros((len(said), len(index.rows)), dtype=np.float32)
    for group in range(own.shape[1]):
        found += (own[:, group, None] == index.decisive[None, :, group]) & (own[:, group, None] != 0)
    return found
