"""Files of an inbox and what is packed in them, one at a time: the bytes, the kind by content, why one is not read."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from extract.archive import (
    MAX_DEPTH,
    Allowance,
    Envelope,
    Member,
    RefusedError,
    clean_label,
    library_members,
    packed_member,
    tar_members,
    zip_members,
)
from extract.ole import MAGIC as OLE_MAGIC
from extract.ole import top_names
from extract.ooxml import DAMAGE, open_package, package_fault
from extract.tnef import SIGNATURE as TNEF
from extract.tnef import tnef_members
from extract.xml_office import has_doctype, xml_kind

VERSION = 2
"""Higher when files are told by content, or unpacked, otherwise than before."""

MAX_BYTES = 200_000_000
READ_FORMATS = frozenset(
    {"doc", "docx", "excel-xml", "fods", "fodt", "html", "jpg", "mht", "ods", "odt", "pdf", "png", "rtf", "tiff",
     "word-xml", "xls", "xlsb", "xlsx"}
)  # fmt: skip

CONTAINERS = frozenset({"7z", "bz2", "cab", "eml", "gz", "mbox", "msg", "rar", "tar", "tnef", "xz", "zip"})
PASSED_OVER = frozenset(
    {
        "container",
        "container_empty",
        "mail_body",
        "mail_calendar",
        "mail_inline_image",
        "mail_signature",
        "mail_vcard",
    }
)
"""Reasons about what needs no reading, so that nobody has to do anything."""

_PASSED_OVER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"{\\rtf", "rtf"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x1f\x8b\x08", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"MSCF\0\0\0\0", "cab"),
    (TNEF, "tnef"),
    (b"\xdb\xa5\x2d\0", "doc"),  # Word 2
    (b"\x09\0\x04\0", "xls"),  # sheets of Excel 2 to 4, and books that stand alone in their file
    (b"\x09\x02\x06\0", "xls"),
    (b"\x09\x04\x06\0", "xls"),
    (b"\x09\x08\x08\0\0\x05", "xls"),
    (b"\x09\x08\x10\0\0\x06", "xls"),
)
_ARCHIVES = {
    "zip": zip_members,
    "tar": tar_members,
    **dict.fromkeys(("7z", "cab", "rar"), library_members),
    **dict.fromkeys(("bz2", "gz", "xz"), packed_member),
}
_XML_KINDS = ("excel-xml", "fods", "fodt", "word-xml")
_WORD = re.compile(
    rb"(?:wordprocessingml\.(?:document|template)|ms-word\.(?:document|template)\.macroEnabled\w*)\.main\+xml"
)
_EXCEL = re.compile(rb"(?:spreadsheetml\.(?:sheet|template)|ms-excel\.(?:sheet|template)\.macroEnabled)\.main\+xml")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|table|div|title|style)\b", re.IGNORECASE)
_HEADER_LINE = re.compile(
    rb"^(?:from|to|cc|subject|date|received|return-path|delivered-to|message-id|mime-version|content-type|reply-to|sender"
    rb"|dkim-signature|x-[a-z-]+):",
    re.IGNORECASE | re.MULTILINE,
)
_SAVED_PAGE = re.compile(rb"\s*(?:[A-Za-z-]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*)+")


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the inbox, or one member of a container in it ("a.zip!/x.docx").

    ``source_path`` is relative to the inbox, NFC, with "/". ``format`` is what the content is, whatever the name says.
    ``reason`` is "" or the message code for why the file is not read; ``data`` is empty where it was not even opened.
    ``received``, ``subject`` and ``sender`` are those of the mail that brought it, "" where none did.
    """

    source_path: str
    data: bytes
    sha256: str
    format: str
    modified: float
    reason: str = ""
    received: str = ""
    subject: str = ""
    sender: str = ""


def open_sources(inbox: Path) -> Iterator[Source]:
    """Give each file of a folder tree (or the one file) as a Source, in order of path, reading one at a time.

    Members of a mail or an archive come one by one, and after them the container itself with the reason ``container``.
    Links and devices are not opened, lock files and folder settings passed over. FileNotFoundError without an inbox.
    """
    for name, path in list_files(inbox):
        yield from open_file(path, name)


def list_files(inbox: Path) -> list[tuple[str, Path]]:
    """Every file of a folder tree (or the one file) by the path it is published under, in order; none is opened."""
    if not inbox.is_dir():
        return [(_clean(inbox.name), inbox.resolve(strict=True))]
    return sorted(_paths(inbox), key=lambda found: (found[0].encode(), os.fsencode(found[1])))


def open_file(path: Path, name: str) -> Iterator[Source]:
    """One file of the inbox and whatever is packed in it; nothing is raised about its content but MemoryError."""
    yield from _unpack(_open(path, name), Allowance(), MAX_DEPTH)


def content(path: Path) -> bytes:
    """The bytes of a file as ``open_file`` would read it; none for what is no file, too large or cannot be read."""
    try:
        about = path.lstat()
        return _read(path) if stat.S_ISREG(about.st_mode) and about.st_size <= MAX_BYTES else b""
    except OSError:
        return b""


def content_hash(path: Path) -> str:
    """The SHA-256 of ``content``; "" for none."""
    data = content(path)
    return hashlib.sha256(data).hexdigest() if data else ""


def make_source(source_path: str, data: bytes, modified: float, kind: str = "") -> Source:
    """Make a Source of bytes at hand: hashed, told by content, and checked whether it can be read safely.

    ``kind`` is given where the bytes alone would not tell it.
    """
    kind = kind or kind_of(data)
    return Source(source_path, data, hashlib.sha256(data).hexdigest(), kind, modified, _reason(data, kind))


def kind_of(data: bytes) -> str:
    """Tell the format by content.

    One of docx, xlsx, xlsb, odt, ods, zip, 7z, rar, tar, gz, bz2, xz, cab, doc, xls, msg, tnef, pdf, rtf, html, mht,
    eml, mbox, png, jpg, tiff, word-xml, excel-xml, fodt, fods, txt, unknown.
    """
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(data)
    if data.startswith(OLE_MAGIC):
        return _ole_kind(data)
    if data[257:262] == b"ustar":
        return "tar"
    if b"%PDF-" in data[:1024] and not _is_mail(data):
        return "pdf"
    return _text_kind(data)


def _paths(inbox: Path) -> list[tuple[str, Path]]:
    """Every entry that is not a folder, and each folder that cannot be listed, with its path as published."""
    found: list[Path] = []
    for folder, folders, files in os.walk(inbox, onerror=lambda error: found.append(Path(str(error.filename)))):
        here = Path(folder)
        if {"cur", "new", "tmp"} <= set(folders):  # a Maildir: mails in tmp are still being delivered
            folders.remove("tmp")
        found.extend(here / name for name in files if not _passed_over(name))
        found.extend(here / name for name in folders if (here / name).is_symlink())
    return [(_clean(path.relative_to(inbox).as_posix()), path) for path in found]


def _passed_over(name: str) -> bool:
    return name.startswith(("~$", "._")) or name.lower() in _PASSED_OVER


def _clean(name: str) -> str:
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))


def _open(path: Path, name: str) -> Source:
    try:
        about = path.lstat()
        if not stat.S_ISREG(about.st_mode):
            folder = stat.S_ISDIR(about.st_mode)  # listed only when it could not be read
            return Source(name, b"", "", "unknown", about.st_mtime, "unreadable" if folder else "not_a_file")
        if about.st_size > MAX_BYTES:
            return Source(name, b"", "", "unknown", about.st_mtime, "too_large")
        return make_source(name, _read(path), about.st_mtime)
    except OSError:
        return Source(name, b"", "", "unknown", 0.0, "unreadable")


def _read(path: Path) -> bytes:
    # the file may have become a link or a pipe since it was looked at
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        return file.read(MAX_BYTES)


def _unpack(source: Source, allowance: Allowance, depth: int) -> Iterator[Source]:
    """The members of a container, those of containers in it, then itself; any other source as it is."""
    if source.reason or source.format not in CONTAINERS:
        yield source
        return
    if depth == 0:
        yield replace(source, data=b"", reason="nested_too_deep")
        return
    reason, names = "container_empty", set[str]()
    try:
        for member in _members(source, allowance, depth):
            reason = "container"
            yield from _unpack(_member_source(source, member, names), allowance, depth - 1)
    except ImportError:
        reason = "archive_not_read"
    except RefusedError as refused:
        reason = str(refused)
    except MemoryError:
        raise
    except Exception as error:  # readers of containers raise whatever they like about a broken one
        reason = _trouble(source.format, str(error).lower())
    yield replace(source, data=b"", reason=allowance.fault or reason)


def _trouble(kind: str, text: str) -> str:
    """The code for a container that its reader gave up on, saying ``text``."""
    if any(word in text for word in ("passphrase", "encrypt", "crypto")):
        return "encrypted"
    if kind == "tnef":
        return "tnef_not_read"
    # the library reads a part of what these archives may hold, and takes the rest for damage
    unknown = kind == "rar" or "support" in text or "unavailable" in text
    return "archive_not_read" if unknown else "unreadable"


def _members(source: Source, allowance: Allowance, depth: int) -> Iterator[Member]:
    if source.format in _ARCHIVES:
        yield from _ARCHIVES[source.format](source.data, allowance)
    else:
        for member in _mail_members(source, depth):
            if not allowance.admits(len(member.data)):
                return
            yield member


def _mail_members(source: Source, depth: int) -> Iterator[Member]:
    if source.format == "tnef":
        return tnef_members(source.data)
    if source.format == "msg":
        from extract.outlook import msg_members

        return msg_members(source.data, depth)
    from extract.mail import eml_members, mbox_members

    return eml_members(source.data) if source.format == "eml" else mbox_members(source.data)


def _member_source(container: Source, member: Member, names: set[str]) -> Source:
    """A member as a source of its own; ``names`` are the labels given so far, each of which stands once."""
    inner = "".join(f"{clean_label(name) or 'mail'}!/" for name in member.within)
    path = f"{container.source_path}!/{_label(inner, member.name, names)}"
    made = make_source(path, member.data, container.modified, member.format)
    if member.reason:
        made = replace(made, data=b"", reason=member.reason, sha256=made.sha256 if member.data else "")
    about = member.envelope or Envelope(container.received, container.subject, container.sender)
    return replace(made, received=about.received, subject=about.subject, sender=about.sender)


def _label(inner: str, name: str, names: set[str]) -> str:
    """A member's name as shown below ``inner``, with a number where the container has it twice or gives none."""
    label = inner + (clean_label(name) or f"part-{len(names) + 1}")
    stem, dot, ending = label.rpartition(".")
    if "/" in ending or not stem:
        stem, dot, ending = label, "", ""
    count = 1
    while label in names:
        count += 1
        label = f"{stem} ({count}){dot}{ending}"
    names.add(label)
    return label


def _reason(data: bytes, kind: str) -> str:
    if not data:
        return "empty_file"
    if kind in ("docx", "xlsx", "xlsb", "odt", "ods"):
        return package_fault(data)
    if kind in _XML_KINDS and has_doctype(data):
        return "xml_doctype"
    if data.startswith(OLE_MAGIC):
        names = top_names(data)
        if "EncryptedPackage" in names:
            return "encrypted"
        if not names:
            return "unreadable"
    return "" if kind in READ_FORMATS | CONTAINERS else "format_not_read"


def _zip_kind(data: bytes) -> str:
    try:
        package = open_package(data)
        names = package.members
        if "[content_types].xml" in names and names["[content_types].xml"].file_size < 5_000_000:
            types = package.archive.read(names["[content_types].xml"])
            return "docx" if _WORD.search(types) else "xlsx" if _EXCEL.search(types) else _office_kind(frozenset(names))
        if "mimetype" in names and names["mimetype"].file_size < 1000:
            return _open_document_kind(package.archive.read(names["mimetype"]))
        return "zip"
    except DAMAGE:  # cut short: the names of the first members still tell what it was
        return "docx" if b"word/document.xml" in data else "xlsx" if b"xl/workbook.xml" in data else "zip"


def _office_kind(names: frozenset[str]) -> str:
    parts = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsb"}
    return next((kind for name, kind in parts.items() if name in names), "unknown")


def _open_document_kind(mimetype: bytes) -> str:
    if b"opendocument.text" in mimetype:
        return "odt"
    if b"opendocument.spreadsheet" in mimetype:
        return "ods"
    return "unknown" if mimetype.startswith(b"application/") else "zip"  # a presentation, a drawing, a book


def _ole_kind(data: bytes) -> str:
    names = {name.lower() for name in top_names(data)}  # two names that differ in case are one
    if "worddocument" in names:
        return "doc"
    if names & {"workbook", "book"}:
        return "xls"
    return "msg" if "__properties_version1.0" in names else "unknown"


def _is_mail(data: bytes) -> bool:
    """Whether it begins with the header of a mail: two lines of the kind every mail has."""
    head = data[:4096].split(b"\n\n")[0].split(b"\r\n\r\n")[0]
    return len({line.lower() for line in _HEADER_LINE.findall(head)}) >= 2


def _is_web_archive(data: bytes) -> bool:
    """Whether it is a page saved with its pictures: made like a mail, whose parts name the place they come from."""
    found = _SAVED_PAGE.match(data[:16384])
    header = found[0].lower() if found else b""
    if not re.search(rb"^content-type:\s*(?:multipart/related|text/html)", header, re.MULTILINE):
        return False
    sent = re.search(rb"^(?:to|received|message-id|delivered-to|return-path):", header, re.MULTILINE)
    return not sent and re.search(rb"^(?:snapshot-)?content-location:", data[:65536].lower(), re.MULTILINE) is not None


def _text_kind(data: bytes) -> str:
    head = data[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
        text = data[:8192].decode("utf-16-be" if head.startswith(b"\0") else "utf-16", "replace").encode()
        return xml_kind(data) or ("html" if _HTML.search(text) else "txt")
    if not data or b"\0" in head:
        return "unknown"
    if _is_web_archive(data):
        return "mht"
    if _is_mail(data):
        return "mbox" if head.startswith(b"From ") else "eml"
    if kind := xml_kind(data):
        return kind
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<") and _HTML.search(start):
        return "html"
    if start.startswith(b"<?xml"):
        return "unknown"
    odd = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)
    return "unknown" if odd > len(head) // 100 else "txt"
