"""Word 97 files read directly say what they say when they are turned into .docx first."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import olefile
import pytest

from extract.doc import read_converted, read_doc, read_plain
from extract.doc_body import write_parts
from extract.doc_file import Unusual, open_doc
from extract.doc_looks import RowLook, look_of, modified, paragraph_of
from extract.model import Document
from tests.format_files import FORMATS

LEGACY = Path(__file__).parents[2] / "benchmarks" / "data" / "legacy" / "files"
MAIN = "WordDocument"


def rich() -> Document:
    found = read_plain((FORMATS / "rich.doc").read_bytes(), "x")
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["old.doc", "text.doc", "rich.doc"])
def test_a_file_read_directly_gives_the_document_that_the_converter_gives(name: str) -> None:
    data = (FORMATS / name).read_bytes()
    assert read_plain(data, "x") == replace(read_converted(data, "x"), reader="doc")


@pytest.mark.slow
def test_old_files_of_offices_read_directly_give_the_documents_that_the_converter_gives() -> None:
    direct = 0
    for path in sorted(LEGACY.glob("*.doc")):
        found = read_plain(path.read_bytes(), "x")
        direct += found is not None
        assert found is None or found == replace(read_converted(path.read_bytes(), "x"), reader="doc"), path.name
    assert direct >= 10


def test_headers_come_first_and_footers_last() -> None:
    first, *_, last = rich().tables
    assert [cell.text for cell in first.cells] == ["UBND xã Mẫu", "Phần sau"]
    assert [cell.text for cell in last.cells] == ["Trang cuối"]


def test_paragraphs_keep_fonts_lists_signs_and_lose_what_is_not_shown() -> None:
    prose = rich().tables[1]
    assert [cell.text for cell in prose.cells] == [
        "Tổng số máy tính¹", "Thấy được  và hết", "Tỷ lệ cán bộ", "NguyễnVănA\tB\nC-D", "Giữ thêm vào",
        "1. một", "2. hai", "- chấm", "Trang 1",
    ]  # fmt: skip
    assert {finding.code for finding in rich().findings} == {"encoding_converted", "hidden_text"}


def test_merged_cells_span_and_a_table_in_a_cell_follows_the_table() -> None:
    table, inner = rich().tables[2:4]
    spans = {
        cell.text: (cell.row_span, cell.column_span) for cell in table.cells if cell.row_span + cell.column_span > 2
    }
    assert spans == {"0.0\n0.1": (1, 2), "1.0\n2.0": (2, 1)}
    assert [cell.text for cell in inner.cells] == ["trong 00", "trong 01", "trong 10", "trong 11"]


def test_whatever_is_broken_in_a_file_nothing_is_raised() -> None:
    whole = (FORMATS / "rich.doc").read_bytes()
    chance = random.Random(1)
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 5, 40))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        found = read_plain(bytes(data[: chance.choice((len(data), chance.randrange(len(data))))]), "x")
        assert found is None or isinstance(found, Document)


def test_a_paragraph_that_says_it_stands_in_millions_of_tables_takes_no_time() -> None:
    whole, depth = (FORMATS / "rich.doc").read_bytes(), bytes.fromhex("4966")
    at = whole.index(depth + bytes((1, 0, 0, 0)))
    started = time.perf_counter()
    assert read_plain(whole[: at + 2] + bytes((1, 0, 0xFF, 0x7F)) + whole[at + 6 :], "x") is None
    assert time.perf_counter() - started < 2


def _changed(offset: int, value: bytes) -> bytes:
    """The file with other bytes in its main stream."""
    data = BytesIO((FORMATS / "rich.doc").read_bytes())
    with olefile.OleFileIO(data, write_mode=True) as file:
        main = file.openstream(MAIN).read()
        file.write_stream(MAIN, main[:offset] + value + main[offset + len(value) :])
    return data.getvalue()


def test_an_encrypted_file_is_left_to_the_converter() -> None:
    flags = bytes((0x00, 0x13))
    with pytest.raises(Unusual):
        open_doc(_changed(10, flags))
    assert [finding.code for finding in read_doc(_changed(10, flags), "x").findings] == ["encrypted"]


def test_a_file_with_notes_is_left_to_the_converter() -> None:
    with pytest.raises(Unusual):
        open_doc(_changed(32 + 2 + 28 + 2 + 4 * 4, b"\x05"))


def test_a_style_set_on_letters_takes_their_own_font_back() -> None:
    font, style, hidden = b"\x4f\x4a\x03\x00", b"\x30\x4a\x0a\x00", b"\x3c\x08\x01"
    assert look_of(font + hidden).font == 3
    assert look_of(font + style) == replace(look_of(b""), style=10)
    with pytest.raises(Unusual):
        look_of(b"\x3c\x08\x81")


def test_cells_put_into_a_row_move_its_columns() -> None:
    shape = b"\x08\xd6" + bytes((2 + 6, 0, 2)) + b"\x00\x00\x64\x00\xc8\x00"
    put_in, width = b"\x21\x76" + bytes((1, 1, 30, 0)), b"\x23\x76" + bytes((0, 1, 50, 0))
    assert modified(paragraph_of(b"", b""), shape).row.limits == (0, 100, 200)
    found = modified(paragraph_of(b"", b""), shape + put_in + width).row
    assert found == RowLook((0, 50, 80, 180), (False,) * 3, ("",) * 3)


def test_wide_tables_keep_their_shape_in_the_data_stream() -> None:
    kept = b"\x16\x24\x01" + b"\x4b\x24\x01"
    data = b"\xff\xff" + len(kept).to_bytes(2, "little") + kept
    found = paragraph_of(b"\x02\x00" + b"\x46\x66\x02\x00\x00\x00", data)
    assert (found.style, found.in_table, found.ends_inner_cell, found.depth) == (2, True, True, 1)


def test_a_story_that_is_longer_than_the_text_comes_to_an_end() -> None:
    whole = open_doc((FORMATS / "rich.doc").read_bytes())
    with pytest.raises(Unusual):
        write_parts(replace(whole, text=whole.text[: len(whole.text) // 2]))
