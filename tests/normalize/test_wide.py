"""Tables with a line for each agency: every cell is a figure of the agency of its line, and totals are nobody's."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from normalize.catalogue import default_folder, load_catalogue
from normalize.document import read_report
from normalize.model import Evidence, Outcome, Report
from tests.normalize.grids import Spot, document, grid

CATALOGUE = load_catalogue(default_folder())
LINES = (
    "UBND TỈNH TUYÊN QUANG",
    "SỞ THÔNG TIN VÀ TRUYỀN THÔNG",
    "Tuyên Quang, ngày 05 tháng 7 năm 2019",
    "BÁO CÁO QUÝ II NĂM 2019",
)
HEAD: tuple[list[Spot | None], ...] = (
    [
        ("TT", 2, 1),
        ("Tên đơn vị", 2, 1),
        ("Trang thiết bị", 1, 1),
        ("Dịch vụ công trực tuyến mức độ 3", 1, 1),
        "Nhân lực",
    ],
    [None, None, "Tổng số máy tính (chiếc)", "Tổng số dịch vụ", "Tổng số CBCCVC (người)"],
    ["(1)", "(2)", "(3)", "(4)", "(5)"],
)


def _report(
    *rows: Sequence[Spot | None], lines: Sequence[str] = LINES, head: Sequence[list[Spot | None]] = HEAD
) -> Report:
    return read_report(document(lines, grid([*head, *rows])), Evidence("bc.docx"), CATALOGUE)


def _figures(report: Report) -> dict[tuple[str, str], float | int | None]:
    return {
        (one.agency.id, one.match.target): one.value.number
        for one in report.outcomes
        if one.kind == "observation" and one.agency is not None
    }


def _totals(report: Report) -> list[dict[str, str]]:
    return [dict(one.details) for one in report.findings if one.code == "total_row_differs"]


DEPARTMENTS: tuple[list[Spot | None], ...] = (
    ["1", "Sở Tư pháp", "58", "12", "43"],
    ["2", "Sở TT&TT", "40", "10", "30"],
    ["3", "UBND huyện Na Hang", "1.020", "", "100"],
)


def test_each_cell_is_a_figure_of_the_agency_of_its_line():
    report = _report(*DEPARTMENTS, [("Tổng cộng", 1, 2), None, "1.118", "22", "173"])
    assert report.agency.id == "tuyen-quang.so-thong-tin-va-truyen-thong"
    assert _figures(report) == {
        ("tuyen-quang.so-tu-phap", "it.computers.total"): 58,
        ("tuyen-quang.so-tu-phap", "dvc.level3.total"): 12,
        ("tuyen-quang.so-tu-phap", "staff.total"): 43,
        ("tuyen-quang.so-thong-tin-va-truyen-thong", "it.computers.total"): 40,
        ("tuyen-quang.so-thong-tin-va-truyen-thong", "dvc.level3.total"): 10,
        ("tuyen-quang.so-thong-tin-va-truyen-thong", "staff.total"): 30,
        ("tuyen-quang.ubnd-huyen-na-hang", "it.computers.total"): 1020,
        ("tuyen-quang.ubnd-huyen-na-hang", "staff.total"): 100,
    }
    assert _totals(report) == []


def test_the_header_from_top_to_bottom_is_the_label_without_unit_and_column_numbers():
    report = _report(*DEPARTMENTS)
    told = {one.row.raw_label: one.row.unit for one in report.outcomes if one.row.agency}
    assert told == {
        "Trang thiết bị - Tổng số máy tính": "chiếc",
        "Dịch vụ công trực tuyến mức độ 3 - Tổng số dịch vụ": "",
        "Nhân lực - Tổng số CBCCVC": "người",
    }


def test_a_merged_heading_counts_for_each_column_below_it():
    head: list[list[Spot | None]] = [
        ["STT", "Cơ quan, đơn vị", ("Dịch vụ công trực tuyến", 1, 3), None, None],
        ["", "", ("Mức độ 3", 1, 2), None, "Mức độ 4"],
        ["", "", "Số dịch vụ", "Số hồ sơ", "Số dịch vụ"],
    ]
    report = _report(*DEPARTMENTS, head=head)
    labels = list(dict.fromkeys(one.row.raw_label for one in report.outcomes if one.row.agency))
    assert labels == [
        "Dịch vụ công trực tuyến - Mức độ 3 - Số dịch vụ",
        "Dịch vụ công trực tuyến - Mức độ 3 - Số hồ sơ",
        "Dịch vụ công trực tuyến - Mức độ 4 - Số dịch vụ",
    ]


def test_the_rows_come_line_by_line_and_each_has_one_fate():
    report = _report(*DEPARTMENTS, ["", "Tổng số", "1.118", "22", "173"])
    wide = [one for one in report.outcomes if one.row.agency]
    assert [(one.row.place.row, one.row.place.column) for one in wide] == [
        (row, c) for row in range(4, 8) for c in (3, 4, 5)
    ]
    assert [one.row.order for one in report.outcomes] == list(range(len(report.outcomes)))
    assert {one.reason for one in wide if one.kind == "ignored"} == {"total_row"}
    assert all((one.kind in ("observation", "blank")) != bool(one.reason) for one in wide)


@pytest.mark.parametrize("name", ["Tổng cộng", "TỔNG SỐ", "Cộng", "Toàn tỉnh", "Tổng cộng toàn tỉnh:", "Tổng"])
def test_a_total_that_is_not_the_sum_is_told_with_both_figures(name: str):
    report = _report(*DEPARTMENTS, ["", name, "1.119", "22", "173"])
    (told,) = _totals(report)
    assert (told["value"], told["expected"], told["indicator"]) == ("1.119", "1.118", "it.computers.total")
    assert told["other_values"] == "58; 40; 1.020"
    assert not any("tong" in agency for agency, _ in _figures(report))


def test_a_total_above_the_lines_is_no_header():
    report = _report(["", "Toàn tỉnh", "1.118", "22", "173"], *DEPARTMENTS)
    assert _totals(report) == [] and len(_figures(report)) == 8


def test_over_blank_lines_a_total_may_be_more_than_the_sum_and_never_less():
    assert _totals(_report(*DEPARTMENTS, ["", "Cộng", "1.118", "30", "173"])) == []
    (told,) = _totals(_report(*DEPARTMENTS, ["", "Cộng", "1.118", "21", "173"]))
    assert told["expected"] == "≥ 22"


def test_groups_have_totals_of_their_own():
    rows: list[list[Spot | None]] = [
        ["I", "Các sở, ban, ngành", "98", "22", "73"],
        ["1", "Sở Tư pháp", "58", "12", "43"],
        ["2", "Sở TT&TT", "40", "10", "30"],
        ["II", "UBND các huyện, thành phố", "70", "3", "50"],
        ["1", "Huyện Na Hang", "20", "1", "20"],
        ["2", "TP. Tuyên Quang", "50", "2", "30"],
        ["", "Tổng cộng", "168", "25", "123"],
    ]
    report = _report(*rows)
    assert _totals(report) == []
    assert _figures(report)["tuyen-quang.ubnd-thanh-pho-tuyen-quang", "it.computers.total"] == 50
    assert len(_figures(report)) == 12
    rows[0] = ["I", "Các sở, ban, ngành", "99", "22", "73"]
    (told,) = _totals(_report(*rows))
    assert (told["label"], told["value"], told["expected"]) == ("Các sở, ban, ngành", "99", "98")


def test_districts_may_stand_without_the_word_for_their_committee():
    rows: list[list[Spot | None]] = [
        ["1", "Na Hang", "20", "1", "2"],
        ["2", "Chiêm Hóa", "30", "", ""],
        ["3", "Yên Sơn", "4", "", ""],
    ]
    agencies = {agency for agency, _ in _figures(_report(*rows))}
    assert agencies == {f"tuyen-quang.ubnd-huyen-{name}" for name in ("na-hang", "chiem-hoa", "yen-son")}


def test_a_line_that_names_no_known_agency_goes_to_a_person():
    report = _report(*DEPARTMENTS, ["4", "Trung tâm Ứng dụng mới", "7", "", ""])
    strange = [one for one in report.outcomes if one.row.agency.startswith("Trung tâm") and one.kind != "blank"]
    assert [(one.kind, one.reason) for one in strange] == [("unmatched", "row_agency_unknown")]


def test_rules_hold_within_each_agency_and_not_between_them():
    head: list[list[Spot | None]] = [
        [
            "TT",
            "Đơn vị",
            "Tổng số máy tính (chiếc)",
            "Tổng số máy tính được cài đặt phần mềm diệt virus bản quyền (chiếc)",
        ]
    ]
    rows: list[list[Spot | None]] = [
        ["1", "Sở Tư pháp", "10", "12"],
        ["2", "Sở Nội vụ", "30", "25"],
        ["3", "Sở Y tế", "30", "25"],
    ]
    report = _report(*rows, head=head)
    if ("tuyen-quang.so-tu-phap", "it.antivirus.computers_installed") in _figures(report):
        (told,) = [dict(one.details) for one in report.findings if one.code == "part_exceeds_whole"]
        assert (told["agency_id"], told["value"]) == ("tuyen-quang.so-tu-phap", "12")


def test_a_count_is_no_rate_because_its_heading_is_like_one():
    head: list[list[Spot | None]] = [["TT", "Đơn vị", "Máy tính có kết nối Internet", "Tổng số máy tính"]]
    rows: list[list[Spot | None]] = [["1", "Sở Tư pháp", "50", "58"], ["2", "Sở Nội vụ", "40", "40"]]
    found = [one for one in _report(*rows, head=head).outcomes if one.kind == "observation"]
    assert {one.match.target for one in found} == {"it.computers.total"}


def _labels(report: Report) -> list[Outcome]:
    return [one for one in report.outcomes if one.row.agency]


def test_other_tables_are_not_taken_for_such_a_table():
    ordinary: list[list[Spot | None]] = [
        ["TT", "Nội dung", "Đơn vị tính", "Số liệu"],
        ["1", "Tổng số máy tính", "chiếc", "58"],
        ["2", "UBND huyện Na Hang", "đơn vị", "5"],
        ["3", "Sở Tư pháp", "đơn vị", "3"],
    ]
    assert _labels(_report(*ordinary[1:], head=ordinary[:1])) == []
    tasks: list[list[Spot | None]] = [
        ["TT", "Nhiệm vụ", "Đơn vị thực hiện", "Kết quả"],
        ["1", "Xây dựng kế hoạch", "Sở Tư pháp", "Đã hoàn thành việc xây dựng trong quý II"],
        ["2", "Ban hành quy chế", "Sở Tư pháp", "Đang lấy ý kiến của các cơ quan liên quan"],
    ]
    assert _labels(_report(*tasks[1:], head=tasks[:1])) == []


def test_a_table_goes_on_over_the_page_without_its_header():
    first = grid([*HEAD, *DEPARTMENTS])
    second = grid([["4", "Sở Y tế", "10", "1", "20"], ["", "Tổng cộng", "1.128", "23", "193"]], table=3)
    report = read_report(document(LINES, first, second), Evidence("bc.docx"), CATALOGUE)
    assert _figures(report)["tuyen-quang.so-y-te", "it.computers.total"] == 10
    assert len(_figures(report)) == 11
    assert _totals(report) == []
    wrong = grid([["4", "Sở Y tế", "10", "1", "20"], ["", "Tổng cộng", "1.129", "23", "193"]], table=3)
    (told,) = _totals(read_report(document(LINES, first, wrong), Evidence("bc.docx"), CATALOGUE))
    assert told["expected"] == "1.128"


def test_another_table_after_it_is_read_as_what_it_is():
    other = grid(
        [["TT", "Nội dung", "ĐVT", "Số liệu", "Ghi chú"], ["1", "Tổng số văn bản đi", "văn bản", "7", ""]], table=3
    )
    report = read_report(document(LINES, grid([*HEAD, *DEPARTMENTS]), other), Evidence("bc.docx"), CATALOGUE)
    assert [one.row.value.text for one in report.outcomes if one.row.value and one.row.place.table == 3] == ["7"]
    assert not any(one.row.agency for one in report.outcomes if one.row.place.table == 3)


@pytest.mark.parametrize(
    ("upper", "lower", "own"),
    [
        (("Tổng số máy tính (chiếc)", 1, 2), ("Năm 2018", "Năm 2019"), None),
        (("Tổng số máy tính (chiếc)", 1, 2), ("Kỳ trước", "Kỳ này"), 1),
        (("Tổng số máy tính (chiếc)", 1, 2), ("Kế hoạch", "Thực hiện"), 1),
        (("Tổng số máy tính (chiếc)", 1, 2), ("Quý II/2019", "Quý II/2018"), 0),
        (("Tổng số máy tính (chiếc)", 1, 2), ("Quý I", "Quý II"), 1),
    ],
)
def test_of_columns_of_several_times_each_agency_has_the_one_of_the_period(
    upper: Spot, lower: tuple[str, str], own: int | None
):
    head: list[list[Spot | None]] = [["TT", "Đơn vị", upper, None, "Tổng số CBCCVC (người)"], ["", "", *lower, ""]]
    rows: list[list[Spot | None]] = [["1", "Sở Tư pháp", "11", "12", "5"], ["2", "Sở Nội vụ", "21", "22", "6"]]
    figures = _figures(_report(*rows, ["", "Cộng", "32", "34", "11"], head=head))
    computers = {agency: value for (agency, target), value in figures.items() if target == "it.computers.total"}
    offices = ("tuyen-quang.so-tu-phap", "tuyen-quang.so-noi-vu")
    assert computers == ({} if own is None else dict(zip(offices, (11 + own, 21 + own), strict=True)))
    assert {value for (_, target), value in figures.items() if target == "staff.total"} == {5, 6}


def test_communes_stand_under_the_name_of_their_district():
    rows: list[list[Spot | None]] = [
        [("Huyện Vị Xuyên", 1, 4), None, None, None],
        ["1", "Xã Phương Tiến", "10", "20"],
        ["2", "TT. Vị Xuyên", "12", "22"],
        [("Huyện Bắc Quang", 1, 4), None, None, None],
        ["1", "Xã Quang Minh", "9", "20"],
        ["2", "Xã Hùng An", "12", "22"],
        ["", "Tổng", "43", "84"],
    ]
    head: list[list[Spot | None]] = [
        ["STT", "Xã, phường, thị trấn", "Tổng số máy tính (chiếc)", "Tổng số CBCCVC (người)"]
    ]
    lines = ["UBND TỈNH HÀ GIANG", "SỞ THÔNG TIN VÀ TRUYỀN THÔNG", "Hà Giang, ngày 05 tháng 7 năm 2019", LINES[3]]
    report = _report(*rows, head=head, lines=lines)
    computers = {
        agency: value for (agency, target), value in _figures(report).items() if target == "it.computers.total"
    }
    assert computers == {
        "ha-giang.huyen-vi-xuyen.ubnd-xa-phuong-tien": 10,
        "ha-giang.huyen-vi-xuyen.ubnd-thi-tran-vi-xuyen": 12,
        "ha-giang.huyen-bac-quang.ubnd-xa-quang-minh": 9,
        "ha-giang.huyen-bac-quang.ubnd-xa-hung-an": 12,
    }
    assert _totals(report) == []


def test_no_figure_of_such_a_table_is_lost():
    head: list[list[Spot | None]] = [["TT", "Đơn vị", "Tổng số máy tính (chiếc)", ""]]
    rows: list[list[Spot | None]] = [
        ["1", "Sở Tư pháp", "11", "71"],
        ["2", "Sở Nội vụ", "12", "72"],
        ["", "", "13", "73"],
    ]
    told = {
        one.row.value.text: one.kind for one in _report(*rows, head=head).outcomes if one.row.agency and one.row.value
    }
    assert set(told) == {"11", "12", "13", "71", "72", "73"}
    assert {text for text, kind in told.items() if kind == "observation"} == {"11", "12"}
    assert {text for text, kind in told.items() if kind == "unmatched"} == {"13", "71", "72", "73"}


def test_a_time_within_a_heading_is_part_of_what_is_counted():
    head: list[list[Spot | None]] = [
        ["TT", "Đơn vị", ("Hồ sơ mức độ 3", 1, 2), None],
        ["", "", "Số hồ sơ tiếp nhận trong quý", "Số hồ sơ tiếp nhận từ đầu năm"],
    ]
    rows: list[list[Spot | None]] = [["1", "Sở Tư pháp", "11", "71"], ["2", "Sở Nội vụ", "12", "72"]]
    report = _report(*rows, head=head)
    assert {one.row.label for one in report.outcomes if one.row.agency} == {head[1][2], head[1][3]}
    assert not any("other_column" in one.row.flags for one in report.outcomes)
