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


def lines_page(rows: list[list[tuple[float, float, str]]], extra: str = "") -> str:
    """A page of cells as x, distance from the top, and words."""
    return extra + "".join(text(x, 800 - down, words) for row in rows for x, down, words in row)


HEADER = [(60, 40, "No"), (150, 40, "Item"), (300, 40, "Unit"), (400, 40, "Figure")]
COUNT = [(58, 52, "(1)"), (160, 52, "(2)"), (302, 52, "(3)"), (410, 52, "(4)")]


def test_a_figure_in_the_middle_of_its_label_stays_in_one_row() -> None:
    body = [
        [(90, 64, "Number of all computers that the")],
        [(62, 70, "1"), (304, 70, "pieces"), (412, 70, "58")],
        [(90, 76, "administrative offices have bought")],
        [(90, 88, "Number of all printers that the")],
        [(62, 94, "2"), (304, 94, "pieces"), (412, 94, "7")],
        [(90, 100, "administrative offices have bought")],
        [(62, 112, "3"), (90, 112, "Scanners"), (304, 112, "pieces"), (412, 112, "4")],
    ]
    (table,) = tables(read_pdf(pdf([lines_page([HEADER, COUNT, *body])]), ""))
    assert [row[3] for row in table] == ["Figure", "(4)", "58", "7", "4"]
    assert table[2][1] == "Number of all computers that the administrative offices have bought"


def test_a_table_without_rules_goes_on_over_the_page_without_its_header() -> None:
    first = [[(62, 64 + 15 * at, str(at + 1)), (90, 64 + 15 * at, f"Thing {at}"), (304, 64 + 15 * at, "pieces"),
              (412, 64 + 15 * at, str(at * 7))] for at in range(48)]  # fmt: skip
    second = [[(62, 55, "49"), (90, 55, "Last thing"), (304, 55, "pieces"), (412, 55, "5")]]  # fmt: skip
    found = tables(read_pdf(pdf([lines_page([HEADER, COUNT, *first]), lines_page(second)]), ""))
    assert len(found) == 1
    assert found[0][-1] == ["49", "Last thing", "pieces", "5"]
    assert len(found[0]) == 51


def test_text_between_two_tables_with_horizontal_rules_parts_them() -> None:
    def ruled(top: float, name: str) -> tuple[str, list[list[tuple[float, float, str]]]]:
        across = "".join(f"50 {800 - top - 20 * at} m 500 {800 - top - 20 * at} l S\n" for at in range(5))
        rows = [[(60, top + 14, "No"), (120, top + 14, name), (400, top + 14, "Figure")]]
        rows += [[(62, top + 14 + 20 * at, str(at)), (120, top + 14 + 20 * at, "Thing"), (410, top + 14 + 20 * at, "3")]
                 for at in range(1, 4)]  # fmt: skip
        return across, rows

    one, two = ruled(100, "First"), ruled(260, "Second")
    between = [[(50, 215, "A line of text that runs from the margin over the columns")]]
    found = tables(read_pdf(pdf([lines_page([*one[1], *between, *two[1]], one[0] + two[0])]), ""))
    assert [table[0][1] for table in found] == ["First", "Second"]
    assert {len(table) for table in found} == {4}


def test_a_section_heading_over_all_columns_does_not_cut_a_table() -> None:
    def row(at: int, number: str, name: str) -> list[tuple[float, float, str]]:
        return [(62, 64 + 15 * at, number), (90, 64 + 15 * at, name), (304, 64 + 15 * at, "pieces"),
                (412, 64 + 15 * at, "3")]  # fmt: skip

    rows = [row(at, str(at + 1), "Thing") for at in range(5)]
    rows += [[(62, 139, "B"), (150, 139, "Heading of a section that runs over the columns of the table")]]
    rows += [row(at, str(at - 5), "Other thing") for at in range(6, 11)]
    (table,) = tables(read_pdf(pdf([lines_page([HEADER, COUNT, *rows])]), ""))
    assert [each[0] for each in table[2:]] == ["1", "2", "3", "4", "5", "B", "1", "2", "3", "4", "5"]


def test_a_longer_number_wrapped_in_a_narrow_column_is_one_number() -> None:
    body = [
        [(62, 64, "5."), (90, 64, "Texts that are exchanged"), (412, 64, "9")],
        [(60, 76, "5.1."), (90, 76, "Share of the texts that the departments have"), (304, 76, "%"), (412, 76, "80")],
        [(64, 88, "1."), (90, 88, "exchanged")],
        [(60, 100, "5.1."), (90, 100, "Share of the texts that the communes have"), (304, 100, "%"), (412, 100, "70")],
        [(64, 112, "2."), (90, 112, "exchanged")],
        [(62, 124, "6."), (90, 124, "Online services"), (412, 124, "3")],
    ]
    (table,) = tables(read_pdf(pdf([lines_page([HEADER, COUNT, *body])]), ""))
    assert [(row[0].replace(" ", ""), row[3]) for row in table[2:]] == [
        ("5.", "9"), ("5.1.1.", "80"), ("5.1.2.", "70"), ("6.", "3")]  # fmt: skip


def form_at(x: float, times: int, count: int = 11) -> list[list[tuple[float, float, str]]]:
    """A table of item numbers, names, units and figures, that are so many times the numbers."""
    rows = [[(x, 100.0, "No"), (x + 40, 100.0, "Item"), (x + 130, 100.0, "Unit"), (x + 180, 100.0, "Figure")]]
    for at in range(1, count):
        top = 100.0 + 15 * at
        rows.append([(x + 2, top, str(at)), (x + 40, top, f"Thing {at}"), (x + 130, top, "pieces"),
                     (x + 190, top, str(at * times))])  # fmt: skip
    return rows


def figures(table: list[list[str]]) -> list[str]:
    return [row[3] for row in table[1:]]


def test_two_tables_beside_each_other_are_two_tables() -> None:
    left, right = form_at(50, 3), form_at(320, 7, 8)
    rows = [one + (right[at] if at < len(right) else []) for at, one in enumerate(left)]
    one, other = tables(read_pdf(pdf([lines_page(rows)]), ""))
    assert figures(one) == [str(3 * at) for at in range(1, 11)]
    assert figures(other) == [str(7 * at) for at in range(1, 8)]


def test_a_watermark_behind_a_table_is_no_part_of_it() -> None:
    mark = "q 0.8 g 0.707 0.707 -0.707 0.707 120 560 cm BT /F1 60 Tf 0 0 Td (CONFIDENTIAL) Tj ET Q\n"
    (table,) = tables(read_pdf(pdf([lines_page(form_at(60, 3), mark)]), ""))
    assert figures(table) == [str(3 * at) for at in range(1, 11)]
    assert [row[1] for row in table[1:]] == [f"Thing {at}" for at in range(1, 11)]


def test_a_larger_stamp_over_cells_leaves_them_readable() -> None:
    stamp = "q 1 0 0 rg BT /F1 14 Tf 150 655 Td (RECEIVED 12/7/2019) Tj ET Q\n"
    document = read_pdf(pdf([lines_page(form_at(60, 3), stamp)]), "")
    (table,) = tables(document)
    assert figures(table) == [str(3 * at) for at in range(1, 11)]
    assert any("RECEIVED 12/7/2019" in cell.text for each in document.tables if each.prose for cell in each.cells)


def test_a_page_number_below_a_table_that_goes_on_is_no_row_of_it() -> None:
    first = [[(62, 64 + 15 * at, str(at + 1)), (90, 64 + 15 * at, f"Thing {at}"), (304, 64 + 15 * at, "pieces"),
              (412, 64 + 15 * at, str(at * 7))] for at in range(47)]  # fmt: skip
    second = [[(62, 55, "48"), (90, 55, "Last thing"), (304, 55, "pieces"), (412, 55, "5")], [(290, 785, "2")]]
    pages = [lines_page([HEADER, COUNT, *first, [(290, 785, "1")]]), lines_page(second)]
    (table,) = tables(read_pdf(pdf(pages), ""))
    assert [row[0] for row in table[2:]] == [str(at) for at in range(1, 49)]


def test_a_table_without_rules_on_a_turned_page_is_found() -> None:
    (table,) = tables(read_pdf(pdf([lines_page(form_at(60, 3))], page_entries="/Rotate 90"), ""))
    assert figures(table) == [str(3 * at) for at in range(1, 11)]


def test_a_header_alone_at_the_foot_of_a_page_heads_the_table_on_the_next() -> None:
    body = [[(62, 55 + 15 * at, str(at)), (150, 55 + 15 * at, f"Thing {at}"), (302, 55 + 15 * at, "pieces"),
             (405, 55 + 15 * at, str(at * 7))] for at in range(1, 6)]  # fmt: skip
    head = [[(x, 735, words) for x, _, words in HEADER]]
    (table,) = tables(read_pdf(pdf([lines_page([[(60, 100, "Some text")], *head]), lines_page(body)]), ""))
    assert table[0] == ["No", "Item", "Unit", "Figure"]
    assert figures(table) == ["7", "14", "21", "28", "35"]


def test_a_row_that_may_be_parted_otherwise_is_flagged() -> None:
    body = [
        [(62, 64, "1"), (90, 64, "Computers that the offices have bought"), (304, 64, "pieces"), (412, 64, "58")],
        [(62, 76, "2"), (90, 76, "Printers of the offices"), (304, 76, "pieces"), (412, 76, "7")],
        [(90, 88, "Scanners of the offices")],
        [(304, 100, "pieces"), (412, 100, "9")],
        [(62, 112, "3"), (90, 112, "Cameras of the offices"), (304, 112, "pieces"), (412, 112, "4")],
    ]
    document = read_pdf(pdf([lines_page([HEADER, COUNT, *body])]), "")
    flagged = {cell.text: "row_unsure" in cell.flags for table in document.tables for cell in table.cells}
    assert flagged["7"], "the line below may belong to its label or be another one"
    assert not flagged["58"]
