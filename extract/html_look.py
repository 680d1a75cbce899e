"""How text of a web page looks, as far as a reader needs it: fonts, what is hidden, raised figures, number formats."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lxml import etree

MAX_RULES = 20_000

_SELECTOR = re.compile(r"[\w-]*(?:\.[\w-]+)?")
_FONT = re.compile(r"(?:^|;)\s*font(?:-family)?\s*:([^;]*)", re.IGNORECASE)
_FAMILY = re.compile(r"(?:\d[\w.%/]*\s+)*(['\"]?)([^'\",]+)\1")
_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden)", re.IGNORECASE)
_RAISED = re.compile(r"(?:^|;)\s*vertical-align\s*:\s*super", re.IGNORECASE)
_FORMAT = re.compile(
    r"""(?:^|;)\s*mso-number-format\s*:\s*("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^;]*)""", re.IGNORECASE
)
_NAMED_FORMATS = {"percent": "0.00%", "fixed": "0.00", "standard": "#,##0.00", "general": "General", "0": "0"}


@dataclass(frozen=True, slots=True)
class Look:
    """What holds for an element: its font, whether it is hidden or raised, the number format of a cell."""

    font: str = ""
    hidden: bool = False
    raised: bool = False
    number_format: str = ""


Rules = dict[str, str]
"""Declarations by simple selector: "td", ".xl65", "p.MsoNormal"."""


def read_rules(root: etree._Element) -> Rules:
    """Read the style sheets of a page; selectors other than simple ones are left out."""
    rules: Rules = {}
    for sheet in root.iter("style"):
        for rule in _without_comments(sheet.text or "").split("}"):
            selectors, _, declarations = rule.partition("{")
            for selector in selectors.split(","):
                name = selector.strip()
                if name and _SELECTOR.fullmatch(name) and len(rules) < MAX_RULES:
                    rules[name.lower()] = f"{rules.get(name.lower(), '')};{declarations}"[-5000:]
    return rules


def _without_comments(text: str) -> str:
    first, *rest = text.replace("<!--", "").replace("-->", "").split("/*")
    return first + " ".join(part.partition("*/")[2] for part in rest)


def look_inside(element: etree._Element, outer: Look, rules: Rules) -> Look:
    """Give the look of an element inside one that looks like ``outer``."""
    tag = str(element.tag).lower()
    look = replace(outer, number_format="")
    if tag == "sup":
        look = replace(look, raised=True)
    if element.get("hidden") is not None:
        look = replace(look, hidden=True)
    if element.get("face"):
        look = replace(look, font=_family(element.get("face", "")))
    names = [f".{name}" for name in element.get("class", "").lower().split()[:20]]
    for declarations in (rules.get(tag), *map(rules.get, names), *(rules.get(tag + name) for name in names)):
        look = _declared(look, declarations) if declarations else look
    return _declared(look, element.get("style", ""))


def _declared(look: Look, declarations: str) -> Look:
    if not declarations:
        return look
    font, number_format = _FONT.search(declarations), _FORMAT.search(declarations)
    return Look(
        (_family(font[1]) if font else "") or look.font,
        look.hidden or bool(_HIDDEN.search(declarations)),
        look.raised or bool(_RAISED.search(declarations)),
        _code(number_format[1]) if number_format else look.number_format,
    )


def _family(text: str) -> str:
    found = _FAMILY.match(text.strip())
    return found[2].strip() if found else ""


def _code(text: str) -> str:
    """Read a format code as style sheets hold it: quoted, with backslashes, or a name."""
    code = re.sub(r"\\(.)", r"\1", text.strip().strip("'\""))
    return _NAMED_FORMATS.get(code.lower(), code if re.search(r"[0#@dmyh]", code) else "")
