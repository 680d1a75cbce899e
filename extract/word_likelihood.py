"""How well the letters of a text make Vietnamese words in each encoding.

A word counts by how common its letters are and whether it is a possible syllable, an abbreviation, or neither.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

from extract.charsets import CODES, decode, has_letters_beyond
from extract.syllables import COMMON_IN_WESTERN_LETTERS, is_word

ENCODINGS = ("unicode", *CODES)
OFTEN = ("tcvn3", "vni")
"""The old encodings that are met every day; the others are rare."""

# Marked letters by how often they stand in Vietnamese text, per ten thousand letters.
_BANDS = {200: "đáà", 135: "ệưế", 80: "ốộảôụịạủơê", 55: "ấợăâựớềậứóí", 36: "ểổửồãýờầ", 22: "ỉìởừặẩỷ",
          10: "ọữùúẫòắ", 5: "ĩéằỹỗỳèõ", 2: "ẻỏũễỡẽẵẹẳỵ"}  # fmt: skip
_LETTER = {letter: math.log(share / 1e4) for share, letters in _BANDS.items() for letter in letters}
# Log likelihoods of a letter, a word or a sign, beside those of the marked letters.
_ASCII = -3.0
_STRANGE = -5.3  # a letter of no Vietnamese word
_LONE = -2.0  # a word of one letter
_COMMON_WORD = 3.0
_COMMON_IF_OLD = 2.0
_RARE = -2.0  # a rare syllable that old encodings could show too
_OTHER_HAND = -7.0  # a word in Unicode amid an old encoding
_IMPOSSIBLE = -12.0  # letters the encoding does not have
_SIGN, _RARE_SIGN, _SIGN_IN_WORD = -4.6, -8.0, -6.0
_ODD_CASE = -4.0
_SIGNS = frozenset("°±·§©®«»½¼¾²³×÷€£µºª")
_FOREIGN = {"unicode": -4.0}  # a foreign word; in an old encoding its marks could hardly be written
_FOREIGN_ELSEWHERE, _ABBREVIATION = -5.5, -2.3
_BREAK = re.compile(r"[\s!-/:-@\[-`{-~]+")
_WORD = re.compile(r"[^\s!-/:-@\[-`{-~]+")
_SIGNED = r"½¼¾²³¹°±×÷·∙−µ‰“”‘’–—…•"
_NUMBER = re.compile(rf"[{_SIGNED}]*\d[\d{_SIGNED}]*|[−∙–—…•‰“”‘’]+")  # figures with signs, and dashes: never letters
_DASHED = "−∙"  # what some programs make of two letters of TCVN3; mostly they are signs
_BULLET = "·"
_QUOTES = "“”‘’–—…•„‹›"
_CAPITAL_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZĐĂÂÊÔƠƯ")


def _weigh_word(word: str, encoding: str) -> float:
    """Log likelihood of a word with letters outside ASCII, in a text written in ``encoding``."""
    penalty = 0.0
    if encoding != "unicode" and has_letters_beyond(word, encoding):
        if not is_word(_read_word(word, encoding).strip(_QUOTES)):
            return _IMPOSSIBLE + _foreign(word, encoding)
        penalty = _OTHER_HAND
    read = _read_word(word, encoding).strip(_QUOTES)
    signs = [letter for letter in read if not _is_plain(letter)]
    core = read.replace("\N{SOFT HYPHEN}", "").strip("".join(signs))
    weight = penalty + sum(_SIGN if sign in _SIGNS else _RARE_SIGN for sign in signs)
    if not core:
        return weight
    if not all(map(_is_plain, core)):
        return weight + _SIGN_IN_WORD + _foreign(word, encoding)
    return weight + _weigh_core(core, word, encoding)


def _is_plain(letter: str) -> bool:
    return (letter.isalpha() and letter not in "ªºµ") or (letter.isascii() and letter.isdigit())


def _weigh_core(core: str, word: str, encoding: str) -> float:
    """Log likelihood of a word stripped of signs: its letters, and whether it can be a syllable or an abbreviation."""
    weight = sum(_LETTER.get(letter, _ASCII) for letter in core.lower())
    if encoding != "tcvn3" and not (core.islower() or core.isupper() or core[1:].islower() or len(core) == 1):
        weight += _ODD_CASE  # TCVN3 has no capitals with tones: there mixed case is usual
    if core.lower() in COMMON_IN_WESTERN_LETTERS:
        weight += _COMMON_WORD if encoding == "unicode" else _COMMON_IF_OLD
    elif encoding == "unicode" and max(core.lower()) <= "\xff":
        weight += _RARE
    if len(core) == 1:
        return weight + _LONE
    if is_word(core) or core.isascii():
        return weight
    if set(core) <= _CAPITAL_LETTERS:
        return _ABBREVIATION + _ASCII * len(core)
    return _foreign(word, encoding)


def _foreign(word: str, encoding: str) -> float:
    return _FOREIGN.get(encoding, _FOREIGN_ELSEWHERE) + sum(_ASCII if letter.isascii() else _STRANGE for letter in word)


@lru_cache(maxsize=16384)
def marked_words(text: str) -> tuple[str, ...]:
    """Split off the words with letters outside ASCII; figures are none."""
    return tuple(word for word in _BREAK.split(text) if not word.isascii() and not _NUMBER.fullmatch(word))


def weigh(text: str) -> tuple[float, ...]:
    """Log likelihood of a text in each of ``ENCODINGS``."""
    words = [_weights(word) for word in marked_words(text)]
    return tuple(map(sum, zip(*words, strict=True))) if words else (0,) * len(ENCODINGS)


@lru_cache(maxsize=65536)
def _weights(word: str) -> tuple[float, ...]:
    return tuple(_weigh_word(word, encoding) for encoding in ENCODINGS)


@lru_cache(maxsize=16384)
def leans_to_unicode(text: str) -> bool:
    """Whether a text is at least as likely in Unicode as in any other encoding."""
    words = marked_words(text)
    if all(map(_leans_to_unicode, words)):
        return True
    likelihood = weigh(text)
    return likelihood[ENCODINGS.index("unicode")] == max(likelihood)


@lru_cache(maxsize=65536)
def _leans_to_unicode(word: str) -> bool:
    weights = _weights(word)
    return weights[ENCODINGS.index("unicode")] == max(weights)


def agrees(text: str, encoding: str) -> bool:
    """Whether at least half of the words with other letters make sense in ``encoding`` only or make Vietnamese."""
    words = marked_words(text)
    return 2 * sum(_reads(word, encoding) for word in words) >= len(words)


_TYPED_SIGNS = frozenset("‘’“”–—…")
"""Signs that word processors put in the place of typed ones; the first six are capitals in some old encodings."""


def _reads(word: str, encoding: str) -> bool:
    read = _read_word(word, encoding).strip(_QUOTES)
    written = "".join(sign for sign in word if sign not in _TYPED_SIGNS)  # they stand in words of any language
    signs_made_letters = all(map(_is_plain, read)) and not all(map(_is_plain, written.strip(_QUOTES)))
    return signs_made_letters or is_word(read) or set(read) <= _CAPITAL_LETTERS


def _read_word(word: str, encoding: str) -> str:
    """Decode a word; one that is a syllable already, by letters the encoding does not know, stays as it is."""
    if encoding == "unicode" or _NUMBER.fullmatch(word) or (word == _BULLET and encoding == "tcvn3"):
        return word
    if is_word(word.strip(_QUOTES)) and has_letters_beyond(word, encoding):
        return word
    read = decode(word, encoding)
    if encoding == "tcvn3" and any(sign in word for sign in _DASHED):
        dashed = decode(word.replace("−", "\xad").replace("∙", "·"), encoding)
        return dashed if is_word(dashed.strip(_QUOTES)) else read
    return read


@lru_cache(maxsize=16384)
def reads_better(text: str) -> bool:
    """Whether a text with impossible words would make Vietnamese throughout in a usual old encoding."""
    words = marked_words(text)
    if all(is_word(word.strip(_QUOTES)) for word in words):
        return False
    return any(all(is_word(_read_word(word, encoding).strip(_QUOTES)) for word in words) for encoding in OFTEN)


def read_text(text: str, encoding: str) -> str:
    """Decode a text word by word: figures, and words that are Unicode already, stay as they are."""
    return _WORD.sub(lambda found: _read_word(found.group(), encoding), text)


@lru_cache(maxsize=65536)
def is_suspicious(word: str) -> bool:
    """Whether a word can be in an old encoding: not where it is Vietnamese by letters those do not show, or common."""
    bare = word.strip(_QUOTES).lower()
    return not (is_word(bare) and (max(bare) > "\xff" or bare in COMMON_IN_WESTERN_LETTERS))
