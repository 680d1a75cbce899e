"""The quick reader of content streams gives to the last bit what the parser's own interpreter gives, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from extract import pdf_glyphs
from extract.pdf_content import UnfamiliarError, contents_of
from extract.pdf_glyphs import FontShelf, PageInk, read_page
from extract.pdf_open import OpenPdf
from tests.extract.pdf_files import pdf

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "samples" / "inbox").rglob("*.pdf"), *(ROOT / "tests" / "data" / "pdf").glob("[!e]*.pdf")])
PLAIN = [
    "BT /F1 12 Tf 50 700 Td (a\\(b\\) \\101\\\nc) Tj 5 Tc 3 Tw 80 Tz [(x y) -250 (z)] TJ (on \\\\) Tj ET",
    "q 2 0 0 2 10 10 cm BT /F1 9 Tf 14 TL 1 0 .5 1 20. 300 Tm (one) Tj T* (two) Tj (three) ' 0 -14 TD <4142 4> Tj ET Q",
    "BT /F1 12 Tf 4 Ts 0 1 -1 0 99 99 Tm (up) Tj q (in) Tj Q (out) Tj ET 1 0 0 rg 0.5 w [3 2] 0 d",
    "10 10 100 20 re f 10 50 m 90 50 l S 5 5 m 9 9 l 9 5 l s 1 1 m 2 2 3 3 4 4 c 1 2 3 4 v 5 6 7 8 y h B*",
    "0 0 9 9 re W* n 3 3 4 4 re h b",
    "/P <</MCID 3 /Lang (vi /MCID 9)>> BDC /Span BMC BT /F1 9 Tf (in) Tj EMC EMC /Artifact <</A /X>> BDC (a) Tj ET",
]
ODD = [
    "q /X6 Do Q",
    "BT /F1 12 Tf 50 700 Td (((deep))) Tj ET",
    "BI /W 1 /H 1 /BPC 8 /CS /G ID x EI BT /F1 12 Tf (after) Tj ET",
    "BT /F1 12 Tf 50 700 Td (no end Tj ET",
    "50 w 1 --2 m 3 4 l S",
    "3 l S",
    "% a remark\nBT /F1 12 Tf (a) Tj ET",
]


def both(data: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[list[PageInk], list[PageInk]]:
    """The pages of a file by the quick reader and by the parser's."""
    quick = pages_of(data)

    def refuse(_: object) -> None:
        raise UnfamiliarError

    monkeypatch.setattr(pdf_glyphs, "contents_of", refuse)
    return quick, pages_of(data)


def pages_of(data: bytes) -> list[PageInk]:
    document, shelf = OpenPdf(data), FontShelf()
    return [read_page(page, at, shelf) for at, page in enumerate(document.pages, 1)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_read_the_same_by_both(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick, slow = both(path.read_bytes(), monkeypatch)
    assert [page.glyphs for page in quick] == [page.glyphs for page in slow]
    assert repr(quick) == repr(slow)


@pytest.mark.parametrize("content", PLAIN)
def test_plain_operators_read_the_same_by_both_and_are_read_by_the_quick_one(
    content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = pdf([content])
    document = OpenPdf(data)
    assert list(contents_of(document.pages[0]))
    quick, slow = both(data, monkeypatch)
    assert repr(quick) == repr(slow) and (quick[0].glyphs or quick[0].objects)


@pytest.mark.parametrize("content", ODD)
def test_what_is_out_of_the_ordinary_is_left_to_the_parser(content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    form = "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 12 >>\nstream\n0 0 5 5 re f\nendstream"
    data = pdf([content], extra=[form])
    document = OpenPdf(data)
    with pytest.raises(UnfamiliarError):
        list(contents_of(document.pages[0]))
    quick, slow = both(data, monkeypatch)
    assert repr(quick) == repr(slow)
