"""Measures how tables without rules are read and writes ``docs/layouts.md``: ``python -m benchmarks.layouts``."""

from __future__ import annotations

import io
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pdfplumber
from lxml import etree

from benchmarks.layout_forms import cells_by_page, found_tables, printed_form, squeezed, true_by_page
from benchmarks.layout_scores import Scores, cell_score, f1, page_relations, page_score, relations
from extract.pdf import read_pdf
from normalize.catalogue import Catalogue, default_folder, load_catalogue
from normalize.document import read_report
from normalize.model import Evidence, Report, Value
from samples.form import Fill, Json
from samples.truth import figure_lines

ICDAR = Path(__file__).parent / "data" / "icdar2013-eu"
PAGE = Path(__file__).parents[1] / "docs" / "layouts.md"
FORM_IDS = ("f2017", "hg2019", "tq2019", "vp2020", "xa2024", "wide2026")
HELD_FORM = "aside2025"
"""Read only when this page is written."""
BORDERS = ("none", "horizontal")
FONTS = ("DejaVu Serif", "FreeSerif", "Liberation Serif")
"""Liberation Serif lacks letters: words are drawn with two fonts."""
HELD_FONT = "Noto Serif"
"""Looked at only when this page is written."""


# --- the competition set ---------------------------------------------------------------------------------------------


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
    return page_relations(cells_by_page(read_pdf(data, "").tables))


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
    """How a printed form was read: tables there are and found, the scores, and figures right, wrong and missing.

    No figures where the form is in no catalogue.
    """

    tables: int
    found: int
    cells: Scores
    page_cells: Scores
    neighbours: Scores
    figures: tuple[int, ...]


def read_form(form_id: str, borders: str, font: str, catalogue: Catalogue) -> Read:
    """Print a form, read it, and hold it against what was filled in."""
    printed = printed_form(form_id, borders, font)
    document = read_pdf(printed.data, "")
    found, pages, true_pages = found_tables(document), cells_by_page(document.tables), true_by_page(printed.tables)
    figures: tuple[int, ...] = ()
    if form_id in catalogue.forms:
        report = read_report(document, Evidence("form.pdf"), catalogue)
        figures = figure_score(report, printed.form, printed.fill, catalogue)
    return Read(
        len(printed.tables),
        len(found),
        cell_score(found, [table.cells for table in printed.tables]),
        page_score(pages, true_pages),
        f1(page_relations(pages), page_relations(true_pages)),
        figures,
    )


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
    """Forms without rules, by border and font."""
    yield from ("## Forms of our making", "", "Printed by LibreOffice without tags, cells aligned at the top. Text"
                " without white space. Three measures of F1:", "",
                "- *whole tables*: exact cells (table, row, column, text), whole tables over all pages, so that one row"
                " too many makes all cells below it wrong;",
                "- *by page*: the same with each table cut where its pages end and moved by the rows and columns at"
                " which it agrees best; a row counts on the page it begins on, a header printed again nowhere;",
                "- *neighbours*: the adjacency relations of ICDAR-2013, counted page by page.", "",
                "Figures: what became of the figures of the form in the dataset; missing ones wait in the audit file or"
                " were not found. The forms wide2026 and aside2025 are in no catalogue.", "",
                f"Held aside: nothing was tried with {HELD_FONT}, of which only the scores in an earlier version of"
                f" this page were known, or with the form {HELD_FORM} before this page was written. The other forms"
                " were all seen.", "",
                "| form | borders | font | tables | found | precision | recall | F1 whole tables | F1 by page |"
                " F1 neighbours | right | wrong | missing |",
                "|---|---|---|---|---|---|---|---|---|---|---|---|---|")  # fmt: skip
    catalogue = load_catalogue(default_folder())
    read: dict[tuple[str, str, bool], list[Read]] = defaultdict(list)
    for borders, font, form_id in itertools.product(BORDERS, (*FONTS, HELD_FONT), (*FORM_IDS, HELD_FORM)):
        one = read_form(form_id, borders, font, catalogue)
        read[borders, font, form_id == HELD_FORM].append(one)
        scores = _scores((*one.cells, one.page_cells[2], one.neighbours[2]))
        yield f"| {form_id} | {borders} | {font} | {one.tables} | {one.found} | {scores} | {_joined(one.figures)} |"
    yield from _means(read)


def _means(read: dict[tuple[str, str, bool], list[Read]]) -> Iterator[str]:
    yield from ("", "| borders | font | forms | F1 whole tables | F1 by page | F1 neighbours | right | wrong |"
                " missing |", "|---|---|---|---|---|---|---|---|---|")  # fmt: skip
    for (borders, font, held), own in sorted(read.items(), key=lambda each: each[0][2]):
        scores = _scores([sum(column) / len(own) for column in zip(
            *((one.cells[2], one.page_cells[2], one.neighbours[2]) for one in own), strict=True)])  # fmt: skip
        sums = [sum(column) for column in zip(*(one.figures for one in own if one.figures), strict=True)]
        font += " (held aside)" if font == HELD_FONT else ""
        forms = f"{HELD_FORM} (held aside)" if held else f"the other {len(own)}"
        yield f"| {borders} | {font} | {forms} | {scores} | {_joined(sums)} |"


def _scores(numbers: Sequence[float]) -> str:
    return " | ".join(f"{score:.3f}" for score in numbers)


def _joined(counts: Sequence[int]) -> str:
    return " | ".join(map(str, counts or ("", "", "")))


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
