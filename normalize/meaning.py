"""How much of what a row says a printed row says too, and the other way round: words, and facets of what is counted.

Reworded labels share few runs of letters with the printed ones; what they share is words. A word tells the more the
fewer labels hold it. Facets are the words that name a side of a thing (payment, signature, late, laptop ...): one that
only the row or only the printed row has speaks against the pair, and a strict one forbids it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from normalize.align import Bools, Floats
from normalize.catalogue import Catalogue
from normalize.model import Row
from normalize.similarity import Index, build_index, core_label, head_label
from normalize.text import fold, squeeze

Words = frozenset[str]
_ASKS_PERCENT = re.compile(r"[^\d\s]\s*%")
_BRACKETS = re.compile(r"\([^()]*\)?")
_WINDOW, _REPORTED = "window", ("month", "quarter")
_NEAR_PATH = 2
_UNIT_PARTS = re.compile(r"[/,;]")
_UNSEEN_WORD, _UNSEEN_PAIR = 0.7, 0.5


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The words of all labels, each with its place in a matrix and the logarithm of how rare it is."""

    place: dict[str, int]
    weight: Floats
    unseen: float

    def matrix(self, texts: Sequence[Words]) -> tuple[Floats, Floats]:
        """Ones where a text holds a word; and how much the words of each text tell in all, unknown ones too."""
        found = np.zeros((len(texts), len(self.place)), dtype=np.float32)
        told = np.zeros(len(texts), dtype=np.float32)
        for row, words in enumerate(texts):
            known = [self.place[word] for word in words if word in self.place]
            found[row, known] = 1
            pairs = sum(" " in word and word not in self.place for word in words)
            singles = len(words) - len(known) - pairs
            told[row] = self.weight[known].sum() + self.unseen * (_UNSEEN_WORD * singles + _UNSEEN_PAIR * pairs)
        return found, told


@dataclass(frozen=True, eq=False)
class Printed:
    """What the printed rows say, as matrices over the lexicons of words, single words and facets."""

    words: Lexicon
    singles: Lexicon
    label: tuple[Floats, Floats]
    canonical: tuple[Floats, Floats]
    everything: tuple[Floats, Floats]
    single_label: Floats
    single_canonical: Floats
    single_everything: Floats
    facets: dict[str, int]
    facet_label: Floats
    facet_canonical: Floats
    facet_everything: Floats
    bare_label: Floats
    bare_everything: Floats
    strict: Floats
    never_foreign: Floats
    kind: tuple[str, ...]
    units: tuple[Words, ...]
    windows: tuple[Words, ...]


def features(rows: Sequence[Row], catalogue: Catalogue, only: Sequence[int]) -> tuple[dict[str, Floats], Bools, Bools]:
    """Named matrices over some rows of a report and the printed rows; where the kind of figure and its span allow a
    pair; and where the strict facets do."""
    printed = build_printed(catalogue)
    usual = {span for row in rows for span in _windows((*row.path, row.label), catalogue) if span in _REPORTED}
    rows = [rows[place] for place in only]
    labels = [core_label(squeeze(row.label), catalogue) for row in rows]
    paths = [" ".join(core_label(part, catalogue) for part in row.path[-_NEAR_PATH:]) for row in rows]
    found = _shared_words(labels, paths, printed, catalogue)
    found |= _single_words(labels, paths, printed, catalogue)
    facet_features, allowed = _facets(labels, [" ".join(row.path) for row in rows], printed, catalogue)
    found |= facet_features
    found["other_window"], same_window = _span(rows, usual, printed, catalogue)
    return found, same_window & _same_kind(rows, printed, catalogue), allowed


@lru_cache(maxsize=4)
def build_printed(catalogue: Catalogue) -> Printed:
    """The printed rows of a catalogue's forms as matrices; made once."""
    index = build_index(catalogue)
    canonical = [_canonical(row.target, catalogue) for row in index.rows]
    labels = [head_label(label, catalogue) for label in index.labels]
    near = [" ".join(core_label(part, catalogue) for part in path[-_NEAR_PATH:]) for path in index.paths]
    label_words, canonical_words = _all(labels, catalogue), _all(canonical, catalogue)
    all_words = [a | b | c for a, b, c in zip(label_words, canonical_words, _all(near, catalogue), strict=True)]
    words = _lexicon([*label_words, *canonical_words])
    ones, ones_canonical = _singles(labels, catalogue), _singles(canonical, catalogue)
    ones_all = [a | b | c for a, b, c in zip(ones, ones_canonical, _singles_of_paths(index, catalogue), strict=True)]
    singles = _lexicon(ones_all, counted=ones)
    facets = {meaning: place for place, meaning in enumerate(sorted(set(catalogue.facets.all_meanings())))}
    said = (labels, canonical, [" ".join(p) for p in index.paths])
    sides = [_facet_sets(texts, catalogue) for texts in said]
    bare = [_facet_sets([_BRACKETS.sub(" ", text) for text in texts], catalogue) for texts in said]
    return Printed(
        words,
        singles,
        words.matrix(label_words),
        words.matrix(canonical_words),
        words.matrix(all_words),
        singles.matrix(ones)[0],
        singles.matrix(ones_canonical)[0],
        singles.matrix(ones_all)[0],
        facets,
        _facet_matrix(sides[0], facets),
        _facet_matrix(sides[1], facets),
        _facet_matrix([a | b | c for a, b, c in zip(*sides, strict=True)], facets),
        _facet_matrix(bare[0], facets),
        _facet_matrix([a | b | c for a, b, c in zip(*bare, strict=True)], facets),
        _facets_of_kind(facets, ("strict",), catalogue),
        _facets_of_kind(facets, ("strict", "foreign"), catalogue),
        tuple(_kind_of_target(row.target, catalogue) for row in index.rows),
        tuple(_unit_classes((row.unit, _unit_of(row.target, catalogue)), catalogue) for row in index.rows),
        tuple(
            _windows((*path, row.label, label), catalogue)
            for path, row, label in zip(index.paths, index.rows, canonical, strict=True)
        ),
    )


# Words


def _shared_words(
    labels: Sequence[str], paths: Sequence[str], printed: Printed, catalogue: Catalogue
) -> dict[str, Floats]:
    own = _all(labels, catalogue)
    wide = [a | b for a, b in zip(own, _all(paths, catalogue), strict=True)]
    mine, told = printed.words.matrix(own)
    mine_wide, told_wide = printed.words.matrix(wide)
    label, canonical, everything = printed.label, printed.canonical, printed.everything
    used = np.flatnonzero(mine_wide.any(axis=0))  # a report holds few of all words: the rest multiplies zeros
    weighed, weighed_wide = (one[:, used] * printed.words.weight[used] for one in (mine, mine_wide))
    common = weighed_wide @ canonical[0][:, used].T
    return {
        "label_shared": _dice(weighed @ label[0][:, used].T, told, label[1]),
        "canonical_shared": _dice(weighed @ canonical[0][:, used].T, told, canonical[1]),
        "canonical_shared_with_path": _dice(common, told_wide, canonical[1]),
        "row_covered": weighed @ everything[0][:, used].T / (told[:, None] + 1e-6),
        "canonical_covered": common / (canonical[1][None, :] + 1e-6),
    }


def _single_words(
    labels: Sequence[str], paths: Sequence[str], printed: Printed, catalogue: Catalogue
) -> dict[str, Floats]:
    lexicon = printed.singles
    own = _singles(labels, catalogue)
    mine = lexicon.matrix(own)[0]
    wide = lexicon.matrix([a | b for a, b in zip(own, _singles(paths, catalogue), strict=True)])[0]
    used = np.flatnonzero(wide.any(axis=0))
    mine, wide = mine[:, used], wide[:, used]
    weighed, known = mine * lexicon.weight[used], printed.single_everything[:, used]
    unseen = np.array([sum(word not in lexicon.place for word in words) for words in own], dtype=np.float32)
    label, canonical = printed.single_label * lexicon.weight, printed.single_canonical * lexicon.weight
    return {
        "row_unseen": np.repeat((unseen * lexicon.unseen)[:, None], len(printed.kind), axis=1),
        "row_foreign": weighed.sum(1)[:, None] - weighed @ known.T,
        "row_foreign_words": mine.sum(1)[:, None] - mine @ known.T + unseen[:, None],
        "label_missing": label.sum(1)[None, :] - wide @ label[:, used].T,
        "canonical_missing": canonical.sum(1)[None, :] - wide @ canonical[:, used].T,
    }


def _dice(shared: Floats, left: Floats, right: Floats) -> Floats:
    dice: Floats = 2 * shared / (left[:, None] + right[None, :] + 1e-6)
    return dice


def _all(texts: Iterable[str], catalogue: Catalogue) -> list[Words]:
    return [_words_and_pairs(catalogue.thesaurus.expand(fold(text))) for text in texts]


@lru_cache(maxsize=65536)
def _words_and_pairs(text: str) -> Words:
    """The syllables of a folded text and its pairs of neighbours: a Vietnamese word mostly is such a pair."""
    syllables = text.split()
    pairs = (f"{first} {second}" for first, second in pairwise(syllables))
    return frozenset((*syllables, *pairs))


def _singles(texts: Iterable[str], catalogue: Catalogue) -> list[Words]:
    function_words = catalogue.words.folded("function")
    expanded = (catalogue.thesaurus.expand(fold(text)).split() for text in texts)
    return [frozenset(w for w in words if w not in function_words and not w.isdigit()) for words in expanded]


def _singles_of_paths(index: Index, catalogue: Catalogue) -> list[Words]:
    return _singles([" ".join(core_label(part, catalogue) for part in path) for path in index.paths], catalogue)


def _lexicon(texts: Sequence[Words], counted: Sequence[Words] | None = None) -> Lexicon:
    counts: dict[str, int] = {}
    for words in counted if counted is not None else texts:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    known = sorted({word for words in texts for word in words})
    total = len(texts) + 1
    weight = np.array([math.log(total / (counts.get(word, 0) or 1)) for word in known], dtype=np.float32)
    return Lexicon({word: place for place, word in enumerate(known)}, weight, math.log(total))


def _canonical(target: str, catalogue: Catalogue) -> str:
    indicator = catalogue.indicators.get(target)
    return indicator.label_vi if indicator is not None else ""


# The span of time that a figure covers


@lru_cache(maxsize=16384)
def _windows(texts: tuple[str, ...], catalogue: Catalogue) -> Words:
    """The span that the last of some texts names that names one: outermost heading first, the label last."""
    said = (catalogue.decisive.meanings(text).get(_WINDOW, frozenset()) for text in texts)
    return next((one for one in reversed(list(said)) if one), frozenset())


def _span(rows: Sequence[Row], usual: set[str], printed: Printed, catalogue: Catalogue) -> tuple[Floats, Bools]:
    """Ones where a row names no span, and the one its report goes by is not the printed row's; and where the spans that
    both name have something in common."""
    mine = [_windows((*row.path, row.label), catalogue) for row in rows]
    apart = np.array([len(usual) == 1 and bool(one) and not one & usual for one in printed.windows])
    silent = np.array([not one for one in mine])
    spans = {
        one: np.array([not one or not other or bool(one & other) for other in printed.windows]) for one in set(mine)
    }
    return (silent[:, None] & apart[None, :]).astype(np.float32), np.stack([spans[one] for one in mine])


# Facets


def _facets(
    labels: Sequence[str], paths: Sequence[str], printed: Printed, catalogue: Catalogue
) -> tuple[dict[str, Floats], Bools]:
    own = _facet_matrix(_facet_sets(labels, catalogue), printed.facets)
    wide = np.maximum(own, _facet_matrix(_facet_sets(paths, catalogue), printed.facets))
    missing = np.minimum(
        printed.facet_label.sum(1)[None, :] - wide @ printed.facet_label.T,
        printed.facet_canonical.sum(1)[None, :] - wide @ printed.facet_canonical.T,
    )
    soft = own * (1 - printed.never_foreign)
    foreign = soft.sum(1)[:, None] - soft @ printed.facet_everything.T
    found = {
        "facets_foreign": foreign,
        "facets_missing": missing,
        "facets_shared": own @ np.maximum(printed.facet_label, printed.facet_canonical).T,
    }
    bare = _facet_matrix(_facet_sets([_BRACKETS.sub(" ", label) for label in labels], catalogue), printed.facets)
    strict, theirs = bare * printed.strict, printed.bare_label * printed.strict
    foreign_strict = strict.sum(1)[:, None] - strict @ printed.bare_everything.T
    part = bare * (printed.never_foreign - printed.strict)
    foreign_strict += part.sum(1)[:, None] - part @ printed.facet_everything.T
    missing_strict = theirs.sum(1)[None, :] - wide @ theirs.T
    return found, (foreign_strict < 0.5) & (missing_strict < 0.5)


def _facets_of_kind(facets: Iterable[str], kinds: Sequence[str], catalogue: Catalogue) -> Floats:
    return np.array([catalogue.facet_kinds[meaning] in kinds for meaning in facets], dtype=np.float32)


def _facet_sets(texts: Iterable[str], catalogue: Catalogue) -> list[Words]:
    return [_facet_set(text, catalogue) for text in texts]


@lru_cache(maxsize=65536)
def _facet_set(text: str, catalogue: Catalogue) -> Words:
    """The facets that a text names; "or not?" at its end asks and does not deny."""
    return catalogue.facets.meanings(_without_question(text, catalogue)).get("facet", frozenset())


def _without_question(text: str, catalogue: Catalogue) -> str:
    asked = re.sub(r"[\s?.:;]+$", "", text)
    endings = sorted(catalogue.words.printed("question"), key=len, reverse=True)
    return next((asked[: -len(one)] for one in endings if asked.lower().endswith(" " + one)), asked)


def _facet_matrix(sets: Sequence[Words], places: dict[str, int]) -> Floats:
    found = np.zeros((len(sets), len(places)), dtype=np.float32)
    for row, meanings in enumerate(sets):
        found[row, [places[meaning] for meaning in meanings]] = 1
    return found


# The kind of figure


def row_kind(row: Row, catalogue: Catalogue) -> str:
    """The kind of figure that the unit and the first words of a row ask for: percent, boolean, count or ""."""
    unit, label = fold(row.unit), fold(row.label)
    if (
        "%" in row.unit
        or _ASKS_PERCENT.search(row.label)
        or any(f"{label} ".startswith(f"{word} ") for word in catalogue.words.folded("bare"))
    ):
        return "percent"
    kinds = catalogue.words.folded("unit_kind")
    found = [kinds[word] for word in kinds if f" {word} " in f" {unit} "]
    if found:
        return found[0]
    return "count" if unit and not re.search(r"\d", unit) else ""


def _kind_of_target(target: str, catalogue: Catalogue) -> str:
    indicator = catalogue.indicators.get(target)
    if indicator is None:
        return ""
    kinds = {"count": "count", "decimal": "count", "percent": "percent", "boolean": "boolean", "level": "boolean"}
    return kinds.get(indicator.value_type, "other")


def _same_kind(rows: Sequence[Row], printed: Printed, catalogue: Catalogue) -> Bools:
    mine = np.array([row_kind(row, catalogue) for row in rows], dtype=object)[:, None]
    theirs = np.array(printed.kind, dtype=object)[None, :]
    same: Bools = (mine == "") | (theirs == "") | (mine == theirs)
    return same & _same_unit(rows, printed, catalogue)


def _same_unit(rows: Sequence[Row], printed: Printed, catalogue: Catalogue) -> Bools:
    """Where both sides count things that may be the same, or one does not say what it counts."""
    mine = [_unit_classes((row.unit,), catalogue) for row in rows]
    counted = [
        units if kind == "count" else frozenset() for units, kind in zip(printed.units, printed.kind, strict=True)
    ]
    same: Bools = np.array([[not a or not b or bool(a & b) for b in counted] for a in mine], dtype=np.bool_)
    return same


def _unit_of(target: str, catalogue: Catalogue) -> str:
    indicator = catalogue.indicators.get(target)
    return indicator.unit if indicator is not None else ""


def _unit_classes(units: Iterable[str], catalogue: Catalogue) -> Words:
    """The kinds of thing that units count; a unit nobody listed says nothing."""
    classes = catalogue.words.folded("unit_class")
    found: set[str] = set()
    for unit in units:
        for part in (unit, *_UNIT_PARTS.split(unit)):
            found.update(filter(None, classes.get(fold(part), "").split(";")))
    return frozenset(found)
