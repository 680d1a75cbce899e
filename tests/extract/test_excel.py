from __future__ import annotations

import datetime
import io
import re
import time
import zipfile

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from extract import excel_book
from extract.excel import read_xlsx
from extract.model import Cell, Document, Finding, rows_of
from extract.number_formats import show_number
from extract.read import read_document
from extract.source import make_source


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def edited(data: bytes, part: str, pattern: str, new: str) -> bytes:
    """A package with a pattern replaced in one part (that must hold it), or in all for "*"."""
    buffer = io.BytesIO()
    changed = 0
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for info in old.infolist():
            text = old.read(info).decode()
            if part in ("*", info.filename):
                text, count = re.subn(pattern, new, text)
                changed += count
            target.writestr(info.filename, text)
    assert changed
    return buffer.getvalue()


def book_of(rows: list[list[object]], formats: dict[str, str] | None = None) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, code in (formats or {}).items():
        book.active[name].number_format = code
    return book


def read(book: openpyxl.Workbook) -> Document:
    return read_xlsx(saved(book), "0")


def only_cell(value: object, code: str = "General") -> Cell:
    return read(book_of([[value]], {"A1": code})).tables[0].cells[0]


def codes(found: Document) -> list[str]:
    return [finding.code for finding in found.findings]


SHEET = "xl/worksheets/sheet1.xml"


def test_places_are_the_rows_of_the_sheet_and_the_columns_of_the_table() -> None:
    book = openpyxl.Workbook()
    book.active.title = "2.HatangCNTT"
    book.active["C5"], book.active["E7"] = "TT", 58
    (found,) = read(book).tables
    assert (found.first_row, found.n_rows, found.n_columns, found.place.sheet) == (5, 3, 3, "2.HatangCNTT")
    assert [(cell.place.row, cell.place.column) for cell in found.cells] == [(5, 1), (7, 3)]
    assert [[cell and cell.text for cell in row] for row in rows_of(found)] == [
        ["TT", None, None],
        [None, None, None],
        [None, None, "58"],
    ]


def test_merged_cells_are_spans_and_what_they_cover_is_not_read() -> None:
    book = book_of([["a", "b", "c"], ["d", "e", "f"], ["g", "h", "i"]])
    data = saved(book)
    data = edited(data, SHEET, "</sheetData>", '</sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells>')
    cells = read_xlsx(data, "0").tables[0].cells
    assert [(cell.text, cell.row_span, cell.column_span) for cell in cells] == [
        ("a", 2, 2), ("c", 1, 1), ("f", 1, 1), ("g", 1, 1), ("h", 1, 1), ("i", 1, 1)
    ]  # fmt: skip


def test_a_title_over_the_whole_sheet_makes_no_table_of_16_000_columns() -> None:
    book = book_of([["title"], ["a", "b"]])
    book.active.merge_cells("A1:XFD1")
    assert read(book).tables[0].n_columns == 2


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.517, "0.0%", "51,7%"),
        (0.517, "0%", "52%"),
        (342628, "#,##0", "342.628"),
        (342628, "General", "342628"),
        (1234.5, "#,##0.00", "1.234,50"),
        (51.7, "General", "51,7"),
        (58.0, "General", "58"),
        (1 / 3, "General", "0,333333333"),
        (8.145, "0.00", "8,15"),
        (1.005, "0.00", "1,01"),
        (-5, "0", "-5"),
        (-0.001, "0.0", "0,0"),
        (-5, "#,##0;(#,##0)", "(5)"),
        (-5, "0;[Red]0", "-5"),
        (5, "00", "05"),
        (12, '0" máy"', "12 máy"),
        (1500000, "#,##0,", "1.500"),
        (12.5, "0.##", "12,5"),
        (12, "0.##", "12"),
        (1234567, "[$₫-42A] #,##0", "₫ 1.234.567"),
        (51.7, '0.0"%"', "51,7%"),
        (5, "[>=1000]#,##0;0.0", "5,0"),
        (1234, '_-* #,##0_-;-* #,##0_-;_-* "-"??_-;_-@_-', "1.234"),
        (5, "@", "5"),
        (0.5, "# ?/?", "0,5"),
        (1e-7, "General", "0,0000001"),
    ],
)
def test_numbers_are_shown_as_on_a_vietnamese_screen(value: float, code: str, text: str) -> None:
    found = only_cell(value, code)
    assert (found.text, found.number, found.number_format, found.flags) == (text, value, code, ())


@pytest.mark.parametrize("value", [0, 1, 7, 10, 999, 1000, 58300, 1234567, 10**12])
@pytest.mark.parametrize("code", ["General", "0", "#,##0", "#,##0.00", "0.0"])
def test_what_is_shown_of_a_whole_number_reads_back_as_it(value: int, code: str) -> None:
    assert float(show_number(value, code).replace(".", "").replace(",", ".")) == value


def test_what_is_shown_has_no_noise_of_binary_fractions() -> None:
    assert show_number(0.1 + 0.2, "General") == "0,3"
    data = edited(saved(book_of([[0.3]])), SHEET, "<v>0.3</v>", "<v>0.30000000000000004</v>")
    assert read_xlsx(data, "0").tables[0].cells[0].text == "0,3"


def test_a_number_that_its_format_hides_is_flagged() -> None:
    assert (only_cell(58, ";;;").text, only_cell(58, ";;;").flags) == ("", ("number_not_shown",))
    dash = only_cell(0, '#,##0;-#,##0;"-"')
    assert (dash.text, dash.number, dash.flags) == ("-", 0, ("number_not_shown",))


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (datetime.date(2019, 5, 25), "mm-dd-yy", "25/05/2019"),
        (datetime.date(2019, 5, 25), '[$-42A]"ngày" dd "tháng" mm "năm" yyyy', "25/05/2019"),
        (datetime.date(2019, 5, 1), "mm/yyyy", "05/2019"),
        (datetime.datetime(2019, 5, 25, 14, 30), "dd/mm/yyyy hh:mm", "25/05/2019 14:30"),
        (datetime.time(14, 30), "h:mm", "14:30"),
    ],
)
def test_dates_are_texts(value: object, code: str, text: str) -> None:
    found = only_cell(value, code)
    assert (found.text, found.number) == (text, None)


def test_days_are_counted_from_1904_where_the_book_says_so() -> None:
    data = edited(
        saved(book_of([[0]], {"A1": "dd/mm/yyyy"})), "xl/workbook.xml", r"<workbookPr\b", '<workbookPr date1904="1"'
    )
    data = edited(data, SHEET, "<v>0</v>", "<v>42148</v>")
    assert read_xlsx(data, "0").tables[0].cells[0].text == "25/05/2019"


def test_truth_values_and_numbers_in_text_have_no_number() -> None:
    assert [(only_cell(value).text, only_cell(value).number) for value in (True, False, "58")] == [
        ("TRUE", None),
        ("FALSE", None),
        ("58", None),
    ]


def test_a_formula_has_its_stored_value() -> None:
    data = saved(book_of([[1, 2, "=SUM(A1:B1)", '=A1&""']]))
    data = edited(data, SHEET, r"(<f>SUM\(A1:B1\)</f>)<v ?/>|(<f>SUM\(A1:B1\)</f>)<v></v>", "<f>SUM(A1:B1)</f><v>3</v>")
    data = edited(data, SHEET, r'<c r="D1"[^>]*>', '<c r="D1" t="str">')
    found = read_xlsx(data, "0")
    assert [(cell.text, cell.number) for cell in found.tables[0].cells] == [("1", 1), ("2", 2), ("3", 3)]
    assert codes(found) == []


def test_a_formula_without_stored_value_is_flagged_and_never_zero() -> None:
    found = read(book_of([[1, "=SUM(A1:A1)"]]))
    cell = found.tables[0].cells[1]
    assert (cell.text, cell.number, cell.raw_text, cell.flags) == ("", None, "=SUM(A1:A1)", ("formula_without_value",))
    assert [(finding.code, dict(finding.details)["cells"]) for finding in found.findings] == [
        ("formula_without_value", "B1")
    ]


def test_a_formula_error_is_flagged() -> None:
    data = edited(
        saved(book_of([["x", "#REF!"]])), SHEET, '<c r="B1"[^>]*>.*?</c>', '<c r="B1" t="e"><f>Z9</f><v>#REF!</v></c>'
    )
    found = read_xlsx(data, "0")
    cell = found.tables[0].cells[1]
    assert (cell.text, cell.number, cell.flags, codes(found)) == ("#REF!", None, ("formula_error",), ["formula_error"])


def test_hidden_sheets_rows_and_columns_are_left_out_and_named() -> None:
    book = book_of([["a", "b", "c"], ["1", "2", "3"], ["4", "5", "6"]])
    book.active.title = "S"
    book.active.row_dimensions[2].hidden = True
    book.active.row_dimensions[9].hidden = True
    book.active.column_dimensions["B"].hidden = True
    for name, state in (("H", "hidden"), ("V", "veryHidden")):
        book.create_sheet(name)["A1"] = "secret"
        book[name].sheet_state = state
    found = read(book)
    assert [[cell and cell.text for cell in row] for row in rows_of(found.tables[0])] == [
        ["a", None, "c"],
        [None, None, None],
        ["4", None, "6"],
    ]
    assert [(finding.code, finding.place.sheet, dict(finding.details)) for finding in found.findings] == [
        ("hidden_rows", "S", {"count": "1", "rows": "2"}),
        ("hidden_columns", "S", {"count": "1", "columns": "B"}),
        ("hidden_sheet", "H", {}),
        ("hidden_sheet", "V", {}),
    ]


def test_a_merged_cell_whose_first_row_is_hidden_shows_in_the_next() -> None:
    book = book_of([["a", "b"], [None, "c"]])
    book.active.merge_cells("A1:A2")
    book.active.row_dimensions[1].hidden = True
    assert [(cell.text, cell.place.row) for cell in read(book).tables[0].cells] == [("a", 2), ("c", 2)]


def test_rich_text_is_read_whole_and_raised_figures_stay_apart() -> None:
    rich = CellRichText(
        "58", TextBlock(InlineFont(vertAlign="superscript"), "1"), TextBlock(InlineFont(b=True), " máy")
    )
    assert only_cell(rich).text == "58¹ máy"


def test_old_encodings_are_read_by_the_font_of_the_cell_or_of_the_run() -> None:
    book = openpyxl.Workbook()
    for row in range(1, 6):
        book.active[f"A{row}"] = "Tæng sè m¸y tÝnh cña ®¬n vÞ"
        book.active[f"A{row}"].font = Font(name=".VnTime")
    book.active["A6"] = CellRichText(
        TextBlock(InlineFont(rFont=".VnTimeH"), "tû lÖ "), TextBlock(InlineFont(rFont="Arial"), "58")
    )
    book.active["B6"] = 58
    found = read(book)
    cells = [cell for table in found.tables for cell in table.cells]
    assert [cell.text for cell in cells] == ["Tổng số máy tính của đơn vị"] * 5 + ["TỶ LỆ 58", "58"]
    assert (cells[0].raw_text, cells[6].number) == ("Tæng sè m¸y tÝnh cña ®¬n vÞ", 58)
    assert (found.encoding, found.findings) == (
        "tcvn3",
        (Finding("encoding_converted", details=(("encoding", "tcvn3"),)),),
    )


def test_texts_are_nfc_with_plain_spaces_and_lines() -> None:
    assert only_cell("  Tổng\u00a0số \r\n máy_x000D_\n ").text == "Tổng số\nmáy"


def test_formats_beyond_the_data_are_no_data() -> None:
    book = book_of([["a", "b"]])
    book.active["ZZ5000"].font = Font(b=True)
    found = read(book).tables[0]
    assert (found.n_rows, found.n_columns) == (1, 2)


HEADER = ["TT", "Nội dung", "Đơn vị", "Số liệu"]


def test_blank_rows_alone_split_no_table() -> None:
    rows = [HEADER, [1, "a", "chiếc", 5], [], [], [], ["II", "Ứng dụng"], [2, "b", "chiếc", 6]]
    assert [table.n_rows for table in read(book_of(rows)).tables] == [7]


def test_a_new_header_after_two_blank_rows_begins_a_table() -> None:
    rows = [HEADER, [1, "a", "chiếc", 5], [], [], ["Biểu 02"], ["TT", "Tên", "Phiên bản"], [1, "c", "2.0"]]
    assert [(table.place.table, table.first_row) for table in read(book_of(rows)).tables] == [(1, 1), (2, 5)]
    assert len(read(book_of(rows[:2] + rows[3:])).tables) == 1


def test_something_far_off_is_a_table_of_its_own() -> None:
    book = book_of([HEADER])
    book.active["A5000"], book.active["XFA1"] = "stray", "stray too"
    assert [(table.n_rows, table.n_columns) for table in read(book).tables] == [(1, 4), (1, 1), (1, 1)]


def test_sheets_come_in_the_order_of_their_tabs_and_blank_ones_give_no_table() -> None:
    book = book_of([["a"]])
    for name in ("blank", "last"):
        book.create_sheet(name)
    book["last"]["B2"] = "z"
    assert [(table.place.sheet, table.place.table) for table in read(book).tables] == [("Sheet", 1), ("last", 2)]


def test_the_limit_of_cells_stops_the_reading_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel_book, "MAX_CELLS", 50)
    found = read(book_of([[1] * 10] * 100))
    assert codes(found) == ["too_many_cells"]
    assert 50 <= len(found.tables[0].cells) <= 60


def test_a_million_and_a_half_tiny_cells_take_seconds() -> None:
    rows = "".join(f'<row r="{row}">{"<c><v>1</v></c>" * 1000}</row>' for row in range(1, 1601))
    data = edited(saved(book_of([[1]])), SHEET, "<sheetData>.*</sheetData>", f"<sheetData>{rows}</sheetData>")
    begun = time.process_time()
    source = make_source("x.xlsx", data, 0)
    assert source.reason == ""
    assert codes(read_document(source)) == ["too_many_cells"]
    assert time.process_time() - begun < 30


def test_the_strict_flavour_is_read() -> None:
    data = saved(book_of([["Tổng số", 0.517]], {"B1": "0.0%"}))
    for kind, last in (("spreadsheetml", "main"), ("officeDocument", "relationships")):
        old = f"http://schemas.openxmlformats.org/{kind}/2006/{last}"
        data = edited(data, "*", re.escape(old), f"http://purl.oclc.org/ooxml/{kind}/{last}")
    assert [cell.text for cell in read_xlsx(data, "0").tables[0].cells] == ["Tổng số", "51,7%"]


@pytest.mark.parametrize("reference", ["XFE1", "A1048577", "ÄÖ1", "A0"])
def test_a_cell_outside_any_sheet_makes_the_file_unreadable(reference: str) -> None:
    data = edited(saved(book_of([["a"]])), SHEET, 'r="A1"', f'r="{reference}"')
    assert codes(read_document(make_source("x", data, 0))) == ["unreadable"]


def test_every_value_is_the_one_that_openpyxl_reads() -> None:
    rows: list[list[object]] = [
        [
            None if (row * column) % 7 == 0 else row * 1.1 if column % 2 else f"nhãn {row}-{column}"
            for column in range(12)
        ]
        for row in range(1, 60)
    ]
    data = saved(book_of(rows))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    wanted = [(cell.row, cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    (found,) = read_xlsx(data, "0").tables
    assert [(c.place.row, c.text if c.number is None else c.number) for c in found.cells] == wanted
