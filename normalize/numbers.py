"""Numbers as they are printed: digits of any script, separators that are used either way, letters typed for digits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

UNSURE = "separator_unsure"
"""The flag of a number whose separator may part thousands or decimals, and nothing in the document settles it."""

_SIGNS = {
    "\N{FULLWIDTH PERCENT SIGN}": "%",
    "\N{SMALL PERCENT SIGN}": "%",
    "\N{ARABIC PERCENT SIGN}": "%",
    "\N{FULLWIDTH FULL STOP}": ".",
    "\N{FULLWIDTH COMMA}": ",",
    "\N{ARABIC DECIMAL SEPARATOR}": ",",
    "\N{ARABIC THOUSANDS SEPARATOR}": ".",
    "\N{FULLWIDTH SOLIDUS}": "/",
    "\N{FRACTION SLASH}": "/",
    "\N{DIVISION SLASH}": "/",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{MINUS SIGN}": "-",
    "\N{NON-BREAKING HYPHEN}": "-",
    "\N{FULLWIDTH HYPHEN-MINUS}": "-",
    "\N{FULLWIDTH PLUS SIGN}": "+",
    "\N{FULLWIDTH LEFT PARENTHESIS}": "(",
    "\N{FULLWIDTH RIGHT PARENTHESIS}": ")",
}
_GROUPED = re.compile(r"^\d{1,3}(?:(?P<mark>[.,' ])\d{3})(?:(?P=mark)\d{3})*$")
_GROUPED_DECIMAL = re.compile(r"^(\d{1,3}(?:(?P<mark>[. ,'])\d{3})+)(?P<point>[.,])(\d+)$")
_DECIMAL = re.compile(r"^\d*[.,]\d+$")
_SHORT_DECIMAL = re.compile(r"(?<![\d.,])(?:\d*(?P<short>[.,])(?:\d{1,2}|\d{4,})|0(?P<zero>[.,])\d+)(?![\d.,/])")
_MIXED = re.compile(
    r"(?<![\d.,])\d{1,3}(?P<mark>[. ,'])\d{3}(?:(?P=mark)\d{3})*(?!(?P=mark))(?P<point>[.,])\d+(?![\d.,])"
)
_REPEATED = re.compile(r"(?<![\d.,])\d{1,3}(?P<mark>[.,])\d{3}(?:(?P=mark)\d{3})+(?![\d.,])")
_OTHER = {".": ",", ",": "."}
_LETTERS = re.compile(r"^[-+]?[\dOoIl|.,]+(?![^\W\d_])")
_FOR_DIGITS = str.maketrans("OoIl|", "00111")
_LONGEST_WITH_ZERO = 4
"""Digits of a number that may begin with 0; a longer one is a telephone number, a code or the number of a document."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A number as read, with the flag of what is open about it ("" when nothing is)."""

    number: float | int
    flag: str = ""


def plain_digits(text: str) -> str:
    """The text with the digits and signs of other scripts and widths as ASCII, odd spaces as plain ones, and without
    letters that cannot be seen."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return unicodedata.normalize("NFC", text).translate(_PLAIN).strip()


class _Plain(dict[int, str]):
    """What each character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        kind = unicodedata.category(letter)
        if kind == "Nd":
            plain = str(unicodedata.digit(letter))
        elif letter.isspace():
            plain = " "
        else:
            plain = "" if kind == "Cf" else _SIGNS.get(letter, letter)
        self[code] = plain
        return plain


_PLAIN = _Plain()


def decimal_mark(texts: Iterable[str]) -> str:
    """The sign before decimals in the document that these texts come from; "" where it has none or uses both.

    Only numbers count that can be read in one way: 51,7 and 1.234.567 speak for the comma, 342.628 for nothing.
    """
    found: set[str] = set()
    for text in texts:
        plain = plain_digits(text)
        if "." not in plain and "," not in plain:
            continue
        found |= {one["short"] or one["zero"] for one in _SHORT_DECIMAL.finditer(plain)}
        found |= {one["point"] for one in _MIXED.finditer(plain)}
        found |= {_OTHER[one["mark"]] for one in _REPEATED.finditer(plain)}
    return found.pop() if len(found) == 1 else ""


def read_number(digits: str, kind: str, mark: str = "") -> Reading | None:
    """The number that digits with separators are; ``None`` when they are none.

    ``kind`` is what is asked for: percentages have no thousands, decimals may have both, all others are whole.
    ``mark`` is the document's decimal sign, "" when it is not known.
    """
    digits = digits.strip()
    if digits.isdigit():
        return None if digits.startswith("0") and len(digits) > _LONGEST_WITH_ZERO else Reading(int(digits))
    if (grouped := _GROUPED.match(digits)) and not digits.startswith("0"):
        return _grouped(digits, grouped["mark"], kind, mark)
    both = _GROUPED_DECIMAL.match(digits)
    if both and both["mark"] != both["point"] and not digits.startswith("0"):
        return Reading(tidy(float(re.sub(r"\D", "", both[1]) + "." + both[4])))
    if _DECIMAL.match(digits) and not re.match(r"0\d", digits):
        return Reading(tidy(float(digits.replace(",", "."))))
    return None


def _grouped(digits: str, sign: str, kind: str, mark: str) -> Reading:
    """A number whose groups of three may be thousands, or decimals where there is one group."""
    thousands = Reading(int(re.sub(r"\D", "", digits)))
    if len(re.findall(r"\D", digits)) > 1 or sign in " '":
        return thousands
    decimals = Reading(tidy(float(digits.replace(",", "."))))
    if kind == "percent":
        return decimals
    if kind != "decimal":
        return Reading(thousands.number, UNSURE) if sign == mark else thousands
    if mark:
        return decimals if sign == mark else thousands
    return Reading(thousands.number if sign == "." else decimals.number, UNSURE)


def letters_as_digits(text: str) -> str:
    """A number with letters that look like digits (O, l, I) as digits; "" for a text that has none in its number."""
    found = _LETTERS.match(text)
    if found is None or not any(letter.isdigit() for letter in found[0]) or not re.search(r"[OoIl|]", found[0]):
        return ""
    return found[0].translate(_FOR_DIGITS) + text[found.end() :]


def tidy(number: float) -> float | int:
    """A number without the noise of binary fractions, as an integer where it is whole."""
    rounded = round(float(number), 10)
    return int(rounded) if rounded.is_integer() and abs(rounded) < 2**53 else rounded
