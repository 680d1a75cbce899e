"""List tables (online services, applications ...): which list a table is, and its entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from extract.model import Cell, Place, Table
from normalize.header import Grid, is_column_numbers, starts_at
from normalize.model import Form, FormList, ListEntry
from normalize.outline import bare_number
from normalize.text import fold, is_damaged, squeeze, survive
from normalize.values import is_blank
from normalize.vocabulary import Vocabulary

_SEARCHED_ROWS = 12
_ENOUGH = 0.72
_EPSILON = 1e-9
_MORE_COLUMNS = 2
"""How many columns a table may have beyond those of a list; one may lack."""


@dataclass(frozen=True, slots=True)
class ListTable:
    """A table taken for a list: the lists it may be with their scores, best first, and where its data begins and ends.

    Rows after ``end_row`` are lines of text that share the sheet with the list.
    """

    table: Table
    grid: Grid
    first_data_row: int
    end_row: int
    candidates: tuple[tuple[float, FormList, tuple[int, ...]], ...]


def find_list(table: Table, grid: Grid, captions: Sequence[str], forms: Iterable[Form]) -> ListTable | None:
    """The list that a table is by its column headings and the lines above it; ``None`` for any other table."""
    if table.n_columns < 3 or table.prose:
        return None
    found: list[tuple[float, FormList, tuple[int, ...], int]] = []
    lists = [one for form in forms for one in form.lists]
    sizes = {len(one.headers) + more for one in lists for more in range(-1, _MORE_COLUMNS + 1)}
    texts = [[squeeze(cell.text) if cell is not None else "" for cell in row] for row in grid[: _SEARCHED_ROWS + 1]]
    for start in range(min(_SEARCHED_ROWS, len(grid))):
        for height in (1, 2):
            rows = texts[start : start + height]
            filled = sum(map(any, zip(*rows, strict=True)))
            if filled not in sizes:
                continue
            headings = tuple(map(_joined, *rows))
            for form_list in lists:
                if not -1 <= filled - len(form_list.headers) <= _MORE_COLUMNS:
                    continue
                share, columns = _agreement(headings, form_list.headers)
                if share >= _ENOUGH:
                    found.append((share, form_list, columns, start + height))
    if not found:
        return None
    best = max(share for share, *_ in found)
    above = (*captions, *_texts(grid[: max(end for share, _, _, end in found if share == best)]))
    kept = {}
    for share, form_list, columns, end in sorted(found, key=lambda item: item[0]):
        score = share + 0.5 * max((likeness(line, form_list.caption) for line in above), default=0.0)
        kept[(form_list.form_id, form_list.list_id)] = (score, form_list, columns, end)
    ranked = sorted(kept.values(), key=lambda item: -item[0])
    first = _after_column_numbers(grid, ranked[0][3])
    candidates = tuple((score, one, columns) for score, one, columns, _ in ranked)
    return ListTable(table, grid, first, last_entry_row(grid, first) + 1, candidates)


def last_entry_row(grid: Grid, first: int) -> int:
    """The last row of a grid, from ``first`` on, in which at least two cells are filled, else ``first - 1``."""
    filled = [len({id(cell) for cell in row if cell is not None and cell.text.strip()}) for row in grid]
    return max((index for index in range(first, len(grid)) if filled[index] > 1), default=first - 1)


def read_entries(found: ListTable, form_ids: Sequence[str], words: Vocabulary) -> tuple[ListEntry, ...]:
    """The entries of a list table as the list of one of the report's forms, when one of them fits about as well."""
    best = found.candidates[0][0]
    close = [item for item in found.candidates if item[0] >= best - 0.1]
    _, form_list, columns = next((item for item in close if item[1].form_id in form_ids), close[0])
    section, entries = "", []
    for index in range(found.first_data_row, found.end_row):
        row = found.grid[index]
        own = [cell for column, cell in enumerate(row) if starts_at(cell, found.table, index, column)]
        filled = [cell for cell in own if cell is not None and not is_blank(cell.text, words)]
        title = _section_title(filled, found.table.n_columns)
        if title:
            section = title
            continue
        values = tuple((field, _text(row, column)) for field, column in zip(form_list.fields, columns, strict=True))
        item_no = bare_number(dict(values).get("tt", ""))
        told = [value for field, value in values if field != "tt" and not is_blank(value, words)]
        if told:
            place = Place(filled[0].place.page, found.table.place.sheet, found.table.place.table, filled[0].place.row)
            kept = tuple((field, value) for field, value in values if field != "tt")
            entries.append(ListEntry(place, form_list.form_id, form_list.list_id, section, item_no, kept))
    return tuple(entries)


def likeness(text: str, wanted: str) -> float:
    """How alike two texts are (0-1): folded, or by the letters that damage left."""
    if is_damaged(text) and len(survive(wanted)) > 3:
        return fuzz.ratio(survive(text), survive(wanted)) / 100
    return fuzz.ratio(fold(text), fold(wanted)) / 100


@lru_cache(maxsize=16384)
def _agreement(headings: tuple[str, ...], headers: tuple[str, ...]) -> tuple[float, tuple[int, ...]]:
    """How well the headings of a table agree with those of a list (0-1), and the column of each of the latter; 0 when
    it cannot be enough."""
    free = [index for index, heading in enumerate(headings) if heading]
    total, columns = 0.0, []
    for position, wanted in enumerate(headers):
        if total + len(headers) - position < _ENOUGH * len(headers) - _EPSILON:
            return 0.0, ()
        near = [index for index in free if abs(index - position) <= 2 and index not in columns]
        scores = {index: _heading_likeness(headings[index], wanted) for index in near}
        best = max(scores, key=lambda index: scores[index], default=-1)
        if best < 0 or scores[best] < 0.5:
            columns.append(-1)
            continue
        columns.append(best)
        total += scores[best]
    return total / len(headers), tuple(columns)


@lru_cache(maxsize=65536)
def _heading_likeness(heading: str, wanted: str) -> float:
    """The likeness of two heading paths, or of their last parts where a merge above them was lost."""
    last, last_wanted = heading.rsplit(" / ", 1)[-1], wanted.rsplit(" / ", 1)[-1]
    if (last, last_wanted) == (heading, wanted):
        return likeness(heading, wanted)
    return max(likeness(heading, wanted), likeness(last, last_wanted) - 0.05)


def _joined(text: str, below: str = "") -> str:
    return f"{text} / {below}" if text and below and text != below else text or below


def _texts(rows: Grid) -> list[str]:
    return [squeeze(cell.text) for row in rows for cell in row[:1] if cell is not None and len(cell.text) > 8]


def _after_column_numbers(grid: Grid, first: int) -> int:
    for index in range(first, min(first + 2, len(grid))):
        if is_column_numbers([cell.text if cell is not None else "" for cell in grid[index]]):
            return index + 1
    return first


def _section_title(filled: Sequence[Cell], n_columns: int) -> str:
    if not filled or len(filled) > 2:
        return ""
    texts = [squeeze(cell.text) for cell in filled]
    wide = any(cell.column_span >= max(3, n_columns // 2) for cell in filled)
    lettered = len(texts) == 2 and len(bare_number(texts[0])) <= 4 and not texts[0][:1].isdigit()
    return max(texts, key=len) if wide or lettered else ""


def _text(row: Sequence[Cell | None], column: int) -> str:
    cell = row[column] if 0 <= column < len(row) else None
    return squeeze(cell.text) if cell is not None else ""
