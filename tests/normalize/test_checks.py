"""The contradictions of the public reports are found, each by name, and consistent reports are left in peace."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.model import Cell, Finding, Place
from extract.read import read_document
from extract.source import make_source, open_sources
from normalize.catalogue import Catalogue, default_folder, known_texts, load_catalogue
from normalize.checks import RULE_CODES, check_report, checked, vietnamese
from normalize.document import read_report
from normalize.figures import printed_decimals
from normalize.model import Agency, Evidence, ListEntry, Match, Outcome, Report, Row, Value
from samples.fill import made_up
from samples.form import Head, load_form
from samples.office import docx_of

SAMPLES = Path(__file__).parent.parent.parent / "samples" / "inbox"
CATALOGUE = load_catalogue(default_folder())
PDF = "2019-Q2/So Tu phap/BC UDCNTT Quy II-2019.pdf"
XLSX = "2019-Q2/So Tu phap/Phu luc bao cao UDCNTT.xlsx"
COMMUNE = "2024-Q1/Phu luc 8 - BC 161-BC-UBND.pdf"

Broken = tuple[str, str, str, str, str]
"""Code, indicator, its figure, what was expected, and the figures it was held against."""


def _told(findings: tuple[Finding, ...]) -> list[Broken]:
    details = [(finding.code, dict(finding.details)) for finding in findings if finding.code in RULE_CODES]
    return [
        (code, told.get("indicator", ""), told["value"], told["expected"], told.get("other_values", ""))
        for code, told in details
    ]


@cache
def _sample(path: str) -> Report:
    source = next(one for one in open_sources(SAMPLES) if one.source_path == path)
    return read_report(read_document(source, known_texts(CATALOGUE)), Evidence(path), CATALOGUE)


def _row(order: int, label: str, value: str | None, section: str = "") -> Row:
    place = Place(page=1, table=2, row=order)
    cell = Cell(place, value) if value is not None else None
    return Row(place, order, "", label, label, "", (section,), cell)


def _outcome(order: int, indicator: str, value: str, form_row: str = "", form: str = "tq2019") -> Outcome:
    number = None if not value else float(value.replace(".", "").replace(",", "."))
    match = Match(indicator, "exact", 1.0, form, form_row)
    blank = number is None
    return Outcome(
        _row(order, indicator, value), match, Value(number, blank=blank), "blank" if blank else "observation"
    )


def _checked(figures: dict[str, str], level: str = "department", **more: object) -> list[Broken]:
    """What is found in a report of these figures; an empty one was left blank."""
    outcomes = tuple(_outcome(order, name, value) for order, (name, value) in enumerate(figures.items(), start=1))
    return _told(_found(outcomes, level, **more))


def _found(outcomes: tuple[Outcome, ...], level: str = "department", **more: object) -> tuple[Finding, ...]:
    fields = {"form_id": "tq2019", "agency": Agency("a", "A", level), "period": "2019-Q2", "outcomes": outcomes}
    return check_report(Report(**{**fields, **more}), CATALOGUE)  # type: ignore[arg-type]


def _entries(list_id: str, cells: list[dict[str, str]], numbered: bool = True) -> tuple[ListEntry, ...]:
    return tuple(
        ListEntry(Place(sheet="L", table=9, row=n), "tq2019", list_id, "", str(n) if numbered else "", tuple(c.items()))
        for n, c in enumerate(cells, start=1)
    )


# The public reports

LEVEL3 = "dvc.level3."
CONTRADICTIONS: dict[str, Broken] = {
    "130 level 3 services publish their processing time, of 17": (
        "part_exceeds_whole", LEVEL3 + "publishing_processing_time", "130", "≤ 17", "17",
    ),
    "130 level 3 services fill in forms, of 17": (
        "part_exceeds_whole", LEVEL3 + "with_prefilled_forms", "130", "≤ 17", "17",
    ),
    "8,9 % and 64,3 % of one whole": (
        "shares_differ", "filings.online.level3.self_declared_rate.year_to_date", "8,9", "35,7", "64,3",
    ),
    "98,3 % where the printed formula gives 49,6 %": (
        "rate_differs", "documents.outgoing.electronic_rate", "98,3", "49,6", "849; 864",
    ),
    "3,02 % dedicated staff for 1 of 43": ("rate_differs", "it_staff.dedicated.rate", "3,02", "2,33", "1; 43"),
    "3,02 % staff in charge for 1 of 43": ("rate_differs", "it_staff.in_charge.rate", "3,02", "2,33", "1; 43"),
    "18 listed services against 17": ("list_length_differs", LEVEL3 + "total", "17", "18", "18"),
    "1140 filings in the list against 1141": (
        "list_total_differs", "filings.online.level3.year_to_date", "1.141", "1.140", "1.140",
    ),
    "a total left blank whose parts are given": ("total_missing", "dvc.with_support", "", "166", "130; 17; 19"),
    "a report dated before its quarter ends": ("dated_before_period_end", "", "25/05/2019", "≥ 30/06/2019", ""),
}  # fmt: skip


@pytest.mark.parametrize("path", [PDF, XLSX], ids=["pdf", "xlsx"])
@pytest.mark.parametrize("fact", CONTRADICTIONS)
def test_the_contradiction_of_the_department_is_found(path: str, fact: str):
    assert CONTRADICTIONS[fact] in _told(_sample(path).findings)


@pytest.mark.parametrize("path", [PDF, XLSX], ids=["pdf", "xlsx"])
def test_nothing_else_is_said_of_the_department(path: str):
    assert sorted(_told(_sample(path).findings)) == sorted(CONTRADICTIONS.values())


def test_277_procedures_with_filings_of_28_provided_is_all_that_is_found_of_the_commune():
    name = "procedures.level3.with_online_filings"
    assert _told(_sample(COMMUNE).findings) == [("part_exceeds_whole", name, "277", "≤ 28", "28")]


def test_a_finding_leads_to_both_places():
    (found,) = [one for one in _sample(XLSX).findings if one.code == "list_length_differs"]
    assert (found.place.sheet, found.place.row) == ("5.DVCTT", 16)
    assert dict(found.details)["other_places"] == "PL3A.2/9/11"


@pytest.mark.parametrize(
    "path",
    [
        "2017-Q2/Sở Tài chính/Báo cáo CPĐT quý II-2017.docx",
        "2019-Q4/Hà Giang/CV 1086 số liệu CPĐT quý IV-2019 (đã điền).docx",
        "2019-Q4/Hà Giang/Phụ lục I, II (mẫu trống).docx",
        "2020-06/So TNMT/BC số liệu CQĐT tháng 6.docx",
        "2020-07/UBND huyện Tam Đảo/bao cao thang 7.2020.pdf",
    ],
)
def test_consistent_samples_contradict_nothing_but_their_date(path: str):
    assert {code for code, *_ in _told(_sample(path).findings)} <= {"dated_before_period_end"}


HEADS = {
    "f2017": Head("Sở Tài chính", "department", "", "2017-Q2", place="Hà Nội", day=date(2017, 7, 6)),
    "hg2019": Head("UBND tỉnh Hà Giang", "province", "Hà Giang", "2019-Q4", place="Hà Giang", day=date(2020, 1, 6)),
    "tq2019": Head("Sở Tư pháp", "department", "Tuyên Quang", "2019-Q2"),
    "vp2020": Head("Sở Y tế", "department", "Vĩnh Phúc", "2020-06", place="Vĩnh Phúc", day=date(2020, 7, 3)),
    "xa2024": Head("UBND xã", "commune", "", "2024-03-05"),
}


def _made(form_id: str, seed: int, folder: Path) -> Report:
    path = folder / "made.docx"
    docx_of(load_form(form_id), made_up(form_id, HEADS[form_id], seed), path)
    source = make_source(path.name, path.read_bytes(), 0)
    return read_report(read_document(source, known_texts(CATALOGUE)), Evidence(path.name), CATALOGUE)


def _assert_consistent(form_id: str, seed: int, folder: Path) -> None:
    report = _made(form_id, seed, folder)
    assert sum(outcome.kind == "observation" for outcome in report.outcomes) > 15
    assert [told for told in _told(report.findings) if told[0] != "dated_before_period_end"] == []


@pytest.mark.parametrize("form_id", HEADS)
def test_a_made_up_consistent_report_contradicts_nothing(form_id: str, tmp_path: Path):
    _assert_consistent(form_id, 7, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("form_id", HEADS)
@pytest.mark.parametrize("seed", range(100, 130))
def test_thirty_made_up_consistent_reports_contradict_nothing(form_id: str, seed: int, tmp_path: Path):
    _assert_consistent(form_id, seed, tmp_path)


# Rates

RATE = "it.antivirus.computers_installed_rate"


def _rate(part: int, whole: int, printed: str) -> list[Broken]:
    figures = {"it.computers.total": str(whole), "it.antivirus.computers_installed": str(part), RATE: printed}
    return [told for told in _checked(figures) if told[0] == "rate_differs"]


@given(st.integers(1, 5000), st.data(), st.integers(0, 4))
def test_a_rate_rounded_to_any_number_of_decimals_agrees(whole: int, data: st.DataObject, decimals: int):
    part = data.draw(st.integers(0, whole))
    assert not _rate(part, whole, vietnamese(100 * part / whole, decimals))


@given(st.integers(1, 5000), st.data(), st.integers(0, 3), st.sampled_from([-1, 1]))
def test_a_rate_is_wrong_once_it_is_off_by_more_than_its_last_printed_digit(
    whole: int, data: st.DataObject, decimals: int, sign: int
):
    part = data.draw(st.integers(0, whole))
    unit = Fraction(1, 10**decimals)
    printed = round(Fraction(100 * part, whole), decimals) + sign * unit * data.draw(st.integers(1, 50))
    off = abs(printed - Fraction(100 * part, whole)) > unit / 2
    if 0 <= printed <= 100:
        assert bool(_rate(part, whole, vietnamese(float(printed), decimals))) == off


@pytest.mark.parametrize(
    ("text", "number", "decimals"),
    [
        ("51,7", 51.7, 1),
        ("98,3%", 98.3, 1),
        ("342.628", 342628, 0),
        ("100 %", 100, 0),
        ("8,14", 8.14, 2),
        ("3.02", 3.02, 2),
        ("100,00", 100, 2),
        ("1.234,5", 1234.5, 1),
        ("khoảng", 3, 0),
    ],
)
def test_the_printed_decimals_decide_how_exact_a_figure_is(text: str, number: float, decimals: int):
    assert printed_decimals(text, number) == decimals


def test_a_rate_of_nothing_is_not_judged():
    assert not _rate(0, 0, "0") and not _rate(0, 0, "100")


def test_a_rate_of_officials_may_leave_out_public_employees():
    figures = {"staff.total": "60", "staff.civil_servants": "40", "staff.public_employees": "20"}
    equipped = {"it.computers.staff_equipped": "40", "it.computers.staff_equipped_rate": "100"}
    assert not _checked(figures | equipped)
    assert not _checked(figures | equipped | {"it.computers.staff_equipped_rate": "66,7"})
    assert _checked(figures | equipped | {"it.computers.staff_equipped_rate": "80"})[0][0] == "rate_differs"


def test_a_rate_with_a_denominator_that_is_not_given_is_not_judged():
    figures = {"staff.total": "60", "it.computers.staff_equipped": "40", "it.computers.staff_equipped_rate": "80"}
    assert not _checked(figures)


# Sums


def test_parts_must_add_up_to_their_whole():
    parts = {"dvc.level1_2.with_support": "5", "dvc.level3.with_support": "2", "dvc.level4.with_support": "1"}
    assert not _checked({"dvc.with_support": "8", **parts})
    assert _checked({"dvc.with_support": "9", **parts}) == [("sum_differs", "dvc.with_support", "9", "8", "5; 2; 1")]


def test_a_blank_part_may_be_anything_but_negative():
    parts = {"dvc.level1_2.with_support": "5", "dvc.level3.with_support": "2", "dvc.level4.with_support": ""}
    assert not _checked({"dvc.with_support": "9", **parts})
    assert _checked({"dvc.with_support": "6", **parts})[0][:4] == (
        "parts_exceed_whole", "dvc.with_support", "6", "≥ 7",
    )  # fmt: skip


def test_a_row_that_was_not_understood_may_be_another_part():
    parts = {"dvc.level1_2.with_support": "5", "dvc.level3.with_support": "2", "dvc.level4.with_support": "1"}
    known = tuple(_outcome(n, *one) for n, one in enumerate({"dvc.with_support": "9", **parts}.items(), start=1))
    other = Outcome(_row(9, "?", "1"), Match("", reason="no_candidate"), Value(), "unmatched")
    assert _found(known) and not _found((*known, other))


def test_a_blank_total_is_not_asked_for_when_a_part_is_blank_too():
    parts = {"dvc.level1_2.with_support": "5", "dvc.level3.with_support": "2", "dvc.level4.with_support": ""}
    assert not _checked({"dvc.with_support": "", **parts})


def test_officials_and_employees_are_the_whole_staff_of_a_department_and_a_part_elsewhere():
    figures = {"staff.total": "50", "staff.civil_servants": "20", "staff.public_employees": "22"}
    assert [told[0] for told in _checked(figures)] == ["sum_differs"]
    assert not _checked(figures, level="district")
    assert [told[0] for told in _checked(figures | {"staff.total": "40"}, level="district")] == ["parts_exceed_whole"]


def test_shares_rounded_apart_still_make_a_whole():
    names = [f"filings.online.level4.{way}_rate.month" for way in ("self_declared", "declared_by_staff")]
    for first, second, broken in (("35,7", "64,4", 0), ("33", "67", 0), ("0", "0", 0), ("35,7", "64,6", 1)):
        assert len(_checked(dict(zip(names, (first, second), strict=True)))) == broken


def test_figures_of_two_annexes_are_held_against_their_own_total_only():
    outcomes = (
        _outcome(1, "dvc.level4.total", "10", "I.II.kv2", "hg2019"),
        _outcome(2, "dvc.level4.total", "20", "II.3.r21", "hg2019"),
        _outcome(3, "dvc.level4.with_payment", "15", "II.3.r27", "hg2019"),
    )
    assert not _found(outcomes, form_id="hg2019")
    more = _outcome(4, "dvc.level4.with_prefilled_forms", "21", "II.3.r29", "hg2019")
    assert [told[3:] for told in _told(_found((*outcomes, more), form_id="hg2019"))] == [("≤ 20", "20")]


def test_a_figure_written_as_about_is_not_held_against_others():
    exact, about = _outcome(1, "it.computers.total", "30"), _outcome(2, "it.antivirus.computers_installed", "31")
    loose = Outcome(about.row, about.match, Value(31, flags=("approximate",), status="U"), "observation")
    assert _found((exact, about)) and not _found((exact, loose))


# Answers, bounds, lists, dates


def test_an_agency_without_a_site_has_no_mobile_site():
    assert _checked({"dvc.portal.available": "0", "dvc.portal.mobile": "1"})[0][0] == "answer_contradicts"
    assert not _checked({"dvc.portal.available": "0", "dvc.portal.mobile": "0"})


def test_an_agency_is_in_one_case_only():
    cases = {"dms.case.shared_by_all": "1", "dms.case.mixed_connected": "1", "dms.case.mixed_not_connected": "0"}
    assert [told[0] for told in _checked(cases)] == ["parts_exceed_whole"]


def test_a_rate_over_100_is_out_of_bounds():
    name = "email.staff.regular_use_rate"
    assert _checked({name: "104"}) == [("out_of_bounds", name, "104", "≤ 100", "")]


def test_a_list_in_which_an_entry_was_not_read_is_not_counted():
    entries = _entries("3A.2", [{"service_name": f"s{n}"} for n in range(4)])
    assert [told[0] for told in _checked({"dvc.level3.total": "5"}, entries=entries)] == ["list_length_differs"]
    assert not _checked({"dvc.level3.total": "5"}, entries=entries[:2] + entries[3:])


def test_an_unreadable_cell_keeps_a_column_from_being_added_up():
    total = {"filings.online.level3.year_to_date": "9", "dvc.level3.total": "2"}
    for last, broken in (("5", ["list_total_differs"]), ("6", []), ("nhiều", []), ("khoảng 5", [])):
        entries = _entries("3A.2", [{"n_online": "3"}, {"n_online": last}])
        assert [told[0] for told in _checked(total, entries=entries)] == broken


def test_a_day_on_or_after_the_end_of_the_period_is_in_order():
    outcomes = (_outcome(1, "it.computers.total", "3"),)
    report = Report("tq2019", Agency(), "2019-Q2", outcomes)
    assert checked(report, date(2019, 6, 30), CATALOGUE) == replace(report, signed="2019-06-30")
    early = checked(report, date(2019, 6, 29), CATALOGUE)
    assert ([one.code for one in early.findings], early.provisional) == (["dated_before_period_end"], True)


def test_a_catalogue_without_rules_finds_nothing(tmp_path: Path):
    bare: Catalogue = load_catalogue(tmp_path)
    assert bare.rules == () and check_report(replace(_sample(XLSX), signed=""), bare) == ()


def test_a_blank_row_that_nothing_explains_is_no_total_of_a_list():
    """The list on the left of a rule is not given, its figures on the right are, and some blank row has no target."""
    figures = ["filings.online.level3.year_to_date", "filings.online.level4.year_to_date"]
    given = [_outcome(order, name, "17", form="f2017") for order, name in enumerate(figures)]
    nameless = _outcome(5, "", "", form="f2017")
    assert _found((*given, nameless), form_id="f2017", period="2017-Q2") == ()
