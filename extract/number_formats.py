"""How a workbook's number looks on a Vietnamese screen: 0.517 as "51,7%", 342628 as "342.628", dates as dd/mm/yyyy."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_.|\*.|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General)|(?P<exponent>E[+-])|(?P<letter>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[\d.]+)")
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_GENERAL_WIDTH = 10


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a number format. ``pattern`` holds its digit places, point, commas and percent signs only."""

    prefix: str = ""
    pattern: str = ""
    suffix: str = ""
    condition: tuple[str, float] | None = None
    general: bool = False
    plain: bool = False
    """Cannot be followed (fractions, words between the digits): the number is shown as it is."""


@lru_cache(maxsize=10_000)
def show_number(number: float, number_format: str) -> str:
    """Give the text that a cell with this number and format shows; decimal comma, dots between thousands."""
    sections = _sections(number_format or "General")
    section, minus = _chosen(sections, number)
    if section.plain:
        return show_general(number)
    value = abs(number)
    if section.general:
        body = show_general(value)
    elif section.pattern:
        body = _filled(section.pattern, value)
    else:
        return section.prefix + section.suffix
    shown = section.prefix + body + section.suffix
    signed = minus or (number < 0 and not any(sign in shown for sign in "-–−("))
    return ("-" if signed and any(digit in "123456789" for digit in body) else "") + shown.strip()


def show_general(number: float) -> str:
    """Give a number without a format: whole numbers in full, others with at most ten digits and a decimal comma."""
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    if not 1e-9 <= abs(number) < 1e15:
        return f"{number:.5E}".replace(".", ",")
    whole = len(str(int(abs(number))))
    text = _rounded(_decimal(number), max(0, _GENERAL_WIDTH - whole))
    return text.rstrip("0").rstrip(".").replace(".", ",") if "." in text else text


def is_date(number_format: str) -> bool:
    """Whether a format shows dates or times."""
    return bool(_date_letters(number_format))


def show_date(
    moment: datetime.datetime | datetime.date | datetime.time | datetime.timedelta, number_format: str
) -> str:
    """Give a date as dd/mm/yyyy, with what the format leaves out left out, and a time of day as HH:MM."""
    letters = _date_letters(number_format)
    if isinstance(moment, datetime.timedelta):
        minutes = round(moment.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02d}"
    if isinstance(moment, datetime.time):
        return f"{moment:%H:%M}"
    if not letters & set("dy") and "h" in letters and isinstance(moment, datetime.datetime):
        return f"{moment:%H:%M}"
    wanted = (("d", f"{moment.day:02d}"), ("m", f"{moment.month:02d}"), ("y", f"{moment.year:04d}"))
    dropped = set("dmy") - letters if letters & set("dy") else set()
    day = "/".join(text for letter, text in wanted if letter not in dropped)
    timed = isinstance(moment, datetime.datetime) and "h" in letters and (moment.hour or moment.minute)
    return f"{day} {moment:%H:%M}" if timed else day


@lru_cache(maxsize=1000)
def _date_letters(number_format: str) -> frozenset[str]:
    found: set[str] = set()
    for token in _TOKEN.finditer(number_format.split(";")[0]):
        if token["general"] or (token["letter"] and token["letter"] in "0#?@"):
            return frozenset()
        if token["letter"] and token["letter"].lower() in "dmyhs":
            found.add(token["letter"].lower())
        if token["bracket"] and _ELAPSED.fullmatch(token["bracket"]):
            found.add("h")
    return frozenset(found)


@lru_cache(maxsize=1000)
def _sections(number_format: str) -> tuple[Section, ...]:
    parts: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(number_format):
        if token["letter"] == ";":
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(_section(part) for part in parts[:3])


def _section(tokens: list[re.Match[str]]) -> Section:
    literals, pattern, condition, ended, plain = ["", ""], "", None, False, False
    general = any(token["general"] for token in tokens)
    placed = general and not any(token["letter"] and token["letter"] in "0#?" for token in tokens)
    begun = False
    for token in tokens:
        letter = token["letter"] or ""
        if token["bracket"] is not None:
            found = _CONDITION.fullmatch(token["bracket"].strip())
            condition = (found[1], float(found[2])) if found else condition
        elif token["general"]:
            begun = True
        elif letter in ("0", "#", "?") or (letter in (".", ",") and begun):
            plain = plain or (ended and letter != ",") or general
            begun, pattern = True, pattern + letter
        elif token["exponent"] or letter in ("/", "@"):
            plain = True
        else:
            text = token["quoted"] or token["escaped"] or token["currency"] or letter
            if token["quoted"] is None and token["escaped"] is None and letter == "%":
                pattern += "%" if not ended else ""
            ended = ended or (begun and bool(text))
            literals[begun] += text
    return Section(literals[0], pattern, literals[1], condition, placed, plain and not placed)


def _chosen(sections: tuple[Section, ...], number: float) -> tuple[Section, bool]:
    """Give the section for a number, and whether a minus sign must be added to what it shows."""
    if any(section.condition for section in sections):
        for section in sections:
            if section.condition is None or _holds(number, section.condition):
                return section, number < 0
        return Section(general=True), number < 0
    if number < 0:
        return (sections[1], False) if len(sections) > 1 else (sections[0], True)
    if number == 0 and len(sections) > 2:
        return sections[2], False
    return sections[0], False


def _holds(number: float, condition: tuple[str, float]) -> bool:
    sign, bound = condition
    outcomes = {
        "<": number < bound,
        ">": number > bound,
        "=": number == bound,
        "<=": number <= bound,
        ">=": number >= bound,
        "<>": number != bound,
    }
    return outcomes[sign]


def _filled(pattern: str, value: float) -> str:
    """Write a number into digit places: "#,##0.0" and 1234.56 give "1.234,6"; each percent sign times a hundred."""
    places = pattern.replace("%", "")
    whole, _, fraction = places.partition(".")
    scale = len(whole) - len(whole.rstrip(",")) + fraction.count(",")
    grouped = "," in whole.rstrip(",")
    fraction = fraction.replace(",", "")
    number = _decimal(value) * 100 ** pattern.count("%") / Decimal(1000) ** scale
    integer, _, digits = _rounded(number, len(fraction)).partition(".")
    integer = integer.lstrip("0").rjust(whole.count("0"), "0")
    keep = max((place + 1 for place, sign in enumerate(fraction) if sign == "0"), default=0)
    while len(digits) > keep and digits.endswith("0"):
        digits = digits[:-1]
    if grouped:
        integer = re.sub(r"(?<=\d)(?=(\d{3})+$)", ".", integer)
    return f"{integer},{digits}" if digits else integer


def _decimal(number: float) -> Decimal:
    """Fifteen digits, as a workbook counts: 0.1 + 0.2 is 0.3."""
    return Decimal(f"{number:.15g}")


def _rounded(number: Decimal, places: int) -> str:
    return format(number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP), "f")
