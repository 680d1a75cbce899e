"""Binary workbooks, written record by record."""

from __future__ import annotations

import io
import random
import struct
import zipfile

import pytest

from extract.model import Document
from extract.read import read_document
from extract.source import make_source

SPACE = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def record(number: int, data: bytes = b"") -> bytes:
    head = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
    size = bytes([len(data)]) if len(data) < 128 else bytes([len(data) & 0x7F | 0x80, len(data) >> 7])
    return head + size + data


def text(words: str) -> bytes:
    return struct.pack("<I", len(words)) + words.encode("utf-16-le")


def row(number: int, hidden: bool = False) -> bytes:
    return record(0, struct.pack("<IIHBB", number - 1, 0, 300, 0, 0x10 if hidden else 0) + bytes(5))


def cell(kind: int, column: int, data: bytes, style: int = 0) -> bytes:
    return record(kind, struct.pack("<I", column - 1) + struct.pack("<I", style)[:3] + b"\0" + data)


def relations(*items: tuple[str, str, str]) -> str:
    inside = "".join(f'<Relationship Id="{a}" Type="{OFFICE}/{b}" Target="{c}"/>' for a, b, c in items)
    return f'<Relationships xmlns="{SPACE}">{inside}</Relationships>'


SHEET = b"".join(
    [
        record(60, struct.pack("<4IH", 3, 3, 2560, 0, 1)),  # column D is hidden
        row(1), cell(7, 1, struct.pack("<I", 0)), cell(6, 3, text("Số lượng")),
        row(2), cell(2, 1, struct.pack("<i", 58 << 2 | 2)), cell(2, 2, struct.pack("<i", 517 << 2 | 3), 1),
        cell(5, 3, struct.pack("<d", 1234567.0)), cell(5, 4, struct.pack("<d", 9.0)),
        row(3, hidden=True), cell(5, 1, struct.pack("<d", 7.0)),
        row(4), cell(4, 1, b"\1"), cell(3, 2, b"\7"), cell(9, 3, struct.pack("<d", 30.0) + bytes(8)),
        cell(8, 5, text("đạt") + bytes(8)), cell(62, 6, b"\1" + text("giàu") + bytes(8)),
        record(176, struct.pack("<4I", 0, 0, 0, 1)),
    ]
)  # fmt: skip
TEXTS = record(19, b"\1" + text("Tû lÖ m¸y tÝnh, sè l­îng v¨n b¶n") + struct.pack("<IHH", 1, 0, 1))
FONT = struct.pack("<HHHHBBBB", 200, 0, 400, 0, 0, 0, 0, 0) + bytes(9)
STYLES = (
    record(44, struct.pack("<H", 164) + text("0.0%"))
    + record(43, FONT + text("Arial")) + record(43, FONT + text(".VnTime"))
    + record(626) + record(47, struct.pack("<HHH", 0, 9, 0) + bytes(10)) + record(627)
    + record(617, struct.pack("<I", 2)) + record(47, struct.pack("<HHH", 0, 0, 0) + bytes(10))
    + record(47, struct.pack("<HHH", 0, 164, 0) + bytes(10)) + record(618)
)  # fmt: skip
BOOK = (
    record(153, bytes(12))
    + record(156, struct.pack("<II", 0, 1) + text("r1") + text("Biểu"))
    + record(156, struct.pack("<II", 1, 2) + text("r1") + text("Ẩn"))
)


def book(sheet: bytes = SHEET) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("_rels/.rels", relations(("a", "officeDocument", "xl/workbook.bin")))
        package.writestr("xl/workbook.bin", BOOK)
        package.writestr(
            "xl/_rels/workbook.bin.rels",
            relations(
                ("r1", "worksheet", "worksheets/sheet1.bin"),
                ("r2", "sharedStrings", "s.bin"),
                ("r3", "styles", "t.bin"),
            ),
        )
        package.writestr("xl/worksheets/sheet1.bin", sheet)
        package.writestr("xl/s.bin", TEXTS)
        package.writestr("xl/t.bin", STYLES)
    return buffer.getvalue()


def read(data: bytes) -> Document:
    return read_document(make_source("x", data, 0))


def test_cells_of_a_binary_workbook_keep_types_formats_fonts_and_what_is_hidden() -> None:
    found = read(book())
    [table] = found.tables
    assert (found.format, table.place.sheet, found.encoding) == ("xlsb", "Biểu", "tcvn3")
    cells = {(cell.place.row, cell.place.column): cell for cell in table.cells}
    assert {place: cell.text for place, cell in cells.items()} == {
        (1, 1): "Tỷ lệ máy tính, số lượng văn bản", (1, 3): "Số lượng",
        (2, 1): "58", (2, 2): "517,0%", (2, 3): "1234567",
        (4, 1): "TRUE", (4, 2): "#DIV/0!", (4, 3): "30", (4, 5): "đạt", (4, 6): "giàu",
    }  # fmt: skip
    assert (cells[1, 1].column_span, cells[2, 1].number, cells[2, 2].number) == (2, 58, 5.17)
    assert sorted(finding.code for finding in found.findings) == [
        "encoding_converted", "formula_error", "hidden_columns", "hidden_rows", "hidden_sheet",
    ]  # fmt: skip


def test_a_broken_binary_workbook_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.office.office_program", lambda: "")
    found = read(book(SHEET[:-5]))
    assert (found.tables, [finding.code for finding in found.findings]) == ((), ["unreadable"])


def test_whatever_is_broken_in_a_binary_workbook_a_document_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.office.office_program", lambda: "")
    chance = random.Random(1)
    for _ in range(200):
        sheet = bytearray(SHEET)
        for _ in range(chance.choice((1, 3, 20))):
            sheet[chance.randrange(len(sheet))] = chance.randrange(256)
        assert isinstance(read(book(bytes(sheet))), Document)
