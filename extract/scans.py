"""PDF pages that are pictures: read from the picture where the extra for it is installed, else named as not read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from extract.model import Cell, Document, Table
from extract.syllables import text_quality

_NOT_READ = ("page_without_text", "ocr_missing")


def read_scanned_pages(document: Document, data: bytes) -> Document:
    """A document with its pages without text, and those with a worthless text layer over a picture, read by OCR.

    Without the extra each such page keeps a finding that names what would read it.
    """
    without_text = {finding.place.page for finding in document.findings if finding.code == "page_without_text"}
    doubtful = _doubtful_pages(document)
    if not without_text and not doubtful:
        return document
    from extract.ocr import needs_ocr, ocr_pdf_pages, pages_with_picture

    worthless = [page for page, quality in doubtful.items() if needs_ocr(quality, True)]
    pictured = pages_with_picture(data, worthless) if worthless else ()
    wanted = sorted({*without_text, *pictured})
    if not wanted:
        return document
    read, notes = ocr_pdf_pages(data, wanted)
    pages = {cell.place.page for table in read for cell in table.cells}
    kept = [table for table in document.tables if not _pages_of(table) & pages]
    findings = [f for f in document.findings if not (f.code in _NOT_READ and f.place.page in wanted)]
    return replace(
        document,
        tables=_in_order([*kept, *read]),
        findings=(*findings, *notes),
        encoding="ocr" if pages and not kept else document.encoding,
    )


def _doubtful_pages(document: Document) -> dict[int, float]:
    """The share of possible words on each page that has some impossible ones."""
    texts: dict[int, list[str]] = {}
    for table in document.tables:
        for cell in table.cells:
            if cell.text:
                texts.setdefault(cell.place.page, []).append(cell.text)
    quality = {page: text_quality(found) for page, found in texts.items()}
    return {page: share for page, share in quality.items() if share < 1}


def _pages_of(table: Table) -> set[int]:
    return {cell.place.page for cell in table.cells}


def _in_order(tables: Sequence[Table]) -> tuple[Table, ...]:
    """The tables by page, numbered anew through the document."""
    ordered = sorted(tables, key=lambda table: min(_pages_of(table), default=0))
    return tuple(_renumbered(table, number) for number, table in enumerate(ordered, start=1))


def _renumbered(table: Table, number: int) -> Table:
    def moved(cells: Iterable[Cell]) -> tuple[Cell, ...]:
        return tuple(replace(cell, place=replace(cell.place, table=number)) for cell in cells)

    return replace(table, place=replace(table.place, table=number), cells=moved(table.cells))
