"""Read one source into a Document. Whatever a parser does about a file, a Document comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module

from extract.model import LOST, Document, Finding
from extract.source import Source

READERS = {
    "doc": ("doc", 3),
    "docx": ("docx", 4),
    "excel-xml": ("excel-xml", 1),
    "fods": ("ods", 2),
    "fodt": ("odt", 2),
    "html": ("html", 2),
    "jpg": ("ocr", 3),
    "mht": ("html", 2),
    "ods": ("ods", 2),
    "odt": ("odt", 2),
    "pdf": ("pdf", 6),
    "png": ("ocr", 3),
    "rtf": ("rtf", 2),
    "tiff": ("ocr", 3),
    "word-xml": ("word-xml", 1),
    "xls": ("xls", 3),
    "xlsb": ("xlsb", 1),
    "xlsx": ("xlsx", 4),
}
"""Format -> name and version of its reader. A higher version makes stored documents of that format be read again."""

_MODULES = {
    "doc": ("extract.doc",),
    "docx": ("extract.word",),
    "pdf": (
        *("extract.decoding", "extract.pdf_mend", "extract.pdf_open", "extract.pdf_repair", "extract.pdf_digits"),
        *("extract.pdf_forms", "extract.pdf_forms_ruled", "extract.pdf_rules", "extract.scans"),
        *("fontTools.ttLib", "pdfplumber", "playa.content", "pypdfium2.raw"),
    ),
    "xls": ("extract.xls", "openpyxl"),
    "xlsx": ("extract.excel", "openpyxl"),
}
"""What the readers of the formats that come most load as they read."""
_BY_PICTURE = frozenset({"jpg", "pdf", "png", "tiff"})
_BY_OFFICE = frozenset({"doc", "xls", "xlsb", "xlsx"})
_DETAIL = 200


def reader_version(kind: str) -> str:
    """The reader of a format with its version and what else is installed that it makes use of ("" for none)."""
    name, version = READERS.get(kind, ("", 0))
    return " ".join(part for part in (f"{name}/{version}" if name else "", *_installed(kind)) if part)


@cache
def _installed(kind: str) -> tuple[str, ...]:
    """What the reader of a format makes use of, asked once a process."""
    from extract.ocr_engines import missing, versions
    from extract.office import office_program

    return (
        versions() if kind in _BY_PICTURE and not missing() else "",
        "office" if kind in _BY_OFFICE and office_program() else "",
    )


def load_readers(formats: Iterable[str], known_texts: Sequence[str] = ()) -> None:
    """Load what reading some formats takes, so that processes which are copied from this one need not."""
    for kind in formats:
        for name in _MODULES.get(kind, ()):
            import_module(name)
        if kind == "pdf":
            from extract.pdf_cribs import crib_index

            crib_index(tuple(known_texts))


def read_document(source: Source, known_texts: Sequence[str] = ()) -> Document:
    """Read a source; ``known_texts`` are labels that may stand in it, to restore lost letters by.

    A source that is not read, and a file that its parser refuses, give a Document without tables and with a Finding
    (the source's reason, or ``unreadable``). Nothing is raised.
    """
    name, version = READERS.get(source.format, ("", 0))
    reader = f"{name}/{version}" if name else ""
    empty = Document(source.sha256, source.format, reader, text_quality=0.0)
    if source.reason or not name:
        return replace(empty, findings=(Finding(source.reason or "format_not_read"),))
    try:
        document = _FUNCTIONS[source.format](source, known_texts)
        program = "" if document.reader in ("", name) else f" {document.reader}"
        quality = _quality(document)
        return replace(document, format=source.format, reader=reader + program, text_quality=quality)
    except Exception as error:  # parsers raise whatever they like about a broken file; lack of memory is among it
        return replace(empty, findings=(Finding("unreadable", details=_details(error)),))


def _details(error: Exception) -> tuple[tuple[str, str], ...]:
    return (("error", type(error).__name__), ("text", " ".join(str(error).split())[:_DETAIL]))


def _quality(document: Document) -> float:
    from extract.syllables import text_quality

    return text_quality(cell.text for table in document.tables for cell in table.cells)


def _read_doc(source: Source, known_texts: Sequence[str]) -> Document:
    from extract.doc import read_doc

    return read_doc(source.data, source.sha256)


def _read_docx(source: Source, known_texts: Sequence[str]) -> Document:
    from extract.word import read_docx

    return read_docx(source.data, source.sha256)


def _read_xls(source: Source, known_texts: Sequence[str]) -> Document:
    from extract.xls import read_xls

    return read_xls(source.data, source.sha256)


def _read_xlsx(source: Source, known_texts: Sequence[str]) -> Document:
    from extract.excel import read_xlsx

    return read_xlsx(source.data, source.sha256)


def _read_pdf(source: Source, known_texts: Sequence[str]) -> Document:
    from extract.decoding import decode_tables
    from extract.pdf_mend import read_any_pdf
    from extract.scans import read_scanned_pages

    document = read_scanned_pages(read_any_pdf(source.data, source.sha256, known_texts), source.data)
    if _is_mostly_lost(document):
        document = replace(document, findings=(*document.findings, Finding("letters_lost")))
    if document.encoding != "unicode":  # its fonts were repaired, so that its letters are known
        return document
    tables, reading = decode_tables(document.tables, {})
    findings = (*reading.findings, *document.findings)
    return replace(document, tables=tables, findings=findings, encoding=reading.encoding)


def _is_mostly_lost(document: Document) -> bool:
    """Whether half of the letters or more are not known, so that nobody takes the document for an empty one."""
    texts = [cell.text for table in document.tables for cell in table.cells]
    lost = sum(text.count(LOST) for text in texts)
    return lost > 0 and 2 * lost >= sum(len(text) - text.count(" ") for text in texts)


def _read_picture(source: Source, known_texts: Sequence[str]) -> Document:
    from extract.ocr import read_image

    return read_image(source.data, source.sha256, source.format)


def _read_html(source: Source, known_texts: Sequence[str]) -> Document:
    from extract.html import read_html

    return read_html(source.data, source.sha256)


def _read_excel_xml(source: Source, known_texts: Sequence[str]) -> Document:
    from extract.excel_xml import read_excel_xml

    return read_excel_xml(source.data, source.sha256)


def _read_word_xml(source: Source, known_texts: Sequence[str]) -> Document:
    from extract.word_xml import read_word_xml

    return read_word_xml(source.data, source.sha256)


def _read_xlsb(source: Source, known_texts: Sequence[str]) -> Document:
    from extract.xlsb import read_xlsb

    return read_xlsb(source.data, source.sha256)


def _read_ods(source: Source, known_texts: Sequence[str]) -> Document:
    from extract.ods import read_ods

    return read_ods(source.data, source.sha256)


def _read_odt(source: Source, known_texts: Sequence[str]) -> Document:
    from extract.odt import read_odt

    return read_odt(source.data, source.sha256)


def _read_rtf(source: Source, known_texts: Sequence[str]) -> Document:
    from extract.rtf import read_rtf

    return read_rtf(source.data, source.sha256)


_FUNCTIONS: dict[str, Callable[[Source, Sequence[str]], Document]] = {
    "doc": _read_doc,
    "docx": _read_docx,
    "excel-xml": _read_excel_xml,
    "fods": _read_ods,
    "fodt": _read_odt,
    "html": _read_html,
    "jpg": _read_picture,
    "mht": _read_html,
    "ods": _read_ods,
    "odt": _read_odt,
    "pdf": _read_pdf,
    "png": _read_picture,
    "rtf": _read_rtf,
    "tiff": _read_picture,
    "word-xml": _read_word_xml,
    "xls": _read_xls,
    "xlsb": _read_xlsb,
    "xlsx": _read_xlsx,
}
