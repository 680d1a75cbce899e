"""RTF cut into tokens, and its bytes turned into letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from extract.encodings import font_encoding

_TOKEN = re.compile(
    r"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|\\'(?P<byte>[0-9a-fA-F]{2})|\\(?P<sign>.)|(?P<brace>[{}])"
    r"|(?P<text>[^\\{}\r\n\0]+)|(?P<nothing>[\r\n\0\\]+?)",
    re.DOTALL,
)
_CODE_PAGES = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip

Token = tuple[str, str, int | None]
"""Kind (word, byte, sign, brace, text), its text, and the number of a control word."""


def tokens(data: bytes) -> Iterator[Token]:
    """Cut an RTF file into tokens; bytes of embedded binary data are left out."""
    text = data.decode("latin-1")
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            return
        place = found.end()
        kind = found.lastgroup or ""
        if kind in ("word", "number"):
            number = int(found["number"]) if found["number"] else None
            if found["word"] == "bin":
                place += max(0, number or 0)
            else:
                yield "word", found["word"], number
        elif kind != "nothing":
            yield kind, found[kind], None


@dataclass(slots=True)
class Fonts:
    """The fonts by number, each with its name and code page, and the one whose entry is being read."""

    known: dict[int, tuple[str, str]] = field(default_factory=dict)
    page: str = "cp1252"
    default: int = 0
    number: int = 0
    charset: int = 1
    name: str = ""


def read_font_word(fonts: Fonts, word: str, number: int) -> bool:
    """Take a control word about fonts and code pages; False when it is about something else."""
    if word == "f":
        fonts.number = number
    elif word == "fcharset":
        fonts.charset = number
    elif word == "deff":
        fonts.default = number
    elif word == "ansicpg":
        fonts.page = _default_code_page(number)
    else:
        return False
    return True


def read_font_name(fonts: Fonts, text: str) -> None:
    """Take text of the font table; a name ends with a semicolon."""
    *names, rest = text.split(";")
    for name in names:
        full = (fonts.name + name).strip()
        fonts.known[fonts.number] = (full, code_page(fonts.charset, full, fonts.page))
        fonts.name, fonts.charset = "", 1
    fonts.name += rest


def code_page(charset: int, font: str, default: str) -> str:
    """Name the code page of a font's bytes. Fonts of old encodings hold Western letters, whatever they declare."""
    if font_encoding(font) not in ("", "pictures"):
        return "cp1252"
    if charset in (0, 2):
        return "cp1252"
    return _CODE_PAGES.get(charset, default)


def _default_code_page(number: int) -> str:
    name = f"cp{number or 1252}"
    try:
        b"a".decode(name)
    except LookupError:
        return "utf-8" if number == 65001 else "cp1252"
    return name


def letters(data: bytes, page: str) -> str:
    """Turn bytes into letters; one that has no letter there keeps its number."""
    text = data.decode(page, "surrogateescape")
    return "".join(chr(ord(letter) - 0xDC00) if "\udc80" <= letter <= "\udcff" else letter for letter in text)


def whole_text(text: str) -> str:
    """Put the halves of letters beyond 16 bits together; a half alone is no letter."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
