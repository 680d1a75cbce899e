from __future__ import annotations

import hashlib
import io
import os
import struct
import unicodedata
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest

from extract import ooxml
from extract import source as source_module
from extract.read import READERS
from extract.source import READ_FORMATS, kind_of, make_source, open_sources


def docx_bytes(text: str = "Tổng số máy tính: 58") -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def xlsx_bytes() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "Tổng số"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def rewritten(data: bytes, **parts: bytes) -> bytes:
    """The package with parts replaced; a key is a part name with "/" and "." written "__" and "_DOT_"."""
    names = {key.replace("__", "/").replace("_DOT_", "."): value for key, value in parts.items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, names.pop(info.filename, old.read(info)))
        for name, value in names.items():
            new.writestr(name, value)
    return buffer.getvalue()


def compound(*names: str, deep: str = "") -> bytes:
    """A compound file whose root holds streams of these names, the last one with one more below it."""
    entries = [("Root Entry", 5, 1 if names else 0xFFFFFFFF, 0xFFFFFFFF)]
    for index, name in enumerate(names, 1):
        last = index == len(names)
        child = len(names) + 1 if last and deep else 0xFFFFFFFF
        entries.append((name, 2 if child == 0xFFFFFFFF else 1, child, 0xFFFFFFFF if last else index + 1))
    if deep:
        entries.append((deep, 2, 0xFFFFFFFF, 0xFFFFFFFF))
    directory = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBBIII", len(name) * 2 + 2, kind, 1, 0xFFFFFFFF, right, child)
        + bytes(48)
        for name, kind, child, right in entries
    ).ljust(1024, b"\0")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header = header.ljust(44, b"\0") + struct.pack("<II", 1, 1) + bytes(4) + struct.pack("<I", 4096)
    header += struct.pack("<IIII", 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<I", 0) + b"\xff" * 432
    fat = struct.pack("<III", 0xFFFFFFFD, 2, 0xFFFFFFFE).ljust(512, b"\xff")
    return header.ljust(512, b"\xff") + fat + directory


ODT = io.BytesIO()
with zipfile.ZipFile(ODT, "w") as archive:
    archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
ZIP = io.BytesIO()
with zipfile.ZipFile(ZIP, "w") as archive:
    archive.writestr("x/bao-cao.txt", "x")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (docx_bytes(), "docx"),
        (xlsx_bytes(), "xlsx"),
        (ODT.getvalue(), "odt"),
        (ZIP.getvalue(), "zip"),
        (b"%PDF-1.7\n", "pdf"),
        (b"\n\n junk %PDF-1.4\n", "pdf"),
        (b"{\\rtf1\\ansi", "rtf"),
        (b"\xef\xbb\xbf<html><body>x</body></html>", "html"),
        (b"<!-- x --><TABLE><tr><td>1</td></tr></TABLE>", "html"),
        (b"Received: from a\r\nFrom: a@b.vn\r\nSubject: x\r\n\r\nbody", "eml"),
        (b"From a@b.vn Mon\nFrom: a@b.vn\nSubject: x\n\nbody", "mbox"),
        (b"\x89PNG\r\n\x1a\n....", "png"),
        (b"\xff\xd8\xff\xe0", "jpg"),
        (b"II*\0....", "tiff"),
        ("Kính gửi: Sở Thông tin".encode(), "txt"),
        ("Kính gửi".encode("utf-16"), "txt"),
        (bytes(range(256)), "unknown"),
        (compound("WordDocument", "1Table"), "doc"),
        (compound("1Table", "Workbook"), "xls"),
        (compound("Book"), "xls"),
        (compound("__properties_version1.0"), "msg"),
        (compound("1Table", "WordDocument", deep="Workbook"), "doc"),
    ],
)
def test_kind_is_told_by_content(data: bytes, kind: str) -> None:
    assert kind_of(data) == kind


def test_a_stream_of_an_embedded_document_does_not_name_the_kind() -> None:
    assert kind_of(compound("ObjectPool", deep="Workbook")) == "unknown"


def test_extension_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "bao-cao.docx").write_bytes(b"%PDF-1.7\n")
    assert [source.format for source in open_sources(tmp_path)] == ["pdf"]


def test_every_regular_file_comes_once_in_order_of_path(tmp_path: Path) -> None:
    names = ["b.txt", "a/z.txt", "a.txt", "a/b/c.txt", "Ă.txt"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    found = list(open_sources(tmp_path))
    assert [source.source_path for source in found] == sorted(names, key=str.encode)
    assert all(source.sha256 == hashlib.sha256(source.source_path.encode()).hexdigest() for source in found)


def test_path_is_published_in_nfc(tmp_path: Path) -> None:
    name = "Báo cáo quý II.txt"
    (tmp_path / unicodedata.normalize("NFD", name)).write_text("x")
    assert [source.source_path for source in open_sources(tmp_path)] == [name]


def test_a_name_that_is_no_unicode_is_published_all_the_same(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xe1o.txt")).write_text("x")
    except OSError:
        pytest.skip("this file system takes no such names")
    assert [source.source_path for source in open_sources(tmp_path)] == ["b\ufffdo.txt"]


def test_lock_files_and_folder_settings_are_passed_over(tmp_path: Path) -> None:
    for name in ("~$bao-cao.docx", ".DS_Store", "Thumbs.db", "desktop.ini", "._x.docx", "x.txt"):
        (tmp_path / name).write_text("x")
    assert [source.source_path for source in open_sources(tmp_path)] == ["x.txt"]


def test_links_and_pipes_are_named_and_not_opened(tmp_path: Path) -> None:
    inbox, outside = tmp_path / "inbox", tmp_path / "outside"
    inbox.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    os.mkfifo(inbox / "pipe")
    (inbox / "loop").symlink_to(inbox, target_is_directory=True)
    (inbox / "link.txt").symlink_to(outside / "secret.txt")
    found = [(source.source_path, source.reason, source.data) for source in open_sources(inbox)]
    assert found == [(name, "not_a_file", b"") for name in ("link.txt", "loop", "pipe")]


def test_one_file_is_an_inbox(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("x")
    assert [source.source_path for source in open_sources(tmp_path / "x.txt")] == ["x.txt"]


def test_no_inbox_is_an_error_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(open_sources(tmp_path / "nothing"))


def test_a_file_over_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "MAX_BYTES", 10)
    (tmp_path / "x.txt").write_text("x" * 11)
    assert [(source.reason, source.data) for source in open_sources(tmp_path)] == [("too_large", b"")]


def test_files_are_read_one_at_a_time(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
    sources = open_sources(tmp_path)
    next(sources)
    (tmp_path / "b.txt").write_text("changed")
    assert next(sources).data == b"changed"


def test_reasons_for_not_reading() -> None:
    found = [
        make_source("x", data, 0).reason
        for data in (
            b"",
            docx_bytes(),
            ZIP.getvalue(),
            compound("EncryptedPackage", "EncryptionInfo"),
            compound("WordDocument"),
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        )
    ]
    assert found == ["empty_file", "", "", "encrypted", "", "unreadable"]


@pytest.mark.parametrize("share", [0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 0.999])
@pytest.mark.parametrize("make", [docx_bytes, xlsx_bytes])
def test_a_package_cut_short_is_unreadable(tmp_path: Path, make, share: float) -> None:
    data = make()
    (tmp_path / "x").write_bytes(data[: int(len(data) * share)])
    assert [source.reason for source in open_sources(tmp_path)] == ["unreadable"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_in_an_office_part_is_refused(encoding: str) -> None:
    bomb = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode(encoding)
    assert make_source("x", rewritten(docx_bytes(), word__document_DOT_xml=bomb), 0).reason == "xml_doctype"


def test_a_package_that_unpacks_to_a_thousandfold_is_refused() -> None:
    buffer = io.BytesIO(docx_bytes())
    with (
        zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as bomb,
        bomb.open("word/x.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(60):
            part.write(bytes(1_000_000))
    assert make_source("x", buffer.getvalue(), 0).reason == "archive_too_large"


def test_too_many_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ooxml, "MAX_MEMBERS", 5)
    assert make_source("x", docx_bytes(), 0).reason == "archive_too_large"


def test_a_member_that_lies_about_its_size_is_unreadable() -> None:
    data = rewritten(docx_bytes(), word__document_DOT_xml=b"<a>" + b" " * 100_000 + b"</a>")
    wrong = data.replace(struct.pack("<I", 100_007), struct.pack("<I", 50))
    assert wrong != data
    assert make_source("x", wrong, 0).reason == "unreadable"


def test_each_format_that_is_read_has_a_reader() -> None:
    assert set(READERS) == READ_FORMATS
