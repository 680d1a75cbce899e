"""What a cell says: a figure, a yes or no, a level, an answer in words, or nothing.

A value is what the document says. Where two readings are possible and nothing decides, the row goes to a person.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from extract.model import LOST, Cell
from normalize.model import Indicator, Value
from normalize.text import fold, squeeze
from normalize.vocabulary import Vocabulary

_FILLER = re.compile(r"^[\s.…·_\-–—:;,/\\()\[\]]*%?[\s.…·_]*$")
_GROUPED = re.compile(r"^\d{1,3}(?:(?P<mark>[.,' ])\d{3})(?:(?P=mark)\d{3})*$")
_GROUPED_DECIMAL = re.compile(r"^(\d{1,3}(?:(?P<mark>[. ,'])\d{3})+)(?P<point>[.,])(\d+)$")
_DECIMAL = re.compile(r"^\d*[.,]\d+$")
_FIGURE = re.compile(r"^(?P<sign>[-+−]?)\s*(?P<digits>\d[\d.,' ]*\d|\d|[.,]\d+)\s*(?P<rest>.*)$", re.DOTALL)
_CODES = re.compile(r"([^=:;,\n]+?)\s*[=:]\s*(\d+)|(\d+)\s*[=:]\s*([^=:;,\n)]+)")
_IN_WORDS = ("text", "url", "date")
_DOUBTFUL = frozenset({"ocr_low_resolution", "table_without_rules", "encoding_unsure", "number_not_shown"})
_ADDRESS = re.compile(r"(?:https?://|www\.)[!-~]+")
BLANK = Value(blank=True)


def plain_digits(text: str) -> str:
    """The text with the digits and signs of other scripts and widths as ASCII, and odd spaces as plain ones."""
    out = []
    for letter in text:
        if unicodedata.category(letter) == "Nd":
            out.append(str(unicodedata.digit(letter)))
        elif letter.isspace():
            out.append(" ")
        elif letter == "%":
            out.append("%")
        else:
            out.append(letter)
    return "".join(out).strip()


def looks_numeric(text: str) -> bool:
    """Whether a cell holds a figure: digits with separators, perhaps a sign and a per cent sign."""
    found = _FIGURE.match(plain_digits(text))
    if found is None or found["rest"].strip() not in ("", "%"):
        return False
    return _number(found["digits"], "decimal") is not None


def is_blank(text: str, words: Vocabulary) -> bool:
    """Whether a cell says nothing: empty, dots to be filled in, or a word or sign for "none given"."""
    plain = plain_digits(text)
    return bool(_FILLER.match(plain)) or plain.lower() in words.printed("blank")


def read_value(cell: Cell, indicator: Indicator, unit: str, words: Vocabulary) -> Value:
    """The value of a cell as the kind of figure that its indicator asks for.

    Numbers come in the indicator's unit, percentages in per cent, yes and no as 1 and 0. A cell that cannot be
    read so gives a ``reason`` and no value.
    """
    if LOST in cell.text and indicator.value_type != "text":
        return Value(text=squeeze(cell.text), reason="value_unreadable", flags=("letters_lost",))
    if cell.number is None and is_blank(cell.text, words):
        return BLANK
    if "ocr_doubt" in cell.flags and indicator.value_type not in _IN_WORDS:
        return Value(text=squeeze(cell.text), reason="ocr_doubt", flags=("ocr_doubt",))
    if indicator.value_type in _IN_WORDS:
        return Value(text=_answer(cell.text), flags=_kept(cell))
    value = _typed(cell, indicator) if cell.number is not None else _printed(cell.text, indicator, unit, words)
    ranged = _within(value, indicator)
    doubtful = not _DOUBTFUL.isdisjoint(cell.flags)
    return replace(ranged, flags=ranged.flags + _kept(cell), status="U" if doubtful else ranged.status)


def level_codes(unit: str) -> Mapping[str, int]:
    """The codes that a unit cell explains ("none = 0, under way = 1"), by folded word."""
    codes: dict[str, int] = {}
    for word, number, number_first, word_after in _CODES.findall(unit.replace("(", ";").replace("1/0", " ")):
        label, code = (word, number) if word else (word_after, number_first)
        if fold(label):
            codes[fold(label)] = int(code)
    return codes


def _answer(text: str) -> str:
    """An answer in words on one line; a web address that was broken over lines is put together again."""
    joined = "".join(text.split())
    return joined if _ADDRESS.fullmatch(joined) else squeeze(text)


def _kept(cell: Cell) -> tuple[str, ...]:
    return tuple(flag for flag in cell.flags if flag != "letters_repaired")


def _typed(cell: Cell, indicator: Indicator) -> Value:
    number = cell.number
    assert number is not None
    if "%" in cell.number_format:
        shown = round(float(number) * 100, 10)
        return _checked(_tidy(shown), indicator)
    if indicator.value_type == "percent" and 0 < number < 1:
        return Value(number=_tidy(number), status="U", flags=("percent_may_be_fraction",))
    return _checked(_tidy(number), indicator)


def _tidy(number: float) -> float | int:
    rounded = round(float(number), 10)
    return int(rounded) if rounded.is_integer() and abs(rounded) < 2**53 else rounded


def _checked(number: float | int, indicator: Indicator) -> Value:
    if indicator.value_type in ("count", "boolean", "level") and not isinstance(number, int):
        return Value(text=f"{number}", reason="value_not_whole")
    return Value(number=number)


def _printed(text: str, indicator: Indicator, unit: str, words: Vocabulary) -> Value:
    plain = plain_digits(squeeze(text))
    if indicator.value_type in ("boolean", "level"):
        coded = _word_value(plain, indicator, unit, words)
        if coded is not None:
            return coded
    plain, flags = _without_about(plain, words)
    found = _FIGURE.match(plain)
    number = _number(found["digits"], indicator.value_type) if found else None
    if found is None or number is None:
        return _zero_word(plain, indicator, words) or Value(text=squeeze(text), reason="value_unreadable")
    rest = found["rest"].strip()
    if not _rest_is_unit(rest, indicator, unit, words):
        return Value(text=squeeze(text), reason="value_unreadable")
    number = -number if found["sign"] in ("-", "−") else number
    value = _checked(number, indicator)
    if value.reason:
        return replace(value, text=squeeze(text))
    return replace(value, flags=flags, status="U" if flags else "A")


def _zero_word(plain: str, indicator: Indicator, words: Vocabulary) -> Value | None:
    if indicator.value_type == "count" and plain.lower().strip(" .") in words.printed("zero"):
        return Value(number=0, flags=("zero_in_words",))
    return None


def _word_value(plain: str, indicator: Indicator, unit: str, words: Vocabulary) -> Value | None:
    folded = fold(plain)
    code = level_codes(unit).get(folded) if folded else None
    if code is None and indicator.value_type == "boolean":
        meaning = words.printed("yes").get(plain.lower()) or words.printed("no").get(plain.lower())
        code = int(meaning) if meaning is not None else None
    return Value(number=code, flags=("code_in_words",)) if code is not None else None


def _without_about(plain: str, words: Vocabulary) -> tuple[str, tuple[str, ...]]:
    lowered = plain.lower()
    for word, meaning in sorted(words.printed("about").items(), key=lambda item: -len(item[0])):
        if lowered.startswith(word) and (not word[-1].isalpha() or lowered[len(word) :].startswith(" ")):
            return plain[len(word) :].strip(), (meaning,)
    return plain, ()


def _rest_is_unit(rest: str, indicator: Indicator, unit: str, words: Vocabulary) -> bool:
    if not rest or not fold(rest):
        return rest in ("", "%", ".", ";", ",") and not (rest == "%" and indicator.value_type != "percent")
    wanted = {fold(unit), fold(indicator.unit)} - {""}
    if fold(rest) in wanted or any(fold(rest) in one.split() for one in wanted):
        return True
    return not unit.strip() and indicator.value_type == "count" and fold(rest) in words.folded("counted")


def _number(digits: str, value_type: str) -> float | int | None:
    digits = digits.strip()
    if digits.isdigit():
        return int(digits)
    grouped = _GROUPED.match(digits)
    if grouped and not digits.startswith("0") and _reads_as_thousands(digits, grouped["mark"], value_type):
        return int(re.sub(r"\D", "", digits))
    both = _GROUPED_DECIMAL.match(digits)
    if both and both["mark"] != both["point"]:
        return _tidy(float(re.sub(r"\D", "", both[1]) + "." + both[4]))
    if _DECIMAL.match(digits):
        return _tidy(float(digits.replace(",", ".")))
    return None


def _reads_as_thousands(digits: str, mark: str, value_type: str) -> bool:
    several = len(re.findall(r"\D", digits)) > 1
    return several or mark in " '" or value_type not in ("percent", "decimal")


def _within(value: Value, indicator: Indicator) -> Value:
    if value.number is None or value.reason:
        return value
    too_small = indicator.minimum is not None and value.number < indicator.minimum
    too_large = indicator.maximum is not None and value.number > indicator.maximum
    if indicator.value_type in ("boolean", "level") and (too_small or too_large):
        return Value(text=f"{value.number}", reason="value_out_of_range")
    return replace(value, flags=(*value.flags, "out_of_range"), status="U") if too_small or too_large else value
