"""The stories of a Word 97 document, its text and what stands in its margins, written as parts of a .docx.

The reader of .docx reads these on, so that both kinds of Word files are understood in one place.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from extract.doc_file import (
    FIELDS,
    HEADER_FIELDS,
    HEADER_STORIES,
    HEADERS,
    MAIN,
    SECTIONS,
    SETTINGS,
    DocFile,
    Unusual,
    properties,
)
from extract.doc_looks import Look, ParagraphLook, RowLook, look_of, paragraph_of
from extract.doc_styles import (
    SPACE,
    Style,
    lists_part,
    paragraph_properties,
    read_fonts,
    read_styles,
    run_properties,
    styles_part,
)

MAX_DEPTH = 60
"""Tables in tables; a damaged file may tell of millions."""
_SIGNS = re.compile("([\x01-\x1f])")
_INLINE = {"\t": "<w:tab/>", "\x1e": "<w:noBreakHyphen/>", "\x1f": "<w:softHyphen/>", "\v": "<w:br/>", "\n": "<w:br/>"}
_BEGIN, _RESULT, _END, _CELL_END, _BREAK = "\x13", "\x14", "\x15", "\x07", "\f"
_PICTURES = "\x01\x08"
_PRIVATE, _TITLE_PAGE = 0x20, 0x300A
_STORIES = (("header", "even"), ("header", "default"), ("footer", "even"), ("footer", "default"),
            ("header", "first"), ("footer", "first"))  # fmt: skip
_BEFORE_SECTIONS = 6
_IN_ORDER = (1, 0, 4, 3, 2, 5)
_RELATIONS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


@dataclass(frozen=True, slots=True)
class Written:
    """The parts of a .docx as XML. ``margins`` are header and footer by the id that the document names them by."""

    document: str
    styles: str
    lists: str
    settings: str
    margins: dict[str, tuple[str, str]]


@dataclass(slots=True)
class _Writer:
    """What writing needs, and what was worked out so far: looks by the bytes that say them."""

    doc: DocFile
    fonts: list[str]
    styles: list[Style | None]
    section_ends: frozenset[int]
    looks: dict[bytes, tuple[Look, str]] = field(default_factory=dict)
    paragraphs: dict[bytes, ParagraphLook] = field(default_factory=dict)
    has_text: bool = False
    pictures: int = 0

    def look(self, data: bytes) -> tuple[Look, str]:
        """Give a look and the properties that say it."""
        if data not in self.looks:
            look = look_of(data)
            self.looks[data] = look, run_properties(look, self.styles, self.fonts)
        return self.looks[data]

    def paragraph(self, position: int) -> ParagraphLook:
        """Give what the paragraph is that ends at a position."""
        data = self.doc.paragraphs.at(position)
        if data not in self.paragraphs:
            self.paragraphs[data] = paragraph_of(data, self.doc.data)
        return self.paragraphs[data]


def write_parts(doc: DocFile) -> Written:
    """Write what a document says. Raises ``Unusual`` where another reader is needed."""
    fonts, (styles, plain) = read_fonts(doc), read_styles(doc)
    if any(map(_has_private_result, (doc.part(FIELDS), doc.part(HEADER_FIELDS)))):
        raise Unusual("a field whose result is not shown")
    ends = _section_ends(doc)
    writer = _Writer(doc, fonts, styles, frozenset(ends[:-1]))
    body = "".join(_blocks(_flow(writer, 0, doc.counts[MAIN])))
    margins, sections = _margins(writer, len(ends))
    if writer.pictures and not writer.has_text:
        raise Unusual("pictures alone")
    used = "<w:numPr>" in body or any(style and style.paragraph.list_id is not None for style in styles)
    facing = doc.part(SETTINGS)[:1] and doc.part(SETTINGS)[0] & 1
    return Written(
        f"<w:document {SPACE} {_RELATIONS}><w:body>{body}{sections}</w:body></w:document>",
        styles_part(styles, plain, fonts),
        lists_part(doc, styles, fonts) if used else "",
        f"<w:settings {SPACE}>{'<w:evenAndOddHeaders/>' if facing else ''}</w:settings>",
        margins,
    )


def _has_private_result(data: bytes) -> bool:
    count = (len(data) - 4) // 6
    marks = [data[4 * (count + 1) + 2 * number :][:2] for number in range(count)]
    return any(mark[0] & 0x1F == ord(_END) and mark[1] & _PRIVATE for mark in marks)


# Sections and margins


def _section_ends(doc: DocFile) -> tuple[int, ...]:
    data = doc.part(SECTIONS)
    count = (len(data) - 4) // 16
    return struct.unpack_from(f"<{count}I", data, 4) if count > 0 else ()


def _margins(writer: _Writer, count: int) -> tuple[dict[str, tuple[str, str]], str]:
    """Write headers and footers, and the sections that show them."""
    doc = writer.doc
    data, start = doc.part(HEADER_STORIES), doc.counts[MAIN]
    found: dict[str, tuple[str, str]] = {}
    if not doc.counts[HEADERS] or not data:
        return found, ""
    limits = struct.unpack_from(f"<{_BEFORE_SECTIONS + 6 * count + 1}I", data)
    sections = []
    for number in range(count):
        named = ""
        for index in _IN_ORDER:
            kind, shown = _STORIES[index]
            first, last = limits[_BEFORE_SECTIONS + 6 * number + index :][:2]
            if first < last:
                name = f"{number}.{index}"
                named += f'<w:{kind}Reference w:type="{shown}" r:id="{name}"/>'
                blocks = "".join(_blocks(_flow(writer, start + first, start + last - 1)))
                found[name] = (kind, f"<w:{kind} {SPACE}>{blocks}</w:{kind}>")
        title = "<w:titlePg/>" if _has_title_page(doc, number, count) else ""
        sections.append(f"<w:sectPr>{named}{title}</w:sectPr>")
    return found, "".join(sections)


def _has_title_page(doc: DocFile, number: int, count: int) -> bool:
    at = struct.unpack_from("<i", doc.part(SECTIONS), 4 * (count + 1) + 12 * number + 2)[0]
    if not 0 <= at < len(doc.main) - 2:
        return False
    size = struct.unpack_from("<H", doc.main, at)[0]
    found = [operand[0] for code, operand in properties(doc.main[at + 2 : at + 2 + size]) if code == _TITLE_PAGE]
    return bool(found and found[-1])


# A story

_Item = tuple[str, ParagraphLook, str]
"""A paragraph with its XML, or the end of a ``cell`` or ``row``."""


@dataclass(slots=True)
class _Paragraph:
    """A paragraph under way: finished runs, the text that waits for its run, and the fields that are open."""

    runs: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    told: str = ""
    fields: list[bool] = field(default_factory=list)

    def add(self, text: str, told: str) -> None:
        """Take in text that is shown, in the look that ``told`` says."""
        if told != self.told:
            self.flush()
            self.told = told
        self.waiting.append(text)

    def flush(self) -> None:
        """Make a run of the text that waits."""
        if self.waiting:
            self.runs.append(f"<w:r>{self.told}<w:t>{escape(''.join(self.waiting))}</w:t></w:r>")
            self.waiting.clear()

    def finished(self, look: ParagraphLook, mark: Look, styles: Sequence[Style | None]) -> str:
        """Give the paragraph, and begin the next one."""
        self.flush()
        inside = "".join(self.runs)
        self.runs.clear()
        return f"<w:p>{paragraph_properties(look, mark, styles)}{inside}</w:p>"


def _flow(writer: _Writer, start: int, end: int) -> Iterator[_Item]:
    """Give the paragraphs of a story, and where cells and rows end."""
    paragraph = _Paragraph()
    open_end = False
    for at, piece, data in _pieces(writer.doc, start, end):
        look, told = writer.look(data)
        if piece in ("\r", _CELL_END, _BREAK) and all(paragraph.fields):
            ended = list(_ended(writer, paragraph, at, piece, look))
            yield from ended
            open_end = not ended
        elif piece in (_BEGIN, _RESULT, _END):
            _follow(paragraph, piece)
        elif all(paragraph.fields) and not look.deleted:
            _write(writer, paragraph, piece, look, told)
            open_end = True
    if open_end or paragraph.fields:
        raise Unusual("text without an end")


def _pieces(doc: DocFile, start: int, end: int) -> Iterator[tuple[int, str, bytes]]:
    """Give the text of a story in pieces of one look, each sign by itself: position, text, what says the look."""
    looks = doc.looks
    at = start
    while at < end:
        index = bisect_right(looks.starts, at) - 1
        inside = index >= 0 and at < looks.ends[index]
        if inside:
            stop, data = looks.ends[index], looks.values[index]
        else:
            stop, data = looks.starts[index + 1] if index + 1 < len(looks.starts) else end, b""
        text = doc.text[at : min(stop, end)]
        if not text:
            raise Unusual("a story that is longer than the text")
        for piece in _SIGNS.split(text):
            if piece:
                yield at, piece, data
                at += len(piece)


def _follow(paragraph: _Paragraph, mark: str) -> None:
    """Keep track of fields: what stands before the result is not shown."""
    paragraph.flush()
    if mark == _BEGIN:
        paragraph.fields.append(False)
    elif not paragraph.fields:
        raise Unusual("a field that never began")
    elif mark == _RESULT:
        paragraph.fields[-1] = True
    else:
        paragraph.fields.pop()


def _write(writer: _Writer, paragraph: _Paragraph, piece: str, look: Look, told: str) -> None:
    if piece in _INLINE or piece == _BREAK:
        paragraph.flush()
        paragraph.runs.append(f"<w:r>{told}{_INLINE[piece]}</w:r>")
    elif piece in _PICTURES:
        if paragraph.fields or look.is_object:
            raise Unusual("an object")
        writer.pictures += 1
    elif piece < " ":
        raise Unusual("a sign of another kind")
    elif look.symbol is not None:
        paragraph.flush()
        font, code = look.symbol
        name = quoteattr(writer.fonts[font] if font < len(writer.fonts) else "")
        paragraph.runs += [f'<w:r>{told}<w:sym w:font={name} w:char="{code:04X}"/></w:r>' for _ in piece]
    else:
        writer.has_text = writer.has_text or not piece.isspace()
        paragraph.add(piece, told)


def _ended(writer: _Writer, paragraph: _Paragraph, at: int, mark: str, look: Look) -> Iterator[_Item]:
    """Give what ends at a mark: a paragraph, or a cell or row with the paragraph in it; a page break ends nothing."""
    if mark == _BREAK and at + 1 not in writer.section_ends:
        paragraph.flush()
        paragraph.runs.append("<w:r><w:br/></w:r>")
        return
    found = writer.paragraph(at)
    if mark == _CELL_END and not found.depth:
        raise Unusual("the end of a cell outside a table")
    ends_row = found.ends_row if mark == _CELL_END else found.ends_inner_row and mark == "\r"
    ends_cell = mark == _CELL_END or (found.ends_inner_cell and mark == "\r")
    if not ends_row or paragraph.runs or paragraph.waiting:
        yield "paragraph", found, paragraph.finished(found, look, writer.styles)
    if ends_row or ends_cell:
        yield "row" if ends_row else "cell", found, ""


# Tables


@dataclass(slots=True)
class _Table:
    """A table under way: its rows, the cells of the row that is open, the blocks of the cell that is open."""

    rows: list[tuple[list[list[str]], RowLook]] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)


def _blocks(flow: Iterator[_Item]) -> list[str]:
    """Put paragraphs into the cells, and tables into the tables, in which they stand."""
    found: list[str] = []
    tables: list[_Table] = []
    for kind, look, text in flow:
        if look.depth > MAX_DEPTH:
            raise Unusual("tables in tables without end")
        _close(tables, found, look.depth)
        if kind == "paragraph":
            while len(tables) < look.depth:
                tables.append(_Table())
            (tables[-1].blocks if tables else found).append(text)
        elif look.depth != len(tables):
            raise Unusual("a cell without a paragraph")
        elif kind == "cell":
            tables[-1].cells.append(tables[-1].blocks)
            tables[-1].blocks = []
        else:
            _end_row(tables[-1], look.row)
    _close(tables, found, 0)
    return found


def _close(tables: list[_Table], found: list[str], depth: int) -> None:
    """Finish the tables deeper than ``depth``."""
    while len(tables) > depth:
        table = tables.pop()
        if table.cells or table.blocks or not table.rows:
            raise Unusual("a row without an end")
        (tables[-1].blocks if tables else found).append(_table(table.rows))


def _end_row(table: _Table, look: RowLook) -> None:
    if table.blocks:
        table.cells.append(table.blocks)
        table.blocks = []
    if not table.cells or len(look.limits) != len(table.cells) + 1:
        raise Unusual("a row with other cells than its shape says")
    table.rows.append((table.cells, look))
    table.cells = []


def _table(rows: Sequence[tuple[list[list[str]], RowLook]]) -> str:
    limits = {limit for _, look in rows for limit in look.limits}
    limits |= {look.limits[0] - look.before for _, look in rows if look.before}
    limits |= {look.limits[-1] + look.after for _, look in rows if look.after}
    order = sorted(limits)
    grid = "".join(f'<w:gridCol w:w="{high - low}"/>' for low, high in pairwise(order))
    rank = {limit: number for number, limit in enumerate(order)}
    return f"<w:tbl><w:tblGrid>{grid}</w:tblGrid>{''.join(_row(cells, look, rank) for cells, look in rows)}</w:tbl>"


def _row(cells: Sequence[list[str]], look: RowLook, rank: dict[int, int]) -> str:
    before = rank[look.limits[0]]
    told = f'<w:gridBefore w:val="{before}"/>' if before else ""
    told += "<w:tblHeader/>" if look.header else ""
    found = []
    number = 0
    while number < len(cells):
        end = number + 1
        while end < len(cells) and look.joined[end]:  # what stands in them is not shown
            end += 1
        span = rank[look.limits[end]] - rank[look.limits[number]]
        found.append(_cell(cells[number], span if span > 0 else end - number, look.down[number]))
        number = end
    return f"<w:tr>{f'<w:trPr>{told}</w:trPr>' if told else ''}{''.join(found)}</w:tr>"


def _cell(blocks: Sequence[str], span: int, down: str) -> str:
    told = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    told += f'<w:vMerge w:val="{down}"/>' if down else ""
    after = "<w:p/>" if blocks and blocks[-1].startswith("<w:tbl>") else ""
    return f"<w:tc><w:tcPr>{told}</w:tcPr>{''.join(blocks) or '<w:p/>'}{after}</w:tc>"
