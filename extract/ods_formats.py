"""Number formats of OpenDocument, written as the format codes of Excel."""

from __future__ import annotations

from lxml import etree

from extract.opendocument import NUMBER, STYLE, whole

_KINDS = tuple(
    NUMBER + name for name in ("number-style", "percentage-style", "currency-style", "date-style", "time-style")
)
_MOST = 30
_PARTS = {"day": "d", "month": "m", "year": "yy", "hours": "h", "minutes": "m", "seconds": "s", "day-of-week": "ddd"}
_CONDITIONS = frozenset(("value()>=0", "value()>0", "value()<0", "value()<=0", "value()=0", "value()!=0"))


def read_formats(roots: list[etree._Element]) -> dict[str, str]:
    """Give each data style by name as a format code; "General" where it says nothing of decimals."""
    items = {item.get(STYLE + "name", ""): item for root in roots for item in root.iter(*_KINDS)}
    plain = {name: _code(item) for name, item in items.items()}
    return {name: _with_conditions(item, plain[name], plain) for name, item in items.items()}


def _with_conditions(item: etree._Element, code: str, plain: dict[str, str]) -> str:
    """Put the formats for some numbers before the one for the others."""
    parts = []
    for part in item.iterchildren(STYLE + "map"):
        condition, name = part.get(STYLE + "condition", ""), part.get(STYLE + "apply-style-name", "")
        if condition in _CONDITIONS and name in plain:
            parts.append(f"[{condition.removeprefix('value()').replace('!=', '<>')}]{plain[name]}")
    return ";".join([*parts[:2], code])


def _code(item: etree._Element) -> str:
    code = "".join(_part(part, item.tag) for part in item if isinstance(part.tag, str))
    return code or "General"


def _part(part: etree._Element, kind: str) -> str:
    name = etree.QName(part).localname
    if name == "number":
        return _number(part)
    if name == "scientific-number":
        return f"0.{'0' * _decimals(part)}E+00"
    if name == "fraction":
        return "# ?/?"
    if name in ("text", "currency-symbol"):
        return _literal(part.text or "", kind)
    if name in _PARTS:
        return _PARTS[name] * (2 if part.get(NUMBER + "style") == "long" else 1)
    return "AM/PM" if name == "am-pm" else ""


def _number(part: etree._Element) -> str:
    if part.get(NUMBER + "decimal-places") is None and part.get(NUMBER + "grouping") != "true":
        return "0" * min(whole(part, NUMBER + "min-integer-digits"), _MOST) if _padded(part) else "General"
    integer = "#,##0" if part.get(NUMBER + "grouping") == "true" else "0" * max(1, _integers(part))
    decimals = _decimals(part)
    least = min(whole(part, NUMBER + "min-decimal-places", decimals), decimals)
    return integer + ("." + "0" * least + "#" * (decimals - least) if decimals else "")


def _padded(part: etree._Element) -> bool:
    return _integers(part) > 1


def _integers(part: etree._Element) -> int:
    return min(whole(part, NUMBER + "min-integer-digits", 1), _MOST)


def _decimals(part: etree._Element) -> int:
    return min(whole(part, NUMBER + "decimal-places", 0), _MOST)


def _literal(text: str, kind: str) -> str:
    """A sign of percentage counts in its own kind of style; all else is text."""
    if kind == NUMBER + "percentage-style" and "%" in text:
        before, _, after = text.partition("%")
        return _quoted(before) + "%" + _quoted(after)
    return _quoted(text)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "") + '"' if text else ""
