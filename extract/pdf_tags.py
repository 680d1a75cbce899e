"""Tables of tagged PDFs: rows and cells from the structure tree, the order of the text within from geometry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from extract.model import Box
from extract.pdf_glyphs import ARTIFACT, Glyph
from extract.pdf_lines import Line, lines_of
from extract.pdf_tables import Grid, GridCell

MAX_ELEMENTS = 400_000
MAX_DEPTH = 60
MAX_SPAN = 200
ENOUGH_INSIDE = 0.8
MOST_HEADER_ROWS = 5


@dataclass(slots=True)
class TaggedCell:
    """A cell as tagged: its place in the table counted from 0, and its spans."""

    row: int
    column: int
    row_span: int
    column_span: int


@dataclass(slots=True)
class TaggedTable:
    """A table of the structure tree; ``by_tags``: whether it is read by its tags (``None``: not decided yet)."""

    number: int
    cells: list[TaggedCell] = field(default_factory=list)
    n_rows: int = 0
    n_columns: int = 0
    by_tags: bool | None = None
    header_words: set[str] = field(default_factory=set)
    filled_rows: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Tags:
    """The tables of a document's structure tree, and the cell that each piece of marked content belongs to."""

    owners: dict[tuple[int, int], tuple[TaggedTable, TaggedCell]] = field(default_factory=dict)
    n_tables: int = 0
    n_elements: int = 0
    seen: dict[int, Any] = field(default_factory=dict)

    def enter(self, element: Any, depth: int) -> bool:
        """Count an element; whether to go into it: not twice, not too deep, and not once there are too many."""
        self.n_elements += 1
        props = getattr(element, "props", None)
        if props is None or id(props) in self.seen or depth > MAX_DEPTH or self.n_elements > MAX_ELEMENTS:
            return False
        self.seen[id(props)] = props
        return True


def read_tags(pdf: Any) -> Tags:
    """Walk the structure tree of a playa document; empty where there is none or it is broken."""
    tags = Tags()
    try:
        if pdf.structure is not None:
            for element in pdf.structure:
                _walk(element, tags, 0)
    except Exception:  # tags are an aid; a broken tree must not cost the page
        return Tags()
    return tags


def _walk(element: Any, tags: Tags, depth: int) -> None:
    if not hasattr(element, "role") or not tags.enter(element, depth):
        return
    if element.role == "Table":
        tags.n_tables += 1
        _read_table(element, TaggedTable(tags.n_tables), tags)
        return
    for child in element:
        _walk(child, tags, depth + 1)


def _read_table(element: Any, table: TaggedTable, tags: Tags) -> None:
    """Place the cells row by row; a place that a cell above or to the left covers is passed over."""
    covered: set[tuple[int, int]] = set()
    for row, each in enumerate(_rows(element, tags, 0)):
        column = 0
        for item in each:
            if getattr(item, "role", "") not in ("TD", "TH") or not tags.enter(item, 0):
                continue
            while (row, column) in covered:
                column += 1
            cell = TaggedCell(row, column, _span(item, "RowSpan"), _span(item, "ColSpan"))
            covered.update(
                (row + down, column + right) for down in range(cell.row_span) for right in range(cell.column_span)
            )
            table.cells.append(cell)
            column += cell.column_span
            _own(item, table, cell, tags, 0)
    table.n_rows = 1 + max((row for row, _ in covered), default=-1)
    table.n_columns = 1 + max((column for _, column in covered), default=-1)


def _rows(element: Any, tags: Tags, depth: int) -> Iterator[Any]:
    for child in element:
        role = getattr(child, "role", "")
        if role in ("TR", "THead", "TBody", "TFoot") and tags.enter(child, depth):
            if role == "TR":
                yield child
            else:
                yield from _rows(child, tags, depth + 1)


def _span(element: Any, name: str) -> int:
    from playa import resolve

    attributes = resolve(element.props.get("A"))
    for each in attributes if isinstance(attributes, list) else [attributes]:
        found = resolve(each)
        if isinstance(found, dict) and isinstance(found.get(name), int):
            return max(1, min(int(found[name]), MAX_SPAN))
    return 1


def _own(element: Any, table: TaggedTable, cell: TaggedCell, tags: Tags, depth: int) -> None:
    """Note all marked content below an element as the cell's."""
    for item in element:
        if hasattr(item, "role"):
            if tags.enter(item, depth):
                _own(item, table, cell, tags, depth + 1)
        elif hasattr(item, "mcid") and item.stream is None and item.page is not None:
            tags.n_elements += 1
            tags.owners[item.page.page_idx + 1, item.mcid] = (table, cell)
            table.filled_rows.add(cell.row)


def tagged_grids(
    tags: Tags, page: int, glyphs: Sequence[Glyph], ruled: list[Grid]
) -> tuple[list[Grid], list[Grid], list[Glyph]]:
    """Split a page between tags and rules: the tagged grids, the ruled ones that stay, the glyphs that are left.

    A table is read by its tags where no ruled grid holds it with as many columns. What stands in for a header that is
    printed again on a later page (an artifact above the rows, in the header's own words) is left out.
    """
    if not tags.owners:
        return [], ruled, list(glyphs)
    owned: dict[int, list[tuple[Glyph, TaggedCell]]] = {}
    tables: dict[int, TaggedTable] = {}
    rest: list[Glyph] = []
    for glyph in glyphs:
        table, cell = tags.owners.get((page, glyph.mcid), (None, None))
        if table is None or cell is None:
            rest.append(glyph)
        else:
            tables[table.number] = table
            owned.setdefault(table.number, []).append((glyph, cell))
    found = []
    for number, pairs in sorted(owned.items()):
        table = tables[number]
        if table.by_tags is None:
            table.by_tags = _is_better(table, [glyph for glyph, _ in pairs], ruled)
        if table.by_tags:
            grid = _grid(table, page, pairs)
            ruled = [each for each in ruled if _overlap(each.box, grid.box) < 0.5]
            rest = _without_repeated_header(table, grid, rest)
            found.append(grid)
        else:
            rest.extend(glyph for glyph, _ in pairs)
    return found, ruled, rest


def _is_better(table: TaggedTable, glyphs: Sequence[Glyph], ruled: Iterable[Grid]) -> bool:
    if table.n_rows < 2 or table.n_columns < 2:
        return False
    for grid in ruled:
        inside = sum(_holds(grid.box, glyph) for glyph in glyphs)
        if inside >= ENOUGH_INSIDE * len(glyphs) and grid.n_columns >= table.n_columns:
            return False
    return True


def _holds(box: Box, glyph: Glyph) -> bool:
    return box[0] <= (glyph.x0 + glyph.x1) / 2 < box[2] and box[1] <= (glyph.top + glyph.bottom) / 2 < box[3]


def _overlap(inner: Box, outer: Box) -> float:
    """Share of ``inner`` that lies within ``outer``."""
    across = min(inner[2], outer[2]) - max(inner[0], outer[0])
    down = min(inner[3], outer[3]) - max(inner[1], outer[1])
    area = (inner[2] - inner[0]) * (inner[3] - inner[1])
    return max(across, 0) * max(down, 0) / area if area else 0.0


def _grid(table: TaggedTable, page: int, pairs: Sequence[tuple[Glyph, TaggedCell]]) -> Grid:
    """The part of a table that stands on one page: the rows with text on it, and the empty ones among them."""
    inside: dict[int, list[Glyph]] = {}
    for glyph, cell in pairs:
        inside.setdefault(id(cell), []).append(glyph)
    lines = {key: lines_of(glyphs) for key, glyphs in inside.items()}
    box = _around(line for each in lines.values() for line in each)
    rows = [cell.row for cell in table.cells if lines.get(id(cell))]
    first, last = min(rows, default=0), max(rows, default=-1)
    end = min(
        (row for row in table.filled_rows if row > last), default=table.n_rows
    )  # empty rows stay with those above
    columns = _extents(table, lines, across=True)
    downs = _extents(table, lines, across=False)
    grid = Grid(page, box, tuple(map(float, range(table.n_columns + 1))), table.n_rows, tag=table.number,
                last_page=page, last_bottom=box[3])  # fmt: skip
    for cell in table.cells:
        if first <= cell.row < end:
            left, right = columns.get(cell.column, (box[0], box[2]))
            top, bottom = downs.get(cell.row, (box[1], box[3]))
            own = lines.get(id(cell), [])
            place = _around(own) if own else (left, top, right, bottom)
            spans = cell.row_span, cell.column_span
            grid.cells.append(GridCell(cell.row, cell.column, *spans, page, place, own))
    if not table.header_words:
        header = (cell for cell in grid.cells if cell.row < first + MOST_HEADER_ROWS)
        table.header_words = {word for cell in header for line in cell.lines for word in line.text.split()}
    return grid


def _extents(table: TaggedTable, lines: Mapping[int, Sequence[Line]], across: bool) -> dict[int, tuple[float, float]]:
    """How far the text of each column (or row) reaches."""
    found: dict[int, tuple[float, float]] = {}
    for cell in table.cells:
        for line in lines.get(id(cell), ()) if (cell.column_span if across else cell.row_span) == 1 else ():
            key = cell.column if across else cell.row
            low, high = (line.x0, line.x1) if across else (line.top, line.bottom)
            before = found.get(key, (low, high))
            found[key] = (min(before[0], low), max(before[1], high))
    return found


def _around(lines: Iterable[Line]) -> Box:
    boxes = [line.box for line in lines]
    if not boxes:
        return (0.0, 0.0, 0.0, 0.0)
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return (min(lefts), min(tops), max(rights), max(bottoms))


def _without_repeated_header(table: TaggedTable, grid: Grid, glyphs: list[Glyph]) -> list[Glyph]:
    above = [glyph for glyph in glyphs if glyph.mcid == ARTIFACT and glyph.bottom <= grid.box[1] + glyph.size]
    words = {word for line in lines_of(above) for word in line.text.split()}
    if grid.cells and grid.cells[0].row > 0 and words and words <= table.header_words:
        dropped = set(map(id, above))
        return [glyph for glyph in glyphs if id(glyph) not in dropped]
    return glyphs
