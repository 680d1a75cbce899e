from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extract import archive as archive_module
from extract import source
from extract.archive import clean_label, name_of_bytes
from extract.source import open_sources

PDF = b"%PDF-1.4\nstands for a report"
NAME = "Báo cáo tổng hợp quý II năm 2019.pdf"


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return buffer.getvalue()


def with_name(raw: bytes, extra: bytes = b"") -> bytes:
    """An archive of one stored member whose name is these bytes, with no flag that tells their encoding."""
    crc, size = zlib.crc32(PDF), len(PDF)
    common = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0, crc, size, size, len(raw), len(extra))
    local = b"PK\x03\x04" + common + raw + extra + PDF
    central = b"PK\x01\x02\x14\0" + common + bytes(14) + raw + extra
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


def cp1258(text: str) -> bytes:
    """Text in the code page of Vietnamese Windows, where tone marks stand after their letter."""
    found = b""
    for letter in text:
        try:
            found += letter.encode("cp1258")
        except UnicodeEncodeError:
            base, *marks = unicodedata.normalize("NFD", letter)
            tones = [mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323"]
            kept = [mark for mark in marks if mark not in tones]
            found += (unicodedata.normalize("NFC", "".join([base, *kept])) + "".join(tones)).encode("cp1258")
    return found


def opened(folder: Path, data: bytes, name: str = "a.zip") -> dict[str, str]:
    (folder / name).write_bytes(data)
    return {source.source_path: source.reason for source in open_sources(folder)}


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (NAME.encode(), NAME),
        (unicodedata.normalize("NFD", NAME).encode(), NAME),
        (cp1258(NAME), NAME),
        (cp1258("Đề án.pdf"), "Đề án.pdf"),
        ("Übersicht für Köln.pdf".encode("cp437"), "Übersicht für Köln.pdf"),
        (b"bao-cao.pdf", "bao-cao.pdf"),
    ],
)
def test_a_member_is_named_in_the_encoding_of_its_writer(tmp_path: Path, raw: bytes, name: str) -> None:
    assert name_of_bytes(raw) == name
    assert f"a.zip!/{name}" in opened(tmp_path, with_name(raw))


def test_the_unicode_name_beside_a_plain_one_is_taken(tmp_path: Path) -> None:
    path = b"\x01" + bytes(4) + NAME.encode()
    extra = b"\x75\x70" + struct.pack("<H", len(path)) + path
    assert f"a.zip!/{NAME}" in opened(tmp_path, with_name(b"BAOCAO~1.PDF", extra))


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/x.pdf", "etc/x.pdf"),
        ("C:\\Users\\x.pdf", "Users/x.pdf"),
        ("a/./b/../c.pdf", "a/b/c.pdf"),
        ("con.pdf", "con.pdf"),
        ("a\x00b\x1b[31m\u202efdp.exe", "ab[31mfdp.exe"),
        ("x!/y.pdf", "x_/y.pdf"),
        ("..", ""),
        ("ổ" * 300, "ổ" * 255),
    ],
)
def test_a_name_is_a_label_and_no_path(name: str, label: str) -> None:
    assert clean_label(name) == label


def test_members_that_would_have_one_label_are_numbered(tmp_path: Path) -> None:
    found = opened(tmp_path, zipped({"../x.pdf": PDF, "/x.pdf": PDF, "..": PDF}))
    assert sorted(found) == ["a.zip", "a.zip!/part-3", "a.zip!/x (2).pdf", "a.zip!/x.pdf"]


def test_archives_in_archives_are_opened_down_to_a_limit(tmp_path: Path) -> None:
    data = zipped({"x.pdf": PDF})
    for _ in range(20):
        data = zipped({"a.zip": data, "y.pdf": PDF})
    found = opened(tmp_path, data)
    deepest = max(found, key=len)
    assert (found[deepest], deepest.count("!/")) == ("nested_too_deep", archive_module.MAX_DEPTH)
    assert found["a.zip!/y.pdf"] == "" and found["a.zip"] == "container"


def test_members_are_refused_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "MAX_MEMBER", 1000)
    data = bytearray(zipped({"large.pdf": PDF + bytes(1000), "locked.pdf": PDF, "good.pdf": PDF}))
    for at in (data.index(b"PK\x03\x04", 4) + 6, data.index(b"locked.pdf", data.index(b"PK\x01\x02")) - 46 + 8):
        data[at] |= 1
    found = opened(tmp_path, bytes(data))
    assert found == {
        "a.zip": "container",
        "a.zip!/large.pdf": "too_large",
        "a.zip!/locked.pdf": "encrypted",
        "a.zip!/good.pdf": "",
    }


def test_a_link_in_an_archive_is_not_followed(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        link = zipfile.ZipInfo("link.pdf")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
    assert opened(tmp_path, buffer.getvalue()) == {"a.zip!/link.pdf": "not_a_file", "a.zip": "container"}


@pytest.mark.parametrize(
    ("limit", "value", "reason"), [("MAX_MEMBERS", 5, "too_many_members"), ("MAX_TOTAL", 150, "archive_too_large")]
)
def test_what_one_file_unpacks_to_is_limited_over_all_depths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, reason: str
) -> None:
    monkeypatch.setattr(
        "extract.source.Allowance",
        lambda: archive_module.Allowance(**{limit.lower().removeprefix("max_").replace("total", "bytes"): value}),
    )
    inner = zipped({f"{n}.pdf": PDF + b"%d" % n for n in range(4)}, zipfile.ZIP_STORED)
    found = opened(tmp_path, zipped({"a.zip": inner, "b.zip": inner}))
    assert found["a.zip"] == reason
    assert sum(not told for told in found.values()) <= 4


def test_an_archive_whose_members_share_their_bytes_is_refused(tmp_path: Path) -> None:
    data = with_name(b"a.pdf")
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    central = data[start:end] * 30
    data = data.replace(PDF, PDF + bytes(5000))
    data, start = data.replace(struct.pack("<II", len(PDF), len(PDF)), struct.pack("<II", 5028, 5028)), start + 5000
    central = central.replace(struct.pack("<II", len(PDF), len(PDF)), struct.pack("<II", 5028, 5028))
    tail = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 30, 30, len(central), start, 0)
    assert opened(tmp_path, data[:start] + central + tail) == {"a.zip": "archive_too_large"}


def test_a_7z_archive_is_opened_where_the_library_is_there(tmp_path: Path) -> None:
    libarchive = library()
    with libarchive.file_writer(str(tmp_path / "a.7z"), "7zip") as made:
        made.add_file_from_memory("báo cáo/x.pdf", len(PDF), PDF)
        made.add_file_from_memory("../y.pdf", len(PDF), PDF)
    found = {source.source_path: (source.reason, source.data) for source in open_sources(tmp_path)}
    assert found == {
        "a.7z!/báo cáo/x.pdf": ("", PDF),
        "a.7z!/y.pdf": ("", PDF),
        "a.7z": ("container", b""),
    }


def library() -> Any:
    return pytest.importorskip("libarchive", reason="libarchive-c or its library is not installed", exc_type=OSError)


@pytest.mark.parametrize("mode", ["w:", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_archive_is_opened_however_it_is_packed(tmp_path: Path, mode: str) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as made:  # type: ignore[call-overload]
        for name in ("báo cáo/x.pdf", "../y.pdf"):
            info = tarfile.TarInfo(name)
            info.size = len(PDF)
            made.addfile(info, io.BytesIO(PDF))
        link = tarfile.TarInfo("z")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        made.addfile(link)
    found = {name.replace("part-1!/", ""): reason for name, reason in opened(tmp_path, buffer.getvalue()).items()}
    found.pop("a.zip!/part-1", "")
    assert found == {
        "a.zip!/báo cáo/x.pdf": "", "a.zip!/y.pdf": "", "a.zip!/z": "not_a_file", "a.zip": "container",
    }  # fmt: skip


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_single_file_that_is_packed_is_opened(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    assert opened(tmp_path, pack(PDF)) == {"a.zip!/part-1": "", "a.zip": "container"}
    assert opened(tmp_path, pack(PDF)[:-9])["a.zip"] == "unreadable"


def test_a_packed_file_of_enormous_size_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "MAX_MEMBER", 1_000_000)
    found = opened(tmp_path, gzip.compress(bytes(5_000_000)))
    assert found == {"a.zip!/part-1": "too_large", "a.zip": "container"}


@pytest.mark.parametrize("text", ["RAR solid archive support unavailable.", "Header CRC error"])
def test_a_rar_archive_that_the_library_does_not_know_is_not_called_damaged(text: str) -> None:
    assert source._trouble("rar", text.lower()) == "archive_not_read"
    assert source._trouble("rar", "encryption is not supported") == "encrypted"
    assert source._trouble("zip", "bad magic number") == "unreadable"


@pytest.mark.parametrize("kind", ["presentation", "graphics"])
def test_an_open_presentation_is_not_taken_apart_as_an_archive(tmp_path: Path, kind: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        made.writestr("Thumbnails/thumbnail.png", b"\x89PNG\r\n\x1a\n")
    assert opened(tmp_path, buffer.getvalue()) == {"a.zip": "format_not_read"}


@pytest.mark.parametrize("start", [b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x01\0", b"Rar!\x1a\x07\0"])
def test_a_broken_archive_of_another_kind_has_its_reason(tmp_path: Path, start: bytes) -> None:
    assert opened(tmp_path, start + bytes(100))["a.zip"] in ("unreadable", "archive_not_read", "container_empty")


def test_without_the_library_the_kind_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "libarchive", None)
    assert opened(tmp_path, b"7z\xbc\xaf\x27\x1c" + bytes(100)) == {"a.zip": "archive_not_read"}
