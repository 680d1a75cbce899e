"""A whole font in a PDF: its table of letters is of a format that the parser does not know."""

from __future__ import annotations

import io
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

from extract.model import LOST, Document
from extract.pdf import read_pdf
from tests.extract.pdf_files import pdf

WORDS = "báo cáo số liệu thống kê của tỉnh về cải cách hành chính"


def drawing(width: int) -> Any:
    """A box as wide as asked; nothing for no width."""
    pen = TTGlyphPen(None)
    if width:
        pen.moveTo((0, 0))
        for point in ((0, 500), (width, 500), (width, 0)):
            pen.lineTo(point)
        pen.closePath()
    return pen.glyph()


def whole_font(letters: str) -> bytes:
    """A TrueType program with a box for each letter and one table of letters, of format 12."""
    names = [".notdef", *(f"uni{ord(letter):04X}" for letter in letters)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupGlyf({name: drawing(0 if name == "uni0020" else 300 + at) for at, name in enumerate(names)})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (300, 0)))
    builder.setupHorizontalHeader()
    builder.setupPost()
    builder.setupMaxp()
    builder.setupCharacterMap({ord(letter): f"uni{ord(letter):04X}" for letter in letters})
    table = CmapSubtable.newSubtable(12)
    table.platformID, table.platEncID, table.language, table.format = 3, 10, 0, 12
    table.reserved, table.length, table.nGroups = 0, 0, 0
    table.cmap = {ord(letter): f"uni{ord(letter):04X}" for letter in letters}
    builder.font["cmap"].tables = [table]
    target = io.BytesIO()
    builder.save(target)
    return target.getvalue()


def read(text: str) -> Document:
    letters = "".join(sorted(set(text)))
    program = whole_font(letters).hex()
    codes = "".join(f"{letters.index(letter) + 1:04X}" for letter in text)
    objects = [
        "<< /Type /Font /Subtype /Type0 /BaseFont /Whole /Encoding /Identity-H /DescendantFonts [7 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Whole /CIDToGIDMap /Identity /DW 300 /FontDescriptor 8 0 R"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        "<< /Type /FontDescriptor /FontName /Whole /Flags 4 /Ascent 800 /Descent -200 /FontFile2 9 0 R >>",
        f"<< /Filter /ASCIIHexDecode /Length {len(program) + 1} >>\nstream\n{program}>\nendstream",
    ]
    page = f"BT /F2 12 Tf 50 700 Td <{codes}> Tj ET"
    return read_pdf(pdf([page], fonts="/F1 5 0 R /F2 6 0 R", extra=objects), "0" * 64)


def test_letters_come_from_the_table_of_the_whole_font() -> None:
    document = read(WORDS)
    assert [cell.text for table in document.tables for cell in table.cells] == [WORDS]
    assert document.findings == ()
    assert {each.source for each in document.letters} == {"font"}


def test_a_table_that_makes_no_words_is_not_believed() -> None:
    document = read("xqzk wrtp qqsd fghj kkzx vbnm wqrt plmk jhgf zxcv bnmq")
    [cell] = [cell for table in document.tables for cell in table.cells]
    assert set(cell.text) <= {LOST, " "}
    assert cell.flags == ("letters_lost",)
