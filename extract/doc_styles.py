"""The styles, fonts and lists of a Word 97 document, written as the parts of a .docx that say the same."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from extract.doc_file import FONTS, LIST_USES, LISTS, STYLES, DocFile, Unusual
from extract.doc_looks import Look, ParagraphLook, look_of, modified

SPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_PARAGRAPH, _CHARACTER = 1, 2
_KINDS = {_PARAGRAPH: "paragraph", _CHARACTER: "character"}
_NOTHING = 0x0FFF
_FORMATS = {1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter", 22: "decimalZero", 23: "bullet"}
_BULLET, _NONE = 23, 255
_LEVEL = struct.Struct("<iBB9sBiiBBBB")
_LEGAL, _NO_RESTART, _OTHER_START, _OTHER_LOOK = 4, 8, 0x10, 0x20


@dataclass(frozen=True, slots=True)
class Style:
    """A style: ``kind`` as in the file, the number of the style it is based on, what it says itself."""

    kind: int
    based_on: int
    look: Look
    paragraph: ParagraphLook


def read_fonts(doc: DocFile) -> list[str]:
    """Give the names of the fonts by their number."""
    data = doc.part(FONTS)
    names: list[str] = []
    at = 4
    for _ in range(struct.unpack_from("<H", data)[0] if data else 0):
        size = data[at]
        name = data[at + 40 : at + 1 + size].decode("utf-16-le", "replace").partition("\0")[0]
        if not name.isprintable() or not (name or size == 41):
            raise Unusual("a font without a name")
        names.append(name or f"Unnamed DOC font {len(names)}")
        at += 1 + size
    return names


def read_styles(doc: DocFile) -> tuple[list[Style | None], tuple[int, int]]:
    """Give the styles by their number, and the fonts (for ASCII, for others) that hold where no style says one."""
    data = doc.part(STYLES)
    size, count, base = struct.unpack_from("<HHH", data)
    if size < 18 or base not in (10, 18):
        raise Unusual("styles of another kind")
    plain, _, other = struct.unpack_from("<hhh", data, 14)
    styles: list[Style | None] = []
    at = 2 + size
    for _ in range(count):
        length = struct.unpack_from("<H", data, at)[0]
        styles.append(_style(data[at + 2 : at + 2 + length], base) if length else None)
        at += 2 + length + (length & 1)
    return styles, (plain, other)


def _style(data: bytes, base: int) -> Style:
    _, kind, parts = struct.unpack_from("<HHH", data)
    at = base + 4 + 2 * struct.unpack_from("<H", data, base)[0]
    found: list[bytes] = []
    for _ in range(parts & 15):
        size = struct.unpack_from("<H", data, at)[0]
        found.append(data[at + 2 : at + 2 + size])
        at += 2 + size + (size & 1)
    papx = found[0][2:] if kind & 15 == _PARAGRAPH and found else b""
    rest = found[1:] if kind & 15 == _PARAGRAPH else found
    chpx = rest[0] if kind & 15 in _KINDS and rest else b""
    return Style(kind & 15, kind >> 4, look_of(chpx), modified(ParagraphLook(), papx))


def styles_part(styles: Sequence[Style | None], plain: tuple[int, int], fonts: Sequence[str]) -> str:
    """Write the styles of paragraphs and letters."""
    defaults = _fonts_told(plain, fonts)
    said = f"<w:docDefaults><w:rPrDefault><w:rPr>{defaults}</w:rPr></w:rPrDefault></w:docDefaults>" if defaults else ""
    items = [_style_item(number, styles, plain, fonts) for number, style in enumerate(styles) if style]
    return f"<w:styles {SPACE}>{said}{''.join(items)}</w:styles>"


def _style_item(number: int, styles: Sequence[Style | None], plain: tuple[int, int], fonts: Sequence[str]) -> str:
    style = styles[number]
    if style is None or style.kind not in _KINDS:
        return ""
    parent = styles[style.based_on] if style.based_on < len(styles) else None
    based = f'<w:basedOn w:val="{style.based_on}"/>' if parent and parent.kind == style.kind else ""
    first = ' w:default="1"' if style.kind == _PARAGRAPH and number == 0 else ""
    look = style.look
    told = (look.font, look.high_font)
    if style.based_on == _NOTHING:
        told = (plain[0] if look.font is None else look.font, plain[1] if look.high_font is None else look.high_font)
    return (
        f'<w:style w:type="{_KINDS[style.kind]}" w:styleId="{number}"{first}>{based}'
        f"<w:pPr>{numbering(style.paragraph)}</w:pPr>"
        f"<w:rPr>{_fonts_told(told, fonts)}{_hidden(look)}</w:rPr></w:style>"
    )


def run_properties(look: Look, styles: Sequence[Style | None], fonts: Sequence[str]) -> str:
    """Write how letters look."""
    style = styles[look.style] if look.style is not None and look.style < len(styles) else None
    named = f'<w:rStyle w:val="{look.style}"/>' if style and style.kind == _CHARACTER else ""
    raised = '<w:vertAlign w:val="superscript"/>' if look.raised else ""
    inside = f"{named}{_fonts_told((look.font, look.high_font), fonts)}{_hidden(look)}{raised}"
    return f"<w:rPr>{inside}</w:rPr>" if inside else ""


def paragraph_properties(look: ParagraphLook, mark: Look, styles: Sequence[Style | None]) -> str:
    """Write the style and the list of a paragraph, and whether its mark is hidden."""
    style = styles[look.style] if look.style is not None and look.style < len(styles) else None
    named = f'<w:pStyle w:val="{look.style}"/>' if style and style.kind == _PARAGRAPH else ""
    hidden = f"<w:rPr>{_hidden(mark)}</w:rPr>" if mark.hidden is not None else ""
    inside = f"{named}{numbering(look)}{hidden}"
    return f"<w:pPr>{inside}</w:pPr>" if inside else ""


def numbering(look: ParagraphLook) -> str:
    """Write the list that a paragraph or style belongs to."""
    if look.unlisted or look.skipped:
        return '<w:numPr><w:numId w:val="0"/></w:numPr>'
    if look.level is None and look.list_id is None:
        return ""
    number = "" if look.list_id is None else f'<w:numId w:val="{look.list_id}"/>'
    return f'<w:numPr><w:ilvl w:val="{look.level or 0}"/>{number}</w:numPr>'


def _fonts_told(numbers: tuple[int | None, int | None], fonts: Sequence[str]) -> str:
    names = [fonts[number] if number is not None and 0 <= number < len(fonts) else "" for number in numbers]
    told = [f" w:{kind}={quoteattr(name)}" for kind, name in zip(("ascii", "hAnsi"), names, strict=True) if name]
    return f"<w:rFonts{''.join(told)}/>" if told else ""


def _hidden(look: Look) -> str:
    return {None: "", True: "<w:vanish/>", False: '<w:vanish w:val="0"/>'}[look.hidden]


# Lists


def lists_part(doc: DocFile, styles: Sequence[Style | None], fonts: Sequence[str]) -> str:
    """Write the lists, and each use of one with what it changes; "" where the file has none."""
    data, uses = doc.part(LISTS), doc.part(LIST_USES)
    if not data or not uses:
        return ""
    start = doc.structures[2 * LISTS] + len(data)
    abstracts: dict[int, int] = {}
    items: list[str] = []
    at = start
    for number in range(struct.unpack_from("<h", data)[0]):
        list_id, _, *linked, flags = struct.unpack_from("<iI9hB", data, 2 + 28 * number)
        abstracts[list_id] = number
        levels = []
        for depth in range(1 if flags & 1 else 9):
            level, at = _level(doc.table, at, depth, linked[depth], styles, fonts)
            levels.append(level)
        items.append(f'<w:abstractNum w:abstractNumId="{number}">{"".join(levels)}</w:abstractNum>')
    return f"<w:numbering {SPACE}>{''.join(items)}{''.join(_uses(uses, abstracts, styles, fonts))}</w:numbering>"


def _uses(
    data: bytes, abstracts: Mapping[int, int], styles: Sequence[Style | None], fonts: Sequence[str]
) -> Iterator[str]:
    count = struct.unpack_from("<I", data)[0]
    at = 4 + 16 * count
    for number in range(count):
        list_id, changes = struct.unpack_from("<i8xB", data, 4 + 16 * number)
        at += 4
        changed = []
        for _ in range(changes):
            start, flags = struct.unpack_from("<iI", data, at)
            at += 8
            inside = f'<w:startOverride w:val="{start}"/>' if flags & _OTHER_START else ""
            if flags & _OTHER_LOOK:
                inside, at = _level(data, at, flags & 15, _NOTHING, styles, fonts)
            changed.append(f'<w:lvlOverride w:ilvl="{flags & 15}">{inside}</w:lvlOverride>')
        abstract = f'<w:abstractNumId w:val="{abstracts[list_id]}"/>'
        yield f'<w:num w:numId="{number + 1}">{abstract}{"".join(changed)}</w:num>'


def _level(
    data: bytes, at: int, depth: int, linked: int, styles: Sequence[Style | None], fonts: Sequence[str]
) -> tuple[str, int]:
    """Write one level; gives also where the next one begins."""
    start, kind, flags, places, _, _, _, n_look, n_paragraph, restart, _ = _LEVEL.unpack_from(data, at)
    at += _LEVEL.size + n_paragraph
    look = look_of(data[at : at + n_look])
    at += n_look
    count = struct.unpack_from("<H", data, at)[0]
    letters = list(data[at + 2 : at + 2 + 2 * count].decode("utf-16-le", "replace"))
    for place in places.partition(b"\0")[0]:
        letters[place - 1] = f"%{ord(letters[place - 1]) + 1}"
    text = "".join(letters)
    if not all(letter >= " " for letter in text):
        raise Unusual("signs in the text of a list")
    style = styles[linked] if 0 <= linked < len(styles) else None
    restarts = f'<w:lvlRestart w:val="{restart}"/>' if flags & _NO_RESTART else ""
    bound = f'<w:pStyle w:val="{linked}"/>' if style and style.kind == _PARAGRAPH else ""
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="{1 if kind in (_BULLET, _NONE) else start}"/>'
        f'<w:numFmt w:val="{"none" if kind == _NONE else _FORMATS.get(kind, "decimal")}"/>'
        f"{restarts}{bound}{'<w:isLgl/>' if flags & _LEGAL else ''}<w:lvlText w:val={quoteattr(text)}/>"
        f"<w:rPr>{_fonts_told((look.font, look.high_font), fonts)}</w:rPr></w:lvl>"
    ), at + 2 + 2 * count
