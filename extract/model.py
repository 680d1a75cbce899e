"""What a document holds, in its own words: the types that every reader gives and every later stage takes.

All are frozen, plain and picklable, so that a Document can be stored, sent to another process and read again
years later without the file it came from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in points from the top left corner of the page."""

LOST = "\N{REPLACEMENT CHARACTER}"
"""Stands in a text for each letter that is drawn on the page but cannot be known from the file."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: page or sheet, and the table, row and column counted from 1 (0: not in one).

    ``table`` counts through the whole document in reading order; ``row`` is the row as the source counts it
    (the sheet row in a workbook), so that a person finds the cell by it.
    """

    page: int = 0
    sheet: str = ""
    table: int = 0
    row: int = 0
    column: int = 0
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text in NFC with lines separated by a line feed, and what is known beside the text.

    ``text`` has its letters repaired where that is certain, ``raw_text`` is what the file itself says.
    ``number`` is the typed value of a spreadsheet cell, ``number_format`` the format it is shown with.
    ``flags`` are message codes (``letters_lost``, ``ocr``, ``formula_without_value`` ...).
    """

    place: Place
    text: str
    raw_text: str = ""
    row_span: int = 1
    column_span: int = 1
    number: float | int | None = None
    number_format: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of cells, or a run of text outside tables as a table with one column (``prose``).

    ``cells`` are in row order; a place covered by a merged cell has no cell of its own. The grid's own
    coordinates are ``cell.place.row - first_row`` and ``cell.place.column - 1``.
    """

    place: Place
    cells: tuple[Cell, ...]
    n_rows: int
    n_columns: int
    prose: bool = False
    first_row: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know: a code of ``mappings/messages.csv``, a place and named details."""

    code: str
    place: Place = Place()
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LetterRepair:
    """What one code of one font was read as: by which evidence, and the share of votes that agreed (0-1)."""

    font: str
    code: int
    letter: str
    source: str
    share: float


@dataclass(frozen=True, slots=True)
class Document:
    """All that one file says. ``reader`` names the reader and its version, so that stored ones can expire."""

    sha256: str
    format: str
    reader: str
    tables: tuple[Table, ...] = ()
    findings: tuple[Finding, ...] = ()
    encoding: str = "unicode"
    text_quality: float = 1.0
    n_pages: int = 0
    letters: tuple[LetterRepair, ...] = ()


def rows_of(table: Table) -> Iterator[tuple[Cell | None, ...]]:
    """Each row of a table as ``n_columns`` cells; ``None`` where nothing stands or a merged cell covers."""
    grid: dict[int, dict[int, Cell]] = {}
    for cell in table.cells:
        grid.setdefault(cell.place.row - table.first_row, {})[cell.place.column - 1] = cell
    for row in range(table.n_rows):
        found = grid.get(row, {})
        yield tuple(found.get(column) for column in range(table.n_columns))
