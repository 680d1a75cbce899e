"""Who has reported and who has not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from consolidate.columns import COVERAGE, names
from consolidate.coverage import coverage_records, write_coverage
from consolidate.csvfile import read_csv
from consolidate.dataset import Record
from consolidate.findings import finding_records
from consolidate.messages import say
from consolidate.model import Processed
from consolidate.submissions import settle_submissions
from consolidate.workbook import write_workbook
from normalize.agencies import parse_agency
from normalize.agency_groups import agencies_of_level, agency_of_id
from normalize.catalogue import Catalogue, default_folder, load_catalogue
from normalize.expected import Expected
from normalize.model import Agency, Match, Outcome, Report, Value
from normalize.places import Context
from tests.consolidate import made

PACKAGED = load_catalogue(default_folder())
CATALOGUE = replace(PACKAGED, expected=())
COMPUTERS = "it.computers.total"


def sent(name: str, period: str, *numbers: float, **more: object) -> Processed:
    outcomes = [
        Outcome(
            made.row(order, COMPUTERS, str(one)), Match(COMPUTERS, "exact", 1.0, "tq2019"), Value(one), "observation"
        )
        for order, one in enumerate(numbers or (7,), start=1)
    ]
    agency = Agency(f"tuyen-quang.{name}", f"Sở {name}", "department", "Tuyên Quang")
    told = {name: more.pop(name) for name in ("signed", "provisional") if name in more}
    report = Report("tq2019", agency, period, tuple(outcomes), **told)  # type: ignore[arg-type]
    path = str(more.pop("path", f"{period}/{name}.docx"))
    return Processed(path, path * 3, "docx", "extracted", report=report, **more)  # type: ignore[arg-type]


def records(*items: Processed, expected: tuple[Expected, ...] = ()) -> list[Record]:
    catalogue = replace(CATALOGUE, expected=expected)
    return coverage_records(settle_submissions(items, catalogue), catalogue)


def told(*items: Processed, expected: tuple[Expected, ...] = ()) -> list[tuple[object, ...]]:
    return [
        (one["period"], str(one["agency_id"]).partition(".")[2], one["status"], one["expected_by"])
        for one in records(*items, expected=expected)
    ]


def duty(name: str, since: str = "", until: str = "", due_days: int | None = None) -> Expected:
    return Expected(f"tuyen-quang.{name}", f"Sở {name}", "tq2019", "quarter", since, until, due_days)


def test_an_agency_that_was_seen_is_expected_up_to_the_newest_period_and_not_before():
    assert told(sent("a", "2019-Q1"), sent("b", "2019-Q3")) == [
        ("2019-Q1", "a", "submitted", "seen"),
        ("2019-Q2", "a", "missing", "seen"),
        ("2019-Q3", "a", "missing", "seen"),
        ("2019-Q3", "b", "submitted", "seen"),
    ]


def test_the_list_says_who_is_expected_from_when_to_when():
    found = told(sent("a", "2019-Q2"), expected=(duty("z", "2019-Q1"), duty("y", "2018-Q4", "2019-Q1")))
    assert found == [
        ("2018-Q4", "y", "missing", "list"),
        ("2019-Q1", "y", "missing", "list"),
        ("2019-Q1", "z", "missing", "list"),
        ("2019-Q2", "a", "submitted", "seen"),
        ("2019-Q2", "z", "missing", "list"),
    ]


def test_a_listed_form_that_no_one_ever_sent_is_missing_and_not_forgotten():
    never = Expected("ha-giang.x", "X", "f2017", "quarter", "2019-Q2", "", None)
    assert ("2019-Q2", "x", "missing", "list") in told(sent("a", "2019-Q2"), expected=(never,))
    assert told(expected=(never,)) == [("2019-Q2", "x", "missing", "list")]


def test_nothing_is_expected_of_an_agency_or_for_a_form_that_could_not_be_told():
    def unknown(period: str, **fields: object) -> Processed:
        item = sent("a", period, path=f"{period}.docx")
        return replace(item, report=replace(item.report, **fields))  # type: ignore[type-var]

    nobody = Agency("", "UBND xã", "commune", "")
    found = told(unknown("2019-Q1", agency=nobody), unknown("2019-Q1", form_id=""), sent("b", "2019-Q2"))
    assert [row[2] for row in found] == ["submitted"] * 3
    assert told(unknown("2019-Q1", form_id=""), unknown("2019-Q3", form_id=""))[0][0] == "2019-Q1"
    assert "missing" not in {row[2] for row in told(unknown("2019-Q1", form_id=""), unknown("2019-Q3", form_id=""))}


def test_half_of_a_quarter_missing_is_told_agency_by_agency(tmp_path: Path):
    agencies = "abcdef"
    items = [sent(name, "2019-Q1", 10 * at) for at, name in enumerate(agencies, start=1)]
    items += [sent(name, "2019-Q2", 10 * at) for at, name in enumerate(agencies[:3], start=1)]
    coverage = records(*items)
    missing = [(one["period"], one["agency"]) for one in coverage if one["status"] == "missing"]
    assert missing == [("2019-Q2", f"Sở {name}") for name in "def"]
    path = write_workbook(tmp_path, items, finding_records(items, CATALOGUE), CATALOGUE, coverage)
    book = openpyxl.load_workbook(path)
    rows = list(book[say(CATALOGUE.messages, "workbook_missing")].iter_rows(min_row=2, values_only=True))
    assert [row[:3] for row in rows] == [("2019-Q2", f"Sở {name}", "Tuyên Quang") for name in "def"]
    matrix = book[say(CATALOGUE.messages, "workbook_coverage")]
    cells = {matrix.cell(row, 1).value: matrix.cell(row, 4) for row in range(4, 10)}
    assert [cells[f"Sở {name}"].value for name in "acdf"] == ["Đã gửi", "Đã gửi", "Thiếu", "Thiếu"]
    assert cells["Sở a"].fill.start_color.rgb != cells["Sở d"].fill.start_color.rgb


def test_late_is_counted_from_the_end_of_the_period_by_the_mail_or_else_the_date_in_the_report():
    expected = (duty("a", due_days=15), duty("b", due_days=15), duty("c", due_days=15), duty("d", due_days=15))
    items = [
        sent("a", "2019-Q2", received="2019-07-15T10:00:00", signed="2019-07-01"),
        sent("b", "2019-Q2", received="2019-07-16T10:00:00", signed="2019-07-01"),
        sent("c", "2019-Q2", signed="2019-07-20"),
        sent("d", "2019-Q2"),
    ]
    assert [row[2] for row in told(*items, expected=expected)] == ["submitted", "late", "late", "submitted"]
    assert {one["due"] for one in records(*items, expected=expected)} == {"2019-07-15"}


def test_a_report_sent_again_counts_once_and_names_both_files():
    first = sent("a", "2019-Q2", 5, path="1.docx", received="2019-07-01")
    second = sent("a", "2019-Q2", 6, path="2.docx", received="2019-07-05")
    (found,) = records(first, second)
    assert (found["status"], found["n_documents"], found["n_observations"]) == ("resubmitted", 2, 1)
    assert (found["received"], found["last_received"]) == ("2019-07-01", "2019-07-05")
    assert found["source_paths"] == "1.docx; 2.docx"


def test_a_report_dated_before_its_period_ends_is_partial_until_a_later_one_comes():
    early = sent("a", "2019-Q2", 5, path="1.docx", signed="2019-05-25", provisional=True)
    assert [row[2] for row in told(early)] == ["partial"]
    whole = sent("a", "2019-Q2", 6, path="2.docx", signed="2019-07-02")
    (found,) = records(early, whole)
    assert found["status"] == "resubmitted"


def test_a_form_without_figures_is_not_a_report():
    blank = replace(sent("b", "2019-Q2"), status="no_data")
    (found,) = [one for one in records(sent("a", "2019-Q2"), blank) if one["agency"] == "Sở b"]
    assert (found["status"], found["also"], found["source_paths"]) == ("missing", "no_data", "2019-Q2/b.docx")


def test_a_table_with_a_line_for_each_agency_is_a_report_of_each():
    whole = sent("ubnd", "2019-Q2")
    lines = [
        replace(whole.report.outcomes[0], agency=Agency(f"x.{name}", name, "commune", "Tuyên Quang"))  # type: ignore[union-attr]
        for name in ("xã A", "xã B")
    ]
    item = replace(whole, report=replace(whole.report, outcomes=tuple(lines)))  # type: ignore[type-var]
    assert {row[1] for row in told(item)} == {"xã A", "xã B"}


def test_the_order_of_files_changes_nothing(tmp_path: Path):
    items = [sent(name, period) for name in "ab" for period in ("2019-Q1", "2019-Q3")]
    assert records(*items) == records(*reversed(items))
    write_coverage(tmp_path, records(*items))
    assert list(next(read_csv(tmp_path / "coverage.csv"))) == list(names(COVERAGE))


# Groups


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return PACKAGED


def test_all_districts_of_a_province_are_those_of_the_day_under_the_ids_of_their_reports(catalogue: Catalogue):
    found = agencies_of_level("district", "Vĩnh Phúc", "2020-06-30", catalogue)
    assert len(found) == 9 and len({one.id for one in found}) == 9
    context = Context("Vĩnh Phúc", "2020-06-30", "")
    reported = parse_agency("UBND huyện Tam Đảo", context, catalogue)
    assert reported is not None and reported.id in {one.id for one in found}
    assert agencies_of_level("district", "Vĩnh Phúc", "2026-06-30", catalogue) == ()


def test_an_agency_that_never_reported_is_known_by_its_id(catalogue: Catalogue):
    known = agency_of_id("tuyen-quang.so-tu-phap", catalogue)
    assert (known.name, known.level, known.province) == ("Sở Tư pháp", "department", "Tuyên Quang")
    assert agency_of_id("tuyen-quang.x", catalogue).name == "tuyen-quang.x"


def test_a_line_may_name_all_districts_of_a_province():
    group = Expected("district:Vĩnh Phúc", "", "vp2020", "month", "2020-06", "2020-07", 5)
    found = [row for row in told(expected=(group,)) if row[1] == "ubnd-huyen-tam-dao"]
    assert [row[0] for row in found] == ["2020-06", "2020-07"]
