"""Word documents: paragraphs as prose, tables as grids with their merged cells, in the order a person reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import TypeVar

from lxml import etree

from extract.decoding import Stretch
from extract.model import Document, Finding, Table
from extract.ooxml import RELATIONSHIP, Package, open_package, parse_part, parse_xml, read_part, related, related_part
from extract.word_numbering import VAL, Counters, Label, List, W, depth_of_style, next_label, read_lists
from extract.word_runs import (
    CELL,
    PARAGRAPH,
    ROW,
    RUN,
    TABLE,
    Style,
    Styles,
    children,
    first,
    font_of,
    is_on,
    style_of,
    text_boxes,
    visible_stretches,
)
from extract.word_tables import Grid, GridCell, Line, make_line, make_tables, squeeze

_OBJECTS = {
    "{urn:schemas-microsoft-com:office:office}OLEObject": "object_not_read",
    "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart": "object_not_read",
    "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds": "object_not_read",
    W + "altChunk": "object_not_read",
}
_PICTURES = ("{http://schemas.openxmlformats.org/drawingml/2006/main}blip", "{urn:schemas-microsoft-com:vml}imagedata")
_MAX_SPAN = 1000
_KEPT_BYTES = 1_000_000
_Told = TypeVar("_Told")
_PARAGRAPH_PROPERTIES, _CELL_PROPERTIES = W + "pPr", W + "tcPr"
_STYLE_NAME, _NUMBERING = W + "pStyle", W + "numPr"
_SPAN, _MERGED_DOWN, _MERGED_RIGHT = W + "gridSpan", W + "vMerge", W + "hMerge"
_CELL_LOOK = (_SPAN, _MERGED_DOWN, _MERGED_RIGHT)
"""What a cell's own properties may say that counts here."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a .docx, ``None`` for those that it has not. ``related`` tells what else the main part refers to: id
    -> kind and name, ``parse`` gives a part by its name."""

    document: etree._Element
    styles: Styles
    lists: dict[str, List]
    settings: etree._Element | None
    footnotes: etree._Element | None
    endnotes: etree._Element | None
    related: Mapping[str, tuple[str, str]]
    parse: Callable[[str], etree._Element]


@dataclass(frozen=True, slots=True)
class _Context:
    """What paragraphs need to be read: styles, lists and how far they have counted."""

    styles: Styles
    lists: dict[str, List]
    counters: Counters = field(default_factory=Counters)


def read_docx(data: bytes, sha256: str) -> Document:
    """Read the bytes of a .docx (also .docm, .dotx, strict) into a Document.

    Runs of paragraphs are prose tables, one row each; a nested table follows the table that holds it; headers come
    first, footers and notes last. Old encodings are read. Raises what the zip and XML parsers raise about a damaged
    file, KeyError when the main part is missing.
    """
    package = open_package(data)
    main = related_part(package, "", "officeDocument") or "word/document.xml"
    parts = Parts(
        parse_part(package, main),
        _read_as(package, main, "styles", read_styles, Styles(lambda name: None)),
        _read_as(package, main, "numbering", read_lists, {}),
        _part(package, main, "settings"),
        _part(package, main, "footnotes"),
        _part(package, main, "endnotes"),
        {name: one for name, one in related(package, main).items() if one[1].lower() in package.members},
        partial(parse_part, package),
    )
    return read_parts(parts, sha256)


def read_parts(parts: Parts, sha256: str) -> Document:
    """Read the parts of a .docx into a Document."""
    root = parts.document
    context = _Context(parts.styles, parts.lists)
    headers, footers = _margins(parts, context)
    notes = [*_notes(parts.footnotes, context), *_notes(parts.endnotes, context)]
    body = [block for part in root.iterchildren(W + "body") for block in _blocks(part, context)]
    tables, reading = make_tables([headers, body, notes, footers])
    findings = (*reading.findings, *_findings(root, tables))
    return Document(sha256, "docx", "docx", tables, findings, reading.encoding)


def _part(package: Package, main: str, kind: str) -> etree._Element | None:
    name = related_part(package, main, kind)
    return parse_part(package, name) if name else None


def _read_as(
    package: Package, main: str, kind: str, read: Callable[[etree._Element], _Told], otherwise: _Told
) -> _Told:
    """What a part says that is the same in many files of one office."""
    name = related_part(package, main, kind)
    if not name:
        return otherwise
    data = read_part(package, name)
    return _remembered(read, data) if len(data) <= _KEPT_BYTES else read(parse_xml(data))


@lru_cache(maxsize=8)
def _remembered(read: Callable[[etree._Element], _Told], data: bytes) -> _Told:
    return read(parse_xml(data))


def read_styles(root: etree._Element) -> Styles:
    """Every style of a part by id with what it inherits; "" is the default paragraph style."""
    plain = Style(font=font_of(root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")))
    items = {item.get(W + "styleId", ""): item for item in root.iterchildren(W + "style")}
    defaults = [name for name, item in items.items() if item.get(W + "default") in ("1", "true", "on")]
    default = next((name for name in reversed(defaults) if items[name].get(W + "type") == "paragraph"), None)

    def find(name: str) -> Style | None:
        if name not in items and not name:
            return plain if default is None else _style(default, items, plain)
        return _style(name, items, plain) if name in items else None

    return Styles(find)


def _style(name: str, items: dict[str, etree._Element], default: Style) -> Style:
    """Walk up from a style to those it is based on; the nearest word counts."""
    font, hidden, list_id, depth = "", None, "", None
    seen: set[str] = set()
    paragraph = items[name].get(W + "type") == "paragraph"
    while name in items and name not in seen:
        seen.add(name)
        item = items[name]
        properties, numbering = item.find(W + "rPr"), item.find(f"{W}pPr/{W}numPr")
        font = font or font_of(properties)
        hidden = is_on(properties, "vanish") if hidden is None else hidden
        list_id = list_id or _value(numbering, "numId")
        depth = _int(_value(numbering, "ilvl")) if depth is None and _value(numbering, "ilvl") else depth
        name = _value(item, "basedOn")
    return Style(font or (default.font if paragraph else ""), bool(hidden), list_id, depth)


def _margins(parts: Parts, context: _Context) -> tuple[list[Line | Grid], ...]:
    """Give the blocks of the page headers and of the page footers that are shown, each part once."""
    shown = {"default", "even"} if is_on(parts.settings, "evenAndOddHeaders") else {"default"}
    names: dict[str, None] = {}
    for section in parts.document.iter(W + "sectPr"):
        kinds = shown | {"first"} if is_on(section, "titlePg") else shown
        for reference in section.iterchildren(W + "headerReference", W + "footerReference"):
            if reference.get(W + "type", "default") in kinds:
                names[reference.get(RELATIONSHIP + "id", "")] = None
    found: dict[str, list[Line | Grid]] = {"header": [], "footer": []}
    for kind, name in dict.fromkeys(parts.related[item] for item in names if item in parts.related):
        if kind in found:
            blocks = [block for block in _blocks(parts.parse(name), context) if not _page_number(block)]
            found[kind] += [block for block in blocks if block not in found[kind]]
    return found["header"], found["footer"]


def _page_number(block: Line | Grid) -> bool:
    return isinstance(block, Line) and not any(letter.isalpha() for letter in block.text)


def _notes(root: etree._Element | None, context: _Context) -> list[Line | Grid]:
    if root is None:
        return []
    notes = [note for note in root if isinstance(note.tag, str) and note.get(W + "type", "normal") == "normal"]
    return [block for note in notes for block in _blocks(note, context)]


def _blocks(container: etree._Element, context: _Context) -> Iterator[Line | Grid]:
    """Lines and grids of a container in reading order; what is inside a cell or text box follows its holder."""
    for child in children(container):
        if child.tag == PARAGRAPH:
            yield _line(child, context)
            for box in text_boxes(child):
                for block in _blocks(box, context):
                    block.boxed = True
                    yield block
        elif child.tag == TABLE:
            yield from _grid(child, context)


def _line(paragraph: etree._Element, context: _Context) -> Line:
    properties = first(paragraph, _PARAGRAPH_PROPERTIES)
    told: dict[str, etree._Element] = {}
    for item in () if properties is None else properties.iterchildren(_STYLE_NAME, _NUMBERING, reversed=True):
        told[item.tag] = item
    named = told[_STYLE_NAME].get(VAL, "") if _STYLE_NAME in told else ""
    style = style_of(named, context.styles)
    empty = len(paragraph) == (properties is not None)
    pieces = [] if empty else list(visible_stretches(paragraph, style, context.styles))
    numbering = told.get(_NUMBERING)
    label = _label(properties, numbering, named, style, context) if numbering is not None or style.list_id else None
    blank = not any(piece.text.strip() for piece in pieces)
    if label is not None and not (label.bullet and blank):
        font = "" if label.bullet else label.font or next((piece.font for piece in pieces), "")
        pieces.insert(0, Stretch(label.text if blank else label.text + " ", font))
    return make_line(pieces)


def _label(
    properties: etree._Element | None, numbering: etree._Element | None, named: str, style: Style, context: _Context
) -> Label | None:
    list_id = _value(numbering, "numId") or style.list_id
    if not list_id or list_id == "0" or is_on(first(properties, W + "rPr"), "vanish"):
        return None
    own = _value(numbering, "ilvl")
    if own:
        depth = _int(own)
    elif style.depth is not None:
        depth = style.depth
    else:
        depth = depth_of_style(context.lists, list_id, named)
    return next_label(context.lists, context.counters, list_id, depth)


def _grid(table: etree._Element, context: _Context) -> Iterator[Line | Grid]:
    """One grid, then the tables and text boxes that stand in its cells."""
    cells: list[GridCell] = []
    after: list[Line | Grid] = []
    above: dict[int, GridCell] = {}
    rows = [row for row in children(table) if row.tag == ROW and not _gone(row)]
    for number, row in enumerate(rows):
        here: dict[int, GridCell] = {}
        for start, span, kind, element in _row_cells(row):
            if kind == "continue" and start in above:
                above[start].row_span = number - above[start].row + 1
                here[start] = above[start]
                continue
            inside = list(_blocks(element, context))
            cell = GridCell(number, start, 1, span, [block for block in inside if _own(block)])
            after += [block for block in inside if not _own(block)]
            cells.append(cell)
            if kind:
                here[start] = cell
        above = here
    widths = [_int(_value_of(column, "w")) for column in table.iterfind(f"{W}tblGrid/{W}gridCol")]
    if cells:
        yield squeeze(
            Grid(cells, len(rows), header=bool(rows) and is_on(rows[0].find(W + "trPr"), "tblHeader") is True), widths
        )
    for block in after:
        block.boxed = True
        yield block


def _own(block: Line | Grid) -> bool:
    return isinstance(block, Line) and not block.boxed


def _gone(row: etree._Element) -> bool:
    """Whether a row is deleted in tracked changes, or hidden."""
    properties = first(row, W + "trPr")
    return properties is not None and (first(properties, W + "del") is not None or is_on(properties, "hidden") is True)


def _row_cells(row: etree._Element) -> Iterator[tuple[int, int, str, etree._Element]]:
    """(first grid column, columns spanned, "" | "restart" | "continue" downwards, element) of each cell of a row."""
    start = _int(_value(first(row, W + "trPr"), "gridBefore"))
    merged: tuple[int, int, str, etree._Element] | None = None
    for cell in (child for child in children(row) if child.tag == CELL):
        properties = first(cell, _CELL_PROPERTIES)
        told: dict[str, str | None] = {}
        for item in () if properties is None else properties.iterchildren(*_CELL_LOOK, reversed=True):
            told[item.tag] = item.get(VAL)
        span = min(max(1, _int(told.get(_SPAN) or "")), _MAX_SPAN)
        if merged is not None and _merge(told, _MERGED_RIGHT) == "continue":
            merged = (merged[0], merged[1] + span, merged[2], merged[3])
        else:
            if merged is not None:
                yield merged
            merged = (start, span, _merge(told, _MERGED_DOWN), cell)
        start += span
    if merged is not None:
        yield merged


def _merge(told: dict[str, str | None], tag: str) -> str:
    if tag not in told:
        return ""
    value = told[tag]
    return "continue" if value is None else value


def _findings(root: etree._Element, tables: tuple[Table, ...]) -> Iterator[Finding]:
    """Tell what stands in the document and was not read as text."""
    objects = sum(1 for _ in root.iter(*_OBJECTS))
    if objects:
        yield Finding("object_not_read", details=(("count", str(objects)),))
    hidden = sum(_is_hidden_run(mark) for mark in root.iter(W + "vanish"))
    hidden += sum(_covered_text(mark) for mark in root.iter(W + "vMerge"))
    if hidden:
        yield Finding("hidden_text", details=(("count", str(hidden)),))
    pictures = sum(1 for _ in root.iter(*_PICTURES))
    if pictures and not any(cell.text for table in tables for cell in table.cells):
        yield Finding("only_pictures", details=(("count", str(pictures)),))


def _is_hidden_run(mark: etree._Element) -> bool:
    properties = mark.getparent()
    run = None if properties is None else properties.getparent()
    own = run is not None and run.tag == RUN and first(run, W + "rPr") is properties
    return own and first(properties, W + "vanish") is mark and is_on(properties, "vanish") is True


def _covered_text(mark: etree._Element) -> bool:
    """Whether a cell that a merged one covers holds words: Word keeps but does not show them."""
    properties = mark.getparent()
    cell = None if properties is None else properties.getparent()
    if cell is None or cell.tag != CELL or first(cell, _CELL_PROPERTIES) is not properties:
        return False
    covered = first(properties, W + "vMerge") is mark and mark.get(VAL, "continue") == "continue"
    return covered and any((text.text or "").strip() for text in cell.iter(W + "t"))


def _value(item: etree._Element | None, name: str) -> str:
    if item is None:
        return ""
    found = first(item, W + name)
    return "" if found is None else found.get(VAL, "")


def _value_of(item: etree._Element, name: str) -> str:
    return str(item.get(W + name, ""))


def _int(text: str) -> int:
    if not text:
        return 0
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return 0
