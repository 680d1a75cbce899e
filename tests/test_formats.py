"""The same report gives the same figures, whatever format it is sent in."""

from __future__ import annotations

from pathlib import Path

import pytest

from extract.model import Document
from extract.office import office_program
from extract.read import read_document
from extract.source import make_source
from normalize.catalogue import Catalogue, load_catalogue
from normalize.document import read_report
from normalize.model import Evidence, Report
from samples.make_samples import samples
from tests.format_files import BOOKS, FORMATS, TEXTS, made, make

ROOT = Path(__file__).resolve().parent.parent
NAMES = [*(f"text.{kind}" for kind in TEXTS), *(f"book.{kind}" for kind in BOOKS if kind != "html"), "book.xls.html"]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(ROOT / "mappings")


def document(path: Path) -> Document:
    return read_document(make_source(path.name, path.read_bytes(), 0))


def report(path: Path, catalogue: Catalogue) -> Report:
    return read_report(document(path), Evidence("report"), catalogue)


def figures(found: Report) -> list[tuple[object, ...]]:
    """Every observation; answers in words without blanks, because a PDF breaks lines after a hyphen."""
    return [
        (item.match.target, item.value.number, "".join(item.value.text.split()), item.value.status)
        for item in found.outcomes
        if item.kind == "observation"
    ]


def about(found: Report) -> tuple[object, ...]:
    unmatched = [item.row.label for item in found.outcomes if item.kind == "unmatched"]
    return found.form_id, found.period, found.agency, unmatched


def assert_same(one: Path, other: Path, catalogue: Catalogue) -> None:
    mine, theirs = report(one, catalogue), report(other, catalogue)
    assert figures(mine), one.name
    assert figures(mine) == figures(theirs), other.name
    assert about(mine) == about(theirs), other.name
    if other.suffix != ".pdf":  # a PDF shows lines as they are broken on the page
        assert [entry.values for entry in mine.entries] == [entry.values for entry in theirs.entries], other.name


def test_there_is_a_file_of_every_format() -> None:
    assert {path.name for path in made(FORMATS)} == {*NAMES, "text.docx", "book.xlsx"}


@pytest.mark.parametrize("name", NAMES)
def test_every_format_gives_the_same_figures(name: str, catalogue: Catalogue) -> None:
    assert_same(FORMATS / ("text.docx" if name.startswith("text") else "book.xlsx"), FORMATS / name, catalogue)


def test_documents_and_workbooks_give_the_same_figures(catalogue: Catalogue) -> None:
    text, book = (report(FORMATS / name, catalogue) for name in ("text.docx", "book.xlsx"))
    assert {figure[0]: figure[1:] for figure in figures(text)} == {figure[0]: figure[1:] for figure in figures(book)}


# a PDF breaks lines as the page does, and a web page made of a workbook prints the titles of its sheets
@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("text.pdf", "book.xls.html")])
def test_every_format_gives_the_same_texts(name: str) -> None:
    one, other = document(FORMATS / ("text.docx" if name.startswith("text") else "book.xlsx")), document(FORMATS / name)
    texts = [
        [(" ".join(cell.text.split()), cell.number) for table in found.tables for cell in table.cells if cell.text]
        for found in (one, other)
    ]
    assert texts[0] == texts[1]
    assert [(table.prose, table.n_rows, table.n_columns) for table in one.tables] == [
        (table.prose, table.n_rows, table.n_columns) for table in other.tables
    ]


def test_the_reader_that_read_a_file_is_named() -> None:
    named = {name: document(FORMATS / name).reader for name in ("text.doc", "book.xls", "text.rtf", "text.docx")}
    assert named["book.xls"].endswith(" xlrd")
    assert [named[f"text.{kind}"].split("/")[0] for kind in ("doc", "rtf", "docx")] == ["doc", "rtf", "docx"]


@pytest.mark.slow
@pytest.mark.skipif(not office_program(), reason="LibreOffice is not installed")
@pytest.mark.parametrize("number", [1, 3])
def test_other_reports_give_the_same_figures_too(number: int, tmp_path: Path, catalogue: Catalogue) -> None:
    make(samples()[number], tmp_path)
    for path in made(tmp_path):
        if path.name not in ("text.docx", "book.xlsx"):
            assert_same(tmp_path / ("text.docx" if path.name.startswith("text") else "book.xlsx"), path, catalogue)
