"""PDF files whose frame is broken, and those that are locked without a password."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pikepdf
import pytest

from extract import pdf_forms_regions
from extract.model import LOST, Document
from extract.ocr_grid import rules_of
from extract.pdf import read_pdf
from extract.read import read_document
from extract.source import make_source
from tests.extract.pdf_files import pdf, table, text

XS = (50.0, 250.0, 400.0)
PAGE = table(XS, 700, [("STT", "Nam"), ("Tong", "58")]) + text(50, 750, "Bao cao")


def whole() -> bytes:
    return pdf([PAGE, text(50, 750, "Trang hai")])


def words(found: Document) -> set[str]:
    return {cell.text for table in found.tables for cell in table.cells}


def trailer_that_is_no_dictionary(data: bytes) -> bytes:
    return data.replace(b"trailer", b"trailer 1 ", 1).replace(b"startxref", b"startxref\n9", 1)


def size_that_is_no_number(data: bytes) -> bytes:
    start = data.index(b"startxref") + 10
    return data[:start] + b"oops\n%%EOF"


def without_its_end(data: bytes) -> bytes:
    return data[: data.rindex(b"xref", 0, data.rindex(b"startxref"))]


@pytest.mark.parametrize("damage", [trailer_that_is_no_dictionary, size_that_is_no_number, without_its_end])
def test_a_file_whose_frame_is_broken_is_read_and_said_to_be_mended(damage: Callable[[bytes], bytes]) -> None:
    found = read_document(make_source("x", damage(whole()), 0))
    assert {"STT", "Tong", "58", "Bao cao", "Trang hai"} <= words(found)
    direct = read_pdf(damage(whole()), "x")
    if not direct.tables:
        assert found.findings[0].code == "file_mended"


def test_a_frame_that_the_parser_cannot_open_is_mended() -> None:
    damaged = size_that_is_no_number(whole())
    assert read_pdf(damaged, "x").tables == ()
    assert [finding.code for finding in read_document(make_source("x", damaged, 0)).findings] == ["file_mended"]


def test_what_is_broken_beyond_mending_says_so() -> None:
    found = read_document(make_source("x", b"%PDF-1.4\n" + b"x" * 500, 0))
    assert (found.tables, [finding.code for finding in found.findings]) == ((), ["unreadable"])


def test_a_file_whose_attachments_alone_are_locked_is_read() -> None:
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(whole())) as file:
        file.save(buffer, encryption=pikepdf.Encryption(owner="secret", user=""))
    found = read_document(make_source("x", buffer.getvalue(), 0))
    assert "58" in words(found)
    assert "encrypted" not in [finding.code for finding in found.findings]
    with pikepdf.open(io.BytesIO(whole())) as file:
        file.save(buffer := io.BytesIO(), encryption=pikepdf.Encryption(owner="secret", user="secret"))
    assert [finding.code for finding in read_document(make_source("x", buffer.getvalue(), 0)).findings] == ["encrypted"]


def test_a_font_of_an_unknown_kind_costs_its_letters_and_not_the_page() -> None:
    data = whole().replace(b"/Type1", b"/Type9")
    assert data != whole()
    found = read_pdf(data, "x")
    assert [finding.code for finding in found.findings] == []
    assert found.tables


def test_a_file_whose_letters_are_lost_is_not_taken_for_an_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = Document("x", "pdf", "pdf", read_pdf(whole(), "x").tables)
    for said, codes in ((f"{LOST * 6} {LOST * 3} 58", ["letters_lost"]), (f"Tong {LOST} 58", [])):
        cells = tuple(replace(cell, text=said) for cell in lost.tables[0].cells)
        found = replace(lost, tables=(replace(lost.tables[0], cells=cells),))
        monkeypatch.setattr("extract.pdf_mend.read_any_pdf", lambda *_, found=found: found)
        assert [finding.code for finding in read_document(make_source("x", whole(), 0)).findings] == codes


def test_lines_that_no_gap_runs_through_are_no_table() -> None:
    class Profile:
        def gutters(self, first: int, end: int) -> list[object]:
            return []

    assert pdf_forms_regions._grown([], Profile(), [(0, 0)]) == []  # type: ignore[arg-type]


def test_a_picture_that_is_rules_from_edge_to_edge_breaks_nothing() -> None:
    full = np.full((16, 400), 255, np.uint8)
    across, down = rules_of(full, np.zeros_like(full))
    assert across.shape == down.shape == full.shape


def test_a_stream_whose_length_is_said_in_itself_costs_no_time() -> None:
    moved = re.sub(rb"(%PDF-1.\d\s)", rb"\1%%moves all that follows\n", whole()) + b"\n%" + b"x" * 200_000
    for number in range(1, 9):
        begun = time.monotonic()
        found = read_pdf(re.sub(rb"/Length \d+", b"/Length %d 0 R" % number, moved), "x")
        assert found.tables or found.findings
        assert time.monotonic() - begun < 2


def test_an_update_that_names_itself_as_the_one_before_hides_no_page() -> None:
    data = whole()
    [root] = re.findall(rb"/Root (\d+) 0 R", data)
    catalog = re.search(rb"(?<=\n)%s 0 obj.*?endobj\n" % root, data, re.DOTALL)
    assert catalog is not None
    place = len(data) + len(catalog.group())
    update = b"xref\n%s 1\n%010d 00000 n \ntrailer\n<< /Size 99 /Root %s 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
    looped = data + catalog.group() + update % (root, len(data), root, place, place)
    assert "Trang hai" not in words(read_pdf(looped, "x"))
    found = read_document(make_source("x", looped, 0))
    assert {"58", "Trang hai"} <= words(found)
    assert [finding.code for finding in found.findings] == ["file_mended"]
