"""The text of a real report whose fonts lost their letters, words split, one page made up by an OCR program."""

from __future__ import annotations

import io
import json
from functools import lru_cache
from pathlib import Path

from docx import Document as NewDocx

from extract.word import read_docx
from normalize.catalogue import TARGETS, default_folder, load_catalogue
from normalize.document import read_report
from normalize.model import Evidence, Outcome, Report

DATA = Path(__file__).parent.parent / "data" / "tuyen_quang_2019_damaged.json"
CATALOGUE = load_catalogue(default_folder())
TARGET_OF = {row.row: row.target for row in CATALOGUE.forms["tq2019"].rows}


def _docx(parts: list[dict]) -> bytes:
    document = NewDocx()
    for part in parts:
        for line in part["before"]:
            document.add_paragraph(line)
        rows = [row["cells"] for row in part["rows"]]
        table = document.add_table(len(rows), max(map(len, rows)))
        for index, cells in enumerate(rows):
            line = table.rows[index].cells
            for column, text in enumerate(cells):
                line[column].text = text
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


@lru_cache
def _report() -> Report:
    parts = json.loads(DATA.read_text(encoding="utf-8"))
    return read_report(read_docx(_docx(parts), "0" * 64), Evidence("bao cao.docx"), CATALOGUE)


@lru_cache
def _by_printed_row() -> dict[str, Outcome]:
    """The outcome of each printed row, found by its place: the order of grids, and the row within each."""
    parts = json.loads(DATA.read_text(encoding="utf-8"))
    places: dict[tuple[str, int], str] = {}
    for part in parts:
        for index, row in enumerate(part["rows"], start=1):
            if row["row"]:
                places[(row["cells"][1] or row["cells"][0], index)] = row["row"]
    found: dict[str, Outcome] = {}
    for outcome in _report().outcomes:
        if outcome.row.place.table and "second_value" not in outcome.row.flags:
            label = outcome.row.raw_label.strip()
            if row := places.get((label, outcome.row.place.row)):
                found.setdefault(row, outcome)
    return found


def _indicator_rows() -> list[str]:
    return [row for row, target in TARGET_OF.items() if target not in TARGETS and row[0].isdigit() and ".r" in row]


def test_every_indicator_row_is_matched_right():
    rows = [row for row in _indicator_rows() if CATALOGUE.indicators[TARGET_OF[row]].value_type not in ("text", "url")]
    assert len(rows) == 154
    found = _by_printed_row()
    right = [row for row in rows if row in found and found[row].match.target == TARGET_OF[row]]
    assert len(right) >= 154, sorted(set(rows) - set(right))


def test_no_row_is_matched_wrong():
    wrong = {
        row: outcome.match.target
        for row, outcome in _by_printed_row().items()
        if outcome.match.target not in ("", TARGET_OF[row])
        and not (outcome.match.target in TARGETS and TARGET_OF[row] in TARGETS)
    }
    assert wrong == {}


def test_the_filled_rows_carry_figures():
    figures = [
        outcome
        for row, outcome in _by_printed_row().items()
        if outcome.kind == "observation" and outcome.value.number is not None and TARGET_OF[row] not in TARGETS
    ]
    assert len(figures) == 123


def test_the_report_knows_its_agency_and_quarter():
    report = _report()
    assert (report.form_id, report.agency.name, report.agency.province) == ("tq2019", "Sở Tư pháp", "Tuyên Quang")
    assert report.period == "2019-Q2"
    assert report.provisional  # signed on 25 May, before the quarter ended
