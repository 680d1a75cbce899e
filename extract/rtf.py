"""RTF documents: their text with fonts, tables with merged cells, notes, text boxes; no other formatting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from extract.decoding import SOFT_HYPHEN, Stretch, raw_text
from extract.encodings import font_encoding
from extract.model import Document, Finding, Table
from extract.rtf_tables import Edge, Row, Shape, grid_of
from extract.rtf_tokens import Fonts, letters, read_font_name, read_font_word, tokens, whole_text
from extract.word_numbering import OWN_BULLETS
from extract.word_runs import dingbats
from extract.word_tables import Grid, Line, make_line, make_tables, margin_blocks

MAX_DEPTH = 1000
MAX_CELLS = 500_000
_MAX_NESTING = 20

_SIGNS = {"~": "\N{NO-BREAK SPACE}", "-": SOFT_HYPHEN, "_": "-", "\\": "\\", "{": "{", "}": "}", "\t": "\t"}
_LETTERS = {
    "tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " ", "qmspace": " ", "softline": "\n",
}  # fmt: skip
_FLOWS = {"header": "header", "headerl": "header", "headerr": "header", "headerf": "header", "footer": "footer",
          "footerl": "footer", "footerr": "footer", "footerf": "footer", "footnote": "note",
          "shptxt": "box"}  # fmt: skip
_SKIPPED = frozenset(
    ("stylesheet", "colortbl", "info", "pict", "objdata", "fldinst", "nonshppict", "shprslt", "sp", "xe", "tc", "tcn",
     "rxe", "txe", "annotation", "atnid", "atnauthor", "filetbl", "listtable", "listoverridetable", "revtbl",
     "rsidtbl", "generator", "nonesttables", "private", "mmathPict", "pn", "pnseclvl", "bkmkstart", "bkmkend",
     "datafield", "formfield", "themedata", "colorschememapping", "latentstyles", "datastore", "template", "ftnsep",
     "ftnsepc", "aftnsep", "aftnsepc")
)  # fmt: skip
_OPENED = frozenset(("nesttableprops", "shpinst", "ud"))
"""Marked as optional, but known here."""
_MERGES = {"clvmgf": ("down", "restart"), "clvmrg": ("down", "continue"), "clmgf": ("across", "restart"),
           "clmrg": ("across", "continue")}  # fmt: skip
_SWITCHES = {"v": "hidden", "deleted": "deleted", "super": "raised", "fonttbl": "fonts", "upr": "doubled",
             "listtext": "label", "pntext": "label", "intbl": "in_table"}  # fmt: skip


@dataclass(slots=True)
class _Level:
    """A table under way at one depth of nesting: the rows so far, the cells of the open row, the open cell."""

    rows: list[Row] = field(default_factory=list)
    cells: list[list[Line | Grid]] = field(default_factory=list)
    blocks: list[Line | Grid] = field(default_factory=list)


@dataclass(slots=True)
class _Flow:
    """A stream of text: the body, a header, a note. ``stretches`` is the open paragraph, ``boxes`` what it anchors."""

    kind: str
    blocks: list[Line | Grid] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    boxes: list[Line | Grid] = field(default_factory=list)
    levels: list[_Level] = field(default_factory=lambda: [_Level()])
    shape: Shape = field(default_factory=Shape)
    outer_shape: Shape = field(default_factory=Shape)
    row_open: bool = False


@dataclass(slots=True)
class _State:
    """What holds inside a group: copied where one opens, forgotten where it closes."""

    flow: _Flow
    font: int = -1
    skipped: bool = False
    fonts: bool = False
    optional: bool = False
    doubled: bool = False
    hidden: bool = False
    deleted: bool = False
    raised: bool = False
    in_table: bool = False
    level: int = 1
    fallback: int = 1
    owner: bool = False
    label: bool = False


@dataclass(slots=True)
class _Reader:
    """The file being read: the open groups, the fonts, the letters not yet put into a paragraph, what was met."""

    state: _State
    groups: list[_State] = field(default_factory=list)
    fonts: Fonts = field(default_factory=Fonts)
    waiting: bytearray = field(default_factory=bytearray)
    to_skip: int = 0
    edge: Edge = field(default_factory=lambda: Edge(0))
    flows: list[_Flow] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"pictures": 0, "objects": 0, "hidden": 0, "cells": 0})


def read_rtf(data: bytes, sha256: str) -> Document:
    """Read the bytes of an RTF file into a Document as ``read_docx`` does: prose and grids in reading order, page
    headers first, footers and notes last, old encodings read. Raises ValueError for groups nested without end and for
    more cells than any report has."""
    body = _Flow("body")
    reader = _Reader(_State(body), flows=[body])
    for kind, text, number in tokens(data):
        _read_token(reader, kind, text, number)
    for flow in reader.flows:
        _finish(reader, flow)
    streams = [[block for flow in reader.flows if flow.kind == kind for block in flow.blocks]
               for kind in ("header", "body", "note", "footer")]  # fmt: skip
    streams[0], streams[3] = margin_blocks(streams[0]), margin_blocks(streams[3])
    tables, reading = make_tables(streams)
    findings = (*reading.findings, *_findings(reader.counts, tables))
    return Document(sha256, "rtf", "rtf", tables, findings, reading.encoding)


def _findings(counts: dict[str, int], tables: tuple[Table, ...]) -> Iterator[Finding]:
    if counts["objects"]:
        yield Finding("object_not_read", details=(("count", str(counts["objects"])),))
    if counts["hidden"]:
        yield Finding("hidden_text", details=(("count", str(counts["hidden"])),))
    if counts["pictures"] and not any(cell.text for table in tables for cell in table.cells):
        yield Finding("only_pictures", details=(("count", str(counts["pictures"])),))


def _read_token(reader: _Reader, kind: str, text: str, number: int | None) -> None:
    if kind == "brace":
        _open_group(reader) if text == "{" else _close_group(reader)
    elif reader.state.skipped:
        if kind == "word" and text == "ud":
            reader.state.skipped = False
    elif kind in ("text", "byte"):
        _add_bytes(reader, text.encode("latin-1") if kind == "text" else bytes([int(text, 16)]))
    elif reader.to_skip and (kind == "sign" or text in _LETTERS):
        reader.to_skip -= 1
    elif kind == "sign":
        _read_sign(reader, text)
    else:
        _read_word(reader, text, number)


def _open_group(reader: _Reader) -> None:
    _flush(reader)
    if len(reader.groups) >= MAX_DEPTH:
        raise ValueError("groups are nested too deep")
    state = reader.state
    reader.groups.append(state)
    skipped = state.skipped or state.doubled  # of a text given twice, the first is the poorer one
    reader.state = replace(state, skipped=skipped, optional=False, doubled=False, owner=False)


def _close_group(reader: _Reader) -> None:
    _flush(reader)
    state = reader.state
    if state.label and reader.groups and not reader.groups[-1].label:
        _end_label(state.flow)
    if reader.groups:
        reader.state = reader.groups.pop()
    if state.owner and state.flow is not reader.state.flow:
        _finish(reader, state.flow)
        if state.flow.kind == "box":
            for block in state.flow.blocks:
                block.boxed = True
            reader.state.flow.boxes += state.flow.blocks


def _end_label(flow: _Flow) -> None:
    """Put the number of a list item, which stands at the head of its paragraph, as other readers do."""
    text = raw_text(flow.stretches).strip()
    font = flow.stretches[0].font if flow.stretches else ""
    bullet = not any(letter.isalnum() for letter in text)
    if bullet and text:
        own = text in OWN_BULLETS and font_encoding(font) != "pictures"
        text, font = text if own else "-", ""
    flow.stretches = [Stretch(text + " ", font)] if text else []


def _add_bytes(reader: _Reader, data: bytes) -> None:
    if reader.to_skip:
        skipped = min(reader.to_skip, len(data))
        reader.to_skip -= skipped
        data = data[skipped:]
    if reader.state.fonts:
        read_font_name(reader.fonts, data.decode("latin-1"))
    else:
        reader.waiting += data


def _flush(reader: _Reader) -> None:
    """Put the bytes read so far into the open paragraph; letters of two bytes may be spread over tokens."""
    reader.to_skip = 0
    if reader.waiting:
        _, page = _font(reader)
        data, reader.waiting = bytes(reader.waiting), bytearray()
        _add_text(reader, letters(data, page))


def _font(reader: _Reader) -> tuple[str, str]:
    number = reader.state.font if reader.state.font >= 0 else reader.fonts.default
    return reader.fonts.known.get(number, ("", reader.fonts.page))


def _add_text(reader: _Reader, text: str) -> None:
    state = reader.state
    if state.hidden and text.strip():
        reader.counts["hidden"] += 1
    if not text or state.hidden or state.deleted or state.fonts:
        return
    name, _ = _font(reader)
    raised = state.raised and text.isascii() and text.isdigit()
    state.flow.stretches.append(Stretch(dingbats(text, name), name, raised))


def _read_sign(reader: _Reader, sign: str) -> None:
    if sign == "*":
        reader.state.optional = True
    elif sign in "\r\n":
        _flush(reader)
        _end_paragraph(reader)
    elif sign in _SIGNS:
        _flush(reader)
        _add_text(reader, _SIGNS[sign])


def _read_word(reader: _Reader, word: str, number: int | None) -> None:
    if word == "u" and number is not None:
        _flush(reader)
        _add_text(reader, _unit(reader, number))
        reader.to_skip = reader.state.fallback
        return
    _flush(reader)
    state = reader.state
    unknown, state.optional = state.optional and word not in _OPENED, False
    if word in _FLOWS:
        _open_flow(reader, _FLOWS[word])
    elif word in _SKIPPED or unknown:
        state.skipped = True
        reader.counts["pictures"] += word in ("pict", "shppict")
    elif word in _LETTERS:
        _add_text(reader, _LETTERS[word])
    elif not _read_format(reader, word, number):
        _read_table_word(reader, word, number)


def _unit(reader: _Reader, number: int) -> str:
    """Give the letter of a 16-bit unit; the second half of a pair completes the first, which waits in the paragraph."""
    letter = chr(number & 0xFFFF)
    stretches = reader.state.flow.stretches
    if "\udc00" <= letter <= "\udfff" and stretches and "\ud800" <= stretches[-1].text[-1:] <= "\udbff":
        first = stretches.pop().text
        pair = (first[-1] + letter).encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        return first[:-1] + pair
    return letter


def _open_flow(reader: _Reader, kind: str) -> None:
    flow = _Flow(kind)
    if kind != "box":
        reader.flows.append(flow)
    reader.state.flow, reader.state.owner = flow, True
    reader.state.in_table, reader.state.level = False, 1


def _read_format(reader: _Reader, word: str, number: int | None) -> bool:
    """Take a word about fonts and letters; False when it is about something else."""
    state = reader.state
    if word in _SWITCHES:
        setattr(state, _SWITCHES[word], number != 0)
    elif word in ("nosupersub", "sub"):
        state.raised = False
    elif word == "uc":
        state.fallback = max(0, min(number or 0, 100))
    elif word == "plain":
        state.font, state.hidden, state.raised, state.deleted = -1, False, False, False
    elif word == "object":
        reader.counts["objects"] += 1
    else:
        if word == "f":
            state.font = number or 0
        return read_font_word(reader.fonts, word, number or 0)
    return True


def _read_table_word(reader: _Reader, word: str, number: int | None) -> None:
    state = reader.state
    depth = 1 if word in ("cell", "row") else max(2, state.level)
    if word in ("par", "sect"):
        _end_paragraph(reader)
    elif word in ("cell", "nestcell"):
        _end_cell(reader, depth)
    elif word in ("row", "nestrow"):
        _end_row(state.flow, depth)
        if word == "nestrow":
            state.flow.shape = state.flow.outer_shape
    elif word == "nesttableprops":
        state.flow.outer_shape = state.flow.shape
    elif word == "pard":
        state.in_table, state.level = False, 1
    elif word == "itap":
        state.level, state.in_table = max(1, min(number or 0, _MAX_NESTING)), bool(number)
    else:
        _read_shape_word(reader, word, number or 0)


def _read_shape_word(reader: _Reader, word: str, number: int) -> None:
    """Take a word about the shape of a row."""
    flow = reader.state.flow
    if word == "trowd":
        flow.shape, reader.edge = Shape(), Edge(0)
    elif word == "trleft":
        flow.shape.left = number
    elif word == "trhdr":
        flow.shape.header = True
    elif word in _MERGES:
        setattr(reader.edge, *_MERGES[word])
    elif word == "cellx":
        reader.edge.right = number
        flow.shape.edges.append(reader.edge)
        flow.row_open, reader.edge = True, Edge(0)
        _count_cell(reader)


def _count_cell(reader: _Reader) -> None:
    reader.counts["cells"] += 1
    if reader.counts["cells"] > MAX_CELLS:
        raise ValueError("more cells than any report has")


def _level(flow: _Flow, number: int) -> _Level:
    while len(flow.levels) < number:
        flow.levels.append(_Level())
    return flow.levels[number - 1]


def _end_paragraph(reader: _Reader) -> None:
    state, flow = reader.state, reader.state.flow
    if state.in_table or (flow.row_open and state.level == 1):
        _absorb(flow, state.level)
        _level(flow, state.level).blocks += _paragraph(flow)
        return
    _close_table(flow)
    flow.blocks += _paragraph(flow)


def _paragraph(flow: _Flow) -> list[Line | Grid]:
    """Take the open paragraph, and the text boxes anchored in it after it."""
    line = make_line([replace(stretch, text=whole_text(stretch.text)) for stretch in flow.stretches])
    found = [line, *flow.boxes]
    flow.stretches, flow.boxes = [], []
    return found


def _end_cell(reader: _Reader, number: int) -> None:
    flow = reader.state.flow
    _absorb(flow, number)
    level = _level(flow, number)
    level.cells.append([*level.blocks, *_paragraph(flow)])
    level.blocks = []
    _count_cell(reader)


def _absorb(flow: _Flow, number: int) -> None:
    """Put the tables that ended deeper down into the open cell of a level."""
    for deeper in range(len(flow.levels), number, -1):
        level, above = flow.levels[deeper - 1], flow.levels[deeper - 2]
        above.blocks += [*grid_of(level.rows), *(block for cell in level.cells for block in cell), *level.blocks]
        flow.levels[deeper - 1] = _Level()


def _end_row(flow: _Flow, number: int) -> None:
    level = _level(flow, number)
    if level.cells:
        level.rows.append(Row(flow.shape, level.cells))
    level.cells = []
    if number == 1:
        flow.row_open = False


def _close_table(flow: _Flow) -> None:
    """End the table, whatever is left open in it."""
    _absorb(flow, 1)
    level = flow.levels[0]
    flow.blocks += [*grid_of(level.rows), *(block for cell in level.cells for block in cell), *level.blocks]
    flow.levels = [_Level()]


def _finish(reader: _Reader, flow: _Flow) -> None:
    """End a flow where its group or the file ends."""
    if flow.stretches or flow.boxes:
        level = flow.levels[0]
        target = level.blocks if level.rows or level.cells or level.blocks else flow.blocks
        target += _paragraph(flow)
    _close_table(flow)
