"""The text of a page as rows of word groups: what stands on one baseline, cut where a gap is wider than a space."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from extract.pdf_glyphs import Glyph

SAME_BASE = 0.4  # of the letter size: a value centred beside two lines of a label stands half a line off
SPACE = 0.2
HUGE = 2.5  # times the usual size: letters of a watermark
LARGER = 1.15  # times the usual size: a stamp, if it is drawn over other letters
GROUP_GAP = 0.55  # wider than the spaces of justified text, narrower than most gutters

_ITEM = re.compile(r"\(?(?:\d{1,3}(?:\.\d{1,3})*|[IVXLC]{1,5}|[^\W\d_])[.)]?$")
_BULLETS = frozenset("-–—+*•·●○■□▪➢✓o")
_BLANKS = frozenset("-–—.…x*")


class Group(NamedTuple):
    """Words that stand together on one baseline, with their glyphs and the right edge of the first word."""

    x0: float
    x1: float
    top: float
    bottom: float
    base: float
    size: float
    text: str
    first_x1: float
    glyphs: tuple[Glyph, ...]


class TextRow(NamedTuple):
    """The groups on one baseline, from left to right."""

    base: float
    top: float
    bottom: float
    size: float
    groups: tuple[Group, ...]


def without_overlays(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """The glyphs without watermarks and stamps: letters much larger than most, and larger lines drawn over others."""
    marks = [glyph for glyph in glyphs if not glyph.text.isspace()]
    if not marks:
        return list(glyphs)
    size = sorted(glyph.size for glyph in marks)[len(marks) // 2]
    large = [glyph for glyph in marks if glyph.size > LARGER * size]
    if not large:
        return list(glyphs)
    gone = {id(glyph) for glyph in large if glyph.size > HUGE * size}
    lines: dict[tuple[int, int], list[Glyph]] = {}
    for glyph in large:
        lines.setdefault((round(glyph.base), round(glyph.size)), []).append(glyph)
    for line in lines.values():
        top, bottom = min(glyph.top for glyph in line), max(glyph.bottom for glyph in line)
        beside = [glyph for glyph in marks if glyph.size <= LARGER * size and top < glyph.base < bottom]
        if any(_is_over(one, other) for one in line for other in beside):
            gone.update(map(id, line))
    return [glyph for glyph in glyphs if id(glyph) not in gone]


def _is_over(one: Glyph, other: Glyph) -> bool:
    """Whether a glyph covers a good part of another one on its line."""
    shared = min(one.x1, other.x1) - max(one.x0, other.x0)
    return shared > 0.3 * (other.x1 - other.x0) and abs(one.base - other.base) < 0.5 * one.size


def text_rows(glyphs: Iterable[Glyph]) -> list[TextRow]:
    """All rows of level text that can be seen, from top to bottom."""
    marks = sorted((glyph for glyph in glyphs if glyph.turn == 0 and not glyph.text.isspace()), key=attrgetter("base"))
    return [_text_row(row) for row in _by_base(marks)]


def _by_base(marks: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    row: list[Glyph] = []
    size = 0.0
    base = 0.0
    for glyph in marks:
        own = glyph.size
        if row and glyph.base - base > SAME_BASE * (own if own > size else size):
            yield row
            row, size = [], 0.0
        if not row:
            base = glyph.base
        row.append(glyph)
        if own > size:
            size = own
    if row:
        yield row


def _text_row(marks: list[Glyph]) -> TextRow:
    marks.sort(key=attrgetter("x0"))
    last = marks[0]
    part, right = [last], last.x1
    parts = [part]
    for glyph in marks[1:]:
        gap = glyph.x0 - right
        if gap > 0 and gap > GROUP_GAP * min(glyph.size, last.size):
            part = []
            parts.append(part)
        part.append(glyph)
        last = glyph
        if glyph.x1 > right:
            right = glyph.x1
    groups = tuple(map(group_of, parts))
    return TextRow(
        max(groups, key=lambda group: len(group.text)).base,
        min(group.top for group in groups),
        max(group.bottom for group in groups),
        max(group.size for group in groups),
        groups,
    )


def drawn_at(group: Group) -> int:
    """A number for the order in which groups were drawn."""
    return min(glyph.run for glyph in group.glyphs)


def group_of(marks: Sequence[Glyph]) -> Group:
    """Letters from left to right as a group."""
    texts = [marks[0].text]
    first = 0.0
    for last, glyph in itertools.pairwise(marks):
        if glyph.x0 - last.x1 > SPACE * glyph.size:
            texts.append(" ")
            first = first or last.x1
        texts.append(glyph.text)
    right = max([glyph.x1 for glyph in marks])
    return Group(
        marks[0].x0,
        right,
        min([glyph.top for glyph in marks]),
        max([glyph.bottom for glyph in marks]),
        marks[0].base,
        max([glyph.size for glyph in marks]),
        "".join(texts),
        first or right,
        tuple(marks),
    )


def is_figure(text: str) -> bool:
    """Whether a text is a number: digits with signs, and two letters at most (a unit, a footnote)."""
    digits = sum(letter.isdigit() for letter in text)
    return digits > 0 and len(text) <= 24 and sum(letter.isalpha() for letter in text) <= min(2, digits)


def is_blank_mark(text: str) -> bool:
    """Whether a text only fills an empty cell: dashes, dots, a cross."""
    return set(text) <= _BLANKS


def is_item_number(text: str) -> bool:
    """Whether a text numbers a row: 1, 1.2, IV, (3) or a)."""
    return _ITEM.match(text) is not None


def is_bullet(text: str) -> bool:
    """Whether a text only opens a point of a list."""
    return len(text) == 1 and (text in _BULLETS or "\uf000" <= text <= "\uf0ff")
