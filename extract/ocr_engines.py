"""The programs that read letters from a picture, found once in a process; none of them need be installed."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from extract.ocr_grid import Image

DIGITS = "0123456789.,%-"
NEEDED = ("vie", "eng")
FOLDERS = (
    "/usr/share/tesseract-ocr",
    "/usr/local/share/tessdata",
    "/usr/share/tessdata",
    "/opt/homebrew/share/tessdata",
)
BLOCK, LINE = 6, 7  # Tesseract's page segmentation modes


class Word(NamedTuple):
    """A word as read: box in pixels of the picture it was read from, confidence 0-100, line and its baseline."""

    text: str
    box: tuple[int, int, int, int]
    confidence: float
    line: int
    base: float


class Engines:
    """Readers of one process, each loaded when it is first asked for."""

    @property
    def text(self) -> Any:
        """The reader of Vietnamese."""
        return _tesseract(NEEDED[0])

    @property
    def digits(self) -> Any:
        """The reader of numbers."""
        return _tesseract(NEEDED[1])

    @property
    def second(self) -> Any:
        """Another reader of numbers, ``None`` where it is not installed."""
        return _second_reader()


def missing() -> str:
    """What has to be installed before pictures can be read, "" when nothing is."""
    for module in ("cv2", "tesserocr", "PIL"):
        if importlib.util.find_spec(module) is None:
            return {"cv2": "opencv-python-headless", "PIL": "pillow"}.get(module, module)
    return " ".join(f"{name}.traineddata" for name in NEEDED if _folder_of(name) is None)


@cache
def engines() -> Engines:
    """The readers, single-threaded; ask ``missing`` first."""
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    return Engines()


@cache
def _tesseract(name: str) -> Any:
    import tesserocr

    engine = tesserocr.PyTessBaseAPI(path=str(_folder_of(name)), lang=name, psm=LINE)
    engine.SetVariable("user_defined_dpi", "300")
    engine.SetVariable("tessedit_do_invert", "0")
    if name == NEEDED[1]:
        engine.SetVariable("tessedit_char_whitelist", DIGITS)
    return engine


def versions() -> str:
    """Names and versions of the readers, for the record of a document."""
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for name in ("tesserocr", "opencv-python-headless", "trueocr"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return " ".join(found)


@cache
def _second_reader() -> Any:
    """A reader of lines that has nothing in common with Tesseract, ``None`` when it is not installed."""
    if importlib.util.find_spec("trueocr") is None:
        return None
    try:
        import onnxruntime
        import trueocr

        onnxruntime.disable_telemetry_events()
        return trueocr.load_model(threads=1).recognizer
    except Exception:  # an optional package whose models do not load is as good as none
        return None


@cache
def _folder_of(name: str) -> Path | None:
    for folder in _folders():
        if (folder / f"{name}.traineddata").is_file():
            return folder
    return None


def _folders() -> Iterator[Path]:
    named = os.environ.get("TESSDATA_PREFIX")
    if named:
        yield from (Path(named), Path(named, "tessdata"))
    for folder in map(Path, FOLDERS):
        yield folder
        yield from sorted(folder.glob("*/tessdata"), reverse=True)
    for module in ("tessdata", "tesseract_data"):
        found = importlib.util.find_spec(module)
        for place in (found.submodule_search_locations or []) if found else []:
            yield from (Path(place), Path(place, "tessdata"))


def read_words(engine: Any, grey: Image, mode: int = BLOCK) -> list[Word]:
    """Every word of a picture in reading order."""
    import tesserocr

    _show(engine, grey, mode)
    words: list[Word] = []
    if not engine.Recognize():
        return words
    line, base = -1, 0.0
    for item in tesserocr.iterate_level(engine.GetIterator(), tesserocr.RIL.WORD):
        if item.Empty(tesserocr.RIL.WORD):
            continue
        box = item.BoundingBox(tesserocr.RIL.WORD)
        if item.IsAtBeginningOf(tesserocr.RIL.TEXTLINE) or line < 0:
            line += 1
            ends = item.Baseline(tesserocr.RIL.TEXTLINE)
            base = (ends[0][1] + ends[1][1]) / 2 if ends else float(box[3])
        text = item.GetUTF8Text(tesserocr.RIL.WORD).strip()
        if text:
            words.append(Word(text, box, float(item.Confidence(tesserocr.RIL.WORD)), line, base))
    return words


def read_digits(engine: Any, grey: Image) -> str:
    """A picture of one line as a number, "" where the engine sees none."""
    _show(engine, grey, LINE)
    return "".join(engine.GetUTF8Text().split())


def read_lines(second: Any, crops: Sequence[Image]) -> list[str]:
    """Pictures of single lines as the second reader sees them."""
    return [str(found.text) for found in second.predict(list(crops))] if crops else []


def _show(engine: Any, grey: Image, mode: int) -> None:
    engine.SetPageSegMode(mode)
    height, width = grey.shape
    engine.SetImageBytes(np.ascontiguousarray(grey).tobytes(), width, height, 1, width)
