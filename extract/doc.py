"""Word 97 documents (.doc): read by ourselves where they hold nothing rare, else turned into .docx and read as such."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from lxml import etree

from extract.doc_body import Written, write_parts
from extract.doc_file import open_doc
from extract.model import Document, Finding
from extract.office import OfficeError, convert
from extract.ooxml import package_fault
from extract.word import Parts, read_docx, read_parts, read_styles
from extract.word_numbering import read_lists


def read_doc(data: bytes, sha256: str) -> Document:
    """Read the bytes of a .doc into a Document; ``reader`` says by which program it was converted, if by one.

    An encrypted file gives a Finding. Raises what the converter raises about a damaged file that LibreOffice, where
    it is installed, cannot read either.
    """
    plain = read_plain(data, sha256)
    if plain is not None:
        return plain
    from doc2docx.errors import EncryptedDocumentError  # with the whole converter, which takes longer than a document

    try:
        return read_converted(data, sha256)
    except EncryptedDocumentError:
        return Document(sha256, "doc", "msdoc2docx", findings=(Finding("encrypted"),))
    except Exception as error:  # whatever the converter stumbles over, another program may read it
        return _read_by_office(data, sha256, error)


def read_plain(data: bytes, sha256: str) -> Document | None:
    """Read a .doc directly; ``None`` where it is damaged, encrypted, or holds what only the converter understands."""
    try:
        parts = _parsed(write_parts(open_doc(data)))
    except Exception:  # the converter tells what is wrong, or reads it
        return None
    return replace(read_parts(parts, sha256), format="doc", reader="doc")


def _parsed(written: Written) -> Parts:
    return Parts(
        document=etree.fromstring(written.document),
        styles=read_styles(etree.fromstring(written.styles)),
        lists=read_lists(etree.fromstring(written.lists)) if written.lists else {},
        settings=etree.fromstring(written.settings),
        footnotes=None,
        endnotes=None,
        related=written.margins,
        parse=etree.fromstring,
    )


def read_converted(data: bytes, sha256: str) -> Document:
    """Read a .doc by way of the .docx that the converter makes of it. Raises what that raises."""
    return replace(_read(_converted(data), sha256), format="doc", reader="msdoc2docx")


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
