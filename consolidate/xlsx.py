"""Sheets as an .xlsx file, written part by part as they come; the same sheets give the same bytes."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from consolidate.sheets import FILLS, Look, Looks, Row, Sheet, column_name, column_names, text_element

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_AUTHOR = "Tonghop"
_A3 = 8
_FIRST_OWN_FORMAT = 164
_FIRST_SHAPE = 1026
_SIDES = ("left", "right", "top", "bottom")
_NO_FONT = '<font><name val="Calibri"/><family val="2"/><color theme="1"/><sz val="11"/><scheme val="minor"/></font>'
_NO_BORDER = "<border><left/><right/><top/><bottom/><diagonal/></border>"
_LINES = "".join(f'<{side} style="thin"><color rgb="00A6A6A6"/></{side}>' for side in _SIDES)
_NO_FILLS = ("<fill><patternFill/></fill>", '<fill><patternFill patternType="gray125"/></fill>')
"""The first two fills mean the same in every workbook."""


class _Note(NamedTuple):
    row: int
    column: int
    text: str


def write_xlsx(path: Path, sheets: Iterable[Sheet], looks: Looks) -> None:
    """Write a workbook; ``looks`` has those of all cells when the last sheet was gone through. Raises OSError."""
    with ZipFile(path, "w") as archive:
        _add(archive, "_rels/.rels", _package_relations())
        _add(archive, "docProps/app.xml", _program())
        _add(archive, "docProps/core.xml", _properties())
        written: list[Sheet] = []
        noted: list[int] = []
        for number, sheet in enumerate(sheets, start=1):
            notes = _add_sheet(archive, number, sheet)
            if notes:
                _add_notes(archive, number, notes)
                noted.append(number)
            written.append(replace(sheet, name=_free_name(sheet.name, written), rows=()))
        _add(archive, "xl/styles.xml", _styles(looks))
        _add(archive, "xl/workbook.xml", _workbook(written))
        _add(archive, "xl/_rels/workbook.xml.rels", _workbook_relations(len(written)))
        _add(archive, "[Content_Types].xml", _content_types(len(written), noted))


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _EPOCH)
    entry.compress_type = ZIP_DEFLATED
    return entry


def _free_name(name: str, written: Sequence[Sheet]) -> str:
    """The name, with a number behind it where a sheet has it already."""
    taken = {sheet.name.casefold() for sheet in written}
    numbered = (f"{name}{number}" for number in count(1))
    return next(one for one in chain([name], numbered) if one.casefold() not in taken)


def _add(archive: ZipFile, name: str, xml: str) -> None:
    archive.writestr(_entry(name), xml)


# A sheet


def _add_sheet(archive: ZipFile, number: int, sheet: Sheet) -> list[_Note]:
    """Write a sheet and give the notes of its cells."""
    notes: list[_Note] = []
    with archive.open(_entry(f"xl/worksheets/sheet{number}.xml"), "w") as part:
        part.write(_before_rows(sheet).encode())
        for place, row in enumerate(sheet.rows, start=1):
            part.write(_row(place, row).encode())
            notes += [_Note(place, column, text) for column, text in sorted(row.notes.items())]
        part.write(_after_rows(sheet, bool(notes)).encode())
    return notes


def _row(number: int, row: Row) -> str:
    height = f' ht="{row.height:g}" customHeight="1"' if row.height else ""
    names = column_names(len(row.cells))
    cells = [f'<c r="{name}{number}"{cell}' for name, cell in zip(names, row.cells, strict=True) if cell]
    return f'<row r="{number}"{height}>{"".join(cells)}</row>' if cells or height else ""


def _before_rows(sheet: Sheet) -> str:
    fit = ' fitToPage="1"' if sheet.pages_across else ""
    columns = "".join(
        f'<col width="{width:g}" customWidth="1" min="{column}" max="{column}"/>'
        for column, width in enumerate(sheet.widths, start=1)
    )
    return (
        f'<worksheet xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f'<sheetPr><outlinePr summaryBelow="1" summaryRight="1"/><pageSetUpPr{fit}/></sheetPr>'
        f'<sheetViews><sheetView workbookViewId="0">{_panes(sheet)}</sheetView></sheetViews>'
        '<sheetFormatPr baseColWidth="8" defaultRowHeight="15"/>'
        + (f"<cols>{columns}</cols>" if columns else "")
        + "<sheetData>"
    )


def _panes(sheet: Sheet) -> str:
    """What stays in sight when the sheet is scrolled."""
    chosen = 'activeCell="A1" sqref="A1"/>'
    if not sheet.header_row:
        return f"<selection {chosen}"
    moving = f"{column_name(sheet.fixed_columns + 1)}{sheet.header_row + 1}"
    if not sheet.fixed_columns:
        pane = f'<pane ySplit="{sheet.header_row}" topLeftCell="{moving}" activePane="bottomLeft" state="frozen"/>'
        return f'{pane}<selection pane="bottomLeft" {chosen}'
    return (
        f'<pane xSplit="{sheet.fixed_columns}" ySplit="{sheet.header_row}" topLeftCell="{moving}" '
        'activePane="bottomRight" state="frozen"/><selection pane="topRight"/><selection pane="bottomLeft"/>'
        f'<selection pane="bottomRight" {chosen}'
    )


def _after_rows(sheet: Sheet, has_notes: bool) -> str:
    cells, formula = sheet.choices
    listed = (
        f'<dataValidations count="1"><dataValidation sqref="{cells}" showDropDown="0" showInputMessage="0" '
        'showErrorMessage="0" allowBlank="1" type="list">'
        f"<formula1>{html.escape(formula, quote=False)}</formula1></dataValidation></dataValidations>"
    )
    return (
        "</sheetData>"
        + (f'<autoFilter ref="{_filtered(sheet)}"/>' if sheet.header_row else "")
        + (listed if cells else "")
        + _page(sheet)
        + ('<legacyDrawing r:id="shapes"/>' if has_notes else "")
        + "</worksheet>"
    )


def _page(sheet: Sheet) -> str:
    sides = "0.4" if sheet.pages_across else "0.75"
    margins = f'<pageMargins left="{sides}" right="{sides}" top="1" bottom="1" header="0.5" footer="0.5"/>'
    if not sheet.pages_across:
        return margins
    return (
        f'{margins}<pageSetup orientation="landscape" paperSize="{_A3}" fitToHeight="0" '
        f'fitToWidth="{sheet.pages_across}"/>'
        f"<headerFooter><oddFooter>&amp;C{html.escape(sheet.footer, quote=False)}</oddFooter></headerFooter>"
    )


def _filtered(sheet: Sheet, sign: str = "") -> str:
    last = column_name(len(sheet.widths))
    return f"{sign}A{sign}{sheet.header_row}:{sign}{last}{sign}{sheet.last_row}"


# Notes


def _add_notes(archive: ZipFile, number: int, notes: Sequence[_Note]) -> None:
    """Write the notes of a sheet: their texts, and the boxes that show them."""
    texts = "".join(
        f'<comment ref="{column_name(one.column)}{one.row}" authorId="0" shapeId="0">'
        f"<text>{text_element(one.text)}</text></comment>"
        for one in notes
    )
    comments = (
        f'<comments xmlns="{_MAIN}"><authors><author>{_AUTHOR}</author></authors>'
        f"<commentList>{texts}</commentList></comments>"
    )
    relations = [
        ("comments", f"{_OFFICE}/comments", f"/xl/comments/comment{number}.xml"),
        ("shapes", f"{_OFFICE}/vmlDrawing", f"/xl/drawings/comments{number}.vml"),
    ]
    _add(archive, f"xl/comments/comment{number}.xml", comments)
    _add(archive, f"xl/drawings/comments{number}.vml", _shapes(notes))
    _add(archive, f"xl/worksheets/_rels/sheet{number}.xml.rels", _relations(relations))


def _shapes(notes: Sequence[_Note]) -> str:
    """The boxes of notes in the drawing language that spreadsheet programs want them in."""
    boxes = "".join(
        f'<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute; margin-left:59.25pt;'
        'margin-top:1.5pt;width:420px;height:160px;z-index:1;visibility:hidden" fillcolor="#ffffe1" '
        'o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow color="black" obscured="t"/>'
        '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"/>'
        '</v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:AutoFill>False</x:AutoFill><x:Row>{one.row - 1}</x:Row><x:Column>{one.column - 1}</x:Column>"
        "</x:ClientData></v:shape>"
        for number, one in enumerate(notes, start=_FIRST_SHAPE)
    )
    return (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel">'
        '<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>'
        '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
        '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
        f"{boxes}</xml>"
    )


# Styles


def _styles(looks: Looks) -> str:
    """The looks in the order of their numbers, as fonts, fills, borders and formats that they share."""
    fonts, fills, borders = {_NO_FONT: 0}, {fill: number for number, fill in enumerate(_NO_FILLS)}, {_NO_BORDER: 0}
    formats: dict[str, int] = {"General": 0}
    cells = ['<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>']
    for look in looks:
        font = fonts.setdefault(_font(look), len(fonts))
        fill = fills.setdefault(_fill(look), len(fills))
        border = borders.setdefault(f"<border>{_LINES}</border>" if look.lines else _NO_BORDER, len(borders))
        shown = formats.setdefault(look.number_format, _FIRST_OWN_FORMAT + len(formats) - 1)
        parts = f'numFmtId="{shown}" fontId="{font}" fillId="{fill}" borderId="{border}"'
        cells.append(f'<xf {parts} quotePrefix="{look.quoted:d}" xfId="0"{_alignment(look)}')
    own = [f'<numFmt numFmtId="{n}" formatCode="{html.escape(one)}"/>' for one, n in formats.items() if n]
    return (
        f'<styleSheet xmlns="{_MAIN}">{_counted("numFmts", own) if own else ""}{_counted("fonts", list(fonts))}'
        f"{_counted('fills', list(fills))}{_counted('borders', list(borders))}"
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'{_counted("cellXfs", cells)}<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>'
        "</cellStyles></styleSheet>"
    )


def _counted(name: str, parts: Sequence[str]) -> str:
    return f'<{name} count="{len(parts)}">{"".join(parts)}</{name}>'


def _font(look: Look) -> str:
    bold = '<b val="1"/>' if look.bold else ""
    return f'<font><name val="Times New Roman"/>{bold}<sz val="{look.size}"/></font>'


def _fill(look: Look) -> str:
    if not look.colour:
        return _NO_FILLS[0]
    return f'<fill><patternFill patternType="solid"><fgColor rgb="00{FILLS[look.colour]}"/></patternFill></fill>'


def _alignment(look: Look) -> str:
    """The end of a style: how its text stands."""
    if not look.where:
        return "/>"
    more = (' wrapText="1"' if look.wrap else "") + (f' indent="{look.indent}"' if look.indent else "")
    return f' applyAlignment="1"><alignment horizontal="{look.where}" vertical="center"{more}/></xf>'


# What holds the parts together


def _workbook(sheets: Sequence[Sheet]) -> str:
    listed = "".join(
        f'<sheet name="{html.escape(sheet.name)}" sheetId="{number}" '
        f'state="{"hidden" if sheet.hidden else "visible"}" r:id="rId{number}"/>'
        for number, sheet in enumerate(sheets, start=1)
    )
    names = "".join(name for place, sheet in enumerate(sheets) for name in _defined_names(place, sheet))
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr/>'
        f'<bookViews><workbookView activeTab="0"/></bookViews><sheets>{listed}</sheets>'
        + (f"<definedNames>{names}</definedNames>" if names else "")
        + '<calcPr calcId="124519" fullCalcOnLoad="1"/></workbook>'
    )


def _defined_names(place: int, sheet: Sheet) -> Iterator[str]:
    """What a sheet filters, and what it prints on each page."""
    quoted = "'" + html.escape(sheet.name, quote=False).replace("'", "''") + "'!"
    start = f'<definedName localSheetId="{place}" name="_xlnm.'
    if sheet.header_row:
        yield f'{start}_FilterDatabase" hidden="1">{quoted}{_filtered(sheet, "$")}</definedName>'
    if sheet.pages_across:
        columns = f",{quoted}$A:${column_name(sheet.printed_columns)}" if sheet.printed_columns else ""
        yield f'{start}Print_Titles">{quoted}${sheet.header_row}:${sheet.header_row}{columns}</definedName>'


def _relations(relations: Sequence[tuple[str, str, str]]) -> str:
    listed = "".join(f'<Relationship Id="{one}" Type="{kind}" Target="{part}"/>' for one, kind, part in relations)
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _package_relations() -> str:
    core = f"{_PACKAGE}/relationships/metadata/core-properties"
    parts = [(f"{_OFFICE}/officeDocument", "xl/workbook.xml"), (core, "docProps/core.xml")]
    parts += [(f"{_OFFICE}/extended-properties", "docProps/app.xml")]
    return _relations([(f"rId{number}", kind, part) for number, (kind, part) in enumerate(parts, start=1)])


def _workbook_relations(n_sheets: int) -> str:
    parts = [
        (f"rId{number}", f"{_OFFICE}/worksheet", f"/xl/worksheets/sheet{number}.xml")
        for number in range(1, n_sheets + 1)
    ]
    return _relations([*parts, (f"rId{n_sheets + 1}", f"{_OFFICE}/styles", "/xl/styles.xml")])


def _program() -> str:
    """By this name LibreOffice knows that widths are meant as Excel means them."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    return f'<Properties xmlns="{kind}"><Application>Microsoft Excel Compatible / {_AUTHOR}</Application></Properties>'


def _properties() -> str:
    """Who made the workbook; no time of day."""
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>{_AUTHOR}</dc:creator></cp:coreProperties>'
    )


def _content_types(n_sheets: int, noted: Sequence[int]) -> str:
    kinds = [("/xl/workbook.xml", f"{_KIND}.sheet.main+xml"), ("/xl/styles.xml", f"{_KIND}.styles+xml")]
    kinds += [(f"/xl/worksheets/sheet{number}.xml", f"{_KIND}.worksheet+xml") for number in range(1, n_sheets + 1)]
    kinds += [(f"/xl/comments/comment{number}.xml", f"{_KIND}.comments+xml") for number in noted]
    kinds += [
        ("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
        ("/docProps/app.xml", "application/vnd.openxmlformats-officedocument.extended-properties+xml"),
    ]
    listed = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in kinds)
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>'
        f"{listed}</Types>"
    )
