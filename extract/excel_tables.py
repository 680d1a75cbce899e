"""Where one table of a sheet ends and the next begins.

A sheet is one table. It is split in two cases only, because a table cut in two loses its header:
at a gap of ``FAR`` blank rows or columns or more, and at a gap of ``GAP`` blank rows after which, within ``LEAD``
rows, a new header stands (at least three cells and half as many as the part above has columns, all in words) before
any figure. Hidden rows are no gap.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace

from extract.decoding import Stretch
from extract.model import Cell, Place, Table

GAP = 2
LEAD = 4
FAR = 30
_HEADER_CELLS = 3
_WIDEST_MERGE = 100
_TALLEST_MERGE = 1000


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell of a sheet by its row and column there, counted from 1, with the rows and columns it spans.

    ``stretches`` is the text as the file writes it, for cells that hold text.
    """

    row: int
    column: int
    row_span: int
    column_span: int
    cell: Cell
    stretches: tuple[Stretch, ...] = ()


def split_tables(sheet: str, spots: list[Spot], before: int, hidden_rows: Set[int] = frozenset()) -> list[Table]:
    """Make the tables of a sheet of its cells in reading order; ``before`` tables stand on the sheets before."""
    blocks = [rows for columns in _far_columns(spots) for rows in _row_blocks(columns, hidden_rows)]
    return [_table(sheet, block, before + number) for number, block in enumerate(blocks, 1)]


def _far_columns(spots: list[Spot]) -> Iterator[list[Spot]]:
    """Split where nothing stands for ``FAR`` columns."""
    begins: list[int] = []
    reach = -FAR
    for first, last in sorted((spot.column, spot.column + _width(spot) - 1) for spot in spots):
        if first - reach > FAR:
            begins.append(first)
        reach = max(reach, last)
    for begin, end in zip(begins, [*begins[1:], 1 << 30], strict=False):
        yield [spot for spot in spots if begin <= spot.column < end]


def _row_blocks(spots: list[Spot], hidden_rows: Set[int]) -> Iterator[list[Spot]]:
    rows: dict[int, list[Spot]] = {}
    for spot in spots:
        rows.setdefault(spot.row, []).append(spot)
    order = list(rows)
    block: list[Spot] = []
    reach = 0
    for index, row in enumerate(order):
        gap = sum(1 for blank in range(max(reach + 1, row - 10 * FAR), row) if blank not in hidden_rows)
        lead = [rows[later] for later in order[index : index + LEAD] if later < row + LEAD]
        if block and (gap >= FAR or (gap >= GAP and _new_header(lead, _n_columns(block)))):
            yield block
            block = []
        block += rows[row]
        reach = max(reach, *(spot.row + _height(spot) - 1 for spot in rows[row]))
    if block:
        yield block


def _new_header(lead: list[list[Spot]], n_columns: int) -> bool:
    for row in lead:
        if any(_figure(spot.cell) for spot in row):
            return False
        if len(row) >= max(_HEADER_CELLS, n_columns / 2):
            return True
    return False


def _figure(cell: Cell) -> bool:
    return cell.number is not None or not any(letter.isalpha() for letter in cell.text)


def _table(sheet: str, block: list[Spot], number: int) -> Table:
    first_row, first_column = min(spot.row for spot in block), min(spot.column for spot in block)
    last_row = max(spot.row + _height(spot) for spot in block) - 1
    cells = tuple(_placed(sheet, spot, number, first_column) for spot in block)
    place = Place(sheet=sheet, table=number)
    return Table(place, cells, last_row - first_row + 1, _n_columns(block), first_row=first_row)


def _placed(sheet: str, spot: Spot, number: int, first_column: int) -> Cell:
    place = Place(sheet=sheet, table=number, row=spot.row, column=spot.column - first_column + 1)
    return replace(spot.cell, place=place, row_span=_height(spot), column_span=_width(spot))


def _n_columns(block: list[Spot]) -> int:
    return max(spot.column + _width(spot) for spot in block) - min(spot.column for spot in block)


def _width(spot: Spot) -> int:
    """Columns spanned; a title merged over the whole width of the sheet counts as one."""
    return spot.column_span if spot.column_span <= _WIDEST_MERGE else 1


def _height(spot: Spot) -> int:
    return spot.row_span if spot.row_span <= _TALLEST_MERGE else 1
