from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from consolidate import workbook
from consolidate.columns import FINDINGS, names
from consolidate.dataset import Record
from consolidate.figures import period_tables
from consolidate.findings import finding_records
from consolidate.model import Processed
from consolidate.workbook import FIXED, HEADER_ROW, say_period, sheet_name, write_workbook
from normalize.catalogue import default_folder, load_catalogue
from normalize.model import Agency, Match, Outcome, Report, Value
from tests.consolidate import made

CATALOGUE = load_catalogue(default_folder())
ROWS = {row.row: row for row in CATALOGUE.forms["tq2019"].rows}
STAFF, EQUIPPED, RATE = "staff.total", "it.computers.staff_equipped", "it.computers.staff_equipped_rate"
LAN, SITE = "it.lan.available", "agency.website"
COMPUTERS, INSTALLED = "it.computers.total", "it.antivirus.computers_installed"
NAMES = ("Sở Tư pháp", "Sở Tài chính", "Sở Y tế", "Sở Nội vụ", "Sở Xây dựng", "UBND huyện Na Hang")


def outcome(order: int, target: str, number: float | None, text: str = "", status: str = "A") -> Outcome:
    row = made.row(order, target, text or str(number))
    return Outcome(row, Match(target, "exact", 1.0, "tq2019"), Value(number, text, status), "observation")


def document(path: str, name: str, figures: dict[str, float | str], **more: object) -> Processed:
    outcomes = [
        outcome(order, target, None, value) if isinstance(value, str) else outcome(order, target, value)
        for order, (target, value) in enumerate(figures.items(), start=1)
    ]
    level = "district" if "huyện" in name else "province" if "tỉnh" in name else "department"
    agency = Agency(name.lower().replace(" ", "-"), name, level, "Tuyên Quang")
    fields = {"form_id": "tq2019", "agency": agency, "period": "2019-Q2", "outcomes": tuple(outcomes), **more}
    return Processed(path, path, "docx", "extracted", report=Report(**fields))  # type: ignore[arg-type]


def quarter(n_agencies: int) -> list[Processed]:
    """The first agencies of a quarter, each with other figures; every third one leaves out its staff."""
    found = []
    for place, name in enumerate(NAMES[:n_agencies], start=1):
        figures: dict[str, float | str] = {EQUIPPED: 10 * place, RATE: 50.0, LAN: place % 2, COMPUTERS: 1000 * place}
        if place % 3:
            figures[STAFF] = 40 * place
        found.append(document(f"q2/{name}.docx", name, {**figures, SITE: f"http://{place}.example"}))
    return found


def written(tmp_path: Path, processed: list[Processed]) -> Path:
    return write_workbook(tmp_path, processed, finding_records(processed, CATALOGUE), CATALOGUE)


def recalculated(path: Path) -> openpyxl.Workbook:
    """The workbook as LibreOffice works it out."""
    out = path.parent / "office"
    command = ["soffice", f"-env:UserInstallation=file://{path.parent}/profile", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", str(out), str(path)], check=True, capture_output=True, timeout=120)
    return openpyxl.load_workbook(out / path.name, data_only=True)


def line_of(book: openpyxl.Workbook, sheet: str, indicator_id: str) -> dict[str, object]:
    """The row of an indicator by column header."""
    rows = list(book[sheet].iter_rows(min_row=HEADER_ROW, values_only=True))
    label = CATALOGUE.indicators[indicator_id].label_vi
    (found,) = [row for row in rows if row[1] == label]
    names = (*FIXED, *(str(name) for name in rows[0][len(FIXED) :]))
    return dict(zip(names, found, strict=True))


SENT = {"2019-Q1": 1, "2019-Q2": 3, "2019-Q3": 6}
"""How many of the six agencies have sent their report."""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    """Every case of a total in a quarter of its own, worked out by LibreOffice once."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    cases = {period: quarter(n_agencies) for period, n_agencies in SENT.items()}
    cases["2020-Q1"] = [
        document("small", "Sở Tư pháp", {STAFF: 10, EQUIPPED: 10, RATE: 100.0}),
        document("large", "Sở Y tế", {STAFF: 990, EQUIPPED: 0, RATE: 0.0}),
    ]
    whole = document("whole", "UBND tỉnh Tuyên Quang", {COMPUTERS: 9000, STAFF: 8000})
    cases["2020-Q2"] = [*quarter(2), whole]
    cases["2020-Q3"] = [whole, document("part", "Sở Y tế", {LAN: 1})]
    items = [
        replace(item, source_path=f"{period}/{item.source_path}", report=replace(item.report, period=period))
        for period, found in cases.items()
        for item in found
        if item.report is not None
    ]
    return recalculated(written(tmp_path_factory.mktemp("book"), items))


@pytest.mark.parametrize(("period", "n_agencies"), SENT.items())
def test_totals_are_right_however_many_agencies_have_sent_their_report(
    book: openpyxl.Workbook, period: str, n_agencies: int
):
    places = range(1, n_agencies + 1)
    both = [place for place in places if place % 3]
    assert line_of(book, period, COMPUTERS)["total"] == sum(1000 * place for place in places)
    assert line_of(book, period, COMPUTERS)["given"] == n_agencies
    assert line_of(book, period, STAFF)["total"] == sum(40 * place for place in both)
    assert line_of(book, period, STAFF)["given"] == len(both)
    expected = 100 * sum(10 * place for place in both) / sum(40 * place for place in both)
    assert line_of(book, period, RATE)["total"] == pytest.approx(expected)
    assert line_of(book, period, LAN)["total"] == 1
    assert not line_of(book, period, INSTALLED)["total"]
    assert line_of(book, period, INSTALLED)["given"] == 0
    assert not line_of(book, period, SITE)["total"]
    for place in places:
        assert line_of(book, period, COMPUTERS)[NAMES[place - 1]] == 1000 * place


def test_a_rate_is_never_an_average(book: openpyxl.Workbook):
    assert line_of(book, "2020-Q1", RATE)["total"] == pytest.approx(1.0)


def test_a_whole_province_is_not_added_to_its_agencies(book: openpyxl.Workbook):
    assert line_of(book, "2020-Q2", COMPUTERS)["total"] == 1000 + 2000
    assert line_of(book, "2020-Q3", COMPUTERS)["total"] == 9000


def test_a_superseded_report_does_not_count():
    first, second = (document(path, "Sở Tư pháp", {COMPUTERS: count}) for path, count in (("a", 1), ("b", 2)))
    (table,) = period_tables([replace(first, status="superseded"), second], [], CATALOGUE)
    assert [figure.value for figure in table.figures.values()] == [2]


def test_documents_that_differ_leave_the_cell_blank_and_say_so(tmp_path: Path):
    path = written(tmp_path, [document(name, "Sở Tư pháp", {COMPUTERS: count}) for name, count in (("a", 1), ("b", 2))])
    sheet = openpyxl.load_workbook(path)["2019-Q2"]
    (cell,) = [cell for row in sheet.iter_rows(min_row=HEADER_ROW + 1) for cell in row if cell.comment]
    assert cell.value is None and cell.fill.start_color.rgb.endswith("FFC7CE")
    assert "a, trang 2, bảng 3, dòng 1" in cell.comment.text and "b, trang 2" in cell.comment.text


def test_the_same_figure_from_two_documents_is_one():
    (table,) = period_tables([document(name, "Sở Tư pháp", {COMPUTERS: 5}) for name in "ab"], [], CATALOGUE)
    (figure,) = table.figures.values()
    assert figure.value == 5 and not figure.concern and len(figure.sources) == 2


def finding(**fields: object) -> Record:
    known = {"period": "2019-Q2", "agency": "Sở Tư pháp", "source_path": "q2/bc.pdf", "message_vi": "Không khớp."}
    return {**dict.fromkeys(names(FINDINGS), ""), **known, **fields}  # type: ignore[dict-item]


def test_cells_with_findings_are_coloured_and_tell_their_sources(tmp_path: Path):
    item = document("q2/bc.pdf", "Sở Tư pháp", {COMPUTERS: 58, INSTALLED: 30, STAFF: 43, EQUIPPED: 43})
    other = document("q2/other.pdf", "Sở Y tế", {INSTALLED: 30})
    told = finding(page="2", table=3, row=2, indicator_id=INSTALLED, other_indicators=f"{STAFF}; {LAN}")
    book = openpyxl.load_workbook(write_workbook(tmp_path, [item, other], [told], CATALOGUE))
    cells = [cell for row in book["2019-Q2"].iter_rows(min_row=HEADER_ROW + 1) for cell in row if cell.comment]
    assert [cell.value for cell in cells] == [43, 30]
    assert all(cell.fill.start_color.rgb.endswith("FFC7CE") for cell in cells)
    assert "q2/bc.pdf, trang 2, bảng 3, dòng 2" in cells[1].comment.text
    assert all("Không khớp." in cell.comment.text for cell in cells)
    rows = list(book.worksheets[-1].iter_rows(min_row=2, values_only=True))
    assert [row[:4] for row in rows] == [("2019-Q2", "Sở Tư pháp", "q2/bc.pdf", "trang 2, bảng 3, dòng 2")]


def test_indicators_stand_in_form_order_under_their_headings(tmp_path: Path):
    book = openpyxl.load_workbook(written(tmp_path, quarter(2)))
    labels = [row[1] for row in book["2019-Q2"].iter_rows(min_row=HEADER_ROW + 1, values_only=True)]
    targets = dict.fromkeys(row.target for row in CATALOGUE.forms["tq2019"].rows if row.target in CATALOGUE.indicators)
    printed = [CATALOGUE.indicators[target].label_vi for target in targets]
    assert [label for label in labels if label in set(printed)] == printed
    heading = labels.index("HẠ TẦNG KỸ THUẬT CNTT")
    assert heading < labels.index(CATALOGUE.indicators[COMPUTERS].label_vi)


def test_an_indicator_of_no_form_stands_at_the_end():
    other = next(one for one in CATALOGUE.indicators if one not in {row.target for row in ROWS.values()})
    (table,) = period_tables([document("a", "Sở Tư pháp", {other: 1})], [], CATALOGUE)
    assert table.lines[-1].indicator is not None and table.lines[-1].indicator.id == other


def test_the_sheet_is_ready_for_reading_and_printing(tmp_path: Path):
    sheet = openpyxl.load_workbook(written(tmp_path, quarter(4)))["2019-Q2"]
    assert sheet.freeze_panes == "F6" and sheet.auto_filter.ref.startswith("A5:I")
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 8)
    assert sheet.print_title_rows == "$5:$5" and sheet.print_title_cols == "$A:$E"
    assert "Tuyên Quang" in sheet["A2"].value and "Quý II năm 2019" in sheet["A2"].value
    formats = {cell.number_format for row in sheet.iter_rows(min_row=6, min_col=6) for cell in row if cell.value}
    assert any("#,##0" in one for one in formats)


def test_text_is_never_run_as_a_formula(tmp_path: Path):
    path = written(tmp_path, [document('=HYPERLINK("x")', "=1+1", {SITE: "=cmd|' /C calc'!A0"})])
    for sheet in openpyxl.load_workbook(path).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f" or cell.column in (4, 5), cell.coordinate


def test_a_provisional_report_marks_its_column(tmp_path: Path):
    path = written(tmp_path, [document("a", "Sở Tư pháp", {COMPUTERS: 5}, provisional=True)])
    header = openpyxl.load_workbook(path)["2019-Q2"].cell(HEADER_ROW, len(FIXED) + 1)
    assert header.comment is not None and header.fill.start_color.rgb.endswith("FFF2CC")


def test_an_agency_that_could_not_be_told_has_a_column_of_its_own():
    items = [document(name, "", {COMPUTERS: 1}) for name in ("a/bc.pdf", "b/bc.pdf")]
    items = [replace(item, report=replace(item.report, agency=Agency())) for item in items if item.report]
    (table,) = period_tables(items, [], CATALOGUE)
    assert [one.name for one in table.reporters] == ["bc.pdf", "bc.pdf"] and len(table.figures) == 2


def test_the_same_input_gives_the_same_bytes(tmp_path: Path):
    first = written(tmp_path, quarter(3)).read_bytes()
    assert datetime.now(UTC).year > 1980
    assert written(tmp_path, quarter(3)[::-1]).read_bytes() == first


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("2019-Q2", "Quý II năm 2019"),
        ("2020-06", "Tháng 6 năm 2020"),
        ("2021-S1", "6 tháng kỳ 1 năm 2021"),
        ("2018", "Năm 2018"),
        ("2024-03-05", "Ngày 5/3/2024"),
        ("2019-01-01/P9M", "9 tháng đầu năm 2019"),
        ("", "chưa rõ"),
    ],
)
def test_a_period_is_said_in_words(period: str, words: str):
    assert say_period(period, CATALOGUE.messages) == words
    assert 0 < len(sheet_name(period, CATALOGUE.messages)) <= 31 and "/" not in sheet_name(period, CATALOGUE.messages)


def test_more_agencies_than_a_sheet_has_columns_go_on_in_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workbook, "MOST_COLUMNS", len(FIXED) + 4)
    book = openpyxl.load_workbook(written(tmp_path, quarter(6)))
    assert book.sheetnames[:2] == ["2019-Q2", "2019-Q2 (2)"]
    named = [[cell.value for cell in book[name][HEADER_ROW][len(FIXED) :]] for name in book.sheetnames[:2]]
    assert sorted(named[0] + named[1]) == sorted(NAMES) and len(named[0]) == 4
    assert "2/2" in book["2019-Q2 (2)"]["A3"].value


def n_styles(path: Path) -> int:
    with ZipFile(path) as archive:
        return archive.read("xl/styles.xml").count(b"<xf ")


def test_cells_of_one_look_share_their_style_however_many_they_are(tmp_path: Path):
    few = n_styles(written(tmp_path / "few", quarter(2)))
    assert 10 < n_styles(written(tmp_path / "many", quarter(6))) <= few + 4 < 60
