from __future__ import annotations

import random

import pytest

from extract.decoding import Stretch, Written, decode_tables, read_texts
from extract.model import Cell, Place, Table


def table(*texts: str) -> Table:
    cells = tuple(Cell(Place(table=1, row=row, column=1), text) for row, text in enumerate(texts, 1))
    return Table(Place(table=1), cells, len(texts), 1)


def test_finished_tables_are_read_with_and_without_fonts() -> None:
    made = table("Tæng sè m¸y tÝnh  cña ®¬n vÞ", "tØ lÖ %", "58")
    fonts = {(1, row, 1): (Stretch(cell.text, ".VnTime"),) for row, cell in enumerate(made.cells, 1)}
    for known in (fonts, {}):
        [found], reading = decode_tables([made], known)
        assert [cell.text for cell in found.cells] == ["Tổng số máy tính  của đơn vị", "tỉ lệ %", "58"]
        assert [cell.raw_text for cell in found.cells] == ["Tæng sè m¸y tÝnh  cña ®¬n vÞ", "tØ lÖ %", ""]
        assert (reading.encoding, [finding.code for finding in reading.findings]) == ("tcvn3", ["encoding_converted"])


def test_tables_in_unicode_stay_as_they_are() -> None:
    made = table("Tổng số  máy tính", "Señor François", "1 000", " x\u00adx ")
    assert decode_tables([made], {})[0] == (made,)


def test_a_raised_figure_is_no_letter_of_an_old_encoding() -> None:
    texts = [
        Written((Stretch("DiÖn tÝch sö dông ®Êt cña ®¬n vÞ: 58 m", ".VnTime"), Stretch("1", ".VnTime", raised=True))),
        Written((Stretch("t¹i c¬ quan", ".VnTime"),)),
    ]
    assert read_texts(texts).texts == ("Diện tích sử dụng đất của đơn vị: 58 m¹", "tại cơ quan")


MIXED = ["Tæng sè m¸y tÝnh", "tØ lÖ %", "58", "Tổng số máy tính", "Thú y", "Señor François", "a &amp; b", "x\u00ady ",
         "T\u00f4\u0309ng", "Ñaïi hoïc", "\u00c3\u00a0", "", "Ấp 1\nẤp 2"]  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_texts_are_the_same_read_once_a_column_and_cell_by_cell(seed: int) -> None:
    rng = random.Random(seed)
    made = [table(*rng.choices(MIXED[: rng.randrange(3, len(MIXED))], k=rng.randrange(1, 25))) for _ in range(3)]
    apart = {(0, 0, 0): (Stretch(""),)}  # of no cell: then every cell is taken by itself
    assert decode_tables(made, {}) == decode_tables(made, apart)
