"""Pictures of pages as a scanner makes them: skewed, grey, noisy, stamped, signed, packed as JPEG."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Wear:
    """What happened to a page on its way: degrees of skew, noise (standard deviation), paper (255 white) and so on.

    ``tilt`` is how much shorter than the lower edge a camera sees the upper one; ``dotted`` rules have gaps.
    """

    name: str
    dpi: int = 300
    skew: float = 0.0
    noise: float = 0.0
    paper: int = 255
    shade: int = 0
    jpeg: int = 0
    blur: float = 0.0
    stamp: bool = False
    signature: bool = False
    turned: int = 0
    tilt: float = 0.0
    dotted: bool = False


CLEAN = Wear("clean")
OFFICE = Wear("office scanner", skew=0.6, noise=4, paper=244, jpeg=75, blur=0.6)
POOR = Wear("poor scanner", skew=-1.3, noise=14, paper=222, shade=18, jpeg=45, blur=0.8)
STAMPED = replace(OFFICE, name="stamp and signature", stamp=True, signature=True)
WEARS = (CLEAN, OFFICE, POOR, STAMPED, replace(OFFICE, name="upside down", turned=180),
         replace(OFFICE, name="on its side", turned=90))  # fmt: skip
HARD = (replace(POOR, name="strongly packed", dpi=200, jpeg=40), replace(OFFICE, name="coarse", dpi=150),
        replace(OFFICE, name="dotted rules", dotted=True),
        replace(OFFICE, name="photograph", skew=0.0, paper=225, shade=45, tilt=0.03))  # fmt: skip
"""Beyond what offices send every day; what is coarse is flagged throughout."""


def scan_of(page: Image, wear: Wear, seed: str) -> Image:
    """Wear an RGB page picture (rendered at ``wear.dpi``); equal seeds give equal pictures."""
    rng = random.Random(f"{seed} {wear.name} {wear.dpi}")
    image = page.copy()
    if wear.dotted:
        _dot(image, wear.dpi)
    if wear.signature:
        _sign(image, wear.dpi, rng)
    if wear.stamp:
        _stamp(image, wear.dpi, rng)
    if wear.skew:
        image = _skewed(image, wear.skew * rng.uniform(0.7, 1.15) * rng.choice((1, -1)))
    if wear.tilt:
        image = _tilted(image, wear.tilt)
    image = _on_paper(image, wear, rng)
    if wear.turned:
        image = np.ascontiguousarray(np.rot90(image, wear.turned // 90))
    return _as_jpeg(image, wear.jpeg) if wear.jpeg else image


def _skewed(image: Image, angle: float) -> Image:
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    return np.asarray(cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255,) * 3),
                      np.uint8)  # fmt: skip


def _tilted(image: Image, tilt: float) -> Image:
    """A page as a camera sees it that is held over its lower edge."""
    height, width = image.shape[:2]
    flat = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    seen = np.float32([[width * tilt / 2, height * tilt], [width * (1 - tilt / 2), height * tilt], [width, height],
                       [0, height]])  # fmt: skip
    matrix = cv2.getPerspectiveTransform(flat, seen)
    return np.asarray(cv2.warpPerspective(image, matrix, (width, height), borderValue=(255,) * 3), np.uint8)


def _dot(image: Image, dpi: int) -> None:
    """Make dots of a third of a millimetre of every rule."""
    ink = (image.max(axis=2) < 128).astype(np.uint8)
    dot = max(2, round(dpi / 75))
    gaps = np.arange(max(image.shape[:2])) // dot % 2 == 1
    across = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, dpi // 2), np.uint8)) > 0
    down = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((dpi // 4, 1), np.uint8)) > 0
    image[across & gaps[None, : image.shape[1]] & ~down] = 255
    image[down & gaps[: image.shape[0], None] & ~across] = 255


def _on_paper(image: Image, wear: Wear, rng: random.Random) -> Image:
    if wear.blur:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), wear.blur * wear.dpi / 300), np.uint8)
    paper = wear.paper - wear.shade * np.linspace(0, 1, image.shape[1])[None, :, None]
    seen = image.astype(np.float32) * (paper / 255) + 30 * (255 - wear.paper) / 33 * (1 - image / 255.0)
    if wear.noise:
        grain = np.random.default_rng(rng.getrandbits(32))
        seen += grain.normal(0, wear.noise, image.shape[:2])[..., None]
    return np.clip(seen, 0, 255).astype(np.uint8)


def _as_jpeg(image: Image, quality: int) -> Image:
    target = io.BytesIO()
    Pictures.fromarray(image).save(target, "JPEG", quality=quality)
    return np.asarray(Pictures.open(target), np.uint8)


def _stamp(image: Image, dpi: int, rng: random.Random) -> None:
    """A round red seal of 36 mm somewhere in the lower half, its ink over whatever stands there."""
    height, width = image.shape[:2]
    radius = round(18 / 25.4 * dpi)
    centre = (rng.randint(width // 3, width - radius), rng.randint(height // 2, height - radius))
    layer = np.full_like(image, 255)
    red = (205, 35, 45)
    for share, thick in ((1.0, 0.8), (0.93, 0.3), (0.62, 0.3)):
        cv2.circle(layer, centre, round(radius * share), red, max(1, round(thick / 25.4 * dpi)), cv2.LINE_AA)
    for line, text in enumerate(("UBND", "TINH", "SO NOI VU")):
        place = (centre[0] - round(radius * 0.5), centre[1] + round((line - 0.6) * radius * 0.35))
        cv2.putText(layer, text, place, cv2.FONT_HERSHEY_SIMPLEX, dpi / 300 * 1.3, red, round(dpi / 100), cv2.LINE_AA)
    np.minimum(image, layer, out=image)


def _sign(image: Image, dpi: int, rng: random.Random) -> None:
    """A signature in black or blue ball-pen, 55 mm wide, across a row."""
    height, width = image.shape[:2]
    x, y = rng.randint(width // 4, width // 2), rng.randint(height // 3, height * 4 // 5)
    steps = np.linspace(0, 1, 160)
    step = 55 / 25.4 * dpi
    xs = x + step * steps + step * 0.08 * np.sin(steps * rng.uniform(25, 35))
    ys = y + step * 0.11 * np.sin(steps * rng.uniform(18, 28)) * (1 - steps) - step * 0.15 * steps
    points = np.stack([xs, ys], axis=1).round().astype(np.int32)
    colour = rng.choice(((25, 35, 140), (40, 40, 48)))
    cv2.polylines(image, [points], False, colour, max(2, round(0.5 / 25.4 * dpi)), cv2.LINE_AA)
