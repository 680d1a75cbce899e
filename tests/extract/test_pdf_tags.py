from __future__ import annotations

from pathlib import Path

import pytest

from extract.model import Document, rows_of
from extract.pdf import read_pdf

DATA = Path(__file__).parents[1] / "data" / "pdf"


def read(name: str) -> Document:
    return read_pdf((DATA / name).read_bytes(), "0" * 64)


def grids(document: Document) -> list[list[list[str | None]]]:
    """The texts of all tables, without white space: the writer breaks lines elsewhere when it draws no rules."""
    return [
        [[None if cell is None else "".join(cell.text.split()) for cell in row] for row in rows_of(table)]
        for table in document.tables
        if not table.prose
    ]


@pytest.mark.parametrize(
    ("tagged", "ruled"), [("tagged-without-rules.pdf", "ruled.pdf"), ("commune-tagged.pdf", "commune.pdf")]
)
def test_a_tagged_table_without_rules_has_the_cells_of_the_ruled_one(tagged: str, ruled: str) -> None:
    assert grids(read(tagged)) == grids(read(ruled))


def test_a_header_printed_again_is_not_left_over_as_text() -> None:
    prose = [cell.text for table in read("commune-tagged.pdf").tables if table.prose for cell in table.cells]
    same = [cell.text for table in read("commune.pdf").tables if table.prose for cell in table.cells]
    assert prose == same


def test_cells_of_a_tagged_table_know_their_page_and_box() -> None:
    (table,) = [table for table in read("commune-tagged.pdf").tables if not table.prose]
    assert len({cell.place.page for cell in table.cells}) > 2
    boxes = [cell.place.box for cell in table.cells if cell.text and cell.place.box]
    assert len(boxes) > 100 and all(0 <= x0 < x1 <= 596 and 0 <= top < bottom <= 843 for x0, top, x1, bottom in boxes)


def test_merged_cells_come_from_the_tags() -> None:
    (table,) = [table for table in read("tagged-without-rules.pdf").tables if not table.prose]
    spans = [(cell.text, cell.row_span, cell.column_span) for cell in table.cells[:3]]
    assert spans == [("TT", 2, 1), ("Nội dung chỉ tiêu", 2, 1), ("Phần khai báo", 1, 2)]
