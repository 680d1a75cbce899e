"""Glyphs into lines of text by where they stand: baseline first, then left to right, never in stream order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from extract.model import Box
from extract.pdf_glyphs import Glyph, Piece, Run, glyphs_of
from extract.pdf_runs import TIGHT, WORD_GAP

SAME_LINE = 0.5  # of the larger letter size: superscripts stay in their line, the next line does not
COLUMN_GAP = 2.5
HUGE = 2.5  # times the usual size
DOUBLED = 0.08  # fake bold draws a letter again this near

_SPACES = re.compile(r"[^\S\t\n]+")
_BULLET = re.compile(
    r"[-–—+*•·●○■□▪➢✓\uf000-\uf0ff]|\(?\d+(?:[.,]\d+)*\s*[.)]|\d+(?:\.\d+)+\s|\(\d+\)|[^\W\d_]\s*[.)]|[IVXLC]+\s*[.)]"
)


class Line(NamedTuple):
    """One line of text with its box, baseline, letter size, and the right edge of its first word."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    base: float
    size: float
    first_word_x1: float

    @property
    def box(self) -> Box:
        """Left, top, right, bottom."""
        return (self.x0, self.top, self.x1, self.bottom)


def lines_of(glyphs: Iterable[Glyph], tabs: bool = False) -> list[Line]:
    """All lines that hold a visible letter, from top to bottom. ``tabs``: a gap as wide as a column becomes a tab."""
    glyphs = list(glyphs)
    turns = {glyph.turn for glyph in glyphs}
    if turns <= {0}:
        return _level_lines(glyphs, tabs)
    lines = [
        _turned_back(line, turn)
        for turn in sorted(turns)
        for line in _level_lines([_levelled(glyph, turn) for glyph in glyphs if glyph.turn == turn], tabs)
    ]
    return lines if len(turns) == 1 else sorted(lines, key=attrgetter("top"))


def lines_in(pieces: Sequence[Piece]) -> list[Line]:
    """The same lines as ``lines_of`` the glyphs of these pieces, of whole runs where they stand beside each other."""
    runs = [piece for piece in pieces if isinstance(piece, Run)]
    sizes = [run.size for run in runs]
    if len(runs) < len(pieces) or (sizes and max(sizes) > HUGE * min(sizes)):
        return lines_of(glyphs_of(pieces))
    runs.sort(key=attrgetter("base"))
    lines = [_line_of_run(row[0]) if len(row) == 1 else _line_of_runs(row) for row in _rows_of_runs(runs)]
    return [line for line in lines if line is not None]


def _rows_of_runs(runs: Sequence[Run]) -> Iterator[list[Run]]:
    """Runs sorted by baseline, cut into rows as their glyphs would be; blanks belong to no row of their own."""
    row: list[Run] = []
    size = base = 0.0
    for run in runs:
        own = run.size
        is_apart = bool(row) and run.base - base > SAME_LINE * (own if own > size else size)
        if run.layout.left is None:
            if row and not is_apart:
                row.append(run)
            continue
        if is_apart:
            yield row
            row, size = [], 0.0
        if not row:
            base = run.base
        row.append(run)
        if own > size:
            size = own
    if row:
        yield row


def _line_of_run(run: Run) -> Line:
    layout, x, across, top, bottom, base, size, *_ = run
    text, _, _, _, _, _, _, left, _, reach, word, *_ = layout
    right = x + across * reach
    word_x1 = right if word is None else x + across * word
    return Line(_tidy(text), x + across * (left or 0.0), top, right, bottom, base, size, word_x1)


def _line_of_runs(row: list[Run]) -> Line | None:
    """One line of runs; by their glyphs where they do not follow each other clearly. Leading blanks do not count."""
    first = row[0]
    layout = first.layout
    leads = layout.left if layout.left is not None and layout.blank_first else layout.start
    starts = {id(run): run.x + run.across * run.layout.start for run in row}
    starts[id(first)] = first.x + first.across * leads
    ordered = sorted(row, key=lambda run: starts[id(run)])
    for one, two in pairwise(ordered):
        if starts[id(two)] <= one.x + one.across * one.layout.last + TIGHT * max(one.size, two.size):
            return _line([*_without_leading_blanks(first.glyphs()), *glyphs_of(row[1:])], False)
    texts: list[str] = []
    word = 0.0
    last: Run | None = None
    for run in ordered:
        layout, right = run.layout, last.x + last.across * last.layout.right if last is not None else 0.0
        if layout.left is None:
            if last is not None:
                texts.append(" ")
                word = word or right
            continue
        left = run.x + run.across * layout.left
        text = layout.text.lstrip(" ") if run is first else layout.text
        if last is not None and (text[0] == " " or left - right > WORD_GAP * max(run.size, last.size)):
            texts.append(" ")
            word = word or right
        texts.append(text)
        if not word and layout.word is not None:
            word = run.x + run.across * layout.word
        last = run
    seen = [run for run in ordered if run.layout.left is not None]
    box = (
        seen[0].x + seen[0].across * (seen[0].layout.left or 0.0),
        min(run.top for run in seen),
        max(run.x + run.across * run.layout.reach for run in seen),
        max(run.bottom for run in seen),
    )
    return Line(_tidy("".join(texts)), *box, seen[0].base, max(run.size for run in seen), word or box[2])


def _without_leading_blanks(glyphs: list[Glyph]) -> list[Glyph]:
    at = next((at for at, glyph in enumerate(glyphs) if not glyph.text.isspace()), len(glyphs))
    return glyphs[at:]


def _level_lines(glyphs: Iterable[Glyph], tabs: bool) -> list[Line]:
    layers = _layers(sorted(glyphs, key=attrgetter("base")))
    lines = [line for layer in layers for row in _rows(layer) if (line := _line(row, tabs)) is not None]
    return lines if len(layers) == 1 else sorted(lines, key=attrgetter("base"))


def _layers(glyphs: list[Glyph]) -> list[list[Glyph]]:
    """Text apart from letters so large that they can only be a watermark behind it, or a title."""
    sizes = [glyph.size for glyph in glyphs]
    if not sizes or max(sizes) <= HUGE * min(sizes):
        return [glyphs]
    most = HUGE * sorted(sizes)[len(sizes) // 2]
    return [[each for each in glyphs if each.size <= most], [each for each in glyphs if each.size > most]]


def _levelled(glyph: Glyph, turn: int) -> Glyph:
    """Turn a glyph about the origin so that its text runs to the right."""
    x0, top, x1, bottom, base = glyph.x0, glyph.top, glyph.x1, glyph.bottom, glyph.base
    if turn == 1:
        return glyph._replace(x0=-bottom, top=x0, x1=-top, bottom=x1, base=base)
    if turn == 3:
        return glyph._replace(x0=top, top=-x1, x1=bottom, bottom=-x0, base=-base)
    return glyph._replace(x0=-x1, top=-bottom, x1=-x0, bottom=-top, base=-base) if turn == 2 else glyph


def _turned_back(line: Line, turn: int) -> Line:
    """Give a line of turned text the box that it has on the page."""
    x0, top, x1, bottom = line.box
    if turn == 1:
        box = (top, -x1, bottom, -x0)
    elif turn == 3:
        box = (-bottom, x0, -top, x1)
    else:
        box = (-x1, -bottom, -x0, -top) if turn == 2 else line.box
    return Line(line.text, *box, box[3] if turn else line.base, line.size, box[2] if turn else line.first_word_x1)


def _rows(glyphs: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    """Glyphs sorted by baseline, cut into rows that share one."""
    row: list[Glyph] = []
    size = base = 0.0
    for glyph in glyphs:
        own = glyph.size
        is_apart = bool(row) and glyph.base - base > SAME_LINE * (own if own > size else size)
        if glyph.text.isspace():
            if row and not is_apart:
                row.append(glyph)
            continue
        if is_apart:
            yield row
            row, size = [], 0.0
        if not row:
            base = glyph.base
        row.append(glyph)
        if own > size:
            size = own
    if row:
        yield row


def _line(row: list[Glyph], tabs: bool) -> Line | None:
    row.sort(key=attrgetter("x0"))
    marks = [glyph for glyph in row if not glyph.text.isspace()]
    if not marks:
        return None
    text, first_word_x1 = _joined(row if len(marks) < len(row) else marks, tabs)
    right = max([glyph.x1 for glyph in marks])
    box = (marks[0].x0, min([glyph.top for glyph in marks]), right, max([glyph.bottom for glyph in marks]))
    size = max([glyph.size for glyph in marks])
    return Line(_tidy(text), *box, marks[0].base, size, first_word_x1 or right)


def _joined(row: Sequence[Glyph], tabs: bool) -> tuple[str, float]:
    """The text of glyphs from left to right, and the right edge of its first word, 0 where there is only one."""
    pieces: list[str] = []
    first_word_x1 = 0.0
    last: Glyph | None = None
    for glyph in row:
        if glyph.text.isspace():
            if last is not None:
                pieces.append(" ")
                first_word_x1 = first_word_x1 or last.x1
            continue
        if last is not None:
            if glyph.text == last.text and _is_doubled(last, glyph):
                continue
            gap, size = glyph.x0 - last.x1, glyph.size
            if gap > WORD_GAP * (size if size > last.size else last.size):
                pieces.append("\t" if tabs and gap > COLUMN_GAP * size else " ")
                first_word_x1 = first_word_x1 or last.x1
        pieces.append(glyph.text)
        last = glyph
    return "".join(pieces), first_word_x1


def _is_doubled(last: Glyph, glyph: Glyph) -> bool:
    """Whether a letter stands where the same one was drawn before."""
    near = DOUBLED * glyph.size
    return abs(glyph.x0 - last.x0) < near and abs(glyph.base - last.base) < near


@lru_cache(maxsize=16384)
def _tidy(text: str) -> str:
    text = _SPACES.sub(" ", text).replace(" \t", "\t").replace("\t ", "\t").strip()
    if text.isascii():
        return text
    text = re.sub("[\ufb00-\ufb06]", lambda found: unicodedata.normalize("NFKC", found.group()), text)
    return unicodedata.normalize("NFC", text)


def begins_item(text: str) -> bool:
    """Whether a line opens with a bullet, an item number or an item letter."""
    return _BULLET.match(text) is not None


def continues(last: Line, line: Line, right: float) -> bool:
    """Whether ``line`` is the rest of the paragraph of ``last``, in text that reaches up to ``right``.

    It is when its first word had no room left on the line before, and nothing marks a new beginning.
    """
    no_room = last.x1 + (line.first_word_x1 - line.x0) + 0.2 * line.size > right - 1
    near = line.base - last.base < 2.0 * max(line.size, last.size)
    alike = abs(line.size - last.size) < 0.15 * line.size and last.text.isupper() == line.text.isupper()
    not_indented = line.x0 < last.x0 + 1.5 * line.size
    plain = "\t" not in last.text and "\t" not in line.text
    return no_room and near and alike and not_indented and plain and not begins_item(line.text)
