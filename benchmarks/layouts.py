"""Measures how tables without rules are read and writes ``docs/layouts.md``: ``python -m benchmarks.layouts``."""

from __future__ import annotations

import io
import itertools
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pdfplumber
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from lxml import etree

from extract.model import Document, Table
from extract.pdf import read_pdf
from normalize.catalogue import Catalogue, default_folder, load_catalogue
from normalize.document import read_report
from normalize.model import Evidence, Report, Value
from samples.fill import made_up, seed_fill
from samples.form import Fill, Head, Json, load_form
from samples.layout import grid_of, header_merges
from samples.make_samples import COMMUNE, ENVIRONMENT, HA_GIANG, TUYEN_QUANG
from samples.office import docx_of
from samples.pdf import pdf_of
from samples.truth import figure_lines

ICDAR = Path(__file__).parent / "data" / "icdar2013-eu"
PAGE = Path(__file__).parents[1] / "docs" / "layouts.md"
FORM_2017 = Head("Sở Y tế", "department", "Phú Thọ", "2017-Q3", place="Phú Thọ", number="1/BC", day=date(2017, 10, 5),
                 authority="UBND tỉnh Phú Thọ")  # fmt: skip
FORM_IDS = ("f2017", "hg2019", "tq2019", "vp2020", "xa2024")
BORDERS = ("none", "horizontal")
FONTS = ("DejaVu Serif", "FreeSerif", "Liberation Serif")
"""Liberation Serif lacks letters: words are drawn with two fonts."""
HELD_FONT = "Noto Serif"
"""Looked at only when this page is written."""

CellAt = tuple[int, int, str]


def squeezed(text: str) -> str:
    """Text in NFKC without white space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def f1(found: Counter[Any], true: Counter[Any]) -> tuple[float, float, float]:
    """Precision, recall and F1 of two multisets."""
    hits = (found & true).total()
    precision, recall = hits / max(found.total(), 1), hits / max(true.total(), 1)
    return precision, recall, 2 * precision * recall / (precision + recall) if hits else 0.0


# --- forms of our making ---------------------------------------------------------------------------------------------


def fill_of(form_id: str) -> Fill:
    """What is filled in: the seed report where there is one, else made up."""
    if form_id == "f2017":
        return made_up(form_id, FORM_2017, 2022)
    if form_id in ("xa2024", "tq2019"):
        return seed_fill(load_form(form_id), COMMUNE if form_id == "xa2024" else TUYEN_QUANG)
    return made_up(form_id, HA_GIANG if form_id == "hg2019" else ENVIRONMENT, 2022)


def print_form(form: Json, fill: Fill, borders: str, font: str, target: Path) -> None:
    """Print a form whose tables keep no borders, or the horizontal ones."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "form.docx")
        docx_of(form, fill, path, font)
        document = docx.Document(str(path))
        for table in document.tables:
            properties = table._tbl.tblPr
            for old in properties.findall(qn("w:tblBorders")) + properties.findall(qn("w:tblStyle")):
                properties.remove(old)
            if borders == "horizontal" and len(table.rows) > 1:
                properties.append(_horizontal())
        document.save(str(path))
        pdf_of(path, target)


def _horizontal() -> Any:
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "000000")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    return borders


def true_tables(form: Json, fill: Fill) -> Iterator[list[CellAt]]:
    """The filled cells of each table of a form; a merged cell at its top left."""
    for block in form["blocks"]:
        if block["kind"] in ("table", "list_table"):
            covered = {
                (row, column)
                for top, left, bottom, right in header_merges(block["header"])
                for row in range(top, bottom + 1)
                for column in range(left, right + 1)
                if (row, column) != (top, left)
            }
            cells = [
                (at, left, squeezed(text))
                for at, line in enumerate(grid_of(block, fill))
                for left, _, text in line.cells
                if (at, left) not in covered
            ]
            yield _numbered(cells)


def _numbered(cells: Iterable[CellAt]) -> list[CellAt]:
    """Filled cells with rows and columns counted without the empty ones."""
    filled = [cell for cell in cells if cell[2]]
    rows = {row: at for at, row in enumerate(sorted({row for row, _, _ in filled}))}
    columns = {column: at for at, column in enumerate(sorted({column for _, column, _ in filled}))}
    return [(rows[row], columns[column], text) for row, column, text in filled]


def found_tables(document: Document) -> list[list[CellAt]]:
    """The filled cells of each table that was read."""
    return [
        _numbered((cell.place.row, cell.place.column, squeezed(cell.text)) for cell in table.cells)
        for table in document.tables
        if not table.prose
    ]


def cell_score(found: Sequence[list[CellAt]], true: Sequence[list[CellAt]]) -> tuple[float, float, float]:
    """Exact cells (table, row, column, text): each true table against the found one that it shares most cells with."""
    have, want = Counter[Any](), Counter[Any]()
    shared = sorted(
        (
            (len(set(one) & set(other)), -number, -at)
            for number, one in enumerate(true)
            for at, other in enumerate(found)
        ),
        reverse=True,
    )
    partner: dict[int, int] = {}
    for _, number, at in shared:
        if -number not in partner and -at not in partner.values():
            partner[-number] = -at
    for number, cells in enumerate(true):
        want.update((number, *cell) for cell in cells)
        if number in partner:
            have.update((number, *cell) for cell in found[partner[number]])
    have.update((-1, *cell) for at, cells in enumerate(found) if at not in partner.values() for cell in cells)
    return f1(have, want)


# --- the competition set ---------------------------------------------------------------------------------------------


def relations(cells: Iterable[CellAt]) -> Counter[Any]:
    """Each filled cell with its next filled neighbour to the right and below."""
    rows: dict[int, dict[int, str]] = defaultdict(dict)
    columns: dict[int, dict[int, str]] = defaultdict(dict)
    for row, column, text in cells:
        if text:
            rows[row][column] = columns[column][row] = text
    found = Counter[Any]()
    for direction, lines in (("right", rows), ("below", columns)):
        for line in lines.values():
            texts = [line[at] for at in sorted(line)]
            found.update((one, other, direction) for one, other in itertools.pairwise(texts))
    return found


def true_relations(name: str) -> Counter[Any]:
    """What the truth of a document says, page by page."""
    found = Counter[Any]()
    for region in etree.parse(str(ICDAR / f"{name}-str.xml")).iter("region"):
        cells = [
            (int(cell.get("start-row", "0")), int(cell.get("start-col", "0")),
             squeezed(cell.findtext("content") or "")) for cell in region.iter("cell")
        ]  # fmt: skip
        for key, count in relations(cells).items():
            found[int(region.get("page", "0")), *key] += count
    return found


def our_relations(data: bytes) -> Counter[Any]:
    """What the program reads."""
    found = Counter[Any]()
    for table in read_pdf(data, "").tables:
        for page, cells in _by_page(table):
            for key, count in relations(cells).items():
                found[page, *key] += count
    return found


def _by_page(table: Table) -> Iterator[tuple[int, list[CellAt]]]:
    pages: dict[int, list[CellAt]] = defaultdict(list)
    for cell in () if table.prose else table.cells:
        pages[cell.place.page].append((cell.place.row, cell.place.column, squeezed(cell.text)))
    yield from pages.items()


def plumber_relations(data: bytes) -> Counter[Any]:
    """What pdfplumber's own extract_tables reads."""
    found = Counter[Any]()
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            for table in page.extract_tables():
                cells = [(row, column, squeezed(text or "")) for row, line in enumerate(table)
                         for column, text in enumerate(line)]  # fmt: skip
                for key, count in relations(cells).items():
                    found[page.page_number, *key] += count
    return found


# --- the page --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Read:
    """How a printed form was read: tables there are and found, cell scores, and figures right, wrong and missing."""

    tables: int
    found: int
    cells: tuple[float, float, float]
    figures: tuple[int, int, int]


def read_form(form_id: str, borders: str, font: str, catalogue: Catalogue) -> Read:
    """Print a form, read it, and hold it against what was filled in."""
    form, fill = load_form(form_id), fill_of(form_id)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "form.pdf")
        print_form(form, fill, borders, font, path)
        document = read_pdf(path.read_bytes(), "")
    found, true = found_tables(document), list(true_tables(form, fill))
    report = read_report(document, Evidence("form.pdf"), catalogue)
    return Read(len(true), len(found), cell_score(found, true), figure_score(report, form, fill, catalogue))


def figure_score(report: Report, form: Json, fill: Fill, catalogue: Catalogue) -> tuple[int, int, int]:
    """How many figures of a form are right, wrong (also where nothing was filled in) and missing."""
    targets = {(each.id, row.row): row.target for each in catalogue.forms.values() for row in each.rows}
    told = {(line[0], line[1]): line for line in figure_lines(form, fill)}
    want = {key: line for key, line in told.items() if targets.get(key) in catalogue.indicators}
    got = {(one.match.form_id, one.match.form_row): one.value for one in report.outcomes if one.kind == "observation"}
    right = sum(key in got and _is_right(got[key], want[key][4], want[key][5]) for key in want)
    return right, len(got) - right, len(want.keys() - got.keys())


def _is_right(value: Value, number: str, text: str) -> bool:
    if number:
        return value.number is not None and abs(float(number) - value.number) < 1e-6
    return squeezed(value.text) == squeezed(text)


def form_lines() -> Iterator[str]:
    """Forms without rules, as whole tables over their pages, by border and font."""
    yield from ("## Forms of our making", "", "Printed by LibreOffice without tags, cells aligned at the top. Exact"
                " cells: table, row, column and text must be right, whole tables over all pages; text without white"
                " space, so that one row too many makes all cells below it wrong. Figures: what became of the figures"
                " of the form in the dataset; missing ones wait in the audit file or were not found.", "",
                f"{HELD_FONT} was held aside: nothing was tried with it before this page was written. The forms"
                " themselves were all seen.", "",
                "| form | borders | font | tables | found | precision | recall | F1 | right | wrong | missing |",
                "|---|---|---|---|---|---|---|---|---|---|---|")  # fmt: skip
    catalogue = load_catalogue(default_folder())
    read: dict[tuple[str, str], list[Read]] = defaultdict(list)
    for borders, font, form_id in itertools.product(BORDERS, (*FONTS, HELD_FONT), FORM_IDS):
        one = read_form(form_id, borders, font, catalogue)
        read[borders, font].append(one)
        cells = " | ".join(f"{score:.3f}" for score in one.cells)
        yield f"| {form_id} | {borders} | {font} | {one.tables} | {one.found} | {cells} | {_joined(one.figures)} |"
    yield from ("", "| borders | font | mean F1 | right | wrong | missing |", "|---|---|---|---|---|---|")
    for (borders, font), own in read.items():
        mean = sum(one.cells[2] for one in own) / len(own)
        sums = [sum(column) for column in zip(*(one.figures for one in own), strict=True)]
        yield f"| {borders} | {font}{' (held aside)' if font == HELD_FONT else ''} | {mean:.3f} | {_joined(sums)} |"


def _joined(counts: Sequence[int]) -> str:
    return " | ".join(map(str, counts))


def icdar_lines() -> Iterator[str]:
    """The competition documents."""
    yield from ("## The EU half of the ICDAR-2013 table competition", "", "Adjacency relations, F1 a document.", "",
                "| document | pdfplumber extract_tables | here |", "|---|---|---|")  # fmt: skip
    sums = [0.0, 0.0]
    paths = sorted(ICDAR.glob("*.pdf"))
    for path in paths:
        data, true = path.read_bytes(), true_relations(path.stem)
        pair = [f1(plumber_relations(data), true)[2], f1(our_relations(data), true)[2]]
        sums = [total + score for total, score in zip(sums, pair, strict=True)]
        yield f"| {path.stem} | {pair[0]:.3f} | {pair[1]:.3f} |"
    yield f"| mean of {len(paths)} | {sums[0] / len(paths):.3f} | {sums[1] / len(paths):.3f} |"


def main() -> None:
    """Measure and write the page."""
    lines = ["# Tables without rules", "", "Written by `python -m benchmarks.layouts`; not edited by hand.", ""]
    PAGE.write_text("\n".join([*lines, *form_lines(), "", *icdar_lines()]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
