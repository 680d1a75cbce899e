"""Decisions that contradict what a form prints."""

from __future__ import annotations

from normalize.decisions import against_forms

FORMS = {
    "a": [
        {"row": "1", "label": "Mức độ 3", "target": "heading", "parent": ""},
        {"row": "2", "label": "Số dịch vụ", "target": "dvc.level3.total", "parent": "1"},
        {"row": "3", "label": "Mức độ 4", "target": "heading", "parent": ""},
        {"row": "4", "label": "Số dịch vụ", "target": "dvc.level4.total", "parent": "3"},
    ]
}


def _decision(decision: str, section: str, form_id: str = "a") -> dict[str, str]:
    return {"form_id": form_id, "section": section, "label": "Số dịch vụ", "decision": decision}


def test_another_indicator_than_the_printed_one_is_against_the_form():
    assert against_forms(_decision("dvc.level4.total", "Mức độ 3"), FORMS) == "dvc.level3.total"
    assert against_forms(_decision("dvc.level4.total", "mức độ 3", ""), FORMS) == "dvc.level3.total"
    assert against_forms(_decision("new", "Mức độ 3"), FORMS) == "dvc.level3.total"


def test_the_printed_indicator_an_ignored_row_and_another_heading_are_not():
    assert against_forms(_decision("dvc.level3.total", "Mức độ 3"), FORMS) == ""
    assert against_forms(_decision("ignore", "Mức độ 3"), FORMS) == ""
    assert against_forms(_decision("dvc.level4.total", "Toàn tỉnh"), FORMS) == ""
    assert against_forms(_decision("dvc.level4.total", "Mức độ 3", "b"), FORMS) == ""
