"""PDF pages that are pictures: read from the picture where the extra for it is installed, else named as not read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from typing import Any

from extract.model import Cell, Document, Finding, Place, Table
from extract.syllables import text_quality

_NOT_READ = ("page_without_text", "ocr_missing")


def read_scanned_pages(document: Document, data: bytes) -> Document:
    """A document with its pages without text, and those with a worthless text layer over a picture, read by OCR.

    So are pages whose text is there to be searched and not to be seen: a program read it from the picture under it,
    and nobody knows how well. Without the extra each such page keeps a finding that names what would read it, and
    what was read from an unseen layer is doubted cell by cell.
    """
    without_text = {finding.place.page for finding in document.findings if finding.code == "page_without_text"}
    doubtful = _doubtful_pages(document)
    unseen = _pages_of_unseen_text(document, data)
    if not without_text and not doubtful and not unseen:
        return document
    from extract.ocr import needs_ocr, ocr_pdf_pages, pages_with_picture
    from extract.ocr_engines import missing

    lacking = missing()
    if lacking:
        document = _doubted(document, unseen, lacking)
    worthless = [page for page, quality in doubtful.items() if needs_ocr(quality, True)]
    pictured = pages_with_picture(data, worthless) if worthless else ()
    wanted = sorted({*without_text, *pictured, *(() if lacking else unseen)})
    if not wanted:
        return document
    read, notes = ocr_pdf_pages(data, wanted)
    bad = set() if lacking else {*unseen, *pictured}
    notes += [Finding("page_without_text", Place(page=page)) for page in sorted(bad - _pages_in(read))]
    return _with_read(document, wanted, read, tuple(dict.fromkeys(notes)), bad)


def _with_read(
    document: Document, wanted: Sequence[int], read: Sequence[Table], notes: Sequence[Finding], bad: Set[int]
) -> Document:
    """Put what was read from pictures in the place of what the pages held; ``bad`` pages held nothing to keep."""
    pages = _pages_in(read)
    kept = [table for table in document.tables if not _pages_of(table) & (pages | bad)]
    findings = [f for f in document.findings if not (f.code in _NOT_READ and f.place.page in wanted)]
    return replace(
        document,
        tables=_in_order([*kept, *read]),
        findings=(*findings, *notes),
        encoding="ocr" if pages and not kept else document.encoding,
    )


def _pages_in(tables: Iterable[Table]) -> set[int]:
    return {page for table in tables for page in _pages_of(table)}


def _pages_of_unseen_text(document: Document, data: bytes) -> set[int]:
    """Pages covered by a picture whose text is drawn invisibly, as programs put it that make scans searchable."""
    import pypdfium2

    from extract.ocr import pages_with_picture

    written = sorted({cell.place.page for table in document.tables for cell in table.cells if cell.text})
    try:
        pictured = pages_with_picture(data, written)
        if not pictured:
            return set()
        with pypdfium2.PdfDocument(data) as pdf:
            return {page for page in pictured if _is_unseen(pdf[page - 1])}
    except pypdfium2.PdfiumError:
        return set()


def _is_unseen(page: Any) -> bool:
    """Whether most pieces of text of a page are drawn invisibly."""
    import pypdfium2.raw as raw

    modes = [raw.FPDFTextObj_GetTextRenderMode(item.raw)
             for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=3)]  # fmt: skip
    return 2 * modes.count(raw.FPDF_TEXTRENDERMODE_INVISIBLE) > len(modes)


def _doubted(document: Document, pages: Set[int], lacking: str) -> Document:
    """The document with every cell of the pages marked as read by some program, and a finding for each page."""

    def marked(cell: Cell) -> Cell:
        return replace(cell, flags=(*cell.flags, "ocr", "ocr_doubt")) if cell.place.page in pages else cell

    tables = tuple(replace(table, cells=tuple(map(marked, table.cells))) for table in document.tables)
    notes = [Finding("text_layer_unseen", Place(page=page), (("install", lacking),)) for page in sorted(pages)]
    return replace(document, tables=tables, findings=(*document.findings, *notes))


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
