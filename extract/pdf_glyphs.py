"""One page of a PDF as glyphs with boxes, and the lines and rectangles drawn on it; nothing is rendered."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from extract.model import Box
from extract.pdf_codes import FontCodes, LostCodes, font_codes
from extract.pdf_content import Matrix, Painted, Shown, UnfamiliarError, contents_of, parts_of, value_of
from extract.pdf_runs import FIRST_COMBINING, Layout, lay_out

MAX_GLYPHS = 60_000
MAX_PATHS = 20_000
MAX_FORMS = 2_000
MAX_FORM_DEPTH = 12
UNMARKED, ARTIFACT = -1, -2
MOSTLY = 0.6


class Glyph(NamedTuple):
    """One mark: its letter (or the placeholder of a lost one), box, baseline, size and marked content.

    ``turn`` counts quarters to the left that the text is turned by: 1 reads upwards, 3 downwards. The baseline is a y
    for level text and an x for text that reads up or down. Glyphs of one ``run`` were shown as one string.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    base: float
    size: float
    mcid: int
    turn: int = 0
    run: int = 0


_glyph = partial(tuple.__new__, Glyph)  # a page has thousands of them


class Run(NamedTuple):
    """Level text that was shown at once, all of it on the page: its layout, and what its glyphs have in common.

    ``x`` is where the layout begins and ``across`` the width of its unit; ``run`` is the number before that of its
    first string. The rest is what the glyphs are made of when they are asked for.
    """

    layout: Layout
    x: float
    across: float
    top: float
    bottom: float
    base: float
    size: float
    mcid: int
    run: int
    codes: FontCodes
    array: bytes
    between: float
    after_space: float

    @property
    def turn(self) -> int:
        """As of its glyphs."""
        return 0

    @property
    def middles(self) -> tuple[float, float]:
        """The middles of its first and its last glyph."""
        first, last = self.layout.middles
        return self.x + self.across * first, self.x + self.across * last

    def glyphs(self) -> list[Glyph]:
        """Its marks one by one."""
        found = []
        x, run, (across, top, bottom, base, size, mcid) = self.x, self.run, self[2:8]
        for part in map(value_of, parts_of(self.array)):
            if not isinstance(part, bytes):
                x -= part * 0.001 * across
                continue
            run += 1
            for text, advance, spaced in self.codes.decode(part):
                found.append(_glyph((text, x, top, x + across * advance, bottom, base, size, mcid, 0, run)))
                x += across * (advance + self.between + (self.after_space if spaced else 0.0))
        return found


_run = partial(tuple.__new__, Run)
Piece = Run | Glyph


def glyphs_of(pieces: Iterable[Piece]) -> list[Glyph]:
    """All glyphs of pieces of text, in order."""
    found: list[Glyph] = []
    for piece in pieces:
        if isinstance(piece, Run):
            found += piece.glyphs()
        else:
            found.append(piece)
    return found


@dataclass(slots=True)
class PageInk:
    """All that one page draws. ``objects`` are lines, rects and curves the way pdfplumber describes them.

    ``pieces`` are its text as it was drawn: whole runs where that does, glyphs elsewhere.
    """

    number: int
    width: float
    height: float
    pieces: list[Piece] = field(default_factory=list, repr=False)
    n_glyphs: int = 0
    objects: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    n_paths: int = 0
    n_forms: int = 0
    n_runs: int = 0
    too_complex: bool = False

    @property
    def box(self) -> Box:
        """The page itself."""
        return (0.0, 0.0, self.width, self.height)

    @property
    def glyphs(self) -> list[Glyph]:
        """All marks one by one."""
        return glyphs_of(self.pieces)

    @glyphs.setter
    def glyphs(self, found: Sequence[Glyph]) -> None:
        self.pieces, self.n_glyphs = list(found), len(found)


@dataclass(slots=True)
class FontShelf:
    """The fonts of one document, each read once."""

    lost: LostCodes = field(default_factory=LostCodes)
    fonts: dict[int, FontCodes] = field(default_factory=dict)

    def codes_of(self, font: Any, resources: Mapping[str, Any]) -> FontCodes:
        """Read the codes of a playa font that was set within ``resources``."""
        found = self.fonts.get(id(font))
        if found is None:
            found = font_codes(len(self.fonts), font, _has_encoding(font, resources), self.lost)
            self.fonts[id(font)] = found
        return found


def _has_encoding(font: Any, resources: Mapping[str, Any]) -> bool:
    """Whether the dictionary of a simple font names an encoding; the parser fills in a standard one silently."""
    from playa import resolve

    specs = resolve(resources.get("Font")) or {}
    for spec in map(resolve, specs.values()) if isinstance(specs, dict) else ():
        if isinstance(spec, dict) and getattr(resolve(spec.get("BaseFont")), "name", None) == font.basefont:
            return "Encoding" in spec
    return False


def read_page(page: Any, number: int, shelf: FontShelf) -> PageInk:
    """Read a playa page opened in screen space; stops, with ``too_complex``, at more than any report holds."""
    ink = _new_ink(page, number)
    try:
        for item in contents_of(page):
            if isinstance(item, Painted):
                _add_path(item.segments, item.ctm, ink)
            else:
                _add_shown(item, shelf.codes_of(item.gstate.font, page.resources), _mark_of(item.marks), ink)
            if _is_too_complex(ink):
                break
    except UnfamiliarError:
        ink = _new_ink(page, number)
        _read_contents(page.interp(), page.resources, 0, ink, shelf)
    return _upright(ink)


def _new_ink(page: Any, number: int) -> PageInk:
    x0, y0, x1, y1 = page.mediabox
    sideways = page.rotate in (90, 270)
    return PageInk(number, *((y1 - y0, x1 - x0) if sideways else (x1 - x0, y1 - y0)))


def _upright(ink: PageInk) -> PageInk:
    """Turn a page on which most text reads upwards or downwards, so that its tables stand the way they are read."""
    for turn in (1, 3):
        if sum(piece.turn == turn for piece in ink.pieces) > MOSTLY * ink.n_glyphs:
            turned = PageInk(ink.number, ink.height, ink.width, too_complex=ink.too_complex)
            turned.glyphs = [_turn_glyph(glyph, turn, ink) for glyph in ink.glyphs]
            for kind, found in ink.objects.items():
                for each in found:
                    points = each.get("pts") or [(each["x0"], each["top"]), (each["x1"], each["bottom"])]
                    _add_object(kind, [_turn_point(x, y, turn, ink) for x, y in points], turned)
            return turned
    return ink


def _turn_point(x: float, y: float, turn: int, ink: PageInk) -> tuple[float, float]:
    return (ink.height - y, x) if turn == 1 else (y, ink.width - x)


def _turn_glyph(glyph: Glyph, turn: int, ink: PageInk) -> Glyph:
    (x0, top), (x1, bottom) = sorted(
        (_turn_point(glyph.x0, glyph.bottom, turn, ink), _turn_point(glyph.x1, glyph.top, turn, ink))
    )
    top, bottom = min(top, bottom), max(top, bottom)
    across = glyph.turn in (1, 3)
    base = _turn_point(*((glyph.base, 0.0) if across else (0.0, glyph.base)), turn, ink)[1 if across else 0]
    return glyph._replace(x0=x0, top=top, x1=x1, bottom=bottom, base=base, turn=(glyph.turn - turn) % 4)


def _read_contents(
    contents: Iterator[Any], resources: Mapping[str, Any], depth: int, ink: PageInk, shelf: FontShelf
) -> None:
    """Read by the parser's own interpreter, drawings within drawings too."""
    from playa.content import PathObject, TextObject, XObjectObject

    for item in contents:
        if isinstance(item, TextObject):
            if item.gstate.font is not None:
                marks = [(mark.tag, mark.mcid) for mark in item.mcstack] if depth == 0 else []
                _add_text(item, item.args, shelf.codes_of(item.gstate.font, resources), _mark_of(marks), ink)
        elif isinstance(item, PathObject):
            segments = [(each.operator, each.points[-1] if each.points else None) for each in item.raw_segments]
            _add_path(segments, item.ctm, ink)
        elif isinstance(item, XObjectObject) and depth < MAX_FORM_DEPTH:
            ink.n_forms += 1
            _read_contents(item.interp(), item.resources or resources, depth + 1, ink, shelf)
        if _is_too_complex(ink):
            return


def _is_too_complex(ink: PageInk) -> bool:
    if ink.n_glyphs > MAX_GLYPHS or ink.n_paths > MAX_PATHS or ink.n_forms > MAX_FORMS:
        ink.too_complex = True
    return ink.too_complex


def _mark_of(marks: Sequence[tuple[str, int | None]]) -> int:
    """The number of the innermost marked content that has one; pagination marks itself as an artifact."""
    if not marks:
        return UNMARKED
    if any(tag == "Artifact" for tag, _ in marks):
        return ARTIFACT
    return next((number for _, number in reversed(marks) if number is not None), UNMARKED)


def _add_shown(item: Shown, codes: FontCodes, mcid: int, ink: PageInk) -> None:
    """Add text as a run if it is level, runs to the right and stands on the page, and mark by mark if not."""
    a, b, c, d, x, y = item.matrix
    size = item.gstate.fontsize
    low = codes.descent
    top, bottom = y + d * (low + 1), y + d * low
    if b == 0 == c and a > 0 > d and size and top <= ink.height and bottom >= 0:
        between, after_space = item.gstate.charspace / size, item.gstate.wordspace / size
        layout = lay_out(codes, item.array, (between, after_space, -a / d))
        if layout is not None and x + a * layout.start >= 0 and x + a * layout.end <= ink.width:
            n_marks, n_strings = layout[1:3]
            if n_marks:
                run = (layout, x, a, top, bottom, y, -d, mcid, ink.n_runs, codes, item.array, between, after_space)
                ink.pieces.append(_run(run))
            ink.n_glyphs += n_marks
            ink.n_runs += n_strings
            return
    _add_text(item, map(value_of, parts_of(item.array)), codes, mcid, ink)


def _add_text(item: Any, parts: Iterable[bytes | float], codes: FontCodes, mcid: int, ink: PageInk) -> None:
    a, b, c, d, x, y = item.matrix
    state = item.gstate
    size = state.fontsize
    between, after_space = (state.charspace / size, state.wordspace / size) if size else (0.0, 0.0)
    low, high = codes.descent, codes.descent + 1
    upright = b == 0 == c and a > 0 > d
    for part in parts:
        if not isinstance(part, bytes):
            x, y = x - part * 0.001 * a, y - part * 0.001 * b
            continue
        ink.n_runs += 1
        run = ink.n_runs
        for text, advance, spaced in codes.decode(part):
            if upright:
                glyph = _glyph((text, x, y + d * high, x + a * advance, y + d * low, y, -d, mcid, 0, run))
            else:
                glyph = _turned_glyph(text, (a, b, c, d, x, y), advance, low, mcid)._replace(run=run)
            _append(glyph, ink)
            step = advance + between + (after_space if spaced else 0.0)
            x, y = x + a * step, y + b * step


def _turned_glyph(text: str, matrix: tuple[float, ...], advance: float, low: float, mcid: int) -> Glyph:
    a, b, c, d, x, y = matrix
    corners = [
        (a * u + c * v + x, b * u + d * v + y) for u, v in ((0, low), (advance, low), (0, low + 1), (advance, low + 1))
    ]
    xs, ys = [point[0] for point in corners], [point[1] for point in corners]
    level = abs(a) >= abs(b)
    turn = (0 if a > 0 else 2) if level else (1 if b < 0 else 3)
    size = (c * c + d * d) ** 0.5
    return Glyph(text, min(xs), min(ys), max(xs), max(ys), y if level else x, size, mcid, turn)


def _append(glyph: Glyph, ink: PageInk) -> None:
    """Add a glyph that is on the page; a mark drawn over its letter (a tone) is joined to that letter."""
    text, x0, top, x1, bottom = glyph[:5]
    if x1 < 0 or x0 > ink.width or bottom < 0 or top > ink.height:
        return
    if text >= FIRST_COMBINING and ink.pieces and len(text) == 1 and unicodedata.combining(text):
        ink.pieces[-1:] = glyphs_of(ink.pieces[-1:])
        last = ink.pieces[-1]
        assert isinstance(last, Glyph)
        if abs(last.base - glyph.base) < last.size and last.x0 - last.size < x0 < last.x1 + last.size / 2:
            ink.pieces[-1] = last._replace(text=unicodedata.normalize("NFC", last.text + text))
            return
    ink.pieces.append(glyph)
    ink.n_glyphs += 1


def _add_path(segments: Iterable[tuple[str, tuple[float, float] | None]], ctm: Matrix, ink: PageInk) -> None:
    """Class the subpaths of a path as pdfminer does: a line, an upright rectangle, or a curve."""
    a, b, c, d, e, f = ctm
    shape: list[str] = []
    points: list[tuple[float, float]] = []
    for operator, point in segments:
        if operator == "m" and shape:
            _add_shape("".join(shape), points, ink)
            shape, points = [], []
        shape.append(operator)
        if point is not None:
            u, v = point
            points.append((a * u + c * v + e, b * u + d * v + f))
        elif points:
            points.append(points[0])
    _add_shape("".join(shape), points, ink)


def _add_shape(shape: str, points: list[tuple[float, float]], ink: PageInk) -> None:
    if shape[:1] != "m" or len(points) < 2:
        return
    ink.n_paths += 1
    if shape[-2:] == "lh" and len(shape) > 3 and points[-2] == points[0]:
        shape, points = shape[:-2] + "h", points[:-1]
    if shape in ("ml", "mlh"):
        _add_object("line", points[:2], ink)
    elif shape in ("mlllh", "mllll") and points[0] == points[4] and _is_upright(points):
        _add_object("rect", [points[0], points[2]], ink)
    else:
        _add_object("curve", points, ink)


def _is_upright(points: list[tuple[float, float]]) -> bool:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points[:4]
    return (x0 == x1 and y1 == y2 and x2 == x3 and y3 == y0) or (y0 == y1 and x1 == x2 and y2 == y3 and x3 == x0)


def _add_object(kind: str, points: list[tuple[float, float]], ink: PageInk) -> None:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    x0, x1, top, bottom = min(xs), max(xs), min(ys), max(ys)
    found = {"object_type": kind, "x0": x0, "x1": x1, "top": top, "bottom": bottom, "doctop": top, "width": x1 - x0,
             "height": bottom - top, "y0": ink.height - bottom, "y1": ink.height - top}  # fmt: skip
    if kind == "curve":
        found["pts"] = points
    ink.objects.setdefault(kind, []).append(found)
