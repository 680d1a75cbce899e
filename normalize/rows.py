"""The rows of a report: every line of its tables and its text that may carry a figure, with the path above it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

from extract.model import Cell, Document, Place, Table
from normalize.columns import times_named
from normalize.fillin import Slot, split_line
from normalize.header import Grid, Layout, find_layout, guess_layout, header_role, is_column_numbers, owners, starts_at
from normalize.lists import ListTable, find_list, last_entry_row
from normalize.model import Form, Row
from normalize.outline import Entry, bare_number, is_heading, path_above, rank_of, short_label, split_number
from normalize.text import fold, is_damaged, squeeze, strip_bullet, survive
from normalize.values import is_blank, looks_numeric
from normalize.vocabulary import Vocabulary
from normalize.wide import NamesAgency, Wide, continued, find_wide, wide_rows

_LONGEST_ANSWER = 4000
_LONGEST_BARE = 48
_CAPTION_LINES = 3


@dataclass(frozen=True, slots=True)
class Layouts:
    """A document in rows: ``rows`` in reading order, the list tables, and the lines of running text."""

    rows: tuple[Row, ...]
    lists: tuple[ListTable, ...]
    lines: tuple[tuple[Place, str], ...]


def _no_agency(text: str, bare: bool) -> bool:
    return False


@dataclass(slots=True)
class _Reading:
    """What has been seen so far while a document is read from top to bottom."""

    words: Vocabulary
    forms: tuple[Form, ...]
    names_agency: NamesAgency
    rows: list[Row] = field(default_factory=list)
    lists: list[ListTable] = field(default_factory=list)
    lines: list[tuple[Place, str]] = field(default_factory=list)
    above: tuple[Entry, ...] = ()
    captions: list[str] = field(default_factory=list)
    last_layout: Layout | None = None
    last_columns: int = 0
    last_label: str = ""
    awaiting: bool = False
    rows_since_list: bool = True
    last_wide: Wide | None = None
    wide_from: int = 0


def read_rows(
    document: Document, words: Vocabulary, forms: Iterable[Form], names_agency: NamesAgency = _no_agency
) -> Layouts:
    """Every row of a document that may carry a figure, in reading order, and its list tables.

    ``names_agency`` tells the tables that have a line for each agency.
    """
    state = _Reading(words, tuple(forms), names_agency)
    for table in document.tables:
        if table.prose:
            _read_prose(table, state)
        else:
            _read_grid(table, state)
    return Layouts(tuple(state.rows), tuple(state.lists), tuple(state.lines))


# Text outside tables


def _read_prose(table: Table, state: _Reading) -> None:
    for cell in table.cells:
        _read_line(cell, cell.text.strip(), state)


def _read_line(cell: Cell, text: str, state: _Reading) -> None:
    if not text:
        return
    state.lines.append((cell.place, text))
    if _is_answer(text, state):
        _fill_last(replace(cell, text=text), state)
        return
    state.captions.append(squeeze(text))
    slots = split_line(text, state.words.folded("connective"))
    state.awaiting = False
    for slot in slots or (_heading_slot(text),):
        _add_slot(slot, cell, bool(slots), state)


def _is_answer(text: str, state: _Reading) -> bool:
    """Whether a line is what was written under the label before it, and not a label itself."""
    if not state.awaiting or not state.rows:
        return False
    number, _ = split_number(text)
    plain = not number and strip_bullet(text) == text and not split_line(text, state.words.folded("connective"))
    return plain and (looks_numeric(text) or is_blank(text, state.words) or text[:1] != "(") and not text.isupper()


def _fill_last(cell: Cell, state: _Reading) -> None:
    last = state.rows[-1]
    if is_blank(cell.text, state.words):
        return
    before = last.value.text + "\n" if last.value is not None and last.kind == "answer" else ""
    value = replace(cell, text=(before + cell.text)[:_LONGEST_ANSWER], raw_text="")
    state.rows[-1] = replace(last, value=value, kind="answer")


def _heading_slot(text: str) -> Slot:
    number, label = split_number(strip_bullet(text))
    return Slot(number, squeeze(label), "", bool(number), squeeze(text))


def _add_slot(slot: Slot, cell: Cell, fill_in: bool, state: _Reading) -> None:
    has_value = not is_blank(slot.value, state.words)
    heading = not has_value and not slot.value.strip()
    rank = rank_of(slot.number, slot.label, heading and not fill_in, state.above)
    path = tuple(entry.label for entry in path_above(state.above, rank))
    value = replace(cell, text=slot.value.strip(), raw_text="") if fill_in else None
    kind = "item" if slot.listed else "line"
    state.rows.append(
        Row(cell.place, len(state.rows), slot.number, slot.label, slot.printed, "", path, value, kind=kind)
    )
    state.awaiting = (not has_value and not fill_in) or (fill_in and not slot.value.strip())
    if heading:
        state.above = (*path_above(state.above, rank), Entry(rank, short_label(slot.label)))


# Tables


def _read_grid(table: Table, state: _Reading) -> None:
    grid = owners(table)
    state.awaiting = False
    captions = [*state.captions, *([table.place.sheet] if table.place.sheet else [])]
    listed = find_list(table, grid, captions, state.forms) or _continued_list(table, grid, state)
    if listed is not None:
        state.lists.append(listed)
        state.lines.extend(_grid_lines(table, grid[: listed.first_data_row]))
        state.captions, state.rows_since_list = [], False
        _read_lines(table, grid, listed.end_row, state)
        return
    state.rows_since_list = True
    if _continues_wide(table, grid, state):
        return
    wide = find_wide(table, grid, state.words, state.names_agency)
    if wide is not None:
        _read_wide(wide, captions, state)
        return
    state.last_wide = None
    layout = find_layout(table, grid, state.words) or _inherited(table, state) or guess_layout(grid)
    if layout is None:
        _read_free_grid(table, grid, state)
        return
    titles = _grid_lines(table, grid[: layout.header_row])
    state.lines.extend(titles)
    caption = _caption([*captions, *(text for _, text in titles)], state.words)
    state.above, state.last_label = (Entry(-1, caption),) if caption else (), ""
    state.rows.extend(_table_rows(table, grid, layout, state))
    state.captions, state.above = [], ()
    state.last_layout, state.last_columns = layout, table.n_columns


def _read_wide(wide: Wide, captions: Sequence[str], state: _Reading) -> None:
    titles = _grid_lines(wide.table, wide.grid[: wide.header_row])
    state.lines.extend(titles)
    caption = _caption([*captions, *(text for _, text in titles)], state.words)
    above = (caption,) if caption else ()
    state.wide_from, state.last_wide = len(state.rows), wide
    for row in wide_rows(wide, above, state.words, state.names_agency):
        state.rows.append(replace(row, order=len(state.rows)))
    state.captions, state.above, state.last_label, state.last_layout = [], (), "", None


def _continues_wide(table: Table, grid: Grid, state: _Reading) -> bool:
    """Put the lines of a table without a header beside those of the table of agencies before, when it goes on there."""
    before = state.last_wide
    if before is None or state.captions:
        return False
    wide = continued(before, table, grid, state.words, state.names_agency)
    if wide is None:
        return False
    more = {(row.path, row.label): row for row in wide_rows(wide, (), state.words, state.names_agency)}
    for place in range(state.wide_from, len(state.rows)):
        row = state.rows[place]
        added = next((one for (path, label), one in more.items() if label == row.label and _ends(row.path, path)), None)
        if added is not None:
            own = (replace(one, path=row.path) for one in (added, *added.beside))
            state.rows[place] = replace(row, beside=(*row.beside, *(replace(one, beside=()) for one in own)))
    return True


def _ends(path: tuple[str, ...], end: tuple[str, ...]) -> bool:
    return not end or path[-len(end) :] == end


def _continued_list(table: Table, grid: Grid, state: _Reading) -> ListTable | None:
    """The list of the table before, for its continuation without a header."""
    if not state.lists or state.captions or state.rows_since_list or state.lists[-1].table.n_columns != table.n_columns:
        return None
    end = last_entry_row(grid, 0) + 1
    return replace(state.lists[-1], table=table, grid=grid, first_data_row=0, end_row=end)


def _inherited(table: Table, state: _Reading) -> Layout | None:
    """The layout of the table before, for its continuation without a header."""
    if state.last_layout is None or state.captions or table.n_columns != state.last_columns:
        return None
    return replace(state.last_layout, header_row=0, first_data_row=0)


def _read_free_grid(table: Table, grid: Grid, state: _Reading) -> None:
    """A grid that lays out text (a letterhead, signatures, a sheet of lines): its cells are lines of text."""
    _read_lines(table, grid, 0, state)
    state.awaiting = False


def _read_lines(table: Table, grid: Grid, first: int, state: _Reading) -> None:
    for index in range(first, len(grid)):
        for column, cell in enumerate(grid[index]):
            if cell is not None and starts_at(cell, table, index, column):
                for line in cell.text.splitlines():
                    _read_line(cell, line.strip(), state)


def _grid_lines(table: Table, rows: Grid) -> list[tuple[Place, str]]:
    found = []
    for index, row in enumerate(rows):
        for column, cell in enumerate(row):
            if starts_at(cell, table, index, column) and cell is not None and cell.text.strip():
                found.append((cell.place, cell.text.strip()))
    return found


def _caption(lines: Sequence[str], words: Vocabulary) -> str:
    """The line above a table that names it: the last one that is not bracketed, with the capitals it continues."""
    found: list[str] = []
    for line in reversed(lines):
        if len(fold(line)) <= 3 or line.startswith("("):
            continue
        continues = line.isupper() and found and found[0].isupper() and len(found) < _CAPTION_LINES
        if found and not (continues and not _opens_section(found[0], words)):
            break
        found.insert(0, line)
    return short_label(split_number(" ".join(found))[1])


def _opens_section(line: str, words: Vocabulary) -> bool:
    return bool(split_number(line)[0]) or fold(line).split(" ")[0] in words.folded("section_word")


def _table_rows(table: Table, grid: Grid, layout: Layout, state: _Reading) -> Iterator[Row]:
    header = [_texts(row) for row in grid[layout.header_row : layout.first_data_row]]
    order, times = len(state.rows), _tells_times(layout, state.words)
    for index in range(layout.first_data_row, len(grid)):
        texts = _texts(grid[index])
        if not any(texts) or texts in header or is_column_numbers(texts):
            continue
        for row in _rows_of_line(table, grid, index, layout, state, order, times):
            yield row
            order += 1


def _texts(row: Sequence[Cell | None]) -> list[str]:
    return [squeeze(cell.text) if cell is not None else "" for cell in row]


def _rows_of_line(
    table: Table, grid: Grid, index: int, layout: Layout, state: _Reading, order: int, times: bool
) -> Iterator[Row]:
    cells = grid[index]
    own = [cell if starts_at(cell, table, index, column) else None for column, cell in enumerate(cells)]
    number, label, label_cell = _number_and_label(own, cells, layout)
    unit = _role_text(own, cells, layout, "unit", label_cell)
    values, others = _values(own, layout, label_cell)
    told = [one for one in values if _is_told(one[1], state.words)]
    astray = () if told or others else tuple(_figures_astray(own, layout))
    if not label and all(header_role(cell.text, state.words) for _, cell in (*told, *others)):  # a piece of a header
        return
    heading = is_heading(label, unit, bool(told or others))
    rank = rank_of(number, label, heading, state.above)
    path = tuple(entry.label for entry in path_above(state.above, rank))
    short = short_label(label)
    if _is_bare(label, state.words) and state.last_label:
        path = (*path, state.last_label)
    elif label:
        state.last_label = short
    place = (label_cell or next(cell for cell in own if cell is not None)).place if any(own) else table.place
    note = _role_text(own, cells, layout, "note", label_cell)
    raw = label_cell.raw_text or label_cell.text if label_cell is not None else label
    make = partial(Row, place, order, number, label, raw, unit, path, note=note)
    shown = values if times else (told or values[:1])
    yield _with_values(make, [*shown, *others, *((None, cell) for cell in astray)], layout, state.words)
    if rank < 90:
        state.above = (*path_above(state.above, rank), Entry(rank, short))


def _is_told(cell: Cell, words: Vocabulary) -> bool:
    return cell.number is not None or not is_blank(cell.text, words)


def _tells_times(layout: Layout, words: Vocabulary) -> bool:
    """Whether the table has columns for several times, so that each value must be held against its heading."""
    headings = [layout.headings[place] for place, role in enumerate(layout.roles) if role == "value"]
    return len(set(headings)) > 1 and any(times_named(heading, words) for heading in headings)


def _with_values(
    make: Callable[..., Row], values: Sequence[tuple[int | None, Cell]], layout: Layout, words: Vocabulary
) -> Row:
    """A row with its first value, and beside it a row for each other one. Which column is meant cannot be told from a
    table without a header, so that no value is taken where it has several."""
    flags: tuple[str, ...] = ("columns_guessed",) if layout.guessed else ()
    if not values:
        return make(flags=flags)
    if layout.guessed and sum(_is_told(cell, words) for _, cell in values) > 1:
        flags = (*flags, "second_value")

    def with_value(place: int | None, cell: Cell, beside: tuple[Row, ...] = ()) -> Row:
        column = layout.headings[place] if place is not None else ""
        return make(value=cell, column=column, flags=flags, beside=beside)

    return with_value(*values[0], tuple(with_value(*one) for one in values[1:]))


def _figures_astray(own: Sequence[Cell | None], layout: Layout) -> Iterator[Cell]:
    """Units of a table without rules that end with a figure: it may be the value, whose column was not told apart."""
    for role, cell in zip(layout.roles, own, strict=True):
        if role == "unit" and cell is not None and "table_without_rules" in cell.flags:
            last = cell.text.split()[-1:] or [""]
            if len(cell.text.split()) > 1 and looks_numeric(last[0]):
                yield cell


@lru_cache(maxsize=16384)
def _is_bare(label: str, words: Vocabulary) -> bool:
    """Whether a label names no thing of its own ("rate"): its meaning is that of the row before it."""
    if len(label) > _LONGEST_BARE:
        return False
    if is_damaged(label) and any(survive(label).startswith(word) for word in words.survived("bare")):
        return True
    return any(f"{fold(label)} ".startswith(f"{word} ") for word in words.folded("bare"))


def _number_and_label(
    own: Sequence[Cell | None], cells: Sequence[Cell | None], layout: Layout
) -> tuple[str, str, Cell | None]:
    at_label, at_number = layout.column("label"), layout.column("number")
    label_cell = own[at_label] if at_label is not None else None
    number_cell = own[at_number] if at_number is not None else None
    number = squeeze(number_cell.text) if number_cell is not None else ""
    if number_cell is not None and number_cell.column_span > 1 and (label_cell is None or not label_cell.text.strip()):
        number, label_cell = "", number_cell
    if label_cell is None and at_label is not None and number and len(bare_number(number)) > 8:
        number, label_cell = "", number_cell
    text = label_cell.text.strip() if label_cell is not None else ""
    label = strip_bullet(text)
    if not number:
        number, label = split_number(label)
    return number, label.strip(), label_cell


def _role_text(
    own: Sequence[Cell | None], cells: Sequence[Cell | None], layout: Layout, role: str, label_cell: Cell | None
) -> str:
    """The text of the columns of one role; a unit merged over several rows counts for each of them."""
    found = []
    for column, name in enumerate(layout.roles if role in layout.roles else ()):
        cell = cells[column] if role == "unit" else own[column]
        if name == role and cell is not None and cell is not label_cell and cell.text.strip():
            found.append(cell.text.strip())
    return "\n".join(found)


def _values(
    own: Sequence[Cell | None], layout: Layout, label_cell: Cell | None
) -> tuple[list[tuple[int, Cell]], list[tuple[int, Cell]]]:
    """The cells in columns for values, and the figures in columns that the header does not explain, by column."""
    cells = [(place, role, own[place]) for place, role in enumerate(layout.roles)]
    known = [(place, role, cell) for place, role, cell in cells if cell is not None and cell is not label_cell]
    values = [(place, cell) for place, role, cell in known if role == "value"]
    others = [(place, cell) for place, role, cell in known if role == "other" and looks_numeric(cell.text)]
    return values, others
