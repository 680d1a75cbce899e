"""The boxes between rules are those of pdfplumber's own table finder, on every file and on odd patterns of rules."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from pdfplumber.table import TableFinder, TableSettings

from extract.pdf_glyphs import FontShelf, PageInk, read_page
from extract.pdf_open import OpenPdf
from extract.pdf_rules import tables_of
from extract.pdf_tables import rules_page

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "samples" / "inbox").rglob("*.pdf"), *(ROOT / "tests" / "data" / "pdf").glob("[!e]*.pdf")])


def theirs(page: Any) -> list[list[tuple[float, ...]]]:
    return [list(table.cells) for table in TableFinder(page, TableSettings.resolve(None)).tables]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_boxes_of_files_are_those_of_pdfplumber(path: Path) -> None:
    document, shelf = OpenPdf(path.read_bytes()), FontShelf()
    for number, page in enumerate(document.pages, 1):
        rules = rules_page(read_page(page, number, shelf))
        assert tables_of(rules.edges) == theirs(rules)


def piece(rng: random.Random, steps: int) -> dict[str, Any]:
    """A rule on a coarse grid, a little off it, of any length; now and then a rectangle."""
    x0, y0 = (20 * rng.randrange(steps) + rng.choice((0, 0, 0, 1.5, 4)) for _ in range(2))
    length = 20 * rng.randrange(1, steps)
    width, height = rng.choice(((length, 0), (0, length), (length, 0), (0, length), (length, 20)))
    kind = "rect" if width and height else "line"
    return {"object_type": kind, "x0": x0, "x1": x0 + width, "top": y0, "bottom": y0 + height, "doctop": y0,
            "width": width, "height": height, "y0": 800 - y0 - height, "y1": 800 - y0}  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_boxes_of_odd_patterns_are_those_of_pdfplumber(seed: int) -> None:
    rng = random.Random(seed)
    ink = PageInk(1, 600.0, 800.0)
    for _ in range(rng.randrange(5, 70)):
        one = piece(rng, rng.choice((3, 5, 8)))
        ink.objects.setdefault(one["object_type"], []).append(one)
    rules = rules_page(ink)
    assert tables_of(rules.edges) == theirs(rules)


def test_odd_patterns_hold_many_boxes() -> None:
    rng = random.Random(5)
    ink = PageInk(1, 600.0, 800.0, objects={"line": [piece(rng, 5) for _ in range(60)]})
    assert sum(map(len, tables_of(rules_page(ink).edges))) > 5
