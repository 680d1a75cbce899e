"""A page that the first parser cannot read, by pdfplumber's own: its letters are not checked against the fonts."""

from __future__ import annotations

import io
import re
from typing import Any

from extract.model import LOST
from extract.pdf_glyphs import MAX_GLYPHS, MAX_PATHS, Glyph, PageInk

_CODE_ONLY = re.compile(r"\(cid:\d+\)")


def read_page_again(data: bytes, number: int) -> PageInk:
    """Read page ``number`` of a file with pdfplumber; nameless letters are lost. Raises what pdfplumber raises."""
    import pdfplumber

    with pdfplumber.open(io.BytesIO(data), pages=[number]) as file:
        page = file.pages[0]
        ink = PageInk(number, float(page.width), float(page.height))
        ink.glyphs = [_glyph(char) for char in page.chars[:MAX_GLYPHS]]
        for kind, found in (("line", page.lines), ("rect", page.rects), ("curve", page.curves)):
            ink.objects[kind] = list(found[:MAX_PATHS])
            ink.too_complex |= len(found) > MAX_PATHS
        ink.too_complex |= len(page.chars) > MAX_GLYPHS
    return ink


def _glyph(char: dict[str, Any]) -> Glyph:
    text = _CODE_ONLY.sub(LOST, char["text"])
    base = char["bottom"] - 0.2 * char["size"]
    return Glyph(text, char["x0"], char["top"], char["x1"], char["bottom"], base, char["size"], -1)
