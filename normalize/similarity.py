"""How well each row of a report agrees with each printed row of every form, by every kind of evidence."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.process import cdist

from normalize.align import Bools, Floats
from normalize.catalogue import Catalogue
from normalize.model import FormRow, Row
from normalize.outline import bare_number
from normalize.text import fold, is_damaged, squeeze, survive

_T = TypeVar("_T", str, frozenset[str])
_K = TypeVar("_K", bound=Hashable)
_EQUAL, _NEARLY = 0.9999, 0.93
_KEPT = 8192
Meanings = tuple[tuple[str, frozenset[str]], ...]
Said = tuple[Meanings, Meanings, bool]
_SHORT = 6
_PATH_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Index:
    """The printed rows of all forms, with their labels in each projection; made once a catalogue."""

    rows: tuple[FormRow, ...]
    labels: tuple[str, ...]
    plain: tuple[str, ...]
    full: tuple[str, ...]
    short: tuple[str, ...]
    survived: tuple[str, ...]
    survived_short: tuple[str, ...]
    parents: tuple[str, ...]
    paths: tuple[tuple[str, ...], ...]
    decisive: tuple[dict[str, frozenset[str]], ...]
    decisive_path: tuple[dict[str, frozenset[str]], ...]
    repeated: tuple[bool, ...]

    def number_signs(self, numbers: Sequence[str]) -> Floats:
        """1 where a number is a printed row's, -1 where it is not, 0 where one of the two has none."""
        return _sign(numbers, [bare_number(row.number) for row in self.rows])


@dataclass(frozen=True, slots=True)
class Agreement:
    """Matrices over report rows and form rows: ``label`` and ``path`` (0-1), ``number`` and ``unit`` (-1, 0 or 1),
    ``possible`` (no decisive word speaks against the pair), ``doubt`` (how many kinds of decisive words only one side
    has), ``exact`` (equal labels in a projection)."""

    label: Floats
    path: Floats
    number: Floats
    unit: Floats
    possible: Bools
    doubt: Floats
    exact: Bools

    def score(self) -> Floats:
        """One figure a pair: the label's likeness, moved by the other evidence; 0 where the pair is impossible."""
        moved = self.label + 0.06 * (self.path - 0.5) + 0.02 * self.number + 0.02 * self.unit - 0.05 * self.doubt
        return np.where(self.possible, np.clip(moved, 0, 1.2), 0).astype(np.float32)


@lru_cache(maxsize=4)
def build_index(catalogue: Catalogue) -> Index:
    """The index of a catalogue's forms."""
    rows = catalogue.form_rows
    expand = catalogue.thesaurus.expand
    by_key = {(row.form_id, row.row): row for row in rows}
    paths = tuple(_form_path(row, by_key) for row in rows)
    short = tuple(core_label(row.label, catalogue) for row in rows)
    return Index(
        rows=rows,
        labels=tuple(row.label for row in rows),
        plain=tuple(fold(row.label) for row in rows),
        full=tuple(expand(fold(row.label)) for row in rows),
        short=tuple(expand(fold(label)) for label in short),
        survived=tuple(survive(row.label) for row in rows),
        survived_short=tuple(survive(label) for label in short),
        parents=tuple(path[-1] if path else "" for path in paths),
        paths=paths,
        decisive=tuple(catalogue.decisive.meanings(head_label(row.label, catalogue)) for row in rows),
        decisive_path=tuple(_nearest(path, catalogue) for path in paths),
        repeated=_repeated(rows, tuple(expand(fold(row.label)) for row in rows)),
    )


def _repeated(rows: Sequence[FormRow], labels: Sequence[str]) -> tuple[bool, ...]:
    """Whether a form prints the label of each row again for something else: its place alone tells the two apart."""
    targets: dict[tuple[str, str], set[str]] = {}
    for row, label in zip(rows, labels, strict=True):
        targets.setdefault((row.form_id, label), set()).add(row.target)
    return tuple(len(targets[(row.form_id, label)]) > 1 for row, label in zip(rows, labels, strict=True))


def core_label(label: str, catalogue: Catalogue) -> str:
    """What a label names, without the explanation printed after it."""
    text = squeeze(label)
    lowered = text.lower()
    cuts = [lowered.find(word, 4) for word in catalogue.words.printed("explanation")]
    end = min((cut for cut in cuts if cut > 0), default=len(text))
    return text[:end].rstrip(" :(;,.-")


def head_label(label: str, catalogue: Catalogue) -> str:
    """What a printed label names, without the explanation and the list printed on the lines below."""
    return core_label(label.strip().split("\n")[0], catalogue)


def compare(rows: Sequence[Row], catalogue: Catalogue) -> Agreement:
    """The agreement of every row of a report with every printed row of every form."""
    index = build_index(catalogue)
    labels = [squeeze(row.label) for row in rows]
    above = [tuple(reversed(row.path))[:_PATH_DEPTH] for row in rows]
    near = [(*path, labels[place - 1]) if place else path for place, path in enumerate(above)]
    units = [(fold(row.unit) or row.unit.strip(), survive(row.unit), is_damaged(row.unit)) for row in rows]
    label = _remembered("label", labels, catalogue, lambda missing: _label_likeness(missing, index, catalogue))
    said = [_said_by(label, row.path, catalogue) for label, row in zip(labels, rows, strict=True)]
    decided = _decided(said, label, index, catalogue)
    return Agreement(
        label=label,
        path=_remembered("path", near, catalogue, lambda missing: _path_agreement(missing, index, catalogue)),
        number=_remembered("number", [bare_number(row.number) for row in rows], catalogue, index.number_signs),
        unit=_remembered("unit", units, catalogue, lambda missing: _unit_agreement(missing, index)),
        possible=decided >= 0,
        doubt=np.maximum(decided, 0),
        exact=label >= _EQUAL,
    )


def _decided(said: Sequence[Said], label: Floats, index: Index, catalogue: Catalogue) -> Floats:
    """As ``_decisive_words``; a label that is nearly the printed one, and none just so, may have lost letters."""
    make = partial(_decisive_words, index=index, catalogue=catalogue)
    strict = _remembered("decisive", said, catalogue, make)
    torn = _remembered("decisive", [(own, above, True) for own, above, _ in said], catalogue, make)
    nearly = (label >= _NEARLY) & (label.max(axis=1) < _EQUAL)[:, None]
    return np.where((strict < 0) & nearly, torn, strict)


def _remembered(kind: str, keys: Sequence[_K], catalogue: Catalogue, make: Callable[[Sequence[_K]], Floats]) -> Floats:
    """A vector over the printed rows for each key: made for all new keys at once, remembered for the old ones."""
    kept = _kept(catalogue).setdefault(kind, {})
    missing = [key for key in dict.fromkeys(keys) if key not in kept]
    if len(kept) + len(missing) > _KEPT:
        kept.clear()
        missing = list(dict.fromkeys(keys))
    if missing:
        kept.update(zip(missing, map(np.array, make(missing)), strict=True))
    return np.stack([kept[key] for key in keys])


@lru_cache(maxsize=4)
def _kept(catalogue: Catalogue) -> dict[str, dict[Hashable, Floats]]:
    return {}


def _label_likeness(labels: Sequence[str], index: Index, catalogue: Catalogue) -> Floats:
    expand = catalogue.thesaurus.expand
    cores = [core_label(label, catalogue) for label in labels]
    plain, full, short = (
        [fold(label) for label in labels],
        [expand(fold(label)) for label in labels],
        [expand(fold(core)) for core in cores],
    )
    folded = np.maximum(_ratios(full, index.full), _ratios(short, index.short))
    folded = np.maximum(folded, _ratios(plain, index.plain))
    damaged = np.array([is_damaged(label) for label in labels], dtype=bool)
    if damaged.any():
        torn = np.flatnonzero(damaged).tolist()
        left = np.maximum(
            _ratios([survive(labels[place]) for place in torn], index.survived, True),
            _ratios([survive(cores[place]) for place in torn], index.survived_short, True),
        )
        folded[torn] = np.maximum(folded[torn], left)
    return folded.astype(np.float32)


def _form_path(row: FormRow, by_key: dict[tuple[str, str], FormRow]) -> tuple[str, ...]:
    path: list[str] = []
    parent = row.parent
    while parent and len(path) < 8:
        above = by_key[(row.form_id, parent)]
        path.append(squeeze(above.label))
        parent = above.parent
    return tuple(reversed(path))


def _ratios(queries: Sequence[str], choices: Sequence[str], short_must_equal: bool = False) -> Floats:
    """Likeness (0-1) of each query with each choice; equal texts are compared once.

    Of what damage left of a label a few letters are too little to be alike: with ``short_must_equal`` they are equal
    or count little.
    """
    unique_queries, at_query = _unique(queries)
    unique_choices, at_choice = _unique(choices)
    scores = cdist(unique_queries, unique_choices, scorer=fuzz.ratio, dtype=np.float32) / 100
    if short_must_equal:
        short = np.array([len(q) < _SHORT for q in unique_queries])[:, None]
        short = short | np.array([len(c) < _SHORT for c in unique_choices])[None, :]
        scores = np.where(short & (scores < 0.9999), scores * 0.6, scores)
    empty = np.array([not q for q in unique_queries])[:, None] | np.array([not c for c in unique_choices])[None, :]
    return np.where(empty, 0, scores)[np.ix_(at_query, at_choice)].astype(np.float32)


def _unique(texts: Sequence[_T]) -> tuple[list[_T], NDArray[np.intp]]:
    places: dict[_T, int] = {}
    at = np.array([places.setdefault(text, len(places)) for text in texts], dtype=np.intp)
    return list(places), at


def _path_agreement(paths: Sequence[tuple[str, ...]], index: Index, catalogue: Catalogue) -> Floats:
    """How well the nearest labels above a row (and the row before it) agree with a form row's parent (0-1)."""
    expand = catalogue.thesaurus.expand
    result = np.full((len(paths), len(index.rows)), 0.5, dtype=np.float32)
    parents, places = _unique(index.parents)
    parents_folded, parents_left = [expand(fold(parent)) for parent in parents], [survive(parent) for parent in parents]
    texts = sorted({text for path in paths for text in path})
    if texts:
        scores = _ratios([expand(fold(text)) for text in texts], parents_folded)
        damaged = np.array([is_damaged(text) for text in texts], dtype=bool)[:, None]
        scores = np.where(damaged, np.maximum(scores, _ratios([survive(t) for t in texts], parents_left)), scores)
        at = {text: place for place, text in enumerate(texts)}
        for row, path in enumerate(paths):
            for depth, text in enumerate(path):
                result[row] = np.maximum(result[row], scores[at[text]][places] - 0.05 * depth)
    no_parent = np.array([not parent for parent in index.parents])[None, :]
    return np.where(no_parent, 0.5, result).astype(np.float32)


def _sign(left: Sequence[str], right: Sequence[str]) -> Floats:
    """1 where two texts are equal, -1 where they differ, 0 where one is missing."""
    unique_left, at_left = _unique(left)
    unique_right, at_right = _unique(right)
    a, b = np.array(unique_left, dtype=object)[:, None], np.array(unique_right, dtype=object)[None, :]
    known = (a != "") & (b != "")
    return np.where(known, np.where(a == b, 1, -1), 0)[np.ix_(at_left, at_right)].astype(np.float32)


def _unit_agreement(units: Sequence[tuple[str, str, bool]], index: Index) -> Floats:
    plain = _sign([unit for unit, _, _ in units], [fold(r.unit) or r.unit.strip() for r in index.rows])
    left = _sign([unit for _, unit, _ in units], [survive(r.unit) for r in index.rows])
    damaged = np.array([torn for _, _, torn in units], dtype=bool)[:, None]
    return np.where(damaged, np.maximum(plain, left), plain).astype(np.float32)


@lru_cache(maxsize=16384)
def _nearest(path: tuple[str, ...], catalogue: Catalogue) -> dict[str, frozenset[str]]:
    result: dict[str, frozenset[str]] = {}
    for label in reversed(path):
        for group, meanings in catalogue.decisive.meanings(core_label(label, catalogue)).items():
            result.setdefault(group, meanings)
    return result


@lru_cache(maxsize=16384)
def _said_by(label: str, path: tuple[str, ...], catalogue: Catalogue) -> Said:
    """What the decisive words of a label and of its path say, and whether the label is damaged."""
    core = core_label(label, catalogue)
    own, above = catalogue.decisive.meanings(core), _nearest(path, catalogue)
    return tuple(sorted(own.items())), tuple(sorted(above.items())), is_damaged(core)


def _decisive_words(said: Sequence[Said], index: Index, catalogue: Catalogue) -> Floats:
    """How many kinds of decisive words only one side of a pair has; -1 where a decisive word of the label, or else of
    the path, contradicts the form row's."""
    own, above = [dict(one) for one, _, _ in said], [dict(one) for _, one, _ in said]
    damaged = np.array([torn for _, _, torn in said], dtype=bool)[:, None]
    shape = (len(said), len(index.rows))
    possible, doubt = np.ones(shape, dtype=bool), np.zeros(shape, dtype=np.float32)
    for group in sorted({group for group, _, _ in catalogue.decisive.entries}):
        mine, theirs = _said(own, group), _said(index.decisive, group)
        differ, disjoint = _relations(mine, theirs)
        possible &= ~np.where(damaged, disjoint, differ)
        mine_wide, theirs_wide = _said_by_one(mine, above, group), _said_by_one(theirs, index.decisive_path, group)
        both_say = _both(mine, theirs)
        possible &= both_say | ~_relations(mine_wide, theirs_wide)[1]
        doubt += (_one_sided(mine, theirs) & ~_both(mine_wide, theirs_wide)).astype(np.float32)
    return np.where(possible, doubt, -1).astype(np.float32)


def _said(meanings: Sequence[Mapping[str, frozenset[str]]], group: str) -> list[frozenset[str]]:
    return [one.get(group, frozenset()) for one in meanings]


def _said_by_one(
    own: Sequence[frozenset[str]], above: Sequence[Mapping[str, frozenset[str]]], group: str
) -> list[frozenset[str]]:
    """What a label says, or else its path; a heading that names several things decides nothing about a row."""
    paths = (path.get(group, frozenset()) for path in above)
    return [mine or (path if len(path) == 1 else frozenset()) for mine, path in zip(own, paths, strict=True)]


def _relations(left: Sequence[frozenset[str]], right: Sequence[frozenset[str]]) -> tuple[Bools, Bools]:
    """For each pair of sets that both say something: whether they differ, and whether they have nothing in common."""
    unique_left, at_left = _unique(left)
    unique_right, at_right = _unique(right)
    differ = np.array([[bool(a and b and a != b) for b in unique_right] for a in unique_left])
    disjoint = np.array([[bool(a and b and not a & b) for b in unique_right] for a in unique_left])
    places = np.ix_(at_left, at_right)
    return differ[places], disjoint[places]


def _both(left: Sequence[frozenset[str]], right: Sequence[frozenset[str]]) -> Bools:
    return _says(left)[:, None] & _says(right)[None, :]


def _one_sided(left: Sequence[frozenset[str]], right: Sequence[frozenset[str]]) -> Bools:
    return _says(left)[:, None] ^ _says(right)[None, :]


def _says(sets: Sequence[frozenset[str]]) -> Bools:
    return np.array([bool(one) for one in sets], dtype=np.bool_)
