from __future__ import annotations

from pathlib import Path

from extract.model import Document, rows_of
from extract.pdf import read_pdf
from tests.extract.pdf_files import pdf, text

DATA = Path(__file__).parents[1] / "data" / "pdf"


def tables(document: Document) -> list[list[list[str]]]:
    return [
        [[cell.text.replace("\n", " ") if cell else "" for cell in row] for row in rows_of(table)]
        for table in document.tables
        if not table.prose
    ]


def page(rows: list[list[tuple[float, str]]], step: float = 14) -> Document:
    content = "".join(text(x, 700 - step * at, words) for at, row in enumerate(rows) for x, words in row)
    return read_pdf(pdf([content]), "")


def row_of(table: list[list[str]], number: str) -> list[str]:
    return next(row for row in table if row[0] == number)


def test_a_form_without_rules_is_one_table_with_its_figures_in_their_rows() -> None:
    (table,) = tables(read_pdf((DATA / "form-without-rules.pdf").read_bytes(), ""))
    assert {len(row) for row in table} == {5}
    assert table[0][0] == "STT"
    assert row_of(table, "3.")[2:4] == ["%", "100"]
    assert row_of(table, "2.")[3] == "2"


def test_the_lines_of_one_label_stay_one_row() -> None:
    (table,) = tables(read_pdf((DATA / "form-without-rules.pdf").read_bytes(), ""))
    numbers = [row[0] for row in table if row[0]]
    assert numbers[1:8] == ["1.", "2.", "3.", "4.", "5.", "5.1.", "5.1.1."]
    assert len(table) == len(numbers) + 1, "only the second line of the header has no number"


def test_a_form_with_horizontal_rules_is_read_by_them() -> None:
    (table,) = tables(read_pdf((DATA / "form-horizontal-rules.pdf").read_bytes(), ""))
    assert row_of(table, "3.")[2:4] == ["%", "100"]


def test_figures_under_headings_become_columns() -> None:
    found = page([
        [(60, "Name"), (200, "2018"), (260, "2019")],
        [(60, "Servers"), (205, "12"), (265, "14")],
        [(60, "Printers"), (205, "7"), (265, "-")],
        [(60, "Scanners"), (205, "3"), (265, "4")],
    ])  # fmt: skip
    expected = [["Name", "2018", "2019"], ["Servers", "12", "14"], ["Printers", "7", "-"], ["Scanners", "3", "4"]]
    assert tables(found) == [expected]


def test_a_letterhead_of_two_columns_stays_text() -> None:
    found = page([
        [(60, "PROVINCE OF NOWHERE"), (300, "THE REPUBLIC")],
        [(60, "DEPARTMENT OF JUSTICE"), (300, "Freedom and happiness")],
        [(60, "No. 15/BC-STP"), (300, "Nowhere, 5 July 2019")],
    ])  # fmt: skip
    assert tables(found) == []


def test_a_signature_block_stays_text() -> None:
    found = page([
        [(60, "Written by"), (220, "Checked by"), (400, "Head of office")],
        [(60, "(signed)"), (220, "(signed)"), (400, "(signed, sealed)")],
        [(60, "A. Writer"), (220, "B. Checker"), (400, "C. Head")],
    ])  # fmt: skip
    assert tables(found) == []


def test_numbered_paragraphs_stay_text() -> None:
    found = page([[(60, f"{at}."), (90, f"Paragraph {at} says something in a few words")] for at in range(1, 7)])
    assert tables(found) == []


def test_fill_in_lines_stay_text() -> None:
    found = page([[(60, f"Number of things of kind {at}:"), (300, str(at * 7))] for at in range(1, 7)])
    assert tables(found) == []


def test_outer_columns_without_verticals_belong_to_the_table() -> None:
    across = "".join(f"60 {y} m 420 {y} l S\n" for y in (700, 680, 660, 640))
    down = "180 700 m 180 640 l S\n300 700 m 300 640 l S\n"
    cells = "".join(
        text(x, 686 - 20 * at, words)
        for at, row in enumerate((("", "2018", "2019"), ("Servers", "12", "14"), ("Printers", "7", "9")))
        for x, words in zip((65, 190, 310), row, strict=True)
        if words
    )
    found = tables(read_pdf(pdf([across + down + cells]), ""))
    assert found == [[["", "2018", "2019"], ["Servers", "12", "14"], ["Printers", "7", "9"]]]
