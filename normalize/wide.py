"""Tables with a line for each agency and a column for each indicator, under a header of one or several levels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from extract.model import Cell, Table
from normalize.columns import is_only_time
from normalize.header import Grid, header_role, is_column_numbers, starts_at
from normalize.model import Row
from normalize.outline import bare_number, split_number
from normalize.text import fold, squeeze, strip_bullet
from normalize.values import is_blank, looks_numeric
from normalize.vocabulary import Vocabulary

TOTAL, GROUP_TOTAL, UNKNOWN = "total_row", "group_total", "row_agency_unknown"
"""The flags of lines that are no agency: a total of all, the total of a group, and a line that is not understood."""

_LABEL_COLUMNS = 3
_SEARCHED_ROWS = 12
_LONGEST_NAME = 120
_LONGEST_VALUE = 24
_ENOUGH = 0.6
_FEW = 0.2
_NAMELESS = "?"
"""Stands for a name or a heading that a table with figures does not give."""

_LONGEST_TOTAL = 6
_IN_BRACKETS = re.compile(r"\s*\((?P<unit>[^()]{1,24})\)\s*$")
_GROUP_NUMBER = re.compile(r"^(?:[IVX]{1,5}|[A-ZĐ])$")

NamesAgency = Callable[[str, bool], bool]
"""Whether a text names an agency; ``True`` lets the bare name of a district or commune stand for it."""


@dataclass(frozen=True, slots=True)
class Wide:
    """Where things stand in such a table: the column with the agencies, the columns with figures, the first line.

    ``headings`` are for each column of figures its header from top to bottom and the unit; ``bare`` tells that the
    header lets the bare name of a unit stand for its agency.
    """

    table: Table
    grid: Grid
    label: int
    columns: tuple[int, ...]
    header_row: int
    first_data_row: int
    headings: tuple[tuple[tuple[str, ...], str], ...] = ()
    bare: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of data: what stands in the column of agencies, its number, its group, and what kind of line it is."""

    index: int
    text: str
    group: str = ""
    flag: str = ""


def find_wide(table: Table, grid: Grid, words: Vocabulary, names_agency: NamesAgency) -> Wide | None:
    """How a table with a line for each agency is laid out; ``None`` for any other table."""
    if table.prose or table.n_columns < 2 or len(grid) < 3:
        return None
    for label in range(min(_LABEL_COLUMNS, table.n_columns - 1)):
        first = _first_agency(grid, label, words, names_agency)
        if first is None:
            continue
        columns = tuple(_value_columns(grid, label, first, words))
        header_row, first_data_row = _header_rows(grid, label, columns, first)
        if columns and header_row < first_data_row and any(_is_numeric(grid, column, first) for column in columns):
            found = Wide(table, grid, label, columns, header_row, first_data_row)
            headings = tuple(_heading(found, column, words) for column in columns)
            bare = any(_heads_agencies(_text(row, label), words) for row in grid[:first_data_row])
            return replace(found, headings=headings, bare=bare)
    return None


def continued(before: Wide, table: Table, grid: Grid, words: Vocabulary, names_agency: NamesAgency) -> Wide | None:
    """A table without a header as the continuation of the one before; ``None`` where it has no such lines."""
    if table.prose or not grid or table.n_columns != before.table.n_columns:
        return None
    found = replace(before, table=table, grid=grid, header_row=0, first_data_row=0)
    agencies = sum(line.flag == "" for line in _lines(found, words, names_agency))
    lines = sum(bool(_text(row, before.label)) for row in grid)
    return found if agencies and agencies >= _ENOUGH * (lines - 1) else None


def wide_rows(wide: Wide, above: Sequence[str], words: Vocabulary, names_agency: NamesAgency) -> Iterator[Row]:
    """A row for each thing that columns of figures are about: that of the first line, with those of the other lines and
    of columns of other times beside it.

    ``above`` is the caption of the table. The printed label is the header from top to bottom without the unit in
    brackets; the upper headings are the path, unless the lowest one says nothing by itself ("total", "rate").
    """
    lines = list(_lines(wide, words, names_agency))
    about: dict[tuple[tuple[str, ...], str], list[Row]] = {}
    for column, (parts, unit) in zip(wide.columns, wide.headings, strict=True):
        path, label = _split(parts or (_NAMELESS,), words)
        for line in lines:
            row = _row(wide, line, column, parts, unit)
            if row is not None:
                time = " / ".join(part for part in parts if is_only_time(part, words))
                own = replace(row, label=label, path=(*above, *path), column=time)
                about.setdefault((path, label), []).append(own)
    for rows in about.values():
        yield replace(rows[0], beside=tuple(rows[1:]))


# Which column names the agencies, and where the lines begin


def _first_agency(grid: Grid, label: int, words: Vocabulary, names_agency: NamesAgency) -> int | None:
    """The first line of an agency, where most of what follows in the column are names of agencies, each its own."""
    texts = [_text(row, label) if row[label] is not row[label + 1] else "" for row in grid]
    numbered = sum(looks_numeric(text) for text in texts)
    if numbered > _FEW * len(texts) or any(header_role(text, words) == "label" for text in texts[:_SEARCHED_ROWS]):
        return None
    bare = any(_heads_agencies(text, words) for text in texts[:_SEARCHED_ROWS])
    agencies = [index for index, text in enumerate(texts) if _may_name(text) and names_agency(_name(text), bare)]
    if len(agencies) < 2:
        return None
    others = {text for text in texts[agencies[0] :] if re.search(r"[^\W\d_]{2}", text) and not is_total(text, words)}
    named = {texts[index] for index in agencies}
    enough = len(named) >= _ENOUGH * len(others) and len(named) >= _ENOUGH * len(agencies)
    return agencies[0] if enough else None


def _may_name(text: str) -> bool:
    return 2 < len(text) <= _LONGEST_NAME and not looks_numeric(text)


def _heads_agencies(text: str, words: Vocabulary) -> bool:
    padded = f" {fold(text)} "
    return len(padded) < 60 and any(f" {word} " in padded for word in words.folded("agency_header"))


def is_total(text: str, words: Vocabulary) -> bool:
    """Whether a line is a total by its name."""
    folded = fold(_name(text))
    rests = [folded[len(word) :].split() for word in words.folded("total") if f"{folded} ".startswith(f"{word} ")]
    return any(not rest or (rest[0] in words.folded("total_of") and len(rest) < _LONGEST_TOTAL) for rest in rests)


def _value_columns(grid: Grid, label: int, first: int, words: Vocabulary) -> Iterator[int]:
    """The columns right of the names that hold short answers and are not headed as notes."""
    for column in range(label + 1, len(grid[0])):
        texts = [text for row in grid[first:] if (text := _text(row, column)) and row[column] is not row[label]]
        heads = {_text(row, column) for row in grid[:first]}
        note = any(header_role(text, words) in ("note", "unit") for text in heads if text)
        long = sum(len(text) > _LONGEST_VALUE for text in texts)
        if (any(heads) or any(map(looks_numeric, texts))) and not note and long * 2 <= len(texts):
            yield column


def _is_numeric(grid: Grid, column: int, first: int) -> bool:
    texts = [text for row in grid[first:] if (text := _text(row, column))]
    return bool(texts) and sum(looks_numeric(text) for text in texts) * 2 >= len(texts)


def _header_rows(grid: Grid, label: int, columns: Sequence[int], first: int) -> tuple[int, int]:
    """The first row of the header and the first of the data: lines with figures above the first agency are totals."""
    data = first
    while data > 0 and (_is_data(grid[data - 1], columns) or _is_group(grid[data - 1], label, columns)):
        data -= 1
    start = data
    while start > 0 and len({id(cell) for cell in grid[start - 1] if cell is not None and cell.text.strip()}) > 1:
        start -= 1
    return start, data


def _is_data(row: Sequence[Cell | None], columns: Sequence[int]) -> bool:
    """Whether a row above the first agency is a line of data: it has figures (and is no count of columns), or a name
    alone."""
    texts = [_text(row, column) for column in columns]
    if is_column_numbers([_text(row, column) for column in range(len(row))]):
        return False
    filled = [text for text in texts if text]
    return bool(filled) and all(looks_numeric(text) for text in filled)


def _is_group(row: Sequence[Cell | None], label: int, columns: Sequence[int]) -> bool:
    """Whether a row names a group: it has a name and nothing in the columns of figures."""
    filled = [column for column in columns if _text(row, column) and row[column] is not row[label]]
    return bool(_text(row, label)) and not filled


# Headings


def _heading(wide: Wide, column: int, words: Vocabulary) -> tuple[tuple[str, ...], str]:
    """The header of a column from top to bottom, each part once, and the unit that one of them gives in brackets."""
    parts: list[str] = []
    unit = ""
    for row in wide.grid[wide.header_row : wide.first_data_row]:
        text = _text(row, column)
        if is_column_numbers([_text(row, place) for place in range(len(row))]):
            continue
        found = _IN_BRACKETS.search(text)
        if found and is_unit(found["unit"], words):
            text, unit = text[: found.start()].strip(), squeeze(found["unit"])
        if text and text not in parts:
            parts.append(text)
    return tuple(parts), unit


def _split(parts: Sequence[str], words: Vocabulary) -> tuple[tuple[str, ...], str]:
    """The headings above, and the label: the lowest heading, with what is above it while it says nothing by itself.

    Headings that name a time belong to neither.
    """
    timeless = [part for part in parts if not is_only_time(part, words)] or list(parts)
    kept = [part for part in timeless if fold(part) not in words.folded("connective")] or timeless
    label: list[str] = []
    while kept and (not label or _says_nothing(label[0], words)):
        label.insert(0, kept.pop())
    return tuple(kept), " - ".join(label)


def _says_nothing(text: str, words: Vocabulary) -> bool:
    folded = fold(text)
    return folded in words.folded("bare") or folded in words.folded("total") or folded in words.folded("header")


def is_unit(text: str, words: Vocabulary) -> bool:
    """Whether a text in brackets is a unit of measure."""
    folded = re.sub(r"^(?:dvt|don vi tinh|don vi) ", "", fold(text))
    uses = ("unit_class", "counted", "unit_kind")
    return text.strip() == "%" or any(folded in words.folded(use) for use in uses)


# Lines


def _lines(wide: Wide, words: Vocabulary, names_agency: NamesAgency) -> Iterator[_Line]:
    indices = range(wide.first_data_row, len(wide.grid))
    numbers = {index: _number(wide, index) for index in indices}
    grouped = any(_GROUP_NUMBER.match(one) for one in numbers.values()) and any(
        one.isdigit() for one in numbers.values()
    )
    group = ""
    for index in indices:
        text = _text(wide.grid[index], wide.label)
        nameless = not re.search(r"[^\W\d_]{2}", text)
        if is_column_numbers(_texts(wide.grid[index])) or (nameless and not _is_filled(wide, index, words)):
            continue
        if nameless:
            yield _Line(index, text or _NAMELESS, group, UNKNOWN)
        elif is_total(text, words):
            yield _Line(index, text, "", TOTAL)
        elif (grouped and _GROUP_NUMBER.match(numbers[index])) or not _has_own_cells(wide, index):
            group = _name(text)
            yield _Line(index, text, group, GROUP_TOTAL)
        else:
            yield _Line(index, text, group, "" if names_agency(_name(text), wide.bare) else UNKNOWN)


def _is_filled(wide: Wide, index: int, words: Vocabulary) -> bool:
    row = wide.grid[index]
    return any(not is_blank(_text(row, column), words) for column in wide.columns if row[column] is not row[wide.label])


def _number(wide: Wide, index: int) -> str:
    """The item number of a line: in the column left of the names, or before the name."""
    row = wide.grid[index]
    left = _text(row, wide.label - 1) if wide.label and row[wide.label - 1] is not row[wide.label] else ""
    return bare_number(left or split_number(_text(row, wide.label))[0])


def _has_own_cells(wide: Wide, index: int) -> bool:
    """Whether a line has cells for figures beside its name, even empty ones."""
    row = wide.grid[index]
    return any(row[column] is not row[wide.label] and row[column] is not None for column in wide.columns)


def _row(wide: Wide, line: _Line, column: int, parts: Sequence[str], unit: str) -> Row | None:
    """The figure of one line in one column; ``None`` where no cell of that line begins there."""
    cell = wide.grid[line.index][column]
    if cell is None or not starts_at(cell, wide.table, line.index, column):
        return None
    label = squeeze(" - ".join(parts)) or _NAMELESS
    flags = (line.flag,) if line.flag else ()
    name = _name(line.text) or _NAMELESS
    agency = f"{name}\n{line.group}" if line.group else name
    return Row(cell.place, 0, "", label, label, unit, (), cell, "", flags, agency=agency)


@lru_cache(maxsize=16384)
def _name(text: str) -> str:
    return squeeze(split_number(strip_bullet(text))[1])


def _text(row: Sequence[Cell | None], column: int) -> str:
    cell = row[column]
    return squeeze(cell.text) if cell is not None else ""


def _texts(row: Sequence[Cell | None]) -> list[str]:
    return [_text(row, column) for column in range(len(row))]
