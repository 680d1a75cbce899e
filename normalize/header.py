"""The header of a table: which rows it takes, and what each column is for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from extract.model import Cell, Table
from normalize.columns import times_named
from normalize.text import fold, is_damaged, squeeze, survive
from normalize.values import looks_numeric
from normalize.vocabulary import Vocabulary

Grid = list[list[Cell | None]]

_SEARCHED_ROWS = 25
_LONGEST_TIME = 60
_COLUMN_NUMBER = re.compile(r"^\(?\d{1,2}\)?$")
_ITEM_NUMBER = re.compile(r"^\(?(?:\d{1,2}(?:[.,]\d{1,2})*|[IVX]{1,5}|[a-zđ]|[ivx]{1,4})[.)]*$")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the data begins (an index into the grid), and the role and the printed heading of each column.

    Roles: ``number``, ``label``, ``unit``, ``value``, ``note`` and ``other`` (a column the header does not explain).
    """

    header_row: int
    first_data_row: int
    roles: tuple[str, ...]
    headings: tuple[str, ...]
    guessed: bool = False

    def column(self, role: str) -> int | None:
        """The first column with a role, counted from 0."""
        return self.roles.index(role) if role in self.roles else None


def owners(table: Table) -> Grid:
    """The cell that each place of the grid belongs to: a merged cell stands in all the places that it covers."""
    grid: Grid = [[None] * table.n_columns for _ in range(table.n_rows)]
    for cell in table.cells:
        top, left = cell.place.row - table.first_row, cell.place.column - 1
        if cell.row_span == cell.column_span == 1 and 0 <= top < table.n_rows and 0 <= left < table.n_columns:
            grid[top][left] = cell
            continue
        for row in range(top, min(top + cell.row_span, table.n_rows)):
            for column in range(left, min(left + cell.column_span, table.n_columns)):
                grid[row][column] = cell
    return grid


def starts_at(cell: Cell | None, table: Table, row: int, column: int) -> bool:
    """Whether a cell has its top left corner at this place of the grid."""
    return cell is not None and cell.place.row - table.first_row == row and cell.place.column - 1 == column


@lru_cache(maxsize=16384)
def header_role(text: str, words: Vocabulary) -> str:
    """What a header cell says its column is for; "" when the vocabulary does not tell."""
    plain = re.sub(r"\([^)]*\)", " ", text)
    folded = fold(plain)
    if not folded or len(folded) > 120:
        return ""
    exact = words.folded("header").get(folded)
    if exact:
        return exact
    if is_damaged(plain):
        damaged = words.survived("header").get(survive(plain))
        if damaged:
            return damaged
    beginnings = [word for word in words.folded("header") if len(word) > 4 and folded.startswith(word + " ")]
    if beginnings:
        return words.folded("header")[max(beginnings, key=len)]
    return "value" if len(folded) <= _LONGEST_TIME and times_named(plain, words) else ""


def find_layout(table: Table, grid: Grid, words: Vocabulary) -> Layout | None:
    """The layout that the table's own header tells, or ``None`` when it has no header that is understood."""
    for start in range(min(len(grid), _SEARCHED_ROWS)):
        for height in (1, 2, 3):
            if start + height > len(grid):
                break
            roles = _column_roles(grid[start : start + height], words)
            if not _is_header(grid[start], roles, words):
                continue
            end = _header_end(table, grid, start, words)
            roles = _column_roles(grid[start:end], words)
            return Layout(start, end, _with_others(roles), _headings(grid[start:end]))
    return None


def guess_layout(grid: Grid) -> Layout | None:
    """The layout that the content itself suggests, for a table without a header; ``None`` when nothing is clear."""
    if not grid or len(grid[0]) < 2:
        return None
    columns = [[squeeze(row[i].text) if row[i] else "" for row in grid] for i in range(len(grid[0]))]  # type: ignore[union-attr]
    filled = [[text for text in column if text] for column in columns]
    lengths = [sum(len(t) for t in column if re.search(r"[^\W\d]{2}", t)) / max(len(grid), 1) for column in filled]
    label = max(range(len(columns)), key=lambda i: (lengths[i], -i))
    if lengths[label] < 8:
        return None
    roles = ["other"] * len(columns)
    roles[label] = "label"
    for index, texts in enumerate(filled):
        share = sum(looks_numeric(text) for text in texts) / len(texts) if texts else 0.0
        if index < label:
            numbered = sum(bool(_ITEM_NUMBER.match(text)) for text in texts)
            roles[index] = "number" if texts and numbered >= len(texts) / 2 else "other"
        elif index > label and share >= 0.5:
            roles[index] = "value"
        elif index > label and "value" not in roles:
            roles[index] = "unit"
        elif index > label:
            roles[index] = "note"
    if "value" not in roles:
        return None
    return Layout(0, 0, tuple(roles), ("",) * len(columns), guessed=True)


def is_column_numbers(texts: Sequence[str]) -> bool:
    """Whether a row is the line (1) (2) (3) under a header: numbers in brackets or a plain count from one."""
    filled = [text for text in map(squeeze, texts) if text]
    if len(filled) < 3 or not all(map(_COLUMN_NUMBER.match, filled)):
        return False
    numbers = [int(text.strip("()")) for text in filled]
    bracketed = all(text.startswith("(") for text in filled)
    return numbers == sorted(set(numbers)) and (bracketed or numbers == list(range(1, len(numbers) + 1)))


def _distinct(row: Sequence[Cell | None]) -> list[Cell]:
    seen: list[Cell] = []
    for cell in row:
        if cell is not None and cell.text.strip() and all(cell is not other for other in seen):
            seen.append(cell)
    return seen


def _is_header(row: Sequence[Cell | None], roles: Sequence[str], words: Vocabulary) -> bool:
    named = {role for cell in _distinct(row) if (role := header_role(cell.text, words))}
    if "label" not in roles or "value" not in roles or not named & {"label", "number"}:
        return False
    return len(named) >= 2 and roles.index("label") != roles.index("value")


def _column_roles(rows: Sequence[Sequence[Cell | None]], words: Vocabulary) -> tuple[str, ...]:
    roles = []
    for column in range(len(rows[0])):
        stack = [row[column] for row in reversed(rows)]
        found = (header_role(cell.text, words) for cell in stack if cell is not None)
        roles.append(next((role for role in found if role), ""))
    return tuple(roles)


def _with_others(roles: Sequence[str]) -> tuple[str, ...]:
    seen: set[str] = set()
    result = []
    for role in roles:
        again = role in seen and role in ("number", "label", "unit")
        result.append("other" if again or not role else role)
        seen.add(role)
    return tuple(result)


def _header_end(table: Table, grid: Grid, start: int, words: Vocabulary) -> int:
    end = start + 1
    while end < len(grid) and end - start < 5:
        row = grid[end]
        texts = [cell.text if cell is not None else "" for cell in row]
        if is_column_numbers(texts):
            return end + 1
        if not (_hangs_from_header(table, row, end, start) or _is_header_line(row, words)):
            break
        end += 1
    return end


def _hangs_from_header(table: Table, row: Sequence[Cell | None], index: int, start: int) -> bool:
    tops = [cell.place.row - table.first_row for cell in row if cell is not None]
    return any(start <= top < index for top in tops)


def _is_header_line(row: Sequence[Cell | None], words: Vocabulary) -> bool:
    cells = _distinct(row)
    named = [cell for cell in cells if header_role(cell.text, words)]
    return len(named) > 1 and len(named) * 2 >= len(cells) and not any(looks_numeric(cell.text) for cell in cells)


def _headings(rows: Sequence[Sequence[Cell | None]]) -> tuple[str, ...]:
    headings = []
    for column in range(len(rows[0])):
        parts: list[str] = []
        for row in rows:
            cell = row[column]
            text = squeeze(cell.text) if cell is not None else ""
            if text and text not in parts and not _COLUMN_NUMBER.match(text):
                parts.append(text)
        headings.append(" / ".join(parts))
    return tuple(headings)
