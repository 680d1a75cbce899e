from __future__ import annotations

import time
from pathlib import Path

import pytest

from extract.model import Document, Table, rows_of
from extract.pdf import read_pdf
from tests.extract.pdf_files import pdf, rules, table, text

DATA = Path(__file__).parents[1] / "data" / "pdf"
COLUMNS = (50, 90, 350, 450, 540)


def read(data: bytes) -> Document:
    return read_pdf(data, "0" * 64)


def grids(document: Document) -> list[Table]:
    return [found for found in document.tables if not found.prose]


def texts(found: Table) -> list[list[str | None]]:
    return [[None if cell is None else cell.text for cell in row] for row in rows_of(found)]


def prose(document: Document) -> list[str]:
    return [cell.text for found in document.tables if found.prose for cell in found.cells]


def codes(document: Document) -> list[str]:
    return [finding.code for finding in document.findings]


def pdfplumber_tables(path: Path) -> list[list[list[str | None]]]:
    import pdfplumber

    with pdfplumber.open(path) as file:
        return [found for page in file.pages for found in page.extract_tables()]


@pytest.mark.parametrize("name", ["ruled.pdf", "two-fonts.pdf"])
def test_cells_are_those_of_pdfplumber(name: str) -> None:
    (theirs,) = pdfplumber_tables(DATA / name)
    (ours,) = grids(read((DATA / name).read_bytes()))
    assert texts(ours) == theirs


def test_cells_over_the_pages_are_those_of_pdfplumber_without_the_repeated_headers() -> None:
    expected, *rest = pdfplumber_tables(DATA / "commune.pdf")
    for page in rest:
        body = page[2:]
        if body[0][0] == "":  # this form numbers every row: one without number was cut by the page end
            expected[-1] = ["\n".join(filter(None, pair)) for pair in zip(expected[-1], body.pop(0), strict=True)]
        expected += body
    (ours,) = grids(read((DATA / "commune.pdf").read_bytes()))
    assert texts(ours) == expected
    assert ours.n_rows == len(expected) and {cell.place.page for cell in ours.cells} == {1, 2, 3}


def test_letters_of_a_second_font_stand_in_their_words() -> None:
    (found,) = grids(read((DATA / "two-fonts.pdf").read_bytes()))
    labels = [(cell.text or "").replace("\n", " ") for cell in found.cells if cell.place.column == 2]
    assert "- Tổng số máy tính tại cơ quan, đơn vị:" in labels


def test_words_are_ordered_by_place_and_not_by_stream() -> None:
    page = text(85, 700, "second") + text(60, 700, "first") + text(60, 720, "above")
    assert prose(read(pdf([page]))) == ["above", "first second"]


def test_a_merged_cell_spans_and_an_empty_one_is_there() -> None:
    lines = rules((50, 150, 250), (700, 680)) + rules((50, 250), (720, 700)) + text(60, 706, "Total")
    (found,) = grids(read(pdf([lines + text(60, 686, "58")])))
    spans = [(cell.text, cell.row_span, cell.column_span) for cell in found.cells]
    assert spans == [("Total", 1, 2), ("58", 1, 1), ("", 1, 1)]
    assert found.cells[0].place.box == (50.0, 122.0, 250.0, 142.0)


def test_a_table_goes_on_over_the_page_and_its_header_is_kept_once() -> None:
    header = ["TT", "Label", "Unit", "Value"]
    first = table(COLUMNS, 800, [header, *([str(n), f"row {n}", "", str(n * 7)] for n in range(1, 37))])
    second = table(COLUMNS, 800, [header, ["37", "row 37", "", "259"], ["", "total", "", ""]])
    (found,) = grids(read(pdf([first, second])))
    assert found.n_rows == 39
    assert texts(found)[-2:] == [["37", "row 37", "", "259"], ["", "total", "", ""]]
    assert [cell.place.page for cell in found.cells[-4:]] == [2] * 4


def test_a_page_number_between_does_not_cut_a_table() -> None:
    rows = [[str(n), f"row {n}", "", str(n)] for n in range(1, 36)]
    pages = [table(COLUMNS, 800, rows) + text(295, 30, str(number)) for number in (1, 2, 3)]
    document = read(pdf(pages))
    (found,) = grids(document)
    assert found.n_rows == 105
    numbers = [cell for each in document.tables if each.prose for cell in each.cells]
    assert [cell.text for cell in numbers] == ["1", "2", "3"]
    assert all("running_line" in cell.flags for cell in numbers)


def test_a_caption_between_pages_begins_a_new_table() -> None:
    rows = [[str(n), f"row {n}", "", str(n)] for n in range(1, 36)]
    document = read(pdf([table(COLUMNS, 800, rows), text(50, 810, "Second table") + table(COLUMNS, 790, rows)]))
    assert [found.n_rows for found in grids(document)] == [35, 35]


def test_other_columns_on_the_next_page_are_another_table() -> None:
    rows = [[str(n), "row", "", ""] for n in range(1, 36)]
    document = read(pdf([table(COLUMNS, 800, rows), table(COLUMNS[:4], 800, [row[:3] for row in rows])]))
    assert [found.n_columns for found in grids(document)] == [4, 3]


def test_a_row_cut_by_the_page_end_is_one_row_again() -> None:
    rows = [[str(n), f"row {n}", "", str(n)] for n in range(1, 35)]
    cut = ["35", "the share of all offices whose people have now learned to", "%", "98,3"]
    first = table(COLUMNS, 800, [*rows, cut])
    second = table(COLUMNS, 800, [["", "use it", "", ""], ["36", "Next", "", "1"]])
    (found,) = grids(read(pdf([first, second])))
    assert texts(found)[-2:] == [["35", f"{cut[1]}\nuse it", "%", "98,3"], ["36", "Next", "", "1"]]


def test_a_row_without_number_on_the_next_page_stays_a_row() -> None:
    rows = [["" if n % 2 else str(n), f"row {n}", "", str(n)] for n in range(1, 36)]
    (found,) = grids(read(pdf([table(COLUMNS, 800, rows), table(COLUMNS, 800, [["", "- of these", "", "3"]])])))
    assert texts(found)[-1] == ["", "- of these", "", "3"]


def test_a_wrapped_paragraph_is_one_row_and_fill_in_lines_are_rows_of_their_own() -> None:
    long = "The office reports here the number of filings that it has received by the internet and also on"
    lines = [long, "paper since the year began.", "- Filings: 17", "- Of these on time: 12", "2. Staff", "Number: 43"]
    page = "".join(text(50, 700 - 14 * at, line, 12) for at, line in enumerate(lines))
    assert prose(read(pdf([page]))) == [f"{long} {lines[1]}", *lines[2:]]


def test_text_and_tables_come_in_reading_order() -> None:
    page = (
        text(50, 800, "above") + table(COLUMNS, 780, [["1", "a", "", ""], ["2", "b", "", ""]]) + text(50, 700, "below")
    )
    found = read(pdf([page])).tables
    assert [(each.prose, each.cells[0].text, each.place.table) for each in found] == [
        (True, "above", 1),
        (False, "1", 2),
        (True, "below", 3),
    ]


def test_a_turned_page_reads_like_an_upright_one() -> None:
    turned = "0 1 -1 0 595 0 cm\n" + table((50, 90, 350), 500, [["1", "first"], ["2", "second"]])
    (found,) = grids(read(pdf([turned], page_entries="/Rotate 90")))
    assert texts(found) == [["1", "first"], ["2", "second"]]


def test_a_page_whose_text_reads_upwards_is_turned() -> None:
    sideways = "0 1 -1 0 595 0 cm\n" + table((50, 90, 350), 500, [["1", "first"], ["2", "second"]])
    (found,) = grids(read(pdf([sideways])))
    assert texts(found) == [["1", "first"], ["2", "second"]]


def test_a_page_whose_text_reads_downwards_is_turned() -> None:
    sideways = "0 -1 1 0 0 842 cm\n" + table((50, 90, 350), 500, [["1", "first"], ["2", "second"]])
    (found,) = grids(read(pdf([sideways])))
    assert texts(found) == [["1", "first"], ["2", "second"]]


def test_a_header_written_upwards_in_its_cell_is_read_along_its_lines() -> None:
    upwards = "".join(
        f"BT /F1 10 Tf 0 1 -1 0 {x} 705 Tm ({words}) Tj ET\n" for x, words in ((62, "Total"), (76, "number"))
    )
    level = text(110, 730, "All the other headers are level") + text(60, 686, "58")
    page = rules((50, 90, 350), (680, 700, 780)) + upwards + level
    (found,) = grids(read(pdf([page])))
    assert texts(found) == [["Total\nnumber", "All the other headers are level"], ["58", ""]]


def test_a_figure_that_runs_over_a_rule_is_not_cut_in_two() -> None:
    page = rules((50, 150, 250), (660, 680, 700)) + text(130, 686, "342.628") + text(60, 666, "a") + text(160, 666, "b")
    (found,) = grids(read(pdf([page])))
    assert texts(found) == [["342.628", ""], ["a", "b"]]


def test_a_letter_drawn_twice_for_bold_is_read_once() -> None:
    assert prose(read(pdf([text(50, 700, "Total") + text(50.3, 700, "Total")]))) == ["Total"]


def test_a_page_without_text_is_a_finding_with_its_page() -> None:
    document = read(pdf([text(50, 700, "one"), "50 50 100 100 re f"]))
    assert [(finding.code, finding.place.page) for finding in document.findings] == [("page_without_text", 2)]


def test_a_page_the_parser_fails_on_is_read_by_pdfplumber_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError

    expected = grids(read((DATA / "ruled.pdf").read_bytes()))
    monkeypatch.setattr("extract.pdf.read_page", fail)
    document = read((DATA / "ruled.pdf").read_bytes())
    assert [texts(found) for found in grids(document)] == [texts(found) for found in expected]
    assert codes(document) == ["page_letters_unchecked"]


def test_an_encrypted_file_is_a_finding() -> None:
    document = read((DATA / "encrypted.pdf").read_bytes())
    assert codes(document) == ["encrypted"] and document.tables == ()


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"no pdf at all", (DATA / "ruled.pdf").read_bytes()[:3000]])
def test_a_broken_file_is_a_finding(data: bytes) -> None:
    document = read(data)
    assert document.tables == () and set(codes(document)) & {"unreadable", "page_without_text"}


def test_forms_that_call_each_other_do_not_blow_up() -> None:
    form = (
        "<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /Length {} /Resources << /Font << /F1 5 0 R >> {} >> >>"
    )
    forms = []
    for number in range(6, 26):
        content = f"/X{number + 1} Do /X{number + 1} Do" if number < 25 else text(50, 700, "deep")
        names = f"/XObject << /X{number + 1} {number + 1} 0 R >>" if number < 25 else ""
        forms.append(form.format(len(content), names) + f"\nstream\n{content}\nendstream")
    begin = time.process_time()
    document = read(pdf(["/X6 Do"], extra=forms))
    assert time.process_time() - begin < 5
    assert codes(document) == ["page_too_complex", "page_without_text"]


def test_a_page_of_countless_lines_is_a_finding_and_its_text_is_kept() -> None:
    mesh = "".join(f"{4 * n} 0 m {4 * n} 842 l S 0 {5 * n} m 595 {5 * n} l S\n" for n in range(150))
    begin = time.process_time()
    document = read(pdf([mesh + text(50, 700, "kept")]))
    assert time.process_time() - begin < 5
    assert codes(document) == ["page_too_complex"] and prose(document) == ["kept"]
