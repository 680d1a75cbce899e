"""PDF files as Documents: ruled and tagged tables, the text around them, and letters whose code says nothing."""

from __future__ import annotations

import importlib.util
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from importlib.metadata import version
from typing import Any

from extract.model import LOST, Cell, Document, Finding, LetterRepair, Place, Table
from extract.pdf_codes import FIRST_PLACEHOLDER
from extract.pdf_glyphs import FontShelf, PageInk, read_page
from extract.pdf_join import Letters, TextRun, reading_order
from extract.pdf_lines import Line, continues
from extract.pdf_outlines import Drawings, drawings_of
from extract.pdf_tables import Grid, PageBlocks, page_blocks
from extract.pdf_tags import Tags, read_tags, tagged_grids
from extract.syllables import text_quality

READER = "pdf-3"
MAX_PAGES = 5_000
_PLACEHOLDER = re.compile(f"[{chr(FIRST_PLACEHOLDER)}-\U0010ffff]")


def read_pdf(data: bytes, sha256: str, known_texts: Sequence[str] = ()) -> Document:
    """Everything a PDF says, as tables in reading order; the text between tables as tables of one column.

    ``known_texts`` are labels of known forms in correct Unicode: damaged fonts are read with their help. Nothing is
    raised about the file: what is wrong with it becomes a finding.
    """
    import playa

    from extract.pdf_open import OpenPdf

    for name in ("playa", "fontTools", "pdfminer"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    reader = _reader()
    shelf = FontShelf()
    try:
        pdf = OpenPdf(data)
        count = len(pdf.pages)
    except playa.PDFEncryptionError:
        return Document(sha256, "pdf", reader, findings=(Finding("encrypted"),))
    except Exception as error:  # a hostile file may break the parser anywhere
        return Document(sha256, "pdf", reader, findings=(_unreadable(error, Place()),))
    if not count:
        return Document(sha256, "pdf", reader, findings=(Finding("unreadable", details=(("error", "no pages"),)),))
    pages, findings = _read_pages(pdf, data, min(count, MAX_PAGES), shelf)
    if count > MAX_PAGES:
        findings.append(Finding("too_many_pages", details=(("pages", str(count)), ("read", str(MAX_PAGES)))))
    drawings = drawings_of(shelf.fonts.values() if shelf.lost.places else ())
    found, repairs = _repair(shelf, pages, known_texts, drawings)
    blocks = reading_order(pages, _table(found))
    found, repairs = _with_digits(shelf, pages, blocks, found, repairs)
    found, repairs = _with_ocr(data, shelf, pages, (found, repairs), known_texts, drawings)
    found, repairs = _without_doubted(shelf, found, repairs, drawings)
    letters = _table(found)
    tables = tuple(_tables(blocks, _right_edges(pages), letters))
    if not any(cell.text for table in tables for cell in table.cells):
        tables = ()
    encoding = _encoding(shelf, letters)
    quality = text_quality(cell.text for table in tables for cell in table.cells)
    return Document(sha256, "pdf", reader, tables, tuple(findings), encoding, quality, count, repairs)


@cache
def _reader() -> str:
    """The name of the reader, with the versions of its libraries; to find these takes longer than to read a page."""
    return f"{READER} playa {version('playa-pdf')} pdfplumber {version('pdfplumber')}"


def _read_ink(pdf: Any, data: bytes, number: int, shelf: FontShelf) -> tuple[PageInk, bool]:
    """Read a page, and tell whether its letters could be checked against the fonts."""
    try:
        return read_page(pdf.pages[number - 1], number, shelf), True
    except Exception:  # the other parser forgives other faults
        from extract.pdf_fallback import read_page_again

        return read_page_again(data, number), False


def _read_pages(pdf: Any, data: bytes, count: int, shelf: FontShelf) -> tuple[list[PageBlocks], list[Finding]]:
    pages: list[PageBlocks] = []
    findings: list[Finding] = []
    tags = read_tags(pdf)
    for number in range(1, count + 1):
        place = Place(page=number)
        try:
            ink, checked = _read_ink(pdf, data, number, shelf)
            split = partial(tagged_grids, tags) if _has_tags(tags, ink) else None
            blocks, too_dense = page_blocks(ink, split, pages[-1] if pages else None)
        except Exception as error:  # one broken page must not cost the others
            findings.append(_unreadable(error, place))
            continue
        if not checked:
            findings.append(Finding("page_letters_unchecked", place))
        if ink.too_complex or too_dense:
            findings.append(Finding("page_too_complex", place))
        if not ink.n_glyphs:
            findings.append(Finding("page_without_text", place))
        pages.append(blocks)
    return pages, findings


def _has_tags(tags: Tags, ink: PageInk) -> bool:
    """Whether text of a page belongs to a tagged table, other than those that are known to be read by their rules."""
    numbers = {piece.mcid for piece in ink.pieces} if tags.owners else set()
    owners = (tags.owners.get((ink.number, number)) for number in numbers)
    return any(owner is not None and owner[0].by_tags is not False for owner in owners)


def _repair(
    shelf: FontShelf, pages: Sequence[PageBlocks], known_texts: Sequence[str], drawings: Drawings
) -> tuple[dict[str, str], tuple[LetterRepair, ...]]:
    if not shelf.lost.places:
        return {}, ()
    from extract.pdf_repair import repair_letters

    texts = [" ".join(line.text for line in cell.lines) for page in pages for grid in page.grids for cell in grid.cells]
    texts += [line.text for page in pages for line in page.lines]
    return repair_letters(shelf.lost.places, [text for text in texts if text], known_texts, drawings)


def _with_digits(
    shelf: FontShelf,
    pages: Sequence[PageBlocks],
    blocks: Sequence[Grid | TextRun],
    found: dict[str, str],
    repairs: tuple[LetterRepair, ...],
) -> tuple[dict[str, str], tuple[LetterRepair, ...]]:
    """Add the digits, which need the tables whole: a numbering runs on over the pages."""
    if len(found) == len(shelf.lost.places):
        return found, repairs
    from extract.pdf_digits import sequence_digits

    grids = [block for block in blocks if isinstance(block, Grid)]
    open_places = {mark: place for mark, place in shelf.lost.places.items() if mark not in found}
    texts = [line.text for page in pages for line in page.lines]
    texts += [line.text for grid in grids for cell in grid.cells for line in cell.lines]
    digits, records = sequence_digits(grids, texts, found, open_places)
    return {**found, **digits}, repairs + records


def _with_ocr(
    data: bytes,
    shelf: FontShelf,
    pages: Sequence[PageBlocks],
    known: tuple[dict[str, str], tuple[LetterRepair, ...]],
    known_texts: Sequence[str],
    drawings: Drawings,
) -> tuple[dict[str, str], tuple[LetterRepair, ...]]:
    """Add what the pictures of the pages tell of the codes that are still open."""
    found, repairs = known
    if len(found) == len(shelf.lost.places) or importlib.util.find_spec("cv2") is None:
        return known
    from extract.pdf_ocr import letters_by_ocr

    read, records = letters_by_ocr(data, pages, found, shelf.lost.places, known_texts, drawings)
    return {**found, **read}, repairs + records


def _without_doubted(
    shelf: FontShelf, found: Mapping[str, str], repairs: Sequence[LetterRepair], drawings: Drawings
) -> tuple[dict[str, str], tuple[LetterRepair, ...]]:
    """Take back the letters whose drawings other evidence reads otherwise: they stay lost, and so flagged."""
    codes = {mark: (shelf.lost.places[mark][0], shelf.lost.places[mark][1]) for mark in found}
    doubted = {mark for mark, (font, code) in codes.items() if drawings.doubted((font.number, code), found[mark])}
    gone = {(codes[mark][0].name, codes[mark][1], found[mark]) for mark in doubted}
    kept = tuple(each for each in repairs if (each.font, each.code, each.letter) not in gone)
    return {mark: letter for mark, letter in found.items() if mark not in doubted}, kept


def _table(letters: Mapping[str, str]) -> dict[int, str]:
    return {ord(mark): letter for mark, letter in letters.items()}


def _unreadable(error: Exception, place: Place) -> Finding:
    return Finding("unreadable", place, (("error", type(error).__name__),))


def _encoding(shelf: FontShelf, letters: Mapping[int, str]) -> str:
    if not shelf.lost.places:
        return "unicode"
    return "font-repaired" if all(ord(mark) in letters for mark in shelf.lost.places) else "font-damaged"


def _right_edges(pages: Sequence[PageBlocks]) -> dict[int, float]:
    """Tell how far text may reach on each page: as on any page of that width, or as the left margin mirrored."""
    widest: dict[float, float] = {}
    for page in pages:
        lines = [line for line in page.lines if line.text.strip()]
        if lines:
            reach = max(*(line.x1 for line in lines), page.width - min(line.x0 for line in lines))
            widest[page.width] = max(widest.get(page.width, 0.0), min(reach, page.width))
    return {page.page: widest.get(page.width, page.width) for page in pages}


def _tables(blocks: Iterable[Grid | TextRun], right: Mapping[int, float], letters: Letters) -> Iterator[Table]:
    number = 0
    for block in blocks:
        if isinstance(block, Grid) and not any(cell.lines for cell in block.cells):
            continue
        number += 1
        yield _grid_table(block, number, letters) if isinstance(block, Grid) else _prose(block, number, right, letters)


def _grid_table(grid: Grid, number: int, letters: Letters) -> Table:
    cells = []
    flags = ("table_without_rules",) if grid.gutters else ()
    for item in sorted(grid.cells, key=lambda item: (item.row, item.column)):
        place = Place(item.page, "", number, item.row + 1, item.column + 1, item.box)
        own = (*flags, "row_unsure") if item.unsure else flags
        cells.append(_cell(place, item.text, letters, item.row_span, item.column_span, own))
    place = Place(grid.page, "", number, box=grid.box)
    return Table(place, tuple(cells), grid.n_rows, grid.n_columns)


def _prose(run: TextRun, number: int, right: Mapping[int, float], letters: Letters) -> Table:
    """Text as one column, a row a paragraph; lines that wrap are one row where that is clear."""
    rows: list[list[Line]] = []
    for line in run.lines:
        if rows and continues(rows[-1][-1], line._replace(text=line.text.translate(letters)), right[run.page]):
            rows[-1].append(line)
        else:
            rows.append([line])
    flags = ("running_line",) if run.running else ()
    cells = []
    for at, row in enumerate(rows, 1):
        place = Place(run.page, "", number, at, 1, _around(row))
        cells.append(_cell(place, " ".join(line.text for line in row), letters, flags=flags))
    place = Place(run.page, "", number, box=_around(run.lines))
    return Table(place, tuple(cells), len(cells), 1, prose=True)


def _around(lines: Sequence[Line]) -> tuple[float, float, float, float]:
    return (
        min(line.x0 for line in lines),
        min(line.top for line in lines),
        max(line.x1 for line in lines),
        max(line.bottom for line in lines),
    )


def _cell(
    place: Place, text: str, letters: Letters, row_span: int = 1, column_span: int = 1, flags: tuple[str, ...] = ()
) -> Cell:
    """Make a cell with its letters put in; those that stay unknown are shown as lost and the cell is flagged."""
    if text.isascii() or not _PLACEHOLDER.search(text):
        return Cell(place, text, text, row_span, column_span, flags=flags)
    raw = _PLACEHOLDER.sub(LOST, text)
    repaired = _PLACEHOLDER.sub(LOST, text.translate(letters))
    if LOST in repaired:
        flags += ("letters_lost",)
    if repaired != raw:
        flags += ("letters_repaired",)
    return Cell(place, repaired, raw, row_span, column_span, flags=flags)
