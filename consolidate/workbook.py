"""consolidated.xlsx: a sheet a period with indicators down, agencies across and totals as live formulas, and sheets of
findings, missing reports and coverage.

Counts are summed; a rate is made anew from its numerator and denominator, summed over the agencies that gave both, and
never averaged; what cannot be added up has no total. Percentages are in percent, so their format is "0.0" and not "0%".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from consolidate.coverage import Coverage
from consolidate.coverage_sheets import add_coverage_sheets
from consolidate.csvfile import replacing
from consolidate.dataset import Record
from consolidate.figures import Figure, Findings, Line, PeriodTable, Reporter, period_tables
from consolidate.messages import Messages, say, say_place
from consolidate.model import Processed
from consolidate.sheets import MOST_COLUMNS, Look, Looks, dress, note, put, same_bytes, set_text, set_up_page
from extract.model import Place
from normalize.catalogue import Catalogue
from normalize.model import Indicator
from normalize.periods import kind_of

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

WORKBOOK = "consolidated.xlsx"
HEADER_ROW = 5
"""The row of column headers; the first figures stand in the next one."""

FIXED = ("number", "indicator", "unit", "total", "given")
"""The columns before the agencies."""

_TEXT_COLUMNS = 3
"""How many of them hold text and never a formula."""

_WIDTHS = (7, 52, 10, 13, 10)
_AGENCY_WIDTH = 14
_AGENCIES_A_PAGE = 18
_VIETNAMESE = "[$-42A]"
_LONGEST_TEXT_SHOWN = 60
_LINE = 15.5
"""Points of a line of text."""
_HEADER = Look(bold=True, colour="header", lines=True, where="center", wrap=True)
_CELL = Look(lines=True, where="center", wrap=True)
_LABEL = Look(lines=True, where="left", wrap=True)
_HEADING = Look(bold=True, colour="heading", lines=True, where="left", wrap=True)
_TOTAL = Look(bold=True, colour="total", lines=True, where="right")
_FIGURE = Look(lines=True, where="right")
_TITLE, _SUBTITLE, _PLAIN = Look(bold=True, size=14), Look(bold=True), Look()


def write_workbook(
    out: Path, processed: Sequence[Processed], findings: Findings, catalogue: Catalogue, coverage: Coverage = ()
) -> Path:
    """Write ``consolidated.xlsx`` from all documents, the findings table and the coverage; give its path.

    Raises OSError.
    """
    from openpyxl import Workbook

    workbook, looks = Workbook(), Looks()
    workbook.remove(workbook.worksheets[0])
    messages = catalogue.messages
    for table in period_tables(processed, findings, catalogue):
        parts = _parts(table)
        for number, part in enumerate(parts, start=1):
            name = sheet_name(table.period, messages) + (f" ({number})" if number > 1 else "")
            _add_period(workbook.create_sheet(name), part, (number, len(parts)), messages, looks)
    add_coverage_sheets(workbook, coverage, messages, looks)
    _add_findings(workbook.create_sheet(say(messages, "workbook_findings")), findings, messages, looks)
    workbook.calculation.fullCalcOnLoad = True
    path = out / WORKBOOK
    with replacing(path) as temporary:
        temporary.write_bytes(same_bytes(workbook))
    return path


def sheet_name(period: str, messages: Messages) -> str:
    """The name of a period's sheet: its code, without the signs that Excel forbids."""
    return re.sub(r"[\\/*?:\[\]]", "_", period)[:31] or say(messages, "workbook_no_period")


def say_period(period: str, messages: Messages) -> str:
    """A period in words; its code when it is none of the usual ones."""
    numbers = [int(number) for number in re.findall(r"\d+", period)]
    kind = kind_of(period) if numbers else "unknown"
    year, second, third, last = (*numbers, 0, 0, 0, 0)[:4]
    roman = ("I", "II", "III", "IV")[second - 1] if kind == "quarter" else ""
    code = f"period_in_words_{kind}"
    return say(messages, code, "vi", year=year, roman=roman, half=second, month=second, day=third, months=last)


# A sheet of figures


def _parts(table: PeriodTable) -> list[PeriodTable]:
    """The table in as many parts as its agencies need sheets; each has the totals of its own agencies."""
    room = MOST_COLUMNS - len(FIXED)
    starts = range(0, max(len(table.reporters), 1), room)
    return [replace(table, reporters=table.reporters[start : start + room]) for start in starts]


def _add_period(sheet: Worksheet, table: PeriodTable, part: tuple[int, int], messages: Messages, looks: Looks) -> None:
    rows = {line.indicator.id: row for row, line in _numbered(table) if line.indicator is not None}
    _add_title(sheet, table, part, messages, looks)
    _add_header(sheet, table, messages, looks)
    for row, line in _numbered(table):
        if line.indicator is None:
            _add_heading(sheet, row, line, len(table.reporters), looks)
        else:
            _add_indicator(sheet, row, line, line.indicator, table, rows, messages, looks)
    _set_up_page(sheet, table, messages)


def _numbered(table: PeriodTable) -> Iterator[tuple[int, Line]]:
    return enumerate(table.lines, start=HEADER_ROW + 1)


def _add_title(sheet: Worksheet, table: PeriodTable, part: tuple[int, int], messages: Messages, looks: Looks) -> None:
    provinces = ", ".join(dict.fromkeys(one.province for one in table.reporters if one.province))
    wholes = any(one.level == "province" for one in table.reporters)
    mixed = wholes and any(one.level != "province" for one in table.reporters)
    period = say_period(table.period, messages)
    where = say(messages, "workbook_where", province=provinces) + ". " if provinces else ""
    how = [say(messages, "workbook_how"), say(messages, "workbook_wholes") if mixed else ""]
    how += [say(messages, "workbook_part", part=part[0], count=part[1])] if part[1] > 1 else []
    put(sheet, 1, 1, say(messages, "workbook_title"), _TITLE, looks)
    put(
        sheet, 2, 1, where + say(messages, "workbook_when", period=period, count=len(table.reporters)), _SUBTITLE, looks
    )
    put(sheet, 3, 1, " ".join(filter(None, how)), _PLAIN, looks)
    dress(sheet.cell(4, 1), Look(colour="finding"), looks)
    put(sheet, 4, 2, say(messages, "workbook_red"), _PLAIN, looks)
    dress(sheet.cell(4, 3), Look(colour="doubt"), looks)
    put(sheet, 4, 4, say(messages, "workbook_yellow"), _PLAIN, looks)


def _add_header(sheet: Worksheet, table: PeriodTable, messages: Messages, looks: Looks) -> None:
    from openpyxl.utils import get_column_letter

    several = len({one.province for one in table.reporters}) > 1
    texts = [say(messages, f"workbook_{name}") for name in FIXED]
    texts += [_column_title(one, several) for one in table.reporters]
    widths = (*_WIDTHS, *(_AGENCY_WIDTH for _ in table.reporters))
    for column, (text, width) in enumerate(zip(texts, widths, strict=True), start=1):
        put(sheet, HEADER_ROW, column, text, _HEADER, looks)
        sheet.column_dimensions[get_column_letter(column)].width = width
    for column, one in enumerate(table.reporters, start=len(FIXED) + 1):
        if one.provisional:
            cell = dress(sheet.cell(HEADER_ROW, column), replace(_HEADER, colour="doubt"), looks)
            cell.comment = note(say(messages, "workbook_status_P"))
    sheet.row_dimensions[HEADER_ROW].height = 62


def _column_title(one: Reporter, several: bool) -> str:
    return f"{one.name} ({one.province})" if several and one.province else one.name


def _add_heading(sheet: Worksheet, row: int, line: Line, n_agencies: int, looks: Looks) -> None:
    for column in range(1, len(FIXED) + n_agencies + 1):
        dress(sheet.cell(row, column), _HEADING, looks)
    put(sheet, row, 1, line.number, replace(_HEADING, where="center", wrap=False), looks)
    put(sheet, row, 2, line.label, replace(_HEADING, indent=line.depth), looks)
    sheet.row_dimensions[row].height = _height(line.label, line.depth)


def _add_indicator(
    sheet: Worksheet,
    row: int,
    line: Line,
    indicator: Indicator,
    table: PeriodTable,
    rows: Mapping[str, int],
    messages: Messages,
    looks: Looks,
) -> None:
    texts = (
        line.number,
        line.label,
        indicator.unit,
        total_formula(indicator, table, rows),
        given_formula(indicator, table, row),
    )
    styles = [_CELL, replace(_LABEL, indent=line.depth), _CELL]
    styles += [replace(_TOTAL, number_format=_total_format(indicator, messages)), _CELL]
    for column, (text, look) in enumerate(zip(texts, styles, strict=True), start=1):
        if text.startswith("=") and column > _TEXT_COLUMNS:
            dress(sheet.cell(row, column, text), look, looks)
        else:
            put(sheet, row, column, text, look, looks)
    figures = [table.figures.get((indicator.id, one.key)) for one in table.reporters]
    for column, figure in enumerate(figures, start=len(FIXED) + 1):
        _add_figure(sheet.cell(row, column), figure, indicator, messages, looks)
    texts_given = (figure.value for figure in figures if figure is not None and isinstance(figure.value, str))
    sheet.row_dimensions[row].height = _height(line.label, line.depth, texts_given)


def _add_figure(cell: Any, figure: Figure | None, indicator: Indicator, messages: Messages, looks: Looks) -> None:
    if figure is None:
        dress(cell, _FIGURE, looks)
        return
    told = any(source.findings for source in figure.sources)
    colour = "finding" if figure.differs or told else "doubt" if figure.doubtful else ""
    if isinstance(figure.value, str):
        long = len(figure.value) > _LONGEST_TEXT_SHOWN
        set_text(
            cell, figure.value, Look(colour=colour, lines=True, where="fill" if long else "left", wrap=not long), looks
        )
    else:
        cell.value = figure.value
        shown = "General" if figure.value is None else _format(indicator, figure.value, messages)
        dress(cell, _figure_look(colour, shown), looks)
    if colour:
        cell.comment = note(_comment(figure, messages))


@cache
def _figure_look(colour: str, number_format: str) -> Look:
    return replace(_FIGURE, colour=colour, number_format=number_format)


def _comment(figure: Figure, messages: Messages) -> str:
    """Where a figure comes from, document and page, and what is to be said about it."""
    lines = [say(messages, "workbook_differs")] if figure.differs else []
    for source in figure.sources:
        lines.append(f"{source.path}, {say_place(messages, source.place)}: {source.raw}")
        lines += [say(messages, "workbook_status_U")] if source.status == "U" else []
        lines += source.findings
    return "\n".join(dict.fromkeys(lines))


# Formulas


def total_formula(indicator: Indicator, table: PeriodTable, rows: Mapping[str, int]) -> str:
    """The formula of an indicator's total; "" when it cannot be added up or its parts have no rows."""
    if indicator.aggregation == "ratio":
        return _ratio(indicator, table, rows)
    function = {"sum": "SUM", "any": "MAX"}.get(indicator.aggregation)
    ranges = _ranges(table.summed(indicator.id), rows[indicator.id])
    if function is None or not ranges:
        return ""
    given = ",".join(ranges)
    return f'=IF(COUNT({given})=0,"",{function}({given}))'


def _ratio(indicator: Indicator, table: PeriodTable, rows: Mapping[str, int]) -> str:
    parts = (indicator.numerator, indicator.denominator)
    if not all(part in rows for part in parts):
        return ""
    columns = table.summed(*parts)
    pairs = list(zip(*(_ranges(columns, rows[part]) for part in parts), strict=True))
    over, under = (
        "+".join(f"SUMPRODUCT(--ISNUMBER({top}),--ISNUMBER({bottom}),{(top, bottom)[side]})" for top, bottom in pairs)
        for side in (0, 1)
    )
    factor = "100*" if indicator.value_type == "percent" else ""
    return f'=IFERROR({factor}({over})/({under}),"")' if pairs else ""


def given_formula(indicator: Indicator, table: PeriodTable, row: int) -> str:
    """The formula that counts the agencies with a figure in a row, of those that go into its total."""
    ranges = _ranges(table.summed(indicator.id), row)
    function = "COUNTA" if indicator.value_type in ("text", "date", "url") else "COUNT"
    return f"={function}({','.join(ranges)})" if ranges else ""


def _ranges(positions: Iterable[int], row: int) -> list[str]:
    """Ranges like F6:H6 that cover the columns at these positions."""
    from openpyxl.utils import get_column_letter

    found = []
    for _, run in groupby(enumerate(positions), key=lambda pair: pair[1] - pair[0]):
        columns = [position + len(FIXED) + 1 for _, position in run]
        found.append(f"{get_column_letter(columns[0])}{row}:{get_column_letter(columns[-1])}{row}")
    return found


# Formats


def _format(indicator: Indicator, value: float, messages: Messages) -> str:
    if indicator.value_type == "boolean":
        return _yes_or_no(messages)
    decimals = 0 if isinstance(value, int) else min(len(f"{value:.4f}".rstrip("0").split(".")[1]), 2)
    return _VIETNAMESE + "#,##0" + ("." + "0" * decimals if decimals else "")


def _total_format(indicator: Indicator, messages: Messages) -> str:
    if indicator.value_type == "boolean":
        return _yes_or_no(messages)
    return _VIETNAMESE + (
        "#,##0.00" if indicator.aggregation == "ratio" else "#,##0.##" if indicator.value_type == "decimal" else "#,##0"
    )


def _yes_or_no(messages: Messages) -> str:
    return f'[=1]"{say(messages, "workbook_yes")}";[=0]"{say(messages, "workbook_no")}";General'


def _height(label: str, depth: int, others: Iterable[str] = ()) -> float:
    """Points for a row, which spreadsheet programs do not work out by themselves: its label and texts, wrapped."""
    room = _WIDTHS[1] - 2 * depth - 2
    lines = [-(-sum(1.4 if letter.isupper() else 1.0 for letter in label) // room)]
    lines += [-(-len(text) // (_AGENCY_WIDTH - 3)) for text in others if len(text) <= _LONGEST_TEXT_SHOWN]
    return _LINE * max(1.0, *lines)


def _set_up_page(sheet: Worksheet, table: PeriodTable, messages: Messages) -> None:
    """Panes, filter, and A3 landscape with the headers on every page."""
    from openpyxl.utils import get_column_letter

    last = get_column_letter(len(FIXED) + len(table.reporters))
    sheet.freeze_panes = f"{get_column_letter(len(FIXED) + 1)}{HEADER_ROW + 1}"
    sheet.auto_filter.ref = f"A{HEADER_ROW}:{last}{HEADER_ROW + len(table.lines)}"
    pages = max(1, -(-len(table.reporters) // _AGENCIES_A_PAGE))
    set_up_page(sheet, HEADER_ROW, pages, say(messages, "workbook_page"))
    sheet.print_title_cols = f"A:{get_column_letter(len(FIXED))}"


# The sheet of findings


def _add_findings(sheet: Worksheet, findings: Findings, messages: Messages, looks: Looks) -> None:
    """A row for each finding, as in findings.csv: period, agency, document, place and what it says."""
    columns = {"period": 12, "agency": 32, "document": 50, "place": 24, "indicator": 50, "finding": 90}
    for column, (name, width) in enumerate(columns.items(), start=1):
        put(sheet, 1, column, say(messages, f"workbook_{name}"), _HEADER, looks)
        sheet.column_dimensions["ABCDEF"[column - 1]].width = width
    for row, finding in enumerate(findings, start=2):
        texts = [finding["period"], finding["agency"], finding["source_path"], _place_of(finding, messages)]
        texts += [finding["indicator_label"], finding["message_vi"]]
        for column, text in enumerate(texts, start=1):
            put(sheet, row, column, str(text or ""), _LABEL, looks)
        lines = (-(-len(str(text or "")) // (width - 4)) for text, width in zip(texts, columns.values(), strict=True))
        sheet.row_dimensions[row].height = _LINE * max(1, *lines)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:F{max(2, len(findings) + 1)}"
    set_up_page(sheet, 1, 1, say(messages, "workbook_page"))


def _place_of(finding: Record, messages: Messages) -> str:
    page = str(finding["page"] or "")
    table, row = (int(str(finding[name] or 0)) for name in ("table", "row"))
    place = Place(page=int(page)) if page.isdigit() else Place(sheet=page)
    return say_place(messages, replace(place, table=table, row=row))
