"""What the printed rows say, and how texts are read for it: words, facets of what is counted, spans, units."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from normalize.align import Floats
from normalize.catalogue import Catalogue
from normalize.index import Index, build_index, core_label, head_label, unique
from normalize.text import fold, words_of

Words = frozenset[str]
BRACKETS = re.compile(r"\([^()]*\)?")
NEAR_PATH = 2
KINDS = ("", "count", "percent", "boolean", "other")
_WINDOW = "window"
_SPANS = ("month", "quarter", "year_to_date")
_QUESTION_MARK = re.compile(r"[\s?.:;]+$")
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
            unknown = [word for word in words if word not in self.place]
            places = sorted([self.place[word] for word in words if word in self.place])  # sums depend on the order
            known = np.array(places, dtype=np.intp)
            found[row, known] = 1
            pairs = sum(" " in word for word in unknown)
            singles = len(unknown) - pairs
            told[row] = self.weight[known].sum() + self.unseen * (_UNSEEN_WORD * singles + _UNSEEN_PAIR * pairs)
        return found, told


@dataclass(frozen=True, eq=False)
class Side:
    """What one kind of text of the printed rows says: ones by word and row, and how much it tells in all by row."""

    has: Floats
    told: Floats

    @staticmethod
    def of(matrix: Floats, told: Floats | None = None) -> Side:
        """The side of a matrix by row and word; each word tells as much as another where nothing else is said."""
        return Side(np.ascontiguousarray(matrix.T), matrix.sum(1) if told is None else told)


@dataclass(frozen=True, eq=False)
class FacetSides:
    """The facets with their places, which of them are strict and foreign, and what the printed rows say of them;
    ``bare`` is without what stands in brackets."""

    place: dict[str, int]
    strict: Floats
    foreign: Floats
    label: Side
    canonical: Side
    either: Side
    everything: Side
    strict_label: Side
    bare_everything: Side


@dataclass(frozen=True, eq=False)
class Printed:
    """What the printed rows say, over the lexicons of words, single words and facets; sets of units and spans as
    bits."""

    words: Lexicon
    label: Side
    canonical: Side
    everything: Side
    singles: Lexicon
    single_label: Side
    single_canonical: Side
    single_everything: Side
    facets: FacetSides
    kinds: NDArray[np.int64]
    units: NDArray[np.int64]
    heads: NDArray[np.int64]
    windows: NDArray[np.int64]
    stems: NDArray[np.intp]


@lru_cache(maxsize=4)
def build_printed(catalogue: Catalogue) -> Printed:
    """What the printed rows of a catalogue's forms say; made once."""
    index = build_index(catalogue)
    canonical = [_canonical(row.target, catalogue) for row in index.rows]
    labels = [head_label(label, catalogue) for label in index.labels]
    near = [" ".join(core_label(part, catalogue) for part in path[-NEAR_PATH:]) for path in index.paths]
    label, other = words_in(labels, catalogue), words_in(canonical, catalogue)
    words = _lexicon([*label, *other])
    one_label, one_other = single_words(labels, catalogue), single_words(canonical, catalogue)
    bare_label, bare_other = (
        single_words([BRACKETS.sub(" ", text) for text in texts], catalogue) for texts in (labels, canonical)
    )
    one_all = joined(one_label, one_other, _singles_of_paths(index, catalogue))
    singles = _lexicon(one_all, counted=one_label)
    kinds = np.array([KINDS.index(_kind_of_target(row.target, catalogue)) for row in index.rows])
    units = unit_bits([(row.unit, _unit_of(row.target, catalogue)) for row in index.rows], catalogue)
    said = [(*p, row.label, c) for p, row, c in zip(index.paths, index.rows, canonical, strict=True)]
    return Printed(
        words=words,
        label=Side.of(*words.matrix(label)),
        canonical=Side.of(*words.matrix(other)),
        everything=Side.of(*words.matrix(joined(label, other, words_in(near, catalogue)))),
        singles=singles,
        single_label=_weighed(bare_label, singles),
        single_canonical=_weighed(bare_other, singles),
        single_everything=_weighed(one_all, singles),
        facets=_facet_sides(labels, canonical, [" ".join(path) for path in index.paths], catalogue),
        kinds=kinds,
        units=np.where(kinds == KINDS.index("count"), units, 0),
        heads=heads_of(canonical, catalogue),
        windows=bits_of([windows_in(one, catalogue) for one in said], spans(catalogue)),
        stems=unique([_stem(row.target) for row in index.rows])[1],
    )


def _stem(target: str) -> str:
    """What an indicator is called whatever span of time it covers."""
    start, _, last = target.rpartition(".")
    return start if last in _SPANS else target


def _weighed(texts: Sequence[Words], lexicon: Lexicon) -> Side:
    matrix, _ = lexicon.matrix(texts)
    return Side.of(matrix, (matrix * lexicon.weight).sum(1))


def _facet_sides(
    labels: Sequence[str], canonical: Sequence[str], paths: Sequence[str], catalogue: Catalogue
) -> FacetSides:
    facets = {meaning: place for place, meaning in enumerate(sorted(set(catalogue.facets.all_meanings())))}
    own, other, above = (facet_matrix(facet_sets(texts, catalogue), facets) for texts in (labels, canonical, paths))
    without = ([BRACKETS.sub(" ", text) for text in texts] for texts in (labels, canonical, paths))
    bare, bare_other, bare_above = (facet_matrix(facet_sets(texts, catalogue), facets) for texts in without)
    kinds = np.array([catalogue.facet_kinds[meaning] for meaning in facets])
    strict, foreign = (kinds == "strict").astype(np.float32), (kinds == "foreign").astype(np.float32)
    return FacetSides(
        place=facets,
        strict=strict,
        foreign=foreign,
        label=Side.of(own),
        canonical=Side.of(other),
        either=Side.of(np.maximum(own, other)),
        everything=Side.of(np.maximum(np.maximum(own, other), above)),
        strict_label=Side.of(np.minimum(bare, bare_other) * strict),
        bare_everything=Side.of(np.maximum(np.maximum(bare, bare_other), bare_above)),
    )


def joined(*texts: Sequence[Words]) -> list[Words]:
    """All words of the texts that stand in the same place."""
    return [frozenset().union(*words) for words in zip(*texts, strict=True)]


# Words


def words_in(texts: Iterable[str], catalogue: Catalogue) -> list[Words]:
    """The syllables of each text, written out, and its pairs of neighbours."""
    return [_words_and_pairs(catalogue.thesaurus.expand(fold(text))) for text in texts]


@lru_cache(maxsize=65536)
def _words_and_pairs(text: str) -> Words:
    """The syllables of a folded text and its pairs of neighbours: a Vietnamese word mostly is such a pair."""
    syllables = text.split()
    pairs = (f"{first} {second}" for first, second in pairwise(syllables))
    return frozenset((*syllables, *pairs))


def single_words(texts: Iterable[str], catalogue: Catalogue) -> list[Words]:
    """The syllables of each text, written out, without numbers and words that tell nothing."""
    return [_single_words(catalogue.thesaurus.expand(fold(text)), catalogue) for text in texts]


@lru_cache(maxsize=16384)
def _single_words(text: str, catalogue: Catalogue) -> Words:
    function_words = catalogue.words.folded("function")
    return frozenset([word for word in text.split() if word not in function_words and not word.isdigit()])


def _singles_of_paths(index: Index, catalogue: Catalogue) -> list[Words]:
    return single_words([" ".join(core_label(part, catalogue) for part in path) for path in index.paths], catalogue)


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
def windows_in(texts: tuple[str, ...], catalogue: Catalogue) -> Words:
    """The span that the last of some texts names that names one: outermost heading first, the label last."""
    said = (catalogue.decisive.meanings(text).get(_WINDOW, frozenset()) for text in texts)
    return next((one for one in reversed(list(said)) if one), frozenset())


@lru_cache(maxsize=4)
def spans(catalogue: Catalogue) -> dict[str, int]:
    """The spans of time that decisive words name, each with its bit."""
    meanings = (meaning for group, _, meaning in catalogue.decisive.entries if group == _WINDOW)
    return {one: place for place, one in enumerate(sorted({one for said in meanings for one in said.split(";")}))}


def bits_of(sets: Sequence[Words], places: dict[str, int]) -> NDArray[np.int64]:
    """Each set as bits, by the place of each of its words."""
    return np.array([sum(1 << places[one] for one in words) for words in sets], dtype=np.int64)


# Facets


def facet_sets(texts: Iterable[str], catalogue: Catalogue) -> list[Words]:
    """The facets that each text names."""
    return [_facet_set(text, catalogue) for text in texts]


@lru_cache(maxsize=65536)
def _facet_set(text: str, catalogue: Catalogue) -> Words:
    """The facets that a text names; "or not?" at its end asks and does not deny."""
    return catalogue.facets.meanings(_without_question(text, catalogue)).get("facet", frozenset())


def _without_question(text: str, catalogue: Catalogue) -> str:
    asked = _QUESTION_MARK.sub("", text)
    endings = (one for one, _ in catalogue.words.longest_first("question") if asked.lower().endswith(" " + one))
    return next((asked[: -len(one)] for one in endings), asked)


def facet_matrix(sets: Sequence[Words], places: dict[str, int]) -> Floats:
    """Ones where a set holds a facet."""
    found = np.zeros((len(sets), len(places)), dtype=np.float32)
    for row, meanings in enumerate(sets):
        found[row, [places[meaning] for meaning in meanings]] = 1
    return found


# Kinds and units


def _kind_of_target(target: str, catalogue: Catalogue) -> str:
    indicator = catalogue.indicators.get(target)
    if indicator is None:
        return ""
    kinds = {"count": "count", "decimal": "count", "percent": "percent", "boolean": "boolean", "level": "boolean"}
    return kinds.get(indicator.value_type, "other")


def unit_bits(units: Sequence[Iterable[str]], catalogue: Catalogue) -> NDArray[np.int64]:
    """The kinds of thing that some units count, as bits; 0 where none says anything."""
    classes = catalogue.words.folded("unit_class").values()
    places = {one: place for place, one in enumerate(sorted({one for said in classes for one in said.split(";")}))}
    return bits_of([_unit_classes(one, catalogue) for one in units], places)


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


def heads_of(labels: Iterable[str], catalogue: Catalogue) -> NDArray[np.int64]:
    """The kinds of thing that labels count or give a share of, as bits: what the noun after "number of" or "share of"
    names; 0 where there is no such word, or the noun is not listed."""
    return unit_bits([(_head(label, catalogue),) for label in labels], catalogue)


@lru_cache(maxsize=16384)
def _head(label: str, catalogue: Catalogue) -> str:
    words, start = words_of(label).split(), 0
    quantities, classes = catalogue.words.printed("quantity_word"), catalogue.words.printed("unit_class")
    while start < len(words):
        size = next((n for n in (4, 3, 2, 1) if " ".join(words[start : start + n]) in quantities), 0)
        if not size:
            break
        start += size
    if not start:
        return ""
    nouns = (" ".join(words[start : start + n]) for n in (4, 3, 2, 1))
    return next((noun for noun in nouns if noun in classes), "")
