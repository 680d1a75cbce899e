"""Pages that are pictures, read: PDF pages without text (or with text that no one wrote), and image files."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from extract.cage import allow_more
from extract.model import Box, Cell, Document, Finding, Place, Table
from extract.ocr_engines import engines, missing, versions
from extract.ocr_grid import Image, PixelBox
from extract.ocr_image import DPI, CleanPage, at_reading_size, clean, straighten
from extract.ocr_read import ReadLine, is_upright, read_page
from extract.pdf_glyphs import Glyph
from extract.pdf_join import TextRun, reading_order
from extract.pdf_lines import Line, lines_of
from extract.pdf_tables import Grid, GridCell, PageBlocks

READER = "ocr-1"
LOW_RESOLUTION = 195  # dots an inch; a scan "at 200" is a little less once the paper is cut
MOST_PIXELS = 40_000_000
MOST_PAGES = 500
FULL_PAGE = 0.6  # of the area of the page
WORTHLESS = 0.75  # share of possible words; broken fonts keep the letters of a page above it or lose them openly
POINT = 72 / DPI
A4_LONG = 11.69


class Mark(NamedTuple):
    """What is known of a line beside its text: the readings of its numbers, and flags."""

    raw: str
    flags: tuple[str, ...]


_SECONDS_A_PAGE = 15.0
"""What a page may cost beyond the time of a document; 3 is usual on one core."""


@dataclass(frozen=True, slots=True)
class OcrPage:
    """One page as read: its grids and lines in points of the upright page, and a mark for each line."""

    page: int
    blocks: PageBlocks
    marks: Mapping[Line, Mark]
    findings: tuple[Finding, ...] = ()


def needs_ocr(quality: float, has_full_page_image: bool) -> bool:
    """Whether a page's text layer is so bad (share of possible words) that the picture under it should be read."""
    return has_full_page_image and quality < WORTHLESS


def read_page_image(image: Image, dpi: float, page: int = 1) -> OcrPage:
    """Read one page from an RGB picture of known resolution, whichever way it lies.

    Call only when ``ocr_engines.missing()`` is "".
    """
    low = dpi < LOW_RESOLUTION
    loaded = engines()
    level = straighten(at_reading_size(image, dpi))
    found = clean(level)
    if not is_upright(found, loaded):
        found = clean(np.ascontiguousarray(level[::-1, ::-1]))
    cells, outside = read_page(found, loaded)
    marks: dict[Line, Mark] = {}
    flags = ("ocr", "ocr_low_resolution") if low else ("ocr",)
    grids = [_grid(page, found, at, lines, marks, flags) for at, lines in enumerate(cells)]
    height, width = found.ink.shape
    lines = _outer_lines(outside, found.letter, marks, flags)
    details = (("dpi", str(round(dpi))),)
    findings = (Finding("ocr_low_resolution", Place(page=page), details),) if low else ()
    return OcrPage(page, PageBlocks(page, width * POINT, height * POINT, grids, lines), marks, findings)


def _points(box: PixelBox) -> Box:
    return box[0] * POINT, box[1] * POINT, box[2] * POINT, box[3] * POINT


def _grid(
    page: int,
    found: CleanPage,
    at: int,
    cells: Sequence[Sequence[ReadLine]],
    marks: dict[Line, Mark],
    flags: tuple[str, ...],
) -> Grid:
    """One ruled grid with its text, as the PDF reader has them."""
    ruled = found.grids[at]
    box = _points(ruled.box)
    grid = Grid(page, box, tuple(x * POINT for x in ruled.xs), len(ruled.ys) - 1, last_page=page, last_bottom=box[3])
    for cell, lines in zip(ruled.cells, cells, strict=True):
        made = GridCell(cell.row, cell.column, cell.row_span, cell.column_span, page, _points(cell.box))
        made.lines = [_line(line, found.letter, marks, flags) for line in lines]
        grid.cells.append(made)
    return grid


def _line(line: ReadLine, letter: int, marks: dict[Line, Mark], flags: tuple[str, ...]) -> Line:
    first = line.box[0] + (line.box[2] - line.box[0]) * len(line.text.split(" ")[0]) / max(1, len(line.text))
    made = Line(line.text, *_points(line.box), line.base * POINT, _size(letter), first * POINT)
    marks[made] = Mark(line.raw, flags + (("ocr_doubt",) if line.doubt else ()))
    return made


def _size(letter: int) -> float:
    """The size of print, of which the usual letter takes about a half."""
    return letter * POINT / 0.52


def _outer_lines(lines: Sequence[ReadLine], letter: int, marks: dict[Line, Mark], flags: tuple[str, ...]) -> list[Line]:
    """Text outside grids: pieces on one baseline make one line, with a tab where a column's gap is."""
    glyphs: list[Glyph] = []
    for line in lines:
        x0, top, x1, bottom = _points(line.box)
        glyphs.append(Glyph(line.text, x0, top, x1, bottom, line.base * POINT, _size(letter), -1))
        glyphs.append(Glyph(" ", x1, top, x1, bottom, line.base * POINT, _size(letter), -1))
    made = lines_of(glyphs, tabs=True)
    for each in made:
        parts = [line for line in lines if line.text in each.text and _within(line, each)]
        doubt = any(line.doubt for line in parts)
        raw = "\t".join(line.raw for line in parts) if doubt else each.text
        marks[each] = Mark(raw, flags + (("ocr_doubt",) if doubt else ()))
    return made


def _within(line: ReadLine, whole: Line) -> bool:
    x0, top, x1, bottom = _points(line.box)
    return whole.x0 - 1 <= x0 and x1 <= whole.x1 + 1 and whole.top - 1 <= top and bottom <= whole.bottom + 1


def tables_of(pages: Sequence[OcrPage], first: int = 1) -> list[Table]:
    """The pages as tables in reading order, tables cut by a page end joined; numbered from ``first``."""
    marks = {line: mark for page in pages for line, mark in page.marks.items()}
    tables: list[Table] = []
    for block in reading_order([page.blocks for page in pages], {}):
        if isinstance(block, Grid) and not any(cell.lines for cell in block.cells):
            continue
        number = first + len(tables)
        tables.append(_grid_table(block, number, marks) if isinstance(block, Grid) else _prose(block, number, marks))
    return tables


def _grid_table(grid: Grid, number: int, marks: Mapping[Line, Mark]) -> Table:
    cells = [
        _cell(Place(item.page, "", number, item.row + 1, item.column + 1, item.box), item.lines, marks,
              (item.row_span, item.column_span))
        for item in sorted(grid.cells, key=lambda item: (item.row, item.column))
    ]  # fmt: skip
    return Table(Place(grid.page, "", number, box=grid.box), tuple(cells), grid.n_rows, grid.n_columns)


def _prose(run: TextRun, number: int, marks: Mapping[Line, Mark]) -> Table:
    extra = ("running_line",) if run.running else ()
    cells = [
        _cell(Place(run.page, "", number, row, 1, line.box), [line], marks, (1, 1), extra)
        for row, line in enumerate(run.lines, 1)
    ]
    return Table(Place(run.page, "", number), tuple(cells), len(cells), 1, prose=True)


def _cell(
    place: Place,
    lines: Sequence[Line],
    marks: Mapping[Line, Mark],
    spans: tuple[int, int],
    extra: tuple[str, ...] = (),
) -> Cell:
    """A cell with the marks of its lines; an empty one is marked as read from a picture too."""
    known = [marks[line] for line in lines]
    flags = tuple(dict.fromkeys(("ocr", *extra, *(flag for mark in known for flag in mark.flags))))
    text = "\n".join(line.text for line in lines)
    return Cell(place, text, "\n".join(mark.raw for mark in known), *spans, flags=flags)


def ocr_pdf_pages(data: bytes, pages: Sequence[int]) -> tuple[list[Table], list[Finding]]:
    """Read the named pages (from 1) of a PDF from their pictures.

    Without the programs for it each page gives the findings ``page_without_text`` and ``ocr_missing``.
    """
    lacking = missing()
    if lacking:
        return [], [finding for page in pages for finding in _not_read(page, lacking)]
    import pypdfium2

    read: list[OcrPage] = []
    findings: list[Finding] = []
    with pypdfium2.PdfDocument(data) as pdf:
        for page in pages:
            allow_more(_SECONDS_A_PAGE)
            try:
                sheet = pdf[page - 1]
                if not _is_blank(sheet):
                    read.append(read_page_image(*_rendered(sheet), page))
            except Exception as error:  # one broken picture must not cost the other pages
                details = (("error", type(error).__name__),)
                findings += [Finding("page_without_text", Place(page=page)),
                             Finding("unreadable", Place(page=page), details)]  # fmt: skip
    findings += [finding for page in read for finding in page.findings]
    return tables_of(read), findings


def _not_read(page: int, lacking: str) -> Iterator[Finding]:
    yield Finding("page_without_text", Place(page=page))
    yield Finding("ocr_missing", Place(page=page), (("install", lacking),))


def pages_with_picture(data: bytes, pages: Sequence[int]) -> list[int]:
    """Which of the pages (from 1) of a PDF are covered by one picture, as a scanned page is."""
    import pypdfium2

    with pypdfium2.PdfDocument(data) as pdf:
        plain = _pages_without_picture(data, len(pdf))
        return [page for page in pages if page not in plain and _picture_dpi(pdf[page - 1])]


def _pages_without_picture(data: bytes, count: int) -> set[int]:
    """Those pages (from 1) of a PDF of ``count`` pages that show no picture for certain, told without opening them.

    They have no pictures and no drawings within drawings to name, and the operator for pictures in the stream, or what
    looks like it, is nowhere. None where the parser finds another number of pages, or trouble.
    """
    from playa import resolve

    from extract.pdf_open import OpenPdf

    try:
        document = OpenPdf(data)  # pages do not keep it
        plain = {
            number
            for number, page in enumerate(document.pages, 1)
            if not resolve(page.resources.get("XObject")) and not any(b"BI" in stream.buffer for stream in page.streams)
        }
        return plain if len(document.pages) == count else set()
    except Exception:  # a hostile file may break the parser anywhere; then each page is looked at
        return set()


def _picture_dpi(page: Any) -> float:
    """The resolution of the picture that covers the page, 0 where none does."""
    import pypdfium2.raw as raw

    width, height = page.get_size()
    best = 0.0
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = item.get_bounds()
        area = abs((right - left) * (top - bottom))
        if area >= FULL_PAGE * width * height:
            across, down = item.get_px_size()
            best = max(best, (across * down / area) ** 0.5 * 72)
    return best


def _is_blank(page: Any) -> bool:
    """Whether nothing can be seen on a page that has no picture either, as behind a forced page break."""
    if _picture_dpi(page):
        return False
    small = np.asarray(page.render(scale=1).to_pil().convert("L"), np.uint8)
    return bool(small.min() == small.max())


def _rendered(page: Any) -> tuple[Image, float]:
    """A page as an RGB picture, at the resolution of the picture on it where it has one."""
    own = _picture_dpi(page)
    width, height = page.get_size()
    wanted = min(own or DPI, DPI) if own < 1.4 * DPI else DPI
    dpi = min(max(wanted, 50.0), (MOST_PIXELS * 72 * 72 / max(1.0, width * height)) ** 0.5)
    return np.asarray(page.render(scale=dpi / 72).to_pil().convert("RGB"), np.uint8), dpi


def read_image(data: bytes, sha256: str, kind: str = "") -> Document:
    """A PNG, JPEG or (many-paged) TIFF file as a Document; ``kind`` is its format as the source names it."""
    lacking = missing()
    reader = f"{READER} {versions()}"
    if lacking:
        return Document(sha256, kind, reader, findings=tuple(_not_read(1, lacking)), text_quality=0.0, n_pages=1)
    read: list[OcrPage] = []
    findings: list[Finding] = []
    for number, picture in enumerate(_frames(data), 1):
        if picture is None:
            findings.append(Finding("page_too_complex", Place(page=number)))
            continue
        read.append(read_page_image(*picture, page=number))
    findings += [finding for page in read for finding in page.findings]
    tables = tuple(tables_of(read))
    count = len(read) + sum(finding.code == "page_too_complex" for finding in findings)
    return Document(sha256, kind, reader, tables, tuple(findings), "ocr", n_pages=count)


def _frames(data: bytes) -> Iterator[tuple[Image, float] | None]:
    """The pictures of a file with their resolutions; ``None`` for one too large to open."""
    from PIL import Image as Pictures
    from PIL import ImageOps

    with Pictures.open(io.BytesIO(data), formats=("PNG", "JPEG", "TIFF", "MPO")) as file:
        for at in range(min(getattr(file, "n_frames", 1), MOST_PAGES)):
            file.seek(at)
            if file.width * file.height > 2 * MOST_PIXELS:
                yield None
                continue
            upright = ImageOps.exif_transpose(file)
            flat = Pictures.new("RGB", upright.size, "white")
            rgba = upright.convert("RGBA")
            flat.paste(rgba, mask=rgba.getchannel("A"))
            yield np.asarray(flat, np.uint8), _resolution(file.info.get("dpi"), file.size)


def _resolution(said: Any, size: tuple[int, int]) -> float:
    """What the file says, where that makes a page between A5 and A3; else as if the page were A4."""
    try:
        dpi = float(max(said))
    except (TypeError, ValueError):
        dpi = 0.0
    long = max(size)
    return dpi if dpi > 1 and 7.5 < long / dpi < 18 else long / A4_LONG
