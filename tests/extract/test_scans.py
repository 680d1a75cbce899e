"""Pages that are pictures in a PDF: read where the programs for it are there, else named with what would read them."""

from __future__ import annotations

import io
import sys

import pytest
from PIL import Image, ImageDraw, ImageFont

from extract.model import Document
from extract.ocr import missing, pages_with_picture
from extract.read import read_document
from extract.source import make_source
from tests.extract.pdf_files import pdf, text


def _scan(pages: int) -> bytes:
    """A PDF of page pictures at 100 dots an inch, each with two ruled cells."""
    images = []
    for _ in range(pages):
        image = Image.new("RGB", (827, 1169), "white")
        pen = ImageDraw.Draw(image)
        pen.rectangle((100, 100, 700, 300), outline="black", width=3)
        pen.line((400, 100, 400, 300), "black", 3)
        for left, words in ((130, "Bao cao"), (430, "117")):
            pen.text((left, 170), words, "black", ImageFont.load_default(size=40))
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


def _mixed() -> bytes:
    """A page of text, a page that is one picture, and a page of text."""
    dots = "00" * 16
    picture = ("<< /Type /XObject /Subtype /Image /Width 4 /Height 4 /ColorSpace /DeviceGray /BitsPerComponent 8"
               f" /Filter /ASCIIHexDecode /Length {len(dots) + 1} >>\nstream\n{dots}>\nendstream")  # fmt: skip
    pages = [text(50, 700, "first page"), "q 595 0 0 842 0 0 cm /X6 Do Q", text(50, 700, "third page")]
    return pdf(pages, extra=[picture])


def _searchable(words: str, mode: int) -> bytes:
    """A page that is one picture, with text over it that is drawn in a mode: 3 is not seen, 0 is."""
    dots = "ff" * 16
    picture = ("<< /Type /XObject /Subtype /Image /Width 4 /Height 4 /ColorSpace /DeviceGray /BitsPerComponent 8"
               f" /Filter /ASCIIHexDecode /Length {len(dots) + 1} >>\nstream\n{dots}>\nendstream")  # fmt: skip
    return pdf([f"q 595 0 0 842 0 0 cm /X6 Do Q {mode} Tr " + text(50, 700, words)], extra=[picture])


def test_text_that_another_program_read_from_the_picture_is_doubted_where_it_cannot_be_read_again(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setitem(sys.modules, "tesserocr", None)
    for mode, flags, codes in ((3, ("ocr", "ocr_doubt"), ["text_layer_unseen"]), (0, (), [])):
        document = _read(_searchable("Tong so may tinh 802.761", mode))
        assert [cell.flags for table in document.tables for cell in table.cells] == [flags]
        assert [finding.code for finding in document.findings] == codes


@pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}")
def test_text_that_another_program_made_up_is_read_again_from_the_picture():
    document = _read(_searchable("Tong so may tinh 802.761", 3))
    assert document.tables == ()
    assert "page_without_text" in {finding.code for finding in document.findings}


def test_a_document_of_text_and_scans_is_read_but_for_the_pages_it_names(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "tesserocr", None)
    document = _read(_mixed())
    assert [cell.text for table in document.tables for cell in table.cells] == ["first page", "third page"]
    told = {(finding.code, finding.place.page) for finding in document.findings}
    assert told == {("page_without_text", 2), ("ocr_missing", 2)}


@pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}")
def test_a_coarse_scan_is_read_and_every_cell_of_it_flagged():
    document = _read(_scan(1))
    assert document.encoding == "ocr"
    cells = [cell for table in document.tables for cell in table.cells]
    assert cells
    assert all("ocr_low_resolution" in cell.flags for cell in cells)
    assert "page_without_text" not in {finding.code for finding in document.findings}


_WHOLE_PAGE = "q 595 0 0 842 0 0 cm"
_PICTURE = "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 {}>>\n{}"
_PIXEL = "stream\nx\nendstream"


@pytest.mark.parametrize(
    ("content", "objects"),
    [
        (f"{_WHOLE_PAGE} BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q", ()),
        (f"{_WHOLE_PAGE} /X6 Do Q", (_PICTURE.format("/Length 1 ", _PIXEL),)),
        (
            "/X7 Do",
            (
                _PICTURE.format("/Length 1 ", _PIXEL),
                "<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /X6 6 0 R >> >> "
                f"/Length {len(_WHOLE_PAGE) + 9} >>\nstream\n{_WHOLE_PAGE} /X6 Do Q\nendstream",
            ),
        ),
    ],
    ids=["in the stream", "named", "within a drawing"],
)
def test_a_page_is_known_to_be_a_picture_whichever_way_it_is_drawn(content: str, objects: tuple[str, ...]):
    data = pdf([text(50, 700, "Trang 1"), text(50, 700, "Trang 2") + content], extra=objects)
    assert pages_with_picture(data, [1, 2]) == [2]


def test_a_page_that_can_have_no_picture_is_not_opened_to_look_for_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("extract.ocr._picture_dpi", lambda page: pytest.fail("looked at"))
    assert pages_with_picture(pdf([text(50, 700, "Trang 1")]), [1]) == []
