"""Tables that a page end cuts are one table."""

from __future__ import annotations

from extract.model import Table
from extract.read import read_document
from extract.source import make_source
from tests.extract.pdf_files import pdf, rules, table, text

XS = (50, 90, 300, 380, 450, 550)


def _tables(data: bytes) -> list[Table]:
    return [table for table in read_document(make_source("a.pdf", data, 0)).tables if not table.prose]


def _texts(found: Table) -> list[tuple[int, int, str]]:
    return [(cell.place.row, cell.place.column, cell.text) for cell in found.cells if cell.text]


def test_a_header_that_a_page_end_cuts_above_its_lower_row_is_one_table_with_its_rows():
    upper = rules((50, 90, 300, 380, 550), (60, 40)) + "".join(
        text(x + 3, 46, words) for x, words in zip(XS, ("TT", "Noi dung", "Don vi", "So lieu bao cao"), strict=False)
    )
    lower = table(XS, 800, [("", "", "", "So lieu", "Ghi chu"), ("1", "So may chu", "May", "17", "tot")])
    (found,) = _tables(pdf([text(50, 700, "Bang 1") + upper, lower]))
    assert (found.n_rows, found.n_columns) == (3, 5)
    assert (1, 4, "So lieu bao cao") in _texts(found)
    assert (3, 4, "17") in _texts(found)
    spanning = next(cell for cell in found.cells if cell.text == "So lieu bao cao")
    assert spanning.column_span == 2


def test_a_numbered_table_with_fewer_columns_is_not_the_header_of_the_next_one():
    upper = table(
        (50, 90, 300, 380, 550), 100, [("1", "Mot", "Cai", "4"), ("2", "Hai", "Cai", "5"), ("3", "Ba", "", "6")]
    )
    lower = table(XS, 800, [("1", "So may", "May", "17", "tot"), ("2", "So nguoi", "Nguoi", "18", "")])
    assert [found.n_columns for found in _tables(pdf([upper, lower]))] == [4, 5]


def test_a_table_goes_on_over_landscape_pages_of_a_document_with_portrait_pages():
    portrait = "".join(text(50, y, "Van ban cua bao cao nay") for y in range(780, 40, -20))
    one = table(
        (50, 90, 500, 780), 540, [("TT", "Ten dich vu", "So ho so"), *((str(n), "Ten", "5") for n in range(1, 25))]
    )
    two = table((50, 90, 500, 780), 540, [(str(n), "Ten", "5") for n in range(25, 31)])
    wide = "/MediaBox [0 0 842 595]"
    (found,) = _tables(pdf([portrait, one, two], page_entries=["", wide, wide]))
    assert found.n_rows == 31
