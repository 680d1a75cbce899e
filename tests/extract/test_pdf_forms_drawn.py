"""Tables without rules whose cells were drawn one after the other, row by row, as most programs draw them."""

from __future__ import annotations

from collections.abc import Sequence

from extract.model import rows_of
from extract.pdf import read_pdf
from tests.extract.pdf_files import pdf, text

XS = (60, 90, 300, 400)
LINE, ROW = 12.0, 12.4
"""From line to line in a cell, and from the last line of a row to the next row."""

Cell = Sequence[str]
"""The lines of a cell."""


def by_cells(rows: Sequence[Sequence[Cell]], top: float = 60, xs: Sequence[float] = XS, middle: bool = False) -> str:
    """Draw cell by cell, the lines of a cell one below the other, aligned at the top or in the middle."""
    drawn, base = "", 842.0 - top
    for row in rows:
        height = max(len(cell) for cell in row)
        for x, cell in zip(xs, row, strict=False):
            off = LINE * (height - len(cell)) / 2 if middle else 0.0
            drawn += "".join(text(x, base - off - LINE * at, line) for at, line in enumerate(cell))
        base -= LINE * (height - 1) + ROW
    return drawn


def tables(*pages: str) -> list[list[list[str]]]:
    return [
        [[cell.text.replace("\n", " ") if cell else "" for cell in row] for row in rows_of(table)]
        for table in read_pdf(pdf(pages), "").tables
        if not table.prose
    ]


HEADER: list[Cell] = [["No"], ["Item"], ["Unit"], ["Figure"]]
FORM: list[list[Cell]] = [
    HEADER,
    [["1"], ["Computers that the", "departments have"], ["pieces"], ["58"]],
    [[], ["of them bought", "this year"], ["pieces"], ["7"]],
    [["2"], ["Printers and", "Scanners and", "Plotters"], ["pieces"], ["4"]],
    [["3"], ["Servers"], ["pieces"], ["2"]],
    [["4"], ["Websites", "Of the province"], ["sites"], ["9"]],
]
READ = [
    ["No", "Item", "Unit", "Figure"],
    ["1", "Computers that the departments have", "pieces", "58"],
    ["", "of them bought this year", "pieces", "7"],
    ["2", "Printers and Scanners and Plotters", "pieces", "4"],
    ["3", "Servers", "pieces", "2"],
    ["4", "Websites Of the province", "sites", "9"],
]


def test_lines_are_one_row_whose_cells_were_drawn_before_the_next_row() -> None:
    assert tables(by_cells(FORM)) == [READ]


def test_cells_aligned_in_their_middle_stay_in_their_rows() -> None:
    assert tables(by_cells(FORM, middle=True)) == [READ]


def test_paragraphs_of_a_cell_without_figures_beside_it_are_one_row() -> None:
    explained = [["5"], ["Exchange of texts", "Explained: texts that are sent", "Texts that come", "All others"]]
    found = tables(by_cells([*FORM, explained, [["6"], ["Offices"], ["offices"], ["3"]]]))
    assert found == [[
        *READ,
        ["5", "Exchange of texts Explained: texts that are sent Texts that come All others", "", ""],
        ["6", "Offices", "offices", "3"],
    ]]  # fmt: skip


def test_a_label_without_a_figure_is_a_row_where_lines_stand_further_apart() -> None:
    rows: list[list[Cell]] = [*FORM, *FORM[1:], [["5"], ["Online services"]], [[], ["Declared in table 2"]], FORM[4]]
    (found,) = tables(by_cells(rows))
    assert found[11:] == [["5", "Online services", "", ""], ["", "Declared in table 2", "", ""], READ[4]]


def test_headings_over_others_wrap_as_they_like_and_stay_two_rows() -> None:
    xs = (60, 110, 230, 300, 370)
    header: list[list[Cell]] = [
        [["Name"], ["Address"], ["Use"], [], ["Notes of", "the office", "in words"]],
        [[], [], ["Online", "cases", "this year", "so far"], ["All", "cases"], []],
    ]
    body: list[list[Cell]] = [
        [["Births"], ["one.example", "/births"], ["12"], ["30"], ["none"]],
        [["Deaths"], ["one.example", "/deaths"], ["7"], ["9"], ["late"]],
        [["Marriages", "abroad"], ["one.example"], ["5"], ["6"], []],
    ]
    upper = by_cells(header[:1], xs=(60, 110, 262, 300, 370))
    assert tables(upper + by_cells(header[1:], 72, xs) + by_cells(body, 122, xs)) == [[
        ["Name", "Address", "Use", "", "Notes of the office in words"],
        ["", "", "Online cases this year so far", "All cases", ""],
        ["Births", "one.example /births", "12", "30", "none"],
        ["Deaths", "one.example /deaths", "7", "9", "late"],
        ["Marriages abroad", "one.example", "5", "6", ""],
    ]]  # fmt: skip


def test_figures_of_two_columns_stay_apart_where_no_row_fills_both() -> None:
    xs = (60, 110, 240, 330)
    rows: list[list[Cell]] = [
        [["No"], ["Name of", "the service"], ["Cases this year"], ["Signed with a", "telephone"]],
        [["1"], ["Births and", "deaths"], ["106"], []],
        [["2"], ["Marriages and", "others"], [], ["0"]],
        [["3"], ["Licences of", "all kinds"], ["41"], []],
    ]
    (found,) = tables(by_cells(rows, xs=xs))
    assert [row[2:] for row in found[1:]] == [["106", ""], ["", "0"], ["41", ""]]


def test_a_table_drawn_column_by_column_keeps_its_rows() -> None:
    columns = list(zip(*([cell[0] if cell else "" for cell in row] for row in FORM if row[0]), strict=True))
    drawn = "".join(
        text(x, 780 - 16 * at, line) for x, column in zip(XS, columns, strict=True) for at, line in enumerate(column)
    )
    assert [row[3] for row in tables(drawn)[0]] == ["Figure", "58", "4", "2", "9"]


def test_a_row_that_a_page_end_cuts_is_one_row() -> None:
    rows: list[list[Cell]] = [HEADER]
    rows += [[[str(at)], ["Things that the departments", f"have bought in year {at}"], ["pieces"], [str(at * 7)]]
             for at in range(1, 29)]  # fmt: skip
    cut: list[Cell] = [["29"], ["Things that the departments"], ["pieces"], ["203"]]
    rest: list[list[Cell]] = [[[], ["have bought in year 29"], [], []], [["30"], ["Others"], ["pieces"], ["1"]]]
    (found,) = tables(by_cells([*rows, cut], 45), by_cells(rest, 45))
    assert found[-2:] == [
        ["29", "Things that the departments have bought in year 29", "pieces", "203"],
        ["30", "Others", "pieces", "1"],
    ]


def test_a_second_table_with_a_count_of_its_columns_is_a_table_of_its_own() -> None:
    count: list[Cell] = [["(1)"], ["(2)"], ["(3)"], ["(4)"]]
    first = by_cells([HEADER, count, *FORM[1:]])
    second = by_cells([[["No"], ["Name"], ["Kind"], ["Cases of", "the year"]], count, *FORM[1:]], 260)
    found = tables(first + text(60, 602, "2. Names and kinds of all the online services of the province") + second)
    assert [table[0] for table in found] == [READ[0], ["No", "Name", "Kind", "Cases of the year"]]
    assert [table[2:] for table in found] == [READ[1:], READ[1:]]


def test_text_drawn_in_no_order_is_read_by_where_it_stands() -> None:
    rows: list[list[Cell]] = [HEADER]
    rows += [[[str(at)], [f"Thing {at}"], ["pieces"], [str(at * 7)]] for at in range(1, 41)]
    pieces = by_cells(rows, 45).splitlines(keepends=True)
    (found,) = tables("".join(pieces[at * 37 % len(pieces)] for at in range(len(pieces))))
    assert [row[3] for row in found] == ["Figure", *(str(at * 7) for at in range(1, 41))]
