"""What an embedded font program itself says about its codes: which glyph each draws, blank marks, own names."""

from __future__ import annotations

import io
import unicodedata
from typing import Any

MAX_PROGRAM = 30_000_000


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
        name = glyph_names(tables, font, {code}).get(code)
        return None if name is None else not _n_contours(tables["glyf"].glyphs[name])
    except Exception:  # as above
        return None


def _n_contours(glyph: Any) -> int:
    """How many contours a glyph has (below 0: it is made of others), without taking it to pieces."""
    data = getattr(glyph, "data", b"")
    return int.from_bytes(data[:2], "big", signed=True) if data else getattr(glyph, "numberOfContours", 0)


def program_letters(tables: Any, font: Any, wanted: set[int]) -> dict[int, str]:
    """Letters of the ``wanted`` codes of a font by its program's own names; empty where that cannot be read."""
    try:
        own = _own_letters(tables)
        names = glyph_names(tables, font, wanted)
        return {code: own[name] for code, name in names.items() if name in own and name in tables["glyf"].glyphs}
    except Exception:  # as above
        return {}


def glyph_names(tables: Any, font: Any, wanted: set[int]) -> dict[int, str]:
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
