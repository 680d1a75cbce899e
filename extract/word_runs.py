"""The text of one Word paragraph as a person sees it: fields by their result, no deleted and no hidden words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from extract.decoding import SOFT_HYPHEN, Stretch
from extract.word_numbering import VAL, W

PARAGRAPH, TABLE, ROW, CELL, RUN = W + "p", W + "tbl", W + "tr", W + "tc", W + "r"
TEXT_BOX = W + "txbxContent"

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_TRANSPARENT = frozenset(
    W + name
    for name in ("ins", "moveTo", "customXml", "smartTag", "hyperlink", "fldSimple", "dir", "bdo", "sdtContent")
)
_MATH = frozenset(_M + name for name in ("oMathPara", "oMath"))
_PLAIN = {
    W + "tab": "\t",
    W + "ptab": "\t",
    W + "br": "\n",
    W + "cr": "\n",
    W + "noBreakHyphen": "-",
    W + "softHyphen": SOFT_HYPHEN,
}
_DINGBATS = {
    "wingdings": {0xFC: "✓", 0xFB: "✗", 0xFE: "☑", 0xFD: "☒", 0xA8: "☐", 0x6F: "☐", 0x6E: "■", 0xA7: "▪", 0xD8: "➢",
                  0x76: "❖", 0xE0: "→", 0xF0: "⇨", 0x6C: "●", 0x71: "❑", 0x72: "❒", 0x77: "⬥", 0x78: "☒"},
    "wingdings 2": {0x50: "✓", 0x4F: "✗", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "☐", 0x2A: "☐", 0x97: "●"},
    "symbol": {0xB7: "•", 0xB3: "≥", 0xA3: "≤", 0xB1: "±", 0xB4: "×", 0xB9: "≠", 0xAE: "→", 0xA5: "∞", 0xD7: "⋅"},
}  # fmt: skip
_OFF = ("0", "false", "off")
_RUN_PROPERTIES = W + "rPr"
_T, _SYMBOL, _FIELD_MARK, _RUBY = W + "t", W + "sym", W + "fldChar", W + "ruby"
_CONTROL, _ALTERNATIVES = W + "sdt", _MC + "AlternateContent"
_OPENED = _TRANSPARENT | {_CONTROL, _ALTERNATIVES}
_RUN_STYLE, _VANISH, _POSITION = W + "rStyle", W + "vanish", W + "vertAlign"
_FONTS, _ASCII_FONT, _HIGH_FONT = W + "rFonts", W + "ascii", W + "hAnsi"
_LOOK = (_RUN_STYLE, _VANISH, _POSITION, _FONTS)
"""What a run's own properties may say that counts here."""


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph or character style says here: font, hidden or not, and the list it belongs to."""

    font: str = ""
    hidden: bool = False
    list_id: str = ""
    depth: int | None = None


class Styles(dict[str, Style | None]):
    """Every style by id, worked out when a text first names it; "" is the default one, ``None`` one that is not there.

    Most styles of a document are never used.
    """

    def __init__(self, find: Callable[[str], Style | None]) -> None:
        super().__init__()
        self.find = find

    def __missing__(self, name: str) -> Style | None:
        self[name] = found = self.find(name)
        return found


_NO_STYLE = Style()


def first(element: etree._Element | None, tag: str) -> etree._Element | None:
    """The first child of that tag: five times as fast as ``find``, which reads a path."""
    for found in () if element is None else element.iterchildren(tag):
        return found
    return None


def children(element: etree._Element) -> Iterator[etree._Element]:
    """Children as they count for a reader: wrappers opened, deletions left out, one branch of each alternative."""
    for child in element.iterchildren("*"):
        tag = child.tag
        if tag not in _OPENED:
            yield child
        elif tag == _CONTROL:
            yield from _control(child)
        elif tag == _ALTERNATIVES:
            yield from _alternative(child)
        else:
            yield from children(child)


def visible_stretches(paragraph: etree._Element, base: Style, styles: Styles) -> Iterator[Stretch]:
    """Give the stretches of text of a paragraph of a style in reading order, those of its text boxes not included."""
    fields: list[bool | None] = []  # for each open field: has its result begun; None: its mark held the answer
    for run in _runs(paragraph):
        yield from _run_stretches(run, base, styles, fields)


def text_boxes(paragraph: etree._Element) -> Iterator[etree._Element]:
    """Contents of the text boxes anchored in a paragraph, each once."""
    if next(paragraph.iter(TEXT_BOX), None) is None:
        return
    waiting = list(children(paragraph))[::-1]
    while waiting:
        element = waiting.pop()
        if element.tag == TEXT_BOX:
            yield element
        else:
            waiting.extend(list(children(element))[::-1])


def style_of(name: str, styles: Styles) -> Style:
    """Give the style of a paragraph by the name it has there, the default one where that is none."""
    return styles[name] or styles[""] or _NO_STYLE


def is_on(properties: etree._Element | None, name: str) -> bool | None:
    """Whether a switch stands in some properties: True, False, or None where nothing is said."""
    found = first(properties, W + name)
    return None if found is None else found.get(VAL) not in _OFF


def font_of(properties: etree._Element | None) -> str:
    """Give the font named in run properties, "" when none is."""
    fonts = first(properties, _FONTS)
    return "" if fonts is None else fonts.get(_ASCII_FONT) or fonts.get(_HIGH_FONT) or ""


def _control(control: etree._Element) -> Iterator[etree._Element]:
    """Give a content control's content, but not the prompt that stands in an empty one."""
    inside = [item for content in control.iterchildren(W + "sdtContent") for item in children(content)]
    prompt = is_on(control.find(W + "sdtPr"), "showingPlcHdr")
    return iter(inside if not prompt or any(item.tag in (TABLE, ROW, CELL) for item in inside) else ())


def _alternative(element: etree._Element) -> Iterator[etree._Element]:
    branches = list(element.iterchildren(_MC + "Choice", _MC + "Fallback"))
    texts = [branch for branch in branches if next(branch.iter(W + "t"), None) is not None]
    for branch in (texts or branches)[:1]:
        yield from children(branch)


def _runs(element: etree._Element) -> Iterator[etree._Element]:
    for child in children(element):
        if child.tag == RUN:
            yield child
        elif child.tag in _MATH:
            yield from child.iter(_M + "t")


def _run_stretches(run: etree._Element, base: Style, styles: Styles, fields: list[bool | None]) -> Iterator[Stretch]:
    if run.tag != RUN:
        yield Stretch(run.text or "")
        return
    properties = first(run, _RUN_PROPERTIES)
    told = {} if properties is None else {item.tag: item for item in properties.iterchildren(*_LOOK, reversed=True)}
    named = told.get(_RUN_STYLE)
    style = _NO_STYLE if named is None else styles[named.get(VAL, "")] or _NO_STYLE
    own = told.get(_VANISH)
    hidden = own.get(VAL) not in _OFF if own is not None else style.hidden or base.hidden
    font = (font_of(properties) if _FONTS in told else "") or style.font or base.font
    position = told.get(_POSITION)
    raised = position is not None and position.get(VAL) == "superscript"
    for child in children(run):
        shown = not hidden and all(fields)
        text = _text_of(child, font, fields)
        if text and shown:
            yield Stretch(text, font, raised and text.isascii() and text.isdigit())


def _text_of(child: etree._Element, font: str, fields: list[bool | None]) -> str:
    tag = child.tag
    if tag == _T:
        return dingbats(child.text or "", font)
    if tag == _RUN_PROPERTIES:
        return ""
    if tag == _SYMBOL:
        return _symbol(child)
    if tag == _FIELD_MARK:
        return _field(child, fields)
    if tag == _RUBY:
        return "".join(item.text or "" for base in child.iterchildren(W + "rubyBase") for item in base.iter(_T))
    return _PLAIN.get(tag, "")


def _field(mark: etree._Element, fields: list[bool | None]) -> str:
    """Follow the marks of a field; old form fields keep their answer in the mark itself."""
    kind = mark.get(W + "fldCharType")
    if kind == "begin":
        answer = _form_answer(mark) if all(fields) else ""
        fields.append(None if answer else False)
        return answer
    if kind == "separate" and fields and fields[-1] is False:
        fields[-1] = True
    elif kind == "end" and fields:
        fields.pop()
    return ""


def _form_answer(mark: etree._Element) -> str:
    box = mark.find(f"{W}ffData/{W}checkBox")
    if box is not None:
        checked = is_on(box, "checked")
        return "☒" if (checked if checked is not None else is_on(box, "default")) else "☐"
    choices = mark.find(f"{W}ffData/{W}ddList")
    if choices is None:
        return ""
    entries = [entry.get(VAL, "") for entry in choices.iterchildren(W + "listEntry")]
    result = choices.find(W + "result")
    chosen = 0 if result is None else int(result.get(VAL, "0"))
    return entries[chosen] if 0 <= chosen < len(entries) else ""


def _symbol(mark: etree._Element) -> str:
    code = int(mark.get(W + "char", "0"), 16)
    return dingbats(chr(code), mark.get(W + "font", "")) if 31 < code < 0xFFFE else ""


def dingbats(text: str, font: str) -> str:
    """Give the signs of a symbol font, whose codes are also shifted into the private use area, as letters."""
    table = _signs_of(font)
    if table is None or (len(text) > 2 and text.isascii()):  # a sentence is no row of signs, whatever its font says
        return text
    return "".join(table.get(ord(sign) - 0xF000 if ord(sign) >= 0xF000 else ord(sign), sign) for sign in text)


@lru_cache(maxsize=256)
def _signs_of(font: str) -> dict[int, str] | None:
    return _DINGBATS.get(font.lower())
