"""What a cell says: a figure, a yes or no, a level, an answer in words, or nothing.

A value is what the document says. Where two readings are possible and nothing decides, the row goes to a person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from extract.model import LOST, Cell
from normalize.answers import level_codes, read_answer
from normalize.model import Indicator, Value
from normalize.numbers import letters_as_digits, plain_digits, read_number, tidy
from normalize.text import fold, squeeze
from normalize.vocabulary import Vocabulary

_FILLER = re.compile(r"^[\s.…·•_\-‐‑‒–—―−:;,/\\()\[\]]*%?[\s.…·_]*$")
_FIGURE = re.compile(r"^(?P<sign>[-+]?)\s*(?P<digits>\d[\d.,' ]*\d|\d|[.,]\d+)\s*(?P<rest>.*)$", re.DOTALL)
_NUMBER = r"\d(?:[\d.,']*\d)?(?: \d{3}(?!\d))*(?:[.,]\d+)?"
_PART = re.compile(rf"^(?P<part>{_NUMBER}) ?/ ?(?P<whole>{_NUMBER})(?P<rest>\D.*)?$")
_RATE_BESIDE = re.compile(rf"^\(\D*(?P<rate>{_NUMBER}) ?%\)$")
_RATE_FIRST = re.compile(rf"^(?P<rate>{_NUMBER}) ?% ?\((?P<parts>[^()]*/[^()]*)\)$")
_RANGE = re.compile(rf"^\D{{0,20}}{_NUMBER}\s?%?\s?[-–—÷~→]\s?{_NUMBER}(?!/)\D*$")
_DATE = re.compile(r"^\D{0,20}\d{1,2}\s?[-./]\s?\d{1,2}\s?[-./]\s?(?:\d{4}|\d\d)$")
_SPLIT = re.compile(r"[;\n\t+|]| {2,}|, | (?=\()")
_MAY_SPLIT = re.compile(r"[;+| ]")
_FOOTNOTE = re.compile(r"(?<=[\d%])(?: ?(?:\*+|\(\*+\)|[\u00b9\u00b2\u00b3\u2070-\u2079]+|(?P<number>[(\[]\d[)\]])))+$")
_NEGATIVE = re.compile(r"^\(\s*(-[^()]*)\)$")
_REMARK = re.compile(r"^(?P<before>[^()]*)\((?P<remark>[^()]*)\)$")
_DATE_FORMAT = re.compile(r"y|d|m{3}|h", re.IGNORECASE)
_IN_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|general', re.IGNORECASE)
_IN_WORDS = ("text", "url", "date")
_DOUBTFUL = frozenset({"ocr_low_resolution", "table_without_rules", "encoding_unsure", "number_not_shown"})
_SURE_FLAGS = frozenset({"footnote_mark", "unit_scaled", "code_in_words", "zero_in_words"})
_ADDRESS = re.compile(r"(?:https?://|www\.)[!-~]+")
_YEARS = range(1900, 2101)
_LONGEST_NUMBER_ABROAD = 9
"""Digits after a plus sign from which on it is a telephone number."""
BLANK = Value(blank=True)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a cell is read for: the indicator, the printed unit, the words, and the document's decimal sign."""

    indicator: Indicator
    unit: str
    words: Vocabulary
    mark: str

    @property
    def kind(self) -> str:
        return self.indicator.value_type


@lru_cache(maxsize=16384)
def looks_numeric(text: str) -> bool:
    """Whether a cell holds a figure: digits with separators, perhaps a sign and a per cent sign."""
    found = _FIGURE.match(plain_digits(text))
    if found is None or found["rest"].strip() not in ("", "%"):
        return False
    return read_number(found["digits"], "decimal") is not None


@lru_cache(maxsize=16384)
def is_blank(text: str, words: Vocabulary) -> bool:
    """Whether a cell says nothing: empty, dots to be filled in, or a word or sign for "none given"."""
    plain = plain_digits(text)
    return bool(_FILLER.match(plain)) or squeeze(plain).lower() in words.printed("blank")


def read_value(cell: Cell, indicator: Indicator, unit: str, words: Vocabulary, mark: str = "") -> Value:
    """The value of a cell as the kind of figure that its indicator asks for.

    Numbers come in the indicator's unit, percentages in per cent, yes and no as 1 and 0. ``mark`` is the document's
    decimal sign ("" when it is not known). A cell that cannot be read so gives a ``reason`` and no value.
    """
    if LOST in cell.text and indicator.value_type != "text":
        return Value(text=squeeze(cell.text), reason="value_unreadable", flags=("letters_lost",))
    if cell.number is None and is_blank(cell.text, words):
        return BLANK
    if "ocr_doubt" in cell.flags and indicator.value_type not in _IN_WORDS:
        return Value(text=squeeze(cell.text), reason="ocr_doubt", flags=("ocr_doubt",))
    if indicator.value_type in _IN_WORDS:
        return Value(text=_answer(cell.text), flags=_kept(cell))
    asked = _Asked(indicator, unit, words, mark)
    value = _typed(cell, asked) if cell.number is not None else _printed(cell, asked)
    ranged = _within(_among_codes(value, asked), indicator)
    if not cell.flags:
        return ranged
    doubtful = not _DOUBTFUL.isdisjoint(cell.flags)
    return replace(ranged, flags=ranged.flags + _kept(cell), status="U" if doubtful else ranged.status)


def _answer(text: str) -> str:
    """An answer in words on one line; a web address that was broken over lines is put together again."""
    joined = "".join(text.split())
    return joined if _ADDRESS.fullmatch(joined) else squeeze(text)


def _kept(cell: Cell) -> tuple[str, ...]:
    return tuple(flag for flag in cell.flags if flag != "letters_repaired")


# Cells of a workbook


def _typed(cell: Cell, asked: _Asked) -> Value:
    number = cell.number
    assert number is not None
    if "%" in cell.number_format:
        if asked.kind != "percent":
            return Value(text=squeeze(cell.text), reason="value_unreadable")
        return Value(number=tidy(float(number) * 100))
    if asked.kind == "percent" and 0 < number <= 1:
        return Value(number=tidy(number), status="U", flags=("percent_may_be_fraction",))
    return _scaled(tidy(number), asked.unit, asked)


@lru_cache(maxsize=1024)
def _is_date_format(number_format: str) -> bool:
    return bool(_DATE_FORMAT.search(_IN_FORMAT.sub("", number_format))) and not re.search(r"[0#]", number_format)


# Cells of text


def _printed(cell: Cell, asked: _Asked) -> Value:
    plain = plain_digits(squeeze(cell.text))
    if (
        asked.kind in ("boolean", "level")
        and (coded := read_answer(plain, asked.kind, asked.unit, asked.words)) is not None
    ):
        return coded
    if _is_date_format(cell.number_format) or _DATE.match(plain):
        return Value(text=squeeze(cell.text), reason="value_is_date")
    value = None if _has_several(cell.text) else _number_in(plain, asked)
    if value is None:
        reason = _why_not(cell.text, asked.words)
        return Value(text=squeeze(cell.text), reason=reason)
    return replace(value, text=squeeze(cell.text)) if value.reason else value


def _number_in(plain: str, asked: _Asked) -> Value | None:
    """The number of a text that holds one and what belongs to it; ``None`` for any other text."""
    rest, flags = _without_footnote(plain)
    rest, about = _without_about(_without_opening(rest, asked.words), asked.words)
    negative = _NEGATIVE.match(rest)
    rest = negative[1] if negative else rest
    read = _part_of_whole(rest, asked) or _figure(rest, asked) or _with_letters(rest, asked) or _zero(rest, asked)
    if read is None or read.reason:
        return read
    flags = (*flags, *about, *read.flags)
    status = "A" if _SURE_FLAGS.issuperset(flags) else "U"
    return read if flags == read.flags and status == read.status else replace(read, flags=flags, status=status)


def _figure(plain: str, asked: _Asked) -> Value | None:
    """The number at the beginning of a text whose rest is its unit, or a remark in brackets."""
    found = _FIGURE.match(plain)
    if found is None or (found["sign"] == "+" and len(re.sub(r"\D", "", found["digits"])) >= _LONGEST_NUMBER_ABROAD):
        return None
    read = read_number(found["digits"], asked.kind, asked.mark)
    if read is None:
        return None
    rest, remarked = found["rest"].strip(), False
    if remark := _REMARK.match(rest):
        if not fold(remark["remark"]) or re.search(r"\d", remark["remark"]):
            return None
        rest, remarked = remark["before"].strip(), True
    number = -read.number if found["sign"] == "-" else read.number
    value = _in_unit(number, rest, asked)
    if value is None or value.reason:
        return value
    flags = (*(("remark_beside",) if remarked else ()), *((read.flag,) if read.flag else ()), *value.flags)
    return replace(value, flags=flags) if flags != value.flags else value


def _with_letters(plain: str, asked: _Asked) -> Value | None:
    value = _figure(letters_as_digits(plain), asked)
    return replace(value, flags=("letter_for_digit", *value.flags)) if value is not None else None


def _zero(plain: str, asked: _Asked) -> Value | None:
    """No figure but a word that says that there were none."""
    if asked.kind != "count":
        return None
    lowered = plain.lower().strip(" .")
    for word in sorted(asked.words.printed("zero"), key=len, reverse=True):
        if lowered == word or (lowered.startswith(word + " ") and _is_counted(lowered[len(word) :], asked)):
            return Value(number=0, flags=("zero_in_words",))
    return None


def _is_counted(text: str, asked: _Asked) -> bool:
    """Whether a text is nothing but what is counted, with a word like "any" around it."""
    fillers = {word for filler in asked.words.folded("zero_filler") for word in filler.split()}
    words = [word for word in fold(text).split() if word not in fillers]
    counted = {*asked.words.folded("counted"), fold(asked.unit), fold(asked.indicator.unit)}
    return not words or " ".join(words) in counted


def _part_of_whole(plain: str, asked: _Asked) -> Value | None:
    """A part of a whole ("12/15"): the part of a count, the share of a rate; a rate beside it must be that share."""
    if "/" not in plain:
        return None
    if first := _RATE_FIRST.match(plain):
        plain = f"{first['parts']} ({first['rate']}%)"
    found = _PART.match(plain)
    if found is None or asked.kind not in ("count", "percent"):
        return None
    part, whole = (read_number(found[name], "count", asked.mark) for name in ("part", "whole"))
    if part is None or whole is None or not _is_part(found["part"], found["whole"], part.number, whole.number):
        return None
    share, rest = 100 * part.number / whole.number, (found["rest"] or "").strip()
    if beside := _RATE_BESIDE.match(rest):
        told = read_number(beside["rate"], "percent", asked.mark)
        decimals = len(re.split(r"[.,]", beside["rate"])[-1]) if re.search(r"[.,]", beside["rate"]) else 0
        if told is None or abs(told.number - share) > 0.5 * 10**-decimals + 1e-9:
            return None
        share, rest = float(told.number), ""
    if rest and not _is_counted(rest, asked) and not _is_unit(rest, asked):
        return None
    if asked.kind == "percent":
        return Value(number=tidy(share), flags=("rate_from_parts",))
    return Value(number=part.number, flags=("part_of_whole",))


def _is_part(part_text: str, whole_text: str, part: float, whole: float) -> bool:
    """Whether two whole numbers with a slash are a part and its whole, and no date, document number or "1/0"."""
    padded = any(text.startswith("0") and len(text) > 1 for text in (part_text, whole_text))
    year = whole_text.isdigit() and whole in _YEARS
    return isinstance(part, int) and isinstance(whole, int) and 0 <= part <= whole and whole > 0 and not padded | year


# Words around a number


def _without_footnote(plain: str) -> tuple[str, tuple[str, ...]]:
    found = _FOOTNOTE.search(plain)
    if found is None:
        return plain, ()
    return plain[: found.start()].strip(), ("remark_beside",) if found["number"] else ("footnote_mark",)


def _without_opening(plain: str, words: Vocabulary) -> str:
    """A text without a word that only leads up to its number ("in all:", "reached")."""
    lowered = plain.lower()
    if not lowered.startswith(words.any_printed("before_number")):
        return plain
    for word, _ in words.longest_first("before_number"):
        rest = plain[len(word) :].lstrip(" :")
        if lowered.startswith((word + " ", word + ":")) and (rest[:1].isdigit() or _without_about(rest, words)[1]):
            return rest
    return plain


def _without_about(plain: str, words: Vocabulary) -> tuple[str, tuple[str, ...]]:
    found: dict[str, None] = {}
    lowered = plain.lower()
    opens, closes = words.any_printed("about"), words.any_printed("about_after")
    if not lowered.startswith(opens) and not lowered.endswith(closes):
        return plain, ()
    for word, meaning in words.longest_first("about"):
        rest = plain[len(word) :]
        if lowered.startswith(word) and (not word[-1].isalpha() or rest.startswith(" ")):
            plain, found = rest.strip(), {meaning: None}
            break
    lowered = plain.lower()
    for word, meaning in words.printed("about_after").items():
        before = plain[: -len(word)]
        if lowered.endswith(word) and (not word[0].isalpha() or before.endswith(" ")):
            return before.strip(), tuple(found | {meaning: None})
    return plain, tuple(found)


# Units


def _in_unit(number: float | int, rest: str, asked: _Asked) -> Value | None:
    """A number with what follows it, in the unit of the indicator; ``None`` where that is no unit of such a figure."""
    if rest in ("", "%", ".", ";", ","):
        if rest == "%" and asked.kind != "percent":
            return None
        return _scaled(number, asked.unit, asked)
    if _is_unit(rest, asked):
        return _scaled(number, asked.unit, asked)
    factor, base = _unit_scale(rest, asked.words)
    target, wanted = _unit_scale(asked.indicator.unit or asked.unit, asked.words)
    if factor == 1 or asked.kind not in ("count", "decimal") or not _is_base(base, wanted, asked):
        return None
    return replace(_checked(tidy(number * factor / target), asked), flags=("unit_scaled",))


def _is_unit(rest: str, asked: _Asked) -> bool:
    if not fold(rest):
        return False
    if asked.kind == "percent":
        return asked.words.folded("unit_kind").get(fold(rest)) == "percent"
    wanted = {fold(asked.unit), fold(asked.indicator.unit)} - {""}
    if fold(rest) in wanted or any(fold(rest) in one.split() for one in wanted):
        return True
    return not asked.unit.strip() and asked.kind == "count" and fold(rest) in asked.words.folded("counted")


def _scaled(number: float | int, unit: str, asked: _Asked) -> Value:
    """A number in the printed unit as one in the indicator's: thousands of what it counts ones of, Gbps for Mbps."""
    factor, base = _unit_scale(unit, asked.words)
    target, wanted = _unit_scale(asked.indicator.unit, asked.words)
    if (
        asked.kind not in ("count", "decimal")
        or not fold(unit)
        or factor == target
        or not _is_base(base, wanted, asked)
    ):
        return _checked(number, asked)
    value = _checked(tidy(number * factor / target), asked)
    return value if value.reason else replace(value, flags=("unit_scaled",))


def _is_base(base: str, wanted: str, asked: _Asked) -> bool:
    return base in ("", wanted) or (not wanted and base in asked.words.folded("counted"))


@lru_cache(maxsize=4096)
def _unit_scale(unit: str, words: Vocabulary) -> tuple[float, str]:
    """How many of its base a unit is, and that base, folded: "thousand filings" is 1000 filings."""
    plain = squeeze(plain_digits(unit)).lower()
    known = words.printed("unit_scale").get(plain)
    if known is not None:
        factor, _, base = known.partition(" ")
        return float(factor), fold(base)
    first, _, base = plain.partition(" ")
    times = words.printed("multiplier").get(first)
    return (float(times), fold(base)) if times is not None else (1.0, fold(unit))


def _checked(number: float | int, asked: _Asked) -> Value:
    if asked.kind in ("count", "boolean", "level") and not isinstance(number, int):
        return Value(text=f"{number}", reason="value_not_whole")
    return Value(number=number)


def _within(value: Value, indicator: Indicator) -> Value:
    if value.number is None or value.reason:
        return value
    too_small = indicator.minimum is not None and value.number < indicator.minimum
    too_large = indicator.maximum is not None and value.number > indicator.maximum
    if indicator.value_type in ("boolean", "level") and (too_small or too_large):
        return Value(text=f"{value.number}", reason="value_out_of_range")
    return replace(value, flags=(*value.flags, "out_of_range"), status="U") if too_small or too_large else value


def _among_codes(value: Value, asked: _Asked) -> Value:
    """A level as it is, or the reason why it is none where the unit cell explains codes and it is not among them."""
    codes = set(level_codes(asked.unit).values()) if asked.kind == "level" else set()
    if value.number is None or len(codes) < 2 or value.number in codes:
        return value
    return Value(text=f"{value.number}", reason="value_out_of_range")


# Why a text is no figure


def _has_several(text: str) -> bool:
    """Whether lines, semicolons or wide gaps part numbers in a cell; a rate or a footnote beside one does not count."""
    if not _MAY_SPLIT.search(plain_digits(text)):
        return False
    plain = "\n".join(plain_digits(line) for line in text.replace("\t", "  ").splitlines())
    parts = [part.strip() for part in _SPLIT.split(plain)]
    numbers = [part for part in parts if re.match(r"^\D{0,12}\d", part) and not re.match(r"^\(\d\)$", part)]
    if len(numbers) > 1 and "/" in plain and "%" in plain:
        return len(numbers) > 2
    return len(numbers) > 1


def _why_not(text: str, words: Vocabulary) -> str:
    plain = plain_digits(squeeze(text))
    if _has_several(text):
        return "value_several"
    between = "|".join(map(re.escape, words.folded("range")))
    if _RANGE.match(plain) or re.search(rf"\d\D* (?:{between}) \D*\d", fold(plain)):
        return "value_range"
    return "value_unreadable"
