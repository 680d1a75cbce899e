"""Word documents: paragraphs as prose, tables as grids with their merged cells, in the order a person reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from extract.decoding import Stretch
from extract.model import Document, Finding, Table
from extract.ooxml import RELATIONSHIP, Package, open_package, parse_part, related, related_part
from extract.word_numbering import VAL, Counters, Label, List, W, depth_of_style, next_label, read_lists
from extract.word_runs import (
    CELL,
    PARAGRAPH,
    ROW,
    TABLE,
    Style,
    children,
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


@dataclass(frozen=True, slots=True)
class _Context:
    """What paragraphs need to be read: styles, lists and how far they have counted."""

    styles: dict[str, Style]
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
    root = parse_part(package, main)
    context = _Context(_styles(package, main), read_lists(_part(package, main, "numbering")))
    headers, footers = _margins(package, main, root, context)
    notes = [*_notes(package, main, "footnotes", context), *_notes(package, main, "endnotes", context)]
    body = [block for part in root.iterchildren(W + "body") for block in _blocks(part, context)]
    tables, reading = make_tables([headers, body, notes, footers])
    findings = (*reading.findings, *_findings(root, tables))
    return Document(sha256, "docx", "docx", tables, findings, reading.encoding)


def _part(package: Package, main: str, kind: str) -> etree._Element | None:
    name = related_part(package, main, kind)
    return parse_part(package, name) if name else None


def _styles(package: Package, main: str) -> dict[str, Style]:
    """Every style by id with what it inherits; "" is the default paragraph style."""
    root = _part(package, main, "styles")
    if root is None:
        return {}
    default = Style(font=font_of(root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")))
    items = {item.get(W + "styleId", ""): item for item in root.iterchildren(W + "style")}
    found = {name: _style(name, items, default) for name in items}
    for name, item in items.items():
        if item.get(W + "type") == "paragraph" and item.get(W + "default") in ("1", "true", "on"):
            default = found[name]
    return {"": default} | found


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


def _margins(package: Package, main: str, root: etree._Element, context: _Context) -> tuple[list[Line | Grid], ...]:
    """Give the blocks of the page headers and of the page footers that are shown, each part once."""
    parts = related(package, main)
    settings = _part(package, main, "settings")
    shown = {"default", "even"} if is_on(settings, "evenAndOddHeaders") else {"default"}
    names: dict[str, None] = {}
    for section in root.iter(W + "sectPr"):
        kinds = shown | {"first"} if is_on(section, "titlePg") else shown
        for reference in section.iterchildren(W + "headerReference", W + "footerReference"):
            if reference.get(W + "type", "default") in kinds:
                names[reference.get(RELATIONSHIP + "id", "")] = None
    found: dict[str, list[Line | Grid]] = {"header": [], "footer": []}
    for kind, name in dict.fromkeys(parts[item] for item in names if item in parts):
        if kind in found and name.lower() in package.members:
            blocks = [block for block in _blocks(parse_part(package, name), context) if not _page_number(block)]
            found[kind] += [block for block in blocks if block not in found[kind]]
    return found["header"], found["footer"]


def _page_number(block: Line | Grid) -> bool:
    return isinstance(block, Line) and not any(letter.isalpha() for letter in block.text)


def _notes(package: Package, main: str, kind: str, context: _Context) -> list[Line | Grid]:
    root = _part(package, main, kind)
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
    pieces = list(visible_stretches(paragraph, context.styles))
    label = _label(paragraph, context)
    blank = not any(piece.text.strip() for piece in pieces)
    if label is not None and not (label.bullet and blank):
        font = "" if label.bullet else label.font or next((piece.font for piece in pieces), "")
        pieces.insert(0, Stretch(label.text if blank else label.text + " ", font))
    return make_line(pieces)


def _label(paragraph: etree._Element, context: _Context) -> Label | None:
    numbering = paragraph.find(f"{W}pPr/{W}numPr")
    style = style_of(paragraph, context.styles)
    list_id = _value(numbering, "numId") or style.list_id
    if not list_id or list_id == "0" or is_on(paragraph.find(f"{W}pPr/{W}rPr"), "vanish"):
        return None
    own = _value(numbering, "ilvl")
    named = _value(paragraph.find(W + "pPr"), "pStyle")
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
    properties = row.find(W + "trPr")
    return properties is not None and (properties.find(W + "del") is not None or is_on(properties, "hidden") is True)


def _row_cells(row: etree._Element) -> Iterator[tuple[int, int, str, etree._Element]]:
    """(first grid column, columns spanned, "" | "restart" | "continue" downwards, element) of each cell of a row."""
    start = _int(_value(row.find(W + "trPr"), "gridBefore"))
    merged: tuple[int, int, str, etree._Element] | None = None
    for cell in (child for child in children(row) if child.tag == CELL):
        properties = cell.find(W + "tcPr")
        span = min(max(1, _int(_value(properties, "gridSpan"))), _MAX_SPAN)
        if merged is not None and _merge(properties, "hMerge") == "continue":
            merged = (merged[0], merged[1] + span, merged[2], merged[3])
        else:
            if merged is not None:
                yield merged
            merged = (start, span, _merge(properties, "vMerge"), cell)
        start += span
    if merged is not None:
        yield merged


def _merge(properties: etree._Element | None, name: str) -> str:
    found = None if properties is None else properties.find(W + name)
    return "" if found is None else found.get(VAL, "continue")


def _findings(root: etree._Element, tables: tuple[Table, ...]) -> Iterator[Finding]:
    """Tell what stands in the document and was not read as text."""
    objects = sum(1 for _ in root.iter(*_OBJECTS))
    if objects:
        yield Finding("object_not_read", details=(("count", str(objects)),))
    hidden = sum(is_on(run.find(W + "rPr"), "vanish") is True for run in root.iter(W + "r"))
    hidden += sum(_covered_text(cell) for cell in root.iter(CELL))
    if hidden:
        yield Finding("hidden_text", details=(("count", str(hidden)),))
    pictures = sum(1 for _ in root.iter(*_PICTURES))
    if pictures and not any(cell.text for table in tables for cell in table.cells):
        yield Finding("only_pictures", details=(("count", str(pictures)),))


def _covered_text(cell: etree._Element) -> bool:
    """Whether a cell that a merged one covers holds words: Word keeps but does not show them."""
    covered = _merge(cell.find(W + "tcPr"), "vMerge") == "continue"
    return covered and any((text.text or "").strip() for text in cell.iter(W + "t"))


def _value(item: etree._Element | None, name: str) -> str:
    found = None if item is None else item.find(W + name)
    return "" if found is None else found.get(VAL, "")


def _value_of(item: etree._Element, name: str) -> str:
    return str(item.get(W + name, ""))


def _int(text: str) -> int:
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return 0
