"""Lines that were shown at once are read as whole runs: to the same cells and lines as mark by mark."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extract import pdf_glyphs
from extract.pdf_glyphs import FontShelf, Glyph, PageInk, Run, read_page
from extract.pdf_lines import Line, lines_in, lines_of
from extract.pdf_open import OpenPdf
from extract.pdf_tables import PageBlocks, page_blocks
from tests.extract.pdf_files import pdf, rules

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "samples" / "inbox").rglob("*.pdf"), *(ROOT / "tests" / "data" / "pdf").glob("[!e]*.pdf")])
WORDS = ["Total", "number of", " 12", "3,5 ", "a", "  ", "of the", "58", "(1)", "(x) ", "i"]


def inks(data: bytes) -> list[PageInk]:
    document, shelf = OpenPdf(data), FontShelf()
    return [read_page(page, at, shelf) for at, page in enumerate(document.pages, 1)]


def blocks(pages: list[PageInk]) -> list[PageBlocks]:
    found: list[PageBlocks] = []
    for ink in pages:
        found.append(page_blocks(ink, None, found[-1] if found else None)[0])
    return found


def texts(pages: list[PageBlocks]) -> list[Any]:
    """All that is read of pages, places to a thousandth of a point."""
    return [
        [
            [(c.row, c.column, c.row_span, c.column_span, list(map(rounded, c.lines))) for c in g.cells]
            for g in page.grids
        ]
        + [list(map(rounded, page.lines))]
        for page in pages
    ]


def rounded(line: Line) -> tuple[Any, ...]:
    return (line.text, *(round(each, 3) for each in line[1:]))


def one_by_one(data: bytes, monkeypatch: pytest.MonkeyPatch) -> list[PageInk]:
    """The pages with every mark apart."""
    monkeypatch.setattr(pdf_glyphs, "lay_out", lambda *_: None)
    return inks(data)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_are_read_the_same_whole_and_mark_by_mark(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = inks(path.read_bytes())
    apart = one_by_one(path.read_bytes(), monkeypatch)
    assert any(isinstance(piece, Run) for ink in whole for piece in ink.pieces)
    assert all(isinstance(piece, Glyph) for ink in apart for piece in ink.pieces)
    assert [ink.glyphs for ink in whole] == [ink.glyphs for ink in apart]
    assert texts(blocks(whole)) == texts(blocks(apart))


def shown(rng: random.Random) -> Iterator[str]:
    """Text of a page in many small arrays: beside each other, over each other, over rules, in several sizes."""
    for _ in range(rng.randrange(10, 60)):
        size = rng.choice((9, 9, 9, 10, 6, 30))
        x, y = rng.choice((52, 60, 95, 148, 300, 580)), 700 - 5 * rng.randrange(20)
        array = " ".join(
            f"({word})" if rng.random() < 0.6 else str(rng.choice((-300, -200, -199.9, -90, 20, 300, 900)))
            for word in (rng.choice(WORDS).replace("(", "\\(").replace(")", "\\)") for _ in range(rng.randrange(1, 7)))
        )
        spacing = rng.choice(("", "", "", "0.3 Tc ", "2 Tc ", "1 Tw ", "90 Tz "))
        yield f"q BT /F1 {size} Tf {spacing}{x} {y} Td [{array}] TJ ET Q\n"


@pytest.mark.parametrize("seed", range(60))
def test_odd_pages_are_read_the_same_whole_and_mark_by_mark(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    across = tuple(range(50, 551, rng.choice((50, 100, 250))))
    page = rules(across, tuple(range(710, 590, -rng.choice((10, 20, 60))))) + "".join(shown(rng))
    whole, apart = inks(pdf([page])), one_by_one(pdf([page]), monkeypatch)
    assert whole[0].glyphs == apart[0].glyphs and whole[0].n_glyphs == apart[0].n_glyphs
    assert texts(blocks(whole)) == texts(blocks(apart))


@pytest.mark.parametrize("seed", range(40))
def test_lines_of_runs_are_those_of_their_marks(seed: int) -> None:
    (ink,) = inks(pdf(["".join(shown(random.Random(seed)))]))
    assert list(map(rounded, lines_in(ink.pieces))) == list(map(rounded, lines_of(ink.glyphs)))


def test_a_line_in_one_cell_is_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    page = rules((50, 250, 450), (720, 700, 680)) + "BT /F1 9 Tf 60 706 Td [(To) -20 (tal) -400 (of)] TJ ET"
    (ink,) = inks(pdf([page]))

    def refuse(_: Run) -> list[Glyph]:
        raise AssertionError

    monkeypatch.setattr(Run, "glyphs", refuse)
    (grid,) = page_blocks(ink, None)[0].grids
    assert [cell.text for cell in grid.cells] == ["Total of", "", "", ""]


def test_text_that_runs_off_the_page_is_read_mark_by_mark() -> None:
    far = "BT /F1 9 Tf 586 706 Td (beyond) Tj ET"
    (ink,) = inks(pdf(["BT /F1 9 Tf 60 706 Td (in) Tj ET " + far]))
    assert [type(piece) for piece in ink.pieces] == [Run, Glyph, Glyph]
    assert "".join(glyph.text for glyph in ink.glyphs) == "inbe"
