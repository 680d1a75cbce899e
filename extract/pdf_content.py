"""What a page's content streams show, operator by operator, as long as they are written the plain way.

Anything out of the ordinary - drawings within drawings, pictures in the stream, broken syntax - is left to playa's
interpreter, which gives the same for all that is read here and takes three times as long.
"""

from __future__ import annotations

import re
from binascii import unhexlify
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from playa import resolve
from playa.utils import mult_matrix, translate_matrix

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
Segment = tuple[str, Point | None]
"""The operator of a path and the point that it goes to."""

_IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)
_HEX = rb"<[0-9A-Fa-f\s]*+>"
_LETTERS = rb"[^()\\\r]++|\\[^\r]"
_STRING = rb"\((?:" + _LETTERS + rb"|\((?:" + _LETTERS + rb")*+\))*+\)"
_TEXT = _HEX + rb"|" + _STRING
_NUMBER = rb"[-+]?(?:\d++\.?\d*+|\.\d++)(?![^\s\[\]<>()/%])"
_ARRAY = rb"(?:" + _TEXT + rb"|" + _NUMBER + rb"|\s)*+"
_DIGITS = rb"[-+.\d]++"
_LETTERS_OF_NAME = rb"[!$&'*-.0-;=?-Z\\^-z|~]++"
_NAME = rb"/(" + _LETTERS_OF_NAME + rb")(?=[\s\[\]<>()/])"
_ENTRIES = rb"<<(?:[^<>()%]|" + _TEXT + rb")*+>>"
_END = rb"(?![^\s\[\]<>()/%])"
_OTHER_OPERANDS = _ENTRIES + rb"|\[" + _ARRAY + rb"\]|" + _TEXT + rb"|" + _DIGITS + rb"(?=[\s\[\]<>()/])"
_OPERAND = re.compile(_NAME + rb"|(" + _OTHER_OPERANDS + rb")", re.DOTALL)
_UNSEEN = b"w J j M d ri i g G rg RG k K cs CS sc scn SC SCN sh W W* ET BX EX MP DP Tr".split()
"""Operators that change nothing that is asked for."""
_PASSED = rb"\s*+(?:(?:" + _DIGITS + rb"\s++)*+(?:" + b"|".join(map(re.escape, _UNSEEN)) + rb")" + _END + rb"\s*+)*+"
_SET_FONT = _NAME + rb"\s++(" + _DIGITS + rb")\s++Tf"
_SHOW_TEXT = rb"(\[" + _ARRAY + rb"\]\s*+TJ|(?:" + _TEXT + rb")\s*+Tj)"
_STATEMENT = re.compile(
    _PASSED
    + rb"(?:BT\s++(" + _DIGITS + rb")\s++(" + _DIGITS + rb")\s++Td\s*+" + _SET_FONT + rb"\s*+" + _SHOW_TEXT + rb"\s++ET"
    + rb"|((?:" + _DIGITS + rb"\s++)*+)([A-Za-z]++\*?|['\"])"
    + rb"|" + _SET_FONT
    + rb"|" + _SHOW_TEXT
    + rb"|((?:(?:/" + _LETTERS_OF_NAME + rb"(?=[\s\[\]<>()/])|" + _OTHER_OPERANDS + rb")\s*+)++)([A-Za-z]++\*?|['\"])"
    + rb"|\Z)" + _END,
    re.DOTALL,
)  # fmt: skip
_LINE, _PLAIN, _FONT, _SHOW, _OTHER = 5, 7, 9, 10, 12
"""Which group of a statement is its last: a line of text as most writers write it, an operator with numbers before it,
a font that is set, strings that are shown, and any other operator with its operands."""
_PART = re.compile(_TEXT + rb"|" + _NUMBER, re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(\n)|(.))", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_MCID = re.compile(rb"/MCID\s+(\d+)(?![.\d])")
_LITERAL = re.compile(_STRING, re.DOTALL)


class UnfamiliarError(Exception):
    """A content stream holds something that is not read here."""


class Shown(NamedTuple):
    """Strings with the steps between them, as written; the matrix and state at their begin; their marked contents."""

    array: bytes
    matrix: Matrix
    gstate: State
    marks: tuple[tuple[str, int | None], ...]


class Painted(NamedTuple):
    """A path that is filled or stroked, with the matrix of that moment."""

    ctm: Matrix
    segments: list[Segment]


@dataclass(slots=True)
class State:
    """What q saves and Q restores; ``offset`` is how far text has gone on its line, without what ``pending`` showed."""

    ctm: Matrix
    font: Any = None
    fontsize: float = 0
    charspace: float = 0
    wordspace: float = 0
    scaling: float = 100
    leading: float = 0
    rise: float = 0
    line: Matrix = _IDENTITY
    offset: Point = (0, 0)
    pending: tuple[bytes, Any, float, float, float] | None = None

    def copy(self) -> State:
        """The same state, to be kept."""
        return State(self.ctm, self.font, self.fontsize, self.charspace, self.wordspace, self.scaling, self.leading,
                     self.rise, self.line, self.offset, self.pending)  # fmt: skip


@dataclass(slots=True)
class Reader:
    """Where the reading of one page has got to."""

    fonts: Mapping[str, Any]
    resources: Mapping[str, Any]
    state: State
    saved: list[State] = field(default_factory=list)
    path: list[Segment] = field(default_factory=list)
    marks: tuple[tuple[str, int | None], ...] = ()
    set_fonts: dict[bytes, Any] = field(default_factory=dict)


def contents_of(page: Any) -> Iterator[Shown | Painted]:
    """All text and paths of a playa page as they are drawn; raises ``UnfamiliarError`` at what is not read here."""
    data = b"\n".join(stream.buffer for stream in page.streams)
    reader = Reader(page.fonts, page.resources, State(page.ctm))
    at = 0
    for match in _STATEMENT.finditer(data):
        if match.start() != at:
            break
        at = match.end()
        item = _read(reader, match)
        if item is not None:
            yield item
    if at < len(data):
        raise UnfamiliarError(data[at : at + 20])


def _read(reader: Reader, match: re.Match[bytes]) -> Shown | Painted | None:
    """What one statement draws, if it draws anything."""
    kind = match.lastindex
    if kind == _PLAIN:
        numbers, operator = match.group(6, 7)
        act, count = _OPERATORS.get(operator, (None, -1))
        values = list(map(_number, numbers.split())) if numbers else ()
        if act is None or len(values) != count:
            raise UnfamiliarError(operator)
        return act(reader, *values)  # type: ignore[no-any-return]  # only paint gives something
    if kind == _LINE:
        x, y, name, size, array = match.group(1, 2, 3, 4, 5)
        _begin_text(reader)
        _move(reader, _number(x), _number(y))
        _set_font(reader, name, _number(size))
        return _show(reader, array)
    if kind == _SHOW:
        return _show(reader, match.group(_SHOW))
    if kind == _FONT:
        name, size = match.group(8, 9)
        _set_font(reader, name, _number(size))
    elif kind == _OTHER:
        return _read_other(reader, *match.group(11, 12))
    return None


def _read_other(reader: Reader, operands: bytes, operator: bytes) -> Shown | None:
    if operator in _UNSEEN:
        return None
    found = [name.decode("ascii") if name else other for name, other in _OPERAND.findall(operands)]
    if operator == b"'" and len(found) == 1 and isinstance(found[0], bytes):
        _next_line(reader)
        return _show(reader, found[0])
    act = _NAMED.get(operator)
    if act is None or not found or not isinstance(found[0], str) or len(found) != (2 if operator == b"BDC" else 1):
        raise UnfamiliarError(operator)
    act(reader, *found)
    return None


def parts_of(array: bytes) -> list[bytes]:
    """The strings and numbers of an array as they are written."""
    return _PART.findall(array)


def value_of(part: bytes) -> bytes | float:
    """What a string or number of an array says."""
    return _text(part) if part[0] in b"<(" else _number(part)


def _number(data: bytes) -> float:
    try:
        return float(data) if b"." in data else int(data)
    except ValueError:
        raise UnfamiliarError(data) from None


def _text(data: bytes) -> bytes:
    if data[:1] == b"<":
        try:
            return unhexlify(data[1:-1])
        except ValueError:  # one digit is missing, or blanks stand between them
            digits = b"".join(data[1:-1].split())
            return unhexlify(digits + b"0" * (len(digits) % 2))
    return _ESCAPE.sub(_escaped, data[1:-1]) if b"\\" in data else data[1:-1]


def _escaped(match: re.Match[bytes]) -> bytes:
    octal, newline, letter = match.groups()
    if octal is not None:
        return bytes([int(octal, 8) & 255])
    return b"" if newline is not None else _ESCAPED.get(letter, letter)


def _save(reader: Reader) -> None:
    reader.saved.append(reader.state.copy())


def _restore(reader: Reader) -> None:
    if reader.saved:
        reader.state = reader.saved.pop()


def _concatenate(reader: Reader, *matrix: float) -> None:
    reader.state.ctm = mult_matrix(matrix, reader.state.ctm)


def _set_state(reader: Reader, name: str) -> None:
    """Graphics states may set a font, which is rare; all else in them is not asked for."""
    states = resolve(reader.resources.get("ExtGState")) or {}
    if "Font" in (resolve(states.get(name)) or {}):
        raise UnfamiliarError("gs")


def _draw(reader: Reader, name: str) -> None:
    """Pictures are left out; drawings within a drawing are not read here."""
    found = resolve((resolve(reader.resources.get("XObject")) or {}).get(name))
    subtype = resolve(found.get("Subtype")) if found is not None else None
    if getattr(subtype, "name", "") != "Image":
        raise UnfamiliarError("Do")


def _begin_text(reader: Reader) -> None:
    state = reader.state
    state.line, state.offset, state.pending = _IDENTITY, (0, 0), None


def _set_font(reader: Reader, name: bytes, size: float) -> None:
    font = reader.set_fonts.get(name)
    if font is None:
        font = reader.fonts.get(name.decode("ascii"))
        if font is None or font.vertical:
            raise UnfamiliarError("Tf")
        reader.set_fonts[name] = font
    reader.state.font, reader.state.fontsize = font, size


def _setter(name: str) -> Callable[[Reader, float], None]:
    def set_one(reader: Reader, value: float) -> None:
        setattr(reader.state, name, value)

    return set_one


def _move(reader: Reader, tx: float, ty: float) -> None:
    state = reader.state
    a, b, c, d, e, f = state.line
    state.line = (a, b, c, d, tx * a + ty * c + e, tx * b + ty * d + f)
    state.offset, state.pending = (0, 0), None


def _move_down(reader: Reader, tx: float, ty: float) -> None:
    reader.state.leading = -ty
    _move(reader, tx, ty)


def _set_line(reader: Reader, *matrix: float) -> None:
    state = reader.state
    state.line, state.offset, state.pending = matrix, (0, 0), None  # type: ignore[assignment]  # six by its operator


def _next_line(reader: Reader) -> None:
    state = reader.state
    a, b, c, d, e, f = state.line
    state.line = (a, b, c, d, -state.leading * c + e, -state.leading * d + f)
    state.offset, state.pending = (0, 0), None


def _show(reader: Reader, array: bytes) -> Shown:
    state = reader.state
    if state.font is None:
        raise UnfamiliarError("no font")
    if state.pending is not None:
        _settle(state, *state.pending)
    across, size = state.scaling * 0.01, state.fontsize
    state.pending = (array, state.font, size * across, state.charspace * across, state.wordspace * across)
    placed = mult_matrix(translate_matrix(state.line, state.offset), state.ctm)
    matrix = mult_matrix((size * across, 0, 0, size, 0, state.rise), placed)
    return Shown(array, matrix, state, reader.marks)


def _settle(state: State, array: bytes, font: Any, scale: float, between: float, after_space: float) -> None:
    """Go on by what was shown last: needed only where text follows that is not placed anew."""
    x, y = state.offset
    for arg in map(value_of, parts_of(array)):
        if not isinstance(arg, bytes):
            x -= arg * 0.001 * scale
            continue
        for code, _ in font.decode(arg):
            x += font.hdisp(code) * scale + between
            if code == 32 and not font.multibyte:
                x += after_space
    state.offset, state.pending = (x, y), None


def _begin_path(reader: Reader, x: float, y: float) -> None:
    reader.path.append(("m", (x, y)))


def _line_to(reader: Reader, x: float, y: float) -> None:
    reader.path.append(("l", (x, y)))


def _curve(operator: str) -> Callable[..., None]:
    def curve(reader: Reader, *points: float) -> None:
        reader.path.append((operator, (points[-2], points[-1])))

    return curve


def _close(reader: Reader) -> None:
    reader.path.append(("h", None))


def _rectangle(reader: Reader, x: float, y: float, width: float, height: float) -> None:
    right, top = x + width, y + height
    reader.path += [("m", (x, y)), ("l", (right, y)), ("l", (right, top)), ("l", (x, top)), ("h", None)]


def _paint(reader: Reader) -> Painted | None:
    path, reader.path = reader.path, []
    return Painted(reader.state.ctm, path) if path else None


def _close_and_paint(reader: Reader) -> Painted | None:
    _close(reader)
    return _paint(reader)


def _forget_path(reader: Reader) -> None:
    reader.path = []


def _mark(reader: Reader, tag: str) -> None:
    reader.marks = (*reader.marks, (tag, None))


def _mark_with(reader: Reader, tag: str, entries: str | bytes) -> None:
    if isinstance(entries, str):
        named = resolve((resolve(reader.resources.get("Properties")) or {}).get(entries)) or {}
        number = resolve(named.get("MCID"))
    elif entries.startswith(b"<<"):
        found = _MCID.search(_LITERAL.sub(b"()", entries))
        number = int(found.group(1)) if found else None
    else:
        raise UnfamiliarError("BDC")
    reader.marks = (*reader.marks, (tag, number))


def _unmark(reader: Reader) -> None:
    reader.marks = reader.marks[:-1]


_OPERATORS: dict[bytes, tuple[Callable[..., Any], int]] = {
    b"q": (_save, 0), b"Q": (_restore, 0), b"cm": (_concatenate, 6), b"BT": (_begin_text, 0), b"Td": (_move, 2),
    b"TD": (_move_down, 2), b"Tm": (_set_line, 6), b"T*": (_next_line, 0), b"Tc": (_setter("charspace"), 1),
    b"Tw": (_setter("wordspace"), 1), b"Tz": (_setter("scaling"), 1), b"TL": (_setter("leading"), 1),
    b"Ts": (_setter("rise"), 1), b"m": (_begin_path, 2), b"l": (_line_to, 2), b"c": (_curve("c"), 6),
    b"v": (_curve("v"), 4), b"y": (_curve("y"), 4), b"h": (_close, 0), b"re": (_rectangle, 4),
    b"S": (_paint, 0), b"s": (_close_and_paint, 0), b"f": (_paint, 0), b"F": (_paint, 0), b"f*": (_paint, 0),
    b"B": (_paint, 0), b"B*": (_paint, 0), b"b": (_close_and_paint, 0), b"b*": (_close_and_paint, 0),
    b"n": (_forget_path, 0), b"EMC": (_unmark, 0),
}  # fmt: skip
"""What each operator does, and the numbers before it."""
_NAMED: dict[bytes, Callable[..., None]] = {b"gs": _set_state, b"Do": _draw, b"BMC": _mark, b"BDC": _mark_with}
"""What those do that have a name before them."""
