"""Labels in the forms in which they are compared: folded to plain letters, and as they survive damage."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from unidecode import unidecode

from extract.model import LOST

_WORD = re.compile(r"[0-9a-z]")
_LETTER = re.compile(r"[^\W_]")
_BULLET = re.compile(r"^[\s\-–—•*+●▪◦·]+(?=\S)")
_REMNANT = re.compile(r"(?<!\S)[A-ZĐ]?[bcdghklmnpqrstvxđ]+(?!\S)")
_LATIN_1_END = 0x100
_WITHOUT_VOWEL = frozenset({"http", "https", "www", "mb", "gb", "tb", "kb", "kbps", "mbps", "gbps", "sms", "km", "kg"})


class _Table(dict[int, str]):
    """What each character becomes, worked out when it is first met: whole texts are then changed at once."""

    def __init__(self, change: Callable[[str], str]) -> None:
        super().__init__()
        self.change = change

    def __missing__(self, code: int) -> str:
        self[code] = changed = self.change(chr(code))
        return changed


def _folded(letter: str) -> str:
    plain = " " if letter == LOST else unidecode(letter).lower()
    return "".join(one if _WORD.match(one) else " " for one in plain)


_FOLDED = _Table(_folded)
_WORDS = _Table(lambda letter: letter.lower() if letter != LOST and _LETTER.match(letter) else " ")
_SURVIVING = _Table(lambda letter: letter.lower() if ord(letter) < _LATIN_1_END and _LETTER.match(letter) else "")
_CLASSES = _Table(lambda letter: ("b" if ord(letter) >= _LATIN_1_END else "a") if letter.isalpha() else "")


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Lower-case ASCII words with single spaces: what stays of a label without case, tone marks and punctuation."""
    return " ".join(text.translate(_FOLDED).split())


@lru_cache(maxsize=65536)
def words_of(text: str) -> str:
    """Lower-case words with their tone marks and single spaces: "level" and "section" differ only by such a mark."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_WORDS).split())


@lru_cache(maxsize=65536)
def survive(text: str) -> str:
    """The letters and digits of Latin-1 alone, joined, in lower case: what a font without other letters leaves."""
    return unicodedata.normalize("NFC", text).translate(_SURVIVING)


@lru_cache(maxsize=65536)
def is_damaged(text: str) -> bool:
    """Whether letters were lost from a text: a mark says so, or it lacks nearly all letters beyond Latin-1.

    Of the letters of a Vietnamese label about one in four lies beyond Latin-1; a text with next to none of them has
    lost them (or never had tone marks: then nothing is lost by treating it so). A word without a vowel is a remnant.
    """
    if LOST in text or any(word.lower() not in _WITHOUT_VOWEL for word in _REMNANT.findall(text)):
        return True
    letters = text.translate(_CLASSES)
    return len(letters) >= 4 and letters.count("b") <= 0.06 * len(letters)


def strip_bullet(text: str) -> str:
    """A label without the dash, plus or dot that opens its line."""
    return _BULLET.sub("", text).strip()


@lru_cache(maxsize=16384)
def squeeze(text: str) -> str:
    """A text on one line with single spaces."""
    return " ".join(text.split())
