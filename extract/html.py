"""Web pages, also those that Word and Excel save: text as prose, tables with merged cells."""

from __future__ import annotations

import codecs
import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from extract.decoding import Stretch
from extract.html_look import Look, Rules, look_inside, read_rules
from extract.model import Document, Finding, Table
from extract.number_formats import is_date, show_number
from extract.word_runs import dingbats
from extract.word_tables import Grid, GridCell, Line, make_line, make_tables, squeeze

MAX_CELLS = 200_000
_MAX_SPAN = 1000

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(
    rb"<meta[^>]*?charset\s*=\s*[\"']?\s*([\w-]+)|<\?xml[^>]*?encoding\s*=\s*[\"']([\w-]+)", re.IGNORECASE
)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_SKIPPED = frozenset(
    ("head", "script", "style", "title", "template", "noscript", "object", "applet", "select", "option", "iframe")
)
_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset", "figure",
     "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol", "p",
     "pre", "section", "table", "td", "th", "tr", "ul", "caption", "tbody", "thead", "tfoot")
)  # fmt: skip
_ROW_GROUPS = frozenset(("thead", "tbody", "tfoot", "form", "font", "span", "center"))
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


@dataclass(slots=True)
class _Page:
    """The page being read: its style rules, the paragraph under way with the number of its list, and what was met."""

    rules: Rules
    blocks: list[Line | Grid] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    label: str = ""
    counts: dict[etree._Element, int] = field(default_factory=dict)
    cells: int = 0
    hidden: int = 0
    pictures: int = 0


def read_html(data: bytes, sha256: str) -> Document:
    """Read the bytes of a web page (also of an .mht) into a Document as ``read_docx`` does; old encodings are read.

    Raises ValueError for a page nested too deep, without any element, or with more cells than any report has.
    """
    pages = [_read_page(text) for text in _texts(data)]
    tables, reading = make_tables([page.blocks for page in pages])
    findings = (*reading.findings, *_findings(pages, tables))
    return Document(sha256, "html", "html", tables, findings, reading.encoding)


def _findings(pages: list[_Page], tables: tuple[Table, ...]) -> Iterator[Finding]:
    hidden, pictures = sum(page.hidden for page in pages), sum(page.pictures for page in pages)
    if hidden:
        yield Finding("hidden_text", details=(("count", str(hidden)),))
    if pictures and not any(cell.text for table in tables for cell in table.cells):
        yield Finding("only_pictures", details=(("count", str(pictures)),))


def _texts(data: bytes) -> list[str]:
    """Give the text of a page, or of each page in a web archive."""
    head = data[:1000].lstrip().lower()
    if not head.startswith((b"mime-version", b"from:", b"content-type", b"x-", b"subject", b"date:")):
        return [_decoded(data, "")]
    message = email.message_from_bytes(data, policy=email.policy.default)
    parts = [part for part in message.walk() if part.get_content_type() == "text/html"]
    return [_decoded(part.get_payload(decode=True) or b"", str(part.get_content_charset() or "")) for part in parts]  # type: ignore[arg-type]


def _decoded(data: bytes, declared: str) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data.removeprefix(mark).decode(name, "replace")
    if data[:2] in (b"<\0", b"\0<"):  # two bytes a letter, without a mark that says so
        return data.decode("utf-16-le" if data.startswith(b"<") else "utf-16-be", "replace")
    found = _CHARSET.search(data[:8192])
    named = declared or ((found[1] or found[2]).decode("ascii") if found else "")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(_codec(named), "replace")


def _codec(name: str) -> str:
    """Name the codec of a declared character set: pages in old encodings declare what they like."""
    try:
        codec = codecs.lookup(name).name if name else "cp1252"
        b"a".decode(codec)
    except LookupError:
        return "cp1252"
    return "cp1252" if codec in ("iso8859-1", "ascii") else codec


def _read_page(text: str) -> _Page:
    parser = etree.HTMLParser(remove_comments=True, remove_pis=True, no_network=True)
    root = etree.fromstring(_DECLARATION.sub("", text), parser)
    if root is None:
        raise ValueError("a page without any element")
    if any("depth" in str(entry.message).lower() for entry in parser.error_log):
        raise ValueError("elements are nested too deep")
    page = _Page(read_rules(root))
    _walk(root, Look(), page)
    _end_line(page)
    return page


def _walk(element: etree._Element, outer: Look, page: _Page) -> None:
    """Read an element and what is in it, but not the text after it."""
    tag = str(element.tag).rpartition(":")[2].lower()
    if tag in _SKIPPED:
        return
    look = look_inside(element, outer, page.rules)
    if look.hidden:
        page.hidden += any(text.strip() for text in element.itertext())
        return
    page.pictures += tag == "img"
    if tag == "br":
        page.stretches.append(Stretch("\n", look.font))
        return
    if tag in _BLOCKS:
        _end_line(page)
    if tag == "table":
        _read_table(element, look, page)
        return
    if tag == "li":
        page.label = _label(element, page.counts)
    _read_inside(element, look, page)
    if tag in _BLOCKS:
        _end_line(page)


def _read_inside(element: etree._Element, look: Look, page: _Page) -> None:
    _add_text(element.text, look, page)
    for child in element:
        if isinstance(child.tag, str):
            _walk(child, look, page)
        _add_text(child.tail, look, page)


def _add_text(text: str | None, look: Look, page: _Page) -> None:
    if not text:
        return
    text = _BLANKS.sub(" ", text)
    before = page.stretches[-1].text[-1:] if page.stretches else " "
    if before in " \n":
        text = text.lstrip(" ")
    if page.label and text.strip():
        page.stretches.append(Stretch(page.label, look.font))
        page.label = ""
    if text:
        raised = look.raised and text.isascii() and text.isdigit()
        page.stretches.append(Stretch(dingbats(text, look.font), look.font, raised))


def _end_line(page: _Page) -> None:
    """End the paragraph; blank ones are left out."""
    if any(stretch.text.strip() for stretch in page.stretches):
        page.blocks.append(make_line(page.stretches))
    page.stretches = []


def _label(item: etree._Element, counts: dict[etree._Element, int]) -> str:
    """Give the number or bullet that a browser shows before an item; ``counts`` tells how far each list has counted."""
    parent = item.getparent()
    if parent is None or str(parent.tag).lower() != "ol":
        return "- "
    start = parent.get("start", "")
    first = int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 1
    number = counts[parent] = counts.get(parent, first - 1) + 1
    kind = parent.get("type", "1")
    letter = chr(ord("a") + (number - 1) % 26) if kind in ("a", "A") else str(number)
    return (letter.upper() if kind == "A" else letter) + ". "


# --- tables ----------------------------------------------------------------------------------------------------------


def _read_table(table: etree._Element, look: Look, page: _Page) -> None:
    """Read a table: what is in it outside its rows, the grid, then the tables in its cells."""
    _read_beside_rows(table, look, page)
    _end_line(page)
    hidden_columns = _hidden_columns(table, page.rules)
    cells: list[GridCell] = []
    after: list[Line | Grid] = []
    taken: dict[int, int] = {}  # column -> first row that is free again
    number = 0
    for row in _rows(table):
        row_look = look_inside(row, _group_look(row, table, look, page.rules), page.rules)
        if row_look.hidden:
            page.hidden += any(text.strip() for text in row.itertext())
            continue
        for element, column, down, across in _row_cells(row, number, taken):
            page.cells += 1
            if page.cells > MAX_CELLS:
                raise ValueError("more cells than any report has")
            if not all(place in hidden_columns for place in range(column, column + across)):
                cells.append(_cell(element, GridCell(number, column, down, across, []), row_look, page, after))
        number += 1
    _clip(cells, number)
    if cells:
        page.blocks.append(squeeze(Grid(cells, number), []))
    for block in after:
        block.boxed = True
    page.blocks += after


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """Rows of a table, not those of tables in its cells."""
    for child in table:
        tag = str(child.tag).lower()
        if tag == "tr":
            yield child
        elif tag in _ROW_GROUPS:
            yield from _rows(child)


def _read_beside_rows(table: etree._Element, look: Look, page: _Page) -> None:
    """Read what stands in a table outside its cells, where no page should have anything but a caption."""
    _add_text(table.text, look, page)
    for child in table:
        tag = str(child.tag).lower()
        if tag in _ROW_GROUPS or tag == "tr":
            _read_beside_rows(child, look, page)
        elif tag not in ("td", "th", "col", "colgroup") and isinstance(child.tag, str):
            _walk(child, look, page)
        _add_text(child.tail, look, page)


def _group_look(row: etree._Element, table: etree._Element, look: Look, rules: Rules) -> Look:
    groups = []
    group = row.getparent()
    while group is not None and group is not table:
        groups.append(group)
        group = group.getparent()
    for group in reversed(groups):
        look = look_inside(group, look, rules)
    return look


def _row_cells(
    row: etree._Element, number: int, taken: dict[int, int]
) -> Iterator[tuple[etree._Element, int, int, int]]:
    """Each cell of a row with its column, and the rows and columns it spans."""
    column = 0
    for element in row:
        if str(element.tag).lower() not in ("td", "th"):
            continue
        while taken.get(column, 0) > number:
            column += 1
        down, across = _span(element, "rowspan"), _span(element, "colspan")
        for place in range(column, column + across):
            taken[place] = number + down
        yield element, column, down, across
        column += across


def _span(element: etree._Element, name: str) -> int:
    text = element.get(name, "").strip()
    return min(max(1, int(text)), _MAX_SPAN) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _clip(cells: list[GridCell], n_rows: int) -> None:
    for cell in cells:
        cell.row_span = min(cell.row_span, n_rows - cell.row)


def _hidden_columns(table: etree._Element, rules: Rules) -> set[int]:
    found: set[int] = set()
    column = 0
    for element in table.iterfind(".//col"):
        width = _span(element, "span")
        if look_inside(element, Look(), rules).hidden:
            found.update(range(column, column + width))
        column += width
    return found


def _cell(element: etree._Element, cell: GridCell, outer: Look, page: _Page, after: list[Line | Grid]) -> GridCell:
    """Fill a cell with its lines; tables in it go to ``after``."""
    look = look_inside(element, outer, page.rules)
    around, page.blocks = page.blocks, []
    if look.hidden:
        page.hidden += any(text.strip() for text in element.itertext())
    else:
        _read_inside(element, look, page)
        _end_line(page)
    cell.lines = [block for block in page.blocks if isinstance(block, Line) and not block.boxed]
    after += [block for block in page.blocks if isinstance(block, Grid) or block.boxed]
    page.blocks = around
    _take_number(element, cell, look.number_format)
    return cell


def _take_number(element: etree._Element, cell: GridCell, code: str) -> None:
    """Take the typed value that a saved workbook keeps beside its text, whose commas depend on the country."""
    value = element.get("sdval") or element.get("x:num") or element.get("num") or ""
    code = element.get("sdnum", "").split(";", 2)[2] if element.get("sdnum", "").count(";") >= 2 else code
    if not _NUMBER.fullmatch(value) or len(value) > 40 or is_date(code):
        return
    number = float(value)
    shown = show_number(number, code or "General")
    if not cell.lines or not any(letter.isdigit() for letter in shown):
        return
    cell.lines = [make_line([Stretch(shown)])]
    cell.number, cell.number_format = int(number) if number == int(number) else number, code
