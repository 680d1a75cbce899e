from __future__ import annotations

import io
import zipfile
from collections import Counter

import docx
import pytest
from docx.oxml import parse_xml
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.model import Cell, Document, Table, rows_of
from extract.read import read_document
from extract.source import make_source
from extract.word import read_docx

NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)


def add(document, *blocks: str) -> None:
    """Put raw blocks before the section properties of the body."""
    for block in blocks:
        name, rest = block.split(">", 1)
        document.element.body.sectPr.addprevious(parse_xml(f"{name} {NAMES}>{rest}"))


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def par(content: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{content}</w:p>"


def cell(content: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def table(*rows: str, widths: str = "") -> str:
    return f"<w:tbl><w:tblPr/><w:tblGrid>{widths}</w:tblGrid>{''.join(rows)}</w:tbl>"


def row(*texts: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cell(par(run(text))) for text in texts)}</w:tr>"


def saved(document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def read(*blocks: str) -> Document:
    document = docx.Document()
    add(document, *blocks)
    return read_docx(saved(document), "0")


def texts(found: Document) -> list[str]:
    return [cell.text for table in found.tables for cell in table.cells]


def grid(found: Table) -> list[list[str | None]]:
    return [[cell and cell.text for cell in cells] for cells in rows_of(found)]


def test_runs_of_paragraphs_are_prose_tables_around_the_grids() -> None:
    found = read(par(run("A")), par(""), par(run("B")), table(row("1", "2")), par(run("C")))
    assert [(part.prose, part.place.table, grid(part)) for part in found.tables] == [
        (True, 1, [["A"], ["B"]]),
        (False, 2, [["1", "2"]]),
        (True, 3, [["C"]]),
    ]


def test_merged_cells_have_their_true_spans() -> None:
    document = docx.Document()
    made = document.add_table(3, 4)
    for number, one in enumerate(made._cells):
        one.text = str(number)
    made.cell(0, 0).merge(made.cell(0, 2)).text = "across"
    made.cell(1, 3).merge(made.cell(2, 3)).text = "down"
    made.cell(1, 0).merge(made.cell(2, 1)).text = "both"
    found = read_docx(saved(document), "0").tables[0]
    assert grid(found) == [
        ["across", None, "3"],
        ["both", "6", "down"],
        [None, "10", None],
    ]  # no cell begins in column 2
    spans = {one.text: (one.row_span, one.column_span) for one in found.cells}
    assert (spans["across"], spans["down"], spans["both"], spans["6"]) == ((1, 2), (2, 1), (2, 1), (1, 1))


def test_a_row_that_begins_late_and_ends_early_keeps_its_columns() -> None:
    late = row("b", properties='<w:gridBefore w:val="1"/><w:gridAfter w:val="1"/>')
    found = read(table(row("1", "2", "3"), late))
    assert grid(found.tables[0]) == [["1", "2", "3"], [None, "b", None]]


def test_a_column_as_thin_as_a_hair_is_none() -> None:
    wide = '<w:gridSpan w:val="2"/>'
    first = f"<w:tr>{cell(par(run('a')), wide)}{cell(par(run('b')))}</w:tr>"
    second = f"<w:tr>{cell(par(run('c')))}{cell(par(run('d')), wide)}</w:tr>"
    for width, wanted in ((20, 2), (2000, 3)):
        widths = "".join(f'<w:gridCol w:w="{number}"/>' for number in (3000, width, 3000))
        found = read(table(first, second, widths=widths)).tables[0]
        assert found.n_columns == wanted
        assert [one.place.column for one in found.cells] == ([1, 2, 1, 2] if wanted == 2 else [1, 3, 1, 2])


def test_a_nested_table_follows_and_the_cell_keeps_its_own_text() -> None:
    outer = f"<w:tr>{cell(par(run('own')) + table(row('in', '5')) + par(run('more')))}{cell(par(run('x')))}</w:tr>"
    found = read(table(outer))
    assert [grid(part) for part in found.tables] == [[["own\nmore", "x"]], [["in", "5"]]]


def test_a_text_box_is_read_once_of_its_two_renderings() -> None:
    inside = f"<w:txbxContent>{par(run('In the box'))}</w:txbxContent>"
    box = (
        f"<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>{inside}</wps:txbx></w:drawing>"
        f"</mc:Choice><mc:Fallback><w:pict><v:textbox>{inside}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert texts(read(par(run("Before") + box), par(run("After")))) == ["Before", "In the box", "After"]
    in_cell = f"<w:tr>{cell(par(run('58') + box))}{cell(par(run('x')))}</w:tr>"
    assert texts(read(table(in_cell))) == ["58", "x", "In the box"]


def test_content_controls_are_read_at_every_level() -> None:
    def control(content: str) -> str:
        return f"<w:sdt><w:sdtPr/><w:sdtContent>{content}</w:sdtContent></w:sdt>"

    rows = control(f"<w:tr>{control(cell(par(control(run('in cell')))))}{cell(par(run('2')))}</w:tr>")
    found = read(control(par(run("block"))), par(run("a ") + control(run("run"))), table(row("1", "1"), rows))
    assert texts(found) == ["block", "a run", "1", "1", "in cell", "2"]


def test_the_prompt_of_an_empty_control_is_no_answer() -> None:
    prompt = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('Choose an item')}</w:sdtContent></w:sdt>"
    assert texts(read(par(run("Level: ") + prompt))) == ["Level:"]


def test_insertions_are_read_and_deletions_are_not() -> None:
    inserted = f"<w:ins w:id='1' w:author='x'>{run('8')}</w:ins>"
    deleted = "<w:del w:id='2' w:author='x'><w:r><w:delText>9</w:delText></w:r></w:del>"
    moved = f"<w:moveFrom w:id='3' w:author='x'>{run('gone')}</w:moveFrom>"
    moved += f"<w:moveTo w:id='4' w:author='x'>{run('here')}</w:moveTo>"
    rows = table(row("a", "1"), row("b", "2", properties="<w:del w:id='5' w:author='x'/>"))
    found = read(par(run("5") + inserted + deleted), par(moved), rows)
    assert texts(found) == ["58", "here", "a", "1"]


def test_a_field_gives_its_last_result() -> None:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    def code(text: str) -> str:
        return f"<w:r><w:instrText>{text}</w:instrText></w:r>"

    nested = mark("begin") + code("IF ") + mark("begin") + code("A") + mark("separate") + run("9") + mark("end")
    nested += mark("separate") + run("58") + mark("end")
    simple = f'<w:fldSimple w:instr="SUM(ABOVE)">{run("12")}</w:fldSimple>'
    assert texts(read(par(run("n: ") + nested), par(simple))) == ["n: 58", "12"]


def test_old_form_fields_give_their_answer() -> None:
    box = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData>'
        "</w:fldChar></w:r>"
    )
    menu = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="Chưa"/>'
        '<w:listEntry w:val="Có"/></w:ddList></w:ffData></w:fldChar></w:r>'
    )
    rest = '<w:r><w:instrText>FORM</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    assert texts(read(par(box + rest + run(" Có")), par(menu + rest))) == ["☒ Có", "Có"]


def test_signs_of_symbol_fonts_are_named() -> None:
    tick = '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>'
    cross = run("\uf0fb", '<w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/>')
    assert texts(read(par(tick + cross))) == ["✓✗"]


def test_breaks_tabs_and_hyphens_are_kept_as_signs() -> None:
    found = read(
        par("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d\u00a0e</w:t></w:r>")
    )
    assert texts(found) == ["a\tb\nc-d e"]


def test_a_soft_hyphen_stays_in_the_raw_text_alone() -> None:
    found = read(par("<w:r><w:t>b</w:t><w:softHyphen/><w:t>u \u00addiện</w:t></w:r>")).tables[0].cells[0]
    assert (found.text, found.raw_text) == ("bu diện", "b\u00adu \u00addiện")


OLD = '<w:rFonts w:ascii=".VnTime" w:hAnsi=".VnTime"/>'


def test_old_encodings_are_read_over_all_runs_of_a_word() -> None:
    soft = f"<w:r><w:rPr>{OLD}</w:rPr><w:softHyphen/></w:r>"
    split = run("Tæng sè v¨n b¶n ®", OLD) + run("·", OLD) + run(" l", OLD) + soft + run("u", OLD)
    raised = run("58 m") + run("2", '<w:vertAlign w:val="superscript"/>')
    found = read(par(split), table(row("x"), f"<w:tr>{cell(par(run('tØ lÖ ', OLD)))}</w:tr>"), par(raised))
    assert texts(found) == ["Tổng số văn bản đã lưu", "x", "tỉ lệ", "58 m²"]
    assert found.tables[0].cells[0].raw_text == "Tæng sè v¨n b¶n ®· l\u00adu"
    assert found.encoding == "tcvn3"
    assert [finding.code for finding in found.findings] == ["encoding_converted"]


def test_correct_unicode_in_old_fonts_stays() -> None:
    found = read(par(run("Tổng số máy tính", OLD)), par(run("Señor François", OLD)))
    assert (texts(found), found.encoding) == (["Tổng số máy tính", "Señor François"], "unicode")
    assert not found.findings


def test_text_that_cannot_be_told_is_left_and_flagged() -> None:
    found = read(par(run("Phó Thä")))
    assert (texts(found), found.tables[0].cells[0].flags) == (["Phó Thä"], ("encoding_unsure",))
    assert [finding.code for finding in found.findings] == ["encoding_unsure"]


def test_hidden_text_is_not_read_and_said_so() -> None:
    found = read(par(run("seen") + run("unseen", "<w:vanish/>") + run("!", '<w:vanish w:val="0"/>')))
    assert texts(found) == ["seen!"]
    assert [finding.code for finding in found.findings] == ["hidden_text"]


def test_text_is_nfc() -> None:
    assert texts(read(par(run("Tổng")))) == ["Tổng"]


def test_a_raised_figure_is_no_digit_of_the_number_before_it() -> None:
    found = read(par(run("58") + run("1", '<w:vertAlign w:val="superscript"/>')))
    assert texts(found) == ["58¹"]


def numbered(levels: list[tuple[str, str]], nums: str = "") -> docx.document.Document:
    """A document whose list 77 has these (format, text) levels; ``nums`` are further list instances."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    made = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for depth, (form, text) in enumerate(levels)
    )
    numbering.insert(0, parse_xml(f'<w:abstractNum {NAMES} w:abstractNumId="77">{made}</w:abstractNum>'))
    for item in ('<w:num w:numId="77"><w:abstractNumId w:val="77"/></w:num>', *filter(None, [nums])):
        numbering.append(parse_xml(item.replace(" ", f" {NAMES} ", 1)))
    return document


def item(text: str, depth: int = 0, list_id: int = 77) -> str:
    return par(run(text) if text else "", f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{list_id}"/></w:numPr>')


def test_automatic_numbers_are_printed() -> None:
    document = numbered([("upperRoman", "%1."), ("decimal", "%1.%2."), ("lowerLetter", "%3)"), ("bullet", "\uf0b7")])
    add(
        document,
        item("A"),
        item("B", 1),
        item("C", 1),
        item("D", 2),
        item("E", 2),
        item("F", 3),
        item("G"),
        item("H", 1),
    )
    found = texts(read_docx(saved(document), "0"))
    assert found == ["I. A", "I.1. B", "I.2. C", "a) D", "b) E", "- F", "II. G", "II.1. H"]


def test_an_automatic_number_is_all_that_a_number_column_holds() -> None:
    document = numbered([("decimal", "%1")])
    rows = [f"<w:tr>{cell(item(''))}{cell(par(run(name)))}</w:tr>" for name in "ab"]
    add(document, table(*rows))
    assert grid(read_docx(saved(document), "0").tables[0]) == [["1", "a"], ["2", "b"]]


def test_another_instance_of_a_list_restarts_where_it_says_so() -> None:
    restart = '<w:num w:numId="78"><w:abstractNumId w:val="77"/><w:lvlOverride w:ilvl="0">'
    restart += '<w:startOverride w:val="1"/></w:lvlOverride></w:num>'
    document = numbered([("decimal", "%1.")], restart)
    add(document, item("a"), item("b"), item("c", list_id=78), item("d", list_id=78))
    assert texts(read_docx(saved(document), "0")) == ["1. a", "2. b", "1. c", "2. d"]


def test_list_number_zero_means_no_list() -> None:
    document = numbered([("decimal", "%1.")])
    add(document, item("a", list_id=0), item("b"))
    assert texts(read_docx(saved(document), "0")) == ["a", "1. b"]


def test_headers_come_first_and_footers_last_without_page_numbers() -> None:
    document = docx.Document()
    document.add_paragraph("body")
    document.sections[0].header.paragraphs[0].text = "SỞ TƯ PHÁP"
    document.sections[0].footer.paragraphs[0].text = "Lập biểu"
    document.sections[0].footer.add_paragraph("3/7")
    document.sections[0].first_page_header.paragraphs[0].text = "not shown"
    assert texts(read_docx(saved(document), "0")) == ["SỞ TƯ PHÁP", "body", "Lập biểu"]


def test_tables_with_nothing_between_are_one() -> None:
    data = table(row("TT", "Label", "Value"), row("1", "a", "5"))
    rest = table(row("2", "b", "6"))
    assert [part.n_rows for part in read(data, par(""), rest).tables] == [3]
    assert [part.n_rows for part in read(data, par(run("x")), rest).tables] == [2, 1, 1]
    assert [part.n_rows for part in read(data, table(row("TT", "Name", "Version"), row("1", "c", "6"))).tables] == [
        2,
        2,
    ]
    assert [part.n_rows for part in read(data, table(row("2", "b"))).tables] == [2, 1]


def test_notes_are_read_at_the_end() -> None:
    document = docx.Document()
    document.add_paragraph("body")
    notes = f'<w:footnotes {NAMES}><w:footnote w:type="separator" w:id="0">{par(run("---"))}</w:footnote>'
    notes += f'<w:footnote w:id="1">{par(run("Theo quy định"))}</w:footnote></w:footnotes>'
    data = with_part(saved(document), "word/footnotes.xml", notes.encode(), "footnotes")
    assert texts(read_docx(data, "0")) == ["body", "Theo quy định"]


def with_part(data: bytes, name: str, content: bytes, kind: str) -> bytes:
    """A package with one more part that the main part refers to."""
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    entry = f'<Relationship Id="rIdNew" Type="{kinds}{kind}" Target="{name.split("/")[1]}"/></Relationships>'
    edits = {"word/_rels/document.xml.rels": (b"</Relationships>", entry.encode())}
    return edited(data, edits, {name: content})


def edited(data: bytes, edits: dict[str, tuple[bytes, bytes]], more: dict[str, bytes] | None = None) -> bytes:
    """A package with bytes replaced in some parts ("" for all parts), and parts added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            old_bytes, new_bytes = edits.get(info.filename) or edits.get("") or (b"", b"")
            new.writestr(info.filename, old.read(info).replace(old_bytes, new_bytes))
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "kind",
    [
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
    ],
)
def test_documents_with_macros_and_templates_are_read(kind: bytes) -> None:
    document = docx.Document()
    document.add_paragraph("body")
    usual = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    source = make_source("x", edited(saved(document), {"[Content_Types].xml": (usual, kind)}), 0)
    assert (source.format, texts(read_document(source))) == ("docx", ["body"])


def test_the_strict_flavour_is_read() -> None:
    document = docx.Document()
    document.add_table(1, 2).cell(0, 1).text = "58"
    document.sections[0].header.paragraphs[0].text = "Head"
    data = saved(document)
    transitional = b"http://schemas.openxmlformats.org/%s/2006/%s"
    for first, last in ((b"wordprocessingml", b"main"), (b"officeDocument", b"relationships")):
        strict = b"http://purl.oclc.org/ooxml/" + first + b"/" + last
        data = edited(data, {"": (transitional % (first, last), strict)})
    assert texts(read_docx(data, "0")) == ["Head", "", "58"]


def test_what_is_no_text_is_named() -> None:
    found = read(par("<w:r><w:drawing><a:blip/></w:drawing></w:r>"))
    assert [finding.code for finding in found.findings] == ["only_pictures"]


def test_a_broken_part_makes_an_unreadable_document_and_no_error() -> None:
    data = edited(saved(docx.Document()), {"word/document.xml": (b"</w:body>", b"")})
    found = read_document(make_source("x.docx", data, 0))
    assert ([finding.code for finding in found.findings], found.tables, found.reader) == (["unreadable"], (), "docx/4")


WORDS = st.lists(
    st.sampled_from(["para", "bold", "cell", "nested", "box", "control", "inserted", "header"]), max_size=12
)


@settings(max_examples=40, deadline=None)
@given(WORDS)
def test_every_visible_text_is_read_exactly_once(kinds: list[str]) -> None:
    document = docx.Document()
    wanted = []
    for number, kind in enumerate(kinds):
        text = f"Visible{number}x"
        wanted.append(text)
        made = {
            "para": par(run(text)),
            "bold": par(run(text[:3], "<w:b/>") + run(text[3:])),
            "cell": table(row("7", text)),
            "nested": table(f"<w:tr>{cell(table(row(text)) + par(''))}</w:tr>"),
            "box": par(
                f"<w:r><w:pict><v:textbox><w:txbxContent>{par(run(text))}</w:txbxContent></v:textbox></w:pict></w:r>"
            ),
            "control": f"<w:sdt><w:sdtContent>{par(run(text))}</w:sdtContent></w:sdt>",
            "inserted": par(f"<w:ins w:id='1' w:author='x'>{run(text)}</w:ins>"),
        }.get(kind)
        if made is None:
            document.sections[0].header.add_paragraph(text)
        else:
            add(document, made)
    counts = Counter("\n".join(texts(read_docx(saved(document), "0"))).split())
    assert {text: counts[text] for text in wanted} == dict.fromkeys(wanted, 1)


def test_cells_are_plain_and_places_count_from_one() -> None:
    found = read(table(row("a", "b"), row("c", "d"))).tables[0].cells
    assert [(one.place.row, one.place.column) for one in found] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert all(isinstance(one, Cell) for one in found)
