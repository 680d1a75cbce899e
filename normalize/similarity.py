"""How well each row of a report agrees with each printed row of every form, by every kind of evidence."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.process import cdist

from normalize.align import Bools, Floats
from normalize.catalogue import TARGETS, Catalogue
from normalize.model import FormRow, Row
from normalize.outline import bare_number
from normalize.text import fold, is_damaged, squeeze, survive

_K = TypeVar("_K", bound=Hashable)
_EQUAL, _NEARLY = 0.9999, 0.93
_KEPT = 8192
Meanings = tuple[tuple[str, frozenset[str]], ...]
Said = tuple[Meanings, Meanings, bool]
_SHORT = 6
_PATH_DEPTH = 4
_LONG = 64
_NO_PATH = 0.5


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
    numbers: tuple[str, ...]
    units: tuple[str, ...]
    units_left: tuple[str, ...]
    bits: Mapping[tuple[str, str], int]
    decisive: NDArray[np.int64]
    decisive_wide: NDArray[np.int64]
    repeated: tuple[bool, ...]
    targets: tuple[str, ...]
    codes: NDArray[np.intp]
    forms: NDArray[np.intp]
    form_ids: tuple[str, ...]
    is_indicator: Bools


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
    full = tuple(expand(fold(row.label)) for row in rows)
    bits = _bits(catalogue)
    own = [catalogue.decisive.meanings(head_label(row.label, catalogue)) for row in rows]
    own_bits, path_bits = _masks(own, bits), _masks([_nearest(path, catalogue) for path in paths], bits)
    targets, codes = _unique([row.target for row in rows])
    form_ids, forms = _unique([row.form_id for row in rows])
    return Index(
        rows=rows,
        labels=tuple(row.label for row in rows),
        plain=tuple(fold(row.label) for row in rows),
        full=full,
        short=tuple(expand(fold(label)) for label in short),
        survived=tuple(survive(row.label) for row in rows),
        survived_short=tuple(survive(label) for label in short),
        parents=tuple(path[-1] if path else "" for path in paths),
        paths=paths,
        numbers=tuple(bare_number(row.number) for row in rows),
        units=tuple(fold(row.unit) or row.unit.strip() for row in rows),
        units_left=tuple(survive(row.unit) for row in rows),
        bits=bits,
        decisive=own_bits,
        decisive_wide=_said_by_one(own_bits, path_bits),
        repeated=_repeated(rows, full),
        targets=tuple(targets),
        codes=codes,
        forms=forms,
        form_ids=tuple(form_ids),
        is_indicator=np.array([row.target not in TARGETS for row in rows], dtype=np.bool_),
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
    label = _remembered("label", labels, catalogue, lambda missing: _label_likeness(missing, index, catalogue))
    said = [_said_by(label, row.path, catalogue) for label, row in zip(labels, rows, strict=True)]
    decided = _decided(said, label, index, catalogue)
    return Agreement(
        label=label,
        path=_path_agreement(near, index, catalogue),
        number=_sign([bare_number(row.number) for row in rows], index.numbers),
        unit=_unit_agreement(rows, index),
        possible=decided >= 0,
        doubt=np.maximum(decided, 0),
        exact=label >= _EQUAL,
    )


def _decided(said: Sequence[Said], label: Floats, index: Index, catalogue: Catalogue) -> Floats:
    """As ``_decisive_words``; a label that is nearly the printed one, and none just so, may have lost letters."""
    strict = _remembered("decisive", said, catalogue, lambda missing: _decisive_words(missing, index))
    nearly = (label >= _NEARLY) & (label.max(axis=1) < _EQUAL)[:, None]
    doubtful = np.flatnonzero((nearly & (strict < 0)).any(axis=1)).tolist()
    if doubtful:
        torn = [(own, above, True) for own, above, _ in (said[place] for place in doubtful)]
        lenient = _remembered("decisive", torn, catalogue, lambda missing: _decisive_words(missing, index))
        strict[doubtful] = np.where((strict[doubtful] < 0) & nearly[doubtful], lenient, strict[doubtful])
    return strict


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
    """The likeness (0-1) of each label with each printed one, in the projection that likens them most."""
    expand = catalogue.thesaurus.expand
    plain, cores = [fold(label) for label in labels], [core_label(label, catalogue) for label in labels]
    full, short = [expand(text) for text in plain], [expand(fold(core)) for core in cores]
    likeness = np.maximum(_ratios(full, index.full), _ratios(plain, index.plain))
    likeness = np.maximum(likeness, _ratios_of_cores(short, full, index))
    damaged = np.flatnonzero([is_damaged(label) for label in labels]).tolist()
    if damaged:
        left = np.maximum(
            _ratios([survive(labels[place]) for place in damaged], index.survived, True),
            _ratios([survive(cores[place]) for place in damaged], index.survived_short, True),
        )
        likeness[damaged] = np.maximum(likeness[damaged], left)
    return likeness


def _ratios_of_cores(short: Sequence[str], full: Sequence[str], index: Index) -> Floats:
    """The likeness of labels without explanation; 0 where neither side has one: that is the likeness of the whole."""
    result = np.zeros((len(short), len(index.short)), dtype=np.float32)
    columns = [place for place, (a, b) in enumerate(zip(index.short, index.full, strict=True)) if a != b]
    if columns:
        result[:, columns] = _ratios(short, [index.short[column] for column in columns])
    rows = [place for place, (a, b) in enumerate(zip(short, full, strict=True)) if a != b]
    if rows:
        result[rows] = _ratios([short[row] for row in rows], index.short)
    return result


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
    scores = _scores(unique_queries, unique_choices) / 100
    if short_must_equal:
        short = np.array([len(q) < _SHORT for q in unique_queries])[:, None]
        short = short | np.array([len(c) < _SHORT for c in unique_choices])[None, :]
        scores = np.where(short & (scores < _EQUAL), scores * np.float32(0.6), scores)
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


def _unique(texts: Sequence[str]) -> tuple[list[str], NDArray[np.intp]]:
    places: dict[str, int] = {}
    at = np.array([places.setdefault(text, len(places)) for text in texts], dtype=np.intp)
    return list(places), at


def _path_agreement(paths: Sequence[tuple[str, ...]], index: Index, catalogue: Catalogue) -> Floats:
    """How well the nearest labels above a row (and the row before it) agree with a form row's parent (0-1)."""
    parents, at_parent = _unique(index.parents)
    texts, _ = _unique([text for path in paths for text in path])
    best = np.full((len(paths), len(parents)), _NO_PATH, dtype=np.float32)
    if texts:
        scores = _remembered("parent", texts, catalogue, lambda missing: _as_parents(missing, parents, catalogue))
        at = {text: place for place, text in enumerate(texts)}
        for depth in range(max(map(len, paths))):
            rows = [row for row, path in enumerate(paths) if len(path) > depth]
            found = scores[[at[paths[row][depth]] for row in rows]] - np.float32(0.05 * depth)
            best[rows] = np.maximum(best[rows], found)
    best[:, [place for place, parent in enumerate(parents) if not parent]] = _NO_PATH
    result: Floats = best[:, at_parent]
    return result


def _as_parents(texts: Sequence[str], parents: Sequence[str], catalogue: Catalogue) -> Floats:
    expand = catalogue.thesaurus.expand
    scores = _ratios([expand(fold(text)) for text in texts], [expand(fold(parent)) for parent in parents])
    damaged = np.flatnonzero([is_damaged(text) for text in texts]).tolist()
    if damaged:
        left = _ratios([survive(texts[place]) for place in damaged], [survive(parent) for parent in parents])
        scores[damaged] = np.maximum(scores[damaged], left)
    return scores


def _sign(left: Sequence[str], right: Sequence[str]) -> Floats:
    """1 where two texts are equal, -1 where they differ, 0 where one is missing."""
    places = {"": 0}
    a, b = (np.array([places.setdefault(text, len(places)) for text in texts]) for texts in (left, right))
    same = np.where(a[:, None] == b[None, :], np.float32(1), np.float32(-1))
    same[a == 0], same[:, b == 0] = 0, 0
    return same


def _unit_agreement(rows: Sequence[Row], index: Index) -> Floats:
    signs = _sign([fold(row.unit) or row.unit.strip() for row in rows], index.units)
    damaged = np.flatnonzero([is_damaged(row.unit) for row in rows]).tolist()
    if damaged:
        left = _sign([survive(rows[place].unit) for place in damaged], index.units_left)
        signs[damaged] = np.maximum(signs[damaged], left)
    return signs


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


def _decisive_words(said: Sequence[Said], index: Index) -> Floats:
    """How many kinds of decisive words only one side of a pair has; -1 where a decisive word of the label, or else of
    the path, contradicts the form row's."""
    own = _masks([dict(one) for one, _, _ in said], index.bits)
    wide = _said_by_one(own, _masks([dict(one) for _, one, _ in said], index.bits))
    damaged = np.array([torn for _, _, torn in said], dtype=np.bool_)
    shape = (len(said), len(index.rows))
    possible, doubt = np.ones(shape, dtype=np.bool_), np.zeros(shape, dtype=np.float32)
    for group in range(own.shape[1]):
        mine, theirs = own[:, group, None], index.decisive[None, :, group]
        mine_wide, theirs_wide = wide[:, group, None], index.decisive_wide[None, :, group]
        apart = np.where(damaged[:, None], (mine & theirs) == 0, mine != theirs)
        both, both_wide = (mine != 0) & (theirs != 0), (mine_wide != 0) & (theirs_wide != 0)
        possible &= np.where(both, ~apart, ~(both_wide & ((mine_wide & theirs_wide) == 0)))
        doubt += ((mine != 0) ^ (theirs != 0)) & ~both_wide
    return np.where(possible, doubt, np.float32(-1))


def _bits(catalogue: Catalogue) -> dict[tuple[str, str], int]:
    """For each group and meaning of the decisive words the place of its group and of its bit, in one figure."""
    groups: dict[str, dict[str, int]] = {}
    for group, _, meanings in catalogue.decisive.entries:
        for meaning in meanings.split(";"):
            bits = groups.setdefault(group, {})
            bits.setdefault(meaning, len(bits))
    places = {group: place for place, group in enumerate(sorted(groups))}
    return {(group, one): places[group] * 64 + bit for group, bits in groups.items() for one, bit in bits.items()}


def _masks(meanings: Sequence[Mapping[str, frozenset[str]]], bits: Mapping[tuple[str, str], int]) -> NDArray[np.int64]:
    """A set of bits for each text and group: what the text says in it."""
    groups = 1 + max((one // 64 for one in bits.values()), default=-1)
    masks = np.zeros((len(meanings), groups), dtype=np.int64)
    for row, said in enumerate(meanings):
        for group, found in said.items():
            for meaning in found:
                place = bits[(group, meaning)]
                masks[row, place // 64] |= 1 << (place % 64)
    return masks


def _said_by_one(own: NDArray[np.int64], path: NDArray[np.int64]) -> NDArray[np.int64]:
    """What a label says, or else its path; a heading that names several things decides nothing about a row."""
    several = (path & (path - 1)) != 0
    found: NDArray[np.int64] = np.where(own != 0, own, np.where(several, 0, path))
    return found
