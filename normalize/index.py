"""The printed rows of all forms with their labels in each projection; and what of a label names what it asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from normalize.align import Bools, Floats
from normalize.catalogue import TARGETS, Catalogue
from normalize.model import FormRow
from normalize.outline import bare_number
from normalize.text import fold, squeeze, survive, words_of

SHORT = 6
"""A text of fewer letters is too little to be alike: it is equal or not."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A text of each printed row as a code; that of the empty text is 0."""

    code: dict[str, int]
    codes: NDArray[np.intp]

    def signs(self, texts: Sequence[str]) -> Floats:
        """1 where a text is a printed row's, -1 where it is not, 0 where one of the two is missing."""
        mine = np.array([self.code.get(text, -1) for text in texts], dtype=np.intp)
        same = np.where(mine[:, None] == self.codes[None, :], np.float32(1), np.float32(-1))
        same[mine == 0], same[:, self.codes == 0] = 0, 0
        return same


def _coded(texts: Iterable[str]) -> Coded:
    code = {"": 0}
    return Coded(code, np.array([code.setdefault(text, len(code)) for text in texts], dtype=np.intp))


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
    by_letters: Mapping[str, str]
    known: frozenset[str]
    known_left: frozenset[str]
    parents: NDArray[np.intp]
    at_parent: NDArray[np.intp]
    paths: tuple[tuple[str, ...], ...]
    numbers: Coded
    units: Coded
    units_left: Coded
    bits: Mapping[tuple[str, str], int]
    decisive: NDArray[np.int64]
    decisive_wide: NDArray[np.int64]
    repeated: tuple[bool, ...]
    targets: tuple[str, ...]
    codes: NDArray[np.intp]
    forms: NDArray[np.intp]
    form_ids: tuple[str, ...]
    is_indicator: Bools


@lru_cache(maxsize=4)
def build_index(catalogue: Catalogue) -> Index:
    """The index of a catalogue's forms."""
    rows = catalogue.form_rows
    expand = catalogue.thesaurus.expand
    by_key = {(row.form_id, row.row): row for row in rows}
    paths = tuple(_form_path(row, by_key) for row in rows)
    cores = tuple(core_label(row.label, catalogue) for row in rows)
    short = tuple(expand(fold(core)) for core in cores)
    full = tuple(expand(fold(row.label)) for row in rows)
    bits = _bits(catalogue)
    own = [catalogue.decisive.meanings(head_label(row.label, catalogue)) for row in rows]
    own_bits, path_bits = masks(own, bits), masks([nearest(path, catalogue) for path in paths], bits)
    targets, codes = unique([row.target for row in rows])
    parents, at_parent = np.unique(_places_of_parents(rows), return_inverse=True)
    form_ids, forms = unique([row.form_id for row in rows])
    return Index(
        rows=rows,
        labels=tuple(row.label for row in rows),
        plain=tuple(fold(row.label) for row in rows),
        full=full,
        short=short,
        survived=tuple(survive(row.label) for row in rows),
        survived_short=tuple(survive(core) for core in cores),
        by_letters=_by_letters([row.label for row in rows]),
        known=frozenset(full) | frozenset(short),
        known_left=frozenset(filter(lambda left: len(left) >= SHORT, map(survive, (row.label for row in rows)))),
        parents=parents,
        at_parent=at_parent,
        paths=paths,
        numbers=_coded(bare_number(row.number) for row in rows),
        units=_coded(fold(row.unit) or row.unit.strip() for row in rows),
        units_left=_coded(survive(row.unit) for row in rows),
        bits=bits,
        decisive=own_bits,
        decisive_wide=said_by_one(own_bits, path_bits),
        repeated=_repeated(rows, full),
        targets=tuple(targets),
        codes=codes,
        forms=forms,
        form_ids=tuple(form_ids),
        is_indicator=np.array([row.target not in TARGETS for row in rows], dtype=np.bool_),
    )


def _by_letters(labels: Sequence[str]) -> dict[str, str]:
    """The printed labels by their letters alone, those left out that differ by case or tone marks from another one."""
    found: dict[str, dict[str, str]] = {}
    for label in map(squeeze, labels):
        found.setdefault(_letters(label), {})[words_of(label)] = label
    return {letters: next(iter(same.values())) for letters, same in found.items() if letters and len(same) == 1}


def _letters(text: str) -> str:
    return fold(text).replace(" ", "")


@lru_cache(maxsize=65536)
def as_printed(label: str, catalogue: Catalogue) -> str:
    """The printed label that has just the letters of a label, whatever its spaces and tone marks; else the label."""
    text = squeeze(label)
    return build_index(catalogue).by_letters.get(_letters(text), text)


def _places_of_parents(rows: Sequence[FormRow]) -> NDArray[np.intp]:
    """The place of the parent of each row; -1 where it has none."""
    places = {(row.form_id, row.row): place for place, row in enumerate(rows)}
    return np.array([places.get((row.form_id, row.parent), -1) if row.parent else -1 for row in rows], dtype=np.intp)


def _repeated(rows: Sequence[FormRow], labels: Sequence[str]) -> tuple[bool, ...]:
    """Whether a form prints the label of each row again for something else: its place alone tells the two apart."""
    targets: dict[tuple[str, str], set[str]] = {}
    for row, label in zip(rows, labels, strict=True):
        targets.setdefault((row.form_id, label), set()).add(row.target)
    return tuple(len(targets[(row.form_id, label)]) > 1 for row, label in zip(rows, labels, strict=True))


@lru_cache(maxsize=65536)
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


def _form_path(row: FormRow, by_key: dict[tuple[str, str], FormRow]) -> tuple[str, ...]:
    path: list[str] = []
    parent = row.parent
    while parent and len(path) < 8:
        above = by_key[(row.form_id, parent)]
        path.append(squeeze(above.label))
        parent = above.parent
    return tuple(reversed(path))


def unique(texts: Sequence[str]) -> tuple[list[str], NDArray[np.intp]]:
    """The texts each once, and the place of each text among them."""
    places: dict[str, int] = {}
    at = np.array([places.setdefault(text, len(places)) for text in texts], dtype=np.intp)
    return list(places), at


@lru_cache(maxsize=16384)
def nearest(path: tuple[str, ...], catalogue: Catalogue) -> dict[str, frozenset[str]]:
    """What the decisive words of a path say, the lowest heading that speaks of a thing first."""
    result: dict[str, frozenset[str]] = {}
    for label in reversed(path):
        for group, meanings in catalogue.decisive.meanings(core_label(label, catalogue)).items():
            result.setdefault(group, meanings)
    return result


def _bits(catalogue: Catalogue) -> dict[tuple[str, str], int]:
    """For each group and meaning of the decisive words the place of its group and of its bit, in one figure."""
    groups: dict[str, dict[str, int]] = {}
    for group, _, meanings in catalogue.decisive.entries:
        for meaning in meanings.split(";"):
            bits = groups.setdefault(group, {})
            bits.setdefault(meaning, len(bits))
    places = {group: place for place, group in enumerate(sorted(groups))}
    return {(group, one): places[group] * 64 + bit for group, bits in groups.items() for one, bit in bits.items()}


def masks(meanings: Sequence[Mapping[str, frozenset[str]]], bits: Mapping[tuple[str, str], int]) -> NDArray[np.int64]:
    """A set of bits for each text and group: what the text says in it."""
    groups = 1 + max((one // 64 for one in bits.values()), default=-1)
    masks = np.zeros((len(meanings), groups), dtype=np.int64)
    for row, said in enumerate(meanings):
        for group, found in said.items():
            for meaning in found:
                place = bits[(group, meaning)]
                masks[row, place // 64] |= 1 << (place % 64)
    return masks


def said_by_one(own: NDArray[np.int64], path: NDArray[np.int64]) -> NDArray[np.int64]:
    """What a label says, or else its path; a heading that names several things decides nothing about a row."""
    several = (path & (path - 1)) != 0
    found: NDArray[np.int64] = np.where(own != 0, own, np.where(several, 0, path))
    return found
