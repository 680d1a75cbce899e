"""Sheets of the workbooks that are handed on: rows of cells that look alike, in which text stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import NamedTuple

FILLS = {
    "header": "D9E2F3",
    "heading": "F2F2F2",
    "finding": "FFC7CE",
    "doubt": "FFF2CC",
    "total": "E2EFDA",
    "submitted": "C6E0B4",
    "late": "FFE699",
    "partial": "FFF2CC",
    "resubmitted": "BDD7EE",
    "missing": "F8A5A5",
    "answer": "FFFFE0",
}
"""Colour by what a cell is."""

MOST_COLUMNS = 16_384
"""How many columns a sheet may have."""

_LONGEST_COMMENT, _LONGEST_CELL = 1500, 32767
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_RUNS_AS_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks: ``colour`` is one of ``FILLS`` or "", ``where`` its text stands ("" as the program likes)."""

    bold: bool = False
    size: int = 11
    colour: str = ""
    lines: bool = False
    where: str = ""
    wrap: bool = False
    indent: int = 0
    number_format: str = "General"
    quoted: bool = False


class Cell(NamedTuple):
    """A text, a number, a formula, or nothing, and how it looks; without either there is no cell."""

    value: str | float | None = None
    look: Look | None = None
    is_formula: bool = False


NO_CELL = Cell()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a sheet: cells from the first column on, height in points (0 as the program likes), and the notes of
    its cells by column, counted from 1."""

    cells: Sequence[Cell]
    height: float = 0
    notes: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet; ``rows`` are gone through once.

    The lines down to ``header_row`` stay in sight, as do the first ``fixed_columns``; that row filters what is below it
    to ``last_row``. Where ``pages_across`` is given, a page is A3 landscape with the header on each, the first
    ``printed_columns`` too, and the ``footer``. ``choices`` are cells and the formula of the list to pick from there.
    """

    name: str
    rows: Iterable[Row]
    widths: Sequence[float] = ()
    header_row: int = 0
    last_row: int = 0
    fixed_columns: int = 0
    printed_columns: int = 0
    pages_across: int = 0
    footer: str = ""
    choices: tuple[str, str] = ("", "")
    hidden: bool = False


def text_cell(text: str, look: Look) -> Cell:
    """A cell with a text that stays text whatever it begins with."""
    shown = _clean(text)[:_LONGEST_CELL]
    if text.startswith(_RUNS_AS_FORMULA):  # a program would take it for a formula when someone edits it
        look = _quoted(look)
    return Cell(shown or None, look)


def number_cell(number: float, look: Look | None) -> Cell:
    """A cell with a number."""
    return Cell(number, look)


def formula_cell(formula: str, look: Look) -> Cell:
    """A cell with a formula that begins with "="; its value is worked out when the file is opened."""
    return Cell(formula, look, True)


def any_cell(value: str | float | None, look: Look) -> Cell:
    """A cell with a text, a number or nothing."""
    return text_cell(value, look) if isinstance(value, str) else Cell(value, look)


def empty_cell(look: Look) -> Cell:
    """A cell that only looks."""
    return Cell(None, look)


def note(text: str) -> str:
    """A text as the note of a cell may hold it."""
    return _clean(text)[:_LONGEST_COMMENT]


@cache  # as many as columns at most
def column_name(number: int) -> str:
    """A for 1, Z for 26, AA for 27."""
    before, letter = divmod(number - 1, 26)
    return (column_name(before) if before else "") + chr(ord("A") + letter)


@lru_cache(maxsize=64)
def _quoted(look: Look) -> Look:
    return replace(look, quoted=True)


def _clean(text: str) -> str:
    """The text as a cell can hold it; its lines end as they do in cells."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
