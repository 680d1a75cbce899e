"""A form and a fill as the office files that a clerk sends: DOCX and XLSX, the same bytes each time."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from samples.form import Answer, Fill, Head, Json, with_period
from samples.layout import GridRow, column_widths, fill_in_lines, grid_of, header_merges, letterhead, opening


@dataclass(frozen=True, slots=True)
class Typed:
    """How a clerk typed a figure into a workbook: a formula over {row ids}, a number with its format, or text."""

    formula: str = ""
    number: float | int | None = None
    number_format: str = "General"
    text: str = ""


def freeze_zip(path: Path) -> None:
    """Rewrite an Office file with fixed dates, inside and out, so that equal content gives equal bytes."""
    with zipfile.ZipFile(path) as source:
        parts = [(name, source.read(name)) for name in source.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts:
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z", b"2020-01-01T00:00:00Z", data)
            target.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)


def docx_of(form: Json, fill: Fill, path: Path, font: str = "Times New Roman", cover: bool = False) -> None:
    """Write a report as DOCX: letterhead, its cover letter if asked for, then each block as the form prints it."""
    document = docx.Document()
    _page(document.sections[0], wide=False)
    _base_style(document, font)
    if fill.head.day:
        _letterhead(document, fill.head)
    for line in form.get("cover_letter", []) if cover else []:
        document.add_paragraph(line)
    for line, title in opening(form, fill.head):
        _line(document, line, bold=title, centre=True)
    annex = ""
    for block in form["blocks"]:
        wide = len(block.get("columns", [])) > 6
        if wide != (document.sections[-1].orientation == WD_ORIENT.LANDSCAPE):
            _page(document.add_section(), wide)
        elif block.get("annex", annex) != annex:
            document.add_page_break()
        annex = block.get("annex", annex)
        _block(document, block, fill)
    document.core_properties.author, document.core_properties.title = "Văn thư", ""
    document.save(path)
    freeze_zip(path)


def _base_style(document: Any, font: str) -> None:
    style = document.styles["Normal"]
    style.font.name, style.font.size = font, Pt(12)
    for kind in ("w:cs", "w:eastAsia", "w:hAnsi"):
        style.element.rPr.rFonts.set(qn(kind), font)
    style.paragraph_format.space_after = Pt(3)


def _page(section: Any, wide: bool) -> None:
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Cm(29.7), Cm(21)) if wide else (Cm(21), Cm(29.7))
    section.left_margin, section.right_margin = Cm(2), Cm(1.5)
    section.top_margin = section.bottom_margin = Cm(1.8)


def _line(place: Any, text: str, bold: bool = False, centre: bool = False) -> None:
    paragraph = place.add_paragraph()
    paragraph.add_run(text).bold = bold
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _letterhead(document: Any, head: Head) -> None:
    table = document.add_table(1, 2)
    for cell, lines in zip(table.rows[0].cells, letterhead(head), strict=True):
        cell.paragraphs[0].text = ""
        for number, line in enumerate(lines):
            _line(cell, line, bold=number == 1, centre=True)
    document.add_paragraph()


def _block(document: Any, block: Json, fill: Fill) -> None:
    if block["kind"] == "paragraph":
        _line(document, with_period(block["text"], fill.head), bold=block["text"].isupper())
    elif block["kind"] == "kv_lines":
        _line(document, block["heading"], bold=True)
        for line in fill_in_lines(block, fill):
            _line(document, line)
    else:
        for line in [block["caption"], *block.get("note_lines", [])]:
            if line:
                _line(document, with_period(line, fill.head), bold=line.isupper())
        _word_table(document, block, fill)
        document.add_paragraph()


def _word_table(document: Any, block: Json, fill: Fill) -> None:
    grid, columns = grid_of(block, fill), block["columns"]
    table = document.add_table(len(grid), len(columns))
    table.style, table.autofit = "Table Grid", False
    widths = column_widths(columns, 25.5 if len(columns) > 6 else 17.5)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    small = Pt(9 if len(columns) > 6 else 11)
    for line, row in zip(grid, table.rows, strict=True):
        cells = row.cells
        for cell, width in zip(cells, widths, strict=True):
            cell.width = Cm(width)
        for left, right, text in line.cells:
            cell = cells[left].merge(cells[right]) if right > left else cells[left]
            _word_cell(cell, text, line, small, columns[left])
        if line.header:
            row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for top, left, bottom, right in header_merges(block["header"]):
        text = grid[top].cells[left][2]
        merged = table.cell(top, left).merge(table.cell(bottom, right))
        for paragraph in merged.paragraphs[1:]:
            paragraph._p.getparent().remove(paragraph._p)
        merged.paragraphs[0].text = ""
        _word_cell(merged, text, grid[top], small, "")


def _word_cell(cell: Any, text: str, line: GridRow, size: Any, column: str) -> None:
    first = cell.paragraphs[0]
    first.paragraph_format.space_after = Pt(0)
    for number, part in enumerate(text.split("\n")):
        paragraph = cell.add_paragraph() if number else first
        paragraph.paragraph_format.space_after = Pt(0)
        run = paragraph.add_run(part)
        run.font.size, run.bold = size, line.bold
        if (not line.row and line.bold) or column in ("tt", "unit", "value"):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


@dataclass(slots=True)
class _Book:
    """The workbook being written: where each sheet ends, and where each figure went."""

    book: Workbook
    font: str
    fill: Fill
    typing: Mapping[str, Typed]
    sheet: Worksheet
    places: dict[str, str] = field(default_factory=dict)
    formulas: list[tuple[Cell, str, Answer]] = field(default_factory=list)


def xlsx_of(
    form: Json,
    fill: Fill,
    path: Path,
    sheets: Mapping[str, str] | None = None,
    typing: Mapping[str, Typed] | None = None,
    font: str = "Times New Roman",
) -> None:
    """Write a report as XLSX: a sheet for each block that ``sheets`` names, else for each table.

    ``typing`` says how single figures were typed. Others are numbers, but half of those with decimals are text;
    formulas are stored with the figure as their cached value.
    """
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    book.remove(sheet)
    state = _Book(book, font, fill, typing or {}, sheet)
    names = sheets or {b["id"]: b["id"] for b in form["blocks"] if b["kind"] in ("table", "list_table")}
    for block in form["blocks"]:
        if not book.worksheets or block.get("id") in names:
            first = not book.worksheets
            state.sheet = book.create_sheet(names.get(block.get("id", ""), "1"))
            _sheet_set_up(state, block.get("columns", ["label"]))
            for line, title in opening(form, fill.head) if first else ():
                _sheet_line(state, line, bold=title, columns=len(block.get("columns", ["label"])))
        _sheet_block(state, block)
    for cell, formula, _ in state.formulas:
        addresses = re.sub(r"\{([^}]+)\}", lambda found: state.places[found[1]], formula)
        cell.value = addresses.replace(f"'{cell.parent.title}'!", "")
    book.save(path)
    _store_cached(path, state)
    freeze_zip(path)


def _sheet_set_up(state: _Book, columns: list[str]) -> None:
    sheet, wide = state.sheet, len(columns) > 6
    for number, width in enumerate(column_widths(columns, 150 if wide else 105), 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.page_setup.orientation = "landscape" if wide else "portrait"
    sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = 9, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4


def _next_row(sheet: Worksheet) -> int:
    return sheet.max_row + 1 if sheet.max_row > 1 or sheet["A1"].value is not None else 1


def _sheet_line(state: _Book, text: str, bold: bool = False, columns: int = 4) -> None:
    sheet, row = state.sheet, _next_row(state.sheet)
    _style(state, sheet.cell(row, 1, text), bold, centre=bold, ruled=False)
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=max(columns, 2))
    sheet.row_dimensions[row].height = 16 * (1 + len(text) // (22 * max(columns, 4)))


def _sheet_block(state: _Book, block: Json) -> None:
    columns = len(block.get("columns", "1234"))
    if block["kind"] == "paragraph":
        return _sheet_line(state, with_period(block["text"], state.fill.head))
    if block["kind"] == "kv_lines":
        for line in [block["heading"], *fill_in_lines(block, state.fill)]:
            _sheet_line(state, line, columns=columns)
        return None
    for line in [block["caption"], *block.get("note_lines", [])]:
        if line:
            _sheet_line(state, with_period(line, state.fill.head), bold=line == block["caption"], columns=columns)
    _sheet_table(state, block)
    state.sheet.cell(_next_row(state.sheet), 1)  # keeps a row free below the table
    return None


def _sheet_table(state: _Book, block: Json) -> None:
    sheet, top = state.sheet, _next_row(state.sheet)
    for number, line in enumerate(grid_of(block, state.fill)):
        lines = 1
        for left, right, text in line.cells:
            cell = sheet.cell(top + number, left + 1)
            assert isinstance(cell, Cell)
            _typed_cell(state, cell, text, line.row, block["columns"][left])
            centre = block["columns"][left] in ("tt", "unit", "value") or number < len(block["header"])
            _style(state, cell, line.bold, centre)
            if right > left:
                _merge(state, (top + number, left, top + number, right))
            width = sum(sheet.column_dimensions[get_column_letter(n + 1)].width for n in range(left, right + 1))
            size = 1.3 if width < 25 or text.isupper() else 0.95
            lines = max(lines, sum(1 + int(len(part) * size / width) for part in text.split("\n")))
        sheet.row_dimensions[top + number].height = 15 * lines + 1
    for above, left, below, right in header_merges(block["header"]):
        _merge(state, (top + above, left, top + below, right))
    for number, header in enumerate(block["header"]):
        sheet.row_dimensions[top + number].height = _header_height(header)


def _header_height(header: list[str | None]) -> int:
    longest = max(len(text or "") for text in header)
    if longest > 60 and len(header) > 6:
        return 110
    return 34 if longest > 8 else 16


def _merge(state: _Book, place: tuple[int, int, int, int]) -> None:
    top, left, bottom, right = place
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            state.sheet.cell(row, column + 1).border = _ruled()
    state.sheet.merge_cells(start_row=top, start_column=left + 1, end_row=bottom, end_column=right + 1)


def _typed_cell(state: _Book, cell: Cell, text: str, row: str, column: str) -> None:
    answer = state.fill.answers.get(row) if column == "value" else None
    if answer is None or answer.printed != text:
        number_like = re.fullmatch(r"\d+(,\d)?", text) is not None and column != "mobile_sign"
        cell.value = (float(text.replace(",", ".")) if "," in text else int(text)) if number_like else text or None
        return
    state.places[row] = f"'{cell.parent.title}'!{cell.coordinate}"
    typed = state.typing.get(row) or usual_typing(row, answer)
    cell.value = typed.text or typed.number
    cell.number_format = typed.number_format
    if typed.formula:
        state.formulas.append((cell, typed.formula, answer))


def usual_typing(row: str, answer: Answer) -> Typed:
    """Return how a figure is typed when nothing else is said: half of those with decimals as text."""
    number = answer.number
    if number is None:
        return Typed(text=answer.printed)
    if isinstance(number, float):
        return Typed(text=answer.printed) if crc32(row.encode()) % 2 else printed_typing(answer)
    return printed_typing(answer)


def printed_typing(answer: Answer) -> Typed:
    """Return a figure as a number with the format that shows it as it was printed."""
    if answer.number is None:
        return Typed(text=answer.printed)
    if isinstance(answer.number, float):
        return Typed(number=answer.number, number_format="0." + "0" * len(answer.printed.partition(",")[2]))
    return Typed(number=answer.number, number_format="#,##0" if "." in answer.printed else "General")


def _style(state: _Book, cell: Cell, bold: bool, centre: bool, ruled: bool = True) -> None:
    cell.font = Font(name=state.font, size=11, bold=bold)
    cell.alignment = Alignment("center" if centre else None, "center", wrap_text=True)
    if ruled:
        cell.border = _ruled()


def _ruled() -> Border:
    line = Side("thin")
    return Border(line, line, line, line)


def _store_cached(path: Path, state: _Book) -> None:
    with zipfile.ZipFile(path) as source:
        parts = [(name, source.read(name).decode("utf-8")) for name in source.namelist()]
    titles = {f"xl/worksheets/sheet{n}.xml": sheet.title for n, sheet in enumerate(state.book.worksheets, 1)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, text in parts:
            for cell, _, answer in state.formulas:
                if cell.parent.title == titles.get(name):
                    empty = rf'(<c r="{cell.coordinate}"[^>]*><f>[^<]*</f>)<v ?(?:/>|></v>)'
                    text = re.sub(empty, rf"\g<1><v>{answer.number}</v>", text)
            target.writestr(name, text)
