"""Digits for lost codes, from what cannot be anything else: column numbers, item numbers in sequence, dates.

A digit is never voted for by likeness: a figure with one wrong digit looks as right as the true one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from extract.model import LetterRepair
from extract.pdf_codes import FIRST_PLACEHOLDER, FontCodes
from extract.pdf_tables import Grid

LEAST_RUN = 3
LEAST_AGREEING = 2

_NUMBER = re.compile(r"\(?(\S)\s*[.)]?$")
_TEN = re.compile(r"(\S)(\S)\s*[.)]?$")
_DATE = re.compile(r"(?<![^\s(])\S{1,2}([/.-])\S{1,2}\1(\S)(\S)\S\S(?!\S)")


def sequence_digits(
    grids: Iterable[Grid], texts: Iterable[str], letters: Mapping[str, str], places: Mapping[str, tuple[FontCodes, int]]
) -> tuple[dict[str, str], tuple[LetterRepair, ...]]:
    """Find digits by placeholder: those on which two or more sequences of the document agree and none objects."""
    table = {ord(mark): letter for mark, letter in letters.items()}
    votes: dict[str, list[str]] = {}
    for run in (run for grid in grids for run in _sequences(grid, table)):
        for mark, digit in run:
            votes.setdefault(mark, []).append(digit)
    found = {
        mark: digits[0] for mark, digits in votes.items() if len(digits) >= LEAST_AGREEING and len(set(digits)) == 1
    }
    found = _distinct(found, places)
    found.update(_zeros(texts, table, found))
    found = _distinct(found, places)
    records = [
        LetterRepair(places[mark][0].name, places[mark][1], digit, "sequence", 1.0) for mark, digit in found.items()
    ]
    return found, tuple(records)


def _is_open(letter: str) -> bool:
    return ord(letter) >= FIRST_PLACEHOLDER


def _distinct(found: Mapping[str, str], places: Mapping[str, tuple[FontCodes, int]]) -> dict[str, str]:
    """Drop what two codes of one font both claim."""
    claims: dict[tuple[int, str], int] = {}
    for mark, digit in found.items():
        key = (places[mark][0].number, digit)
        claims[key] = claims.get(key, 0) + 1
    return {mark: digit for mark, digit in found.items() if claims[places[mark][0].number, digit] == 1}


def _sequences(grid: Grid, table: Mapping[int, str]) -> Iterator[list[tuple[str, str]]]:
    """Yield the runs 1, 2, 3 ... of one table: rows of column numbers, and item numbers down the first column."""
    rows: dict[int, list[str]] = {}
    first_column: list[str] = []
    for cell in sorted(grid.cells, key=lambda cell: (cell.row, cell.column)):
        text = cell.text.translate(table).strip()
        if cell.column_span == 1:
            rows.setdefault(cell.row, []).append(text)
            if cell.column == 0 and text:
                first_column.append(text)
    for texts in rows.values():
        run = _column_numbers(texts) if len(texts) == grid.n_columns else []
        if run:
            yield run
    yield from _item_numbers(first_column)


def _column_numbers(texts: Sequence[str]) -> list[tuple[str, str]]:
    """A row that numbers every column: one unknown mark in each cell, all different, dressed alike."""
    marks = [match.group(1) if (match := _NUMBER.match(text)) else "" for text in texts]
    shapes = {text.replace(mark, "") for mark, text in zip(marks, texts, strict=True) if mark}
    alike = len(shapes) == 1 and all(marks) and all(_is_open(mark) for mark in marks)
    if not alike or len(set(marks)) < len(marks) or not LEAST_RUN <= len(marks) <= 9:
        return []
    return [(mark, str(number)) for number, mark in enumerate(marks, 1)]


def _item_numbers(texts: Sequence[str]) -> Iterator[list[tuple[str, str]]]:
    """Yield each run of one-digit item numbers down a column; a run ends where its first mark comes again."""
    run: list[str] = []
    for text in [*texts, ""]:
        match = _NUMBER.match(text)
        mark = match.group(1) if match else ""
        if mark and _is_open(mark) and mark not in run:
            run.append(mark)
            continue
        ten = _TEN.match(text)
        if len(run) == 9 and ten and ten.group(1) == run[0] and _is_open(ten.group(2)) and ten.group(2) not in run:
            yield [(ten.group(2), "0"), *_numbered(run)]
            run = []
        elif not text or (mark and mark in run):
            if LEAST_RUN <= len(run) <= 9:
                yield _numbered(run)
            run = [mark] if mark and _is_open(mark) else []


def _numbered(run: Sequence[str]) -> list[tuple[str, str]]:
    return [(mark, str(number)) for number, mark in enumerate(run, 1)]


def _zeros(texts: Iterable[str], table: Mapping[int, str], found: Mapping[str, str]) -> dict[str, str]:
    """The 0 of the years: in a full date whose year begins with 2, the second digit; all dates must agree."""
    seen = {
        match.group(3)
        for text in texts
        for match in _DATE.finditer(text.translate(table))
        if found.get(match.group(2), match.group(2)) == "2"
    }
    marks = {mark for mark in seen if _is_open(mark) and mark not in found}
    return dict.fromkeys(marks, "0") if len(marks) == 1 == len(seen) else {}
