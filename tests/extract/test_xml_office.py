"""Office files that are one XML text, saved web pages, and what else an inbox holds beside the usual formats."""

from __future__ import annotations

import pytest

from extract.model import Document, Table
from extract.read import read_document
from extract.source import kind_of, make_source

WORD = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<?mso-application progid="Word.Document"?>
<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"
 xmlns:wx="http://schemas.microsoft.com/office/word/2003/auxHint" xmlns:aml="http://schemas.microsoft.com/aml/2001/core"
 xmlns:st1="urn:schemas-microsoft-com:office:smarttags">
<w:styles><w:style w:type="paragraph" w:default="on" w:styleId="N">
<w:rPr><w:rFonts w:ascii=".VnTime" w:h-ansi=".VnTime"/></w:rPr></w:style></w:styles>
<w:body><wx:sect>
<w:p><w:pPr><w:listPr><w:ilvl w:val="0"/><w:ilfo w:val="1"/><wx:t wx:val="1."/></w:listPr></w:pPr>
<st1:place><w:r><w:t>B¸o c¸o sè liÖu</w:t></w:r></st1:place>
<aml:annotation aml:id="0" w:type="Word.Deletion"><aml:content><w:r><w:t>sai</w:t></w:r></aml:content></aml:annotation>
<aml:annotation aml:id="1" w:type="Word.Insertion"><aml:content><w:r><w:t> m¸y tÝnh</w:t></w:r></aml:content>
</aml:annotation>
<w:r><w:footnote><w:p><w:r><w:t>Ghi chó</w:t></w:r></w:p></w:footnote></w:r></w:p>
<wx:sub-section><w:tbl>
<w:tr><w:tc><w:tcPr><w:vmerge w:val="restart"/></w:tcPr><w:p><w:r><w:t>STT</w:t></w:r></w:p></w:tc>
<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr><w:p><w:r><w:t>Sè l­îng</w:t></w:r></w:p></w:tc></w:tr>
<w:tr><w:tc><w:tcPr><w:vmerge/></w:tcPr><w:p/></w:tc><w:tc><w:p><w:r><w:t>58</w:t></w:r></w:p></w:tc>
<w:tc><w:p><w:r><w:t>30</w:t></w:r></w:p></w:tc></w:tr>
</w:tbl></wx:sub-section>
<w:sectPr><w:hdr w:type="odd"><w:p><w:r><w:t>Së T­ ph¸p</w:t></w:r></w:p></w:hdr></w:sectPr>
</wx:sect></w:body></w:wordDocument>"""

EXCEL = """<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:x="urn:schemas-microsoft-com:office:excel" xmlns:html="http://www.w3.org/TR/REC-html40">
<Styles><Style ss:ID="Default"><Font ss:FontName=".VnTime"/></Style>
<Style ss:ID="p"><NumberFormat ss:Format="0.0%"/></Style><Style ss:ID="q" ss:Parent="p"/>
<Style ss:ID="d"><NumberFormat ss:Format="Short Date"/></Style></Styles>
<Worksheet ss:Name="A"><Table><Column ss:Index="3" ss:Hidden="1"/>
<Row ss:Index="2"><Cell ss:MergeAcross="1"><Data ss:Type="String">Tæng sè m¸y tÝnh, sè l­îng v¨n b¶n</Data></Cell>
<Cell ss:Index="4"><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">m<Sup>2</Sup></ss:Data></Cell></Row>
<Row><Cell><Data ss:Type="Number">1234567</Data></Cell><Cell ss:StyleID="q"><Data ss:Type="Number">0.517</Data></Cell>
<Cell><Data ss:Type="Number">9</Data></Cell><Cell ss:StyleID="d"><Data ss:Type="DateTime">2019-06-30T00:00:00.000</Data>
</Cell></Row>
<Row ss:Hidden="1"><Cell><Data ss:Type="Number">7</Data></Cell></Row>
<Row><Cell ss:Formula="=R[-1]C"/></Row>
</Table></Worksheet>
<Worksheet ss:Name="H"><Table><Row><Cell><Data ss:Type="Number">1</Data></Cell></Row></Table>
<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetHidden</Visible></WorksheetOptions>
</Worksheet></Workbook>"""

OPEN = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.{kind}"><office:body><office:{kind}>
<table:table table:name="A"><table:table-row><table:table-cell><text:p>Tổng số</text:p></table:table-cell>
<table:table-cell office:value-type="float" office:value="58"><text:p>58</text:p></table:table-cell></table:table-row>
</table:table></office:{kind}></office:body></office:document>"""

PAGE = """From: <Saved by Windows Internet Explorer 8>
Subject: Bao cao
Date: Fri, 5 Jul 2019 09:00:00 +0700
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="----=_b"

This is a multi-part message in MIME format.

------=_b
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable
Content-Location: file:///C:/bao-cao.htm

<html><body><table><tr><td>T=E1=BB=95ng s=E1=BB=91<td>58</table></body></html>

------=_b
Content-Type: image/png
Content-Transfer-Encoding: base64
Content-Location: file:///C:/logo.png

iVBORw0KGgo=

------=_b--
"""


def read(text: str, encoding: str = "utf-8") -> Document:
    return read_document(make_source("x", text.encode(encoding), 0))


def texts(table: Table) -> list[tuple[int, int, str]]:
    return [(cell.place.row, cell.place.column, cell.text) for cell in table.cells]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_word_2003_xml_is_read_with_its_fonts_lists_changes_notes_and_headers(encoding: str) -> None:
    text = WORD if encoding != "utf-16" else WORD.replace("UTF-8", "UTF-16")
    found = read(text, encoding)
    assert (found.format, found.encoding) == ("word-xml", "tcvn3")
    grids = [table for table in found.tables if not table.prose]
    lines = [cell.text for table in found.tables if table.prose for cell in table.cells]
    assert lines == ["Sở Tư pháp", "1. Báo cáo số liệu máy tính", "Ghi chú"]
    assert [texts(grid) for grid in grids] == [[(1, 1, "STT"), (1, 2, "Số lượng"), (2, 2, "58"), (2, 3, "30")]]
    assert (grids[0].cells[0].row_span, grids[0].cells[1].column_span) == (2, 2)


def test_a_flat_package_of_word_is_read_as_the_package() -> None:
    space = "http://schemas.openxmlformats.org"
    flat = f"""<?xml version="1.0"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">
    <pkg:part pkg:name="/_rels/.rels"><pkg:xmlData><Relationships xmlns="{space}/package/2006/relationships">
    <Relationship Id="r" Type="{space}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>
    </Relationships></pkg:xmlData></pkg:part><pkg:part pkg:name="/word/document.xml"><pkg:xmlData>
    <w:document xmlns:w="{space}/wordprocessingml/2006/main"><w:body><w:tbl><w:tr>
    <w:tc><w:p><w:r><w:t>Tổng số</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>58</w:t></w:r></w:p></w:tc>
    </w:tr></w:tbl></w:body></w:document></pkg:xmlData></pkg:part>
    <pkg:part pkg:name="/word/media/a.png"><pkg:binaryData>iVBORw0KGgo=</pkg:binaryData></pkg:part></pkg:package>"""
    found = read(flat)
    assert (found.format, [texts(table) for table in found.tables]) == (
        "word-xml", [[(1, 1, "Tổng số"), (1, 2, "58")]],
    )  # fmt: skip


def test_excel_2003_xml_is_read_with_types_formats_merged_and_hidden_cells() -> None:
    found = read(EXCEL)
    [table] = found.tables
    assert (found.format, found.encoding) == ("excel-xml", "tcvn3")
    cells = {(cell.place.row, cell.place.column): cell for cell in table.cells}
    assert {place: cell.text for place, cell in cells.items()} == {
        (2, 1): "Tổng số máy tính, số lượng văn bản", (2, 4): "m²", (3, 1): "1234567", (3, 2): "51,7%",
        (3, 4): "30/06/2019", (5, 1): "",
    }  # fmt: skip
    assert (cells[2, 1].column_span, cells[3, 1].number, cells[3, 2].number) == (2, 1234567, 0.517)
    assert sorted(finding.code for finding in found.findings) == [
        "encoding_converted", "formula_without_value", "hidden_columns", "hidden_rows", "hidden_sheet",
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "name"), [("text", "fodt"), ("spreadsheet", "fods")])
def test_flat_open_documents_are_read_as_packed_ones(kind: str, name: str) -> None:
    found = read(OPEN.format(kind=kind))
    assert found.format == name
    assert [texts(table) for table in found.tables] == [[(1, 1, "Tổng số"), (1, 2, "58")]]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_saved_web_page_is_a_document_and_no_mail(newline: str) -> None:
    found = read(PAGE.replace("\n", newline))
    assert found.format == "mht"
    assert [texts(table) for table in found.tables] == [[(1, 1, "Tổng số"), (1, 2, "58")]]


def test_a_page_that_was_sent_as_a_mail_is_a_mail() -> None:
    assert kind_of(PAGE.replace("MIME-Version", "To: a@example.vn\nMIME-Version").encode()) == "eml"
    assert kind_of(PAGE.replace("Content-Location", "Content-ID").encode()) == "eml"


@pytest.mark.parametrize("text", [WORD, EXCEL, OPEN.format(kind="text")])
def test_a_document_type_in_an_office_xml_text_is_refused(text: str) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "c">]>'
    start = text.index("?>") + 2
    assert make_source("x", text.encode(), 0).reason == ""
    for declaration in (bomb, "<!DOCTYPE a>"):
        assert make_source("x", (text[:start] + declaration + text[start:]).encode(), 0).reason == "xml_doctype"


def test_broken_office_xml_texts_are_unreadable() -> None:
    for text in (WORD, EXCEL, OPEN.format(kind="spreadsheet")):
        found = read(text[: len(text) - 30])
        assert (found.tables, [finding.code for finding in found.findings]) == ((), ["unreadable"])


def test_many_declarations_before_the_first_element_take_no_time() -> None:
    assert kind_of(b"<?a?>" * 20_000) == "txt"
    assert kind_of(b"<?xml version='1.0'?>" + b"<!-- -->" * 5_000 + b"<a>") == "unknown"
