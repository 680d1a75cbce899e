from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.model import Document, rows_of
from extract.read import read_document
from extract.source import make_source

HEAD = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fnil\fcharset0 Times New Roman;}{\f1\fnil\fcharset0 .VnTime;}"
    r"{\f2\fcharset163 Arial{\*\falt Helvetica};}{\f3\fcharset2 Symbol;}{\f4\fcharset128 MS Mincho;}}"
)


def read(body: str) -> Document:
    return read_document(make_source("x.rtf", (HEAD + body + "}").encode("latin-1"), 0))


def texts(found: Document) -> list[str]:
    return [cell.text for table in found.tables for cell in table.cells]


def row(*cells: str, edges: str = "") -> str:
    edges = edges or "".join(rf"\cellx{1000 * number}" for number in range(1, len(cells) + 1))
    return r"\trowd " + edges + "".join(rf"\pard\intbl {text}\cell" for text in cells) + r"\row "


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"a\'e9\u7893\'3fb", "aéổb"),
        (r"\uc0\u7893 b", "ổb"),
        (r"\uc2\u7893 ??b", "ổb"),
        (r"\u-10179?\u-8704?", "😀"),
        (r"\u-10179?x", "�x"),
        (r"{\f2 T\'ec\'f0ng}", "T́đng"),
        (r"{\f4 \'93\'fa\'96\'7b}", "日本"),
        (r"{\f3\'b7} a\tab b\line c\_d\~e", "• a\tb\nc-d e"),
        (r"58{\super 1}", "58¹"),
        (r"a{\v hidden}b{\deleted gone}c", "abc"),
        (r"{\field{\*\fldinst PAGE }{\fldrslt 7}}", "7"),
        (r"{\upr{poor}{\*\ud{rich}}}", "rich"),
        (r"{\*\unknown{x}}{\pict 0102}a\bin3 }}}b", "ab"),
        (r"{\listtext\pard\plain 1.\tab}Item", "1. Item"),
        (r"{\listtext\f3\'b7\tab}Item", "- Item"),
        (r"a b\{c\}\\ ", "a b{c}\\"),
        ("line\r\n broken", "line broken"),
    ],
)
def test_texts(body: str, text: str) -> None:
    assert texts(read(body + r"\par")) == [text]


def test_rows_have_columns_by_their_edges() -> None:
    wide = r"\cellx2000\cellx3000"
    found = read("before\\par " + row("1", "2", "3") + row("wide", "x", edges=wide) + r"\pard after\par")
    assert [table.prose for table in found.tables] == [True, False, True]
    assert [[cell and cell.text for cell in line] for line in rows_of(found.tables[1])] == [
        ["1", "2", "3"], ["wide", None, "x"],
    ]  # fmt: skip
    assert [cell.column_span for cell in found.tables[1].cells] == [1, 1, 1, 2, 1]


def test_cells_merged_downwards_and_across() -> None:
    first = row("down", "a", "", edges=r"\clvmgf\cellx1000\clmgf\cellx2000\clmrg\cellx3000")
    second = row("", "b", "c", edges=r"\clvmrg\cellx1000\cellx2000\cellx3000")
    table = read(first + second).tables[0]
    assert [(cell.text, cell.row_span, cell.column_span) for cell in table.cells] == [
        ("down", 2, 1), ("a", 1, 2), ("b", 1, 1), ("c", 1, 1),
    ]  # fmt: skip


def test_a_cell_of_several_paragraphs_is_one_cell() -> None:
    assert texts(read(row(r"a\par b", "c"))) == ["a\nb", "c"]


def test_a_nested_table_follows_the_one_that_holds_it() -> None:
    inner = r"\pard\intbl\itap2 in\nestcell{\*\nesttableprops\trowd\cellx500\nestrow}"
    found = read(r"\trowd\cellx1000\cellx2000\pard\intbl out\par " + inner + r"\pard\intbl\cell\pard\intbl x\cell\row")
    assert [[cell.text for cell in table.cells] for table in found.tables] == [["out", "x"], ["in"]]


def test_what_has_no_row_end_is_not_lost() -> None:
    assert texts(read(r"\trowd\cellx1000\pard\intbl a\cell b\par c")) == ["a", "b", "c"]


def test_notes_headers_and_boxes_are_read_in_their_place() -> None:
    box = r"{\shp{\*\shpinst{\sp{\sn shapeType}{\sv 202}}{\shptxt box\par}}{\shprslt other}}"
    found = read(r"{\header head\par}{\footer foot 1\par}{\footer 2\par}a{\footnote note} b" + box + r"\par c\par")
    assert texts(found) == ["head", "a b", "box", "c", "note", "foot 1"]


def test_bytes_in_an_old_font_are_letters_of_the_old_encoding() -> None:
    found = read(r"{\f1 T\'e6ng s\'e8 v\'a8n b\'b6n l\-u tr\'f7}\par {\f1 t\'d8 l\'d6 %}\par")
    assert (texts(found), found.encoding) == (["Tổng số văn bản lưu trữ", "tỉ lệ %"], "tcvn3")


def test_groups_without_end_are_refused() -> None:
    assert [finding.code for finding in read("{" * 5000).findings] == ["unreadable"]


WORDS = (
    r"\trowd", r"\cellx100", r"\cellx50", r"\cell", r"\row", r"\intbl ", r"\pard ", r"\par ", "{", "}", "text",
    r"\itap2", r"\nestcell", r"\nestrow", r"\u-10179?",
    r"\'e9", r"{\footnote n}", r"{\shptxt b}", r"\clvmrg", r"\clmrg", r"\*",
)  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_any_order_of_words_is_read_and_no_text_in_a_cell_twice(words: list[str]) -> None:
    found = read("".join(words))
    assert [finding for finding in found.findings if finding.code == "unreadable"] == []
    places = [(cell.place.table, cell.place.row, cell.place.column) for table in found.tables for cell in table.cells]
    assert len(places) == len(set(places))
