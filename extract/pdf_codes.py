"""Which letter each code of a PDF font stands for, where the file says so, and a placeholder where it does not."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from extract.model import LOST
from extract.pdf_fonts import is_blank, open_program

FIRST_PLACEHOLDER = 0xF0000
LAST_PLACEHOLDER = 0xFFFFD
_FIRST = chr(FIRST_PLACEHOLDER)
MOST_CODES_OF_ONE_LETTER = 4
WIDEST_SPACE = 0.4
MOST_KEPT = 20_000


@dataclass(slots=True)
class LostCodes:
    """The codes without a letter that the pages of one document drew, each with a placeholder of its own.

    A placeholder is one character of the private planes, so that a text with losses stays a plain string: the letters
    are put in later with ``str.translate``. ``places`` gives placeholder -> (font, code).
    """

    places: dict[str, tuple[FontCodes, int]] = field(default_factory=dict)
    known: dict[tuple[int, int], str] = field(default_factory=dict)

    def placeholder(self, font: FontCodes, code: int) -> str:
        """Give the character that stands for this code of this font; the mark of loss when there are too many."""
        mark = self.known.get((font.number, code))
        if mark is None:
            number = FIRST_PLACEHOLDER + len(self.known)
            mark = chr(number) if number <= LAST_PLACEHOLDER else LOST
            self.known[font.number, code] = mark
            if mark != LOST:
                self.places[mark] = (font, code)
        return mark


@dataclass(slots=True)
class FontCodes:
    """One font of a document: its letters by code bytes, its metrics, and its embedded program (a playa font).

    ``decoded`` keeps the marks of strings that were shown in it, ``strings`` and ``layouts`` how these and arrays of
    them are laid out.
    """

    number: int
    name: str
    font: Any
    lost: LostCodes
    letters: dict[bytes, str]
    width: int
    descent: float
    unsure: frozenset[bytes] = frozenset()
    cache: dict[bytes, tuple[str, float, bool]] = field(default_factory=dict)
    opened: list[Any] = field(default_factory=list)
    decoded: dict[bytes, list[tuple[str, float, bool]]] = field(default_factory=dict)
    strings: dict[Any, dict[bytes, Any]] = field(default_factory=dict)
    layouts: dict[Any, Any] = field(default_factory=dict)

    @property
    def program(self) -> Any:
        """The embedded TrueType program, opened when it is first asked for; ``None`` when there is none."""
        if not self.opened:
            self.opened.append(open_program(self.font))
        return self.opened[0]

    def decode(self, data: bytes) -> list[tuple[str, float, bool]]:
        """Each mark of a string as (letter or placeholder, advance in text space, whether word spacing applies)."""
        try:
            return self.decoded[data]
        except KeyError:
            if len(self.decoded) > MOST_KEPT:
                self.decoded.clear()
            found = self.decoded[data] = self._decode(data)
            return found

    def _decode(self, data: bytes) -> list[tuple[str, float, bool]]:
        get, learn, width = self.cache.get, self._learn, self.width
        if width:
            pieces = [data[start : start + width] for start in range(0, len(data), width)]
            return [get(piece) or learn(piece, int.from_bytes(piece, "big")) for piece in pieces]
        return [get(piece) or learn(piece, code) for piece, code in self.font.cmap.decode(data)]

    def _learn(self, piece: bytes, code: int) -> tuple[str, float, bool]:
        letter = self.letters.get(piece, "")
        if not letter and self.font_map is not None:
            letter = self.font_map.get(code, "")
        if piece in self.unsure or not _is_readable(letter):
            letter = " " if self._is_space(code) else self.lost.placeholder(self, code)
        found = (letter, float(self.font.hdisp(code)), self.width == 1 and code == 32)
        self.cache[piece] = found
        return found

    def _is_space(self, code: int) -> bool:
        """Whether a code draws nothing and is as narrow as a space: wider blanks are letters that stand elsewhere."""
        narrow = self.font.hdisp(code) <= WIDEST_SPACE or self.font.flags & 1
        return bool(narrow and self.program is not None and is_blank(self.program, self.font, code))

    @property
    def font_map(self) -> Mapping[int, str] | None:
        """Letters by character id that a predefined character collection gives (East Asian fonts), else ``None``."""
        predefined = getattr(self.font, "unicode_map", None)
        return getattr(predefined, "cid2unichr", None)


def is_known(text: str) -> bool:
    """Whether a text holds no placeholder."""
    return text.isascii() or max(text) < _FIRST


def font_codes(number: int, font: Any, named: bool, lost: LostCodes) -> FontCodes:
    """Read what a playa font says about its codes. ``named``: its dictionary has an /Encoding of its own."""
    simple = hasattr(font, "encoding") or not hasattr(font, "cmap")
    letters = _unicode_map(font, simple)
    if simple:
        letters = {**_named_letters(font, named), **letters}
    width = 1 if simple else _fixed_width(font)
    found = FontCodes(number, font.fontname, font, lost, letters, width, _descent(font), frozenset(_doubtful(letters)))
    found.unsure |= frozenset(_false_spaces(found))
    return found


def _unicode_map(font: Any, simple: bool) -> dict[bytes, str]:
    """Take the entries of the font's ToUnicode map; a map the parser made up from the font program is left out."""
    to_unicode = getattr(font, "tounicode", None)
    if to_unicode is None or not (simple or "ToUnicode" in font.spec):
        return {}
    return dict(to_unicode.bytes2unicode)


def _named_letters(font: Any, named: bool) -> dict[bytes, str]:
    """Letters by the glyph names of a simple font's encoding, where that encoding decides which glyph is drawn.

    An embedded TrueType program without an /Encoding draws through its own table, so that standard names for its
    codes would be an invention.
    """
    if not hasattr(font, "encoding") or ("FontFile2" in font.descriptor and not named):
        return {}
    from playa.encodingdb import cid2unicode_from_encoding

    letters = cid2unicode_from_encoding(font.encoding)
    return {bytes([code]): letter for code, letter in letters.items() if 0 <= code < 256}


def _fixed_width(font: Any) -> int:
    """Bytes of a code of a composite font when all have the same number and stand for themselves, else 0."""
    return 2 if type(font.cmap).__name__ in ("IdentityCMap", "IdentityUnicodeMap") else 0


def _doubtful(letters: Mapping[bytes, str]) -> Iterator[bytes]:
    """Codes whose map is one of those that give the same letter for many codes: then it says nothing."""
    counts = Counter(letter for letter in letters.values() if letter.strip())
    for piece, letter in letters.items():
        if counts[letter] > MOST_CODES_OF_ONE_LETTER and unicodedata.category(letter[0]) != "Pd":
            yield piece


def _false_spaces(codes: FontCodes) -> Iterator[bytes]:
    """Codes that are mapped to a space though they draw something, where a font has more than one such code."""
    spaces = [piece for piece, letter in codes.letters.items() if letter == " "]
    if len(spaces) > 1 and codes.program is not None:
        for piece in spaces:
            if is_blank(codes.program, codes.font, int.from_bytes(piece, "big")) is False:
                yield piece


def _is_readable(letter: str) -> bool:
    """Whether a map's entry is text at all: no control characters, no mark of loss, nothing of the private planes."""
    return bool(letter) and all(
        character in "\t\n\r"
        or (
            character != LOST and character < "\U000f0000" and unicodedata.category(character) not in ("Cc", "Cn", "Cs")
        )
        for character in letter
    )


def _descent(font: Any) -> float:
    scale = font.matrix[3] if hasattr(font, "charprocs") else 0.001
    return float(font.descent * scale)
