"""What the drawings of an embedded font tell of its letters: a mark above or below is a contour of its own.

A code whose drawing has a mark above cannot be a bare letter, two drawings with the same body have the same base
letter, and the same mark is the same tone. None of this needs a word, a known text or a picture.
"""

from __future__ import annotations

import hashlib
import struct
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from extract.pdf_codes import FontCodes, is_known
from extract.pdf_fonts import glyph_names

BAND = 0.25  # of the letter size above the baseline: every letter crosses this height
SMALL_TOP, LARGE_TOP = 0.62, 0.53  # small letters without a stem end below the one, capitals above the other
SMALL = frozenset("aceimnorsuvwxzgpqy")
SMALLEST = 0.4  # no letter is lower
HORN = 0.8  # of the width of a letter: where its horn begins
NEAR = 0.04
LEAST_SHARE = 0.8
LEAST_WEIGHT = 3
MAPPED = 20  # votes that a font's own map counts for
DOT = "."
"""The dot of the letter i."""
_BELOW = "\N{COMBINING DOT BELOW}"
_HORN = "\N{COMBINING HORN}"
_FIRST = "\N{COMBINING CIRCUMFLEX ACCENT}\N{COMBINING BREVE}"
_STROKES = frozenset("Il|1")
"""What some fonts draw alike: their bodies say nothing."""

MOST_NESTED = 8
MOST_KEPT = 50_000

Code = tuple[int, int]
"""Number of a font and a code of it."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The drawing of one code: its body and the contours apart from it, each named by its shape; the body's top."""

    whole: str
    body: str
    above: tuple[str, ...]
    below: tuple[str, ...]
    top: float


@dataclass(frozen=True, slots=True)
class _Contour:
    points: tuple[tuple[int, int], ...]
    left: int
    low: int
    right: int
    high: int
    outer: bool


_OUTLINES: dict[tuple[bytes, int, int], Outline | None] = {}
"""What was drawn in this process: by the hash of its source, the size of the letters and the width."""


def read_outlines(tables: Any, font: Any, codes: Iterable[int]) -> dict[int, Outline]:
    """Outlines of the ``codes`` of a playa font by its opened TrueType program; codes that draw nothing have none."""
    found: dict[int, Outline] = {}
    try:
        size, metrics = tables["head"].unitsPerEm, tables["hmtx"]
        names, sources = glyph_names(tables, font, set(codes)), dict[str, bytes]()
        for name in names.values():  # all before the first is drawn, which takes its parts to pieces
            _source(tables["glyf"], name, sources, MOST_NESTED)
        for code, name in names.items():
            outline = _drawn(tables["glyf"], name, sources[name], size, metrics[name][0])
            if outline is not None:
                found[code] = outline
    except Exception:  # a font program is foreign data, and reading goes on without it
        return {}
    return found


def _drawn(glyphs: Any, name: str, source: bytes, size: int, advance: int) -> Outline | None:
    """The outline of a glyph, ``None`` if it draws nothing: drawn once for all fonts that have it byte for byte."""
    key = (source, size, advance)
    if key in _OUTLINES:
        return _OUTLINES[key]
    contours = list(dict.fromkeys(_contours(glyphs, name)))
    outline = _outline(contours, size, advance) if contours else None
    if source:
        if len(_OUTLINES) > MOST_KEPT:
            _OUTLINES.clear()
        _OUTLINES[key] = outline
    return outline


def _source(glyphs: Any, name: str, known: dict[str, bytes], depth: int) -> bytes:
    """A hash of all the bytes that a glyph is drawn from, those of its parts included; b"" where that is not known.

    Parts count by what they are and not by their number, which differs between subsets of one font.
    """
    found = known.get(name)
    if found is None:
        data = getattr(glyphs.glyphs[name], "data", b"")
        if data[:1] >= b"\x80":  # made of other glyphs
            data = _parts_source(glyphs, data, known, depth - 1) if depth else b""
        found = known[name] = hashlib.blake2b(data, digest_size=16).digest() if data else b""
    return found


def _parts_source(glyphs: Any, data: bytes, known: dict[str, bytes], depth: int) -> bytes:
    """How the parts of a glyph are put together, each with the hash of its own bytes in the place of its number."""
    if glyphs.extended:  # their numbers have another length
        return b""
    at, flags, pieces = 10, 0x20, [b"parts"]
    while flags & 0x20:  # more parts follow
        flags, number = struct.unpack_from(">HH", data, at)
        scales = 2 if flags & 0x08 else 4 if flags & 0x40 else 8 if flags & 0x80 else 0
        end = at + 4 + (4 if flags & 0x01 else 2) + scales
        source = _source(glyphs, glyphs.glyphOrder[number], known, depth)
        if not source:
            return b""
        pieces += [data[at : at + 2], data[at + 4 : end], source]
        at = end
    return b"".join(pieces)


def _contours(glyphs: Any, name: str) -> Iterator[_Contour]:
    coordinates, ends, _ = glyphs[name].getCoordinates(glyphs)
    points = [(round(x), round(y)) for x, y in coordinates]
    for start, end in zip([0, *(each + 1 for each in ends)], ends, strict=False):
        part = tuple(points[start : end + 1])
        if len(part) > 2:
            xs, ys = [x for x, _ in part], [y for _, y in part]
            yield _Contour(part, min(xs), min(ys), max(xs), max(ys), _turns_right(part))


def _turns_right(points: Sequence[tuple[int, int]]) -> bool:
    """Whether a contour runs clockwise, as the outer ones of a font do and the holes in them do not."""
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise([*points, points[0]])) < 0


def _outline(contours: list[_Contour], size: int, advance: int) -> Outline:
    core = [each for each in contours if each.low < BAND * size < each.high]
    whole = _name(contours, min(each.left for each in contours), 0, (size, advance))
    if not core:
        return Outline(whole, "", (), (), 0.0)
    floor = min(each.low for each in core)
    above = [each for each in contours if each not in core and _is_above(each, core, size)]
    below = [each for each in contours if each.high < floor + NEAR * size and each.low < 0]
    body = [each for each in contours if each not in above and each not in below]
    name = _name(body, min(each.left for each in body), 0, (size,))
    return Outline(whole, name, _marks(above, size), _marks(below, size), max(each.high for each in body) / size)


def _is_above(contour: _Contour, core: Sequence[_Contour], size: int) -> bool:
    """Whether a contour stands above the body, or beside the tip of its horn; a horn itself stands at the right end."""
    top = max(each.high for each in core)
    if contour.low > top - NEAR * size:
        return True
    left, right = min(each.left for each in core), max(each.right for each in core)
    outer = contour.outer == max(core, key=lambda each: each.right - each.left).outer
    central = contour.left + contour.right < 2 * left + 2 * HORN * (right - left)
    return outer and central and contour.low > SMALLEST * size


def _marks(contours: Iterable[_Contour], size: int) -> tuple[str, ...]:
    return tuple(sorted(_name([each], each.left, each.low, (size,)) for each in contours))


def _name(contours: Iterable[_Contour], left: int, low: int, extra: tuple[int, ...]) -> str:
    """A short name for a shape, wherever it stands."""
    shapes = sorted(tuple((x - left, y - low) for x, y in each.points) for each in contours)
    return hashlib.blake2b(repr((shapes, extra)).encode(), digest_size=12).hexdigest()


def parts_of(letter: str) -> tuple[str, str, str]:
    """Base letter (with its horn or stroke), marks above and marks below; the dot of an i is a mark above."""
    whole = unicodedata.normalize("NFD", letter)
    base, marks = whole[0], whole[1:]
    if _HORN in marks:
        base = unicodedata.normalize("NFC", base + _HORN)
    below = _BELOW if _BELOW in marks else ""
    above = "".join(mark for mark in marks if mark not in (_HORN, _BELOW))
    return base, above or (DOT if base in "ij" else ""), below


def is_possible(outline: Outline, letter: str) -> bool:
    """Whether a drawing can be this letter, by the number of marks above and below and by its height."""
    if len(letter) != 1 or not letter.isalpha():
        return not letter.isdigit() or not (outline.above or outline.below or not outline.body)
    base, above, below = parts_of(letter)
    if not outline.body or len(outline.below) != len(below):
        # the tail of a y reaches as low as a dot below it
        return bool(outline.body) and base in "yY" and not outline.below and _has_marks(outline, base, above)
    return _has_marks(outline, base, above) and _has_height(outline, base)


def _has_marks(outline: Outline, base: str, above: str) -> bool:
    """Whether it has a contour for each mark above, or fewer where marks touch; some fonts leave an i its dot."""
    return min(1, len(above)) <= len(outline.above) <= len(above) + (base == "i" and above != DOT)


def _has_height(outline: Outline, base: str) -> bool:
    if base in SMALL:
        return outline.top < SMALL_TOP
    return not base.isupper() or not base.isascii() or outline.top > LARGE_TOP


def drawings_of(fonts: Iterable[FontCodes]) -> Drawings:
    """The outlines of all codes that a document drew, with what its fonts' own maps say of them."""
    outlines: dict[Code, Outline] = {}
    known: list[tuple[Code, str]] = []
    for font in fonts:
        drawn = {int.from_bytes(piece, "big"): letter for piece, (letter, *_) in font.cache.items()}
        if font.program is not None:
            found = read_outlines(font.program, font.font, drawn)
            outlines |= {(font.number, code): outline for code, outline in found.items()}
            known += [((font.number, code), drawn[code]) for code in found if is_known(drawn[code])]
    drawings = Drawings(outlines)
    for _ in range(2):  # what two marks over one letter are is known once one of them is
        for code, letter in known:
            drawings.note(code, letter, MAPPED)
    return drawings


@dataclass(slots=True)
class Drawings:
    """The outlines of a document's codes, and what every claim made so far says of the shapes in them.

    ``votes``: shape -> what it is said to be -> the codes that say so, each with the weight of its evidence.
    """

    outlines: Mapping[Code, Outline]
    votes: dict[str, dict[str, dict[Code, int]]] = field(default_factory=dict)

    def note(self, code: Code, letter: str, weight: int) -> None:
        """Let a claim that ``code`` is ``letter`` speak for its shapes, whether it is believed or not."""
        outline = self.outlines.get(code)
        if outline is not None and is_possible(outline, letter):
            for shape, said in self._said(outline, letter):
                self.votes.setdefault(shape, {}).setdefault(said, {})[code] = weight

    def allows(self, code: Code, letter: str) -> bool:
        """Whether nothing that is drawn speaks against a letter."""
        outline = self.outlines.get(code)
        if outline is None:
            return True
        if not is_possible(outline, letter):
            return False
        return all(self.meaning(shape) in ("", said) for shape, said in self._said(outline, letter))

    def doubted(self, code: Code, letter: str) -> bool:
        """Whether other claims about the same shapes contradict a letter that was believed."""
        outline = self.outlines.get(code)
        if outline is None:
            return False
        return any(self._share(shape, said) < LEAST_SHARE for shape, said in self._said(outline, letter))

    def letter_of(self, code: Code) -> str:
        """The letter that known shapes make of a drawing, "" where one of them is not known."""
        outline = self.outlines.get(code)
        if outline is None or not outline.body:
            return ""
        same = self.meaning("=" + outline.whole)
        base = self.meaning("_" + outline.body)
        above = [self.meaning("^" + shape) for shape in outline.above]
        below = [self.meaning("." + shape) for shape in outline.below]
        if same or not base or not all(above) or not all(below):
            return same
        marks = sorted("".join(above).replace(DOT, ""), key=lambda mark: mark not in _FIRST)
        letter = unicodedata.normalize("NFC", base + "".join(marks) + "".join(below))
        return letter if len(letter) == 1 and letter.isalpha() and is_possible(outline, letter) else ""

    def meaning(self, shape: str) -> str:
        """What a shape is by most votes, "" where they are few or differ."""
        votes = self.votes.get(shape)
        if not votes:
            return ""
        weights = Counter({said: sum(codes.values()) for said, codes in votes.items()})
        said, weight = weights.most_common(1)[0]
        return said if weight >= LEAST_WEIGHT and weight >= LEAST_SHARE * weights.total() else ""

    def _share(self, shape: str, said: str) -> float:
        votes = self.votes.get(shape, {})
        total = sum(sum(codes.values()) for codes in votes.values())
        return sum(votes.get(said, {}).values()) / total if total else 1.0

    def _said(self, outline: Outline, letter: str) -> list[tuple[str, str]]:
        """What a letter says of the shapes of its drawing."""
        if letter in _STROKES:
            return []
        said = [("=" + outline.whole, letter)]
        if not letter.isalpha() or not outline.body:
            return said
        base, above, below = parts_of(letter)
        said.append(("_" + outline.body, base))
        said += [("." + shape, below) for shape in outline.below if below]
        if len(outline.above) == 1:
            said.append(("^" + outline.above[0], above))
        elif len(outline.above) == len(above) == 2:
            said += self._two(outline.above, above)
        return said

    def _two(self, shapes: tuple[str, ...], marks: str) -> list[tuple[str, str]]:
        """Which of two marks is which, where one of them is known."""
        for one, two in (shapes, shapes[::-1]):
            known = self.meaning("^" + one)
            if known and known in marks:
                return [("^" + one, known), ("^" + two, marks.replace(known, ""))]
        return []
