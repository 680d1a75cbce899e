"""OpenDocument texts (.odt): paragraphs with list numbers, tables with merged cells, notes, text boxes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from extract.decoding import Stretch
from extract.model import Document, Finding, Table
from extract.opendocument import (
    DRAW,
    OFFICE,
    PARAGRAPHS,
    STYLE,
    TABLE,
    TEXT,
    TEXT_BOX,
    OpenFile,
    look_of,
    open_document,
    stretches_of,
    whole,
)
from extract.word_numbering import LEVELS, Counters, Level, List, next_label
from extract.word_tables import Grid, GridCell, Line, make_line, make_tables, margin_blocks, squeeze

MAX_CELLS = 200_000
_MAX_SPAN = 1000
_COUNTS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_PASSED = frozenset((TEXT + "tracked-changes", OFFICE + "forms", TEXT + "sequence-decls", TEXT + "variable-decls"))
_MARGINS = {"header": "header", "header-left": "header", "header-first": "header",
            "footer": "footer", "footer-left": "footer", "footer-first": "footer"}  # fmt: skip


@dataclass(slots=True)
class _Context:
    """The file, its lists and how far they have counted, notes met so far, and how many cells."""

    file: OpenFile
    lists: dict[str, List]
    counters: Counters = field(default_factory=Counters)
    notes: list[Line | Grid] = field(default_factory=list)
    cells: int = 0


@dataclass(frozen=True, slots=True)
class _Item:
    """Where a paragraph stands in a list: its style and depth; only the first one of an item is numbered."""

    style: str
    depth: int


def read_odt(data: bytes, sha256: str) -> Document:
    """Read the bytes of an .odt into a Document as ``read_docx`` does. An encrypted file gives a Finding.

    Raises what the zip and XML parsers raise about a damaged file, KeyError without content, ValueError for more cells
    than any report has.
    """
    file = open_document(data)
    if file is None:
        return Document(sha256, "odt", "odt", findings=(Finding("encrypted"),))
    context = _Context(file, _lists(file))
    headers, footers = _margins(context)
    body = [block for text in file.content.iterfind(f"{OFFICE}body/{OFFICE}text") for block in _blocks(text, context)]
    tables, reading = make_tables([headers, body, context.notes, footers])
    return Document(
        sha256, "odt", "odt", tables, (*reading.findings, *_findings(file.content, tables)), reading.encoding
    )


def _findings(content: etree._Element, tables: tuple[Table, ...]) -> Iterator[Finding]:
    objects = sum(1 for _ in content.iter(DRAW + "object", DRAW + "object-ole"))
    if objects:
        yield Finding("object_not_read", details=(("count", str(objects)),))
    pictures = sum(1 for _ in content.iter(DRAW + "image"))
    if pictures and not any(cell.text for table in tables for cell in table.cells):
        yield Finding("only_pictures", details=(("count", str(pictures)),))


def _lists(file: OpenFile) -> dict[str, List]:
    roots = [root for root in (file.styles, file.content) if root is not None]
    return {
        item.get(STYLE + "name", ""): List(item.get(STYLE + "name", ""), dict(map(_level, item)), {})
        for root in roots
        for item in root.iter(TEXT + "list-style")
    }


def _level(item: etree._Element) -> tuple[int, Level]:
    depth = whole(item, TEXT + "level") - 1
    if item.tag != TEXT + "list-level-style-number":
        return depth, Level(format="bullet", text=item.get(TEXT + "bullet-char", ""))
    shown = whole(item, TEXT + "display-levels")
    numbers = ".".join(f"%{level + 1}" for level in range(max(0, depth + 1 - shown), depth + 1) if level < LEVELS)
    text = item.get(STYLE + "num-prefix", "") + numbers + item.get(STYLE + "num-suffix", "")
    kind = _COUNTS.get(item.get(STYLE + "num-format", ""), "none")
    return depth, Level(whole(item, TEXT + "start-value"), kind, text if kind != "none" else "")


def _margins(context: _Context) -> tuple[list[Line | Grid], list[Line | Grid]]:
    """Give the blocks of the page headers and of the page footers, each once."""
    found: dict[str, list[Line | Grid]] = {"header": [], "footer": []}
    if context.file.styles is not None:
        for page in context.file.styles.iter(STYLE + "master-page"):
            for part in page:
                kind = _MARGINS.get(etree.QName(part).localname if isinstance(part.tag, str) else "")
                if kind and part.get(STYLE + "display") != "false":
                    found[kind] += _blocks(part, context)
    return margin_blocks(found["header"]), margin_blocks(found["footer"])


def _blocks(container: etree._Element, context: _Context, item: _Item | None = None) -> Iterator[Line | Grid]:
    """Lines and grids of a container in reading order; wrappers of any kind are opened."""
    for child in container:
        if not isinstance(child.tag, str) or child.tag in _PASSED or child.get(TEXT + "display") == "none":
            continue
        if child.tag in PARAGRAPHS:
            yield from _paragraph(child, context, item)
            item = None
        elif child.tag == TEXT + "list":
            yield from _list(child, context, item)
            item = None
        elif child.tag == TABLE + "table":
            yield from _grid(child, context)
        elif child.tag == DRAW + "frame":
            yield from _boxed(child, context)
        else:
            yield from _blocks(child, context)


def _list(element: etree._Element, context: _Context, outer: _Item | None) -> Iterator[Line | Grid]:
    style = element.get(TEXT + "style-name", "") or (outer.style if outer else "")
    depth = outer.depth + 1 if outer else 0
    if depth == 0 and element.get(TEXT + "continue-numbering") != "true" and not element.get(TEXT + "continue-list"):
        context.counters.counts.pop(style, None)
    for child in element.iterchildren(TEXT + "list-item", TEXT + "list-header"):
        numbered = child.tag == TEXT + "list-item"
        start = child.get(TEXT + "start-value")
        if start:
            context.counters.counts.setdefault(style, {})[depth] = whole(child, TEXT + "start-value") - 1
        yield from _list_item(child, context, _Item(style, depth), numbered)


def _list_item(element: etree._Element, context: _Context, item: _Item, numbered: bool) -> Iterator[Line | Grid]:
    for child in element:
        if child.tag == TEXT + "list":
            yield from _list(child, context, item)
        elif child.tag in PARAGRAPHS:
            yield from _paragraph(child, context, item if numbered else None)
            numbered = False


def _paragraph(element: etree._Element, context: _Context, item: _Item | None) -> Iterator[Line | Grid]:
    stretches = stretches_of(element, context.file)
    look = look_of(context.file, "paragraph", element.get(TEXT + "style-name", ""))
    if item is not None:
        style = item.style or look.list_style
        label = next_label(context.lists, context.counters, style, min(item.depth, LEVELS))
        blank = not any(stretch.text.strip() for stretch in stretches)
        if label is not None and not (label.bullet and blank):
            font = "" if label.bullet else next((stretch.font for stretch in stretches), look.font)
            stretches.insert(0, Stretch(label.text if blank else label.text + " ", font))
    yield make_line(stretches)
    for frame in element.iter(DRAW + "frame", DRAW + "custom-shape"):
        if next(frame.iterancestors(*PARAGRAPHS)) is element:
            yield from _boxed(frame, context)
    for note in element.iter(TEXT + "note"):
        for body in note.iterchildren(TEXT + "note-body"):
            context.notes += _blocks(body, context)


def _boxed(frame: etree._Element, context: _Context) -> Iterator[Line | Grid]:
    """Give the blocks of a text box, or of a shape with text in it."""
    for part in frame if frame.tag == DRAW + "frame" else [frame]:
        if part.tag in (TEXT_BOX, DRAW + "custom-shape"):
            for block in _blocks(part, context):
                block.boxed = True
                yield block


def _grid(table: etree._Element, context: _Context) -> Iterator[Line | Grid]:
    """One grid, then the tables and text boxes that stand in its cells."""
    cells: list[GridCell] = []
    after: list[Line | Grid] = []
    number = 0
    for row in _rows(table):
        repeated = min(whole(row, TABLE + "number-rows-repeated"), _MAX_SPAN)
        for _ in range(repeated):
            for cell, inside in _cells(row, number, context):
                after += [block for block in inside if isinstance(block, Grid) or block.boxed]
                cells.append(cell)
            number += 1
    if cells:
        header = next(table.iterchildren(TABLE + "table-header-rows"), None) is not None
        yield squeeze(Grid(cells, number, header=header), [])
    for block in after:
        block.boxed = True
        yield block


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """Rows of a table, not those of tables in its cells."""
    for child in table:
        if child.tag == TABLE + "table-row":
            yield child
        elif child.tag in (TABLE + "table-header-rows", TABLE + "table-rows", TABLE + "table-row-group"):
            yield from _rows(child)


def _cells(row: etree._Element, number: int, context: _Context) -> Iterator[tuple[GridCell, list[Line | Grid]]]:
    column = 0
    for child in row.iterchildren(TABLE + "table-cell", TABLE + "covered-table-cell"):
        for _ in range(min(whole(child, TABLE + "number-columns-repeated"), _MAX_SPAN)):
            context.cells += 1
            if context.cells > MAX_CELLS:
                raise ValueError("more cells than any report has")
            if child.tag == TABLE + "table-cell":
                inside = list(_blocks(child, context))
                lines: list[Line | Grid] = [block for block in inside if isinstance(block, Line) and not block.boxed]
                down = min(max(1, whole(child, TABLE + "number-rows-spanned")), _MAX_SPAN)
                across = min(max(1, whole(child, TABLE + "number-columns-spanned")), _MAX_SPAN)
                yield GridCell(number, column, down, across, lines), inside
            column += 1
