"""The text of one Word paragraph as a person sees it: fields by their result, no deleted and no hidden words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph or character style says here: font, hidden or not, and the list it belongs to."""

    font: str = ""
    hidden: bool = False
    list_id: str = ""
    depth: int | None = None


def children(element: etree._Element) -> Iterator[etree._Element]:
    """Children as they count for a reader: wrappers opened, deletions left out, one branch of each alternative."""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        if child.tag in _TRANSPARENT:
            yield from children(child)
        elif child.tag == W + "sdt":
            yield from _control(child)
        elif child.tag == _MC + "AlternateContent":
            yield from _alternative(child)
        else:
            yield child


def visible_stretches(paragraph: etree._Element, styles: dict[str, Style]) -> Iterator[Stretch]:
    """Give the stretches of text of a paragraph in reading order, those of its text boxes not included."""
    base = style_of(paragraph, styles)
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


def style_of(paragraph: etree._Element, styles: dict[str, Style]) -> Style:
    """Give the style a paragraph names, the default one where it names none."""
    found = paragraph.find(f"{W}pPr/{W}pStyle")
    return styles.get("" if found is None else found.get(VAL, ""), styles.get("", Style()))


def is_on(properties: etree._Element | None, name: str) -> bool | None:
    """Whether a switch stands in some properties: True, False, or None where nothing is said."""
    found = None if properties is None else properties.find(W + name)
    return None if found is None else found.get(VAL) not in _OFF


def font_of(properties: etree._Element | None) -> str:
    """Give the font named in run properties, "" when none is."""
    fonts = None if properties is None else properties.find(W + "rFonts")
    return "" if fonts is None else fonts.get(W + "ascii") or fonts.get(W + "hAnsi") or ""


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


def _run_stretches(
    run: etree._Element, base: Style, styles: dict[str, Style], fields: list[bool | None]
) -> Iterator[Stretch]:
    if run.tag != RUN:
        yield Stretch(run.text or "")
        return
    properties = run.find(W + "rPr")
    named = None if properties is None else properties.find(W + "rStyle")
    style = Style() if named is None else styles.get(named.get(VAL, ""), Style())
    own = is_on(properties, "vanish")
    hidden = own if own is not None else style.hidden or base.hidden
    font = font_of(properties) or style.font or base.font
    position = None if properties is None else properties.find(W + "vertAlign")
    raised = position is not None and position.get(VAL) == "superscript"
    for child in children(run):
        shown = all(fields) and not hidden
        text = _text_of(child, font, fields)
        if text and shown:
            yield Stretch(text, font, raised and text.isascii() and text.isdigit())


def _text_of(child: etree._Element, font: str, fields: list[bool | None]) -> str:
    if child.tag == W + "t":
        return dingbats(child.text or "", font)
    if child.tag == W + "sym":
        return _symbol(child)
    if child.tag == W + "fldChar":
        return _field(child, fields)
    if child.tag == W + "ruby":
        return "".join(item.text or "" for base in child.iterchildren(W + "rubyBase") for item in base.iter(W + "t"))
    return _PLAIN.get(child.tag, "")


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
    table = _DINGBATS.get(font.lower())
    if table is None or (len(text) > 2 and text.isascii()):  # a sentence is no row of signs, whatever its font says
        return text
    return "".join(table.get(ord(sign) - 0xF000 if ord(sign) >= 0xF000 else ord(sign), sign) for sign in text)
