"""One report in every format that is read; ``python -m tests.format_files`` makes ``tests/data/formats`` again."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import docx
import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from extract.office import convert
from samples.form import load_form
from samples.make_samples import Sample, samples
from samples.office import docx_of, xlsx_of

FORMATS = Path(__file__).parent / "data" / "formats"
TEXTS = ("doc", "rtf", "odt", "html", "pdf")
"""Formats of text documents that LibreOffice makes of a .docx."""
BOOKS = ("xls", "ods", "html")
"""Formats of workbooks that it makes of an .xlsx."""
SAMPLE = 0
OLD_CELLS = ("STT", "Néi dung chØ tiªu", "Sè liÖu", "tæng sè m¸y tÝnh", "Tû lÖ m¸y tÝnh kÕt nèi m¹ng", "58",
             "C¸n bé, c«ng chøc ®\u00adîc ®µo t¹o", "V¨n b¶n ®· göi qua m¹ng", "Ghi chó")  # fmt: skip


def make(sample: Sample, folder: Path, texts: Iterable[str] = TEXTS, books: Iterable[str] = BOOKS) -> None:
    """Write a sample as ``text.<format>`` and ``book.<format>``, ``book.xls.html`` for the page of a workbook."""
    form = load_form(sample.form_id)
    docx_of(form, sample.fill, folder / "text.docx")
    xlsx_of(form, sample.fill, folder / "book.xlsx")
    for kind in texts:
        (folder / f"text.{kind}").write_bytes(convert((folder / "text.docx").read_bytes(), "docx", kind))
    for kind in books:
        name = "book.xls.html" if kind == "html" else f"book.{kind}"
        (folder / name).write_bytes(convert((folder / "book.xlsx").read_bytes(), "xlsx", kind))


def old_docx() -> bytes:
    """A document typed with a TCVN3 font, as .docx: prose with a soft hyphen, a table with merged cells, capitals."""
    document = docx.Document()
    _typed(document.add_paragraph(), "B¸o c¸o sè liÖu vÒ øng dông c«ng nghÖ th«ng tin, l\u00adu tr÷ v¨n b¶n")
    table = document.add_table(3, 3)
    for cell, text in zip(table._cells, OLD_CELLS, strict=True):
        _typed(cell.paragraphs[0], text, ".VnTimeH" if text.startswith("tæng") else ".VnTime")
    table.cell(2, 0).merge(table.cell(2, 1))
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _typed(paragraph: Any, text: str, font: str = ".VnTime") -> None:
    run = paragraph.add_run(text)
    run.font.name = font


def old_xlsx() -> bytes:
    """A workbook typed with a TCVN3 font, as .xlsx: parts in other fonts, formats, hidden cells, an error."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "S"
    for number, text in enumerate(OLD_CELLS, 1):
        sheet.cell(number, 1, text).font = Font(name=".VnTime")
    sheet["B1"], sheet["B2"], sheet["B3"] = 1234567, 0.517, datetime.date(2019, 6, 30)
    sheet["B1"].number_format, sheet["B2"].number_format, sheet["B3"].number_format = "#,##0", "0.0%", "dd/mm/yyyy"
    sheet["B4"], sheet["B5"], sheet["B6"], sheet["C1"] = "=1/0", True, "secret", "secret"
    sheet["A12"] = CellRichText(
        TextBlock(InlineFont(rFont=".VnTimeH"), "tû lÖ "), TextBlock(InlineFont(rFont="Arial"), "x")
    )
    sheet["A13"], sheet["A14"] = CellRichText("58", TextBlock(InlineFont(vertAlign="superscript"), "1")), "wide"
    sheet.merge_cells("A14:B15")
    sheet.row_dimensions[6].hidden = sheet.column_dimensions["C"].hidden = True
    book.create_sheet("H")["A1"] = "secret"
    book["H"].sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def make_old(folder: Path) -> None:
    """Write the two above as ``old.<format>``."""
    for kind in ("doc", "rtf", "odt"):
        (folder / f"old.{kind}").write_bytes(convert(old_docx(), "docx", kind))
    for kind in ("xls", "ods"):
        (folder / f"old.{kind}").write_bytes(convert(old_xlsx(), "xlsx", kind))


def made(folder: Path) -> list[Path]:
    """The files made, those of Word and Excel first."""
    order = {"text.docx": 0, "book.xlsx": 0}
    found = (path for path in folder.glob("*.*") if path.name.startswith(("text", "book")))
    return sorted(found, key=lambda path: (path.name[:4], order.get(path.name, 1), path.name))


if __name__ == "__main__":
    FORMATS.mkdir(exist_ok=True)
    make(samples()[SAMPLE], FORMATS)
    make_old(FORMATS)
