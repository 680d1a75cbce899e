"""Tables without vertical rules, or without any: found by the gutters that the lines of text share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from extract.model import Box
from extract.pdf_forms_beside import side_by_side
from extract.pdf_forms_cells import drawn_columns, parted_cells
from extract.pdf_forms_columns import Span, entries_of, find_columns, header_length, number_row
from extract.pdf_forms_foot import waiting_header, with_header
from extract.pdf_forms_header import MOST_DRAWN_LINES, MOST_HEADER_LINES, headed, header_rows, known_header
from extract.pdf_forms_levels import drawn_header
from extract.pdf_forms_parting import MODES, Mode, dearness, margins, parted
from extract.pdf_forms_regions import parted_by_counts, table_regions
from extract.pdf_forms_rows import FormRow, Lines, are_all_numbered, are_fully_ruled, is_rest, lines_with
from extract.pdf_forms_ruled import bands_of, ruled_blocks, rules_over
from extract.pdf_forms_words import TextRow, is_figure, text_rows, without_overlays
from extract.pdf_glyphs import Glyph, PageInk
from extract.pdf_lines import lines_of
from extract.pdf_tables import Grid, GridCell

LEAST_FILLED = 0.45
PROSE_LENGTH = 32  # letters a cell, on the average, in text set in columns
FOOT_ZONE = 0.12  # of the page height: page numbers stand there
MOST_IN_FOOT = 2  # texts beside each other
SAME_EDGE = 1.0
NEAR_HEAD = 32.0  # points above a table: a line so near is no running head
MOST_PARTS_REREAD = 12
FEW_COLUMNS = 4
CLOSE = 2.0  # of cost: so near, another way to part lines into rows may be the right one


@dataclass(slots=True)
class FormPart:
    """What a table has on one page: its rows of text, how many of them are its header, the rules, its grid."""

    rows: list[TextRow]
    header: int
    rules: list[float]
    grid: Grid
    partings: dict[Mode, tuple[float, list[list[int]]]] = field(default_factory=dict)


@dataclass(slots=True)
class FormTable:
    """A table without verticals over all its pages so far, their width, and its columns as all its rows show them.

    ``waiting``: instead of parts, what may be the header of a table on the next page.
    """

    columns: list[Span]
    width: float
    parts: list[FormPart] = field(default_factory=list)
    waiting: list[TextRow] = field(default_factory=list)

    @property
    def rows(self) -> list[TextRow]:
        """Its rows of text on all pages."""
        return [row for part in self.parts for row in part.rows]


@dataclass(frozen=True, slots=True)
class FoundForms:
    """The grids found on a page, the glyphs that are left, and the table that may go on over the page."""

    grids: list[Grid]
    glyphs: list[Glyph]
    open_form: FormTable | None = None


def form_grids(
    ink: PageInk, known: Sequence[Grid], glyphs: Sequence[Glyph], open_form: FormTable | None = None
) -> FoundForms:
    """Find tables in the glyphs that no other table holds.

    ``known`` are the tables known already; none is found across one of them. Letterheads, signatures and text set
    in columns are no tables.
    """
    if ink.too_complex:
        return FoundForms([], list(glyphs))
    rows = parted_cells(text_rows(without_overlays(glyphs)))
    waiting = open_form.waiting if open_form is not None and abs(open_form.width - ink.width) < 1 else []
    open_form = None if open_form is not None and open_form.waiting else open_form
    blocks = ruled_blocks(ink, rows, 2 if open_form is not None and open_form.parts[-1].rules else 4)
    ruled = [piece for block in blocks for piece in parted_by_counts(block)]
    taken = {id(row) for block in ruled for row in block}
    boxes = [grid.box for grid in known] + [_box_of(block) for block in ruled]
    free = _without_head([row for row in rows if id(row) not in taken], ink)
    top = min((box[1] for box in boxes), default=ink.height)
    if open_form is not None and abs(open_form.width - ink.width) > 1:
        open_form = None
    goes_on = open_form is not None and bool(free) and free[0].top < top
    regions = table_regions(free, boxes, open_form.rows if open_form is not None and goes_on else ())
    tables: list[FormTable] = []
    if open_form is not None and regions.continued:
        _continue(open_form, ink, regions.continued)
        tables.append(open_form)
    for block in [*ruled, *regions.tables]:
        if open_form is not None and not tables and block in ruled[:1] and _may_go_on(open_form, block, rows, ink):
            _continue(open_form, ink, block)
            tables.append(open_form)
            continue
        first = block[0].top <= min(row.top for row in free or block)
        tables += _tables_of(ink, block, waiting if first else ())
    used = {
        id(glyph) for table in tables for row in table.parts[-1].rows for group in row.groups for glyph in group.glyphs
    }
    left = [glyph for glyph in glyphs if id(glyph) not in used]
    grids = [table.parts[-1].grid for table in tables]
    return FoundForms([grid for grid in grids if grid.n_rows], left, _open(tables, rows, ink))


def _box_of(block: Sequence[TextRow]) -> Box:
    return (
        min(row.groups[0].x0 for row in block),
        block[0].top,
        max(row.groups[-1].x1 for row in block),
        block[-1].bottom,
    )


def _without_head(rows: list[TextRow], ink: PageInk) -> list[TextRow]:
    """Leave out a page number above everything else."""
    if len(rows) > 1 and len(rows[0].groups) == 1 and rows[0].base < FOOT_ZONE * ink.height:
        group = rows[0].groups[0]
        apart = rows[1].base - rows[0].base > 1.5 * rows[0].size
        if apart and group.text.strip("-– ").isdigit():
            return rows[1:]
    return rows


def _open(tables: Sequence[FormTable], rows: Sequence[TextRow], ink: PageInk) -> FormTable | None:
    """The table that stands at the foot of the page with nothing but a page number below it."""
    if not tables:
        return _waiting(rows, ink)
    last = max(tables, key=lambda table: table.parts[-1].rows[-1].base)
    foot = last.parts[-1].rows[-1].base
    floor = (1 - FOOT_ZONE) * ink.height
    below = [row for row in rows if row.base > foot + 1 and (row.base < floor or len(row.groups) > MOST_IN_FOOT)]
    return _waiting(below, ink) if below else last


def _waiting(rows: Sequence[TextRow], ink: PageInk) -> FormTable | None:
    waiting = waiting_header(rows, (1 - FOOT_ZONE / 2) * ink.height)
    return FormTable([], ink.width, waiting=waiting) if waiting else None


def _may_go_on(table: FormTable, block: Sequence[TextRow], rows: Sequence[TextRow], ink: PageInk) -> bool:
    """Whether a ruled block at the top of a page, with nothing but a page number above, goes on with a table."""
    near = min(FOOT_ZONE * ink.height, block[0].base - NEAR_HEAD)
    above = [row for row in rows if near < row.base < block[0].base - 1]
    first = table.parts[0]
    counted = number_row(first.rows) is not None and number_row(block[:MOST_DRAWN_LINES]) is not None
    if above or not table.parts[-1].rules or (counted and not _repeated(first, block)):
        return False
    box = _box_of(block)
    part = FormPart(list(block), 0, rules_over(ink, box, block[0].size), _empty(ink, block))
    return len(_columns([*table.parts, part])) >= len(table.columns)


def _tables_of(ink: PageInk, block: Sequence[TextRow], waiting: Sequence[TextRow]) -> list[FormTable]:
    """A block as a table, or as the tables that stand in it beside each other; nothing if it looks like none."""
    table = _table(ink, block, waiting)
    if table is None:
        return []
    pieces = side_by_side(table.parts[0].rows, table.columns, table.parts[0].header)
    apart = [_table(ink, piece) for piece in pieces] if len(pieces) > 1 else []
    whole = [each for each in apart if each is not None]
    return whole if len(whole) == len(pieces) else [table]


def _table(ink: PageInk, block: Sequence[TextRow], waiting: Sequence[TextRow] = ()) -> FormTable | None:
    """A block as a table with one part, below the header that waits for it; nothing if it does not look like one."""
    rules = rules_over(ink, _box_of(block), block[0].size)
    part = FormPart(list(block), 0, rules, _empty(ink, block))
    columns = _columns([part])
    if len(columns) < 2:
        return None
    if waiting:
        part.rows = block = with_header(waiting, block, columns)
        columns = _columns([part])
    part.header = _header(block, columns, rules)
    table = FormTable(columns, ink.width, [part])
    if not _is_table(_lines(table)[0]):
        return None
    _read(table, table.parts)
    return table


def _columns(parts: Sequence[FormPart]) -> list[Span]:
    """The columns of a table, as its bands show them where rules run between the rows."""
    drawn = drawn_columns([part.rows for part in parts])
    if drawn:
        return drawn
    first = parts[0]
    known = known_header(first.rows, first.rules)
    rows = bands_of(first.rows, first.rules, header_length(first.rows) if known < 0 else known)
    for part in parts[1:]:
        rows += bands_of(part.rows, part.rules, part.header)[part.header :]
    return find_columns(rows, known)


def _empty(ink: PageInk, block: Sequence[TextRow]) -> Grid:
    return Grid(ink.number, _box_of(block), (), 0)


def _lines(table: FormTable) -> list[Lines]:
    """The lines of each part of a table, as its columns are known now."""
    parts = table.parts
    found = lines_with([part.rows for part in parts], table.columns, [part.header for part in parts])
    found = [replace(lines, rules=part.rules) for lines, part in zip(found, parts, strict=True)]
    ruled, numbered = are_fully_ruled(found), are_all_numbered(found)
    return [replace(lines, fully_ruled=ruled, all_numbered=numbered) for lines in found]


def _read(table: FormTable, parts: Sequence[FormPart]) -> None:
    """Part the lines of these parts into rows, and make all grids that this changes."""
    was = _mode(table)
    all_lines = _lines(table)
    for part, lines in zip(table.parts, all_lines, strict=True):
        if any(part is each for each in parts):
            part.partings = {mode: parted(lines, mode) for mode in MODES}
    mode = _mode(table)
    changed = [mode != was or any(part is each for each in parts) for part in table.parts]
    left, right = table.columns[0][0], table.columns[-1][1]
    for part, lines, anew in zip(table.parts, all_lines, changed, strict=True):
        if anew:
            top = next(row.top for row in part.rows if row.base > 0)
            box = (left, top, right, part.rows[-1].bottom)
            rows = part.partings[mode][1]
            unsure = _unsure(table, part, lines, mode)
            _take(part.grid, _grid_of(part.grid.page, lines, rows, unsure, box))
    for at, (above, below) in enumerate(pairwise(table.parts)):
        rows, rest = above.partings[mode][1] or [list(range(above.header))], below.partings[mode][1]
        if changed[at + 1] and rest and is_rest(all_lines[at], rows[-1], all_lines[at + 1], rest[0]):
            _close_row(above.grid, below.grid, below.grid.n_rows - len(rest))


def _unsure(table: FormTable, part: FormPart, lines: Lines, mode: Mode) -> list[bool]:
    """Whether each row of a part might be another one at nearly the same cost, in this mode or the next best."""
    rows = part.partings[mode][1]
    costs = _costs(table)
    rivals = [
        {tuple(row) for row in part.partings[other][1]}
        for other in MODES
        if costs[other] - costs[mode] < CLOSE and part.partings
    ]
    sure = margins(lines, mode, rows)
    return [
        margin < CLOSE or any(tuple(row) not in rival for rival in rivals)
        for row, margin in zip(rows, sure, strict=True)
    ]


def _close_row(above: Grid, below: Grid, row: int) -> None:
    """Move a row at the top of a page, the rest of one that the page end cut, to where it began."""
    cut = {cell.column: cell for cell in above.cells if cell.row + cell.row_span == above.n_rows}
    for cell in below.cells:
        if cell.row == row and cell.lines:
            cut[cell.column].lines += cell.lines
    below.cells = [
        replace(cell, row=cell.row - (cell.row > row), lines=cell.lines) for cell in below.cells if cell.row != row
    ]
    below.n_rows -= 1
    if not below.n_rows:
        above.last_page, above.last_bottom = below.last_page, below.last_bottom


def _mode(table: FormTable) -> Mode:
    """How the cells of a row are aligned: the way that costs least over all parts."""
    costs = _costs(table)
    return min(MODES, key=lambda mode: costs[mode])


def _costs(table: FormTable) -> dict[Mode, float]:
    """What each mode costs over all parts."""
    parts = [part.partings for part in table.parts if part.partings]
    return {mode: dearness(mode, sum(partings[mode][0] for partings in parts)) for mode in MODES}


def _header(rows: Sequence[TextRow], columns: Sequence[Span], rules: Sequence[float]) -> int:
    """How many rows of text are the header: as count and rules of the columns say, or until each has its heading."""
    known = known_header(rows, rules)
    if known >= 0:
        return known
    found = headed(rows, columns, min(header_length(rows), MOST_HEADER_LINES))
    found = drawn_header([entries_of(row, columns, True) for row in rows[:MOST_DRAWN_LINES]], found)
    texts = sum(len(row.groups) for row in rows[:found])
    return found if len(columns) < FEW_COLUMNS or 3 * texts > len(columns) else 0


def _continue(table: FormTable, ink: PageInk, block: Sequence[TextRow]) -> None:
    """Add a part on the next page, and read the others anew if more columns are seen now."""
    rules = rules_over(ink, _box_of(block), block[0].size)
    part = FormPart(list(block), _repeated(table.parts[0], block), rules, _empty(ink, block))
    table.parts.append(part)
    columns = _columns(table.parts)
    if len(table.parts) > MOST_PARTS_REREAD or _alike(columns, table.columns):
        _read(table, [part])
    else:
        table.columns = columns
        _read(table, table.parts)


def _take(grid: Grid, other: Grid) -> None:
    grid.box, grid.edges, grid.n_rows, grid.cells = other.box, other.edges, other.n_rows, other.cells
    grid.last_page, grid.last_bottom, grid.gutters = other.last_page, other.last_bottom, other.gutters


def _alike(one: Sequence[Span], other: Sequence[Span]) -> bool:
    return len(one) == len(other) and all(
        abs(a - b) < SAME_EDGE for left, right in zip(one, other, strict=True) for a, b in zip(left, right, strict=True)
    )


def _repeated(first: FormPart, block: Sequence[TextRow]) -> int:
    """How many rows of text at the top of a block are the header of the first part again, with its count or without."""
    header = first.rows[: first.header]
    same = 0
    for one, other in zip(header, block, strict=False):
        if [group.text for group in one.groups] != [group.text for group in other.groups]:
            break
        same += 1
    counted = number_row(header)
    return same if same in (len(header), counted) else 0


def _is_table(lines: Lines) -> bool:
    """Whether a block shows what only a table has: figures in columns, numbered rows, rules, or many short cells."""
    full = [entries for entries in lines.entries if len(entries) > 1]
    texts = [entry.group.text for entries in full for entry in entries]
    columns = len(lines.columns)
    if columns > 2 and number_row(lines.rows) is not None:
        return True
    if len(full) < (2 if len(lines.rules) > 1 and columns > 2 else 3):
        return False
    if len(texts) < LEAST_FILLED * columns * len(full) and not lines.numbers:
        return False
    if columns == 2 and sum(entries[0].group.text.endswith(":") for entries in full) * 2 >= len(full):
        return False
    length = sum(map(len, texts)) / len(texts)
    if length > PROSE_LENGTH and not lines.figures and not (lines.numbers and columns > 2):
        return False
    if lines.figures:
        return columns > 2 or _is_list_of_figures(lines)
    return (lines.numbers and columns > 2) or len(lines.rules) > 1 or (columns > 3 and len(full) > 3)


def _is_list_of_figures(lines: Lines) -> bool:
    """Whether two columns are a list of figures with their names, and not numbered text."""
    pairs = [entries for entries in lines.entries if len(entries) == 2]
    return sum(is_figure(entries[1].group.text) for entries in pairs) > 0.6 * len(pairs)


def _form_rows(lines: Lines, body: Sequence[Sequence[int]]) -> list[FormRow]:
    rows = header_rows(lines)
    for own in body:
        row = FormRow()
        for at in own:
            row.add(lines.entries[at])
        rows.append(row)
    return rows


def _grid_of(page: int, lines: Lines, body: Sequence[Sequence[int]], unsure: Sequence[bool], box: Box) -> Grid:
    rows = _form_rows(lines, body)
    doubts = [False] * (len(rows) - len(body)) + list(unsure)
    middles = [(left[1] + right[0]) / 2 for left, right in pairwise(lines.columns)]
    edges = (box[0] - 2, *middles, box[2] + 2)
    heights = _heights(rows, box)
    gutters = tuple((left[1], right[0]) for left, right in pairwise(lines.columns))
    grid = Grid(page, (edges[0], box[1], edges[-1], box[3]), edges, len(rows), last_page=page, last_bottom=box[3],
                gutters=gutters)  # fmt: skip
    covered: set[tuple[int, int]] = set()
    for at, row in enumerate(rows):
        for column in range(len(lines.columns)):
            if (at, column) in covered:
                continue
            last, down = row.last.get(column, column), row.row_spans.get(column, 1)
            covered.update((at + below, each) for below in range(down) for each in range(column, last + 1))
            place = (edges[column], heights[at], edges[last + 1], heights[at + down])
            own = [glyph for group in row.cells.get(column, ()) for glyph in group.glyphs]
            grid.cells.append(GridCell(at, column, down, last - column + 1, page, place, lines_of(own), doubts[at]))
    return grid


def _heights(rows: Sequence[FormRow], box: Box) -> list[float]:
    """Where each row begins, and where the last one ends."""
    tops = [
        max(box[1], min((group.top for groups in row.cells.values() for group in groups), default=box[1]))
        for row in rows
    ]
    return [box[1], *tops[1:], box[3]]
