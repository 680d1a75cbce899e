"""Pictures of single rows, cut out of the pages of PDF files and scans, for a person to compare with what was read."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from extract.cage import allow_more
from extract.model import Box
from extract.ocr_grid import cv2
from extract.ocr_image import DPI, at_reading_size, clean, straighten

RESOLUTION = 115
"""Dots an inch of the pictures."""
KINDS = frozenset({"pdf", "png", "jpg", "tiff"})
"""The formats whose pages can be shown."""

_AROUND = 4.0
_TALLEST = 170.0
"""Points; what is taller is no row."""
_GREYS = 8
_SECONDS_A_PAGE = 15.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A part of a page (from 1) in points as the reader gave it; ``scanned`` when it was read from the picture."""

    page: int
    box: Box
    scanned: bool


def row_pictures(data: bytes, kind: str, spots: Sequence[Spot]) -> Iterator[tuple[Spot, bytes, str]]:
    """Each part as a PNG in grey, and the text that the file itself has there; those that cannot be cut are left out.

    Raises ImportError where the programs of the extra ``ocr`` are missing.
    """
    for page in sorted({spot.page for spot in spots}):
        for scanned in (False, True):
            here = [spot for spot in spots if (spot.page, spot.scanned) == (page, scanned)]
            if here:
                allow_more(_SECONDS_A_PAGE)
                picture, scale, layer = _page(data, kind, page, scanned)
                for spot in here:
                    part = _cut(picture, spot.box, scale)
                    if part is not None:
                        yield spot, _png(part), _text_at(layer, spot.box)


def _page(data: bytes, kind: str, number: int, scanned: bool) -> tuple[Any, float, Any]:
    """A page as a grey picture, the pixels of a point in it, and its layer of text (``None`` for a picture)."""
    from extract.ocr import _frames, _rendered

    if kind != "pdf":
        found = next((frame for at, frame in enumerate(_frames(data), 1) if at == number), None)
        return (*(_as_read(*found) if found is not None else (np.zeros((0, 0), np.uint8), 1.0)), None)
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    page = document[number - 1]
    if scanned:
        return (*_as_read(*_rendered(page)), page)
    scale = RESOLUTION / 72
    width, height = page.get_size()
    if width * height * scale * scale > 40_000_000 or tuple(page.get_mediabox()) != tuple(page.get_cropbox()):
        return np.zeros((0, 0), np.uint8), 1.0, page
    return np.asarray(page.render(scale=scale).to_pil().convert("L"), np.uint8), scale, page


def _as_read(image: Any, dpi: float) -> tuple[Any, float]:
    """The picture as its reader had it before it: at reading size, straight and upright."""
    from extract.ocr_engines import engines, missing
    from extract.ocr_read import is_upright

    level = straighten(at_reading_size(image, dpi))
    if not missing() and not is_upright(clean(level), engines()):
        level = np.ascontiguousarray(level[::-1, ::-1])
    grey = level if level.ndim == 2 else np.asarray(cv2().cvtColor(level, cv2().COLOR_RGB2GRAY), np.uint8)
    return grey, DPI / 72


def _cut(picture: Any, box: Box, scale: float) -> Any:
    """A part of a page with a little around it, at the resolution wanted; ``None`` where it is empty or too tall."""
    left, top, right, bottom = box
    if bottom - top > _TALLEST or not picture.size:
        return None
    rows = slice(max(0, round((top - _AROUND / 2) * scale)), max(0, round((bottom + _AROUND / 2) * scale)))
    columns = slice(max(0, round((left - _AROUND) * scale)), max(0, round((right + _AROUND) * scale)))
    part = picture[rows, columns]
    if min(part.shape, default=0) < 4:
        return None
    ratio = RESOLUTION / 72 / scale
    if ratio < 0.95:
        size = max(1, round(part.shape[1] * ratio)), max(1, round(part.shape[0] * ratio))
        part = cv2().resize(part, size, interpolation=cv2().INTER_AREA)
    return part


def _png(part: Any) -> bytes:
    from PIL import Image

    levels = np.round(part.astype(np.float32) / 255 * (_GREYS - 1)).astype(np.uint8)
    image = Image.fromarray(levels, "P")
    image.putpalette([value for at in range(_GREYS) for value in [round(at * 255 / (_GREYS - 1))] * 3])
    target = io.BytesIO()
    image.save(target, "PNG", optimize=True, bits=3)
    return target.getvalue()


def _text_at(page: Any, box: Box) -> str:
    """The text that a PDF page has in a part of it; "" for a picture."""
    if page is None:
        return ""
    _, height = page.get_size()
    left, top, right, bottom = box
    return str(page.get_textpage().get_text_bounded(left - _AROUND, height - bottom, right + _AROUND, height - top))
