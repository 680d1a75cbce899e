"""The numbers that Word prints before paragraphs without storing them: "1.", "a)", "II.2"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VAL = W + "val"
LEVELS = 9
OWN_BULLETS = frozenset("-+*–—•")
_PLACEHOLDER = re.compile(r"%([1-9])")
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"))
_ROMAN_UNITS = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list counts and looks. ``style`` is the paragraph style bound to it."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    font: str = ""
    restart: int = -1
    legal: bool = False
    style: str = ""


@dataclass(frozen=True, slots=True)
class List:
    """One list instance: the counters it shares (``abstract``), its levels, and the levels it restarts at a number."""

    abstract: str
    levels: dict[int, Level]
    restarts: dict[int, int]


@dataclass(frozen=True, slots=True)
class Label:
    """A printed number or bullet, and the font it is printed in ("": that of the paragraph)."""

    text: str
    font: str = ""
    bullet: bool = False


class Counters:
    """How far each list has counted, in document order."""

    def __init__(self) -> None:
        self.counts: dict[str, dict[int, int]] = {}
        self.restarted: set[tuple[str, int]] = set()

    def step(self, list_id: str, numbered: List, depth: int) -> dict[int, int]:
        """Count one paragraph at ``depth``; gives the counts of all levels that have begun."""
        counts = self.counts.setdefault(numbered.abstract, {})
        level = numbered.levels.get(depth, Level())
        if depth in numbered.restarts and (list_id, depth) not in self.restarted:
            self.restarted.add((list_id, depth))
            counts[depth] = numbered.restarts[depth]
        else:
            counts[depth] = counts[depth] + 1 if depth in counts else level.start
        for deeper in [other for other in counts if other > depth]:
            if _restarts_after(numbered.levels.get(deeper, Level()), deeper, depth):
                del counts[deeper]
        return counts


def read_lists(root: etree._Element) -> dict[str, List]:
    """All list instances of a numbering part by ``numId``."""
    abstracts = {item.get(W + "abstractNumId", ""): _levels(item) for item in root.iter(W + "abstractNum")}
    return {item.get(W + "numId", ""): _list(item, abstracts) for item in root.iter(W + "num")}


def next_label(lists: dict[str, List], counters: Counters, list_id: str, depth: int) -> Label | None:
    """Give the label of the next paragraph of a list at ``depth`` (0-8); None where nothing is printed."""
    numbered = lists.get(list_id)
    if numbered is None:
        return None
    level = numbered.levels.get(depth)
    if level is None:
        return None
    counts = counters.step(list_id, numbered, depth)
    if level.format == "bullet":
        return Label(level.text if level.text in OWN_BULLETS else "-", bullet=True)
    text = _PLACEHOLDER.sub(lambda found: _count(numbered, counts, int(found[1]) - 1, level.legal), level.text)
    return Label(text, level.font) if text.strip() else None


def depth_of_style(lists: dict[str, List], list_id: str, style: str) -> int:
    """Find the level of a list that a paragraph style is bound to; 0 when none is."""
    levels = lists[list_id].levels if list_id in lists else {}
    return next((depth for depth, level in levels.items() if style and level.style == style), 0)


def _list(item: etree._Element, abstracts: dict[str, dict[int, Level]]) -> List:
    abstract = _value(item, "abstractNumId")
    levels, restarts = dict(abstracts.get(abstract, {})), {}
    for override in item.iter(W + "lvlOverride"):
        depth = _number(override.get(W + "ilvl"), 0)
        levels |= _levels(override)
        start = override.find(W + "startOverride")
        if start is not None:
            restarts[depth] = _number(start.get(VAL), 1)
    return List(abstract, levels, restarts)


def _levels(item: etree._Element) -> dict[int, Level]:
    return {_number(level.get(W + "ilvl"), 0): _level(level) for level in item.iterchildren(W + "lvl")}


def _level(item: etree._Element) -> Level:
    fonts = item.find(f"{W}rPr/{W}rFonts")
    legal = item.find(W + "isLgl")
    return Level(
        start=_number(_value(item, "start"), 0),
        format=_value(item, "numFmt") or "decimal",
        text=_value(item, "lvlText"),
        font="" if fonts is None else fonts.get(W + "ascii") or fonts.get(W + "hAnsi") or "",
        restart=_number(_value(item, "lvlRestart"), -1),
        legal=legal is not None and legal.get(VAL) not in ("0", "false", "off"),
        style=_value(item, "pStyle"),
    )


def _restarts_after(level: Level, own: int, counted: int) -> bool:
    """Whether a level begins anew after any higher one, unless it names the one that counts (0: never anew)."""
    return level.restart == -1 or (level.restart > 0 and counted < min(level.restart, own))


def _count(numbered: List, counts: dict[int, int], depth: int, legal: bool) -> str:
    level = numbered.levels.get(depth, Level())
    number = counts.get(depth, level.start)
    return str(number) if legal else _written(number, level.format)


def _written(number: int, style: str) -> str:
    if style == "none":
        return ""
    if style == "decimalZero":
        return f"{number:02d}"
    if number > 0 and style in ("lowerLetter", "upperLetter"):
        letters = chr(ord("a") + (number - 1) % 26) * min(1 + (number - 1) // 26, 30)
        return letters.upper() if style == "upperLetter" else letters
    if 0 < number < 5000 and style in ("lowerRoman", "upperRoman"):
        letters = "".join(_roman(number))
        return letters.upper() if style == "upperRoman" else letters
    return str(number)


def _roman(number: int) -> Iterator[str]:
    for value, letters in _ROMAN:
        yield letters * (number // value)
        number %= value
    yield _ROMAN_UNITS[number]


def _value(item: etree._Element, name: str) -> str:
    found = item.find(W + name)
    return "" if found is None else found.get(VAL, "")


def _number(text: str | None, otherwise: int) -> int:
    try:
        return int(text or "")
    except ValueError:
        return otherwise
