"""Forms without rules, as PDF files and as the tables that must be found: those of the samples, and invented ones."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from extract.model import Document, Table
from extract.pdf import read_pdf
from samples.fill import made_up, seed_fill
from samples.form import Entry, Fill, Head, Json, load_form
from samples.layout import grid_of, header_merges
from samples.make_samples import COMMUNE, ENVIRONMENT, HA_GIANG, TUYEN_QUANG
from samples.office import docx_of
from samples.pdf import pdf_of

INVENTED = Path(__file__).parent / "data" / "layouts"
FORM_2017 = Head("Sở Y tế", "department", "Phú Thọ", "2017-Q3", place="Phú Thọ", number="1/BC", day=date(2017, 10, 5),
                 authority="UBND tỉnh Phú Thọ")  # fmt: skip
TAGGED = 'pdf:writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"true"}}'

CellAt = tuple[int, int, str]
"""Row and column, counted from 0 without the empty ones, and the text without white space."""


@dataclass(frozen=True, slots=True)
class TrueTable:
    """The filled cells of a table of a form, a merged cell at its top left, and the page that each row begins on."""

    cells: tuple[CellAt, ...]
    pages: tuple[int, ...]

    def on(self, page: int) -> list[CellAt]:
        """The cells of the rows that begin on a page."""
        return numbered(cell for cell in self.cells if self.pages[cell[0]] == page)


@dataclass(frozen=True, slots=True)
class PrintedForm:
    """A form with what was filled in, as a PDF file, and its tables as they are in truth."""

    form: Json
    fill: Fill
    data: bytes
    tables: tuple[TrueTable, ...]


def squeezed(text: str) -> str:
    """Text in NFKC without white space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def filled_form(form_id: str) -> tuple[Json, Fill]:
    """A form and what is filled in: an invented one, the seed report where there is one, else made up."""
    path = INVENTED / f"{form_id}.json"
    if path.exists():
        told = json.loads(path.read_text(encoding="utf-8"))
        entries = {name: tuple(Entry(section, tuple(cells)) for section, cells in found)
                   for name, found in told["entries"].items()}  # fmt: skip
        return told["form"], Fill(entries=entries)
    form = load_form(form_id)
    if form_id == "f2017":
        return form, made_up(form_id, FORM_2017, 2022)
    if form_id in ("xa2024", "tq2019"):
        return form, seed_fill(form, COMMUNE if form_id == "xa2024" else TUYEN_QUANG)
    return form, made_up(form_id, HA_GIANG if form_id == "hg2019" else ENVIRONMENT, 2022)


def printed_form(form_id: str, borders: str, font: str) -> PrintedForm:
    """Print a form whose tables keep no borders, or the horizontal ones."""
    form, fill = filled_form(form_id)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "form.docx")
        docx_of(form, fill, path, font)
        _take_borders(path, borders)
        pdf_of(path, Path(folder, "plain.pdf"))
        tagged = read_pdf(_tagged(path), "")
        return PrintedForm(form, fill, Path(folder, "plain.pdf").read_bytes(), tuple(_true_tables(form, fill, tagged)))


def _take_borders(path: Path, borders: str) -> None:
    document = docx.Document(str(path))
    for table in document.tables:
        properties = table._tbl.tblPr
        for old in properties.findall(qn("w:tblBorders")) + properties.findall(qn("w:tblStyle")):
            properties.remove(old)
        if borders == "horizontal" and len(table.rows) > 1:
            properties.append(_horizontal())
    document.save(str(path))


def _horizontal() -> Any:
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "000000")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    return borders


def _tagged(path: Path) -> bytes:
    """The same pages with tags, which say where each row begins."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(path, Path(folder, "tagged.docx"))
        profile = Path(folder, "profile").as_uri()
        command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", TAGGED]
        subprocess.run([*command, "--outdir", folder, str(copy)], capture_output=True, timeout=300, check=True)
        return Path(folder, "tagged.pdf").read_bytes()


def _true_tables(form: Json, fill: Fill, tagged: Document) -> Iterator[TrueTable]:
    """The tables of a form with the pages of their rows; ``RuntimeError`` where the tags do not have the same rows."""
    blocks = [block for block in form["blocks"] if block["kind"] in ("table", "list_table")]
    tables = [table for table in tagged.tables if not table.prose][-len(blocks) :]
    for block, table in zip(blocks, tables, strict=True):
        cells, pages = _cells_of(block, fill), _row_pages(table)
        if len(pages) != 1 + max(row for row, _, _ in cells):
            raise RuntimeError(f"{form['form_id']} {block['id']}: the tags have {len(pages)} rows")
        yield TrueTable(tuple(cells), tuple(pages))


def _cells_of(block: Json, fill: Fill) -> list[CellAt]:
    covered = {
        (row, column)
        for top, left, bottom, right in header_merges(block["header"])
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
        if (row, column) != (top, left)
    }
    return numbered(
        (at, left, squeezed(text))
        for at, line in enumerate(grid_of(block, fill))
        for left, _, text in line.cells
        if (at, left) not in covered
    )


def _row_pages(table: Table) -> list[int]:
    first: dict[int, int] = {}
    for cell in table.cells:
        if cell.text.strip():
            first[cell.place.row] = min(first.get(cell.place.row, cell.place.page), cell.place.page)
    return [first[row] for row in sorted(first)]


def numbered(cells: Iterable[CellAt]) -> list[CellAt]:
    """Filled cells with rows and columns counted without the empty ones."""
    filled = [cell for cell in cells if cell[2]]
    rows = {row: at for at, row in enumerate(sorted({row for row, _, _ in filled}))}
    columns = {column: at for at, column in enumerate(sorted({column for _, column, _ in filled}))}
    return [(rows[row], columns[column], text) for row, column, text in filled]


def found_tables(document: Document) -> list[list[CellAt]]:
    """The filled cells of each table that was read."""
    return [
        numbered((cell.place.row, cell.place.column, squeezed(cell.text)) for cell in table.cells)
        for table in document.tables
        if not table.prose
    ]


def cells_by_page(tables: Iterable[Table]) -> dict[int, list[list[CellAt]]]:
    """The filled cells of each table's part on each page."""
    found: dict[int, list[list[CellAt]]] = {}
    for table in tables:
        pages: dict[int, list[CellAt]] = {}
        for cell in () if table.prose else table.cells:
            pages.setdefault(cell.place.page, []).append((cell.place.row, cell.place.column, squeezed(cell.text)))
        for page, cells in pages.items():
            found.setdefault(page, []).append(numbered(cells))
    return found


def true_by_page(tables: Sequence[TrueTable]) -> dict[int, list[list[CellAt]]]:
    """The same of the true tables."""
    found: dict[int, list[list[CellAt]]] = {}
    for table in tables:
        for page in sorted(set(table.pages)):
            found.setdefault(page, []).append(table.on(page))
    return found
