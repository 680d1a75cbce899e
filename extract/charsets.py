"""The tables of the old Vietnamese encodings, and text read by the wrong one turned back.

Old files store one byte a letter (VNI: one or two), and every program shows those bytes as the Western letters of
Windows-1252. ``CODES`` says, for each encoding, which Vietnamese letter such Western letters stand for.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache, lru_cache

_WESTERN = "".join(bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0x100))
_NONE = "."  # no Vietnamese letter at this place

# The 96 places from 0xA0 on (TCVN 5712 VN3) and the 128 places from 0x80 on (RFC 1456; the VPS set).
_TCVN3 = ".ĂÂÊÔƠƯĐăâêôơưđ......àảãáạ.ằẳẵắ.......ặầẩẫấậè.ẻẽéẹềểễếệìỉ...ĩíịò.ỏõóọồổỗốộờởỡớợù.ủũúụừửữứựỳỷỹýỵ."
_VISCII = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ"
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
_VPS = (
    "ÀẢÃẤẦẨọỗĂếềểệẮẰẲẾ..ỀỂỄỐỒỔỖýỷỵỚỜỞ.ắằẳẵặỠớÙờởỡŨỨợỪổỬỲỸÍÌộỈĨÓửữÒỎÕự"
    "ầÁÂấẩẫậđẻÉÊẹỉễịỹƯỦồốÔỏơÈừứÚũưÝẺ.àáâãảạă.èéêẽìí.ĩẴĐòóôõ.Ơụùú.ủỶẼỳ"
)
_VISCII_LOW = {"\x02": "Ẳ", "\x05": "Ẵ", "\x06": "Ẫ", "\x14": "Ỷ", "\x19": "Ỹ", "\x1e": "Ỵ"}
"""The six letters for which RFC 1456 has places only among the control characters."""
_WINDOWS_1258 = {"Ã": "Ă", "ã": "ă", "Ð": "Đ", "ð": "đ", "Õ": "Ơ", "õ": "ơ", "Ý": "Ư", "ý": "ư",
                 "Ì": "\u0300", "Ò": "\u0309", "Þ": "\u0303", "ì": "\u0301", "ò": "\u0323"}  # fmt: skip
_TONES = ("\u0301", "\u0300", "\u0309", "\u0303", "\u0323")  # acute, grave, hook, tilde, dot below


def _single_bytes(first: int, letters: str) -> dict[str, str]:
    codes = {}
    for code, letter in enumerate(letters, first):
        if letter != _NONE:
            codes[_WESTERN[code - 0x80]] = codes[chr(code)] = letter
    for none in ("\N{REPLACEMENT CHARACTER}", "\N{NO-BREAK SPACE}"):  # a blank is far more often a blank
        codes.pop(none, None)
    return codes


def _vni_codes() -> dict[str, str]:
    """VNI writes a letter and then its mark; i, ơ, ư, đ and ỵ have letters of their own."""
    codes = {"ô": "ơ", "ö": "ư", "ñ": "đ", "î": "ỵ", **dict(zip("íìæóò", "íìỉĩị", strict=True))}
    for base, marks, letter in (
        *((base, "ùøûõï", base) for base in "aeouy"), ("ô", "ùøûõï", "ơ"), ("ö", "ùøûõï", "ư"),
        ("a", "áàåãä", "â"), ("e", "áàåãä", "ê"), ("o", "áàåãä", "ô"), ("a", "éèúüë", "ă"),
    ):  # fmt: skip
        for mark, tone in zip(marks, _TONES, strict=True):
            codes[base + mark] = unicodedata.normalize("NFC", letter + tone)
    codes |= {"aâ": "â", "eâ": "ê", "oâ": "ô", "aê": "ă"}
    for code, letter in list(codes.items()):
        codes[code.upper()] = letter.upper()
        if len(code) == 2:  # typed with the capitals key for one of the two
            codes[code[0] + code[1].upper()] = letter
            codes[code[0].upper() + code[1]] = letter.upper()
    return codes


CODES: dict[str, dict[str, str]] = {
    "tcvn3": _single_bytes(0xA0, _TCVN3) | {"\N{GREEK SMALL LETTER MU}": "à"},
    "vni": _vni_codes(),
    "viscii": _single_bytes(0x80, _VISCII) | _VISCII_LOW,
    "vps": _single_bytes(0x80, _VPS),
    "cp1258": _WINDOWS_1258 | {letter: letter for letter in "ÀÁÂÈÉÊÍÓÔÙÚàáâèéêíóôùú"},
}
"""Encoding -> the Western letters as shown -> the Vietnamese letter (for cp1258 also the combining tones)."""


@cache
def _pattern(encoding: str) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(code) for code in sorted(CODES[encoding], key=len, reverse=True)))


def has_letters_beyond(text: str, encoding: str) -> bool:
    """Whether a text holds letters outside ASCII that ``encoding`` does not know, so that it cannot be in it."""
    rest = _pattern(encoding).sub("", text)
    return not rest.isascii() and any(letter.isalpha() and letter > "\x7f" for letter in rest)


def decode(text: str, encoding: str) -> str:
    """Text shown in Western letters, read in ``encoding`` (a key of ``CODES``, or ``unicode``), in NFC.

    ASCII stays as it is, and so does what the encoding has no letter for. Raises KeyError for an unknown encoding.
    """
    if encoding != "unicode" and (encoding == "viscii" or not text.isascii()):
        codes = CODES[encoding]
        text = _pattern(encoding).sub(lambda found: codes[found.group()], text)
    return unicodedata.normalize("NFC", text)


_TRAIL = "[" + re.escape(_WESTERN[:0x40].replace("\N{REPLACEMENT CHARACTER}", "")) + "\x80-\xbf]"
_UTF8 = re.compile(f"[\xc2-\xdf]{_TRAIL}|[\xe0-\xef]{_TRAIL}{{2}}")
_BYTES = {letter: code for code, letter in enumerate(_WESTERN, 0x80)} | {chr(code): code for code in range(0x80, 0x100)}
_VIETNAMESE = frozenset(_VISCII).union(_VISCII_LOW.values())
_ENTITY = re.compile(r"&(?:#\d{2,6}|#[xX][0-9a-fA-F]{2,5}|[A-Za-z]{2,8});")


@lru_cache(maxsize=16384)
def mend(text: str) -> str:
    """Undo what needs no guess: UTF-8 read as Windows-1252 (up to twice), HTML entities of letters; then NFC."""
    text = _ENTITY.sub(_entity, text)
    for _ in range(2):
        reread = _UTF8.sub(_reread, text)
        # the second byte of à is a blank, which many programs make a plain space
        text = re.sub("Ã[ \xa0]", "à", reread) if reread != text else text
    return unicodedata.normalize("NFC", text)


def _entity(found: re.Match[str]) -> str:
    letter = html.unescape(found.group())
    return letter if len(letter) == 1 and not letter.isascii() else found.group()


def _reread(found: re.Match[str]) -> str:
    """Give the letter whose UTF-8 bytes are shown; no change when it is none that a Vietnamese text holds."""
    try:
        letter = bytes(_BYTES[shown] for shown in found.group()).decode("utf-8")
    except UnicodeDecodeError:
        return found.group()
    expected = letter in _VIETNAMESE or letter <= "\u017f" or "\u2000" <= letter <= "\u22ff"
    return letter if expected or "\u0300" <= letter <= "\u036f" else found.group()
