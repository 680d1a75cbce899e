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
LONG_RUN = 5
LEAST_STEPS = 6
MOST_OPEN = 0.3

Run = list[tuple[str, str, bool]]
"""Marks with the digits they stand for, and whether they stand in brackets."""

_NUMBER = re.compile(r"\(?(\S)\s*[.)]?$")
_TEN = re.compile(r"(\S)(\S)\s*[.)]?$")
_DATE = re.compile(r"(?<![^\s(])\S{1,2}([/.-])\S{1,2}\1(\S)(\S)\S\S(?!\S)")


def sequence_digits(
    grids: Iterable[Grid], texts: Iterable[str], letters: Mapping[str, str], places: Mapping[str, tuple[FontCodes, int]]
) -> tuple[dict[str, str], tuple[LetterRepair, ...]]:
    """Find digits by placeholder: from rows of column numbers, and from numberings that agree with what is known."""
    table = {ord(mark): letter for mark, letter in letters.items()}
    texts = list(texts)
    if _share_open(texts, table) > MOST_OPEN:
        return {}, ()
    whole = list(grids)
    columns = [_first_column(grid, table) for grid in whole]
    rows = [run for grid in whole for run in _column_number_rows(grid, table)]
    runs = [run for texts_down in columns for run in _item_numbers(texts_down)]
    sure = _agreed(rows, LEAST_AGREEING) or _agreed([run for run in rows if run[0][2]], 1)
    sure = sure or _agreed([run for run in runs if len(run) >= LONG_RUN], LEAST_AGREEING)
    sure = sure or _agreed([run for down in columns for run in _item_numbers(down) if _is_outline(down, run)], 1)
    matching = [run for run in runs if sum(sure.get(mark) == digit for mark, digit, _ in run) >= 2]
    fitting = [run for run in matching if all(sure.get(mark, digit) == digit for mark, digit, _ in run)]
    found = _distinct({**_agreed(fitting, 1), **sure}, places)
    found = _distinct({**found, **_zeros(texts, table, found)}, places)
    records = [
        LetterRepair(places[mark][0].name, places[mark][1], digit, "sequence", 1.0) for mark, digit in found.items()
    ]
    return found, tuple(records)


def _share_open(texts: Iterable[str], table: Mapping[int, str]) -> float:
    """Share of the marks without a letter: where most letters are open too, an a may pass for a 1."""
    total = opened = 0
    for text in texts:
        total += len(text)
        opened += sum(map(_is_open, text.translate(table)))
    return opened / max(total, 1)


def _agreed(runs: Iterable[Run], least: int) -> dict[str, str]:
    """Digits that at least so many runs give; none at all where any two runs contradict each other."""
    votes: dict[str, list[str]] = {}
    for run in runs:
        for mark, digit, _ in run:
            votes.setdefault(mark, []).append(digit)
    owners = {digits[0]: mark for mark, digits in votes.items()}
    if len(owners) < len(votes) or any(len(set(digits)) > 1 for digits in votes.values()):
        return {}
    return {mark: digits[0] for mark, digits in votes.items() if len(digits) >= least}


def _is_open(letter: str) -> bool:
    return ord(letter) >= FIRST_PLACEHOLDER


def _distinct(found: Mapping[str, str], places: Mapping[str, tuple[FontCodes, int]]) -> dict[str, str]:
    """Drop what two codes of one font both claim."""
    claims: dict[tuple[int, str], int] = {}
    for mark, digit in found.items():
        key = (places[mark][0].number, digit)
        claims[key] = claims.get(key, 0) + 1
    return {mark: digit for mark, digit in found.items() if claims[places[mark][0].number, digit] == 1}


def _column_number_rows(grid: Grid, table: Mapping[int, str]) -> Iterator[Run]:
    """Yield the rows that number every column: one unknown mark in each cell, all different, dressed alike."""
    rows: dict[int, list[str]] = {}
    for cell in sorted(grid.cells, key=lambda cell: (cell.row, cell.column)):
        if cell.column_span == 1:
            rows.setdefault(cell.row, []).append(cell.text.translate(table).strip())
    for texts in rows.values():
        marks = [match.group(1) if (match := _NUMBER.match(text)) else "" for text in texts]
        if not all(mark and _is_open(mark) for mark in marks) or len(texts) != grid.n_columns:
            continue
        shapes = {text.replace(mark, "") for mark, text in zip(marks, texts, strict=True)}
        if len(shapes) == 1 and len(set(marks)) == len(marks) and LEAST_RUN <= len(marks) <= 9:
            yield _numbered(marks, in_brackets=shapes == {"()"})


def _first_column(grid: Grid, table: Mapping[int, str]) -> list[str]:
    """The texts down the first column, without column numbers in brackets."""
    cells = sorted((cell for cell in grid.cells if cell.column == 0), key=lambda cell: cell.row)
    texts = ["".join(cell.text.translate(table).split()) for cell in cells]
    return [text for text in texts if text and not text.startswith("(")]


def _is_outline(texts: Sequence[str], run: Run) -> bool:
    """Whether a run of digits turns a whole column into an outline 1, 2, 2.1, 2.2, 3 ... without one break."""
    digits = {mark: digit for mark, digit, _ in run}
    last: tuple[int, ...] | None = None
    steps = nested = 0
    for text in texts:
        number = _outline_number("".join(digits.get(letter, letter) for letter in text))
        if last is not None and number is not None:
            if number not in {*((*last[:at], last[at] + 1) for at in range(len(last))), (*last, 1)}:
                return False
            steps += 1
            nested += len(number) > 1
        last = number
    return steps >= LEAST_STEPS and nested >= 2


def _outline_number(text: str) -> tuple[int, ...] | None:
    parts = text.rstrip(".)").split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else None


def _item_numbers(texts: Sequence[str]) -> Iterator[Run]:
    """Yield each run of one-digit item numbers down a column; a run ends where its first mark comes again."""
    run: list[str] = []
    for text in [*texts, ""]:
        match = _NUMBER.match(text)
        mark = match.group(1) if match else ""
        ten = _TEN.match(text)
        if mark and _is_open(mark) and mark not in run:
            run.append(mark)
        elif len(run) == 9 and ten and ten.group(1) == run[0] and _is_open(ten.group(2)) and ten.group(2) not in run:
            yield [(ten.group(2), "0", False), *_numbered(run)]
            run = []
        elif not text or (mark and mark in run):
            if len(run) >= LEAST_RUN and len(run) <= 9:
                yield _numbered(run)
            run = [mark] if mark and _is_open(mark) else []


def _numbered(marks: Sequence[str], in_brackets: bool = False) -> Run:
    return [(mark, str(number), in_brackets) for number, mark in enumerate(marks, 1)]


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
