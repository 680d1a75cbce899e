"""Binary workbooks (.xlsb): turned into .xlsx by LibreOffice, where it is installed, and read as such."""

from __future__ import annotations

from dataclasses import replace

from extract.excel import read_xlsx
from extract.model import Document, Finding
from extract.office import convert, office_program
from extract.ooxml import package_fault


def read_xlsb(data: bytes, sha256: str) -> Document:
    """Read the bytes of an .xlsb into a Document as ``read_xlsx`` does; without LibreOffice a Finding says so.

    Raises OfficeError for what LibreOffice cannot read.
    """
    if not office_program():
        return Document(sha256, "xlsb", "xlsb", findings=(Finding("format_not_read"),))
    xlsx = convert(data, "xlsb", "xlsx")
    if fault := package_fault(xlsx):
        raise ValueError(fault)
    document = read_xlsx(xlsx, sha256)
    findings = (Finding("read_by_libreoffice"), *document.findings)
    return replace(document, format="xlsb", reader="libreoffice", findings=findings)
