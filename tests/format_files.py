"""One report in every format that is read; ``python -m tests.format_files`` makes ``tests/data/formats`` again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

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


def made(folder: Path) -> list[Path]:
    """The files made, those of Word and Excel first."""
    order = {"text.docx": 0, "book.xlsx": 0}
    return sorted(folder.glob("*.*"), key=lambda path: (path.name[:4], order.get(path.name, 1), path.name))


if __name__ == "__main__":
    FORMATS.mkdir(exist_ok=True)
    make(samples()[SAMPLE], FORMATS)
