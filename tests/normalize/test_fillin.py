"""Lines to be filled in, as clerks fill them in."""

from __future__ import annotations

import pytest

from normalize.fillin import split_line


def _pairs(line: str) -> list[tuple[str, str]]:
    return [(slot.label, slot.value) for slot in split_line(line, {"trong do"})]


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        ("- Tổng số DVCTT mức độ 4: 17", [("Tổng số DVCTT mức độ 4", "17")]),
        ("- Tổng số DVCTT mức độ 4:", [("Tổng số DVCTT mức độ 4", "")]),
        ("2.1. Tỷ lệ (từ cấp tỉnh) (Văn phòng báo cáo):…%", [("Tỷ lệ (từ cấp tỉnh) (Văn phòng báo cáo)", "…%")]),
        ("2.1. Tỷ lệ (Văn phòng báo cáo): 85%", [("Tỷ lệ (Văn phòng báo cáo)", "85%")]),
        (
            "Tổng số văn bản đến: 1.234, trong đó, đã cập nhật trên phần mềm: 1.200",
            [("Tổng số văn bản đến", "1.234"), ("trong đó, đã cập nhật trên phần mềm", "1.200")],
        ),
        (
            "Tổng số văn bản đến: 2.876 trong đó, đã cập nhật: 2.876",
            [("Tổng số văn bản đến", "2.876"), ("trong đó, đã cập nhật", "2.876")],
        ),
        (
            "Văn bản đến: 12 văn bản; văn bản đi: 5 văn bản",
            [("Văn bản đến", "12 văn bản"), ("văn bản đi", "5 văn bản")],
        ),
        (
            "- Số chữ ký số sử dụng (tối thiểu ký 01 lần/tuần) 25",
            [("Số chữ ký số sử dụng (tối thiểu ký 01 lần/tuần)", "25")],
        ),
        (
            "- Số chữ ký số sử dụng (tối thiểu ký 01 lần/tuần).....",
            [("Số chữ ký số sử dụng (tối thiểu ký 01 lần/tuần)", "")],
        ),
        ("- Số chữ ký số …… 12", [("Số chữ ký số", "12")]),
        ("- Đã triển khai hay chưa?: Đã triển khai", [("Đã triển khai hay chưa?", "Đã triển khai")]),
        ("Trang http://abc.vn: 12", [("Trang http://abc.vn", "12")]),
        ("- Hồ sơ (tính từ 01/01/2007 đến 31/5/2017): 1 234", [("Hồ sơ (tính từ 01/01/2007 đến 31/5/2017)", "1 234")]),
        ("Họp lúc 8:30 sáng", []),
        ("Phụ lục 8", []),
        ("Nghị định số 43/2011/NĐ-CP", []),
    ],
)
def test_labels_and_values_are_told_apart(line: str, pairs: list[tuple[str, str]]):
    assert _pairs(line) == pairs


def test_the_item_number_goes_with_the_first_place():
    slots = split_line("a) Đến: 5, đi: 7")
    assert [slot.number for slot in slots] == ["a)", ""]
    assert all(slot.listed for slot in slots)
