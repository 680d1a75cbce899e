"""Sheets of the workbooks that are handed on: rows of cells of one look, in which text stays text.

A cell is the XML of an .xlsx file from behind its address on, which its row knows; it is made once and only written
then. "" is no cell at all.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

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


Looks = dict[Look, int]
"""The looks that a workbook has by now, each with the number by which its cells name it; 0 is no look."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a sheet: cells from the first column on, height in points (0 as the program likes), and the notes of
    its cells by column, counted from 1."""

    cells: Sequence[str]
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


def text_cell(text: str, look: Look, looks: Looks) -> str:
    """A cell with a text that stays text whatever it begins with."""
    shown = _clean(text)[:_LONGEST_CELL]
    if not shown:
        return empty_cell(look, looks)
    if text.startswith(_RUNS_AS_FORMULA):  # a program would take it for a formula when someone edits it
        look = replace(look, quoted=True)
    return f' s="{_number(look, looks)}" t="inlineStr"><is>{text_element(shown)}</is></c>'


def number_cell(number: float, look: Look | None, looks: Looks) -> str:
    """A cell with a number."""
    style = "" if look is None else f' s="{_number(look, looks)}"'
    return f"{style}><v>{number:.16g}</v></c>"


def formula_cell(formula: str, look: Look, looks: Looks) -> str:
    """A cell with a formula that begins with "="; its value is worked out when the file is opened."""
    return f' s="{_number(look, looks)}"><f>{html.escape(formula[1:], quote=False)}</f><v></v></c>'


def any_cell(value: str | float | None, look: Look, looks: Looks) -> str:
    """A cell with a text, a number or nothing."""
    if value is None:
        return empty_cell(look, looks)
    return text_cell(value, look, looks) if isinstance(value, str) else number_cell(value, look, looks)


def empty_cell(look: Look, looks: Looks) -> str:
    """A cell that only looks."""
    return f' s="{_number(look, looks)}"/>'


def note(text: str) -> str:
    """A text as the note of a cell may hold it."""
    return _clean(text)[:_LONGEST_COMMENT]


def text_element(text: str) -> str:
    """The XML of a text, white space at its ends kept."""
    space = ' xml:space="preserve"' if text != text.strip() else ""
    return f"<t{space}>{html.escape(text, quote=False)}</t>".replace("\r", "&#13;")


@cache  # as many as columns at most
def column_name(number: int) -> str:
    """A for 1, Z for 26, AA for 27."""
    before, letter = divmod(number - 1, 26)
    return (column_name(before) if before else "") + chr(ord("A") + letter)


@lru_cache(maxsize=64)  # the rows of a sheet are of a few lengths
def column_names(count: int) -> tuple[str, ...]:
    """The names of the first columns."""
    return tuple(column_name(number) for number in range(1, count + 1))


def _number(look: Look, looks: Looks) -> int:
    return looks.setdefault(look, len(looks) + 1)


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
