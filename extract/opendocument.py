"""What .odt and .ods share: the package, the styles that matter to a reader, and the text of a paragraph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lxml import etree

from extract.decoding import Stretch
from extract.ooxml import Package, open_package, open_part, parse_part, parse_xml
from extract.word_runs import dingbats

_ODF = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
OFFICE, TEXT, TABLE, STYLE, DRAW, NUMBER = (
    _ODF % name for name in ("office", "text", "table", "style", "drawing", "datastyle")
)
FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
PARAGRAPHS = (TEXT + "p", TEXT + "h")
TEXT_BOX = DRAW + "text-box"

_LONGEST_GAP = 200
_UNSEEN = frozenset(
    (OFFICE + "annotation", OFFICE + "annotation-end", TEXT + "note", TEXT + "ruby-text", TEXT + "tracked-changes",
     TEXT + "hidden-text", TEXT + "script", DRAW + "frame", DRAW + "object", DRAW + "image", TEXT_BOX)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """What a style says of text: its font, whether it is hidden or raised (None: nothing); and its data style."""

    font: str = ""
    hidden: bool | None = None
    raised: bool | None = None
    data: str = ""
    list_style: str = ""


@dataclass(frozen=True, slots=True)
class OpenFile:
    """An open file: its two parts that hold text, and the looks by family and name of style ("" for the default)."""

    content: etree._Element
    styles: etree._Element | None
    looks: dict[tuple[str, str], Look] = field(default_factory=dict)


def open_document(data: bytes) -> OpenFile | None:
    """Open the bytes of an OpenDocument file, also a flat one; None when it is encrypted. Raises as ``parse_part``."""
    if not data.startswith(b"PK"):
        root = parse_xml(data)
        return OpenFile(root, root, _looks([root]))
    package = open_package(data)
    if _is_encrypted(package):
        return None
    content = parse_part(package, "content.xml")
    styles = parse_part(package, "styles.xml") if "styles.xml" in package.members else None
    return OpenFile(content, styles, _looks([root for root in (styles, content) if root is not None]))


def look_of(file: OpenFile, family: str, name: str) -> Look:
    """Give the look of a style; the default one of its family where there is none of that name."""
    return file.looks.get((family, name)) or file.looks.get((family, ""), Look())


def stretches_of(paragraph: etree._Element, file: OpenFile, base: Look | None = None) -> list[Stretch]:
    """Give the text of a paragraph as it is seen, in stretches of one font; not that of its notes and text boxes."""
    if base is None:
        base = look_of(file, "paragraph", paragraph.get(TEXT + "style-name", ""))
    return list(_stretches(paragraph, file, base))


def whole(element: etree._Element, name: str, otherwise: int = 1) -> int:
    """Give an attribute that counts something."""
    text = element.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def _is_encrypted(package: Package) -> bool:
    name = "meta-inf/manifest.xml"
    if name not in package.members:
        return False
    with open_part(package, name) as part:
        return b"encryption-data" in part.read(10_000_000)


def _looks(roots: list[etree._Element]) -> dict[tuple[str, str], Look]:
    faces = {
        face.get(STYLE + "name", ""): face.get(SVG + "font-family", "").strip("'\"")
        for root in roots
        for face in root.iter(STYLE + "font-face")
    }
    items = {
        (item.get(STYLE + "family", ""), item.get(STYLE + "name", "")): item
        for root in roots
        for item in root.iter(STYLE + "style", STYLE + "default-style")
    }
    return {key: _look(key, items, faces) for key in items}


def _look(key: tuple[str, str], items: dict[tuple[str, str], etree._Element], faces: dict[str, str]) -> Look:
    """Walk up from a style to its parents, and to the default; the nearest word counts."""
    found = Look()
    seen: set[tuple[str, str]] = set()
    family = key[0]
    while key in items and key not in seen:
        seen.add(key)
        own = _own_look(items[key], faces)
        found = Look(
            found.font or own.font,
            own.hidden if found.hidden is None else found.hidden,
            own.raised if found.raised is None else found.raised,
            found.data or own.data,
            found.list_style or own.list_style,
        )
        parent = items[key].get(STYLE + "parent-style-name", "")
        key = (family, parent if family != "text" or parent else "\0")
    return found


def _own_look(item: etree._Element, faces: dict[str, str]) -> Look:
    text = item.find(STYLE + "text-properties")
    look = Look(data=item.get(STYLE + "data-style-name", ""), list_style=item.get(STYLE + "list-style-name", ""))
    if text is None:
        return look
    name = text.get(STYLE + "font-name", "")
    display, position = text.get(TEXT + "display"), text.get(STYLE + "text-position")
    return replace(
        look,
        font=faces.get(name) or name or text.get(FO + "font-family", "").strip("'\""),
        hidden=None if display is None else display == "none",
        raised=None if position is None else _is_raised(position),
    )


def _is_raised(position: str) -> bool:
    """Whether a position is above the line: "super", or by a share of the height."""
    first = position.split()[0] if position.split() else ""
    return first == "super" or (first.endswith("%") and first[:-1].replace(".", "", 1).isdigit() and first[0] != "0")


def _stretches(element: etree._Element, file: OpenFile, look: Look) -> Iterator[Stretch]:
    yield from _stretch(element.text, look)
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _UNSEEN:
            yield from _child_stretches(child, file, look)
        yield from _stretch(child.tail, look)


def _child_stretches(child: etree._Element, file: OpenFile, look: Look) -> Iterator[Stretch]:
    if child.tag == TEXT + "s":
        yield from _stretch(" " * min(whole(child, TEXT + "c"), _LONGEST_GAP), look)
    elif child.tag == TEXT + "tab":
        yield from _stretch("\t", look)
    elif child.tag == TEXT + "line-break":
        yield Stretch("\n", look.font)
    elif child.tag == TEXT + "span":
        own = file.looks.get(("text", child.get(TEXT + "style-name", "")), Look())
        mixed = replace(
            look,
            font=own.font or look.font,
            hidden=look.hidden if own.hidden is None else own.hidden,
            raised=look.raised if own.raised is None else own.raised,
        )
        yield from _stretches(child, file, mixed)
    else:
        yield from _stretches(child, file, look)


def _stretch(text: str | None, look: Look) -> Iterator[Stretch]:
    if text and not look.hidden:
        plain = dingbats(text.replace("\n", " ").replace("\r", " "), look.font)
        yield Stretch(plain, look.font, bool(look.raised) and plain.isascii() and plain.isdigit())
