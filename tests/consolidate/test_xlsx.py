from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest

from consolidate.sheets import (
    NO_CELL,
    Look,
    Row,
    Sheet,
    any_cell,
    column_name,
    empty_cell,
    formula_cell,
    note,
    number_cell,
    text_cell,
)
from consolidate.xlsx import write_xlsx

TEXTS = (
    "a & b < c > d",
    " spaces ",
    "two\nlines",
    "tab\there",
    "]]>",
    "=1+1",
    "-5",
    "'x",
    "Đơn vị",
    "\u202e",
    "𝔸",
)


def written(tmp_path: Path, *sheets: Sheet) -> openpyxl.Workbook:
    write_xlsx(tmp_path / "book.xlsx", sheets)
    return openpyxl.load_workbook(tmp_path / "book.xlsx")


def test_every_text_comes_back_as_it_was_and_as_text(tmp_path: Path):
    book = written(tmp_path, Sheet("one", [Row([text_cell(text, Look()) for text in TEXTS])]))
    cells = list(book["one"][1])
    assert tuple(cell.value for cell in cells) == TEXTS
    assert all(cell.data_type == "s" for cell in cells)
    assert [cell.value for cell in cells if cell.quotePrefix] == ["=1+1", "-5"]


def test_what_no_file_can_hold_is_replaced(tmp_path: Path):
    book = written(tmp_path, Sheet("one", [Row([text_cell("a\x00b\ud800c\uffff", Look())])]))
    assert book["one"]["A1"].value == "a�b�c�"
    assert text_cell("a\r\nb\rc", Look()).value == "a\nb\nc"
    assert note("a\x1fb" * 900).startswith("a�ba�b") and len(note("x" * 9000)) == 1500


def test_numbers_formulas_and_nothing_keep_their_places(tmp_path: Path):
    look = Look(bold=True)
    cells = [number_cell(1, None), NO_CELL, any_cell(0.1, look), empty_cell(look)]
    cells += [
        any_cell(None, look),
        formula_cell('=IF(A1<2,"&",3)', look),
        number_cell(12345678901, look),
    ]
    rows = [Row(cells), Row(()), Row([text_cell("", look)]), Row([text_cell("x", look)], 40)]
    book = written(tmp_path, Sheet("one", rows))
    values = [[cell.value for cell in row] for row in book["one"].iter_rows(max_row=3, max_col=7)]
    assert values[0] == [1, None, 0.1, None, None, '=IF(A1<2,"&",3)', 12345678901]
    assert book["one"]["F1"].data_type == "f" and book["one"]["C1"].font.bold and not book["one"]["A1"].font.bold
    assert book["one"].row_dimensions[4].height == pytest.approx(40, abs=0.5)


def test_looks_come_back(tmp_path: Path):
    look = Look(True, 14, "total", True, "right", True, 2, '[=1]"Có";General')
    cell: Any = written(tmp_path, Sheet("one", [Row([number_cell(1, look)])]))["one"]["A1"]
    assert (cell.font.bold, cell.font.sz, cell.font.name) == (True, 14, "Times New Roman")
    assert cell.fill.start_color.rgb[2:] == "E2EFDA" and cell.border.left.style == "thin"
    assert (cell.alignment.horizontal, cell.alignment.wrap_text, cell.alignment.indent) == ("right", True, 2)
    assert cell.number_format == '[=1]"Có";General'


def test_notes_belong_to_their_cells(tmp_path: Path):
    rows = [Row([text_cell("x", Look())] * 3, notes={3: "c & d\n e", 1: "a"}) for _ in range(2)]
    book = written(tmp_path, Sheet("none", []), Sheet("some", rows), Sheet("more", rows[:1]))
    told = {cell.coordinate: cell.comment.text for row in book["some"].iter_rows() for cell in row if cell.comment}
    assert told == {"A1": "a", "C1": "c & d\n e", "A2": "a", "C2": "c & d\n e"}
    assert book["more"]["C1"].comment is not None and book["more"]["B1"].comment is None


def test_what_a_sheet_freezes_filters_prints_and_offers(tmp_path: Path):
    rows = [Row([text_cell(name, Look()) for name in "abc"]) for _ in range(3)]
    full = Sheet("O'Neil & <sons>", rows, (10, 20, 30.5), 2, 3, 1, 1, 4, "Page &P", ("B3:B3", "$A$1:$A$2"))
    book = written(tmp_path, full, Sheet("plain", [], (5,), 1, 1), Sheet("hidden", [], hidden=True))
    sheet = book["O'Neil & <sons>"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B3", "A2:C3")
    assert (sheet.print_title_rows, sheet.print_title_cols) == ("$2:$2", "$A:$A")
    assert sheet.column_dimensions["C"].width == pytest.approx(30.5, abs=1) and sheet.oddFooter.center.text == "Page &P"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth) == ("landscape", 4)
    (choice,) = sheet.data_validations.dataValidation
    assert (str(choice.sqref), choice.formula1) == ("B3", "$A$1:$A$2")
    assert book["plain"].freeze_panes == "A2" and book["hidden"].sheet_state == "hidden"


def test_sheets_of_one_name_are_told_apart(tmp_path: Path):
    assert written(tmp_path, *(Sheet(name, []) for name in ("a", "A", "a"))).sheetnames == ["a", "A1", "a2"]


@pytest.mark.parametrize(
    ("number", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA"), (16384, "XFD")]
)
def test_columns_are_named(number: int, name: str):
    assert column_name(number) == name


def test_the_same_sheets_give_the_same_bytes(tmp_path: Path):
    def once() -> bytes:
        written(tmp_path, Sheet("one", [Row([text_cell("x", Look())], notes={1: "n"})]))
        return (tmp_path / "book.xlsx").read_bytes()

    first = once()
    time.sleep(1.1)  # the times in a file count whole seconds
    assert once() == first


def test_a_file_that_cannot_be_written_is_told_of(tmp_path: Path):
    with pytest.raises(OSError, match="none"):
        write_xlsx(tmp_path / "none" / "book.xlsx", [Sheet("one", [])])


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_an_office_program_reads_the_same(tmp_path: Path):
    cells = [number_cell(40, Look()), number_cell(2, Look()), formula_cell("=SUM(A1:B1)", Look())]
    written(tmp_path, Sheet("one", [Row([*cells, text_cell("=1+1", Look())], notes={1: "why"})]))
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "ods:calc8"]
    subprocess.run([*command, str(tmp_path / "book.xlsx")], check=True, capture_output=True, timeout=120, cwd=tmp_path)
    with ZipFile(tmp_path / "book.ods") as archive:
        content = archive.read("content.xml").decode()
    assert 'office:value="42"' in content and ">=1+1<" in content and ">why<" in content
