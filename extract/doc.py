"""Word 97 documents (.doc): turned into .docx and read as such."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from extract.model import Document, Finding
from extract.office import OfficeError, convert
from extract.ooxml import package_fault
from extract.word import read_docx


def read_doc(data: bytes, sha256: str) -> Document:
    """Read the bytes of a .doc into a Document; ``reader`` says by which program it was converted.

    An encrypted file gives a Finding. Raises what the converter raises about a damaged file that LibreOffice, where
    it is installed, cannot read either.
    """
    from doc2docx.errors import EncryptedDocumentError

    try:
        return replace(_read(_converted(data), sha256), format="doc", reader="msdoc2docx")
    except EncryptedDocumentError:
        return Document(sha256, "doc", "msdoc2docx", findings=(Finding("encrypted"),))
    except Exception as error:  # whatever the converter stumbles over, another program may read it
        return _read_by_office(data, sha256, error)


def _read_by_office(data: bytes, sha256: str, error: Exception) -> Document:
    try:
        document = _read(convert(data, "doc", "docx"), sha256)
    except OfficeError:
        raise error from None
    findings = (Finding("read_by_libreoffice"), *document.findings)
    return replace(document, format="doc", reader="libreoffice", findings=findings)


def _read(docx: bytes, sha256: str) -> Document:
    fault = package_fault(docx)
    if fault:
        raise ValueError(fault)
    return read_docx(docx, sha256)


def _converted(data: bytes) -> bytes:
    import doc2docx

    with tempfile.TemporaryDirectory(prefix="doc") as folder:
        source, target = Path(folder) / "source.doc", Path(folder) / "target.docx"
        source.write_bytes(data)
        doc2docx.convert(source, target)
        return target.read_bytes()
