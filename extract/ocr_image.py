"""A picture of a page made ready for reading: turned upright, straight, cleaned, and its ruled grids found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from extract.ocr_grid import Image, RuledGrid, cv2, grids_of, rules_of

DPI = 300
"""Every picture is brought to this resolution first, so that all sizes below are lengths on paper."""
MOST_SKEW = 5.0
SPECK = 10  # pixels of area; the dot of a small print has about 25
STAMP = 120  # 10 mm: the smallest side of a coloured mark that is no writing
PALE = 130  # in its own colour the ink of a stamp is brighter, black print under it darker
INK_RANGE = (110, 200)  # within which one threshold for the page is looked for


@dataclass(frozen=True, slots=True)
class CleanPage:
    """What is left to read: ``grey`` (rules, specks and stamps painted white), ``ink`` (255 where ink is).

    ``covered`` is 255 where a stamp or a coloured signature was taken away, ``letter`` the usual height of a letter.
    """

    grey: Image
    ink: Image
    covered: Image
    grids: tuple[RuledGrid, ...]
    letter: int


def at_reading_size(image: Image, dpi: float) -> Image:
    """Bring an RGB picture of ``dpi`` to the resolution everything here is measured in."""
    scale = DPI / dpi
    if abs(scale - 1) < 0.02:
        return image
    tool = cv2()
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(tool.resize(image, size, interpolation=tool.INTER_AREA if scale < 1 else tool.INTER_CUBIC))


def straighten(image: Image) -> Image:
    """Turn an RGB picture so that its lines of text run level; it may still stand on its head."""
    small, letters = _thumbnails(image)
    if _runs_down(letters):
        image, small = np.ascontiguousarray(np.rot90(image)), np.ascontiguousarray(np.rot90(small))
    angle = _skew(small)
    return _rotated(image, angle) if abs(angle) > 0.05 else image


def _runs_down(ink: Image) -> bool:
    """Whether words, letters that nearly touch, are taller than wide; long words count most."""
    tool = cv2()
    wide = tall = 0.0
    for reach in (3, 5):
        words = tool.dilate(ink, np.ones((reach, reach), np.uint8))
        _, _, stats, _ = tool.connectedComponentsWithStats(words, connectivity=8)
        width, height = stats[1:, 2].astype(float), stats[1:, 3].astype(float)
        thick = np.minimum(width, height) > reach + 5  # pieces of rules are thinner
        wide += float(np.square(width[thick & (width > 1.8 * height)]).sum())
        tall += float(np.square(height[thick & (height > 1.8 * width)]).sum())
    return tall > wide


def _thumbnails(image: Image) -> tuple[Image, Image]:
    """All ink as white on black at a third of the size, and the same with long rules taken out."""
    tool = cv2()
    grey = tool.cvtColor(image, tool.COLOR_RGB2GRAY)
    small = tool.resize(grey, None, fx=1 / 3, fy=1 / 3, interpolation=tool.INTER_AREA)
    whole = ink = _ink(_flattened(small))
    thick = tool.dilate(ink, np.ones((3, 3), np.uint8))
    for shape in ((1, 40), (40, 1)):
        rules = tool.morphologyEx(thick, tool.MORPH_OPEN, np.ones(shape, np.uint8))
        ink = np.where(tool.dilate(rules, np.ones((3, 3), np.uint8)) > 0, 0, ink).astype(np.uint8)
    return whole, np.asarray(ink)


def _skew(ink: Image) -> float:
    """At which angle in degrees the rows of a picture part most sharply into lines and gaps."""
    coarse = max(np.arange(-MOST_SKEW, MOST_SKEW + 0.1, 0.5), key=lambda angle: _sharpness(ink, angle))
    fine = np.arange(coarse - 0.45, coarse + 0.46, 0.05)
    return round(float(max(fine, key=lambda angle: _sharpness(ink, angle))), 2)


def _sharpness(ink: Image, angle: float) -> float:
    sums = _rotated(ink, float(angle), 0).sum(axis=1, dtype=np.float64)
    return float(np.square(np.diff(sums)).sum())


def _rotated(image: Image, angle: float, border: int = 255) -> Image:
    tool = cv2()
    height, width = image.shape[:2]
    matrix = tool.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    how = tool.INTER_NEAREST if border == 0 else tool.INTER_CUBIC
    return np.asarray(tool.warpAffine(image, matrix, (width, height), flags=how, borderValue=(border,) * 3))


def clean(image: Image) -> CleanPage:
    """Part a straight RGB picture at ``DPI`` into rules and writing."""
    tool = cv2()
    covered = _stamps(image)
    plain = _flattened(_under_stamps(image, covered))
    ink = _without_edge_shadows(_ink(plain))
    across, down = rules_of(ink, covered)
    grids = grids_of(across, down, ink)
    rules = tool.dilate(tool.max(across, down), np.ones((3, 3), np.uint8))
    ink = _without_specks(np.where(rules > 0, 0, ink).astype(np.uint8))
    near = tool.dilate(ink, np.ones((5, 5), np.uint8))
    grey = np.where(near > 0, plain, 255).astype(np.uint8)
    return CleanPage(grey, ink, covered, grids, _letter_height(ink))


def _flattened(grey: Image) -> Image:
    """Divide a picture by its paper, so that shadows and grey paper become white."""
    tool = cv2()
    height, width = grey.shape
    small = tool.resize(grey, (max(1, width // 8), max(1, height // 8)), interpolation=tool.INTER_AREA)
    paper = tool.medianBlur(tool.dilate(small, np.ones((7, 7), np.uint8)), 21)
    paper = tool.resize(paper, (width, height), interpolation=tool.INTER_LINEAR)
    return np.asarray(tool.divide(grey, np.maximum(paper, 40), scale=255))


def _ink(grey: Image) -> Image:
    """255 where a flattened picture holds ink, by one threshold for the whole page."""
    tool = cv2()
    soft = tool.GaussianBlur(grey, (3, 3), 0)
    found, _ = tool.threshold(soft, 0, 255, tool.THRESH_BINARY + tool.THRESH_OTSU)
    level = min(max(found, INK_RANGE[0]), INK_RANGE[1])
    return np.asarray(tool.threshold(soft, level, 255, tool.THRESH_BINARY_INV)[1])


def _stamps(image: Image) -> Image:
    """255 where red or blue ink makes a mark far larger than writing: a stamp, or a signature in pen."""
    tool = cv2()
    found = np.zeros(image.shape[:2], np.uint8)
    red, green, blue = tool.split(image)
    redder = tool.subtract(red, tool.max(green, blue))
    bluer = tool.subtract(blue, tool.max(red, green))
    for excess in (redder, bluer):
        if np.count_nonzero(excess > 45) > STAMP:
            marks = _large_marks((excess > 45).astype(np.uint8) * 255)
            near = tool.dilate(marks, np.ones((7, 7), np.uint8))
            found |= np.where((near > 0) & (excess > 15), 255, 0).astype(np.uint8)
    return found


def _under_stamps(image: Image, covered: Image) -> Image:
    """The picture in grey; where a coloured mark lies, only what is black in the colour of the mark stays."""
    grey = cv2().cvtColor(image, cv2().COLOR_RGB2GRAY)
    if not covered.any():
        return np.asarray(grey)
    brightest = image.max(axis=2)
    return np.where(covered > 0, np.where(brightest > PALE, 255, brightest), grey).astype(np.uint8)


def _large_marks(mask: Image) -> Image:
    """Keep the parts that hang together over more than ``STAMP`` both ways; coloured writing is left out."""
    tool = cv2()
    joined = tool.morphologyEx(mask, tool.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    _, _, stats, _ = tool.connectedComponentsWithStats(joined, connectivity=8)
    large = (stats[:, 2] > STAMP) & (stats[:, 3] > STAMP)
    large[0] = False
    boxes = np.zeros_like(mask)
    for left, top, width, height, _ in stats[large]:
        if max(width, height) < 4 * min(width, height):
            boxes[top : top + height, left : left + width] = 255
    return np.asarray(tool.bitwise_and(mask, boxes))


def _without_edge_shadows(ink: Image) -> Image:
    """Take out the black bars that a lid or a book fold leaves along the edges."""
    tool = cv2()
    thick = tool.morphologyEx(ink, tool.MORPH_OPEN, np.ones((21, 21), np.uint8))
    if not thick.any():
        return ink
    _, labels, stats, _ = tool.connectedComponentsWithStats(tool.dilate(thick, np.ones((9, 9), np.uint8)))
    height, width = ink.shape
    right, bottom = stats[:, 0] + stats[:, 2], stats[:, 1] + stats[:, 3]
    at_edge = (stats[:, 0] <= 3) | (stats[:, 1] <= 3) | (right >= width - 3) | (bottom >= height - 3)
    at_edge[0] = False
    return np.where(at_edge[labels], 0, ink).astype(np.uint8)


def _without_specks(ink: Image) -> Image:
    _, labels, stats, _ = cv2().connectedComponentsWithStats(ink, connectivity=8)
    keep = stats[:, 4] >= SPECK
    keep[0] = False
    return np.where(keep[labels], 255, 0).astype(np.uint8)


def _letter_height(ink: Image) -> int:
    _, _, stats, _ = cv2().connectedComponentsWithStats(ink, connectivity=8)
    heights = [height for height in stats[1:, 3] if 12 <= height <= 80]
    return int(np.median(heights)) if heights else 24
