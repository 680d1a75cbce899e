"""Files of Word 97, Excel 97, RTF and OpenDocument, made by LibreOffice of documents typed with a TCVN3 font."""

from __future__ import annotations

import stat
import struct
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from extract import office
from extract.model import Document, Place
from extract.office import OfficeError, convert, office_program
from extract.ole import top_names
from extract.read import read_document
from extract.source import make_source
from tests.format_files import FORMATS


def read(data: bytes) -> Document:
    return read_document(make_source("x", data, 0))


def old(kind: str) -> Document:
    return read((FORMATS / f"old.{kind}").read_bytes())


@pytest.mark.parametrize("kind", ["doc", "rtf", "odt"])
def test_text_documents_keep_fonts_soft_hyphens_and_merged_cells(kind: str) -> None:
    found = old(kind)
    prose, table = found.tables
    assert [cell.text for cell in prose.cells] == ["Báo cáo số liệu về ứng dụng công nghệ thông tin, lưu trữ văn bản"]
    assert [(cell.text, cell.place.row, cell.place.column, cell.column_span) for cell in table.cells] == [
        ("STT", 1, 1, 1), ("Nội dung chỉ tiêu", 1, 2, 1), ("Số liệu", 1, 3, 1),
        ("TỔNG SỐ MÁY TÍNH", 2, 1, 1), ("Tỷ lệ máy tính kết nối mạng", 2, 2, 1), ("58", 2, 3, 1),
        ("Cán bộ, công chức được đào tạo\nVăn bản đã gửi qua mạng", 3, 1, 2), ("Ghi chú", 3, 3, 1),
    ]  # fmt: skip
    assert (found.format, found.encoding, [finding.code for finding in found.findings]) == (
        kind, "tcvn3", ["encoding_converted"],
    )  # fmt: skip
    assert prose.cells[0].raw_text == "B¸o c¸o sè liÖu vÒ øng dông c«ng nghÖ th«ng tin, l\u00adu tr÷ v¨n b¶n"


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_workbooks_keep_types_formats_fonts_and_what_is_hidden(kind: str) -> None:
    found = old(kind)
    [table] = found.tables
    cells = {(cell.place.row, cell.place.column): cell for cell in table.cells}
    assert {place: cell.text for place, cell in cells.items() if place[1] == 1} == {
        (1, 1): "STT", (2, 1): "Nội dung chỉ tiêu", (3, 1): "Số liệu", (4, 1): "tổng số máy tính",
        (5, 1): "Tỷ lệ máy tính kết nối mạng", (7, 1): "Cán bộ, công chức được đào tạo",
        (8, 1): "Văn bản đã gửi qua mạng", (9, 1): "Ghi chú", (12, 1): "TỶ LỆ x", (13, 1): "58¹", (14, 1): "wide",
    }  # fmt: skip
    assert (cells[1, 2].text, cells[1, 2].number) == ("1.234.567", 1234567)
    assert (cells[2, 2].text, cells[2, 2].number) == ("51,7%", 0.517)
    assert (cells[3, 2].text, cells[3, 2].number) == ("30/06/2019", None)
    assert (cells[4, 2].text, cells[4, 2].flags) == ("#DIV/0!", ("formula_error",))
    assert (cells[14, 1].row_span, cells[14, 1].column_span) == (2, 2)
    assert (6, 2) not in cells  # its row is hidden
    assert sorted(finding.code for finding in found.findings) == [
        "encoding_converted", "formula_error", "hidden_columns", "hidden_rows", "hidden_sheet",
    ]  # fmt: skip
    assert [finding.place for finding in found.findings if finding.code == "hidden_sheet"] == [Place(sheet="H")]


def repacked(name: str, old_bytes: bytes, new: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(FORMATS / name) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            data = source.read(info)
            if info.filename == "content.xml":
                assert old_bytes in data
                data = data.replace(old_bytes, new, 1)
            target.writestr(info.filename, data)
    return buffer.getvalue()


def test_repeated_cells_of_an_open_workbook_stop_at_the_limit() -> None:
    cell = b'<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/>'
    row = b'<table:table-row table:number-rows-repeated="1048576">' + cell + b"</table:table-row>"
    begun = time.process_time()
    found = read(repacked("old.ods", b"<table:table-row ", row + b"<table:table-row "))
    assert [finding.code for finding in found.findings if finding.code == "too_many_cells"]
    assert time.process_time() - begun < 20


def test_repeated_cells_of_an_open_text_stop_at_the_limit() -> None:
    cell = b'<table:table-cell table:number-columns-repeated="900000000"/>'
    row = b'<table:table-row table:number-rows-repeated="900000000">' + cell + b"</table:table-row>"
    found = read(repacked("old.odt", b"<table:table-row ", row + b"<table:table-row "))
    assert [finding.code for finding in found.findings] == ["unreadable"]


def test_an_open_document_with_a_password_is_said_so() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        target.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        target.writestr("META-INF/manifest.xml", "<manifest><encryption-data/></manifest>")
        target.writestr("content.xml", b"\x93\x02\x00")
    assert [finding.code for finding in read(buffer.getvalue()).findings] == ["encrypted"]


@pytest.mark.parametrize("kind", ["doc", "xls"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_damaged_file_is_a_finding_and_no_error(kind: str, share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "office_program", lambda: "")
    data = bytearray((FORMATS / f"old.{kind}").read_bytes())
    data[int(len(data) * share) : int(len(data) * share) + 600] = b"\xff" * 600
    found = read(bytes(data))
    assert found.tables or [finding.code for finding in found.findings] == ["unreadable"]


def test_what_the_usual_reader_refuses_is_read_by_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    import doc2docx

    def refuse(*_: object) -> None:
        raise ValueError("no")

    asked: list[tuple[str, str]] = []

    def another(data: bytes, kind: str, target: str) -> bytes:
        asked.append((kind, target))
        return (FORMATS / "text.docx").read_bytes()

    monkeypatch.setattr("extract.doc.read_plain", lambda data, sha256: None)
    monkeypatch.setattr(doc2docx, "convert", refuse)
    monkeypatch.setattr("extract.doc.convert", another)
    found = old("doc")
    assert asked == [("doc", "docx")]
    assert (found.reader.split()[1], found.findings[0].code) == ("libreoffice", "read_by_libreoffice")
    assert found.tables


def fake_program(folder: Path, script: str) -> str:
    path = folder / "soffice"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_program_that_hangs_is_ended_with_all_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = fake_program(tmp_path, f"(sleep 3; touch {tmp_path}/alive) & sleep 60")
    monkeypatch.setattr(office, "office_program", lambda: program)
    begun = time.monotonic()
    with pytest.raises(OfficeError, match="too long"):
        convert(b"x", "doc", "docx", seconds=0.5)
    assert time.monotonic() - begun < 3
    time.sleep(3.5 - (time.monotonic() - begun) if time.monotonic() - begun < 3.5 else 0)
    assert not (tmp_path / "alive").exists()


def test_a_program_that_gives_nothing_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = fake_program(tmp_path, "exit 0")
    monkeypatch.setattr(office, "office_program", lambda: program)
    with pytest.raises(OfficeError, match="could not"):
        convert(b"x", "doc", "docx")


@pytest.mark.slow
@pytest.mark.skipif(not office_program(), reason="LibreOffice is not installed")
def test_libreoffice_turns_a_document_into_a_newer_one() -> None:
    assert convert((FORMATS / "old.doc").read_bytes(), "doc", "docx").startswith(b"PK")


def test_a_book_locked_by_the_password_that_all_programs_know_is_read_by_libreoffice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import xlrd

    def refuse(*_: object, **__: object) -> None:
        raise xlrd.XLRDError("Workbook is encrypted")

    monkeypatch.setattr(xlrd, "open_workbook", refuse)
    monkeypatch.setattr("extract.xls.convert", lambda data, kind, target: (FORMATS / "book.xlsx").read_bytes())
    found = old("xls")
    assert found.tables
    assert found.findings[0].code == "read_by_libreoffice"

    def fail(*_: object) -> bytes:
        raise OfficeError("LibreOffice could not convert the file")

    monkeypatch.setattr("extract.xls.convert", fail)
    assert [finding.code for finding in old("xls").findings] == ["encrypted"]


def test_a_book_whose_sectors_run_in_a_circle_is_no_endless_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.office.office_program", lambda: "")
    data = bytearray((FORMATS / "old.xls").read_bytes())
    first_directory, first_short = (struct.unpack_from("<I", data, at)[0] for at in (48, 60))
    start = (first_directory + 1) * 512
    entry = next(at for at in range(start, start + 512, 128) if data[at : at + 16].decode("utf-16-le") == "Workbook")
    struct.pack_into("<II", data, entry + 116, 0, 4000)  # a short stream now
    struct.pack_into("<I", data, (first_short + 1) * 512, 0)  # whose first piece is followed by itself
    begun = time.monotonic()
    found = read(bytes(data))
    assert (found.format, found.tables, [finding.code for finding in found.findings]) == ("xls", (), ["unreadable"])
    assert time.monotonic() - begun < 5


def test_a_chain_of_sector_lists_that_runs_in_a_circle_is_followed_once() -> None:
    data = bytearray((FORMATS / "old.xls").read_bytes()) + bytes(2_000_000)
    struct.pack_into("<II", data, 68, 20, 1)
    struct.pack_into("<128I", data, 21 * 512, *range(127), 20)
    begun = time.monotonic()
    assert "Workbook" in top_names(bytes(data))
    assert time.monotonic() - begun < 1


def test_a_stream_whose_name_is_in_capitals_is_the_same_stream() -> None:
    data = (FORMATS / "old.xls").read_bytes()
    name, capitals = (text.encode("utf-16-le") for text in ("Workbook", "WORKBOOK"))
    assert name in data
    assert read(data.replace(name, capitals)).tables == old("xls").tables
    text, capitals = (text.encode("utf-16-le") for text in ("WordDocument", "WORDDOCUMENT"))
    assert read((FORMATS / "old.doc").read_bytes().replace(text, capitals)).tables == old("doc").tables
