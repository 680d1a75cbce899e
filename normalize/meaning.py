"""How much of what a row says a printed row says too, and the other way round: words, and facets of what is counted.

Reworded labels share few runs of letters with the printed ones; what they share is words. A word tells the more the
fewer labels hold it. Facets are the words that name a side of a thing (payment, signature, late, laptop ...): one that
only the row or only the printed row has speaks against the pair, and a strict one forbids it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from normalize.align import Bools, Floats
from normalize.catalogue import Catalogue
from normalize.index import core_label
from normalize.model import Row
from normalize.printed import (
    BRACKETS,
    KINDS,
    NEAR_PATH,
    FacetSides,
    Printed,
    bits_of,
    build_printed,
    facet_matrix,
    facet_sets,
    heads_of,
    joined,
    single_words,
    spans,
    unit_bits,
    windows_in,
    words_in,
)
from normalize.text import fold, squeeze

_ASKS_PERCENT = re.compile(r"[^\d\s]\s*%")
_REPORTED = ("month", "quarter")


def features(
    rows: Sequence[Row], catalogue: Catalogue, only: Sequence[int], span: str = ""
) -> tuple[dict[str, Floats], Bools, Bools]:
    """Named matrices over some rows of a report and the printed rows; where the kind of figure and its span allow a
    pair; and where the strict facets do. ``span`` is what the report covers, for reports no row of which says so."""
    printed = build_printed(catalogue)
    named = (windows_in((*row.path, squeeze(row.label)), catalogue) for row in rows)
    usual = {one for words in named for one in words if one in _REPORTED} or ({span} if span in _REPORTED else set())
    rows = [rows[place] for place in only]
    labels = [core_label(squeeze(row.label), catalogue) for row in rows]
    paths = [" ".join(core_label(part, catalogue) for part in row.path[-NEAR_PATH:]) for row in rows]
    found = _shared_words(labels, paths, printed, catalogue)
    found |= _single_words(labels, paths, printed, catalogue)
    facet_features, allowed = _facets(labels, [" ".join(row.path) for row in rows], printed.facets, catalogue)
    found |= facet_features
    found["other_window"], same_window = _span(rows, usual, printed, catalogue)
    same_kind, counted = _same_kind(rows, printed, catalogue)
    return found | counted, same_window & same_kind, allowed


# Words


def _shared_words(
    labels: Sequence[str], paths: Sequence[str], printed: Printed, catalogue: Catalogue
) -> dict[str, Floats]:
    own = words_in(labels, catalogue)
    mine, told = printed.words.matrix(own)
    mine_wide, told_wide = printed.words.matrix(joined(own, words_in(paths, catalogue)))
    label, canonical, everything = printed.label, printed.canonical, printed.everything
    used = np.flatnonzero(mine_wide.any(axis=0))  # a report holds few of all words: the rest multiplies zeros
    weighed, weighed_wide = (one[:, used] * printed.words.weight[used] for one in (mine, mine_wide))
    in_canonical = canonical.has[used]
    common = weighed_wide @ in_canonical
    return {
        "label_shared": _dice(weighed @ label.has[used], told, label.told),
        "canonical_shared": _dice(weighed @ in_canonical, told, canonical.told),
        "canonical_shared_with_path": _dice(common, told_wide, canonical.told),
        "row_covered": weighed @ everything.has[used] / (told[:, None] + 1e-6),
        "canonical_covered": common / (canonical.told[None, :] + 1e-6),
    }


def _single_words(
    labels: Sequence[str], paths: Sequence[str], printed: Printed, catalogue: Catalogue
) -> dict[str, Floats]:
    lexicon = printed.singles
    own, bare = single_words(labels, catalogue), single_words([BRACKETS.sub(" ", label) for label in labels], catalogue)
    mine = lexicon.matrix(bare)[0]
    wide = lexicon.matrix(joined(own, single_words(paths, catalogue)))[0]
    used = np.flatnonzero(wide.any(axis=0))
    mine, wide = mine[:, used], wide[:, used] * lexicon.weight[used]
    weighed, known = mine * lexicon.weight[used], printed.single_everything.has[used]
    unseen = np.array([sum(word not in lexicon.place for word in words) for words in bare], dtype=np.float32)
    label, canonical = printed.single_label, printed.single_canonical
    return {
        "row_unseen": np.repeat((unseen * lexicon.unseen)[:, None], len(printed.kinds), axis=1),
        "row_foreign": weighed.sum(1)[:, None] - weighed @ known,
        "row_foreign_words": mine.sum(1)[:, None] - mine @ known + unseen[:, None],
        "label_missing": label.told[None, :] - wide @ label.has[used],
        "canonical_missing": canonical.told[None, :] - wide @ canonical.has[used],
    }


def _dice(shared: Floats, left: Floats, right: Floats) -> Floats:
    dice: Floats = 2 * shared / (left[:, None] + right[None, :] + 1e-6)
    return dice


# The span of time that a figure covers


def _span(rows: Sequence[Row], usual: set[str], printed: Printed, catalogue: Catalogue) -> tuple[Floats, Bools]:
    """Ones where a row names no span, and the one its report goes by is not the printed row's; and where the spans that
    both name have something in common. Of a thing that is counted over several spans a row that names none means the
    one that its report goes by."""
    mine = bits_of([windows_in((*row.path, row.label), catalogue) for row in rows], spans(catalogue))
    theirs, by = printed.windows, bits_of([frozenset(usual)], spans(catalogue))[0]
    silent = (mine == 0)[:, None]
    apart = (theirs != 0) & (theirs & by == 0) & (len(usual) == 1)
    also_usual = apart & np.isin(printed.stems, printed.stems[(theirs & by) != 0])
    same = silent | (theirs == 0)[None, :] | ((mine[:, None] & theirs[None, :]) != 0)
    return (silent & apart[None, :]).astype(np.float32), same & ~(silent & also_usual[None, :])


def span_is_assumed(row: Row, column: int, catalogue: Catalogue) -> bool:
    """Whether a printed row covers a span of time that neither the label of a row nor its headings name."""
    return bool(build_printed(catalogue).windows[column]) and not windows_in((*row.path, row.label), catalogue)


# Facets


def _facets(
    labels: Sequence[str], paths: Sequence[str], facets: FacetSides, catalogue: Catalogue
) -> tuple[dict[str, Floats], Bools]:
    mine = facet_matrix(facet_sets(labels, catalogue), facets.place)
    whole = np.maximum(mine, facet_matrix(facet_sets(paths, catalogue), facets.place))
    plain = facet_matrix(facet_sets([BRACKETS.sub(" ", label) for label in labels], catalogue), facets.place)
    used = np.flatnonzero(np.maximum(whole, plain).any(axis=0))
    own, wide, bare = mine[:, used], whole[:, used], plain[:, used]
    is_strict, is_foreign, everything = facets.strict[used], facets.foreign[used], facets.everything.has[used]
    missing = np.minimum(
        facets.label.told[None, :] - wide @ facets.label.has[used],
        facets.canonical.told[None, :] - wide @ facets.canonical.has[used],
    )
    soft = own * (1 - is_strict) * (1 - is_foreign)
    found = {
        "facets_foreign": soft.sum(1)[:, None] - soft @ everything,
        "facets_missing": missing,
        "facets_shared": own @ facets.either.has[used],
    }
    strict, foreign = bare * is_strict, bare * is_foreign
    foreign_strict = (strict.sum(1) + foreign.sum(1))[:, None] - strict @ facets.bare_everything.has[used]
    foreign_strict -= foreign @ everything
    missing_strict = facets.strict_label.told[None, :] - wide @ facets.strict_label.has[used]
    return found, (foreign_strict < 0.5) & (missing_strict < 0.5)


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


def _same_kind(rows: Sequence[Row], printed: Printed, catalogue: Catalogue) -> tuple[Bools, dict[str, Floats]]:
    """Where both sides are the same kind of figure and count things that may be the same, by the unit and by the noun
    that the label counts, or one does not say; and ones where both say the same unit, and noun."""
    kinds = np.array([KINDS.index(row_kind(row, catalogue)) for row in rows])[:, None]
    units = unit_bits([(row.unit,) for row in rows], catalogue)[:, None]
    heads = heads_of([row.label for row in rows], catalogue)[:, None]
    same_unit, same_head = (units & printed.units[None, :]) != 0, (heads & printed.heads[None, :]) != 0
    possible: Bools = (kinds == 0) | (printed.kinds == 0)[None, :] | (kinds == printed.kinds[None, :])
    possible = possible & ((units == 0) | (printed.units == 0)[None, :] | same_unit)
    possible = possible & ((heads == 0) | (printed.heads == 0)[None, :] | same_head)
    return possible, {"same_unit": same_unit.astype(np.float32), "same_head": same_head.astype(np.float32)}
