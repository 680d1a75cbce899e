"""Where a row stands in the outline of a form: item numbers, bullets, headings, and the path of labels above it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from normalize.text import fold, squeeze, strip_bullet

_DOTTED = r"\d{1,3}(?:[.,]\d{1,3})+"
_LEADING = re.compile(
    rf"^\s*(?P<number>\(?(?:{_DOTTED}[.)]?(?=\s)|\d{{1,2}}[.)](?=[\s\D])|[IVX]{{1,5}}[.)](?=\s)|[a-zđ][.)](?=\s)|[ivx]{{1,4}}[.)](?=\s)))\)?\s*(?P<rest>\S.*)$",
    re.DOTALL,
)
_LONGEST_LABEL = 300
_INTEGER = re.compile(r"\d{1,3}")
_DECIMAL = re.compile(r"\d{1,3}(\.\d{1,3})+")
_ROMAN = re.compile(r"^[IVX]{1,5}$")
_SMALL_ROMAN = re.compile(r"^[ivx]{1,4}$")
SECTION, ROMAN, INTEGER, LETTER, SMALL_ROMAN, HEADING, LEAF = 0, 10, 20, 40, 45, 50, 90


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the outline: its rank (smaller is nearer the top) and its label."""

    rank: int
    label: str


def split_number(text: str) -> tuple[str, str]:
    """An item number at the beginning of a label, and the label without it ("" when there is none)."""
    found = _LEADING.match(text)
    if not found:
        return "", text
    return found["number"].strip(), found["rest"].strip()


def bare_number(number: str) -> str:
    """An item number in one spelling: "4,1" and "4.1." are "4.1", "(a)" and "a)" are "a"."""
    return squeeze(number).strip("().:").replace(",", ".").replace(" ", "")


def rank_of(number: str, label: str, heading: bool, above: tuple[Entry, ...]) -> int:
    """The rank that a number (or its absence) gives a row, under the entries that stand above it."""
    bare = bare_number(number) if number else ""
    if not bare:
        return HEADING if heading else LEAF
    if _INTEGER.fullmatch(bare):
        return INTEGER
    if _DECIMAL.fullmatch(bare):
        return INTEGER + 2 * bare.count(".")
    if _SMALL_ROMAN.match(bare) and (len(bare) > 1 or any(entry.rank == LETTER for entry in above)):
        return SMALL_ROMAN
    if _ROMAN.match(bare):
        return ROMAN
    if len(bare) == 1 and bare.isalpha():
        return LETTER if bare.islower() else ROMAN - 5
    return SECTION


def is_heading(label: str, unit: str, has_value_text: bool) -> bool:
    """Whether an unnumbered row opens a group: it has no unit and no value, and is more than a bare word."""
    return not unit.strip() and not has_value_text and len(fold(label)) > 3


def path_above(above: tuple[Entry, ...], rank: int) -> tuple[Entry, ...]:
    """The entries that a row of this rank stands under."""
    return tuple(entry for entry in above if entry.rank < rank)


def short_label(label: str) -> str:
    """A label as a path shows it: on one line, without bullet and closing colon."""
    return squeeze(strip_bullet(label))[:_LONGEST_LABEL].rstrip(":").strip()
