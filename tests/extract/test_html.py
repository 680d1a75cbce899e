from __future__ import annotations

import time

import pytest

from extract.model import Document, rows_of
from extract.read import read_document
from extract.source import make_source


def read(body: str, encoding: str = "utf-8", head: str = "") -> Document:
    page = f"<html><head>{head}</head><body>{body}</body></html>"
    return read_document(make_source("x.html", page.encode(encoding), 0))


def texts(found: Document) -> list[str]:
    return [cell.text for table in found.tables for cell in table.cells]


def grid(found: Document, number: int = 0) -> list[list[str | None]]:
    return [[cell and cell.text for cell in row] for row in rows_of(found.tables[number])]


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("a <b>b</b>\n c<br>d<p>e</p>f", ["a b c\nd", "e", "f"]),
        ("58<sup>1</sup>&nbsp;m", ["58¹ m"]),
        ("<script>x</script><style>y</style><!-- z -->a", ["a"]),
        ("a<span style='display:none'>b</span><p hidden>c</p>", ["a"]),
        ("<ol start=3><li>a<li><p>b</p></ol><ul><li>c</ul>", ["3. a", "4. b", "- c"]),
    ],
)
def test_texts(body: str, wanted: list[str]) -> None:
    assert texts(read(body)) == wanted


def test_cells_over_rows_and_columns_push_the_others_aside() -> None:
    found = read("<table><tr><td rowspan=2>a<td colspan=2>b<tr><td>c<td>d<tr><td>e<td>f<td>g</table>")
    assert grid(found) == [["a", "b", None], [None, "c", "d"], ["e", "f", "g"]]


def test_a_table_in_a_cell_follows_and_captions_come_before() -> None:
    found = read("<table><caption>title</caption><tr><td>a<table><tr><td>in</table></table>")
    assert [[cell.text for cell in table.cells] for table in found.tables] == [["title"], ["a"], ["in"]]


def test_hidden_rows_and_columns_of_a_saved_workbook_are_left_out() -> None:
    rows = "<col><col style='display:none'><tr><td>a<td>secret<td>b</tr><tr style='display:none'><td>secret</tr>"
    found = read(f"<table>{rows}</table>")
    assert grid(found) == [["a", "b"]]
    assert [finding.code for finding in found.findings] == ["hidden_text"]


def test_the_typed_value_of_a_saved_workbook_counts_and_not_its_commas() -> None:
    head = "<style>.x1 {mso-number-format:'0\\.0%';} .x2 {mso-number-format:'\\#\\,\\#\\#0';}</style>"
    found = read(
        "<table><tr><td class=x1 x:num='0.517'>51.7%<td class=x2 x:num='342628'>342,628"
        "<td sdval='8.14' sdnum='1033;0;0.00'>8.14<td class=x2>342,628</table>",
        head=head,
    )
    assert [(cell.text, cell.number) for cell in found.tables[0].cells] == [
        ("51,7%", 0.517), ("342.628", 342628), ("8,14", 8.14), ("342,628", None),
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_pages(encoding: str) -> None:
    assert texts(read("<p>Tổng số máy tính</p>", encoding)) == ["Tổng số máy tính"]


@pytest.mark.parametrize("charset", ["", "iso-8859-1", "x-unknown", "windows-1252"])
def test_pages_in_an_old_encoding(charset: str) -> None:
    head = f"<meta http-equiv=Content-Type content='text/html; charset={charset}'>" if charset else ""
    found = read("<p>Tæng sè m¸y tÝnh cña ®¬n vÞ</p><font face='.VnTimeH'>tû lÖ</font>", "cp1252", head)
    assert (texts(found), found.encoding) == (["Tổng số máy tính của đơn vị", "TỶ LỆ"], "tcvn3")


def test_pages_that_name_their_code_page() -> None:
    head = "<meta charset='windows-1258'>"
    assert texts(read("<p>Vi\u00eat \u0111\u00ecnh</p>".replace("\u00ec", "i"), "cp1258", head)) == ["Viêt đinh"]


def test_a_deep_page_is_refused_and_not_cut() -> None:
    found = read("<div>" * 5000 + "last" + "</div>" * 5000)
    assert [finding.code for finding in found.findings] == ["unreadable"] or texts(found) == ["last"]


@pytest.mark.parametrize(
    "body", ["<table><tr>" + "<td rowspan=999999 colspan=999999>x" * 200, "<ol>" + "<li>x" * 50_000]
)
def test_hostile_pages_take_seconds(body: str) -> None:
    begun = time.process_time()
    assert read(body).tables
    assert time.process_time() - begun < 20


def test_hostile_style_sheets_take_seconds() -> None:
    begun = time.process_time()
    assert texts(read("a", head="<style>" + "/*" * 400_000 + "x" * 400_000 + "</style>")) == ["a"]
    assert time.process_time() - begun < 10


def test_word_pages_named_doc_are_told_by_their_content() -> None:
    page = b"<html xmlns:o='urn:schemas-microsoft-com:office:office'><body><p>x</p></body></html>"
    assert make_source("bao cao.doc", page, 0).format == "html"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_page_in_utf_16_without_a_mark_is_read(encoding: str) -> None:
    page = "<html><body><table><tr><td>Tổng số<td>58</table>".encode(encoding)
    source = make_source("x", page, 0)
    assert source.format == "html"
    [table] = read_document(source).tables
    assert [cell.text for cell in table.cells] == ["Tổng số", "58"]
