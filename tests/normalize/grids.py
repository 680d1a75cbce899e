"""Documents made of lines of text and grids, for tests of what tables mean."""

from __future__ import annotations

from collections.abc import Sequence

from extract.model import Cell, Document, Place, Table

Spot = str | tuple[str, int, int]
"""A cell's text, or its text with how many rows and columns it spans; ``None`` in a grid where a span covers."""


def grid(rows: Sequence[Sequence[Spot | None]], table: int = 2) -> Table:
    """A table with a cell for each text; an empty text makes an empty cell, ``None`` no cell."""
    cells = []
    for row, spots in enumerate(rows, start=1):
        for column, spot in enumerate(spots, start=1):
            if spot is None:
                continue
            text, down, across = spot if isinstance(spot, tuple) else (spot, 1, 1)
            cells.append(Cell(Place(page=1, table=table, row=row, column=column), text, text, down, across))
    return Table(Place(page=1, table=table), tuple(cells), len(rows), max(map(len, rows)))


def document(lines: Sequence[str], *tables: Table) -> Document:
    """A document that begins with lines of text and goes on with tables."""
    cells = tuple(
        Cell(Place(page=1, table=1, row=row, column=1), line, line) for row, line in enumerate(lines, start=1)
    )
    prose = Table(Place(page=1, table=1), cells, len(cells), 1, prose=True)
    return Document("0" * 64, "docx", "test", (prose, *tables))
