"""Lines and grids as they come from a text document, made into tables: what a person sees as one table is one.

The readers of all text documents (.docx, .rtf, .odt, .html) give streams of these, in reading order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from extract.decoding import Reading, Stretch, Written, plain_text, raw_text, read_texts
from extract.model import Cell, Place, Table

NARROW = 100
"""A grid column under this width (1.8 mm, in twentieths of a point) comes of borders drawn by hand, not of a column."""


@dataclass(slots=True)
class Line:
    """One paragraph. ``boxed``: it stands in a text box or in a table of its own, not in the cell around it.

    ``text`` is what the file says until the whole document is read, and then the text in Unicode.
    """

    stretches: tuple[Stretch, ...]
    text: str
    boxed: bool = False
    flags: tuple[str, ...] = ()


@dataclass(slots=True)
class GridCell:
    """One cell by zero-based row and column, with its paragraphs; ``number`` as in Cell."""

    row: int
    column: int
    row_span: int
    column_span: int
    lines: list[Line | Grid]
    number: float | int | None = None
    number_format: str = ""


@dataclass(slots=True)
class Grid:
    """A table under way. ``header``: the first row is marked to repeat on each page."""

    cells: list[GridCell]
    n_rows: int
    n_columns: int = 0
    header: bool = False
    boxed: bool = field(default=False)

    def extend(self, other: Grid) -> None:
        """Put the rows of another grid below."""
        for cell in other.cells:
            cell.row += self.n_rows
        self.cells += other.cells
        self.n_rows += other.n_rows


def make_line(stretches: Sequence[Stretch]) -> Line:
    """Make a line of the stretches of a paragraph."""
    return Line(tuple(stretches), plain_text(stretches))


def margin_blocks(blocks: Iterable[Line | Grid]) -> list[Line | Grid]:
    """Blocks of page headers or footers, each once and without page numbers."""
    found: list[Line | Grid] = []
    for block in blocks:
        number = isinstance(block, Line) and not any(letter.isalpha() for letter in block.text)
        if block not in found and not number:
            found.append(block)
    return found


def make_tables(streams: Sequence[list[Line | Grid]]) -> tuple[tuple[Table, ...], Reading]:
    """Make the tables of a document of its streams of lines and grids (page headers, body, notes ...).

    Tables are counted through all streams; lines between two grids share one prose table. The Reading tells the
    encoding of the document and what to say of it.
    """
    lines = list(_lines(streams))
    reading = read_texts([written for _, written in lines])
    for (line, _), text, flags in zip(lines, reading.texts, reading.flags, strict=True):
        line.text, line.flags = text, flags
    return tuple(_tables(streams)), reading


def _lines(streams: Iterable[Iterable[Line | Grid]]) -> Iterator[tuple[Line, Written]]:
    """Every line with what is known of where it stands."""
    number = 0
    for block in (block for stream in streams for block in stream):
        if isinstance(block, Line):
            yield block, Written(block.stretches)
            continue
        number += 1
        for cell in block.cells:
            for line in cell.lines:
                if isinstance(line, Line):
                    yield line, Written(line.stretches, str(number), str(cell.column))


def _tables(streams: Iterable[list[Line | Grid]]) -> Iterator[Table]:
    number = 0
    for stream in streams:
        lines: list[Line] = []
        for block in [*_joined(stream), None]:
            if isinstance(block, Line):
                lines.append(block)
                continue
            if lines:
                number += 1
                yield _prose(lines, number)
                lines = []
            if block is not None:
                number += 1
                yield _table(block, number)


def _joined(stream: list[Line | Grid]) -> list[Line | Grid]:
    """Without blank lines, and tables that are shown as one made one."""
    found: list[Line | Grid] = []
    for block in stream:
        if isinstance(block, Line):
            if block.text:
                found.append(block)
        elif found and isinstance(found[-1], Grid) and continues(found[-1], block):
            found[-1].extend(block)
        else:
            found.append(block)
    return found


def _prose(lines: list[Line], number: int) -> Table:
    places = [Place(table=number, row=row, column=1) for row in range(1, len(lines) + 1)]
    cells = tuple(
        Cell(place, line.text, raw_text(line.stretches), flags=line.flags)
        for place, line in zip(places, lines, strict=True)
    )
    return Table(Place(table=number), cells, len(lines), 1, prose=True)


def _table(grid: Grid, number: int) -> Table:
    return Table(Place(table=number), tuple(_cell(cell, number) for cell in grid.cells), grid.n_rows, grid.n_columns)


def _cell(cell: GridCell, number: int) -> Cell:
    place = Place(table=number, row=cell.row + 1, column=cell.column + 1)
    lines = [line for line in cell.lines if isinstance(line, Line)]
    if len(lines) == 1:
        text, raw, flags = lines[0].text, raw_text(lines[0].stretches), lines[0].flags
    else:
        text = "\n".join(line.text for line in lines if line.text)
        raw = "\n".join(raw_text(line.stretches) for line in lines)
        flags = tuple(dict.fromkeys(flag for line in lines for flag in line.flags))
    return Cell(place, text, raw, cell.row_span, cell.column_span, cell.number, cell.number_format, flags)


def squeeze(grid: Grid, widths: list[int]) -> Grid:
    """Count as columns only the lines at which cells begin; ``widths`` of the grid columns tell hair-thin ones."""
    same = _thin(grid, widths)
    starts = sorted({same[cell.column] for cell in grid.cells})
    rank = {start: number for number, start in enumerate(starts)}
    for cell in grid.cells:
        end = same.get(cell.column + cell.column_span, cell.column + cell.column_span)
        cell.column = rank[same[cell.column]]
        cell.column_span = max(1, bisect_left(starts, end) - cell.column)
    grid.n_columns = len(starts)
    return grid


def _thin(grid: Grid, widths: list[int]) -> dict[int, int]:
    """Each grid line by number -> the line it is the same as. A column that is some cell's own is never thin."""
    own = {cell.column for cell in grid.cells if cell.column_span == 1}
    last = max(cell.column + cell.column_span for cell in grid.cells)
    same = {0: 0}
    for line in range(1, last + 1):
        width = widths[line - 1] if line <= len(widths) else NARROW
        thin = 0 < width < NARROW and line - 1 not in own
        same[line] = same[line - 1] if thin else line
    return same


def continues(first: Grid, second: Grid) -> bool:
    """Whether the second of two tables with nothing between is the rest of the first: as wide, no header of its own."""
    if first.boxed or second.boxed or first.n_columns != second.n_columns or second.header:
        return False
    top = _row_texts(second, 0)
    return not _looks_like_header(top, second.n_columns) and top != _row_texts(first, 0)


def _row_texts(grid: Grid, row: int) -> list[str]:
    return [
        "\n".join(line.text for line in cell.lines if isinstance(line, Line)) for cell in grid.cells if cell.row == row
    ]


def _looks_like_header(texts: list[str], n_columns: int) -> bool:
    """Every column named, and no figure among the names."""
    full = len(texts) == n_columns > 1 and all(text.strip() for text in texts)
    return full and not any(letter.isdigit() for text in texts for letter in text)
