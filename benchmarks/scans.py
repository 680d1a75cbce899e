"""How well scans are read; ``python -m benchmarks.scans [pages [seed]]`` prints it, and names every wrong number.

The pages are forms filled with made-up figures, printed by LibreOffice, rendered, and worn as scanners and clerks do.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pdfplumber
import pypdfium2
from rapidfuzz.distance import Levenshtein

from benchmarks.scan_images import CLEAN, HARD, OFFICE, POOR, STAMPED, WEARS, Image, Wear, scan_of
from extract.model import Table
from extract.ocr import OcrPage, read_page_image, tables_of
from samples.fill import made_up
from samples.form import Head, load_form
from samples.office import docx_of
from samples.pdf import pdf_of

NUMBER = re.compile(r"[-+]?\d[\d.,]*%?")
FORMS = (("f2017", "Times New Roman", "2017-Q2"), ("tq2019", "Times New Roman", "2019-Q2"),
         ("hg2019", "Times New Roman", "2019-Q4"), ("vp2020", "FreeSerif", "2020-06"),
         ("xa2024", "Times New Roman", "2024-Q1"), ("tq2019", "Liberation Sans", "2019-Q3"))  # fmt: skip
TURNS = (replace(CLEAN, dpi=200), OFFICE, replace(POOR, dpi=200), STAMPED, replace(OFFICE, dpi=200), POOR,
         WEARS[4], WEARS[5])  # fmt: skip
PAGES, HARD_PAGES = 24, 12
DOUBT = frozenset(("ocr_doubt", "ocr_low_resolution"))

Grid = dict[tuple[int, int, int, int], str]
"""Text of each cell by row, column and spans."""


@dataclass(slots=True)
class Score:
    """Sums over the pages of one kind."""

    pages: int = 0
    grids: int = 0
    letters: int = 0
    wrong: int = 0
    marked: int = 0
    marked_right: int = 0
    numbers: int = 0
    silent: list[str] = field(default_factory=list)
    flagged: int = 0
    right_flagged: int = 0
    seconds: float = 0.0


def make_pdfs(folder: Path, seed: int) -> list[Path]:
    """Print the forms, filled by a seed, into a folder."""
    made = []
    for number, (form_id, font, period) in enumerate(FORMS):
        office = folder / f"{number}-{form_id}.docx"
        docx_of(load_form(form_id), made_up(form_id, Head(period=period), seed + number), office, font)
        pdf_of(office, office.with_suffix(".pdf"))
        made.append(office.with_suffix(".pdf"))
    return made


def chosen(pdfs: list[Path], count: int, wears: Sequence[Wear]) -> Iterator[tuple[Path, int, Wear]]:
    """Pages evenly over all files, each with the next kind of wear."""
    pages = [(path, page) for path in pdfs for page in range(len(pypdfium2.PdfDocument(path)))]
    step = max(1.0, len(pages) / count)
    picked = [pages[int(at * step)] for at in range(min(count, len(pages)))]
    for number, (path, page) in enumerate(picked):
        yield path, page, wears[number % len(wears)]


def truth_of(page: Any) -> tuple[list[Grid], list[str]]:
    """The grids of a PDF page with the text of each cell, and the lines outside them."""
    words = page.extract_words(use_text_flow=False, keep_blank_chars=False, x_tolerance=1.5)
    tables = page.find_tables()
    grids, used = [], set[int]()
    for table in tables:
        xs, ys = _edges([b[0::2] for b in table.cells]), _edges([b[1::2] for b in table.cells])
        grid: Grid = {}
        for box in table.cells:
            inside = [n for n, word in enumerate(words) if n not in used and _centre_in(word, box)]
            used |= set(inside)
            place = _at(ys, box[1]), _at(xs, box[0])
            spans = _at(ys, box[3]) - place[0], _at(xs, box[2]) - place[1]
            grid[*place, *spans] = " ".join(words[n]["text"] for n in inside)
        grids.append(grid)
    rest = [word for n, word in enumerate(words) if n not in used]
    return grids, [" ".join(str(word["text"]) for word in rest)]


def _edges(pairs: list[tuple[float, float]]) -> list[float]:
    found: list[float] = []
    for value in sorted(value for pair in pairs for value in pair):
        if not found or value - found[-1] > 1.5:
            found.append(value)
    return found


def _at(edges: list[float], value: float) -> int:
    return min(range(len(edges)), key=lambda number: abs(edges[number] - value))


def _centre_in(word: dict[str, Any], box: tuple[float, float, float, float]) -> bool:
    x, y = (word["x0"] + word["x1"]) / 2, (word["top"] + word["bottom"]) / 2
    return box[0] <= x < box[2] and box[1] <= y < box[3]


def rendered(path: Path, page: int, dpi: int) -> Image:
    """An RGB picture of a page."""
    return np.asarray(pypdfium2.PdfDocument(path)[page].render(scale=dpi / 72).to_pil().convert("RGB"), np.uint8)


def measure(path: Path, number: int, wear: Wear, score: Score) -> None:
    """Wear one page, read it, and add how well that went."""
    picture = scan_of(rendered(path, number, wear.dpi), wear, f"{path.stem} {number}")
    with pdfplumber.open(path) as pdf:
        grids, lines = truth_of(pdf.pages[number])
    start = time.process_time()
    read = read_page_image(picture, wear.dpi, number + 1)
    score.seconds += time.process_time() - start
    score.pages += 1
    tables = tables_of([read])
    found = _grids_of(read)
    right = [set(grid) for grid in grids] == [set(grid) for grid in found]
    score.grids += right
    if right:
        for grid, cells in zip(grids, found, strict=True):
            for place, text in grid.items():
                _compare_cell(text, *cells[place], score)
    _compare_lines(lines, [table for table in tables if table.prose], score)


def _grids_of(read: OcrPage) -> list[dict[tuple[int, int, int, int], tuple[str, bool]]]:
    """Each grid's cells by place: the text, and whether it is flagged as doubtful."""
    return [
        {
            (cell.row, cell.column, cell.row_span, cell.column_span): (
                " ".join(line.text for line in cell.lines),
                any(DOUBT & set(read.marks[line].flags) for line in cell.lines),
            )
            for cell in grid.cells
        }
        for grid in read.blocks.grids
    ]


def _compare_cell(want: str, got: str, flagged: bool, score: Score) -> None:
    want, got = _plain(want), _plain(got)
    if NUMBER.fullmatch(want.rstrip(".")):
        score.numbers += 1
        score.flagged += flagged
        score.right_flagged += flagged and got == want
        if got.rstrip(".,") != want.rstrip(".,") and not flagged:
            score.silent.append(f"{want} -> {got}")
    else:
        _compare_text(want, got, score)
        if not flagged and NUMBER.fullmatch(got) and got != want:
            score.silent.append(f"{want} -> {got}")


def _compare_lines(want: list[str], prose: list[Table], score: Score) -> None:
    """Text outside grids as one string, and its numbers as a bag."""
    cells = [cell for table in prose for cell in table.cells]
    _compare_text(_plain(" ".join(want)), _plain(" ".join(cell.text for cell in cells)), score)
    numbers = Counter(_numbers(" ".join(want)))
    score.numbers += sum(numbers.values())
    for cell in cells:
        for number in _numbers(cell.text):
            doubt = bool(DOUBT & set(cell.flags))
            score.flagged += doubt
            score.right_flagged += doubt and numbers[number] > 0
            if numbers[number] > 0:
                numbers[number] -= 1
            elif not doubt:
                score.silent.append(f"line: {number}")


def _numbers(text: str) -> list[str]:
    words = (word.strip("()[];:.,\"'") for word in text.split())
    return [word.rstrip("%") for word in words if NUMBER.fullmatch(word)]


def _compare_text(want: str, got: str, score: Score) -> None:
    score.letters += len(want)
    score.wrong += Levenshtein.distance(want, got)
    marked = [at for at, letter in enumerate(want) if _is_marked(letter)]
    lost = {at for kind, at, _ in Levenshtein.editops(want, got) if kind != "insert"}
    score.marked += len(marked)
    score.marked_right += sum(at not in lost for at in marked)


def _is_marked(letter: str) -> bool:
    return letter in "đĐ" or unicodedata.normalize("NFD", letter)[0] != letter


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def report(scores: dict[str, Score]) -> list[str]:
    """The Markdown table."""
    lines = ["| pages | count | grid right | letters wrong | marks right | numbers | silently wrong | flagged"
             " (of these right) | s of one core a page |", "|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for name, score in scores.items():
        flagged = f"{score.flagged / max(1, score.numbers):.1%} ({score.right_flagged}/{score.flagged})"
        lines.append(
            f"| {name} | {score.pages} | {score.grids} | {score.wrong / max(1, score.letters):.2%} "
            f"| {score.marked_right / max(1, score.marked):.2%} | {score.numbers} | {len(score.silent)} | {flagged} "
            f"| {score.seconds / max(1, score.pages):.1f} |"
        )
    return lines


def read_pages(count: int, seed: int, wears: Sequence[Wear]) -> dict[str, Score]:
    """Make, wear and read ``count`` pages: the score of each kind and of all; what is wrong is named on stderr."""
    scores: dict[str, Score] = {}
    whole = Score()
    with tempfile.TemporaryDirectory() as folder:
        for path, page, wear in chosen(make_pdfs(Path(folder), seed), count, wears):
            score = scores.setdefault(f"{wear.name}, {wear.dpi} dpi", Score())
            before = len(score.silent), score.grids
            measure(path, page, wear, score)
            for line in score.silent[before[0] :]:
                print(f"{path.stem} page {page + 1}, {wear.name}: {line}", file=sys.stderr)
            if score.grids == before[1]:
                print(f"{path.stem} page {page + 1}, {wear.name}: another grid", file=sys.stderr)
    for score in scores.values():
        for name in Score.__slots__:
            setattr(whole, name, getattr(whole, name) + getattr(score, name))
    return {**scores, "all": whole}


def main(count: int = PAGES, seed: int = 1) -> None:
    """Print both tables."""
    print("\n".join([*report(read_pages(count, seed, TURNS)), "", *report(read_pages(count // 2, seed, HARD))]))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
