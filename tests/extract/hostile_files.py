"""Make files that attack a reader, each in the way its name says."""

from __future__ import annotations

import io
import os
import re
import struct
import zipfile
import zlib
from email.message import EmailMessage
from pathlib import Path

import docx
import openpyxl

from tests.extract.compound_files import compound_file

GIGABYTE = 1 << 30
LAUGHS = (
    "<!DOCTYPE a [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)) + "]>"
)
ESCAPES = (
    "../../outside.txt",
    "/tmp/outside.txt",
    "C:\\outside.txt",
    "..\\..\\outside.txt",
    "CON",
    "NUL.txt",
    "x" * 300,
)


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return buffer.getvalue()


def docx_bytes(text: str = "Tổng số máy tính: 58") -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def xlsx_bytes(rows: list[tuple[str, int]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
        book.active.cell(book.active.max_row, 1).data_type = "s"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def with_parts(data: bytes, parts: dict[str, bytes]) -> bytes:
    """The package with these parts put in place of its own."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        return zipped({name: old.read(name) for name in old.namelist()} | parts)


def bomb(into: bytes, name: str) -> bytes:
    """A package with one more member, a gigabyte of zeros."""
    buffer = io.BytesIO(into)
    made = zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED, compresslevel=1)
    with made, made.open(name, "w", force_zip64=True) as part:
        for _ in range(64):
            part.write(bytes(GIGABYTE // 64))
    return buffer.getvalue()


def lying(size: int, told: int) -> bytes:
    """An archive whose member is larger than both of its headers say."""
    return zipped({"x.txt": b"%d" % size + bytes(size - len(str(size)))}).replace(
        struct.pack("<I", size), struct.pack("<I", told)
    )


def nested(depth: int) -> bytes:
    data = docx_bytes()
    for _ in range(depth):
        data = zipped({"a.zip": data})
    return data


def with_entity(data: bytes, part: str, doctype: str, use: str) -> bytes:
    """A package whose main part declares an entity and uses it in its text."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        xml = old.read(part).decode()
    xml = re.sub(r"^(<\?xml[^>]*\?>)?", lambda found: found[0] + doctype, xml, count=1)
    xml = re.sub(r"(<(?:w:)?t[^>]*>)[^<]*", lambda found: found[1] + use, xml)
    return with_parts(data, {part: xml.encode()})


def pdf_bytes(content: bytes, extra: bytes = b"", trailer: bytes = b"") -> bytes:
    """A PDF of one page that is drawn by a compressed stream of these operators."""
    packed = zlib.compress(content, 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *([extra] if extra else []),
    ]
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, trailer, len(data))
    return data + head + table + end


def drawing_pdf() -> bytes:
    """Twenty megabytes of lines in some thirty kilobytes."""
    return pdf_bytes(b"1 1 m 2 2 l S 3 3 m 4 4 l S\n" * 720_000)


def encrypted_pdf() -> bytes:
    """A PDF that asks for a password that is not the empty one."""
    entry = b"<</Filter/Standard/V 1/R 2/P -4/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">>>"
    return pdf_bytes(b"BT /F 12 Tf (x) Tj ET", entry, b"/Encrypt 6 0 R/ID[<00><00>]")


def encrypted_docx() -> bytes:
    return compound_file({"EncryptionInfo": b"\x04\0\x04\0" + bytes(100), "EncryptedPackage": bytes(5000)})


def many_cells() -> bytes:
    """A workbook of 1.6 million cells in a quarter of a megabyte or so."""
    row = b"<row>" + b"<c><v>1</v></c>" * 16_000 + b"</row>"
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    sheet = start + row * 100 + b"</sheetData></worksheet>"
    return with_parts(xlsx_bytes([("x", 1)]), {"xl/worksheets/sheet1.xml": sheet})


def full_mail(attachments: int) -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"] = "a@example.vn", "x"
    made.set_content("x")
    for number in range(attachments):
        made.add_attachment(b"text %d" % number, maintype="text", subtype="plain", filename=f"{number}.txt")
    return made.as_bytes()


def make_hostile(folder: Path, canary: Path) -> None:
    """Put one of each kind into a folder; ``canary`` is a file outside whose text nothing may show."""
    document, book = docx_bytes(), xlsx_bytes([("Tổng số", 1), ('=HYPERLINK("http://x.example","y")', 2)])
    outside = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{canary.as_uri()}">]>'
    files = {
        "bomb.zip": bomb(zipped({"good.docx": docx_bytes("Tổng số máy chủ: 3")}), "bomb.txt"),
        "bomb.docx": bomb(document, "word/media/x.xml"),
        "lying.zip": lying(5_000_000, 50),
        "nested.zip": nested(50),
        "names.zip": zipped({name: b"%d" % number for number, name in enumerate(ESCAPES)}),
        "laughs.docx": with_entity(document, "word/document.xml", LAUGHS, "&a11;"),
        "laughs.xlsx": with_entity(book, "xl/worksheets/sheet1.xml", LAUGHS, "&a11;"),
        "entity.docx": with_entity(document, "word/document.xml", outside, "&x;"),
        "entity.xlsx": with_entity(book, "xl/worksheets/sheet1.xml", outside, "&x;"),
        "drawing.pdf": drawing_pdf(),
        "locked.pdf": encrypted_pdf(),
        "locked.docx": encrypted_docx(),
        "empty.docx": b"",
        "cells.xlsx": many_cells(),
        "formula.xlsx": book,
        "full.eml": full_mail(1000),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    for name, data in (("cut.docx", document), ("cut.xlsx", book), ("cut.pdf", pdf_bytes(b"BT (x) Tj ET"))):
        for tenth in range(10):
            (folder / f"{tenth}-{name}").write_bytes(data[: len(data) * (2 * tenth + 1) // 20])
