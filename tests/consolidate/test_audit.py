from __future__ import annotations

from pathlib import Path

from openpyxl import load_workbook

from consolidate.audit import row_key, write_unmatched
from consolidate.columns import UNMATCHED, names
from consolidate.csvfile import read_csv
from tests.consolidate.made import MESSAGES, observed, processed, unmatched

CONTRACT = (
    "row_key,source_path,source_sha256,page,table,row,source_order,form_id,period,agency,section,raw_label,label,"
    "raw_value,raw_unit,reason,reason_vi,candidate_1_id,candidate_1_label,candidate_1_score,candidate_2_id,"
    "candidate_2_label,candidate_2_score,candidate_3_id,candidate_3_label,candidate_3_score,decision,comment"
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


def test_the_workbook_holds_the_same_text_as_text(tmp_path: Path) -> None:
    labels = ["=HYPERLINK(1)", "- Tổng số", "#N/A", "12", "x\x01y", "'=1"]
    outcomes = [unmatched(order, label, "7") for order, label in enumerate(labels, start=1)]
    write_unmatched(tmp_path, [processed("a.docx", *outcomes)], MESSAGES)
    sheet = load_workbook(tmp_path / "unmatched.xlsx")["unmatched"]
    column = [cell.value for cell in sheet[1]].index("label") + 1
    cells = [sheet.cell(row=number, column=column) for number in range(2, len(labels) + 2)]
    assert [cell.value for cell in cells] == ["=HYPERLINK(1)", "- Tổng số", "#N/A", "12", "x\ufffdy", "'=1"]
    assert {cell.data_type for cell in cells} == {"s"}
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:AB{len(labels) + 1}"


def test_each_decision_cell_offers_the_candidates_of_its_row(tmp_path: Path) -> None:
    outcomes = [unmatched(1, "a", "7", "a.b", "c.d"), unmatched(2, "b", "7")]
    write_unmatched(tmp_path, [processed("a.docx", *outcomes)], MESSAGES)
    workbook = load_workbook(tmp_path / "unmatched.xlsx")
    choices = [[cell.value for cell in row if cell.value] for row in workbook["choices"].iter_rows(min_row=2)]
    assert choices == [["a.b", "c.d", "new", "ignore"], ["new", "ignore"]]
    assert workbook["choices"].sheet_state == "hidden"
    (validation,) = workbook["unmatched"].data_validations.dataValidation
    assert (str(validation.sqref), validation.formula1) == ("AA2:AA3", "choices!$A2:$E2")
