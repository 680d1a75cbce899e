"""A folder of mappings is checked before it is used, and each fault names its file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from normalize.catalogue import default_folder, load_catalogue
from normalize.faults import check_mappings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_folder(), tmp_path / "mappings"))


def _change(path: Path, old: str, new: str) -> int:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_packaged_mappings_have_no_faults(folder: Path):
    assert check_mappings(folder) == []


def test_an_unknown_id_in_a_form_is_refused_with_its_line(folder: Path):
    line = _change(folder / "forms" / "tq2019.csv", "it.computers.total", "it.computers.totl")
    (fault,) = check_mappings(folder)
    assert (fault.file, fault.line, fault.code) == ("forms/tq2019.csv", line, "indicator_unknown")
    assert ("id", "it.computers.totl") in fault.details


def test_an_id_that_stands_twice_is_refused(folder: Path):
    path = folder / "indicators.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[1]]), encoding="utf-8")
    codes = {(fault.file, fault.line, fault.code) for fault in check_mappings(folder)}
    assert ("indicators.csv", len(lines) + 1, "id_twice") in codes


def test_one_label_with_two_meanings_under_one_heading_is_refused(folder: Path):
    path = folder / "forms" / "tq2019.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    copied = next(line for line in lines if ",it.computers.total," in line)
    twin = copied.replace("2.r2,", "2.r2x,", 1).replace("it.computers.total", "it.computers.staff_equipped")
    at = lines.index(copied) + 1
    path.write_text("".join([*lines[:at], twin, *lines[at:]]), encoding="utf-8")
    assert "label_ambiguous" in {fault.code for fault in check_mappings(folder)}


def test_a_word_with_two_meanings_is_refused(folder: Path):
    with (folder / "vocabulary.csv").open("a", encoding="utf-8") as stream:
        stream.write("yes,Có,0\n")
    assert [fault.code for fault in check_mappings(folder)] == ["word_ambiguous"]


def test_a_decision_for_an_unknown_indicator_is_refused(folder: Path):
    with (folder / "decisions.csv").open("a", encoding="utf-8") as stream:
        stream.write("k,tq2019,,Tổng số,it.no_such,An,2019-07-01,\n")
    assert [(fault.file, fault.line, fault.code) for fault in check_mappings(folder)] == [
        ("decisions.csv", 2, "indicator_unknown")
    ]


def test_a_missing_file_and_a_wrong_encoding_are_faults_and_no_crash(folder: Path):
    (folder / "periods.csv").unlink()
    (folder / "thesaurus.csv").write_bytes("text,canonical\nDVC,dịch vụ\n".encode("utf-16"))
    assert {fault.code for fault in check_mappings(folder)} == {"mapping_missing", "mapping_unreadable"}


def test_the_fingerprint_changes_with_any_file(folder: Path):
    before = load_catalogue(folder).fingerprint
    (folder / "periods.csv").write_bytes((folder / "periods.csv").read_bytes() + b"\n")
    assert load_catalogue(folder).fingerprint != before


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        (
            "units/districts.csv",
            "DX01,Hoành Bồ,huyện,P22,,2019-12-31,D193",
            "DX01,Hoành Bồ,huyện,P22,,31/12/2019,D193",
            "unit_field_wrong",
        ),
        ("units/districts.csv", "DX01,Hoành Bồ,huyện,P22", "DX01,Hoành Bồ,vùng,P22", "unit_field_wrong"),
        ("units/districts.csv", "DX01,Hoành Bồ,huyện,P22,", "DX01,Hoành Bồ,huyện,,", "unit_field_wrong"),
        ("units/districts.csv", "DX01,Hoành Bồ,", "DX01,,", "unit_field_wrong"),
        ("units/districts.csv", "2019-12-31,D193,", "2019-12-31,D9193,", "unit_unknown"),
        ("units/districts.csv", "DX02,Kỳ Sơn,huyện,P17", "DX02,Kỳ Sơn,huyện,P1777", "unit_unknown"),
        ("units/districts.csv", "DX02,Kỳ Sơn", "DX01,Kỳ Sơn", "id_twice"),
        ("units/kinds.csv", "huyện,district,huyện", "huyện,county,huyện", "unit_field_wrong"),
        (
            "units/communes.csv",
            "C00001,Phúc Xá,phường,D001,,2025-06-30",
            "C00001,Phúc Xá,phường,D001,2025-07-01,2025-06-30",
            "unit_field_wrong",
        ),
        (
            "agencies.csv",
            "so-tu-phap,Sở Tư pháp,department,,STP",
            "so-tu-phap,Sở Tư pháp,sở,,STP",
            "agency_level_unknown",
        ),
        (
            "agencies.csv",
            "so-tu-phap,Sở Tư pháp,department,,STP",
            "so-tu-phap,Sở Tư pháp,department,,STC",
            "agency_ambiguous",
        ),
        (
            "agencies.csv",
            "so-tu-phap,Sở Tư pháp,department,,STP",
            "so-tu-phap,Sở Tư pháp,department,,",
            "agency_incomplete",
        ),
        ("periods.csv", "{year}-S1", "{year}-S{half}", "period_template_wrong"),
        ("periods.csv", "{year}-S2", "{year}/2", "period_template_wrong"),
        ("periods.csv", "nua dau nam (", "nua dau nam ((", "pattern_malformed"),
        ("vocabulary.csv", "multiplier,triệu,1000000", "multiplier,triệu,triệu", "word_meaning_wrong"),
        ("vocabulary.csv", "column,Kỳ trước,past", "column,Kỳ trước,before", "word_meaning_wrong"),
        ("vocabulary.csv", "header,Số liệu,value", "header,Số liệu,values", "word_meaning_wrong"),
    ],
)
def test_a_line_that_cannot_be_is_named_with_its_file(folder: Path, file: str, old: str, new: str, code: str):
    line = _change(folder / file, old, new)
    found = check_mappings(folder)
    assert (file, code) in {(fault.file, fault.code) for fault in found}
    assert line in {fault.line for fault in found if fault.code == code} or code in ("agency_ambiguous", "id_twice")
    assert code in load_catalogue(default_folder()).messages
