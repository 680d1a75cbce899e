"""From a row that waits to a decision and back: what a reviewer answers once is never asked again, in any quarter."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from consolidate.csvfile import read_csv
from consolidate.learn import Learned, learn
from consolidate.mappings import mapping_faults, open_catalogue, packaged_folder
from consolidate.model import RunOptions
from consolidate.pipeline import run

ODD, OTHER = "Số máy chấm công bằng vân tay", "Số bàn làm việc bằng gỗ lim"
HEADING = "Trang bị máy tính (bao gồm máy tính để bàn, xách tay, máy tính bảng)."
PRINTED = (
    ("1", HEADING, "", ""),
    ("", "- Tổng số máy tính tại cơ quan, đơn vị:", "chiếc", 58),
    ("", "- Tổng số CBCC tại cơ quan, đơn vị được trang bị máy tính:", "người", 43),
    ("", ODD, "chiếc", 3),
    ("2", "Cài đặt phần mềm diệt Virus bản quyền có trả phí:", "", ""),
    ("", "- Tổng số máy tính được cài đặt:", "chiếc", 30),
    ("3", "Mạng cục bộ (LAN - Local Area Network):", "", ""),
    ("", "Đơn vị đã có mạng cục bộ LAN hay chưa?", "1/0 (1: Có; 0: Không)", 1),
    ("", OTHER, "chiếc", 7),
)
TITLE = "BÁO CÁO ỨNG DỤNG CÔNG NGHỆ THÔNG TIN, PHÁT TRIỂN CHÍNH PHỦ ĐIỆN TỬ QUÝ {quarter} NĂM 2019"

pytestmark = pytest.mark.slow

Publish = Callable[[], list[dict[str, str]]]


def write_report(path: Path, quarter: str, agency: str, title: str = TITLE) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append([title.format(quarter=quarter)])
    sheet.append(["TT", "Nội dung chỉ tiêu", "Đơn vị tính", "Số liệu"])
    sheet.append(["", "Tên cơ quan báo cáo", agency, ""])
    for row in PRINTED:
        sheet.append(list(row))
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    return Path(shutil.copytree(packaged_folder(), tmp_path / "mappings"))


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    for quarter, at in (("I", 1), ("II", 2)):
        for agency in ("Sở Tư pháp", "Sở Y tế"):
            write_report(tmp_path / "inbox" / f"2019-Q{at}" / f"{agency}.xlsx", quarter, agency)
    return tmp_path / "inbox"


@pytest.fixture
def publish(inbox: Path, mappings: Path, tmp_path: Path) -> Publish:
    """Run, and give the rows that wait."""

    def rows() -> list[dict[str, str]]:
        run(RunOptions(inbox, tmp_path / "out", mappings), open_catalogue(mappings))
        return list(read_csv(tmp_path / "out" / "unmatched.csv"))

    return rows


def answer(tmp_path: Path, mappings: Path, label: str, decision: str) -> Learned:
    """What a reviewer does: a decision in the first sheet of the workbook, and learn."""
    path = tmp_path / "out" / "unmatched.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    (line,) = [row[0].row for row in sheet.iter_rows(min_row=2) if row[header.index("label")].value == label]
    sheet.cell(line, header.index("decision") + 1, decision)
    book.save(path)
    return learn(path, mappings, open_catalogue(mappings).indicators, "Lan")


def labels(rows: list[dict[str, str]]) -> set[str]:
    return {row["label"] for row in rows}


def figures(tmp_path: Path, indicator_id: str) -> list[tuple[str, str]]:
    found = read_csv(tmp_path / "out" / "observations.csv")
    return [(row["period"], row["value"]) for row in found if row["indicator_id"] == indicator_id]


def test_one_decision_answers_a_label_in_every_report_of_every_quarter(
    publish: Publish, tmp_path: Path, mappings: Path, inbox: Path
):
    before = publish()
    assert labels(before) == {ODD, OTHER}
    assert {row["n_same"] for row in before} == {"4"}
    assert len({row["row_key"] for row in before}) == 2
    assert answer(tmp_path, mappings, ODD, "it.antivirus.computers_installed_rate — Tỷ lệ") == Learned(added=1)
    assert labels(publish()) == {OTHER}
    assert answer(tmp_path, mappings, OTHER, "ignore") == Learned(added=1)
    assert publish() == []
    write_report(inbox / "2019-Q3" / "Sở Y tế.xlsx", "III", "Sở Y tế")
    assert publish() == []
    assert mapping_faults(mappings) == ()


def test_a_decision_gives_its_figure_in_old_quarters_too(publish: Publish, tmp_path: Path, mappings: Path):
    publish()
    answer(tmp_path, mappings, ODD, "staff.total")
    publish()
    assert figures(tmp_path, "staff.total") == [("2019-Q1", "3"), ("2019-Q1", "3"), ("2019-Q2", "3"), ("2019-Q2", "3")]
    found = read_csv(tmp_path / "out" / "observations.csv")
    assert {row["match_method"] for row in found if row["indicator_id"] == "staff.total"} == {"decision"}


def test_a_new_indicator_keeps_its_rows_in_the_list_but_asks_no_more(publish: Publish, tmp_path: Path, mappings: Path):
    publish()
    answer(tmp_path, mappings, ODD, "new")
    rows = [row for row in publish() if row["label"] == ODD]
    assert len(rows) == 4 and {row["reason"] for row in rows} == {"decided_new"}
    asked = openpyxl.load_workbook(tmp_path / "out" / "unmatched.xlsx").worksheets[0]
    place = [cell.value for cell in asked[1]].index("label")
    assert [row[place] for row in asked.iter_rows(min_row=2, values_only=True)] == [OTHER]


def test_undo_is_a_line_too_and_the_rows_come_back(publish: Publish, tmp_path: Path, mappings: Path):
    publish()
    kept = tmp_path / "kept.xlsx"
    answer(tmp_path, mappings, ODD, "ignore")
    shutil.copy(tmp_path / "out" / "unmatched.xlsx", kept)
    assert labels(publish()) == {OTHER}
    shutil.copy(kept, tmp_path / "out" / "unmatched.xlsx")
    assert answer(tmp_path, mappings, ODD, "undo") == Learned(added=1)
    assert labels(publish()) == {ODD, OTHER}
    assert [row["decision"] for row in read_csv(mappings / "decisions.csv")] == ["ignore", "undo"]


def test_a_row_of_a_document_of_no_known_form_can_be_decided(inbox: Path, tmp_path: Path, mappings: Path):
    shutil.rmtree(inbox)
    inbox.mkdir()
    book = openpyxl.Workbook()
    for row in (
        ["Phiếu kiểm kê tài sản quý I năm 2019"],
        ["TT", "Nội dung", "Đơn vị", "Số lượng"],
        ["1", OTHER, "chiếc", 7],
    ):
        book.worksheets[0].append(row)
    book.save(inbox / "kiem-ke.xlsx")

    def waiting() -> list[dict[str, str]]:
        run(RunOptions(inbox, tmp_path / "out", mappings), open_catalogue(mappings))
        return list(read_csv(tmp_path / "out" / "unmatched.csv"))

    (row,) = waiting()
    assert (row["label"], row["form_id"]) == (OTHER, "")
    answer(tmp_path, mappings, OTHER, "ignore")
    assert waiting() == []
