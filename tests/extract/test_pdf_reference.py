"""On every sample with healthy fonts each ruled cell holds what pdfplumber's own parser reads in it."""

from __future__ import annotations

import unicodedata
from collections import Counter
from pathlib import Path

import pdfplumber
import pytest

from extract.pdf_glyphs import FontShelf, read_page
from extract.pdf_open import OpenPdf
from extract.pdf_tables import page_blocks

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "samples" / "inbox").rglob("*.pdf"), *(ROOT / "tests" / "data" / "pdf").glob("[!e]*.pdf")])


LOST = {"BC UDCNTT Quy II-2019.pdf", "commune-latin1.pdf", "commune-without-map.pdf"}
"""Files whose fonts lost letters, which the reference does not see."""


def plain(text: str | None) -> str:
    return unicodedata.normalize("NFC", " ".join((text or "").split()))


def ours(path: Path) -> tuple[list[Counter[str]], bool]:
    """The texts of ruled cells on each page, and whether every letter of the file is known."""
    document, shelf = OpenPdf(path.read_bytes()), FontShelf()
    pages = []
    for number, page in enumerate(document.pages, 1):
        blocks, _ = page_blocks(read_page(page, number, shelf), lambda _, glyphs, ruled: ([], ruled, glyphs))
        ruled = [grid for grid in blocks.grids if not grid.gutters]
        pages.append(Counter(plain(cell.text) for grid in ruled for cell in grid.cells if cell.lines))
    return pages, not shelf.lost.places


def theirs(path: Path) -> list[Counter[str]]:
    with pdfplumber.open(path) as file:
        tables = [page.extract_tables() for page in file.pages]
    return [Counter(plain(c) for table in page for row in table for c in row if plain(c)) for page in tables]


@pytest.mark.parametrize("path", [path for path in FILES if path.name not in LOST], ids=lambda path: path.name)
def test_cells_are_those_of_the_reference(path: Path) -> None:
    pages, is_healthy = ours(path)
    assert is_healthy
    assert pages == theirs(path)


def test_only_files_whose_letters_the_reference_cannot_see_are_left_out() -> None:
    assert {path.name for path in FILES if not ours(path)[1]} == LOST
