"""What speaks for and against a candidate, as codes of messages with a detail each."""

from __future__ import annotations

from collections.abc import Iterator

from normalize.catalogue import Catalogue
from normalize.index import Index, core_label
from normalize.model import Row
from normalize.printed import single_words
from normalize.similarity import Agreement
from normalize.text import fold, squeeze, words_of

_STRONG_PATH = 0.9
_WORDS_TOLD = 6


def reasons(
    row: Row, place: int, column: int, agreement: Agreement, index: Index, catalogue: Catalogue, possible: bool
) -> tuple[str, ...]:
    """Each reason as ``code`` or ``code detail``: how alike the labels are, what of the rest agrees or does not, which
    words only one of the two has, and whether something rules the pair out."""
    found = [f"evidence_label {100 * agreement.label[place, column]:.0f}"]
    found += _signs(place, column, agreement)
    found += _words(row, column, index, catalogue)
    if not agreement.possible[place, column]:
        found.append("evidence_decisive_differs")
    elif not possible:
        found.append("evidence_excluded")
    return tuple(found)


def _signs(place: int, column: int, agreement: Agreement) -> Iterator[str]:
    if agreement.path[place, column] >= _STRONG_PATH:
        yield "evidence_path_agrees"
    for name, sign in (("number", agreement.number[place, column]), ("unit", agreement.unit[place, column])):
        if sign:
            yield f"evidence_{name}_{'agrees' if sign > 0 else 'differs'}"
    if agreement.agreed[place, column]:
        yield f"evidence_decisive_agrees {agreement.agreed[place, column]:.0f}"
    if agreement.doubt[place, column]:
        yield f"evidence_decisive_one_sided {agreement.doubt[place, column]:.0f}"


def _words(row: Row, column: int, index: Index, catalogue: Catalogue) -> Iterator[str]:
    """The words of the row that the printed row has nowhere, and those of the indicator that the row lacks."""
    label = core_label(squeeze(row.label), catalogue)
    indicator = catalogue.indicators[index.targets[index.codes[column]]].label_vi
    mine, above = single_words((label, " ".join(row.path)), catalogue)
    printed = " ".join((*index.paths[column], index.labels[column], indicator))
    everything, asked = single_words((printed, indicator), catalogue)
    for code, text, words in (
        ("evidence_row_adds", label, mine - everything),
        ("evidence_row_lacks", indicator, asked - mine - above),
    ):
        told = [word for word in words_of(text).split() if fold(word) in words] if words else []
        if told:
            yield f"{code} {', '.join(list(dict.fromkeys(told))[:_WORDS_TOLD])}"
