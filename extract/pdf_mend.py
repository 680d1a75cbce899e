"""PDF files whose frame is broken, or locked without a password: written anew by PDFium, which forgives more."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from extract.model import Document, Finding
from extract.pdf import read_pdf

_WITHOUT_LOCK = 3
"""What PDFium takes for: write everything, and without encryption."""


def read_any_pdf(data: bytes, sha256: str, known_texts: Sequence[str] = ()) -> Document:
    """Read a PDF as ``read_pdf`` does; one that the parser cannot open, or not find all pages of, is mended first.

    What was mended is kept where more pages could be read, and a finding says so. Nothing is raised about the file.
    """
    document = read_pdf(data, sha256, known_texts)
    trouble = _trouble(document)
    mended = b""
    with suppress(Exception):  # whatever PDFium says about a file that is broken beyond it
        mended = _mended(data, 0 if trouble else document.n_pages)
    again = read_pdf(mended, sha256, known_texts) if mended else document
    if _trouble(again) >= trouble and again.n_pages <= document.n_pages:
        return document
    locked = any(finding.code == "encrypted" for finding in document.findings)
    return again if locked else replace(again, findings=(Finding("file_mended"), *again.findings))


def _trouble(document: Document) -> float:
    """How many pages could not be read; more than any number when the file could not be opened at all."""
    broken = [finding for finding in document.findings if finding.code in ("encrypted", "unreadable")]
    return float("inf") if any(not finding.place.page for finding in broken) else len(broken)


def _mended(data: bytes, known_pages: int) -> bytes:
    """The file as PDFium writes it; nothing when it has no more pages than are known."""
    import pypdfium2

    buffer = io.BytesIO()
    with pypdfium2.PdfDocument(data) as pdf:
        if len(pdf) > known_pages:
            pdf.save(buffer, flags=_WITHOUT_LOCK)
    return buffer.getvalue()
