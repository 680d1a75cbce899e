from __future__ import annotations

import re
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from consolidate.audit import row_key, write_unmatched
from consolidate.columns import UNMATCHED, names
from consolidate.csvfile import read_csv
from tests.consolidate.made import MESSAGES, observed, processed, unmatched

CONTRACT = (
    "row_key,source_path,source_sha256,page,table,row,source_order,form_id,period,agency,section,raw_label,label,"
    "raw_value,raw_unit,reason,reason_vi,candidate_1_id,candidate_1_label,candidate_1_score,candidate_2_id,"
    "candidate_2_label,candidate_2_score,candidate_3_id,candidate_3_label,candidate_3_score,decision,comment,n_same"
)


def test_the_columns_are_those_promised(tmp_path: Path) -> None:
    write_unmatched(tmp_path, [], MESSAGES)
    assert (tmp_path / "unmatched.csv").read_text(encoding="utf-8-sig") == CONTRACT + "\n"
    assert ",".join(names(UNMATCHED)) == CONTRACT


def test_a_row_carries_its_reason_candidates_and_an_empty_decision(tmp_path: Path) -> None:
    outcomes = [observed(1, "it.computers.total", 1), unmatched(2, "Số máy in", "7", "a.b", "c.d", "e.f", "g.h")]
    write_unmatched(tmp_path, [processed("a.docx", *outcomes)], MESSAGES)
    (found,) = read_csv(tmp_path / "unmatched.csv")
    assert (found["label"], found["raw_value"], found["reason"]) == ("Số máy in", "7", "no_candidate")
    assert found["reason_vi"] == "Không có chỉ tiêu nào giống dòng này."
    assert [found[f"candidate_{rank}_id"] for rank in (1, 2, 3)] == ["a.b", "c.d", "e.f"]
    assert (found["candidate_1_score"], found["decision"], found["comment"]) == ("0.5", "", "")


def test_a_key_is_the_same_for_a_label_in_every_document_of_a_form() -> None:
    one, again, elsewhere = unmatched(2, "Số máy in", "7"), unmatched(9, "Số  máy\nin", "8"), unmatched(2, "Khác", "7")
    assert row_key("f1", one, "aa") == row_key("f1", again, "bb")
    assert len({row_key("f1", one, "aa"), row_key("f2", one, "aa"), row_key("f1", elsewhere, "aa")}) == 3


def test_a_key_about_an_unreadable_value_belongs_to_one_document() -> None:
    outcome = unmatched(2, "Số máy in", "??", reason="value_unreadable", target="it.computers.total")
    assert row_key("f1", outcome, "aa") != row_key("f1", outcome, "bb")


def test_no_spreadsheet_takes_a_key_for_a_number_or_a_date() -> None:
    keys = [row_key("f1", unmatched(1, f"label {number}", "7"), "aa") for number in range(2000)]
    assert len(set(keys)) == 2000
    assert all(re.fullmatch("k[0-9a-f]{20}", key) for key in keys)


def test_the_most_frequent_label_comes_first_and_says_how_often_it_stands(tmp_path: Path) -> None:
    quarters = [("a.docx", ("Một", "Hai")), ("b.docx", ("Hai", "Ba")), ("c.docx", ("Ba", "Hai"))]
    found = [
        processed(path, *(unmatched(order, label, "7") for order, label in enumerate(labels, start=1)), sha256=path * 9)
        for path, labels in quarters
    ]
    write_unmatched(tmp_path, found, MESSAGES)
    rows = [(row["label"], row["n_same"], row["source_path"]) for row in read_csv(tmp_path / "unmatched.csv")]
    assert rows == [
        *(("Hai", "3", path) for path in ("a.docx", "b.docx", "c.docx")),
        *(("Ba", "2", path) for path in ("b.docx", "c.docx")),
        ("Một", "1", "a.docx"),
    ]


def asked_and_rows(path: Path) -> tuple[Worksheet, Worksheet]:
    return tuple(load_workbook(path / "unmatched.xlsx").worksheets[:2])


def column(sheet: Worksheet, name: str) -> list[object]:
    place = [cell.value for cell in sheet[1]].index(name)
    return [row[place] for row in sheet.iter_rows(min_row=2, values_only=True)]


def test_the_workbook_holds_the_same_text_as_text(tmp_path: Path) -> None:
    labels = ["=HYPERLINK(1)", "- Tổng số", "#N/A", "12", "x\x01y", "'=1"]
    outcomes = [unmatched(order, label, "7") for order, label in enumerate(labels, start=1)]
    write_unmatched(tmp_path, [processed("a.docx", *outcomes)], MESSAGES)
    for sheet in asked_and_rows(tmp_path):
        assert column(sheet, "label") == ["=HYPERLINK(1)", "- Tổng số", "#N/A", "12", "x\ufffdy", "'=1"]
        assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row} <= {"s", "n"}
        assert sheet.auto_filter.ref.endswith(str(len(labels) + 1))


def test_the_reviewer_is_asked_once_for_each_label_that_a_decision_can_answer(tmp_path: Path) -> None:
    outcomes = [
        unmatched(1, "Số máy in", "7", "it.printers"),
        unmatched(2, "Số máy in", "8", "it.printers"),
        unmatched(3, "Khác", "??", reason="value_unreadable", target="it.computers.total"),
        unmatched(4, "Mới", "9", reason="decided_new"),
    ]
    write_unmatched(tmp_path, [processed("a.docx", *outcomes)], MESSAGES)
    asked, rows = asked_and_rows(tmp_path)
    assert column(asked, "label") == ["Số máy in"] and column(asked, "n_same") == [2]
    assert column(asked, "candidate_1") == ["it.printers — label of it.printers (50%)"]
    assert column(rows, "label") == ["Số máy in", "Số máy in", "Khác", "Mới"]


def test_each_decision_cell_offers_the_candidates_of_its_label(tmp_path: Path) -> None:
    outcomes = [unmatched(1, "a", "7", "a.b", "c.d"), unmatched(2, "b", "7")]
    write_unmatched(tmp_path, [processed("a.docx", *outcomes)], MESSAGES)
    workbook = load_workbook(tmp_path / "unmatched.xlsx")
    asked = workbook.worksheets[0]
    choices = [[cell.value for cell in row if cell.value] for row in workbook["choices"].iter_rows()]
    keys = [line[0] for line in choices]
    assert keys == column(asked, "row_key")
    assert [[choice.split()[0] for choice in line[1:]] for line in choices] == [
        ["a.b", "c.d", "new", "ignore"],
        ["new", "ignore"],
    ]
    assert workbook["choices"].sheet_state == "hidden"
    (validation,) = asked.data_validations.dataValidation
    place = [cell.value for cell in asked[1]].index("decision") + 1
    assert str(validation.sqref) == f"{get_column_letter(place)}2:{get_column_letter(place)}3"


def test_the_audit_workbook_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    found = [processed("a.docx", unmatched(1, "a", "7", "a.b"), unmatched(2, "b", "7"))]
    books = [write_unmatched(tmp_path / name, found, MESSAGES)[1].read_bytes() for name in "ab"]
    assert books[0] == books[1]
