"""The list of duties: what may stand in it, and how its faults are told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from consolidate.mappings import load_messages
from normalize.catalogue import default_folder, load_catalogue
from normalize.expected import ordinal, periods_between
from normalize.faults import check_mappings

HEADER = "agency_id,agency,form_id,period_kind,since,until,due_days,comment\n"
GOOD = "tuyen-quang.so-tu-phap,Sở Tư pháp,tq2019,quarter,2019-Q1,,15,\n"


@pytest.fixture(scope="module")
def mappings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(default_folder(), tmp_path_factory.mktemp("expected") / "mappings"))


def faults(mappings: Path, *lines: str) -> list[tuple[str, int, str]]:
    (mappings / "expected.csv").write_text(HEADER + "".join(lines), encoding="utf-8-sig")
    return [(one.file, one.line, one.code) for one in check_mappings(mappings)]


def test_a_line_is_read_and_a_comment_is_none(mappings: Path):
    assert faults(mappings, "# ví dụ,,,,,,,\n", GOOD) == []
    (one,) = load_catalogue(mappings).expected
    assert (one.agency_id, one.form_id, one.period_kind, one.since, one.until, one.due_days) == (
        *("tuyen-quang.so-tu-phap", "tq2019", "quarter", "2019-Q1", ""),
        15,
    )


def test_the_kind_of_period_is_that_of_the_form_and_months_are_written_so_that_no_spreadsheet_changes_them(
    mappings: Path,
):
    assert faults(mappings, "commune:Vĩnh Phúc,,vp2020,,2020-M01,2020-12,5,\n") == []
    (one,) = load_catalogue(mappings).expected
    assert (one.period_kind, one.since, one.until, one.group) == (
        "month",
        "2020-01",
        "2020-12",
        ("commune", "Vĩnh Phúc"),
    )


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("a.b,,nope,quarter,,,,\n", "expected_form_unknown"),
        ("a.b,,tq2019,week,,,,\n", "expected_kind_unknown"),
        ("a.b,,xa2024,,,,,\n", "expected_kind_unknown"),
        ("a.b,,tq2019,quarter,Jun-19,,,\n", "expected_period_malformed"),
        ("a.b,,tq2019,quarter,,30/6/2019,,\n", "expected_period_malformed"),
        ("a.b,,tq2019,quarter,2019-Q3,2019-Q1,,\n", "expected_period_order"),
        ("a.b,,tq2019,quarter,,,soon,\n", "expected_days_malformed"),
        (",,tq2019,quarter,2019-Q1,,,\n", "expected_without_agency"),
        ("department:Vĩnh Phúc,,tq2019,quarter,,,,\n", "expected_group_unknown"),
        ("commune:Nơi Nào,,tq2019,quarter,,,,\n", "expected_group_unknown"),
        (GOOD, "expected_twice"),
    ],
)
def test_a_fault_is_told_with_its_line_and_a_sentence(mappings: Path, line: str, code: str):
    assert faults(mappings, GOOD, line) == [("expected.csv", 3, code)]
    assert all(load_messages(mappings)[code])


def test_the_same_duty_may_stand_twice_for_other_periods(mappings: Path):
    ended = GOOD.replace("2019-Q1,", "2019-Q1,2019-Q2")
    assert faults(mappings, ended, GOOD.replace("2019-Q1", "2019-Q3")) == []


def test_a_folder_without_the_list_is_as_good(mappings: Path):
    (mappings / "expected.csv").unlink(missing_ok=True)
    assert check_mappings(mappings) == [] and load_catalogue(mappings).expected == ()


def test_periods_are_counted_within_their_kind():
    assert periods_between("quarter", "2018-Q4", "2019-Q2") == ["2018-Q4", "2019-Q1", "2019-Q2"]
    assert periods_between("month", "2019-12", "2020-01") == ["2019-12", "2020-01"]
    assert periods_between("half", "2019-S2", "2020-S1") == ["2019-S2", "2020-S1"]
    assert periods_between("year", "2019", "2020") == ["2019", "2020"]
    assert ordinal("quarter", "2019-06") is None and ordinal("week", "2019") is None
