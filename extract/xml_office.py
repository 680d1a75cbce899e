"""Office files that are one XML text (Word and Excel 2003 XML, flat packages and OpenDocument): which is which."""

from __future__ import annotations

import re

_BEFORE_ROOT = ((b"<?", b"?>"), (b"<!--", b"-->"))
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[[^\]]*\]\s*)?>")
_BLANKS = re.compile(rb"\s*")
_ROOT = re.compile(rb"<(?:[\w.-]+:)?([\w.-]+)((?:\s[^>]*)?)>")
_HEAD = 65_536
_OPEN_DOCUMENT = b"urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_MARKS = (
    (b"wordDocument", b"schemas.microsoft.com/office/word/2003/wordml", "word-xml"),
    (b"package", b"schemas.microsoft.com/office/2006/xmlPackage", "word-xml"),
    (b"Workbook", b"urn:schemas-microsoft-com:office:spreadsheet", "excel-xml"),
)
"""Name of the first element, the name space that it declares, and the format that is told by both."""


def xml_kind(data: bytes) -> str:
    """The format of an XML text (word-xml, excel-xml, fodt, fods), or "" where it is none of these.

    >>> xml_kind(b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">')
    'excel-xml'
    """
    head = _plain_head(data)
    found = _ROOT.match(head, _start_of_root(head))
    if found is None:
        return ""
    name, attributes = found.groups()
    if name == b"document" and _OPEN_DOCUMENT in attributes:
        return "fodt" if b"opendocument.text" in attributes else "fods" if b"opendocument.sp" in attributes else ""
    return next((kind for root, space, kind in _MARKS if name == root and space in attributes), "")


def _start_of_root(head: bytes) -> int:
    """Where the first element begins, after declarations and comments."""
    at = 0
    while True:
        at = _BLANKS.match(head, at).end()  # type: ignore[union-attr]  # it matches nothing too
        if doctype := _DOCTYPE.match(head, at):
            at = doctype.end()
            continue
        end = next((end for start, end in _BEFORE_ROOT if head.startswith(start, at)), b"")
        found = head.find(end, at + 2) if end else -1
        if found < 0:
            return at
        at = found + len(end)


def _plain_head(data: bytes) -> bytes:
    """The beginning of a text in UTF-8, whatever of the usual encodings of XML it is in."""
    head = data[:_HEAD]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace").encode()
    return head.removeprefix(b"\xef\xbb\xbf")


def has_doctype(data: bytes) -> bool:
    """Whether an XML text declares a document type, which these files never do."""
    return b"<!DOCTYPE" in (data.replace(b"\0", b"") if b"\0" in data[:4] else data)
