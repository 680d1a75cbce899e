"""Labels in the forms in which they are compared: folded to plain letters, and as they survive damage."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from unidecode import unidecode

from extract.model import LOST

_NOT_WORD = re.compile(r"[^0-9a-z]+")
_NOT_LETTER = re.compile(r"[\W_]+")
_BULLET = re.compile(r"^[\s\-–—•*+●▪◦·]+(?=\S)")
_REMNANT = re.compile(r"[A-ZĐ]?[bcdghklmnpqrstvxđ]+")
_LATIN_1_END = 0x100
_WITHOUT_VOWEL = frozenset({"http", "https", "www", "mb", "gb", "tb", "kb", "kbps", "mbps", "gbps", "sms", "km", "kg"})


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Lower-case ASCII words with single spaces: what stays of a label without case, tone marks and punctuation."""
    return _NOT_WORD.sub(" ", unidecode(text.replace(LOST, " ")).lower()).strip()


@lru_cache(maxsize=65536)
def words_of(text: str) -> str:
    """Lower-case words with their tone marks and single spaces: "level" and "section" differ only by such a mark."""
    return " ".join(_NOT_LETTER.sub(" ", unicodedata.normalize("NFC", text.replace(LOST, " ")).lower()).split())


@lru_cache(maxsize=65536)
def survive(text: str) -> str:
    """The letters and digits of Latin-1 alone, joined, in lower case: what a font without other letters leaves."""
    kept = "".join(letter for letter in unicodedata.normalize("NFC", text) if ord(letter) < _LATIN_1_END)
    return _NOT_LETTER.sub("", kept).lower()


@lru_cache(maxsize=65536)
def is_damaged(text: str) -> bool:
    """Whether letters were lost from a text: a mark says so, or it lacks nearly all letters beyond Latin-1.

    Of the letters of a Vietnamese label about one in four lies beyond Latin-1; a text with next to none of them has
    lost them (or never had tone marks: then nothing is lost by treating it so). A word without a vowel is a remnant.
    """
    if LOST in text or any(_REMNANT.fullmatch(word) and word.lower() not in _WITHOUT_VOWEL for word in text.split()):
        return True
    letters = [letter for letter in text if letter.isalpha()]
    beyond = sum(1 for letter in letters if ord(letter) >= _LATIN_1_END)
    return len(letters) >= 4 and beyond <= 0.06 * len(letters)


def strip_bullet(text: str) -> str:
    """A label without the dash, plus or dot that opens its line."""
    return _BULLET.sub("", text).strip()


def squeeze(text: str) -> str:
    """A text on one line with single spaces."""
    return " ".join(text.split())
