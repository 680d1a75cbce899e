"""Every sample gives exactly what stands in samples/expected, row by row, and loses nothing."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

from extract.model import LOST
from extract.read import read_document
from extract.source import open_sources
from normalize.catalogue import TARGETS, default_folder, known_texts, load_catalogue
from normalize.document import read_report
from normalize.model import Evidence, Report

SAMPLES = Path(__file__).parent.parent / "samples"
CATALOGUE = load_catalogue(default_folder())
TARGET_OF = {(form.id, row.row): row.target for form in CATALOGUE.forms.values() for row in form.rows}


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


DOCUMENTS = _table(SAMPLES / "expected" / "documents.csv")
PATHS = [row["source_path"] for row in DOCUMENTS]


@cache
def _report(path: str) -> Report:
    source = next(one for one in open_sources(SAMPLES / "inbox") if one.source_path == path)
    return read_report(read_document(source, known_texts(CATALOGUE)), Evidence(path), CATALOGUE)


def _expected(path: str) -> list[dict[str, str]]:
    rows = _table(SAMPLES / "expected" / f"{Path(path).stem}.csv")
    return [row for row in rows if TARGET_OF[(row["form_id"], row["row"])] not in TARGETS]


@pytest.mark.parametrize("path", PATHS)
def test_each_filled_row_gives_its_value_and_no_other_does(path: str):
    got = {
        (outcome.match.form_id, outcome.match.form_row): outcome.value
        for outcome in _report(path).outcomes
        if outcome.kind == "observation"
    }
    want = {(row["form_id"], row["row"]): row for row in _expected(path)}
    assert set(got) == set(want)
    for key, row in want.items():
        if row["value"]:
            assert got[key].number == pytest.approx(float(row["value"])), key
        else:
            assert got[key].text == row["value_text"].strip(), key


@pytest.mark.parametrize("path", PATHS)
def test_each_value_is_taken_for_the_indicator_of_its_row(path: str):
    for outcome in _report(path).outcomes:
        if outcome.kind == "observation":
            assert outcome.match.target == TARGET_OF[(outcome.match.form_id, outcome.match.form_row)]


@pytest.mark.parametrize("path", PATHS)
def test_every_row_with_a_value_has_one_fate(path: str):
    for outcome in _report(path).outcomes:
        assert outcome.kind in ("observation", "unmatched", "ignored", "blank")
        assert (outcome.kind in ("observation", "blank")) != bool(outcome.reason), outcome


@pytest.mark.parametrize("row", DOCUMENTS, ids=PATHS)
def test_each_report_knows_its_form_agency_and_period(row: dict[str, str]):
    report = _report(row["source_path"])
    assert (report.form_id, report.period) == (row["form_id"], row["period"])
    if row["status"] == "extracted":
        told = (report.agency.name, report.agency.level, report.agency.province)
        assert told == (row["agency"], row["agency_level"], row["province"])


@pytest.mark.parametrize("path", PATHS)
def test_each_list_entry_is_read_field_by_field(path: str):
    stem = Path(path).stem
    want: dict[str, list[dict[str, str]]] = {}
    for file in sorted((SAMPLES / "expected" / "lists").glob("*.csv")):
        if file.name.startswith(stem + "."):
            want[file.stem.removeprefix(stem + ".")] = _table(file)
    got: dict[str, list[dict[str, str]]] = {}
    for entry in _report(path).entries:
        got.setdefault(entry.list_id, []).append({"item_no": entry.item_no, **dict(entry.values)})
    assert {list_id: len(rows) for list_id, rows in got.items()} == {i: len(rows) for i, rows in want.items()}
    for list_id, rows in want.items():
        for mine, row in zip(got[list_id], rows, strict=True):
            for field in mine.keys() & row.keys():
                assert _same_but_for_marked_losses(mine[field], row[field]), (list_id, field)


def _same_but_for_marked_losses(mine: str, want: str) -> bool:
    got, expected = "".join(mine.split()), "".join(want.split())
    pairs = zip(got, expected, strict=False)
    return len(got) == len(expected) and all(a in (b, LOST) for a, b in pairs)


def test_no_contact_of_a_person_is_published():
    for path in PATHS:
        for outcome in _report(path).outcomes:
            if outcome.kind in ("observation", "unmatched"):
                told = f"{outcome.value.text} {outcome.row.note}"
                assert "0000000000" not in told
                assert "lien-he@example.vn" not in told
