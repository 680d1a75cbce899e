"""What an embedded font program itself says about its codes: blank marks, own names, letters built from parts."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_PROGRAM = 30_000_000


@dataclass(slots=True)
class Program:
    """What can be seen of some codes in one embedded TrueType program: glyph, own letter, parts of composites."""

    names: dict[int, str] = field(default_factory=dict)
    parts: dict[int, tuple[str, ...]] = field(default_factory=dict)
    glyphs: dict[int, str] = field(default_factory=dict)


def open_program(font: Any) -> Any:
    """Open the TrueType program embedded with a playa font; ``None`` where there is none or it cannot be read."""
    from fontTools.ttLib import TTFont
    from playa import resolve

    try:
        data = resolve(font.descriptor["FontFile2"]).buffer
        return TTFont(io.BytesIO(data), lazy=True) if len(data) <= MAX_PROGRAM else None
    except Exception:  # a font program is foreign data, and reading goes on without it
        return None


def is_blank(tables: Any, font: Any, code: int) -> bool | None:
    """Whether a code draws nothing; ``None`` where the program does not tell."""
    try:
        name = _glyph_names(tables, font, {code}).get(code)
        return None if name is None else bool(tables["glyf"][name].numberOfContours == 0)
    except Exception:  # as above
        return None


def read_program(tables: Any, font: Any, wanted: set[int]) -> Program:
    """Look up the ``wanted`` codes of a font in its program; empty where that cannot be read."""
    program = Program()
    try:
        own_letters = _own_letters(tables)
        for code, name in _glyph_names(tables, font, wanted).items():
            glyph = tables["glyf"][name]
            program.glyphs[code] = name
            if glyph.isComposite():
                program.parts[code] = tuple(part.glyphName for part in glyph.components)
            if name in own_letters:
                program.names[code] = own_letters[name]
    except Exception:  # as above
        return Program()
    return program


def _glyph_names(tables: Any, font: Any, wanted: set[int]) -> dict[int, str]:
    """Find the glyph that a code draws: through the CID map of a composite font, else through the symbol tables."""
    order = tables.getGlyphOrder()
    if not hasattr(font, "encoding"):
        glyph_ids = font.cid2gid
        if glyph_ids is None:
            return {}
        ids = {code: glyph_ids.get(code, 0) if isinstance(glyph_ids, dict) else code for code in wanted}
        return {code: order[number] for code, number in ids.items() if 0 < number < len(order)}
    found: dict[int, str] = {}
    for table in tables["cmap"].tables if "cmap" in tables else ():
        if (table.platformID, table.platEncID) in ((1, 0), (3, 0)):
            for code in wanted:
                name = table.cmap.get(code) or table.cmap.get(0xF000 + code)
                if name is not None:
                    found.setdefault(code, name)
    return found


def _own_letters(tables: Any) -> dict[str, str]:
    """Letters by glyph: from the program's Unicode tables, and from glyph names that are letters."""
    from fontTools.agl import toUnicode

    letters = {name: toUnicode(name) for name in tables.getGlyphOrder() if not name.startswith(("glyph", "."))}
    for table in tables["cmap"].tables if "cmap" in tables else ():
        if table.isUnicode() and (table.platformID, table.platEncID) != (3, 0):
            letters.update({name: chr(code) for code, name in sorted(table.cmap.items(), reverse=True)})
    return {name: letter for name, letter in letters.items() if letter and not _is_private(letter)}


def _is_private(letter: str) -> bool:
    return any(unicodedata.category(character) in ("Co", "Cn", "Cc", "Cs") for character in letter)


def assembled(program: Program, known: Mapping[int, str]) -> dict[int, str]:
    """Letters of composite glyphs whose parts are known from the letters of other codes.

    ``known``: code -> letter. From a = part A and á = parts A, B follows what the mark B adds, and so any letter made
    of parts that are known. Only letters that exist as one character come out.
    """
    shapes = {program.glyphs[code]: letter for code, letter in known.items() if code in program.glyphs}
    marks: dict[str, set[str]] = {}
    for code, parts in program.parts.items():
        letter = known.get(code)
        base = shapes.get(parts[0])
        if letter and base and len(parts) == 2:
            whole, start = unicodedata.normalize("NFD", letter), unicodedata.normalize("NFD", base)
            if whole.startswith(start) and len(whole) > len(start):
                marks.setdefault(parts[1], set()).add(whole[len(start) :])
    sure = {part: next(iter(adds)) for part, adds in marks.items() if len(adds) == 1}
    found = {}
    for code, parts in program.parts.items():
        if code not in known and parts[0] in shapes and all(part in sure for part in parts[1:]) and len(parts) > 1:
            letter = unicodedata.normalize("NFC", shapes[parts[0]] + "".join(sure[part] for part in parts[1:]))
            if len(letter) == 1:
                found[code] = letter
    return found
