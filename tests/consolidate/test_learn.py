from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consolidate.audit import write_unmatched
from consolidate.csvfile import read_csv
from consolidate.learn import Learned, learn
from normalize.catalogue import Decision, default_folder, load_catalogue
from normalize.decisions import decided as settle
from tests.consolidate.made import INDICATORS, MESSAGES, processed, unmatched

CATALOGUE = load_catalogue(default_folder())
NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    folder = tmp_path / "mappings"
    folder.mkdir()
    (folder / "decisions.csv").write_bytes(b"row_key,form_id,section,label,decision,by,at,comment\n")
    return folder


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    outcomes = [unmatched(1, "Số máy in", "7"), unmatched(2, "- Tổng số máy", "8"), unmatched(3, "Ghi chú; khác", "9")]
    write_unmatched(tmp_path / "out", [processed("a.docx", *outcomes)], MESSAGES)
    return tmp_path / "out" / "unmatched.csv"


def decided(audit: Path, *decisions: str) -> str:
    """The text of the audit file with its decision cells filled, one a row."""
    rows = list(csv.reader(io.StringIO(audit.read_text(encoding="utf-8-sig"))))
    place = rows[0].index("decision")
    for row, decision in zip(rows[1:], decisions, strict=True):
        row[place] = decision
    return as_text(rows)


def as_text(rows: list[list[str]], separator: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows(rows)
    return text.getvalue()


def take(audit: Path, mappings: Path) -> Learned:
    return learn(audit, mappings, INDICATORS, "Lan", NOW)


def codes(learned: Learned) -> list[str]:
    return [fault.code for fault in learned.faults]


def test_filled_decisions_are_added_with_who_and_when(audit: Path, mappings: Path) -> None:
    audit.write_text(decided(audit, "it.computers.total", "", "ignore"), encoding="utf-8-sig")
    assert take(audit, mappings) == Learned(added=2)
    first, second = read_csv(mappings / "decisions.csv")
    assert (first["label"], first["decision"], first["by"]) == ("Số máy in", "it.computers.total", "Lan")
    assert (first["section"], first["form_id"], first["at"]) == ("Hạ tầng", "f1", "2024-05-06T07:08:09+00:00")
    assert (second["label"], second["decision"]) == ("Ghi chú; khác", "ignore")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_excel_makes_of_the_file_is_read(audit: Path, mappings: Path, encoding: str, separator: str) -> None:
    audit.write_text(decided(audit, "new", "it.computers.total", "ignore"), encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(audit.read_text(encoding="utf-8-sig"))))
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
    audit.write_bytes(text.getvalue().encode(encoding))
    assert take(audit, mappings) == Learned(added=3)
    labels = [row["label"] for row in read_csv(mappings / "decisions.csv")]
    assert labels == ["Số máy in", "- Tổng số máy", "Ghi chú; khác"]


def test_the_vietnamese_code_page_is_read(audit: Path, mappings: Path) -> None:
    text = decided(audit, "new", "", "").replace("Số máy in", "Sô\u0301 máy in")
    audit.write_bytes(text.encode("cp1258", "replace"))
    assert take(audit, mappings) == Learned(added=1)
    assert next(read_csv(mappings / "decisions.csv"))["label"] == "Số máy in"


def fill(path: Path, sheet: int, line: int, decision: str) -> None:
    workbook = load_workbook(path)
    found = workbook.worksheets[sheet]
    place = [cell.value for cell in found[1]].index("decision") + 1
    found.cell(row=line, column=place, value=decision)
    workbook.save(path)


@pytest.mark.parametrize("sheet", [0, 1])
def test_either_sheet_of_the_workbook_is_read(audit: Path, mappings: Path, sheet: int) -> None:
    path = audit.with_suffix(".xlsx")
    fill(path, sheet, 3, "it.computers.total — Tổng số máy tính")
    assert take(path, mappings) == Learned(added=1)
    (line,) = read_csv(mappings / "decisions.csv")
    assert (line["label"], line["decision"]) == ("- Tổng số máy", "it.computers.total")


def test_the_same_decision_in_both_sheets_is_one_and_two_different_ones_are_refused(
    audit: Path, mappings: Path
) -> None:
    path = audit.with_suffix(".xlsx")
    fill(path, 0, 2, "new")
    fill(path, 1, 2, "NEW ")
    assert take(path, mappings) == Learned(added=1)
    fill(path, 1, 2, "ignore — bỏ qua")
    learned = take(path, mappings)
    assert codes(learned) == ["learn_contradiction"]
    assert dict(learned.faults[0].details)["file"].startswith("unmatched.xlsx, ")


def test_a_file_with_rows_sorted_deleted_and_columns_moved_is_read(audit: Path, mappings: Path) -> None:
    audit.write_text(decided(audit, "new", "it.computers.total", "ignore"), encoding="utf-8-sig")
    header, *rows = list(csv.reader(io.StringIO(audit.read_text(encoding="utf-8-sig"))))
    kept = ["comment", "decision", "label", "section", "form_id", "row_key"]
    moved = [[*(row[header.index(name)] for name in kept), "x"] for row in (rows[2], rows[0])]
    named = [[" Comment", "DECISION ", "Label", "section", "Form ID", "Row_Key", "mine"]]
    audit.write_text("sep=;\n" + as_text([*named, *moved], ";"), encoding="utf-8")
    assert take(audit, mappings) == Learned(added=2)
    assert [row["label"] for row in read_csv(mappings / "decisions.csv")] == ["Ghi chú; khác", "Số máy in"]


def test_letters_that_a_spreadsheet_spoilt_do_not_spoil_the_decision(audit: Path, mappings: Path) -> None:
    text = decided(audit, "it.computers.total", "", "").replace("Số máy in", "S? máy in")
    audit.write_bytes(text.encode("cp1252", "replace"))
    assert take(audit, mappings) == Learned(added=1)
    (line,) = read_csv(mappings / "decisions.csv")
    shown = unmatched(1, "Số máy in", "7")
    decision = Decision(**{**line, "comment": ""})
    catalogue = replace(CATALOGUE, decisions=(decision,))
    assert settle(shown.row, shown.match, catalogue, "f1").target == "it.computers.total"


def test_a_key_that_was_changed_is_refused(audit: Path, mappings: Path) -> None:
    rows = list(csv.reader(io.StringIO(decided(audit, "new", "", ""))))
    rows[1][0] = "1E+20"
    audit.write_text(as_text(rows), encoding="utf-8")
    assert codes(take(audit, mappings)) == ["learn_no_row_key"]


def test_a_second_time_nothing_is_added(audit: Path, mappings: Path) -> None:
    audit.write_text(decided(audit, "new", "", "ignore"), encoding="utf-8-sig")
    take(audit, mappings)
    before = (mappings / "decisions.csv").read_bytes()
    assert take(audit, mappings) == Learned(known=2)
    assert (mappings / "decisions.csv").read_bytes() == before


def test_an_unknown_id_is_told_with_its_line_and_nothing_is_added(audit: Path, mappings: Path) -> None:
    audit.write_text(decided(audit, "new", "it.computer", ""), encoding="utf-8-sig")
    learned = take(audit, mappings)
    assert codes(learned) == ["learn_unknown_indicator"]
    assert dict(learned.faults[0].details) == {"file": "unmatched.csv", "line": "3", "decision": "it.computer"}
    assert list(read_csv(mappings / "decisions.csv")) == []


def test_two_decisions_for_one_label_are_refused(tmp_path: Path, mappings: Path) -> None:
    same = [processed(f"{name}.docx", unmatched(1, "Số máy in", "7"), sha256=name * 64) for name in "ab"]
    audit = write_unmatched(tmp_path / "out", same, MESSAGES)[0]
    audit.write_text(decided(audit, "new", "ignore"), encoding="utf-8-sig")
    learned = take(audit, mappings)
    assert codes(learned) == ["learn_contradiction"]
    assert dict(learned.faults[0].details)["other_line"] == "2"


def test_a_decision_against_an_earlier_one_is_refused_and_says_whose(audit: Path, mappings: Path) -> None:
    first = decided(audit, "it.computers.total", "", "")
    second = decided(audit, "ignore", "", "")
    audit.write_text(first, encoding="utf-8-sig")
    take(audit, mappings)
    audit.write_text(second, encoding="utf-8-sig")
    learned = take(audit, mappings)
    assert codes(learned) == ["learn_decided_before"]
    assert dict(learned.faults[0].details)["by"] == "Lan"


@pytest.mark.parametrize(("first", "second"), [("new", "it.computers.total"), ("it.computers.total", "undo")])
def test_an_open_decision_can_be_settled_and_any_can_be_undone(
    audit: Path, mappings: Path, first: str, second: str
) -> None:
    texts = decided(audit, first, "", ""), decided(audit, second, "", "")
    for text in texts:
        audit.write_text(text, encoding="utf-8-sig")
        assert take(audit, mappings) == Learned(added=1)
    assert [row["decision"] for row in read_csv(mappings / "decisions.csv")] == [first, second]


def test_a_decision_about_an_unreadable_value_is_refused(tmp_path: Path, mappings: Path) -> None:
    outcome = unmatched(1, "Số máy in", "??", reason="value_unreadable", target="it.computers.total")
    audit = write_unmatched(tmp_path / "out", [processed("a.docx", outcome)], MESSAGES)[0]
    audit.write_text(decided(audit, "ignore"), encoding="utf-8-sig")
    assert codes(take(audit, mappings)) == ["learn_about_a_value"]


def test_a_decision_without_a_key_is_refused(audit: Path, mappings: Path) -> None:
    lines = decided(audit, "new", "", "").splitlines()
    lines[1] = "," + lines[1].partition(",")[2]
    audit.write_text("\n".join(lines), encoding="utf-8")
    assert codes(take(audit, mappings)) == ["learn_no_row_key"]


def test_a_file_that_is_no_audit_file_is_refused(tmp_path: Path, mappings: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    assert codes(take(tmp_path / "x.csv", mappings)) == ["learn_not_an_audit_file"]
    (tmp_path / "y.xlsx").write_bytes(b"no workbook")
    with pytest.raises(ValueError):
        take(tmp_path / "y.xlsx", mappings)
