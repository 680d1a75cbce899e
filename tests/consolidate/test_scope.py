"""A report that a change of the mappings is said not to touch comes out the same when it is matched anew."""

from __future__ import annotations

import csv
import io
import random
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from benchmarks.reports import new_form_cases, reworded_cases
from consolidate.mappings import packaged_folder
from consolidate.reading import done, pending
from consolidate.scope import Scope, is_touched, like_tokens, mentions_of, scope_of, unlike_rows
from extract.model import Cell, Document, Place
from extract.read import read_document
from extract.source import make_source
from normalize.catalogue import TARGETS, Catalogue, load_catalogue
from normalize.document import read_report
from normalize.model import Agency, Candidate, Evidence, Match, Outcome, Report, Row, Value
from samples.fill import made_up
from samples.form import Head, load_form
from samples.office import docx_of

FORMS = {"f2017": "2017-Q2", "hg2019": "2019-09", "tq2019": "2019-Q2", "vp2020": "2020-06", "xa2024": "2024-Q1"}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    """A report on each form, which rows stand in their places of, and reports in other words, which are weighed."""
    folder, catalogue = tmp_path_factory.mktemp("reports"), _catalogue(packaged_folder())
    found = {}
    for form_id, period in FORMS.items():
        head = Head("Sở Tư pháp", "department", "Vĩnh Phúc", period, authority="UBND tỉnh Vĩnh Phúc")
        path = folder / f"{form_id}.docx"
        docx_of(load_form(form_id), made_up(form_id, head, 5), path)
        found[form_id] = read_document(make_source(path.name, path.read_bytes(), 0))
    for case in (*reworded_cases(catalogue, "tune")[:3], *new_form_cases()[:1]):
        found[case.name] = case.document()
    return found


@cache
def _catalogue(folder: Path) -> Catalogue:
    return load_catalogue(folder)


def _report(name: str, document: Document, catalogue: Catalogue) -> Report:
    return read_report(document, Evidence(name), catalogue)


def _body(name: str, report: Report) -> bytes:
    item = pending(make_source(name, b"", 0))
    return done(type(item)(item.source_path, "", "", "extracted", report=report)).body


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.csv")}


def _moved(folder: Path, seed: int) -> None:
    """Move one printed row of a form from its indicator to another one, or to none."""
    chance = random.Random(seed)
    path = chance.choice(sorted((folder / "forms").glob("*.csv")))
    lines = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    line = chance.choice([one for one in lines if one["target"] not in TARGETS])
    ids = [one for one in _catalogue(packaged_folder()).indicators if one != line["target"]]
    line["target"] = chance.choice(["ignore", chance.choice(ids)])
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, lines[0].keys())
        writer.writeheader()
        writer.writerows(lines)


@pytest.mark.parametrize(
    "seed", [1, 3, pytest.param(4, marks=pytest.mark.slow), pytest.param(5, marks=pytest.mark.slow)]
)
def test_what_a_moved_row_is_said_not_to_touch_comes_out_the_same(
    documents: dict[str, Document], tmp_path: Path, seed: int
) -> None:
    before = _catalogue(packaged_folder())
    folder = Path(shutil.copytree(packaged_folder(), tmp_path / "mappings"))
    _moved(folder, seed)
    after, scope = load_catalogue(folder), scope_of(_files(packaged_folder()), _files(folder))
    assert scope is not None
    old = {name: _report(name, document, before) for name, document in documents.items()}
    new = {name: _report(name, document, after) for name, document in documents.items()}
    touched = _touched(old, scope, after)
    changed = {name for name in documents if _body(name, old[name]) != _body(name, new[name])}
    assert changed and changed <= touched
    assert touched < documents.keys()


def _touched(reports: dict[str, Report], scope: Scope, after: Catalogue) -> set[str]:
    unlike = {name: body for report in reports.values() for name, body in unlike_rows(report).items()}
    tokens = scope.tokens | like_tokens(unlike, scope, after)
    return {name for name, report in reports.items() if is_touched(mentions_of(report), tokens)}


def test_rows_that_stand_in_their_places_do_not_hang_on_other_forms(documents: dict[str, Document]) -> None:
    catalogue = _catalogue(packaged_folder())
    before = _files(packaged_folder())
    moved = before["forms/vp2020.csv"].replace(b",digital_signatures.issued,", b",ignore,")
    scope = scope_of(before, {**before, "forms/vp2020.csv": moved})
    assert scope is not None
    reports = {name: _report(name, documents[name], catalogue) for name in FORMS}
    assert _touched(reports, scope, catalogue) == {"vp2020"}


def test_a_text_that_resembles_a_row_given_to_an_indicator_is_asked_again(
    documents: dict[str, Document], tmp_path: Path
) -> None:
    """What no form asked for is prose; then an analyst gives the row that prints it to an indicator."""
    catalogue = _catalogue(packaged_folder())
    (row,) = [
        one for one in catalogue.form_rows if one.form_id == "vp2020" and one.target == "digital_signatures.issued"
    ]
    folder = Path(shutil.copytree(packaged_folder(), tmp_path / "mappings"))
    path = folder / "forms" / "vp2020.csv"
    after = path.read_bytes()
    path.write_bytes(after.replace(b",digital_signatures.issued,", b",ignore,"))
    scope = scope_of(_files(folder), _files(packaged_folder()))
    assert scope is not None and scope.printed == {("vp2020", row.row)}
    text = Row(Place(), 1, "", row.label, row.label, "", ("B",), Cell(Place(), ""), kind="line")
    likely = Outcome(text, Match("", candidates=(Candidate("x", "X", 0.0),)), Value(), "ignored", "prose")
    report = Report("tq2019", Agency(), "2019-Q2", (likely,))
    assert _touched({"a": report}, scope, catalogue) == {"a"}
    other = replace(report, outcomes=(replace(likely, row=replace(text, label="Kính gửi")),))
    assert _touched({"a": other}, scope, catalogue) == set()
