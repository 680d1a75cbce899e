"""Tables with columns for several times: only the figure of the reported period is published."""

from __future__ import annotations

import pytest

from normalize.catalogue import default_folder, load_catalogue
from normalize.columns import is_only_time, times_named
from normalize.document import read_report
from normalize.model import Evidence, Outcome, Report
from tests.normalize.grids import Spot, document, grid

CATALOGUE = load_catalogue(default_folder())
LABELS = (
    ("1", "Tổng số máy tính tại cơ quan, đơn vị", "chiếc"),
    ("2", "Tổng số CBCCVC của cơ quan, đơn vị", "người"),
    ("3", "Tổng số văn bản đi", "văn bản"),
    ("4", "Tổng số TTHC của đơn vị", "thủ tục"),
)


def _report(headings: list[Spot | None], values: tuple[str, ...], title: str = "QUÝ II NĂM 2019") -> Report:
    head: list[Spot | None] = ["TT", "Nội dung chỉ tiêu", "Đơn vị tính", *headings]
    rows = [[*label, *values] for label in LABELS]
    lines = ["SỞ TƯ PHÁP", "Tuyên Quang, ngày 05 tháng 7 năm 2019", f"BÁO CÁO {title}"]
    return read_report(document(lines, grid([head, *rows])), Evidence("bc.docx"), CATALOGUE)


def _of_first(report: Report) -> list[Outcome]:
    return [one for one in report.outcomes if one.row.label.startswith("Tổng số máy tính")]


def _taken(report: Report) -> tuple[str, dict[str, str]]:
    """The text of the value that a row is not refused for, and why the others are."""
    own = [one.row.value.text for one in _of_first(report) if one.row.value and not _refused(one)]
    return own[0] if own else "", {one.row.value.text: _refused(one) for one in _of_first(report) if one.row.value}


def _refused(outcome: Outcome) -> str:
    return next((flag for flag in ("other_column", "second_value") if flag in outcome.row.flags), "")


@pytest.mark.parametrize(
    ("headings", "title", "own"),
    [
        (["Kỳ trước", "Kỳ này"], "QUÝ II NĂM 2019", 1),
        (["Kỳ này", "Kỳ trước"], "QUÝ II NĂM 2019", 0),
        (["Số liệu kỳ trước", "Số liệu kỳ báo cáo"], "QUÝ II NĂM 2019", 1),
        (["Quý trước", "Quý này", "Tăng/giảm"], "QUÝ II NĂM 2019", 1),
        (["Năm 2018", "Năm 2019"], "NĂM 2019", 1),
        (["Năm 2019", "Năm 2018"], "NĂM 2019", 0),
        (["Thực hiện năm 2018", "Thực hiện năm 2019"], "NĂM 2019", 1),
        (["Thực hiện năm 2018", "Kế hoạch năm 2019", "Thực hiện năm 2019"], "NĂM 2019", 2),
        (["Kế hoạch", "Thực hiện"], "QUÝ II NĂM 2019", 1),
        (["Kế hoạch", "Thực hiện", "% thực hiện"], "QUÝ II NĂM 2019", 1),
        (["Kế hoạch", "Kết quả"], "QUÝ II NĂM 2019", 1),
        (["Thực hiện", "Kế hoạch năm"], "QUÝ II NĂM 2019", 0),
        (["Quý I", "Quý II", "Quý III", "Quý IV"], "QUÝ II NĂM 2019", 1),
        (["Quý I", "Quý II", "Quý III", "Quý IV", "Cả năm"], "NĂM 2019", 4),
        (["Quý II/2018", "Quý I/2019", "Quý II/2019"], "QUÝ II NĂM 2019", 2),
        (["6 tháng đầu năm 2018", "6 tháng đầu năm 2019"], "6 THÁNG ĐẦU NĂM 2019", 1),
        (["Tháng 5", "Tháng 6"], "THÁNG 6 NĂM 2019", 1),
        (["Trong quý", "Lũy kế từ đầu năm"], "QUÝ II NĂM 2019", 0),
        (["Lũy kế", "Trong quý"], "QUÝ II NĂM 2019", 1),
        (["Cùng kỳ năm trước", "Số liệu"], "QUÝ II NĂM 2019", 1),
        (["Số liệu", "So với cùng kỳ (%)"], "QUÝ II NĂM 2019", 0),
    ],
)  # fmt: skip
def test_the_column_of_the_reported_period_is_taken_and_no_other(headings: list[Spot | None], title: str, own: int):
    values = tuple(str(11 + place) for place in range(len(headings)))
    taken, refused = _taken(_report(headings, values, title))
    assert taken == values[own]
    assert {text for text, why in refused.items() if why} == set(values) - {values[own]}


@pytest.mark.parametrize(
    ("headings", "title"),
    [
        (["Năm 2017", "Năm 2018"], "NĂM 2019"),
        (["Quý I", "Quý III"], "QUÝ II NĂM 2019"),
        (["Năm 2018", "Năm 2019"], "QUÝ II NĂM 2019"),
        (["Kỳ trước"], "QUÝ II NĂM 2019"),
        (["Kế hoạch"], "QUÝ II NĂM 2019"),
        (["Số liệu năm 2018"], "QUÝ II NĂM 2019"),
        (["Quý I", "Quý II"], ""),
    ],
)
def test_without_a_column_of_the_period_nothing_is_taken(headings: list[Spot | None], title: str):
    taken, refused = _taken(_report(headings, tuple("12" for _ in headings), title))
    assert taken == ""
    assert set(refused.values()) == {"other_column"}


def test_a_blank_column_of_the_period_is_not_filled_from_another():
    for headings in (["Kỳ trước", "Kỳ này"], ["Quý I", "Quý II"], ["Kế hoạch", "Thực hiện"]):
        report = _report([*headings], ("12", ""))
        assert not [one for one in report.outcomes if one.kind == "observation"]
        assert any(one.reason == "other_column" for one in _of_first(report))


def test_a_year_over_its_quarters_belongs_to_them():
    upper: list[Spot | None] = [
        "TT",
        "Nội dung chỉ tiêu",
        "Đơn vị tính",
        ("Năm 2018", 1, 2),
        None,
        ("Năm 2019", 1, 2),
        None,
    ]
    lower: list[Spot | None] = ["", "", "", "Quý I", "Quý II", "Quý I", "Quý II"]
    rows = [[*label, "11", "12", "13", "14"] for label in LABELS]
    lines = ["SỞ TƯ PHÁP", "BÁO CÁO QUÝ II NĂM 2019"]
    report = read_report(document(lines, grid([upper, lower, *rows])), Evidence("bc.docx"), CATALOGUE)
    assert _taken(report)[0] == "14"


def test_a_plan_under_a_common_heading_is_no_result():
    upper: list[Spot | None] = ["TT", "Nội dung chỉ tiêu", "Đơn vị tính", ("Số liệu", 1, 2), None]
    lower: list[Spot | None] = ["", "", "", "Kế hoạch", "Thực hiện"]
    rows = [[*label, "11", "12"] for label in LABELS]
    lines = ["SỞ TƯ PHÁP", "BÁO CÁO QUÝ II NĂM 2019"]
    report = read_report(document(lines, grid([upper, lower, *rows])), Evidence("bc.docx"), CATALOGUE)
    assert _taken(report)[0] == "12"


def test_a_column_that_stands_alone_may_name_the_year_of_the_period():
    assert _taken(_report(["Số liệu năm 2019"], ("12",)))[0] == "12"


def test_a_figure_in_a_column_that_the_header_does_not_explain_is_never_the_rows_own():
    report = _report(["Số liệu", "Mã hóa"], ("", "12"))
    assert not [one for one in report.outcomes if one.kind == "observation"]
    assert {_refused(one) for one in _of_first(report)} == {"", "second_value"}


def test_words_of_headings_that_say_nothing_of_time():
    words = CATALOGUE.words
    assert not any(times_named(text, words) for text in ("Số liệu", "Ghi chú", "Năm", "Nội dung", "Tổng số"))
    assert all(times_named(text, words) for text in ("Quý II", "Năm 2018", "Kỳ trước", "KH 2019", "6 tháng"))


def test_headings_that_name_nothing_but_a_time():
    only = ("Quý II", "Năm 2018", "Kỳ trước", "Số liệu kỳ trước", "Thực hiện năm 2019", "Kế hoạch năm 2019", "6 tháng")
    assert [text for text in only if not is_only_time(text, CATALOGUE.words)] == []
    more = ("Số hồ sơ tiếp nhận trong quý", "Số máy tính năm 2019", "Hồ sơ so với cùng kỳ", "Số liệu")
    assert [text for text in more if is_only_time(text, CATALOGUE.words)] == []


def test_figures_from_the_start_of_the_year_are_those_of_a_period_that_begins_there():
    assert _taken(_report(["Lũy kế từ đầu năm"], ("12",), "6 THÁNG ĐẦU NĂM 2019"))[0] == "12"
    assert _taken(_report(["Lũy kế từ đầu năm"], ("12",), "QUÝ II NĂM 2019"))[0] == ""
