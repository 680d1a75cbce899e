"""Which submission counts, what it changed, what jumps, and how findings are published."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path

from consolidate.csvfile import read_csv
from consolidate.findings import FINDING_CODES, find_jumps, finding_records, write_findings
from consolidate.model import Processed
from consolidate.submissions import settle_submissions
from extract.model import Cell, Finding, Place
from normalize.catalogue import default_folder, load_catalogue
from normalize.model import Agency, ListEntry, Match, Outcome, Report, Row, Value

CATALOGUE = load_catalogue(default_folder())
ROWS = {row.target: row.row for row in CATALOGUE.forms["tq2019"].rows}
JUSTICE = Agency("tuyen-quang.so-tu-phap", "Sở Tư pháp", "department", "Tuyên Quang")
COMPUTERS, STAFF, RATE = "it.computers.total", "staff.total", "it.antivirus.computers_installed_rate"


def _outcome(order: int, indicator: str, printed: str) -> Outcome:
    place = Place(page=1, table=2, row=order)
    row = Row(place, order, "", indicator, indicator, "", (), Cell(place, printed))
    number = float(printed.replace(",", "."))
    return Outcome(row, Match(indicator, "exact", 1.0, "tq2019", ROWS[indicator]), Value(number), "observation")


def _sent(path: str, figures: dict[str, str], **more: object) -> Processed:
    outcomes = tuple(_outcome(order, *figure) for order, figure in enumerate(figures.items(), start=1))
    fields = {"form_id": "tq2019", "agency": JUSTICE, "period": "2019-Q2", "outcomes": outcomes}
    known = {name: more.pop(name) for name in ("received", "modified", "format") if name in more}
    report = Report(**{**fields, **more})  # type: ignore[arg-type]
    item = Processed(path, path.ljust(64, "0"), path.rpartition(".")[2], "extracted", report=report)
    return replace(item, **known)  # type: ignore[arg-type]


def _by_path(*items: Processed) -> dict[str, Processed]:
    return {item.source_path: item for item in settle_submissions(items, CATALOGUE)}


def _told(item: Processed) -> list[tuple[str, str, str, str]]:
    details = [(finding.code, dict(finding.details)) for finding in item.findings if finding.code in FINDING_CODES]
    return [(code, told["indicator"], told["value"], told["expected"]) for code, told in details]


def _counts(item: Processed) -> list[str]:
    assert item.report is not None
    return [outcome.match.target for outcome in item.report.outcomes if outcome.kind == "observation"]


# Submissions


def test_the_submission_that_came_later_counts_and_tells_what_it_changed():
    first = _sent("a.docx", {COMPUTERS: "58", STAFF: "43"}, received="2019-07-02T08:00:00Z")
    second = _sent("b.docx", {COMPUTERS: "60", STAFF: "43"}, received="2019-07-01T08:00:00Z")
    found = _by_path(first, second)
    assert (found["b.docx"].status, found["b.docx"].superseded_by) == ("superseded", "a.docx")
    assert (found["a.docx"].status, _counts(found["a.docx"])) == ("extracted", [COMPUTERS, STAFF])
    assert _told(found["a.docx"]) == [("resubmission_changed", COMPUTERS, "58", "60")]


def test_the_day_of_the_mail_goes_before_the_day_of_the_report_and_that_before_the_file():
    figures = {COMPUTERS: "58"}
    dated = _sent("a.docx", figures, signed="2019-07-05", modified=0)
    newer_file = _sent("b.docx", figures, signed="2019-07-04", modified=9e9)
    assert _by_path(dated, newer_file)["b.docx"].status == "superseded"
    mailed = replace(newer_file, received="2019-07-09T01:00:00Z")
    assert _by_path(dated, mailed)["a.docx"].status == "superseded"
    assert _by_path(_sent("a.docx", figures, modified=9e9), _sent("b.docx", figures))["b.docx"].status == "superseded"


def test_of_two_that_tie_the_fuller_counts_then_the_one_that_can_be_edited():
    pdf, xlsx = _sent("a.pdf", {COMPUTERS: "58"}), _sent("a.xlsx", {COMPUTERS: "58"}, modified=20.0)
    assert _by_path(pdf, xlsx)["a.pdf"].superseded_by == "a.xlsx"
    fuller = _sent("a.pdf", {COMPUTERS: "58", STAFF: "43"})
    assert _by_path(fuller, xlsx)["a.xlsx"].superseded_by == "a.pdf"


def test_the_same_figures_in_two_formats_are_no_change():
    pdf = _sent("a.pdf", {COMPUTERS: "58", RATE: "51,7"})
    xlsx = _sent("a.xlsx", {COMPUTERS: "58", RATE: "51,72413793"})
    assert [_told(item) for item in _by_path(pdf, xlsx).values()] == [[], []]
    assert _told(_by_path(pdf, _sent("a.xlsx", {COMPUTERS: "58", RATE: "51,8"}))["a.xlsx"])


def test_a_superseded_document_keeps_its_rows_and_none_of_its_figures():
    entries = (ListEntry(Place(), "tq2019", "3A.2", "", "1", (("service_name", "s"),)),)
    first = _sent("a.docx", {COMPUTERS: "58", STAFF: "43"}, entries=entries)
    report = _by_path(first, _sent("b.docx", {COMPUTERS: "58", STAFF: "43"}))["a.docx"].report
    assert report is not None and report.entries == ()
    assert [(one.kind, one.reason) for one in report.outcomes] == [("ignored", "superseded_figure")] * 2


def test_a_figure_that_the_later_submission_leaves_out_is_told():
    first = _sent("a.docx", {COMPUTERS: "58", STAFF: "43", RATE: "51,7"})
    later = _sent("b.docx", {COMPUTERS: "58", STAFF: "43"}, received="2019-07-09T01:00:00Z")
    found = _by_path(first, later)
    assert found["a.docx"].status == "superseded"
    assert _told(found["b.docx"]) == [("resubmission_dropped", RATE, "", "51,7")]


def test_documents_that_speak_of_different_things_both_count():
    found = _by_path(_sent("a.docx", {COMPUTERS: "58"}), _sent("b.docx", {STAFF: "43"}))
    assert {item.status for item in found.values()} == {"extracted"}
    assert all(_counts(item) for item in found.values())


def test_a_correction_of_a_few_figures_replaces_these_alone():
    figures = {COMPUTERS: "58", STAFF: "43", RATE: "51,7"}
    fix = _sent("b.docx", {COMPUTERS: "60"}, received="2019-07-09T01:00:00Z")
    found = _by_path(_sent("a.docx", figures), fix)
    assert (found["a.docx"].status, _counts(found["a.docx"])) == ("extracted", [STAFF, RATE])
    assert _told(found["b.docx"]) == [("resubmission_changed", COMPUTERS, "60", "58")]


def test_other_agencies_forms_and_periods_and_unknown_agencies_are_left_alone():
    items = [
        _sent("a.docx", {COMPUTERS: "58"}),
        _sent("b.docx", {COMPUTERS: "58"}, period="2019-Q3"),
        _sent("c.docx", {COMPUTERS: "58"}, form_id="vp2020"),
        _sent("d.docx", {COMPUTERS: "58"}, agency=Agency("x", "X")),
        _sent("e.docx", {COMPUTERS: "58"}, agency=Agency("", "UBND xã")),
        _sent("f.docx", {COMPUTERS: "58"}, agency=Agency("", "UBND xã")),
    ]
    assert settle_submissions(items, CATALOGUE) == tuple(items)


def test_the_order_in_which_documents_were_read_means_nothing():
    items = [
        _sent("a.docx", {COMPUTERS: "58", STAFF: "43"}, received="2019-07-01"),
        _sent("b.docx", {COMPUTERS: "59", STAFF: "43"}, received="2019-07-02"),
        _sent("c.docx", {COMPUTERS: "60", STAFF: "43"}, received="2019-07-03"),
    ]
    (once,) = {tuple(sorted(_by_path(*order).items())[0:3]) for order in permutations(items)}
    assert [item.superseded_by for _, item in once] == ["c.docx", "c.docx", ""]
    assert [_told(item) for _, item in once][1:] == [
        [("resubmission_changed", COMPUTERS, "59", "58")],
        [("resubmission_changed", COMPUTERS, "60", "59")],
    ]


# Jumps


def _jumps(*figures: tuple[str, str], indicator: str = COMPUTERS, **more: object) -> list[tuple[str, str]]:
    items = [_sent(f"{period}.docx", {indicator: printed}, period=period, **more) for period, printed in figures]
    found = find_jumps(items, CATALOGUE)
    return [(path, dict(one.details)["others"]) for path in found for one in found[path]]


def test_a_count_ten_times_that_of_the_period_before_is_told_in_both_directions():
    assert _jumps(("2019-Q1", "58"), ("2019-Q2", "580")) == [("2019-Q2.docx", "2019-Q1 = 58")]
    assert _jumps(("2019-Q1", "580"), ("2019-Q2", "58")) == [("2019-Q2.docx", "2019-Q1 = 580")]
    assert _jumps(("2019-Q1", "58"), ("2019-Q2", "579")) == []


def test_small_counts_rates_and_figures_from_the_start_of_the_year_may_jump():
    assert _jumps(("2019-Q1", "2"), ("2019-Q2", "30")) == []
    assert _jumps(("2019-Q1", "9"), ("2019-Q2", "95"), indicator=RATE) == []
    assert _jumps(("2019-Q1", "20"), ("2019-Q2", "900"), indicator="filings.online.level3.year_to_date") == []


def test_a_month_is_not_held_against_a_quarter_nor_one_agency_against_another():
    assert _jumps(("2019-Q1", "58"), ("2019-06", "580")) == []
    other = _sent("o.docx", {COMPUTERS: "580"}, agency=Agency("x", "X"), period="2019-Q2")
    assert find_jumps([_sent("j.docx", {COMPUTERS: "58"}, period="2019-Q1"), other], CATALOGUE) == {}


# The table

BROKEN = Finding(
    "rate_differs",
    Place(sheet="7.Nhan luc", table=7, row=5),
    (
        ("rule", "ratio:it_staff.dedicated.rate"),
        ("indicator", "it_staff.dedicated.rate"),
        ("label", CATALOGUE.indicators["it_staff.dedicated.rate"].label_vi),
        ("value", "3,02"),
        ("expected", "2,33"),
        ("others", f"{CATALOGUE.indicators[STAFF].label_vi} = 1.043"),
        ("other_indicators", STAFF),
        ("other_values", "1.043"),
        ("other_places", "1.Thongtinchung/1/11"),
    ),
)


def test_a_line_has_both_figures_their_places_and_a_sentence_in_two_languages(tmp_path: Path):
    item = _sent("a.xlsx", {COMPUTERS: "58"}, findings=(BROKEN,))
    (line,) = read_csv(write_findings(tmp_path, finding_records([item], CATALOGUE)))
    assert (line["code"], line["indicator_id"], line["value"]) == ("rate_differs", "it_staff.dedicated.rate", "3.02")
    assert (line["expected"], line["other_indicators"], line["other_values"]) == ("2.33", STAFF, "1043")
    assert (line["page"], line["row"], line["other_places"]) == ("7.Nhan luc", "5", "1.Thongtinchung/1/11")
    assert (line["agency"], line["period"], line["source_path"]) == ("Sở Tư pháp", "2019-Q2", "a.xlsx")
    assert "3,02" in line["message_vi"] and "2,33" in line["message_vi"] and "1.043" in line["message_vi"]
    english = CATALOGUE.indicators[STAFF].label_en
    assert "3.02" in line["message_en"] and f"{english} = 1,043" in line["message_en"]


def test_what_became_of_a_document_is_no_finding_and_a_superseded_one_contradicts_nobody():
    item = _sent("a.xlsx", {COMPUTERS: "58"}, findings=(Finding("agency_unknown"), BROKEN))
    assert [record["code"] for record in finding_records([item], CATALOGUE)] == ["rate_differs"]
    assert finding_records([replace(item, status="superseded")], CATALOGUE) == []


def test_every_code_of_the_table_has_a_sentence_whose_gaps_are_filled():
    assert not FINDING_CODES - CATALOGUE.messages.keys()
    first = _sent("a.docx", {COMPUTERS: "58", STAFF: "43", RATE: "51,7"}, findings=(BROKEN,))
    later = _sent("b.docx", {COMPUTERS: "60", STAFF: "43"}, received="2019-07-09")
    after = _sent("c.docx", {COMPUTERS: "900"}, period="2019-Q3", findings=(BROKEN,))
    records = finding_records(settle_submissions([first, later, after], CATALOGUE), CATALOGUE)
    codes = {record["code"] for record in records}
    assert codes == {"resubmission_changed", "resubmission_dropped", "jump", "rate_differs"}
    assert not [record for record in records if "?" in f"{record['message_vi']}{record['message_en']}"]
