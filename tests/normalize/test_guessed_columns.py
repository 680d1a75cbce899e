"""A table without a header that is understood is read by its content, and trusted less."""

from __future__ import annotations

from extract.model import Cell, Document, Place, Table
from normalize.catalogue import default_folder, load_catalogue
from normalize.document import read_report
from normalize.model import Evidence, Report

CATALOGUE = load_catalogue(default_folder())


def _report(*rows: tuple[str, ...]) -> Report:
    cells = tuple(
        Cell(Place(table=1, row=r, column=c), text) for r, row in enumerate(rows, 1) for c, text in enumerate(row, 1)
    )
    table = Table(Place(table=1), cells, len(rows), len(rows[0]))
    return read_report(Document("0" * 64, "docx", "test", (table,)), Evidence("bc.docx"), CATALOGUE)


def test_a_service_in_a_list_without_its_header_is_no_indicator_of_a_like_name():
    found = _report(
        ("1", "Bán tài sản công", "http://dichvucong.example.vn", "1"),
        ("2", "Thanh lý tài sản công", "http://dichvucong.example.vn", "0"),
        ("3", "Cấp chứng chỉ hành nghề thú y", "http://dichvucong.example.vn", "5"),
    )
    assert [outcome.kind for outcome in found.outcomes] == ["unmatched"] * 3


def test_printed_labels_without_a_header_are_read_and_marked():
    rows = [row for row in CATALOGUE.forms["tq2019"].rows if row.row in ("2.r2", "2.r3", "2.r6", "7.r2", "7.r4")]
    found = _report(*((str(n), row.label, row.unit, "17") for n, row in enumerate(rows, 1)))
    figures = [outcome for outcome in found.outcomes if outcome.kind == "observation"]
    assert [outcome.match.target for outcome in figures] == [row.target for row in rows]
    assert {outcome.value.status for outcome in figures} == {"U"}


def test_rows_that_are_remembered_are_not_those_of_a_table_with_guessed_columns():
    rows = [row for row in CATALOGUE.forms["tq2019"].rows if row.row in ("2.r2", "2.r3", "2.r6")]
    cells = [(str(n), f"{row.label} trên địa bàn", row.unit, "17") for n, row in enumerate(rows, 1)]
    header = ("TT", "Nội dung chỉ tiêu", "Đơn vị tính", "Số liệu")
    with_header, without = _report(header, *cells), _report(*cells)
    again = _report(header, *cells)
    assert [one.match for one in with_header.outcomes] == [one.match for one in again.outcomes]
    assert all("columns_guessed" in one.row.flags for one in without.outcomes)
    assert all(one.match.method != "meaning" for one in without.outcomes)
