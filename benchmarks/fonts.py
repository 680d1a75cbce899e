"""How well letters come back that the fonts of a PDF do not name: every form, three fonts, two printing programs.

Each form is filled with made-up figures, printed, and its fonts then made to forget what their letters are; what is
read back is compared, cell by cell and letter by letter, with the healthy file.
"""

from __future__ import annotations

import html
import itertools
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import patch

import pikepdf

from extract.model import LOST, Cell, Document
from extract.pdf import read_pdf
from normalize.catalogue import Catalogue, known_texts, load_catalogue
from samples.fill import made_up
from samples.form import Fill, Head, Json, load_form
from samples.layout import fill_in_lines, grid_of, header_merges, opening
from samples.office import docx_of
from samples.pdf import break_tounicode, pdf_of

MAPPINGS = Path(__file__).parents[1] / "mappings"
FORMS = {"f2017": "2017-Q2", "tq2019": "2019-Q2", "hg2019": "2019-Q4", "vp2020": "2020-06", "xa2024": "2024-Q1"}
FONTS = ("FreeSerif", "Liberation Sans", "DejaVu Sans")
PRODUCERS = ("LibreOffice", "Chromium")
KINDS = ("latin-1", "none", "latin-1, whole fonts", "none, whole fonts")
"""ToUnicode maps with Latin-1 letters only, or none at all; with the fonts' subsets, or with whole fonts."""
SEED = 11
ENOUGH = 100  # lost letters of a file: fewer make no share


@dataclass(slots=True)
class Score:
    """Sums over files: letters (no digits) that the file lost, digits that it lost, and what became of them.

    ``wrong`` and ``digits_wrong`` are what came out as something else, whatever the flag; ``unlike`` and ``missing``
    are cells that the damage parted or joined otherwise, as when the number that begins a paragraph is lost.
    """

    letters: int = 0
    restored: int = 0
    wrong: int = 0
    digits: int = 0
    digits_restored: int = 0
    digits_wrong: int = 0
    unflagged: int = 0
    unlike: int = 0
    missing: int = 0
    left: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Add the sums of another score."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


# --- making ----------------------------------------------------------------------------------------------------------


def print_form(form_id: str, font: str, producer: str, folder: Path) -> Path:
    """Print one form, filled, and give the path of the PDF; ``RuntimeError`` when the program makes none."""
    form, fill = load_form(form_id), made_up(form_id, Head(period=FORMS[form_id]), SEED)
    target = folder / f"{form_id}-{font.replace(' ', '')}-{producer}.pdf"
    if target.exists():
        return target
    if producer == "Chromium":
        page = target.with_suffix(".html")
        page.write_text(html_of(form, fill, font), encoding="utf-8")
        _print_page(page, target)
        return target
    office = target.with_suffix(".docx")
    docx_of(form, fill, office, font)
    pdf_of(office, target)
    return target


def _print_page(page: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory() as profile:
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}",
                   "--no-pdf-header-footer", f"--print-to-pdf={target}", page.as_uri()]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if not target.exists():
        raise RuntimeError(f"{page.name} was not printed: {done.stderr.strip()[-300:]}")


def html_of(form: Json, fill: Fill, font: str) -> str:
    """Write a form as a web page: the same lines and tables that its office file has."""
    style = (f"body {{ font: 11pt '{font}' }} table {{ border-collapse: collapse; width: 100% }}"
             "td { border: 1px solid black; padding: 2px 4px } @page { size: A4 landscape; margin: 15mm }")  # fmt: skip
    parts = [f"<p>{html.escape(line)}</p>" for line, _ in opening(form, fill.head)]
    for block in form["blocks"]:
        if block["kind"] == "paragraph":
            parts.append(f"<p>{html.escape(block['text'])}</p>")
        elif block["kind"] == "kv_lines":
            parts += [f"<p>{html.escape(line)}</p>" for line in (block["heading"], *fill_in_lines(block, fill))]
        else:
            lines = [block["caption"], *block.get("note_lines", [])]
            parts += [f"<p>{html.escape(line)}</p>" for line in lines if line]
            parts.append(f"<table>{''.join(_html_rows(block, fill))}</table>")
    return f"<!DOCTYPE html><html lang='vi'><meta charset='utf-8'><style>{style}</style>{''.join(parts)}</html>"


def _html_rows(block: Json, fill: Fill) -> Iterator[str]:
    spans = {(top, left): (bottom, right) for top, left, bottom, right in header_merges(block["header"])}
    hidden = {(row, column) for (top, left), (bottom, right) in spans.items()
              for row in range(top, bottom + 1) for column in range(left, right + 1)} - set(spans)  # fmt: skip
    for number, row in enumerate(grid_of(block, fill)):
        cells = []
        for left, right, text in row.cells:
            if (number, left) in hidden:
                continue
            bottom, end = spans.get((number, left), (number, right))
            inner = "<br>".join(map(html.escape, text.split("\n")))
            inner = f"<b>{inner}</b>" if row.bold else inner
            cells.append(f"<td rowspan={bottom - number + 1} colspan={end - left + 1}>{inner}</td>")
        yield f"<tr>{''.join(cells)}</tr>"


def without_tounicode(source: Path, target: Path) -> None:
    """Take the ToUnicode map of every font away."""
    with pikepdf.open(source) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and "/ToUnicode" in item:
                del item["/ToUnicode"]
        pdf.save(target)


def with_full_fonts(source: Path, target: Path) -> None:
    """Put the whole font program in the place of each subset, where codes are the glyph numbers of the whole font."""
    with pikepdf.open(source) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and "/FontFile2" in item:
                name = str(item.FontName).rpartition("+")[2].lstrip("/")
                file = subprocess.run(["fc-list", f":postscriptname={name}", "file"], capture_output=True, text=True,
                                      check=True).stdout.partition(":")[0]  # fmt: skip
                if not file:
                    raise RuntimeError(f"the font {name} is not installed")
                item.FontFile2 = pdf.make_stream(Path(file).read_bytes())
        pdf.save(target)


def damaged(healthy: Path, kind: str) -> bytes:
    """The bytes of a file with the damage named by ``kind``."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = healthy, Path(folder, "damaged.pdf")
        if "whole" in kind:
            source = Path(folder, "full.pdf")
            with_full_fonts(healthy, source)
        if "none" in kind:
            without_tounicode(source, target)
        else:
            break_tounicode(source, target)
        return target.read_bytes()


# --- measuring -------------------------------------------------------------------------------------------------------


def texts_without(catalogue: Catalogue, form_id: str) -> tuple[str, ...]:
    """The known texts as they would be if the form itself were not known."""
    others = {key: form for key, form in catalogue.forms.items() if key != form_id}
    return known_texts(replace(catalogue, forms=others))


def compare(healthy: Document, read: Document) -> Score:
    """Lay a damaged document beside the healthy one, cell by cell."""
    score = Score()
    true = {_key(cell): cell for cell in _cells(healthy)}
    score.missing = len(set(true) - {_key(cell) for cell in _cells(read)})
    for cell in _cells(read):
        other = true.get(_key(cell))
        if other is None or len(other.text) != len(cell.text) or len(cell.raw_text) != len(cell.text):
            score.unlike += 1
            continue
        _compare_cell(other, cell, score)
    return score


def _cells(document: Document) -> list[Cell]:
    return [cell for table in document.tables for cell in table.cells if cell.text]


def _key(cell: Cell) -> tuple[object, ...]:
    box = cell.place.box
    return cell.place.page, *(round(edge, 1) for edge in box or ())


def _compare_cell(true: Cell, read: Cell, score: Score) -> None:
    for letter, got, raw in zip(true.text, read.text, read.raw_text, strict=True):
        if got != letter and got != LOST:
            score.wrong += not letter.isdigit() and not got.isdigit()
            score.digits_wrong += letter.isdigit() or got.isdigit()
            score.left.append(f"{letter} read as {got}: {read.text}")
        if raw != LOST:
            continue
        score.digits += letter.isdigit()
        score.digits_restored += letter.isdigit() and letter == got
        score.letters += not letter.isdigit()
        score.restored += not letter.isdigit() and letter == got
        if got == LOST:
            score.unflagged += "letters_lost" not in read.flags
            score.left.append(f"{letter} lost: {read.text}")


def kinds_of(producer: str) -> tuple[str, ...]:
    """The damages that a program's files are given; only Chromium's codes are glyph numbers of the whole font."""
    return KINDS if producer == "Chromium" else KINDS[:2]


@dataclass(frozen=True, slots=True)
class Case:
    """One damaged file, the texts that were known when it was read, and whether its pictures could be read."""

    form: str
    font: str
    producer: str
    kind: str
    known: str
    pictures: str


def scores(folder: Path | None = None) -> Iterator[tuple[Case, Score]]:
    """Yield the score of every form, font, producer, damage and choice of known texts; ``folder`` keeps the prints.

    Each file is read with and without the programs that read pictures; whole fonts, which need none, with them only.
    """
    catalogue = load_catalogue(MAPPINGS)
    with tempfile.TemporaryDirectory() as own:
        for form_id, font, producer in itertools.product(FORMS, FONTS, PRODUCERS):
            known = {"all": known_texts(catalogue), "other forms": texts_without(catalogue, form_id)}
            path = print_form(form_id, font, producer, folder or Path(own))
            truth = read_pdf(path.read_bytes(), "0" * 64)
            for kind in kinds_of(producer):
                broken = damaged(path, kind)
                for which, pictures in itertools.product(known, ("OCR",) if "whole" in kind else ("OCR", "no OCR")):
                    case = Case(form_id, font, producer, kind, which, pictures)
                    yield case, compare(truth, _read(broken, known[which], pictures == "OCR"))


def _read(data: bytes, known: Sequence[str], pictures: bool) -> Document:
    if pictures:
        return read_pdf(data, "0" * 64, known)
    with patch("extract.pdf_ocr.missing", lambda: "tesserocr"):
        return read_pdf(data, "0" * 64, known)


def worst(found: Sequence[tuple[Case, Score]]) -> tuple[Case, Score]:
    """The file of which the smallest share of its lost letters came back."""
    lossy = [pair for pair in found if pair[1].letters >= ENOUGH]
    return min(lossy, key=lambda pair: pair[1].restored / pair[1].letters)


def summed(found: Sequence[tuple[Case, Score]], *names: str) -> Iterator[tuple[tuple[str, ...], Score]]:
    """Add the scores of all cases that agree in the fields named, in the order in which they come."""
    sums: dict[tuple[str, ...], Score] = {}
    for case, score in found:
        sums.setdefault(tuple(getattr(case, name) for name in names), Score()).add(score)
    yield from sums.items()
