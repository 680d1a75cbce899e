"""Pages that are pictures in a PDF: read where the programs for it are there, else named with what would read them."""

from __future__ import annotations

import io
import sys

import pytest
from PIL import Image, ImageDraw

from extract.model import Document
from extract.ocr import missing
from extract.read import read_document
from extract.source import make_source


def _scan(pages: int) -> bytes:
    """A PDF of page pictures at 100 dots an inch, each with a ruled cell."""
    images = []
    for _ in range(pages):
        image = Image.new("RGB", (827, 1169), "white")
        ImageDraw.Draw(image).rectangle((100, 100, 700, 300), outline="black", width=3)
        images.append(image)
    stream = io.BytesIO()
    images[0].save(stream, "PDF", save_all=True, append_images=images[1:], resolution=100)
    return stream.getvalue()


def _read(data: bytes) -> Document:
    return read_document(make_source("scan.pdf", data, 0))


def test_without_the_program_each_page_says_that_it_was_not_read_and_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "tesserocr", None)
    document = _read(_scan(2))
    assert document.tables == ()
    told = {(finding.code, finding.place.page): dict(finding.details) for finding in document.findings}
    assert {key for key in told if key[0] != "unreadable"} == {
        (code, page) for code in ("page_without_text", "ocr_missing") for page in (1, 2)
    }
    assert told["ocr_missing", 1] == {"install": "tesserocr"}


@pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}")
def test_a_coarse_scan_is_read_and_every_cell_of_it_flagged():
    document = _read(_scan(1))
    assert document.encoding == "ocr"
    cells = [cell for table in document.tables for cell in table.cells]
    assert cells
    assert all("ocr_low_resolution" in cell.flags for cell in cells)
    assert "page_without_text" not in {finding.code for finding in document.findings}
