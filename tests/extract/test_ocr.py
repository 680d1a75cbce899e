"""Scanned pages: made here as pictures, so that what stands on them is known."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from extract import ocr
from extract.model import LOST, Document, Table, rows_of
from extract.ocr_engines import missing

np = pytest.importorskip("numpy")
Pictures = pytest.importorskip("PIL.Image")
Draw = pytest.importorskip("PIL.ImageDraw")
Fonts = pytest.importorskip("PIL.ImageFont")

FONTS = ("/usr/share/fonts/truetype/freefont/FreeSerif.ttf", "/usr/share/fonts/truetype/noto/NotoSerif-Regular.ttf",
         "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf")  # fmt: skip
FONT = next((path for path in FONTS if Path(path).is_file()), "")
needs_engine = pytest.mark.skipif(bool(missing()) or not FONT, reason=f"needs {missing() or 'a Vietnamese font'}")

DPI = 200
COLUMNS = (120, 240, 900, 1120, 1400)
ROWS = (
    ("TT", "Nội dung chỉ tiêu", "Đơn vị tính", "Số liệu"),
    ("1", "Tổng số cán bộ, công chức", "người", "58"),
    ("2", "Tỷ lệ văn bản điện tử", "%", "51,7"),
    ("3", "Số hồ sơ tiếp nhận trực tuyến", "hồ sơ", "39.353"),
    ("4", "Tổng số máy tính", "chiếc", ""),
    ("5", "Số dịch vụ công mức độ 4", "dịch vụ", "117"),
)
TITLE = "BÁO CÁO ỨNG DỤNG CÔNG NGHỆ THÔNG TIN"
LINE = "- Tỷ lệ hồ sơ giải quyết đúng hạn: 94%"


def page_picture(rows: Sequence[Sequence[str]] = ROWS, merge_first: bool = False) -> Pictures.Image:
    """An A4 page at 200 dpi: a title, a line with a figure, and a ruled table."""
    page = Pictures.new("RGB", (1654, 2339), "white")
    pen, font = Draw.Draw(page), Fonts.truetype(FONT, 36)
    pen.text((300, 180), TITLE, "black", font)
    pen.text((130, 260), LINE, "black", font)
    tops = [400 + 70 * number for number in range(len(rows) + 1)]
    for top in tops:
        pen.line((COLUMNS[0], top, COLUMNS[-1], top), "black", 3)
    for number, left in enumerate(COLUMNS):
        inner = 0 < number < len(COLUMNS) - 1
        pen.line((left, tops[1] if merge_first and inner else tops[0], left, tops[-1]), "black", 3)
    for top, row in zip(tops, rows, strict=False):
        for left, text in zip(COLUMNS, row, strict=False):
            pen.text((left + 14, top + 12), text, "black", font)
    return page


def read(picture: Pictures.Image, dpi: float = DPI) -> list[Table]:
    image = np.asarray(picture.convert("RGB"), np.uint8)
    return ocr.tables_of([ocr.read_page_image(image, dpi)])


def texts(table: Table) -> list[list[str]]:
    return [["" if cell is None else cell.text for cell in row] for row in rows_of(table)]


def grid_of(tables: Sequence[Table]) -> Table:
    [grid] = [table for table in tables if not table.prose]
    return grid


def as_bytes(picture: Pictures.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def read_file(data: bytes, kind: str) -> Document:
    return ocr.read_image(data, hashlib.sha256(data).hexdigest(), kind)


@needs_engine
def test_a_ruled_page_is_read_cell_by_cell() -> None:
    tables = read(page_picture())
    grid = grid_of(tables)
    assert [row[3] for row in texts(grid)[1:]] == ["58", "51,7", "39.353", "", "117"]
    assert [row[1] for row in texts(grid)] == [row[1] for row in ROWS]
    assert all("ocr" in cell.flags and "ocr_doubt" not in cell.flags for cell in grid.cells)
    assert [cell.text for cell in tables[0].cells] == [TITLE, LINE]


@needs_engine
def test_cells_lie_on_the_page_in_points() -> None:
    grid = grid_of(read(page_picture()))
    figure = next(cell for cell in grid.cells if cell.text == "58")
    assert figure.place.box == pytest.approx((1120 * 0.36, 470 * 0.36, 1400 * 0.36, 540 * 0.36), abs=2)
    assert (figure.place.row, figure.place.column) == (2, 4)


@needs_engine
def test_a_row_without_walls_is_one_merged_cell() -> None:
    rows = (("MỤC 1. THÔNG TIN CHUNG",), *ROWS[1:])
    grid = grid_of(read(page_picture(rows, merge_first=True)))
    first = grid.cells[0]
    assert (first.text, first.column_span, grid.n_columns) == ("MỤC 1. THÔNG TIN CHUNG", 4, 4)


@needs_engine
@pytest.mark.parametrize("angle", [1.4, -0.8, 180, 90])
def test_a_page_that_lies_askew_reads_the_same(angle: float) -> None:
    turned = page_picture().rotate(angle, Pictures.Resampling.BICUBIC, expand=angle in (90, 180), fillcolor="white")
    assert [row[3] for row in texts(grid_of(read(turned)))[1:]] == ["58", "51,7", "39.353", "", "117"]


@needs_engine
def test_a_figure_under_a_red_stamp_is_doubted_and_the_others_are_not() -> None:
    picture = page_picture()
    pen = Draw.Draw(picture)
    for radius in (150, 140):
        pen.ellipse((1150 - radius, 570 - radius, 1150 + radius, 570 + radius), outline=(210, 30, 40), width=7)
    pen.line((1040, 562, 1290, 562), (210, 30, 40), 4)
    column = [cell for cell in grid_of(read(picture)).cells if cell.place.column == 4 and cell.text]
    assert {cell.place.row: "ocr_doubt" in cell.flags for cell in column}[3]
    wrong = [cell for cell, row in zip(column[1:], (ROWS[n] for n in (1, 2, 3, 5)), strict=True)
             if cell.text != row[3] and "ocr_doubt" not in cell.flags]  # fmt: skip
    assert not wrong


@needs_engine
def test_a_scribble_in_a_number_column_is_not_taken_for_a_blank() -> None:
    picture = page_picture()
    pen = Draw.Draw(picture)
    pen.line([(1150, 700), (1170, 740), (1190, 700), (1210, 738), (1235, 705), (1160, 725), (1240, 730)], "black", 4)
    cell = next(cell for cell in grid_of(read(picture)).cells if (cell.place.row, cell.place.column) == (5, 4))
    assert cell.text
    assert cell.text == LOST or not any(map(str.isdigit, cell.text)) or "ocr_doubt" in cell.flags


@needs_engine
def test_a_picture_of_few_dots_is_flagged_throughout() -> None:
    small = page_picture().resize((1240, 1754), Pictures.Resampling.LANCZOS)
    page = ocr.read_page_image(np.asarray(small, np.uint8), 150)
    assert [finding.code for finding in page.findings] == ["ocr_low_resolution"]
    cells = [cell for table in ocr.tables_of([page]) for cell in table.cells if cell.text]
    assert cells
    assert all("ocr_low_resolution" in cell.flags for cell in cells)


@needs_engine
def test_the_pages_of_a_tiff_make_one_document() -> None:
    second = page_picture((("6", "Số lượng trang tin", "trang", "12"),))
    data = as_bytes(page_picture(), "TIFF", save_all=True, append_images=[second], dpi=(DPI, DPI), compression="jpeg")
    document = read_file(data, "tiff")
    assert (document.format, document.encoding, document.n_pages) == ("tiff", "ocr", 2)
    assert {cell.place.page for table in document.tables for cell in table.cells} == {1, 2}
    assert [table.place.table for table in document.tables] == list(range(1, len(document.tables) + 1))
    assert "12" in {cell.text for table in document.tables for cell in table.cells}


@needs_engine
def test_a_scanned_pdf_page_is_read_from_its_picture() -> None:
    data = as_bytes(page_picture(), "PDF", resolution=DPI)
    assert ocr.pages_with_picture(data, [1]) == [1]
    tables, findings = ocr.ocr_pdf_pages(data, [1])
    assert not findings
    assert [row[3] for row in texts(grid_of(tables))[1:]] == ["58", "51,7", "39.353", "", "117"]


@needs_engine
def test_an_empty_page_gives_nothing() -> None:
    assert read(Pictures.new("RGB", (1654, 2339), "white")) == []


def test_without_the_programs_each_page_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "missing", lambda: "vie.traineddata")
    tables, findings = ocr.ocr_pdf_pages(b"", [2, 5])
    assert not tables
    assert [(finding.code, finding.place.page) for finding in findings] == [
        ("page_without_text", 2), ("ocr_missing", 2), ("page_without_text", 5), ("ocr_missing", 5)]  # fmt: skip
    assert findings[1].details == (("install", "vie.traineddata"),)
    assert [finding.code for finding in ocr.read_image(b"", "", "png").findings] == ["page_without_text", "ocr_missing"]


def test_only_a_bad_text_layer_over_a_picture_is_read_again() -> None:
    assert ocr.needs_ocr(0.4, True)
    assert not ocr.needs_ocr(0.4, False)
    assert not ocr.needs_ocr(0.97, True)
